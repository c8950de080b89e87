//! How one weight is factored: format, layout and ranks.

use serde::{Deserialize, Serialize};

use super::operator::product;
use super::{Contraction, Cost, CostError, Operator, SchemeError};
use crate::projection::{Grouped, Projection, TrProjection, TtProjection, TuckerProjection};
use crate::scalar::Scalar;
use crate::tensor_ring::TrRanks;
use crate::tensor_train::Sweeps;
use crate::tensorize::Tensorization;
use crate::truncation::TtRanks;
use crate::tucker::{TuckerAlgorithm, TuckerRanks, TuckerTruncation};

/// A format of factors.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Family, Format};
///
/// assert_eq!(Family::LowRank.format(), Format::TensorTrain);
/// assert_eq!(serde_json::to_string(&Format::TensorRing)?, "\"tensor_ring\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Format {
    /// [`TensorTrain`](crate::TensorTrain); of order 2 it is a product of two matrices.
    TensorTrain,
    /// [`Tucker`](crate::Tucker), modes of full rank without a factor.
    Tucker,
    /// [`TensorRing`](crate::TensorRing).
    TensorRing,
}

/// How one weight is factored: the format, the layout, all ranks. Plain data, and checked: what exists, fits.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Conv2d, Operator, Scheme};
/// use tt_admm::{Tensorization, TuckerRanks};
///
/// // 1 x 1, 3 x 3 and 1 x 1 convolutions in place of a 3 x 3 one, as a train and as Tucker-2.
/// let train = Scheme::tensor_train(Tensorization::conv([64], [3, 3], [64])?, [20, 16])?;
/// let tucker = Scheme::tucker(Tensorization::conv([64], [3, 3], [64])?, [(0, 20), (2, 16)])?;
/// let conv = Operator::conv(Conv2d::new([8, 8]).padding([1, 1]));
/// for scheme in [train, tucker] {
///     assert_eq!(scheme.num_parameters(), 64 * 20 + 9 * 20 * 16 + 16 * 64);
///     assert_eq!(scheme.cost(&conv)?.macs, 8 * 8 * (64 * 20 + 9 * 20 * 16 + 16 * 64));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Scheme {
    format: Format,
    layout: Tensorization,
    /// TT and ring: the `d + 1` bonds. Tucker: the `d` sizes of the core.
    ranks: Vec<usize>,
    groups: usize,
}

impl Scheme {
    /// A tensor train of these ranks, clipped to what the layout allows.
    ///
    /// # Errors
    ///
    /// [`SchemeError`] if the ranks do not fit the layout's tensor.
    pub fn tensor_train(
        layout: Tensorization,
        ranks: impl Into<TtRanks>,
    ) -> Result<Self, SchemeError> {
        let ranks = ranks.into().resolve(layout.tensor_shape())?;
        Ok(Self::unchecked(Format::TensorTrain, layout, ranks))
    }

    /// A Tucker decomposition of these ranks, clipped to what the layout allows. Modes of full rank get no factor.
    ///
    /// # Errors
    ///
    /// [`SchemeError`] if the ranks do not fit the layout's tensor.
    pub fn tucker(
        layout: Tensorization,
        ranks: impl Into<TuckerRanks>,
    ) -> Result<Self, SchemeError> {
        let ranks = ranks.into().resolve(layout.tensor_shape())?;
        Ok(Self::unchecked(Format::Tucker, layout, ranks))
    }

    /// A tensor ring of these ranks. Rings are never clipped.
    ///
    /// # Errors
    ///
    /// [`SchemeError`] if the ranks do not fit the layout's tensor.
    pub fn tensor_ring(
        layout: Tensorization,
        ranks: impl Into<TrRanks>,
    ) -> Result<Self, SchemeError> {
        let mut ranks = ranks.into().resolve(layout.order())?;
        ranks.extend(ranks.first().copied());
        Ok(Self::unchecked(Format::TensorRing, layout, ranks))
    }

    pub(crate) fn unchecked(format: Format, layout: Tensorization, ranks: Vec<usize>) -> Self {
        Self {
            format,
            layout,
            ranks,
            groups: 1,
        }
    }

    /// The same for every group of a grouped convolution; the layout is that of one group.
    ///
    /// # Errors
    ///
    /// [`SchemeError::NoGroups`] for 0, [`SchemeError::TooLarge`] if the outputs of all groups overflow.
    pub fn grouped(mut self, groups: usize) -> Result<Self, SchemeError> {
        self.groups = groups;
        self.checked_groups()
    }

    pub(crate) fn with_groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    fn checked_groups(self) -> Result<Self, SchemeError> {
        if self.groups == 0 {
            return Err(SchemeError::NoGroups);
        }
        let mut shape = self.layout.weight_shape().to_vec();
        shape[0] = shape[0].saturating_mul(self.groups);
        match crate::error::checked_size(&shape) {
            Some(_) => Ok(self),
            None => Err(SchemeError::TooLarge { shape }),
        }
    }

    /// The format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The layout, of one group.
    #[must_use]
    pub fn layout(&self) -> &Tensorization {
        &self.layout
    }

    /// The ranks: `d + 1` for the bonds of a train or ring, the `d` sizes of the core of a Tucker decomposition.
    #[must_use]
    pub fn ranks(&self) -> &[usize] {
        &self.ranks
    }

    /// Groups that are factored alike; 1 for an ordinary weight.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// The shape of the weight: all groups, one below the other.
    #[must_use]
    pub fn weight_shape(&self) -> Vec<usize> {
        let mut shape = self.layout.weight_shape().to_vec();
        shape[0] *= self.groups;
        shape
    }

