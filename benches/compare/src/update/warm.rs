//! tt-admm's side with a warm start: weights that move a little between one update and the next.

use ndarray::ArrayD;
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::ThreadPool;
use tt_admm::projection::WarmStart;
use tt_admm::{BoxError, Scalar};

use super::{Layer, ours, sample};
use crate::element::Element;
use crate::sample::Sample;
use crate::timing::median_ms;
use crate::{queue, synthetic};

/// Norm of a move over that of the weight.
const MOVE: f64 = 0.01;

/// Layers that move around where they started, with what their projections remember.
#[derive(Debug)]
pub(super) struct Moving<A: Scalar> {
    start: Vec<ArrayD<A>>,
    layers: Vec<Layer<A>>,
    rng: Xoshiro256PlusPlus,
}

impl<A: Element> Moving<A> {
    pub(super) fn new(start: &[Layer<A>]) -> Self {
        let moving = |layer: &Layer<A>| Layer {
            projection: ours::warm_projection(&layer.layout.ranks),
            warm: WarmStart::default(),
            ..layer.clone()
        };
        Self {
            start: start.iter().map(|layer| layer.w.clone()).collect(),
            layers: start.iter().map(moving).collect(),
            rng: synthetic::rng(1),
        }
    }

    /// The next point for every layer: near the start, so that its norm does not grow, and [`MOVE`] away from
    /// the last point.
    fn step(&mut self) {
        for (start, layer) in self.start.iter().zip(&mut self.layers) {
            layer.w.assign(start);
            synthetic::add_noise(&mut layer.w, MOVE / 2.0_f64.sqrt(), &mut self.rng);
        }
    }

    fn project(&mut self, pool: &ThreadPool) -> Result<(), BoxError> {
        queue::for_each(pool, &mut self.layers, ours::project_warm)
    }

    /// Time and error of an update that starts from what the one before has left; moving is not timed.
    ///
    /// An error if the projection leaves nothing for any layer: it is then measured as "ours" already.
    pub(super) fn measure(&mut self, pool: &ThreadPool) -> Result<Sample, BoxError> {
        if self.remembers_nothing() {
            self.project(pool)?;
            if self.remembers_nothing() {
                return Err("TtProjection keeps nothing here from one call to the next".into());
            }
        }
        let (ms, ()) = median_ms(self, Self::step, |moving| moving.project(pool))?;
        Ok(sample(ms, &self.layers))
    }

    fn remembers_nothing(&self) -> bool {
        self.layers.iter().all(|layer| layer.warm.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Update;
    use super::*;
    use crate::layout::Layout;

    #[test]
    fn moves_have_their_length_and_stay_near() {
        let layout = Layout::new(&[16, 9, 16], [8, 8]).unwrap();
        let w = synthetic::kernel(&layout.shape, 1).unwrap();
        let update = Update::<f64>::new(vec![(layout, w)]);
        let mut moving = Moving::new(&update.layers);
        let norm = |x: &ArrayD<f64>| x.mapv(|x| x * x).sum().sqrt();
        let start = update.layers[0].w.clone();
        moving.step();
        for _ in 0..20 {
            let last = moving.layers[0].w.clone();
            moving.step();
            let w = &moving.layers[0].w;
            let [step, away] = [&last, &start].map(|from| norm(&(w - from)) / norm(&start));
            assert!((step / MOVE - 1.0).abs() < 0.1, "{step}");
            assert!(away < MOVE, "{away}");
        }
    }
}
