//! Decomposition of trained weights.

use ndarray::{ArrayD, ArrayRef, ArrayViewD, CowArray, Dimension, IxDyn};

use super::CompressError;
use crate::admm::{Admm, Block};
use crate::error::{BoxError, first_non_finite};
use crate::linalg::frobenius;
use crate::projection::{Factors, ProjectionError, Prox, WarmStart};
use crate::scalar::Scalar;

/// A weight in factored form, and what the step from dense to factors cost.
///
/// # Examples
///
/// ```
/// use tt_admm::{LowRankProjection, compress::decompose, ndarray::array};
///
/// let found = decompose("w", &array![[4.0, 0.0], [0.0, 3.0]], &LowRankProjection::new(1))?;
/// assert!((found.relative_error - 0.6).abs() < 1e-15);
/// assert!((found.factors.to_dense()[[0, 0]] - 4.0_f64).abs() < 1e-14);
/// # Ok::<(), tt_admm::compress::CompressError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Decomposed<A> {
    /// The factors.
    pub factors: Factors<A>,
    /// `|W - factors|_F / |W|_F` for the dense weight `W`; 0 for a zero weight.
    pub relative_error: f64,
}

/// Decomposes one dense weight with the factors of a projection, without any training.
///
/// The name is used in errors only.
///
/// # Errors
///
/// [`CompressError::Projection`] if the projection does not fit the weight or the weight is not finite,
/// [`CompressError::NoFactors`] if the prox operator gives none.
///
/// # Examples
///
/// ```
/// use tt_admm::{TtProjection, compress::decompose, ndarray::Array2};
///
/// let w = Array2::from_shape_fn((8, 8), |(i, j)| (i + 2 * j) as f64);
/// let found = decompose("fc1", &w, &TtProjection::new(2))?;
/// assert!(found.relative_error < 1e-14);                      // the matrix has rank 2
/// assert_eq!(found.factors.num_parameters(), 32);
/// # Ok::<(), tt_admm::compress::CompressError>(())
/// ```
pub fn decompose<A: Scalar, D: Dimension>(
    name: &str,
    weight: &ArrayRef<A, D>,
    prox: &dyn Prox<A>,
) -> Result<Decomposed<A>, CompressError> {
    let failed = |source: ProjectionError| CompressError::Projection {
        name: name.to_owned(),
        source,
    };
    prox.check(weight.shape()).map_err(failed)?;
    if let Some((index, value)) = first_non_finite(weight) {
        let what = format!("the weight has {value} at index {index:?}");
        return Err(failed(ProjectionError::other(what)));
    }
    let view = weight.view().into_dyn();
    let mut dense = ArrayD::zeros(view.raw_dim());
    let factors = prox
        .prox(
            view.view(),
            A::one(),
            dense.view_mut(),
            &mut WarmStart::default(),
        )
        .map_err(failed)?
        .into_factors()
        .ok_or_else(|| CompressError::NoFactors {
            name: name.to_owned(),
        })?;
    Ok(Decomposed {
        factors,
        relative_error: relative_distance(&view, &dense.view()),
    })
}

/// One weight of an ADMM run, decomposed both ways.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DecomposedPair<A> {
    /// Name of the weight.
    pub name: String,
    /// From the trained weight `W`: the smallest error that the projection finds from scratch. Where that is a
    /// heuristic, as for rings, `from_projection` may be nearer.
    pub from_weight: Decomposed<A>,
    /// From `Z`, which satisfies the constraint already; its error against `W` is the relative primal
    /// residual.
    pub from_projection: Decomposed<A>,
}

/// Decomposes every constrained weight of an ADMM run, from the trained `W` and from `Z`; of several
/// blocks on one weight the first that gives factors counts.
///
/// `weight` returns the trained weight of a name, as for [`Admm::try_update`].
///
/// # Errors
///
/// [`CompressError::Weight`] if a weight cannot be read, [`CompressError::Shape`] if its shape changed, and
/// the errors of [`decompose`].
///
/// # Examples
///
/// ```
/// use tt_admm::{Admm, BoxError, TtProjection, compress::decompose_trained, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.1]];
/// let admm = Admm::<f64>::builder()
///     .constrain("w", TtProjection::new(1))
///     .rho(1.0)
///     .build_from(|_| w.view().into_dyn())?;
/// let found = decompose_trained(&admm, |_| Ok::<_, BoxError>(w.view().into_dyn()))?;
/// assert_eq!(found[0].name, "w");
/// assert!((found[0].from_weight.relative_error - 0.1 / 1.01_f64.sqrt()).abs() < 1e-14);
/// assert!((found[0].from_projection.relative_error - 0.1 / 1.01_f64.sqrt()).abs() < 1e-14);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decompose_trained<'w, A, F, V, E>(
    admm: &Admm<A>,
    mut weight: F,
) -> Result<Vec<DecomposedPair<A>>, CompressError>
where
    A: Scalar,
    F: FnMut(&str) -> Result<V, E>,
    V: Into<CowArray<'w, A, IxDyn>>,
    E: Into<BoxError>,
{
    admm.representatives()
        .map(|block| {
            let name = block.weight().to_owned();
            let w: CowArray<'w, A, IxDyn> = weight(&name)
                .map_err(|e| CompressError::Weight {
                    name: name.clone(),
                    source: e.into(),
                })?
                .into();
            if w.shape() != block.z().shape() {
                let (expected, got) = (block.z().shape().to_vec(), w.shape().to_vec());
                return Err(CompressError::Shape {
                    name,
                    expected,
                    got,
                });
            }
            let from_weight = decompose(&name, &*w, block.prox())?;
            let from_projection = from_z(block, &w.view())?;
            Ok(DecomposedPair {
                name,
                from_weight,
                from_projection,
            })
        })
        .collect()
}

/// The factors of `Z`, with their error against `W`.
fn from_z<A: Scalar>(
    block: &Block<A>,
    w: &ArrayViewD<'_, A>,
) -> Result<Decomposed<A>, CompressError> {
    let no_factors = || CompressError::NoFactors {
        name: block.weight().to_owned(),
    };
    let factors = block.factors().ok_or_else(no_factors)?.clone();
    Ok(Decomposed {
        factors,
        relative_error: relative_distance(w, &block.z()),
    })
}

/// `|a - b|_F / |a|_F`, and 0 if both are zero.
fn relative_distance<A: Scalar>(a: &ArrayViewD<'_, A>, b: &ArrayViewD<'_, A>) -> f64 {
    let difference = frobenius(a.iter().zip(b).map(|(&a, &b)| a - b));
    if difference == 0.0 {
        0.0
    } else {
        difference / frobenius(a.iter().copied())
    }
}
