//! Writing npz.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::EXTENSION;
use super::npy::header;
use crate::io::file::METADATA;
use crate::io::tensor::Tensor;
use crate::io::{Dtype, IoError, IoErrorKind, TensorFile};

type Archive = ZipWriter<Cursor<Vec<u8>>>;

/// The longest name of an entry, in bytes.
const LONGEST_NAME: usize = u16::MAX as usize;

pub(in crate::io) fn write(file: &TensorFile) -> Result<Vec<u8>, IoError> {
    // All that can be refused, before anything is copied.
    let mut headers = Vec::with_capacity(file.len());
    for (name, tensor) in file.tensors.iter() {
        headers.push(entry_header(name, tensor).map_err(|kind| kind.of(name))?);
    }
    let size = file.tensors.iter().map(|(name, tensor)| {
        // Two headers of an entry, with the name in both.
        tensor.bytes().len() + 2 * name.len() + 256
    });
    let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(size.sum())));
    if !file.metadata.is_empty() {
        let failed = |what: String| IoErrorKind::Metadata {
            key: METADATA.to_owned(),
            what,
        };
        let json = serde_json::to_vec(&file.metadata).map_err(|error| failed(error.to_string()))?;
        let tensor = Tensor::new(Dtype::U8, vec![json.len()], json)?;
        let header = entry_header(METADATA, &tensor)?;
        add(&mut archive, METADATA, &header, &tensor)?;
    }
    for ((name, tensor), header) in file.tensors.iter().zip(&headers) {
        add(&mut archive, name, header, tensor).map_err(|kind| kind.of(name))?;
    }
    let done = archive.finish().map_err(|error| IoErrorKind::Archive {
        what: error.to_string(),
    })?;
    Ok(done.into_inner())
}

/// What stands before the elements, if an npz file can hold this tensor under this name.
fn entry_header(name: &str, tensor: &Tensor) -> Result<Vec<u8>, IoErrorKind> {
    let (container, dtype) = ("npz", tensor.dtype());
    let refused = |reason| Err(IoErrorKind::Name { container, reason });
    if name.contains('\0') {
        return refused("NumPy ends a name at a zero byte");
    }
    if name.len() + EXTENSION.len() > LONGEST_NAME {
        return refused("it has more than 65,531 bytes");
    }
    header(dtype, tensor.shape()).ok_or(IoErrorKind::DtypeNotStored { container, dtype })
}

fn add(
    archive: &mut Archive,
    name: &str,
    header: &[u8],
    tensor: &Tensor,
) -> Result<(), IoErrorKind> {
    let length = header.len() + tensor.bytes().len();
    // The same on every system and at every time.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .system(System::Unix)
        .unix_permissions(0o644)
        .last_modified_time(DateTime::default())
        .large_file(u32::try_from(length).is_err());
    let failed = |what: String| IoErrorKind::Archive { what };
    archive
        .start_file(format!("{name}{EXTENSION}"), options)
        .map_err(|error| failed(error.to_string()))?;
    archive
        .write_all(header)
        .and_then(|()| archive.write_all(tensor.bytes()))
        .map_err(|error| failed(error.to_string()))
}
