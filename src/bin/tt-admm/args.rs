//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tt_admm::compress::Family;

/// Compresses the weights of a neural network in a file to tensor trains or Tucker decompositions.
///
/// Exit codes: 0 success, 1 failure, 2 wrong usage, 3 a budget that cannot be met.
#[derive(Debug, Parser)]
#[command(name = "tt-admm", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Threads; by default as many as there are processors.
    #[arg(long, global = true, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Choose ranks for a budget, and show or store them.
    Plan(PlanArguments),
    /// Choose ranks, decompose, and write the factors with everything else to a new file.
    Compress(CompressArguments),
    /// Show what a file holds, dense or compressed, and what it costs.
    Report(ReportArguments),
    /// Turn a compressed file back to dense weights.
    Expand(ExpandArguments),
}

/// Which weights, and what their layers do.
#[derive(Debug, Default, Args)]
pub(crate) struct Selection {
    /// Weights to compress, as a pattern: `*` stands for any characters, `?` for one. May be repeated. By default all
    /// floating-point tensors of two or four axes.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) layers: Vec<String>,
    /// Weights to leave as they are. May be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// Weights of two axes that are embeddings (a row is looked up, not multiplied). May be repeated.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) embedding: Vec<String>,
    /// Input of convolutions, for the multiply-adds: `HxW`, or `PATTERN=HxW`, with `/S` for a stride: `32x32`,
    /// `layer2.0.conv1.weight=32x32/2`. May be repeated; the first that fits counts. Kernels are centred (padding
    /// of half their size). Where nothing is said, 32x32 with stride 1.
    #[arg(long, value_name = "[PATTERN=]HxW[/S]")]
    pub(crate) input: Vec<String>,
    /// Groups of convolutions: `PATTERN=G`. May be repeated.
    #[arg(long, value_name = "PATTERN=G")]
    pub(crate) groups: Vec<String>,
    /// What is offered for each weight, in order: the simple rules use the first, a plan picks the best.
    #[arg(
        long,
        value_name = "FORMAT",
        value_delimiter = ',',
        default_value = "tt"
    )]
    pub(crate) format: Vec<FormatName>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatName {
    /// Tensor trains in several layouts.
    Tt,
    /// TT-matrices; convolutions in Garipov's layout.
    Ttm,
    /// Tucker-2 for convolutions.
    Tucker,
    /// Products of two matrices.
    Svd,
    /// Tensor rings; only with ranks from a file.
    Tr,
}

impl FormatName {
    /// The family that is planned; rings have none.
    pub(crate) fn family(self) -> Option<Family> {
        match self {
            Self::Tt => Some(Family::TensorTrain),
            Self::Ttm => Some(Family::TtMatrix),
            Self::Tucker => Some(Family::Tucker),
            Self::Svd => Some(Family::LowRank),
            Self::Tr => None,
        }
    }
}

/// How far to go. One of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Goal {
    /// So many times fewer parameters in the selected weights.
    #[arg(long, value_name = "R")]
    pub(crate) ratio: Option<f64>,
    /// At most so many parameters.
    #[arg(long, value_name = "N")]
    pub(crate) parameters: Option<u64>,
    /// So many times fewer multiply-adds.
    #[arg(long, value_name = "R")]
    pub(crate) mac_ratio: Option<f64>,
    /// At most so many multiply-adds for one sample.
    #[arg(long, value_name = "N")]
    pub(crate) macs: Option<u64>,
    /// At most this relative error over all selected weights.
    #[arg(long, value_name = "E")]
    pub(crate) error: Option<f64>,
    /// Simple rule: every weight so many times smaller.
    #[arg(long, value_name = "R")]
    pub(crate) uniform: Option<f64>,
    /// Simple rule: every bond keeps this share of the energy.
    #[arg(long, value_name = "SHARE")]
    pub(crate) energy: Option<f64>,
    /// Simple rule: ranks by variational Bayesian matrix factorisation (Tucker-2 and products of two matrices).
    #[arg(long)]
    pub(crate) vbmf: bool,
    /// The plan in this file, from `tt-admm plan --out`, perhaps changed by hand.
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// The ranks in this file: a JSON object of names and lists, for the first format's first layout.
    #[arg(long, value_name = "FILE")]
    pub(crate) ranks: Option<PathBuf>,
}

/// Where results go.
#[derive(Debug, Args)]
pub(crate) struct Printing {
    /// Print one JSON object instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// Replace files that exist.
    #[arg(long)]
    pub(crate) force: bool,
}

/// What is planned, and for what.
#[derive(Debug, Args)]
pub(crate) struct Planning {
    /// The weights: a safetensors or npz file.
    pub(crate) model: PathBuf,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) goal: Goal,
    /// Let the relative error of each weight count alike, not the error itself.
    #[arg(long)]
    pub(crate) relative: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    #[command(flatten)]
    pub(crate) planning: Planning,
    /// Store the plan as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Draw the error against the ratio, planned and uniform, as SVG.
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) chart: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Debug, Args)]
pub(crate) struct CompressArguments {
    #[command(flatten)]
    pub(crate) planning: Planning,
    /// The file to write; `.npz` or safetensors by its name.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Draw parameters and errors of all layers, as SVG.
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) chart: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// A file of weights, dense or compressed.
    pub(crate) model: PathBuf,
    /// The dense weights that it was made from: errors are then measured again.
    #[arg(long, value_name = "FILE")]
    pub(crate) original: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Draw parameters and errors of all layers, as SVG.
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) chart: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) printing: Printing,
}

#[derive(Debug, Args)]
pub(crate) struct ExpandArguments {
    /// A compressed file.
    pub(crate) model: PathBuf,
    /// The file to write; `.npz` or safetensors by its name.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace a file that exists.
    #[arg(long)]
    pub(crate) force: bool,
}
