//! The five ways to a compressed network, from the same dense one and at the same ranks.

use std::path::Path;
use std::sync::Arc;

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use tt_admm::admm::{Checkpoints, Penalty, Report, TablePrinter};
use tt_admm::compress::{DecomposedPair, Factorized, decompose, decompose_trained};
use tt_admm::ndarray::ArrayViewD;
use tt_admm::optim::GradientModel;
use tt_admm::{Admm, BoxError, Factors, Trainable};

use crate::digits::Split;
use crate::formats::Format;
use crate::mlp::Mlp;
use crate::settings::{self, Phase};

/// What one seed gives. Accuracies are those on the held-out images.
pub(crate) struct Outcome {
    pub(crate) dense: f64,
    pub(crate) dense_longer: f64,
    pub(crate) tt_svd: f64,
    pub(crate) tt_svd_finetuned: f64,
    pub(crate) tt_scratch: f64,
    pub(crate) admm_weights: f64,
    pub(crate) admm: f64,
    pub(crate) admm_from_z: f64,
    pub(crate) admm_finetuned: f64,
    /// `sqrt(sum |W - Z|^2 / sum |W|^2)` at the end of ADMM.
    pub(crate) primal_residual: f64,
    /// Largest relative error of a decomposed layer.
    pub(crate) error_before: f64,
    pub(crate) error_from_weight: f64,
    pub(crate) error_from_projection: f64,
    /// Values in the cores of the compressed layers.
    pub(crate) parameters: usize,
    /// The residual table of the ADMM run.
    pub(crate) residuals: String,
}

/// All ways for one seed, with factors of this format; the ADMM run is saved to a folder of its own below `checkpoint`, if there is one.
pub(crate) fn run(
    data: &Arc<Split<f32>>,
    format: Format,
    seed: u64,
    checkpoint: Option<&Path>,
) -> Result<Outcome, BoxError> {
    let untrained = Mlp::new(Arc::clone(data), seed);
    let dense = train(untrained.clone(), &settings::DENSE, seed)?;
    let longer = train(dense.clone(), &settings::DENSE_LONGER, seed)?;

    // (a), (b)
    let (factors, error_before) = direct_factors(&dense, format)?;
    let parameters = factors.iter().map(|(_, f)| f.num_parameters()).sum();
    let mut direct = Factorized::new(dense.clone(), factors)?;
    let tt_svd = direct.model().accuracy();
    let tt_svd_finetuned = train(direct, &settings::DIRECT.of_factors(format), seed)?
        .into_model()
        .accuracy();

    // (c)
    let scratch = Factorized::new(untrained, random_factors(format, seed)?)?;
    let tt_scratch = train(scratch, &settings::SCRATCH.of_factors(format), seed)?
        .into_model()
        .accuracy();

    // (d), (e)
    let Trained {
        model: trained,
        layers,
        report,
        residuals,
    } = admm(&dense, format, seed, checkpoint)?;
    let worst =
        |error: fn(&DecomposedPair<f32>) -> f64| layers.iter().map(error).fold(0.0, f64::max);
    let error_from_weight = worst(|l| l.from_weight.relative_error);
    let error_from_projection = worst(|l| l.from_projection.relative_error);
    let z = layers
        .iter()
        .map(|l| (l.name.clone(), l.from_projection.factors.clone()));
    let admm_from_z = Factorized::new(trained.clone(), z)?.into_model().accuracy();
    let admm_weights = trained.accuracy();
    let w = layers.into_iter().map(|l| (l.name, l.from_weight.factors));
    let mut compressed = Factorized::new(trained, w)?;
    let admm = compressed.model().accuracy();
    let admm_finetuned = train(compressed, &settings::FINETUNE.of_factors(format), seed)?
        .into_model()
        .accuracy();

    Ok(Outcome {
        dense: dense.accuracy(),
        dense_longer: longer.accuracy(),
        tt_svd,
        tt_svd_finetuned,
        tt_scratch,
        admm_weights,
        admm,
        admm_from_z,
        admm_finetuned,
        primal_residual: report.primal_residual(),
        error_before,
        error_from_weight,
        error_from_projection,
        parameters,
        residuals,
    })
}

fn train<G>(model: G, phase: &Phase, seed: u64) -> Result<G, BoxError>
where
    G: GradientModel<Elem = f32>,
{
    let mut trainer = phase.trainer(model, seed)?;
    trainer.fit(phase.epochs)?;
    Ok(trainer.into_model())
}

type Named = Vec<(&'static str, Factors<f32>)>;

/// Every compressed layer decomposed as it is, and the largest relative error.
fn direct_factors(dense: &Mlp<f32>, format: Format) -> Result<(Named, f64), BoxError> {
    let parameters = dense.parameters();
    let weight = |name: &str| -> Result<ArrayViewD<'_, f32>, BoxError> {
        let found = parameters
            .iter()
            .find(|(n, _)| *n == name)
            .ok_or("no such layer")?;
        Ok(found.1.view())
    };
    let mut worst = 0.0_f64;
    let mut factors = Vec::new();
    for layer in format.layers() {
        let found = decompose(layer.name, &weight(layer.name)?, &*layer.projection()?)?;
        worst = worst.max(found.relative_error);
        factors.push((layer.name, found.factors));
    }
    Ok((factors, worst))
}

fn random_factors(format: Format, seed: u64) -> Result<Named, BoxError> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    format
        .layers()
        .iter()
        .map(|layer| Ok((layer.name, layer.random_factors(&mut rng)?)))
        .collect()
}

/// What an ADMM run leaves.
struct Trained {
    model: Mlp<f32>,
    layers: Vec<DecomposedPair<f32>>,
    report: Report,
    /// The residual table.
    residuals: String,
}

fn admm(
    dense: &Mlp<f32>,
    format: Format,
    seed: u64,
    checkpoint: Option<&Path>,
) -> Result<Trained, BoxError> {
    let mut trainer = settings::ADMM.trainer(dense.clone(), seed)?;
    let mut builder = Admm::builder()
        .rho(settings::RHO)
        .penalty(Penalty::geometric(settings::RHO_GROWTH).bounded(0.0, settings::RHO_MAX))
        .max_iterations(settings::ADMM.epochs)
        // Use all epochs: the other ways get as many.
        .tolerance(0.0, 0.0);
    for layer in format.layers() {
        builder = builder.constrain(layer.name, layer.projection()?);
    }
    let mut admm = builder.build(&trainer)?;
    let mut table = TablePrinter::new(Vec::new());
    let report = if let Some(folder) = checkpoint {
        let checkpoints = Checkpoints::open(folder.join(format!("{format}-seed-{seed}")))?;
        admm.run_resumable(&mut trainer, &mut table, &checkpoints)?
    } else {
        admm.run(&mut trainer, &mut table)?
    };
    let layers = decompose_trained(&admm, |name| trainer.weight(name))?;
    let residuals = String::from_utf8(table.into_inner())?;
    Ok(Trained {
        model: trainer.into_model(),
        layers,
        report,
        residuals,
    })
}
