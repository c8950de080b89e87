//! Projection on bounded Tucker ranks: the laws of a projection, layouts, and what is refused.

use crate::common::{layout, oracle, random, tol};
use tt_admm::ndarray::{ArrayD, ArrayViewD, IxDyn};
use tt_admm::projection::{Projected, Projection, ProjectionError, Prox, WarmStart};
use tt_admm::{
    LowRankProjection, Scalar, Tensorization, TuckerAlgorithm, TuckerError, TuckerProjection,
    TuckerTruncation, tucker,
};

for_both_scalars!(
    a_projection_on_the_set,
    kernels_are_compressed_in_their_channels,
    matrices_are_projected_like_low_rank,
    every_memory_layout_gives_the_same,
    pullback_meets_central_differences,
    zero_weights
);

fn project<A: Scalar>(
    projection: &dyn Projection<A>,
    v: ArrayViewD<'_, A>,
) -> (ArrayD<A>, Projected<A>) {
    projection.check(v.shape()).unwrap();
    let mut out = ArrayD::from_elem(v.raw_dim(), A::narrow(7.0));
    let mut warm = WarmStart::default();
    let done = projection.project(v, out.view_mut(), &mut warm).unwrap();
    (out, done)
}

fn cases() -> Vec<(Vec<usize>, TuckerProjection)> {
    let map = Tensorization::conv([6], [3, 2], [5]).unwrap();
    let linear = Tensorization::linear([2, 3], [2, 4]).unwrap();
    let matrix = Tensorization::tt_matrix([2, 3], [4, 2]).unwrap();
    vec![
        (vec![7, 6, 5], TuckerProjection::new([3, 2, 4])),
        (vec![6, 5, 3, 2], TuckerProjection::new([3, 2])),
        (vec![6, 5, 3, 2], TuckerProjection::new(2)),
        (vec![6, 5, 3, 2], TuckerProjection::new([(0, 2), (2, 3)])),
        (
            vec![6, 5, 3, 2],
            TuckerProjection::new([(0, 3), (2, 2)]).layout(map),
        ),
        (vec![6, 8], TuckerProjection::new(2).layout(linear)),
        (vec![6, 8], TuckerProjection::new(3).layout(matrix)),
        (vec![6, 8], TuckerProjection::new(3)),
        (vec![9], TuckerProjection::new(2)),
        (
            vec![7, 6, 5],
            TuckerProjection::new(3).algorithm(TuckerAlgorithm::HOOI),
        ),
    ]
}

fn a_projection_on_the_set<A: Scalar>() {
    for (shape, projection) in cases() {
        for seed in 0..3 {
            let v = random::tensor::<A>(&shape, seed);
            let (z, done) = project(&projection, v.view());
            let (norm, slack) = (oracle::norm(&v), tol::tol::<A>(v.len()));
            let what = format!("{shape:?}");
            let factors = done.factors().unwrap();
            assert_eq!(factors.to_dense(), z, "{what}");
            assert_eq!((factors.weight_shape(), factors.num_groups()), (&*shape, 1));
            assert!(factors.tensor_train().is_none());
            let parts = factors.tucker().unwrap();
            assert_eq!(factors.num_parameters(), parts.num_parameters());
            assert_eq!(factors.clone().into_tucker().as_ref(), Some(parts));
            let accuracy = tol::tol_error::<A>() * norm;
            tol::assert_near(done.distance(), oracle::distance(&v, &z), accuracy);
            tol::assert_below(oracle::norm(&z), norm * (1.0 + slack), "the norm grew");
            let (again, moved) = project(&projection, z.view());
            tol::assert_below(oracle::distance(&z, &again), slack * norm, "twice");
            tol::assert_below(moved.distance(), accuracy, "moved");
        }
    }
}

fn kernels_are_compressed_in_their_channels<A: Scalar>() {
    let v = random::tensor::<A>(&[6, 5, 3, 2], 1);
    let (z, done) = project(&TuckerProjection::new([3, 2]), v.view());
    let parts = done.factors().unwrap();
    assert_eq!(parts.parameter_names(), ["core", "factor0", "factor1"]);
    assert_eq!(parts.tucker().unwrap().ranks(), [3, 2, 6]);
    let direct = tucker(&v, [(0, 3), (1, 2)]).unwrap();
    let slack = tol::tol::<A>(v.len()) * oracle::norm(&v);
    tol::assert_below(oracle::distance(&z, &direct.to_dense()), slack, "Tucker-2");
    // A tolerance too is for the channels alone.
    let loose = TuckerProjection::new(TuckerTruncation::relative(0.5));
    let (z, done) = project(&loose, v.view());
    assert_eq!(done.factors().unwrap().tucker().unwrap().ranks()[2], 6);
    let bound = 0.5 * oracle::norm(&v) * (1.0 + tol::tol_error::<A>());
    tol::assert_below(oracle::distance(&v, &z), bound, "the tolerance");
}

