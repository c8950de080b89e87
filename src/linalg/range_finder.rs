//! The leading space that a random sample of a matrix shows (Halko, Martinsson, Tropp, 2011).

use ndarray::{Array2, ArrayView2, Axis, concatenate};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::gram::{Discarded, Space};
use super::product::{matmul, matmul_into};
use super::randomized::{orthonormal_rows, square_of};
use super::rows::residual_norm;
use super::split::exact_space;
use super::work::Work;
use super::{Keep, LinalgError, RandomizedSvd, rounding_level};
use crate::scalar::Scalar;

/// The smallest block of vectors that a sample grows by.
const BLOCK: usize = 16;

/// The leading space of a sample, whatever it is worth; `None` where the sample would be so large that the exact
/// methods are cheaper. `short` is `s x l` with `s <= l`.
pub(super) fn sampled_space<A: Scalar>(
    short: ArrayView2<'_, A>,
    keep: Keep,
    settings: RandomizedSvd,
    work: &mut Work<A>,
) -> Result<Option<Space<A>>, LinalgError> {
    let mut sample = Sample::new(short, settings);
    let keep = match (keep.largest_tail(), keep.max_rank()) {
        (None, None) => None,
        (None, Some(rank)) => sample.of_rank(rank)?.then_some(keep),
        (Some(tail), cap) => sample.of_tail(tail, cap)?,
    };
    keep.map(|keep| sample.space(keep, work)).transpose()
}

/// Orthonormal rows that grow, and their image under the matrix.
struct Sample<'a, A> {
    short: ArrayView2<'a, A>,
    settings: RandomizedSvd,
    random: Xoshiro256PlusPlus,
    /// `w x s`.
    rows: Array2<A>,
    /// `w x l`.
    image: Array2<A>,
}

impl<'a, A: Scalar> Sample<'a, A> {
    fn new(short: ArrayView2<'a, A>, settings: RandomizedSvd) -> Self {
        let (side, long) = short.dim();
        Self {
            short,
            settings,
            random: Xoshiro256PlusPlus::seed_from_u64(settings.seed_value()),
            rows: Array2::zeros((0, side)),
            image: Array2::zeros((0, long)),
        }
    }

    fn width(&self) -> usize {
        self.rows.nrows()
    }

    /// Most vectors that are worth it.
    fn most(&self) -> usize {
        self.short.nrows() / 2
    }

    /// A sample for this rank; whether it is worth it.
    fn of_rank(&mut self, rank: usize) -> Result<bool, LinalgError> {
        let width = self.settings.width(rank);
        let worth = width <= self.most();
        if worth {
            self.grow(width)?;
        }
        Ok(worth)
    }

    /// A sample beyond which a norm of no more than `tail` is left, or of the largest rank; what is to be kept of it,
    /// or `None` if it is not worth it.
    fn of_tail(&mut self, tail: f64, cap: Option<usize>) -> Result<Option<Keep>, LinalgError> {
        if self.settings.width(1) > self.most() {
            return Ok(None);
        }
        let square = square_of(self.short);
        let floor = rounding_level::<A>(self.short.nrows()) * square.sqrt();
        let eps = A::epsilon().widen();
        // Less by what rounding may add when the discarded part is measured.
        let limit = tail.max(floor) - eps * square.sqrt();
        let capped = cap.map(|rank| self.settings.width(rank));
        let capped = capped.filter(|&width| width <= self.most());
        let end = capped.unwrap_or(self.most());
        let mut block = if tail > floor || capped.is_none() {
            self.settings.width(BLOCK)
        } else {
            end
        };
        let mut left = square;
        while self.width() < end {
            let rows = block.min(end - self.width());
            let seen = self.grow(rows)?;
            left -= seen;
            // The difference tells when it is worth to measure.
            if left <= limit.powi(2) + 8.0 * eps * square {
                let outside = residual_norm(self.short.t(), self.image.t(), self.rows.view());
                if outside <= limit {
                    let inside = (limit.powi(2) - outside.powi(2)).sqrt();
                    let keep = Keep::tail(inside);
                    return Ok(Some(cap.map_or(keep, |rank| keep.and_max_rank(rank))));
                }
            }
            block = BLOCK.max(self.width() / 2);
            // No later vector sees more than the last ones did, up to chance.
            let needed = rows as f64 * (left - limit.powi(2)) / seen;
            if self.width() as f64 + needed > end as f64 {
                if capped.is_none() {
                    return Ok(None);
                }
                block = end;
            }
        }
        Ok(capped
            .and(cap)
            .map(|rank| Keep::tail(0.0).and_max_rank(rank)))
    }

    /// Adds this many rows, orthogonal to those before; returns the squared norm of their image.
    fn grow(&mut self, block: usize) -> Result<f64, LinalgError> {
        let short = self.short;
        let random = self.gaussian(block);
        let mut rows = self.outside(random)?;
        for k in 0..=self.settings.iterations() {
            let mut image = matmul(rows.view(), short);
            // Orthonormal once, so that no direction is lost that rounding of the squares would hide.
            if k == self.settings.iterations() {
                image = orthonormal_rows(&image)?;
            }
            rows = self.outside(matmul(image.view(), short.t()))?;
        }
        let image = matmul(rows.view(), short);
        let seen = square_of(image.view());
        let join = |old: &Array2<A>, new: Array2<A>| {
            if old.is_empty() {
                return new;
            }
            match concatenate(Axis(0), &[old.view(), new.view()]) {
                Ok(joined) => joined,
                Err(error) => unreachable!("rows of one length: {error}"),
            }
        };
        self.rows = join(&self.rows, rows);
        self.image = join(&self.image, image);
        Ok(seen)
    }

