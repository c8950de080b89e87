//! The speed of a matrix product.

use ndarray::Array2;
use ndarray::linalg::general_mat_mul;
use rand::RngExt;
use tt_admm::BoxError;

use crate::element::Element;
use crate::synthetic;
use crate::timing::median_ms;

/// Rows and columns of the matrices.
const SIDE: usize = 1536;

/// GFLOP/s of OpenBLAS's product of two square matrices, called through ndarray.
pub(crate) fn gflops<A: Element>() -> Result<f64, BoxError> {
    let mut rng = synthetic::rng(1);
    let mut random =
        || Array2::from_shape_simple_fn((SIDE, SIDE), || A::narrow(rng.random_range(-1.0..1.0)));
    let (a, b) = (random(), random());
    let product = |c: &mut Array2<A>| {
        general_mat_mul(A::one(), &a, &b, A::zero(), c);
        Ok::<_, BoxError>(())
    };
    let mut c = Array2::zeros((SIDE, SIDE));
    product(&mut c)?;
    let (ms, ()) = median_ms(&mut c, |_| (), product)?;
    Ok(2.0 * (SIDE as f64).powi(3) / ms / 1e6)
}
