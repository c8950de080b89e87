//! Projection of convolution kernels on rings, against trains with as many parameters in the same run.
//!
//! `cargo bench --bench tensor_ring`. Kernels are random with a decaying spectrum, in the layouts of ResNet-18.
//! "cold" solves from scratch, "warm" goes on from the last result while the kernel moves by 1 % to and fro. The
//! errors of both formats on these kernels are printed after each case.

#![allow(clippy::expect_used)] // a bench that cannot run should stop

mod common;

use common::{kernel, moved};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::ArrayD;
use tt_admm::ndarray;
use tt_admm::projection::{Projection, Restart, TrProjection, TtProjection, WarmStart};
use tt_admm::{Scalar, TrAls, tr_svd, tt_svd};

/// Shape, TT ranks, and ring ranks with about as many parameters.
const CASES: [(&[usize], &[usize], &[usize]); 3] = [
    (&[64, 9, 64], &[40, 40], &[12, 12, 12]),
    (&[128, 9, 128], &[72, 72], &[15, 15, 15]),
    (&[256, 9, 256], &[120, 120], &[19, 19, 19]),
];

fn bench<A: Scalar>(c: &mut Criterion, scalar: &str) {
    for (shape, tt_ranks, tr_ranks) in CASES {
        let tensor = kernel::<A>(shape, tt_ranks);
        let pair = [tensor.clone(), moved(&tensor, 2)];
        let id = format!("{shape:?} ranks {tr_ranks:?} {scalar}");
        let mut group = c.benchmark_group("tr_projection");
        group.sample_size(10);
        let mut run = |name: &str, projection: &dyn Projection<A>| {
            let mut out = ArrayD::zeros(tensor.raw_dim());
            let (mut warm, mut call) = (WarmStart::default(), 0);
            group.bench_function(BenchmarkId::new(name, &id), |b| {
                b.iter(|| {
                    call += 1;
                    projection
                        .project(pair[call % 2].view(), out.view_mut(), &mut warm)
                        .expect("fits")
                });
            });
        };
        let train = TtProjection::new(tt_ranks);
        let ring = TrProjection::new(tr_ranks);
        run("train cold", &train.clone().restart(Restart::Always));
        run("train warm", &train.restart(Restart::Every(u64::MAX)));
        run("ring cold", &ring.clone().restart(Restart::Always));
        run("ring warm", &ring.restart(Restart::Every(u64::MAX)));
        group.finish();
        let tt = tt_svd(&tensor, tt_ranks).expect("fits");
        let tr = TrAls::new(tr_ranks).max_sweeps(20).decompose(&tensor);
        let tr = tr.expect("fits");
        println!(
            "{id}: train {} parameters, error {:.4}; ring {} parameters, error {:.4}\n",
            tt.num_parameters(),
            tt.truncation_error().relative(),
            tr.ring.num_parameters(),
            tr.relative_error,
        );
    }
}

/// Decompositions of a tensor of order 5.
fn decompositions(c: &mut Criterion) {
    let tensor = kernel::<f64>(&[10, 11, 12, 13, 14], &[6, 9, 9, 6]);
    let ranks = [2, 3, 4, 5, 3];
    let mut group = c.benchmark_group("tr_decompose");
    group.sample_size(10);
    group.bench_function("tr_svd 10x11x12x13x14 max rank 5", |b| {
        b.iter(|| tr_svd(&tensor, tt_admm::TrTruncation::max_rank(5)).expect("fits"));
    });
    let als = TrAls::new(ranks).max_sweeps(5).tolerance(0.0);
    group.bench_function("tr_als, 5 sweeps 10x11x12x13x14", |b| {
        b.iter(|| als.decompose(&tensor).expect("fits"));
    });
    group.bench_function("tr_als, 5 sweeps of 2000 samples 10x11x12x13x14", |b| {
        b.iter(|| als.clone().sampled(2000).decompose(&tensor).expect("fits"));
    });
    group.finish();
}

fn all(c: &mut Criterion) {
    bench::<f32>(c, "f32");
    bench::<f64>(c, "f64");
    decompositions(c);
}

criterion_group!(benches, all);
criterion_main!(benches);
