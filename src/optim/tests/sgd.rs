use crate::optim::{Optimizer, Sgd};
use crate::scalar::Scalar;
use ndarray::{Array2, ShapeBuilder, arr1};

/// The weights after each step for these gradients; the velocity as the explicit sum
/// `sum_s m^(t - s) g_s` instead of a recursion.
fn oracle(
    start: f64,
    gradients: &[f64],
    rates: &[f64],
    m: f64,
    nesterov: bool,
    d: f64,
) -> Vec<f64> {
    let mut w = start;
    let mut history: Vec<f64> = Vec::new();
    let mut path = Vec::new();
    for (&g, &rate) in gradients.iter().zip(rates) {
        history.push(g + d * w);
        let t = history.len() - 1;
        let power = |s: usize| if t == s { 1.0 } else { m.powf((t - s) as f64) };
        let v: f64 = history.iter().enumerate().map(|(s, h)| power(s) * h).sum();
        w -= rate * if nesterov { history[t] + m * v } else { v };
        path.push(w);
    }
    path
}

fn matches_oracle<A: Scalar>(tolerance: f64) {
    let gradients = [0.7, -0.3, 1.1, 0.2, -2.0, 0.4, 0.9];
    let factors = [1.0, 1.0, 0.5, 0.5, 0.25, 1.0, 0.0];
    let rates = factors.map(|f| 0.1 * f);
    let starts = [1.5, -0.25, 3.0, 0.0, 2.0, -4.0];
    let cases = [
        (0.0, false, 0.0),
        (0.0, false, 0.1),
        (0.9, false, 0.0),
        (0.9, true, 0.05),
    ];
    for (momentum, nesterov, decay) in cases {
        let mut sgd = Sgd::new(0.1)
            .momentum(momentum)
            .nesterov(nesterov)
            .weight_decay(decay);
        assert!(Optimizer::<A>::check(&sgd).is_ok());
        // Column-major weights with row-major gradients.
        let mut w = Array2::from_shape_fn((2, 3).f(), |(i, j)| A::narrow(starts[3 * i + j]));
        for (t, (&g, &factor)) in gradients.iter().zip(&factors).enumerate() {
            let gradient =
                Array2::from_shape_fn((2, 3), |(i, j)| A::narrow(g * (i + j + 1) as f64));
            sgd.step(
                4,
                factor,
                w.view_mut().into_dyn(),
                gradient.view().into_dyn(),
            );
            for ((i, j), got) in w.indexed_iter() {
                let own = gradients.map(|g| g * (i + j + 1) as f64);
                let want = oracle(starts[3 * i + j], &own, &rates, momentum, nesterov, decay)[t];
                assert!((got.widen() - want).abs() <= tolerance, "{got} {want}");
            }
        }
    }
}

#[test]
fn steps_match_the_oracle() {
    matches_oracle::<f64>(1e-13);
    matches_oracle::<f32>(2e-5);
}

fn path(mut sgd: Sgd<f64>, steps: usize) -> Vec<f64> {
    let mut w = arr1(&[1.0]).into_dyn();
    let g = arr1(&[1.0]).into_dyn();
    (0..steps)
        .map(|_| {
            sgd.step(0, 1.0, w.view_mut(), g.view());
            w[[0]]
        })
        .collect()
}

fn close(got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len());
    assert!(
        got.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-14),
        "{got:?} {want:?}"
    );
}

#[test]
fn steps_match_hand_computed_values() {
    close(&path(Sgd::new(0.1), 2), &[0.9, 0.8]);
    close(&path(Sgd::new(0.1).momentum(0.9), 3), &[0.9, 0.71, 0.439]);
    close(
        &path(Sgd::new(0.1).momentum(0.9).nesterov(true), 2),
        &[0.81, 0.539],
    );
    // g = 1 + 0.5 w: 1.5, then 1 + 0.5 * 0.85 = 1.425.
    close(&path(Sgd::new(0.1).weight_decay(0.5), 2), &[0.85, 0.7075]);
}

#[test]
fn state_is_per_slot_and_restarts_on_reset_or_a_new_shape() {
    let mut sgd = Sgd::new(1.0).momentum(0.5);
    let mut w = arr1(&[0.0]).into_dyn();
    let g = arr1(&[1.0]).into_dyn();
    let mut step = |sgd: &mut Sgd<f64>, slot| {
        w.fill(0.0);
        sgd.step(slot, 1.0, w.view_mut(), g.view());
        w[[0]]
    };
    assert_eq!(step(&mut sgd, 0), -1.0);
    assert_eq!(step(&mut sgd, 0), -1.5);
    assert_eq!(step(&mut sgd, usize::MAX), -1.0);
    assert_eq!(step(&mut sgd, 0), -1.75);
    sgd.reset();
    assert_eq!(step(&mut sgd, 0), -1.0);
    let mut wide = arr1(&[0.0, 0.0]).into_dyn();
    let ones = arr1(&[1.0, 1.0]).into_dyn();
    sgd.step(0, 1.0, wide.view_mut(), ones.view());
    assert_eq!(wide, arr1(&[-1.0, -1.0]).into_dyn());
}
