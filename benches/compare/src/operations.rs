//! Operation counts, for lower bounds.

use crate::layout::Layout;

/// Floating-point operations of the cheapest exact projection and rebuild known to us.
///
/// Bonds are cut from whichever end is cheaper. A cut at rank `r` of a block whose unfolding has the short
/// side `s` and the long side `l` counts
///
/// - `s^2 l`: the Gram matrix of the short side, one triangle of it;
/// - `(4/3) s^3`: its reduction to tridiagonal form;
/// - `2 s^2 r`: the transformation of `r` eigenvectors back;
/// - `2 s l r`: the product that is left for the next cut.
///
/// Eigenvalues and vectors of the tridiagonal matrix are not counted: with deflation their cost is small, and
/// a bound must not be too high. A bond that its rank does not cut costs nothing. The rebuild is a sequence of
/// products of the cores in the cheapest order.
///
/// Divided by the speed of a matrix product this bounds the time from below, for a method that squares
/// singular values and does everything at that speed. No eigen-solver does.
pub(crate) fn projection(layout: &Layout) -> f64 {
    let (shape, ranks) = merged(layout);
    cuts(&shape, &ranks) + rebuild(&shape, &ranks)
}

/// Shape and ranks with those outer bonds gone that the ranks do not cut.
fn merged(layout: &Layout) -> (Vec<usize>, Vec<usize>) {
    let (mut shape, mut ranks) = (layout.shape.clone(), layout.ranks.clone());
    while shape.len() > 1 {
        let last = shape.len() - 1;
        if ranks[1] >= shape[0] {
            let first = shape.remove(0);
            shape[0] *= first;
            ranks.remove(1);
        } else if ranks[last] >= shape[last] {
            shape[last - 1] *= shape[last];
            shape.truncate(last);
            ranks.remove(last);
        } else {
            break;
        }
    }
    (shape, ranks)
}

/// All cuts of a block with these modes and `d + 1` ranks, in the cheapest order.
fn cuts(shape: &[usize], ranks: &[usize]) -> f64 {
    let d = shape.len();
    if d == 1 {
        return 0.0;
    }
    let size = ranks[0] * shape.iter().product::<usize>() * ranks[d];
    let left = cut(ranks[0] * shape[0], size, ranks[1]) + cuts(&shape[1..], &ranks[1..]);
    let right =
        cut(shape[d - 1] * ranks[d], size, ranks[d - 1]) + cuts(&shape[..d - 1], &ranks[..d]);
    left.min(right)
}

/// One cut of a block with `size` elements, `side` of them on the outer side of the unfolding.
fn cut(side: usize, size: usize, rank: usize) -> f64 {
    if rank >= side {
        return 0.0;
    }
    let other = size / side;
    let (s, l) = (side.min(other) as f64, side.max(other) as f64);
    let r = rank as f64;
    s * s * l + 4.0 / 3.0 * s.powi(3) + 2.0 * s * s * r + 2.0 * s * l * r
}

/// The products of neighbouring cores, in the cheapest order.
fn rebuild(shape: &[usize], ranks: &[usize]) -> f64 {
    let d = shape.len();
    let size = |modes: &[usize]| modes.iter().product::<usize>() as f64;
    (1..d)
        .map(|k| {
            let rows = ranks[0] as f64 * size(&shape[..k]);
            let cols = size(&shape[k..]) * ranks[d] as f64;
            rebuild(&shape[..k], &ranks[..=k])
                + rebuild(&shape[k..], &ranks[k..])
                + 2.0 * rows * ranks[k] as f64 * cols
        })
        .reduce(f64::min)
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::layers;

    fn count(shape: &[usize], ranks: &[usize]) -> f64 {
        projection(&Layout::new(shape, ranks.to_vec()).unwrap())
    }

    fn assert_near(count: f64, expected: f64, relative: f64) {
        assert!(
            (count / expected - 1.0).abs() < relative,
            "{count}, expected {expected}"
        );
    }

    #[test]
    fn a_matrix() {
        // 6 x 10 at rank 2: Gram matrix, tridiagonal form, vectors, product; rebuild.
        let expected = 360.0 + 288.0 + 144.0 + 240.0 + 240.0;
        assert_near(count(&[6, 10], &[2]), expected, 1e-12);
        assert_near(count(&[10, 6], &[2]), expected, 1e-12);
    }

    #[test]
    fn uncut_bonds_are_free() {
        assert!(count(&[16, 9, 16], &[16, 16]).abs() < 1e-12);
        assert!(count(&[5], &[]).abs() < 1e-12);
        // The outer bonds vanish, whatever the modes were called.
        assert_near(
            count(&[8, 4, 9, 4, 8], &[8, 16, 16, 8]),
            count(&[32, 9, 32], &[16, 16]),
            1e-12,
        );
    }

    #[test]
    fn the_cheaper_end_goes_first() {
        assert_near(
            count(&[4, 6, 30], &[2, 3]),
            count(&[30, 6, 4], &[3, 2]),
            1e-12,
        );
    }

    #[test]
    fn products_are_taken_in_the_cheapest_order() {
        let [a, b] = [2.0 * 4.0 * 2.0 * 5.0 * 3.0, 2.0 * 20.0 * 3.0 * 6.0];
        let [c, d] = [2.0 * 2.0 * 5.0 * 3.0 * 6.0, 2.0 * 4.0 * 2.0 * 30.0];
        assert_near(
            rebuild(&[4, 5, 6], &[1, 2, 3, 1]),
            f64::min(a + b, c + d),
            1e-12,
        );
    }

    /// The counts of the workloads in units of 10^9, so that a change of the formula is noticed.
    #[test]
    fn workloads() {
        for (name, expected) in [("W1", 0.1139), ("W2", 20.83), ("W3", 21.69)] {
            let layers = layers(name).unwrap().unwrap();
            let count: f64 = layers.iter().map(projection).sum();
            assert_near(count / 1e9, expected, 1e-3);
        }
    }
}
