//! Putting a checkpoint back into a loop.

use super::{Checkpoint, CheckpointError};
use crate::admm::settings::UpdateOrder;
use crate::admm::state::Admm;
use crate::scalar::Scalar;

impl<A: Scalar> Admm<A> {
    /// Takes the state of a checkpoint. The loop must have been built with the same constraints, in the same
    /// order, for weights of the same shapes; its settings stay, and those of the saved run are not known to
    /// the checkpoint.
    ///
    /// The model is the caller's to restore, usually from [`Checkpoint::blob`];
    /// [`Admm::run_resumable`] does both.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::OtherBlocks`] and [`CheckpointError::OtherShape`]; nothing is changed then.
    pub fn restore(&mut self, checkpoint: &Checkpoint<A>) -> Result<(), CheckpointError> {
        self.check_fits(checkpoint)?;
        for (block, saved) in self.blocks.iter_mut().zip(&checkpoint.blocks) {
            block.restore(saved);
        }
        self.history.clone_from(&checkpoint.history);
        self.best = checkpoint.best;
        // In textbook order the W-step comes first anyway.
        self.w_step_due = checkpoint.w_step_due && self.settings.order == UpdateOrder::Paper;
        self.refresh_anchors();
        Ok(())
    }

    /// Whether the checkpoint has the same blocks, of the same shapes.
    pub(in crate::admm) fn check_fits(
        &self,
        checkpoint: &Checkpoint<A>,
    ) -> Result<(), CheckpointError> {
        let expected = self.blocks.iter().map(|b| (b.weight(), b.ordinal()));
        let got = checkpoint
            .blocks
            .iter()
            .map(|b| (b.weight.as_str(), b.ordinal));
        if !expected.eq(got) {
            return Err(CheckpointError::OtherBlocks {
                expected: self.blocks.iter().map(|b| b.weight().to_owned()).collect(),
                got: checkpoint.weights().map(str::to_owned).collect(),
            });
        }
        for (block, saved) in self.blocks.iter().zip(&checkpoint.blocks) {
            if block.z().shape() != saved.z.shape() {
                return Err(CheckpointError::OtherShape {
                    weight: saved.weight.clone(),
                    expected: block.z().shape().to_vec(),
                    got: saved.z.shape().to_vec(),
                });
            }
        }
        Ok(())
    }
}
