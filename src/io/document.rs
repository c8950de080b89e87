//! What the metadata says of factored weights: one document of JSON under one key.

use serde::{Deserialize, Serialize};

use super::{Dtype, IoErrorKind};
use crate::tensorize::Tensorization;

/// The key of the metadata.
pub(super) const FACTORS: &str = "tt-admm";
/// The version that is written, and the newest that is read.
const VERSION: u32 = 1;

/// All factored weights of a file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    version: u32,
    pub(super) weights: Vec<Weight>,
}

/// One factored weight.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Weight {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) dtype: String,
    pub(super) groups: Vec<Group>,
}

/// The factors of one group, or of the whole.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) format: Format,
    pub(super) layout: Tensorization,
    /// The names of the tensors, in the order of the parameters.
    pub(super) tensors: Vec<String>,
    /// For the Tucker format: the modes that have a factor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) modes: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    TensorTrain,
    Tucker,
    TensorRing,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            version: VERSION,
            weights: Vec::new(),
        }
    }
}

impl Document {
    /// Reads a document. The version is looked at first, as the rest may be different in another one.
    pub(super) fn parse(text: &str) -> Result<Self, IoErrorKind> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let malformed = |error: serde_json::Error| malformed(error.to_string());
        let Versioned { version } = serde_json::from_str(text).map_err(malformed)?;
        if version > VERSION {
            let supported = VERSION;
            return Err(IoErrorKind::Newer { version, supported });
        }
        serde_json::from_str(text).map_err(malformed)
    }

    pub(super) fn to_text(&self) -> Result<String, IoErrorKind> {
        serde_json::to_string(self).map_err(|error| malformed(error.to_string()))
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.weights.iter().position(|weight| weight.name == name)
    }
}

impl Weight {
    /// The names of all tensors.
    pub(super) fn tensors(&self) -> impl Iterator<Item = &str> {
        let groups = self.groups.iter();
        groups.flat_map(|group| group.tensors.iter().map(|name| &**name))
    }

    /// The type of the elements, and that no tensor is named twice: else few bytes could stand for many factors.
    pub(super) fn check(&self) -> Result<Dtype, IoErrorKind> {
        let mut names: Vec<&str> = self.tensors().collect();
        names.sort_unstable();
        let twice = names.iter().zip(names.iter().skip(1)).find(|(a, b)| a == b);
        if let Some((twice, _)) = twice {
            let what = format!("tensor {twice:?} is named twice");
            return Err(IoErrorKind::Factors { what });
        }
        Dtype::from_name(&self.dtype).ok_or_else(|| IoErrorKind::UnknownDtype {
            got: self.dtype.clone(),
        })
    }
}

fn malformed(what: String) -> IoErrorKind {
    let key = FACTORS.to_owned();
    IoErrorKind::Metadata { key, what }
}
