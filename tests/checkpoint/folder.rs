//! The folder: retention, damaged files, other people's files.

use crate::admm_support::Targets;
use crate::common::random;
use std::fs;
use std::path::Path;
use tt_admm::admm::{CheckpointError, Checkpoints};
use tt_admm::{Admm, DecodeError, TtProjection};

fn start() -> (Targets<f64>, Admm<f64>) {
    let model = Targets::one(random::tensor(&[6, 5, 4], 3));
    let admm = Admm::builder()
        .constrain("w", TtProjection::new(2))
        .rho(1.0)
        .build(&model)
        .unwrap();
    (model, admm)
}

fn update(model: &Targets<f64>, admm: &mut Admm<f64>) {
    admm.update(|_| model.w[0].view()).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}

#[test]
fn the_last_n_stay_and_other_files_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    fs::write(folder.path().join("iteration-x.ttadmm"), "mine too").unwrap();
    let (model, mut admm) = start();
    for keep in [3, 1, 0] {
        let checkpoints = Checkpoints::open(folder.path()).unwrap().keep(keep);
        for _ in 0..4 {
            update(&model, &mut admm);
            let path = checkpoints.save(&admm, b"").unwrap();
            assert!(path.ends_with(format!("iteration-{:08}.ttadmm", admm.iteration())));
        }
        assert_eq!(names(folder.path()).len(), 2 + keep.max(1));
    }
    let found = Checkpoints::open(folder.path()).unwrap().latest::<f64>();
    assert_eq!(found.unwrap().unwrap().iteration(), 12);
}

#[test]
fn an_empty_folder_has_none_and_a_file_is_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let nested = folder.path().join("a/b");
    assert!(
        Checkpoints::open(&nested)
            .unwrap()
            .latest::<f32>()
            .unwrap()
            .is_none()
    );
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Checkpoints::open(&file).unwrap_err();
    assert!(
        matches!(error, CheckpointError::Io { ref path, .. } if *path == file),
        "{error}"
    );
}

#[test]
fn damaged_files_are_passed_over_while_there_is_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(folder.path()).unwrap().keep(3);
    let (model, mut admm) = start();
    let mut paths = Vec::new();
    for _ in 0..3 {
        update(&model, &mut admm);
        paths.push(checkpoints.save(&admm, b"").unwrap());
    }
    let damage = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    damage(&paths[2]);
    damage(&paths[1]);
    let found = checkpoints.latest::<f64>().unwrap().unwrap();
    assert_eq!(found.iteration(), 1);
    // The resumed run saves iteration 2 although there is a damaged file of iteration 3.
    let mut resumed = start().1;
    resumed.restore(&found).unwrap();
    update(&model, &mut resumed);
    checkpoints.save(&resumed, b"").unwrap();
    assert_eq!(checkpoints.latest::<f64>().unwrap().unwrap().iteration(), 2);
    assert!(names(folder.path()).contains(&"iteration-00000003.ttadmm.damaged".to_owned()));
    damage(&paths[0]);
    damage(&paths[1]);
    let error = checkpoints.latest::<f64>().unwrap_err();
    let CheckpointError::Decode { path, source } = error else {
        panic!("{error}")
    };
    assert_eq!(path, paths[1]);
    assert!(matches!(source, DecodeError::Truncated { .. }));
}

#[test]
fn a_run_started_anew_does_not_overwrite_a_longer_one() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(folder.path()).unwrap();
    let (model, mut admm) = start();
    update(&model, &mut admm);
    update(&model, &mut admm);
    checkpoints.save(&admm, b"long").unwrap();
    let mut anew = start().1;
    update(&model, &mut anew);
    let error = checkpoints.save(&anew, b"new").unwrap_err();
    assert!(
        matches!(
            error,
            CheckpointError::Behind {
                found: 2,
                saving: 1,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        checkpoints.latest::<f64>().unwrap().unwrap().blob(),
        b"long"
    );
}

#[test]
fn another_element_type_or_version_is_never_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = Checkpoints::open(folder.path()).unwrap();
    let (model, mut admm) = start();
    for _ in 0..2 {
        update(&model, &mut admm);
        checkpoints.save(&admm, b"").unwrap();
    }
    let error = checkpoints.latest::<f32>().unwrap_err();
    assert!(error.to_string().contains("64 bits"), "{error}");
    let newest = folder.path().join("iteration-00000002.ttadmm");
    let mut bytes = fs::read(&newest).unwrap();
    for (version, text) in [(3, "newer"), (1, "older")] {
        bytes[8] = version;
        fs::write(&newest, &bytes).unwrap();
        let error = checkpoints.latest::<f64>().unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }
}
