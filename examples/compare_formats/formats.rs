//! The formats: how a kernel is seen as a tensor, and ranks for a number of parameters.

use tt_admm::ndarray::{Array4, ArrayD};
use tt_admm::{BoxError, Tensorization, TtRanks, balanced_modes};

/// A way to see a kernel [out, in, 3, 3] as a tensor.
pub(crate) struct Format {
    pub(crate) name: &'static str,
    layout: Layout,
}

enum Layout {
    /// [out, in 9]
    Matrix,
    /// [out, 9, in]
    Three,
    /// [o1, o2, 9, i1, i2]
    Split,
    /// [9, o1 i1, o2 i2]
    TtMatrix,
}

pub(crate) const FORMATS: [Format; 4] = [
    Format {
        name: "matrix, O x 9 I",
        layout: Layout::Matrix,
    },
    Format {
        name: "TT, [O, 9, I]",
        layout: Layout::Three,
    },
    Format {
        name: "TT, [o1, o2, 9, i1, i2]",
        layout: Layout::Split,
    },
    Format {
        name: "TT-matrix, [9, o1 i1, o2 i2]",
        layout: Layout::TtMatrix,
    },
];

impl Format {
    /// The kernel as that tensor.
    pub(crate) fn tensor(&self, kernel: &Array4<f32>) -> Result<ArrayD<f32>, BoxError> {
        let (out, input, height, width) = kernel.dim();
        let ([o1, o2], [i1, i2]) = (pair(out), pair(input));
        let positions = height * width;
        let layout = match self.layout {
            Layout::Matrix => Tensorization::custom(
                kernel.shape(),
                kernel.shape(),
                [0, 1, 2, 3],
                [out, input * positions],
            )?,
            Layout::Three => Tensorization::conv([out], [height, width], [input])?,
            Layout::Split => Tensorization::conv([o1, o2], [height, width], [i1, i2])?,
            Layout::TtMatrix => Tensorization::custom(
                kernel.shape(),
                [o1, o2, i1, i2, positions],
                [4, 0, 2, 1, 3],
                [positions, o1 * i1, o2 * i2],
            )?,
        };
        Ok(layout.tensorize(kernel)?)
    }
}

/// Two factors as close to each other as there are, the smaller one first.
fn pair(n: usize) -> [usize; 2] {
    let modes = balanced_modes(n, 2);
    let small = modes.into_iter().min().unwrap_or(1).max(1);
    [small, n / small]
}

/// All `d + 1` ranks of a tensor for `ratio` times fewer parameters: every bond keeps the same share of the largest
/// rank it can have, rounded down but to no less than 1, and the share is as large as the budget allows.
pub(crate) fn ranks(shape: &[usize], ratio: f64) -> Vec<usize> {
    let largest = resolved(shape, &vec![usize::MAX; shape.len() - 1]);
    let budget = shape.iter().product::<usize>() as f64 / ratio;
    let of_share = |share: f64| {
        let inner = largest[1..shape.len()].iter();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 1 and a rank
        let inner: Vec<usize> = inner
            .map(|&r| (share * r as f64).floor().max(1.0) as usize)
            .collect();
        resolved(shape, &inner)
    };
    let parameters = |ranks: &[usize]| {
        let cores = shape.iter().zip(ranks.windows(2));
        cores.map(|(n, r)| r[0] * n * r[1]).sum::<usize>() as f64
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if parameters(&of_share(middle)) <= budget {
            low = middle;
        } else {
            high = middle;
        }
    }
    of_share(low)
}

/// These inner ranks as a shape allows them.
fn resolved(shape: &[usize], inner: &[usize]) -> Vec<usize> {
    TtRanks::from(inner)
        .resolve(shape)
        .unwrap_or_else(|_| vec![1; shape.len() + 1])
}

#[cfg(test)]
mod tests {
    use super::{FORMATS, ranks};
    use tt_admm::ndarray::Array4;

    #[test]
    fn every_format_has_the_elements_in_their_places() {
        let (out, input) = (6, 10);
        let kernel = Array4::from_shape_fn((out, input, 3, 3), |(o, i, h, w)| {
            (1000 * o + 10 * i + 3 * h + w) as f32
        });
        // out 5 = (1, 2) of [2, 3], in 7 = (1, 2) of [2, 5], row 2, column 1.
        let expected = kernel[[5, 7, 2, 1]];
        let places: [&[usize]; 4] = [&[5, 70], &[5, 7, 7], &[1, 2, 7, 1, 2], &[7, 3, 12]];
        for (format, place) in FORMATS.iter().zip(places) {
            let tensor = format.tensor(&kernel).unwrap();
            assert_eq!(tensor.len(), kernel.len());
            assert!((tensor[place] - expected).abs() < 1e-6, "{}", format.name);
        }
    }

    #[test]
    fn ranks_use_the_budget_and_no_more() {
        for shape in [&[64, 576][..], &[64, 9, 64], &[8, 8, 9, 8, 8], &[9, 64, 64]] {
            let size: usize = shape.iter().product();
            let ranks = ranks(shape, 3.0);
            let cores = shape.iter().zip(ranks.windows(2));
            let parameters: usize = cores.map(|(n, r)| r[0] * n * r[1]).sum();
            let ratio = size as f64 / parameters as f64;
            assert!((3.0..3.4).contains(&ratio), "{shape:?}: {ratio}");
        }
        assert_eq!(ranks(&[8, 9, 8], 1e9), [1, 1, 1, 1]);
    }
}
