//! Images with labels, in memory.

use super::DataError;

/// Images of one shape with their labels.
///
/// # Examples
///
/// ```
/// use example_support::data::ImageSet;
///
/// // Two images of one channel and 2 x 2 pixels, three classes.
/// let set = ImageSet::new([1, 2, 2], 3, vec![0, 1, 2, 3, 4, 5, 6, 7], vec![2, 0])?;
/// assert_eq!(set.len(), 2);
/// assert_eq!(set.pixels(1), [4, 5, 6, 7]);
/// assert_eq!(set.take(1).labels(), [2]);
/// # Ok::<(), example_support::data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSet {
    shape: [usize; 3],
    classes: usize,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

impl ImageSet {
    /// Images of shape `[channels, height, width]`, one after the other, and their labels.
    ///
    /// # Errors
    ///
    /// [`DataError::Shape`] if there are no images or the numbers of pixels and labels do not fit,
    /// [`DataError::Label`] for a label that is not below `classes`.
    pub fn new(
        shape: [usize; 3],
        classes: usize,
        pixels: Vec<u8>,
        labels: Vec<u8>,
    ) -> Result<Self, DataError> {
        let expected = shape
            .iter()
            .try_fold(labels.len(), |size, &side| size.checked_mul(side));
        if labels.is_empty() || shape.contains(&0) || expected != Some(pixels.len()) {
            let [channels, height, width] = shape;
            return Err(DataError::Shape {
                channels,
                height,
                width,
                pixels: pixels.len(),
                labels: labels.len(),
            });
        }
        check_labels("image set", &labels, classes)?;
        Ok(Self {
            shape,
            classes,
            pixels,
            labels,
        })
    }

    /// The number of images; at least 1.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // a set is never empty
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Channels of an image.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.shape[0]
    }

    /// Rows of an image.
    #[must_use]
    pub fn height(&self) -> usize {
        self.shape[1]
    }

    /// Columns of an image.
    #[must_use]
    pub fn width(&self) -> usize {
        self.shape[2]
    }

    /// The number of classes; every label is below it.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The label of every image.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The pixels of image `i`, channel by channel, each row by row.
    ///
    /// # Panics
    ///
    /// Panics if `i >= len()`, like indexing a slice.
    #[must_use]
    #[track_caller]
    pub fn pixels(&self, i: usize) -> &[u8] {
        let size = self.shape.iter().product::<usize>();
        &self.pixels[i * size..][..size]
    }

    /// The first `n` images; all of them if there are fewer, one if `n` is 0.
    #[must_use]
    pub fn take(mut self, n: usize) -> Self {
        let n = n.clamp(1, self.len());
        self.labels.truncate(n);
        self.pixels
            .truncate(n * self.shape.iter().product::<usize>());
        self
    }

    pub(super) fn shape(&self) -> [usize; 3] {
        self.shape
    }
}

/// Refuses labels that are not below `classes`.
pub(super) fn check_labels(place: &str, labels: &[u8], classes: usize) -> Result<(), DataError> {
    match labels.iter().position(|&l| usize::from(l) >= classes) {
        None => Ok(()),
        Some(sample) => Err(DataError::Label {
            place: place.to_owned(),
            sample,
            label: labels[sample],
            classes,
        }),
    }
}

/// Training and test set, if their images have one shape.
pub(super) fn pair(train: ImageSet, test: ImageSet) -> Result<(ImageSet, ImageSet), DataError> {
    if train.shape == test.shape {
        return Ok((train, test));
    }
    Err(DataError::TrainTest {
        train: train.shape,
        test: test.shape,
    })
}
