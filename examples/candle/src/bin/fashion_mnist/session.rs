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
        Ok(vec![
            number("seed", self.seed)?,
            number("images", self.images as u64)?,
        ])
    }

    fn load(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        let (seed, images) = (take(tensors, "seed")?, take(tensors, "images")?);
        if (seed, images) == (self.seed, self.images as u64) {
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
        list.push(number("epoch", self.epoch as u64)?);
        Ok(list)
    }

    fn load(&mut self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Error> {
        let epoch = take(tensors, "epoch")?;
        let epoch = usize::try_from(epoch)
            .map_err(|_| Error::State(format!("it says that {epoch} epochs are done")))?;
        self.origin.load(tensors)?;
        self.optimizer.load(tensors)?;
        self.epoch = epoch;
        Ok(())
    }
}

/// A number as a tensor. candle's integers of 64 bits have a sign; all bits are kept.
fn number(name: &str, value: u64) -> Result<(String, Tensor), Error> {
    let tensor = Tensor::new(value.cast_signed(), &Device::Cpu)?;
    Ok((name.to_owned(), tensor))
}

fn take(tensors: &BTreeMap<String, Tensor>, name: &str) -> Result<u64, Error> {
    take_scalar::<i64>(tensors, name).map(i64::cast_unsigned)
}
