//! Scales: nothing depends on the unit the tensor is measured in.

use super::common::oracle::{distance, norm};
use super::common::random;
use super::common::tol::{assert_below, assert_near, is_single, tol};
use super::{ORDERS, hilbert};
use tt_admm::ndarray::{Array3, ArrayD};
use tt_admm::{Scalar, TensorTrain, Truncation, TtSvd, tt_svd};

fn tensors<A: Scalar>() -> Vec<ArrayD<A>> {
    vec![
        random::tensor(&[6], 1),
        random::tensor(&[5, 7], 2),
        random::tensor(&[4, 3, 5], 3),
        hilbert(&[5, 4, 3, 4]),
        // The largest element is the number just below a power of two.
        random::tensor::<A>(&[3, 4, 5], 4).mapv(|x| {
            if x > A::narrow(0.9) {
                A::one() - A::epsilon() / A::narrow(2.0)
            } else {
                x
            }
        }),
    ]
}

/// The cores times `2^p` in total: all equal but the centre, which carries the power.
fn powers_of_two_change_one_core_by_the_power<A: Scalar>() {
    let powers = if is_single::<A>() {
        [-110, -64, -1, 30, 110]
    } else {
        [-950, -500, -1, 64, 950]
    };
    for x in tensors::<A>() {
        for power in powers {
            let p = A::narrow(2.0_f64.powi(power));
            let scaled = x.mapv(|v| v * p);
            let limit = 0.2 * norm(&x);
            for (rule, scaled_rule) in [
                (Truncation::from(2), Truncation::from(2)),
                (Truncation::relative(1e-3), Truncation::relative(1e-3)),
                (Truncation::max_rank(3), Truncation::max_rank(3)),
                (
                    Truncation::absolute(limit),
                    Truncation::absolute(limit * p.widen()),
                ),
            ] {
                for order in ORDERS {
                    let a = TtSvd::new(rule.clone()).order(order).decompose(&x).unwrap();
                    let b = TtSvd::new(scaled_rule.clone())
                        .order(order)
                        .decompose(&scaled)
                        .unwrap();
                    assert_eq!(a.ranks(), b.ranks(), "2^{power}, {rule:?}");
                    let changed: Vec<usize> =
                        (0..x.ndim()).filter(|&k| a.core(k) != b.core(k)).collect();
                    assert_eq!(
                        changed.len(),
                        1,
                        "2^{power}, {rule:?}, {order:?}: {changed:?}"
                    );
                    let center = changed[0];
                    assert_eq!(a.core(center).mapv(|v| v * p), b.core(center), "2^{power}");
                    let (e, f) = (a.truncation_error(), b.truncation_error());
                    assert_eq!(e.total() * p.widen(), f.total());
                    assert_eq!(e.relative(), f.relative());
                    assert_eq!(e.tolerance_met(), f.tolerance_met());
                }
            }
        }
    }
}

fn extreme_entries_are_decomposed_like_moderate_ones<A: Scalar>() {
    let units: &[f64] = if is_single::<A>() {
        &[1e-37, 1e-30, 1e30, 1e36]
    } else {
        &[1e-300, 1e-150, 1e150, 1e300]
    };
    let x = hilbert::<A>(&[4, 5, 6]);
    for &unit in units {
        let u = A::narrow(unit);
        let scaled = x.mapv(|v| v * u);
        for rule in [
            Truncation::from(2),
            Truncation::relative(1e-3),
            Truncation::max_rank(4),
        ] {
            let (a, b) = (
                tt_svd(&x, rule.clone()).unwrap(),
                tt_svd(&scaled, rule).unwrap(),
            );
            assert_eq!(a.ranks(), b.ranks(), "{unit:e}");
            let total = norm(&x);
            let back = b.to_dense().mapv(|v| v.widen() / u.widen());
            let slack = tol::<A>(x.len()) * total;
            // The inputs differ by rounding, and a singular space turns by that over its gap.
            assert_below(
                distance(&back, &a.to_dense().mapv(A::widen)),
                4.0 * slack,
                "dense",
            );
            let (e, f) = (a.truncation_error(), b.truncation_error());
            assert_near(f.relative(), e.relative(), tol::<A>(x.len()));
            assert_near(f.total() / u.widen(), e.total(), slack);
            assert_near(b.norm().widen() / u.widen(), a.norm().widen(), slack);
            assert_near(
                b.log_norm() - u.widen().ln(),
                a.log_norm(),
                tol::<A>(x.len()) + 1e-12,
            );
        }
    }
}

