//! An outer update of ADMM against its projections alone, all kernels of ResNet-18.
//!
//! `cargo bench --bench admm_step`. Kernels as `[O, 9, I]` with the ranks of the published code of Yin et al. (CVPR
//! 2021), `f32`, moved by 1 % to and fro between updates. Both sides run their layers in parallel, the largest first.

#![allow(clippy::expect_used)] // a bench that cannot run should stop

mod common;

use std::cmp::Reverse;

use common::{kernel, moved};
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::ArrayD;
use tt_admm::Admm;
use tt_admm::ndarray;
use tt_admm::projection::{Projection, Restart, TtProjection, WarmStart};

const LAYERS: [([usize; 3], [usize; 2], usize); 7] = [
    ([64, 9, 64], [40, 40], 4),
    ([128, 9, 64], [72, 40], 1),
    ([128, 9, 128], [72, 72], 3),
    ([256, 9, 128], [120, 72], 1),
    ([256, 9, 256], [120, 120], 3),
    ([512, 9, 256], [235, 122], 1),
    ([512, 9, 512], [235, 235], 3),
];

struct Layer {
    name: String,
    weights: [ArrayD<f32>; 2],
    projection: TtProjection,
    z: ArrayD<f32>,
    warm: WarmStart<f32>,
}

fn layers(restart: Restart) -> Vec<Layer> {
    let mut layers = Vec::new();
    for (shape, ranks, count) in LAYERS {
        let weight = kernel::<f32>(&shape, &ranks);
        for _ in 0..count {
            layers.push(Layer {
                name: format!("conv{}", layers.len()),
                weights: [weight.clone(), moved(&weight, 2)],
                projection: TtProjection::new(ranks).restart(restart),
                z: ArrayD::zeros(weight.raw_dim()),
                warm: WarmStart::default(),
            });
        }
    }
    layers.sort_by_key(|layer| Reverse(layer.z.len()));
    layers
}

fn bench(c: &mut Criterion, name: &str, restart: Restart) {
    let mut group = c.benchmark_group(format!("admm_step {name}"));
    group.sample_size(10);
    let mut all = layers(restart);
    let mut call = 0;
    group.bench_function("projections", |b| {
        b.iter(|| {
            call += 1;
            rayon::scope_fifo(|scope| {
                for layer in &mut all {
                    scope.spawn_fifo(move |_| {
                        let (v, z) = (layer.weights[call % 2].view(), layer.z.view_mut());
                        let done = layer.projection.project(v, z, &mut layer.warm);
                        done.expect("fits");
                    });
                }
            });
        });
    });
    let place = |name: &str| all.iter().position(|l| l.name == name).expect("known");
    let weight = |name: &str, call: usize| all[place(name)].weights[call % 2].view();
    let mut builder = Admm::builder().rho(1e-2);
    for layer in &all {
        builder = builder.constrain(&layer.name, layer.projection.clone());
    }
    let mut admm = builder.build_from(|name| weight(name, 0)).expect("fits");
    let mut call = 0;
    group.bench_function("update", |b| {
        b.iter(|| {
            call += 1;
            admm.update(|name| weight(name, call)).expect("finite");
        });
    });
    group.finish();
}

fn all(c: &mut Criterion) {
    bench(c, "cold", Restart::Always);
    bench(c, "warm", Restart::Every(u64::MAX));
}

criterion_group!(benches, all);
criterion_main!(benches);
