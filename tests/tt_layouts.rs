//! One logical tensor in any memory layout and any dimension type gives the same bits; every way of writing
//! ranks compiles and means the same.

// Generic test bodies are no `#[test]` functions themselves, so the lint cannot tell that they are tests.
#![allow(clippy::unwrap_used)]

#[macro_use]
mod common;

use common::{layout, random};
use tt_admm::ndarray::{
    Array, Array2, Array3, ArrayD, ArrayRef, ArrayView3, Axis, CowArray, Dimension, Ix1, Ix2, Ix3,
    Ix4, Ix5, Ix6, IxDyn, aview1,
};
use tt_admm::{Scalar, SplitOrder, TensorTrain, Truncation, TtRanks, TtSvd, tt_svd};

const ORDERS: [SplitOrder; 3] = [
    SplitOrder::Auto,
    SplitOrder::LeftToRight,
    SplitOrder::RightToLeft,
];
const SHAPES: [&[usize]; 8] = [
    &[7],
    &[6, 5],
    &[1, 9],
    &[4, 3, 5],
    &[2, 1, 6],
    &[3, 4, 2, 3],
    &[2, 3, 2, 2, 3],
    &[2; 6],
];

fn rules() -> [Truncation; 3] {
    [
        Truncation::from(2),
        Truncation::relative(0.3),
        Truncation::max_rank(2),
    ]
}

/// Same cores bit by bit and the same figures.
#[track_caller]
fn assert_same<A: Scalar>(got: &TensorTrain<A>, expected: &TensorTrain<A>, what: &str) {
    assert_eq!(got.ranks(), expected.ranks(), "{what}");
    for (k, (a, b)) in got.cores().iter().zip(expected.cores()).enumerate() {
        let same = a
            .iter()
            .zip(b)
            .all(|(x, y)| x.widen().to_bits() == y.widen().to_bits());
        assert!(same && a.is_standard_layout(), "{what}: core {k}");
    }
    assert_eq!(
        got.truncation_error(),
        expected.truncation_error(),
        "{what}"
    );
}

fn every_layout_gives_the_same_bits<A: Scalar>() {
    for shape in SHAPES {
        let x = random::tensor::<A>(shape, 1);
        for rule in rules() {
            for order in ORDERS {
                let svd = TtSvd::new(rule.clone()).order(order);
                let expected = svd.decompose(&x).unwrap();
                layout::for_each_layout(&x, |name, view| {
                    assert_eq!(view, x, "{name}: the layouts must agree");
                    let got = svd.decompose(&view).unwrap();
                    assert_same(&got, &expected, &format!("{name}, {shape:?}, {order:?}"));
                });
            }
        }
    }
}

fn broadcast_views_are_tensors_like_any_other<A: Scalar>() {
    let plane = random::matrix::<A>(4, 5, 2);
    let view = plane.broadcast((3, 4, 5)).unwrap();
    let copy = view.to_owned();
    for rule in rules() {
        let expected = tt_svd(&copy, rule.clone()).unwrap();
        assert_same(&tt_svd(&view, rule).unwrap(), &expected, "broadcast");
    }
    let one = Array::from_elem((1, 1, 1), A::narrow(0.3));
    let view = one.broadcast((4, 3, 2)).unwrap();
    assert_eq!(tt_svd(&view, Truncation::exact()).unwrap().ranks(), [1; 4]);
    let stacked = view.permuted_axes([2, 0, 1]);
    assert_same(
        &tt_svd(&stacked, 2).unwrap(),
        &tt_svd(&stacked.to_owned(), 2).unwrap(),
        "permuted broadcast",
    );
}

fn static_dimensions_agree_with_dynamic_ones<A: Scalar>() {
    fn check<A: Scalar, D: Dimension>(shape: &[usize]) {
        let x = random::tensor::<A>(shape, 3);
        let fixed = x.clone().into_dimensionality::<D>().unwrap();
        for rule in rules() {
            let expected = tt_svd(&x, rule.clone()).unwrap();
            assert_same(&tt_svd(&fixed, rule.clone()).unwrap(), &expected, "owned");
            assert_same(&tt_svd(&fixed.view(), rule).unwrap(), &expected, "view");
        }
    }
    check::<A, Ix1>(&[5]);
    check::<A, Ix2>(&[4, 5]);
    check::<A, Ix3>(&[4, 3, 5]);
    check::<A, Ix4>(&[2, 3, 4, 3]);
    check::<A, Ix5>(&[2, 3, 2, 3, 2]);
    check::<A, Ix6>(&[2, 3, 2, 1, 3, 2]);
    check::<A, IxDyn>(&[2, 2, 2, 2, 2, 2, 2]);
}

