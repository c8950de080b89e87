//! The file is complete at any time.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::Talkative;
use tempfile::{TempDir, tempdir};
use tt_admm::admm::{
    AdmmError, Every, Flow, HistoryFile, Observer, Record, Status, write_csv, write_json,
};
use tt_admm::{Admm, BoxError};

fn csv(history: &[Record]) -> String {
    let mut text = Vec::new();
    write_csv(history, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn json(history: &[Record]) -> String {
    let mut text = Vec::new();
    write_json(history, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn names(folder: &TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into())
        .collect();
    names.sort();
    names
}

/// After every iteration, compares the files with the history, as one who kills the run would find them.
struct Killer<'a> {
    folder: &'a TempDir,
    iterations: usize,
}

impl Observer<f64> for Killer<'_> {
    fn iteration(&mut self, admm: &Admm<f64>, record: &Record) -> Result<Flow, BoxError> {
        let read = |name| fs::read_to_string(self.folder.path().join(name)).unwrap();
        assert_eq!(read("a.csv"), csv(admm.history()));
        assert_eq!(read("b.json"), json(admm.history()));
        // What `Every` let through, and the end of the run before.
        let before = record.iteration() - 1;
        let seen = (before - before % 3 + 1).max(before - before % 5);
        assert_eq!(read("every.csv"), csv(&admm.history()[..seen]));
        let expected = ["a.csv", "b.json", "every.csv"].map(PathBuf::from);
        assert_eq!(names(self.folder), expected);
        self.iterations += 1;
        Ok(Flow::Continue)
    }
}

#[test]
fn complete_after_every_iteration_and_when_the_run_is_taken_up_again() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let files = (
        HistoryFile::csv(path("a.csv")),
        (
            HistoryFile::json(path("b.json")),
            Every::new(HistoryFile::csv(path("every.csv")), 3),
        ),
    );
    let mut model = Talkative::new();
    model.metrics = vec![vec![], vec![("late", 1.0)]];
    let mut admm = model.admm(5);
    let killer = Killer {
        folder: &folder,
        iterations: 0,
    };
    let mut observers = (files, killer);
    for run in 1..=2 {
        let report = admm.run(&mut model, &mut observers).unwrap();
        assert_eq!(report.status(), Status::MaxIterations);
        assert_eq!(observers.1.iterations, 5 * run);
        // `Every` leaves out iterations; the end does not.
        assert_eq!(
            fs::read_to_string(path("every.csv")).unwrap(),
            csv(admm.history())
        );
        assert_eq!(admm.history().len(), 5 * run);
    }
}

#[test]
fn a_failed_run_leaves_what_it_had() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("history.csv");
    fs::write(&path, "an earlier file").unwrap();
    // Left over from a run that was killed while writing.
    fs::write(folder.path().join("history.csv.tmp"), "iteration,wei").unwrap();
    let mut model = Talkative::new();
    let mut admm = model.admm(9);
    let mut file = HistoryFile::csv(&path);
    model.fails_at = Some(1);
    admm.run(&mut model, &mut file).unwrap_err();
    assert_eq!(fs::read_to_string(&path).unwrap(), "an earlier file");
    model.fails_at = Some(4);
    admm.run(&mut model, &mut file).unwrap_err();
    assert_eq!(admm.history().len(), 3);
    assert_eq!(fs::read_to_string(&path).unwrap(), csv(admm.history()));
    assert_eq!(names(&folder), [PathBuf::from("history.csv")]);
}

/// Returns the error of a run with this observer, which must come before any training.
fn refused(path: &Path) -> (String, io::ErrorKind) {
    let mut model = Talkative::new();
    let mut admm = model.admm(2);
    model.fails_at = Some(1);
    let error = admm
        .run(&mut model, &mut HistoryFile::json(path))
        .unwrap_err();
    let AdmmError::Observer {
        iteration: 0,
        source,
    } = &error
    else {
        panic!("{error}");
    };
    let kind = source.downcast_ref::<io::Error>().unwrap().kind();
    (error.to_string(), kind)
}

#[test]
fn a_wrong_path_is_refused_before_training() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("missing").join("history.json");
    let (text, kind) = refused(&missing);
    assert_eq!(kind, io::ErrorKind::NotFound);
    assert!(text.contains(&missing.display().to_string()), "{text}");
    let (text, _) = refused(folder.path());
    assert!(text.ends_with("no file"), "{text}");
    let (text, kind) = refused(Path::new(""));
    assert_eq!(kind, io::ErrorKind::InvalidInput, "{text}");
    assert!(names(&folder).is_empty());
}

#[test]
fn a_folder_that_vanishes_is_an_error_that_names_the_file() {
    struct Remover(PathBuf);
    impl Observer<f64> for Remover {
        fn iteration(&mut self, _: &Admm<f64>, record: &Record) -> Result<Flow, BoxError> {
            if record.iteration() == 2 {
                fs::remove_dir_all(&self.0)?;
            }
            Ok(Flow::Continue)
        }
    }
    let folder = tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let path = inner.join("history.csv");
    let mut model = Talkative::new();
    let mut admm = model.admm(5);
    let mut observers = (HistoryFile::csv(&path), Remover(inner));
    let error = admm.run(&mut model, &mut observers).unwrap_err();
    assert!(matches!(error, AdmmError::Observer { iteration: 3, .. }));
    assert!(
        error.to_string().contains(&path.display().to_string()),
        "{error}"
    );
    assert_eq!(admm.history().len(), 3);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_a_device_a_device() {
    let folder = tempdir().unwrap();
    let (real, link) = (folder.path().join("real.csv"), folder.path().join("link"));
    fs::write(&real, "").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let mut model = Talkative::new();
    let mut admm = model.admm(2);
    admm.run(&mut model, &mut HistoryFile::csv(&link)).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&real).unwrap(), csv(admm.history()));
    assert_eq!(names(&folder), ["link", "real.csv"].map(PathBuf::from));

    let (text, _) = refused(Path::new("/dev/null"));
    assert!(text.ends_with("no file"), "{text}");
}
