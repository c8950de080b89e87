//! Watching a run.

use super::record::Record;
use super::{Admm, AdmmError, Report};
use crate::error::BoxError;
use crate::scalar::Scalar;

/// Whether a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Flow {
    /// Go on.
    #[default]
    Continue,
    /// End the run after this iteration, as [`Status::Stopped`](super::Status::Stopped).
    Stop,
}

/// Watches a run; every method has a default that does nothing.
///
/// `()` is the observer that does nothing, a pair of observers is an observer, `&mut O` and `Option<O>` are if
/// `O` is. An error ends the run with [`AdmmError::Observer`]; the state survives.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::{Flow, Observer, Record};
/// use tt_admm::{Admm, BoxError, Scalar};
///
/// /// Stops as soon as the relative primal residual is small enough.
/// struct Enough(f64);
///
/// impl<A: Scalar> Observer<A> for Enough {
///     fn iteration(&mut self, _: &Admm<A>, record: &Record) -> Result<Flow, BoxError> {
///         Ok(if record.primal_residual() < self.0 { Flow::Stop } else { Flow::Continue })
///     }
/// }
/// # struct Still(tt_admm::ndarray::ArrayD<f64>);
/// # impl tt_admm::Trainable for Still {
/// #     type Elem = f64;
/// #     type Error = String;
/// #     fn weight(&self, _: &str) -> Result<tt_admm::ndarray::CowArray<'_, f64, tt_admm::ndarray::IxDyn>, String> {
/// #         Ok(self.0.view().into())
/// #     }
/// #     fn set_weight(&mut self, _: &str, _: tt_admm::ndarray::ArrayViewD<'_, f64>) -> Result<(), String> { Ok(()) }
/// #     fn train(&mut self, _: &tt_admm::admm::Proximal<'_, f64>) -> Result<tt_admm::admm::TrainSummary, String> {
/// #         Ok(tt_admm::admm::TrainSummary::new())
/// #     }
/// # }
/// # let mut model = Still(tt_admm::ndarray::array![[1.0, 0.0], [0.0, 0.1]].into_dyn());
/// # let mut admm = Admm::builder().constrain("w", tt_admm::TtProjection::new(1)).rho(1.0).build(&model)?;
/// let report = admm.run(&mut model, &mut (Enough(0.5), ()))?;
/// assert_eq!(report.status(), tt_admm::admm::Status::Stopped);
/// # Ok::<(), tt_admm::admm::AdmmError>(())
/// ```
pub trait Observer<A: Scalar> {
    /// Called once before the first iteration of a run.
    ///
    /// # Errors
    ///
    /// Anything that should end the run.
    fn start(&mut self, admm: &Admm<A>) -> Result<(), BoxError> {
        let _ = admm;
        Ok(())
    }

    /// Called after every iteration.
    ///
    /// # Errors
    ///
    /// Anything that should end the run as an error; return [`Flow::Stop`] for a normal end.
    fn iteration(&mut self, admm: &Admm<A>, record: &Record) -> Result<Flow, BoxError> {
        let _ = (admm, record);
        Ok(Flow::Continue)
    }

    /// Called once at the end of a run that did not fail.
    ///
    /// # Errors
    ///
    /// Anything that should turn the run's result into an error.
    fn finish(&mut self, admm: &Admm<A>, report: &Report) -> Result<(), BoxError> {
        let _ = (admm, report);
        Ok(())
    }

    /// Called once when a run fails, by the model, an update, a checkpoint or an observer, at its start or
    /// finish too. The error is what the run then returns.
    fn failed(&mut self, admm: &Admm<A>, error: &AdmmError) {
        let _ = (admm, error);
    }
}

impl<A: Scalar> Observer<A> for () {}

impl<A: Scalar, O: Observer<A> + ?Sized> Observer<A> for &mut O {
    fn start(&mut self, admm: &Admm<A>) -> Result<(), BoxError> {
        (**self).start(admm)
    }

    fn iteration(&mut self, admm: &Admm<A>, record: &Record) -> Result<Flow, BoxError> {
        (**self).iteration(admm, record)
    }

