//! Products in the format: of two matrices, with a tensor train, Kronecker products.

use super::common::oracle::{self, distance, norm};
use super::common::random;
use super::common::strategy::check;
use super::common::tol::{assert_below, assert_near, tol};
use super::{Modes, bounded, definition, modes, random_cores, random_matrix, size_of};
use proptest::prelude::*;
use tt_admm::ndarray::{Array2, Array4};
use tt_admm::{Scalar, TensorTrain, Truncation, TtMatrix, tt_svd};

/// Ranks of a second factor: as many as the first has.
fn other_ranks(ranks: &[usize], seed: u64) -> Vec<usize> {
    let mut rng = random::Rng::new(seed);
    let last = ranks.len() - 1;
    (0..=last)
        .map(|k| {
            if k == 0 || k == last {
                1
            } else {
                1 + rng.below(3)
            }
        })
        .collect()
}

fn matrix_times_train_is_the_dense_product<A: Scalar>() {
    check(64, &(modes(), 0_u64..1 << 40), |(modes, seed)| {
        let cores = random_cores::<A>(&modes, seed);
        let m = TtMatrix::from_cores(cores.clone()).unwrap();
        let ranks = other_ranks(&modes.2, seed ^ 1);
        let x = TensorTrain::from_cores(random::cores::<A>(&modes.1, &ranks, seed ^ 2)).unwrap();
        let y = m.apply(&x).unwrap();
        assert_eq!(y.shape(), modes.0);
        let product: Vec<usize> = modes.2.iter().zip(&ranks).map(|(r, s)| r * s).collect();
        assert_eq!(y.ranks(), product);
        let vector = oracle::dense(x.cores());
        let column = vector.to_shape((vector.len(), 1)).unwrap();
        let expected = oracle::matmul(&definition(&cores), &column);
        let got = oracle::dense(y.cores());
        let size: f64 = x.cores().iter().map(|core| norm(core)).product();
        let slack = tol::<A>(expected.len() * vector.len()) * size_of(&cores) * size;
        let difference = &got.to_shape(expected.dim()).unwrap() - &expected;
        assert_below(norm(&difference), slack, "distance");
    });
}

fn matrix_times_matrix_is_the_dense_product<A: Scalar>() {
    let cases = (
        modes(),
        prop::collection::vec(1_usize..=4, 4),
        0_u64..1 << 40,
    );
    check(48, &cases, |(modes, last, seed)| {
        let (a, b) = {
            let cols = bounded(last[..modes.0.len()].to_vec(), 40);
            let ranks = other_ranks(&modes.2, seed ^ 1);
            let second: Modes = (modes.1.clone(), cols, ranks);
            (
                random_cores::<A>(&modes, seed),
                random_cores::<A>(&second, seed ^ 2),
            )
        };
        let first = TtMatrix::from_cores(a.clone()).unwrap();
        let second = TtMatrix::from_cores(b.clone()).unwrap();
        let c = first.compose(&second).unwrap();
        assert_eq!(
            (c.row_modes(), c.col_modes()),
            (first.row_modes(), second.col_modes())
        );
        let ranks = first.ranks().iter().zip(second.ranks());
        assert_eq!(c.ranks(), ranks.map(|(r, s)| r * s).collect::<Vec<_>>());
        let expected = oracle::matmul(&definition(&a), &definition(&b));
        let slack = tol::<A>(expected.len() * definition(&a).ncols()) * size_of(&a) * size_of(&b);
        let got = definition(&c.clone().into_cores());
        assert_below(distance(&got, &expected), slack, "distance");
        // Rounded: never larger ranks, the same matrix; and transposes turn the order around.
        let rounded = first.compose_rounded(&second, Truncation::exact()).unwrap();
        assert!(rounded.ranks().iter().zip(c.ranks()).all(|(r, s)| r <= s));
        let got = rounded.to_dense().unwrap().mapv(A::widen);
        assert_below(distance(&got, &expected), slack, "rounded");
        let turned = second.transpose().compose(&first.transpose()).unwrap();
        let got = turned.transpose().to_dense().unwrap().mapv(A::widen);
        assert_below(distance(&got, &expected), slack, "transposed");
    });
}

fn rounding_a_product_reports_what_it_discards<A: Scalar>() {
    let modes: Modes = (vec![4, 3, 4], vec![4, 3, 4], vec![1, 3, 3, 1]);
    let (a, b) = (random_matrix::<A>(&modes, 3), random_matrix::<A>(&modes, 4));
    let exact = a.compose(&b).unwrap();
    for rule in [Truncation::from(3), Truncation::relative(0.2)] {
        let rounded = a.compose_rounded(&b, rule).unwrap();
        let measured = distance(&rounded.to_dense().unwrap(), &exact.to_dense().unwrap());
        let slack = tol::<A>(48 * 48) * exact.norm().widen();
        assert_near(rounded.truncation_error().total(), measured, slack);
        assert!(measured > 0.01 * exact.norm().widen());
    }
}

