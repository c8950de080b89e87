//! Orthogonal iteration from factors that are near.

use std::borrow::Cow;

use ndarray::{Array2, ArrayD, IxDyn};

use super::block::Block;
use super::certificate::{TuckerStatus, TuckerTruncationError};
use super::dense::expand;
use super::hooi::factored;
use super::tensor::Tucker;
use super::tree::{Bases, visit};
use crate::linalg::{LinalgError, Work, matmul_into, orthonormal_columns};
use crate::scalar::Scalar;

/// Factors that are improved for a tensor by orthogonal iteration.
///
/// A sweep multiplies every factor by the Gram matrix of the tensor times the other factors, and makes its columns
/// orthonormal again: one step towards the leading singular vectors, without an eigenproblem. That is the
/// least-squares factor for the core as it is, so the error for this tensor never rises.
#[derive(Debug)]
pub(crate) struct Refined<A> {
    bases: Bases<A>,
    core: ArrayD<A>,
    norm: f64,
    /// Norms discarded by one projection after the other, up to rounding of the tensor's norm.
    discarded: Vec<f64>,
    sweeps: usize,
}

impl<A: Scalar> Refined<A> {
    /// Orthonormal factors, one for each mode that has one, to be improved for a tensor of this norm.
    pub(crate) fn new(bases: Vec<Option<Array2<A>>>, norm: f64) -> Self {
        Self {
            discarded: vec![0.0; bases.len()],
            bases,
            core: ArrayD::zeros(IxDyn(&[0])),
            norm,
            sweeps: 0,
        }
    }

    /// One sweep for the row-major elements of a tensor; returns the square of the smallest distance of the tensor
    /// from the span of the factors as they were, up to rounding of the order of the squared norm.
    pub(crate) fn sweep(
        &mut self,
        elements: &[A],
        shape: &[usize],
        work: &mut Work<A>,
    ) -> Result<f64, LinalgError> {
        let modes = factored(&self.bases);
        let square = self.norm.powi(2);
        let mut first = None;
        let mut core = None;
        let mut kept = Vec::with_capacity(modes.len());
        let mut update =
            |part: &mut Block<'_, A>, mode: usize, bases: &mut Bases<A>, work: &mut Work<A>| {
                part.bring_out(mode, work);
                let Some(last) = bases[mode].take() else {
                    unreachable!("only modes with a factor are visited");
                };
                let old = part.product(mode, last.view(), work);
                first.get_or_insert(old.square());
                let mut turned = last;
                matmul_into(part.by_rows(mode), old.by_rows(mode).t(), turned.view_mut());
                old.recycle(work);
                let basis = orthonormal_columns(turned, work)?;
                if mode == modes[modes.len() - 1] {
                    core = Some(part.product(mode, basis.view(), work));
                }
                bases[mode] = Some(basis);
                Ok::<(), LinalgError>(())
            };
        let mut block = Block::new(Cow::Borrowed(elements), shape);
        visit(
            &mut block,
            &modes,
            &mut self.bases,
            Some(&mut kept),
            &mut update,
            work,
        )?;
        block.recycle(work);
        if let (Some(core), Some(&mode)) = (core, modes.last()) {
            kept.push((mode, core.square()));
            self.take_core(&core, shape);
            core.recycle(work);
        }
        let mut rest = square;
        for (mode, kept) in kept {
            self.discarded[mode] = (rest - kept).max(0.0).sqrt();
            rest = kept;
        }
        self.sweeps += 1;
        Ok((square - first.unwrap_or(square)).max(0.0))
    }

    fn take_core(&mut self, core: &Block<'_, A>, shape: &[usize]) {
        let ranks: Vec<usize> = std::iter::zip(&self.bases, shape)
            .map(|(basis, &n)| basis.as_ref().map_or(n, Array2::ncols))
            .collect();
        if self.core.shape() != ranks {
            self.core = ArrayD::zeros(IxDyn(&ranks));
        }
        if let Some(own) = self.core.as_slice_mut() {
            core.write(own);
        }
    }

    pub(crate) fn write_dense(&self, out: &mut [A], work: &mut Work<A>) {
        expand(&self.core, &self.bases, out, work);
    }

    /// The result, given its measured distance from the tensor.
    pub(crate) fn into_tucker(self, distance: f64) -> Tucker<A> {
        let status = TuckerStatus::MaxSweeps {
            sweeps: self.sweeps,
        };
        let error = TuckerTruncationError::measured(self.discarded, distance, self.norm, status);
        Tucker::assemble(self.core, self.bases, error)
    }
}
