//! Input that is refused, with its numbers.

use crate::common::random;
use tt_admm::ndarray::{Array2, Array3, ArrayD, IxDyn, arr0, array};
use tt_admm::{
    Tucker, TuckerAlgorithm, TuckerError, TuckerRanks, TuckerSvd, TuckerTruncation, tucker,
};

fn refused(shape: &[usize], truncation: impl Into<TuckerTruncation>) -> TuckerError {
    TuckerSvd::new(truncation).check(shape).unwrap_err()
}

#[test]
fn shapes() {
    assert_eq!(tucker(&arr0(1.0), 1).unwrap_err(), TuckerError::NoModes);
    let empty = TuckerError::EmptyMode {
        mode: 1,
        shape: vec![3, 0, 2],
    };
    assert_eq!(
        tucker(&Array3::<f32>::zeros((3, 0, 2)), 1).unwrap_err(),
        empty
    );
    assert_eq!(TuckerRanks::from(1).resolve(&[3, 0, 2]).unwrap_err(), empty);
    assert_eq!(
        TuckerRanks::from(1).resolve(&[]).unwrap_err(),
        TuckerError::NoModes
    );
    let huge = vec![usize::MAX, 3];
    assert_eq!(refused(&huge, 1), TuckerError::TooLarge { shape: huge });
}

#[test]
fn ranks() {
    let shape = [4, 5, 6];
    let count = |expected, got| TuckerError::RankCount { expected, got };
    assert_eq!(refused(&shape, [2, 2]), count(3, 2));
    assert_eq!(refused(&shape, [2, 2, 2, 2]), count(3, 4));
    let two = TuckerTruncation::ranks([2, 2, 2]).and_modes([0, 1]);
    assert_eq!(refused(&shape, two), count(2, 3));
    assert_eq!(
        refused(&shape, TuckerTruncation::max_ranks([1])),
        count(3, 1)
    );
    let zero = |mode, largest| TuckerError::ZeroRank { mode, largest };
    assert_eq!(refused(&shape, 0), zero(0, 4));
    assert_eq!(refused(&shape, [2, 2, 0]), zero(2, 6));
    assert_eq!(refused(&[30, 2, 3], [0, 1, 1]), zero(0, 6));
    assert_eq!(refused(&shape, [(1, 0)]), zero(1, 5));
    assert_eq!(refused(&shape, TuckerTruncation::max_ranks(0)), zero(0, 4));
    let missing = TuckerError::NoSuchMode { mode: 3, order: 3 };
    assert_eq!(refused(&shape, [(0, 2), (3, 2)]), missing);
    assert_eq!(
        refused(&shape, TuckerTruncation::exact().and_modes([3])),
        missing
    );
    let twice = TuckerError::DuplicateMode { mode: 1 };
    assert_eq!(refused(&shape, [(1, 2), (1, 3)]), twice);
    assert_eq!(
        refused(&shape, TuckerTruncation::exact().and_modes([1, 1])),
        twice
    );
    assert!(missing.to_string().contains("modes 0 to 2"), "{missing}");
}

#[test]
fn tolerances() {
    for got in [-1.0, f64::INFINITY] {
        let error = |kind| TuckerError::Tolerance { kind, got };
        assert_eq!(
            refused(&[2, 3], TuckerTruncation::relative(got)),
            error("relative")
        );
        assert_eq!(
            refused(&[2, 3], TuckerTruncation::absolute(got)),
            error("absolute")
        );
        let hooi = TuckerAlgorithm::Hooi {
            max_sweeps: 3,
            tolerance: got,
        };
        let svd = TuckerSvd::new(2).algorithm(hooi);
        assert_eq!(svd.decompose(&array![[1.0]]).unwrap_err(), error("sweep"));
    }
    assert!(
        TuckerSvd::new(TuckerTruncation::relative(f64::NAN))
            .check(&[2])
            .is_err()
    );
}

#[test]
fn elements() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut x = random::tensor::<f64>(&[3, 4, 2], 1);
        x[[2, 1, 0]] = value;
        // A view with other strides counts its elements in the logical order all the same.
        for x in [x.clone(), crate::common::layout::column_major(&x)] {
            match tucker(&x, 2).unwrap_err() {
                TuckerError::NonFinite {
                    what,
                    index,
                    value: got,
                } => {
                    assert_eq!((&*what, &*index), ("the tensor", &[2, 1, 0][..]));
                    assert_eq!(got.to_bits(), value.to_bits());
                }
                other => panic!("{other}"),
            }
        }
    }
}

#[test]
fn parts() {
    let core = ArrayD::<f64>::zeros(IxDyn(&[2, 3]));
    let of = |core: &ArrayD<f64>, factors| Tucker::from_parts(core.clone(), factors).unwrap_err();
    let count = TuckerError::FactorCount { order: 2, got: 1 };
    assert_eq!(of(&core, vec![None]), count);
    let shape = |mode, got, rank| TuckerError::FactorShape { mode, got, rank };
    let wide = Some(Array2::zeros((4, 3)));
    assert_eq!(of(&core, vec![wide.clone(), None]), shape(0, [4, 3], 2));
    assert_eq!(
        of(&core, vec![None, Some(Array2::zeros((0, 3)))]),
        shape(1, [0, 3], 3)
    );
    assert_eq!(of(&ArrayD::zeros(IxDyn(&[])), vec![]), TuckerError::NoModes);
    let empty = of(&ArrayD::zeros(IxDyn(&[2, 0])), vec![None, None]);
    assert!(matches!(empty, TuckerError::EmptyMode { mode: 1, .. }));
    let mut bad = Array2::zeros((4, 3));
    bad[[3, 1]] = f64::NAN;
    let error = of(&core, vec![None, Some(bad)]);
    assert!(
        error
            .to_string()
            .contains("factor 1 has NaN at index [3, 1]"),
        "{error}"
    );
    let mut bad = core.clone();
    bad[[1, 2]] = f64::INFINITY;
    let error = of(&bad, vec![None, wide]);
    assert!(
        error
            .to_string()
            .contains("the core has inf at index [1, 2]"),
        "{error}"
    );
}

#[test]
fn indices() {
    let t = tucker(&random::tensor::<f64>(&[3, 4], 1), 2).unwrap();
    for index in [&[0][..], &[3, 0], &[0, 4], &[0, 0, 0]] {
        let expected = TuckerError::IndexOutOfBounds {
            index: index.to_vec(),
            shape: vec![3, 4],
        };
        assert_eq!(t.get(index).unwrap_err(), expected);
    }
}

#[test]
#[should_panic(expected = "is too large")]
fn a_dense_tensor_beyond_memory() {
    let factor = || Some(Array2::<f64>::ones((1 << 22, 1)));
    let core = ArrayD::ones(IxDyn(&[1, 1, 1]));
    let _ = Tucker::from_parts(core, vec![factor(), factor(), factor()])
        .unwrap()
        .to_dense();
}
