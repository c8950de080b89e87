//! Alternating least squares on sampled equations.

use ndarray::{Array2, Array3, ArrayView3, Axis, s};
use rand::Rng;

use super::TrError;
use super::balance::balance;
use super::least_squares::{core_of, improved, unknowns_of};
use crate::linalg::{Work, matmul, svd};
use crate::scalar::Scalar;
use crate::tensor_train::reshaped;

/// Draws the equations of every core (TR-ALS-Sampled; Malik and Becker, ICML 2021, PMLR 139).
///
/// An equation belongs to one index of every other mode. Each index is drawn independently with the leverage scores of
/// its core's mode unfolding as probabilities: their product bounds the leverage score of the equation. An equation is
/// weighted with the root of its inverse probability.
pub(super) struct Sampler<'r, R: ?Sized> {
    rng: &'r mut R,
    samples: usize,
    /// For every mode the probabilities of its indices.
    probabilities: Vec<Vec<f64>>,
}

impl<'r, R: Rng + ?Sized> Sampler<'r, R> {
    pub(super) fn new<A: Scalar>(
        cores: &[Array3<A>],
        samples: usize,
        rng: &'r mut R,
    ) -> Result<Self, TrError> {
        let probabilities = cores.iter().map(leverage).collect::<Result<_, _>>()?;
        Ok(Self {
            rng,
            samples,
            probabilities,
        })
    }

    /// Updates every core once, left to right.
    pub(super) fn sweep<A: Scalar>(
        &mut self,
        elements: &[A],
        cores: &mut [Array3<A>],
        ridge: f64,
        work: &mut Work<A>,
    ) -> Result<(), TrError> {
        for k in 0..cores.len() {
            let shape = cores[k].dim();
            let (matrix, rhs) = self.equations(elements, cores, k);
            let own = unknowns_of(&cores[k], work);
            cores[k] = core_of(improved(&matrix, &rhs, &own, ridge)?, shape, work);
            self.probabilities[k] = leverage(&cores[k])?;
        }
        balance(cores, 0.0);
        Ok(())
    }

    /// Sampled rows of the subchain matrix of core `k` and of the tensor.
    fn equations<A: Scalar>(
        &mut self,
        elements: &[A],
        cores: &[Array3<A>],
        k: usize,
    ) -> (Array2<A>, Array2<A>) {
        let (r, n, s) = cores[k].dim();
        let order = cores.len();
        let before: usize = cores[..k].iter().map(|c| c.dim().1).product();
        let after = elements.len() / (before * n);
        let Ok(tensor) = ArrayView3::from_shape((before, n, after), elements) else {
            unreachable!("as many elements as the cores say");
        };
        let mut matrix = Array2::zeros((self.samples, r * s));
        let mut rhs = Array2::zeros((self.samples, n));
        for (mut row, mut side) in matrix.rows_mut().into_iter().zip(rhs.rows_mut()) {
            // From bond k + 1 around the ring to bond k.
            let mut product = Array2::<A>::eye(s);
            let (mut places, mut probability) = ([0, 0], self.samples as f64);
            for mode in (k + 1..order).chain(0..k) {
                let index = self.draw(mode);
                probability *= self.probabilities[mode][index];
                let place = &mut places[usize::from(mode > k)];
                *place = *place * cores[mode].dim().1 + index;
                let slice = cores[mode].index_axis(Axis(1), index);
                product = matmul(product.view(), slice);
            }
            let weight = A::narrow(probability.sqrt().recip());
            let turned = product.t();
            for (x, y) in row.iter_mut().zip(turned.iter()) {
                *x = weight * *y;
            }
            let fibre = tensor.slice(s![places[0], .., places[1]]);
            side.zip_mut_with(&fibre, |x, y| *x = weight * *y);
        }
        (matrix, rhs)
    }

    fn draw(&mut self, mode: usize) -> usize {
        // The upper 53 bits, evenly over [0, 1).
        let mut left = (self.rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let own = &self.probabilities[mode];
        for (index, p) in own.iter().enumerate() {
            left -= p;
            if left < 0.0 {
                return index;
            }
        }
        // Rounding: the last index that can be drawn.
        own.iter().rposition(|&p| p > 0.0).unwrap_or(0)
    }
}

/// The leverage scores of the rows of a core's `n x (r s)` unfolding, normed to a sum of 1; equal ones for a zero
/// core.
fn leverage<A: Scalar>(core: &Array3<A>) -> Result<Vec<f64>, TrError> {
    let (r, n, s) = core.dim();
    let turned = core.view().permuted_axes([1, 0, 2]);
    let turned = turned.as_standard_layout();
    let f = svd(&reshaped(turned.view(), (n, r * s)))?;
    let level = A::epsilon().widen() * (n.max(r * s) as f64).sqrt() * f.s[0].widen();
    let rank = f.s.iter().filter(|x| x.widen() > level).count();
    if rank == 0 {
        return Ok(vec![1.0 / n as f64; n]);
    }
    let scores = |i: usize| -> f64 {
        let row = f.u.slice(s![i, ..rank]);
        row.iter().map(|x| x.widen().powi(2)).sum::<f64>() / rank as f64
    };
    Ok((0..n).map(scores).collect())
}

#[cfg(test)]
mod tests {
    use super::{Sampler, leverage};
    use ndarray::{Array3, array};
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn leverage_scores_are_those_of_the_rows() {
        // Rows (1, 0), (0, 1), (0, 1): scores 1, 1/2, 1/2 of rank 2.
        let core = array![[[1.0_f64, 0.0], [0.0, 1.0], [0.0, 1.0]]];
        let scores = leverage(&core).unwrap();
        for (got, expected) in scores.iter().zip([0.5, 0.25, 0.25]) {
            assert!((got - expected).abs() < 1e-15);
        }
        let even = leverage(&Array3::<f32>::zeros((2, 5, 2))).unwrap();
        assert!(even.iter().all(|p| (p - 0.2).abs() < 1e-15));
    }

    #[test]
    fn indices_are_drawn_as_often_as_their_probabilities_say() {
        let core = array![[[1.0_f64, 0.0], [0.0, 1.0], [0.0, 0.0]]];
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut sampler = Sampler::new(&[core], 1, &mut rng).unwrap();
        let mut counts = [0_u32; 3];
        for _ in 0..1000 {
            counts[sampler.draw(0)] += 1;
        }
        // Binomial: mean 500, standard deviation 16.
        assert!((420..580).contains(&counts[0]), "{counts:?}");
        assert_eq!(counts[2], 0);
    }
}
