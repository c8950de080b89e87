//! Compresses a multilayer perceptron on real 8x8 digits: ADMM against the direct ways, at the same ranks.
//!
//!     cargo run --release --example compress_digits
//!
//! `--seeds N` runs the first N seeds only. `--checkpoint DIR` saves the ADMM runs to a folder; the same command
//! takes them up again after an interruption, and ends in the same figures.
//!
//! Every seed trains a dense network, then goes five ways from there: (a) TT-SVD as it is, (b) the same with
//! the cores fine-tuned, (c) cores trained from random ones, (d) ADMM and then decomposition, (e) the same
//! with the cores fine-tuned. All ways that train get as many epochs. `settings.rs` has the layers, ranks and
//! learning rates, and how they were chosen.

mod arguments;
mod arms;
mod digits;
mod mlp;
mod report;
mod settings;

use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use tt_admm::BoxError;

use arguments::Arguments;
use digits::Split;
use report::Summary;
use settings::{F, Layer, M, N};

fn main() -> Result<(), BoxError> {
    let start = Instant::now();
    let Arguments { seeds, checkpoint } = Arguments::parse(std::env::args().skip(1))?;
    let data = Arc::new(Split::load()?);
    println!(
        "{} training and {} held-out images; {seeds} seeds; N = {N}, M = {M}, F = {F} epochs\n",
        data.train.len(),
        data.test.len()
    );
    let outcomes = (0..seeds)
        .into_par_iter()
        .map(|seed| arms::run(&data, seed, checkpoint.as_deref()))
        .collect::<Result<Vec<_>, _>>()?;
    println!(
        "residuals of the first seed's ADMM run\n{}",
        outcomes[0].residuals
    );
    let dense_parameters = settings::LAYERS.iter().map(Layer::dense_parameters).sum();
    let summary = Summary::new(&outcomes, dense_parameters);
    println!("{}", summary.table()?);
    println!("{}", summary.result_line(start.elapsed().as_secs_f64()));
    Ok(())
}
