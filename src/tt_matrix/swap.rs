//! The one rearrangement between two steps of a contraction.

use ndarray::Array2;

use crate::linalg::Work;
use crate::scalar::Scalar;

/// A row-major array `(a, n, c, m, s)` that is to become `(a, m, c, n, s)`: a mode of size `m` that a core gave out takes the
/// place of one of size `n` that the next core takes in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Swap {
    pub(super) a: usize,
    pub(super) n: usize,
    pub(super) c: usize,
    pub(super) m: usize,
    pub(super) s: usize,
}

impl Swap {
    /// Rows of the result as a matrix `(a m c) x (n s)`.
    pub(super) fn rows(self) -> usize {
        self.a.saturating_mul(self.m).saturating_mul(self.c)
    }

    /// Columns of the result as a matrix `(a m c) x (n s)`.
    pub(super) fn cols(self) -> usize {
        self.n.saturating_mul(self.s)
    }

    /// The way back.
    pub(super) fn back(self) -> Self {
        Self {
            n: self.m,
            m: self.n,
            ..self
        }
    }

    /// Whether the elements keep their order.
    fn is_reshape(self) -> bool {
        [self.n, self.c, self.m].iter().filter(|&&n| n > 1).count() <= 1
    }

    /// The rearranged block, as a matrix `(a m c) x (n s)`.
    pub(super) fn apply<A: Scalar>(self, block: Array2<A>, work: &mut Work<A>) -> Array2<A> {
        let sides = (self.rows(), self.cols());
        if self.is_reshape() {
            return match block.into_shape_with_order(sides) {
                Ok(block) => block,
                Err(error) => unreachable!("blocks are row-major and sizes agree: {error}"),
            };
        }
        let mut out = work.matrix(sides.0, sides.1);
        match (block.as_slice(), out.as_slice_mut()) {
            (Some(from), Some(to)) => self.copy(from, to),
            _ => unreachable!("blocks are row-major"),
        }
        work.give(block);
        out
    }

    /// Moves along `c`, where `n` places are read and `m` places are written in order.
    fn copy<A: Scalar>(self, from: &[A], to: &mut [A]) {
        let Self { n, c, m, s, .. } = self;
        let size = n * c * m * s;
        for (from, to) in from.chunks_exact(size).zip(to.chunks_exact_mut(size)) {
            for q in 0..c {
                for i in 0..m {
                    let to = &mut to[(i * c + q) * n * s..][..n * s];
                    if s == 1 {
                        for (j, x) in to.iter_mut().enumerate() {
                            *x = from[(j * c + q) * m + i];
                        }
                        continue;
                    }
                    for (j, run) in to.chunks_exact_mut(s).enumerate() {
                        run.copy_from_slice(&from[((j * c + q) * m + i) * s..][..s]);
                    }
                }
            }
        }
    }
}
