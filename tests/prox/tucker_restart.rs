//! Tucker projections that go on from the last factors: never worse than these, exactly measured, and the same bits
//! from the same memory.

use crate::common::oracle::{distance, norm, orthonormality_defect};
use crate::common::random;
use crate::common::tol::{assert_below, assert_near, tol};
use tt_admm::ndarray::{ArrayD, ArrayView2};
use tt_admm::projection::{Projected, Projection, Restart, TuckerProjection, WarmStart};
use tt_admm::{Scalar, Tucker, TuckerTruncation, tucker};

const CASES: [(&[usize], &[usize]); 4] = [
    (&[12, 9, 14], &[6, 5, 7]),
    (&[16, 12, 3, 3], &[6, 5]),
    (&[6, 5, 7, 4], &[3, 2]),
    (&[7, 3, 5, 6, 4], &[3, 2, 3, 3, 2]),
];

for_both_scalars!(
    the_error_is_measured_and_never_above_that_of_the_last_factors,
    small_moves_cost_nothing_against_a_new_solution,
    a_jump_is_solved_from_scratch,
    a_memory_that_does_not_fit_is_ignored,
    the_same_memory_gives_the_same_bits
);

/// Moved by `share` of its norm.
fn moved<A: Scalar>(x: &ArrayD<A>, share: f64, seed: u64) -> ArrayD<A> {
    let step = random::tensor::<f64>(x.shape(), seed);
    let length = share * norm(x) / norm(&step);
    ArrayD::from_shape_fn(x.raw_dim(), |i| {
        A::narrow(x[&i].widen() + length * step[&i])
    })
}

/// A tensor of low ranks plus noise of half its norm.
fn kernel<A: Scalar>(shape: &[usize], seed: u64) -> ArrayD<A> {
    let rough = random::tensor::<f64>(shape, seed);
    let smooth = tucker(&rough, [(0, 4), (1, 3)]).unwrap().to_dense();
    let share = 0.5 * norm(&smooth) / norm(&rough);
    (smooth + rough * share).mapv(A::narrow)
}

