//! Tensors with a known structure, the same in every run.

use ndarray::{Array2, ArrayD, IxDyn, ShapeError};
use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use tt_admm::{BoxError, Scalar, TtRanks};

use crate::layout::Layout;
use crate::product::product;

/// The generator of a seed.
pub(crate) fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// What a trained kernel looks like to a decomposition: a tensor train of the largest ranks the shape allows,
/// the k-th term of every bond weighted by `k^-0.75`, plus noise of half its norm.
pub(crate) fn kernel(shape: &[usize], seed: u64) -> Result<ArrayD<f64>, BoxError> {
    let mut rng = rng(seed);
    let ranks = TtRanks::from(usize::MAX).resolve(shape)?;
    let mut tensor = train(shape, &ranks, |k| (k as f64).powf(-0.75), &mut rng)?;
    add_noise(&mut tensor, 0.5, &mut rng);
    Ok(tensor)
}

/// A tensor of exactly these ranks plus noise of `noise` times its norm.
pub(crate) fn low_rank(layout: &Layout, noise: f64, seed: u64) -> Result<ArrayD<f64>, BoxError> {
    let mut rng = rng(seed);
    let mut tensor = train(&layout.shape, &layout.ranks, |_| 1.0, &mut rng)?;
    add_noise(&mut tensor, noise, &mut rng);
    Ok(tensor)
}

/// Adds independent elements, uniform around 0, whose norm is in expectation `relative` times the tensor's.
pub(crate) fn add_noise<A: Scalar>(tensor: &mut ArrayD<A>, relative: f64, rng: &mut impl Rng) {
    let square: f64 = tensor.iter().map(|x| x.widen().powi(2)).sum();
    // The variance of a number between -1 and 1 is 1/3.
    let amplitude = relative * (3.0 * square / tensor.len().max(1) as f64).sqrt();
    for x in tensor {
        *x = A::narrow(x.widen() + amplitude * rng.random_range(-1.0..1.0));
    }
}

/// The dense image of random cores joined by diagonal weights, scaled to elements of size around 1.
fn train(
    shape: &[usize],
    ranks: &[usize],
    weight: impl Fn(usize) -> f64,
    rng: &mut impl Rng,
) -> Result<ArrayD<f64>, BoxError> {
    let mut cores = Vec::new();
    for (&n, r) in shape.iter().zip(ranks.windows(2)) {
        let mut core =
            Array2::from_shape_simple_fn((r[0] * n, r[1]), || rng.random_range(-1.0..1.0));
        for (k, mut column) in (1..).zip(core.columns_mut()) {
            column *= weight(k);
        }
        cores.push(core);
    }
    // Both halves first: the product in the middle is then the only large one.
    let (left, right) = cores.split_at(shape.len() / 2);
    let left = contracted(left, &ranks[..=left.len()])?;
    let right = contracted(right, &ranks[ranks.len() - 1 - right.len()..])?;
    let (rows, bond) = (left.len() / right.nrows(), right.nrows());
    let left = left.into_shape_with_order((rows, bond))?;
    let dense = product(left.view(), right.view());
    let mut tensor = dense.into_shape_with_order(IxDyn(shape))?;
    let mean = tensor.iter().map(|x| x * x).sum::<f64>() / tensor.len() as f64;
    tensor *= mean.sqrt().recip();
    Ok(tensor)
}

/// Neighbouring cores multiplied, as a matrix with the first rank as its rows; for no core 1 x 1.
fn contracted(cores: &[Array2<f64>], ranks: &[usize]) -> Result<Array2<f64>, ShapeError> {
    let mut dense = Array2::eye(ranks[0]);
    for (core, &rank) in cores.iter().zip(ranks) {
        let rows = dense.len() / rank;
        let left = dense.into_shape_with_order((rows, rank))?;
        dense = product(
            left.view(),
            core.to_shape((rank, core.len() / rank))?.view(),
        );
    }
    let cols = dense.len() / ranks[0];
    dense.into_shape_with_order((ranks[0], cols))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tt_admm::{Truncation, tt_svd};

    #[test]
    fn low_rank_tensors_have_these_ranks_and_this_noise() {
        let layout = Layout::new(&[5, 4, 3, 6], [3, 2, 4]).unwrap();
        let exact = low_rank(&layout, 0.0, 1).unwrap();
        let ranks = tt_svd(&exact, Truncation::relative(1e-10)).unwrap();
        assert_eq!(ranks.ranks(), layout.ranks);

        let noisy = low_rank(&layout, 1e-3, 1).unwrap();
        let noise = (&noisy - &exact).mapv(|x| x * x).sum() / exact.mapv(|x| x * x).sum();
        assert!((noise.sqrt() / 1e-3 - 1.0).abs() < 0.2, "{noise}");
    }

    #[test]
    fn kernels_decay_and_are_reproducible() {
        let kernel = |seed| super::kernel(&[16, 9, 16], seed).unwrap();
        assert_eq!(kernel(3), kernel(3));
        assert_ne!(kernel(3), kernel(4));
        let error = |rank: usize| {
            tt_svd(&kernel(3), rank)
                .unwrap()
                .truncation_error()
                .relative()
        };
        let errors = [2, 8, 14].map(error);
        assert!(errors[0] < 0.95 && errors[2] > 0.02, "{errors:?}");
        assert!(errors.is_sorted_by(|a, b| a > b), "{errors:?}");
    }

    #[test]
    fn a_vector_is_a_train_too() {
        let layout = Layout::new(&[7], Vec::new()).unwrap();
        assert_eq!(low_rank(&layout, 0.0, 1).unwrap().shape(), [7]);
    }
}
