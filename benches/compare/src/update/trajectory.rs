//! Cold and warm projections of the weights of successive updates of a run.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use ndarray::ArrayD;
use rayon::ThreadPool;
use tt_admm::{BoxError, Scalar};

use super::{Layer, Update, ours};
use crate::element::Element;
use crate::queue;
use crate::sample::Distance;
use crate::timing::median_ms;
use crate::weights;

/// What a warm start goes on from.
type Memory<A> = (Vec<ArrayD<A>>, Vec<u64>);

/// A table of times and errors, a line for each file. The files hold the same weights at successive times.
pub(crate) fn table<A: Element>(
    files: &[PathBuf],
    ratio: f64,
    pool: &ThreadPool,
) -> Result<String, BoxError> {
    let load =
        |file: &Path| Ok::<_, BoxError>(Update::<A>::new(weights::load(file, ratio)?).layers);
    let mut table = format!(
        "{:<24} {:>9} {:>9} {:>9} {:>6} {:>9} {:>10}\n",
        "file", "move", "cold ms", "warm ms", "ratio", "error", "excess"
    );
    let mut cold: Vec<Layer<A>> = Vec::new();
    let mut warm: Vec<Layer<A>> = Vec::new();
    for file in files {
        let layers = load(file)?;
        let moved = if warm.is_empty() {
            warm.clone_from(&layers);
            for layer in &mut warm {
                layer.projection = ours::warm_projection(&layer.layout.ranks);
            }
            None
        } else {
            if !warm.iter().map(shape).eq(layers.iter().map(shape)) {
                return Err(format!("{}: other weights than before", file.display()).into());
            }
            let mut distance = Distance::default();
            for (layer, next) in warm.iter_mut().zip(&layers) {
                distance.add(&next.w, &layer.w);
                layer.w.assign(&next.w);
            }
            Some(distance.relative())
        };
        if cold.is_empty() {
            cold = layers;
        } else {
            for (layer, next) in cold.iter_mut().zip(layers) {
                layer.w = next.w;
            }
        }
        let project =
            |layers: &mut Vec<Layer<A>>| queue::for_each(pool, layers, ours::project_cold);
        let (cold_ms, ()) = median_ms(&mut cold, |_| (), project)?;
        let before: Vec<Memory<A>> = warm.iter().map(memory).collect();
        let recall = |layers: &mut Vec<Layer<A>>| {
            for (layer, (arrays, counters)) in layers.iter_mut().zip(&before) {
                layer.warm.arrays.clone_from(arrays);
                layer.warm.counters.clone_from(counters);
            }
        };
        let project =
            |layers: &mut Vec<Layer<A>>| queue::for_each(pool, layers, ours::project_warm);
        let (warm_ms, ()) = median_ms(&mut warm, recall, project)?;
        let (error, warm_error) = (error(&cold), error(&warm));
        writeln!(
            table,
            "{:<24} {:>9} {cold_ms:>9.2} {warm_ms:>9.2} {:>6.2} {error:>9.6} {:>10.1e}",
            file.file_name().unwrap_or_default().to_string_lossy(),
            moved.map_or_else(|| "-".into(), |moved| format!("{moved:.5}")),
            cold_ms / warm_ms,
            warm_error / error - 1.0,
        )?;
    }
    Ok(table)
}

fn shape<A: Scalar>(layer: &Layer<A>) -> &[usize] {
    layer.w.shape()
}

fn memory<A: Scalar>(layer: &Layer<A>) -> Memory<A> {
    (layer.warm.arrays.clone(), layer.warm.counters.clone())
}

fn error<A: Scalar>(layers: &[Layer<A>]) -> f64 {
    let mut distance = Distance::default();
    for layer in layers {
        distance.add(&layer.w, &layer.z);
    }
    distance.relative()
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::Dtype;
    use safetensors::tensor::TensorView;

    /// A file with one kernel of such channels, whose elements move with `step`.
    fn file(folder: &Path, step: u8, channels: usize) -> PathBuf {
        let elements = (0..channels * channels * 9).map(|k| (k as f32 * 0.7).sin());
        let bytes: Vec<u8> = elements
            .enumerate()
            .map(|(k, x)| x + 1e-3 * f32::from(step) * (k as f32).cos())
            .flat_map(f32::to_le_bytes)
            .collect();
        let view = TensorView::new(Dtype::F32, vec![channels, channels, 3, 3], &bytes).unwrap();
        let path = folder.join(format!("{step}-{channels}.safetensors"));
        let bytes = safetensors::serialize([("conv.weight", view)], None).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    #[test]
    fn every_file_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let pool = pool.unwrap();
        let files: Vec<_> = (0..3).map(|step| file(folder.path(), step, 8)).collect();
        let table = table::<f64>(&files, 3.0, &pool).unwrap();
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|l| l.split_whitespace().collect())
            .collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[1][1], "-");
        let moved: f64 = lines[2][1].parse().unwrap();
        assert!((1e-4..1e-2).contains(&moved), "{moved}");
        let other = [files[0].clone(), file(folder.path(), 1, 9)];
        assert!(super::table::<f64>(&other, 3.0, &pool).is_err());
    }
}
