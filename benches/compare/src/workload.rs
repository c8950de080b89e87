//! Workloads by name, and their tensors as files.

use std::fs;
use std::path::Path;

use ndarray::ArrayD;
use rayon::ThreadPool;
use serde_json::{Value, json};
use tt_admm::BoxError;

use crate::command::{ScalarType, Side};
use crate::dense::Dense;
use crate::element::Element;
use crate::layout::{self, Layout};
use crate::options::Options;
use crate::rings::Ring;
use crate::sample::Sample;
use crate::update::Update;
use crate::{operations, rings, synthetic, weights};

/// Tensors in memory that sides can be measured on.
pub(crate) trait Measured {
    /// Time, error and memory of one side.
    fn measure(&mut self, side: Side, pool: &ThreadPool) -> Result<Sample, BoxError>;

    /// Writes the tensors for other processes, as [`write`] does.
    fn write(&self, folder: &Path, name: &str) -> Result<(), BoxError>;
}

/// The tensors of a workload with their layouts.
fn tensors(name: &str, options: &Options) -> Result<Vec<(Layout, ArrayD<f64>)>, BoxError> {
    if name == "weights" {
        let path = options.weights.as_ref().ok_or("--weights was not given")?;
        return weights::load(path, options.ratio);
    }
    let layers = layout::layers(name)?.ok_or_else(|| format!("no workload `{name}`"))?;
    let tensor = |(seed, layout): (u64, Layout)| {
        let tensor = synthetic::kernel(&layout.shape, seed)?;
        Ok((layout, tensor))
    };
    (1..).zip(layers).map(tensor).collect()
}

/// Makes or reads the tensors of a workload.
pub(crate) fn load(
    name: &str,
    scalar: ScalarType,
    options: &Options,
) -> Result<Box<dyn Measured>, BoxError> {
    if let Some(layout) = layout::large(name)? {
        return match scalar {
            ScalarType::F64 => Ok(Box::new(Dense::new(layout)?)),
            ScalarType::F32 => Err("large tensors are f64".into()),
        };
    }
    if let Some(layout) = rings::layout(name) {
        return Ok(match scalar {
            ScalarType::F32 => Box::new(Ring::<f32>::new(layout)?),
            ScalarType::F64 => Box::new(Ring::<f64>::new(layout)?),
        });
    }
    let tensors = tensors(name, options)?;
    Ok(match scalar {
        ScalarType::F32 => Box::new(Update::<f32>::new(tensors)),
        ScalarType::F64 => Box::new(Update::<f64>::new(tensors)),
    })
}

/// Size and operation count of a workload.
pub(crate) fn describe(name: &str, options: &Options) -> Result<Value, BoxError> {
    let ring = rings::layout(name);
    let is_ring = ring.is_some();
    let layers = match ring.or(layout::large(name)?) {
        Some(layout) => vec![layout],
        None if name == "weights" => {
            let tensors = tensors(name, options)?;
            tensors.into_iter().map(|(layout, _)| layout).collect()
        }
        None => layout::layers(name)?.ok_or_else(|| format!("no workload `{name}`"))?,
    };
    // The count is that of a TT-SVD, and searches all orders of the cuts: not for tensors of order 20.
    let counted = !is_ring && layers.iter().all(|layout| layout.shape.len() <= 8);
    Ok(json!({
        "layers": layers.len(),
        "elements": layers.iter().map(Layout::size).sum::<usize>(),
        "parameters": layers.iter().map(Layout::parameters).sum::<usize>(),
        "operations": counted.then(|| layers.iter().map(operations::projection).sum::<f64>()),
    }))
}

/// Writes `NAME-SCALAR.json`, a list of the tensors with shape, all `d + 1` ranks and file, and a file of
/// row-major little-endian elements for each.
pub(crate) fn write<'a, A: Element>(
    folder: &Path,
    name: &str,
    tensors: impl IntoIterator<Item = (&'a Layout, &'a ArrayD<A>)>,
) -> Result<(), BoxError> {
    fs::create_dir_all(folder)?;
    let mut list = Vec::new();
    for (k, (layout, tensor)) in tensors.into_iter().enumerate() {
        let file = format!("{name}-{}-{k}.bin", A::NAME);
        let mut bytes = Vec::with_capacity(size_of::<A>() * tensor.len());
        tensor.iter().for_each(|x| x.write_le(&mut bytes));
        fs::write(folder.join(&file), bytes)?;
        list.push(json!({ "file": file, "shape": layout.shape, "ranks": layout.ranks }));
    }
    let path = folder.join(format!("{name}-{}.json", A::NAME));
    fs::write(path, serde_json::to_vec(&list)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_the_elements_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(&[2, 3], 1).unwrap();
        let tensor =
            ArrayD::from_shape_vec(vec![2, 3], vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.5]).unwrap();
        write::<f32>(folder.path(), "W", [(&layout, &tensor)]).unwrap();
        let bytes = fs::read(folder.path().join("W-f32-0.bin")).unwrap();
        assert_eq!(bytes.len(), 24);
        assert_eq!(bytes[20..], 5.5_f32.to_le_bytes());
        let list: Value =
            serde_json::from_slice(&fs::read(folder.path().join("W-f32.json")).unwrap()).unwrap();
        let expected = json!([{ "file": "W-f32-0.bin", "shape": [2, 3], "ranks": [1, 1, 1] }]);
        assert_eq!(list, expected);
    }

    #[test]
    fn workloads_are_described() {
        let options = Options {
            folder: "unused".into(),
            weights: None,
            ratio: 3.0,
        };
        let w1 = describe("W1", &options).unwrap();
        assert_eq!(w1["layers"], 30);
        assert!(w1["operations"].as_f64().unwrap() > 1e8);
        assert!(describe("2^20", &options).unwrap()["operations"].is_null());
        let ring = describe("R64", &options).unwrap();
        assert_eq!(ring["parameters"], 144 * (64 + 9 + 64));
        assert!(ring["operations"].is_null());
        for (unknown, text) in [("W9", "W9"), ("weights", "--weights")] {
            let error = describe(unknown, &options).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
