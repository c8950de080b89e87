//! Grids that cannot be, and functions that the element type cannot hold.

use super::assert_says;
use super::common::tol::assert_near;
use tt_admm::{QttGrid, TensorTrain, TtError};

#[test]
fn shapes() {
    type New = fn(&[usize]) -> Result<QttGrid, TtError>;
    let all: [New; 2] = [
        |shape| QttGrid::new(shape, 0.0, 1.0),
        |shape| QttGrid::linspace(shape, 0.0, 1.0),
    ];
    for new in all {
        assert_eq!(new(&[]).unwrap_err(), TtError::NoModes);
        assert_eq!(
            new(&[2, 0]).unwrap_err(),
            TtError::EmptyMode {
                mode: 1,
                shape: vec![2, 0]
            }
        );
        for shape in [&[2; 1024][..], &[usize::MAX, 2], &[10; 400]] {
            assert!(matches!(new(shape), Err(TtError::TooLarge { .. })));
        }
        // A shape of ones is one point.
        assert_eq!(new(&[1; 30]).unwrap().num_points(), 1.0);
    }
    // As many points as there may be.
    let grid = QttGrid::linspace(&[2; 1000], -1.0, 1.0).unwrap();
    let x: TensorTrain<f64> = grid.points().unwrap();
    assert_near(x.get(&[1; 1000]).unwrap(), 1.0, 1e-12);
    let half = [&[0][..], &[1; 999]].concat();
    assert_near(x.get(&half).unwrap(), 0.0, 1e-12);
}

#[test]
fn numbers() {
    let shape = [2, 3];
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (error, what) in [
            (QttGrid::new(&shape, bad, 1.0), "start"),
            (QttGrid::new(&shape, 0.0, bad), "spacing"),
            (QttGrid::linspace(&shape, bad, 1.0), "first point"),
            (QttGrid::linspace(&shape, 0.0, bad), "last point"),
        ] {
            assert_says(&error.unwrap_err(), &[what, &bad.to_string(), "finite"]);
        }
    }
    let far = QttGrid::new(&shape, 0.0, f64::MAX).unwrap_err();
    assert_says(&far, &["length of the grid", "inf"]);
    let far = QttGrid::new(&shape, f64::MAX, f64::MAX / 8.0).unwrap_err();
    assert_says(&far, &["last point", "inf"]);
    let far = QttGrid::linspace(&shape, -f64::MAX, f64::MAX).unwrap_err();
    assert_says(&far, &["spacing", "inf"]);
}

#[test]
fn points_that_do_not_exist() {
    let grid = QttGrid::new(&[2, 3], 0.0, 1.0).unwrap();
    for i in [6, 7, usize::MAX] {
        let expected = TtError::IndexOutOfBounds {
            index: vec![i],
            shape: vec![2, 3],
        };
        assert_eq!(grid.digits(i).unwrap_err(), expected);
        assert_eq!(grid.step::<f64>(i).unwrap_err(), expected);
    }
}

#[test]
fn functions_out_of_range() {
    let large = QttGrid::linspace(&[2, 2], 0.0, 1e3).unwrap();
    assert_says(&large.exp::<f64>().unwrap_err(), &["core 0", "inf"]);
    let error = large.polynomial::<f64>(&[0.0, f64::MAX]).unwrap_err();
    assert_says(&error, &["largest term", "inf"]);
    let single = QttGrid::linspace(&[2, 2], 0.0, 1e39).unwrap();
    assert!(matches!(
        single.points::<f32>(),
        Err(TtError::NonFinite { .. })
    ));
    assert!(single.points::<f64>().is_ok());
    assert!(matches!(
        single.polynomial::<f32>(&[1.0, 1.0]),
        Err(TtError::NonFinite { .. })
    ));
    assert!(QttGrid::new(&[2], 89.0, 0.0).unwrap().exp::<f32>().is_err());
    let error = large.polynomial::<f64>(&[1.0, f64::NAN]).unwrap_err();
    assert_says(&error, &["coefficient", "NaN"]);
}
