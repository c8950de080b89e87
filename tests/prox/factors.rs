//! Factors of a weight and their gradients.

use super::layouts;
use crate::common::{oracle, random, tol};
use tt_admm::ndarray::{ArrayD, ArrayViewMutD};
use tt_admm::projection::{Projection, ProjectionError, WarmStart};
use tt_admm::{Factors, Scalar, Tensorization, TtProjection, tt_svd};

for_both_scalars!(
    pullback_meets_central_differences,
    factors_count_and_rebuild
);

fn factors_of<A: Scalar>(map: &Tensorization, ranks: &[usize], seed: u64) -> Factors<A> {
    let v = random::tensor::<A>(map.weight_shape(), seed);
    let mut out = ArrayD::zeros(v.raw_dim());
    TtProjection::new(ranks)
        .layout(map.clone())
        .project(v.view(), out.view_mut(), &mut WarmStart::default())
        .unwrap()
        .into_factors()
        .unwrap()
}

/// `h(W) = sum c W + sum W^3 / 3`, nonlinear so that a wrong point of evaluation shows.
fn h<A: Scalar>(w: &ArrayD<A>, c: &ArrayD<A>) -> f64 {
    w.iter()
        .zip(c)
        .map(|(w, c)| (w.widen(), c.widen()))
        .map(|(w, c)| c * w + w.powi(3) / 3.0)
        .sum()
}

fn pullback_meets_central_differences<A: Scalar>() {
    // A step that rounding in the dense image allows.
    let (step, accuracy) = if tol::is_single::<A>() {
        (1e-2, 2e-3)
    } else {
        (tol::FINITE_DIFFERENCE_STEP, tol::FINITE_DIFFERENCE)
    };
    for (name, map, ranks) in layouts() {
        let factors = factors_of::<A>(&map, &ranks, 5);
        let c = random::tensor::<A>(map.weight_shape(), 6);
        let w = factors.to_dense();
        let dense = &c + &w.mapv(|x| x * x);
        let gradients = factors.pullback(&dense).unwrap();
        let mut twin = factors.clone();
        assert_eq!(gradients.len(), twin.parameters_mut().len());
        let size = gradients
            .iter()
            .map(|g| oracle::norm(g))
            .fold(0.0, f64::max);
        for (k, gradient) in gradients.iter().enumerate() {
            assert_eq!(gradient.shape(), factors.parameters()[k].shape());
            for (i, g) in gradient.iter().enumerate() {
                let at = |x: f64| {
                    let mut moved = factors.clone();
                    nudge(&mut moved.parameters_mut()[k], i, A::narrow(x));
                    h(&moved.to_dense(), &c)
                };
                let difference = (at(step) - at(-step)) / (2.0 * step);
                let error = (g.widen() - difference).abs();
                assert!(
                    error <= accuracy * size,
                    "{name}, core {k}, element {i}: {error:e}"
                );
            }
        }
    }
}

fn nudge<A: Scalar>(core: &mut ArrayViewMutD<'_, A>, element: usize, by: A) {
    *core.iter_mut().nth(element).unwrap() += by;
}

fn factors_count_and_rebuild<A: Scalar>() {
    for (name, map, ranks) in layouts() {
        let factors = factors_of::<A>(&map, &ranks, 9);
        let cores = factors.tensor_train().unwrap().cores();
        let dense = oracle::dense(cores).mapv(A::narrow);
        let expected = map.detensorize(&dense).unwrap();
        let slack = tol::tol::<A>(dense.len()) * oracle::norm(&dense);
        let error = oracle::distance(&factors.to_dense(), &expected);
        tol::assert_below(error, slack, name);
        assert_eq!(factors.weight_shape(), map.weight_shape());
        assert_eq!(
            factors.num_parameters(),
            cores
                .iter()
                .map(tt_admm::ndarray::Array3::len)
                .sum::<usize>()
        );
    }
}

#[test]
fn a_train_of_another_shape_is_refused() {
    let train = tt_svd(&random::tensor::<f64>(&[2, 3, 4], 1), 2).unwrap();
    let map = Tensorization::linear([2, 3], [5]).unwrap();
    match Factors::new(train, map).unwrap_err() {
        ProjectionError::Shape { expected, got } => {
            assert_eq!((expected, got), (vec![2, 3, 5], vec![2, 3, 4]));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_gradient_of_another_shape_is_refused() {
    let map = Tensorization::conv([4], [3, 1], [2]).unwrap();
    let factors = factors_of::<f64>(&map, &[2, 2], 3);
    let error = factors
        .pullback(&ArrayD::zeros(vec![4, 2, 1, 3]))
        .unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, ProjectionError::Layout(_)), "{text}");
    assert!(
        text.contains("[4, 2, 3, 1]") && text.contains("[4, 2, 1, 3]"),
        "{text}"
    );
}
