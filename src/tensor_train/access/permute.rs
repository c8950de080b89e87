//! The modes in another order.

use super::centered::{Centered, Lost};
use crate::linalg::{Keep, Side};
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TtError};
use crate::truncation::Truncation;

impl<A: Scalar> TensorTrain<A> {
    /// The train with mode `axes[k]` as its mode `k`, like `permuted_axes` of the dense tensor:
    /// `Y(i_{axes[0]}, i_{axes[1]}, ...) = X(i_0, i_1, ...)`.
    ///
    /// Neighbouring modes are exchanged one pair after the other, as few as possible: two cores are multiplied, and
    /// cut again with the modes the other way round, at the centre of the orthogonal gauge. A final rounding brings
    /// the ranks to what `truncation` asks for; prescribed ranks are upper limits here. Each exchange costs
    /// `O(r^3 n^3)`, and the ranks on the way can be larger than those at the end: prescribed ranks hold for the
    /// result alone; a tolerance and [`Truncation::max_rank`] limit every cut.
    ///
    /// [`TensorTrain::truncation_error`] of the result is relative to `self`. Its `total` is exact where only the
    /// rounding discards something (always with prescribed ranks alone), or only the moves of a single mode. In
    /// general it is an upper bound: the sum over all moves of a mode from its old place to its new one, each of
    /// them exact, and the rounding. `per_bond` has the root of the sum of squares of all cuts of a bond. Half of a
    /// tolerance is for the moves, what they leave of it for the rounding.
    ///
    /// # Errors
    ///
    /// [`TtError::Permutation`] unless `axes` names each mode once, [`TtError::Rank`] for ranks or tolerances that
    /// do not fit the new shape, [`TtError::OutOfRange`] if one core cannot hold the norm, [`TtError::Linalg`] if
    /// the backend fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, Truncation};
    ///
    /// let tt = TensorTrain::<f64>::sum_of([&[0.0, 1.0][..], &[0.0, 10.0, 20.0], &[0.0, 100.0]])?;
    /// let permuted = tt.permute(&[2, 0, 1], Truncation::exact())?;
    /// assert_eq!(permuted.shape(), [2, 2, 3]);
    /// assert_eq!(permuted.ranks(), [1, 2, 2, 1]);
    /// assert!((permuted.get(&[1, 0, 2])? - 120.0).abs() < 1e-12);
    /// assert!(permuted.truncation_error().relative() < 1e-15);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn permute(
        &self,
        axes: &[usize],
        truncation: impl Into<Truncation>,
    ) -> Result<Self, TtError> {
        let order = self.order();
        let mut sorted = axes.to_vec();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..order) {
            return Err(TtError::Permutation {
                axes: axes.to_vec(),
                order,
            });
        }
        let shape: Vec<usize> = axes.iter().map(|&axis| self.shape[axis]).collect();
        let truncation = truncation.into();
        let caps = truncation.caps(&shape)?;
        let mut train = Centered::new(self)?;
        if train.is_zero() {
            return Self::zeros(&shape);
        }
        let moves = moves(axes);
        let tolerance = train.tolerance(&truncation).unwrap_or(0.0);
        let mut lost = Lost::nothing(order);
        for (k, &(from, to)) in moves.iter().enumerate() {
            let share = (tolerance / 2.0 - lost.total) / (moves.len() - k) as f64;
            let mut budget = share.max(0.0).powi(2);
            let mut square = 0.0;
            train.move_to(from)?;
            let swaps = from.abs_diff(to);
            for done in 0..swaps {
                let (bond, side) = if to < from {
                    (from - done, Side::Right)
                } else {
                    (from + done + 1, Side::Left)
                };
                let mut keep = Keep::tail((budget / (swaps - done) as f64).sqrt());
                if let Some(limit) = truncation.rank_limit() {
                    keep = keep.and_max_rank(limit);
                }
                let own = train.swap(bond, side, keep)?.powi(2);
                budget = (budget - own).max(0.0);
                lost.squares[bond - 1] += own;
                square += own;
            }
            // The cuts of one move leave the cores behind it alone, so what they discard is orthogonal.
            lost.total += square.sqrt();
            lost.cuts += swaps;
        }
        train.rounded(&truncation, &caps, lost)
    }
}

/// Places from and to which one mode after the other moves, past as many others as are on the wrong side: the
/// fewest exchanges of neighbours. Of the two ways to fill the places, from the left and from the right, the one
/// with fewer moves.
fn moves(axes: &[usize]) -> Vec<(usize, usize)> {
    let along = |places: &mut dyn Iterator<Item = usize>| {
        let mut order: Vec<usize> = (0..axes.len()).collect();
        let mut moves = Vec::new();
        for to in places {
            let from = order.iter().position(|&axis| axis == axes[to]);
            if let Some(from) = from.filter(|&from| from != to) {
                let axis = order.remove(from);
                order.insert(to, axis);
                moves.push((from, to));
            }
        }
        moves
    };
    let from_left = along(&mut (0..axes.len()));
    let from_right = along(&mut (0..axes.len()).rev());
    if from_right.len() < from_left.len() {
        from_right
    } else {
        from_left
    }
}

#[cfg(test)]
mod tests {
    use super::moves;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_many_exchanges_as_inversions(axes in Just((0..7).collect::<Vec<usize>>()).prop_shuffle()) {
            let pairs = (0..7).flat_map(|a| (a + 1..7).map(move |b| (a, b)));
            let inversions = pairs.filter(|&(a, b)| axes[a] > axes[b]).count();
            let moves = moves(&axes);
            let exchanges: usize = moves.iter().map(|(from, to)| from.abs_diff(*to)).sum();
            prop_assert_eq!(exchanges, inversions);
            let mut order: Vec<usize> = (0..7).collect();
            for (from, to) in moves {
                let axis = order.remove(from);
                order.insert(to, axis);
            }
            prop_assert_eq!(order, axes);
        }
    }

    #[test]
    fn a_rotation_is_one_move() {
        assert_eq!(moves(&[1, 2, 3, 4, 0]), [(0, 4)]);
        assert_eq!(moves(&[4, 0, 1, 2, 3]), [(4, 0)]);
        assert_eq!(moves(&[0, 1, 2]), []);
    }
}
