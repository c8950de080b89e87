//! Published and recomputed facts: closed-form tensors with known ranks, norms and errors.

// Generic test bodies are no `#[test]` functions themselves, so the lint cannot tell that they are tests.
// Exact equality is what many of these laws claim.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod common;

use common::jacobi::{tail, unfolding_spectra};
use common::oracle::{self, distance, norm};
use common::random;
use common::tol::{PRINTED, assert_below, assert_near, tol};
use tt_admm::ndarray::{Array, Array2, Array3, ArrayD, Dim, Dimension, IxDyn, ShapeBuilder, array};
use tt_admm::{SplitOrder, TensorTrain, Truncation, TtError, TtSvd, tt_svd};

const ORDERS: [SplitOrder; 3] = [
    SplitOrder::Auto,
    SplitOrder::LeftToRight,
    SplitOrder::RightToLeft,
];

/// `f(i_1 + ... + i_d)` with indices from 0.
fn of_index_sum(shape: &[usize], f: impl Fn(f64) -> f64) -> ArrayD<f64> {
    ArrayD::from_shape_fn(IxDyn(shape), |index| {
        f(index.slice().iter().sum::<usize>() as f64)
    })
}

/// A vector of `2^d` values as a `2 x ... x 2` tensor, first mode fastest.
fn quantized(d: usize, f: impl Fn(f64) -> f64) -> ArrayD<f64> {
    let values = (0..1_u32 << d).map(|i| f(f64::from(i))).collect();
    Array::from_shape_vec(IxDyn(&vec![2; d]).f(), values).unwrap()
}

/// Decomposes in every order and checks ranks, norm and what comes back; returns the left-to-right one.
#[track_caller]
fn assert_facts(
    x: &ArrayD<f64>,
    truncation: &Truncation,
    ranks: &[usize],
    expected_norm: f64,
) -> TensorTrain<f64> {
    let mut last = None;
    for order in ORDERS {
        let tt = TtSvd::new(truncation.clone())
            .order(order)
            .decompose(x)
            .unwrap();
        assert_eq!(tt.ranks(), ranks, "{order:?}");
        assert_eq!(tt.shape(), x.shape());
        assert_near(tt.norm(), expected_norm, PRINTED * expected_norm);
        assert_near(tt.log_norm(), expected_norm.ln(), 1e-12);
        assert_below(
            distance(&tt.to_dense(), x),
            tol::<f64>(x.len()) * norm(x),
            "distance",
        );
        if order == SplitOrder::LeftToRight {
            last = Some(tt);
        }
    }
    last.unwrap()
}

#[test]
fn fact_1_sum_of_one_based_indices() {
    let x = of_index_sum(&[3, 4, 2], |s| s + 3.0);
    assert_facts(
        &x,
        &Truncation::exact(),
        &[1, 2, 2, 1],
        30.265_491_900_843_113,
    );
    assert_facts(
        &x,
        &Truncation::from([1, 2, 2, 1]),
        &[1, 2, 2, 1],
        30.265_491_900_843_113,
    );
}

#[test]
fn fact_2_powers_of_the_index_sum() {
    let shape = [4, 5, 6, 7];
    for (power, rank) in [(1, 2), (2, 3), (3, 4)] {
        let x = of_index_sum(&shape, |s| s.powi(power));
        let ranks = [1, rank, rank, rank, 1];
        assert_facts(&x, &Truncation::relative(1e-12), &ranks, norm(&x));
    }
    assert_near(
        norm(&of_index_sum(&shape, |s| s)),
        276.730_916_234_525_6,
        1e-10,
    );
    assert_near(
        tt_svd(&of_index_sum(&shape, |s| s), 2).unwrap().norm(),
        276.730_916_234_525_6,
        1e-10,
    );
}

#[test]
fn fact_3_cube_of_a_sum_on_a_grid() {
    let x = of_index_sum(&[11, 11, 11, 11], |s| (s / 10.0).powi(3));
    assert_facts(
        &x,
        &Truncation::relative(1e-12),
        &[1, 4, 4, 4, 1],
        1_652.734_743_423_759_3,
    );
}

#[test]
fn fact_4_counting_has_rank_two() {
    for (d, n) in [(2, 5), (3, 4), (4, 3), (5, 3), (8, 2), (12, 2)] {
        let size = n_pow(n, d);
        let x = ArrayD::from_shape_vec(vec![n; d], (0..size).map(|i| i as f64).collect()).unwrap();
        let mut ranks = vec![2; d + 1];
        (ranks[0], ranks[d]) = (1, 1);
        // 0^2 + ... + (N - 1)^2
        let m = size as f64;
        let expected = ((m - 1.0) * m * (2.0 * m - 1.0) / 6.0).sqrt();
        assert_facts(&x, &Truncation::relative(1e-12), &ranks, expected);
    }
}

