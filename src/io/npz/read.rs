//! Reading npz.

use std::fmt::Display;
use std::io::{Cursor, Read};

use zip::{CompressionMethod, ZipArchive};

use super::EXTENSION;
use super::npy::{Layout, read_layout};
use super::order::{swap_bytes, to_row_major};
use crate::io::file::METADATA;
use crate::io::tensor::{Tensor, checked_byte_count};
use crate::io::texts::Texts;
use crate::io::{Dtype, IoError, IoErrorKind, TensorFile};

/// How many bytes a compressed byte can stand for: 258 for two bits.
const MOST_COMPRESSED: u64 = 1032;

pub(in crate::io) fn read(bytes: &[u8]) -> Result<TensorFile, IoError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.has_duplicate_names() {
        return Err(archive_error("two entries of one name").into());
    }
    // Or few bytes could stand for many tensors.
    if archive.has_overlapping_entries().map_err(damaged)? {
        return Err(archive_error("entries that overlap").into());
    }
    let mut file = TensorFile::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        let Some(name) = name.strip_suffix(EXTENSION).map(str::to_owned) else {
            let what = format!("{name:?} is no array `.npy`");
            return Err(archive_error(what).into());
        };
        let stored = match entry.compression() {
            CompressionMethod::Stored => true,
            CompressionMethod::Deflated => false,
            other => {
                let what = format!("compressed by {other}; deflate is known");
                return Err(archive_error(what).of(&name));
            }
        };
        let size = entry.size();
        let compressed = entry.compressed_size();
        let tensor = read_array(&mut entry, size, compressed, stored).map_err(|k| k.of(&name))?;
        if name == METADATA {
            file.metadata = metadata(&tensor)?.0;
        } else {
            file.put(name, tensor)?;
        }
    }
    Ok(file)
}

/// An array of `size` bytes with its header.
fn read_array(
    entry: &mut impl Read,
    size: u64,
    compressed: u64,
    stored: bool,
) -> Result<Tensor, IoErrorKind> {
    let most = if stored { 1 } else { MOST_COMPRESSED };
    if size > compressed.saturating_mul(most) {
        return Err(IoErrorKind::Bomb {
            compressed,
            declared: size,
        });
    }
    let Layout {
        dtype,
        shape,
        fortran_order,
        big_endian,
        header,
    } = read_layout(entry)?;
    let expected = checked_byte_count(dtype, &shape)? as u64;
    if header.saturating_add(expected) != size {
        return Err(IoErrorKind::ByteCount {
            shape,
            dtype,
            expected,
            got: size.saturating_sub(header),
        });
    }
    // Nothing is allocated for bytes that do not come. One more would be one too many, and reading up to the end
    // checks the checksum.
    let mut bytes = Vec::new();
    let mut limited = entry.take(expected.saturating_add(1));
    limited.read_to_end(&mut bytes).map_err(damaged)?;
    if big_endian {
        swap_bytes(dtype, &mut bytes);
    }
    if bytes.len() as u64 == expected && fortran_order {
        bytes = to_row_major(dtype, &shape, bytes)?;
    }
    Tensor::new(dtype, shape, bytes)
}

fn metadata(tensor: &Tensor) -> Result<Texts, IoErrorKind> {
    let malformed = |what: String| IoErrorKind::Metadata {
        key: METADATA.to_owned(),
        what,
    };
    if tensor.dtype() != Dtype::U8 || tensor.shape().len() != 1 {
        let (dtype, shape) = (tensor.dtype(), tensor.shape());
        let what = format!("an array {shape:?} of {dtype}, where bytes of JSON were expected");
        return Err(malformed(what));
    }
    serde_json::from_slice(tensor.bytes()).map_err(|error| malformed(error.to_string()))
}

fn damaged(error: impl Display) -> IoErrorKind {
    archive_error(error.to_string())
}

fn archive_error(what: impl Into<String>) -> IoErrorKind {
    IoErrorKind::Archive { what: what.into() }
}
