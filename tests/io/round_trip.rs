//! What is written comes back, by our reader and by that of the reference library.

use std::collections::HashMap;

use crate::common::{layout, random};
use half::{bf16, f16};
use proptest::prelude::*;
use safetensors::tensor::TensorView;
use safetensors::{SafeTensors, serialize};
use tt_admm::Scalar;
use tt_admm::io::{Container, Dtype, IoErrorKind, TensorFile};
use tt_admm::ndarray::{Array0, ArrayD, IxDyn, array};

const CONTAINERS: [Container; 2] = [Container::Safetensors, Container::Npz];

/// The types that both containers know.
const COMMON: [Dtype; 13] = [
    Dtype::Bool,
    Dtype::U8,
    Dtype::I8,
    Dtype::U16,
    Dtype::I16,
    Dtype::U32,
    Dtype::I32,
    Dtype::U64,
    Dtype::I64,
    Dtype::F16,
    Dtype::F32,
    Dtype::F64,
    Dtype::C64,
];

#[track_caller]
fn assert_same(got: &TensorFile, expected: &TensorFile) {
    assert!(got.names().eq(expected.names()));
    for name in expected.names() {
        assert_eq!(got.dtype(name).unwrap(), expected.dtype(name).unwrap());
        assert_eq!(got.shape(name).unwrap(), expected.shape(name).unwrap());
        assert_eq!(got.bytes(name).unwrap(), expected.bytes(name).unwrap());
    }
    assert_eq!(got.metadata(), expected.metadata());
}

/// Tensors of any type with any bytes, sizes of 0 and order 0 included.
fn file(dtypes: &'static [Dtype]) -> impl Strategy<Value = TensorFile> {
    let tensor = (
        "\\PC{0,12}|[a-z]{1,5}(\\.|/|\\\\)[a-z]{1,5}",
        prop::sample::select(dtypes),
        prop::collection::vec(0_usize..4, 0..4),
        any::<u64>(),
    );
    let texts = prop::collection::btree_map("\\PC{0,8}", "\\PC*", 0..4);
    (prop::collection::vec(tensor, 0..6), texts).prop_map(|(tensors, texts)| {
        let mut file = TensorFile::new();
        for (name, dtype, shape, seed) in tensors {
            let size = shape.iter().product::<usize>() * dtype.bits() / 8;
            let mut rng = random::Rng::new(seed);
            let bytes: Vec<u8> = (0..size).map(|_| rng.next().to_le_bytes()[7]).collect();
            // A name may have come twice.
            let _ = file.insert_raw(name, dtype, shape, bytes);
        }
        for (key, text) in texts {
            file.set_metadata(key, text).unwrap();
        }
        file
    })
}

proptest! {
    #[test]
    fn every_file_comes_back_from_both_containers(file in file(&COMMON)) {
        for container in CONTAINERS {
            let bytes = file.to_bytes(container).unwrap();
            let back = TensorFile::from_bytes(&bytes[..]).unwrap();
            assert_same(&back, &file);
            prop_assert_eq!(back.to_bytes(container).unwrap(), bytes);
        }
    }

    #[test]
    fn the_reference_reads_ours_and_we_read_its(file in file(&COMMON)) {
        let bytes = file.to_bytes(Container::Safetensors).unwrap();
        let theirs = SafeTensors::deserialize(&bytes).unwrap();
        prop_assert_eq!(theirs.len(), file.len());
        for name in file.names() {
            let view = theirs.tensor(name).unwrap();
            prop_assert_eq!(view.dtype().to_string(), file.dtype(name).unwrap().to_string());
            prop_assert_eq!(view.shape(), file.shape(name).unwrap());
            prop_assert_eq!(view.data(), file.bytes(name).unwrap());
            // Aligned, so that others may cast.
            let place = view.data().as_ptr() as usize - bytes.as_ptr() as usize;
            let bits = file.dtype(name).unwrap().bits();
            prop_assert!(view.data().is_empty() || (8 * place).is_multiple_of(bits));
        }
        let (_, described) = SafeTensors::read_metadata(&bytes).unwrap();
        let texts: HashMap<String, String> = file.metadata().clone().into_iter().collect();
        prop_assert_eq!(described.metadata().clone().unwrap_or_default(), texts.clone());

        let views = file.names().map(|name| {
            (name, theirs.tensor(name).unwrap())
        });
        // The reference makes a file that it cannot read of an empty map.
        let some = Some(texts).filter(|texts| !texts.is_empty());
        let bytes = serialize(views, some).unwrap();
        let back = TensorFile::from_bytes(bytes).unwrap();
        prop_assert_eq!(back.metadata(), file.metadata());
        prop_assert_eq!(back.len(), file.len());
        for name in file.names() {
            prop_assert_eq!(back.bytes(name).unwrap(), file.bytes(name).unwrap());
            prop_assert_eq!(back.shape(name).unwrap(), file.shape(name).unwrap());
        }
    }
}

