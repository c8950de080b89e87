//! Core and factors as they are given.

use super::{dense, element};
use crate::common::{oracle, random, tol};
use tt_admm::ndarray::{Array2, ArrayD, IxDyn, array};
use tt_admm::{Scalar, Tucker};

for_both_scalars!(elements_norm_and_dense_tensor, extreme_parts_have_a_norm);

/// A core and its factors.
type Parts<A> = (ArrayD<A>, Vec<Option<Array2<A>>>);

/// Every mix of modes with and without a factor, larger and smaller than the core.
fn parts<A: Scalar>() -> Vec<Parts<A>> {
    let mut list = Vec::new();
    for mask in 0..8_usize {
        for sizes in [[4, 5, 6], [2, 1, 3], [7, 2, 1]] {
            let ranks = [2, 3, 4];
            let seed = (mask * 10 + sizes[0]) as u64;
            let factors = (0..3)
                .map(|k| {
                    (mask >> k & 1 == 1)
                        .then(|| random::matrix(sizes[k], ranks[k], seed + k as u64))
                })
                .collect();
            list.push((random::tensor(&ranks, seed), factors));
        }
    }
    list
}

fn elements_norm_and_dense_tensor<A: Scalar>() {
    for (core, factors) in parts::<A>() {
        let t = Tucker::from_parts(core.clone(), factors.clone()).unwrap();
        let stored: usize = factors.iter().flatten().map(Array2::len).sum();
        assert_eq!(t.num_parameters(), core.len() + stored);
        assert_eq!((t.order(), t.ranks()), (3, core.shape()));
        let expected = dense(&t);
        let slack = tol::tol::<A>(core.len()) * oracle::norm(&expected).max(1.0);
        let got = t.to_dense();
        assert!(got.is_standard_layout());
        tol::assert_below(
            oracle::distance(&got.mapv(A::widen), &expected),
            slack,
            "dense",
        );
        tol::assert_near(t.norm().widen(), oracle::norm(&expected), slack);
        for (index, _) in expected.indexed_iter() {
            let index = tt_admm::ndarray::Dimension::slice(&index);
            let got = t.get(index).unwrap().widen();
            tol::assert_near(got, element(&core, &factors, index), slack);
        }
        let back = Tucker::from_parts(t.core().to_owned(), t.factors().to_vec()).unwrap();
        assert_eq!(back, t);
        assert_eq!(back.into_parts(), (core, factors));
    }
}

#[test]
fn parts_in_column_major_order_are_the_same() {
    let core = random::tensor::<f64>(&[2, 3], 1);
    let factor = random::matrix::<f64>(4, 2, 2);
    let plain = Tucker::from_parts(core.clone(), vec![Some(factor.clone()), None]).unwrap();
    let columns = Tucker::from_parts(
        crate::common::layout::column_major(&core),
        vec![
            Some(factor.t().as_standard_layout().into_owned().reversed_axes()),
            None,
        ],
    )
    .unwrap();
    assert_eq!(columns, plain);
    assert_eq!(columns.to_dense(), plain.to_dense());
}

/// The norm of a tensor whose parts are far apart in size, where squares would be zero or infinite.
fn extreme_parts_have_a_norm<A: Scalar>() {
    let (large, small) = if tol::is_single::<A>() {
        (1e30, 1e-30)
    } else {
        (1e200, 1e-200)
    };
    let core = ArrayD::from_elem(IxDyn(&[1, 1]), A::narrow(large));
    let factor = |x: f64| Some(array![[A::narrow(3.0 * x)], [A::narrow(4.0 * x)]]);
    let t = Tucker::from_parts(core, vec![factor(small), factor(1.0)]).unwrap();
    tol::assert_near(t.norm().widen(), 25.0, 25.0 * tol::tol::<A>(4));
}
