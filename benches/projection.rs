//! Projection of convolution kernels on bounded TT rank, against the textbook algorithm in the same run.
//!
//! `cargo bench --bench projection`. Kernels are random with a decaying spectrum; layouts and ranks are those
//! of ResNet-32 and ResNet-18 in the published code of Yin et al. (CVPR 2021). "textbook" is TT-SVD as
//! written in Oseledets (2011): left to right, a thin SVD with both factors at every bond, and the rebuilt
//! tensor; it uses the same linear algebra. "projection" is what ADMM calls.

#![allow(clippy::expect_used)] // a bench that cannot run should stop

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::{Array2, ArrayD, IxDyn};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use tt_admm::linalg::{Keep, truncated_svd};
use tt_admm::ndarray;
use tt_admm::projection::{Projection, TtProjection, WarmStart};
use tt_admm::{Scalar, tt_project};

const CASES: [(&[usize], &[usize]); 4] = [
    (&[8, 4, 9, 4, 8], &[8, 16, 16, 8]),
    (&[8, 8, 9, 8, 8], &[8, 28, 28, 8]),
    (&[64, 9, 64], &[40, 40]),
    (&[128, 9, 128], &[72, 72]),
];

/// A low-rank tensor plus noise of half its size.
fn kernel<A: Scalar>(shape: &[usize], ranks: &[usize]) -> ArrayD<A> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let noise = ArrayD::from_shape_simple_fn(IxDyn(shape), || rng.random_range(-1.0..1.0_f64));
    let smooth = tt_project(&noise, ranks).expect("ranks fit");
    (smooth + noise * 0.5).mapv(A::narrow)
}

fn textbook<A: Scalar>(tensor: &ArrayD<A>, ranks: &[usize]) -> ArrayD<A> {
    let shape = tensor.shape();
    let mut rest = Array2::from_shape_vec((1, tensor.len()), tensor.iter().copied().collect())
        .expect("sizes agree");
    let mut left = Array2::<A>::ones((1, 1));
    for (k, &rank) in ranks.iter().enumerate() {
        let rows = rest.nrows() * shape[k];
        let cols = rest.len() / rows;
        let unfolding = rest
            .into_shape_with_order((rows, cols))
            .expect("sizes agree");
        let f = truncated_svd(&unfolding, Keep::rank(rank)).expect("finite");
        left = join(&left, &f.u, shape[k]);
        rest = f.vt.as_standard_layout().into_owned();
        for (mut row, &s) in rest.rows_mut().into_iter().zip(&f.s) {
            row.mapv_inplace(|x| x * s);
        }
    }
    let last = left.dot(&rest);
    ArrayD::from_shape_vec(IxDyn(shape), last.iter().copied().collect()).expect("sizes agree")
}

/// `left` (rows x r) times a core (r n x s), as (rows n) x s.
fn join<A: Scalar>(left: &Array2<A>, core: &Array2<A>, n: usize) -> Array2<A> {
    let (r, s) = (left.ncols(), core.ncols());
    let core = core.as_standard_layout();
    let core = core
        .view()
        .into_shape_with_order((r, n * s))
        .expect("sizes agree");
    let product = left.dot(&core);
    product
        .into_shape_with_order((left.nrows() * n, s))
        .expect("sizes agree")
}

fn bench<A: Scalar>(c: &mut Criterion, scalar: &str) {
    for (shape, ranks) in CASES {
        let tensor = kernel::<A>(shape, ranks);
        let projection = TtProjection::new(ranks);
        let mut out = tensor.clone();
        let mut warm = WarmStart::default();
        let id = format!("{shape:?} ranks {ranks:?} {scalar}");
        let mut group = c.benchmark_group("tt_projection");
        group.bench_function(BenchmarkId::new("textbook", &id), |b| {
            b.iter(|| textbook(&tensor, ranks));
        });
        group.bench_function(BenchmarkId::new("projection", &id), |b| {
            b.iter(|| {
                projection
                    .project(tensor.view(), out.view_mut(), &mut warm)
                    .expect("fits")
            });
        });
        group.finish();
    }
}

fn all(c: &mut Criterion) {
    bench::<f32>(c, "f32");
    bench::<f64>(c, "f64");
}

criterion_group!(benches, all);
criterion_main!(benches);
