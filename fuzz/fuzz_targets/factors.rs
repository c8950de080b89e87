//! Any description of factors over a few tensors: an error, or factors that are sound.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tt_admm::io::TensorFile;

/// One tensor of every order that factors may have, with elements 0.
const TENSORS: &str = concat!(
    r#""a":{"dtype":"F32","shape":[1,2,2],"data_offsets":[0,16]},"#,
    r#""b":{"dtype":"F32","shape":[2,3,1],"data_offsets":[16,40]},"#,
    r#""c":{"dtype":"F32","shape":[2,2],"data_offsets":[40,56]},"#,
    r#""d":{"dtype":"F32","shape":[3,2],"data_offsets":[56,80]},"#,
    r#""e":{"dtype":"F64","shape":[2,2,2],"data_offsets":[80,144]}"#,
);

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let header = format!(r#"{{"__metadata__":{{"tt-admm":{text:?}}},{TENSORS}}}"#);
    // Debug and JSON escape alike but for a few characters, which are refused as such.
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(&[0; 144]);
    let Ok(mut file) = TensorFile::from_bytes(bytes) else {
        return;
    };
    for name in file.factored().unwrap_or_default() {
        if let Ok(factors) = file.get_factors::<f32>(&name) {
            let size: usize = factors.weight_shape().iter().product();
            assert!(size <= 1 << 20);
            assert_eq!(factors.to_dense().len(), size);
            assert!(file.remove_factors(&name).unwrap());
            file.insert_factors(&*name, &factors).unwrap();
            assert_eq!(file.get_factors::<f32>(&name).unwrap(), factors);
        }
    }
});
