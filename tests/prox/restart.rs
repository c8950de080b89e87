//! Projections that go on from the last result: never worse than that, exactly measured, and the same bits
//! from the same memory.

use crate::common::oracle::{distance, norm};
use crate::common::random;
use crate::common::tol::{assert_below, assert_near, tol};
use tt_admm::ndarray::{ArrayD, ArrayView2};
use tt_admm::projection::{Projected, Projection, Restart, TtProjection, WarmStart};
use tt_admm::{Scalar, Sweeps, TensorTrain, tt_project};

const CASES: [(&[usize], &[usize]); 4] = [
    (&[12, 9, 14], &[6, 7]),
    (&[6, 4, 9, 4, 5], &[5, 9, 9, 4]),
    (&[8, 8, 9, 8, 8], &[8, 12, 12, 8]),
    (&[7, 3, 5, 6], &[4, 8, 5]),
];

/// A low-rank tensor plus noise of half its norm, like a convolution kernel.
fn kernel(shape: &[usize], ranks: &[usize], seed: u64) -> ArrayD<f64> {
    let rough = random::tensor::<f64>(shape, seed);
    let smooth = tt_project(&rough, ranks).unwrap();
    let share = 0.5 * norm(&smooth) / norm(&rough);
    smooth + rough * share
}

/// Moved by `share` of its norm.
fn moved<A: Scalar>(x: &ArrayD<A>, share: f64, seed: u64) -> ArrayD<A> {
    let step = random::tensor::<f64>(x.shape(), seed);
    let length = share * norm(x) / norm(&step);
    ArrayD::from_shape_fn(x.raw_dim(), |i| {
        A::narrow(x[&i].widen() + length * step[&i])
    })
}

/// One call.
fn project<A: Scalar>(
    projection: &TtProjection,
    v: &ArrayD<A>,
    warm: &mut WarmStart<A>,
) -> (ArrayD<A>, Projected<A>) {
    let mut z = ArrayD::zeros(v.raw_dim());
    let done = projection.project(v.view(), z.view_mut(), warm).unwrap();
    (z, done)
}

/// Whether the next call will solve from scratch without a try.
fn pauses<A: Scalar>(warm: &WarmStart<A>) -> bool {
    warm.counters.get(2).is_some_and(|&calls| calls > 0)
}

fn the_error_is_measured_and_never_above_that_of_the_last_result<A: Scalar>() {
    for (shape, ranks) in CASES {
        let projection = TtProjection::new(ranks).restart(Restart::Every(7));
        let mut warm = WarmStart::default();
        let mut v = kernel(shape, ranks, 1).mapv(A::narrow);
        let (mut last, _) = project(&projection, &v, &mut warm);
        for (call, share) in [0.01, 0.0, 0.1, 0.01, 2.0, 0.01, 0.01, 0.3, 0.0, 0.0]
            .iter()
            .enumerate()
        {
            v = moved(&v, *share, call as u64 + 10);
            let pause = pauses(&warm);
            let (z, done) = project(&projection, &v, &mut warm);
            let (total, got) = (norm(&v), distance(&v, &z));
            let what = format!("call {call} for {shape:?}");
            if !pause {
                assert_below(got, distance(&v, &last) + tol::<A>(v.len()) * total, &what);
            }
            assert_near(done.distance(), got, tol::<A>(v.len()) * total);
            let train = done.factors().unwrap().tensor_train().unwrap();
            assert_eq!(&train.ranks()[1..=ranks.len()], ranks, "{what}");
            assert_near(
                distance(&train.to_dense(), &z),
                0.0,
                tol::<A>(v.len()) * total,
            );
            let per_bond = train.truncation_error().per_bond();
            let squares = per_bond.iter().map(|e| e * e).sum::<f64>();
            assert_near(squares.sqrt(), got, tol::<A>(v.len()) * total);
            last = z;
        }
    }
}

/// With the outer bases of the last result kept and the centre solved for, order 3.
fn error_of_last_bases<A: Scalar>(v: &ArrayD<A>, last: &TensorTrain<A>) -> f64 {
    let mut last = last.clone();
    last.orthogonalize(1).unwrap();
    let (first, third) = (last.core(0).to_owned(), last.core(2).to_owned());
    let (n1, r1) = (first.dim().1, first.dim().2);
    let (r2, n3) = (third.dim().0, third.dim().1);
    let left = first.to_shape((n1, r1)).unwrap().mapv(A::widen);
    let right = third.to_shape((r2, n3)).unwrap().mapv(A::widen);
    let wide: Vec<f64> = v.iter().map(|x| x.widen()).collect();
    let tall = ArrayView2::from_shape((wide.len() / n3, n3), &wide).unwrap();
    let seen = tall.dot(&right.t());
    let seen = seen.to_shape((n1, wide.len() / n3 / n1 * r2)).unwrap();
    let kept = left.t().dot(&seen).mapv(|x| x * x).sum();
    (norm(v).powi(2) - kept).max(0.0).sqrt()
}

