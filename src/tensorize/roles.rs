//! What every mode of the tensor is made of, in terms of the axes of the weight.

use super::Tensorization;

/// A part of an axis of the weight that is a part of a mode of the tensor.
///
/// A mode of the tensor is a list of such parts, outermost (slowest) first: its index is the row-major index of their
/// indices. The index on an axis of the weight is the sum of `index * inner` over all parts of that axis.
///
/// # Examples
///
/// ```
/// use tt_admm::tensorize::{Role, Tensorization};
///
/// // Rows 6 = 2 * 3 and columns 20 = 4 * 5 in pairs (2, 4) and (3, 5).
/// let map = Tensorization::tt_matrix([2, 3], [4, 5])?;
/// let roles = map.roles().unwrap();
/// assert_eq!(roles[0], [Role { axis: 0, size: 2, inner: 3 }, Role { axis: 1, size: 4, inner: 5 }]);
/// assert_eq!(roles[1], [Role { axis: 0, size: 3, inner: 1 }, Role { axis: 1, size: 5, inner: 1 }]);
/// // Mode indices 7 = (1, 3) and 14 = (2, 4) are row 1 * 3 + 2 * 1 and column 3 * 5 + 4 * 1.
/// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Role {
    /// The axis of the weight, counted from 0.
    pub axis: usize,
    /// The number of values of the part, at least 2.
    pub size: usize,
    /// How far one step of the part goes along the axis: the product of the sizes of the parts inside it.
    pub inner: usize,
}

/// A part of an axis of the reshaped weight, by its strides in the elements of weight and tensor.
#[derive(Debug, Clone, Copy)]
struct Piece {
    size: usize,
    in_weight: usize,
    in_tensor: usize,
}

impl Tensorization {
    /// For every mode of the tensor, the parts of weight axes that it is made of, outermost first.
    ///
    /// Parts of size 1 are left out, so a mode of size 1 has no parts. The result is `None` if a mode mixes pieces of
    /// axes that are no factors of them, which only a [`custom`](Self::custom) layout can do: such a layout
    /// works for decompositions, but no layer can be read off it.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::tensorize::{Role, Tensorization};
    ///
    /// let map = Tensorization::conv([2, 4], [3, 3], [5])?;
    /// let roles = map.roles().unwrap();
    /// assert_eq!(roles[0], [Role { axis: 0, size: 2, inner: 4 }]);   // slow part of the outputs
    /// assert_eq!(roles[1], [Role { axis: 0, size: 4, inner: 1 }]);
    /// assert_eq!(roles[2], [Role { axis: 2, size: 3, inner: 1 }, Role { axis: 3, size: 3, inner: 1 }]);
    /// assert_eq!(roles[3], [Role { axis: 1, size: 5, inner: 1 }]);
    ///
    /// // Three values of the first mode are no factor of the two rows.
    /// let mixed = Tensorization::custom([2, 3], [6], [0], [3, 2])?;
    /// assert_eq!(mixed.roles(), None);
    /// # Ok::<(), tt_admm::tensorize::TensorizeError>(())
    /// ```
    #[must_use]
    pub fn roles(&self) -> Option<Vec<Vec<Role>>> {
        let (axes, modes) = (strides(&self.weight_shape), strides(&self.tensor_shape));
        let mut roles = vec![Vec::new(); self.tensor_shape.len()];
        for piece in self.pieces(&axes, &modes)? {
            let (axis, inner) = owner(&self.weight_shape, &axes, piece.in_weight, piece.size)?;
            let (mode, _) = owner(&self.tensor_shape, &modes, piece.in_tensor, piece.size)?;
            roles[mode].push(Role {
                axis,
                size: piece.size,
                inner,
            });
        }
        Some(roles)
    }

    /// Every axis of the reshaped weight, cut where an axis of the weight or a mode of the tensor begins, in the order
    /// of the tensor.
    fn pieces(&self, axes: &[usize], modes: &[usize]) -> Option<Vec<Piece>> {
        let in_weight = strides(&self.expanded);
        let permuted: Vec<usize> = self.permutation.iter().map(|&k| self.expanded[k]).collect();
        let in_tensor = strides(&permuted);
        let mut pieces = Vec::new();
        for (&axis, &in_tensor) in self.permutation.iter().zip(&in_tensor) {
            let (size, in_weight) = (self.expanded[axis], in_weight[axis]);
            let mut cuts = vec![1, size];
            cuts.extend(cuts_within(axes, in_weight, size)?);
            cuts.extend(cuts_within(modes, in_tensor, size)?);
            cuts.sort_unstable();
            cuts.dedup();
            for cut in cuts.windows(2).rev() {
                if !cut[1].is_multiple_of(cut[0]) {
                    return None;
                }
                pieces.push(Piece {
                    size: cut[1] / cut[0],
                    in_weight: in_weight * cut[0],
                    in_tensor: in_tensor * cut[0],
                });
            }
        }
        Some(pieces)
    }
}

/// Row-major strides: the product of all later lengths.
fn strides(lengths: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; lengths.len()];
    for k in (1..lengths.len()).rev() {
        strides[k - 1] = strides[k] * lengths[k];
    }
    strides
}

/// Those of the boundaries that lie inside an axis of this stride and size, in steps of the axis; `None` if one is
/// between two steps.
fn cuts_within(boundaries: &[usize], stride: usize, size: usize) -> Option<Vec<usize>> {
    let inside = boundaries
        .iter()
        .filter(|&&boundary| boundary > stride && boundary < stride * size);
    inside
        .map(|&boundary| boundary.is_multiple_of(stride).then(|| boundary / stride))
        .collect()
}

/// The axis that a piece of this stride and size belongs to, and the stride of the piece along it.
fn owner(
    lengths: &[usize],
    strides: &[usize],
    stride: usize,
    size: usize,
) -> Option<(usize, usize)> {
    let axis = (0..lengths.len())
        .find(|&k| strides[k] <= stride && stride * size <= strides[k] * lengths[k])?;
    Some((axis, stride / strides[axis]))
}
