//! A process killed at random moments: the next one goes on, and the end is the same to the bit.

use crate::admm_support::inexact::{Inexact, builder, model};
use crate::admm_support::state;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};
use tt_admm::Admm;
use tt_admm::admm::{Checkpoints, Flow, Observer, Penalty, Record};

const FOLDER: &str = "TT_ADMM_KILLED_RUN";
const ITERATIONS: usize = 60;

/// Makes an iteration last long enough to be killed in its middle.
struct Slow;

impl Observer<f64> for Slow {
    fn iteration(&mut self, _: &Admm<f64>, _: &Record) -> Result<Flow, tt_admm::BoxError> {
        thread::sleep(Duration::from_millis(2));
        Ok(Flow::Continue)
    }
}

fn run(folder: &std::path::Path, observer: &mut impl Observer<f64>) -> (Admm<f64>, Inexact) {
    let checkpoints = Checkpoints::open(folder).unwrap();
    let mut model = model();
    let mut admm = builder()
        .penalty(Penalty::geometric(1.05))
        .max_iterations(ITERATIONS)
        .build(&model)
        .unwrap();
    admm.run_resumable(&mut model, observer, &checkpoints)
        .unwrap();
    (admm, model)
}

/// Not a test of its own: the process that is killed.
#[test]
#[ignore = "started by the test below"]
fn child() {
    if let Some(folder) = env::var_os(FOLDER) {
        run(folder.as_ref(), &mut Slow);
    }
}

fn start(folder: &std::path::Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "killed::child", "--ignored"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn killed_twenty_times_it_ends_in_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    // Other moments in every run of the test; the outcome must not depend on them.
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(u64::from(std::process::id()));
    let mut kills = 0;
    while kills < 20 {
        let mut child = start(folder.path());
        thread::sleep(Duration::from_millis(rng.random_range(1..40)));
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        kills += u32::from(!ended.success());
        if ended.success() {
            // Finished before all kills were used: once more from the start.
            fs::remove_dir_all(folder.path()).unwrap();
            fs::create_dir(folder.path()).unwrap();
        }
    }
    let (admm, model) = run(folder.path(), &mut ());
    let uninterrupted = tempfile::tempdir().unwrap();
    let (whole, trained) = run(uninterrupted.path(), &mut ());
    assert_eq!(admm.iteration(), ITERATIONS);
    assert_eq!(state(&admm), state(&whole));
    assert_eq!(model.0.w, trained.0.w);
}
