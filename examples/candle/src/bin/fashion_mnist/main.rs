//! Compresses a small convolutional network on Fashion-MNIST; see the README.

mod options;
mod settings;
mod training;

use std::collections::HashMap;
use std::process::ExitCode;
use std::time::Instant;

use candle_admm::network::Cnn;
use candle_admm::{Error, Sgd, VarMapModel, init, variables};
use candle_core::{DType, Device};
use candle_nn::{Optimizer, VarBuilder, VarMap};
use example_support::results::{ResultLine, Stopwatch};
use example_support::{data, plot};
use tt_admm::admm::{Penalty, TablePrinter};
use tt_admm::compress::{decompose, decompose_trained};
use tt_admm::{Admm, BoxError, Factors, TrainSummary};

use options::{Options, USAGE};
use training::Data;

fn main() -> ExitCode {
    match Options::parse() {
        Ok(options) if options.help => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(options) => match run(&options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("error: {error}\n\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn new_network(data: &Data) -> Result<(Cnn, VarMap), Error> {
    let vars = VarMap::new();
    let vb = VarBuilder::from_varmap(&vars, DType::F32, &data.device);
    let net = Cnn::dense(data.train.channels(), data.train.height(), data.train.classes(), vb)?;
    Ok((net, vars))
}

fn finetune(data: &Data, dense: &Cnn, factors: &[(String, Factors<f32>)], phase: settings::Phase) -> Result<(f64, f64), Error> {
    let vars = VarMap::new();
    let vb = VarBuilder::from_varmap(&vars, DType::F32, &data.device);
    let net = dense.decomposed(factors, vb)?;
    let before = data.accuracy(&net)?;
    let t = Instant::now();
    data.fit(&net, &vars, phase)?;
    eprintln!("finetune {:.1?}", t.elapsed());
    Ok((before, data.accuracy(&net)?))
}

fn run(options: &Options) -> Result<(), BoxError> {
    let started = Instant::now();
    let (train, test) = data::idx(&options.data)?;
    let data = Data { train: train.take(options.train), test: test.take(options.test), seed: options.seed, device: Device::Cpu };
    let (net, vars) = new_network(&data)?;
    init::he_uniform(&vars, options.seed)?;
    let t = Instant::now();
    data.fit(&net, &vars, settings::DENSE)?;
    eprintln!("dense {:.1?}", t.elapsed());
    let dense = data.accuracy(&net)?;
    let constraints = settings::constraints()?;
    let mut direct = Vec::new();
    for (name, prox) in &constraints {
        let found = decompose(name, &variables::read::<f32>(&vars, name)?, prox)?;
        eprintln!("{name} {}", found.relative_error);
        direct.push((name.to_string(), found.factors));
    }
    let (tt_svd, tt_svd_ft) = finetune(&data, &net, &direct, settings::DIRECT)?;
    eprintln!("dense {dense} tt_svd {tt_svd} {tt_svd_ft}");

    let watch = Stopwatch::start();
    let optimizer = Sgd::of(&vars, settings::ADMM.sgd());
    let mut model = VarMapModel::new(&vars, (optimizer, 0), |(optimizer, epoch), pull| {
        watch.training(|| {
            optimizer.set_learning_rate(settings::ADMM.learning_rate(*epoch));
            let loss = data.epoch(&net, optimizer, *epoch, |loss| pull.backward(loss))?;
            *epoch += 1;
            Ok(TrainSummary::new().loss(loss).metric("accuracy", data.accuracy(&net)?))
        })
    });
    let mut builder = Admm::builder();
    for (name, prox) in constraints.clone() { builder = builder.constrain(name, prox); }
    let mut admm = builder.rho(settings::RHO).penalty(Penalty::geometric(settings::RHO_GROWTH)).max_iterations(settings::ADMM_EPOCHS).tolerance(0.0, 1e-4).build(&model)?;
    let report = admm.run(&mut model, &mut TablePrinter::new(std::io::stderr()))?;
    let timing = watch.read();
    eprintln!("admm {:.1?}", timing.total);
    let found = decompose_trained(&admm, |name| variables::read::<f32>(&vars, name))?;
    let factors: Vec<_> = found.into_iter().map(|p| { eprintln!("{} {}", p.name, p.from_weight.relative_error); (p.name, p.from_weight.factors)}).collect();
    let dense_size = training::size(&vars, constraints.iter().map(|(n, _)| *n))?;
    let tt_size: usize = factors.iter().map(|(_, f)| f.num_parameters()).sum();
    let admm_dense = data.accuracy(&net)?;
    let (a, aft) = finetune(&data, &net, &factors, settings::FINETUNE)?;
    if let Some(p) = &options.plot { plot::convergence(p, "x", admm.history())?; }
    eprintln!("admm dense {admm_dense}");
    println!("{}", ResultLine::new().accuracy("dense", dense).accuracy("tt_svd", tt_svd).accuracy("tt_svd_finetuned", tt_svd_ft).accuracy("admm", a).accuracy("admm_finetuned", aft)
      .number("ratio", dense_size as f64 / tt_size as f64, 2).number("primal_residual", report.primal_residual(), 4).number("projection_share", timing.projection_share(), 4).number("seconds", started.elapsed().as_secs_f64(), 1));
    let _ = HashMap::<u8,u8>::new();
    Ok(())
}
