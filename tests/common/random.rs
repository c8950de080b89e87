//! Seeded random data, from a generator of its own so that the tests depend on no generator of the crate.

use tt_admm::Scalar;
use tt_admm::ndarray::{Array2, Array3, ArrayD, IxDyn};

/// `SplitMix64` (Steele, Lea, Flood, 2014).
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `[-1, 1)`, exact in `f32` too.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.next() >> 41) as f64 / f64::from(1_u32 << 22) - 1.0
    }

    /// Uniform in `0..n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() >> 32).map_or(0, |x| x % n)
    }
}

/// A dense tensor with entries in `[-1, 1)`.
pub(crate) fn tensor<A: Scalar>(shape: &[usize], seed: u64) -> ArrayD<A> {
    let mut rng = Rng::new(seed);
    ArrayD::from_shape_simple_fn(IxDyn(shape), || A::narrow(rng.uniform()))
}

/// An `m x n` matrix with entries in `[-1, 1)`.
pub(crate) fn matrix<A: Scalar>(m: usize, n: usize, seed: u64) -> Array2<A> {
    let mut rng = Rng::new(seed);
    Array2::from_shape_simple_fn((m, n), || A::narrow(rng.uniform()))
}

/// Cores of a random tensor train, entries in `[-1, 1)`; `ranks` are the `d + 1` ranks.
pub(crate) fn cores<A: Scalar>(shape: &[usize], ranks: &[usize], seed: u64) -> Vec<Array3<A>> {
    let mut rng = Rng::new(seed);
    shape
        .iter()
        .zip(ranks.windows(2))
        .map(|(&n, r)| Array3::from_shape_simple_fn((r[0], n, r[1]), || A::narrow(rng.uniform())))
        .collect()
}

/// `m x r` with orthonormal columns, by Gram and Schmidt, twice for good measure.
pub(crate) fn orthonormal(m: usize, r: usize, seed: u64) -> Array2<f64> {
    let mut q = matrix::<f64>(m, r, seed);
    for k in 0..r {
        for _ in 0..2 {
            for j in 0..k {
                let overlap: f64 = (0..m).map(|i| q[[i, j]] * q[[i, k]]).sum();
                for i in 0..m {
                    q[[i, k]] -= overlap * q[[i, j]];
                }
            }
        }
        let norm = (0..m).map(|i| q[[i, k]].powi(2)).sum::<f64>().sqrt();
        for i in 0..m {
            q[[i, k]] /= norm;
        }
    }
    q
}

/// An `m x n` matrix with these singular values and random singular vectors.
pub(crate) fn with_spectrum<A: Scalar>(m: usize, n: usize, sigma: &[f64], seed: u64) -> Array2<A> {
    let u = orthonormal(m, sigma.len(), seed);
    let v = orthonormal(n, sigma.len(), seed ^ 0xABCD);
    Array2::from_shape_fn((m, n), |(i, j)| {
        A::narrow(
            (0..sigma.len())
                .map(|k| u[[i, k]] * sigma[k] * v[[j, k]])
                .sum(),
        )
    })
}
