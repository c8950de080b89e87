//! Known ranks, sizes and norms of closed-form trains.

use super::common::oracle::norm;
use super::common::tol::{PRINTED, assert_below, assert_near};
use super::tensor;
use tt_admm::ndarray::{Array1, Ix2};
use tt_admm::{QttGrid, TensorTrain, Truncation, tt_svd};

/// The ranks are the smallest possible: what the TT-SVD of the dense tensor finds too.
#[track_caller]
fn assert_smallest(train: &TensorTrain<f64>) {
    let found = tt_svd(&train.to_dense(), Truncation::relative(1e-12)).unwrap();
    assert_eq!(train.ranks(), found.ranks());
}

/// Fact 1: `i + j + k` counted from 1, on 3 x 4 x 2.
#[test]
fn sum_of_one_based_indices() {
    let from_one = |n: u32| (1..=n).map(f64::from).collect::<Array1<f64>>();
    let train = TensorTrain::sum_of(&[from_one(3), from_one(4), from_one(2)]).unwrap();
    assert_eq!(train.ranks(), [1, 2, 2, 1]);
    assert_near(train.norm(), 30.265_491_900_843_113, PRINTED * 30.0);
    assert_smallest(&train);
}

/// Fact 2: `i + j + k + l` and its square and cube on 4 x 5 x 6 x 7.
#[test]
fn powers_of_the_index_sum() {
    let shape = [4, 5, 6, 7];
    let sum = TensorTrain::<f64>::index_sum(&shape).unwrap();
    assert_eq!(sum.ranks(), [1, 2, 2, 2, 1]);
    assert_near(sum.norm(), 276.730_916_234_525_6, PRINTED * 277.0);
    let indices: Vec<Array1<f64>> = shape
        .iter()
        .map(|&n| (0..n).map(|i| i as f64).collect())
        .collect();
    for (power, rank) in [(1, 2), (2, 3), (3, 4)] {
        let mut coefficients = vec![0.0; rank];
        coefficients[rank - 1] = 1.0;
        let train = TensorTrain::polynomial_of_sum(&indices, &coefficients).unwrap();
        assert_eq!(train.ranks(), [1, rank, rank, rank, 1]);
        let x = tensor(&shape, |i| (i.iter().sum::<usize>() as f64).powi(power));
        assert_near(train.norm(), norm(&x), PRINTED * norm(&x));
        assert_smallest(&train);
    }
}

/// Fact 4: counting in row-major order has rank 2, whatever the digits.
#[test]
fn counting() {
    for (d, n) in [(2, 5_u32), (3, 4), (4, 3), (8, 2), (12, 2)] {
        let grid = QttGrid::new(&vec![n as usize; d as usize], 0.0, 1.0).unwrap();
        let train = grid.points::<f64>().unwrap();
        let counted: Vec<f64> = (0..n.pow(d)).map(f64::from).collect();
        let count = grid.num_points();
        let square = (count - 1.0) * count * (2.0 * count - 1.0) / 6.0;
        assert_near(train.norm(), square.sqrt(), PRINTED * square.sqrt());
        assert_eq!(train.to_dense().into_raw_vec_and_offset().0, counted);
        assert_smallest(&train);
    }
}

/// Fact 5: `sin(0), ..., sin(1023)`.
#[test]
fn sine_of_integers() {
    let train: TensorTrain<f64> = QttGrid::new(&[2; 10], 0.0, 1.0).unwrap().sin();
    assert_eq!(train.ranks(), [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1]);
    assert_near(train.norm(), 22.628_249_744_131_246, PRINTED * 23.0);
    assert_smallest(&train);
}

/// Fact 6: `0, ..., 1023`.
#[test]
fn integers() {
    let train: TensorTrain<f64> = QttGrid::new(&[2; 10], 0.0, 1.0).unwrap().points().unwrap();
    assert_eq!(train.ranks(), [1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1]);
    assert_near(train.norm(), 18_904.756_650_113_22, PRINTED * 18_904.0);
    for (i, x) in train.to_dense().into_iter().enumerate() {
        assert_eq!(x, i as f64);
    }
    assert_smallest(&train);
}

