//! Parameters of any module by name.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Bool, Int, Tensor};
use example_support::names;
use tt_admm::Proximal;
use tt_admm::ndarray::{ArrayD, ArrayViewD};

use super::path::{Path, follow_path};
use super::transfer::{check_dtype, check_shape, download, upload, wrong_dtype};
use crate::{Error, Pull};

/// Reads and writes the float parameters of a module by name.
///
/// The name is the path of fields, `layer1.0.conv1.weight`. A value has the shape in which burn stores it. For
/// convolutions that is `(O, I, Kh, Kw)`, as everywhere; burn's `Linear` stores `(in, out)`, the transpose
/// of what [`Tensorization::linear`](tt_admm::Tensorization::linear) expects. [`Parameters::transposed`]
/// presents such a weight as `(out, in)`.
///
/// # Examples
///
/// ```
/// use burn::nn::LinearConfig;
/// use burn::tensor::Device;
/// use burn_admm::Parameters;
///
/// let layer = LinearConfig::new(3, 2).init(&Device::flex());
/// assert_eq!(Parameters::names(&layer), ["weight", "bias"]);
/// assert_eq!(Parameters::new().read(&layer, "weight")?.shape(), [3, 2]);
/// let parameters = Parameters::new().transposed("weight");
/// assert_eq!(parameters.read(&layer, "weight")?.shape(), [2, 3]);
/// assert!(parameters.read(&layer, "wieght").unwrap_err().to_string().contains("`wieght`"));
/// # Ok::<(), burn_admm::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    transposed: Vec<String>,
}

impl Parameters {
    /// Every parameter as burn stores it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Presents the matrix of this name transposed, in both directions and to the constraint.
    #[must_use]
    pub fn transposed(mut self, name: impl Into<String>) -> Self {
        self.transposed.push(name.into());
        self
    }

    /// The names of all float parameters and buffers, in the order of the traversal.
    #[must_use]
    pub fn names<M: Module>(module: &M) -> Vec<String> {
        let mut list = Names::default();
        module.visit(&mut list);
        list.names
    }

    /// The value of a parameter, copied from the device.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownParameter`], [`Error::DType`], [`Error::NotAMatrix`], [`Error::Burn`].
    pub fn read<M: Module>(&self, module: &M, name: &str) -> Result<ArrayD<f32>, Error> {
        let mut reader = Reader {
            path: Path::default(),
            wanted: name,
            found: None,
        };
        module.visit(&mut reader);
        let stored = reader.found.unwrap_or_else(|| Err(unknown(module, name)))?;
        if !self.is_transposed(name, stored.shape())? {
            return Ok(stored);
        }
        Ok(stored.reversed_axes().as_standard_layout().into_owned())
    }

    /// Overwrites a parameter; it stays on its device.
    ///
    /// # Errors
    ///
    /// Those of [`Parameters::read`], and [`Error::Shape`]. The module is unchanged then.
    pub fn write<M: Module>(
        &self,
        module: &mut M,
        name: &str,
        value: ArrayViewD<'_, f32>,
    ) -> Result<(), Error> {
        let stored = if self.is_transposed(name, value.shape())? {
            value.reversed_axes()
        } else {
            value
        };
        let mut writer = Writer {
            path: Path::default(),
            wanted: name,
            value: stored,
            result: None,
        };
        let written = module.clone().map(&mut writer);
        writer
            .result
            .unwrap_or_else(|| Err(unknown(module, name)))?;
        *module = written;
        Ok(())
    }

    /// The proximal terms of an ADMM state, uploaded to the devices of the module.
    ///
    /// [`BurnModel`](crate::BurnModel) does this once per W-step. A training loop of your own calls it after
    /// every [`Admm::update`](tt_admm::Admm::update), with `&admm.proximal()`.
    ///
    /// # Errors
    ///
    /// Those of [`Parameters::read`], and [`Error::Shape`].
    pub fn pull<M: Module>(&self, module: &M, proximal: &Proximal<'_, f32>) -> Result<Pull, Error> {
        Pull::new(self, module, proximal)
    }

    /// Whether this parameter is presented transposed; it must be a matrix then.
    pub(crate) fn is_transposed(&self, name: &str, shape: &[usize]) -> Result<bool, Error> {
        let transposed = self.transposed.iter().any(|other| other == name);
        if transposed && shape.len() != 2 {
            return Err(Error::NotAMatrix {
                name: name.to_owned(),
                shape: shape.to_vec(),
            });
        }
        Ok(transposed)
    }
}

/// The error for a name that the module does not have.
pub(crate) fn unknown<M: Module>(module: &M, name: &str) -> Error {
    Error::UnknownParameter {
        name: name.to_owned(),
        nearest: names::nearest(name, Parameters::names(module), 3),
    }
}

#[derive(Default)]
struct Names {
    path: Path,
    names: Vec<String>,
}

impl ModuleVisitor for Names {
    follow_path!();

    fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
        self.names.push(self.path.name());
    }
}

struct Reader<'a> {
    path: Path,
    wanted: &'a str,
    found: Option<Result<ArrayD<f32>, Error>>,
}

impl ModuleVisitor for Reader<'_> {
    follow_path!();

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.path.is(self.wanted) {
            self.found = Some(download(self.wanted, param.val()));
        }
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        if self.path.is(self.wanted) {
            self.found = Some(Err(wrong_dtype(self.wanted, param.val().dtype())));
        }
    }

    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        if self.path.is(self.wanted) {
            self.found = Some(Err(wrong_dtype(self.wanted, param.val().dtype())));
        }
    }
}

struct Writer<'a> {
    path: Path,
    wanted: &'a str,
    /// In the stored orientation.
    value: ArrayViewD<'a, f32>,
    result: Option<Result<(), Error>>,
}

impl ModuleMapper for Writer<'_> {
    follow_path!();

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if !self.path.is(self.wanted) {
            return param;
        }
        let current = param.val();
        let fits = check_dtype(self.wanted, current.dtype())
            .and_then(|()| check_shape(self.wanted, &current.dims(), self.value.shape()));
        let accepted = fits.is_ok();
        self.result = Some(fits);
        if !accepted {
            return param;
        }
        param.map(|old| upload(&self.value, &old.device()).set_require_grad(old.is_require_grad()))
    }

    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        if self.path.is(self.wanted) {
            self.result = Some(Err(wrong_dtype(self.wanted, param.val().dtype())));
        }
        param
    }

    fn map_bool<const D: usize>(
        &mut self,
        param: Param<Tensor<D, Bool>>,
    ) -> Param<Tensor<D, Bool>> {
        if self.path.is(self.wanted) {
            self.result = Some(Err(wrong_dtype(self.wanted, param.val().dtype())));
        }
        param
    }
}