fn the_last_bases_are_never_better<A: Scalar>() {
    for seed in 0..20 {
        let (shape, ranks) = (&[9, 5, 8][..], &[4, 5][..]);
        let projection = TtProjection::new(ranks).restart(Restart::Every(100));
        let mut warm = WarmStart::default();
        let mut v = random::tensor::<A>(shape, seed);
        let (_, mut last) = project(&projection, &v, &mut warm);
        for call in 0..6 {
            v = moved(&v, [0.001, 0.03, 0.5][call % 3], seed * 100 + call as u64);
            let pause = pauses(&warm);
            let (_, done) = project(&projection, &v, &mut warm);
            let bound = error_of_last_bases(&v, last.factors().unwrap().tensor_train().unwrap());
            let rounding = tol::<A>(v.len()) * norm(&v);
            if !pause {
                let what = format!("{seed}, {call}");
                assert_below(done.distance(), bound + rounding, &what);
            }
            last = done;
        }
    }
}

fn small_moves_cost_nothing_against_a_new_solution<A: Scalar>() {
    for (share, allowed) in [(0.01, 1e-4), (0.001, 2e-6)] {
        for (shape, ranks) in &CASES[..3] {
            let warm_projection = TtProjection::new(*ranks).restart(Restart::Every(50));
            let cold_projection = TtProjection::new(*ranks).restart(Restart::Always);
            let mut warm = WarmStart::default();
            let mut v = kernel(shape, ranks, 3).mapv(A::narrow);
            project(&warm_projection, &v, &mut warm);
            for call in 0..20 {
                v = moved(&v, share, 40 + call);
                let (_, improved) = project(&warm_projection, &v, &mut warm);
                let (_, solved) = project(&cold_projection, &v, &mut WarmStart::default());
                let excess = improved.distance() / solved.distance() - 1.0;
                assert_below(excess, allowed, &format!("call {call}, {share}, {shape:?}"));
            }
        }
    }
}

fn a_jump_is_solved_from_scratch<A: Scalar>() {
    for (shape, ranks) in CASES {
        let projection = TtProjection::new(ranks).restart(Restart::Every(1000));
        let mut warm = WarmStart::default();
        // From a tensor of these ranks to one that is far from them.
        let smooth = tt_project(&random::tensor::<A>(shape, 1), ranks).unwrap();
        project(&projection, &smooth, &mut warm);
        let rough = random::tensor::<A>(shape, 2);
        let (_, jumped) = project(&projection, &rough, &mut warm);
        let (_, solved) = project(&projection, &rough, &mut WarmStart::default());
        let rounding = tol::<A>(rough.len()) * norm(&rough);
        assert_below(
            jumped.distance(),
            solved.distance() + rounding,
            "after a jump",
        );
    }
}

/// A weight that moves by a third of its norm or more in every call, as in the first updates of ADMM, is projected as
/// well as from scratch, and most calls do not even try to go on from the last result.
fn large_moves_cost_no_accuracy_and_few_tries<A: Scalar>() {
    for (shape, ranks) in &CASES[..3] {
        let warm_projection = TtProjection::new(*ranks).restart(Restart::Every(1000));
        let cold_projection = TtProjection::new(*ranks).restart(Restart::Always);
        let mut warm = WarmStart::default();
        let mut tries = 0;
        for call in 0..40 {
            let v = kernel(shape, ranks, 3 + call / 2).mapv(A::narrow);
            let v = moved(&v, 0.3, 90 + call);
            tries += u32::from(!warm.is_empty() && !pauses(&warm));
            let (_, improved) = project(&warm_projection, &v, &mut warm);
            let (_, solved) = project(&cold_projection, &v, &mut WarmStart::default());
            let excess = improved.distance() / solved.distance() - 1.0;
            assert_below(excess, 1e-5, &format!("call {call}, {shape:?}"));
        }
        assert!((4..12).contains(&tries), "{tries} for {shape:?}");
        // When it has come to rest, the tries go on and succeed.
        let v = kernel(shape, ranks, 3).mapv(A::narrow);
        for call in 0..17 {
            project(&warm_projection, &moved(&v, 0.001, call), &mut warm);
        }
        assert_eq!(warm.counters[2..], [0, 0], "{shape:?}");
        assert!(warm.counters[1] > 0, "{shape:?}");
    }
}

