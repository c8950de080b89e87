//! Transfer matrices of cores, and products of them.

use ndarray::{Array2, Array3};

use crate::linalg::{lower_gram, matmul};
use crate::scalar::Scalar;
use crate::tensor_train::reshaped;

/// `E[(a a'), (b b')] = sum_i G[a, i, b] G[a', i, b']` of a core or of the product of some, in `f64`.
///
/// Exchanging the two copies of all indices changes nothing, so `E` maps what is symmetric in a pair to what is symmetric,
/// and what is antisymmetric likewise: two matrices of half the sides. A product costs `r^6 / 2` operations in place of
/// `2 r^6`. Pairs are numbered with the larger index first: `(0 0), (0 1), (1 1), (0 2), ...`.
pub(super) struct Transfer {
    /// On pairs `a <= a'`: `E[(a a'), (b b')] + E[(a a'), (b' b)]`, the second only if `b` and `b'` differ.
    even: Array2<f64>,
    /// On pairs `a < a'`: `E[(a a'), (b b')] - E[(a a'), (b' b)]`.
    odd: Array2<f64>,
}

impl Transfer {
    /// That of a core; costs `n r^4`.
    pub(super) fn of_core<A: Scalar>(core: &Array3<A>) -> Self {
        let (r, n, s) = core.dim();
        let turned = core.view().permuted_axes([0, 2, 1]);
        let turned = turned.mapv(Scalar::widen);
        let turned = turned.as_standard_layout();
        let products = lower_gram(reshaped(turned.view(), (r * s, n)));
        let mut even = Vec::with_capacity(pairs(r) * pairs(s));
        let mut odd = Vec::with_capacity(pairs(r - 1) * pairs(s - 1));
        for (a, upper) in all_pairs(r) {
            for (b, other) in all_pairs(s) {
                let straight = products[[upper * s + other, a * s + b]];
                if b == other {
                    even.push(straight);
                    continue;
                }
                if a == upper {
                    even.push(2.0 * straight);
                    continue;
                }
                let crossed = products[[upper * s + b, a * s + other]];
                even.push(straight + crossed);
                odd.push(straight - crossed);
            }
        }
        Self {
            even: with_sides(even, (pairs(r), pairs(s))),
            odd: with_sides(odd, (pairs(r - 1), pairs(s - 1))),
        }
    }

    /// That of no core, for a bond of this rank.
    pub(super) fn identity(rank: usize) -> Self {
        Self {
            even: Array2::eye(pairs(rank)),
            odd: Array2::eye(pairs(rank - 1)),
        }
    }

    /// That of both, this one being on the left.
    pub(super) fn times(&self, right: &Self) -> Self {
        Self {
            even: product(&self.even, &right.even),
            odd: product(&self.odd, &right.odd),
        }
    }

    /// The trace of the product with one that closes the ring: the squared norm of the tensor.
    pub(super) fn closed_by(&self, other: &Self) -> f64 {
        let trace = |a: &Array2<f64>, b: &Array2<f64>| -> f64 {
            let rows = a.rows().into_iter().zip(b.columns());
            rows.map(|(row, column)| row.dot(&column)).sum()
        };
        trace(&self.even, &other.even) + trace(&self.odd, &other.odd)
    }

    /// The lower triangle of the Gram matrix of the subchain of a core with these ranks, whose other cores this is the
    /// product of, from its right side around to its left: rows and columns are pairs of its left and its right index.
    pub(super) fn gram(&self, (left, right): (usize, usize)) -> Array2<f64> {
        let mut gram = Array2::zeros((left * right, left * right));
        let place = |a: usize, b: usize| a * right + b;
        let mut rows_of_odd = self.odd.rows().into_iter();
        for ((b, other), even) in all_pairs(right).zip(self.even.rows()) {
            let odd = (b != other).then(|| rows_of_odd.next()).flatten();
            let mut odd = odd.into_iter().flatten();
            for ((a, upper), &even) in all_pairs(left).zip(even) {
                if a == upper {
                    gram[[place(a, other), place(a, b)]] = even;
                } else if b == other {
                    gram[[place(upper, b), place(a, b)]] = 0.5 * even;
                } else {
                    let odd = odd.next().copied().unwrap_or(0.0);
                    gram[[place(upper, other), place(a, b)]] = 0.5 * (even + odd);
                    gram[[place(upper, b), place(a, other)]] = 0.5 * (even - odd);
                }
            }
        }
        gram
    }
}

/// The number of pairs `a <= a'` of indices below `n`.
fn pairs(n: usize) -> usize {
    n * (n + 1) / 2
}

/// Pairs `(a, a')` with `a <= a' < n`, in order of `a'`, then `a`.
fn all_pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(|upper| (0..=upper).map(move |a| (a, upper)))
}

/// There are no antisymmetric pairs of one index.
fn product(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    if a.is_empty() || b.is_empty() {
        return Array2::zeros((a.nrows(), b.ncols()));
    }
    matmul(a.view(), b.view())
}

fn with_sides(elements: Vec<f64>, sides: (usize, usize)) -> Array2<f64> {
    match Array2::from_shape_vec(sides, elements) {
        Ok(matrix) => matrix,
        Err(error) => unreachable!("all pairs of both sides: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::Transfer;
    use ndarray::Array3;

    fn core(r: usize, n: usize, s: usize) -> Array3<f64> {
        Array3::from_shape_fn((r, n, s), |(a, i, b)| {
            ((7 * a + 3 * i * i + 5 * b + a * b) as f64).sin()
        })
    }

    #[test]
    fn a_gram_matrix_has_the_products_of_the_columns_of_the_subchain() {
        for (r, s, t) in [(3, 2, 4), (1, 3, 2), (2, 1, 1), (1, 1, 3)] {
            // Around a core with left rank r and right rank s: s -> t -> r.
            let (x, y) = (core(s, 3, t), core(t, 4, r));
            let around = Transfer::of_core(&x).times(&Transfer::of_core(&y));
            let gram = around.gram((r, s));
            let entry = |i: usize, j: usize, a: usize, b: usize| -> f64 {
                (0..t).map(|c| x[[b, i, c]] * y[[c, j, a]]).sum()
            };
            for (p, q) in (0..r * s).flat_map(|p| (0..=p).map(move |q| (p, q))) {
                let expected: f64 = (0..12)
                    .map(|k| entry(k / 4, k % 4, p / s, p % s) * entry(k / 4, k % 4, q / s, q % s))
                    .sum();
                assert!(
                    (gram[[p, q]] - expected).abs() < 1e-12,
                    "{r} {s} {t}: {p} {q}"
                );
            }
        }
    }

    #[test]
    fn closing_the_ring_gives_the_squared_norm() {
        let (x, y) = (core(2, 5, 3), core(3, 4, 2));
        let mut square = 0.0;
        for (i, j) in (0..5).flat_map(|i| (0..4).map(move |j| (i, j))) {
            let trace: f64 = (0..6)
                .map(|k| x[[k / 3, i, k % 3]] * y[[k % 3, j, k / 3]])
                .sum();
            square += trace * trace;
        }
        let (x, y) = (Transfer::of_core(&x), Transfer::of_core(&y));
        assert!((x.closed_by(&y) - square).abs() < 1e-12 * square);
        let one = Transfer::identity(2);
        assert!((x.times(&y).closed_by(&one) - square).abs() < 1e-12 * square);
    }
}