fn arrays_of_any_layout_are_stored_row_major<A: Scalar>() {
    for (shape, seed) in [(&[2, 3, 4][..], 1), (&[5], 2), (&[3, 1, 2, 2], 3)] {
        let x = random::tensor::<A>(shape, seed);
        layout::for_each_layout(&x, |name, view| {
            let mut file = TensorFile::new();
            file.insert("x", &view).unwrap();
            assert_eq!(file.dtype("x").unwrap(), Dtype::of::<A>());
            for container in CONTAINERS {
                let back = TensorFile::from_bytes(file.to_bytes(container).unwrap()).unwrap();
                let array = back.get::<A>("x").unwrap();
                assert!(array.is_standard_layout(), "{name}");
                assert_eq!(array, x, "{name}");
            }
        });
    }
}

fn extreme_numbers_keep_their_bits<A: Scalar>() {
    let odd = [
        A::zero(),
        -A::zero(),
        A::min_positive_value(),
        A::min_positive_value() / A::narrow(8.0),
        A::max_value(),
        A::infinity(),
        A::neg_infinity(),
    ];
    let x = ArrayD::from_shape_vec(IxDyn(&[7]), odd.to_vec()).unwrap();
    let mut file = TensorFile::new();
    file.insert("x", &x).unwrap();
    file.insert("scalar", &Array0::from_elem((), A::narrow(0.1)))
        .unwrap();
    file.insert("empty", &ArrayD::<A>::zeros(IxDyn(&[2, 0, 3])))
        .unwrap();
    for container in CONTAINERS {
        let back = TensorFile::from_bytes(file.to_bytes(container).unwrap()).unwrap();
        let got = back.get::<A>("x").unwrap();
        let bits = |x: &A| x.widen().to_bits();
        assert!(got.iter().map(bits).eq(x.iter().map(bits)));
        assert_eq!(back.get::<A>("scalar").unwrap()[[]], A::narrow(0.1));
        assert_eq!(back.get::<A>("empty").unwrap().shape(), [2, 0, 3]);
    }
}

for_both_scalars!(
    arrays_of_any_layout_are_stored_row_major,
    extreme_numbers_keep_their_bits,
);

#[test]
fn half_precision_widens_exactly() {
    // All numbers of 16 bits.
    let words: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
    let mut file = TensorFile::new();
    file.insert_raw("half", Dtype::F16, [256, 256], &words[..])
        .unwrap();
    file.insert_raw("brain", Dtype::BF16, [65536], words)
        .unwrap();
    let same = |got: f64, expected: f64| {
        got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan()
    };
    let half = file.get::<f32>("half").unwrap();
    let brain = file.get::<f32>("brain").unwrap();
    let wide = file.get::<f64>("brain").unwrap();
    for word in 0..=u16::MAX {
        let k = usize::from(word);
        let expected = f16::from_bits(word).to_f64();
        assert!(
            same(f64::from(half[[k / 256, k % 256]]), expected),
            "{word}"
        );
        let expected = bf16::from_bits(word).to_f64();
        assert!(same(f64::from(brain[[k]]), expected), "{word}");
        assert!(same(wide[[k]], expected), "{word}");
    }
}

