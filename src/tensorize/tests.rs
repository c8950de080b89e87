#![allow(clippy::float_cmp)] // elements are moved, never computed

mod layouts;
mod roles;

use super::{Tensorization, TensorizeError, balanced_modes};
use crate::scalar::Scalar;
use ndarray::{
    Array2, Array4, ArrayD, ArrayViewD, ArrayViewMutD, Axis, IxDyn, ShapeBuilder, Slice,
};
use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

/// Row-major position of an index.
fn ravel(index: &[usize], shape: &[usize]) -> usize {
    index.iter().zip(shape).fold(0, |flat, (i, n)| flat * n + i)
}

/// Index of a row-major position.
fn unravel(mut flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (i, n) in index.iter_mut().zip(shape).rev() {
        (*i, flat) = (flat % n, flat / n);
    }
    index
}

/// Joins neighbouring lengths wherever `join` says so.
fn grouped(lengths: &[usize], join: &[bool]) -> Vec<usize> {
    let mut groups: Vec<usize> = Vec::new();
    for (k, &n) in lengths.iter().enumerate() {
        match groups.last_mut() {
            Some(last) if join[k] => *last *= n,
            _ => groups.push(n),
        }
    }
    groups
}

/// Storage for an array of this shape: 0 row-major, 1 column-major, 2 every other element, 3 backwards.
fn storage<A: Scalar>(shape: &[usize], layout: u8) -> ArrayD<A> {
    match layout {
        0 | 3 => ArrayD::zeros(IxDyn(shape)),
        1 => ArrayD::zeros(IxDyn(shape).f()),
        _ => ArrayD::zeros(shape.iter().map(|n| 2 * n).collect::<Vec<_>>()),
    }
}

fn step(layout: u8) -> isize {
    match layout {
        2 => 2,
        3 => -1,
        _ => 1,
    }
}

fn seen<A: Scalar>(storage: &ArrayD<A>, layout: u8) -> ArrayViewD<'_, A> {
    let mut view = storage.view();
    view.slice_each_axis_inplace(|_| Slice::new(0, None, step(layout)));
    view
}

fn seen_mut<A: Scalar>(storage: &mut ArrayD<A>, layout: u8) -> ArrayViewMutD<'_, A> {
    let mut view = storage.view_mut();
    view.slice_each_axis_inplace(|_| Slice::new(0, None, step(layout)));
    view
}

type Case = (Vec<usize>, Vec<usize>, Vec<bool>, Vec<bool>, u8, u8);

fn case() -> impl Strategy<Value = Case> {
    prop::collection::vec(1_usize..5, 1..6).prop_flat_map(|expanded| {
        let axes = expanded.len();
        (
            Just(expanded),
            Just((0..axes).collect::<Vec<_>>()).prop_shuffle(),
            prop::collection::vec(any::<bool>(), axes),
            prop::collection::vec(any::<bool>(), axes),
            0_u8..4,
            0_u8..4,
        )
    })
}

fn check<A: Scalar>(case: &Case) -> Result<(), proptest::test_runner::TestCaseError> {
    let (expanded, permutation, join_weight, join_tensor, from, to) = case;
    let permuted: Vec<usize> = permutation.iter().map(|&k| expanded[k]).collect();
    let weight_shape = grouped(expanded, join_weight);
    let tensor_shape = grouped(&permuted, join_tensor);
    let map = Tensorization::custom(
        weight_shape.clone(),
        expanded.clone(),
        permutation.clone(),
        tensor_shape.clone(),
    )
    .unwrap();

    let mut stored = storage::<A>(&weight_shape, *from);
    for (flat, x) in seen_mut(&mut stored, *from).iter_mut().enumerate() {
        *x = A::narrow(flat as f64 + 0.25);
    }
    let weight = seen(&stored, *from);
    let tensor = map.tensorize(&weight).unwrap();
    prop_assert!(tensor.is_standard_layout());
    prop_assert_eq!(tensor.shape(), &tensor_shape[..]);
    let mut moved = false;
    for (flat, x) in tensor.iter().enumerate() {
        let mut source = vec![0; expanded.len()];
        for (&axis, i) in permutation.iter().zip(unravel(flat, &permuted)) {
            source[axis] = i;
        }
        let origin = ravel(&source, expanded);
        moved |= origin != flat;
        prop_assert_eq!(x.widen(), origin as f64 + 0.25);
    }
    prop_assert_eq!(map.is_reshape(), !moved);
    prop_assert_eq!(map.detensorize(&tensor).unwrap(), weight.view());

    // The same through buffers of every layout.
    let mut tensor_store = storage::<A>(&tensor_shape, *to);
    map.tensorize_into(&weight, seen_mut(&mut tensor_store, *to))
        .unwrap();
    prop_assert_eq!(seen(&tensor_store, *to), tensor.view());
    prop_assert_eq!(
        map.detensorize(&seen(&tensor_store, *to)).unwrap(),
        weight.view()
    );
    let mut weight_store = storage::<A>(&weight_shape, *from);
    map.detensorize_into(
        &seen(&tensor_store, *to),
        seen_mut(&mut weight_store, *from),
    )
    .unwrap();
    // Whole stores: nothing outside the views may have been touched.
    prop_assert_eq!(weight_store, stored);
    Ok(())
}

