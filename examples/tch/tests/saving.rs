//! States and weight files: exact copies, and what is refused.
// Helpers are no `#[test]` functions, so the lint cannot tell that they are tests; exact floats are meant
// where `assert_eq!` compares them.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

use std::fs;

use safetensors::tensor::{Dtype, TensorView};
use tch::nn::VarStore;
use tch::{Device, Kind};
use tch_admm::layer::BatchNorm;
use tch_admm::{Error, State, transfer};

fn store() -> VarStore {
    let store = VarStore::new(Device::Cpu);
    let root = store.root();
    BatchNorm::new(&(&root / "bn1"), 4).unwrap();
    let _ = root.randn_standard("weight", &[3, 4]);
    store
}

fn weights(store: &VarStore) -> State {
    let mut state = State::new();
    state.put_store("", store).unwrap();
    state
}

/// A file with these tensors.
fn file(tensors: &[(&str, Dtype, Vec<usize>)]) -> State {
    let bytes = vec![0_u8; 4096];
    let views = tensors.iter().map(|(name, dtype, shape)| {
        let length = shape.iter().product::<usize>() * dtype.bitsize() / 8;
        (
            *name,
            TensorView::new(*dtype, shape.clone(), &bytes[..length]).unwrap(),
        )
    });
    let bytes = safetensors::serialize(views, None).unwrap();
    State::from_bytes("test file", &bytes).unwrap()
}

fn refused(state: &State) -> String {
    let store = store();
    let before = weights(&store).to_bytes().unwrap();
    let error = state.restore_store("", &store).unwrap_err();
    assert!(
        matches!(error, Error::Saved { .. } | Error::Shape { .. }),
        "{error}"
    );
    assert_eq!(
        weights(&store).to_bytes().unwrap(),
        before,
        "something was overwritten: {error}"
    );
    error.to_string()
}

#[test]
fn weights_are_restored_to_the_bit() {
    tch::manual_seed(1);
    let (from, to) = (store(), store());
    weights(&from).restore_store("", &to).unwrap();
    assert_eq!(
        weights(&from).to_bytes().unwrap(),
        weights(&to).to_bytes().unwrap()
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    weights(&from).write(&path).unwrap();
    State::read(&path).unwrap().restore_store("", &to).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // Odd values too.
    let mut odd = State::new();
    let values = vec![f32::NAN, -0.0, f32::INFINITY, 1e-45];
    odd.put(
        "odd",
        &transfer::upload(&values, &[4], Device::Cpu).unwrap(),
    )
    .unwrap();
    let bytes = odd.to_bytes().unwrap();
    let back = State::from_bytes("x", &bytes).unwrap();
    assert_eq!(back.to_bytes().unwrap(), bytes);
}

#[test]
fn other_weights_are_refused_by_name() {
    let all = || {
        vec![
            ("bn1.weight", Dtype::F32, vec![4]),
            ("bn1.bias", Dtype::F32, vec![4]),
            ("bn1.running_mean", Dtype::F32, vec![4]),
            ("bn1.running_var", Dtype::F32, vec![4]),
            ("weight", Dtype::F32, vec![3, 4]),
        ]
    };
    file(&all()).restore_store("", &store()).unwrap();

    let mut missing = all();
    missing.remove(2);
    missing.remove(0);
    let text = refused(&file(&missing));
    assert!(
        text.contains("`bn1.running_mean`, `bn1.weight`") && text.contains("test file"),
        "{text}"
    );

    let mut extra = all();
    extra.push(("bn1.num_batches_tracked", Dtype::I64, vec![]));
    assert!(refused(&file(&extra)).contains("no `bn1.num_batches_tracked`"));

    let mut misshapen = all();
    misshapen[4].2 = vec![4, 3];
    let text = refused(&file(&misshapen));
    assert!(
        text.contains("`weight` has shape [4, 3], expected [3, 4]"),
        "{text}"
    );

    let mut half = all();
    half[1].1 = Dtype::F16;
    let text = refused(&file(&half));
    assert!(
        text.contains("`bn1.bias`") && text.contains("F16"),
        "{text}"
    );
}

#[test]
fn files_that_are_no_weights_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let error = State::read(&path).unwrap_err();
    assert!(matches!(error, Error::File { .. }) && error.to_string().contains("w.safetensors"));
    let whole = weights(&store()).to_bytes().unwrap();
    let damaged = [
        &whole[..whole.len() - 1],
        &whole[..100],
        &whole[..4],
        b"",
        b"PK\x03\x04 and more",
    ];
    for bytes in damaged {
        fs::write(&path, bytes).unwrap();
        let error = State::read(&path).unwrap_err();
        assert!(matches!(error, Error::Saved { .. }), "{error}");
        assert!(error.to_string().contains("w.safetensors"), "{error}");
    }
}

#[test]
fn element_types_that_are_not_carried_are_refused() {
    let half = tch::Tensor::zeros(&[2_i64][..], (Kind::Half, Device::Cpu));
    let error = State::new().put("half", &half).unwrap_err();
    assert!(matches!(error, Error::Kind { kind: Kind::Half, ref name, .. } if name == "half"));
}
