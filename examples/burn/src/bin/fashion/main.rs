//! Compresses a small network for Fashion-MNIST in two ways and compares them: tensor-train decomposition of
//! the trained network, and training by ADMM before the decomposition; both with fine-tuning of the cores and
//! the same number of epochs.

mod options;
mod settings;
mod stages;
mod training;

use std::process::ExitCode;

use burn::module::Module;
use burn::tensor::Device;
use burn_admm::{BurnModel, Cnn, Decompose, Parameters, accuracy};
use example_support::data::{self, Loader, Normalization};
use example_support::plot;
use example_support::results::{ResultLine, Stopwatch, finish};
use options::{Options, USAGE};
use settings::{
    ADMM_EPOCHS, BATCH, Constraint, DENSE_EPOCHS, DENSE_RATE, FINE_TUNE_EPOCHS, FINE_TUNE_RATE,
    TRANSPOSED, UPDATES_PER_EPOCH,
};
use stages::Stages;
use training::{Parts, adam, fit, sgd};
use tt_admm::admm::{Checkpoints, Every, TablePrinter};
use tt_admm::compress::{decompose, decompose_trained};
use tt_admm::{BoxError, Factors, TtProjection};

fn main() -> ExitCode {
    let outcome = Options::parse().and_then(|options| {
        if let Some(options) = options {
            return run(&options);
        }
        println!("{USAGE}");
        Ok(())
    });
    finish(outcome)
}

fn run(options: &Options) -> Result<(), BoxError> {
    let whole = Stopwatch::start();
    let device = Device::default().autodiff();
    let (train, test) = data::idx(&options.data)?;
    let (train, test) = (train.take(options.train), test.take(options.test));
    println!(
        "Fashion-MNIST, {} images for training, {} for the test",
        train.len(),
        test.len()
    );
    let loader = Loader::new(&train, BATCH, Normalization::fashion_mnist()).shuffled(options.seed);
    let test_loader = Loader::new(&test, 200, Normalization::fashion_mnist());
    let tested = |net: &Cnn| {
        let net = net.valid();
        accuracy(|x| net.forward(x), &test_loader, &device)
    };
    let stages = Stages::open(
        options.checkpoint.clone(),
        &format!("train={} seed={}", train.len(), options.seed),
    )?;
    let constraints = settings::constraints()?;
    let fine_tune =
        |net: &mut Cnn, epochs: usize| fit(net, adam(), &loader, epochs, FINE_TUNE_RATE, &device);

    device.seed(options.seed);
    let start = Cnn::new(train.classes(), &device);
    let dense = stages.get("dense", start, |net| {
        fit(net, sgd(), &loader, DENSE_EPOCHS, DENSE_RATE, &device)
    })?;
    let mut line = ResultLine::new().accuracy("dense", tested(&dense)?);

    let mut direct = dense.clone();
    for (name, factors) in decompose_now(&dense, &constraints)? {
        direct.decompose(&name, &factors)?;
    }
    line = line.accuracy("tt_svd", tested(&direct)?);
    let direct = stages.get("tt_svd_finetuned", direct, |net| {
        fine_tune(net, ADMM_EPOCHS + FINE_TUNE_EPOCHS)
    })?;
    line = line.accuracy("tt_svd_finetuned", tested(&direct)?);

    let watch = Stopwatch::start();
    let mut model = TRANSPOSED.into_iter().fold(
        BurnModel::new(dense, Parts::new(&loader, &watch, &device)),
        BurnModel::transposed,
    );
    let mut admm = settings::builder(&constraints).build(&model)?;
    let mut table = Every::new(TablePrinter::new(std::io::stdout()), 6);
    let report = match &options.checkpoint {
        Some(folder) => {
            let checkpoints = Checkpoints::open(folder.join("admm"))?.every(UPDATES_PER_EPOCH);
            admm.run_resumable(&mut model, &mut table, &checkpoints)?
        }
        None => admm.run(&mut model, &mut table)?,
    };
    let timing = watch.read();
    let parameters = presented();
    let (mut trained, _) = model.into_parts();
    let found = decompose_trained(&admm, |name| parameters.read(&trained, name))?;
    let (mut before, mut after) = (0, 0);
    for pair in &found {
        let factors = &pair.from_weight.factors;
        before += factors.weight_shape().iter().product::<usize>();
        after += factors.num_parameters();
        trained.decompose(&pair.name, factors)?;
    }
    line = line.accuracy("admm", tested(&trained)?);
    let trained = stages.get("admm_finetuned", trained, |net| {
        fine_tune(net, FINE_TUNE_EPOCHS)
    })?;
    line = line
        .accuracy("admm_finetuned", tested(&trained)?)
        .number("ratio", before as f64 / after as f64, 2)
        .number("primal_residual", report.primal_residual(), 4)
        .number("projection_share", timing.projection_share(), 4)
        .number("seconds", whole.read().seconds(), 1);
    if let Some(path) = &options.plot {
        plot::convergence(path, "ADMM, Fashion-MNIST, burn", admm.history())?;
    }
    println!("{line}");
    Ok(())
}

/// How the weights are presented to the constraints.
fn presented() -> Parameters {
    TRANSPOSED
        .into_iter()
        .fold(Parameters::new(), Parameters::transposed)
}

/// TT-SVD of the constrained weights as they are.
fn decompose_now(
    net: &Cnn,
    constraints: &[Constraint],
) -> Result<Vec<(String, Factors<f32>)>, BoxError> {
    let parameters = presented();
    constraints
        .iter()
        .map(|(name, layout, ranks)| {
            let weight = parameters.read(net, name)?;
            let projection = TtProjection::new(ranks.clone()).layout(layout.clone());
            let found = decompose(name, &weight, &projection)?;
            println!(
                "{name}: TT-SVD leaves a relative error of {:.3}",
                found.relative_error
            );
            Ok(((*name).to_owned(), found.factors))
        })
        .collect()
}
