//! Tensors of known rank are found exactly.

use super::common::jacobi::unfolding_spectra;
use super::common::oracle::{dense, distance, norm};
use super::common::random;
use super::common::strategy::{check, shape_and_ranks};
use super::common::tol::{assert_below, is_single, tol, tol_error};
use super::{ORDERS, random_train};
use tt_admm::ndarray::{Array3, ArrayD};
use tt_admm::{Scalar, Truncation, TtRanks, TtSvd};

fn random_trains_come_back<A: Scalar>() {
    check(
        48,
        &(shape_and_ranks(2_usize..=6, 600, 4), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let x: ArrayD<A> = dense(&random::cores::<A>(&shape, &ranks, seed)).mapv(A::narrow);
            // What the shape can hold of these ranks; random cores attain it.
            let ranks = TtRanks::from(&ranks).resolve(&shape).unwrap();
            let total = norm(&x);
            let well_conditioned = unfolding_spectra(&x)
                .iter()
                .zip(&ranks[1..])
                .all(|(s, &r)| s[r - 1] > 1e-3 * s[0]);
            let rule = Truncation::relative(if is_single::<A>() { 1e-5 } else { 1e-12 });
            for order in ORDERS {
                let tt = TtSvd::new(rule.clone()).order(order).decompose(&x).unwrap();
                if well_conditioned {
                    assert_eq!(tt.ranks(), ranks, "{order:?}");
                }
                assert_below(
                    distance(&tt.to_dense(), &x),
                    tol_error::<A>() * total,
                    "by tolerance",
                );
                let tt = TtSvd::new(&ranks).order(order).decompose(&x).unwrap();
                assert_eq!(tt.ranks(), ranks);
                assert_below(
                    distance(&tt.to_dense(), &x),
                    tol::<A>(x.len()) * total,
                    "by ranks",
                );
                let error = tt.truncation_error().total();
                assert_below(error, tol::<A>(x.len()) * total, "reported");
            }
        },
    );
}

/// More rank than the tensor has: the ranks are as prescribed, and nothing is lost.
fn surplus_ranks_do_no_harm<A: Scalar>() {
    let x: ArrayD<A> =
        dense(&random::cores::<A>(&[4, 5, 6, 3], &[1, 2, 1, 2, 1], 4)).mapv(A::narrow);
    for (rank, ranks) in [
        (3, [1, 3, 3, 3, 1]),
        (7, [1, 4, 7, 3, 1]),
        (99, [1, 4, 18, 3, 1]),
    ] {
        for order in ORDERS {
            let tt = TtSvd::new(rank).order(order).decompose(&x).unwrap();
            assert_eq!(tt.ranks(), ranks);
            assert_below(
                distance(&tt.to_dense(), &x),
                tol::<A>(x.len()) * norm(&x),
                "surplus",
            );
        }
    }
    let tt = TtSvd::new(Truncation::max_rank(99)).decompose(&x).unwrap();
    if !is_single::<A>() {
        // Rounded to f32, the tensor itself is no longer of rank 2.
        assert_eq!(tt.ranks(), [1, 2, 1, 2, 1]);
    }
}

fn cores_go_in_and_out_unchanged<A: Scalar>() {
    check(
        48,
        &(shape_and_ranks(1_usize..=8, 100_000, 5), 0_u64..1 << 40),
        |((shape, ranks), seed)| {
            let cores = random::cores::<A>(&shape, &ranks, seed);
            let tt = random_train::<A>(&shape, &ranks, seed);
            assert_eq!(
                (tt.shape(), tt.ranks(), tt.order()),
                (&shape[..], &ranks[..], shape.len())
            );
            assert_eq!(
                tt.num_parameters(),
                cores.iter().map(Array3::len).sum::<usize>()
            );
            assert_eq!(tt.cores(), cores);
            assert_eq!(tt.core(shape.len() - 1), cores[shape.len() - 1]);
            let error = tt.truncation_error();
            assert_eq!((error.total(), error.relative()), (0.0, 0.0));
            assert_eq!(error.per_bond(), vec![0.0; shape.len() - 1]);
            assert_eq!(tt.into_cores(), cores);
        },
    );
}

for_both_scalars!(
    random_trains_come_back,
    surplus_ranks_do_no_harm,
    cores_go_in_and_out_unchanged
);
