use crate::optim::{GradientModel, OptimError, Sgd, Trainer};
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, IxDyn};
use std::convert::Infallible;

/// A model that says what it is told to say.
#[derive(Debug)]
struct Claims {
    samples: usize,
    names: Vec<&'static str>,
    names_mut: Vec<&'static str>,
    values: Vec<ArrayD<f64>>,
    /// Drop the last parameter in `gradient`: from both lists, or from the second only.
    drops: (bool, bool),
}

impl Claims {
    fn new(names: &[&'static str]) -> Self {
        let shape = |i| IxDyn(&[i + 1]);
        Self {
            samples: 3,
            names: names.to_vec(),
            names_mut: names.to_vec(),
            values: (0..names.len()).map(|i| ArrayD::zeros(shape(i))).collect(),
            drops: (false, false),
        }
    }

    fn refused(self) -> OptimError {
        Trainer::builder(self, Sgd::new(0.1)).build().unwrap_err()
    }
}

impl GradientModel for Claims {
    type Elem = f64;
    type Error = Infallible;

    fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, f64>)> {
        self.names
            .iter()
            .copied()
            .zip(self.values.iter().map(|w| w.view()))
            .collect()
    }

    fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, f64>)> {
        self.names_mut
            .iter()
            .copied()
            .zip(self.values.iter_mut().map(|w| w.view_mut()))
            .collect()
    }

    fn num_samples(&self) -> usize {
        self.samples
    }

    fn gradient(&mut self, _: &[usize], g: &mut [ArrayD<f64>]) -> Result<f64, Infallible> {
        for gradient in g {
            gradient.fill(1.0);
        }
        if self.drops.0 {
            self.names.pop();
        }
        if self.drops.1 {
            self.names_mut.pop();
        }
        Ok(0.0)
    }
}

#[test]
fn models_without_samples_or_parameters_are_refused() {
    let empty = Claims {
        samples: 0,
        ..Claims::new(&["a"])
    };
    assert!(matches!(empty.refused(), OptimError::NoSamples));
    assert!(matches!(
        Claims::new(&[]).refused(),
        OptimError::NoParameters
    ));
}

#[test]
fn repeated_names_are_refused() {
    let error = Claims::new(&["a", "b", "c", "b"]).refused();
    assert_eq!(error.to_string(), "parameters 1 and 3 are both named `b`");
}

#[test]
fn lists_that_differ_are_refused() {
    let shorter = Claims {
        names_mut: vec!["a"],
        ..Claims::new(&["a", "b"])
    };
    assert!(matches!(
        shorter.refused(),
        OptimError::ParameterCount {
            shared: 2,
            exclusive: 1
        }
    ));
    let swapped = Claims {
        names_mut: vec!["b", "a"],
        ..Claims::new(&["a", "b"])
    };
    match swapped.refused() {
        OptimError::ParameterMismatch {
            position: 0,
            name,
            shape,
            name_mut,
            shape_mut,
        } => {
            assert_eq!((name.as_str(), name_mut.as_str()), ("a", "b"));
            assert_eq!((shape, shape_mut), (vec![1], vec![1]));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_model_changed_between_fits_is_checked_again() {
    let mut trainer = Trainer::builder(Claims::new(&["a", "b"]), Sgd::new(0.5))
        .build()
        .unwrap();
    trainer.fit(1).unwrap();
    trainer.model_mut().samples = 0;
    assert!(matches!(trainer.fit(1), Err(OptimError::NoSamples)));
    trainer.model_mut().samples = 40;
    trainer.model_mut().values[1] = ArrayD::zeros(IxDyn(&[2, 2]));
    assert_eq!(trainer.fit(1).unwrap().steps(), 2);
    assert_eq!(
        trainer.model().values[1],
        ArrayD::from_elem(IxDyn(&[2, 2]), -1.0)
    );
    assert_eq!(trainer.model().values[0].sum(), -1.5);
}

#[test]
fn parameters_that_vanish_during_training_are_an_error_before_any_step() {
    for drops in [(true, true), (false, true)] {
        let model = Claims {
            drops,
            ..Claims::new(&["a", "b"])
        };
        let mut trainer = Trainer::builder(model, Sgd::new(0.5)).build().unwrap();
        let error = trainer.fit(1).unwrap_err();
        let want = "epoch 0, batch 0: the model had 2 parameters, now it has 1";
        assert_eq!(error.to_string(), want);
        assert!(trainer.model().values.iter().all(|w| w.sum() == 0.0));
    }
}