fn matrices_are_projected_like_low_rank<A: Scalar>() {
    let v = random::tensor::<A>(&[7, 9], 2);
    let (z, done) = project(&TuckerProjection::new(3), v.view());
    let (expected, exact) = project(&LowRankProjection::new(3), v.view());
    let slack = tol::tol_error::<A>() * oracle::norm(&v);
    tol::assert_below(oracle::distance(&z, &expected), slack, "matrix");
    tol::assert_near(done.distance(), exact.distance(), slack);
}

fn every_memory_layout_gives_the_same<A: Scalar>() {
    for (shape, projection) in cases() {
        let v = random::tensor::<A>(&shape, 7);
        let (z, done) = project(&projection, v.view());
        layout::for_each_layout(&v, |memory, view| {
            // Inverted axes hold other elements in the same places: compare by value.
            if view == v.view() {
                let (other, again) = project(&projection, view);
                assert_eq!(other, z, "from {memory}");
                assert_eq!(again.distance().to_bits(), done.distance().to_bits());
            }
        });
        let mut columns = layout::column_major(&v);
        projection
            .project(v.view(), columns.view_mut(), &mut WarmStart::default())
            .unwrap();
        assert_eq!(columns, z, "to column-major");
    }
}

/// Through the layouts; `sum c W + sum W^3 / 3`, nonlinear so that a wrong point of evaluation shows.
fn pullback_meets_central_differences<A: Scalar>() {
    let (step, accuracy) = if tol::is_single::<A>() {
        (1e-2, 2e-3)
    } else {
        (tol::FINITE_DIFFERENCE_STEP, tol::FINITE_DIFFERENCE)
    };
    for (shape, projection) in cases() {
        let c = random::tensor::<A>(&shape, 6);
        let h = |w: &ArrayD<A>| -> f64 {
            let pairs = w.iter().zip(&c).map(|(w, c)| (w.widen(), c.widen()));
            pairs.map(|(w, c)| c * w + w.powi(3) / 3.0).sum()
        };
        let (w, done) = project(&projection, random::tensor::<A>(&shape, 5).view());
        let factors = done.into_factors().unwrap();
        let gradients = factors.pullback(&(&c + &w.mapv(|x| x * x))).unwrap();
        let size = gradients
            .iter()
            .map(|g| oracle::norm(g))
            .fold(0.0, f64::max);
        for (k, gradient) in gradients.iter().enumerate() {
            assert_eq!(gradient.shape(), factors.parameters()[k].shape());
            for (i, g) in gradient.iter().enumerate() {
                let at = |x: f64| {
                    let mut moved = factors.clone();
                    *moved.parameters_mut()[k].iter_mut().nth(i).unwrap() += A::narrow(x);
                    h(&moved.to_dense())
                };
                let difference = (at(step) - at(-step)) / (2.0 * step);
                let error = (g.widen() - difference).abs();
                assert!(error <= accuracy * size, "{shape:?} {k} {i}: {error:e}");
            }
        }
    }
}

fn zero_weights<A: Scalar>() {
    for (shape, projection) in cases() {
        let v = ArrayD::<A>::zeros(IxDyn(&shape));
        let (z, done) = project(&projection, v.view());
        assert_eq!((z, done.distance()), (v, 0.0));
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let refused = |projection: TuckerProjection, shape: &[usize]| {
        Prox::<f64>::check(&projection, shape).unwrap_err()
    };
    let is = |error: ProjectionError, expected: TuckerError| match error {
        ProjectionError::Tucker(error) => assert_eq!(error, expected),
        other => panic!("{other}"),
    };
    let two = || TuckerProjection::new(2);
    is(refused(two(), &[]), TuckerError::NoModes);
    let shape = vec![3, 0, 2, 2];
    is(
        refused(two(), &[3, 0, 2, 2]),
        TuckerError::EmptyMode { mode: 1, shape },
    );
    let huge = vec![usize::MAX, 3];
    is(
        refused(two(), &[usize::MAX, 3]),
        TuckerError::TooLarge { shape: huge },
    );
    let count = TuckerError::RankCount {
        expected: 2,
        got: 3,
    };
    is(
        refused(TuckerProjection::new([2, 2, 2]), &[4, 4, 3, 3]),
        count,
    );
    let zero = TuckerError::ZeroRank {
        mode: 0,
        largest: 4,
    };
    is(refused(TuckerProjection::new(0), &[4, 4]), zero);
    let map = Tensorization::linear([2, 2], [3]).unwrap();
    match refused(two().layout(map), &[4, 4]) {
        ProjectionError::Shape { expected, got } => {
            assert_eq!((expected, got), (vec![4, 3], vec![4, 4]));
        }
        other => panic!("{other}"),
    }
    // Without a check the same, and not a number written.
    let v = ArrayD::<f64>::from_elem(vec![2, 2], f64::NAN);
    let mut out = ArrayD::zeros(vec![2, 2]);
    let error = two().prox(v.view(), 1.0, out.view_mut(), &mut WarmStart::default());
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("NaN at index [0, 0]")
    );
    assert!(out.iter().all(|&x| x == 0.0));
}
