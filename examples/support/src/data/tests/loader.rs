//! Batches: coverage, order, augmentation, normalisation.

use crate::data::{Augment, DataError, ImageSet, Loader, Normalization};

/// Keeps pixels as they are, divided by 255.
fn raw() -> Normalization {
    Normalization {
        mean: vec![0.0],
        std: vec![1.0],
    }
}

/// Image `i` has the pixel `i + 1` everywhere; one channel.
fn flat(count: u8, side: usize) -> ImageSet {
    let pixels = (0..count).flat_map(|i| vec![i + 1; side * side]).collect();
    let labels = (0..count).map(|i| i % 7).collect();
    ImageSet::new([1, side, side], 7, pixels, labels).unwrap()
}

/// Many copies of an image whose pixels are all different and not black.
fn copies(count: usize, side: u8) -> ImageSet {
    let one: Vec<u8> = (1..=side * side).collect();
    let side = usize::from(side);
    ImageSet::new([1, side, side], 1, one.repeat(count), vec![0; count]).unwrap()
}

fn bytes(images: &[f32]) -> Vec<i32> {
    images.iter().map(|&x| (x * 255.0).round() as i32).collect()
}

#[test]
fn an_epoch_has_every_image_once() {
    let set = flat(23, 2);
    for loader in [
        Loader::new(&set, 5, raw()),
        Loader::new(&set, 5, raw()).shuffled(11),
    ] {
        for epoch in 0..4 {
            let batches: Vec<_> = loader.epoch(epoch).collect();
            let sizes: Vec<_> = batches.iter().map(|b| b.len).collect();
            assert_eq!(sizes, [5, 5, 5, 5, 3]);
            assert_eq!((loader.batches(), loader.epoch(epoch).len()), (5, 5));
            let mut seen = Vec::new();
            for batch in &batches {
                assert_eq!(batch.shape(), [batch.len, 1, 2, 2]);
                assert_eq!(batch.labels.len(), batch.len);
                for (image, label) in bytes(&batch.images).chunks(4).zip(&batch.labels) {
                    assert!(image.iter().all(|&p| p == image[0]));
                    assert_eq!(i64::from(image[0] - 1) % 7, *label);
                    seen.push(image[0]);
                }
            }
            seen.sort_unstable();
            assert_eq!(seen, (1..=23).collect::<Vec<_>>());
        }
    }
    assert_eq!(Loader::new(&set, 0, raw()).batches(), 23);
    assert_eq!(
        Loader::new(&set, 100, raw())
            .epoch(0)
            .map(|b| b.len)
            .sum::<usize>(),
        23
    );
}

#[test]
fn batches_depend_on_seed_and_epoch_only() {
    let set = copies(40, 6);
    let loader = |seed| {
        Loader::new(&set, 8, raw())
            .shuffled(seed)
            .augmented(Augment::pad_crop_flip(2))
    };
    let batches = |seed, epoch| loader(seed).epoch(epoch).collect::<Vec<_>>();
    assert_eq!(batches(1, 3), batches(1, 3));
    // All images are the same, so that this is about the augmentation.
    assert_ne!(batches(1, 3), batches(1, 4));
    assert_ne!(batches(1, 3), batches(2, 3));
    assert_ne!(batches(0, 1), batches(1, 0));

    let set = flat(40, 2);
    let order = |seed, epoch| {
        let loader = Loader::new(&set, 7, raw()).shuffled(seed);
        loader
            .epoch(epoch)
            .flat_map(|b| bytes(&b.images))
            .collect::<Vec<_>>()
    };
    assert_eq!(order(1, 3), order(1, 3));
    assert_ne!(order(1, 3), order(1, 4));
    assert_ne!(order(1, 3), order(2, 3));
    assert_ne!(order(0, 1), order(1, 0));
}

