//! The formats: how the compressed layers are factored.

use std::fmt;
use std::str::FromStr;

use rand::{Rng, RngExt};
use tt_admm::ndarray::{Array2, Array3, ArrayD, IxDyn};
use tt_admm::projection::{LowRankProjection, Prox, TrProjection, TuckerProjection};
use tt_admm::{
    BoxError, Factors, Scalar, TensorRing, TensorTrain, Tensorization, TrRanks, TtProjection,
    TtRanks, Tucker, TuckerRanks,
};

/// How a weight is factored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A tensor train over the output modes and then the input modes.
    Tt,
    /// A TT matrix: a tensor train over pairs of an output and an input mode.
    Ttm,
    /// A core and a factor for every mode.
    Tucker,
    /// A tensor ring over the output modes and then the input modes.
    Tr,
    /// Two matrices.
    Svd,
}

impl FromStr for Format {
    type Err = BoxError;

    fn from_str(name: &str) -> Result<Self, BoxError> {
        match name {
            "tt" => Ok(Self::Tt),
            "ttm" => Ok(Self::Ttm),
            "tucker" => Ok(Self::Tucker),
            "tr" => Ok(Self::Tr),
            "svd" => Ok(Self::Svd),
            _ => Err(format!("--format needs tt, ttm, tucker, tr or svd, got `{name}`").into()),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tt => "tt",
            Self::Ttm => "ttm",
            Self::Tucker => "tucker",
            Self::Tr => "tr",
            Self::Svd => "svd",
        })
    }
}

impl Format {
    /// The direct decomposition.
    pub(crate) fn decomposition(self) -> &'static str {
        match self {
            Self::Tt | Self::Ttm => "TT-SVD",
            Self::Tucker => "ST-HOSVD",
            Self::Tr => "TR-ALS",
            Self::Svd => "SVD",
        }
    }

    /// What the factors are called.
    pub(crate) fn parts(self) -> &'static str {
        match self {
            Self::Tt | Self::Ttm | Self::Tr => "cores",
            Self::Tucker | Self::Svd => "factors",
        }
    }

    /// The compressed layers.
    pub(crate) fn layers(self) -> [Layer; 2] {
        let (ranks1, ranks2): (&[usize], &[usize]) = match self {
            Self::Tt => (&[7, 10, 7], &[7, 10, 7]),
            Self::Ttm => (&[12, 20, 8], &[12, 24, 12]),
            Self::Tucker => (&[9, 9, 7, 7], &[10, 10, 10, 10]),
            Self::Tr => (&[6, 6, 6, 6], &[6, 6, 6, 6]),
            Self::Svd => (&[10], &[20]),
        };
        [
            Layer {
                name: "fc1.weight",
                format: self,
                sides: [256, 64],
                ranks: ranks1,
            },
            Layer {
                name: "fc2.weight",
                format: self,
                sides: [256, 256],
                ranks: ranks2,
            },
        ]
    }
}

/// A compressed layer: a weight `out x in`, seen as a tensor of order 4 in all formats but `svd`.
pub(crate) struct Layer {
    pub(crate) name: &'static str,
    format: Format,
    sides: [usize; 2],
    ranks: &'static [usize],
}

impl Layer {
    fn layout(&self) -> Result<Tensorization, BoxError> {
        let [rows, cols] = self.sides;
        let small = cols < 256;
        Ok(match self.format {
            Format::Tt | Format::Tucker | Format::Tr => {
                let modes = if small { [8, 8] } else { [16, 16] };
                Tensorization::linear([16, 16], modes)?
            }
            Format::Ttm => {
                let modes = if small { [4, 4, 2, 2] } else { [4; 4] };
                Tensorization::tt_matrix([4; 4], modes)?
            }
            Format::Svd => Tensorization::identity([rows, cols])?,
        })
    }

    pub(crate) fn projection(&self) -> Result<Box<dyn Prox<f32>>, BoxError> {
        let layout = self.layout()?;
        Ok(match self.format {
            Format::Tt | Format::Ttm => Box::new(TtProjection::new(self.ranks).layout(layout)),
            Format::Tucker => Box::new(TuckerProjection::new(self.ranks).layout(layout)),
            // The ridge keeps the cores from growing while they cancel each other.
            Format::Tr => Box::new(TrProjection::new(self.ranks).ridge(1e-4).layout(layout)),
            Format::Svd => Box::new(LowRankProjection::new(self.ranks[0])),
        })
    }