fn project<A: Scalar>(
    projection: &TuckerProjection,
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

/// The smallest error with the factors of a result for another tensor: projected on each of them, by loops.
fn error_of_factors<A: Scalar>(v: &ArrayD<A>, last: &Tucker<A>) -> f64 {
    let mut rest: Vec<f64> = v.iter().map(|x| x.widen()).collect();
    let mut shape = last.shape().to_vec();
    for (k, factor) in last.factors().iter().enumerate() {
        let Some(u) = factor else { continue };
        let u = u.mapv(A::widen);
        let (n, after) = (shape[k], shape[k + 1..].iter().product::<usize>());
        let mut next = Vec::new();
        for slab in rest.chunks(n * after) {
            let slab = ArrayView2::from_shape((n, after), slab).unwrap();
            next.extend(u.t().dot(&slab));
        }
        shape[k] = u.ncols();
        rest = next;
    }
    let kept: f64 = rest.iter().map(|x| x * x).sum();
    (norm(v).powi(2) - kept).max(0.0).sqrt()
}

fn the_error_is_measured_and_never_above_that_of_the_last_factors<A: Scalar>() {
    for (shape, ranks) in CASES {
        let projection = TuckerProjection::new(ranks).restart(Restart::Every(7));
        let mut warm = WarmStart::default();
        let mut v = kernel::<A>(shape, 1);
        let view = |t: &Tucker<A>, v: &ArrayD<A>| {
            let shape = t.shape().to_vec();
            error_of_factors(&v.clone().into_shape_with_order(shape).unwrap(), t)
        };
        let (_, mut last) = project(&projection, &v, &mut warm);
        let mut improved = 0;
        for (call, share) in [0.01, 0.0, 0.1, 0.01, 2.0, 0.01, 0.01, 0.3, 0.0, 0.0]
            .iter()
            .enumerate()
        {
            v = moved(&v, *share, call as u64 + 10);
            let pause = pauses(&warm);
            let (z, done) = project(&projection, &v, &mut warm);
            let (total, got) = (norm(&v), distance(&v, &z));
            let slack = tol::<A>(v.len()) * total;
            let what = format!("call {call} for {shape:?}");
            if !pause {
                let bound = view(last.factors().unwrap().tucker().unwrap(), &v);
                let lost_in_squares = if got < 1e-3 * total { total } else { slack };
                assert_below(got, bound + 2.0 * lost_in_squares, &what);
                improved += u32::from(warm.counters[1] > 0);
            }
            assert_near(done.distance(), got, slack);
            let t = done.factors().unwrap().tucker().unwrap();
            assert_near(
                distance(&done.factors().unwrap().to_dense(), &z),
                0.0,
                slack,
            );
            for u in t.factors().iter().flatten() {
                assert_below(orthonormality_defect(u), tol::<A>(u.len()), &what);
            }
            let per_mode = t.truncation_error().per_mode();
            let squares = per_mode.iter().map(|e| e * e).sum::<f64>();
            assert_near(squares.sqrt(), got, 1e-3_f64.min(1e5 * tol::<A>(1)) * total);
            last = done;
        }
        assert!(improved >= 3, "{improved} for {shape:?}");
    }
}

fn small_moves_cost_nothing_against_a_new_solution<A: Scalar>() {
    for (shape, ranks) in CASES {
        let warm_projection = TuckerProjection::new(ranks).restart(Restart::Every(50));
        let cold_projection = TuckerProjection::new(ranks).restart(Restart::Always);
        let mut warm = WarmStart::default();
        let mut v = kernel::<A>(shape, 3);
        project(&warm_projection, &v, &mut warm);
        for call in 0..20 {
            v = moved(&v, 0.001, 40 + call);
            let (_, improved) = project(&warm_projection, &v, &mut warm);
            let (_, solved) = project(&cold_projection, &v, &mut WarmStart::default());
            let excess = improved.distance() / solved.distance() - 1.0;
            assert_below(excess, 1e-5, &format!("call {call}, {shape:?}"));
        }
        assert!(warm.counters[1] > 3, "{shape:?}: {:?}", warm.counters);
    }
}

fn a_jump_is_solved_from_scratch<A: Scalar>() {
    for (shape, ranks) in CASES {
        let projection = TuckerProjection::new(ranks).restart(Restart::Every(1000));
        let mut warm = WarmStart::default();
        let smooth = project(
            &projection,
            &random::tensor::<A>(shape, 1),
            &mut WarmStart::default(),
        )
        .0;
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

fn a_memory_that_does_not_fit_is_ignored<A: Scalar>() {
    let (shape, ranks) = CASES[0];
    let projection = TuckerProjection::new(ranks).restart(Restart::Every(5));
    let v = random::tensor::<A>(shape, 4);
    let mut fitting = WarmStart::default();
    let (expected, _) = project(&projection, &v, &mut fitting);
    let mut others: Vec<WarmStart<A>> = Vec::new();
    let mut change = |edit: &dyn Fn(&mut WarmStart<A>)| {
        let mut other = fitting.clone();
        edit(&mut other);
        others.push(other);
    };
    change(&|w| w.counters.clear());
    change(&|w| w.counters[0] = 1);
    change(&|w| w.counters[3] = u64::MAX);
    change(&|w| w.counters.truncate(3));
    change(&|w| w.arrays.truncate(2));
    change(&|w| w.arrays[1] = ArrayD::zeros(vec![9, 6]));
    change(&|w| w.arrays[1] = ArrayD::zeros(vec![9 * 5]));
    for (k, mut other) in others.into_iter().enumerate() {
        let (z, _) = project(&projection, &v, &mut other);
        assert!(z == expected, "memory {k}");
        assert_eq!(other, fitting, "memory {k} is replaced");
    }
}

fn the_same_memory_gives_the_same_bits<A: Scalar>() {
    for (shape, ranks) in CASES {
        let projection = TuckerProjection::new(ranks).restart(Restart::Every(3));
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
fn what_has_an_exact_answer_is_always_solved_from_scratch() {
    let remembers = |projection: &TuckerProjection, shape: &[usize]| {
        let mut warm = WarmStart::default();
        project(projection, &random::tensor::<f64>(shape, 1), &mut warm);
        !warm.is_empty()
    };
    let every =
        |truncation: TuckerTruncation| TuckerProjection::new(truncation).restart(Restart::Every(9));
    assert!(remembers(&every(3.into()), &[8, 9, 8]));
    assert!(!remembers(&every(3.into()), &[8, 9]));
    assert!(!remembers(&every([(1, 3)].into()), &[8, 9, 8]));
    assert!(!remembers(
        &every(TuckerTruncation::relative(0.1)),
        &[8, 9, 8]
    ));
    assert!(!remembers(&TuckerProjection::new(3), &[8, 9, 8]));
    assert!(remembers(&TuckerProjection::new(3), &[128, 128, 3, 3]));
    let always = TuckerProjection::new(3).restart(Restart::Always);
    assert!(!remembers(&always, &[128, 128, 3, 3]));
}