proptest! {
    #[test]
    fn any_layout_is_mapped_and_restored_exactly(case in case()) {
        check::<f32>(&case)?;
        check::<f64>(&case)?;
    }

    #[test]
    fn linear_elements(outs in prop::collection::vec(1_usize..4, 1..4), ins in prop::collection::vec(1_usize..4, 1..4)) {
        let map = Tensorization::linear(outs.clone(), ins.clone()).unwrap();
        let shape = (outs.iter().product(), ins.iter().product());
        let weight = Array2::from_shape_fn(shape, |(o, i)| (1000 * o + i) as f64);
        let tensor = map.tensorize(&weight).unwrap();
        for ((o, i), &x) in weight.indexed_iter() {
            let at = [unravel(o, &outs), unravel(i, &ins)].concat();
            prop_assert_eq!(tensor[&at[..]], x);
        }
        prop_assert!(map.is_reshape());
    }

    #[test]
    fn tt_matrix_elements(pairs in prop::collection::vec((1_usize..4, 1_usize..4), 1..5)) {
        let (rows, cols): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
        let map = Tensorization::tt_matrix(rows.clone(), cols.clone()).unwrap();
        let shape = (rows.iter().product(), cols.iter().product());
        let weight = Array2::from_shape_fn(shape, |(m, n)| (1000 * m + n) as f64);
        let tensor = map.tensorize(&weight).unwrap();
        prop_assert_eq!(map.order(), rows.len());
        for ((m, n), &x) in weight.indexed_iter() {
            let (m, n) = (unravel(m, &rows), unravel(n, &cols));
            let at: Vec<usize> = (0..rows.len()).map(|k| m[k] * cols[k] + n[k]).collect();
            prop_assert_eq!(tensor[&at[..]], x);
        }
    }

    #[test]
    fn conv_elements(
        outs in prop::collection::vec(1_usize..4, 1..4),
        (high, wide) in (1_usize..4, 1_usize..4),
        ins in prop::collection::vec(1_usize..4, 1..4),
        channels_last in any::<bool>(),
    ) {
        let map = Tensorization::conv(outs.clone(), [high, wide], ins.clone()).unwrap();
        let (outputs, inputs): (usize, usize) = (outs.iter().product(), ins.iter().product());
        let mut weight = Array4::zeros((outputs, inputs, high, wide));
        if channels_last {
            weight = Array4::zeros((outputs, high, wide, inputs)).permuted_axes([0, 3, 1, 2]);
        }
        for (flat, x) in weight.iter_mut().enumerate() {
            *x = flat as f32;
        }
        let tensor = map.tensorize(&weight).unwrap();
        for ((o, i, h, w), &x) in weight.indexed_iter() {
            let at = [unravel(o, &outs), vec![h * wide + w], unravel(i, &ins)].concat();
            prop_assert_eq!(tensor[&at[..]], x);
        }
        prop_assert_eq!(map.detensorize(&tensor).unwrap(), weight.into_dyn());
    }
}

#[test]
fn bits_survive() {
    let odd = [f64::NAN, -0.0, f64::INFINITY, 5e-324, -f64::MAX, 1.0];
    let weight = Array2::from_shape_vec((2, 3), odd.to_vec()).unwrap();
    let map = Tensorization::custom([2, 3], [2, 3], [1, 0], [3, 2]).unwrap();
    let back = map.detensorize(&map.tensorize(&weight).unwrap()).unwrap();
    let bits = |x: &f64| x.to_bits();
    assert!(back.iter().map(bits).eq(weight.iter().map(bits)));
}

#[test]
fn maps_with_the_same_effect_are_equal() {
    let linear = Tensorization::linear([2, 3], [4]).unwrap();
    assert_eq!(
        linear,
        Tensorization::custom([6, 4], [24], [0], [2, 3, 4]).unwrap()
    );
    assert_ne!(linear, Tensorization::linear([3, 2], [4]).unwrap());
    let identity = Tensorization::identity([6, 4]).unwrap();
    assert_eq!(identity, Tensorization::linear([6], [4]).unwrap());
    assert_eq!(identity.order(), 2);
}

