//! The small problem that every framework solves, in candle, and folders for tests.
#![allow(dead_code)] // every test file uses a part

use std::fs;
use std::path::PathBuf;

use candle_admm::Error;
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{Linear, Module, VarMap, loss};
use example_support::problem::Problem;

/// The perceptron of the problem with its data.
pub(crate) struct Mlp {
    fc1: Linear,
    fc2: Linear,
    x: Tensor,
    labels: Tensor,
}

impl Mlp {
    /// At the start of the problem; the variables are new in `vars`.
    pub(crate) fn new(problem: &Problem, vars: &VarMap, dtype: DType) -> Self {
        for (name, values) in problem.weights() {
            let values: Vec<f32> = values.iter().copied().collect();
            let shape = problem.weight(name).unwrap().shape().to_vec();
            let tensor = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
            let var = Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap();
            vars.data().lock().unwrap().insert(name.to_owned(), var);
        }
        let get = |name: &str| vars.data().lock().unwrap()[name].as_tensor().clone();
        let x: Vec<f32> = problem.x.iter().copied().collect();
        let x = Tensor::from_vec(x, problem.x.dim(), &Device::Cpu).unwrap();
        Self {
            fc1: Linear::new(get("fc1.weight"), Some(get("fc1.bias"))),
            fc2: Linear::new(get("fc2.weight"), Some(get("fc2.bias"))),
            x: x.to_dtype(dtype).unwrap(),
            labels: Tensor::new(problem.labels.as_slice(), &Device::Cpu).unwrap(),
        }
    }

    /// The mean loss over all samples.
    pub(crate) fn loss(&self) -> Result<Tensor, Error> {
        let hidden = self.fc1.forward(&self.x)?.tanh()?;
        Ok(loss::cross_entropy(
            &self.fc2.forward(&hidden)?,
            &self.labels,
        )?)
    }
}

/// A new folder that is deleted at the end, also of a test that fails.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("candle-admm-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