/// Fact 26: the closed forms and their ranks.
#[test]
fn ranks_of_closed_forms() {
    let counted = QttGrid::new(&[2; 10], 0.0, 1.0).unwrap();
    let unit = QttGrid::linspace(&[2; 10], 0.0, 1.0).unwrap();
    let largest = |train: &TensorTrain<f64>| train.ranks().iter().copied().max();
    for (train, rank) in [
        (counted.points().unwrap(), 2),
        (unit.points().unwrap(), 2),
        (unit.sin(), 2),
        (unit.cos(), 2),
        (
            TensorTrain::unit(&[2; 10], &counted.digits(300).unwrap()).unwrap(),
            1,
        ),
        (counted.step(300).unwrap(), 2),
        (counted.step(512).unwrap(), 1),
        (unit.exp().unwrap(), 1),
    ] {
        assert_eq!(largest(&train), Some(rank));
        assert_smallest(&train);
    }
}

/// Fact 28: constants and units have rank 1, a sum of one power for each mode rank 2; `cos(0), ..., cos(2^20 - 1)`.
#[test]
fn constant_unit_power_sum_and_a_long_cosine() {
    let shape = [5, 6, 7, 8];
    assert_eq!(TensorTrain::constant(&shape, 2.5).unwrap().ranks(), [1; 5]);
    assert_eq!(
        TensorTrain::<f64>::unit(&shape, &[1, 2, 3, 4])
            .unwrap()
            .ranks(),
        [1; 5]
    );
    let squares = shape.map(|n| (0..n).map(|i| (i * i) as f64).collect::<Array1<f64>>());
    let train = TensorTrain::sum_of(&squares).unwrap();
    assert_eq!(train.ranks(), [1, 2, 2, 2, 1]);
    assert_eq!(train.get(&[4, 5, 6, 7]).unwrap(), 16.0 + 25.0 + 36.0 + 49.0);
    assert_smallest(&train);
    let cos: TensorTrain<f64> = QttGrid::new(&[2; 20], 0.0, 1.0).unwrap().cos();
    assert_eq!(cos.num_parameters(), 152);
    assert_near(cos.norm(), 724.077_450_798_137_1, PRINTED * 724.0);
}

/// The integral of `sin(x)` over `2^30` midpoints of `[0, 100 pi + 1]`, by contraction with ones.
#[test]
fn an_integral_over_a_billion_points() {
    let length = 100.0 * std::f64::consts::PI + 1.0;
    let h = length / f64::from(1_u32 << 30);
    let sine: TensorTrain<f64> = QttGrid::new(&[2; 30], 0.5 * h, h).unwrap().sin();
    let integral = h * sine.contract_all(vec![&[1.0, 1.0]; 30]).unwrap();
    assert_near(integral, 1.0 - 1.0_f64.cos(), 1e-12);
}

/// A product of two index ranges, as a matrix: permuting its bits transposes it.
#[test]
fn transposition_by_bits() {
    // i - j / 4 for i, j < 8, bits of i and then of j.
    let weights = [4.0, 2.0, 1.0, -1.0, -0.5, -0.25];
    let bits: Vec<[f64; 2]> = weights.iter().map(|&w| [0.0, w]).collect();
    let train = TensorTrain::sum_of(bits.iter().map(|b| &b[..])).unwrap();
    let matrix = |t: &TensorTrain<f64>| {
        t.to_dense()
            .into_shape_with_order((8, 8))
            .unwrap()
            .into_dimensionality::<Ix2>()
            .unwrap()
    };
    let transposed = train
        .permute(&[3, 4, 5, 0, 1, 2], Truncation::exact())
        .unwrap();
    assert_eq!(transposed.ranks(), [1, 2, 2, 2, 2, 2, 1]);
    let error = &matrix(&transposed) - &matrix(&train).t();
    assert_below(norm(&error), 1e-13, "transposed");
}
