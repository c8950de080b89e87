//! Weight files with the names of PyTorch.

use std::collections::BTreeMap;
use std::fs;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;
use safetensors::{Dtype, SafeTensors};
use tt_admm::BoxError;
use tt_admm::ndarray::{ArrayD, IxDyn};

use crate::Error;
use crate::adapter::{Path, check_shape, follow_path, upload};

/// The arrays of a safetensors file, for a module whose parameters have the names of PyTorch.
///
/// The weight of a dense layer is `(out, in)` in the file and is transposed, the `gamma` and `beta` of burn's
/// batch normalisation are called `weight` and `bias`. Counters (`num_batches_tracked`) are left out.
#[derive(Debug, Clone)]
pub struct WeightFile {
    entries: BTreeMap<String, ArrayD<f32>>,
}

impl WeightFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Error::WeightFile`] for a file that cannot be read or that holds anything but `f32`.
    pub fn open(path: &std::path::Path) -> Result<Self, Error> {
        let failed = |source: BoxError| Error::WeightFile {
            path: path.display().to_string(),
            source,
        };
        let bytes = fs::read(path).map_err(|e| failed(e.into()))?;
        let entries = entries(&bytes).map_err(failed)?;
        Ok(Self { entries })
    }

    /// The shape of an entry; `None` if there is no such entry.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.entries.get(name).map(ArrayD::shape)
    }

    /// Gives every parameter and buffer of the module the entry of its name.
    ///
    /// # Errors
    ///
    /// [`Error::WeightNames`] if entries are missing or left over, [`Error::Shape`].
    pub fn load<M: Module>(self, module: M) -> Result<M, Error> {
        let mut loader = Loader {
            path: Path::default(),
            entries: self.entries,
            missing: Vec::new(),
            error: None,
        };
        let module = module.map(&mut loader);
        if let Some(error) = loader.error {
            return Err(error);
        }
        let unused: Vec<String> = loader.entries.into_keys().collect();
        if loader.missing.is_empty() && unused.is_empty() {
            return Ok(module);
        }
        Err(Error::WeightNames {
            missing: loader.missing,
            unused,
        })
    }
}

/// All arrays of the file, without counters.
fn entries(bytes: &[u8]) -> Result<BTreeMap<String, ArrayD<f32>>, BoxError> {
    let file = SafeTensors::deserialize(bytes)?;
    file.iter()
        .filter(|(name, _)| !name.ends_with("num_batches_tracked"))
        .map(|(name, view)| {
            if view.dtype() != Dtype::F32 {
                return Err(
                    format!("`{name}` has dtype {:?}, only F32 is read", view.dtype()).into(),
                );
            }
            let values = view
                .data()
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect();
            let array = ArrayD::from_shape_vec(IxDyn(view.shape()), values)?;
            Ok((name.to_owned(), array))
        })
        .collect()
}

struct Loader {
    path: Path,
    entries: BTreeMap<String, ArrayD<f32>>,
    missing: Vec<String>,
    error: Option<Error>,
}

impl Loader {
    /// PyTorch's name for the parameter the traversal is at.
    fn name(&self) -> String {
        let own = self.path.name();
        if self.path.holder() != "BatchNorm" {
            return own;
        }
        if let Some(layer) = own.strip_suffix("gamma") {
            format!("{layer}weight")
        } else if let Some(layer) = own.strip_suffix("beta") {
            format!("{layer}bias")
        } else {
            own
        }
    }

    /// The array for the parameter the traversal is at, in the orientation that burn stores.
    fn array(&mut self, shape: &[usize]) -> Result<Option<ArrayD<f32>>, Error> {
        let name = self.name();
        let Some(array) = self.entries.remove(&name) else {
            self.missing.push(name);
            return Ok(None);
        };
        let array = if self.path.holder() == "Linear" && array.ndim() == 2 {
            array.reversed_axes()
        } else {
            array
        };
        check_shape(&name, shape, array.shape())?;
        Ok(Some(array))
    }
}

impl ModuleMapper for Loader {
    follow_path!();

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.error.is_some() {
            return param;
        }
        match self.array(param.lazy_shape().as_slice()) {
            Ok(Some(array)) => param.map(|old| {
                upload(&array.view(), &old.device()).set_require_grad(old.is_require_grad())
            }),
            Ok(None) => param,
            Err(error) => {
                self.error = Some(error);
                param
            }
        }
    }
}
