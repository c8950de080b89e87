//! What the training has besides the variables.

use std::collections::BTreeMap;

use candle_admm::{Error, Sgd, State, take_scalar};
use candle_core::{Device, Tensor};

/// What a saved state has to agree with: the same images in the same order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Origin {
    pub(crate) seed: u64,
    pub(crate) images: usize,
}

impl State for Origin {
    fn save(&self) -> Result<Vec<(String, Tensor)>, Error> {
        // All bits of the seed, whatever its sign as an i64.
        let seed = self.seed.cast_signed();
        Ok(vec![
            ("seed".to_owned(), Tensor::new(seed, &Device::Cpu)?),
            (
                "images".to_owned(),
                Tensor::new(self.images as i64, &Device::Cpu)?,
            ),
        ])
    }

    fn load(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        let seed = take_scalar::<i64>(tensors, "seed")?.cast_unsigned();
        let images = take_scalar::<i64>(tensors, "images")?;
        if seed == self.seed && usize::try_from(images) == Ok(self.images) {
            return Ok(());
        }
        Err(Error::State(format!(
            "it is of seed {seed} and {images} training images, this run has seed {} and {}",
            self.seed, self.images
        )))
    }
}

/// The state of the training under ADMM.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) optimizer: Sgd,
    /// Epochs done.
    pub(crate) epoch: usize,
    pub(crate) origin: Origin,
}

impl State for Session {
    fn save(&self) -> Result<Vec<(String, Tensor)>, Error> {
        let mut list = self.optimizer.save()?;
        list.extend(self.origin.save()?);
        list.push((
            "epoch".to_owned(),
            Tensor::new(self.epoch as i64, &Device::Cpu)?,
        ));
        Ok(list)
    }

    fn load(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        let epoch = take_scalar::<i64>(tensors, "epoch")?;
        let epoch = usize::try_from(epoch)
            .map_err(|_| Error::State(format!("it says that {epoch} epochs are done")))?;
        self.origin.load(tensors)?;
        self.optimizer.load(tensors)?;
        self.epoch = epoch;
        Ok(())
    }
}
