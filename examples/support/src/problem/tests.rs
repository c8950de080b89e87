//! The reference: its gradients, its result, and that the check notices differences.

use ndarray::ArrayD;
use tt_admm::Admm;
use tt_admm::optim::{GradientModel, Sgd, Trainer};

use super::{Mlp, Problem, values};

/// ADMM for the problem, on a model that starts somewhere else if `change` changes it.
fn solve(problem: &Problem, change: impl Fn(&mut Mlp<f32>)) -> Admm<f32> {
    let mut mlp = problem.model();
    change(&mut mlp);
    let mut model = Trainer::builder(mlp, Sgd::new(f64::from(problem.learning_rate)))
        .batch_size(problem.labels.len())
        .epochs_per_update(problem.steps_per_iteration)
        .build()
        .unwrap();
    let mut admm = problem.builder().build(&model).unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    admm
}

#[test]
fn gradients_agree_with_finite_differences() {
    let problem = Problem::new().unwrap();
    let mut model = Mlp::<f64>::new(&problem);
    let samples: Vec<usize> = (0..Problem::SAMPLES).step_by(3).collect();
    let zeros = |m: &Mlp<f64>| -> Vec<ArrayD<f64>> {
        let parameters = m.parameters();
        parameters
            .iter()
            .map(|(_, p)| ArrayD::zeros(p.raw_dim()))
            .collect()
    };
    let mut gradients = zeros(&model);
    model.gradient(&samples, &mut gradients).unwrap();
    let mut unused = zeros(&model);
    for (slot, gradient) in gradients.iter().enumerate() {
        for (element, &got) in gradient.iter().enumerate() {
            let mut loss_at = |step: f64| {
                let mut moved = model.clone();
                moved.parameters_mut()[slot].1.as_slice_mut().unwrap()[element] += step;
                moved.gradient(&samples, &mut unused).unwrap()
            };
            let slope = (loss_at(1e-5) - loss_at(-1e-5)) / 2e-5;
            let name = model.parameters()[slot].0;
            assert!(
                (slope - got).abs() < 1e-9,
                "{name}[{element}]: {slope} {got}"
            );
        }
    }
}

#[test]
fn the_loss_of_equal_scores_is_the_logarithm_of_the_number_of_classes() {
    let problem = Problem::new().unwrap();
    let mut model = Mlp::<f64>::new(&problem);
    for (_, mut parameter) in model.parameters_mut() {
        parameter.fill(0.0);
    }
    let shapes: Vec<_> = model
        .parameters()
        .iter()
        .map(|(_, p)| p.raw_dim())
        .collect();
    let mut gradients: Vec<_> = shapes.into_iter().map(ArrayD::zeros).collect();
    let loss = model.gradient(&[0, 5, 7], &mut gradients).unwrap();
    assert!((loss - (Problem::CLASSES as f64).ln()).abs() < 1e-14);
}

#[test]
fn the_reference_has_the_ranks_and_something_to_compare() {
    let problem = Problem::new().unwrap();
    let admm = solve(&problem, |_| {});
    let reference = problem.reference().unwrap();
    assert_eq!(reference.len(), 2);
    for ((name, z, u), (wanted, ranks)) in reference.iter().zip(problem.ranks()) {
        assert_eq!(name, wanted);
        let train = admm.factors(name).unwrap().tensor_train().unwrap();
        assert_eq!(train.ranks()[1..4], ranks[..]);
        let dense = admm.factors(name).unwrap().to_dense();
        assert!(values::norm(&(&dense - z)) < 1e-5 * values::norm(z));
        // The constraint bites, and the dual is far from zero: a wrong sign or a missing term shows.
        assert!(values::norm(u) > 0.1 * values::norm(z), "{name}");
    }
    assert!(admm.history().iter().all(|record| record.loss().is_some()));
}

#[test]
fn the_problem_is_well_conditioned() {
    // Rounding of another framework is about 1e-6; it must not grow to the tolerance of 1e-4.
    let problem = Problem::new().unwrap();
    for noise in [1e-6_f32, -1e-6] {
        let admm = solve(&problem, |model| {
            for (_, mut parameter) in model.parameters_mut() {
                for (i, p) in parameter.iter_mut().enumerate() {
                    *p *= 1.0 + if i % 3 == 0 { noise } else { -noise };
                }
            }
        });
        let difference = problem.check(&admm).unwrap();
        assert!(difference > 0.0 && difference < 2e-5, "{difference}");
    }
}

#[test]
fn the_check_notices_what_an_adapter_may_get_wrong() {
    let problem = Problem::new().unwrap();
    assert!(problem.check(&solve(&problem, |_| {})).unwrap() < 1e-12);

    // The mistakes: no pull at all, a pull of half the strength, a step too many.
    for (pull, steps) in [(0.0, 10), (0.5, 10), (1.0, 11)] {
        let rate = f64::from(problem.learning_rate);
        let mut model = Trainer::builder(problem.model(), Sgd::new(rate))
            .batch_size(problem.labels.len())
            .build()
            .unwrap();
        let mut admm = problem.builder().build(&model).unwrap();
        for _ in 0..problem.iterations {
            let proximal = admm.proximal();
            model
                .fit_with(steps, |name, w, mut g| {
                    let before = g.to_owned();
                    proximal.add_gradient(name, &w, &mut g)?;
                    g.zip_mut_with(&before, |g, &b| *g = b + pull * (*g - b));
                    Ok(())
                })
                .unwrap();
            admm.update(|name| model.parameter(name).unwrap().to_owned())
                .unwrap();
        }
        let message = problem.check(&admm).unwrap_err();
        assert!(message.contains("differs by"), "{message}");
    }
}

#[test]
fn the_check_says_what_does_not_fit() {
    let problem = Problem::new().unwrap();
    let model = Trainer::builder(problem.model(), Sgd::new(0.1))
        .build()
        .unwrap();
    let admm = problem.builder().build(&model).unwrap();
    assert_eq!(
        problem.check(&admm).unwrap_err(),
        "0 iterations were done, expected 3"
    );

    let other = ArrayD::<f32>::ones(vec![4, 4]);
    let mut admm = Admm::builder()
        .constrain("fc1.weight", tt_admm::TtProjection::new(2))
        .rho(1.0)
        .build_from(|_| other.view())
        .unwrap();
    for _ in 0..3 {
        admm.update(|_| other.view()).unwrap();
    }
    let message = problem.check(&admm).unwrap_err();
    assert_eq!(
        message,
        "Z of fc1.weight has shape [4, 4], expected [16, 12]"
    );
}
