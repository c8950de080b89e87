//! Compresses the weights in a file: `tt-admm compress model.safetensors --ratio 3 --out compressed.safetensors`.

mod args;
mod budget;
mod commands;
mod error;
mod layers;
mod model;
mod output;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use error::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure);
            failure.exit_code()
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    if let Some(threads) = arguments.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.into())
            .build_global()
            .map_err(|error| Failure::other(error.to_string()))?;
    }
    match &arguments.command {
        Command::Plan(plan) => commands::plan(plan),
        Command::Compress(compress) => commands::compress(compress),
        Command::Report(report) => commands::report(report),
        Command::Expand(expand) => commands::expand(expand),
    }
}
