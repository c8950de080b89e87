//! IDX files, right and wrong.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use tempfile::TempDir;

use crate::data::{DataError, idx};

/// The bytes of an IDX file.
fn file(magic: u32, shape: &[u32], elements: &[u8]) -> Vec<u8> {
    let numbers = std::iter::once(&magic).chain(shape);
    let mut bytes: Vec<u8> = numbers.flat_map(|n| n.to_be_bytes()).collect();
    bytes.extend_from_slice(elements);
    bytes
}

fn images(count: u32, first: u8) -> Vec<u8> {
    let pixels: Vec<u8> = (0..count * 6)
        .map(|k| first.wrapping_add(k as u8))
        .collect();
    file(0x0803, &[count, 2, 3], &pixels)
}

fn labels(labels: &[u8]) -> Vec<u8> {
    file(0x0801, &[labels.len() as u32], labels)
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A folder with three training and two test images, 2 x 3 pixels.
fn folder(suffix: &str, pack: impl Fn(&[u8]) -> Vec<u8>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("train-images-idx3-ubyte", images(3, 10)),
        ("train-labels-idx1-ubyte", labels(&[9, 0, 4])),
        ("t10k-images-idx3-ubyte", images(2, 200)),
        ("t10k-labels-idx1-ubyte", labels(&[1, 2])),
    ] {
        fs::write(folder.path().join(format!("{name}{suffix}")), pack(&bytes)).unwrap();
    }
    folder
}

fn plain() -> TempDir {
    folder("", <[u8]>::to_vec)
}

/// The error after one file was replaced.
fn broken(name: &str, bytes: &[u8]) -> DataError {
    let folder = plain();
    fs::write(folder.path().join(name), bytes).unwrap();
    idx(folder.path()).unwrap_err()
}

#[test]
fn plain_and_compressed_files_come_back() {
    for folder in [plain(), folder(".gz", gz)] {
        let (train, test) = idx(folder.path()).unwrap();
        assert_eq!((train.len(), test.len()), (3, 2));
        assert_eq!((train.channels(), train.height(), train.width()), (1, 2, 3));
        assert_eq!(train.classes(), 10);
        assert_eq!(train.labels(), [9, 0, 4]);
        assert_eq!(train.pixels(1), [16, 17, 18, 19, 20, 21]);
        assert_eq!(test.labels(), [1, 2]);
        assert_eq!(test.pixels(1), [206, 207, 208, 209, 210, 211]);
        assert_eq!(train.clone().take(2).labels(), [9, 0]);
        assert_eq!(train.clone().take(2).pixels(1), train.pixels(1));
        assert_eq!(train.clone().take(99), train);
    }
}

#[test]
fn missing_files_are_named_with_where_to_get_them() {
    let message = idx(Path::new("/no/such/folder")).unwrap_err().to_string();
    assert!(message.contains("no folder /no/such/folder"), "{message}");
    assert!(
        message.contains("apt-get install dataset-fashion-mnist"),
        "{message}"
    );

    let folder = plain();
    fs::remove_file(folder.path().join("train-labels-idx1-ubyte")).unwrap();
    fs::remove_file(folder.path().join("t10k-images-idx3-ubyte")).unwrap();
    let message = idx(folder.path()).unwrap_err().to_string();
    let missing = "lacks train-labels-idx1-ubyte, t10k-images-idx3-ubyte; ";
    assert!(message.contains(missing), "{message}");
    assert!(
        message.contains("github.com/zalandoresearch/fashion-mnist"),
        "{message}"
    );
    assert!(!message.contains("train-images"), "{message}");
}

#[test]
fn truncated_and_overlong_files_are_refused() {
    let name = "train-images-idx3-ubyte";
    let whole = images(3, 0);
    for size in [0, 3, 15, 16, whole.len() - 1] {
        let error = broken(name, &whole[..size]);
        assert!(
            matches!(&error, DataError::Size { got, .. } if *got == size as u64),
            "{size}: {error}"
        );
        assert!(error.to_string().contains(name));
    }
    let mut long = whole.clone();
    long.push(0);
    assert!(matches!(
        broken(name, &long),
        DataError::Size { got: 35, .. }
    ));
    // A header that promises more than there is memory.
    let huge = file(0x0803, &[u32::MAX, u32::MAX, u32::MAX], &[1, 2, 3]);
    assert!(matches!(
        broken(name, &huge),
        DataError::Size { got: 19, .. }
    ));
}

#[test]
fn damaged_compressed_files_are_refused() {
    let folder = folder(".gz", gz);
    let path = folder.path().join("t10k-images-idx3-ubyte.gz");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = idx(folder.path()).unwrap_err();
    assert!(
        matches!(&error, DataError::Read { path: p, .. } if *p == path),
        "{error}"
    );
    fs::write(&path, b"not compressed at all").unwrap();
    let error = idx(folder.path()).unwrap_err();
    assert!(matches!(&error, DataError::Read { .. }), "{error}");
}

#[test]
fn foreign_files_are_refused() {
    let error = broken("train-images-idx3-ubyte", &[b'x'; 100]);
    let expected = "it starts with 0x78787878, not 0x00000803";
    assert!(error.to_string().ends_with(expected), "{error}");
    // Images where labels should be.
    let error = broken("t10k-labels-idx1-ubyte", &images(2, 0));
    assert!(
        matches!(
            error,
            DataError::Magic {
                what: "labels",
                expected: 0x0801,
                got: 0x0803,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn numbers_that_do_not_fit_are_refused() {
    let error = broken("t10k-labels-idx1-ubyte", &labels(&[1, 2, 3]));
    assert!(
        matches!(
            error,
            DataError::Counts {
                images: 2,
                labels: 3,
                ..
            }
        ),
        "{error}"
    );

    let error = broken("train-labels-idx1-ubyte", &labels(&[9, 10, 4]));
    assert!(matches!(
        error,
        DataError::Label {
            sample: 1,
            label: 10,
            classes: 10,
            ..
        }
    ));
    assert!(
        error.to_string().contains("train-labels-idx1-ubyte"),
        "{error}"
    );

    let error = broken("t10k-images-idx3-ubyte", &file(0x0803, &[2, 1, 1], &[5, 6]));
    assert!(
        matches!(
            error,
            DataError::TrainTest {
                train: [1, 2, 3],
                test: [1, 1, 1]
            }
        ),
        "{error}"
    );

    let folder = plain();
    fs::write(folder.path().join("train-images-idx3-ubyte"), images(0, 0)).unwrap();
    fs::write(folder.path().join("train-labels-idx1-ubyte"), labels(&[])).unwrap();
    let error = idx(folder.path()).unwrap_err();
    assert!(
        matches!(
            error,
            DataError::Shape {
                pixels: 0,
                labels: 0,
                ..
            }
        ),
        "{error}"
    );
}