    fn finish(&mut self, admm: &Admm<A>, report: &Report) -> Result<(), BoxError> {
        (**self).finish(admm, report)
    }

    fn failed(&mut self, admm: &Admm<A>, error: &AdmmError) {
        (**self).failed(admm, error);
    }
}

/// Watches if it is there.
impl<A: Scalar, O: Observer<A>> Observer<A> for Option<O> {
    fn start(&mut self, admm: &Admm<A>) -> Result<(), BoxError> {
        self.as_mut()
            .map_or(Ok(()), |observer| observer.start(admm))
    }

    fn iteration(&mut self, admm: &Admm<A>, record: &Record) -> Result<Flow, BoxError> {
        match self {
            Some(observer) => observer.iteration(admm, record),
            None => Ok(Flow::Continue),
        }
    }

    fn finish(&mut self, admm: &Admm<A>, report: &Report) -> Result<(), BoxError> {
        self.as_mut()
            .map_or(Ok(()), |observer| observer.finish(admm, report))
    }

    fn failed(&mut self, admm: &Admm<A>, error: &AdmmError) {
        if let Some(observer) = self {
            observer.failed(admm, error);
        }
    }
}

/// Both watch; either can stop.
impl<A: Scalar, O: Observer<A>, P: Observer<A>> Observer<A> for (O, P) {
    fn start(&mut self, admm: &Admm<A>) -> Result<(), BoxError> {
        self.0.start(admm)?;
        self.1.start(admm)
    }

    fn iteration(&mut self, admm: &Admm<A>, record: &Record) -> Result<Flow, BoxError> {
        let first = self.0.iteration(admm, record)?;
        let second = self.1.iteration(admm, record)?;
        Ok(if first == Flow::Stop { first } else { second })
    }

    fn finish(&mut self, admm: &Admm<A>, report: &Report) -> Result<(), BoxError> {
        self.0.finish(admm, report)?;
        self.1.finish(admm, report)
    }

    fn failed(&mut self, admm: &Admm<A>, error: &AdmmError) {
        self.0.failed(admm, error);
        self.1.failed(admm, error);
    }
}

/// An observer told of the first and then of every `n`-th iteration only.
///
/// # Examples
///
/// ```
/// use tt_admm::admm::{Every, Observer, TablePrinter};
/// use tt_admm::{Admm, TtProjection, ndarray::array};
///
/// let w = array![[1.0, 0.0], [0.0, 0.1]];
/// let mut admm = Admm::<f64>::builder()
///     .constrain("w", TtProjection::new(1))
///     .rho(1.0)
///     .build_from(|_| w.view().into_dyn())?;
/// let mut text = Vec::new();
/// let mut table = Every::new(TablePrinter::new(&mut text), 3);
/// for _ in 0..7 {
///     let record = admm.update(|_| w.view().into_dyn())?.clone();
///     table.iteration(&admm, &record)?;
/// }
/// assert_eq!(String::from_utf8(text)?.lines().count(), 3);   // iterations 1, 4 and 7
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Every<O> {
    inner: O,
    n: usize,
}

impl<O> Every<O> {
    /// Passes on the first and then every `n`-th iteration; 0 is read as 1.
    #[must_use]
    pub fn new(observer: O, n: usize) -> Self {
        Self {
            inner: observer,
            n: n.max(1),
        }
    }
}

impl<A: Scalar, O: Observer<A>> Observer<A> for Every<O> {
    fn start(&mut self, admm: &Admm<A>) -> Result<(), BoxError> {
        self.inner.start(admm)
    }

    fn iteration(&mut self, admm: &Admm<A>, record: &Record) -> Result<Flow, BoxError> {
        if (record.iteration() - 1).is_multiple_of(self.n) {
            self.inner.iteration(admm, record)
        } else {
            Ok(Flow::Continue)
        }
    }

    fn finish(&mut self, admm: &Admm<A>, report: &Report) -> Result<(), BoxError> {
        self.inner.finish(admm, report)
    }

    fn failed(&mut self, admm: &Admm<A>, error: &AdmmError) {
        self.inner.failed(admm, error);
    }
}
