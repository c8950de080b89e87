//! Models whose training can be taken up again.

use super::Trainable;

/// A [`Trainable`] whose whole training state can be written to bytes and read back, for
/// [`Admm::run_resumable`](super::Admm::run_resumable).
///
/// [`Trainer`](crate::optim::Trainer) implements it; a framework's adapter stores what its framework can:
/// parameters, running statistics, the state of the optimiser, the number of epochs.
///
/// # Examples
///
/// The model `f(W) = |W - T|^2 / 2`, interrupted and taken up again:
///
/// ```
/// use tt_admm::admm::{Checkpoints, Proximal, Resumable, Status, TrainSummary};
/// use tt_admm::ndarray::{Array2, ArrayViewD, CowArray, IxDyn};
/// use tt_admm::{Admm, AdmmError, TtProjection, Trainable};
///
/// # #[derive(Clone)]
/// struct Target { t: Array2<f64>, w: Array2<f64> }
///
/// impl Trainable for Target {
///     // ...
/// #     type Elem = f64;
/// #     type Error = String;
/// #     fn weight(&self, _: &str) -> Result<CowArray<'_, f64, IxDyn>, String> {
/// #         Ok(self.w.view().into_dyn().into())
/// #     }
/// #     fn set_weight(&mut self, _: &str, value: ArrayViewD<'_, f64>) -> Result<(), String> {
/// #         self.w.assign(&value);
/// #         Ok(())
/// #     }
/// #     fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, String> {
/// #         let (anchor, rho) = (proximal.anchor("w").unwrap(), proximal.rho("w").unwrap());
/// #         self.w.assign(&((&self.t + &(&anchor * rho)) / (1.0 + rho)));
/// #         Ok(TrainSummary::new())
/// #     }
/// }
/// impl Resumable for Target {
///     fn save_state(&self) -> Result<Vec<u8>, String> {
///         Ok(self.w.iter().flat_map(|w| w.to_le_bytes()).collect())
///     }
///     fn load_state(&mut self, state: &[u8]) -> Result<(), String> {
///         let (numbers, rest) = state.as_chunks::<8>();
///         if numbers.len() != self.w.len() || !rest.is_empty() {
///             return Err(format!("{} bytes for {} weights", state.len(), self.w.len()));
///         }
///         self.w.iter_mut().zip(numbers).for_each(|(w, &b)| *w = f64::from_le_bytes(b));
///         Ok(())
///     }
/// }
///
/// let t = Array2::from_shape_fn((5, 6), |(i, j)| ((i * j) as f64).sin());
/// let start = Target { w: t.clone(), t };
/// let build = |iterations| Admm::builder()
///     .constrain("w", TtProjection::new(2)).rho(2.0).tolerance(0.0, 1e-12)
///     .max_iterations(iterations).build(&start);
/// let folder = std::env::temp_dir().join(format!("tt-admm-resume-{}", std::process::id()));
/// let checkpoints = Checkpoints::open(&folder)?;
/// build(4)?.run_resumable(&mut start.clone(), &mut (), &checkpoints)?;       // stops after 4
/// let (mut resumed, mut model) = (build(10)?, start.clone());
/// let report = resumed.run_resumable(&mut model, &mut (), &checkpoints)?;    // does 6 more
/// assert_eq!((report.iterations(), resumed.iteration()), (6, 10));
///
/// let (mut whole, mut same) = (build(10)?, start.clone());
/// whole.run(&mut same, &mut ())?;
/// assert_eq!(model.w, same.w);                                              // the same bits
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
pub trait Resumable: Trainable {
    /// Everything that the next W-step depends on and the program does not set up by itself, weights
    /// included.
    ///
    /// # Errors
    ///
    /// If the state cannot be read.
    fn save_state(&self) -> Result<Vec<u8>, Self::Error>;

    /// Takes the state that [`Resumable::save_state`] gave, possibly in an earlier run of the program.
    ///
    /// # Errors
    ///
    /// If the bytes are not a state of this model; the model should then be as before.
    fn load_state(&mut self, state: &[u8]) -> Result<(), Self::Error>;
}
