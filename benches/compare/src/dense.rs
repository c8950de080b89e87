//! TT-SVD of one large tensor, against a copy of it.

use std::path::Path;

use ndarray::ArrayD;
use rayon::ThreadPool;
use rayon::prelude::*;
use tt_admm::{BoxError, tt_svd};

use crate::command::Side;
use crate::layout::Layout;
use crate::sample::{Distance, Sample};
use crate::timing::median_ms;
use crate::workload::Measured;
use crate::{memory, synthetic, workload};

/// Relative noise on top of a tensor of exact rank.
const NOISE: f64 = 1e-8;

/// A large tensor of low rank.
#[derive(Debug)]
pub(crate) struct Dense {
    layout: Layout,
    tensor: ArrayD<f64>,
    /// Where copies go. Written once before any is timed, so that its pages exist.
    target: Vec<f64>,
    /// The error of the decomposition, once it is known: it needs the tensor a second time.
    error: Option<f64>,
}

impl Dense {
    pub(crate) fn new(layout: Layout) -> Result<Self, BoxError> {
        let tensor = synthetic::low_rank(&layout, NOISE, 1)?;
        Ok(Self {
            layout,
            tensor,
            target: Vec::new(),
            error: None,
        })
    }

    fn measure_decomposition(&mut self, pool: &ThreadPool) -> Result<Sample, BoxError> {
        let (ms, (train, extra)) = median_ms(
            self,
            |_| (),
            |dense| {
                let ranks = dense.layout.ranks.as_slice();
                let work = || pool.install(|| tt_svd(&dense.tensor, ranks));
                let (train, extra) = memory::extra(work);
                Ok::<_, BoxError>((train?, extra))
            },
        )?;
        let error = *self.error.get_or_insert_with(|| {
            let mut distance = Distance::default();
            distance.add(&self.tensor, &train.to_dense());
            distance.relative()
        });
        Ok(Sample {
            ms,
            error: Some(error),
            extra_memory: Some(extra as f64 / (size_of::<f64>() * self.tensor.len()) as f64),
        })
    }

    fn measure_copy(&mut self, pool: &ThreadPool) -> Result<Sample, BoxError> {
        let source = self.tensor.as_slice().ok_or("the tensor is contiguous")?;
        if self.target.is_empty() {
            self.target = source.to_vec();
        }
        let chunk = source.len().div_ceil(pool.current_num_threads());
        let (ms, ()) = median_ms(
            &mut self.target,
            |_| (),
            |target| {
                pool.install(|| {
                    let parts = target.par_chunks_mut(chunk).zip(source.par_chunks(chunk));
                    parts.for_each(|(target, source)| target.copy_from_slice(source));
                });
                Ok::<_, BoxError>(())
            },
        )?;
        Ok(Sample {
            ms,
            error: None,
            extra_memory: None,
        })
    }
}

impl Measured for Dense {
    fn measure(&mut self, side: Side, pool: &ThreadPool) -> Result<Sample, BoxError> {
        match side {
            Side::Ours => self.measure_decomposition(pool),
            Side::Copy => self.measure_copy(pool),
            Side::Warm | Side::Gesdd => Err("not measured of large tensors".into()),
        }
    }

    fn write(&self, folder: &Path, name: &str) -> Result<(), BoxError> {
        workload::write(folder, name, [(&self.layout, &self.tensor)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::large;

    #[test]
    fn the_error_is_the_noise_and_copies_take_less_time() {
        let pool = rayon::ThreadPoolBuilder::new().build().unwrap();
        let mut dense = Dense::new(large("2^14").unwrap().unwrap()).unwrap();
        let ours = dense.measure(Side::Ours, &pool).unwrap();
        let error = ours.error.unwrap();
        assert!((0.5..1.1).contains(&(error / NOISE)), "{error}");
        assert!(ours.extra_memory.unwrap() > 0.0);
        let copy = dense.measure(Side::Copy, &pool).unwrap();
        assert!(copy.ms > 0.0 && copy.error.is_none());
        assert_eq!(dense.target, dense.tensor.as_slice().unwrap());
    }
}
