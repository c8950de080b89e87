use super::Linear;
use crate::optim::{
    Adam, GradientModel, OptimError, Optimizer, OptimizerState, Schedule, Sgd, Trainer,
};
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};
use std::convert::Infallible;
use std::{cell::Cell, rc::Rc};

fn trainer<O: Optimizer<f64>>(optimizer: O, batch_size: usize) -> Trainer<Linear<f64>, O> {
    Trainer::builder(Linear::new(10, 2), optimizer)
        .batch_size(batch_size)
        .schedule(Schedule::cosine(9, 0.1).with_warmup(2))
        .seed(5)
        .build()
        .unwrap()
}

#[test]
fn two_fits_equal_one_long_fit_bit_for_bit() {
    fn check<O: Optimizer<f64> + Clone>(optimizer: &O) {
        let mut whole = trainer(optimizer.clone(), 4);
        let mut parts = trainer(optimizer.clone(), 4);
        let summary = whole.fit(7).unwrap();
        parts.fit(3).unwrap();
        let tail = parts.fit(4).unwrap();
        assert_eq!((summary.epochs(), summary.steps()), (7, 21));
        assert_eq!((tail.epochs(), tail.steps()), (4, 12));
        assert_eq!(summary.loss().to_bits(), tail.loss().to_bits());
        assert_eq!(whole.epochs_done(), 7);
        assert_eq!(parts.epochs_done(), 7);
        assert_eq!(whole.model().batches, parts.model().batches);
        let bits = |t: &Trainer<_, O>| -> Vec<u64> {
            let model: &Linear<f64> = t.model();
            model.values().iter().map(|w| w.to_bits()).collect()
        };
        assert_eq!(bits(&whole), bits(&parts));
        assert_ne!(bits(&whole), vec![0; 3]);
    }
    check(&Sgd::new(0.1).momentum(0.9));
    check(&Adam::new(0.1));
}

#[test]
fn training_resumes_from_a_model_an_optimiser_and_an_epoch_number() {
    let mut whole = trainer(Adam::new(0.1), 4);
    whole.fit(5).unwrap();
    let mut first = trainer(Adam::new(0.1), 4);
    first.fit(2).unwrap();
    let (model, optimizer) = first.into_parts();
    let mut second = Trainer::builder(model, optimizer)
        .batch_size(4)
        .schedule(Schedule::cosine(9, 0.1).with_warmup(2))
        .seed(5)
        .epochs_done(2)
        .build()
        .unwrap();
    second.fit(3).unwrap();
    assert_eq!(second.epochs_done(), 5);
    assert_eq!(second.into_model().values(), whole.into_model().values());
}

#[test]
fn every_sample_is_used_once_per_epoch_in_an_order_of_seed_and_epoch() {
    let mut t = trainer(Sgd::new(0.1), 4);
    t.fit(2).unwrap();
    let batches = t.model().batches.clone();
    assert_eq!(
        batches.iter().map(Vec::len).collect::<Vec<_>>(),
        [4, 4, 2, 4, 4, 2]
    );
    let epochs = [batches[..3].concat(), batches[3..].concat()];
    for epoch in &epochs {
        let mut sorted = epoch.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..10).collect::<Vec<_>>());
    }
    assert_ne!(epochs[0], epochs[1]);
    let mut other = Trainer::builder(Linear::<f64>::new(10, 2), Sgd::new(0.1))
        .seed(6)
        .build();
    other.as_mut().unwrap().fit(1).unwrap();
    assert_ne!(other.unwrap().model().batches.concat(), epochs[0]);
}

#[test]
fn batches_of_one_and_batches_larger_than_the_data() {
    let mut single = trainer(Sgd::new(0.1), 1);
    assert_eq!(single.fit(2).unwrap().steps(), 20);
    assert!(single.model().batches.iter().all(|b| b.len() == 1));
    for size in [11, usize::MAX] {
        let mut whole = trainer(Sgd::new(0.1), size);
        assert_eq!(whole.fit(2).unwrap().steps(), 2);
        assert!(whole.model().batches.iter().all(|b| b.len() == 10));
    }
}

#[test]
fn the_loss_is_weighted_by_batch_size() {
    // The loss of sample i is i, whatever the parameter: the mean over 0..5 is 2 for any batches.
    struct Index(ArrayD<f64>);
    impl GradientModel for Index {
        type Elem = f64;
        type Error = Infallible;
        fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, f64>)> {
            vec![("w", self.0.view())]
        }
        fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, f64>)> {
            vec![("w", self.0.view_mut())]
        }
        fn num_samples(&self) -> usize {
            5
        }
        fn gradient(&mut self, s: &[usize], _: &mut [ArrayD<f64>]) -> Result<f64, Infallible> {
            Ok(s.iter().sum::<usize>() as f64 / s.len() as f64)
        }
    }
    for size in 1..=6 {
        let model = Index(ArrayD::zeros(ndarray::IxDyn(&[2])));
        let mut trainer = Trainer::builder(model, Sgd::new(1.0))
            .batch_size(size)
            .build()
            .unwrap();
        assert!(
            (trainer.fit(3).unwrap().loss() - 2.0).abs() < 1e-14,
            "{size}"
        );
        assert_eq!(trainer.model().0.sum(), 0.0);
    }
}

