//! Batches of an image set.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

use super::augment::View;
use super::{Augment, ImageSet, Normalization};

/// Batches of an image set: every image once in an epoch.
///
/// The order of the images depends on the seed and the epoch only, the augmentation of an image on these and
/// on its number in the set; so training can be taken up again at any epoch.
///
/// # Examples
///
/// ```
/// use example_support::data::{ImageSet, Loader, Normalization};
///
/// let set = ImageSet::new([1, 1, 1], 10, vec![10, 20, 30, 40, 50], vec![1, 2, 3, 4, 5])?;
/// let loader = Loader::new(&set, 2, Normalization::fashion_mnist()).shuffled(3);
/// let sizes: Vec<usize> = loader.epoch(0).map(|batch| batch.len).collect();
/// assert_eq!(sizes, [2, 2, 1]);
/// let labels = |epoch| loader.epoch(epoch).flat_map(|batch| batch.labels).collect::<Vec<i64>>();
/// assert_eq!(labels(4), labels(4));
/// # Ok::<(), example_support::data::DataError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Loader<'a> {
    set: &'a ImageSet,
    batch_size: usize,
    tables: Vec<[f32; 256]>,
    shuffle: Option<u64>,
    augment: Option<Augment>,
}

impl<'a> Loader<'a> {
    /// Batches of `batch_size` images (0 counts as 1), in the order of the set; the last one may be smaller.
    #[must_use]
    pub fn new(set: &'a ImageSet, batch_size: usize, normalization: Normalization) -> Self {
        Self {
            set,
            batch_size: batch_size.max(1),
            tables: (0..set.channels())
                .map(|channel| normalization.table(channel))
                .collect(),
            shuffle: None,
            augment: None,
        }
    }

    /// In a random order, another one in every epoch.
    #[must_use]
    pub fn shuffled(mut self, seed: u64) -> Self {
        self.shuffle = Some(seed);
        self
    }

    /// With random changes of the images, seeded by [`shuffled`](Self::shuffled) or else by 0.
    #[must_use]
    pub fn augmented(mut self, augment: Augment) -> Self {
        self.augment = Some(augment);
        self
    }

    /// The number of batches in an epoch.
    #[must_use]
    pub fn batches(&self) -> usize {
        self.set.len().div_ceil(self.batch_size)
    }

    /// The batches of this epoch.
    #[must_use]
    pub fn epoch(&self, epoch: usize) -> Epoch<'_> {
        // The seed is hashed first: otherwise epoch 1 of seed 0 would be epoch 0 of seed 1.
        let base = SplitMix64::seed_from_u64(self.shuffle.unwrap_or_default()).next_u64();
        let seed = base.wrapping_add(epoch as u64);
        let mut order: Vec<usize> = (0..self.set.len()).collect();
        if self.shuffle.is_some() {
            order.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
        }
        Epoch {
            loader: self,
            // Hashed again, so that images are not seeded like the order.
            seed: SplitMix64::seed_from_u64(seed).next_u64(),
            order,
            next: 0,
        }
    }
}

/// The batches of one epoch; see [`Loader::epoch`].
#[derive(Debug, Clone)]
pub struct Epoch<'a> {
    loader: &'a Loader<'a>,
    seed: u64,
    order: Vec<usize>,
    next: usize,
}

impl Iterator for Epoch<'_> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let Loader {
            set,
            batch_size,
            tables,
            augment,
            ..
        } = self.loader;
        let chosen = self.order.get(self.next..)?.chunks(*batch_size).next()?;
        self.next += chosen.len();
        let [channels, height, width] = set.shape();
        let plane = height * width;
        let mut images = Vec::with_capacity(chosen.len() * channels * plane);
        for &i in chosen {
            let view = augment.map_or(View::PLAIN, |augment| {
                let seed = self.seed.wrapping_add(i as u64);
                augment.draw(&mut Xoshiro256PlusPlus::seed_from_u64(seed))
            });
            for (channel, table) in set.pixels(i).chunks_exact(plane).zip(tables) {
                view.append(channel, width, table, &mut images);
            }
        }
        Some(Batch {
            images,
            labels: chosen.iter().map(|&i| i64::from(set.labels()[i])).collect(),
            len: chosen.len(),
            shape: [channels, height, width],
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.order.len() - self.next).div_ceil(self.loader.batch_size);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Epoch<'_> {}

/// Some images and their labels, ready to be given to a framework.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Normalised images, row-major in the shape [`shape`](Self::shape).
    pub images: Vec<f32>,
    /// Their labels.
    pub labels: Vec<i64>,
    /// The number of images.
    pub len: usize,
    shape: [usize; 3],
}

impl Batch {
    /// `[len, channels, height, width]`.
    #[must_use]
    pub fn shape(&self) -> [usize; 4] {
        let [channels, height, width] = self.shape;
        [self.len, channels, height, width]
    }
}
