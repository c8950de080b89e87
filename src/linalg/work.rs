//! Work space that outlives a call, so that repeated calls on tensors of the same sizes allocate nothing large.

use std::fmt;
use std::mem::MaybeUninit;

use ndarray::{Array, Array2, Array3, Dimension};

/// Vectors that were given back, by size.
struct Pool<T>(Vec<Vec<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + Default> Pool<T> {
    /// Most vectors kept; a sweep has fewer in use at a time.
    const KEPT: usize = 32;

    /// A vector of this length with unspecified elements: the smallest kept one that has room, and not far more of it,
    /// so that no small result that lives long takes the place of a tensor.
    fn take(&mut self, len: usize) -> Vec<T> {
        let fits = (0..self.0.len())
            .filter(|&k| (len..=len.saturating_mul(2)).contains(&self.0[k].capacity()))
            .min_by_key(|&k| self.0[k].capacity());
        let Some(k) = fits else {
            return vec![T::default(); len];
        };
        let mut vector = self.0.swap_remove(k);
        vector.resize(len, T::default());
        vector
    }

    fn give(&mut self, vector: Vec<T>) {
        if vector.capacity() == 0 {
            return;
        }
        self.0.push(vector);
        if self.0.len() > Self::KEPT {
            let smallest = (0..self.0.len()).min_by_key(|&k| self.0[k].capacity());
            self.0.swap_remove(smallest.unwrap_or(0));
        }
    }
}

/// Buffers for the factorisations of one caller at a time. It holds no state: results never depend on it.
pub(crate) struct Work<A> {
    own: Pool<A>,
    wide: Pool<f64>,
    /// What a backend's routine needs besides its results.
    pub(super) scratch: Vec<MaybeUninit<u8>>,
}

impl<A> Default for Work<A> {
    fn default() -> Self {
        Self {
            own: Pool::default(),
            wide: Pool::default(),
            scratch: Vec::new(),
        }
    }
}

impl<A: Copy + Default> Work<A> {
    /// A row-major matrix with unspecified elements.
    pub(crate) fn matrix(&mut self, rows: usize, cols: usize) -> Array2<A> {
        let elements = self.own.take(rows * cols);
        match Array2::from_shape_vec((rows, cols), elements) {
            Ok(matrix) => matrix,
            Err(error) => unreachable!("the vector has the length of the matrix: {error}"),
        }
    }

    /// The identity, row-major.
    pub(crate) fn identity(&mut self, side: usize) -> Array2<A>
    where
        A: num_traits::Zero + num_traits::One,
    {
        let mut matrix = self.matrix(side, side);
        matrix.fill(A::zero());
        matrix.diag_mut().fill(A::one());
        matrix
    }

    /// A row-major array of order 3 with unspecified elements.
    pub(crate) fn core(&mut self, shape: (usize, usize, usize)) -> Array3<A> {
        let elements = self.own.take(shape.0 * shape.1 * shape.2);
        match Array3::from_shape_vec(shape, elements) {
            Ok(core) => core,
            Err(error) => unreachable!("the vector has the length of the array: {error}"),
        }
    }

    /// A vector with unspecified elements.
    pub(crate) fn vector(&mut self, len: usize) -> Vec<A> {
        self.own.take(len)
    }

    /// Takes a vector for later use.
    pub(crate) fn give_vector(&mut self, vector: Vec<A>) {
        self.own.give(vector);
    }

    /// Takes the memory of an array for later use.
    pub(crate) fn give<D: Dimension>(&mut self, array: Array<A, D>) {
        self.own.give(array.into_raw_vec_and_offset().0);
    }

    /// A square matrix of `f64` with unspecified elements.
    pub(super) fn wide_square(&mut self, side: usize) -> Array2<f64> {
        let elements = self.wide.take(side * side);
        match Array2::from_shape_vec((side, side), elements) {
            Ok(matrix) => matrix,
            Err(error) => unreachable!("the vector has the length of the matrix: {error}"),
        }
    }

    pub(super) fn give_wide(&mut self, matrix: Array2<f64>) {
        self.wide.give(matrix.into_raw_vec_and_offset().0);
    }
}

/// A copy starts without buffers.
impl<A> Clone for Work<A> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<A> fmt::Debug for Work<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").finish_non_exhaustive()
    }
}
