//! Functions on a uniform grid, in the quantised format (QTT): the digits of the point's number are the modes.

mod exact;
mod exponential;
mod points;
mod step;
mod wave;

use exact::Exact;

use super::checks::check_cores;
use crate::tensor_train::TtError;

/// A uniform grid `x_i = start + spacing * i` whose points are numbered by digits, one mode for each digit; a train
/// of this shape holds a function on the grid (quantised tensor train, QTT).
///
/// The digits are those of the row-major order: `i = i_d + n_d (i_{d-1} + n_{d-1} (... + n_2 i_1))`, the first mode
/// the most significant. With the shape `[2; d]` they are the bits of `i`. Where the first mode is to be the least
/// significant, take [`TensorTrain::reversed`](crate::TensorTrain::reversed) of the result (the shape given here
/// then has its modes in reverse too).
///
/// | method | function | ranks |
/// |---|---|---|
/// | [`points`](QttGrid::points) | `x` | 2 |
/// | [`polynomial`](QttGrid::polynomial) | `c_0 + c_1 x + ... + c_p x^p` | `p + 1` |
/// | [`exp`](QttGrid::exp) | `exp(x)` | 1 |
/// | [`sin`](QttGrid::sin), [`cos`](QttGrid::cos) | `sin(x)`, `cos(x)` | 2 |
/// | [`step`](QttGrid::step) | 0 before a point, 1 from it on | at most 2 |
///
/// The cores are closed forms (Khoromskij, Constr. Approx. 34, 2011; Oseledets, Constr. Approx. 37, 2013), computed
/// in `f64` whatever the element type; every method costs as much as the train has entries. A point is
/// `spacing` times an integer plus `start` without rounding in between as long as the number of points is at most
/// `2^53`, so that functions are accurate on fine and long grids too.
///
/// # Examples
///
/// ```
/// use tt_admm::{QttGrid, TensorTrain};
///
/// // sin(x) at 2^30 points from 0 to 10.
/// let grid = QttGrid::linspace(&[2; 30], 0.0, 10.0)?;
/// let tt: TensorTrain<f64> = grid.sin();
/// assert_eq!(tt.num_parameters(), 4 + 28 * 8 + 4);
/// let i = 123_456_789;
/// let x = 10.0 * i as f64 / ((1 << 30) - 1) as f64;
/// assert!((tt.get(&grid.digits(i)?)? - x.sin()).abs() < 1e-14);
/// # Ok::<(), tt_admm::TtError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct QttGrid {
    shape: Vec<usize>,
    /// The weight of the digit of each mode.
    strides: Vec<f64>,
    start: f64,
    spacing: f64,
}

impl QttGrid {
    /// The grid `start + spacing * i` with digits of these sizes.
    ///
    /// # Errors
    ///
    /// [`TtError::NoModes`] and [`TtError::EmptyMode`] for such shapes, [`TtError::TooLarge`] for a mode that memory
    /// cannot address or more than `2^1023` points, [`TtError::NonFiniteArgument`] if the start, the spacing, the
    /// last point or its distance from the start is NaN or infinite.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::{QttGrid, TensorTrain};
    ///
    /// let grid = QttGrid::new(&[2; 10], 0.0, 1.0)?;
    /// let tt: TensorTrain<f64> = grid.points()?;      // 0, 1, ..., 1023
    /// assert_eq!(tt.get(&[1, 0, 0, 0, 0, 0, 0, 0, 1, 1])?, 515.0);
    /// assert!((tt.norm() - 18904.75665011322).abs() < 1e-8);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn new(shape: &[usize], start: f64, spacing: f64) -> Result<Self, TtError> {
        check_cores(shape, &vec![2; shape.len() + 1])?;
        let mut strides = vec![1.0; shape.len()];
        for k in (1..shape.len()).rev() {
            strides[k - 1] = strides[k] * shape[k] as f64;
        }
        let grid = Self {
            shape: shape.to_vec(),
            strides,
            start,
            spacing,
        };
        if grid.num_points() > 2.0_f64.powi(1023) {
            return Err(TtError::TooLarge { shape: grid.shape });
        }
        let length = spacing * (grid.num_points() - 1.0);
        let arguments = [
            ("start", start),
            ("spacing", spacing),
            ("length of the grid", length),
            ("last point", start + length),
        ];
        match arguments.into_iter().find(|(_, value)| !value.is_finite()) {
            Some((name, value)) => Err(TtError::NonFiniteArgument { name, value }),
            None => Ok(grid),
        }
    }

    /// The grid from `first` to `last`, both included; a grid of one point is at `first`.
    ///
    /// # Errors
    ///
    /// Those of [`QttGrid::new`].
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::QttGrid;
    ///
    /// let grid = QttGrid::linspace(&[3, 5, 3], -1.0, 1.0)?;
    /// assert_eq!(grid.num_points(), 45.0);
    /// assert_eq!(grid.spacing(), 2.0 / 44.0);
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn linspace(shape: &[usize], first: f64, last: f64) -> Result<Self, TtError> {
        let unit = Self::new(shape, 0.0, 0.0)?;
        let steps = unit.num_points() - 1.0;
        let spacing = if steps > 0.0 {
            (last - first) / steps
        } else {
            0.0
        };
        for (name, value) in [("first point", first), ("last point", last)] {
            if !value.is_finite() {
                return Err(TtError::NonFiniteArgument { name, value });
            }
        }
        Self::new(shape, first, spacing)
    }

    /// The sizes of the digits, most significant first.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The first point.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.start
    }

    /// The distance from a point to the next.
    #[must_use]
    pub fn spacing(&self) -> f64 {
        self.spacing
    }

    /// The number of points, exact up to `2^53`.
    #[must_use]
    pub fn num_points(&self) -> f64 {
        self.strides[0] * self.shape[0] as f64
    }

    /// The digits of the point number `i`, counted from 0: its index in a train on this grid.
    ///
    /// # Errors
    ///
    /// [`TtError::IndexOutOfBounds`] for a number above the last.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::QttGrid;
    ///
    /// let grid = QttGrid::new(&[2, 3, 2], 0.0, 0.1)?;
    /// assert_eq!(grid.digits(9)?, [1, 1, 1]);       // 9 = 1 + 2 (1 + 3 * 1)
    /// assert!(grid.digits(12).is_err());
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn digits(&self, i: usize) -> Result<Vec<usize>, TtError> {
        let mut digits = vec![0; self.shape.len()];
        let mut rest = i;
        for (digit, n) in digits.iter_mut().zip(&self.shape).rev() {
            *digit = rest % n;
            rest /= n;
        }
        if rest > 0 {
            return Err(TtError::IndexOutOfBounds {
                index: vec![i],
                shape: self.shape.clone(),
            });
        }
        Ok(digits)
    }

    /// What each digit adds to the point, the digits counted from this part (0, 1/2 or 1) of their range; what that
    /// leaves is in the terms of the first mode. The sum of one term of each mode is a point.
    fn terms(&self, part: f64) -> Vec<Vec<Exact>> {
        let offset = Exact::product(self.spacing, part * (self.num_points() - 1.0));
        let start = Exact::from(self.start) + offset;
        let modes = self.shape.iter().zip(&self.strides).enumerate();
        let terms = modes.map(|(k, (&n, stride))| {
            let before = if k == 0 { start } else { Exact::from(0.0) };
            let multiple = |i: usize| (i as f64 - part * (n - 1) as f64) * stride;
            (0..n)
                .map(|i| before + Exact::product(self.spacing, multiple(i)))
                .collect()
        });
        terms.collect()
    }
}
