//! The programs from end to end, on a few images made here.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use example_support::results::untimed;
use tempfile::tempdir;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fashion"));
    command.args(arguments);
    command
}

fn job(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// Four files in the format of Fashion-MNIST: every class is a bright bar at a place of its own, with noise.
fn write_images(folder: &Path) {
    let mut state = 5_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0] / 4
    };
    for (kind, count) in [("train", 100_u8), ("t10k", 60)] {
        let head =
            |numbers: &[u32]| -> Vec<u8> { numbers.iter().flat_map(|n| n.to_be_bytes()).collect() };
        let mut images = head(&[0x803, count.into(), 28, 28]);
        let mut labels = head(&[0x801, count.into()]);
        for class in (0..count).map(|k| k % 10) {
            labels.push(class);
            for pixel in 0..28 * 28 {
                let (row, column) = (pixel / 28, pixel % 28);
                let on = [row / 5, column / 5 + 5].contains(&usize::from(class));
                images.push(if on { 190 + noise() } else { noise() });
            }
        }
        fs::write(folder.join(format!("{kind}-images-idx3-ubyte")), images).unwrap();
        fs::write(folder.join(format!("{kind}-labels-idx1-ubyte")), labels).unwrap();
    }
}

/// The result line without what depends on the clock.
fn result(output: &Output) -> Vec<String> {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{err}");
    let line = out.lines().last().unwrap_or_default();
    assert!(line.starts_with("RESULT dense="), "{out}");
    let entries = untimed(line).unwrap();
    entries.into_iter().map(str::to_owned).collect()
}

fn value(result: &[String], key: &str) -> f64 {
    let prefix = format!("{key}=");
    let entry = result.iter().find_map(|entry| entry.strip_prefix(&prefix));
    entry.unwrap().parse().unwrap()
}

#[test]
fn the_job_draws_and_goes_on_when_killed() {
    let folder = tempdir().unwrap();
    write_images(folder.path());
    let data = folder.path().to_str().unwrap();
    let plot = folder.path().join("convergence.svg");
    let whole = job(&["--data", data, "--plot", plot.to_str().unwrap()]);
    let expected = result(&whole);
    assert!(value(&expected, "dense") > 0.5, "{expected:?}");
    assert!(value(&expected, "ratio") > 15.0, "{expected:?}");
    let [trained, decomposed] = ["admm_dense", "admm"].map(|key| value(&expected, key));
    assert!((trained - decomposed).abs() < 0.2, "{expected:?}");
    assert!(fs::read_to_string(&plot).unwrap().contains("<svg"));

    let stages = folder.path().join("stages");
    let arguments = ["--data", data, "--checkpoint", stages.to_str().unwrap()];
    let mut running = command(&arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Killed in the ADMM phase, when two checkpoints are there.
    let saved = |folder: &Path| fs::read_dir(folder).map_or(0, Iterator::count);
    let start = Instant::now();
    while saved(&stages.join("admm")) < 2 {
        assert!(start.elapsed() < Duration::from_secs(100));
        sleep(Duration::from_millis(2));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(result(&job(&arguments)), expected);

    // Everything is there now.
    let again = job(&arguments);
    assert_eq!(result(&again), expected);
    assert!(String::from_utf8_lossy(&again.stdout).contains("projection_share=none"));

    // The files are of another seed.
    let other = job(&[&arguments[..], &["--seed", "4"]].concat());
    let message = String::from_utf8_lossy(&other.stderr);
    assert_eq!(other.status.code(), Some(1));
    assert!(
        message.contains("seed=1") && message.contains("seed=4"),
        "{message}"
    );
    // A file of a network that is none.
    fs::write(stages.join("dense.bpk"), b"no network").unwrap();
    let broken = job(&arguments);
    let message = String::from_utf8_lossy(&broken.stderr);
    assert_eq!(broken.status.code(), Some(1));
    assert!(message.contains("dense.bpk"), "{message}");
}

#[test]
fn bad_input_is_an_error_with_exit_code_1() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("nowhere");
    let [empty, missing] = [folder.path(), &missing].map(|path| path.to_str().unwrap());
    for (arguments, needle) in [
        (vec!["--data", missing], "nowhere"),
        (vec!["--data", empty], "train-images"),
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
    }
    let help = job(&["--help"]);
    assert!(
        help.status.success() && String::from_utf8_lossy(&help.stdout).contains("--checkpoint")
    );
}
