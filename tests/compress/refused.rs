//! Weights that cannot be decomposed.

use crate::admm_support::non_negative;
use crate::common::random;
use tt_admm::compress::{CompressError, decompose, decompose_trained};
use tt_admm::ndarray::ArrayD;
use tt_admm::projection::LowRankProjection;
use tt_admm::{Admm, BoxError, Tensorization, TtProjection};

#[test]
fn a_prox_operator_without_factors() {
    let w = random::tensor::<f64>(&[3, 4], 1);
    let error = decompose("conv3", &w, &non_negative()).unwrap_err();
    assert!(matches!(&error, CompressError::NoFactors { name } if name == "conv3"));
    assert_eq!(
        error.to_string(),
        "the prox operator of `conv3` gives no factors"
    );
    let admm = Admm::<f64>::builder()
        .constrain("a", LowRankProjection::new(1))
        .constrain("b", non_negative())
        .rho(1.0)
        .build_from(|_| w.view())
        .unwrap();
    let error = decompose_trained(&admm, |_| Ok::<_, BoxError>(w.view())).unwrap_err();
    assert!(matches!(&error, CompressError::NoFactors { name } if name == "b"));
}

#[test]
fn weights_that_do_not_fit() {
    let w = random::tensor::<f64>(&[3, 4], 1);
    let map = Tensorization::linear([2, 2], [3]).unwrap();
    let error = decompose("fc", &w, &TtProjection::new(1).layout(map)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "weight `fc`: expected a weight of shape [4, 3], got [3, 4]"
    );
    assert!(matches!(error, CompressError::Projection { .. }));
    for value in [f64::NAN, f64::INFINITY] {
        let mut bad = w.clone();
        bad[[2, 1]] = value;
        let error = decompose("fc", &bad, &LowRankProjection::new(1)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("{value} at index [2, 1]")), "{text}");
    }
    let empty = ArrayD::<f64>::zeros(vec![3, 0]);
    let error = decompose("fc", &empty, &LowRankProjection::new(1)).unwrap_err();
    assert!(error.to_string().contains("[3, 0]"), "{error}");
}

#[test]
fn a_run_whose_weights_changed() {
    let w = random::tensor::<f64>(&[3, 4], 1);
    let admm = Admm::<f64>::builder()
        .constrain("fc", LowRankProjection::new(1))
        .rho(1.0)
        .build_from(|_| w.view())
        .unwrap();
    let other = random::tensor::<f64>(&[4, 3], 1);
    let error = decompose_trained(&admm, |_| Ok::<_, BoxError>(other.view())).unwrap_err();
    match error {
        CompressError::Shape {
            name,
            expected,
            got,
        } => {
            assert_eq!((&*name, expected, got), ("fc", vec![3, 4], vec![4, 3]));
        }
        other => panic!("{other}"),
    }
    let error = decompose_trained(&admm, |name| {
        Err::<ArrayD<f64>, _>(format!("{name} was freed"))
    })
    .unwrap_err();
    assert_eq!(error.to_string(), "weight `fc`: fc was freed");
}
