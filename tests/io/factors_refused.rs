//! Descriptions of factors that lie. Whoever makes a file can write anything into its metadata.

use crate::build::safetensors;
use serde_json::{Value, json};
use tt_admm::io::{Container, IoErrorKind, TensorFile};
use tt_admm::{
    Factors, TensorTrain, Tensorization, Tucker,
    ndarray::{Array2, Array3, ArrayD},
};

/// A train `w` of shape [2, 3] with ranks 1, 2, 1, a Tucker tensor `t` with a factor in mode 1, and odd tensors.
fn sample() -> TensorFile {
    let layout = Tensorization::identity([2, 3]).unwrap();
    let cores = vec![Array3::ones((1, 2, 2)), Array3::<f32>::ones((2, 3, 1))];
    let train = TensorTrain::from_cores(cores).unwrap();
    let factors = vec![None, Some(Array2::ones((3, 2)))];
    let tucker = Tucker::from_parts(ArrayD::<f32>::ones(vec![2, 2]), factors).unwrap();
    let mut file = TensorFile::new();
    file.insert_factors("w", &Factors::new(train, layout.clone()).unwrap())
        .unwrap();
    file.insert_factors("t", &Factors::from_tucker(tucker, layout).unwrap())
        .unwrap();
    file.insert("double", &Array3::<f64>::ones((1, 2, 2)))
        .unwrap();
    file.insert("infinite", &Array3::from_elem((1, 2, 2), f32::INFINITY))
        .unwrap();
    file.insert("matrix", &Array2::<f32>::ones((2, 2))).unwrap();
    file.insert("rank3", &Array3::<f32>::ones((1, 2, 3)))
        .unwrap();
    file.insert("empty", &Array3::<f32>::ones((1, 2, 0)))
        .unwrap();
    file
}

/// The sample with this description of its factors.
fn forged(document: &str) -> TensorFile {
    let bytes = sample().to_bytes(Container::Safetensors).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap());
    let end = 8 + usize::try_from(length).unwrap();
    let mut header: Value = serde_json::from_slice(&bytes[8..end]).unwrap();
    header["__metadata__"]["tt-admm"] = json!(document);
    let bytes = safetensors(&header.to_string(), &bytes[end..]);
    TensorFile::from_bytes(bytes).unwrap()
}

fn document() -> Value {
    serde_json::from_str(&sample().metadata()["tt-admm"]).unwrap()
}

fn change(at: &str, value: Value) -> TensorFile {
    let mut document = document();
    *document.pointer_mut(at).unwrap() = value;
    forged(&document.to_string())
}

#[test]
fn the_sample_is_sound() {
    let file = forged(&document().to_string());
    assert_eq!(file.factored().unwrap(), ["w", "t"]);
    for name in ["w", "t"] {
        let w = file.get_factors::<f64>(name).unwrap().to_dense();
        assert_eq!(w, ArrayD::from_elem(vec![2, 3], 2.0));
    }
}

#[test]
#[allow(clippy::too_many_lines)] // a table
fn descriptions_that_do_not_fit_are_refused() {
    let huge = usize::MAX;
    let (w, t) = ("/weights/0", "/weights/1");
    let group = |weight: &str, rest: &str| format!("{weight}/groups/0/{rest}");
    let table: &[(&str, &str, Value, &str)] = &[
        (
            "w",
            &format!("{w}/shape"),
            json!([3, 2]),
            "they make a weight [2, 3], not [3, 2]",
        ),
        (
            "w",
            &format!("{w}/shape"),
            json!([huge, huge]),
            "they make a weight [2, 3]",
        ),
        (
            "w",
            &format!("{w}/dtype"),
            json!("F64"),
            "tensor `w/core0`: the factors do not fit: its elements are F32",
        ),
        (
            "w",
            &format!("{w}/dtype"),
            json!("F33"),
            "unknown type of elements \"F33\"",
        ),
        (
            "w",
            &format!("{w}/groups"),
            json!([]),
            "factors of no group",
        ),
        (
            "w",
            &group(w, "tensors"),
            json!([]),
            "the factors do not fit",
        ),
        (
            "w",
            &group(w, "tensors"),
            json!(["w/core0"]),
            "the factors do not fit: core 0",
        ),
        (
            "w",
            &group(w, "tensors"),
            json!(["w/core0", "w/core9"]),
            "tensor `w/core9`: there is no such tensor among 9",
        ),
        (
            "w",
            &group(w, "tensors"),
            json!(["w/core1", "w/core1"]),
            "tensor \"w/core1\" is named twice",
        ),
        (
            "w",
            &group(w, "tensors"),
            json!(["w/core1", "w/core0"]),
            "the factors do not fit: core 0",
        ),
        (
            "w",
            &group(w, "tensors/0"),
            json!("double"),
            "tensor `double`: the factors do not fit: its elements are F64, those of `w` F32",
        ),
        (
            "w",
            &group(w, "tensors/0"),
            json!("infinite"),
            "tensor `infinite`: inf at index [0, 0, 0]",
        ),
        (
            "w",
            &group(w, "tensors/0"),
            json!("matrix"),
            "a factor of shape [2, 2]",
        ),
        (
            "w",
            &group(w, "tensors/0"),
            json!("rank3"),
            "the factors do not fit: core 1",
        ),
        (
            "w",
            &group(w, "tensors/0"),
            json!("empty"),
            "the factors do not fit: core 0",
        ),
        ("w", &group(w, "format"), json!("tensor_ring"), ""),
        (
            "w",
            &group(w, "format"),
            json!("tucker"),
            "a factor of shape [2, 3, 1]",
        ),
        (
            "w",
            &group(w, "layout/tensor_shape"),
            json!([3, 2]),
            "expected a weight of shape [3, 2], got [2, 3]",
        ),
        (
            "w",
            &group(w, "layout/weight_shape"),
            json!([6]),
            "they make a weight [6], not [2, 3]",
        ),
        (
            "t",
            &group(t, "modes"),
            json!([]),
            "1 factors for modes [] of a core with 2",
        ),
        (
            "t",
            &group(t, "modes"),
            json!([2]),
            "1 factors for modes [2] of a core with 2",
        ),
        (
            "t",
            &group(t, "modes"),
            json!([0]),
            "expected a weight of shape [2, 3]",
        ),
        (
            "t",
            &group(t, "modes"),
            json!([0, 1]),
            "1 factors for modes [0, 1]",
        ),
        ("t", &group(t, "modes"), json!([huge]), "of a core with 2"),
        ("t", &group(t, "tensors"), json!([]), "no core"),
        (
            "t",
            &group(t, "tensors"),
            json!(["t/factor1", "t/core"]),
            "the factors do not fit",
        ),
    ];
    for (name, at, value, reason) in table {
        let file = change(at, value.clone());
        assert_eq!(file.factored().unwrap(), ["w", "t"]);
        match file.get_factors::<f32>(name) {
            // A train is a ring too.
            Ok(factors) => assert!(reason.is_empty() && factors.tensor_ring().is_some(), "{at}"),
            Err(error) => {
                let error = error.to_string();
                assert!(
                    error.contains(reason) && !reason.is_empty(),
                    "{at}: {error}"
                );
                assert_eq!(error.lines().count(), 1, "{error}");
            }
        }
    }
}

