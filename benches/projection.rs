//! Projection of convolution kernels on bounded TT rank, against the textbook algorithm in the same run.
//!
//! `cargo bench --bench projection`. Kernels are random with a decaying spectrum; layouts and ranks are those of
//! ResNet-32 and ResNet-18 in the published code of Yin et al. (CVPR 2021). "textbook" uses the same linear algebra.
//! "cold" solves from scratch, "warm" goes on from the last result while the kernel moves by 1 % to and fro; the others
//! solve from scratch by the method they name.

#![allow(clippy::expect_used)] // a bench that cannot run should stop

mod common;

use common::{kernel, moved, textbook};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::ArrayD;
use tt_admm::ndarray;
use tt_admm::projection::{Projection, Restart, TtProjection, WarmStart};
use tt_admm::{Scalar, SplitMethod};

/// General layouts of ResNet-32 and ResNet-18, then special ones.
const CASES: [(&[usize], &[usize]); 6] = [
    (&[8, 4, 9, 4, 8], &[8, 16, 16, 8]),
    (&[8, 8, 9, 8, 8], &[8, 28, 28, 8]),
    (&[16, 8, 9, 8, 16], &[15, 72, 72, 15]),
    (&[64, 9, 64], &[40, 40]),
    (&[128, 9, 128], &[72, 72]),
    (&[256, 9, 256], &[120, 120]),
];

fn bench<A: Scalar>(c: &mut Criterion, scalar: &str) {
    for (shape, ranks) in CASES {
        let tensor = kernel::<A>(shape, ranks);
        let pair = [tensor.clone(), moved(&tensor, 2)];
        let id = format!("{shape:?} ranks {ranks:?} {scalar}");
        let mut group = c.benchmark_group("tt_projection");
        group.sample_size(20);
        group.bench_function(BenchmarkId::new("textbook", &id), |b| {
            b.iter(|| textbook(&tensor, ranks));
        });
        for (name, restart, method) in [
            ("cold", Restart::Always, SplitMethod::Auto),
            ("warm", Restart::Every(u64::MAX), SplitMethod::Auto),
            ("qr_svd", Restart::Always, SplitMethod::QrSvd),
            ("randomized", Restart::Always, SplitMethod::Randomized),
        ] {
            let projection = TtProjection::new(ranks).restart(restart).method(method);
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
        }
        group.finish();
        let error = |method| {
            let projection = TtProjection::new(ranks).restart(Restart::Always);
            let (z, warm) = (&mut tensor.clone(), &mut WarmStart::default());
            let projection = projection.method(method);
            let done = projection.project(tensor.view(), z.view_mut(), warm);
            done.expect("fits").distance()
        };
        let excess = error(SplitMethod::Randomized) / error(SplitMethod::QrSvd) - 1.0;
        println!("{id}: the error of randomized is {excess:+.1e} above that of qr_svd\n");
    }
}

fn all(c: &mut Criterion) {
    bench::<f32>(c, "f32");
    bench::<f64>(c, "f64");
}

criterion_group!(benches, all);
criterion_main!(benches);
