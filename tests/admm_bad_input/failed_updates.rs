//! An update that fails, for whatever reason and in whatever block, changes nothing.

use crate::admm_support::{Targets, anything, state};
use crate::common::random;
use tt_admm::admm::{AdmmBuilder, AdmmError, Penalty, UpdateOrder};
use tt_admm::ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};
use tt_admm::projection::{LowRankProjection, Projected, ProjectionError, Prox, WarmStart};
use tt_admm::{Admm, TtProjection};

/// Fails, or returns NaN, when the first element has these values; otherwise the identity.
#[derive(Debug)]
struct Brittle;

const REFUSED: f64 = 777.0;
const SPOILED: f64 = 888.0;

impl Prox<f64> for Brittle {
    fn check(&self, _shape: &[usize]) -> Result<(), ProjectionError> {
        Ok(())
    }

    fn prox(
        &self,
        v: ArrayViewD<'_, f64>,
        _rho: f64,
        mut out: ArrayViewMutD<'_, f64>,
        _warm: &mut WarmStart<f64>,
    ) -> Result<Projected<f64>, ProjectionError> {
        out.assign(&v);
        let first = v.iter().next().copied().unwrap_or(0.0);
        if (first - REFUSED).abs() < 10.0 {
            return Err(ProjectionError::other(format!("refused {REFUSED}")));
        }
        if (first - SPOILED).abs() < 10.0
            && let Some(z) = out.iter_mut().nth(4)
        {
            *z = f64::NAN;
        }
        Ok(Projected::new(0.0))
    }
}

fn tensors(seed: u64) -> Vec<ArrayD<f64>> {
    vec![
        random::tensor(&[4, 5], seed),
        random::tensor(&[3, 2, 4], seed + 10),
        random::tensor(&[6], seed + 20),
    ]
}

fn builder() -> AdmmBuilder<f64> {
    Admm::<f64>::builder()
        .constrain("w0", LowRankProjection::new(2))
        .constrain("w1", TtProjection::new(2))
        .constrain("w2", anything())
        .constrain("w0", Brittle)
        .constrain("w1", Brittle)
        .constrain("w2", Brittle)
        .rho(1.2)
        .penalty(Penalty::residual_balancing().threshold(1.5))
}

fn slot(name: &str) -> usize {
    usize::from(name.as_bytes()[1] - b'0')
}

/// Breaks the weight number `which` and expects the error to name it and the state to survive.
fn breaks(spoil: impl Fn(&mut ArrayD<f64>), expect: impl Fn(&AdmmError, &str)) {
    for which in 0..3 {
        let start = Targets::new(tensors(1));
        let mut admm = builder().build(&start).unwrap();
        let mut twin = builder().build(&start).unwrap();
        let good = tensors(2);
        for admm in [&mut admm, &mut twin] {
            admm.update(|name| good[slot(name)].view()).unwrap();
        }
        let before = state(&admm);
        let mut bad = tensors(3);
        spoil(&mut bad[which]);
        let error = admm.update(|name| bad[slot(name)].view()).unwrap_err();
        expect(&error, &format!("w{which}"));
        assert_eq!(state(&admm), before, "weight {which}");
        assert_eq!(admm.iteration(), 1);
        // And what comes after is what would have come.
        let next = tensors(4);
        for admm in [&mut admm, &mut twin] {
            admm.update(|name| next[slot(name)].view()).unwrap();
        }
        assert_eq!(state(&admm), state(&twin));
    }
}

#[test]
fn weights_that_are_not_finite() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        breaks(
            |w| *w.iter_mut().nth(5).unwrap() = value,
            |error, name| {
                let AdmmError::NonFinite {
                    weight,
                    index,
                    value: got,
                } = error
                else {
                    panic!("{error}")
                };
                assert_eq!(weight, name);
                let place = match name {
                    "w0" => vec![1, 0],
                    "w1" => vec![0, 1, 1],
                    _ => vec![5],
                };
                assert_eq!(index, &place);
                assert_eq!(got.to_string(), value.to_string());
                let text = error.to_string();
                let expected = format!("weight `{name}` has {value} at index {place:?}");
                assert!(text.starts_with(&expected), "{text}");
            },
        );
    }
}

