//! Parameters and multiply-adds.

use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

use super::{Contraction, CostError, Format, Operator};
use crate::projection::Factors;
use crate::scalar::Scalar;

/// Parameters, and multiply-adds for one sample.
///
/// # Examples
///
/// ```
/// use tt_admm::compress::{Cost, Operator};
///
/// let layers = [([300, 784], Operator::linear(1)), ([10, 300], Operator::linear(1))];
/// let costs = layers.iter().map(|(shape, operator)| Cost::dense(operator, shape));
/// let total: Cost = costs.sum::<Result<_, _>>()?;
/// assert_eq!((total.parameters, total.macs), (238_200, 238_200));
/// # Ok::<(), tt_admm::compress::CostError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// Number of stored values.
    pub parameters: u64,
    /// Multiply-adds for one sample.
    pub macs: u64,
}

impl Cost {
    /// The cost of a dense layer with a weight of this shape.
    ///
    /// # Errors
    ///
    /// As [`Operator::dense_macs`].
    pub fn dense(operator: &Operator, shape: &[usize]) -> Result<Self, CostError> {
        Ok(Self {
            macs: operator.dense_macs(shape)?,
            parameters: super::operator::product(shape.iter().copied()),
        })
    }

    /// The cost of a layer with these factors, contracted in the cheapest order.
    ///
    /// # Errors
    ///
    /// [`CostError`] if the weight is not one that the operator can have, or has too many modes.
    pub fn of_factors<A: Scalar>(
        operator: &Operator,
        factors: &Factors<A>,
    ) -> Result<Self, CostError> {
        operator.check_factors(factors.weight_shape(), factors.num_groups())?;
        let mut macs = Vec::with_capacity(factors.num_groups());
        for group in factors.clone().into_groups() {
            let (format, ranks) = structure(&group);
            let layout = group.layout();
            let contraction = Contraction::cheapest(operator, format, layout, &ranks)?;
            macs.push(contraction.macs());
        }
        Ok(Self {
            parameters: factors.num_parameters() as u64,
            macs: operator.all_groups(macs.into_iter()),
        })
    }
}

/// Format and ranks of factors without groups; 0 for a mode without a factor.
fn structure<A: Scalar>(factors: &Factors<A>) -> (Format, Vec<usize>) {
    if let Some(train) = factors.tensor_train() {
        return (Format::TensorTrain, train.ranks().to_vec());
    }
    if let Some(ring) = factors.tensor_ring() {
        return (Format::TensorRing, ring.ranks().to_vec());
    }
    let Some(tucker) = factors.tucker() else {
        unreachable!("one group has one of the formats");
    };
    let stored = tucker.factors().iter().zip(tucker.ranks());
    let ranks = stored.map(|(factor, &rank)| factor.as_ref().map_or(0, |_| rank));
    (Format::Tucker, ranks.collect())
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            parameters: self.parameters.saturating_add(other.parameters),
            macs: self.macs.saturating_add(other.macs),
        }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), Add::add)
    }
}
