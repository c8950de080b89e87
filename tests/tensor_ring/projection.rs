//! Projection on rings: what is written, remembered and stored, and ADMM with it.

use crate::common::layout::for_each_layout;
use crate::common::oracle::{distance, norm};
use crate::common::random;
use crate::common::tol::{assert_below, assert_near, tol};
use tt_admm::ndarray::{Array2, ArrayD};
use tt_admm::projection::{Exactness, Projection, Prox, Restart, WarmStart};
use tt_admm::{
    Admm, Factors, ProjectionError, Scalar, Tensorization, TrError, TrProjection, tr_als,
    tr_project, tt_svd,
};

fn conv() -> (TrProjection, Vec<usize>) {
    let layout = Tensorization::conv([6], [3, 3], [5]).unwrap();
    (
        TrProjection::new([2, 3, 2]).layout(layout),
        vec![6, 5, 3, 3],
    )
}

/// The image is the dense form of the factors, at the distance that is reported.
fn images_factors_and_distances_agree<A: Scalar>() {
    let (projection, shape) = conv();
    let mut memory = WarmStart::default();
    for call in 0..4 {
        let v = random::tensor::<A>(&shape, call);
        let mut z = v.clone();
        let done = projection
            .project(v.view(), z.view_mut(), &mut memory)
            .unwrap();
        assert_near(done.distance(), distance(&v, &z), 1e-3 * norm(&v));
        let factors = done.into_factors().unwrap();
        let ring = factors.tensor_ring().unwrap();
        assert_eq!(
            (ring.ranks(), ring.shape()),
            (&[2, 3, 2, 2][..], &[6, 9, 5][..])
        );
        assert_below(
            distance(&factors.to_dense(), &z),
            tol::<A>(270) * norm(&v),
            "image",
        );
        assert_eq!(factors.parameters().len(), 3);
        assert!(factors.tensor_train().is_none() && factors.tucker().is_none());
        let stored = serde_json::to_string(&factors).unwrap();
        let back: Factors<A> = serde_json::from_str(&stored).unwrap();
        assert_eq!(back, factors);
        // The gradient of the sum of all elements, by the cores: linear in each.
        let ones = ArrayD::from_elem(v.raw_dim(), A::one());
        let gradients = factors.pullback(&ones).unwrap();
        let sum: f64 = z.iter().map(|x| x.widen()).sum();
        for (core, gradient) in factors.parameters().iter().zip(&gradients) {
            let inner = crate::common::oracle::inner(core, gradient);
            assert_near(inner, sum, 64.0 * tol::<A>(270) * norm(&v).max(1.0));
        }
        assert!(factors.into_tensor_ring().is_some());
    }
}

/// No call ends farther from the weight than the last cores are, however the weight moves.
fn no_call_is_worse_than_the_last_cores<A: Scalar>() {
    let (projection, shape) = conv();
    for restart in [Restart::Auto, Restart::Every(3)] {
        let projection = projection.clone().restart(restart);
        let mut memory = WarmStart::default();
        let mut v = random::tensor::<A>(&shape, 1);
        let mut z = v.clone();
        projection
            .project(v.view(), z.view_mut(), &mut memory)
            .unwrap();
        for call in 0..12 {
            let step = [0.0, 1e-3, 0.1, 2.0][call % 4];
            let moved = random::tensor::<A>(&shape, 100 + call as u64);
            v.zip_mut_with(&moved, |v, m| *v += A::narrow(step) * *m);
            let last = distance(&v, &z);
            projection
                .project(v.view(), z.view_mut(), &mut memory)
                .unwrap();
            let slack = 8.0 * tol::<A>(v.len()) * norm(&v);
            assert_below(distance(&v, &z), last * (1.0 + 1e-4) + slack, "no worse");
        }
    }
}

/// Going on from the last cores is as good as starting again, for a weight that moves little.
fn warm_calls_follow_a_weight<A: Scalar>() {
    let (projection, shape) = conv();
    let mut memory = WarmStart::default();
    let mut v = random::tensor::<A>(&shape, 3);
    let mut z = v.clone();
    for call in 0..10 {
        let warm = projection
            .project(v.view(), z.view_mut(), &mut memory)
            .unwrap();
        let cold = projection.project(v.view(), z.clone().view_mut(), &mut WarmStart::default());
        assert_below(warm.distance(), 1.02 * cold.unwrap().distance(), "follows");
        let step = random::tensor::<A>(&shape, 50 + call);
        v.zip_mut_with(&step, |v, m| *v += A::narrow(0.01) * *m);
    }
    let always = projection.restart(Restart::Always);
    let run = |memory: &mut WarmStart<A>| {
        let mut z = v.clone();
        always.project(v.view(), z.view_mut(), memory).unwrap();
        z
    };
    assert_eq!(run(&mut memory), run(&mut WarmStart::default()));
}

