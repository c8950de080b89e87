//! The memory of an outer update is allocated once: later updates reuse it.
//!
//! A target of its own, because it counts every allocation of the process.

#![allow(unsafe_code, clippy::unwrap_used)] // a global allocator is an unsafe trait

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use tt_admm::ndarray::{ArrayD, IxDyn};
use tt_admm::projection::Restart;
use tt_admm::{Admm, Tensorization, TtProjection};

/// Allocations of at least this many bytes are counted; a weight here has twice as many.
const LARGE: usize = 256 << 10;

static COUNT: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// Forwards to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= LARGE {
            COUNT.fetch_add(1, Ordering::Relaxed);
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Large allocations of each of ten updates of `layers` convolutions, on one thread. After the first update the
/// weights `follow` Z, as training makes them, or stay where they were, so that U grows and moves far.
fn per_update(layers: usize, restart: Restart, follow: bool) -> Vec<usize> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut weights: Vec<ArrayD<f32>> = (0..layers)
        .map(|_| {
            let shape = IxDyn(&[128, 128, 3, 3]);
            ArrayD::from_shape_simple_fn(shape, || rng.random_range(-1.0..1.0))
        })
        .collect();
    let names: Vec<String> = (0..layers).map(|k| format!("conv{k}")).collect();
    let layout = Tensorization::conv([128], [3, 3], [128]).unwrap();
    let projection = TtProjection::new([48, 40]).restart(restart).layout(layout);
    let mut builder = Admm::builder().rho(1.0);
    for name in &names {
        builder = builder.constrain(name, projection.clone());
    }
    let place = |name: &str| names.iter().position(|n| n == name).unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    pool.install(|| {
        let mut admm = builder
            .build_from(|name| weights[place(name)].view())
            .unwrap();
        (0..10)
            .map(|_| {
                for (weight, name) in weights.iter_mut().zip(&names) {
                    if follow && !admm.history().is_empty() {
                        weight.assign(&admm.z(name).unwrap());
                    }
                    weight.mapv_inplace(|w| w + 0.01 * rng.random_range(-1.0..1.0_f32));
                }
                let before = COUNT.load(Ordering::Relaxed);
                admm.update(|name| weights[place(name)].view()).unwrap();
                COUNT.load(Ordering::Relaxed) - before
            })
            .collect()
    })
}

#[test]
fn later_updates_allocate_a_constant_number_of_large_blocks() {
    for (restart, follow) in [
        (Restart::Always, true),
        (Restart::Every(100), true),
        (Restart::Every(100), false),
    ] {
        let few = per_update(2, restart, follow);
        let many = per_update(8, restart, follow);
        // The first ones fill the work spaces; what is left must not grow with the number of layers.
        for count in few[3..].iter().chain(&many[3..]) {
            assert!(*count <= 2, "{restart:?}, {follow}: {few:?} and {many:?}");
        }
    }
}