#[test]
fn crops_are_windows_of_the_padded_image_and_flips_are_fair() {
    const SIDE: usize = 6;
    const PADDING: usize = 2;
    let set = copies(3000, SIDE as u8);
    let padded = |row: usize, column: usize| -> i32 {
        let inside = PADDING..PADDING + SIDE;
        if inside.contains(&row) && inside.contains(&column) {
            ((row - PADDING) * SIDE + column - PADDING + 1) as i32
        } else {
            0
        }
    };
    // Every possible view, by definition; the tall corner positions are all distinct.
    let mut views = std::collections::HashMap::new();
    for top in 0..=2 * PADDING {
        for left in 0..=2 * PADDING {
            for flipped in [false, true] {
                let pixel = |k: usize| {
                    let (row, column) = (k / SIDE, k % SIDE);
                    let column = if flipped { SIDE - 1 - column } else { column };
                    padded(top + row, left + column)
                };
                views.insert(
                    (0..SIDE * SIDE).map(pixel).collect::<Vec<_>>(),
                    (top, left, flipped),
                );
            }
        }
    }
    assert_eq!(views.len(), 50);
    let mut counts = std::collections::HashMap::new();
    let loader = Loader::new(&set, 64, raw()).augmented(Augment::pad_crop_flip(PADDING));
    for batch in loader.epoch(0) {
        for image in bytes(&batch.images).chunks(SIDE * SIDE) {
            *counts.entry(views[image]).or_insert(0) += 1;
        }
    }
    assert_eq!(counts.len(), 50);
    let flips: i32 = counts
        .iter()
        .filter(|((_, _, f), _)| *f)
        .map(|(_, n)| n)
        .sum();
    // Binomial: mean 1500, standard deviation 27.
    assert!((1390..1610).contains(&flips), "{flips}");
    // Mean 60 for each view, standard deviation 8.
    assert!(counts.values().all(|n| (25..100).contains(n)), "{counts:?}");

    let upright = Loader::new(&set, 64, raw()).augmented(Augment::pad_crop(PADDING));
    for batch in upright.epoch(1) {
        for image in bytes(&batch.images).chunks(SIDE * SIDE) {
            assert!(!views[image].2);
        }
    }
}

#[test]
fn channels_are_augmented_alike_and_normalised_apart() {
    let plane: Vec<u8> = (0..9).map(|k| 20 * k + 10).collect();
    let set = ImageSet::new([2, 3, 3], 1, plane.repeat(2), vec![0]).unwrap();
    let normalization = Normalization {
        mean: vec![0.0, 0.5],
        std: vec![1.0, 0.25],
    };
    for epoch in 0..20 {
        let loader = Loader::new(&set, 1, normalization.clone());
        let loader = loader.augmented(Augment::pad_crop_flip(1));
        let batch = loader.epoch(epoch).next().unwrap();
        let (first, second) = batch.images.split_at(9);
        for (a, b) in first.iter().zip(second) {
            assert!(((a - 0.5) / 0.25 - b).abs() < 1e-6);
        }
    }
    // Lists that are too short, and a deviation of 0, are as documented.
    let images = |n: Normalization| Loader::new(&set, 1, n).epoch(0).next().unwrap().images;
    let odd = Normalization {
        mean: vec![],
        std: vec![0.0],
    };
    assert_eq!(images(odd), images(raw()));
}

#[test]
fn image_sets_check_their_parts() {
    let set =
        |shape, pixels: usize, labels: Vec<u8>| ImageSet::new(shape, 3, vec![0; pixels], labels);
    assert!(set([1, 2, 2], 8, vec![0, 2]).is_ok());
    for wrong in [
        set([1, 2, 2], 7, vec![0, 2]),
        set([1, 2, 2], 0, vec![]),
        set([1, 0, 2], 0, vec![1]),
        set([usize::MAX, 2, 2], 4, vec![1]),
    ] {
        assert!(matches!(wrong, Err(DataError::Shape { .. })), "{wrong:?}");
    }
    let error = set([1, 1, 1], 2, vec![0, 3]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "image set: label 3 of sample 1 is out of range, there are 3 classes"
    );
}
