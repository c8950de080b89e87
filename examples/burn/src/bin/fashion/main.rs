//! Compresses a small network for Fashion-MNIST in two ways and compares them: tensor-train decomposition of
//! the trained network, and training by ADMM before the decomposition; both with fine-tuning of the cores and
//! the same number of epochs.

mod job;
mod options;
mod settings;
mod stages;
mod training;

use std::process::ExitCode;
use std::time::Instant;

use burn_admm::catch_panic;
use example_support::results::{ResultLine, finish};
use example_support::{data, plot};
use tt_admm::BoxError;

use job::Job;
use options::{Options, USAGE};

fn main() -> ExitCode {
    let outcome = Options::parse().and_then(|options| {
        if let Some(options) = options {
            return catch_panic(|| run(&options))?;
        }
        println!("{USAGE}");
        Ok(())
    });
    finish(outcome)
}

fn run(options: &Options) -> Result<(), BoxError> {
    let started = Instant::now();
    let (train, test) = data::idx(&options.data)?;
    let (train, test) = (train.take(options.train), test.take(options.test));
    eprintln!(
        "Fashion-MNIST, {} images for training, {} for the test",
        train.len(),
        test.len()
    );
    let job = Job::new(options, &train, &test)?;
    let dense = job.dense()?;
    let direct = job.direct(&dense)?;
    let constrained = job.admm(&dense)?;
    let from_admm = job.finetune_after_admm(&constrained)?;
    if let Some(path) = &options.plot {
        let title = "ADMM with burn on Fashion-MNIST";
        plot::convergence(path, title, constrained.admm.history())?;
    }
    let line = ResultLine::new()
        .accuracy("dense", dense.accuracy)
        .accuracy("tt_svd", direct.before)
        .accuracy("tt_svd_finetuned", direct.after)
        .accuracy("admm_dense", constrained.accuracy)
        .accuracy("admm", from_admm.before)
        .accuracy("admm_finetuned", from_admm.after)
        .number("ratio", constrained.ratio, 2)
        .number("primal_residual", constrained.primal_residual, 4);
    let line = match constrained.projection_share {
        Some(share) => line.number("projection_share", share, 4),
        // A run that finds ADMM finished has nothing to measure.
        None => line.text("projection_share", "none"),
    };
    println!(
        "{}",
        line.number("seconds", started.elapsed().as_secs_f64(), 1)
    );
    Ok(())
}
