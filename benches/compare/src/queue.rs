//! Layers in parallel, each on one thread.

use std::sync::{Mutex, PoisonError};

use rayon::ThreadPool;
use tt_admm::BoxError;

/// Does `work` on every item; each thread of the pool takes the next when it is done with one. With the
/// largest items first no thread is left with a large one in the end.
pub(crate) fn for_each<T: Send>(
    pool: &ThreadPool,
    items: &mut [T],
    work: impl Fn(&mut T) -> Result<(), BoxError> + Sync,
) -> Result<(), BoxError> {
    let queue = Mutex::new(items.iter_mut());
    let failure = Mutex::new(None);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    pool.scope(|scope| {
        for _ in 0..pool.current_num_threads() {
            scope.spawn(|_| {
                while let Some(item) = next() {
                    if let Err(error) = work(item) {
                        *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                }
            });
        }
    });
    let failure = failure.into_inner().unwrap_or_else(PoisonError::into_inner);
    failure.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(threads: usize) -> ThreadPool {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    }

    #[test]
    fn every_item_is_done_once() {
        for threads in 1..4 {
            let mut items: Vec<usize> = (0..100).collect();
            let add = |item: &mut usize| {
                *item += 1;
                Ok(())
            };
            for_each(&pool(threads), &mut items, add).unwrap();
            assert!(items.into_iter().eq(1..101));
        }
    }

    #[test]
    fn one_thread_keeps_the_order() {
        let seen = Mutex::new(Vec::new());
        for_each(&pool(1), &mut [3, 1, 2], |&mut item| {
            seen.lock().unwrap().push(item);
            Ok(())
        })
        .unwrap();
        assert_eq!(seen.into_inner().unwrap(), [3, 1, 2]);
    }

    #[test]
    fn an_error_is_returned() {
        let refuse = |item: &mut i32| match item {
            2 => Err("two".into()),
            _ => Ok(()),
        };
        let error = for_each(&pool(2), &mut [1, 2, 3], refuse).unwrap_err();
        assert_eq!(error.to_string(), "two");
    }
}