#[test]
fn double_precision_is_rounded_to_single() {
    let mut file = TensorFile::new();
    let x = array![0.1_f64, 1.0 + 2.0_f64.powi(-30), -1e-50, 1e300];
    file.insert("x", &x).unwrap();
    let got = file.get::<f32>("x").unwrap();
    assert_eq!(got, array![0.1_f32, 1.0, 0.0, f32::INFINITY].into_dyn());
    let error = file.get_finite::<f32>("x").unwrap_err();
    assert!(matches!(error.kind(), IoErrorKind::NonFinite { index, .. } if *index == [3]));
    assert_eq!(file.get_finite::<f64>("x").unwrap(), x.into_dyn());
}

#[test]
fn tensors_are_in_the_order_in_which_they_came() {
    let mut file = TensorFile::new();
    for name in ["z", "a", "m"] {
        file.insert(name, &array![1.0_f32]).unwrap();
    }
    file.insert_raw("b", Dtype::I64, [1], [0; 8]).unwrap();
    assert!(file.remove("a"));
    assert!(!file.remove("a"));
    file.insert("a", &array![2.0]).unwrap();
    for container in CONTAINERS {
        let back = TensorFile::from_bytes(file.to_bytes(container).unwrap()).unwrap();
        assert_eq!(back.names().collect::<Vec<_>>(), ["z", "m", "b", "a"]);
        assert_eq!(back.get::<f64>("a").unwrap(), array![2.0].into_dyn());
    }
}

#[test]
fn tensors_of_any_type_are_carried_from_file_to_file() {
    let mut source = TensorFile::new();
    source
        .insert_raw("four", Dtype::F4, [3, 2], [1, 2, 3])
        .unwrap();
    source
        .insert_raw("eight", Dtype::F8E4M3, [2], [7, 255])
        .unwrap();
    source.insert("w", &array![f32::NAN]).unwrap();
    let source = TensorFile::from_bytes(source.to_bytes(Container::Safetensors).unwrap()).unwrap();
    let mut copy = TensorFile::new();
    for name in ["w", "eight", "four"] {
        copy.copy_from(&source, name).unwrap();
    }
    drop(source);
    let error = copy.copy_from(&copy.clone(), "w").unwrap_err();
    assert!(matches!(error.kind(), IoErrorKind::Duplicate));
    let back = TensorFile::from_bytes(copy.to_bytes(Container::Safetensors).unwrap()).unwrap();
    assert_same(&back, &copy);
    assert_eq!(back.bytes("four").unwrap(), [1, 2, 3]);
    // NumPy has no numbers of 4 bits, safetensors no complex ones of 128.
    let error = copy.to_bytes(Container::Npz).unwrap_err();
    assert_eq!(error.tensor(), Some("eight"));
    assert!(
        error
            .to_string()
            .ends_with("npz cannot hold elements of type F8_E4M3"),
        "{error}"
    );
    let mut complex = TensorFile::new();
    complex.insert_raw("c", Dtype::C128, [1], [1; 16]).unwrap();
    let error = complex.to_bytes(Container::Safetensors).unwrap_err();
    assert!(matches!(error.kind(), IoErrorKind::DtypeNotStored { .. }));
    let back = TensorFile::from_bytes(complex.to_bytes(Container::Npz).unwrap()).unwrap();
    assert_same(&back, &complex);
}

#[test]
fn views_of_the_reference_may_be_in_any_order() {
    let bytes = [0_u8; 12];
    let view = |range: std::ops::Range<usize>| {
        TensorView::new(
            safetensors::Dtype::F32,
            vec![range.len() / 4],
            &bytes[range],
        )
        .unwrap()
    };
    let bytes = serialize([("b", view(0..4)), ("a", view(4..12))], None).unwrap();
    let file = TensorFile::from_bytes(bytes).unwrap();
    assert_eq!(file.shape("a").unwrap(), [2]);
    assert_eq!(file.shape("b").unwrap(), [1]);
}
