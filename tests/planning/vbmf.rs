//! Variational Bayesian matrix factorisation: planted ranks, and a slow minimisation of the free energy.

use proptest::prelude::any;
use tt_admm::compress::{Conv2d, Family, LayerProfile, Operator, plan_vbmf};
use tt_admm::ndarray::{Array2, ArrayD};

use crate::common::random::{self, Rng};
use crate::common::strategy::check;
use crate::common::{jacobi, oracle};

/// Roughly normal numbers of variance 1: twelve uniform ones.
fn normal(rng: &mut Rng) -> f64 {
    (0..12).map(|_| 0.5 * rng.uniform()).sum()
}

/// A matrix of this rank in noise; singular values of the signal from `weakest` upwards in units of the noise's largest.
fn planted(m: usize, n: usize, rank: usize, weakest: f64, seed: u64) -> ArrayD<f64> {
    let mut rng = Rng::new(seed);
    let noise = (m as f64).sqrt() + (n as f64).sqrt();
    let sigma: Vec<f64> = (0..rank)
        .map(|k| noise * (weakest + 0.7 * (rank - k) as f64))
        .collect();
    let mut matrix: Array2<f64> = random::with_spectrum(m, n, &sigma, seed);
    matrix.mapv_inplace(|x| x + normal(&mut rng));
    matrix.into_dyn()
}

fn found(weight: &ArrayD<f64>) -> Option<usize> {
    let layer =
        LayerProfile::measure("w", weight, Operator::linear(1), &[Family::LowRank]).unwrap();
    let plan = plan_vbmf(&[layer]).unwrap();
    plan.layers()[0]
        .scheme
        .as_ref()
        .map(|scheme| scheme.ranks()[1])
}

#[test]
fn planted_ranks_are_found() {
    for (m, n) in [(20, 20), (20, 60), (60, 20), (40, 50), (80, 80)] {
        for rank in 1..=m.min(n) / 5 {
            for seed in 0..3 {
                let weight = planted(m, n, rank, 1.5, 1000 * seed + rank as u64);
                assert_eq!(found(&weight), Some(rank), "{m} x {n}, seed {seed}");
                // Units do not matter.
                assert_eq!(found(&(&weight * 1e-140)), Some(rank));
            }
        }
    }
}

#[test]
fn noise_alone_has_rank_one() {
    for (m, n) in [(20, 20), (20, 60), (50, 40)] {
        for seed in 0..5 {
            let mut rng = Rng::new(seed);
            let noise = ArrayD::from_shape_simple_fn(vec![m, n], || normal(&mut rng));
            assert_eq!(found(&noise), Some(1), "{m} x {n}, seed {seed}");
        }
    }
}

#[test]
fn exact_low_rank_is_found_without_noise() {
    for rank in 1..5 {
        let sigma: Vec<f64> = (0..rank).map(|k| 3.0 - 0.5 * f64::from(k)).collect();
        let weight = random::with_spectrum::<f64>(30, 24, &sigma, 7).into_dyn();
        assert_eq!(found(&weight), Some(sigma.len()));
    }
    // Zeros that are exact: most rows and columns are empty.
    let mut weight = ArrayD::<f64>::zeros(vec![30, 24]);
    weight[[0, 0]] = 3.0;
    weight[[1, 1]] = 2.0;
    weight[[2, 2]] = 1.0;
    assert_eq!(found(&weight), Some(3));
}

/// `2 F / sigma^2`-free part of one component of the empirical free energy at this noise variance, by alternating updates
/// of means, variances and prior variances from a start at the data; `None` where it ends at zero.
fn component(gamma: f64, l: f64, m: f64, noise: f64) -> Option<f64> {
    let (mut a, mut b) = (gamma.sqrt(), gamma.sqrt());
    let (mut va, mut vb) = (noise / (gamma + noise), noise / (gamma + noise));
    let (mut ca, mut cb) = (a * a / m + va, b * b / l + vb);
    for _ in 0..2000 {
        va = noise / (b * b + l * vb + noise / ca);
        a = va * b * gamma / noise;
        vb = noise / (a * a + m * va + noise / cb);
        let before = b;
        b = vb * a * gamma / noise;
        ca = a * a / m + va;
        cb = b * b / l + vb;
        if (b - before).abs() <= 1e-12 * b {
            break;
        }
    }
    if a * b <= 1e-3 * gamma {
        return None;
    }
    let fit = gamma * gamma - 2.0 * gamma * a * b + (a * a + m * va) * (b * b + l * vb);
    Some(m * (ca / va).ln() + l * (cb / vb).ln() + fit / noise)
}

/// The number of components that are not zero where the free energy is smallest.
fn slow_rank(weight: &ArrayD<f64>) -> usize {
    const GRID: u32 = 200;
    let sigma = jacobi::singular_values(&oracle::unfolding(weight, 1));
    let (m, n) = (weight.shape()[0] as f64, weight.shape()[1] as f64);
    let (l, m) = (m.min(n), m.max(n));
    let mean = sigma.iter().map(|s| s * s).sum::<f64>() / (l * m);
    let at = |noise: f64| {
        let (mut energy, mut rank) = (l * m * noise.ln(), 0);
        for &gamma in &sigma {
            let zero = gamma * gamma / noise;
            match component(gamma, l, m, noise) {
                Some(value) if value < zero => {
                    energy += value;
                    rank += 1;
                }
                _ => energy += zero,
            }
        }
        (energy, rank)
    };
    let grid = (0..=GRID).map(|k| mean * (-7.0 * f64::from(k) / f64::from(GRID)).exp());
    let best = grid.map(at).min_by(|a, b| a.0.total_cmp(&b.0));
    best.unwrap().1
}

#[test]
fn the_free_energy_is_smallest_at_this_rank() {
    check(25, &any::<u64>(), |seed| {
        let mut rng = Rng::new(seed);
        let (m, n) = (8 + rng.below(10), 8 + rng.below(14));
        let rank = 1 + rng.below(3);
        let weight = planted(m, n, rank, 1.3, seed);
        let slow = slow_rank(&weight);
        let parameters = slow * (m + n);
        let expected = (parameters < m * n).then_some(slow.max(1));
        assert_eq!(found(&weight), expected, "{m} x {n}, planted {rank}");
    });
}

#[test]
fn convolutions_get_a_rank_for_each_side() {
    // Tucker-2 of ranks (3, 2) in a little noise.
    let (u, v) = (random::orthonormal(24, 3, 1), random::orthonormal(20, 2, 2));
    let core = random::tensor::<f64>(&[3, 2, 3, 3], 3);
    let mut rng = Rng::new(4);
    let weight = ArrayD::from_shape_fn(vec![24, 20, 3, 3], |index| {
        let mut sum = 0.0;
        for a in 0..3 {
            for b in 0..2 {
                sum += u[[index[0], a]] * v[[index[1], b]] * core[[a, b, index[2], index[3]]];
            }
        }
        sum + 1e-3 * normal(&mut rng)
    });
    let conv = Operator::conv(Conv2d::new([8, 8]));
    let layer = LayerProfile::measure("w", &weight, conv, &[Family::Tucker]).unwrap();
    let plan = plan_vbmf(&[layer]).unwrap();
    assert_eq!(plan.layers()[0].scheme.as_ref().unwrap().ranks(), [3, 9, 2]);
}
