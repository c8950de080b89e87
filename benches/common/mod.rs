//! Shared by the benches: tensors like trained kernels, and the textbook algorithm.

// Every bench compiles its own copy and uses a part of it.
#![allow(dead_code)]

use ndarray::{Array2, ArrayD, IxDyn};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use tt_admm::linalg::{Keep, truncated_svd};
use tt_admm::ndarray;
use tt_admm::{Scalar, tt_project};

/// Elements uniform in [-1, 1).
pub(crate) fn noise(shape: &[usize], seed: u64) -> ArrayD<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    ArrayD::from_shape_simple_fn(IxDyn(shape), || rng.random_range(-1.0..1.0_f64))
}

/// A low-rank tensor plus noise of half its size.
pub(crate) fn kernel<A: Scalar>(shape: &[usize], ranks: &[usize]) -> ArrayD<A> {
    low_rank_plus(shape, ranks, 0.5)
}

/// A low-rank tensor plus so much noise.
pub(crate) fn low_rank_plus<A: Scalar>(shape: &[usize], ranks: &[usize], share: f64) -> ArrayD<A> {
    let rough = noise(shape, 1);
    let smooth = tt_project(&rough, ranks).expect("ranks fit");
    (smooth + rough * share).mapv(A::narrow)
}

/// The tensor moved by a hundredth of the size of its elements.
pub(crate) fn moved<A: Scalar>(tensor: &ArrayD<A>, seed: u64) -> ArrayD<A> {
    let step = noise(tensor.shape(), seed);
    ArrayD::from_shape_fn(tensor.raw_dim(), |i| {
        A::narrow(tensor[&i].widen() + 0.01 * step[&i])
    })
}

/// TT-SVD as written in Oseledets (2011), and the rebuilt tensor: left to right, a thin SVD with both factors at
/// every bond.
pub(crate) fn textbook<A: Scalar>(tensor: &ArrayD<A>, ranks: &[usize]) -> ArrayD<A> {
    let shape = tensor.shape();
    let mut rest = Array2::from_shape_vec((1, tensor.len()), tensor.iter().copied().collect())
        .expect("sizes agree");
    let mut left = Array2::<A>::ones((1, 1));
    for (k, &rank) in ranks.iter().enumerate() {
        let rows = rest.nrows() * shape[k];
        let cols = rest.len() / rows;
        let unfolding = rest
            .into_shape_with_order((rows, cols))
            .expect("sizes agree");
        let f = truncated_svd(&unfolding, Keep::rank(rank)).expect("finite");
        left = join(&left, &f.u, shape[k]);
        rest = f.vt.as_standard_layout().into_owned();
        for (mut row, &s) in rest.rows_mut().into_iter().zip(&f.s) {
            row.mapv_inplace(|x| x * s);
        }
    }
    let last = left.dot(&rest);
    ArrayD::from_shape_vec(IxDyn(shape), last.iter().copied().collect()).expect("sizes agree")
}

/// `left` (rows x r) times a core (r n x s), as (rows n) x s.
fn join<A: Scalar>(left: &Array2<A>, core: &Array2<A>, n: usize) -> Array2<A> {
    let (r, s) = (left.ncols(), core.ncols());
    let core = core.as_standard_layout();
    let core = core
        .view()
        .into_shape_with_order((r, n * s))
        .expect("sizes agree");
    let product = left.dot(&core);
    product
        .into_shape_with_order((left.nrows() * n, s))
        .expect("sizes agree")
}
