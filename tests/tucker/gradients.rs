//! `pullback` against central differences and by duality.

use super::dense;
use crate::common::{layout, oracle, random, tol};
use tt_admm::ndarray::{Array2, ArrayD, IxDyn};
use tt_admm::{Scalar, Tucker, TuckerError};

for_both_scalars!(every_part_meets_central_differences, any_memory_layout);

/// Parts that are not orthonormal: shape, ranks, and which modes have a factor.
fn cases<A: Scalar>() -> Vec<Tucker<A>> {
    let cases: [(&[usize], &[usize], &[bool]); 6] = [
        (&[4, 3, 5], &[2, 2, 3], &[true, true, true]),
        (&[4, 3, 2, 3], &[2, 2, 2, 2], &[true; 4]),
        (&[4, 3, 5], &[2, 3, 2], &[true, false, true]),
        (&[3, 4], &[3, 2], &[false, true]),
        (&[5], &[2], &[true]),
        (&[2, 3], &[2, 3], &[false, false]),
    ];
    cases
        .iter()
        .enumerate()
        .map(|(seed, (shape, ranks, factored))| {
            let core = random::tensor(ranks, 10 + seed as u64);
            let factors = (0..shape.len())
                .map(|k| {
                    factored[k].then(|| random::matrix(shape[k], ranks[k], (20 + seed + k) as u64))
                })
                .collect();
            Tucker::from_parts(core, factors).unwrap()
        })
        .collect()
}

/// All gradients in the order of the parts.
fn gradients<A: Scalar>(t: &Tucker<A>, dense: &ArrayD<A>) -> Vec<ArrayD<A>> {
    let gradients = t.pullback(dense).unwrap();
    let factors = gradients.factors.into_iter().flatten();
    std::iter::once(gradients.core)
        .chain(factors.map(Array2::into_dyn))
        .collect()
}

fn every_part_meets_central_differences<A: Scalar>() {
    // A step that rounding in the dense image allows.
    let (step, accuracy) = if tol::is_single::<A>() {
        (1e-2, 2e-3)
    } else {
        (tol::FINITE_DIFFERENCE_STEP, tol::FINITE_DIFFERENCE)
    };
    for t in cases::<A>() {
        let c = random::tensor::<f64>(t.shape(), 6);
        // Nonlinear, so that a wrong point of evaluation shows; the dense tensor by loops.
        let h = |t: &Tucker<A>| -> f64 {
            let pairs = dense(t).into_iter().zip(&c);
            pairs.map(|(w, c)| c * w + w.powi(3) / 3.0).sum()
        };
        let slope = &c + &dense(&t).mapv(|w| w * w);
        let got = gradients(&t, &slope.mapv(A::narrow));
        let size = got.iter().map(|g| oracle::norm(g)).fold(0.0, f64::max);
        assert_eq!(got.len(), t.parts().count());
        for (k, gradient) in got.iter().enumerate() {
            assert_eq!(gradient.shape(), t.parts().nth(k).unwrap().shape());
            for (i, g) in gradient.iter().enumerate() {
                let at = |x: f64| {
                    let mut moved = t.clone();
                    let mut part = moved.parts_mut().nth(k).unwrap();
                    *part.iter_mut().nth(i).unwrap() += A::narrow(x);
                    h(&moved)
                };
                let difference = (at(step) - at(-step)) / (2.0 * step);
                let error = (g.widen() - difference).abs();
                assert!(
                    error <= accuracy * size,
                    "{:?} {k} {i}: {error:e}",
                    t.shape()
                );
            }
        }
    }
}

fn any_memory_layout<A: Scalar>() {
    for t in cases::<A>() {
        let dense = random::tensor::<A>(t.shape(), 8);
        let expected = gradients(&t, &dense);
        layout::for_each_layout(&dense, |name, view| {
            if view == dense.view() {
                let got = t.pullback(&view).unwrap();
                assert_eq!(got.core, expected[0], "{name}");
            }
        });
    }
}

#[test]
fn a_gradient_of_another_shape_is_refused() {
    let t = cases::<f64>().swap_remove(0);
    let error = t
        .pullback(&ArrayD::<f64>::zeros(IxDyn(&[4, 5, 3])))
        .unwrap_err();
    let expected = TuckerError::ShapeMismatch {
        expected: vec![4, 3, 5],
        got: vec![4, 5, 3],
    };
    assert_eq!(error, expected);
}
