//! Random trains.

use std::f64::consts::TAU;

use ndarray::Array3;
use rand::Rng;

use super::checks::{check_cores, check_shape};
use crate::scalar::Scalar;
use crate::tensor_train::{TensorTrain, TruncationError, TtError};
use crate::truncation::TtRanks;

impl<A: Scalar> TensorTrain<A> {
    /// A train with random cores: independent normal entries of mean 0 and variance `1 / r_k` in core `k`.
    ///
    /// Every element then has mean 0 and variance 1, so the expected squared norm is the number of elements. No
    /// core depends on the order, so trains of order 400 are made of moderate numbers too. Ranks larger than the
    /// shape allows are clipped. The entries come from 64-bit draws by the method of Box and Muller (1958), two
    /// draws for two entries, whatever the element type.
    ///
    /// # Errors
    ///
    /// [`TtError::NoModes`] and [`TtError::EmptyMode`] for such shapes, [`TtError::Rank`] for ranks that do not
    /// fit, [`TtError::TooLarge`] for a core that memory cannot address.
    ///
    /// # Examples
    ///
    /// ```
    /// use tt_admm::TensorTrain;
    /// use tt_admm::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
    ///
    /// let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    /// let tt = TensorTrain::<f64>::random(&[10, 20, 30], 5, &mut rng)?;
    /// assert_eq!(tt.ranks(), [1, 5, 5, 1]);
    /// let mean_square = tt.norm().powi(2) / 6000.0;
    /// assert!((0.5..2.0).contains(&mean_square));
    /// # Ok::<(), tt_admm::TtError>(())
    /// ```
    pub fn random<R: Rng + ?Sized>(
        shape: &[usize],
        ranks: impl Into<TtRanks>,
        rng: &mut R,
    ) -> Result<Self, TtError> {
        check_shape(shape)?;
        let ranks = ranks.into().resolve(shape)?;
        check_cores(shape, &ranks)?;
        let mut normal = Normal { rng, spare: None };
        let cores = shape.iter().zip(ranks.windows(2)).map(|(&n, r)| {
            let deviation = (r[1] as f64).sqrt().recip();
            Array3::from_shape_simple_fn((r[0], n, r[1]), || A::narrow(deviation * normal.draw()))
        });
        let nothing = TruncationError::none(shape.len() - 1);
        Ok(Self::assemble(cores.collect(), nothing))
    }
}

/// Independent standard normal numbers.
struct Normal<'r, R: ?Sized> {
    rng: &'r mut R,
    spare: Option<f64>,
}

impl<R: Rng + ?Sized> Normal<'_, R> {
    fn draw(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        // In (0, 1], so that the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sin, cos) = (TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// Uniform in `[0, 1)`, 53 bits.
    fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
