//! What can be wrong with image files.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// An image set that cannot be read, or arrays that do not make one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// The folder does not exist or is not a folder.
    #[error("there is no folder {}; {source_of_files}", folder.display())]
    MissingFolder {
        /// The folder asked for.
        folder: PathBuf,
        /// Where the files can be had.
        source_of_files: &'static str,
    },
    /// Files of the set are missing.
    #[error("the folder {} lacks {}; {source_of_files}", folder.display(), missing.join(", "))]
    MissingFiles {
        /// The folder searched.
        folder: PathBuf,
        /// Names of the files that are not there.
        missing: Vec<String>,
        /// Where the files can be had.
        source_of_files: &'static str,
    },
    /// A file cannot be read or uncompressed.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file does not start with the number of its format.
    #[error("{} is not an IDX file of {what}: it starts with {got:#010x}, not {expected:#010x}", path.display())]
    Magic {
        /// The file.
        path: PathBuf,
        /// What the file should hold.
        what: &'static str,
        /// The number of the format.
        expected: u32,
        /// The first four bytes, big-endian.
        got: u32,
    },
    /// A file is shorter or longer than its header or its format says.
    #[error("{} has {got} bytes, expected {expected}; it is truncated or damaged", path.display())]
    Size {
        /// The file.
        path: PathBuf,
        /// What was expected, in words.
        expected: String,
        /// Bytes after decompression; for a file that is too long, as far as it was read.
        got: u64,
    },
    /// Two files of one set differ in their number of samples.
    #[error("{} has {images} images, {} has {labels} labels", image_file.display(), label_file.display())]
    Counts {
        /// The file with the images.
        image_file: PathBuf,
        /// Images in it.
        images: usize,
        /// The file with the labels.
        label_file: PathBuf,
        /// Labels in it.
        labels: usize,
    },
    /// A label is not below the number of classes.
    #[error(
        "{place}: label {label} of sample {sample} is out of range, there are {classes} classes"
    )]
    Label {
        /// The file, or the name of the set.
        place: String,
        /// The sample, counted from 0.
        sample: usize,
        /// Its label.
        label: u8,
        /// The number of classes.
        classes: usize,
    },
    /// The arrays given to [`ImageSet::new`](super::ImageSet::new) do not fit together, or have no elements.
    #[error(
        "{pixels} pixels and {labels} labels do not make images of shape [{channels}, {height}, {width}]"
    )]
    Shape {
        /// Channels of an image.
        channels: usize,
        /// Rows of an image.
        height: usize,
        /// Columns of an image.
        width: usize,
        /// Number of pixel values given.
        pixels: usize,
        /// Number of labels given.
        labels: usize,
    },
    /// Training and test images have different shapes.
    #[error("training images have shape {train:?}, test images {test:?}")]
    TrainTest {
        /// `[channels, height, width]` of the training images.
        train: [usize; 3],
        /// `[channels, height, width]` of the test images.
        test: [usize; 3],
    },
}
