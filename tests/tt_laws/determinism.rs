//! The same input gives the same bits: again, on any thread, wherever the memory lies.
//!
//! A LAPACK library promises none of that, and some break it: there the error is the same but for rounding.

use super::common::random;
use super::common::tol::tol_error;
use super::{ORDERS, random_train};
use rayon::prelude::*;
use tt_admm::ndarray::{ArrayD, IxDyn};
use tt_admm::{Scalar, TensorTrain, Truncation, TtSvd};

/// Many decompositions, one after the other or on the threads of the current pool.
fn batch<A: Scalar>(parallel: bool) -> Vec<TensorTrain<A>> {
    let shapes: [&[usize]; 8] = [
        &[30, 41],
        &[9, 10, 11],
        &[64, 3, 3, 8],
        &[2; 10],
        &[5, 1, 7, 6],
        // Large enough for panels, partial sums, and several bonds at a time.
        &[2; 17],
        &[96, 9, 160],
        &[40, 4096],
    ];
    let jobs: Vec<(u64, &[usize], Truncation)> = shapes
        .into_iter()
        .zip(0..)
        .flat_map(|(shape, seed)| {
            [
                Truncation::from(4),
                Truncation::relative(0.5),
                Truncation::max_rank(6),
            ]
            .map(|rule| (seed, shape, rule))
        })
        .collect();
    let run = |(seed, shape, rule): &(u64, &[usize], Truncation)| {
        let x = random::tensor::<A>(shape, *seed);
        ORDERS.map(|order| TtSvd::new(rule.clone()).order(order).decompose(&x).unwrap())
    };
    if parallel {
        jobs.par_iter().flat_map_iter(run).collect()
    } else {
        jobs.iter().flat_map(run).collect()
    }
}

fn same<A: Scalar>(got: &[TensorTrain<A>], expected: &[TensorTrain<A>]) -> bool {
    if !cfg!(feature = "_lapack") {
        return got == expected;
    }
    got.len() == expected.len()
        && got.iter().zip(expected).all(|(a, b)| {
            let [x, y] = [a, b].map(|tt| tt.truncation_error().relative());
            a.ranks() == b.ranks() && (x - y).abs() <= tol_error::<A>()
        })
}

fn the_number_of_threads_does_not_matter<A: Scalar>() {
    let expected = batch::<A>(false);
    for threads in [1, 2, 7] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        assert!(
            same(&pool.install(|| batch::<A>(false)), &expected),
            "inside a pool of {threads}"
        );
        assert!(
            same(&pool.install(|| batch::<A>(true)), &expected),
            "spread over {threads}"
        );
    }
}

/// The same numbers at different addresses: alignment must not leak into the result.
fn the_address_does_not_matter<A: Scalar>() {
    for shape in [&[13, 17][..], &[7, 6, 5], &[33, 4], &[3, 3, 3, 3, 3]] {
        let x = random::tensor::<A>(shape, 11);
        let expected: Vec<_> = ORDERS
            .iter()
            .map(|&order| TtSvd::new(2).order(order).decompose(&x).unwrap())
            .collect();
        let train = random_train::<A>(shape, &super::common::oracle::clipped_ranks(shape, 2), 3);
        let (norm, dense) = (train.norm(), train.to_dense());
        for offset in 0..9 {
            // Small allocations kept alive shift whatever the library allocates next.
            let _shift: Vec<Vec<u8>> = (0..offset * 3).map(|k| vec![1; 16 + 8 * k]).collect();
            let mut memory = vec![A::zero(); offset + x.len()];
            memory[offset..].copy_from_slice(x.as_slice().unwrap());
            let view =
                tt_admm::ndarray::ArrayViewD::from_shape(IxDyn(shape), &memory[offset..]).unwrap();
            for (order, expected) in ORDERS.iter().zip(&expected) {
                let got = TtSvd::new(2).order(*order).decompose(&view).unwrap();
                let [got, expected] = [&got, expected].map(std::slice::from_ref);
                assert!(same(got, expected), "offset {offset}, {order:?}, {shape:?}");
            }
            let again = train.clone();
            assert_eq!(again.norm(), norm, "offset {offset}");
            let got: ArrayD<A> = again.to_dense();
            assert_eq!(got, dense, "offset {offset}");
        }
    }
}

for_both_scalars!(
    the_number_of_threads_does_not_matter,
    the_address_does_not_matter
);