    pub(crate) fn dense_parameters(&self) -> usize {
        self.sides.iter().product()
    }

    /// Uniform random factors whose product has the variance of He initialisation.
    pub(crate) fn random_factors(&self, rng: &mut impl Rng) -> Result<Factors<f32>, BoxError> {
        let layout = self.layout()?;
        let shape = layout.tensor_shape();
        if self.format == Format::Tucker {
            let ranks = TuckerRanks::from(self.ranks).resolve(shape)?;
            let mut entry = self.entries(&ranks, shape.len() + 1, rng);
            let core = ArrayD::from_shape_simple_fn(IxDyn(&ranks), &mut entry);
            let factors = shape.iter().zip(&ranks).map(|(&n, &r)| {
                let factor = || Array2::from_shape_simple_fn((n, r), &mut entry);
                (r < n).then(factor)
            });
            let tucker = Tucker::from_parts(core, factors.collect())?;
            return Ok(Factors::from_tucker(tucker, layout)?);
        }
        if self.format == Format::Tr {
            let ranks = TrRanks::from(self.ranks).resolve(shape.len())?;
            let mut entry = self.entries(&ranks, shape.len(), rng);
            let next = ranks.iter().cycle().skip(1);
            let cores = shape
                .iter()
                .zip(ranks.iter().zip(next))
                .map(|(&n, (&r, &s))| Array3::from_shape_simple_fn((r, n, s), &mut entry));
            let ring = TensorRing::from_cores(cores.collect())?;
            return Ok(Factors::from_tensor_ring(ring, layout)?);
        }
        let ranks = TtRanks::from(self.ranks).resolve(shape)?;
        let mut entry = self.entries(&ranks, shape.len(), rng);
        let cores = shape
            .iter()
            .zip(ranks.windows(2))
            .map(|(&n, r)| Array3::from_shape_simple_fn((r[0], n, r[1]), &mut entry));
        let train = TensorTrain::from_cores(cores.collect())?;
        Ok(Factors::new(train, layout)?)
    }

    /// Entries of random factors: an element of the weight is a sum over all paths through the ranks of a product of
    /// one entry of each of `parts` factors.
    fn entries<'r>(
        &self,
        ranks: &[usize],
        parts: usize,
        rng: &'r mut impl Rng,
    ) -> impl FnMut() -> f32 + 'r {
        let paths: usize = ranks.iter().product();
        let fan_in = self.sides[1];
        let variance = (2.0 / fan_in as f64 / paths as f64).powf(1.0 / parts as f64);
        let bound = (3.0 * variance).sqrt();
        move || f32::narrow(rng.random_range(-bound..bound))
    }
}

#[cfg(test)]
mod tests {
    use super::Format;
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;
    use tt_admm::compress::decompose;
    use tt_admm::ndarray::{ArrayD, IxDyn};

    /// Projection and random factors agree on the parameters, and compress at least five times.
    #[test]
    fn every_format_compresses_both_layers() {
        for name in ["tt", "ttm", "tucker", "tr", "svd"] {
            let format: Format = name.parse().unwrap();
            assert_eq!(format.to_string(), name);
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
            let (mut dense, mut compressed) = (0, 0);
            for layer in format.layers() {
                let random = layer.random_factors(&mut rng).unwrap();
                let weight =
                    ArrayD::from_shape_fn(IxDyn(&layer.sides), |i| ((i[0] * i[1]) as f32).sin());
                let projection = layer.projection().unwrap();
                let found = decompose(layer.name, &weight, &*projection).unwrap();
                assert_eq!(found.factors.num_parameters(), random.num_parameters());
                assert_eq!(found.factors.weight_shape(), random.weight_shape());
                dense += layer.dense_parameters();
                compressed += random.num_parameters();
                // He initialisation: a variance of 2 / inputs.
                let w = random.to_dense();
                let variance = w.mapv(|x| x * x).sum() / w.len() as f32;
                let ratio = variance * layer.sides[1] as f32 / 2.0;
                assert!((0.5..2.0).contains(&ratio), "{name} {ratio}");
            }
            assert!(dense >= 5 * compressed, "{name}: {dense} and {compressed}");
        }
        assert!("TT".parse::<Format>().is_err());
    }
}
