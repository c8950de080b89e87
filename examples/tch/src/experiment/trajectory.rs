//! The weights that ADMM projects, as files.

use std::path::PathBuf;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tt_admm::admm::{Flow, Record};
use tt_admm::{Admm, BoxError, Observer};

use crate::{Error, files};

/// Writes what every update has projected, W + U, as a safetensors file with the names and shapes of the weights.
#[derive(Debug)]
pub(super) struct Trajectory(PathBuf);

impl Trajectory {
    /// Into this folder, which is made if it is not there.
    pub(super) fn open(folder: PathBuf) -> Result<Self, Error> {
        files::make_folder(&folder)?;
        Ok(Self(folder))
    }
}

impl Observer<f32> for Trajectory {
    fn iteration(&mut self, admm: &Admm<f32>, record: &Record) -> Result<Flow, BoxError> {
        // U has become W + U - Z.
        let projected = admm.blocks().iter().map(|block| {
            let sum = &block.z() + &block.u();
            let bytes: Vec<u8> = sum.iter().flat_map(|x| x.to_le_bytes()).collect();
            (block.weight(), sum.shape().to_vec(), bytes)
        });
        let projected: Vec<_> = projected.collect();
        let views = projected.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes)?;
            Ok((*name, view))
        });
        let views: Vec<_> = views.collect::<Result<_, safetensors::SafeTensorError>>()?;
        let file = format!("{:03}.safetensors", record.iteration());
        files::write(&self.0.join(file), &safetensors::serialize(views, None)?)?;
        Ok(Flow::Continue)
    }
}
