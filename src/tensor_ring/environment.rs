//! Gram matrices of subchains, from products of transfer matrices.

use ndarray::{Array2, Array3};

use crate::linalg::matmul;
use crate::scalar::Scalar;
use crate::tensor_train::reshaped;

/// The transfer matrices of the cores around one that moves from left to right, in `f64`.
///
/// The transfer matrix of a core is `E[(a a'), (b b')] = sum_i G[a, i, b] G[a', i, b']`. The product of those of all
/// cores but one, in cyclic order, has the inner products of the columns of that core's subchain matrix. It costs
/// `n r^4` for every core and `r^6` for every product.
pub(super) struct Environments {
    /// Of the cores after each, without the last.
    after: Vec<Array2<f64>>,
    /// Of the cores before the current one, if there are any.
    before: Option<Array2<f64>>,
}

impl Environments {
    /// Around the first core.
    pub(super) fn new<A: Scalar>(cores: &[Array3<A>]) -> Self {
        let mut after: Vec<Array2<f64>> = Vec::with_capacity(cores.len());
        for core in cores.iter().skip(1).rev() {
            let own = transfer(core);
            let product = match after.last() {
                Some(last) => matmul(own.view(), last.view()),
                None => own,
            };
            after.push(product);
        }
        Self {
            after,
            before: None,
        }
    }

    /// The Gram matrix for the current core of this shape: rows and columns are pairs of its left and its right index.
    pub(super) fn gram(&self, (r, _, s): (usize, usize, usize)) -> Array2<f64> {
        let around = match (self.after.last(), &self.before) {
            (Some(after), Some(before)) => matmul(after.view(), before.view()),
            (Some(only), None) | (None, Some(only)) => only.clone(),
            (None, None) => Array2::eye(r * s),
        };
        // around[(b b'), (a a')] with the left index a and the right index b of the core
        let around = reshaped(around.view(), (s, s, r, r));
        let turned = around.permuted_axes([2, 0, 3, 1]);
        let turned = turned.as_standard_layout();
        reshaped(turned.view(), (r * s, r * s)).to_owned()
    }

    /// Moves on to the next core, over the current one as it is now.
    pub(super) fn pass<A: Scalar>(&mut self, core: &Array3<A>) {
        // After the last core nothing is asked for any more.
        if self.after.pop().is_none() {
            return;
        }
        let own = transfer(core);
        self.before = Some(match self.before.take() {
            Some(before) => matmul(before.view(), own.view()),
            None => own,
        });
    }
}

fn transfer<A: Scalar>(core: &Array3<A>) -> Array2<f64> {
    let (r, n, s) = core.dim();
    let turned = core.view().permuted_axes([1, 0, 2]);
    let wide = Array3::from_shape_fn((n, r, s), |i| turned[i].widen());
    let rows = reshaped(wide.view(), (n, r * s));
    let products = matmul(rows.t(), rows);
    let products = reshaped(products.view(), (r, s, r, s));
    let turned = products.permuted_axes([0, 2, 1, 3]);
    let turned = turned.as_standard_layout();
    reshaped(turned.view(), (r * r, s * s)).to_owned()
}
