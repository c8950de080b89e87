//! Tensors and numbers by name, as bytes: states of training, and files of weights.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, View};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor, no_grad};

use crate::transfer::{as_size, require_size, sorted, upload};
use crate::{Error, files};

/// Named tensors and numbers that go to bytes and back in the safetensors format.
///
/// # Examples
///
/// ```
/// use tch::Tensor;
/// use tch_admm::State;
///
/// let mut state = State::new();
/// state.put("velocity", &Tensor::from(1.5_f32))?;
/// state.put_number("epoch", 3);
/// let back = State::from_bytes("state", &state.to_bytes()?)?;
/// let mut velocity = Tensor::from(0.0_f32);
/// back.restore("velocity", &mut velocity)?;
/// assert_eq!(velocity.double_value(&[]), 1.5);
/// assert_eq!(back.number("epoch")?, 3);
/// assert!(back.restore("epcoh", &mut velocity).is_err());
/// # Ok::<(), tch_admm::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct State {
    place: String,
    entries: BTreeMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for &Entry {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

impl State {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self {
            place: "state".into(),
            entries: BTreeMap::new(),
        }
    }

    /// Adds a tensor, copied from its device.
    ///
    /// # Errors
    ///
    /// [`Error::Kind`] unless its elements are `f32`, `f64` or `i64`.
    pub fn put(&mut self, name: &str, tensor: &Tensor) -> Result<(), Error> {
        let tensor = tensor.f_detach()?;
        let (dtype, bytes) = match tensor.f_kind()? {
            Kind::Float => (
                Dtype::F32,
                download(&tensor, 0.0_f32)?.map_bytes(f32::to_le_bytes),
            ),
            Kind::Double => (
                Dtype::F64,
                download(&tensor, 0.0_f64)?.map_bytes(f64::to_le_bytes),
            ),
            Kind::Int64 => (
                Dtype::I64,
                download(&tensor, 0_i64)?.map_bytes(i64::to_le_bytes),
            ),
            kind => {
                return Err(Error::Kind {
                    name: name.to_owned(),
                    kind,
                    supported: "Float, Double, Int64",
                });
            }
        };
        let size = tensor.size();
        let shape = size
            .iter()
            .map(|&n| usize::try_from(n).unwrap_or(0))
            .collect();
        self.entries.insert(
            name.to_owned(),
            Entry {
                dtype,
                shape,
                bytes,
            },
        );
        Ok(())
    }

    /// Adds a number.
    pub fn put_number(&mut self, name: &str, number: u64) {
        let entry = Entry {
            dtype: Dtype::U64,
            shape: Vec::new(),
            bytes: number.to_le_bytes().to_vec(),
        };
        self.entries.insert(name.to_owned(), entry);
    }

    /// Adds all variables of a store, their names after this prefix.
    ///
    /// # Errors
    ///
    /// Those of [`State::put`].
    pub fn put_store(&mut self, prefix: &str, store: &VarStore) -> Result<(), Error> {
        sorted(store)
            .iter()
            .try_for_each(|(name, variable)| self.put(&format!("{prefix}{name}"), variable))
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// This state less everything whose name starts with a prefix.
    #[must_use]
    pub fn without(mut self, prefix: &str) -> Self {
        self.entries.retain(|name, _| !name.starts_with(prefix));
        self
    }

    /// Overwrites a tensor with the saved one.
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] if there is none of this name or it has another element type, [`Error::Shape`].
    pub fn restore(&self, name: &str, tensor: &mut Tensor) -> Result<(), Error> {
        let value = self.value(name, tensor.f_kind()?)?;
        require_size(name, &value, &tensor.size())?;
        Ok(no_grad(|| tensor.f_copy_(&value))?)
    }

    /// The number of this name.
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] if there is none.
    pub fn number(&self, name: &str) -> Result<u64, Error> {
        let entry = self.entry(name)?;
        match (entry.dtype, <[u8; 8]>::try_from(entry.bytes.as_slice())) {
            (Dtype::U64, Ok(bytes)) => Ok(u64::from_le_bytes(bytes)),
            _ => Err(self.error(format!("`{name}` is not a number"))),
        }
    }

    /// Overwrites all variables of a store with the tensors after this prefix. The names have to be the
    /// same, all of them.
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] with all names missing or in excess, and those of [`State::restore`]; nothing is
    /// changed if a name, an element type or a shape does not fit.
    pub fn restore_store(&self, prefix: &str, store: &VarStore) -> Result<(), Error> {
        let variables = sorted(store);
        let wanted: BTreeSet<String> = variables
            .iter()
            .map(|(name, _)| format!("{prefix}{name}"))
            .collect();
        let saved = self.entries.keys().filter(|name| name.starts_with(prefix));
        let saved: BTreeSet<String> = saved.cloned().collect();
        let list = |names: Vec<&String>| {
            names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let missing: Vec<_> = wanted.difference(&saved).collect();
        if !missing.is_empty() {
            return Err(self.error(format!("missing: {}", list(missing))));
        }
        let extra: Vec<_> = saved.difference(&wanted).collect();
        if !extra.is_empty() {
            return Err(self.error(format!("the network has no {}", list(extra))));
        }
        // All are checked before the first is written.
        let mut values = Vec::with_capacity(variables.len());
        for (name, variable) in &variables {
            let name = format!("{prefix}{name}");
            let value = self.value(&name, variable.f_kind()?)?;
            require_size(&name, &value, &variable.size())?;
            values.push(value);
        }
        for ((_, mut variable), value) in variables.into_iter().zip(&values) {
            no_grad(|| variable.f_copy_(value))?;
        }
        Ok(())
    }

    /// All of it as a safetensors file; the same state gives the same bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] if there are too many names for the format.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        safetensors::serialize(&self.entries, None).map_err(|e| self.error(e.to_string()))
    }

    /// Reads what [`State::to_bytes`] wrote, or any safetensors file. `place` says in errors where the bytes
    /// come from.
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] if the bytes are truncated, damaged or something else.
    pub fn from_bytes(place: &str, bytes: &[u8]) -> Result<Self, Error> {
        let saved = |e: safetensors::SafeTensorError| Error::Saved {
            place: place.to_owned(),
            what: format!("not a safetensors file: {e}"),
        };
        let tensors = SafeTensors::deserialize(bytes).map_err(saved)?;
        let entries = tensors.iter().map(|(name, tensor)| {
            let entry = Entry {
                dtype: tensor.dtype(),
                shape: tensor.shape().to_vec(),
                bytes: tensor.data().to_vec(),
            };
            (name.to_owned(), entry)
        });
        Ok(Self {
            place: place.to_owned(),
            entries: entries.collect(),
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Error::File`] and [`Error::Saved`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::from_bytes(&path.display().to_string(), &files::read(path)?)
    }

    /// Writes a file, whole or not at all.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        files::write(path, &self.to_bytes()?)
    }

    /// The saved tensor, on the processor, if its elements are of this kind.
    fn value(&self, name: &str, kind: Kind) -> Result<Tensor, Error> {
        let Entry {
            dtype,
            shape,
            bytes,
        } = self.entry(name)?;
        let (size, on) = (as_size(shape), Device::Cpu);
        match (dtype, kind) {
            (Dtype::F32, Kind::Float) => upload(&numbers(bytes, f32::from_le_bytes), &size, on),
            (Dtype::F64, Kind::Double) => upload(&numbers(bytes, f64::from_le_bytes), &size, on),
            (Dtype::I64, Kind::Int64) => upload(&numbers(bytes, i64::from_le_bytes), &size, on),
            _ => Err(self.error(format!("`{name}` has elements {dtype}, needed is {kind:?}"))),
        }
    }

    fn entry(&self, name: &str) -> Result<&Entry, Error> {
        let missing = || self.error(format!("missing: `{name}`"));
        self.entries.get(name).ok_or_else(missing)
    }

    fn error(&self, what: String) -> Error {
        let place = self.place.clone();
        Error::Saved { place, what }
    }
}

/// The elements of a tensor of this element type.
fn download<T: tch::kind::Element + Copy>(tensor: &Tensor, zero: T) -> Result<Elements<T>, Error> {
    let mut elements = vec![zero; tensor.numel()];
    let count = elements.len();
    tensor.f_copy_data(&mut elements, count)?;
    Ok(Elements(elements))
}

struct Elements<T>(Vec<T>);

impl<T> Elements<T> {
    fn map_bytes<const N: usize>(self, to_bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
        self.0.into_iter().flat_map(to_bytes).collect()
    }
}

fn numbers<T, const N: usize>(bytes: &[u8], from_bytes: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|&chunk| from_bytes(chunk)).collect()
}
