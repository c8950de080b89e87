//! From dense matrices and back, elements, cores, layouts.

use super::common::layout::for_each_layout;
use super::common::oracle::{distance, norm};
use super::common::random;
use super::common::strategy::check;
use super::common::tol::{assert_below, assert_near, is_single, tol, tol_error};
use super::{Modes, definition, modes, random_cores, random_matrix, size_of};
use tt_admm::ndarray::{Array2, Array4, Ix2, ShapeBuilder};
use tt_admm::{Scalar, Tensorization, Truncation, TtMatrix, TtSvd};

fn cores_give_the_matrix_of_the_definition<A: Scalar>() {
    check(48, &(modes(), 0_u64..1 << 40), |(modes, seed)| {
        let cores = random_cores::<A>(&modes, seed);
        let m = TtMatrix::from_cores(cores.clone()).unwrap();
        let (rows, cols, ranks) = &modes;
        assert_eq!((m.row_modes(), m.col_modes()), (&rows[..], &cols[..]));
        assert_eq!((m.ranks(), m.order()), (&ranks[..], rows.len()));
        assert_eq!(
            m.num_parameters(),
            cores.iter().map(Array4::len).sum::<usize>()
        );
        assert_eq!(m.truncation_error().total(), 0.0);
        let expected = definition(&cores);
        let sides = (m.num_rows().unwrap(), m.num_cols().unwrap());
        assert_eq!(sides, expected.dim());
        let dense = m.to_dense().unwrap();
        assert!(dense.is_standard_layout());
        let slack = tol::<A>(dense.len()) * size_of(&cores);
        assert_below(distance(&dense.mapv(A::widen), &expected), slack, "dense");
        for ((i, j), &x) in expected.indexed_iter() {
            assert_near(m.get(i, j).unwrap().widen(), x, slack);
        }
        assert!(m.cores().eq(cores.iter().map(|core| core.view())));
        assert!((0..m.order()).all(|k| m.core(k) == cores[k]));
        assert_eq!(m.clone().into_cores(), cores);
        let column_major = cores.iter().map(|core| {
            let mut other = Array4::zeros(core.raw_dim().f());
            other.assign(core);
            other
        });
        assert_eq!(TtMatrix::from_cores(column_major.collect()).unwrap(), m);
        let train = m.as_tensor_train().clone();
        assert_eq!(m.clone().into_tensor_train(), train);
        let again = TtMatrix::from_tensor_train(train, &rows[..], &cols[..]).unwrap();
        assert_eq!(again, m);
    });
}

fn dense_matrices_come_back<A: Scalar>() {
    check(32, &(modes(), 0_u64..1 << 40), |((rows, cols, _), seed)| {
        let sides = (rows.iter().product(), cols.iter().product());
        let dense = random::matrix::<A>(sides.0, sides.1, seed);
        let m = TtMatrix::from_dense(&dense, &rows[..], &cols[..], Truncation::exact()).unwrap();
        let slack = tol::<A>(dense.len()) * norm(&dense);
        assert_below(distance(&m.to_dense().unwrap(), &dense), slack, "distance");
        assert_near(m.norm().widen(), norm(&dense), slack);
        // The same bits as TT-SVD of the tensor in the TT-matrix layout.
        let layout = Tensorization::tt_matrix(&rows[..], &cols[..]).unwrap();
        let tensor = layout.tensorize(&dense).unwrap();
        let train = TtSvd::new(Truncation::exact()).decompose(&tensor).unwrap();
        assert_eq!(m.as_tensor_train(), &train);
        let back = layout.detensorize(&train.to_dense()).unwrap();
        assert_eq!(m.to_dense().unwrap().into_dyn(), back);
    });
}

fn the_truncation_error_is_the_distance<A: Scalar>() {
    let dense = random::matrix::<A>(24, 30, 5);
    for rule in [
        Truncation::from(1),
        Truncation::from([2, 4]),
        Truncation::relative(0.5),
        Truncation::absolute(8.0),
    ] {
        let m = TtMatrix::from_dense(&dense, [4, 3, 2], [2, 5, 3], rule).unwrap();
        let measured = distance(&m.to_dense().unwrap(), &dense);
        let error = m.truncation_error();
        assert_near(error.total(), measured, tol_error::<A>() * norm(&dense));
        assert!(error.total() > 0.1 && error.tolerance_met());
        assert_eq!(m.transpose().truncation_error(), error);
    }
}

