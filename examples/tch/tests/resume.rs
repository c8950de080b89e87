//! Interrupted runs end as uninterrupted ones do, to the bit.
// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use example_support::data::{ImageSet, Normalization};
use tch::Device;
use tch_admm::Error;
use tch_admm::cnn::SmallCnn;
use tch_admm::experiment::{self, Data, Format, Outcome, Settings};
use tch_admm::network::TestImages;

/// Images with a bright bar whose place is the label.
fn images(count: usize) -> ImageSet {
    let labels: Vec<u8> = (0..count).map(|i| u8::try_from(i % 10).unwrap()).collect();
    let pixel = |i: usize, at: usize| {
        let noise = (i * 7919 + at * 104_729) % 97;
        let bright = (at % 28) / 3 == usize::from(labels[i]);
        u8::try_from(if bright { 200 - noise } else { noise }).unwrap()
    };
    let pixels = (0..count).flat_map(|i| (0..784).map(move |at| (i, at)));
    let pixels = pixels.map(|(i, at)| pixel(i, at)).collect();
    ImageSet::new([1, 28, 28], 10, pixels, labels.clone()).unwrap()
}

fn data() -> Data {
    let normalization = Normalization::fashion_mnist();
    Data {
        train: Arc::new(images(96)),
        test: TestImages::new(&images(40), normalization.clone(), Device::Cpu).unwrap(),
        normalization,
        augment: None,
        device: Device::Cpu,
    }
}

fn settings(folder: Option<&Path>) -> Settings {
    Settings {
        weights: None,
        folder: folder.map(Path::to_owned),
        plot: None,
        trajectory: None,
        format: Format::Tt,
        ratio: 10.0,
        epochs_dense: 2,
        epochs_admm: 2,
        epochs_finetune: 1,
        batch: 16,
        rate_dense: 0.02,
        rate: 0.02,
        updates: 2,
        rho: 0.1,
        growth: 1.2,
        seed: 7,
    }
}

/// All figures but the times.
fn figures(outcome: &Outcome) -> Outcome {
    Outcome {
        projection_share: 0.0,
        seconds: 0.0,
        ..outcome.clone()
    }
}

#[test]
fn stages_are_taken_up_where_they_were() {
    let whole = experiment::run(&SmallCnn, &data(), &settings(None)).unwrap();
    assert!(whole.dense > 0.15 && whole.ratio >= 10.0, "{whole:?}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let saved = experiment::run(&SmallCnn, &data(), &settings(Some(path))).unwrap();
    assert_eq!(figures(&saved), figures(&whole));
    let finished = fs::read(path.join("admm.state")).unwrap();

    // All is there: nothing is trained any more.
    let again = experiment::run(&SmallCnn, &data(), &settings(Some(path))).unwrap();
    assert_eq!(figures(&again), figures(&whole));

    // The last stage is gone, and ADMM is back at its first epoch of two.
    fs::remove_file(path.join("admm.state")).unwrap();
    let mut checkpoints: Vec<_> = fs::read_dir(path.join("admm"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    checkpoints.sort();
    assert_eq!(checkpoints.len(), 2);
    fs::remove_file(&checkpoints[1]).unwrap();
    let again = experiment::run(&SmallCnn, &data(), &settings(Some(path))).unwrap();
    assert_eq!(figures(&again), figures(&whole));
    // The same bits, times aside.
    let state = |bytes: &[u8]| {
        let state = tch_admm::State::from_bytes("state", bytes).unwrap();
        state.without("time.").to_bytes().unwrap()
    };
    assert!(state(&finished) == state(&fs::read(path.join("admm.state")).unwrap()));
    // A line for each of three weights in each of four updates.
    let history = fs::read_to_string(path.join("history.csv")).unwrap();
    assert_eq!(history.lines().count(), 1 + 4 * 3, "{history}");
    assert!(path.join("convergence.svg").exists());

    // The folder does not take another run.
    let mut other = settings(Some(path));
    other.ratio = 5.0;
    let error = experiment::run(&SmallCnn, &data(), &other).unwrap_err();
    assert!(
        matches!(error, Error::Saved { .. }) && error.to_string().contains("ratio: 5"),
        "{error}"
    );

    // A damaged file is an error, not a fresh start.
    let dense = path.join("dense.state");
    let bytes = fs::read(&dense).unwrap();
    fs::write(&dense, &bytes[..bytes.len() / 2]).unwrap();
    let error = experiment::run(&SmallCnn, &data(), &settings(Some(path))).unwrap_err();
    assert!(error.to_string().contains("dense.state"), "{error}");
}