fn a_memory_that_does_not_fit_is_ignored<A: Scalar>() {
    let (shape, ranks) = CASES[0];
    let projection = TtProjection::new(ranks).restart(Restart::Every(5));
    let v = random::tensor::<A>(shape, 4);
    let (expected, _) = project(&projection, &v, &mut WarmStart::default());
    let mut fitting = WarmStart::default();
    project(&projection, &v, &mut fitting);
    let mut others: Vec<WarmStart<A>> = Vec::new();
    let mut change = |edit: &dyn Fn(&mut WarmStart<A>)| {
        let mut other = fitting.clone();
        edit(&mut other);
        others.push(other);
    };
    change(&|w| w.counters.clear());
    change(&|w| w.counters[0] = 3);
    change(&|w| w.counters[0] = u64::MAX);
    change(&|w| w.counters[3] = u64::MAX);
    change(&|w| w.counters.truncate(3));
    change(&|w| w.arrays.truncate(2));
    change(&|w| w.arrays[1] = ArrayD::zeros(vec![6, 9, 8]));
    change(&|w| w.arrays[1] = ArrayD::zeros(vec![6 * 9 * 7]));
    for (k, mut other) in others.into_iter().enumerate() {
        let (z, _) = project(&projection, &v, &mut other);
        assert!(z == expected, "memory {k}");
        assert_eq!(other, fitting, "memory {k} is replaced");
    }
}

fn the_same_memory_gives_the_same_bits<A: Scalar>() {
    for (shape, ranks) in CASES {
        let projection = TtProjection::new(ranks).restart(Restart::Every(3));
        let mut warm = WarmStart::default();
        let mut v = random::tensor::<A>(shape, 4);
        for call in 0..8 {
            let mut copy = warm.clone();
            let (z, _) = project(&projection, &v, &mut warm);
            let (again, _) = project(&projection, &v, &mut copy);
            assert!(z == again && warm == copy, "call {call}");
            v = moved(&v, 0.02, call);
        }
    }
}

#[test]
fn small_tensors_matrices_and_tolerances_are_always_solved_from_scratch() {
    use tt_admm::Truncation;
    let remembers = |projection: &TtProjection, shape: &[usize]| {
        let mut warm = WarmStart::default();
        project(projection, &random::tensor::<f64>(shape, 1), &mut warm);
        !warm.is_empty()
    };
    assert!(!remembers(&TtProjection::new(3), &[8, 9, 8]));
    assert!(remembers(&TtProjection::new(3), &[128, 9, 128]));
    let every = |truncation: Truncation| TtProjection::new(truncation).restart(Restart::Every(9));
    assert!(remembers(&every(3.into()), &[8, 9, 8]));
    assert!(!remembers(&every(3.into()), &[8, 9]));
    assert!(!remembers(&every(Truncation::relative(0.1)), &[8, 9, 8]));
    let always = TtProjection::new(3).restart(Restart::Always);
    assert!(!remembers(&always, &[128, 9, 128]));
}

/// With sweeps, solutions from scratch and those that go on from them are as good as the sweeps make them, and say so.
fn sweeps_improve_cold_and_warm_calls<A: Scalar>() {
    let sweeps = Sweeps::at_most(30).until(1e-4);
    for (shape, ranks) in &CASES[..3] {
        let plain = TtProjection::new(*ranks).restart(Restart::Always);
        let cold = plain.clone().improve(sweeps);
        let warm = cold.clone().restart(Restart::Every(6));
        let (mut memory, mut v) = (
            WarmStart::default(),
            kernel(shape, ranks, 3).mapv(A::narrow),
        );
        for call in 0..9 {
            let (z, improved) = project(&warm, &v, &mut memory);
            let rounding = tol::<A>(v.len()) * norm(&v);
            assert_near(improved.distance(), distance(&v, &z), rounding);
            let (_, solved) = project(&cold, &v, &mut WarmStart::default());
            let (_, plain) = project(&plain, &v, &mut WarmStart::default());
            let what = format!("call {call}, {shape:?}");
            assert_below(solved.distance(), plain.distance() + rounding, &what);
            // Not the same stationary point in every case, but one as good.
            assert_below(improved.distance(), 1.002 * solved.distance(), &what);
            let train = improved.factors().unwrap().tensor_train().unwrap();
            let error = train.truncation_error();
            let done = error.improvement().unwrap();
            assert!(done.sweeps() >= 1 && done.sweeps() <= 30, "{what}");
            assert_below(error.total(), done.before() + rounding, &what);
            let squares = error.per_bond().iter().map(|e| e * e).sum::<f64>();
            assert_near(squares.sqrt(), error.total(), 1e-12 * norm(&v));
            assert_eq!(&train.ranks()[1..=ranks.len()], *ranks, "{what}");
            v = moved(&v, 0.01, 60 + call);
        }
        assert!(
            memory.counters[1] > 0,
            "the calls went on from the last result"
        );
    }
}

for_both_scalars!(
    sweeps_improve_cold_and_warm_calls,
    the_error_is_measured_and_never_above_that_of_the_last_result,
    the_last_bases_are_never_better,
    small_moves_cost_nothing_against_a_new_solution,
    a_jump_is_solved_from_scratch,
    large_moves_cost_no_accuracy_and_few_tries,
    a_memory_that_does_not_fit_is_ignored,
    the_same_memory_gives_the_same_bits
);
