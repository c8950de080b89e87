//! The formats: how a kernel is seen as a tensor, and ranks for a number of parameters.

use tt_admm::ndarray::{Array4, ArrayD};
use tt_admm::{BoxError, Tensorization, Truncation, TtError, TtRanks, balanced_modes, tt_svd};

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

/// How the ranks of a kernel are chosen for its budget of parameters.
#[derive(Clone, Copy)]
pub(crate) enum Choice {
    /// Every bond keeps the same share of the largest rank it can have, rounded down but to no less than 1.
    Share,
    /// The ranks that TT-SVD finds for a relative error: every bond loses about the same.
    Tolerance,
}

impl Choice {
    /// All `d + 1` ranks for `ratio` times fewer parameters, as many as the budget allows.
    pub(crate) fn ranks(self, tensor: &ArrayD<f32>, ratio: f64) -> Result<Vec<usize>, BoxError> {
        let shape = tensor.shape();
        let budget = tensor.len() as f64 / ratio;
        // From 0, where nothing is kept, to 1.
        let of_part = |part: f64| match self {
            Self::Share => of_share(shape, part),
            Self::Tolerance => {
                let found = tt_svd(tensor, Truncation::relative(1.0 - part))?;
                Ok(found.ranks().to_vec())
            }
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..16 {
            let middle = f64::midpoint(low, high);
            if parameters(shape, &of_part(middle)?) as f64 <= budget {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(of_part(low)?)
    }
}

/// The `d` ranks of a ring for `ratio` times fewer parameters: equal ones, but for the closing bond if its rank is
/// given, and of the first bonds one more where there is room. Ranks of 1 are taken where nothing fits.
pub(crate) fn ring_ranks(shape: &[usize], ratio: f64, closing: Option<usize>) -> Vec<usize> {
    let elements = shape.iter().product::<usize>();
    let budget = elements as f64 / ratio;
    let fits = |ranks: &[usize]| {
        let ends: Vec<usize> = ranks.iter().chain(ranks.first()).copied().collect();
        parameters(shape, &ends) as f64 <= budget
    };
    let equal = |rank: usize| {
        let mut ranks = vec![rank; shape.len()];
        ranks[0] = closing.unwrap_or(rank);
        ranks
    };
    let mut ranks = (2..=elements)
        .map(equal)
        .take_while(|ranks| fits(ranks))
        .last()
        .unwrap_or_else(|| equal(1));
    for bond in usize::from(closing.is_some())..shape.len() {
        ranks[bond] += 1;
        if !fits(&ranks) {
            ranks[bond] -= 1;
        }
    }
    ranks
}

fn of_share(shape: &[usize], share: f64) -> Result<Vec<usize>, TtError> {
    let largest = resolved(shape, &vec![usize::MAX; shape.len() - 1])?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 1 and a rank
    let part = |&rank: &usize| (share * rank as f64).floor().max(1.0) as usize;
    let inner: Vec<usize> = largest[1..shape.len()].iter().map(part).collect();
    resolved(shape, &inner)
}

fn parameters(shape: &[usize], ranks: &[usize]) -> usize {
    let cores = shape.iter().zip(ranks.windows(2));
    cores.map(|(n, r)| r[0] * n * r[1]).sum()
}

/// These inner ranks as a shape allows them.
fn resolved(shape: &[usize], inner: &[usize]) -> Result<Vec<usize>, TtError> {
    Ok(TtRanks::from(inner).resolve(shape)?)
}

#[cfg(test)]
mod tests {
    use super::{Choice, FORMATS, parameters, ring_ranks};
    use tt_admm::ndarray::{Array4, ArrayD, Dimension};

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
            let tensor = ArrayD::from_shape_fn(shape, |i| {
                let place = i.slice().iter().fold(1_usize, |sum, k| 31 * sum + k);
                ((place * place) as f32 * 0.37).sin()
            });
            for choice in [Choice::Share, Choice::Tolerance] {
                let ranks = choice.ranks(&tensor, 3.0).unwrap();
                let ratio = tensor.len() as f64 / parameters(shape, &ranks) as f64;
                assert!((3.0..3.5).contains(&ratio), "{shape:?}: {ratio}");
            }
            let ranks = Choice::Share.ranks(&tensor, 1e9).unwrap();
            assert!(ranks.iter().all(|&r| r == 1), "{ranks:?}");
        }
    }

    #[test]
    fn rings_use_the_budget_and_no_more() {
        for (shape, closing, ratios) in [
            (&[64, 9, 64][..], None, 3.0..3.3),
            (&[64, 9, 64], Some(2), 3.0..3.2),
            (&[8, 8, 9, 8, 8], None, 3.0..3.3),
            (&[16, 9, 16], Some(1), 3.0..3.4),
        ] {
            let mut ranks = ring_ranks(shape, 3.0, closing);
            assert!(closing.is_none_or(|rank| rank == ranks[0]));
            ranks.push(ranks[0]);
            let elements: usize = shape.iter().product();
            let ratio = elements as f64 / parameters(shape, &ranks) as f64;
            assert!(ratios.contains(&ratio), "{shape:?} {ranks:?}: {ratio}");
            assert_eq!(ring_ranks(shape, 1e9, None), vec![1; shape.len()]);
        }
    }
}
