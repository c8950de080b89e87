//! Commands carried out.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::{Value, json};
use tt_admm::BoxError;

use crate::command::{Command, ScalarType};
use crate::gemm;
use crate::options::Options;
use crate::workload::{self, Measured};

/// What is kept from one command to the next.
pub(crate) struct Session {
    options: Options,
    pools: Pools,
    loaded: Loaded,
}

impl Session {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            pools: Pools::default(),
            loaded: Loaded::default(),
        }
    }

    /// The answer to a command.
    pub(crate) fn answer(&mut self, command: &Command) -> Result<Value, BoxError> {
        let options = &self.options;
        match command {
            Command::Describe { workload } => workload::describe(workload, options),
            Command::Write { workload, scalar } => {
                let tensors = self.loaded.get(workload, *scalar, options)?;
                tensors.write(&options.folder, workload)?;
                Ok(json!({}))
            }
            Command::Measure {
                workload,
                scalar,
                side,
                threads,
            } => {
                let tensors = self.loaded.get(workload, *scalar, options)?;
                let sample = tensors.measure(*side, self.pools.get(*threads)?)?;
                Ok(serde_json::to_value(sample)?)
            }
            Command::Gemm { scalar } => {
                let gflops = match scalar {
                    ScalarType::F32 => gemm::gflops::<f32>()?,
                    ScalarType::F64 => gemm::gflops::<f64>()?,
                };
                Ok(json!({ "gflops": gflops }))
            }
        }
    }
}

/// Thread pools by their number of threads.
#[derive(Default)]
struct Pools(HashMap<usize, ThreadPool>);

impl Pools {
    fn get(&mut self, threads: usize) -> Result<&ThreadPool, BoxError> {
        if threads == 0 {
            return Err("0 threads".into());
        }
        Ok(match self.0.entry(threads) {
            Entry::Occupied(pool) => pool.into_mut(),
            Entry::Vacant(place) => {
                place.insert(ThreadPoolBuilder::new().num_threads(threads).build()?)
            }
        })
    }
}

/// The tensors of the workload last asked for.
#[derive(Default)]
struct Loaded(Option<(String, ScalarType, Box<dyn Measured>)>);

impl Loaded {
    fn get(
        &mut self,
        workload: &str,
        scalar: ScalarType,
        options: &Options,
    ) -> Result<&mut dyn Measured, BoxError> {
        // What is not wanted goes before anything comes: two large tensors may not fit.
        let kept = self.0.take();
        let wanted = kept.filter(|(name, kind, _)| name == workload && *kind == scalar);
        let tensors = match wanted {
            Some((_, _, tensors)) => tensors,
            None => workload::load(workload, scalar, options)?,
        };
        let (_, _, tensors) = self.0.insert((workload.to_owned(), scalar, tensors));
        Ok(&mut **tensors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(folder: &std::path::Path) -> Session {
        Session::new(Options {
            folder: folder.to_owned(),
            weights: None,
            ratio: 3.0,
        })
    }

    #[test]
    fn a_session_answers() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = session(folder.path());
        let mut answer = |line: &str| session.answer(&line.parse().unwrap());
        let sample = answer("measure 2^10 f64 ours 1").unwrap();
        assert!(sample["ms"].as_f64().unwrap() > 0.0, "{sample}");
        assert!(sample["extra_memory"].as_f64().unwrap() > 0.0, "{sample}");
        answer("write 2^10 f64").unwrap();
        assert!(folder.path().join("2^10-f64.json").exists());
    }

    #[test]
    fn what_cannot_be_done_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = session(folder.path());
        for line in [
            "measure W9 f32 ours 1",
            "measure 2^10 f32 ours 1",
            "measure 2^10 f64 gesdd 1",
            "measure 2^10 f64 ours 0",
            "write weights f32",
        ] {
            assert!(session.answer(&line.parse().unwrap()).is_err(), "{line}");
        }
    }
}