    /// Orthonormal rows that span these outside of the rows there are.
    fn outside(&self, mut rows: Array2<A>) -> Result<Array2<A>, LinalgError> {
        if self.width() == 0 {
            return orthonormal_rows(&rows);
        }
        // Twice, as the first difference may be small.
        for _ in 0..2 {
            let inside = matmul(rows.view(), self.rows.t());
            let minus = -A::one();
            A::gemm(
                minus,
                inside.view(),
                self.rows.view(),
                true,
                rows.view_mut(),
            );
            rows = orthonormal_rows(&rows)?;
        }
        Ok(rows)
    }

    /// Normally distributed rows (Box and Muller, 1958).
    fn gaussian(&mut self, rows: usize) -> Array2<A> {
        let uniform = |bits: u64| (bits >> 11) as f64 / (1_u64 << 53) as f64;
        let mut spare = None;
        Array2::from_shape_simple_fn((rows, self.short.nrows()), || {
            let value = spare.take().unwrap_or_else(|| {
                let radius = 1.0 - uniform(self.random.next_u64());
                let radius = (-2.0 * radius.ln()).sqrt();
                let angle = std::f64::consts::TAU * uniform(self.random.next_u64());
                spare = Some(radius * angle.sin());
                radius * angle.cos()
            });
            A::narrow(value)
        })
    }

    /// The leading space of the sample.
    fn space(self, keep: Keep, work: &mut Work<A>) -> Result<Space<A>, LinalgError> {
        let Space {
            vectors: turn,
            discarded,
        } = exact_space(self.image.view(), keep, false, work)?;
        // What the sample does not see is discarded too, so the norm is measured.
        let discarded = match discarded {
            Discarded::Norm(_) => Discarded::Unmeasured {
                excess: 0.0,
                largest: 0.0,
            },
            Discarded::Unmeasured { .. } => discarded,
        };
        let mut vectors = work.matrix(turn.nrows(), self.rows.ncols());
        matmul_into(turn.view(), self.rows.view(), vectors.view_mut());
        work.give(turn);
        Ok(Space { vectors, discarded })
    }
}

#[cfg(test)]
mod tests {
    use super::sampled_space;
    use crate::linalg::{Keep, RandomizedSvd, Work, qr};
    use ndarray::Array2;

    /// A matrix with singular values `ratio^k`.
    fn falling(side: usize, long: usize, ratio: f64) -> Array2<f64> {
        let basis = |n: usize| {
            let waves = Array2::from_shape_fn((n, side), |(i, j)| {
                ((i * i + 1) as f64 * (j + 1) as f64 * 0.37).sin()
            });
            qr(&waves).unwrap().q
        };
        let mut left = basis(side);
        for (k, mut column) in left.columns_mut().into_iter().enumerate() {
            column *= ratio.powi(i32::try_from(k).unwrap());
        }
        left.dot(&basis(long).t())
    }

    /// The rank that a sample of this matrix gives.
    fn found(a: &Array2<f64>, keep: Keep, settings: RandomizedSvd) -> Option<usize> {
        let space = sampled_space(a.view(), keep, settings, &mut Work::default()).unwrap();
        space.map(|space| space.vectors.nrows())
    }

    #[test]
    fn a_sample_of_half_the_side_is_not_worth_it() {
        let a = falling(40, 50, 0.99);
        let settings = RandomizedSvd::default();
        assert_eq!(found(&a, Keep::rank(12), settings), Some(12));
        assert_eq!(found(&a, Keep::rank(13), settings), None);
        assert_eq!(
            found(&a, Keep::rank(13), settings.oversampling(7)),
            Some(13)
        );
        for absurd in [21, usize::MAX] {
            let settings = settings.oversampling(absurd);
            assert_eq!(found(&a, Keep::rank(1), settings), None);
            assert_eq!(found(&a, Keep::tail(0.1), settings), None);
        }
    }

    #[test]
    fn a_sample_grows_until_the_tolerance_is_met() {
        let (side, ratio) = (300, 0.8_f64);
        let a = falling(side, 320, ratio);
        for digits in [1, 3, 6, 10] {
            let limit = 0.1_f64.powi(digits);
            // ratio^r / sqrt(1 - ratio^2) is what rank r discards.
            let best = (1..side).find(|&r| {
                let squares = ratio.powi(2 * i32::try_from(r).unwrap()) / (1.0 - ratio * ratio);
                squares.sqrt() <= limit
            });
            let best = best.unwrap();
            let rank = found(&a, Keep::tail(limit), RandomizedSvd::default()).unwrap();
            assert!((best..best + 2).contains(&rank), "{rank} for {best}");
            let capped = Keep::tail(limit).and_max_rank(5);
            let rank = found(&a, capped, RandomizedSvd::default()).unwrap();
            assert_eq!(rank, best.min(5));
        }
        // A flat spectrum is given up.
        let flat = falling(side, 320, 0.9999);
        assert_eq!(
            found(&flat, Keep::tail(0.1), RandomizedSvd::default()),
            None
        );
    }
}
