//! An outer update of ADMM against its projections alone, all kernels of ResNet-18.
//!
//! `cargo bench --bench admm_step`. Kernels as `[O, 9, I]` with the ranks of the published code of Yin et al. (CVPR
//! 2021), `f32`. A first update leaves in `U` what the constraint takes from the kernels; every later one sees the last `Z`
//! moved a little, as if training followed it. The projections alone get the same plus `U`, which is what an update
//! projects. Both sides run their layers in parallel, the largest first.

#![allow(clippy::expect_used)] // a bench that cannot run should stop

mod common;

use std::cell::RefCell;
use std::cmp::Reverse;

use common::{kernel, moved};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ndarray::{ArrayD, ArrayViewD};
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
    projection: TtProjection,
    weight: ArrayD<f32>,
    z: ArrayD<f32>,
    warm: WarmStart<f32>,
}

/// All layers, the largest first, with `Z` as the projection of a kernel.
fn layers(restart: Restart) -> Vec<Layer> {
    let mut layers = Vec::new();
    for (shape, ranks, count) in LAYERS {
        let weight = kernel::<f32>(&shape, &ranks);
        let projection = TtProjection::new(ranks).restart(restart);
        let (mut z, mut warm) = (ArrayD::zeros(weight.raw_dim()), WarmStart::default());
        let done = projection.project(weight.view(), z.view_mut(), &mut warm);
        done.expect("fits");
        for _ in 0..count {
            layers.push(Layer {
                name: format!("conv{}", layers.len()),
                projection: projection.clone(),
                weight: weight.clone(),
                z: z.clone(),
                warm: warm.clone(),
            });
        }
    }
    layers.sort_by_key(|layer| Reverse(layer.z.len()));
    layers
}

fn bench(c: &mut Criterion, name: &str, restart: Restart) {
    let mut group = c.benchmark_group(format!("admm_step {name}"));
    group.sample_size(10);
    let all = RefCell::new(layers(restart));
    let mut seed = 0;
    // Every input of a call is made outside the time that counts.
    let mut near = |z: ArrayViewD<'_, f32>| {
        seed += 1;
        moved(&z.to_owned(), seed)
    };
    let names: Vec<String> = all.borrow().iter().map(|l| l.name.clone()).collect();
    let place = |name: &str| names.iter().position(|n| n == name).expect("known");
    let start: Vec<_> = all.borrow().iter().map(|l| l.weight.clone()).collect();
    let mut builder = Admm::builder().rho(1e-2);
    for layer in all.borrow().iter() {
        builder = builder.constrain(&layer.name, layer.projection.clone());
    }
    let admm = builder.build_from(|name| start[place(name)].view());
    let mut admm = admm.expect("fits");
    let first = admm.update(|name| start[place(name)].view());
    first.expect("finite");
    let admm = RefCell::new(admm);

    group.bench_function("update", |b| {
        let inputs = || {
            let admm = admm.borrow();
            let z = names.iter().map(|name| admm.z(name).expect("known"));
            z.map(&mut near).collect()
        };
        let update = |weights: &mut Vec<ArrayD<f32>>| {
            let mut admm = admm.borrow_mut();
            let done = admm.update(|name| weights[place(name)].view());
            done.expect("finite");
        };
        b.iter_batched_ref(inputs, update, BatchSize::PerIteration);
    });
    group.bench_function("projections", |b| {
        let inputs = || {
            let admm = admm.borrow();
            let parts = |name: &String| Some((admm.z(name)?, admm.u(name)?));
            let parts = names.iter().map(|name| parts(name).expect("known"));
            parts.map(|(z, u)| near(z) + u).collect()
        };
        let project = |weights: &mut Vec<ArrayD<f32>>| {
            let layers = &mut *all.borrow_mut();
            rayon::scope_fifo(|scope| {
                for (layer, v) in layers.iter_mut().zip(weights) {
                    scope.spawn_fifo(move |_| {
                        let (v, z) = (v.view(), layer.z.view_mut());
                        let done = layer.projection.project(v, z, &mut layer.warm);
                        done.expect("fits");
                    });
                }
            });
        };
        b.iter_batched_ref(inputs, project, BatchSize::PerIteration);
    });
    group.finish();
}

fn all(c: &mut Criterion) {
    bench(c, "cold", Restart::Always);
    bench(c, "warm", Restart::Every(u64::MAX));
}

criterion_group!(benches, all);
criterion_main!(benches);
