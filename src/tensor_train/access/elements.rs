//! Single elements and batches of them.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use super::row::Row;
use crate::linalg::{matmul, power_of_two_scale};
use crate::scalar::Scalar;
use crate::tensor_train::graded::Scaled;
use crate::tensor_train::{TensorTrain, TtError};

impl<A: Scalar> TensorTrain<A> {
    /// One element, in `O(sum_k r_{k-1} r_k)`.
    ///
    /// # Errors
    ///
    /// [`TtError::IndexOutOfBounds`] for an index outside the shape or of the wrong length.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{tt_svd, ndarray::Array2};
    ///
    /// let tt = tt_svd(&Array2::from_shape_fn((30, 40), |(i, j)| (i + j) as f64), 2)?;
    /// assert!((tt.get(&[10, 20])? - 30.0).abs() < 1e-12);
    /// assert!(tt.get(&[10, 40]).is_err());
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn get(&self, index: &[usize]) -> Result<A, TtError> {
        self.check_index(index)?;
        let cores = self.cores.iter().zip(index);
        let row = cores.fold(Row::one(), |row, (core, &i)| {
            row.times(core.index_axis(Axis(1), i))
        });
        Ok(row.value())
    }

    /// The elements at the rows of `indices`, an array of `m` rows of `d` indices.
    ///
    /// Rows that begin alike share the work of the beginning, and rows with the same index in a mode go through
    /// its core in one matrix product: at most `O(m sum_k r_{k-1} r_k)`, less the more rows share.
    ///
    /// # Errors
    ///
    /// [`TtError::Count`] if the rows do not have `d` indices, [`TtError::IndexOutOfBounds`] for the first row
    /// outside the shape.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{TensorTrain, ndarray::array};
    ///
    /// let tt = TensorTrain::<f64>::index_sum(&[4, 5, 6])?;
    /// let elements = tt.get_many(array![[0, 0, 0], [3, 4, 5], [3, 4, 1]].view())?;
    /// assert_eq!(elements, array![0.0, 12.0, 8.0]);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn get_many(&self, indices: ArrayView2<'_, usize>) -> Result<Array1<A>, TtError> {
        if indices.ncols() != self.order() {
            return Err(TtError::Count {
                what: "indices in each row",
                order: self.order(),
                got: indices.ncols(),
            });
        }
        let indices: Vec<Vec<usize>> = indices.rows().into_iter().map(|row| row.to_vec()).collect();
        for index in &indices {
            self.check_index(index)?;
        }
        let mut sorted: Vec<usize> = (0..indices.len()).collect();
        sorted.sort_unstable_by(|&a, &b| indices[a].cmp(&indices[b]));
        let mut prefixes = Prefixes::new(indices.len());
        for (mode, core) in self.cores.iter().enumerate() {
            let digits: Vec<usize> = sorted.iter().map(|&row| indices[row][mode]).collect();
            prefixes.extend(&digits, |i| core.index_axis(Axis(1), i), core.dim().2);
        }
        let mut elements = Array1::zeros(indices.len());
        for (&row, &prefix) in sorted.iter().zip(&prefixes.of_row) {
            let mantissa = prefixes.vectors[[prefix, 0]].widen();
            let exponent = prefixes.exponents[prefix];
            elements[row] = A::narrow(Scaled { mantissa, exponent }.value());
        }
        Ok(elements)
    }

    pub(super) fn check_index(&self, index: &[usize]) -> Result<(), TtError> {
        if index.len() != self.order() || index.iter().zip(&self.shape).any(|(i, n)| i >= n) {
            return Err(TtError::IndexOutOfBounds {
                index: index.to_vec(),
                shape: self.shape.clone(),
            });
        }
        Ok(())
    }
}

/// The different beginnings of sorted rows of indices, each with its product of core slices.
struct Prefixes<A> {
    /// The beginning of each row.
    of_row: Vec<usize>,
    /// One row vector for each beginning, to be multiplied by a power of two.
    vectors: Array2<A>,
    exponents: Vec<f64>,
}

impl<A: Scalar> Prefixes<A> {
    fn new(rows: usize) -> Self {
        Self {
            of_row: vec![0; rows],
            vectors: Array2::ones((1, 1)),
            exponents: vec![0.0],
        }
    }

    /// Takes one more index of each row, and the matrices of rank `rank` on the right that belong to an index.
    fn extend<'c>(
        &mut self,
        digits: &[usize],
        matrix: impl Fn(usize) -> ArrayView2<'c, A>,
        rank: usize,
    ) {
        // The beginnings that are longer by one, as pairs (digit, beginning so far), in the order of the rows.
        let mut longer: Vec<(usize, usize)> = Vec::new();
        for (prefix, &digit) in self.of_row.iter_mut().zip(digits) {
            let pair = (digit, *prefix);
            if longer.last() != Some(&pair) {
                longer.push(pair);
            }
            *prefix = longer.len() - 1;
        }
        let mut by_digit: Vec<usize> = (0..longer.len()).collect();
        by_digit.sort_unstable_by_key(|&k| (longer[k].0, k));
        let mut vectors = Array2::zeros((longer.len(), rank));
        let mut exponents = vec![0.0; longer.len()];
        for group in by_digit.chunk_by(|&a, &b| longer[a].0 == longer[b].0) {
            let before: Vec<usize> = group.iter().map(|&k| longer[k].1).collect();
            let product = matmul(
                self.vectors.select(Axis(0), &before).view(),
                matrix(longer[group[0]].0),
            );
            for ((&k, &prefix), row) in group.iter().zip(&before).zip(product.rows()) {
                let scale = power_of_two_scale(&row);
                vectors
                    .slice_mut(s![k, ..])
                    .assign(&row.mapv(|x| x * scale));
                exponents[k] = self.exponents[prefix] - scale.widen().log2();
            }
        }
        (self.vectors, self.exponents) = (vectors, exponents);
    }
}
