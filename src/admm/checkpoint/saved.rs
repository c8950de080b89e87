//! What a checkpoint holds, in the form in which it is stored.

use ndarray::ArrayD;
use serde::{Deserialize, Serialize};

use crate::admm::block::Block;
use crate::admm::record::Record;
use crate::error::first_non_finite;
use crate::projection::{Factors, WarmStart};
use crate::scalar::Scalar;
use crate::store::StoredArray;

/// The state of the loop. A change of its fields, or of those of [`Record`], is a new format version.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
pub(super) struct Saved<A> {
    pub(super) blocks: Vec<SavedBlock<A>>,
    pub(super) history: Vec<Record>,
    pub(super) best: (f64, usize),
    pub(super) w_step_due: bool,
}

/// The state of one block.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "A: Scalar")]
pub(super) struct SavedBlock<A> {
    pub(super) weight: String,
    pub(super) ordinal: usize,
    rho: A,
    z: StoredArray<A>,
    u: StoredArray<A>,
    distance: f64,
    factors: Option<Factors<A>>,
    warm: Vec<StoredArray<A>>,
    warm_counters: Vec<u64>,
}

/// The state of one block after it was checked.
#[derive(Debug, Clone)]
pub(in crate::admm) struct BlockState<A> {
    pub(in crate::admm) weight: String,
    pub(in crate::admm) ordinal: usize,
    pub(in crate::admm) rho: A,
    pub(in crate::admm) z: ArrayD<A>,
    pub(in crate::admm) u: ArrayD<A>,
    pub(in crate::admm) distance: f64,
    pub(in crate::admm) factors: Option<Factors<A>>,
    pub(in crate::admm) warm: WarmStart<A>,
}

impl<A: Scalar> SavedBlock<A> {
    pub(super) fn new(state: &BlockState<A>) -> Self {
        Self {
            weight: state.weight.clone(),
            ordinal: state.ordinal,
            rho: state.rho,
            z: StoredArray::new(&state.z),
            u: StoredArray::new(&state.u),
            distance: state.distance,
            factors: state.factors.clone(),
            warm: state
                .warm
                .arrays
                .iter()
                .map(|a| StoredArray::new(a))
                .collect(),
            warm_counters: state.warm.counters.clone(),
        }
    }

    /// The block, or what is wrong with it.
    pub(super) fn restore(self) -> Result<BlockState<A>, String> {
        let of =
            |what: String| format!("block {} of weight `{}`: {what}", self.ordinal, self.weight);
        let array = |stored: StoredArray<A>| stored.restore().map_err(of);
        let (z, u) = (array(self.z)?, array(self.u)?);
        if z.shape() != u.shape() {
            let what = format!("Z has shape {:?}, U {:?}", z.shape(), u.shape());
            return Err(of(what));
        }
        for (name, array) in [("Z", &z), ("U", &u)] {
            if let Some((index, value)) = first_non_finite(array) {
                return Err(of(format!("{name} is {value} at index {index:?}")));
            }
        }
        if !(self.rho > A::zero() && self.rho.is_finite()) {
            return Err(of(format!("rho is {}", self.rho)));
        }
        if let Some(factors) = &self.factors
            && factors.weight_shape() != z.shape()
        {
            let what = format!("factors of shape {:?}", factors.weight_shape());
            return Err(of(what));
        }
        let mut warm = WarmStart::default();
        warm.arrays = self.warm.into_iter().map(array).collect::<Result<_, _>>()?;
        warm.counters = self.warm_counters;
        Ok(BlockState {
            rho: self.rho,
            z,
            u,
            distance: self.distance,
            factors: self.factors,
            warm,
            ordinal: self.ordinal,
            weight: self.weight,
        })
    }
}

impl<A: Scalar> From<&Block<A>> for BlockState<A> {
    fn from(block: &Block<A>) -> Self {
        Self {
            weight: block.weight().to_owned(),
            ordinal: block.ordinal(),
            rho: block.rho(),
            z: block.z().to_owned(),
            u: block.u().to_owned(),
            distance: block.projection_distance(),
            factors: block.factors().cloned(),
            warm: block.warm_start().clone(),
        }
    }
}

/// Whether the records are those of iterations 1, 2, ..., each with one entry for every block.
pub(super) fn check_history<A>(history: &[Record], blocks: &[BlockState<A>]) -> Result<(), String> {
    for (position, record) in history.iter().enumerate() {
        let iteration = position + 1;
        if record.iteration() != iteration {
            let got = record.iteration();
            return Err(format!("record {iteration} says it is of iteration {got}"));
        }
        let names = record.blocks().iter().map(|b| (b.weight(), b.ordinal()));
        if !names.eq(blocks.iter().map(|b| (b.weight.as_str(), b.ordinal))) {
            return Err(format!(
                "the record of iteration {iteration} has other blocks"
            ));
        }
    }
    Ok(())
}
