//! The Z-update of a network: every layer projected on its ranks and rebuilt dense.

mod gesdd;
mod ours;
mod trajectory;
mod warm;

use ndarray::ArrayD;
use rayon::ThreadPool;
use tt_admm::projection::{TtProjection, WarmStart};
use tt_admm::{BoxError, Scalar};

use crate::command::Side;
use crate::element::Element;
use crate::layout::Layout;
use crate::queue;
use crate::sample::{Distance, Sample};
use crate::timing::median_ms;
use crate::workload::Measured;
use crate::{operations, workload};
pub(crate) use trajectory::table as trajectory;
use warm::Moving;

/// One weight.
#[derive(Debug, Clone)]
struct Layer<A> {
    layout: Layout,
    projection: TtProjection,
    warm: WarmStart<A>,
    w: ArrayD<A>,
    z: ArrayD<A>,
}

/// All layers, largest first.
#[derive(Debug)]
pub(crate) struct Update<A: Scalar> {
    layers: Vec<Layer<A>>,
    /// Made when it is first asked for.
    moving: Option<Moving<A>>,
}

impl<A: Element> Update<A> {
    pub(crate) fn new(tensors: Vec<(Layout, ArrayD<f64>)>) -> Self {
        let mut layers: Vec<_> = tensors
            .into_iter()
            .map(|(layout, tensor)| Layer {
                projection: ours::projection(&layout.ranks),
                layout,
                warm: WarmStart::default(),
                z: ArrayD::zeros(tensor.raw_dim()),
                w: tensor.mapv(A::narrow),
            })
            .collect();
        let cost = |layer: &Layer<A>| operations::projection(&layer.layout);
        layers.sort_by(|a, b| cost(b).total_cmp(&cost(a)));
        Self {
            layers,
            moving: None,
        }
    }

    /// Time and error of one way to project a layer.
    fn measure_layers(
        &mut self,
        pool: &ThreadPool,
        project: impl Fn(&mut Layer<A>) -> Result<(), BoxError> + Sync,
    ) -> Result<Sample, BoxError> {
        let all = |layers: &mut Vec<Layer<A>>| queue::for_each(pool, layers, &project);
        let (ms, ()) = median_ms(&mut self.layers, |_| (), all)?;
        Ok(sample(ms, &self.layers))
    }
}

impl<A: Element> Measured for Update<A> {
    fn measure(&mut self, side: Side, pool: &ThreadPool) -> Result<Sample, BoxError> {
        match side {
            Side::Ours => self.measure_layers(pool, ours::project_cold),
            Side::Gesdd => self.measure_layers(pool, gesdd::project),
            Side::Warm => {
                let moving = self.moving.get_or_insert_with(|| Moving::new(&self.layers));
                moving.measure(pool)
            }
            Side::Copy => Err("copies are measured of large tensors only".into()),
        }
    }

    fn write(&self, folder: &std::path::Path, name: &str) -> Result<(), BoxError> {
        let tensors = self.layers.iter().map(|layer| (&layer.layout, &layer.w));
        workload::write(folder, name, tensors)
    }
}

/// The time with the error of all layers as they are now.
fn sample<'a, A: Scalar>(ms: f64, layers: impl IntoIterator<Item = &'a Layer<A>>) -> Sample {
    let mut distance = Distance::default();
    for layer in layers {
        distance.add(&layer.w, &layer.z);
    }
    Sample {
        ms,
        error: Some(distance.relative()),
        extra_memory: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic;

    fn update<A: Element>() -> Update<A> {
        let layouts = [
            Layout::new(&[4, 3, 5], [2, 3]).unwrap(),
            Layout::new(&[8, 4, 9, 4, 8], [8, 16, 16, 8]).unwrap(),
        ];
        let tensor = |layout: Layout| {
            let tensor = synthetic::kernel(&layout.shape, 1).unwrap();
            (layout, tensor)
        };
        Update::new(layouts.map(tensor).into())
    }

    fn errors_agree<A: Element>(relative: f64) {
        let pool = rayon::ThreadPoolBuilder::new().build().unwrap();
        let mut update = update::<A>();
        assert_eq!(update.layers[0].layout.shape.len(), 5, "largest first");
        let [ours, gesdd] = [Side::Ours, Side::Gesdd].map(|side| {
            let sample = update.measure(side, &pool).unwrap();
            assert!(sample.ms > 0.0);
            sample.error.unwrap()
        });
        assert!((0.1..0.9).contains(&ours), "{ours}");
        // The order of the cuts differs, and with it the quasi-optimal result.
        assert!((ours / gesdd - 1.0).abs() < relative, "{ours} {gesdd}");
        assert!(update.measure(Side::Copy, &pool).is_err());
    }

    #[test]
    fn both_sides_do_the_same() {
        errors_agree::<f64>(0.05);
        errors_agree::<f32>(0.05);
    }
}
