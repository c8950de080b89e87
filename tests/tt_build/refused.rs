//! Bad input to constructors and to what is done with modes: the right variant, with its numbers.

use super::common::random::Rng;
use super::{assert_says, random_train};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use tt_admm::ndarray::{Array1, Array2, ArrayView1, Slice, array};
use tt_admm::{RankError, Scalar, TensorTrain, Truncation, TtError, TtRanks};

type Made<A> = Result<TensorTrain<A>, TtError>;
type OfShape<A> = fn(&[usize]) -> Made<A>;
type OfVectors<A> = fn(Vec<ArrayView1<'_, A>>) -> Made<A>;

fn random<A: Scalar>(shape: &[usize], ranks: impl Into<TtRanks>) -> Made<A> {
    TensorTrain::random(shape, ranks, &mut Xoshiro256PlusPlus::seed_from_u64(1))
}

fn shapes_without_elements<A: Scalar>() {
    let all: [OfShape<A>; 6] = [
        TensorTrain::zeros,
        TensorTrain::ones,
        |shape| TensorTrain::constant(shape, A::one()),
        |shape| TensorTrain::unit(shape, &vec![0; shape.len()]),
        TensorTrain::index_sum,
        |shape| random(shape, 2),
    ];
    for make in all {
        assert_eq!(make(&[]).unwrap_err(), TtError::NoModes);
        for (shape, mode) in [(&[0][..], 0), (&[3, 0], 1), (&[2, 0, 0, 4], 1)] {
            let error = make(shape).unwrap_err();
            let shape = shape.to_vec();
            assert_says(&error, &[&format!("mode {mode}"), &format!("{shape:?}")]);
            assert_eq!(error, TtError::EmptyMode { mode, shape });
        }
        let error = make(&[2, usize::MAX]).unwrap_err();
        assert!(matches!(error, TtError::TooLarge { .. }), "{error:?}");
        assert!(make(&[1]).is_ok() && make(&[1, 1, 1]).is_ok() && make(&[2; 400]).is_ok());
    }
}

fn bad_vectors<A: Scalar>() {
    let makers: [OfVectors<A>; 3] = [
        |v| TensorTrain::rank_one(v),
        |v| TensorTrain::sum_of(v),
        |v| TensorTrain::polynomial_of_sum(v, &[A::one(), A::one()]),
    ];
    let (good, empty) = (Array1::<A>::ones(3), Array1::<A>::zeros(0));
    for make in makers {
        assert_eq!(make(vec![]).unwrap_err(), TtError::NoModes);
        assert_eq!(
            make(vec![good.view(), empty.view()]).unwrap_err(),
            TtError::EmptyMode {
                mode: 1,
                shape: vec![3, 0]
            }
        );
        for bad in [A::nan(), A::infinity(), A::neg_infinity()] {
            let mut vector = good.clone();
            vector[2] = bad;
            let error = make(vec![good.view(), vector.view()]).unwrap_err();
            assert_says(&error, &["vector 1", "[2]", &bad.to_string()]);
        }
    }
}

fn bad_numbers<A: Scalar>() {
    let views = [array![A::one()]];
    for bad in [A::nan(), A::infinity()] {
        let error = TensorTrain::constant(&[2, 3], bad).unwrap_err();
        assert_says(&error, &["the value", &bad.to_string(), "finite"]);
        let error = TensorTrain::polynomial_of_sum(&views, &[A::one(), bad]).unwrap_err();
        assert_says(&error, &["coefficient", &bad.to_string()]);
    }
    let huge = [array![A::max_value()], array![A::max_value()]];
    let error = TensorTrain::polynomial_of_sum(&huge, &[A::zero(), A::zero(), A::max_value()]);
    assert!(
        matches!(
            error,
            Err(TtError::NonFinite { .. } | TtError::NonFiniteArgument { .. })
        ),
        "{error:?}"
    );
    let error = TensorTrain::<A>::unit(&[2, 3], &[1, 3]).unwrap_err();
    assert_eq!(
        error,
        TtError::IndexOutOfBounds {
            index: vec![1, 3],
            shape: vec![2, 3]
        }
    );
    assert!(TensorTrain::<A>::unit(&[2, 3], &[1]).is_err());
    assert!(TensorTrain::<A>::unit(&[2, 3], &[1, 0, 0]).is_err());
}

fn bad_ranks<A: Scalar>() {
    let train = random_train::<A>(&[3, 4, 5], &[1, 2, 3, 1], 1);
    let all: [&dyn Fn(TtRanks) -> Made<A>; 4] = [
        &|ranks| random(&[3, 4, 5], ranks),
        &|ranks| train.pad_ranks(ranks),
        &|ranks| train.permute(&[0, 1, 2], ranks),
        &|ranks| train.split_mode(2, &[5], ranks),
    ];
    for make in all {
        let error = |ranks: TtRanks| make(ranks).unwrap_err();
        assert_eq!(
            error(0.into()),
            RankError::Zero {
                bond: 1,
                largest: 3
            }
            .into()
        );
        assert_eq!(
            error([2, 0].into()),
            RankError::Zero {
                bond: 2,
                largest: 5
            }
            .into()
        );
        assert_eq!(
            error([2].into()),
            RankError::Count { order: 3, got: 1 }.into()
        );
        assert_eq!(
            error([1, 2, 2, 3].into()),
            RankError::End { bond: 3, got: 3 }.into()
        );
    }
    for tolerance in [-1.0, f64::NAN, f64::INFINITY] {
        for rule in [
            Truncation::relative(tolerance),
            Truncation::absolute(tolerance),
        ] {
            assert!(matches!(
                train.permute(&[1, 0, 2], rule.clone()),
                Err(TtError::Rank(_))
            ));
            assert!(matches!(
                train.split_mode(1, &[2, 2], rule),
                Err(TtError::Rank(_))
            ));
        }
    }
}

fn modes_that_do_not_exist<A: Scalar>() {
    let train = random_train::<A>(&[3, 4, 5], &[1, 2, 3, 1], 1);
    let ones = Array1::<A>::ones(5);
    let all: [Made<A>; 5] = [
        train.select(3, 0),
        train.contract(3, &ones),
        train.concatenate(3, &[&train]),
        train.split_mode(3, &[1], 2),
        train.merge_modes(3..4),
    ];
    for result in all {
        let error = result.unwrap_err();
        assert_eq!(error, TtError::NoSuchMode { mode: 3, order: 3 });
        assert_says(&error, &["no mode 3", "0 to 2"]);
    }
    assert_eq!(
        train.select(usize::MAX, 0).unwrap_err(),
        TtError::NoSuchMode {
            mode: usize::MAX,
            order: 3
        }
    );
    for (range, mode) in [(0..4, 4), (2..usize::MAX, usize::MAX), (1..1, 1)] {
        assert_eq!(
            train.merge_modes(range).unwrap_err(),
            TtError::NoSuchMode { mode, order: 3 }
        );
    }
    let vector = random_train::<A>(&[5], &[1, 1], 2);
    assert_eq!(vector.select(0, 1).unwrap_err(), TtError::NoModes);
    assert_eq!(vector.contract(0, &ones).unwrap_err(), TtError::NoModes);
    assert!(vector.contract_all([&ones]).is_ok());
}

fn bad_indices_and_vectors<A: Scalar>() {
    let train = random_train::<A>(&[3, 4, 5], &[1, 2, 3, 1], 1);
    let error = train.select(1, 4).unwrap_err();
    assert_eq!(
        error,
        TtError::IndexOutOfBounds {
            index: vec![4],
            shape: vec![4]
        }
    );
    let rows = array![[0, 0, 0], [2, 3, 5], [9, 9, 9]];
    let error = train.get_many(rows.view()).unwrap_err();
    assert_eq!(
        error,
        TtError::IndexOutOfBounds {
            index: vec![2, 3, 5],
            shape: vec![3, 4, 5]
        }
    );
    for columns in [0, 2, 4] {
        for rows in [0, 3] {
            let error = train
                .get_many(Array2::zeros((rows, columns)).view())
                .unwrap_err();
            assert!(matches!(error, TtError::Count { order: 3, got, .. } if got == columns));
            assert_says(
                &error,
                &["3 indices in each row", &format!("got {columns}")],
            );
        }
    }
    for index in [
        &[][..],
        &[0, 0],
        &[0, 0, 0, 0],
        &[3, 0, 0],
        &[0, 0, usize::MAX],
    ] {
        assert!(matches!(
            train.get(index),
            Err(TtError::IndexOutOfBounds { .. })
        ));
    }
    let error = train.contract(1, &Array1::ones(5)).unwrap_err();
    assert_eq!(
        error,
        TtError::ShapeMismatch {
            expected: vec![4],
            got: vec![5]
        }
    );
    let error = train
        .contract(1, &array![A::one(), A::nan(), A::one(), A::one()])
        .unwrap_err();
    assert_says(&error, &["NaN", "[1]"]);
    let [a, b, c] = [3, 4, 5].map(Array1::<A>::ones);
    let error = train.contract_all([&a, &c, &b]).unwrap_err();
    assert_eq!(
        error,
        TtError::ShapeMismatch {
            expected: vec![3, 4, 5],
            got: vec![3, 5, 4]
        }
    );
    let error = train.contract_all([&a, &b]).unwrap_err();
    assert_eq!(
        error,
        TtError::ShapeMismatch {
            expected: vec![3, 4, 5],
            got: vec![3, 4]
        }
    );
    let error = train
        .contract_all([&a, &(&b * A::infinity()), &c])
        .unwrap_err();
    assert_says(&error, &["vector 1", "inf"]);
}

fn bad_slices<A: Scalar>() {
    let train = random_train::<A>(&[3, 4, 5], &[1, 2, 3, 1], 1);
    let all = Slice::from(..);
    let step_0 = Slice {
        start: 0,
        end: None,
        step: 0,
    };
    for slice in [
        Slice::from(2..2),
        Slice::new(3, Some(2), 1),
        Slice::from(0..5),
        Slice::from(4..),
        Slice::from(-5..),
        Slice::new(0, Some(-4), 1),
        Slice::new(isize::MIN, Some(isize::MAX), 1),
        Slice::new(isize::MAX, None, -1),
        step_0,
    ] {
        let error = train.slice([all, slice, all]).unwrap_err();
        assert_eq!(
            error,
            TtError::Slice {
                mode: 1,
                size: 4,
                slice
            }
        );
        assert_says(&error, &["mode 1", "size 4", &format!("{slice:?}")]);
    }
    for count in [0, 1, 2, 4] {
        let error = train.slice(vec![0..1; count]).unwrap_err();
        assert_eq!(
            error,
            TtError::Count {
                what: "slices",
                order: 3,
                got: count
            }
        );
    }
}

fn bad_orders_and_sizes<A: Scalar>() {
    let train = random_train::<A>(&[3, 4, 5], &[1, 2, 3, 1], 1);
    for axes in [
        &[][..],
        &[0, 1],
        &[0, 1, 2, 3],
        &[0, 1, 3],
        &[0, 1, 1],
        &[2, 2, 2],
        &[0, 1, usize::MAX],
    ] {
        let error = train.permute(axes, 2).unwrap_err();
        assert_eq!(
            error,
            TtError::Permutation {
                axes: axes.to_vec(),
                order: 3
            }
        );
        assert_says(&error, &[&format!("{axes:?}"), "order 3"]);
    }
    for sizes in [
        &[][..],
        &[2],
        &[2, 3],
        &[4, 0],
        &[0],
        &[usize::MAX, usize::MAX],
    ] {
        let error = train.split_mode(1, sizes, 2).unwrap_err();
        assert_eq!(
            error,
            TtError::SplitSizes {
                mode: 1,
                size: 4,
                sizes: sizes.to_vec()
            }
        );
        assert_says(&error, &["mode 1", "size 4", &format!("{sizes:?}")]);
    }
    let ones = TensorTrain::<A>::ones(&[1 << 20; 5]).unwrap();
    assert!(matches!(
        ones.merge_modes(0..5),
        Err(TtError::TooLarge { .. })
    ));
}

fn trains_that_do_not_fit<A: Scalar>() {
    let train = random_train::<A>(&[3, 4, 5], &[1, 2, 3, 1], 1);
    let mut rng = Rng::new(3);
    for shape in [
        &[3, 4][..],
        &[3, 4, 5, 1],
        &[3, 4, 6],
        &[2, 4, 5],
        &[4, 3, 5],
    ] {
        let ranks = vec![1; shape.len() + 1];
        let other = random_train::<A>(shape, &ranks, rng.next());
        let error = train.concatenate(1, &[&train, &other]).unwrap_err();
        let TtError::ShapeMismatch { expected, got } = error else {
            panic!("{error:?}")
        };
        assert_eq!(got, shape);
        assert_eq!((expected[0], expected[2], expected.len()), (3, 5, 3));
    }
    assert_eq!(train.concatenate(2, &[]).unwrap(), train);
}

for_both_scalars!(
    shapes_without_elements,
    bad_vectors,
    bad_numbers,
    bad_ranks,
    modes_that_do_not_exist,
    bad_indices_and_vectors,
    bad_slices,
    bad_orders_and_sizes,
    trains_that_do_not_fit,
);
