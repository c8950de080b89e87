//! Tensor rings by alternating least squares: so many sweeps from random cores.

use std::path::Path;

use ndarray::ArrayD;
use rayon::ThreadPool;
use tt_admm::{BoxError, TrAls};

use crate::command::Side;
use crate::element::Element;
use crate::layout::Layout;
use crate::sample::{Distance, Sample};
use crate::timing::median_ms;
use crate::workload::Measured;
use crate::{memory, synthetic, workload};

/// As in `python/by_tensorly.py`.
const SWEEPS: usize = 5;

/// Kernels of ResNet-18 as [out, 9, in], with equal ring ranks that give as many parameters as the TT ranks of W3.
const KERNELS: &[(&str, [usize; 3], usize)] = &[
    ("R64", [64, 9, 64], 12),
    ("R128", [128, 9, 128], 15),
    ("R256", [256, 9, 256], 19),
];

/// The tensor of a workload with its `d + 1` ranks, of which the ends belong to the same bond.
pub(crate) fn layout(workload: &str) -> Option<Layout> {
    let (_, shape, rank) = KERNELS.iter().find(|(name, ..)| *name == workload)?;
    Some(Layout {
        shape: shape.to_vec(),
        ranks: vec![*rank; shape.len() + 1],
    })
}

/// One kernel.
#[derive(Debug)]
pub(crate) struct Ring<A> {
    layout: Layout,
    tensor: ArrayD<A>,
}

impl<A: Element> Ring<A> {
    pub(crate) fn new(layout: Layout) -> Result<Self, BoxError> {
        let tensor = synthetic::kernel(&layout.shape, 1)?.mapv(A::narrow);
        Ok(Self { layout, tensor })
    }
}

impl<A: Element> Measured for Ring<A> {
    fn measure(&mut self, side: Side, pool: &ThreadPool) -> Result<Sample, BoxError> {
        if side != Side::Ours {
            return Err("not measured of rings".into());
        }
        let als = TrAls::new(self.layout.ranks.as_slice());
        let als = als.max_sweeps(SWEEPS).tolerance(0.0);
        let (ms, (ring, extra)) = median_ms(
            self,
            |_| (),
            |ring| {
                let work = || {
                    let rng = &mut synthetic::rng(1);
                    pool.install(|| als.decompose_random(&ring.tensor, rng))
                };
                let (fit, extra) = memory::extra(work);
                Ok::<_, BoxError>((fit?.ring, extra))
            },
        )?;
        let mut distance = Distance::default();
        distance.add(&self.tensor, &ring.to_dense());
        Ok(Sample {
            ms,
            error: Some(distance.relative()),
            extra_memory: Some(extra as f64 / (size_of::<A>() * self.tensor.len()) as f64),
        })
    }

    fn write(&self, folder: &Path, name: &str) -> Result<(), BoxError> {
        workload::write(folder, name, [(&self.layout, &self.tensor)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_fitted_and_nothing_else_is_measured() {
        let pool = rayon::ThreadPoolBuilder::new().build().unwrap();
        let layout = Layout {
            shape: vec![8, 9, 8],
            ranks: vec![3; 4],
        };
        let mut ring = Ring::<f32>::new(layout).unwrap();
        let ours = ring.measure(Side::Ours, &pool).unwrap();
        assert!(ours.ms > 0.0 && ours.extra_memory.unwrap() > 0.0);
        assert!((0.1..0.95).contains(&ours.error.unwrap()), "{ours:?}");
        assert!(ring.measure(Side::Gesdd, &pool).is_err());
    }

    #[test]
    fn rings_have_about_as_many_parameters_as_the_trains_of_w3() {
        let trains = crate::layout::layers("W3").unwrap().unwrap();
        for (name, shape, _) in KERNELS {
            let ring = layout(name).unwrap();
            let train = trains.iter().find(|train| train.shape == shape).unwrap();
            let ratio = ring.parameters() as f64 / train.parameters() as f64;
            assert!((0.7..1.1).contains(&ratio), "{name}: {ratio}");
        }
        assert!(layout("R1").is_none());
    }
}
