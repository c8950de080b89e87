//! Files made by hand, byte by byte.

use tt_admm::io::{IoError, TensorFile};

/// A safetensors file of this header and these bytes.
pub(crate) fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(data);
    bytes
}

/// A `.npy` file of version 1 with this header, as it is, and these bytes.
pub(crate) fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let length = u16::try_from(header.len()).unwrap();
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(data);
    bytes
}

/// The header of an array.
pub(crate) fn npy_header(descr: &str, fortran: bool, shape: &str) -> String {
    let fortran = if fortran { "True" } else { "False" };
    format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}")
}

/// An entry of an archive: what it says of itself need not be true.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    pub(crate) compressed: u32,
    pub(crate) size: u32,
    pub(crate) data: Vec<u8>,
}

impl Entry {
    /// A stored entry that tells the truth.
    pub(crate) fn stored(name: &str, data: Vec<u8>) -> Self {
        let size = u32::try_from(data.len()).unwrap();
        Self {
            name: name.into(),
            method: 0,
            flags: 0x800,
            compressed: size,
            size,
            data,
        }
    }
}

/// A zip archive, with the checksum of the data that are there.
pub(crate) fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = u32::try_from(bytes.len()).unwrap();
        let mut fields = Vec::new();
        for field in [20, entry.flags, entry.method, 0, 33] {
            fields.extend_from_slice(&field.to_le_bytes());
        }
        for field in [crc32(&entry.data), entry.compressed, entry.size] {
            fields.extend_from_slice(&field.to_le_bytes());
        }
        let name = u16::try_from(entry.name.len()).unwrap();
        fields.extend_from_slice(&name.to_le_bytes());
        fields.extend_from_slice(&[0; 2]);
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&fields);
        bytes.extend_from_slice(entry.name.as_bytes());
        bytes.extend_from_slice(&entry.data);
        directory.extend_from_slice(b"PK\x01\x02\x14\x03");
        directory.extend_from_slice(&fields);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(entry.name.as_bytes());
    }
    let count = u16::try_from(entries.len()).unwrap();
    let place = [directory.len(), bytes.len()].map(|n| u32::try_from(n).unwrap());
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    for n in place {
        bytes.extend_from_slice(&n.to_le_bytes());
    }
    bytes.extend_from_slice(&[0; 2]);
    bytes
}

/// CRC-32 (IEEE 802.3), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// Why these bytes are refused.
#[track_caller]
pub(crate) fn refusal(bytes: &[u8]) -> IoError {
    TensorFile::from_bytes(bytes).unwrap_err()
}
