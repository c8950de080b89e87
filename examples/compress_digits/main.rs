//! Compresses a multilayer perceptron on real 8x8 digits: ADMM against the direct ways, at the same ranks.
//!
//!     cargo run --release --example compress_digits
//!
//! `--format tt|ttm|tucker|svd` chooses how the layers are factored: as a tensor train (the default), a TT matrix, in
//! the Tucker format or as two matrices. `--seeds N` runs the first N seeds only. `--checkpoint DIR` saves the ADMM runs to a folder; the same command
//! takes them up again after an interruption, and ends in the same figures.
//!
//! Every seed trains a dense network, then goes five ways from there: (a) decomposition as it is, (b) the same with
//! the factors fine-tuned, (c) factors trained from random ones, (d) ADMM and then decomposition, (e) the same
//! with the factors fine-tuned. All ways that train get as many epochs. `formats.rs` has the layers and ranks,
//! `settings.rs` the learning rates, and how they were chosen.

mod arguments;
mod arms;
mod digits;
mod formats;
mod mlp;
mod report;
mod settings;

use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use tt_admm::BoxError;

use arguments::Arguments;
use digits::Split;
use formats::Layer;
use report::Summary;
use settings::{F, M, N};

fn main() -> Result<(), BoxError> {
    let start = Instant::now();
    let Arguments {
        seeds,
        format,
        checkpoint,
    } = Arguments::parse(std::env::args().skip(1))?;
    let data = Arc::new(Split::load()?);
    println!(
        "{} training and {} held-out images; {seeds} seeds; N = {N}, M = {M}, F = {F} epochs\n",
        data.train.len(),
        data.test.len()
    );
    let outcomes = (0..seeds)
        .into_par_iter()
        .map(|seed| arms::run(&data, format, seed, checkpoint.as_deref()))
        .collect::<Result<Vec<_>, _>>()?;
    println!(
        "residuals of the first seed's ADMM run\n{}",
        outcomes[0].residuals
    );
    let dense_parameters = format.layers().iter().map(Layer::dense_parameters).sum();
    let summary = Summary::new(&outcomes, format, dense_parameters);
    println!("{}", summary.table()?);
    println!("{}", summary.result_line(start.elapsed().as_secs_f64()));
    Ok(())
}
