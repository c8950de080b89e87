//! Shapes, ranks and elements that are refused, and when.

use tt_admm::linalg::LinalgError;
use tt_admm::ndarray::{ArrayD, IxDyn};
use tt_admm::projection::{LowRankProjection, ProjectionError, Prox, WarmStart};
use tt_admm::{RankError, Tensorization, Truncation, TtError, TtProjection};

fn check(prox: &dyn Prox<f64>, shape: &[usize]) -> Result<(), ProjectionError> {
    prox.check(shape)
}

fn both(ranks: usize) -> [Box<dyn Prox<f64>>; 2] {
    [
        Box::new(TtProjection::new(ranks)),
        Box::new(LowRankProjection::new(ranks)),
    ]
}

#[test]
fn no_modes_empty_modes_and_too_large_shapes() {
    for prox in both(2) {
        let none = prox.check(&[]).unwrap_err();
        assert!(
            matches!(none, ProjectionError::TensorTrain(TtError::NoModes)),
            "{none}"
        );
        let empty = prox.check(&[3, 0, 2]).unwrap_err();
        assert!(
            empty.to_string().contains("mode 1 of the shape [3, 0, 2]"),
            "{empty}"
        );
        // No array of this size exists: the answer comes before any work.
        let huge = prox.check(&[usize::MAX, 3]).unwrap_err();
        let expected = ProjectionError::TensorTrain(TtError::TooLarge {
            shape: vec![usize::MAX, 3],
        });
        assert_eq!(huge.to_string(), expected.to_string());
    }
}

#[test]
fn ranks_that_do_not_fit() {
    for prox in both(0) {
        let zero = prox.check(&[4, 5]).unwrap_err();
        let rank = RankError::Zero {
            bond: 1,
            largest: 4,
        };
        assert_eq!(zero.to_string(), rank.to_string());
        assert!(
            matches!(zero, ProjectionError::TensorTrain(TtError::Rank(_))),
            "{zero}"
        );
    }
    let count = check(&TtProjection::new([2, 2, 2]), &[4, 5, 6]).unwrap_err();
    let rank = RankError::Count { order: 3, got: 3 };
    assert_eq!(count.to_string(), rank.to_string());
    // Ranks belong to the tensor of the layout, not to the weight.
    let map = Tensorization::linear([2, 2], [5, 6]).unwrap();
    check(&TtProjection::new([2, 2, 2]).layout(map.clone()), &[4, 30]).unwrap();
    let count = check(&TtProjection::new([2, 2]).layout(map), &[4, 30]).unwrap_err();
    let rank = RankError::Count { order: 4, got: 2 };
    assert_eq!(count.to_string(), rank.to_string());
    let end = check(&TtProjection::new([2, 2, 1]), &[4, 5]).unwrap_err();
    assert_eq!(
        end.to_string(),
        RankError::End { bond: 0, got: 2 }.to_string()
    );
    for bad in [f64::NAN, -1.0, f64::INFINITY] {
        let error = check(&TtProjection::new(Truncation::relative(bad)), &[4, 5]).unwrap_err();
        assert!(error.to_string().contains(&format!("got {bad}")), "{error}");
    }
}

#[test]
fn shapes_that_do_not_fit_the_layout() {
    let map = Tensorization::conv([2, 2], [3, 3], [5]).unwrap();
    for shape in [&[4, 5, 3][..], &[5, 4, 3, 3], &[180]] {
        let error = check(&TtProjection::new(2).layout(map.clone()), shape).unwrap_err();
        match error {
            ProjectionError::Shape { expected, got } => {
                assert_eq!((&*expected, &*got), (&[4, 5, 3, 3][..], shape));
            }
            other => panic!("{other}"),
        }
    }
    let error = check(&LowRankProjection::new(2).layout(map), &[4, 5, 3, 3]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a matrix-rank projection needs a layout with 2 modes, got 4"
    );
}

/// The same without `check`: an error, never a panic, and not a number written.
#[test]
fn prox_itself_refuses_too() {
    let run = |prox: &dyn Prox<f64>, v: ArrayD<f64>, mut out: ArrayD<f64>| {
        let before = out.clone();
        let error = prox
            .prox(v.view(), 1.0, out.view_mut(), &mut WarmStart::default())
            .unwrap_err();
        assert_eq!(out, before);
        error.to_string()
    };
    let zeros = |shape: &[usize]| ArrayD::<f64>::zeros(IxDyn(shape));
    for prox in both(1) {
        let text = run(prox.as_ref(), zeros(&[2, 3]), zeros(&[3, 2]));
        assert_eq!(text, "expected a weight of shape [2, 3], got [3, 2]");
        assert!(!run(prox.as_ref(), zeros(&[]), zeros(&[])).is_empty());
        assert!(!run(prox.as_ref(), zeros(&[2, 0]), zeros(&[2, 0])).is_empty());
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut v = zeros(&[2, 3]);
            v[[1, 2]] = bad;
            let text = run(prox.as_ref(), v, zeros(&[2, 3]));
            assert!(
                text.contains(&bad.to_string()) && text.contains("[1, 2]"),
                "{text}"
            );
        }
    }
    for prox in both(0) {
        assert!(run(prox.as_ref(), zeros(&[2, 3]), zeros(&[2, 3])).contains("rank 0"));
    }
}

#[test]
fn errors_convert_and_keep_their_source() {
    let error = ProjectionError::from(TtError::from(LinalgError::NonFinite {
        row: 1,
        col: 2,
        rows: 4,
        cols: 5,
        value: f64::NAN,
    }));
    assert!(error.to_string().contains("NaN"), "{error}");
    let own = ProjectionError::other(std::io::Error::other("disk"));
    assert_eq!(own.to_string(), "disk");
    assert!(std::error::Error::source(&own).is_some());
}
