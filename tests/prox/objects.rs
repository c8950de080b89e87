//! The traits as objects.

use std::sync::Arc;

use crate::admm_support::non_negative;
use crate::common::random;
use tt_admm::ndarray::ArrayD;
use tt_admm::projection::{
    Exactness, Grouped, LowRankProjection, Projected, Projection, ProjectionError, Prox,
    TuckerProjection, WarmStart,
};
use tt_admm::{Factors, Tensorization, TtProjection};

fn is_send_and_sync<T: Send + Sync + ?Sized>() {}

#[test]
fn everything_is_send_and_sync() {
    is_send_and_sync::<dyn Prox<f32>>();
    is_send_and_sync::<dyn Projection<f64>>();
    is_send_and_sync::<Box<dyn Prox<f64>>>();
    is_send_and_sync::<TtProjection>();
    is_send_and_sync::<LowRankProjection>();
    is_send_and_sync::<Grouped<TuckerProjection>>();
    is_send_and_sync::<Factors<f32>>();
    is_send_and_sync::<Projected<f64>>();
    is_send_and_sync::<WarmStart<f64>>();
    is_send_and_sync::<ProjectionError>();
}

#[test]
fn a_list_of_different_prox_operators() {
    let list: Vec<Box<dyn Prox<f64>>> = vec![
        Box::new(TtProjection::new(1)),
        Box::new(LowRankProjection::new(1)),
        Box::new(non_negative()),
    ];
    let v = random::tensor::<f64>(&[3, 4], 2);
    let results: Vec<ArrayD<f64>> = list
        .iter()
        .map(|prox| {
            prox.check(v.shape()).unwrap();
            let mut out = ArrayD::zeros(v.raw_dim());
            prox.prox(v.view(), 0.3, out.view_mut(), &mut WarmStart::default())
                .unwrap();
            out
        })
        .collect();
    assert_eq!(results[0], results[1]);
    assert_eq!(results[2], v.mapv(|x| x.max(0.0)));
}

/// Calls through every kind of pointer reach the same object.
#[test]
fn pointers_forward() {
    fn run<P: Projection<f64>>(projection: P) -> (ArrayD<f64>, Exactness, String) {
        let v = random::tensor::<f64>(&[4, 5], 8);
        let mut z = ArrayD::zeros(v.raw_dim());
        projection
            .project(v.view(), z.view_mut(), &mut WarmStart::default())
            .unwrap();
        let refused = projection.check(&[4, 6]).unwrap_err().to_string();
        (z, projection.exactness(), refused)
    }
    let make = || TtProjection::new(2).layout(Tensorization::identity([4, 5]).unwrap());
    let shared: Arc<dyn Projection<f64>> = Arc::new(make());
    let boxed: Box<dyn Projection<f64>> = Box::new(make());
    let direct = run(make());
    assert_eq!(direct.1, Exactness::Exact);
    assert_eq!(direct.2, "expected a weight of shape [4, 5], got [4, 6]");
    assert_eq!(run(Arc::clone(&shared)), direct);
    assert_eq!(run(&*shared), direct);
    assert_eq!(run(boxed), direct);
    let borrowed: &dyn Projection<f64> = &make();
    assert_eq!(run(borrowed), direct);
}

#[test]
fn exactness_says_what_the_distance_is_worth() {
    let of = |p: &dyn Projection<f64>| p.exactness();
    assert_eq!(of(&LowRankProjection::new(3)), Exactness::Exact);
    assert_eq!(of(&TtProjection::new(3)), Exactness::QuasiOptimal);
    let three = Tensorization::conv([2], [3, 3], [2]).unwrap();
    assert_eq!(
        of(&TtProjection::new(3).layout(three)),
        Exactness::QuasiOptimal
    );
    let two = Tensorization::tt_matrix([2, 3], [2, 3]).unwrap();
    assert_eq!(
        of(&TtProjection::new(3).layout(two.clone())),
        Exactness::Exact
    );
    assert_eq!(of(&TuckerProjection::new(3)), Exactness::QuasiOptimal);
    let tucker = TuckerProjection::new(3).layout(two);
    assert_eq!(of(&tucker), Exactness::Exact);
    assert_eq!(of(&Grouped::new(tucker, 2)), Exactness::Exact);
}
