//! The original files, if they are at hand.

use std::path::{Path, PathBuf};

use crate::data::{ImageSet, Loader, Normalization, cifar10, idx};

fn assert_balanced(set: &ImageSet, per_class: usize) {
    let mut counts = vec![0; set.classes()];
    for &label in set.labels() {
        counts[usize::from(label)] += 1;
    }
    assert_eq!(counts, vec![per_class; 10]);
}

/// Mean and variance of every channel after normalisation are 0 and 1: wrong constants, a wrong order of the
/// channels or a shifted file show.
fn assert_normalised(set: &ImageSet, normalization: Normalization) {
    let (channels, plane) = (set.channels(), set.height() * set.width());
    let (mut sums, mut squares) = (vec![0.0_f64; channels], vec![0.0_f64; channels]);
    for batch in Loader::new(set, 1000, normalization).epoch(0) {
        for (k, pixels) in batch.images.chunks(plane).enumerate() {
            for &x in pixels {
                sums[k % channels] += f64::from(x);
                squares[k % channels] += f64::from(x).powi(2);
            }
        }
    }
    let count = (set.len() * plane) as f64;
    for (sum, square) in sums.iter().zip(&squares) {
        assert!((sum / count).abs() < 1e-3, "{sums:?} of {count}");
        assert!(
            (square / count - 1.0).abs() < 2e-2,
            "{squares:?} of {count}"
        );
    }
}

#[test]
fn fashion_mnist() {
    let folder = Path::new("/usr/share/datasets/fashion-mnist");
    if !folder.is_dir() {
        println!("skipped: no folder {}", folder.display());
        return;
    }
    let (train, test) = idx(folder).unwrap();
    assert_eq!((train.height(), train.width()), (28, 28));
    assert_balanced(&train, 6000);
    assert_balanced(&test, 1000);
    // An ankle boot, and the sum of its pixels.
    assert_eq!(train.labels()[0], 9);
    assert_eq!(
        train.pixels(0).iter().map(|&p| u32::from(p)).sum::<u32>(),
        76_247
    );
    assert_normalised(&train, Normalization::fashion_mnist());
}

#[test]
fn cifar() {
    let Some(folder) = std::env::var_os("CIFAR10_DIR").map(PathBuf::from) else {
        println!("skipped: CIFAR10_DIR is not set to the folder of CIFAR-10");
        return;
    };
    let (train, test) = cifar10(&folder).unwrap();
    assert_balanced(&train, 5000);
    assert_balanced(&test, 1000);
    assert_normalised(&train, Normalization::cifar10());
}
