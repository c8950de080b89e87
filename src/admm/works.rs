//! Blocks in parallel, and the work spaces of the threads that project them.

use std::cmp::Reverse;
use std::sync::{Mutex, PoisonError};

use super::block::Block;
use crate::linalg::Work;
use crate::scalar::Scalar;

/// `f` of every block, in the order of the blocks. The largest weights are started first, one thread each, so
/// that no thread is left with a large one at the end; threads without a block help inside those of others.
pub(super) fn largest_first<A: Scalar, R: Send>(
    blocks: &mut [Block<A>],
    f: impl Fn(&mut Block<A>) -> R + Sync,
) -> Vec<R> {
    let mut results: Vec<Option<R>> = blocks.iter().map(|_| None).collect();
    let mut queue: Vec<_> = blocks.iter_mut().zip(&mut results).collect();
    queue.sort_by_key(|(block, _)| Reverse(block.z().len()));
    let f = &f;
    rayon::scope_fifo(|scope| {
        for (block, result) in queue {
            scope.spawn_fifo(move |_| *result = Some(f(block)));
        }
    });
    results.into_iter().flatten().collect()
}

/// Work spaces not in use at the moment; there are never more than threads, whatever the number of blocks.
#[derive(Debug)]
pub(super) struct Works<A>(Mutex<Vec<Work<A>>>);

impl<A> Default for Works<A> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<A> Works<A> {
    pub(super) fn take(&self) -> Work<A> {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.pop().unwrap_or_default()
    }

    pub(super) fn put(&self, work: Work<A>) {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.push(work);
    }
}
