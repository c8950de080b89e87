use crate::optim::{Adam, Optimizer};
use crate::scalar::Scalar;
use ndarray::{Array2, ShapeBuilder, arr1};

#[derive(Clone, Copy)]
struct Case {
    betas: (f64, f64),
    epsilon: f64,
    decay: f64,
    decoupled: bool,
}

/// The weights after each step; the moments as explicit weighted sums over all past gradients.
fn oracle(start: f64, gradients: &[f64], factors: &[f64], case: Case) -> Vec<f64> {
    let (b1, b2) = case.betas;
    let mut w = start;
    let mut history: Vec<f64> = Vec::new();
    let mut path = Vec::new();
    for (&g, &factor) in gradients.iter().zip(factors) {
        let rate = 0.05 * factor;
        if case.decoupled {
            history.push(g);
            w -= rate * case.decay * w;
        } else {
            history.push(g + case.decay * w);
        }
        // Corrected moments are means whose weights are normalised to 1.
        let weights = |b: f64| -> Vec<f64> {
            let t = history.len();
            let raw: Vec<f64> = (0..t).map(|s| b.powf((t - 1 - s) as f64)).collect();
            let total: f64 = raw.iter().sum();
            raw.iter().map(|r| r / total).collect()
        };
        let m: f64 = weights(b1).iter().zip(&history).map(|(a, h)| a * h).sum();
        let v: f64 = weights(b2)
            .iter()
            .zip(&history)
            .map(|(a, h)| a * h * h)
            .sum();
        w -= rate * m / (v.sqrt() + case.epsilon);
        path.push(w);
    }
    path
}

fn matches_oracle<A: Scalar>(tolerance: f64) {
    let gradients = [0.7, -0.3, 1.1, 0.2, -2.0, 0.4, 0.9];
    let factors = [1.0, 1.0, 0.5, 0.5, 0.25, 1.0, 0.0];
    let starts = [1.5, -0.25, 3.0, 0.0, 2.0, -4.0];
    let plain = Case {
        betas: (0.9, 0.999),
        epsilon: 1e-8,
        decay: 0.0,
        decoupled: false,
    };
    let cases = [
        plain,
        Case {
            betas: (0.8, 0.95),
            epsilon: 1e-2,
            ..plain
        },
        Case {
            betas: (0.0, 0.9),
            ..plain
        },
        Case {
            decay: 0.3,
            ..plain
        },
        Case {
            decay: 0.3,
            decoupled: true,
            ..plain
        },
    ];
    for case in cases {
        let mut adam = Adam::new(0.05)
            .betas(case.betas.0, case.betas.1)
            .epsilon(case.epsilon)
            .weight_decay(case.decay)
            .decoupled(case.decoupled);
        assert!(Optimizer::<A>::check(&adam).is_ok());
        let mut w = Array2::from_shape_fn((2, 3).f(), |(i, j)| A::narrow(starts[3 * i + j]));
        for (t, (&g, &factor)) in gradients.iter().zip(&factors).enumerate() {
            let gradient =
                Array2::from_shape_fn((2, 3), |(i, j)| A::narrow(g * (i + j + 1) as f64));
            adam.step(
                2,
                factor,
                w.view_mut().into_dyn(),
                gradient.view().into_dyn(),
            );
            for ((i, j), got) in w.indexed_iter() {
                let own = gradients.map(|g| g * (i + j + 1) as f64);
                let want = oracle(starts[3 * i + j], &own, &factors, case)[t];
                assert!((got.widen() - want).abs() <= tolerance, "{got} {want}");
            }
        }
    }
}

#[test]
fn steps_match_the_oracle() {
    matches_oracle::<f64>(1e-12);
    matches_oracle::<f32>(2e-5);
}

#[test]
fn steps_match_hand_computed_values() {
    let mut adam = Adam::new(0.1).betas(0.5, 0.75).epsilon(1.0);
    let mut w = arr1(&[0.0]).into_dyn();
    // m = 2, v = 4; corrected 4 and 16: the step is 0.1 * 4 / (4 + 1).
    adam.step(0, 1.0, w.view_mut(), arr1(&[4.0]).into_dyn().view());
    assert!((w[[0]] + 0.08_f64).abs() < 1e-15);
    // m = 1, v = 3; corrected 4/3 and 48/7.
    adam.step(0, 1.0, w.view_mut(), arr1(&[0.0]).into_dyn().view());
    let second = 0.1 * (4.0 / 3.0) / ((48.0_f64 / 7.0).sqrt() + 1.0);
    assert!((w[[0]] + 0.08 + second).abs() < 1e-15);
}

#[test]
fn a_zero_gradient_moves_nothing() {
    let mut adam = Adam::<f32>::new(0.1);
    let mut w = arr1(&[2.0]).into_dyn();
    adam.step(0, 1.0, w.view_mut(), arr1(&[0.0]).into_dyn().view());
    assert_eq!(w[[0]], 2.0);
}

#[test]
fn state_is_per_slot_and_restarts_on_reset_or_a_new_shape() {
    let mut adam = Adam::<f64>::new(0.1);
    let step = |adam: &mut Adam<f64>, slot, g: f64| {
        let mut w = arr1(&[0.0]).into_dyn();
        adam.step(slot, 1.0, w.view_mut(), arr1(&[g]).into_dyn().view());
        w[[0]]
    };
    let first = step(&mut adam, 0, 1.0);
    // A second gradient of another size gives a shorter step than a first one.
    let second = step(&mut adam, 0, 0.1);
    assert!(
        (first + 0.1).abs() < 1e-8 && second > -0.09,
        "{first} {second}"
    );
    assert!((step(&mut adam, 7, 0.1) + 0.1).abs() < 1e-7);
    adam.reset();
    assert!((step(&mut adam, 0, 0.1) + 0.1).abs() < 1e-7);
    let mut wide = arr1(&[0.0, 0.0]).into_dyn();
    adam.step(0, 1.0, wide.view_mut(), arr1(&[5.0, 0.2]).into_dyn().view());
    assert!(wide.iter().all(|w| (w + 0.1).abs() < 1e-7), "{wide}");
}
