//! Trained kernels, and ranks for them.

use std::fs;
use std::path::Path;

use ndarray::{ArrayD, ArrayView4, IxDyn};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use tt_admm::BoxError;

use crate::layout::Layout;

/// The 3 x 3 kernels of a safetensors file with PyTorch's names and shapes, each as the tensor [out, 9, in].
///
/// These are the entries `*.weight` of shape [out, in, 3, 3]; of all others nothing is read.
pub(crate) fn load(path: &Path, ratio: f64) -> Result<Vec<(Layout, ArrayD<f64>)>, BoxError> {
    let failed = |error: BoxError| format!("{}: {error}", path.display());
    let bytes = fs::read(path).map_err(|e| failed(e.into()))?;
    kernels(&bytes, ratio).map_err(|e| failed(e).into())
}

fn kernels(bytes: &[u8], ratio: f64) -> Result<Vec<(Layout, ArrayD<f64>)>, BoxError> {
    let file = SafeTensors::deserialize(bytes)?;
    let mut names = file.names();
    names.sort_unstable();
    let mut kernels = Vec::new();
    for name in names {
        let view = file.tensor(name)?;
        let &[out, input, 3, 3] = view.shape() else {
            continue;
        };
        if !name.ends_with(".weight") {
            continue;
        }
        let elements = elements(name, &view)?;
        let tensor = ArrayView4::from_shape((out, input, 3, 3), &elements)?
            .permuted_axes([0, 2, 3, 1])
            .as_standard_layout()
            .into_owned()
            .into_shape_with_order(IxDyn(&[out, 9, input]))?;
        kernels.push((ranks_for_ratio(out, input, ratio)?, tensor));
    }
    if kernels.is_empty() {
        return Err("no `*.weight` of shape [out, in, 3, 3]".into());
    }
    Ok(kernels)
}

fn elements(name: &str, view: &TensorView<'_>) -> Result<Vec<f64>, BoxError> {
    let (words, []) = view.data().as_chunks::<4>() else {
        return Err(format!("`{name}` has no whole number of elements").into());
    };
    match view.dtype() {
        Dtype::F32 => Ok(words
            .iter()
            .map(|&b| f32::from_le_bytes(b).into())
            .collect()),
        other => Err(format!("`{name}` has dtype {other:?}, only F32 is read").into()),
    }
}

/// Ranks of a kernel [out, 9, in] for `ratio` times fewer parameters.
///
/// Both bonds keep the same share `f` of the largest rank they can have, R1 and R2, rounded down but to no
/// less than 1. Without rounding the cores have `9 R1 R2 f^2 + (out R1 + R2 in) f` elements, which is the
/// dense size over `ratio` at the `f` taken.
fn ranks_for_ratio(out: usize, input: usize, ratio: f64) -> Result<Layout, BoxError> {
    let shape = [out, 9, input];
    let largest = Layout::new(&shape, usize::MAX)?.ranks;
    let (r1, r2) = (largest[1] as f64, largest[2] as f64);
    let (a, b) = (9.0 * r1 * r2, out as f64 * r1 + r2 * input as f64);
    let budget = (out * 9 * input) as f64 / ratio;
    let share = (((b * b + 4.0 * a * budget).sqrt() - b) / (2.0 * a)).min(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 1 and a rank
    let rank = |largest: f64| (share * largest).floor().max(1.0) as usize;
    Ok(Layout::new(&shape, [rank(r1), rank(r2)])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, dtype: Dtype, shape: Vec<usize>, data: &[u8]) -> Vec<u8> {
        let view = TensorView::new(dtype, shape, data).unwrap();
        safetensors::serialize([(name, view)], None).unwrap()
    }

    #[test]
    fn kernels_become_out_position_in() {
        let values: Vec<u8> = (0_u16..2 * 3 * 9)
            .flat_map(|k| f32::from(k).to_le_bytes())
            .collect();
        let bytes = file("conv.weight", Dtype::F32, vec![2, 3, 3, 3], &values);
        let kernels = kernels(&bytes, 1.0).unwrap();
        let [(layout, tensor)] = &kernels[..] else {
            panic!("one kernel");
        };
        assert_eq!(layout.shape, [2, 9, 3]);
        // out 1, in 2, row 1, column 0
        let expected = f64::from(27 + 2 * 9 + 3);
        assert!((tensor[[1, 3, 2]] - expected).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_read_is_named() {
        let eight = [0; 8 * 9];
        let wrong = file("conv.weight", Dtype::F64, vec![1, 1, 3, 3], &eight);
        let error = kernels(&wrong, 3.0).unwrap_err().to_string();
        assert!(
            error.contains("conv.weight") && error.contains("F64"),
            "{error}"
        );
        let none = file("fc.weight", Dtype::F32, vec![6, 3], &eight);
        assert!(kernels(&none, 3.0).is_err());
    }

    #[test]
    fn ranks_come_close_to_the_ratio_from_above() {
        for (out, input) in [(16, 16), (64, 32), (512, 512), (64, 3)] {
            let layout = ranks_for_ratio(out, input, 3.0).unwrap();
            let ratio = layout.size() as f64 / layout.parameters() as f64;
            assert!((3.0..4.0).contains(&ratio), "{out} {input}: {ratio}");
        }
        assert_eq!(ranks_for_ratio(8, 8, 1e9).unwrap().ranks, [1, 1, 1, 1]);
    }
}