#[test]
fn descriptions_that_cannot_be_read_are_refused() {
    let huge = usize::MAX;
    let layout = |list: &str| format!("/weights/0/groups/0/layout/{list}");
    for (at, value) in [
        ("/version".into(), json!(-1)),
        ("/version".into(), json!("1")),
        ("/weights".into(), json!({})),
        ("/weights/0".into(), json!(null)),
        ("/weights/0/name".into(), json!(1)),
        ("/weights/0/shape".into(), json!([-1])),
        ("/weights/0/groups/0/format".into(), json!("canonical")),
        (layout("permutation"), json!([1])),
        (layout("permutation"), json!([huge])),
        (layout("expanded"), json!([5])),
        (layout("expanded"), json!([])),
        (layout("weight_shape"), json!([huge, huge])),
        (layout("weight_shape"), json!([])),
        (layout("tensor_shape"), json!([0, 3])),
        (layout("tensor_shape"), json!([huge, 3])),
    ] {
        let mut file = change(&at, value);
        let error = file.factored().unwrap_err();
        assert!(
            matches!(error.kind(), IoErrorKind::Metadata { key, .. } if key == "tt-admm"),
            "{at}: {error}"
        );
        assert!(file.get_factors::<f32>("w").is_err());
        // What is there is not lost by adding more.
        let factors = sample().get_factors::<f32>("w").unwrap();
        assert!(file.insert_factors("more", &factors).is_err());
        assert!(file.remove_factors("w").is_err());
        assert_eq!(file.len(), 9);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in ["", "{", "[]", "{}", "nonsense", &deep] {
        let error = forged(text).factored().unwrap_err();
        assert!(
            matches!(error.kind(), IoErrorKind::Metadata { .. }),
            "{error}"
        );
    }
    let error = change("/version", json!(2)).factored().unwrap_err();
    assert!(matches!(
        error.kind(),
        IoErrorKind::Newer {
            version: 2,
            supported: 1
        }
    ));
    let error = change("/weights/1/name", json!("w"))
        .factored()
        .unwrap_err();
    assert!(matches!(error.kind(), IoErrorKind::Duplicate));
    assert_eq!(error.tensor(), Some("w"));
    // Without the description, the tensors are tensors.
    let mut file = forged("nonsense");
    assert_eq!(file.remove_metadata("tt-admm").as_deref(), Some("nonsense"));
    assert!(file.factored().unwrap().is_empty());
    assert!(file.get::<f32>("w/core0").is_ok());
}

#[test]
fn a_tensor_that_was_taken_away_is_missed() {
    let mut file = sample();
    assert!(file.remove("w/core1"));
    let error = file.get_factors::<f32>("w").unwrap_err();
    assert_eq!(
        error.to_string(),
        "tensor `w/core1`: there is no such tensor among 8"
    );
    assert!(file.get_factors::<f32>("t").is_ok());
    assert!(file.remove_factors("w").unwrap());
    assert!(!file.contains("w/core0"));
}
