//! The state of the loop, and its step.

use ndarray::{ArrayViewD, CowArray, IxDyn};
use rayon::prelude::*;

use super::block::Block;
use super::record::Record;
use super::settings::Settings;
use super::spans;
use super::weights::Weight;
use super::works::{Works, largest_first};
use super::{AdmmBuilder, AdmmError, Penalty, Proximal, Status, Trainable};
use crate::error::BoxError;
use crate::projection::Factors;
use crate::scalar::Scalar;

/// The ADMM loop as a value: `Z`, `U` and `rho` of every constrained weight, the iteration and the history.
///
/// Drive it with [`Admm::run`], or call [`Admm::update`] from a training loop of your own:
///
/// # Examples
///
/// ```
/// use tt_admm::{Admm, TtProjection, ndarray::Array2};
///
/// // Gradient descent on |W - T|^2 / 2, by hand.
/// let t = Array2::from_shape_fn((6, 8), |(i, j)| ((i + 1) as f64 / (j + 1) as f64).cos());
/// let mut w = t.clone();
/// let mut admm = Admm::builder()
///     .constrain("w", TtProjection::new(2))
///     .rho(2.0)
///     .build_from(|_| w.view().into_dyn())?;
/// for _ in 0..60 {
///     for _ in 0..20 {
///         let mut gradient = &w - &t;
///         admm.proximal().add_gradient("w", &w, &mut gradient)?;
///         w.scaled_add(-0.2, &gradient);
///     }
///     admm.update(|_| w.view().into_dyn())?;
/// }
/// assert!(admm.history().last().unwrap().primal_residual() < 1e-6);
/// assert_eq!(admm.factors("w").unwrap().tensor_train().unwrap().ranks(), [1, 2, 1]);
/// # Ok::<(), tt_admm::admm::AdmmError>(())
/// ```
#[derive(Debug)]
pub struct Admm<A: Scalar> {
    pub(super) weights: Vec<Weight<A>>,
    pub(super) blocks: Vec<Block<A>>,
    pub(super) settings: Settings,
    pub(super) penalty: Penalty,
    pub(super) history: Vec<Record>,
    /// Best residual ratio so far, and the iteration that had it.
    pub(super) best: (f64, usize),
    /// In paper order: the last update has not been followed by its W-step yet.
    pub(super) w_step_due: bool,
    pub(super) works: Works<A>,
}

impl<A: Scalar> Admm<A> {
    /// Starts with no constraint; add some with [`AdmmBuilder::constrain`].
    pub fn builder() -> AdmmBuilder<A> {
        AdmmBuilder::new()
    }

    /// The Z- and U-step for the weights as they are now, and then the change of `rho`.
    ///
    /// `weight` is called once for every constrained weight, in the order of the builder, and returns a view
    /// (`array.view().into_dyn()`) or an owned array. The blocks are projected in parallel; the result does
    /// not depend on the number of threads. Returns the residuals; they are in [`Admm::history`] too.
    ///
    /// # Errors
    ///
    /// [`AdmmError::ShapeChanged`] and [`AdmmError::NonFinite`] before anything is computed,
    /// [`AdmmError::Prox`] if a prox operator fails. The state is then unchanged: all blocks are updated or
    /// none.
    pub fn update<'w, F, V>(&mut self, mut weight: F) -> Result<&Record, AdmmError>
    where
        F: FnMut(&str) -> V,
        V: Into<CowArray<'w, A, IxDyn>>,
    {
        self.try_update(|name| Ok::<V, BoxError>(weight(name)))
    }

    /// [`Admm::update`] with weights that may fail to be read.
    ///
    /// # Errors
    ///
    /// Those of [`Admm::update`], and [`AdmmError::Weight`] if `weight` fails.
    pub fn try_update<'w, F, V, E>(&mut self, mut weight: F) -> Result<&Record, AdmmError>
    where
        F: FnMut(&str) -> Result<V, E>,
        V: Into<CowArray<'w, A, IxDyn>>,
        E: Into<BoxError>,
    {
        let (_update, block_spans) = spans::update(self.history.len() + 1);
        for slot in &mut self.weights {
            let w = weight(&slot.name).map_err(|source| AdmmError::Weight {
                weight: slot.name.clone(),
                source: source.into(),
            })?;
            slot.load(&w.into())?;
        }
        let (weights, settings) = (&self.weights, &self.settings);
        let first = self.history.is_empty();
        let works = &self.works;
        let proposals = largest_first(&mut self.blocks, |block| {
            let _prox = block_spans.prox(block.weight(), block.ordinal());
            block.propose(&weights[block.slot].w, settings, first, works)
        });
        // All or nothing; the first error in the order of the blocks, whatever thread was faster.
        let proposals = proposals.into_iter().collect::<Result<Vec<_>, _>>()?;
        let iteration = self.history.len() + 1;
        let blocks = self
            .blocks
            .par_iter_mut()
            .zip(proposals)
            .map(|(block, proposal)| block.commit(proposal))
            .collect();
        let record = Record {
            iteration,
            loss: None,
            metrics: Vec::new(),
            blocks,
            unread: Vec::new(),
        };
        for (block, measured) in self.blocks.iter_mut().zip(&record.blocks) {
            // A rho that would leave the range of the element type stays where it is.
            if let Err(error) = block.set_rho(self.penalty.next(iteration, measured)) {
                log::warn!("{error}; it stays {}", block.rho());
            }
        }
        self.refresh_anchors();
        let ratio = record.residual_ratio();
        let improvement = self
            .settings
            .stall
            .map_or(0.0, |(_, improvement)| improvement);
        if ratio < self.best.0 * (1.0 - improvement) {
            self.best = (ratio, iteration);
        }
        spans::measured(&record);
        self.history.push(record);
        Ok(&self.history[iteration - 1])
    }

