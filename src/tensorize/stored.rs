//! A layout as stored: what [`Tensorization::custom`] takes, checked again when it is read.

use serde::{Deserialize, Serialize};

use super::{Tensorization, TensorizeError};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    weight_shape: Vec<usize>,
    expanded: Vec<usize>,
    permutation: Vec<usize>,
    tensor_shape: Vec<usize>,
}

impl From<Tensorization> for Stored {
    fn from(layout: Tensorization) -> Self {
        Self {
            weight_shape: layout.weight_shape,
            expanded: layout.expanded,
            permutation: layout.permutation,
            tensor_shape: layout.tensor_shape,
        }
    }
}

impl TryFrom<Stored> for Tensorization {
    type Error = TensorizeError;

    fn try_from(mut stored: Stored) -> Result<Self, TensorizeError> {
        // A weight of one element has no axes left once those of length 1 are dropped.
        if stored.expanded.is_empty() && stored.permutation.is_empty() {
            stored.expanded.push(1);
            stored.permutation.push(0);
        }
        Self::custom(
            stored.weight_shape,
            stored.expanded,
            stored.permutation,
            stored.tensor_shape,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Tensorization;

    #[test]
    fn layouts_come_back_and_nonsense_is_refused() {
        let layouts = [
            Tensorization::linear([2, 3], [4, 5]).unwrap(),
            Tensorization::tt_matrix([2, 3], [4, 5]).unwrap(),
            Tensorization::conv([4, 2], [3, 3], [2, 3]).unwrap(),
            Tensorization::conv([4], [1, 1], [1]).unwrap(),
            Tensorization::identity([1, 1, 1]).unwrap(),
            Tensorization::custom([2, 3], [2, 3], [1, 0], [3, 2]).unwrap(),
        ];
        for layout in layouts {
            let bytes = postcard::to_stdvec(&layout).unwrap();
            let back: Tensorization = postcard::from_bytes(&bytes).unwrap();
            assert_eq!(back, layout);
        }
        let nonsense = (
            vec![2_usize, 3],
            vec![2_usize, 3],
            vec![1_usize, 1],
            vec![3_usize, 2],
        );
        let bytes = postcard::to_stdvec(&nonsense).unwrap();
        assert!(postcard::from_bytes::<Tensorization>(&bytes).is_err());
    }
}