fn n_pow(n: usize, d: usize) -> usize {
    (0..d).fold(1, |p, _| p * n)
}

#[test]
fn fact_5_quantized_sine() {
    let mut ranks = [2; 11];
    (ranks[0], ranks[10]) = (1, 1);
    let x = quantized(10, f64::sin);
    assert_facts(
        &x,
        &Truncation::relative(1e-12),
        &ranks,
        22.628_249_744_131_246,
    );
}

#[test]
fn fact_6_quantized_identity() {
    let mut ranks = [2; 11];
    (ranks[0], ranks[10]) = (1, 1);
    let x = quantized(10, |i| i);
    let tt = assert_facts(
        &x,
        &Truncation::relative(1e-12),
        &ranks,
        18_904.756_650_113_22,
    );
    assert_below(tt.truncation_error().relative(), 1e-15, "reported error");
    assert_below(distance(&tt.to_dense(), &x) / norm(&x), 4e-15, "distance");
}

#[test]
fn fact_7_a_random_tensor_has_full_ranks() {
    let x = random::tensor::<f64>(&[2; 10], 7);
    let ranks = [1, 2, 4, 8, 16, 32, 16, 8, 4, 2, 1];
    for truncation in [
        Truncation::relative(1e-14),
        Truncation::exact(),
        Truncation::from(1000),
    ] {
        assert_facts(&x, &truncation, &ranks, norm(&x));
    }
}

/// Errors of the tables are relative: `|X - TT|_F / |X|_F`, left to right, uniform prescribed ranks.
struct Hilbert {
    d: usize,
    n: usize,
    norm: f64,
    errors: [f64; 3],
    ranks: &'static [usize],
}

const HILBERT: [Hilbert; 3] = [
    Hilbert {
        d: 3,
        n: 5,
        norm: 2.274_245_858_267_926_6,
        errors: [
            0.184_976_865_377_392_9,
            0.015_273_369_355_349_6,
            0.000_689_864_853_328_973,
        ],
        ranks: &[1, 5, 5, 1],
    },
    Hilbert {
        d: 3,
        n: 10,
        norm: 3.135_434_607_261_532,
        errors: [
            0.236_852_569_408_525,
            0.034_733_098_598_768_7,
            0.003_391_751_196_922_13,
        ],
        ranks: &[1, 6, 6, 1],
    },
    Hilbert {
        d: 4,
        n: 5,
        norm: 3.603_950_473_567_958,
        errors: [
            0.183_073_451_430_368,
            0.021_763_336_179_812_8,
            0.001_469_262_006_222,
        ],
        ranks: &[1, 5, 6, 5, 1],
    },
];

#[test]
fn facts_9_to_11_hilbert_tensors() {
    for fact in &HILBERT {
        let x = of_index_sum(&vec![fact.n; fact.d], |s| 1.0 / (1.0 + s));
        assert_near(norm(&x), fact.norm, PRINTED * fact.norm);
        for (k, &expected) in fact.errors.iter().enumerate() {
            let tt = TtSvd::new(k + 1)
                .order(SplitOrder::LeftToRight)
                .decompose(&x)
                .unwrap();
            let (error, actual) = (tt.truncation_error(), distance(&tt.to_dense(), &x));
            assert_near(error.relative(), expected, 1e-13);
            assert_near(error.total(), expected * fact.norm, 1e-13);
            assert_near(actual / norm(&x), expected, 1e-13);
        }
        for order in ORDERS {
            let tt = TtSvd::new(Truncation::relative(1e-6))
                .order(order)
                .decompose(&x)
                .unwrap();
            assert_eq!(tt.ranks(), fact.ranks, "{order:?}");
            assert!(tt.truncation_error().tolerance_met());
        }
    }
}

#[test]
fn fact_20_zeros_and_ones() {
    let shape = [2, 1, 4, 3];
    for value in [0.0, 1.0] {
        let x = ArrayD::from_elem(IxDyn(&shape), value);
        for truncation in [
            Truncation::max_rank(1),
            Truncation::from(1),
            Truncation::exact(),
        ] {
            let tt = tt_svd(&x, truncation).unwrap();
            assert_eq!(tt.ranks(), [1; 5]);
            assert_near(tt.norm(), value * 24.0_f64.sqrt(), 1e-14);
            assert_below(distance(&tt.to_dense(), &x), 1e-14, "distance");
            assert!(tt.truncation_error().tolerance_met());
        }
    }
}