#[test]
fn weights_of_another_shape() {
    breaks(
        |w| *w = ArrayD::zeros(vec![2, 2]),
        |error, name| {
            let AdmmError::ShapeChanged {
                weight,
                expected,
                got,
            } = error
            else {
                panic!("{error}")
            };
            assert_eq!((&**weight, &**got), (name, &[2, 2][..]));
            let expected_text = format!(
                "weight `{name}` had shape {expected:?} when ADMM was built, now it has [2, 2]"
            );
            assert_eq!(error.to_string(), expected_text);
            assert_eq!(expected, tensors(1)[slot(name)].shape());
        },
    );
}

#[test]
fn prox_operators_that_fail() {
    breaks(
        |w| *w.iter_mut().next().unwrap() = REFUSED,
        |error, name| {
            let AdmmError::Prox {
                weight, ordinal, ..
            } = error
            else {
                panic!("{error}")
            };
            assert_eq!((&**weight, *ordinal), (name, 1));
            let expected = format!("block 1 of weight `{name}`: refused 777");
            assert_eq!(error.to_string(), expected);
        },
    );
}

#[test]
fn prox_operators_that_give_nan() {
    breaks(
        |w| *w.iter_mut().next().unwrap() = SPOILED,
        |error, name| {
            let text = error.to_string();
            let expected =
                format!("block 1 of weight `{name}`: the prox operator gave NaN at index");
            assert!(text.starts_with(&expected), "{text}");
        },
    );
}

/// Of several failures the first block's is reported, whatever thread was faster.
#[test]
fn the_first_failure_wins() {
    let start = Targets::new(tensors(1));
    for _ in 0..20 {
        let mut admm = builder().build(&start).unwrap();
        let mut bad = tensors(3);
        for w in &mut bad {
            *w.iter_mut().next().unwrap() = REFUSED;
        }
        let error = admm.update(|name| bad[slot(name)].view()).unwrap_err();
        assert!(
            error.to_string().starts_with("block 1 of weight `w0`"),
            "{error}"
        );
    }
}

#[test]
fn build_meets_the_same_weights() {
    let mut model = Targets::new(tensors(1));
    model.w[1][[2, 1, 3]] = f64::NAN;
    let error = builder().build(&model).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`w1` has NaN at index [2, 1, 3]"),
        "{error}"
    );
    let mut model = Targets::new(tensors(1));
    model.w[2][[0]] = REFUSED;
    let error = builder().build(&model).unwrap_err();
    assert_eq!(error.to_string(), "block 1 of weight `w2`: refused 777");
}

/// `run` meets them too, in both orders, and can be called again.
#[test]
fn a_run_that_fails_can_be_taken_up_again() {
    for order in [UpdateOrder::Textbook, UpdateOrder::Paper] {
        let mut model = Targets::new(tensors(1));
        let mut admm = builder()
            .order(order)
            .tolerance(0.0, 0.0)
            .max_iterations(3)
            .build(&model)
            .unwrap();
        admm.run(&mut model, &mut ()).unwrap();
        let good = model.clone();
        let before = state(&admm);
        // The W-step computes the weight from its target, so both carry the NaN.
        model.t[1][[0, 0, 0]] = f64::NAN;
        model.w[1][[0, 0, 0]] = f64::NAN;
        let error = admm.run(&mut model, &mut ()).unwrap_err();
        assert!(!error.to_string().is_empty());
        assert_eq!(state(&admm), before, "{order:?}");
        let mut model = good;
        assert_eq!(admm.run(&mut model, &mut ()).unwrap().iterations(), 3);
        assert_eq!(admm.iteration(), 6);
    }
}
