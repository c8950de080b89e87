//! Whole files that are cut short or changed anywhere: an error or a sound file, never a panic.

use proptest::prelude::*;
use tt_admm::io::{Container, Dtype, TensorFile};
use tt_admm::ndarray::array;
use tt_admm::{Factors, Tensorization, tt_svd};

const FILES: [&[u8]; 3] = [
    include_bytes!("../data/python.safetensors"),
    include_bytes!("../data/python.npz"),
    include_bytes!("../data/python_compressed.npz"),
];

fn with_factors(container: Container) -> Vec<u8> {
    let w = array![[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]];
    let factors = Factors::new(
        tt_svd(&w, 1).unwrap(),
        Tensorization::identity([2, 3]).unwrap(),
    );
    let mut file = TensorFile::new();
    file.insert_factors("w", &factors.unwrap()).unwrap();
    file.to_bytes(container).unwrap()
}

/// Uses all that was read.
fn use_all(bytes: Vec<u8>) -> bool {
    let Ok(file) = TensorFile::from_bytes(bytes) else {
        return false;
    };
    for name in file.names() {
        let size: usize = file.shape(name).unwrap().iter().product();
        let dtype = file.dtype(name).unwrap();
        assert_eq!(file.bytes(name).unwrap().len() * 8, size * dtype.bits());
        match file.get::<f32>(name) {
            Ok(array) => assert_eq!(array.len(), size),
            Err(error) => assert!(!dtype.is_real(), "{error}"),
        }
    }
    for name in file.factored().unwrap_or_default() {
        if let Ok(factors) = file.get_factors::<f64>(&name) {
            assert!(
                factors
                    .parameters()
                    .iter()
                    .all(|p| p.iter().all(|x| x.is_finite()))
            );
        }
    }
    true
}

#[test]
fn every_truncation_is_refused() {
    let own = [Container::Safetensors, Container::Npz].map(with_factors);
    for bytes in FILES.into_iter().chain(own.iter().map(|bytes| &bytes[..])) {
        assert!(use_all(bytes.to_vec()));
        for length in 0..bytes.len() {
            assert!(!use_all(bytes[..length].to_vec()), "{length}");
        }
    }
}

#[test]
fn every_changed_byte_does_no_harm() {
    let own = [Container::Safetensors, Container::Npz].map(with_factors);
    for bytes in FILES.into_iter().chain(own.iter().map(|bytes| &bytes[..])) {
        for at in 0..bytes.len() {
            for flip in [1, 0x80, 0xFF] {
                let mut damaged = bytes.to_vec();
                damaged[at] ^= flip;
                use_all(damaged);
            }
        }
    }
}

proptest! {
    #[test]
    fn changes_in_several_places_do_no_harm(
        which in 0_usize..5,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = match which {
            3 => with_factors(Container::Safetensors),
            4 => with_factors(Container::Npz),
            k => FILES[k].to_vec(),
        };
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        use_all(bytes);
    }
}

/// The elements of a safetensors file have no checksum: a changed one is another number.
#[test]
fn changed_elements_are_other_elements() {
    let mut file = TensorFile::new();
    file.insert_raw("x", Dtype::U8, [2], [1, 2]).unwrap();
    let mut bytes = file.to_bytes(Container::Safetensors).unwrap();
    *bytes.last_mut().unwrap() = 7;
    let back = TensorFile::from_bytes(bytes).unwrap();
    assert_eq!(back.bytes("x").unwrap(), [1, 7]);
}
