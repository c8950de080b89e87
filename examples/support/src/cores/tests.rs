//! Dense weights from the cores by slow loops, against the library's own.

use ndarray::{Array, Array2, Array3, Array4, ArrayD, Dimension, Ix2, Ix4, IxDyn};
use tt_admm::compress::decompose;
use tt_admm::{Factors, Tensorization, TrProjection, TtProjection, TuckerProjection};

use super::{ConvCores, CoresError, LinearCores};

/// Output modes, kernel, input modes, ranks.
type ConvCase = (
    &'static [usize],
    [usize; 2],
    &'static [usize],
    &'static [usize],
);

/// Numbers without a pattern, in a shape.
fn scattered<D: Dimension>(shape: D) -> Array<f32, D> {
    let mut state = 1_u32;
    Array::from_shape_simple_fn(shape, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from((state >> 16) as u16) / 32768.0 - 1.0
    })
}

fn factors(weight: &ArrayD<f32>, layout: Tensorization, ranks: &[usize]) -> Factors<f32> {
    let projection = TtProjection::new(ranks.to_vec()).layout(layout);
    decompose("w", weight, &projection).unwrap().factors
}

/// A row vector times one slice of every core; the index is split into those of the modes, the first mode
/// slowest.
fn through(cores: &[Array3<f32>], mut index: usize, start: Vec<f32>) -> Vec<f32> {
    let mut digits = Vec::new();
    for core in cores.iter().rev() {
        digits.push(index % core.dim().1);
        index /= core.dim().1;
    }
    let mut row = start;
    for (core, &digit) in cores.iter().zip(digits.iter().rev()) {
        let (left, _, right) = core.dim();
        let entry = |b: usize| (0..left).map(|a| row[a] * core[[a, digit, b]]).sum();
        row = (0..right).map(entry).collect();
    }
    row
}

fn conv_weight(cores: &ConvCores) -> Array4<f32> {
    let (ra, rb, height, width) = cores.kernel.dim();
    let shape = (
        cores.output_channels(),
        cores.input_channels(),
        height,
        width,
    );
    Array4::from_shape_fn(shape, |(o, i, h, w)| {
        let left = through(&cores.output, o, vec![1.0]);
        let entry = |b: usize| (0..ra).map(|a| left[a] * cores.kernel[[a, b, h, w]]).sum();
        let middle: Vec<f32> = (0..rb).map(entry).collect();
        through(&cores.input, i, middle)[0]
    })
}

fn linear_weight(cores: &LinearCores) -> Array2<f32> {
    Array2::from_shape_fn(
        (cores.output_features(), cores.input_features()),
        |(o, i)| {
            let left = through(&cores.output, o, vec![1.0]);
            through(&cores.input, i, left)[0]
        },
    )
}

fn assert_close<D: Dimension>(got: &Array<f32, D>, expected: &ArrayD<f32>) {
    let got = got.view().into_dyn();
    assert_eq!(got.shape(), expected.shape());
    let largest = expected.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
    let error = (&got - expected)
        .iter()
        .fold(0.0_f32, |m, x| m.max(x.abs()));
    assert!(error < 1e-5 * largest, "{error} of {largest}");
}

#[test]
fn conv_cores_rebuild_the_weight() {
    let layouts: [ConvCase; 5] = [
        (&[8], [3, 3], &[6], &[4, 5]),
        (&[2, 4], [3, 2], &[3, 2], &[2, 4, 3, 2]),
        (&[2, 1, 4], [1, 3], &[6], &[2, 2, 3, 3]),
        (&[4, 2], [1, 1], &[2, 3], &[3, 4, 4, 2]),
        (&[1], [2, 2], &[1, 5], &[1, 2, 2]),
    ];
    for (output, kernel, input, ranks) in layouts {
        let layout = Tensorization::conv(output, kernel, input).unwrap();
        let weight = scattered(IxDyn(layout.weight_shape()));
        let factors = factors(&weight, layout, ranks);
        let cores = ConvCores::try_from(&factors).unwrap();
        let (outputs, inputs) = (output.iter().product(), input.iter().product());
        assert_eq!(
            (cores.output_channels(), cores.input_channels()),
            (outputs, inputs)
        );
        assert_eq!(cores.num_parameters(), factors.num_parameters());
        assert_close(&conv_weight(&cores), &factors.to_dense());
    }
}