    /// What the last update says about stopping.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        let last = self.history.last()?;
        if last.residual_ratio() <= 1.0 {
            return Some(Status::Converged);
        }
        let (patience, _) = self.settings.stall?;
        (last.iteration() - self.best.1 >= patience).then_some(Status::Stalled)
    }

    /// The proximal terms for the next W-step.
    #[must_use]
    pub fn proximal(&self) -> Proximal<'_, A> {
        Proximal::new(&self.weights, self.history.len() + 1)
    }

    /// Writes `Z` over every constrained weight of the model, so that it satisfies its constraint exactly.
    /// Of several blocks on one weight the first that gives factors counts, or else the first.
    ///
    /// # Errors
    ///
    /// [`AdmmError::Weight`] if the model refuses a weight; those before it are then written.
    pub fn write_projection<M>(&self, model: &mut M) -> Result<(), AdmmError>
    where
        M: Trainable<Elem = A> + ?Sized,
    {
        for block in self.representatives() {
            model
                .set_weight(block.weight(), block.z())
                .map_err(|source| AdmmError::Weight {
                    weight: block.weight().to_owned(),
                    source: source.into(),
                })?;
        }
        Ok(())
    }

    /// Sets `rho` for every block on a weight and rescales their `U`.
    ///
    /// # Errors
    ///
    /// [`AdmmError::UnknownWeight`], [`AdmmError::InvalidRho`], [`AdmmError::RhoJump`]; nothing is changed then.
    pub fn set_rho(&mut self, weight: &str, rho: f64) -> Result<(), AdmmError> {
        if self.block(weight, 0).is_none() {
            return Err(AdmmError::UnknownWeight {
                name: weight.to_owned(),
                known: self.weights.iter().map(|w| w.name.clone()).collect(),
            });
        }
        let mut mine: Vec<_> = self
            .blocks
            .iter_mut()
            .filter(|b| b.weight() == weight)
            .collect();
        for block in &mine {
            block.rescaling(rho)?;
        }
        for block in &mut mine {
            block.set_rho(rho)?;
        }
        self.refresh_anchors();
        Ok(())
    }

    pub(super) fn refresh_anchors(&mut self) {
        let blocks = &self.blocks;
        let weights = self.weights.par_iter_mut().enumerate();
        weights.for_each(|(slot, weight)| {
            weight.refresh_anchor(blocks.iter().filter(|block| block.slot == slot));
        });
    }

    /// All blocks, in the order of the builder's `constrain` calls.
    #[must_use]
    pub fn blocks(&self) -> &[Block<A>] {
        &self.blocks
    }

    /// The block with this number (counted from 0) among those on this weight.
    #[must_use]
    pub fn block(&self, weight: &str, ordinal: usize) -> Option<&Block<A>> {
        self.blocks
            .iter()
            .find(|b| b.weight() == weight && b.ordinal() == ordinal)
    }

    /// `Z` of the first block on this weight, in the weight's shape.
    #[must_use]
    pub fn z(&self, weight: &str) -> Option<ArrayViewD<'_, A>> {
        self.block(weight, 0).map(Block::z)
    }

    /// The scaled dual `U` of the first block on this weight, in the weight's shape.
    #[must_use]
    pub fn u(&self, weight: &str) -> Option<ArrayViewD<'_, A>> {
        self.block(weight, 0).map(Block::u)
    }

    /// The penalty of the first block on this weight.
    #[must_use]
    pub fn rho(&self, weight: &str) -> Option<A> {
        self.block(weight, 0).map(Block::rho)
    }

    /// The factors of `Z` of the first block on this weight whose prox operator gives any.
    #[must_use]
    pub fn factors(&self, weight: &str) -> Option<&Factors<A>> {
        let mut mine = self.blocks.iter().filter(|block| block.weight() == weight);
        mine.find_map(Block::factors)
    }

    /// For every weight, the block that stands for it where one has to be chosen: the first that gives
    /// factors, or else the first.
    pub(crate) fn representatives(&self) -> impl Iterator<Item = &Block<A>> {
        (0..self.weights.len()).filter_map(|slot| {
            let mine = || self.blocks.iter().filter(move |block| block.slot == slot);
            mine()
                .find(|block| block.factors().is_some())
                .or_else(|| mine().next())
        })
    }

    /// The number of updates so far.
    #[must_use]
    pub fn iteration(&self) -> usize {
        self.history.len()
    }

    /// The most iterations in one call of [`Admm::run`], and of a whole run of [`Admm::run_resumable`].
    #[must_use]
    pub fn max_iterations(&self) -> usize {
        self.settings.max_iterations
    }

    /// One record for every update so far.
    #[must_use]
    pub fn history(&self) -> &[Record] {
        &self.history
    }
}
