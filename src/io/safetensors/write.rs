//! Writing safetensors.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{LONGEST_HEADER, PREFIX};
use crate::io::file::METADATA;
use crate::io::tensor::Tensor;
use crate::io::{Dtype, IoError, IoErrorKind, TensorFile};

/// The header to be written, with the place of every tensor.
#[derive(Debug)]
struct Header<'f> {
    file: &'f TensorFile,
    offsets: BTreeMap<&'f str, (usize, usize)>,
}

#[derive(Serialize)]
struct Info<'f> {
    dtype: &'static str,
    shape: &'f [usize],
    data_offsets: (usize, usize),
}

impl Serialize for Header<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.file.metadata.is_empty() {
            map.serialize_entry(METADATA, &self.file.metadata)?;
        }
        for (name, tensor) in self.file.tensors.iter() {
            let info = Info {
                dtype: tensor.dtype().name(),
                shape: tensor.shape(),
                data_offsets: self.offsets[name],
            };
            map.serialize_entry(name, &info)?;
        }
        map.end()
    }
}

/// The header has the tensors in their order; in the file they lie by falling size of an element, so that all are
/// aligned.
pub(in crate::io) fn write(file: &TensorFile) -> Result<Vec<u8>, IoError> {
    let mut tensors: Vec<(&str, &Tensor)> = file.tensors.iter().collect();
    if let Some((name, tensor)) = tensors.iter().find(|(_, t)| t.dtype() == Dtype::C128) {
        let (container, dtype) = ("safetensors", tensor.dtype());
        return Err(IoErrorKind::DtypeNotStored { container, dtype }.of(name));
    }
    tensors.sort_by_key(|(_, tensor)| Reverse(tensor.dtype().bits()));
    let mut offsets = BTreeMap::new();
    let mut length = 0;
    for (name, tensor) in &tensors {
        let end = length + tensor.bytes().len();
        offsets.insert(*name, (length, end));
        length = end;
    }
    let malformed = |what: String| IoErrorKind::Header { what };
    let mut json = serde_json::to_vec(&Header { file, offsets })
        .map_err(|error| malformed(error.to_string()))?;
    json.resize(json.len().next_multiple_of(PREFIX), b' ');
    if json.len() > LONGEST_HEADER {
        let what = format!("{} bytes; {LONGEST_HEADER} can be read", json.len());
        return Err(malformed(what).into());
    }
    let mut bytes = Vec::with_capacity(PREFIX + json.len() + length);
    bytes.extend_from_slice(&(json.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&json);
    for (_, tensor) in &tensors {
        bytes.extend_from_slice(tensor.bytes());
    }
    Ok(bytes)
}
