//! Any bytes as an archive, and any bytes as the only array of a sound archive.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tt_admm::io::{Container, TensorFile};

fuzz_target!(|data: &[u8]| {
    check(data.to_vec());
    check(archive(data));
});

fn check(bytes: Vec<u8>) {
    let Ok(file) = TensorFile::from_bytes(bytes) else {
        return;
    };
    for name in file.names() {
        let size: usize = file.shape(name).unwrap().iter().product();
        if let Ok(array) = file.get::<f32>(name) {
            assert_eq!(array.len(), size);
        }
    }
    if let Ok(again) = file.to_bytes(Container::Npz) {
        let back = TensorFile::from_bytes(again).unwrap();
        assert!(back.names().eq(file.names()));
        assert!(file.names().all(|name| back.bytes(name).unwrap() == file.bytes(name).unwrap()));
        assert_eq!(back.metadata(), file.metadata());
    }
}

/// A zip archive of one stored entry `x.npy`.
fn archive(data: &[u8]) -> Vec<u8> {
    let size = u32::try_from(data.len()).unwrap().to_le_bytes();
    let checksum = !data.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    });
    let mut fields = b"\x14\0\0\0\0\0\0\0\x21\0".to_vec();
    for field in [checksum.to_le_bytes(), size, size, [5, 0, 0, 0]] {
        fields.extend_from_slice(&field);
    }
    let mut bytes = [b"PK\x03\x04", &fields[..], b"x.npy", data].concat();
    let place = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let directory = [b"PK\x01\x02\x14\x03", &fields[..], &[0; 14], b"x.npy"].concat();
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend_from_slice(&u32::try_from(directory.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(&place);
    bytes.extend_from_slice(&[0; 2]);
    bytes
}
