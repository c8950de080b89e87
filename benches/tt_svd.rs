//! TT-SVD of large dense tensors, and how its time grows with size, rank and order.
//!
//! `cargo bench --bench tt_svd`. Tensors have low rank plus noise of 1e-3 of their size. "textbook" is the plain
//! algorithm on the same linear algebra, with the rebuilt tensor; "copy" copies the tensor.

#![allow(clippy::expect_used)] // a bench that cannot run should stop

mod common;

use common::{low_rank_plus, textbook};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tt_admm::{Truncation, tt_svd};

fn case(c: &mut Criterion, group: &str, shape: &[usize], rank: usize, with_textbook: bool) {
    let ranks = vec![rank; shape.len() - 1];
    let x = low_rank_plus::<f64>(shape, &ranks, 1e-3);
    let mut copy = x.clone();
    let id = match shape {
        [n, ..] => format!("{n}^{} rank {rank}", shape.len()),
        [] => String::new(),
    };
    let mut group = c.benchmark_group(group);
    group.sample_size(10);
    group.bench_function(BenchmarkId::new("tt_svd", &id), |b| {
        b.iter(|| tt_svd(&x, Truncation::max_rank(rank)).expect("finite"));
    });
    group.bench_function(BenchmarkId::new("copy", &id), |b| {
        b.iter(|| copy.assign(&x));
    });
    if with_textbook {
        group.bench_function(BenchmarkId::new("textbook", &id), |b| {
            b.iter(|| textbook(&x, &ranks));
        });
    }
    group.finish();
}

fn all(c: &mut Criterion) {
    for order in [16, 18, 20, 22, 24] {
        case(c, "size", &vec![2; order], 16, order == 18);
    }
    for rank in [4, 8, 16, 32] {
        case(c, "rank", &[8; 7], rank, rank == 8);
    }
    for (n, order) in [(64, 4), (16, 6), (8, 8), (4, 12), (2, 24)] {
        case(c, "order", &vec![n; order], 16, false);
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
