//! Random crops and flips.

use rand::{Rng, RngExt};

/// Random changes of the training images, another one for every image and epoch.
///
/// # Examples
///
/// ```
/// use example_support::data::Augment;
///
/// let usual = Augment::pad_crop_flip(4);              // for CIFAR-10
/// assert_ne!(usual, Augment::pad_crop(4));            // without the flip, for digits
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Augment {
    padding: usize,
    flip: bool,
}

impl Augment {
    /// Pads with `padding` black pixels on every side, crops the image's size at a random place, and flips
    /// left and right half of the time.
    #[must_use]
    pub fn pad_crop_flip(padding: usize) -> Self {
        Self {
            padding,
            flip: true,
        }
    }

    /// The same without the flip.
    #[must_use]
    pub fn pad_crop(padding: usize) -> Self {
        Self {
            padding,
            flip: false,
        }
    }

    pub(super) fn draw(self, rng: &mut impl Rng) -> View {
        let corner = 0..=2 * self.padding;
        View {
            padding: self.padding,
            top: rng.random_range(corner.clone()),
            left: rng.random_range(corner),
            flipped: self.flip && rng.random(),
        }
    }
}

/// One way to look at an image: where the crop starts in the padded image, and whether it is flipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct View {
    padding: usize,
    top: usize,
    left: usize,
    flipped: bool,
}

impl View {
    /// The image as it is.
    pub(super) const PLAIN: Self = Self {
        padding: 0,
        top: 0,
        left: 0,
        flipped: false,
    };

    /// Appends one channel of an image, seen this way, with every byte replaced by its entry in the table.
    pub(super) fn append(
        self,
        channel: &[u8],
        width: usize,
        table: &[f32; 256],
        out: &mut Vec<f32>,
    ) {
        let height = channel.len() / width;
        for y in 0..height {
            // Outside of the image is the padding, which is black.
            let row = (y + self.top)
                .checked_sub(self.padding)
                .filter(|&row| row < height);
            let pixel = |x: usize| {
                let column = (x + self.left).checked_sub(self.padding);
                match (row, column.filter(|&column| column < width)) {
                    (Some(row), Some(column)) => channel[row * width + column],
                    _ => 0,
                }
            };
            let start = out.len();
            out.extend((0..width).map(|x| table[usize::from(pixel(x))]));
            if self.flipped {
                out[start..].reverse();
            }
        }
    }
}
