//! Reading safetensors.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::PREFIX;
use crate::io::file::METADATA;
use crate::io::tensor::Tensor;
use crate::io::texts::Texts;
use crate::io::{Dtype, IoError, IoErrorKind, TensorFile};

/// A tensor as the header has it.
#[derive(Debug, Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

/// The header, in its order; names may come twice.
#[derive(Debug, Default)]
struct Header {
    metadata: BTreeMap<String, String>,
    tensors: Vec<(String, Info)>,
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tensors by name")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Header, M::Error> {
                let mut header = Header::default();
                let mut described = false;
                while let Some(name) = map.next_key::<String>()? {
                    let named = |error| M::Error::custom(format_args!("{name:?}: {error}"));
                    if name != METADATA {
                        let info = map.next_value().map_err(named)?;
                        header.tensors.push((name, info));
                    } else if described {
                        return Err(named(M::Error::custom("there are two")));
                    } else {
                        let texts: Option<Texts> = map.next_value().map_err(named)?;
                        header.metadata = texts.unwrap_or_default().0;
                        described = true;
                    }
                }
                Ok(header)
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

pub(in crate::io) fn read(bytes: Vec<u8>) -> Result<TensorFile, IoError> {
    let json = json(&bytes)?;
    let start = PREFIX + json.len();
    let Header { metadata, tensors } =
        serde_json::from_slice(json).map_err(|error| IoErrorKind::Header {
            what: error.to_string(),
        })?;
    check_offsets(&tensors, bytes.len() - start)?;
    let mut file = TensorFile {
        metadata,
        ..TensorFile::new()
    };
    let buffer = Arc::new(bytes);
    for (name, info) in tensors {
        let (dtype, (begin, end)) = (info.dtype, info.data_offsets);
        let tensor = Dtype::from_name(&dtype)
            .ok_or(IoErrorKind::UnknownDtype { got: dtype })
            .and_then(|dtype| {
                Tensor::within(dtype, info.shape, &buffer, start + begin..start + end)
            })
            .map_err(|kind| kind.of(&name))?;
        file.put(name, tensor)?;
    }
    Ok(file)
}

/// The header as text.
fn json(bytes: &[u8]) -> Result<&[u8], IoErrorKind> {
    let truncated = |expected| IoErrorKind::Truncated {
        expected,
        got: bytes.len() as u64,
    };
    let (length, rest) = bytes
        .split_first_chunk::<PREFIX>()
        .ok_or_else(|| truncated(PREFIX as u64))?;
    let length = u64::from_le_bytes(*length);
    let json = usize::try_from(length).ok().and_then(|n| rest.get(..n));
    json.ok_or_else(|| truncated(length.saturating_add(PREFIX as u64)))
}

/// The tensors must lie one after the other in some order, without gaps, and fill the file.
fn check_offsets(tensors: &[(String, Info)], length: usize) -> Result<(), IoError> {
    let mut in_file: Vec<_> = tensors.iter().collect();
    in_file.sort_by_key(|(_, info)| info.data_offsets);
    let mut expected = 0;
    for (name, info) in in_file {
        let (begin, end) = info.data_offsets;
        if begin != expected || end < begin || end > length {
            let kind = IoErrorKind::Offsets {
                begin: begin as u64,
                end: end as u64,
                expected: expected as u64,
                length: length as u64,
            };
            return Err(kind.of(name));
        }
        expected = end;
    }
    match (length - expected) as u64 {
        0 => Ok(()),
        extra => Err(IoErrorKind::Trailing { extra }.into()),
    }
}
