//! Cores from which alternating least squares starts.

use ndarray::{Array3, s};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::TrError;
use super::balance::balance;
use super::splits::largest_pair;
use super::sweep::{Cuts, rotated};
use crate::linalg::{SplitMethod, Work, norm};
use crate::scalar::Scalar;

/// Any will do; a fixed one makes the result a function of the input.
const SEED: u64 = 0x7472;

/// The cores of a TR-SVD, padded to these ranks where its cuts are too small for them.
///
/// The start is the mode whose two ranks are the smallest part of more than its cut can make. Padding leaves the tensor
/// as it is: new indices lead from zeros to random entries, so that the next update can use them.
pub(super) fn from_svd<A: Scalar>(
    elements: &[A],
    shape: &[usize],
    ranks: &[usize],
    work: &mut Work<A>,
) -> Result<Vec<Array3<A>>, TrError> {
    let order = shape.len();
    let found = if order == 1 {
        let mut core = Array3::zeros((1, shape[0], 1));
        core.iter_mut().zip(elements).for_each(|(c, &x)| *c = x);
        vec![core]
    } else {
        let pair = |k: usize| [ranks[k], ranks[(k + 1) % order]];
        let limit = |k: usize| shape[k].min(elements.len() / shape[k]);
        let missing = |k: usize| {
            let [p, q] = pair(k);
            let [a, b] = largest_pair(pair(k), limit(k));
            (p as f64 * q as f64) / (a as f64 * b as f64)
        };
        let start = (0..order)
            .min_by(|&a, &b| missing(a).total_cmp(&missing(b)))
            .unwrap_or(0);
        let [closing, next] = largest_pair(pair(start), limit(start));
        let block = rotated(elements, shape, start);
        let (mut own_shape, mut caps) = (shape.to_vec(), ranks.to_vec());
        own_shape.rotate_left(start);
        caps.rotate_left(start);
        (caps[0], caps[1]) = (closing, next);
        let cuts = Cuts {
            shape: &own_shape,
            caps: &caps,
            prescribed: true,
            method: SplitMethod::Auto,
            budget: 0.0,
        };
        let first = cuts.first(&block, Some(closing * next), work)?;
        let mut cores = cuts.finish(&first, [closing, next], work)?.cores;
        cores.rotate_right(start);
        cores
    };
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut cores = Vec::with_capacity(order);
    for (k, core) in found.iter().enumerate() {
        let (r, n, s) = core.dim();
        let size = core.as_slice().map_or(0.0, norm) / (core.len() as f64).sqrt();
        let size = if size > 0.0 { size } else { 1.0 };
        let mut padded = Array3::zeros((ranks[k], n, ranks[(k + 1) % order]));
        padded
            .slice_mut(s![r.., .., ..s])
            .mapv_inplace(|_: A| A::narrow(size * uniform(&mut rng)));
        padded.slice_mut(s![..r, .., ..s]).assign(core);
        cores.push(padded);
    }
    Ok(cores)
}

/// Random cores, entries uniform with mean zero, for a tensor of this norm.
pub(super) fn random<A: Scalar, R: Rng + ?Sized>(
    shape: &[usize],
    ranks: &[usize],
    size: f64,
    rng: &mut R,
) -> Vec<Array3<A>> {
    let order = shape.len();
    let core = |k: usize, rng: &mut R| {
        let dim = (ranks[k], shape[k], ranks[(k + 1) % order]);
        Array3::from_shape_simple_fn(dim, || A::narrow(uniform(rng)))
    };
    let mut cores: Vec<Array3<A>> = (0..order).map(|k| core(k, rng)).collect();
    let norms = cores.iter().map(|c| c.as_slice().map_or(1.0, norm).log2());
    let exponent = (size.log2() - norms.sum::<f64>()).round();
    balance(&mut cores, exponent);
    cores
}

/// Evenly over [-1, 1), from the upper 53 bits.
fn uniform<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}