fn every_layout_gives_the_same_bits<A: Scalar>() {
    let dense = random::matrix::<A>(12, 10, 6).into_dyn();
    let make = |x: &Array2<A>| TtMatrix::from_dense(x, [3, 4], [5, 2], 3).unwrap();
    let expected = make(&dense.clone().into_dimensionality().unwrap());
    for_each_layout(&dense, |name, view| {
        let view = view.into_dimensionality::<Ix2>().unwrap();
        let m = TtMatrix::from_dense(&view, [3, 4], [5, 2], 3).unwrap();
        assert_eq!(m, expected, "{name}");
        assert_eq!(m.truncation_error(), expected.truncation_error(), "{name}");
    });
}

/// `33 x 46` as `(11 3) x (23 2)` at rank 50 is exact: no rank of `253 x 6` is above 6.
fn fact_43_a_rank_above_all_is_exact<A: Scalar>() {
    let dense = random::matrix::<A>(33, 46, 7);
    let m = TtMatrix::from_dense(&dense, [11, 3], [23, 2], 50).unwrap();
    assert_eq!(m.ranks(), [1, 6, 1]);
    let slack = tol::<A>(dense.len()) * norm(&dense);
    assert_below(distance(&m.to_dense().unwrap(), &dense), slack, "distance");
    let square = random::matrix::<A>(33, 33, 8);
    let m = TtMatrix::from_dense(&square, [11, 3], [11, 3], 50).unwrap();
    let trace: f64 = square.diag().iter().map(|x| x.widen()).sum();
    assert_near(
        m.trace().unwrap().widen(),
        trace,
        tol::<A>(33) * norm(&square),
    );
}

fn zero_matrices_have_rank_one<A: Scalar>() {
    for (rows, cols) in [
        (&[1][..], &[1][..]),
        (&[2, 3], &[4, 1]),
        (&[1, 1, 2], &[3, 1, 2]),
    ] {
        let sides = (rows.iter().product(), cols.iter().product());
        let dense = Array2::<A>::zeros(sides);
        for rule in [
            Truncation::from(3),
            Truncation::exact(),
            Truncation::relative(0.1),
        ] {
            let m = TtMatrix::from_dense(&dense, rows, cols, rule).unwrap();
            assert_eq!(m.ranks(), vec![1; rows.len() + 1]);
            assert_eq!(m.to_dense().unwrap(), dense);
            assert_eq!((m.norm(), m.log_norm()), (A::zero(), f64::NEG_INFINITY));
            let x = Array2::ones((sides.1, 2));
            assert_eq!(m.matmul(&x).unwrap(), Array2::zeros((sides.0, 2)));
            let square = m.compose(&m.transpose()).unwrap();
            assert_eq!(square.norm(), A::zero());
            assert_eq!(square.trace().unwrap(), A::zero());
        }
    }
}

fn modes_of_size_one_change_nothing<A: Scalar>() {
    let dense = random::matrix::<A>(6, 8, 9);
    let plain = TtMatrix::from_dense(&dense, [2, 3], [4, 2], 2).unwrap();
    let slack = tol::<A>(48) * norm(&dense);
    for (rows, cols) in [
        ([1, 2, 1, 3], [1, 4, 1, 2]),
        ([2, 1, 3, 1], [4, 1, 2, 1]),
        ([2, 3, 1, 1], [4, 2, 1, 1]),
    ] {
        let m = TtMatrix::from_dense(&dense, rows, cols, 2).unwrap();
        let (got, expected) = (m.to_dense().unwrap(), plain.to_dense().unwrap());
        assert_below(distance(&got, &expected), slack, "distance");
        let x = random::matrix::<A>(8, 3, 10);
        let (got, expected) = (m.matmul(&x).unwrap(), plain.matmul(&x).unwrap());
        assert_below(distance(&got, &expected), slack * norm(&x), "product");
    }
    // A row vector, a column vector and a number, in several digits.
    for (rows, cols) in [([1, 1], [4, 2]), ([4, 2], [1, 1]), ([1, 1], [1, 1])] {
        let sides = (rows.iter().product(), cols.iter().product());
        let dense = random::matrix::<A>(sides.0, sides.1, 11);
        let m = TtMatrix::from_dense(&dense, rows, cols, Truncation::exact()).unwrap();
        let slack = tol::<A>(8) * norm(&dense);
        assert_below(distance(&m.to_dense().unwrap(), &dense), slack, "distance");
    }
}

