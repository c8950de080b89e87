//! Polynomials of a sum of one function for each mode.

use ndarray::{Array2, Array3, ArrayView1};

use super::checks::{check_cores, checked_vectors};
use crate::scalar::Scalar;
use crate::tensor_train::graded::Scaled;
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// The polynomial `c_0 + c_1 s + ... + c_p s^p` of the sum `s = f_1(i_1) + ... + f_d(i_d)`, ranks `p + 1`
    /// for degree `p` (Oseledets, Constr. Approx. 37, 2013, section 2).
    ///
    /// `coefficients` are `c_0, c_1, ...`; zeros at the end do not count for the degree. The error of an element is
    /// a few times `d eps` of `sum_b |c_b| m^b` with `m` the sum of the largest `|f_k|`: choose the values so that
    /// they do not cancel.
    ///
    /// # Errors
    ///
    /// Those of [`TensorTrain::sum_of`]; [`TtError::NonFiniteArgument`] for a coefficient that is NaN or infinite, and
    /// if a term `c_b m^b` can overflow `f64`, [`TtError::NonFinite`] for a core that overflows the element type.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::Array1};
    ///
    /// // The square of i + j + k.
    /// let n = Array1::from_iter((0..5).map(f64::from));
    /// let tt = TensorTrain::polynomial_of_sum([&n, &n, &n], &[0.0, 0.0, 1.0])?;
    /// assert_eq!(tt.ranks(), [1, 3, 3, 1]);
    /// assert!((tt.get(&[4, 2, 3])? - 81.0).abs() < 1e-12);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn polynomial_of_sum<'v, V>(
        vectors: impl IntoIterator<Item = V>,
        coefficients: &[A],
    ) -> Result<Self, TtError>
    where
        V: Into<ArrayView1<'v, A>>,
    {
        let vectors = checked_vectors(vectors)?;
        let widened = |f: &ArrayView1<'_, A>| f.iter().map(|x| x.widen()).collect();
        let vectors: Vec<Vec<f64>> = vectors.iter().map(widened).collect();
        let coefficients: Vec<f64> = coefficients.iter().map(|c| c.widen()).collect();
        polynomial(&vectors, &coefficients)
    }
}

/// The polynomial with these coefficients, lowest first, of sums of finite values.
pub(super) fn polynomial<A: Scalar>(
    vectors: &[Vec<f64>],
    coefficients: &[f64],
) -> Result<TensorTrain<A>, TtError> {
    if let Some(&value) = coefficients.iter().find(|c| !c.is_finite()) {
        return Err(TtError::NonFiniteArgument {
            name: "coefficient",
            value,
        });
    }
    let degree = coefficients.iter().rposition(|&c| c != 0.0).unwrap_or(0);
    let shape: Vec<usize> = vectors.iter().map(Vec::len).collect();
    check_cores(&shape, &vec![degree + 1; shape.len() + 1])?;
    // In units of a power of two above every sum, so that no power of a value overflows.
    let largest = |f: &Vec<f64>| f.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let bound: f64 = vectors
        .iter()
        .map(|f| largest(f) / vectors.len() as f64)
        .sum();
    let exponent = match bound {
        0.0 => 0.0,
        bound => (bound.log2() + (vectors.len() as f64).log2()).ceil(),
    };
    let scaled = |mantissa: f64, exponent: f64| Scaled { mantissa, exponent }.value();
    let coefficients: Vec<f64> = (0..=degree)
        .map(|b| {
            coefficients
                .get(b)
                .map_or(0.0, |&c| scaled(c, exponent * b as f64))
        })
        .collect();
    if let Some(&value) = coefficients.iter().find(|c| !c.is_finite()) {
        return Err(TtError::NonFiniteArgument {
            name: "largest term of the polynomial",
            value,
        });
    }
    let binomials = binomials(degree);
    let last = vectors.len() - 1;
    let cores = vectors.iter().enumerate().map(|(k, f)| {
        let rows = if k == 0 { 1 } else { degree + 1 };
        let cols = if k == last { 1 } else { degree + 1 };
        let mut core = Array3::<A>::zeros((rows, f.len(), cols));
        for (i, &x) in f.iter().enumerate() {
            // The row vector after core k is (1, s, ..., s^p), and (s + t)^b = sum_a s^a C(b, a) t^(b - a).
            let t = scaled(x, -exponent);
            for a in 0..rows {
                if k == last {
                    let taylor = (a..=degree).rev();
                    let value =
                        taylor.fold(0.0, |sum, b| sum * t + coefficients[b] * binomials[[b, a]]);
                    core[[a, i, 0]] = A::narrow(value);
                    continue;
                }
                let mut power = 1.0;
                for b in a..=degree {
                    core[[a, i, b]] = A::narrow(binomials[[b, a]] * power);
                    power *= t;
                }
            }
        }
        core
    });
    TensorTrain::from_cores(cores.collect())
}

/// `C(b, a)` in row `b` and column `a`.
fn binomials(degree: usize) -> Array2<f64> {
    let mut table = Array2::zeros((degree + 1, degree + 1));
    for b in 0..=degree {
        table[[b, 0]] = 1.0;
        for a in 1..=b {
            table[[b, a]] = table[[b - 1, a - 1]] + table[[b - 1, a]];
        }
    }
    table
}
