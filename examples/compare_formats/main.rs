//! Errors of several low-rank formats at the same number of parameters, on the 3x3 kernels of a trained network.
//!
//!     cargo run --release --example compare_formats -- FILE.safetensors
//!
//! The file has PyTorch's names and shapes: the entries `*.weight` of shape [out, in, 3, 3] count, in `f32`.
//! `--ratio R` asks for R times fewer parameters than the dense kernels (3). Without a file, the kernels are made up.
//! The ranks of every kernel fit its budget in two ways: the same share of the largest rank possible at every bond, and the
//! ranks that TT-SVD finds for a tolerance. A second table has HOOI at the first of these ranks, and rings by alternating
//! least squares: with equal ranks, and with a closing bond of rank 2 and the others equal. Errors are those of all kernels together,
//! `sqrt(sum |W - Z|^2 / sum |W|^2)`; "time" in the first table is that of TT-SVD with sweeps over that of TT-SVD alone.

mod formats;
mod kernels;

use std::time::Instant;

use tt_admm::ndarray::Array4;
use tt_admm::{BoxError, Sweeps, TrAls, TtSvd, TuckerAlgorithm, TuckerSvd};

use formats::{Choice, FORMATS, Format, ring_ranks};

fn main() -> Result<(), BoxError> {
    let (mut file, mut ratio) = (None, 3.0_f64);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--ratio" {
            let value = arguments.next().ok_or("--ratio needs a number")?;
            ratio = value.parse().map_err(|e| format!("--ratio {value}: {e}"))?;
            if !(ratio.is_finite() && ratio >= 1.0) {
                return Err(format!("--ratio {value}: must be at least 1").into());
            }
        } else if argument.starts_with('-') || file.is_some() {
            return Err(format!("`{argument}` is not understood").into());
        } else {
            file = Some(argument);
        }
    }
    let kernels = match &file {
        Some(path) => kernels::load(path.as_ref())?,
        None => kernels::made_up()?,
    };
    let elements: usize = kernels.iter().map(Array4::len).sum();
    println!("{} kernels, {elements} elements\n", kernels.len());
    println!("| format | ranks by | ratio | TT-SVD | with sweeps | most sweeps | time |");
    println!("|---|---|--:|--:|--:|--:|--:|");
    for format in &FORMATS {
        for (how, choice) in [("share", Choice::Share), ("tolerance", Choice::Tolerance)] {
            let line = Line::measured(format, choice, &kernels, ratio)?;
            println!("| {} | {how} | {line}", format.name);
        }
    }
    println!("\n| format | ratio | error | time |");
    println!("|---|--:|--:|--:|");
    let [_, three, split, _] = &FORMATS;
    for (name, format, method) in [
        ("Tucker-2, HOOI", three, Method::Tucker),
        ("ring, [O, 9, I]", three, Method::Ring(None)),
        ("ring, [O, 9, I], closing 2", three, Method::Ring(Some(2))),
        ("ring, [o1, o2, 9, i1, i2]", split, Method::Ring(None)),
    ] {
        let start = Instant::now();
        let (ratio, error) = method.measured(format, &kernels, ratio)?;
        let seconds = start.elapsed().as_secs_f64();
        println!("| {name} | {ratio:.2} | {error:.4} | {seconds:.1} s |");
    }
    Ok(())
}

/// A decomposition that is no tensor train.
#[derive(Clone, Copy)]
enum Method {
    Tucker,
    /// With this rank of the closing bond, if it is not to be as large as the others.
    Ring(Option<usize>),
}

impl Method {
    /// The ratio of parameters and the error of all kernels.
    fn measured(
        self,
        format: &Format,
        kernels: &[Array4<f32>],
        ratio: f64,
    ) -> Result<(f64, f64), BoxError> {
        let (mut parameters, mut elements, mut lost, mut square) = (0, 0, 0.0, 0.0);
        for kernel in kernels {
            let tensor = format.tensor(kernel)?;
            let norm: f64 = tensor.iter().map(|&x| f64::from(x).powi(2)).sum();
            let (count, relative) = match self {
                Self::Tucker => {
                    let ranks = Choice::Share.ranks(&tensor, ratio)?;
                    let found = TuckerSvd::new([(0, ranks[1]), (2, ranks[2])])
                        .algorithm(TuckerAlgorithm::HOOI)
                        .decompose(&tensor)?;
                    (found.num_parameters(), found.truncation_error().relative())
                }
                Self::Ring(closing) => {
                    let ranks = ring_ranks(tensor.shape(), ratio, closing);
                    let fit = TrAls::new(ranks).decompose(&tensor)?;
                    // Of the dense result itself: no orthogonality stands behind the error of a ring.
                    let lost: f64 = std::iter::zip(&tensor, &fit.ring.to_dense())
                        .map(|(&w, &z)| f64::from(w - z).powi(2))
                        .sum();
                    (fit.ring.num_parameters(), (lost / norm).sqrt())
                }
            };
            parameters += count;
            elements += tensor.len();
            lost += relative.powi(2) * norm;
            square += norm;
        }
        Ok((elements as f64 / parameters as f64, (lost / square).sqrt()))
    }
}

/// What one format does to all kernels.
#[derive(Default)]
struct Line {
    ratio: f64,
    plain: f64,
    improved: f64,
    /// Most sweeps on one kernel.
    sweeps: usize,
    time: f64,
}

impl Line {
    fn measured(
        format: &Format,
        choice: Choice,
        kernels: &[Array4<f32>],
        ratio: f64,
    ) -> Result<Self, BoxError> {
        let mut line = Self::default();
        let (mut parameters, mut elements, mut square, mut times) = (0, 0, 0.0, [0.0; 2]);
        for kernel in kernels {
            let tensor = format.tensor(kernel)?;
            let plain = TtSvd::new(choice.ranks(&tensor, ratio)?);
            let improving = plain.clone().improve(Sweeps::default());
            for (svd, time) in [&plain, &improving].into_iter().zip(&mut times) {
                *time += median_time(|| svd.decompose(&tensor).map(|_| ()))?;
            }
            let (plain, improved) = (plain.decompose(&tensor)?, improving.decompose(&tensor)?);
            let done = improved.truncation_error().improvement();
            line.sweeps = line.sweeps.max(done.map_or(0, |done| done.sweeps()));
            line.plain += plain.truncation_error().total().powi(2);
            line.improved += improved.truncation_error().total().powi(2);
            parameters += plain.num_parameters();
            elements += tensor.len();
            square += tensor.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
        }
        line.ratio = elements as f64 / parameters as f64;
        line.plain = (line.plain / square).sqrt();
        line.improved = (line.improved / square).sqrt();
        line.time = times[1] / times[0];
        Ok(line)
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            ratio,
            plain,
            improved,
            sweeps,
            time,
        } = self;
        write!(
            f,
            "{ratio:.2} | {plain:.4} | {improved:.4} | {sweeps} | {time:.1} |"
        )
    }
}

/// Seconds of the middle one of some runs.
fn median_time<E>(mut run: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let mut times = Vec::new();
    for _ in 0..7 {
        let start = Instant::now();
        run()?;
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}
