//! Compresses a small convolutional network on Fashion-MNIST, directly and by way of ADMM; see the README.

mod constrained;
mod files;
mod options;
mod session;
mod settings;
mod stages;
mod training;

use std::process::ExitCode;
use std::time::Instant;

use example_support::plot;
use example_support::results::{ResultLine, finish};
use tt_admm::BoxError;

use options::{Options, USAGE};
use stages::Job;

fn main() -> ExitCode {
    let outcome = match Options::parse() {
        Ok(options) if options.help => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Ok(options) => run(&options),
        Err(error) => Err(format!("{error}\n\n{USAGE}").into()),
    };
    finish(outcome)
}

fn run(options: &Options) -> Result<(), BoxError> {
    let started = Instant::now();
    let job = Job::new(options)?;
    let dense = job.dense()?;
    let direct = job.direct(&dense)?;
    let constrained = job.admm(&dense)?;
    let factors = &constrained.factors;
    let phase = settings::FINETUNE;
    let decomposed = job.finetune("admm_finetuned", &constrained.network, factors, phase)?;
    if let Some(path) = &options.plot {
        let title = "ADMM with candle on Fashion-MNIST";
        plot::convergence(path, title, constrained.admm.history())?;
        eprintln!("drawn: {}", path.display());
    }
    let mut line = ResultLine::new()
        .accuracy("dense", dense.accuracy)
        .accuracy("tt_svd", direct.before)
        .accuracy("tt_svd_finetuned", direct.after)
        .accuracy("admm_dense", constrained.accuracy)
        .accuracy("admm", decomposed.before)
        .accuracy("admm_finetuned", decomposed.after)
        .number("ratio", constrained.ratio(), 2)
        .number("primal_residual", constrained.primal_residual, 4);
    line = match constrained.projection_share {
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
