//! Sums, multiples, rounding, transpose, norm and inner product.

use super::common::oracle::{distance, inner, norm};
use super::common::random;
use super::common::strategy::check;
use super::common::tol::{assert_below, assert_near, tol};
use super::{Modes, definition, modes, random_cores, random_matrix, size_of};
use tt_admm::{Scalar, Truncation, TtMatrix};

fn algebra_matches_the_dense_one<A: Scalar>() {
    check(48, &(modes(), 0_u64..1 << 40), |(modes, seed)| {
        let (a, b) = (
            random_cores::<A>(&modes, seed),
            random_cores::<A>(&modes, seed ^ 1),
        );
        let (x, y) = (definition(&a), definition(&b));
        let first = TtMatrix::from_cores(a.clone()).unwrap();
        let second = TtMatrix::from_cores(b.clone()).unwrap();
        let wide = |m: &TtMatrix<A>| definition(&m.clone().into_cores());
        let slack = tol::<A>(x.len()) * (size_of(&a) + size_of(&b));
        let sum = first.add(&second).unwrap();
        assert_below(distance(&wide(&sum), &(&x + &y)), slack, "sum");
        let difference = first.sub(&second).unwrap();
        assert_below(
            distance(&wide(&difference), &(&x - &y)),
            slack,
            "difference",
        );
        let multiple = first.scale(A::narrow(-1.5)).unwrap();
        assert_below(
            distance(&wide(&multiple), &(&x * -1.5)),
            2.0 * slack,
            "multiple",
        );
        for m in [&sum, &difference, &multiple] {
            assert_eq!((m.row_modes(), m.col_modes()), (&modes.0[..], &modes.1[..]));
        }
        let rounded = sum.round(Truncation::exact()).unwrap();
        assert_below(distance(&wide(&rounded), &(&x + &y)), slack, "rounded");
        let turned = first.transpose();
        assert_eq!(
            (turned.row_modes(), turned.col_modes()),
            (&modes.1[..], &modes.0[..])
        );
        assert_eq!(wide(&turned), x.t());
        assert_eq!(turned.transpose(), first);
        assert_near(
            first.norm().widen(),
            norm(&x),
            tol::<A>(x.len()) * size_of(&a),
        );
        let product = tol::<A>(x.len()) * size_of(&a) * size_of(&b);
        assert_near(first.dot(&second).unwrap().widen(), inner(&x, &y), product);
        if norm(&x) > 0.01 * size_of(&a) {
            assert_near(first.log_norm(), norm(&x).ln(), 100.0 * tol::<A>(x.len()));
        }
    });
}

/// `<M, N> = trace(M^T N)`, and `trace(M N) = trace(N M)`.
fn traces_of_products<A: Scalar>() {
    check(32, &(modes(), 0_u64..1 << 40), |(modes, seed)| {
        let a = random_matrix::<A>(&modes, seed);
        let b = random_matrix::<A>(&modes, seed ^ 1);
        let sizes = size_of(&a.clone().into_cores()) * size_of(&b.clone().into_cores());
        let slack = tol::<A>(60 * 60) * sizes;
        let product = a.transpose().compose(&b).unwrap();
        let dot = a.dot(&b).unwrap().widen();
        assert_near(product.trace().unwrap().widen(), dot, slack);
        let other = b.compose(&a.transpose()).unwrap();
        assert_near(other.trace().unwrap().widen(), dot, slack);
        let dense = definition(&product.clone().into_cores());
        assert_near(product.trace().unwrap().widen(), dense.diag().sum(), slack);
        let diagonal = product.diagonal().unwrap();
        assert_eq!(diagonal.shape(), product.row_modes());
        let difference = &diagonal.to_dense().flatten().mapv(A::widen) - &dense.diag();
        assert_below(norm(&difference), slack, "diagonal");
    });
}

fn rounding_a_matrix_reports_what_it_discards<A: Scalar>() {
    let dense = random::matrix::<A>(24, 24, 3);
    let m = TtMatrix::from_dense(&dense, [4, 2, 3], [2, 3, 4], Truncation::exact()).unwrap();
    let rounded = m.round(2).unwrap();
    assert_eq!(rounded.ranks(), [1, 2, 2, 1]);
    let measured = distance(&rounded.to_dense().unwrap(), &dense);
    let slack = tol::<A>(dense.len()) * norm(&dense);
    assert_near(rounded.truncation_error().total(), measured, slack);
    let twice = m.add(&m).unwrap().round(Truncation::exact()).unwrap();
    assert_eq!(twice.ranks(), m.ranks());
}

fn a_difference_of_equal_matrices_is_zero<A: Scalar>() {
    let modes: Modes = (vec![3, 2], vec![2, 4], vec![1, 3, 1]);
    let m = random_matrix::<A>(&modes, 4);
    let zero = m.sub(&m).unwrap();
    assert_below(zero.norm().widen(), tol::<A>(48) * m.norm().widen(), "norm");
    assert_eq!(m.scale(A::zero()).unwrap().norm(), A::zero());
}

for_both_scalars!(
    algebra_matches_the_dense_one,
    traces_of_products,
    rounding_a_matrix_reports_what_it_discards,
    a_difference_of_equal_matrices_is_zero,
);