#[test]
fn three_convolutions_are_the_special_case() {
    let layout = Tensorization::conv([8], [3, 3], [6]).unwrap();
    let weight = scattered(IxDyn(&[8, 6, 3, 3]));
    let factors = factors(&weight, layout, &[4, 5]);
    let cores = ConvCores::try_from(&factors).unwrap();
    let [first, kernel, last] = cores.convolutions().unwrap();
    assert_eq!(first.dim(), (5, 6, 1, 1));
    assert_eq!(kernel.dim(), (4, 5, 3, 3));
    assert_eq!(last.dim(), (8, 4, 1, 1));
    let dense = Array4::from_shape_fn((8, 6, 3, 3), |(o, i, h, w)| {
        let mut sum = 0.0;
        for a in 0..4 {
            for b in 0..5 {
                sum += last[[o, a, 0, 0]] * kernel[[a, b, h, w]] * first[[b, i, 0, 0]];
            }
        }
        sum
    });
    assert_close(&dense, &factors.to_dense());

    let layout = Tensorization::conv([2, 4], [3, 3], [6]).unwrap();
    let factors = self::factors(&weight, layout, &[2, 4, 5]);
    assert_eq!(ConvCores::try_from(&factors).unwrap().convolutions(), None);
}

#[test]
fn linear_cores_rebuild_the_weight() {
    let layouts: [(&[usize], &[usize], &[usize]); 3] = [
        (&[8], &[6], &[4]),
        (&[2, 4], &[3, 2, 2], &[2, 5, 4, 2]),
        (&[4, 1, 2], &[5], &[3, 3, 4]),
    ];
    for (output, input, ranks) in layouts {
        let layout = Tensorization::linear(output, input).unwrap();
        let weight = scattered(IxDyn(layout.weight_shape()));
        let factors = factors(&weight, layout, ranks);
        let cores = LinearCores::try_from(&factors).unwrap();
        assert_eq!(cores.num_parameters(), factors.num_parameters());
        assert_close(&linear_weight(&cores), &factors.to_dense());
    }
}

#[test]
fn cores_of_a_ring_are_not_those_of_a_train() {
    let weight = scattered(IxDyn(&[8, 6]));
    let layout = Tensorization::linear([2, 4], [6]).unwrap();
    let projection = TrProjection::new([2, 3, 4]).layout(layout.clone());
    let ring = decompose("w", &weight, &projection).unwrap().factors;
    let cores = LinearCores::cyclic(&ring).unwrap();
    assert_eq!(cores.output[0].dim(), (2, 2, 3));
    assert_eq!(cores.input[0].dim(), (4, 6, 2));
    let dense = Array2::from_shape_fn((8, 6), |(o, i)| {
        (0..2)
            .map(|c| {
                let start = (0..2).map(|k| f32::from(u8::from(k == c))).collect();
                through(&cores.input, i, through(&cores.output, o, start))[c]
            })
            .sum()
    });
    assert_close(&dense, &ring.to_dense());
    let refused = LinearCores::try_from(&ring).unwrap_err();
    assert!(matches!(refused, CoresError::NoTrain { .. }));

    let train = factors(&weight, layout.clone(), &[2, 3]);
    assert_eq!(LinearCores::cyclic(&train), LinearCores::try_from(&train));
    let tucker = TuckerProjection::new([2, 3, 4]).layout(layout);
    let tucker = decompose("w", &weight, &tucker).unwrap().factors;
    let refused = LinearCores::cyclic(&tucker).unwrap_err();
    assert!(matches!(refused, CoresError::NoRing { .. }));
}

#[test]
fn other_layouts_are_refused() {
    let square = scattered(Ix2(4, 4)).into_dyn();
    let kernel = scattered(Ix4(4, 4, 2, 2)).into_dyn();
    let refused = |weight: &ArrayD<f32>, layout: Tensorization| {
        let factors = factors(weight, layout, &[2]);
        let errors = (
            ConvCores::try_from(&factors).unwrap_err(),
            LinearCores::try_from(&factors).unwrap_err(),
        );
        assert!(matches!(errors.0, CoresError::Layout { .. }));
        assert!(matches!(errors.1, CoresError::Layout { .. }));
        errors.0.to_string()
    };
    let message = refused(&square, Tensorization::tt_matrix([2, 2], [2, 2]).unwrap());
    assert!(
        message.contains("[4, 4]") && message.contains("Kh Kw"),
        "{message}"
    );
    // A kernel that is seen as a matrix of output channels and all the rest.
    let matrix = Tensorization::custom([4, 4, 2, 2], [4, 16], [0, 1], [4, 16]).unwrap();
    refused(&kernel, matrix);

    // The shapes fit, but the kernel positions have not moved between the channels.
    let layout = Tensorization::custom([4, 4, 2, 2], [4, 4, 4], [0, 1, 2], [4, 4, 4]).unwrap();
    let factors = factors(&kernel, layout, &[2, 2]);
    assert!(ConvCores::try_from(&factors).is_err());
}
