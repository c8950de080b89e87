//! Models of every kind: trait objects, models that are not `Send`, all sorts of errors.

use std::cell::RefCell;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::admm_support::{Targets, state};
use crate::common::random;
use tt_admm::admm::{
    AdmmBuilder, AdmmError, Block, Penalty, Proximal, Record, Report, TrainSummary,
};
use tt_admm::ndarray::{ArrayD, ArrayViewD, CowArray, IxDyn};
use tt_admm::{Admm, Scalar, Trainable, TtProjection};

fn target<A: Scalar>() -> Targets<A> {
    Targets::one(random::tensor::<A>(&[4, 6], 9))
}

fn builder<A: Scalar>() -> AdmmBuilder<A> {
    Admm::builder()
        .constrain("w", TtProjection::new(2))
        .rho(2.0)
        .max_iterations(300)
}

#[test]
fn a_model_behind_a_trait_object() {
    let mut model = target::<f64>();
    let object: &mut dyn Trainable<Elem = f64, Error = String> = &mut model;
    let mut admm = builder().build(&*object).unwrap();
    let report = admm.run(object, &mut ()).unwrap();
    assert!(report.primal_residual() < 1e-3);
    admm.write_projection(object).unwrap();
    assert_eq!(model.w[0].view(), admm.z("w").unwrap());
    let boxed: Box<dyn Trainable<Elem = f64, Error = String>> = Box::new(target());
    assert!(builder().build(&*boxed).is_ok());
}

/// Shares its weight with the outside by reference counting; hands out copies.
struct Shared(Rc<RefCell<ArrayD<f64>>>, ArrayD<f64>);

impl Trainable for Shared {
    type Elem = f64;
    type Error = Infallible;

    fn weight(&self, _: &str) -> Result<CowArray<'_, f64, IxDyn>, Infallible> {
        Ok(self.0.borrow().clone().into())
    }

    fn set_weight(&mut self, _: &str, value: ArrayViewD<'_, f64>) -> Result<(), Infallible> {
        self.0.borrow_mut().assign(&value);
        Ok(())
    }

    fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, Infallible> {
        let (anchor, rho) = (proximal.anchor("w").unwrap(), proximal.rho("w").unwrap());
        *self.0.borrow_mut() = (&self.1 + &(&anchor * rho)) / (1.0 + rho);
        Ok(TrainSummary::new())
    }
}

#[test]
fn a_model_that_is_not_send() {
    let t = target::<f64>().t.swap_remove(0);
    let outside = Rc::new(RefCell::new(t.clone()));
    let mut model = Shared(Rc::clone(&outside), t);
    let mut admm = builder().build(&model).unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    let mut twin = target::<f64>();
    let mut twin_admm = builder().build(&twin).unwrap();
    twin_admm.run(&mut twin, &mut ()).unwrap();
    assert_eq!(*outside.borrow(), twin.w[0]);
    admm.write_projection(&mut model).unwrap();
    assert_eq!(outside.borrow().view(), admm.z("w").unwrap());
}

#[test]
fn single_precision() {
    let mut model = target::<f32>();
    let mut admm = builder().build(&model).unwrap();
    let report = admm.run(&mut model, &mut ()).unwrap();
    assert!(report.primal_residual() < 2e-3, "{report}");
    let mut twin = target::<f64>();
    let mut twin_admm = builder().build(&twin).unwrap();
    twin_admm.run(&mut twin, &mut ()).unwrap();
    let wide = model.w[0].mapv(f64::from);
    let error = (&wide - &twin.w[0])
        .iter()
        .fold(0.0_f64, |m, x| m.max(x.abs()));
    assert!(error < 1e-4, "{error}");
}

#[derive(Debug)]
enum Own {
    Device(i32),
}

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Device(code) = self;
        write!(f, "device error {code}")
    }
}

impl Error for Own {}

/// Fails to train with an error of type `E`.
struct Failing<E>(ArrayD<f64>, fn() -> E, PhantomData<E>);

impl<E: Into<tt_admm::BoxError>> Trainable for Failing<E> {
    type Elem = f64;
    type Error = E;

    fn weight(&self, _: &str) -> Result<CowArray<'_, f64, IxDyn>, E> {
        Ok(self.0.view().into())
    }

    fn set_weight(&mut self, _: &str, _: ArrayViewD<'_, f64>) -> Result<(), E> {
        Err((self.1)())
    }

    fn train(&mut self, _: &Proximal<'_, f64>) -> Result<TrainSummary, E> {
        Err((self.1)())
    }
}

fn failures<E: Into<tt_admm::BoxError>>(make: fn() -> E) -> [AdmmError; 2] {
    let mut model = Failing(target::<f64>().w.swap_remove(0), make, PhantomData);
    let mut admm = builder().build(&model).unwrap();
    [
        admm.run(&mut model, &mut ()).unwrap_err(),
        admm.write_projection(&mut model).unwrap_err(),
    ]
}

fn texts(errors: &[AdmmError; 2]) -> [String; 2] {
    [errors[0].to_string(), errors[1].to_string()]
}

#[test]
fn any_error_type_fits() {
    let expected = |what: &str| {
        [
            format!("training failed in iteration 1: {what}"),
            format!("weight `w`: {what}"),
        ]
    };
    assert_eq!(texts(&failures(|| "text".to_owned())), expected("text"));
    let boxed = failures(|| Box::<dyn Error + Send + Sync>::from("boxed"));
    assert_eq!(texts(&boxed), expected("boxed"));
    let own = failures(|| Own::Device(7));
    assert_eq!(texts(&own), expected("device error 7"));
    for error in own {
        // The type survives, for callers that want to match on it.
        let source = error.source().unwrap();
        let Own::Device(code) = source.downcast_ref::<Own>().unwrap();
        assert_eq!(*code, 7);
    }
}

#[test]
fn auto_traits() {
    fn is_send_and_sync<T: Send + Sync>() {}
    fn is_static<T: 'static>() {}
    is_send_and_sync::<Admm<f32>>();
    is_send_and_sync::<Admm<f64>>();
    is_send_and_sync::<AdmmBuilder<f64>>();
    is_send_and_sync::<AdmmError>();
    is_send_and_sync::<Block<f64>>();
    is_send_and_sync::<Proximal<'_, f64>>();
    is_send_and_sync::<Record>();
    is_send_and_sync::<Report>();
    is_send_and_sync::<Penalty>();
    is_static::<Admm<f64>>();
    // A loop can be moved to another thread and back.
    let model = target::<f64>();
    let mut admm = builder().build(&model).unwrap();
    let before = state(&admm);
    admm = std::thread::spawn(move || admm).join().unwrap();
    assert_eq!(state(&admm), before);
}
