//! What a run found.

use example_support::results::ResultLine;

use super::Format;

/// A network right after its decomposition and after fine-tuning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decomposed {
    /// `|W - factors| / |W|` of all decomposed weights together.
    pub relative_error: f64,
    /// Test accuracy right after decomposition.
    pub accuracy: f64,
    /// The same with the statistics of batch normalisation estimated anew; no weight is changed.
    pub accuracy_with_statistics: f64,
    /// After fine-tuning.
    pub finetuned: f64,
}

/// All figures of a run; accuracies are on the test images.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The name of the network.
    pub network: String,
    /// The dense network.
    pub dense: f64,
    /// What the weights were decomposed as.
    pub format: Format,
    /// The dense network decomposed as it is.
    pub direct: Decomposed,
    /// The dense weights that ADMM ends with.
    pub admm_dense: f64,
    /// These, decomposed.
    pub admm: Decomposed,
    /// Right after decomposition, with the factors of Z in place of those of W.
    pub admm_from_z: f64,
    /// `|W - Z| / |W|` at the end of ADMM.
    pub primal_residual: f64,
    /// Parameters of the decomposed weights, before and after.
    pub ratio: f64,
    /// Parameters of the network, before and after.
    pub ratio_network: f64,
    /// Share of ADMM's wall time outside of training, measuring of accuracy left out.
    pub projection_share: f64,
    /// Wall time of all stages, those of earlier processes included.
    pub seconds: f64,
}

impl Outcome {
    /// The last line of the program.
    pub fn line(&self) -> ResultLine {
        let (direct, method) = (&self.direct, self.format.method());
        let name = |what: &str| format!("{method}{what}");
        ResultLine::new()
            .text("network", &self.network)
            .accuracy("dense", self.dense)
            .accuracy(&name(""), direct.accuracy)
            .accuracy(&name("_statistics"), direct.accuracy_with_statistics)
            .accuracy(&name("_finetuned"), direct.finetuned)
            .accuracy("admm_dense", self.admm_dense)
            .accuracy("admm", self.admm.accuracy)
            .accuracy("admm_from_z", self.admm_from_z)
            .accuracy("admm_statistics", self.admm.accuracy_with_statistics)
            .accuracy("admm_finetuned", self.admm.finetuned)
            .number("ratio", self.ratio, 3)
            .number("ratio_network", self.ratio_network, 3)
            .number(&name("_error"), direct.relative_error, 4)
            .number("admm_error", self.admm.relative_error, 4)
            .number("primal_residual", self.primal_residual, 4)
            .number("projection_share", self.projection_share, 4)
            .number("seconds", self.seconds, 1)
    }
}
