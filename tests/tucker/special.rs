//! Exact facts: vectors, matrices, zeros, modes of size 1, kernels.

use super::ALGORITHMS;
use crate::common::{jacobi, oracle, random, tol};
use tt_admm::ndarray::{Array3, ArrayD, IxDyn, array};
use tt_admm::{Scalar, Tucker, TuckerRanks, TuckerSvd, TuckerTruncation, tucker};

for_both_scalars!(
    matrices_are_cut_best,
    vectors,
    zeros,
    modes_of_size_one,
    kernels_in_two_modes
);

/// Eckart and Young: the error is the tail of the spectrum.
fn matrices_are_cut_best<A: Scalar>() {
    for (m, n, rank) in [(6, 9, 3), (12, 5, 2), (7, 7, 7), (1, 8, 3), (40, 3, 2)] {
        let x = random::matrix::<A>(m, n, (m + n) as u64);
        let sigma = jacobi::singular_values(&x);
        for algorithm in ALGORITHMS {
            let t = TuckerSvd::new(rank)
                .algorithm(algorithm)
                .decompose(&x)
                .unwrap();
            let kept = rank.min(m).min(n);
            assert_eq!(t.ranks(), [kept, kept]);
            let slack = tol::tol_error::<A>() * sigma[0];
            tol::assert_near(
                t.truncation_error().total(),
                jacobi::tail(&sigma, rank),
                slack,
            );
            tol::assert_near(
                oracle::distance(&x.clone().into_dyn(), &t.to_dense()),
                jacobi::tail(&sigma, rank),
                slack,
            );
        }
    }
}

fn vectors<A: Scalar>() {
    let x = array![3.0, 0.0, -4.0].mapv(A::narrow);
    for truncation in [TuckerTruncation::ranks(3), TuckerTruncation::exact()] {
        let t = tucker(&x, truncation).unwrap();
        assert_eq!((t.shape(), t.ranks()), (&[3][..], &[1][..]));
        tol::assert_near(t.core()[[0]].widen().abs(), 5.0, 5.0 * tol::tol::<A>(3));
        tol::assert_below(
            oracle::distance(&t.to_dense(), &x),
            5.0 * tol::tol::<A>(3),
            "vector",
        );
    }
    let one = tucker(&array![A::narrow(-2.5)], 1).unwrap();
    assert_eq!(
        (one.get(&[0]).unwrap(), one.num_parameters()),
        (A::narrow(-2.5), 1)
    );
}

fn zeros<A: Scalar>() {
    for algorithm in ALGORITHMS {
        for truncation in [
            TuckerTruncation::ranks(3),
            TuckerTruncation::exact(),
            TuckerTruncation::max_ranks(2),
        ] {
            let svd = TuckerSvd::new(truncation).algorithm(algorithm);
            let t = svd.decompose(&Array3::<A>::zeros((4, 1, 6))).unwrap();
            assert_eq!((t.shape(), t.ranks()), (&[4, 1, 6][..], &[1, 1, 1][..]));
            assert_eq!(t.to_dense(), ArrayD::<A>::zeros(IxDyn(&[4, 1, 6])));
            assert_eq!((t.truncation_error().total(), t.norm()), (0.0, A::zero()));
            assert!(
                t.factors()
                    .iter()
                    .flatten()
                    .all(|u| oracle::orthonormality_defect(u) == 0.0)
            );
        }
    }
    let t = tucker(&Array3::<A>::zeros((4, 5, 6)), [(0, 2)]).unwrap();
    assert_eq!(t.ranks(), [1, 5, 6]);
}

fn modes_of_size_one<A: Scalar>() {
    let flat = random::tensor::<A>(&[5, 6, 4], 2);
    let expected = tucker(&flat, [2, 3, 2]).unwrap();
    for shape in [[5, 1, 6, 4], [1, 5, 6, 4], [5, 6, 4, 1]] {
        let x = flat.clone().into_shape_with_order(IxDyn(&shape)).unwrap();
        let ranks: Vec<usize> = {
            let mut list = vec![2, 3, 2];
            list.insert(shape.iter().position(|&n| n == 1).unwrap(), 1);
            list
        };
        let t = tucker(&x, ranks).unwrap();
        let back = t
            .to_dense()
            .into_shape_with_order(IxDyn(&[5, 6, 4]))
            .unwrap();
        let slack = tol::tol::<A>(x.len()) * oracle::norm(&x);
        tol::assert_below(
            oracle::distance(&back, &expected.to_dense()),
            slack,
            "inserted",
        );
        assert_eq!(t.num_parameters(), expected.num_parameters());
    }
    let ones = tucker(&random::tensor::<A>(&[1, 1, 1], 4), 5).unwrap();
    assert_eq!(ones.num_parameters(), 1);
}

/// Tucker-2 of a convolution kernel: the kernel positions are left alone.
fn kernels_in_two_modes<A: Scalar>() {
    let w = random::tensor::<A>(&[8, 6, 3, 3], 5);
    let t = tucker(&w, [(0, 4), (1, 3)]).unwrap();
    assert_eq!(t.ranks(), [4, 3, 3, 3]);
    assert_eq!(t.num_parameters(), 4 * 3 * 9 + 8 * 4 + 6 * 3);
    assert!(t.factors()[2].is_none() && t.factors()[3].is_none());
    // The same with the positions as one mode, in the middle.
    let merged = Array3::from_shape_fn((8, 9, 6), |(o, k, i)| w[[o, i, k / 3, k % 3]]);
    let middle = tucker(&merged, [(0, 4), (2, 3)]).unwrap();
    let slack = tol::tol_error::<A>() * oracle::norm(&w);
    tol::assert_near(
        middle.truncation_error().total(),
        t.truncation_error().total(),
        slack,
    );
}

/// The tensor of ones minus a unit tensor has rank 2 in every mode.
#[test]
fn a_tensor_of_known_core() {
    let x = Array3::from_shape_fn((4, 4, 4), |(i, j, k)| {
        1.0 - f64::from(u8::from(i == 0 && j == 0 && k == 0))
    });
    let t = tucker(&x, TuckerTruncation::exact()).unwrap();
    assert_eq!(t.ranks(), [2, 2, 2]);
    assert!((t.norm() - 63_f64.sqrt()).abs() < 1e-13);
    assert!(t.get(&[0, 0, 0]).unwrap().abs() < 1e-14);
    assert!((t.get(&[3, 0, 2]).unwrap() - 1.0).abs() < 1e-14);
}

#[test]
fn everything_is_plain_data() {
    fn plain<T: Send + Sync + Clone + std::fmt::Debug>() {}
    plain::<Tucker<f32>>();
    plain::<TuckerSvd>();
    plain::<TuckerRanks>();
    plain::<tt_admm::TuckerError>();
    let t = tucker(&random::tensor::<f64>(&[4, 5, 3], 1), 2).unwrap();
    let text = serde_json::to_string(&t).unwrap();
    let back: Tucker<f64> = serde_json::from_str(&text).unwrap();
    assert_eq!((&back, back.truncation_error()), (&t, t.truncation_error()));
    // A factor that does not fit the core is refused when read.
    let broken = text.replacen("\"shape\":[4,2]", "\"shape\":[2,4]", 1);
    assert_ne!(broken, text);
    let error = serde_json::from_str::<Tucker<f64>>(&broken)
        .unwrap_err()
        .to_string();
    assert!(error.contains("factor 0 has shape [2, 4]"), "{error}");
}
