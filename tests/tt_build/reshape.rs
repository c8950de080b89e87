//! Neighbouring modes as one, and a mode as several: reshapes of the dense tensor.

use super::common::oracle::{dense, distance, norm};
use super::common::random;
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_near, tol_error};
use super::{assert_is, bound, random_train};
use tt_admm::ndarray::{ArrayD, IxDyn};
use tt_admm::{Scalar, TensorTrain, Truncation, tt_svd};

fn reshaped(x: &ArrayD<f64>, shape: &[usize]) -> ArrayD<f64> {
    x.clone().into_shape_with_order(IxDyn(shape)).unwrap()
}

fn merged_modes_split_again<A: Scalar>() {
    check(
        48,
        &(shape_and_ranks(1_usize..=6, 300, 4), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let train = random_train::<A>(&shape, &ranks, seed);
            let x = dense(train.cores());
            let scale = bound(train.cores());
            for start in 0..shape.len() {
                for end in start + 1..=shape.len() {
                    let merged = train.merge_modes(start..end).unwrap();
                    let mut short = shape.clone();
                    short.splice(start..end, [shape[start..end].iter().product()]);
                    assert_is(&merged, &reshaped(&x, &short), scale);
                    let inner = merged
                        .ranks()
                        .iter()
                        .eq(ranks[..=start].iter().chain(&ranks[end..]));
                    assert!(inner, "{:?} of {ranks:?}", merged.ranks());
                    let exact = Truncation::exact();
                    let split = merged.split_mode(start, &shape[start..end], exact).unwrap();
                    assert_is(&split, &x, scale);
                    assert!(split.ranks().iter().zip(&ranks).all(|(a, b)| a <= b));
                }
            }
        },
    );
}

fn splitting_reports_its_error<A: Scalar>() {
    let x = random::tensor::<A>(&[3, 24, 4], 6);
    let train = tt_svd(&x, Truncation::exact()).unwrap();
    let x = reshaped(&x.mapv(A::widen), &[3, 2, 3, 4, 4]);
    for (rule, ranks) in [
        (Truncation::from(3), Some([1, 3, 3, 3, 3, 1])),
        (Truncation::from([2, 4, 3, 2]), Some([1, 2, 4, 3, 2, 1])),
        (Truncation::relative(0.3), None),
        (Truncation::absolute(2.0), None),
    ] {
        let split = train.split_mode(1, &[2, 3, 4], rule.clone()).unwrap();
        assert_eq!(split.shape(), [3, 2, 3, 4, 4]);
        let error = split.truncation_error();
        let far = distance(&dense(split.cores()), &x);
        assert_near(error.total(), far, tol_error::<A>() * norm(&x));
        assert_near(error.relative(), far / norm(&x), tol_error::<A>());
        assert!(error.tolerance_met());
        if let Some(ranks) = ranks {
            // Nearly the error of a decomposition of the dense tensor with these ranks.
            assert_eq!(split.ranks(), ranks);
            let direct = tt_svd(&x.mapv(A::narrow), rule).unwrap();
            assert_near(error.total(), direct.truncation_error().total(), 0.1 * far);
        }
    }
    assert_eq!(
        train.split_mode(1, &[2, 3, 4], 3).unwrap().ranks(),
        [1, 3, 3, 3, 3, 1]
    );
}

fn trivial_splits_and_merges<A: Scalar>() {
    let train = random_train::<A>(&[4, 6, 3], &[1, 3, 2, 1], 3);
    let x = dense(train.cores());
    let scale = bound(train.cores());
    let exact = Truncation::exact;
    assert_is(&train.split_mode(1, &[6], exact()).unwrap(), &x, scale);
    let ones = train.split_mode(1, &[1, 6, 1], exact()).unwrap();
    assert_is(&ones, &reshaped(&x, &[4, 1, 6, 1, 3]), scale);
    assert_is(&ones.merge_modes(1..4).unwrap(), &x, scale);
    assert_is(
        &train.merge_modes(0..3).unwrap(),
        &reshaped(&x, &[72]),
        scale,
    );
    let one = train.merge_modes(1..2).unwrap();
    assert_is(&one, &x, scale);
    let zero = TensorTrain::<A>::zeros(&[4, 6]).unwrap();
    let split = zero.split_mode(1, &[2, 3], exact()).unwrap();
    assert_eq!((split.shape(), split.norm()), (&[4, 2, 3][..], A::zero()));
}

for_both_scalars!(
    merged_modes_split_again,
    splitting_reports_its_error,
    trivial_splits_and_merges,
);
