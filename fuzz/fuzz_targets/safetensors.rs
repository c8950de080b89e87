//! Any header of safetensors with any bytes after it: an error, or a file that survives a round trip.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tt_admm::io::{Container, TensorFile};

fuzz_target!(|data: &[u8]| {
    // The length of the header comes from the first two bytes, so that the fuzzer need not guess eight.
    let Some((length, rest)) = data.split_first_chunk::<2>() else {
        return;
    };
    let mut bytes = u64::from(u16::from_le_bytes(*length)).to_le_bytes().to_vec();
    bytes.extend_from_slice(rest);
    let Ok(file) = TensorFile::from_bytes(bytes) else {
        return;
    };
    for name in file.names() {
        let size: usize = file.shape(name).unwrap().iter().product();
        if let Ok(array) = file.get::<f32>(name) {
            assert_eq!(array.len(), size);
        }
    }
    let again = file.to_bytes(Container::Safetensors).unwrap();
    let back = TensorFile::from_bytes(again).unwrap();
    assert!(back.names().eq(file.names()));
    assert!(file.names().all(|name| back.bytes(name).unwrap() == file.bytes(name).unwrap()));
    assert_eq!(back.metadata(), file.metadata());
});
