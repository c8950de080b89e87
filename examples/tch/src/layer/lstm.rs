//! A recurrent layer, of which both weights may be decomposed.

use tch::nn::Path;
use tch::{TchError, Tensor};
use tt_admm::Factors;

use super::matrix::{Matrix, uniform};
use crate::Error;

/// A layer of long short-term memory (Hochreiter and Schmidhuber, 1997) of `H` units, as PyTorch defines it:
///
/// ```text
/// i, f, g, o = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh      four gates of H rows each
/// c_t = sigmoid(f) c_{t-1} + sigmoid(i) tanh(g)
/// h_t = sigmoid(o) tanh(c_t)
/// ```
///
/// `weight_ih_l0` `[4 H, I]` and `weight_hh_l0` `[4 H, H]` are dense or tensor trains
/// `[4 o_1, ..., o_p, i_1, ..., i_q]`: the gates are stacked on the first output mode. The variables below the
/// layer's path have PyTorch's names; those of decomposed weights are `weight_ih_l0.input.0` and so on.
#[derive(Debug)]
pub struct Lstm {
    input: Matrix,
    hidden: Matrix,
    bias_ih: Tensor,
    bias_hh: Tensor,
    units: i64,
}

impl Lstm {
    /// A layer of `units` units for sequences of `inputs` features. Random values are uniform within
    /// `1/sqrt(H)`.
    ///
    /// # Errors
    ///
    /// [`Error::Torch`] and those of [`TtLinear::new`](super::TtLinear::new).
    pub fn new(
        path: &Path<'_>,
        inputs: i64,
        units: i64,
        factors_ih: Option<&Factors<f32>>,
        factors_hh: Option<&Factors<f32>>,
    ) -> Result<Self, Error> {
        let init = uniform(units);
        let matrix = |name: &str, columns: i64, factors| {
            Matrix::new(
                (path, name),
                &(path / name),
                [4 * units, columns],
                init,
                factors,
            )
        };
        Ok(Self {
            input: matrix("weight_ih_l0", inputs, factors_ih)?,
            hidden: matrix("weight_hh_l0", units, factors_hh)?,
            bias_ih: path.f_var("bias_ih_l0", &[4 * units], init)?,
            bias_hh: path.f_var("bias_hh_l0", &[4 * units], init)?,
            units,
        })
    }

    /// The last state `h_T`, `[N, H]`, for sequences `[N, T, I]`; zeros if they have no steps.
    ///
    /// # Errors
    ///
    /// Torch's, for example for another number of features.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor, TchError> {
        let (samples, steps, features) = x.size3()?;
        // What the inputs add is one product for all steps, step by step in memory.
        let x = x.f_transpose(0, 1)?.f_reshape(&[-1, features][..])?;
        let bias = self.bias_ih.f_add(&self.bias_hh)?;
        let from_input = self.input.apply(&x, Some(&bias))?;
        let from_input = from_input.f_reshape(&[steps, samples, 4 * self.units][..])?;
        let mut h = from_input.f_new_zeros(
            &[samples, self.units][..],
            (from_input.f_kind()?, from_input.device()),
        )?;
        let mut c = h.shallow_clone();
        for from_input in from_input.f_unbind(0)? {
            let gates = from_input.f_add(&self.hidden.apply(&h, None)?)?;
            let gates = gates.f_chunk(4, 1)?;
            let [i, f, g, o] = &gates[..] else {
                return Err(TchError::Shape(format!("{} gates, not 4", gates.len())));
            };
            let kept = f.f_sigmoid()?.f_mul(&c)?;
            c = kept.f_add(&i.f_sigmoid()?.f_mul(&g.f_tanh()?)?)?;
            h = o.f_sigmoid()?.f_mul(&c.f_tanh()?)?;
        }
        Ok(h)
    }
}
