//! The program from end to end, on a few images made here.
#![allow(clippy::unwrap_used)] // a test fails by panicking

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::Folder;
use example_support::results::untimed;

fn job(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fashion_mnist"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Four files in the format of Fashion-MNIST: every class is a bright bar at a place of its own, with noise.
fn write_images(folder: &Path) {
    let mut state = 5_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 26) as u8
    };
    for (kind, count) in [("train", 120_u32), ("t10k", 60)] {
        let mut images: Vec<u8> = [0x803, count, 28, 28]
            .iter()
            .flat_map(|n: &u32| n.to_be_bytes())
            .collect();
        let mut labels: Vec<u8> = [0x801, count]
            .iter()
            .flat_map(|n: &u32| n.to_be_bytes())
            .collect();
        for k in 0..count {
            let class = (k % 10) as usize;
            labels.push(u8::try_from(class).unwrap());
            for pixel in 0..28 * 28 {
                let (row, column) = (pixel / 28, pixel % 28);
                let on = if class < 5 {
                    row / 5 == class
                } else {
                    column / 5 == class - 5
                };
                images.push(if on { 190 + noise() } else { noise() });
            }
        }
        fs::write(folder.join(format!("{kind}-images-idx3-ubyte")), images).unwrap();
        fs::write(folder.join(format!("{kind}-labels-idx1-ubyte")), labels).unwrap();
    }
}

/// The result line without what depends on the clock.
fn result(output: &Output) -> Vec<String> {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{err}");
    let line = out.lines().last().unwrap_or_default();
    assert!(line.starts_with("RESULT dense="), "{out}");
    let entries = untimed(line).unwrap();
    entries.into_iter().map(str::to_owned).collect()
}

fn value(result: &[String], key: &str) -> f64 {
    let entry = result
        .iter()
        .find_map(|entry| entry.strip_prefix(&format!("{key}=")));
    entry.unwrap().parse().unwrap()
}

#[test]
fn the_job_runs_draws_and_resumes() {
    let folder = Folder::new("run");
    write_images(&folder.0);
    let data = folder.0.to_str().unwrap();
    let (plot, stages) = (folder.0.join("c.svg"), folder.0.join("stages"));
    let checkpoint = [
        "--data",
        data,
        "--seed",
        "3",
        "--checkpoint",
        stages.to_str().unwrap(),
    ];
    let first = job(&[&checkpoint[..], &["--plot", plot.to_str().unwrap()]].concat());
    let first = result(&first);
    assert!(value(&first, "dense") > 0.5, "{first:?}");
    assert!(value(&first, "ratio") > 20.0, "{first:?}");
    assert!(fs::read_to_string(&plot).unwrap().contains("<svg"));

    // As after a power cut in the last iteration of ADMM: done again from the one before.
    let mut saved: Vec<_> = fs::read_dir(stages.join("admm"))
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    saved.sort();
    assert_eq!(saved.len(), 2);
    fs::remove_file(&saved[1]).unwrap();
    fs::remove_file(stages.join("admm_finetuned.safetensors")).unwrap();
    assert_eq!(result(&job(&checkpoint)), first);
    // Everything is there now.
    let again = job(&checkpoint);
    assert_eq!(result(&again), first);
    assert!(String::from_utf8_lossy(&again.stdout).contains("projection_share=none"));

    // The files are of another seed.
    let other = job(&["--data", data, "--seed", "4", "--checkpoint", checkpoint[5]]);
    let message = String::from_utf8_lossy(&other.stderr);
    assert_eq!(other.status.code(), Some(1));
    assert!(
        message.contains("dense.safetensors") && message.contains("seed 3"),
        "{message}"
    );
}

#[test]
fn bad_input_is_an_error_with_exit_code_1() {
    let folder = Folder::new("bad");
    let missing = folder.0.join("nowhere");
    for (arguments, needle) in [
        (vec!["--data", missing.to_str().unwrap()], "nowhere"),
        (vec!["--data", folder.0.to_str().unwrap()], "train-images"),
        (vec!["--train", "none"], "none"),
        (vec!["--train", "0"], "at least 1"),
        (vec!["--speed", "9"], "--speed"),
        (vec!["--seed"], "--seed"),
    ] {
        let output = job(&arguments);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
        assert!(
            message.starts_with("error: ") && message.contains(needle),
            "{message}"
        );
        assert!(!message.contains("panicked"), "{message}");
    }
    let help = job(&["--help"]);
    assert!(
        help.status.success() && String::from_utf8_lossy(&help.stdout).contains("--checkpoint")
    );
}
