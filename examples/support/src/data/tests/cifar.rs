//! CIFAR-10 files, right and wrong.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::data::{DataError, cifar10};

const NAMES: [&str; 6] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
    "test_batch.bin",
];

/// Two records; the pixels of a channel are all the same.
fn file(number: u8) -> Vec<u8> {
    let record = |k: u8| {
        let planes = (0..3).flat_map(move |c| [10 * number + 3 * k + c; 1024]);
        std::iter::once((number + k) % 10).chain(planes)
    };
    record(0).chain(record(1)).collect()
}

fn fill(folder: &Path) {
    for (number, name) in (0..).zip(NAMES) {
        fs::write(folder.join(name), file(number)).unwrap();
    }
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    folder
}

#[test]
fn files_come_back_in_order() {
    let plain = folder();
    let above = tempfile::tempdir().unwrap();
    let below = above.path().join("cifar-10-batches-bin");
    fs::create_dir(&below).unwrap();
    fill(&below);
    for folder in [plain.path(), above.path()] {
        let (train, test) = cifar10(folder).unwrap();
        assert_eq!((train.len(), test.len()), (10, 2));
        assert_eq!(
            (train.channels(), train.height(), train.width()),
            (3, 32, 32)
        );
        assert_eq!(train.classes(), 10);
        assert_eq!(train.labels(), [0, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
        assert_eq!(test.labels(), [5, 6]);
        // The second record of the third file: red, green and blue are 23, 24, 25.
        let pixels = train.pixels(5);
        for (channel, value) in [(0, 23), (1, 24), (2, 25)] {
            assert!(pixels[channel * 1024..][..1024].iter().all(|&p| p == value));
        }
    }
}

#[test]
fn missing_files_are_named_with_where_to_get_them() {
    let message = cifar10(Path::new("/no/such/folder"))
        .unwrap_err()
        .to_string();
    assert!(message.contains("/no/such/folder"), "{message}");
    assert!(
        message.contains("https://www.cs.toronto.edu/~kriz/cifar.html"),
        "{message}"
    );

    let folder = folder();
    fs::remove_file(folder.path().join("data_batch_3.bin")).unwrap();
    fs::remove_file(folder.path().join("test_batch.bin")).unwrap();
    let message = cifar10(folder.path()).unwrap_err().to_string();
    assert!(
        message.contains("lacks data_batch_3.bin, test_batch.bin; "),
        "{message}"
    );
    assert!(
        message.contains("https://www.cs.toronto.edu/~kriz/cifar.html"),
        "{message}"
    );
}

#[test]
fn truncated_and_empty_files_are_refused() {
    let folder = folder();
    let path = folder.path().join("data_batch_2.bin");
    for size in [0, 1, 3072, 6145] {
        fs::write(&path, &file(1)[..size]).unwrap();
        let error = cifar10(folder.path()).unwrap_err();
        assert!(
            matches!(&error, DataError::Size { path: p, got, .. } if *p == path && *got == size as u64),
            "{error}"
        );
    }
}

#[test]
fn labels_out_of_range_are_refused() {
    let folder = folder();
    let mut bytes = file(4);
    bytes[3073] = 10;
    fs::write(folder.path().join("data_batch_5.bin"), bytes).unwrap();
    let error = cifar10(folder.path()).unwrap_err();
    assert!(
        matches!(
            error,
            DataError::Label {
                sample: 1,
                label: 10,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("data_batch_5.bin"), "{error}");
}
