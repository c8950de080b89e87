//! Factored weights come back bit by bit.

use crate::common::random;
use proptest::prelude::*;
use tt_admm::io::{Container, Dtype, IoErrorKind, TensorFile};
use tt_admm::ndarray::{Array2, ArrayD};
use tt_admm::{Factors, Scalar, TensorRing, TensorTrain, Tensorization, Tucker, tt_svd, tucker};

const CONTAINERS: [Container; 2] = [Container::Safetensors, Container::Npz];

fn train<A: Scalar>(layout: &Tensorization, seed: u64) -> Factors<A> {
    let shape = layout.tensor_shape();
    let mut ranks = vec![2; shape.len() + 1];
    (ranks[0], ranks[shape.len()]) = (1, 1);
    let cores = random::cores(shape, &ranks, seed);
    Factors::new(TensorTrain::from_cores(cores).unwrap(), layout.clone()).unwrap()
}

fn ring<A: Scalar>(layout: &Tensorization, seed: u64) -> Factors<A> {
    let shape = layout.tensor_shape();
    let cores = random::cores(shape, &vec![2; shape.len() + 1], seed);
    Factors::from_tensor_ring(TensorRing::from_cores(cores).unwrap(), layout.clone()).unwrap()
}

/// Factors in the modes of which the bit is set.
fn partial_tucker<A: Scalar>(layout: &Tensorization, modes: u8, seed: u64) -> Factors<A> {
    let has = |k: usize| modes >> (k % 8) & 1 == 1;
    let shape = layout.tensor_shape();
    let ranks: Vec<usize> = (0..shape.len())
        .map(|k| if has(k) { 2 } else { shape[k] })
        .collect();
    let factors = (0..shape.len())
        .map(|k| has(k).then(|| random::matrix(shape[k], 2, seed + 1 + k as u64)))
        .collect();
    let tensor = Tucker::from_parts(random::tensor(&ranks, seed), factors).unwrap();
    Factors::from_tucker(tensor, layout.clone()).unwrap()
}

fn layouts() -> Vec<Tensorization> {
    [
        Tensorization::linear([2, 3], [4]),
        Tensorization::tt_matrix([2, 3], [3, 2]),
        Tensorization::conv([2, 2], [3, 3], [3]),
        Tensorization::conv_garipov([2, 2], [1, 1], [3, 1]),
        Tensorization::recurrent(4, [2, 2], [3]),
        Tensorization::identity([5]),
        Tensorization::custom([2, 3], [2, 3], [1, 0], [3, 2]),
    ]
    .into_iter()
    .map(Result::unwrap)
    .collect()
}

#[track_caller]
fn assert_bits<A: Scalar>(got: &Factors<A>, expected: &Factors<A>) {
    assert_eq!(got, expected);
    assert_eq!(got.layout(), expected.layout());
    assert_eq!(got.parameter_names(), expected.parameter_names());
    for (a, b) in got.parameters().iter().zip(expected.parameters()) {
        let bits = |x: &A| x.widen().to_bits();
        assert!(a.iter().map(bits).eq(b.iter().map(bits)));
    }
}

fn every_format_comes_back<A: Scalar>() {
    for (k, layout) in layouts().iter().enumerate() {
        let seed = 10 * k as u64;
        let one = || train::<A>(layout, seed);
        let mut all = vec![one(), ring(layout, seed)];
        all.extend([0, 1, 2, 5, 0xFF].map(|modes| partial_tucker(layout, modes, seed)));
        // Groups need not have one format.
        all.push(Factors::stacked([one(), ring(layout, 1), partial_tucker(layout, 1, 2)]).unwrap());
        let mut file = TensorFile::new();
        file.insert("bias", &random::tensor::<f64>(&[3], 1))
            .unwrap();
        for (n, factors) in all.iter().enumerate() {
            file.insert_factors(format!("w{n}"), factors).unwrap();
        }
        for container in CONTAINERS {
            let back = TensorFile::from_bytes(file.to_bytes(container).unwrap()).unwrap();
            assert!(back.names().eq(file.names()));
            assert_eq!(back.factored().unwrap().len(), all.len());
            for (n, factors) in all.iter().enumerate() {
                assert_bits(&back.get_factors::<A>(&format!("w{n}")).unwrap(), factors);
            }
        }
    }
}