#[test]
fn fact_21_small_cases() {
    // A scalar is a tensor of shape [1].
    let scalar = tt_svd(&array![5.0], 1).unwrap();
    assert_eq!((scalar.shape(), scalar.ranks()), (&[1][..], &[1, 1][..]));
    assert_eq!(scalar.get(&[0]).unwrap(), 5.0);

    let vector = tt_svd(&Array::range(1.0, 8.0, 1.0), Truncation::exact()).unwrap();
    assert_eq!((vector.shape(), vector.ranks()), (&[7][..], &[1, 1][..]));
    assert_eq!(vector.to_dense(), Array::range(1.0, 8.0, 1.0).into_dyn());

    for (m, n) in [(1, 1), (1, 5), (5, 1)] {
        let x = Array2::from_shape_fn((m, n), |(i, j)| 1.0 + (i + j) as f64);
        for truncation in [Truncation::exact(), Truncation::from(3)] {
            let tt = tt_svd(&x, truncation).unwrap();
            assert_eq!((tt.shape(), tt.ranks()), (&[m, n][..], &[1, 1, 1][..]));
            assert_below(distance(&tt.to_dense(), &x), 1e-14, "distance");
        }
    }

    let x = Array2::from_shape_fn((4, 5), |(i, j)| (i + 4 * j) as f64);
    assert_facts(
        &x.into_dyn(),
        &Truncation::exact(),
        &[1, 2, 1],
        (19.0_f64 * 20.0 * 39.0 / 6.0).sqrt(),
    );

    let ones = ArrayD::ones(IxDyn(&[3, 4, 5]));
    assert_facts(&ones, &Truncation::exact(), &[1, 1, 1, 1], 60.0_f64.sqrt());

    let x = Array3::from_shape_fn((3, 4, 5), |(i, j, k)| (i + 10 * j + 100 * k) as f64);
    assert_facts(
        &x.clone().into_dyn(),
        &Truncation::exact(),
        &[1, 2, 2, 1],
        norm(&x),
    );
}

#[test]
fn fact_21_unit_tensor() {
    let (shape, at) = ([2, 3, 4, 2, 3], [1, 0, 2, 0, 2]);
    let mut x = ArrayD::zeros(IxDyn(&shape));
    x[IxDyn(&at)] = 1.0;
    let tt = assert_facts(&x, &Truncation::exact(), &[1; 6], 1.0);
    assert_eq!(tt.get(&at).unwrap(), 1.0);
    assert_eq!(tt.to_dense(), x);
}

#[test]
fn fact_21_diagonal_keeps_the_largest() {
    let x = Array2::from_shape_fn((4, 5), |(i, j)| if i == j { 10.0 - i as f64 } else { 0.0 });
    for truncation in [Truncation::max_rank(3), Truncation::from(3)] {
        let tt = tt_svd(&x, truncation).unwrap();
        let mut expected = x.clone();
        expected[[3, 3]] = 0.0;
        assert_eq!(tt.ranks(), [1, 3, 1]);
        assert_below(distance(&tt.to_dense(), &expected), 1e-14, "distance");
        assert_near(tt.truncation_error().total(), 7.0, 1e-14);
    }
}

#[test]
fn fact_21_wrong_dimensions_are_refused() {
    let cores = vec![Array3::<f64>::ones((1, 2, 3)), Array3::ones((2, 2, 1))];
    assert!(matches!(
        TensorTrain::from_cores(cores),
        Err(TtError::CoreShape { core: 1, .. })
    ));
    assert_eq!(
        tt_svd(&Array::<f64, _>::ones(Dim(())), 1).unwrap_err(),
        TtError::NoModes
    );
}

#[test]
fn fact_47_the_error_lies_between_the_largest_tail_and_their_sum() {
    for (seed, shape) in [&[5, 6, 7][..], &[3, 4, 4, 3], &[2, 3, 2, 3, 2]]
        .into_iter()
        .enumerate()
    {
        let x = random::tensor::<f64>(shape, seed as u64);
        let spectra = unfolding_spectra(&x);
        for rank in 1..4 {
            let ranks = oracle::clipped_ranks(shape, rank);
            let tails: Vec<f64> = spectra
                .iter()
                .zip(&ranks[1..])
                .map(|(s, &r)| tail(s, r))
                .collect();
            let least = tails.iter().copied().fold(0.0, f64::max);
            let most = tails.iter().map(|t| t * t).sum::<f64>().sqrt();
            for order in ORDERS {
                let tt = TtSvd::new(rank).order(order).decompose(&x).unwrap();
                let error = distance(&tt.to_dense(), &x);
                assert_below(least, error * (1.0 + 1e-12), "largest tail");
                assert_below(error, most * (1.0 + 1e-12), "root of the sum of squares");
            }
        }
    }
}
