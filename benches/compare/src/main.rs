//! The Rust sides of the comparison, measured on request.
//!
//! A driver writes commands to standard input, one a line, and reads one line of JSON for each; the commands
//! are listed in [`command`]. That way it can measure every side of a round in turn, those in other
//! processes too, while all others wait.

mod command;
mod dense;
mod element;
mod gemm;
mod layout;
mod memory;
mod operations;
mod options;
mod product;
mod queue;
mod rings;
mod sample;
mod session;
mod synthetic;
mod timing;
mod update;
mod weights;
mod workload;

use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use rayon::ThreadPoolBuilder;
use serde_json::json;
use tt_admm::BoxError;

use options::{Options, Task, USAGE};
use session::Session;

/// Peak memory is read from it.
#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

fn main() -> ExitCode {
    let outcome = Options::parse().and_then(|task| match task {
        Task::Serve(options) => serve(&mut Session::new(options)),
        Task::Trajectory(files, ratio, threads) => trajectory(&files, ratio, threads),
        Task::Help => {
            print!("{USAGE}");
            Ok(())
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn trajectory(files: &[PathBuf], ratio: f64, threads: usize) -> Result<(), BoxError> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
    println!("f32\n{}", update::trajectory::<f32>(files, ratio, &pool)?);
    print!("f64\n{}", update::trajectory::<f64>(files, ratio, &pool)?);
    Ok(())
}

/// Answers every line of standard input; a command that fails is answered by its error.
fn serve(session: &mut Session) -> Result<(), BoxError> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = line?
            .parse()
            .and_then(|command| session.answer(&command))
            .unwrap_or_else(|error| json!({ "failed": error.to_string() }));
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}