/// What is remembered is all there is: a copy, as a checkpoint holds it, goes on with the same bits.
fn copies_of_the_memory_go_on_alike<A: Scalar>() {
    let (projection, shape) = conv();
    let mut memory = WarmStart::default();
    let mut z = random::tensor::<A>(&shape, 1);
    for call in 0..3 {
        let v = random::tensor::<A>(&shape, call);
        projection
            .project(v.view(), z.view_mut(), &mut memory)
            .unwrap();
    }
    let mut copy = memory.clone();
    let v = random::tensor::<A>(&shape, 9);
    let mut other = v.clone();
    projection
        .project(v.view(), z.view_mut(), &mut memory)
        .unwrap();
    projection
        .project(v.view(), other.view_mut(), &mut copy)
        .unwrap();
    assert_eq!(z, other);
    assert_eq!(memory, copy);
    // The memory of another shape or of other ranks is no start, and no failure.
    let narrow = TrProjection::new([1, 2, 1]);
    let v = random::tensor::<A>(&[4, 5, 6], 10);
    let (mut with, mut without) = (v.clone(), v.clone());
    narrow
        .project(v.view(), with.view_mut(), &mut memory)
        .unwrap();
    narrow
        .project(v.view(), without.view_mut(), &mut WarmStart::default())
        .unwrap();
    assert_eq!(with, without);
}

fn zero_weights_and_after<A: Scalar>() {
    let (projection, shape) = conv();
    let mut memory = WarmStart::default();
    let zero = ArrayD::<A>::zeros(shape.clone());
    let mut z = random::tensor::<A>(&shape, 4);
    let done = projection
        .project(zero.view(), z.view_mut(), &mut memory)
        .unwrap();
    assert_eq!((done.distance(), z), (0.0, zero));
    let v = random::tensor::<A>(&shape, 5);
    let mut z = v.clone();
    let done = projection
        .project(v.view(), z.view_mut(), &mut memory)
        .unwrap();
    assert!(done.distance() < 0.95 * norm(&v));
}

fn the_short_form_is_the_fit<A: Scalar>() {
    let x = random::tensor::<A>(&[4, 5, 6], 6);
    let z = tr_project(&x, [2, 2, 3]).unwrap();
    assert_eq!(z, tr_als(&x, [2, 2, 3]).unwrap().ring.to_dense());
    for_each_layout(&x, |name, view| {
        assert_eq!(tr_project(&view, [2, 2, 3]).unwrap(), z, "{name}");
    });
    assert_eq!(
        tr_project(&x, [2, 2]).unwrap_err(),
        TrError::RankCount { order: 3, got: 2 }
    );
    // Order 2: the best matrix of rank r_0 r_1.
    let x = random::tensor::<A>(&[8, 9], 7);
    let best = tt_svd(&x, 4).unwrap().truncation_error().total();
    let near = distance(&x, &tr_project(&x, 2).unwrap());
    assert_near(near, best, tol::<A>(72) * norm(&x));
}

#[test]
fn what_does_not_fit_is_refused_before_training() {
    let (projection, shape) = conv();
    Prox::<f64>::check(&projection, &shape).unwrap();
    let error = Prox::<f64>::check(&projection, &[6, 5, 3, 2]).unwrap_err();
    assert!(matches!(error, ProjectionError::Shape { .. }), "{error}");
    for (ranks, shape) in [(vec![1, 2], vec![3, 4, 5]), (vec![1, 0, 1], vec![3, 4, 5])] {
        let error = Prox::<f64>::check(&TrProjection::new(ranks), &shape).unwrap_err();
        assert!(matches!(error, ProjectionError::TensorRing(_)), "{error}");
    }
    for shape in [&[][..], &[3, 0], &[1 << 40, 1 << 40]] {
        let error = Prox::<f64>::check(&TrProjection::new(2), shape).unwrap_err();
        assert!(matches!(error, ProjectionError::TensorRing(_)), "{error}");
    }
    assert_eq!(
        Projection::<f64>::exactness(&projection),
        Exactness::Heuristic
    );
}

/// `|W - T|^2 / 2` under a ring constraint: ADMM ends in a ring near the target.
fn admm_ends_in_a_ring<A: Scalar>() {
    let t = Array2::from_shape_fn((8, 6), |(i, j)| A::narrow(((3 * i + j) as f64).sin()));
    let mut w = t.clone();
    let layout = Tensorization::linear([2, 4], [3, 2]).unwrap();
    let tensor = layout.tensorize(&t).unwrap();
    let direct = distance(&tensor, &tr_project(&tensor, [1, 2, 2, 2]).unwrap());
    let mut admm = Admm::builder()
        .constrain("w", TrProjection::new([1, 2, 2, 2]).layout(layout))
        .rho(2.0)
        .build_from(|_| w.view().into_dyn())
        .unwrap();
    for _ in 0..200 {
        for _ in 0..10 {
            let mut gradient = &w - &t;
            admm.proximal()
                .add_gradient("w", &w, &mut gradient)
                .unwrap();
            w.scaled_add(A::narrow(-0.3), &gradient);
        }
        admm.update(|_| w.view().into_dyn()).unwrap();
    }
    let last = admm.history().last().unwrap().primal_residual();
    assert_below(last, 1e-3, "primal residual");
    assert_below(
        distance(&w, &t),
        1.05 * direct + 1e-3,
        "as near as a projection",
    );
}

for_both_scalars!(
    images_factors_and_distances_agree,
    no_call_is_worse_than_the_last_cores,
    warm_calls_follow_a_weight,
    copies_of_the_memory_go_on_alike,
    zero_weights_and_after,
    the_short_form_is_the_fit,
    admm_ends_in_a_ring,
);
