//! A folder with a small network in it, and the program.

use std::path::PathBuf;
use std::process::{Command, Output};

use tt_admm::io::{Overwrite, TensorFile};
use tt_admm::ndarray::{Array1, ArrayD};

use super::common::random;

/// A folder that is gone afterwards.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = entries.map(|e| name(e).into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs the program in the folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_tt-admm"))
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    /// Runs it, and gives what it printed.
    #[track_caller]
    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {errors}");
        assert_eq!(errors, "", "a pipe is quiet");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs it, and gives the exit code and what it complained.
    #[track_caller]
    pub(crate) fn bad(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} went well");
        assert_eq!(output.stdout, b"", "{arguments:?}");
        let errors = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), errors)
    }
}

/// Two convolutions, a linear layer in `f64`, a bias, a counter.
pub(crate) fn network() -> TensorFile {
    let mut file = TensorFile::new();
    let conv1: ArrayD<f32> = random::tensor(&[12, 8, 3, 3], 1);
    let conv2: ArrayD<f32> = random::tensor(&[16, 12, 3, 3], 2);
    let fc: ArrayD<f64> = random::tensor(&[10, 16], 3);
    file.insert("layer1.conv.weight", &conv1).unwrap();
    file.insert("layer1.conv.bias", &Array1::<f32>::from_elem(12, 0.5))
        .unwrap();
    // Called like a factor, and none.
    file.insert("fc.weight/scale", &Array1::<f32>::ones(3))
        .unwrap();
    file.insert("layer2.conv.weight", &conv2).unwrap();
    file.insert("fc.weight", &fc).unwrap();
    let counter = 7_i64.to_le_bytes();
    file.insert_raw("steps", tt_admm::io::Dtype::I64, [], counter)
        .unwrap();
    file.set_metadata("format", "pt").unwrap();
    file
}

/// A folder with the network as `model.safetensors`.
pub(crate) fn folder() -> Folder {
    let folder = Folder::new();
    network()
        .write(folder.path("model.safetensors"), Overwrite::Refuse)
        .unwrap();
    folder
}
