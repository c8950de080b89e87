//! A model whose every W-step depends on the one before, under several constraints.

use super::{Targets, non_negative};
use crate::common::random;
use tt_admm::admm::{AdmmBuilder, Penalty, Proximal, Resumable, TrainSummary};
use tt_admm::ndarray::{ArrayViewD, CowArray, IxDyn};
use tt_admm::projection::LowRankProjection;
use tt_admm::{Admm, Tensorization, Trainable, TtProjection};

/// A few gradient steps instead of the exact W-step, so that every W-step depends on the one before.
#[derive(Debug, Clone)]
pub(crate) struct Inexact(pub(crate) Targets<f64>);

impl Trainable for Inexact {
    type Elem = f64;
    type Error = String;

    fn weight(&self, name: &str) -> Result<CowArray<'_, f64, IxDyn>, String> {
        self.0.weight(name)
    }

    fn set_weight(&mut self, name: &str, value: ArrayViewD<'_, f64>) -> Result<(), String> {
        self.0.set_weight(name, value)
    }

    fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, String> {
        let model = &mut self.0;
        for _ in 0..3 {
            for ((name, t), w) in model.names.iter().zip(&model.t).zip(&mut model.w) {
                let mut gradient = &*w - t;
                proximal
                    .add_gradient(name, w, &mut gradient)
                    .map_err(|e| e.to_string())?;
                w.scaled_add(-0.15, &gradient);
            }
        }
        Ok(TrainSummary::new().loss(1.0 / proximal.iteration() as f64))
    }
}

pub(crate) fn model() -> Inexact {
    Inexact(Targets::new(vec![
        random::tensor(&[8, 4, 3, 3], 1),
        random::tensor(&[12, 10], 2),
        random::tensor(&[6, 6, 6], 3),
    ]))
}

pub(crate) fn builder() -> AdmmBuilder<f64> {
    let conv = Tensorization::conv([8], [3, 3], [4]).unwrap();
    Admm::<f64>::builder()
        .constrain("w0", TtProjection::new([4, 3]).layout(conv))
        .constrain("w1", LowRankProjection::new(3))
        .constrain("w2", TtProjection::new(2))
        .constrain("w1", non_negative())
        .rho(0.8)
        .rho_for("w2", 1.7)
        .tolerance(0.0, 0.0)
}

pub(crate) fn policies() -> [Penalty; 4] {
    [
        Penalty::constant(),
        Penalty::geometric(1.15).every(2),
        Penalty::geometric(1.4).bounded(0.0, 2.0),
        Penalty::residual_balancing().threshold(2.0),
    ]
}

/// The weights, little-endian.
impl Resumable for Inexact {
    fn save_state(&self) -> Result<Vec<u8>, String> {
        let numbers = self.0.w.iter().flatten();
        Ok(numbers.flat_map(|w| w.to_le_bytes()).collect())
    }

    fn load_state(&mut self, state: &[u8]) -> Result<(), String> {
        let numbers = state
            .chunks(8)
            .map(|b| b.try_into().map(f64::from_le_bytes));
        let numbers: Vec<f64> = numbers.collect::<Result<_, _>>().map_err(|_| "odd bytes")?;
        if numbers.len() != self.0.w.iter().map(|w| w.len()).sum::<usize>() {
            return Err(format!("{} numbers", numbers.len()));
        }
        let places = self.0.w.iter_mut().flatten();
        places.zip(numbers).for_each(|(w, x)| *w = x);
        Ok(())
    }
}