fn one_pair_of_modes_is_the_matrix_itself<A: Scalar>() {
    let dense = random::matrix::<A>(5, 7, 12);
    let m = TtMatrix::from_dense(&dense, [5], [7], 1).unwrap();
    assert_eq!((m.ranks(), m.num_parameters()), (&[1, 1][..], 35));
    assert_eq!(m.to_dense().unwrap(), dense);
    assert_eq!(m.get(3, 6).unwrap(), dense[[3, 6]]);
}

fn cores_can_be_changed_in_place<A: Scalar>() {
    let modes: Modes = (vec![2, 3], vec![4, 2], vec![1, 2, 1]);
    let mut m = random_matrix::<A>(&modes, 13);
    let before = m.to_dense().unwrap();
    let two = A::one() + A::one();
    for (k, mut core) in m.cores_mut().enumerate() {
        assert_eq!(core.dim(), [(1, 2, 4, 2), (2, 3, 2, 1)][k]);
        core.mapv_inplace(|x| two * x);
    }
    assert_eq!(m.to_dense().unwrap(), before * (two * two));
}

fn a_stored_matrix_comes_back<A: Scalar>() {
    let dense = random::matrix::<A>(12, 10, 14);
    let m = TtMatrix::from_dense(&dense, [3, 4], [5, 2], 3).unwrap();
    let json = serde_json::to_string(&m).unwrap();
    let back: TtMatrix<A> = serde_json::from_str(&json).unwrap();
    assert_eq!(back, m);
    assert_eq!(back.truncation_error(), m.truncation_error());
    for (from, to, why) in [
        ("[3,4]", "[3,4,1]", "3 row modes but 2 column modes"),
        ("[3,4]", "[4,3]", "mode 0 of the tensor train has size 15"),
        ("[3,4]", "[3,0]", "size 0"),
    ] {
        let wrong = json.replacen(from, to, 1);
        assert_ne!(wrong, json);
        let error = serde_json::from_str::<TtMatrix<A>>(&wrong).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

/// Large enough for the several paths of TT-SVD and of products.
fn larger_matrices<A: Scalar>() {
    let dense = Array2::from_shape_fn((256, 512), |(i, j)| {
        A::narrow(1.0 / (1.0 + i as f64 + j as f64))
    });
    let rule = Truncation::relative(if is_single::<A>() { 1e-3 } else { 1e-9 });
    let m = TtMatrix::from_dense(&dense, [4, 4, 4, 4], [8, 8, 4, 2], rule).unwrap();
    assert!(m.num_parameters() < dense.len() / 8);
    let x = random::matrix::<A>(512, 40, 15);
    let (got, expected) = (m.matmul(&x).unwrap(), m.to_dense().unwrap().dot(&x));
    let slack = tol::<A>(dense.len()) * norm(&dense) * norm(&x);
    assert_below(distance(&got, &expected), slack, "product");
    let error = distance(&m.to_dense().unwrap(), &dense);
    assert_near(
        error,
        m.truncation_error().total(),
        tol_error::<A>() * norm(&dense),
    );
}

for_both_scalars!(
    cores_give_the_matrix_of_the_definition,
    dense_matrices_come_back,
    the_truncation_error_is_the_distance,
    every_layout_gives_the_same_bits,
    fact_43_a_rank_above_all_is_exact,
    zero_matrices_have_rank_one,
    modes_of_size_one_change_nothing,
    one_pair_of_modes_is_the_matrix_itself,
    cores_can_be_changed_in_place,
    a_stored_matrix_comes_back,
    larger_matrices,
);
