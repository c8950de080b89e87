//! Shapes and ranks of the workloads.
//!
//! Those of ResNet-32 and ResNet-18 are from the published code of Yin et al. (CVPR 2021): "general" splits the channels
//! over several modes, "special" keeps a kernel as [out, 9, in].

use tt_admm::{RankError, TtRanks};

/// The shape of a tensor and the ranks it is decomposed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) shape: Vec<usize>,
    /// All `d + 1` ranks, ends included, none larger than the shape allows.
    pub(crate) ranks: Vec<usize>,
}

impl Layout {
    /// `ranks` in any of the forms of [`TtRanks`].
    pub(crate) fn new(shape: &[usize], ranks: impl Into<TtRanks>) -> Result<Self, RankError> {
        Ok(Self {
            shape: shape.to_vec(),
            ranks: ranks.into().resolve(shape)?,
        })
    }

    /// Elements of the tensor.
    pub(crate) fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// Elements of the cores.
    pub(crate) fn parameters(&self) -> usize {
        let modes = self.shape.iter().zip(self.ranks.windows(2));
        modes.map(|(n, r)| r[0] * n * r[1]).sum()
    }
}

/// So many layers of this shape with these inner ranks.
type Row = (usize, &'static [usize], &'static [usize]);

/// ResNet-32, general.
const W1: &[Row] = &[
    (10, &[16, 9, 16], &[16, 16]),
    (1, &[8, 4, 9, 4, 4], &[8, 32, 16, 4]),
    (9, &[8, 4, 9, 4, 8], &[8, 16, 16, 8]),
    (1, &[8, 8, 9, 4, 8], &[8, 40, 24, 8]),
    (9, &[8, 8, 9, 8, 8], &[8, 28, 28, 8]),
];

/// ResNet-18, general.
const W2: &[Row] = &[
    (4, &[8, 8, 9, 8, 8], &[7, 36, 36, 7]),
    (1, &[16, 8, 9, 8, 8], &[15, 72, 36, 7]),
    (3, &[16, 8, 9, 8, 16], &[15, 72, 72, 15]),
    (1, &[16, 16, 9, 8, 16], &[15, 138, 72, 15]),
    (3, &[16, 16, 9, 16, 16], &[15, 138, 138, 15]),
    (1, &[32, 16, 9, 16, 16], &[30, 220, 138, 15]),
    (3, &[32, 16, 9, 16, 32], &[30, 220, 220, 30]),
];

/// ResNet-18, special.
const W3: &[Row] = &[
    (4, &[64, 9, 64], &[40, 40]),
    (1, &[128, 9, 64], &[72, 40]),
    (3, &[128, 9, 128], &[72, 72]),
    (1, &[256, 9, 128], &[120, 72]),
    (3, &[256, 9, 256], &[120, 120]),
    (1, &[512, 9, 256], &[235, 122]),
    (3, &[512, 9, 512], &[235, 235]),
];

/// The layers of a workload whose tensors are made up.
pub(crate) fn layers(workload: &str) -> Result<Option<Vec<Layout>>, RankError> {
    let rows = match workload {
        "W1" => W1,
        "W2" => W2,
        "W3" => W3,
        _ => return Ok(None),
    };
    let layers = rows
        .iter()
        .flat_map(|&(count, shape, ranks)| (0..count).map(move |_| Layout::new(shape, ranks)));
    layers.collect::<Result<_, _>>().map(Some)
}

/// The one large tensor of a workload `n^d`: rank 16 for modes of size 2, otherwise 20.
pub(crate) fn large(workload: &str) -> Result<Option<Layout>, RankError> {
    let Some((n, d)) = workload.split_once('^') else {
        return Ok(None);
    };
    let (Ok(n @ 2..), Ok(d @ 2..)) = (n.parse::<usize>(), d.parse::<u32>()) else {
        return Ok(None);
    };
    // 2^40 elements are more than any machine this is for can hold.
    if n.checked_pow(d).is_none_or(|size| size >= 1 << 40) {
        return Ok(None);
    }
    let rank = if n == 2 { 16 } else { 20 };
    Layout::new(&vec![n; d as usize], rank).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_have_the_sizes_of_the_networks() {
        for (name, count, largest) in [
            ("W1", 30, 36_864),
            ("W2", 16, 2_359_296),
            ("W3", 16, 2_359_296),
        ] {
            let layers = layers(name).unwrap().unwrap();
            assert_eq!(layers.len(), count, "{name}");
            assert_eq!(layers.iter().map(Layout::size).max(), Some(largest));
        }
        assert_eq!(layers("W9").unwrap(), None);
    }

    #[test]
    fn large_tensors_are_named_by_their_shape() {
        let layout = large("2^6").unwrap().unwrap();
        assert_eq!(layout.shape, [2; 6]);
        assert_eq!(layout.ranks, [1, 2, 4, 8, 4, 2, 1]);
        assert_eq!(large("50^4").unwrap().unwrap().ranks, [1, 20, 20, 20, 1]);
        for other in ["W1", "2^", "0^3", "2^1", "2^64", "9^99"] {
            assert_eq!(large(other).unwrap(), None, "{other}");
        }
    }

    #[test]
    fn parameters_are_those_of_the_cores() {
        let layout = Layout::new(&[4, 5, 6], [2, 3]).unwrap();
        assert_eq!(layout.parameters(), 4 * 2 + 2 * 5 * 3 + 3 * 6);
    }
}
