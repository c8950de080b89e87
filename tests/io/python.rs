//! Files that Python wrote; `tests/data/make.py` says how.

use tt_admm::io::{Dtype, TensorFile};
use tt_admm::ndarray::{Array2, ArrayD, IxDyn, array};

const FILES: [(&str, &[u8]); 3] = [
    ("safetensors", include_bytes!("../data/python.safetensors")),
    ("npz", include_bytes!("../data/python.npz")),
    (
        "compressed npz",
        include_bytes!("../data/python_compressed.npz"),
    ),
];

#[test]
fn files_of_python_are_read() {
    for (what, bytes) in FILES {
        let file = TensorFile::from_bytes(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        let weight = Array2::from_shape_fn((2, 3), |(i, j)| (3 * i + j) as f32 / 4.0);
        assert_eq!(file.get::<f32>("layer.weight").unwrap(), weight.into_dyn());
        let half = file.get_finite::<f32>("half").unwrap();
        assert_eq!(half, array![1.0, -2.5, 65504.0].into_dyn());
        let double = file.get::<f64>("double").unwrap();
        assert_eq!(double, array![[1e300], [-0.0]].into_dyn());
        assert!(double[[1, 0]].is_sign_negative());
        assert_eq!(file.get::<f32>("scalar").unwrap()[[]], 2.5);
        assert_eq!(
            file.get::<f64>("empty").unwrap(),
            ArrayD::<f64>::zeros(IxDyn(&[0, 3]))
        );
        assert_eq!(
            (file.dtype("steps").unwrap(), file.shape("steps").unwrap()),
            (Dtype::I64, &[2, 2][..])
        );
        let steps: Vec<u8> = [1_i64, -2, 3, 4]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        assert_eq!(file.bytes("steps").unwrap(), steps);
        assert_eq!(
            (file.dtype("mask").unwrap(), file.bytes("mask").unwrap()),
            (Dtype::Bool, &[1, 0, 1][..])
        );
    }
}

#[test]
fn metadata_of_python_is_read() {
    let file = TensorFile::from_bytes(FILES[0].1).unwrap();
    let texts: Vec<_> = file.metadata().iter().map(|(k, v)| (&**k, &**v)).collect();
    assert_eq!(texts, [("format", "np"), ("what", "a test")]);
    let file = TensorFile::from_bytes(FILES[1].1).unwrap();
    assert!(file.metadata().is_empty());
}

/// Big-endian, column-major, and compressed to a fiftieth.
#[test]
fn arrays_of_other_orders_are_turned() {
    let file = TensorFile::from_bytes(FILES[1].1).unwrap();
    let expected = Array2::from_shape_fn((3, 4), |(i, j)| (4 * i + j) as f32);
    assert_eq!(file.get::<f32>("fortran").unwrap(), expected.into_dyn());
    let expected = array![[0.5, 1.5], [2.5, 3.5]];
    assert_eq!(file.get::<f64>("big").unwrap(), expected.into_dyn());
    // The two parts of a complex number keep their order.
    let parts: Vec<u8> = [1.0_f32, 2.0]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    assert_eq!(file.bytes("complex").unwrap(), parts);
    let file = TensorFile::from_bytes(FILES[2].1).unwrap();
    let zeros = file.get::<f32>("zeros").unwrap();
    assert_eq!((zeros.shape(), zeros.sum()), (&[40, 50][..], 0.0));
}
