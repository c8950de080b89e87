//! What a prox operator leaves in its slot, it finds again.

use crate::common::random;
use tt_admm::Admm;
use tt_admm::ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};
use tt_admm::projection::{Projected, ProjectionError, Prox, WarmStart};

/// Counts its calls and remembers its last input; fails for a negative first element.
#[derive(Debug)]
struct Counting;

impl Prox<f64> for Counting {
    fn check(&self, _shape: &[usize]) -> Result<(), ProjectionError> {
        Ok(())
    }

    fn prox(
        &self,
        v: ArrayViewD<'_, f64>,
        _rho: f64,
        mut out: ArrayViewMutD<'_, f64>,
        warm: &mut WarmStart<f64>,
    ) -> Result<Projected<f64>, ProjectionError> {
        match warm.counters.first_mut() {
            Some(calls) => *calls += 1,
            None => warm.counters.push(1),
        }
        if let Some(last) = warm.arrays.first() {
            assert_eq!(last.shape(), v.shape(), "the slot of another weight");
        }
        warm.arrays = vec![v.to_owned()];
        out.fill(0.0);
        if v.iter().next().is_some_and(|x| *x < 0.0) {
            return Err(ProjectionError::other("negative"));
        }
        out.assign(&v);
        Ok(Projected::new(0.0))
    }
}

#[test]
fn state_advances_with_every_update_and_not_with_a_failed_one() {
    let (a, b) = (
        ArrayD::from_elem(vec![2], 1.0),
        ArrayD::from_elem(vec![3], 2.0),
    );
    let mut admm = Admm::<f64>::builder()
        .constrain("a", Counting)
        .constrain("b", Counting)
        .rho(1.0)
        .build_from(|name| if name == "a" { a.view() } else { b.view() })
        .unwrap();
    let calls = |admm: &Admm<f64>, name: &str| {
        let warm = admm.block(name, 0).unwrap().warm_start().clone();
        (warm.counters[0], warm.arrays[0].clone())
    };
    assert_eq!(calls(&admm, "a"), (1, a.clone()));
    for k in 1..=3_u8 {
        let moved = &a * f64::from(k);
        admm.update(|name| if name == "a" { moved.view() } else { b.view() })
            .unwrap();
        assert_eq!(calls(&admm, "a"), (u64::from(k) + 1, moved.clone()));
        assert_eq!(calls(&admm, "b").0, calls(&admm, "a").0);
    }
    // The second block fails: neither slot may move, though the first prox ran to its end.
    let before = [calls(&admm, "a"), calls(&admm, "b")];
    let bad = -&b;
    let error = admm
        .update(|name| if name == "a" { a.view() } else { bad.view() })
        .unwrap_err();
    assert_eq!(error.to_string(), "block 0 of weight `b`: negative");
    assert_eq!([calls(&admm, "a"), calls(&admm, "b")], before);
    admm.update(|name| if name == "a" { a.view() } else { b.view() })
        .unwrap();
    assert_eq!((calls(&admm, "a").0, calls(&admm, "b").0), (5, 5));
}

#[test]
fn what_a_user_leaves_is_plain_data() {
    let mut warm = WarmStart::<f64>::default();
    assert!(warm.is_empty());
    warm.counters.push(0);
    assert!(!warm.is_empty());
    warm.counters.clear();
    warm.arrays.push(random::tensor(&[2, 2], 4));
    assert!(!warm.is_empty());
    let copy = warm.clone();
    assert_eq!(copy, warm);
}
