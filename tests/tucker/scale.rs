//! Tensors of any size of entries.

use super::ALGORITHMS;
use crate::common::{oracle, random, tol};
use tt_admm::{Scalar, TuckerError, TuckerSvd, TuckerTruncation, tucker};

for_both_scalars!(
    powers_of_two_change_nothing,
    entries_at_the_ends_of_the_range
);

/// A power of two scales core and error, and leaves the factors as they are.
fn powers_of_two_change_nothing<A: Scalar>() {
    let powers: [i32; 4] = if tol::is_single::<A>() {
        [-100, -60, 60, 100]
    } else {
        [-900, -498, 498, 900]
    };
    let x = random::tensor::<A>(&[6, 5, 7], 3);
    for algorithm in ALGORITHMS {
        let svd = TuckerSvd::new([2, 3, 4]).algorithm(algorithm);
        let plain = svd.decompose(&x).unwrap();
        for power in powers {
            let scale = A::narrow(2_f64.powi(power));
            let t = svd.decompose(&x.mapv(|v| v * scale)).unwrap();
            let slack = tol::tol::<A>(x.len()) * oracle::norm(&x);
            let back = t.to_dense().mapv(|v| v / scale);
            tol::assert_below(oracle::distance(&back, &plain.to_dense()), slack, "scaled");
            let (got, expected) = (t.truncation_error(), plain.truncation_error());
            tol::assert_near(got.total() / scale.widen(), expected.total(), slack);
            tol::assert_near(got.relative(), expected.relative(), tol::tol::<A>(x.len()));
        }
    }
}

fn entries_at_the_ends_of_the_range<A: Scalar>() {
    let ends = if tol::is_single::<A>() {
        [1e-30, 1e30]
    } else {
        [1e-150, 1e150]
    };
    for end in ends {
        let x = random::tensor::<A>(&[5, 6, 4], 8).mapv(|v| v * A::narrow(end));
        let norm = oracle::norm(&x);
        for truncation in [
            TuckerTruncation::ranks(2),
            TuckerTruncation::relative(0.4),
            TuckerTruncation::absolute(0.4 * norm),
        ] {
            for algorithm in ALGORITHMS {
                let svd = TuckerSvd::new(truncation.clone()).algorithm(algorithm);
                let t = svd.decompose(&x).unwrap();
                let distance = oracle::distance(&x, &t.to_dense());
                let slack = tol::tol_error::<A>() * norm;
                tol::assert_near(t.truncation_error().total(), distance, slack);
                tol::assert_below(distance, 0.9 * norm, "the error");
            }
        }
    }
}

#[test]
fn a_core_that_cannot_hold_the_norm() {
    // The norm is 8 times the largest entry, and that is the only entry of the core.
    let x = tt_admm::ndarray::Array3::from_elem((4, 4, 4), 0.9 * f64::MAX);
    match tucker(&x, 1).unwrap_err() {
        TuckerError::OutOfRange { log_norm } => {
            tol::assert_near(log_norm, (0.9 * f64::MAX).ln() + 8_f64.ln(), 1e-9);
        }
        other => panic!("{other}"),
    }
}