    /// Number of values in all factors; the largest `u64` if that overflows.
    #[must_use]
    pub fn num_parameters(&self) -> u64 {
        parameters(self.format, self.layout.tensor_shape(), &self.ranks)
            .saturating_mul(self.groups as u64)
    }

    /// The order of contraction with the fewest multiply-adds, for one group.
    ///
    /// # Errors
    ///
    /// [`CostError`] if the weight is not one that the operator can have, or has too many modes.
    pub fn contraction(&self, operator: &Operator) -> Result<Contraction, CostError> {
        operator.check_factors(&self.weight_shape(), self.groups)?;
        let ranks = network_ranks(self.format, self.layout.tensor_shape(), &self.ranks);
        Contraction::cheapest(operator, self.format, &self.layout, &ranks)
    }

    /// Parameters and multiply-adds of the factored layer.
    ///
    /// # Errors
    ///
    /// As [`contraction`](Self::contraction).
    pub fn cost(&self, operator: &Operator) -> Result<Cost, CostError> {
        let macs = self.contraction(operator)?.macs();
        Ok(Cost {
            parameters: self.num_parameters(),
            macs: match operator {
                // A row lies in one of the groups.
                Operator::Embedding { .. } => macs,
                Operator::Linear { .. } | Operator::Conv(_) => {
                    macs.saturating_mul(self.groups as u64)
                }
            },
        })
    }

    /// The projection on weights of this scheme, for [`decompose`](crate::compress::decompose) and for ADMM.
    #[must_use]
    pub fn projection<A: Scalar>(&self) -> Box<dyn Projection<A>> {
        self.build_projection(false)
    }

    /// The projection that decomposes once and as well as it can: trains and Tucker by sweeps that start from the direct
    /// decomposition and never make it worse.
    #[must_use]
    pub fn refined_projection<A: Scalar>(&self) -> Box<dyn Projection<A>> {
        self.build_projection(true)
    }

    fn build_projection<A: Scalar>(&self, refined: bool) -> Box<dyn Projection<A>> {
        let (layout, ranks) = (self.layout.clone(), self.ranks.clone());
        match self.format {
            Format::TensorTrain => {
                let projection = TtProjection::new(ranks).layout(layout);
                self.for_groups(if refined {
                    projection.improve(Sweeps::default())
                } else {
                    projection
                })
            }
            Format::Tucker => {
                let pairs = tucker_pairs(layout.tensor_shape(), &ranks);
                let projection = TuckerProjection::new(TuckerTruncation::ranks(pairs));
                let projection = projection.layout(layout);
                self.for_groups(if refined {
                    projection.algorithm(TuckerAlgorithm::HOOI)
                } else {
                    projection
                })
            }
            Format::TensorRing => self.for_groups(TrProjection::new(ranks).layout(layout)),
        }
    }

    fn for_groups<A: Scalar>(
        &self,
        projection: impl Projection<A> + 'static,
    ) -> Box<dyn Projection<A>> {
        if self.groups == 1 {
            Box::new(projection)
        } else {
            Box::new(Grouped::new(projection, self.groups))
        }
    }
}

/// The modes that have a factor, with their ranks.
pub(crate) fn tucker_pairs(shape: &[usize], ranks: &[usize]) -> Vec<(usize, usize)> {
    let ranks = ranks.iter().copied().enumerate();
    ranks.filter(|&(mode, rank)| rank < shape[mode]).collect()
}

/// Number of values in the factors of one group.
pub(crate) fn parameters(format: Format, shape: &[usize], ranks: &[usize]) -> u64 {
    let sizes: Vec<u64> = match format {
        Format::TensorTrain | Format::TensorRing => {
            let cores = shape.iter().zip(ranks.windows(2));
            cores.map(|(&n, r)| product([r[0], n, r[1]])).collect()
        }
        Format::Tucker => {
            let factors = shape.iter().zip(ranks).filter(|(n, r)| r < n);
            let core = product(ranks.iter().copied());
            let factors = factors.map(|(&n, &r)| product([n, r]));
            std::iter::once(core).chain(factors).collect()
        }
    };
    sizes.into_iter().fold(0, u64::saturating_add)
}

/// As the network takes them: 0 for a mode of a Tucker decomposition without a factor.
pub(super) fn network_ranks(format: Format, shape: &[usize], ranks: &[usize]) -> Vec<usize> {
    match format {
        Format::TensorTrain | Format::TensorRing => ranks.to_vec(),
        Format::Tucker => shape
            .iter()
            .zip(ranks)
            .map(|(n, &r)| if r < *n { r } else { 0 })
            .collect(),
    }
}

/// What is stored; checked again when it is read.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    format: Format,
    ranks: Vec<usize>,
    groups: usize,
    layout: Tensorization,
}

impl From<Scheme> for Stored {
    fn from(scheme: Scheme) -> Self {
        Self {
            format: scheme.format,
            ranks: scheme.ranks,
            groups: scheme.groups,
            layout: scheme.layout,
        }
    }
}

impl TryFrom<Stored> for Scheme {
    type Error = SchemeError;

    fn try_from(stored: Stored) -> Result<Self, SchemeError> {
        let (layout, ranks) = (stored.layout, stored.ranks);
        let scheme = match stored.format {
            Format::TensorTrain => Self::tensor_train(layout, ranks)?,
            // A mode without a factor stays one, however small the ranks of the others are.
            Format::Tucker if ranks.len() == layout.order() => {
                let pairs = tucker_pairs(layout.tensor_shape(), &ranks);
                Self::tucker(layout, pairs)?
            }
            Format::Tucker => Self::tucker(layout, ranks)?,
            Format::TensorRing => Self::tensor_ring(layout, ranks)?,
        };
        scheme.grouped(stored.groups)
    }
}