/// Any owner of the elements will do, and slices of larger arrays.
fn every_kind_of_array_is_accepted<A: Scalar>() {
    let x: Array3<A> = random::tensor(&[4, 3, 5], 4).into_dimensionality().unwrap();
    let expected = tt_svd(&x, 2).unwrap();
    let reference: &ArrayRef<A, Ix3> = &x;
    let mut changeable = x.clone();
    assert_same(&tt_svd(reference, 2).unwrap(), &expected, "reference");
    assert_same(
        &tt_svd(&changeable.view_mut(), 2).unwrap(),
        &expected,
        "mutable view",
    );
    assert_same(
        &tt_svd(&x.clone().into_shared(), 2).unwrap(),
        &expected,
        "shared",
    );
    assert_same(
        &tt_svd(&CowArray::from(x.view()), 2).unwrap(),
        &expected,
        "copy on write",
    );
    let mut larger = ArrayD::<A>::zeros(IxDyn(&[2, 4, 3, 5]));
    larger.index_axis_mut(Axis(0), 1).assign(&x);
    assert_same(
        &tt_svd(&larger.index_axis(Axis(0), 1), 2).unwrap(),
        &expected,
        "part",
    );
    let values: Vec<A> = x.iter().copied().collect();
    let view = ArrayView3::from_shape((4, 3, 5), &values).unwrap();
    assert_same(&tt_svd(&view, 2).unwrap(), &expected, "borrowed slice");
    let vector = tt_svd(&aview1(&values), 1).unwrap();
    assert_eq!(vector.to_dense().into_raw_vec_and_offset().0, values);
}

fn ranks_in_any_form_mean_the_same<A: Scalar>() {
    let x = random::tensor::<A>(&[4, 4, 4], 5);
    let expected = tt_svd(&x, [2, 2]).unwrap();
    let inner = vec![2, 2];
    let same = [
        tt_svd(&x, 2),
        tt_svd(&x, [1, 2, 2, 1]),
        tt_svd(&x, &[2, 2]),
        tt_svd(&x, &inner[..]),
        tt_svd(&x, &inner),
        tt_svd(&x, inner.clone()),
        tt_svd(&x, TtRanks::from(2)),
        tt_svd(&x, Truncation::ranks(2)),
        tt_svd(&x, Truncation::ranks([2, 2])),
        tt_svd(&x, Truncation::ranks(&inner)),
        TtSvd::new(2).decompose(&x),
        TtSvd::new([2, 2]).decompose(&x),
        TtSvd::new(Truncation::from(inner)).decompose(&x),
    ];
    for tt in same {
        assert_same(&tt.unwrap(), &expected, "ranks");
    }
    assert_eq!(tt_svd(&x, 8).unwrap().ranks(), [1, 4, 4, 1]);
    assert_eq!(tt_svd(&x, 8_usize).unwrap().ranks(), [1, 4, 4, 1]);
    // One value serves many shapes: resolving does not change it.
    let ranks = TtRanks::from(3);
    let other = Array2::from_elem((2, 9), A::one());
    assert_eq!(tt_svd(&other, ranks.clone()).unwrap().ranks(), [1, 2, 1]);
    assert_eq!(tt_svd(&x, ranks).unwrap().ranks(), [1, 3, 3, 1]);
    let empty: [usize; 0] = [];
    assert_eq!(
        tt_svd(&Array::from_elem(3, A::one()), empty)
            .unwrap()
            .ranks(),
        [1, 1]
    );
}

for_both_scalars!(
    every_layout_gives_the_same_bits,
    broadcast_views_are_tensors_like_any_other,
    static_dimensions_agree_with_dynamic_ones,
    every_kind_of_array_is_accepted,
    ranks_in_any_form_mean_the_same,
);
