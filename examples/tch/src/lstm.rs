//! A recurrent network that reads 28 x 28 images row by row.

use tch::nn::Path;
use tch::{TchError, Tensor};
use tt_admm::Tensorization;

use crate::experiment::Architecture;
use crate::layer::{Decomposition, Linear, Lstm, Mode};
use crate::{Error, Network};

/// An LSTM over the rows of an image, the first above, and a dense layer from its last state to the scores.
#[derive(Debug)]
pub struct RowReader {
    lstm: Lstm,
    fc: Linear,
}

impl Network for RowReader {
    fn forward(&self, x: &Tensor, _: Mode) -> Result<Tensor, TchError> {
        self.fc.forward(&self.lstm.forward(&x.f_squeeze_dim(1)?)?)
    }
}

/// Builds [`RowReader`] with 128 units. Both weights of the recurrent layer are to be decomposed.
#[derive(Debug, Clone, Copy)]
pub struct RowLstm;

impl Architecture for RowLstm {
    type Net = RowReader;

    fn name(&self) -> String {
        "lstm".into()
    }

    fn build(&self, path: &Path<'_>, factors: &Decomposition) -> Result<RowReader, Error> {
        let factors = |name: &str| factors.get(name);
        Ok(RowReader {
            lstm: Lstm::new(
                &(path / "lstm"),
                28,
                128,
                factors("lstm.weight_ih_l0"),
                factors("lstm.weight_hh_l0"),
            )?,
            fc: Linear::new(&(path / "fc"), [10, 128], None)?,
        })
    }

    fn layouts(&self) -> Result<Vec<(String, Tensorization)>, Error> {
        // The four gates on the first output mode: 512 = (4 * 4) * 32.
        let layout = |inputs| Tensorization::linear([16, 32], inputs).map_err(Error::other);
        Ok(vec![
            ("lstm.weight_ih_l0".into(), layout([4, 7])?),
            ("lstm.weight_hh_l0".into(), layout([8, 16])?),
        ])
    }
}
