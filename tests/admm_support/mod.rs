//! Small models and prox operators shared by the ADMM tests.

// Every test target compiles its own copy and uses a part of it.
#![allow(dead_code)]

pub(crate) mod inexact;

use std::fmt;

use tt_admm::admm::{Proximal, TrainSummary};
use tt_admm::ndarray::{Array1, Array2, ArrayD, ArrayViewD, ArrayViewMutD, CowArray, IxDyn};
use tt_admm::projection::{Projected, ProjectionError, Prox, WarmStart};
use tt_admm::{Scalar, Trainable};

/// A prox operator given by a function of the point and `rho`.
pub(crate) struct MapProx<F>(pub(crate) F);

impl<F> fmt::Debug for MapProx<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MapProx")
    }
}

impl<A: Scalar, F: Fn(&ArrayD<A>, A) -> ArrayD<A> + Send + Sync> Prox<A> for MapProx<F> {
    fn check(&self, _shape: &[usize]) -> Result<(), ProjectionError> {
        Ok(())
    }

    fn prox(
        &self,
        v: ArrayViewD<'_, A>,
        rho: A,
        mut out: ArrayViewMutD<'_, A>,
        _warm: &mut WarmStart<A>,
    ) -> Result<Projected<A>, ProjectionError> {
        out.assign(&(self.0)(&v.to_owned(), rho));
        let square: f64 = v
            .iter()
            .zip(&out)
            .map(|(&v, &z)| (v - z).widen().powi(2))
            .sum();
        Ok(Projected::new(square.sqrt()))
    }
}

/// Projection on `x >= 0`.
pub(crate) fn non_negative() -> impl Prox<f64> {
    MapProx(|v: &ArrayD<f64>, _rho: f64| v.mapv(|x| x.max(0.0)))
}

/// The set of all arrays: `prox(v) = v`.
pub(crate) fn anything<A: Scalar>() -> impl Prox<A> {
    MapProx(|v: &ArrayD<A>, _rho: A| v.clone())
}

/// `f(W) = sum_l |W_l - T_l|^2 / 2`, with the exact W-step `(T + rho anchor) / (1 + rho)`.
#[derive(Debug, Clone)]
pub(crate) struct Targets<A> {
    pub(crate) names: Vec<String>,
    pub(crate) t: Vec<ArrayD<A>>,
    pub(crate) w: Vec<ArrayD<A>>,
}

impl<A: Scalar> Targets<A> {
    /// Starts at `W = T`; the weights are called `w`, or `w0`, `w1`, ... if there are several.
    pub(crate) fn new(t: Vec<ArrayD<A>>) -> Self {
        let names = if t.len() == 1 {
            vec!["w".to_owned()]
        } else {
            (0..t.len()).map(|k| format!("w{k}")).collect()
        };
        Self {
            names,
            w: t.clone(),
            t,
        }
    }

    pub(crate) fn one(t: ArrayD<A>) -> Self {
        Self::new(vec![t])
    }

    fn slot(&self, name: &str) -> Result<usize, String> {
        self.names
            .iter()
            .position(|n| n == name)
            .ok_or_else(|| format!("no weight {name}"))
    }
}

impl<A: Scalar> Trainable for Targets<A> {
    type Elem = A;
    type Error = String;

    fn weight(&self, name: &str) -> Result<CowArray<'_, A, IxDyn>, String> {
        Ok(self.w[self.slot(name)?].view().into())
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, A>) -> Result<(), String> {
        let slot = self.slot(name)?;
        self.w[slot].assign(&value);
        Ok(())
    }

    fn train(&mut self, proximal: &Proximal<'_, A>) -> Result<TrainSummary, String> {
        let mut loss = 0.0;
        for ((name, t), w) in self.names.iter().zip(&self.t).zip(&mut self.w) {
            w.assign(t);
            if let (Some(anchor), Some(rho)) = (proximal.anchor(name), proximal.rho(name)) {
                w.zip_mut_with(&anchor, |w, &a| *w = (*w + rho * a) / (A::one() + rho));
            }
            loss += w
                .iter()
                .zip(t)
                .map(|(&w, &t)| (w - t).widen().powi(2) / 2.0)
                .sum::<f64>();
        }
        Ok(TrainSummary::new().loss(loss))
    }
}

/// Least squares `f(x) = |A x - b|^2 / 2` with one weight `x` and the exact W-step.
#[derive(Debug, Clone)]
pub(crate) struct LeastSquares {
    pub(crate) a: Array2<f64>,
    pub(crate) b: Array1<f64>,
    pub(crate) x: Array1<f64>,
}

impl LeastSquares {
    pub(crate) fn new(a: Array2<f64>, b: Array1<f64>) -> Self {
        let x = Array1::zeros(a.ncols());
        Self { a, b, x }
    }

    /// `A^T (A x - b)`.
    pub(crate) fn gradient(&self, x: &Array1<f64>) -> Array1<f64> {
        self.a.t().dot(&(self.a.dot(x) - &self.b))
    }
}

impl Trainable for LeastSquares {
    type Elem = f64;
    type Error = std::convert::Infallible;

    fn weight(&self, _name: &str) -> Result<CowArray<'_, f64, IxDyn>, Self::Error> {
        Ok(self.x.view().into_dyn().into())
    }

    fn set_weight(&mut self, _name: &str, value: ArrayViewD<'_, f64>) -> Result<(), Self::Error> {
        self.x.assign(&value);
        Ok(())
    }

    fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, Self::Error> {
        let (anchor, rho) = (proximal.anchor("x").unwrap(), proximal.rho("x").unwrap());
        let n = self.x.len();
        let normal = self.a.t().dot(&self.a) + Array2::<f64>::eye(n) * rho;
        let mut right = self.a.t().dot(&self.b);
        right.zip_mut_with(&anchor, |r, &a| *r += rho * a);
        self.x = solve(normal, right);
        Ok(TrainSummary::new())
    }
}

/// Solves a system with a symmetric positive definite matrix by Gauss elimination.
pub(crate) fn solve(mut a: Array2<f64>, mut b: Array1<f64>) -> Array1<f64> {
    let n = b.len();
    for k in 0..n {
        for i in k + 1..n {
            let factor = a[[i, k]] / a[[k, k]];
            for j in k..n {
                a[[i, j]] -= factor * a[[k, j]];
            }
            b[i] -= factor * b[k];
        }
    }
    for k in (0..n).rev() {
        for j in k + 1..n {
            b[k] -= a[[k, j]] * b[j];
        }
        b[k] /= a[[k, k]];
    }
    b
}

/// Everything that a run leaves behind, to be compared bit for bit.
pub(crate) fn state<A: Scalar>(admm: &tt_admm::Admm<A>) -> (Vec<Vec<u64>>, String) {
    let bits = |x: ArrayViewD<'_, A>| x.iter().map(|v| v.widen().to_bits()).collect::<Vec<u64>>();
    let numbers = admm
        .blocks()
        .iter()
        .flat_map(|b| {
            let anchor = admm.proximal().anchor(b.weight()).unwrap();
            [
                bits(b.z()),
                bits(b.u()),
                vec![b.rho().widen().to_bits()],
                bits(anchor),
            ]
        })
        .collect();
    let warm: Vec<_> = admm
        .blocks()
        .iter()
        .map(tt_admm::admm::Block::warm_start)
        .collect();
    (numbers, format!("{warm:?} {:?}", admm.history()))
}
