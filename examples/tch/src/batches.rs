//! Training batches, made by a thread of their own.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use example_support::data::{Augment, Batch, ImageSet, Loader, Normalization};

use crate::Error;

/// How the training images are seen.
#[derive(Debug, Clone)]
pub struct Feed {
    /// The images.
    pub images: Arc<ImageSet>,
    /// Images in a batch; those that do not fill one are left out, others in every epoch.
    pub batch_size: usize,
    /// From bytes to numbers.
    pub normalization: Normalization,
    /// Random changes, if any.
    pub augment: Option<Augment>,
    /// Of order and changes.
    pub seed: u64,
}

impl Feed {
    /// Whole batches in an epoch; at least one.
    #[must_use]
    pub fn steps(&self) -> usize {
        (self.images.len() / self.batch_size.max(1)).max(1)
    }

    /// Its batches, epoch by epoch.
    pub(crate) fn loader(&self) -> Loader<'_> {
        let loader = Loader::new(&self.images, self.batch_size, self.normalization.clone())
            .shuffled(self.seed);
        match self.augment {
            Some(augment) => loader.augmented(augment),
            None => loader,
        }
    }

    /// All batches from this one on, epoch after epoch without end.
    fn start(&self, epoch: usize, step: usize) -> Receiver<Batch> {
        // Enough to hide the time that a batch takes to make.
        let (sender, receiver) = sync_channel(8);
        let feed = self.clone();
        thread::spawn(move || {
            let loader = feed.loader();
            let mut skip = step;
            for epoch in epoch.. {
                for batch in loader.epoch(epoch).take(feed.steps()).skip(skip) {
                    // Nobody listens any more: the training is over, or goes on elsewhere.
                    if sender.send(batch).is_err() {
                        return;
                    }
                }
                skip = 0;
            }
        });
        receiver
    }
}

/// The batches of a [`Feed`] in order, from any place.
#[derive(Debug)]
pub(crate) struct Batches {
    pub(crate) feed: Feed,
    /// The running thread and the step it gives next.
    running: Option<(Receiver<Batch>, usize)>,
}

impl Batches {
    pub(crate) fn new(feed: Feed) -> Self {
        Self {
            feed,
            running: None,
        }
    }

    /// The batch of this step, counted from the start of training.
    pub(crate) fn get(&mut self, step: usize) -> Result<Batch, Error> {
        let receiver = match self.running.take() {
            Some((receiver, next)) if next == step => receiver,
            _ => {
                let steps = self.feed.steps();
                self.feed.start(step / steps, step % steps)
            }
        };
        let batch = receiver.recv().map_err(Error::other)?;
        self.running = Some((receiver, step + 1));
        Ok(batch)
    }
}
