//! The beginning of a `.npy` file, and what it says of the elements.

use std::io::{self, Read};

use super::MAGIC;
use super::literal::description;
use crate::io::{Dtype, IoErrorKind};

/// The longest header that is read. NumPy reads 10,000 bytes unless it is told otherwise.
const LONGEST_HEADER: usize = 1 << 16;
/// What the end of the header is aligned to.
const ALIGNMENT: usize = 64;

/// How the elements of an array lie in the file.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
    /// The first index is the fastest.
    pub(super) fortran_order: bool,
    pub(super) big_endian: bool,
    /// Bytes before the elements.
    pub(super) header: u64,
}

/// Reads up to the first element.
pub(super) fn read_layout(reader: &mut impl Read) -> Result<Layout, IoErrorKind> {
    let header = |what: String| IoErrorKind::Header { what };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => header("it ends early".into()),
        _ => IoErrorKind::Archive {
            what: error.to_string(),
        },
    };
    let mut start = [0; MAGIC.len() + 2];
    reader.read_exact(&mut start).map_err(failed)?;
    let (magic, version) = start.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(header(format!("it begins with {magic:?}, not as an array")));
    }
    // Version 1 has two bytes for the length, versions 2 and 3 have four; 3 allows UTF-8.
    let bytes = match version[0] {
        1 => 2,
        2 | 3 => 4,
        version => return Err(header(format!("version {version}; 1 to 3 are known"))),
    };
    let mut length = [0; 4];
    reader.read_exact(&mut length[..bytes]).map_err(failed)?;
    let length = u32::from_le_bytes(length);
    let fits = usize::try_from(length)
        .ok()
        .filter(|&n| n <= LONGEST_HEADER);
    let fits =
        fits.ok_or_else(|| header(format!("{length} bytes; {LONGEST_HEADER} can be read")))?;
    let mut text = vec![0; fits];
    reader.read_exact(&mut text).map_err(failed)?;
    let text = std::str::from_utf8(&text).map_err(|error| header(error.to_string()))?;
    let description = description(text).map_err(header)?;
    let (dtype, big_endian) = element(&description.descr).ok_or(IoErrorKind::UnknownDtype {
        got: description.descr,
    })?;
    Ok(Layout {
        dtype,
        shape: description.shape,
        fortran_order: description.fortran_order,
        big_endian,
        header: (start.len() + bytes + fits) as u64,
    })
}

/// The types that NumPy has, by what it calls them.
const DTYPES: [(&str, Dtype); 14] = [
    ("b1", Dtype::Bool),
    ("u1", Dtype::U8),
    ("i1", Dtype::I8),
    ("u2", Dtype::U16),
    ("i2", Dtype::I16),
    ("u4", Dtype::U32),
    ("i4", Dtype::I32),
    ("u8", Dtype::U64),
    ("i8", Dtype::I64),
    ("f2", Dtype::F16),
    ("f4", Dtype::F32),
    ("f8", Dtype::F64),
    ("c8", Dtype::C64),
    ("c16", Dtype::C128),
];

/// The type of this description, and whether it is big-endian.
fn element(descr: &str) -> Option<(Dtype, bool)> {
    let order = descr.chars().next()?;
    let kind = descr.get(order.len_utf8()..)?;
    let &(_, dtype) = DTYPES.iter().find(|(name, _)| *name == kind)?;
    match order {
        '<' => Some((dtype, false)),
        '>' => Some((dtype, true)),
        // The order of single bytes does not matter.
        '|' if dtype.bits() == 8 => Some((dtype, false)),
        _ => None,
    }
}

/// What stands before the elements, row-major and little-endian; `None` if NumPy has no such type.
pub(super) fn header(dtype: Dtype, shape: &[usize]) -> Option<Vec<u8>> {
    let &(kind, _) = DTYPES.iter().find(|(_, known)| *known == dtype)?;
    let order = if dtype.bits() == 8 { '|' } else { '<' };
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    let comma = if sizes.len() == 1 { "," } else { "" };
    let sizes = sizes.join(", ");
    let mut text = format!(
        "{{'descr': '{order}{kind}', 'fortran_order': False, 'shape': ({sizes}{comma}), }}"
    );
    let start = MAGIC.len() + 4;
    let total = (start + text.len() + 1).next_multiple_of(ALIGNMENT);
    text.extend(std::iter::repeat_n(' ', total - start - text.len() - 1));
    text.push('\n');
    // Two bytes do for 64 axes.
    let length = u16::try_from(text.len()).ok()?;
    let mut bytes = Vec::with_capacity(total);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[1, 0]);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    Some(bytes)
}
