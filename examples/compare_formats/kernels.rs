//! The kernels that are compared: those of a file, or made-up ones.

use std::path::Path;

use safetensors::{Dtype, SafeTensors};
use tt_admm::ndarray::Array4;
use tt_admm::{BoxError, Scalar, tt_project};

/// The 3x3 kernels of a safetensors file, each [out, in, 3, 3].
pub(crate) fn load(path: &Path) -> Result<Vec<Array4<f32>>, BoxError> {
    let failed = |error: BoxError| format!("{}: {error}", path.display());
    let bytes = std::fs::read(path).map_err(|e| failed(e.into()))?;
    of_bytes(&bytes).map_err(|e| failed(e).into())
}

fn of_bytes(bytes: &[u8]) -> Result<Vec<Array4<f32>>, BoxError> {
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
        if view.dtype() != Dtype::F32 {
            return Err(format!("`{name}` has dtype {:?}, only F32 is read", view.dtype()).into());
        }
        let words = view.data().chunks_exact(4);
        let elements = words.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        kernels.push(Array4::from_shape_vec(
            (out, input, 3, 3),
            elements.collect(),
        )?);
    }
    if kernels.is_empty() {
        return Err("no `*.weight` of shape [out, in, 3, 3]".into());
    }
    Ok(kernels)
}

/// Kernels of low rank plus noise of their size.
pub(crate) fn made_up() -> Result<Vec<Array4<f32>>, BoxError> {
    let mut state = 1_u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1_u32 << 23) - 1.0
    };
    let mut kernels = Vec::new();
    for (out, input) in [(16, 16), (32, 16), (32, 32)] {
        let shape = (out, input, 3, 3);
        let rough = Array4::from_shape_simple_fn(shape, &mut noise);
        // Of rank 4 at every bond, and noise as large as that.
        let smooth = tt_project(&rough, 4)?;
        let size = |x: &Array4<f64>| x.mapv(|v| v * v).sum().sqrt();
        let share = size(&smooth) / size(&rough);
        kernels.push((smooth + rough * share).mapv(f32::narrow));
    }
    Ok(kernels)
}

#[cfg(test)]
mod tests {
    use super::{made_up, of_bytes};
    use safetensors::Dtype;
    use safetensors::tensor::TensorView;

    #[test]
    fn kernels_are_read_as_they_are_and_other_entries_are_not() {
        let values: Vec<u8> = (0_u16..2 * 3 * 9)
            .flat_map(|k| f32::from(k).to_le_bytes())
            .collect();
        let entry = |shape: Vec<usize>| TensorView::new(Dtype::F32, shape, &values).unwrap();
        let entries = [
            ("conv.weight", entry(vec![2, 3, 3, 3])),
            ("linear.weight", entry(vec![6, 9])),
        ];
        let kernels = of_bytes(&safetensors::serialize(entries, None).unwrap()).unwrap();
        assert_eq!(kernels.len(), 1);
        // out 1, in 2, row 1, column 0
        assert!((kernels[0][[1, 2, 1, 0]] - f32::from(27 + 2 * 9 + 3_u16)).abs() < 1e-6);
        let none = [("linear.weight", entry(vec![6, 9]))];
        assert!(of_bytes(&safetensors::serialize(none, None).unwrap()).is_err());
        assert!(of_bytes(b"no such file").is_err());
    }

    #[test]
    fn made_up_kernels_are_not_zero() {
        let kernels = made_up().unwrap();
        assert_eq!(kernels.len(), 3);
        assert!(kernels.iter().all(|k| k.iter().any(|x| x.abs() > 0.1)));
    }
}
