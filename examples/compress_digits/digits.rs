//! The 8x8 digits: 1,797 images of 64 pixels, see `examples/data/README.md`.

use tt_admm::ndarray::{Array2, Axis};
use tt_admm::{BoxError, Scalar};

const CSV: &str = include_str!("../data/digits.csv");

/// Images (one a row, pixels scaled to 0..1) and labels.
pub(crate) struct Digits<A> {
    pub(crate) images: Array2<A>,
    pub(crate) labels: Vec<usize>,
}

/// Training and test part: every fourth image is held out. The file mixes the writers, so both parts see all
/// of them.
pub(crate) struct Split<A> {
    pub(crate) train: Digits<A>,
    pub(crate) test: Digits<A>,
}

impl<A: Scalar> Digits<A> {
    fn load() -> Result<Self, BoxError> {
        let mut pixels = Vec::new();
        let mut labels = Vec::new();
        for (number, line) in CSV.lines().enumerate() {
            let row = line
                .split(',')
                .map(str::parse)
                .collect::<Result<Vec<u8>, _>>();
            let row = row.map_err(|e| format!("digits.csv, line {}: {e}", number + 1))?;
            let [image @ .., label] = row.as_slice() else {
                return Err(format!("digits.csv, line {}: empty", number + 1).into());
            };
            pixels.extend(image.iter().map(|&p| A::narrow(f64::from(p) / 16.0)));
            labels.push(usize::from(*label));
        }
        let images = Array2::from_shape_vec((labels.len(), 64), pixels)?;
        Ok(Self { images, labels })
    }

    fn select(&self, indices: &[usize]) -> Self {
        Self {
            images: self.images.select(Axis(0), indices),
            labels: indices.iter().map(|&i| self.labels[i]).collect(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }
}

impl<A: Scalar> Split<A> {
    pub(crate) fn load() -> Result<Self, BoxError> {
        let all = Digits::load()?;
        let (test, train): (Vec<_>, Vec<_>) = (0..all.len()).partition(|i| i % 4 == 3);
        Ok(Self {
            train: all.select(&train),
            test: all.select(&test),
        })
    }
}
