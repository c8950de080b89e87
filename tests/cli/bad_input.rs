//! What is refused, how, and what is left behind: nothing.

use tt_admm::io::{Dtype, Overwrite, TensorFile};
use tt_admm::ndarray::arr2;

use super::program::{Folder, folder};

const COMPRESS: [&str; 4] = ["compress", "model.safetensors", "--out", "c.safetensors"];

#[track_caller]
fn refused(folder: &Folder, arguments: &[&str], code: i32, words: &[&str]) {
    let before = folder.names();
    let (got, message) = folder.bad(arguments);
    assert_eq!(got, code, "{message}");
    for word in words {
        assert!(message.contains(word), "{message:?} does not say {word:?}");
    }
    assert_eq!(folder.names(), before, "something was left behind");
}

#[test]
fn files() {
    let folder = folder();
    let missing = [
        "compress",
        "no.safetensors",
        "--ratio",
        "2",
        "--out",
        "c.safetensors",
    ];
    refused(&folder, &missing, 1, &["no.safetensors"]);
    let bytes = std::fs::read(folder.path("model.safetensors")).unwrap();
    std::fs::write(folder.path("cut.safetensors"), &bytes[..bytes.len() / 2]).unwrap();
    let cut = [
        "compress",
        "cut.safetensors",
        "--ratio",
        "2",
        "--out",
        "c.safetensors",
    ];
    refused(&folder, &cut, 1, &["cut.safetensors"]);
    std::fs::write(folder.path("text.safetensors"), "weights").unwrap();
    refused(
        &folder,
        &["report", "text.safetensors"],
        1,
        &["text.safetensors"],
    );
    let lost = [
        "compress",
        "model.safetensors",
        "--ratio",
        "2",
        "--out",
        "no/such/folder.npz",
    ];
    refused(&folder, &lost, 1, &["no/such/folder.npz"]);
    refused(
        &folder,
        &["expand", "model.safetensors", "--out", "d.npz"],
        1,
        &["no factors"],
    );
}

#[test]
fn files_that_exist_are_kept_unless_forced() {
    let folder = folder();
    std::fs::write(folder.path("c.safetensors"), "precious").unwrap();
    let arguments = [&COMPRESS[..], &["--ratio", "2"]].concat();
    refused(&folder, &arguments, 1, &["c.safetensors", "--force"]);
    let read = || std::fs::read(folder.path("c.safetensors")).unwrap();
    assert_eq!(read(), b"precious");
    folder.good(&[&arguments[..], &["--force"]].concat());
    assert_ne!(read(), b"precious");
    // In place as well: the weights were read before.
    folder.good(&[
        "expand",
        "c.safetensors",
        "--out",
        "c.safetensors",
        "--force",
    ]);
}

#[test]
fn budgets() {
    let folder = folder();
    let with = |goal: &[&'static str]| [&COMPRESS[..], goal].concat();
    let tight = with(&["--parameters", "5"]);
    refused(
        &folder,
        &tight,
        3,
        &["model.safetensors", "budget of 5 parameters", "smallest"],
    );
    refused(
        &folder,
        &with(&["--ratio", "0.5"]),
        1,
        &["1 or more", "0.5"],
    );
    refused(&folder, &with(&["--error=-1"]), 1, &["not negative"]);
    refused(
        &folder,
        &with(&["--energy", "1.5"]),
        1,
        &["between 0 and 1"],
    );
    refused(&folder, &with(&[]), 2, &["--ratio"]);
    refused(
        &folder,
        &with(&["--ratio", "2", "--error", "0.1"]),
        2,
        &["--error"],
    );
    refused(&folder, &with(&["--ratio", "two"]), 2, &["two"]);
    refused(
        &folder,
        &with(&["--ratio", "2", "--threads", "0"]),
        2,
        &["threads"],
    );
}

#[test]
fn selections() {
    let folder = folder();
    let with = |more: &[&'static str]| [&COMPRESS[..], &["--ratio", "2"], more].concat();
    refused(&folder, &with(&["--layers", "conv9*"]), 1, &["conv9*"]);
    refused(
        &folder,
        &with(&["--layers", "steps"]),
        1,
        &["`steps`", "I64"],
    );
    refused(&folder, &with(&["--layers", "*bias"]), 1, &["bias", "[12]"]);
    refused(&folder, &with(&["--layers", "a[b"]), 1, &["a[b"]);
    refused(
        &folder,
        &with(&["--exclude", "*"]),
        1,
        &["no tensor of two or four axes"],
    );
    refused(&folder, &with(&["--input", "32"]), 1, &["`32`", "HxW"]);
    refused(&folder, &with(&["--input", "0x4"]), 1, &["`0x4`"]);
    refused(&folder, &with(&["--groups", "a=0"]), 1, &["a=0"]);
    refused(&folder, &with(&["--groups", "*=5"]), 1, &["12", "5 groups"]);
    refused(&folder, &with(&["--format", "tr"]), 1, &["--ranks"]);
    refused(&folder, &with(&["--format", "cp"]), 2, &["cp"]);
}

#[test]
fn weights_and_plans() {
    let folder = folder();
    let mut file = TensorFile::new();
    file.insert("w", &arr2(&[[1.0_f32, 2.0], [3.0, f32::NAN]]))
        .unwrap();
    file.insert_raw("q", Dtype::I8, [2, 2], [1, 2, 3, 4])
        .unwrap();
    file.write(folder.path("nan.safetensors"), Overwrite::Refuse)
        .unwrap();
    let nan = [
        "compress",
        "nan.safetensors",
        "--ratio",
        "2",
        "--out",
        "c.safetensors",
    ];
    refused(
        &folder,
        &nan,
        1,
        &["nan.safetensors", "`w`", "[1, 1]", "NaN"],
    );
    let write = |name: &str, text: &str| std::fs::write(folder.path(name), text).unwrap();
    let with = |flag: &'static str, file: &'static str| [&COMPRESS[..], &[flag, file]].concat();
    write("broken.json", "{\"layers\": 3}");
    refused(&folder, &with("--plan", "broken.json"), 1, &["broken.json"]);
    let other = r#"{"layers": [{"name": "other", "shape": [2, 2], "operator": {"linear": {"positions": 1}}}]}"#;
    write("other.json", other);
    refused(
        &folder,
        &with("--plan", "other.json"),
        1,
        &["`other`", "fc.weight"],
    );
    write("shape.json", &other.replace("other", "fc.weight"));
    refused(
        &folder,
        &with("--plan", "shape.json"),
        1,
        &["fc.weight", "[2, 2]", "[10, 16]"],
    );
    write("ranks.json", r#"{"fc.weight": [3, 3, 3]}"#);
    refused(
        &folder,
        &with("--ranks", "ranks.json"),
        1,
        &["ranks.json", "fc.weight"],
    );
    write("unknown.json", r#"{"fc.wait": [3]}"#);
    refused(&folder, &with("--ranks", "unknown.json"), 1, &["fc.wait"]);
    write("zero.json", r#"{"fc.weight": [0]}"#);
    refused(&folder, &with("--ranks", "zero.json"), 1, &["rank 0"]);
}