#[test]
fn modes_from_the_search_fit_a_layer() {
    let map = Tensorization::linear(balanced_modes(300, 2), balanced_modes(784, 2)).unwrap();
    assert_eq!(
        (map.weight_shape(), map.tensor_shape()),
        (&[300, 784][..], &[15, 20, 28, 28][..])
    );
}

#[test]
fn bad_sizes_are_refused_with_numbers() {
    use TensorizeError::{
        Empty, ModeCountMismatch, NotAPermutation, SizeMismatch, TooLarge, ZeroLength,
    };
    let no_modes: [usize; 0] = [];
    assert_eq!(
        Tensorization::linear(no_modes, [2]),
        Err(Empty {
            what: "output modes"
        })
    );
    assert_eq!(
        Tensorization::conv([2], [3, 3], no_modes),
        Err(Empty {
            what: "input modes"
        })
    );
    assert_eq!(
        Tensorization::tt_matrix([2], no_modes),
        Err(Empty {
            what: "column modes"
        })
    );
    assert_eq!(
        Tensorization::identity(no_modes),
        Err(Empty {
            what: "weight shape"
        })
    );
    assert_eq!(
        Tensorization::linear(balanced_modes(0, 2), [2]),
        Err(ZeroLength {
            what: "output modes",
            lengths: vec![0, 0],
            position: 0
        })
    );
    assert_eq!(
        Tensorization::conv([2], [3, 0], [2]),
        Err(ZeroLength {
            what: "kernel",
            lengths: vec![3, 0],
            position: 1
        })
    );
    let huge = 1_usize << 40;
    assert_eq!(
        Tensorization::linear([huge, huge], [2]),
        Err(TooLarge {
            what: "output modes",
            lengths: vec![huge, huge]
        })
    );
    assert_eq!(
        Tensorization::tt_matrix([huge], [huge]),
        Err(TooLarge {
            what: "weight",
            lengths: vec![huge, huge]
        })
    );
    assert_eq!(
        Tensorization::linear([huge], [huge]),
        Err(TooLarge {
            what: "weight shape",
            lengths: vec![huge, huge]
        })
    );
    assert_eq!(
        Tensorization::tt_matrix([2, 2], [4]),
        Err(ModeCountMismatch { rows: 2, cols: 1 })
    );
    let mismatch = Tensorization::custom([2, 3], [6], [0], [7]).unwrap_err();
    assert_eq!(
        mismatch,
        SizeMismatch {
            what: "tensor shape",
            lengths: vec![7],
            size: 7,
            weight_shape: vec![2, 3],
            weight_size: 6
        }
    );
    assert_eq!(
        mismatch.to_string(),
        "tensor shape [7] has 7 elements, but the weight [2, 3] has 6"
    );
    for bad in [vec![0, 0], vec![0], vec![1, 2], vec![0, 1, 2]] {
        assert_eq!(
            Tensorization::custom([2, 3], [2, 3], bad.clone(), [6]),
            Err(NotAPermutation {
                permutation: bad,
                axes: 2
            })
        );
    }
}

#[test]
fn arrays_of_the_wrong_shape_are_refused_untouched() {
    let map = Tensorization::linear([2, 3], [4]).unwrap();
    let wrong = |what, expected: &[usize], got: &[usize]| TensorizeError::ShapeMismatch {
        what,
        expected: expected.to_vec(),
        got: got.to_vec(),
    };
    let weight = Array2::<f32>::ones((6, 4));
    let tensor = map.tensorize(&weight).unwrap();
    assert_eq!(
        map.tensorize(&weight.t()),
        Err(wrong("weight", &[6, 4], &[4, 6]))
    );
    assert_eq!(
        map.detensorize(&weight),
        Err(wrong("tensor", &[2, 3, 4], &[6, 4]))
    );
    let mut buffer = Array2::<f32>::zeros((6, 4));
    assert_eq!(
        map.tensorize_into(&weight, buffer.view_mut()),
        Err(wrong("tensor buffer", &[2, 3, 4], &[6, 4]))
    );
    buffer.swap_axes(0, 1);
    assert_eq!(
        map.detensorize_into(&tensor, buffer.view_mut()),
        Err(wrong("weight buffer", &[6, 4], &[4, 6]))
    );
    assert_eq!(buffer.sum_axis(Axis(0)).sum(), 0.0);
}
