//! What every choice of ranks loses, from one look at the weight, as a share of its energy.

use ndarray::{Array2, ArrayD, ArrayView2, Axis, s};

use crate::linalg::{LinalgError, eigh, matmul, qr};

/// Shares of the energy `|W|^2` that are lost, by ranks.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Spectrum {
    /// For every bond, the energy beyond rank 1, 2, ..., which ends with 0. A choice of ranks loses at most the sum over
    /// the bonds; for one bond exactly that.
    Tails(Vec<Vec<f64>>),
    /// For two bonds that cut the first and the last mode off: what the truncation to the leading `a + 1` and
    /// `b + 1` vectors of both loses (the HOSVD), which bounds TT-SVD and Tucker from above.
    Pairs(Array2<f64>),
}

impl Spectrum {
    /// Largest useful rank of every bond.
    pub(super) fn largest(&self) -> Vec<usize> {
        match self {
            Self::Tails(tails) => tails.iter().map(Vec::len).collect(),
            Self::Pairs(table) => table.shape().to_vec(),
        }
    }

    /// The squared error of these ranks, or a bound for it; ranks beyond the largest lose nothing.
    pub(super) fn loss(&self, ranks: &[usize]) -> f64 {
        let at = |rank: usize, largest: usize| rank.clamp(1, largest) - 1;
        match self {
            Self::Tails(tails) => {
                let lost = tails.iter().zip(ranks);
                lost.map(|(tail, &rank)| tail[at(rank, tail.len())]).sum()
            }
            Self::Pairs(table) => {
                let (rows, cols) = table.dim();
                table[[at(ranks[0], rows), at(ranks[1], cols)]]
            }
        }
    }

    /// Adds the losses of another group.
    pub(super) fn add(&mut self, other: &Self) {
        match (self, other) {
            (Self::Tails(sum), Self::Tails(tails)) => {
                for (sum, x) in sum.iter_mut().flatten().zip(tails.iter().flatten()) {
                    *sum += x;
                }
            }
            (Self::Pairs(sum), Self::Pairs(table)) => *sum += table,
            _ => unreachable!("all groups have the same layout"),
        }
    }

    /// Multiplies all losses.
    pub(super) fn scale(&mut self, factor: f64) {
        match self {
            Self::Tails(tails) => tails.iter_mut().flatten().for_each(|x| *x *= factor),
            Self::Pairs(table) => *table *= factor,
        }
    }

    /// The energies of the cuts after each of these modes of a tensor in `f64`.
    pub(super) fn tails_of(
        tensor: &ArrayD<f64>,
        cuts: impl Iterator<Item = usize>,
    ) -> Result<Vec<Vec<f64>>, LinalgError> {
        cuts.map(|cut| {
            let rows = tensor.shape()[..cut].iter().product();
            Ok(tail(&energies(unfolded(tensor, rows))?))
        })
        .collect()
    }

    /// The table for a tensor of three modes, or one of more whose first and last are cut off.
    pub(super) fn pairs_of(tensor: &ArrayD<f64>) -> Result<Array2<f64>, LinalgError> {
        let shape = tensor.shape();
        let (first, last) = (shape[0], shape[shape.len() - 1]);
        let middle = tensor.len() / (first * last);
        let rows = unfolded(tensor, first);
        let left = leading(rows)?;
        let columns = unfolded(tensor, first * middle);
        let right = leading(columns.t())?;
        // The HOSVD's core, whose slices are added up by energy.
        let half = matmul(left.view(), rows);
        let half = half.into_shape_with_order((left.nrows() * middle, last));
        let Ok(half) = half else {
            unreachable!("as many elements as before");
        };
        let core = matmul(half.view(), right.t());
        let mut table = Array2::zeros((left.nrows(), right.nrows()));
        for (row, mut energies) in table.axis_iter_mut(Axis(0)).enumerate() {
            for slice in core.slice(s![row * middle..(row + 1) * middle, ..]).rows() {
                energies.zip_mut_with(&slice, |energy, x| *energy += x * x);
            }
        }
        lost(&mut table);
        Ok(table)
    }
}

/// Turns the energies of the slices into what is lost beyond every pair of ranks, added from the small end.
fn lost(table: &mut Array2<f64>) {
    let (rows, cols) = table.dim();
    let mut below = 0.0;
    let mut beyond = Vec::with_capacity(rows);
    for row in (0..rows).rev() {
        beyond.push(below);
        below += (0..cols).rev().map(|col| table[[row, col]]).sum::<f64>();
    }
    beyond.reverse();
    // Within the kept rows, what lies in later columns.
    for mut row in table.rows_mut() {
        let mut later = 0.0;
        for energy in row.iter_mut().rev() {
            let own = *energy;
            *energy = later;
            later += own;
        }
    }
    for row in 1..rows {
        for col in 0..cols {
            table[[row, col]] += table[[row - 1, col]];
        }
    }
    for (mut row, below) in table.rows_mut().into_iter().zip(beyond) {
        row += below;
    }
}

fn unfolded(tensor: &ArrayD<f64>, rows: usize) -> ArrayView2<'_, f64> {
    match tensor
        .view()
        .into_shape_with_order((rows, tensor.len() / rows))
    {
        Ok(matrix) => matrix,
        Err(error) => unreachable!("a row-major tensor: {error}"),
    }
}

/// Squared singular values, largest first.
fn energies(matrix: ArrayView2<'_, f64>) -> Result<Vec<f64>, LinalgError> {
    let short = if matrix.nrows() <= matrix.ncols() {
        matrix
    } else {
        matrix.reversed_axes()
    };
    let eigen = eigh(&matmul(short, short.t()))?;
    Ok(eigen.values.iter().map(|&x| x.max(0.0)).collect())
}

/// The left singular vectors as rows, as many as can have a singular value that is not 0.
fn leading(matrix: ArrayView2<'_, f64>) -> Result<Array2<f64>, LinalgError> {
    if matrix.nrows() > matrix.ncols() {
        let thin = qr(&matrix)?;
        let eigen = eigh(&matmul(thin.r.view(), thin.r.t()))?;
        return Ok(matmul(eigen.vectors.t(), thin.q.t()));
    }
    Ok(eigh(&matmul(matrix, matrix.t()))?.vectors.reversed_axes())
}

/// What is lost beyond rank 1, 2, ...: sums from the small end.
pub(super) fn tail(energies: &[f64]) -> Vec<f64> {
    let mut beyond = 0.0;
    let mut tail: Vec<f64> = energies
        .iter()
        .rev()
        .map(|energy| {
            let own = beyond;
            beyond += energy;
            own
        })
        .collect();
    tail.reverse();
    tail
}
