//! The constrained weights: the last copy of each, and the anchor of its proximal term.

use ndarray::{ArrayD, CowArray, IxDyn};
use rayon::prelude::*;

use super::AdmmError;
use super::block::Block;
use crate::error::first_non_finite;
use crate::scalar::Scalar;

/// One constrained weight, with one or more blocks on it.
#[derive(Debug)]
pub(super) struct Weight<A: Scalar> {
    pub(super) name: String,
    /// The weight as of the running or last update.
    pub(super) w: ArrayD<A>,
    /// `sum rho_i (Z_i - U_i) / sum rho_i` over its blocks.
    pub(super) anchor: ArrayD<A>,
    /// `sum rho_i`.
    pub(super) rho: A,
}

impl<A: Scalar> Weight<A> {
    pub(super) fn new(name: String, w: &CowArray<'_, A, IxDyn>) -> Result<Self, AdmmError> {
        let mut weight = Self {
            name,
            w: ArrayD::zeros(w.raw_dim()),
            anchor: ArrayD::zeros(w.raw_dim()),
            rho: A::zero(),
        };
        weight.load(w)?;
        Ok(weight)
    }

    /// Copies the weight, row-major, after checking its shape and elements.
    pub(super) fn load(&mut self, w: &CowArray<'_, A, IxDyn>) -> Result<(), AdmmError> {
        if w.shape() != self.w.shape() {
            return Err(AdmmError::ShapeChanged {
                weight: self.name.clone(),
                expected: self.w.shape().to_vec(),
                got: w.shape().to_vec(),
            });
        }
        let finite = match (w.as_slice(), self.w.as_slice_mut()) {
            (Some(from), Some(to)) => copy_finite(from, to),
            _ => first_non_finite(w).is_none(),
        };
        if !finite && let Some((index, value)) = first_non_finite(w) {
            return Err(AdmmError::NonFinite {
                weight: self.name.clone(),
                index,
                value,
            });
        }
        if w.as_slice().is_none() {
            self.w.assign(w);
        }
        Ok(())
    }

    /// Recomputes anchor and `rho` from the blocks on this weight.
    pub(super) fn refresh_anchor<'b>(&mut self, mine: impl Iterator<Item = &'b Block<A>> + Clone)
    where
        A: 'b,
    {
        self.rho = mine.clone().fold(A::zero(), |sum, block| sum + block.rho());
        let mut others = mine.clone().skip(1);
        if let (Some(only), None) = (mine.clone().next(), others.next()) {
            ndarray::Zip::from(&mut self.anchor)
                .and(only.z())
                .and(only.u())
                .for_each(|anchor, &z, &u| *anchor = z - u);
            return;
        }
        self.anchor.fill(A::zero());
        for block in mine {
            let share = block.rho() / self.rho;
            ndarray::Zip::from(&mut self.anchor)
                .and(block.z())
                .and(block.u())
                .for_each(|anchor, &z, &u| *anchor += share * (z - u));
        }
    }
}

/// Copies and says whether all elements are finite.
fn copy_finite<A: Scalar>(from: &[A], to: &mut [A]) -> bool {
    const PART: usize = 1 << 16;
    to.par_chunks_mut(PART)
        .zip(from.par_chunks(PART))
        .map(|(to, from)| {
            to.copy_from_slice(from);
            from.iter().fold(true, |all, x| all & x.is_finite())
        })
        .reduce(|| true, |a, b| a & b)
}
