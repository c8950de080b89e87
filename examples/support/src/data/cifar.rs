//! CIFAR-10 in its binary layout (Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009).

use std::path::Path;

use super::image_set::check_labels;
use super::{DataError, ImageSet, files};

const SOURCE: &str =
    "get CIFAR-10, binary version, from https://www.cs.toronto.edu/~kriz/cifar.html";
const SHAPE: [usize; 3] = [3, 32, 32];
const PIXELS: usize = 3 * 32 * 32;
/// A record is a label and the pixels: red, green, blue, each row by row.
const RECORD: usize = 1 + PIXELS;
const CLASSES: usize = 10;
/// More than ten times the size of an original file.
const LARGEST_FILE: u64 = 1 << 29;

/// CIFAR-10: training and test images, 3 x 32 x 32, ten classes.
///
/// Reads `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin` from the folder or from its subfolder
/// `cifar-10-batches-bin`. A file may have any whole number of records.
///
/// # Errors
///
/// [`DataError`] for missing, unreadable or truncated files and for labels above 9.
pub fn cifar10(dir: &Path) -> Result<(ImageSet, ImageSet), DataError> {
    let below = dir.join("cifar-10-batches-bin");
    let folder = if below.is_dir() { &below } else { dir };
    let names = [
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
        "test_batch.bin",
    ];
    let paths = files::find(folder, names, &[""], SOURCE)?;
    let [train @ .., test] = &paths;
    Ok((read(train)?, read(std::slice::from_ref(test))?))
}

fn read(paths: &[std::path::PathBuf]) -> Result<ImageSet, DataError> {
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for path in paths {
        let bytes = files::rest(files::open(path)?, LARGEST_FILE, path)?;
        let records = bytes.chunks_exact(RECORD);
        if bytes.is_empty() || !records.remainder().is_empty() || bytes.len() as u64 > LARGEST_FILE
        {
            return Err(DataError::Size {
                path: path.clone(),
                expected: format!("a multiple of {RECORD} above 0"),
                got: bytes.len() as u64,
            });
        }
        let first = labels.len();
        for record in records {
            labels.push(record[0]);
            pixels.extend_from_slice(&record[1..]);
        }
        check_labels(&path.display().to_string(), &labels[first..], CLASSES)?;
    }
    ImageSet::new(SHAPE, CLASSES, pixels, labels)
}
