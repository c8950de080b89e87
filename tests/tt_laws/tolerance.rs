//! Tolerances are kept, and no rank is larger than it has to be.

use super::common::jacobi::{smallest_rank, unfolding_spectra};
use super::common::oracle::{distance, norm};
use super::common::random;
use super::common::strategy::{check, shape};
use super::common::tol::{assert_below, tol, tol_error};
use super::{ORDERS, hilbert};
use tt_admm::ndarray::ArrayD;
use tt_admm::{Scalar, Truncation, TtSvd};

/// Decomposes in every order with a rule that allows the Frobenius error `limit`: the error is within it, and
/// no rank is above the smallest one whose unfolding tail fits the share of its bond.
fn assert_kept_and_lean<A: Scalar>(x: &ArrayD<A>, rule: &Truncation, limit: f64) {
    let slack = tol::<A>(x.len()) * norm(x);
    let spectra = unfolding_spectra(x);
    let bonds = (x.ndim() - 1) as f64;
    for order in ORDERS {
        let tt = TtSvd::new(rule.clone()).order(order).decompose(x).unwrap();
        let what = format!("{rule:?}, {order:?}");
        assert_below(distance(x, &tt.to_dense()), limit + slack, &what);
        assert_below(tt.truncation_error().total(), limit + slack, &what);
        assert!(tt.truncation_error().tolerance_met(), "{what}");
        let share = (limit / bonds.sqrt() - slack).max(0.0);
        for (k, spectrum) in spectra.iter().enumerate() {
            let most = smallest_rank(spectrum, share);
            assert!(
                tt.ranks()[k + 1] <= most,
                "{what}: {:?} at {k}, at most {most}",
                tt.ranks()
            );
        }
        if x.ndim() == 2 {
            let least = smallest_rank(&spectra[0], limit + slack);
            assert!(
                tt.ranks()[1] >= least,
                "{what}: {:?}, at least {least}",
                tt.ranks()
            );
        }
    }
}

fn random_tensors<A: Scalar>() {
    check(
        48,
        &(shape(2_usize..=5, 350), 0_u64..1 << 40, 0.0_f64..1.1),
        |(shape, seed, share)| {
            let x = random::tensor::<A>(&shape, seed);
            let total = norm(&x);
            let absolute = share * total;
            assert_kept_and_lean(&x, &Truncation::relative(share), absolute);
            assert_kept_and_lean(&x, &Truncation::absolute(absolute), absolute);
            let both = Truncation::relative(share).and_absolute(0.5 * absolute);
            assert_kept_and_lean(&x, &both, 0.5 * absolute);
            let both = Truncation::absolute(absolute).and_relative(0.5 * share);
            assert_kept_and_lean(&x, &both, 0.5 * absolute);
        },
    );
}

fn decaying_spectra<A: Scalar>() {
    for shape in [&[14, 11][..], &[7, 8, 9], &[5, 6, 4, 5], &[3, 2, 4, 3, 2]] {
        let x = hilbert::<A>(shape);
        let total = norm(&x);
        for exponent in 0..14 {
            let relative = 0.1_f64.powi(exponent);
            assert_kept_and_lean(&x, &Truncation::relative(relative), relative * total);
            assert_kept_and_lean(&x, &Truncation::absolute(relative), relative);
        }
        assert_kept_and_lean(&x, &Truncation::exact(), 0.0);
    }
}

/// Ranks and a tolerance together: the cap wins, and the result tells.
fn caps_win_over_tolerances<A: Scalar>() {
    let x = hilbert::<A>(&[6, 7, 8]);
    let free = TtSvd::new(Truncation::relative(1e-3))
        .decompose(&x)
        .unwrap();
    for (rule, caps) in [
        (Truncation::relative(1e-3).and_max_rank(2), [1, 2, 2, 1]),
        (Truncation::relative(1e-3).and_ranks([1, 2]), [1, 1, 2, 1]),
        (
            Truncation::relative(1e-3).and_ranks([9, 2]).and_max_rank(1),
            [1, 1, 1, 1],
        ),
    ] {
        let tt = TtSvd::new(rule).decompose(&x).unwrap();
        assert_eq!(tt.ranks(), caps);
        let error = tt.truncation_error();
        assert!(
            !error.tolerance_met() && error.relative() > 1e-3,
            "{error:?}"
        );
        assert_below(
            (error.total() - distance(&x, &tt.to_dense())).abs(),
            tol_error::<A>(),
            "",
        );
    }
    // A cap that does not bind changes nothing.
    let loose = Truncation::relative(1e-3)
        .and_max_rank(50)
        .and_ranks([40, 40]);
    let tt = TtSvd::new(loose).decompose(&x).unwrap();
    assert_eq!(tt, free);
    assert!(tt.truncation_error().tolerance_met());
}

/// An error budget of everything leaves rank one, not rank zero.
fn a_tolerance_of_everything_leaves_rank_one<A: Scalar>() {
    let x = random::tensor::<A>(&[3, 4, 5], 3);
    for rule in [
        Truncation::relative(2.0),
        Truncation::relative(1e9),
        Truncation::absolute(1e9),
    ] {
        for order in ORDERS {
            let tt = TtSvd::new(rule.clone()).order(order).decompose(&x).unwrap();
            assert_eq!(tt.ranks(), [1; 4]);
            assert!(tt.truncation_error().tolerance_met());
        }
    }
}

for_both_scalars!(
    random_tensors,
    decaying_spectra,
    caps_win_over_tolerances,
    a_tolerance_of_everything_leaves_rank_one,
);
