use super::Linear;
use crate::optim::{Adam, Optimizer, Schedule, Sgd, Trainer};
use crate::scalar::Scalar;
use ndarray::{Array1, Array2, s};

/// The minimiser from the normal equations, in f64, by elimination with pivoting.
fn normal_equations<A: Scalar>(model: &Linear<A>) -> Array1<f64> {
    let (n, p) = model.x.dim();
    let mut design = Array2::<f64>::ones((n, p + 1));
    design
        .slice_mut(s![.., ..p])
        .assign(&model.x.mapv(Scalar::widen));
    let mut system = Array2::zeros((p + 1, p + 2));
    system
        .slice_mut(s![.., ..=p])
        .assign(&design.t().dot(&design));
    system
        .column_mut(p + 1)
        .assign(&design.t().dot(&model.y.mapv(Scalar::widen)));
    for k in 0..=p {
        let pivot = (k..=p)
            .max_by(|&a, &b| system[[a, k]].abs().total_cmp(&system[[b, k]].abs()))
            .unwrap();
        for j in 0..p + 2 {
            system.swap([k, j], [pivot, j]);
        }
        let row = system.row(k).to_owned() / system[[k, k]];
        for i in 0..=p {
            if i != k {
                let factor = system[[i, k]];
                system.row_mut(i).scaled_add(-factor, &row);
            }
        }
        system.row_mut(k).assign(&row);
    }
    system.column(p + 1).to_owned()
}

fn converges<A: Scalar>(optimizer: impl Optimizer<A>, batch_size: usize, tolerance: f64) {
    let model = Linear::<A>::new(24, 3);
    let exact = normal_equations(&model);
    let mut trainer = Trainer::builder(model, optimizer)
        .batch_size(batch_size)
        .schedule(Schedule::cosine(1500, 0.0))
        .build()
        .unwrap();
    trainer.fit(1500).unwrap();
    let values = trainer.model().values();
    for (got, want) in values.iter().zip(&exact) {
        assert!(
            (got.widen() - want).abs() <= tolerance,
            "{values:?} {exact}"
        );
    }
}

#[test]
fn full_batches_reach_the_normal_equation_solution() {
    converges::<f64>(Sgd::new(0.1).momentum(0.9), 24, 1e-9);
    converges::<f64>(Sgd::new(0.1).momentum(0.9).nesterov(true), 24, 1e-9);
    converges::<f64>(Adam::new(0.05), 24, 1e-9);
    converges::<f32>(Sgd::new(0.1).momentum(0.9), 24, 2e-6);
    converges::<f32>(Adam::new(0.05), 24, 2e-5);
}

#[test]
fn mini_batches_come_close_as_the_rate_decays() {
    converges::<f64>(Sgd::new(0.1).momentum(0.5), 7, 5e-3);
    converges::<f64>(Adam::new(0.02), 7, 5e-3);
    converges::<f32>(Sgd::new(0.1), 1, 5e-3);
}
