//! Products with dense vectors and batches.

use super::common::layout::for_each_layout;
use super::common::oracle::{distance, matmul, norm};
use super::common::random;
use super::common::strategy::check;
use super::common::tol::{assert_below, tol};
use super::{Modes, definition, modes, random_cores, random_matrix, size_of};
use tt_admm::ndarray::{Array1, Array2, Array4, ArrayD, Axis, Ix1, Ix2};
use tt_admm::{Scalar, TtMatrix};

fn products_match_the_definition<A: Scalar>() {
    let cases = (modes(), 1_usize..=4, 0_u64..1 << 40);
    check(96, &cases, |(modes, batch, seed)| {
        let cores = random_cores::<A>(&modes, seed);
        let m = TtMatrix::from_cores(cores.clone()).unwrap();
        let dense = definition(&cores);
        let x = random::matrix::<A>(dense.ncols(), batch, seed ^ 1);
        let y = m.matmul(&x).unwrap();
        assert!(y.is_standard_layout());
        let slack = tol::<A>(dense.len()) * size_of(&cores) * norm(&x);
        let expected = matmul(&dense, &x);
        assert_below(distance(&y.mapv(A::widen), &expected), slack, "batch");
        let first = m.matvec(&x.column(0)).unwrap();
        let difference = &first.mapv(A::widen) - &expected.column(0);
        assert_below(norm(&difference), slack, "vector");
        // Rows of a batch, and the transposed matrix.
        let z = random::matrix::<A>(batch, dense.nrows(), seed ^ 2);
        let back = m.transpose().matmul(&z.t()).unwrap().reversed_axes();
        let expected = matmul(&z, &dense);
        let slack = tol::<A>(dense.len()) * size_of(&cores) * norm(&z);
        assert_below(distance(&back.mapv(A::widen), &expected), slack, "rows");
    });
}

/// Wide at one end, narrow at the other: the cheaper end differs, the product does not.
fn either_end_gives_the_product<A: Scalar>() {
    for modes in [
        (vec![1, 2, 9], vec![9, 2, 1], vec![1, 3, 4, 1]),
        (vec![9, 2, 1], vec![1, 2, 9], vec![1, 3, 4, 1]),
        (vec![6, 1, 1], vec![1, 1, 6], vec![1, 2, 2, 1]),
        (vec![1, 1, 6], vec![6, 1, 1], vec![1, 2, 2, 1]),
        (vec![2, 2, 2], vec![2, 2, 2], vec![1, 1, 7, 1]),
        (vec![2, 2, 2], vec![2, 2, 2], vec![1, 7, 1, 1]),
    ] {
        let cores = random_cores::<A>(&modes, 3);
        let m = TtMatrix::from_cores(cores.clone()).unwrap();
        let dense = definition(&cores);
        for batch in [1, 5] {
            let x = random::matrix::<A>(dense.ncols(), batch, 4);
            let slack = tol::<A>(dense.len()) * size_of(&cores) * norm(&x);
            let got = m.matmul(&x).unwrap().mapv(A::widen);
            assert_below(distance(&got, &matmul(&dense, &x)), slack, "product");
        }
    }
}

fn every_layout_gives_the_same_bits<A: Scalar>() {
    let modes: Modes = (vec![3, 4], vec![2, 5], vec![1, 3, 1]);
    let m = random_matrix::<A>(&modes, 5);
    let x = random::matrix::<A>(10, 3, 6).into_dyn();
    let expected = m.matmul(&x.clone().into_dimensionality().unwrap()).unwrap();
    for_each_layout(&x, |name, view| {
        let view = view.into_dimensionality::<Ix2>().unwrap();
        assert_eq!(m.matmul(&view).unwrap(), expected, "{name}");
    });
    let x: ArrayD<A> = x.index_axis_move(Axis(1), 0);
    let expected = m
        .matvec(&x.to_owned().into_dimensionality::<Ix1>().unwrap())
        .unwrap();
    for_each_layout(&x.as_standard_layout().into_owned(), |name, view| {
        let view = view.into_dimensionality::<Ix1>().unwrap();
        assert_eq!(m.matvec(&view).unwrap(), expected, "{name}");
    });
    let repeated = Array1::from_elem(1, A::one());
    let repeated = repeated.broadcast(10).unwrap();
    assert_eq!(
        m.matvec(&repeated).unwrap(),
        m.matvec(&repeated.to_owned()).unwrap()
    );
}

fn unit_vectors_pick_columns<A: Scalar>() {
    let modes: Modes = (vec![2, 3, 2], vec![3, 1, 4], vec![1, 2, 3, 1]);
    let m = random_matrix::<A>(&modes, 7);
    let slack = tol::<A>(144) * size_of(&m.clone().into_cores());
    let columns = m.matmul(&Array2::eye(12)).unwrap();
    assert_below(distance(&columns, &m.to_dense().unwrap()), slack, "columns");
}

fn a_batch_may_be_empty<A: Scalar>() {
    let modes: Modes = (vec![2, 3], vec![3, 4], vec![1, 2, 1]);
    let m = random_matrix::<A>(&modes, 8);
    let nothing = m.matmul(&Array2::zeros((12, 0))).unwrap();
    assert_eq!(nothing.dim(), (6, 0));
    let pulled = m.matmul_pullback(&Array2::zeros((12, 0)), &Array2::zeros((6, 0)));
    let (cores, of_x) = pulled.unwrap();
    assert_eq!(of_x.dim(), (12, 0));
    assert!(
        cores
            .iter()
            .zip(m.cores())
            .all(|(g, core)| g == Array4::zeros(core.raw_dim()))
    );
}

/// Panels of a product are shared among threads; the bits are the same.
#[test]
fn the_number_of_threads_changes_nothing() {
    let modes: Modes = (vec![8, 8, 8], vec![8, 8, 8], vec![1, 24, 24, 1]);
    let m = random_matrix::<f64>(&modes, 9);
    let (x, g) = (random::matrix(512, 64, 10), random::matrix(512, 64, 11));
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| (m.matmul(&x).unwrap(), m.matmul_pullback(&x, &g).unwrap()))
    };
    assert_eq!(run(1), run(3));
}

for_both_scalars!(
    products_match_the_definition,
    either_end_gives_the_product,
    every_layout_gives_the_same_bits,
    unit_vectors_pick_columns,
    a_batch_may_be_empty,
);