fn the_identity_changes_nothing<A: Scalar>() {
    let modes: Modes = (vec![2, 3, 2], vec![4, 1, 3], vec![1, 2, 3, 1]);
    let m = random_matrix::<A>(&modes, 5);
    let left = TtMatrix::identity(m.row_modes()).unwrap();
    let right = TtMatrix::identity(m.col_modes()).unwrap();
    assert_eq!(left.compose(&m).unwrap(), m);
    assert_eq!(m.compose(&right).unwrap(), m);
    let x = tt_svd(&random::tensor::<A>(&[4, 1, 3], 6), 2).unwrap();
    assert_eq!(right.apply(&x).unwrap(), x);
    let dense = random::matrix::<A>(12, 3, 7);
    assert_eq!(left.matmul(&dense).unwrap(), dense);
}

fn applying_twice_is_applying_the_product<A: Scalar>() {
    let modes: Modes = (vec![3, 2, 2], vec![3, 2, 2], vec![1, 2, 2, 1]);
    let (a, b) = (random_matrix::<A>(&modes, 8), random_matrix::<A>(&modes, 9));
    let x = tt_svd(&random::tensor::<A>(&[3, 2, 2], 10), 2).unwrap();
    let twice = a.apply(&b.apply(&x).unwrap()).unwrap();
    let once = a.compose(&b).unwrap().apply(&x).unwrap();
    let sizes = size_of(&a.into_cores()) * size_of(&b.into_cores()) * x.norm().widen();
    let slack = tol::<A>(12) * sizes;
    assert_below(
        distance(&twice.to_dense(), &once.to_dense()),
        slack,
        "distance",
    );
}

/// `a x b` element by element.
fn kronecker(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let (p, q) = b.dim();
    Array2::from_shape_fn((a.nrows() * p, a.ncols() * q), |(i, j)| {
        a[[i / p, j / q]] * b[[i % p, j % q]]
    })
}

fn kronecker_products_match_the_definition<A: Scalar>() {
    check(
        32,
        &(modes(), modes(), 0_u64..1 << 40),
        |(first, second, seed)| {
            let short = |(rows, cols, ranks): Modes| (bounded(rows, 12), bounded(cols, 12), ranks);
            let (first, second) = (short(first), short(second));
            let (a, b) = (
                random_cores::<A>(&first, seed),
                random_cores::<A>(&second, seed ^ 1),
            );
            let both = TtMatrix::from_cores(a.clone())
                .unwrap()
                .kron(&TtMatrix::from_cores(b.clone()).unwrap())
                .unwrap();
            assert_eq!(both.row_modes(), [&first.0[..], &second.0].concat());
            assert_eq!(both.col_modes(), [&first.1[..], &second.1].concat());
            let cores: Vec<Array4<A>> = a.iter().chain(&b).cloned().collect();
            assert_eq!(both.into_cores(), cores);
            let expected = kronecker(&definition(&a), &definition(&b));
            let slack = tol::<f64>(expected.len()) * size_of(&cores);
            assert_below(distance(&definition(&cores), &expected), slack, "dense");
            // Of rank 1 from dense factors.
            let factors: Vec<Array2<A>> = first
                .0
                .iter()
                .zip(&first.1)
                .map(|(&m, &n)| random::matrix(m, n, seed ^ 2))
                .collect();
            let m = TtMatrix::from_kronecker(&factors).unwrap();
            assert_eq!(m.ranks(), vec![1; factors.len() + 1]);
            let one = Array2::ones((1, 1));
            let expected = factors.iter().fold(one, |product, factor| {
                kronecker(&product, &factor.mapv(A::widen))
            });
            let slack = tol::<A>(expected.len()) * norm(&expected);
            let got = m.to_dense().unwrap().mapv(A::widen);
            assert_below(distance(&got, &expected), slack, "factors");
        },
    );
}

fn kronecker_factors_of_any_layout<A: Scalar>() {
    let (a, b) = (random::matrix::<A>(3, 4, 11), random::matrix::<A>(2, 5, 12));
    let row_major = TtMatrix::from_kronecker(&[a.clone(), b.clone()]).unwrap();
    let turned = [
        a.t().as_standard_layout().into_owned(),
        b.t().as_standard_layout().into_owned(),
    ]
    .map(Array2::reversed_axes);
    assert!(!turned[0].is_standard_layout());
    assert_eq!(TtMatrix::from_kronecker(&turned).unwrap(), row_major);
}

for_both_scalars!(
    matrix_times_train_is_the_dense_product,
    matrix_times_matrix_is_the_dense_product,
    rounding_a_product_reports_what_it_discards,
    the_identity_changes_nothing,
    applying_twice_is_applying_the_product,
    kronecker_products_match_the_definition,
    kronecker_factors_of_any_layout,
);
