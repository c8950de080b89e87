//! MNIST and Fashion-MNIST in the IDX format (`LeCun`, Cortes, Burges; Xiao, Rasul, Vollgraf 2017).

use std::io::Read;
use std::path::Path;

use super::image_set::{check_labels, pair};
use super::{DataError, ImageSet, files};

const SOURCE: &str = "get Fashion-MNIST by `apt-get install dataset-fashion-mnist` (Debian, in \
    /usr/share/datasets/fashion-mnist) or from https://github.com/zalandoresearch/fashion-mnist, MNIST from \
    http://yann.lecun.com/exdb/mnist";
/// Unsigned bytes (8) in an array with 3 axes.
const IMAGES: (&str, u32) = ("images", 0x0803);
/// Unsigned bytes (8) in an array with 1 axis.
const LABELS: (&str, u32) = ("labels", 0x0801);
const CLASSES: usize = 10;

/// MNIST or Fashion-MNIST: training and test images with one channel, ten classes.
///
/// Reads `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
/// `t10k-labels-idx1-ubyte` from the folder, as they are or with `.gz`.
///
/// # Errors
///
/// [`DataError`] for missing, unreadable, truncated or foreign files, for numbers of images and labels that
/// differ, and for labels above 9.
pub fn idx(dir: &Path) -> Result<(ImageSet, ImageSet), DataError> {
    let names = [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ];
    let [train, train_labels, test, test_labels] = files::find(dir, names, &["", ".gz"], SOURCE)?;
    pair(read(&train, &train_labels)?, read(&test, &test_labels)?)
}

fn read(image_file: &Path, label_file: &Path) -> Result<ImageSet, DataError> {
    let ([images, height, width], pixels) = read_array(image_file, IMAGES)?;
    let ([count], labels) = read_array(label_file, LABELS)?;
    if images != count {
        return Err(DataError::Counts {
            image_file: image_file.to_owned(),
            images,
            label_file: label_file.to_owned(),
            labels: count,
        });
    }
    check_labels(&label_file.display().to_string(), &labels, CLASSES)?;
    ImageSet::new([1, height, width], CLASSES, pixels, labels)
}

/// The shape and the elements of an IDX file with `N` axes.
fn read_array<const N: usize>(
    path: &Path,
    (what, magic): (&'static str, u32),
) -> Result<([usize; N], Vec<u8>), DataError> {
    let mut reader = files::open(path)?;
    let header = 4 + 4 * N as u64;
    let head = files::rest((&mut reader).take(header), header, path)?;
    let numbers: Vec<u32> = head
        .chunks_exact(4)
        .map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    let got = numbers.first().copied().unwrap_or_default();
    let size_error = |expected: String, got: u64| DataError::Size {
        path: path.to_owned(),
        expected,
        got,
    };
    if numbers.len() < 1 + N {
        return Err(size_error(
            format!("at least the {header} of a header"),
            head.len() as u64,
        ));
    }
    if got != magic {
        return Err(DataError::Magic {
            path: path.to_owned(),
            what,
            expected: magic,
            got,
        });
    }
    let mut shape = [0; N];
    let mut size = 1_u64;
    for (side, &number) in shape.iter_mut().zip(&numbers[1..]) {
        *side = number as usize;
        size = size.saturating_mul(u64::from(number));
    }
    let elements = files::rest(reader, size, path)?;
    let got = elements.len() as u64;
    if got != size {
        let expected = format!("{} for the shape {shape:?}", size.saturating_add(header));
        return Err(size_error(expected, got + header));
    }
    Ok((shape, elements))
}
