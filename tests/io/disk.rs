//! Files on the disk: which container, what is in the way, what errors name.

use std::fs;

use tt_admm::io::{Container, IoErrorKind, Overwrite, TensorFile};
use tt_admm::ndarray::array;

fn sample(value: f32) -> TensorFile {
    let mut file = TensorFile::new();
    file.insert("w", &array![value]).unwrap();
    file
}

#[test]
fn the_extension_says_what_to_write_and_the_content_what_to_read() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.safetensors", "a.npz", "a.NPZ"] {
        let path = folder.path().join(name);
        sample(2.0).write(&path, Overwrite::Refuse).unwrap();
        // Under a name that says something else.
        let other = folder.path().join("other.bin");
        fs::rename(&path, &other).unwrap();
        let file = TensorFile::read(&other).unwrap();
        assert_eq!(file.path(), Some(&*other));
        assert_eq!(file.get::<f32>("w").unwrap()[[0]], 2.0);
        fs::remove_file(other).unwrap();
    }
    assert_eq!(Container::of_path("x/y.npz").unwrap(), Container::Npz);
    for name in ["model.pt", "model", ".npz"] {
        let error = sample(1.0)
            .write(folder.path().join(name), Overwrite::Refuse)
            .unwrap_err();
        assert!(
            matches!(error.kind(), IoErrorKind::Extension { .. }),
            "{error}"
        );
        assert!(error.to_string().contains(name), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let path = folder.path().join("model.pt");
    sample(3.0)
        .write_as(&path, Container::Npz, Overwrite::Refuse)
        .unwrap();
    assert_eq!(
        TensorFile::read(path).unwrap().get::<f64>("w").unwrap()[[0]],
        3.0
    );
}

#[test]
fn a_file_in_the_way_stays_unless_it_is_to_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    fs::write(&path, "precious").unwrap();
    let error = sample(1.0).write(&path, Overwrite::Refuse).unwrap_err();
    assert!(matches!(error.kind(), IoErrorKind::Exists));
    assert!(
        error
            .to_string()
            .ends_with("model.safetensors: there is such a file already")
    );
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    sample(1.0).write(&path, Overwrite::Replace).unwrap();
    assert_eq!(TensorFile::read(&path).unwrap().len(), 1);
    // Nothing else is left behind.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // A file that cannot be written leaves the old one.
    let mut bad = sample(1.0);
    bad.insert("a\0b", &array![1.0]).unwrap();
    let before = fs::read(&path).unwrap();
    let error = bad
        .write_as(&path, Container::Npz, Overwrite::Replace)
        .unwrap_err();
    assert!(matches!(
        error.kind(),
        IoErrorKind::Name {
            container: "npz",
            ..
        }
    ));
    assert_eq!(error.path(), Some(&*path));
    assert_eq!(fs::read(&path).unwrap(), before);
    // A folder is no file.
    let taken = folder.path().join("taken.npz");
    fs::create_dir(&taken).unwrap();
    for overwrite in [Overwrite::Refuse, Overwrite::Replace] {
        assert!(sample(1.0).write(&taken, overwrite).is_err());
    }
    let error = sample(1.0)
        .write(folder.path().join("no/such/x.npz"), Overwrite::Replace)
        .unwrap_err();
    assert!(matches!(
        error.kind(),
        IoErrorKind::File {
            action: "write",
            ..
        }
    ));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (
        folder.path().join("file.npz"),
        folder.path().join("link.npz"),
    );
    sample(1.0).write(&file, Overwrite::Refuse).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    sample(5.0).write(&link, Overwrite::Replace).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(
        TensorFile::read(file).unwrap().get::<f32>("w").unwrap()[[0]],
        5.0
    );
}

/// What a user sees before any work starts.
#[test]
fn errors_name_the_file_the_tensor_and_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.npz");
    let mut file = TensorFile::new();
    file.insert(
        "fc.weight",
        &array![[1.0_f32, 2.0], [f32::NAN, f32::INFINITY]],
    )
    .unwrap();
    file.write(&path, Overwrite::Refuse).unwrap();
    let file = TensorFile::read(&path).unwrap();
    let shown = |message: &str| format!("{}: tensor `fc.weight`: {message}", path.display());
    let error = file.get_finite::<f64>("fc.weight").unwrap_err();
    let message = "NaN at index [1, 0]; all elements must be finite";
    assert_eq!(error.to_string(), shown(message));
    assert!(file.get::<f32>("fc.weight").unwrap()[[1, 0]].is_nan());
    assert_eq!(
        (error.path(), error.tensor()),
        (Some(&*path), Some("fc.weight"))
    );
    let mut again = file.clone();
    let error = again.insert("fc.weight", &array![1.0]).unwrap_err();
    assert_eq!(error.to_string(), shown("there are two of this name"));
    let error = TensorFile::read(folder.path()).unwrap_err();
    assert!(matches!(
        error.kind(),
        IoErrorKind::File { action: "read", .. }
    ));
    assert!(std::error::Error::source(&error).is_some());
    fs::write(&path, "PK\x03\x04 and no more").unwrap();
    let error = TensorFile::read(&path).unwrap_err();
    assert!(matches!(error.kind(), IoErrorKind::Archive { .. }));
    assert_eq!(error.path(), Some(&*path));
    assert_eq!(error.to_string().lines().count(), 1);
}

#[test]
fn names_and_keys_that_are_taken_are_refused() {
    let mut file = sample(1.0);
    let error = file.insert("__metadata__", &array![1.0]).unwrap_err();
    assert!(matches!(error.kind(), IoErrorKind::Reserved { .. }));
    let error = file.set_metadata("tt-admm", "mine").unwrap_err();
    assert_eq!(error.to_string(), "the name `tt-admm` is reserved");
    file.insert("x".repeat(65_532), &array![1.0]).unwrap();
    let error = file.to_bytes(Container::Npz).unwrap_err();
    assert!(matches!(error.kind(), IoErrorKind::Name { .. }));
    file.to_bytes(Container::Safetensors).unwrap();
    let many = tt_admm::ndarray::ArrayD::<f32>::zeros(vec![1; 65]);
    let error = sample(1.0).insert("many", &many).unwrap_err();
    assert!(matches!(
        error.kind(),
        IoErrorKind::Axes { got: 65, most: 64 }
    ));
}