fn zeros_and_extremes_keep_their_bits<A: Scalar>() {
    let tiny = A::min_positive_value();
    let cores = vec![
        ArrayD::from_shape_vec(vec![1, 2, 1], vec![-A::zero(), tiny / A::narrow(4.0)]).unwrap(),
        ArrayD::from_shape_vec(vec![1, 1, 1], vec![A::max_value()]).unwrap(),
    ];
    let cores = cores
        .into_iter()
        .map(|core| core.into_dimensionality().unwrap());
    let train = TensorTrain::from_cores(cores.collect()).unwrap();
    let factors = Factors::new(train, Tensorization::identity([2, 1]).unwrap()).unwrap();
    let mut file = TensorFile::new();
    file.insert_factors("w", &factors).unwrap();
    for container in CONTAINERS {
        let back = TensorFile::from_bytes(file.to_bytes(container).unwrap()).unwrap();
        assert_bits(&back.get_factors::<A>("w").unwrap(), &factors);
    }
}

for_both_scalars!(every_format_comes_back, zeros_and_extremes_keep_their_bits);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn decompositions_come_back(
        (rows, columns, rank, seed) in (1_usize..6, 1_usize..6, 1_usize..4, any::<u64>()),
        name in "\\PC{1,10}",
    ) {
        let w = random::matrix::<f64>(rows, columns, seed);
        let layout = Tensorization::identity([rows, columns]).unwrap();
        let mut file = TensorFile::new();
        let trained = Factors::new(tt_svd(&w, rank).unwrap(), layout.clone()).unwrap();
        file.insert_factors(&*name, &trained).unwrap();
        let other = Factors::from_tucker(tucker(&w, rank).unwrap(), layout).unwrap();
        file.insert_factors(format!("{name}/"), &other).unwrap();
        for container in CONTAINERS {
            let back = TensorFile::from_bytes(file.to_bytes(container).unwrap()).unwrap();
            assert_bits(&back.get_factors(&name).unwrap(), &trained);
            assert_bits(&back.get_factors(&format!("{name}/")).unwrap(), &other);
        }
    }
}

#[test]
fn numbers_of_the_other_type_are_converted() {
    let layout = Tensorization::linear([2, 3], [4]).unwrap();
    let factors = train::<f64>(&layout, 1);
    let mut file = TensorFile::new();
    file.insert_factors("w", &factors).unwrap();
    assert_eq!(file.dtype("w/core0").unwrap(), Dtype::F64);
    // The random numbers are exact in single precision.
    let single = file.get_factors::<f32>("w").unwrap();
    for (a, b) in single.parameters().iter().zip(factors.parameters()) {
        assert!(a.iter().map(|x| f64::from(*x)).eq(b.iter().copied()));
    }
}

#[test]
fn factored_weights_are_added_and_taken_out_whole() {
    let w = Array2::from_shape_fn((6, 4), |(i, j)| (i + 2 * j) as f64);
    let layout = Tensorization::identity([6, 4]).unwrap();
    let factors = Factors::new(tt_svd(&w, 2).unwrap(), layout).unwrap();
    let mut file = TensorFile::new();
    assert!(file.factored().unwrap().is_empty());
    let error = file.get_factors::<f64>("w").unwrap_err();
    assert!(matches!(
        error.kind(),
        IoErrorKind::NotFactored { weights: 0 }
    ));
    file.insert("w", &w).unwrap();
    file.insert("v/core1", &w).unwrap();
    file.insert_factors("w", &factors).unwrap();
    file.set_metadata("plan", "mine").unwrap();
    let names: Vec<_> = file.names().collect();
    assert_eq!(names, ["w", "v/core1", "w/core0", "w/core1"]);
    // A name that is taken, of the weight or of one of its tensors, leaves the file as it was.
    for name in ["w", "v"] {
        let error = file.insert_factors(name, &factors).unwrap_err();
        assert!(matches!(error.kind(), IoErrorKind::Duplicate), "{error}");
        assert_eq!((file.len(), file.factored().unwrap().len()), (4, 1));
    }
    assert!(!file.remove_factors("v").unwrap());
    assert!(file.remove_factors("w").unwrap());
    assert_eq!(file.names().collect::<Vec<_>>(), ["w", "v/core1"]);
    assert_eq!(file.metadata().keys().collect::<Vec<_>>(), ["plan"]);
    // Factors spoilt by an optimiser are not stored.
    let mut bad = factors;
    bad.parameters_mut()[1][[1, 2, 0]] = f64::NAN;
    let error = file.insert_factors("w", &bad).unwrap_err();
    let message = "tensor `w/core1`: NaN at index [1, 2, 0]; all elements must be finite";
    assert_eq!(error.to_string(), message);
    assert_eq!(file.len(), 2);
    assert_eq!(file.get::<f64>("w").unwrap(), w.into_dyn());
}