/// The norm of this tensor is above the largest `f64`, the elements of the tensor and of its cores are not.
#[test]
fn a_tolerance_holds_where_the_norm_overflows() {
    let x = hilbert::<f64>(&[6, 6, 6]);
    let scaled = x.mapv(|v| v * 7.7e307);
    assert!(scaled.iter().all(|v| v.is_finite()));
    assert!(tt_svd(&scaled, 1).unwrap().norm().is_infinite());
    for rule in [
        Truncation::relative(1e-3),
        Truncation::relative(1e-8),
        Truncation::exact(),
    ] {
        let expected = tt_svd(&x, rule.clone()).unwrap();
        let got = tt_svd(&scaled, rule.clone()).unwrap();
        assert_eq!(got.ranks(), expected.ranks(), "{rule:?}");
        let relative = got.truncation_error().relative();
        assert_near(relative, expected.truncation_error().relative(), 1e-12);
    }
}

/// Subnormal elements: few digits are left, but ranks and error stay those of the tensor given.
#[test]
fn a_tolerance_holds_where_the_norm_is_subnormal() {
    let x = hilbert::<f64>(&[4, 4, 4]).mapv(|v| (v * 1e3).round());
    let tiny = x.mapv(|v| v * f64::from_bits(1));
    for relative in [1e-2, 1e-1] {
        let expected = tt_svd(&x, Truncation::relative(relative)).unwrap();
        let got = tt_svd(&tiny, Truncation::relative(relative)).unwrap();
        assert_eq!(got.ranks(), expected.ranks(), "{relative:e}");
    }
}

fn long_trains_have_a_norm<A: Scalar>() {
    let exponent = if is_single::<A>() { 60.0_f64 } else { 500.0 };
    for sign in [-1.0, 1.0] {
        // 2^(+-exponent) in every element of 400 cores of two elements and rank one.
        let core = Array3::from_elem((1, 2, 1), A::narrow((sign * exponent).exp2()));
        let tt = TensorTrain::from_cores(vec![core; 400]).unwrap();
        let expected = 400.0 * (sign * exponent + 0.5) * std::f64::consts::LN_2;
        assert_near(tt.log_norm(), expected, 1e-6 * expected.abs());
        assert_eq!(
            tt.norm(),
            if sign > 0.0 { A::infinity() } else { A::zero() }
        );
    }
    // Alternately huge and tiny: the norm is sqrt(2)^400 = 2^200, outside f32 but not f64.
    let cores = (0..400).map(|k| {
        let sign = if k % 2 == 0 { exponent } else { -exponent };
        Array3::from_elem((1, 2, 1), A::narrow(sign.exp2()))
    });
    let tt = TensorTrain::from_cores(cores.collect()).unwrap();
    assert_near(
        tt.log_norm(),
        200.0 * std::f64::consts::LN_2,
        400.0 * tol::<A>(1),
    );
    if !is_single::<A>() {
        assert_near(
            tt.norm().widen() / 2.0_f64.powi(200),
            1.0,
            400.0 * tol::<A>(1),
        );
        assert_near(
            tt.dot(&tt).unwrap().widen() / 2.0_f64.powi(400),
            1.0,
            400.0 * tol::<A>(1),
        );
    }
    // Random cores of rank 3: the norm from the left equals the norm from the right.
    let ranks: Vec<usize> = (0..=400)
        .map(|k| if k == 0 || k == 400 { 1 } else { 3 })
        .collect();
    let cores = random::cores::<A>(&[2; 400], &ranks, 9);
    let tt = TensorTrain::from_cores(cores).unwrap();
    let turned = tt
        .cores()
        .iter()
        .rev()
        .map(|c| c.clone().permuted_axes([2, 1, 0]))
        .collect();
    let turned = TensorTrain::from_cores(turned).unwrap();
    assert_near(turned.log_norm(), tt.log_norm(), 400.0 * tol::<A>(1));
}

fn a_huge_dense_size_is_no_matter<A: Scalar>() {
    let cores = random::cores::<A>(&[1000; 30], &[1; 31], 9);
    let tt = TensorTrain::from_cores(cores).unwrap();
    let index = [999; 30];
    let expected: f64 = tt.cores().iter().map(|c| c[[0, 999, 0]].widen()).product();
    assert_near(
        tt.get(&index).unwrap().widen() / expected,
        1.0,
        tol::<A>(30),
    );
}

for_both_scalars!(
    powers_of_two_change_one_core_by_the_power,
    extreme_entries_are_decomposed_like_moderate_ones,
    long_trains_have_a_norm,
    a_huge_dense_size_is_no_matter,
);