#[test]
fn the_learning_rate_follows_the_schedule_within_an_epoch() {
    // Every recorded factor belongs to the batch at epoch + batch / batches.
    #[derive(Debug, Default)]
    struct Recorder(Vec<(usize, f64)>);
    impl Optimizer<f64> for Recorder {
        fn check(&self) -> Result<(), OptimError> {
            Ok(())
        }
        fn step(
            &mut self,
            slot: usize,
            factor: f64,
            _: ArrayViewMutD<'_, f64>,
            _: ArrayViewD<'_, f64>,
        ) {
            self.0.push((slot, factor));
        }
        fn reset(&mut self) {}
        fn state(&self) -> OptimizerState<f64> {
            OptimizerState::new("recorder")
        }
        fn set_state(&mut self, _: OptimizerState<f64>) -> Result<(), OptimError> {
            Ok(())
        }
        fn learning_rate(&self) -> f64 {
            1.0
        }
    }
    let mut t = trainer(Recorder::default(), 5);
    t.fit(2).unwrap();
    let schedule = Schedule::cosine(9, 0.1).with_warmup(2);
    let want: Vec<_> = [0.0, 0.5, 1.0, 1.5]
        .iter()
        .flat_map(|&at| [(0, schedule.factor(at)), (1, schedule.factor(at))])
        .collect();
    assert_eq!(t.optimizer().0, want);
}

#[test]
fn gradients_are_edited_for_every_parameter_of_every_batch() {
    let mut edited = trainer(Sgd::new(0.1), 4);
    let mut calls = Vec::new();
    let summary = edited
        .fit_with(2, |name, weight, mut gradient| {
            calls.push((name.to_owned(), weight.shape().to_vec()));
            assert_eq!(weight.shape(), gradient.shape());
            gradient.fill(0.0);
            Ok(())
        })
        .unwrap();
    let pair = [("weight".to_owned(), vec![2]), ("bias".to_owned(), vec![])];
    assert_eq!(calls.len(), 2 * summary.steps());
    assert!(calls.chunks(2).all(|batch| batch == pair), "{calls:?}");
    assert_eq!(edited.model().values(), [0.0; 3]);
    // An editor that edits nothing changes nothing.
    let (mut plain, mut same) = (trainer(Sgd::new(0.1), 4), trainer(Sgd::new(0.1), 4));
    assert_eq!(
        plain.fit(2).unwrap(),
        same.fit_with(2, |_, _, _| Ok(())).unwrap()
    );
    assert_eq!(plain.model().values(), same.model().values());
}

#[test]
fn an_edit_equal_to_weight_decay_trains_like_weight_decay() {
    let mut decayed = trainer(Sgd::new(0.1).momentum(0.5).weight_decay(0.25), 4);
    let mut edited = trainer(Sgd::new(0.1).momentum(0.5), 4);
    decayed.fit(4).unwrap();
    edited
        .fit_with(4, |_, weight, mut gradient| {
            gradient.scaled_add(0.25, &weight);
            Ok(())
        })
        .unwrap();
    for (a, b) in decayed.model().values().iter().zip(edited.model().values()) {
        assert!((a - b).abs() < 1e-14 && *a != 0.0);
    }
}

#[test]
fn models_may_be_shared_boxed_or_lent_and_optimisers_boxed() {
    struct Counting(Linear<f64>, Rc<Cell<usize>>);
    impl GradientModel for Counting {
        type Elem = f64;
        type Error = crate::error::BoxError;
        fn parameters(&self) -> Vec<(&str, ArrayViewD<'_, f64>)> {
            self.0.parameters()
        }
        fn parameters_mut(&mut self) -> Vec<(&str, ArrayViewMutD<'_, f64>)> {
            self.0.parameters_mut()
        }
        fn num_samples(&self) -> usize {
            self.0.num_samples()
        }
        fn gradient(
            &mut self,
            samples: &[usize],
            gradients: &mut [ArrayD<f64>],
        ) -> Result<f64, Self::Error> {
            self.1.set(self.1.get() + 1);
            self.0.gradient(samples, gradients)
        }
    }
    let calls = Rc::new(Cell::new(0));
    let mut model = Counting(Linear::new(10, 2), Rc::clone(&calls));
    let summary = Trainer::builder(&mut model, Sgd::new(0.1))
        .batch_size(4)
        .build()
        .unwrap()
        .fit(2)
        .unwrap();
    assert_eq!((summary.steps(), calls.get()), (6, 6));
    let boxed: Box<dyn GradientModel<Elem = f64, Error = crate::error::BoxError>> = Box::new(model);
    let optimizer: Box<dyn Optimizer<f64>> = Box::new(Adam::new(0.1));
    assert_eq!(optimizer.learning_rate(), 0.1);
    let mut trainer = Trainer::builder(boxed, optimizer).build().unwrap();
    trainer.fit(1).unwrap();
    trainer.optimizer_mut().reset();
    trainer.fit(1).unwrap();
    assert_eq!(calls.get(), 8);
    let text = format!("{trainer:?}");
    assert!(
        text.contains("epochs_done: 2") && text.contains("Adam"),
        "{text}"
    );
}
