//! What works.

use serde_json::Value;
use tt_admm::compress::{Plan, Report};
use tt_admm::io::{Dtype, Overwrite, TensorFile};
use tt_admm::ndarray::ArrayD;

use super::common::oracle::{distance, norm};
use super::program::{Folder, folder, network};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The relative distance of a weight to the one in another file.
fn error(a: &TensorFile, b: &TensorFile, name: &str) -> f64 {
    let (a, b): (ArrayD<f64>, ArrayD<f64>) = (a.get(name).unwrap(), b.get(name).unwrap());
    distance(&a, &b) / norm(&a)
}

#[test]
fn compress_report_and_expand() {
    let folder = folder();
    let arguments = [
        "compress",
        "model.safetensors",
        "--ratio",
        "3",
        "--out",
        "c.safetensors",
    ];
    let report =
        json(&folder.good(&[&arguments[..], &["--json", "--format", "tt,tucker"]].concat()));
    let number = |key: &str| report[key].as_f64().unwrap();
    assert_eq!(
        number("parameters_before"),
        f64::from(12 * 8 * 9 + 16 * 12 * 9 + 160)
    );
    assert!(number("parameters_before") / number("parameters_after") >= 3.0);
    assert!(number("macs_after") < number("macs_before"));
    assert_eq!(report["layers"].as_array().unwrap().len(), 3);

    // What is not compressed is there unchanged.
    let (model, compressed) = (
        network(),
        TensorFile::read(folder.path("c.safetensors")).unwrap(),
    );
    for name in ["layer1.conv.bias", "fc.weight/scale", "steps"] {
        assert_eq!(compressed.bytes(name).unwrap(), model.bytes(name).unwrap());
    }
    assert_eq!(compressed.metadata()["format"], "pt");
    assert_eq!(compressed.dtype("fc.weight/core0").unwrap(), Dtype::F64);

    // The report is in the file, and right.
    let again = folder.good(&["report", "c.safetensors", "--json"]);
    assert_eq!(json(&again), report);
    let measured = [
        "report",
        "c.safetensors",
        "--original",
        "model.safetensors",
        "--json",
    ];
    let measured = json(&folder.good(&measured));
    let relative_error = measured["relative_error"].as_f64().unwrap();
    assert!((relative_error - number("relative_error")).abs() < 1e-5);

    folder.good(&["expand", "c.safetensors", "--out", "dense.safetensors"]);
    let dense = TensorFile::read(folder.path("dense.safetensors")).unwrap();
    let names: Vec<&str> = dense.names().collect();
    assert_eq!(names, model.names().collect::<Vec<_>>());
    for layer in report["layers"].as_array().unwrap() {
        let name = layer["name"].as_str().unwrap();
        let expected = layer["relative_error"].as_f64().unwrap();
        assert!(
            (error(&model, &dense, name) - expected).abs() < 1e-5,
            "{name}"
        );
        assert_eq!(dense.dtype(name).unwrap(), model.dtype(name).unwrap());
    }
    assert!(
        !dense
            .metadata()
            .keys()
            .any(|key| key.starts_with("tt-admm"))
    );
}

#[test]
fn a_plan_is_stored_changed_and_used() {
    let folder = folder();
    let selected = ["--layers", "layer*.conv.weight", "--format", "tucker"];
    let plan = [
        "plan",
        "model.safetensors",
        "--error",
        "0.7",
        "--out",
        "plan.json",
    ];
    let table = folder.good(&[&plan[..], &selected].concat());
    assert!(
        table.contains("layer1.conv.weight") && !table.contains("fc.weight"),
        "{table}"
    );
    let text = std::fs::read_to_string(folder.path("plan.json")).unwrap();
    let mut plan: Plan = serde_json::from_str(&text).unwrap();
    assert!(plan.relative_error() <= 0.7);
    plan.layer_mut("layer2.conv.weight").unwrap().scheme = None;
    std::fs::write(
        folder.path("plan.json"),
        serde_json::to_string(&plan).unwrap(),
    )
    .unwrap();
    let used = [
        "compress",
        "model.safetensors",
        "--plan",
        "plan.json",
        "--out",
        "c.npz",
        "--json",
    ];
    let report: Report = serde_json::from_str(&folder.good(&used)).unwrap();
    assert_eq!(report.after, plan.cost().unwrap());
    assert_eq!(report.layers[1].relative_error, 0.0);
    assert!(report.relative_error <= 0.7);
    // An npz file by its name.
    assert_eq!(std::fs::read(folder.path("c.npz")).unwrap()[..2], *b"PK");
    folder.good(&["expand", "c.npz", "--out", "dense.npz"]);
    let dense = TensorFile::read(folder.path("dense.npz")).unwrap();
    assert!(error(&network(), &dense, "layer1.conv.weight") > 0.1);
    assert_eq!(error(&network(), &dense, "layer2.conv.weight"), 0.0);
}

#[test]
fn ranks_from_a_file_in_every_format() {
    for (format, ranks) in [
        ("tt", "[4, 3]"),
        ("tucker", "[4, 9, 3]"),
        ("svd", "[5]"),
        ("tr", "[2, 3, 2]"),
    ] {
        let folder = folder();
        let text = format!("{{\"layer1.conv.weight\": {ranks}}}");
        std::fs::write(folder.path("ranks.json"), text).unwrap();
        let out = format!("{format}.safetensors");
        let arguments = [
            "compress",
            "model.safetensors",
            "--ranks",
            "ranks.json",
            "--out",
            &out,
        ];
        let report = folder.good(&[&arguments[..], &["--format", format, "--json"]].concat());
        let report: Report = serde_json::from_str(&report).unwrap();
        let scheme = report.layers[0].scheme.as_ref().unwrap();
        let (first, last) = (scheme.ranks()[0], scheme.ranks()[scheme.ranks().len() - 1]);
        assert_eq!(first == last, format != "tucker", "{format}");
        assert!(report.layers[0].relative_error > 0.1 && report.layers[0].relative_error < 1.0);
        assert!(report.layers[1].scheme.is_none());
        folder.good(&["expand", &out, "--out", "dense.safetensors"]);
        let dense = TensorFile::read(folder.path("dense.safetensors")).unwrap();
        let got = error(&network(), &dense, "layer1.conv.weight");
        assert!(
            (got - report.layers[0].relative_error).abs() < 1e-5,
            "{format}"
        );
    }
}

#[test]
fn every_goal() {
    for goal in [
        &["--ratio", "2"][..],
        &["--parameters", "1500"],
        &["--mac-ratio", "1.5"],
        &["--macs", "1000000"],
        &["--error", "0.5"],
        &["--uniform", "2"],
        &["--energy", "0.7"],
        &["--vbmf"],
    ] {
        let folder = folder();
        let arguments = [
            "compress",
            "model.safetensors",
            "--out",
            "c.safetensors",
            "--json",
        ];
        let report = folder.good(&[&arguments[..], goal].concat());
        let report: Report = serde_json::from_str(&report).unwrap();
        assert!(
            report.after.parameters < report.before.parameters,
            "{goal:?}"
        );
        match goal[0] {
            "--parameters" => assert!(report.after.parameters <= 1500),
            "--macs" => assert!(report.after.macs <= 1_000_000),
            "--mac-ratio" => assert!(report.mac_ratio() >= 1.5),
            "--error" => assert!(report.relative_error <= 0.5),
            _ => assert!(report.parameter_ratio() > 1.0),
        }
    }
}

#[test]
fn inputs_and_groups_count() {
    let folder = Folder::new();
    let mut file = TensorFile::new();
    let weight: ArrayD<f32> = super::common::random::tensor(&[16, 4, 3, 3], 1);
    file.insert("a", &weight).unwrap();
    file.insert("b", &weight).unwrap();
    file.write(folder.path("m.safetensors"), Overwrite::Refuse)
        .unwrap();
    let report = ["report", "m.safetensors", "--json", "--groups", "a=4"];
    let inputs = ["--input", "a=8x6", "--input", "9x9/2"];
    let report = folder.good(&[&report[..], &inputs].concat());
    let report: Report = serde_json::from_str(&report).unwrap();
    assert_eq!(report.layers[0].before.macs, 8 * 6 * 16 * 4 * 9);
    assert_eq!(report.layers[1].before.macs, 5 * 5 * 16 * 4 * 9);
    let compress = [
        "compress",
        "m.safetensors",
        "--ratio",
        "2",
        "--out",
        "c.safetensors",
        "--groups",
        "a=4",
    ];
    folder.good(&compress);
    let out = TensorFile::read(folder.path("c.safetensors")).unwrap();
    assert_eq!(out.get_factors::<f32>("a").unwrap().num_groups(), 4);
}

#[test]
fn charts_are_drawn() {
    let folder = folder();
    folder.good(&[
        "plan",
        "model.safetensors",
        "--ratio",
        "2",
        "--chart",
        "curve.svg",
    ]);
    let compress = [
        "compress",
        "model.safetensors",
        "--ratio",
        "2",
        "--out",
        "c.safetensors",
    ];
    folder.good(&[&compress[..], &["--chart", "bars.svg"]].concat());
    let text = |name: &str| std::fs::read_to_string(folder.path(name)).unwrap();
    assert!(text("curve.svg").contains("uniform"));
    assert!(text("bars.svg").contains("layer2.conv.weight"));
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    let bytes = |threads: &str| {
        let folder = folder();
        let arguments = [
            "compress",
            "model.safetensors",
            "--ratio",
            "3",
            "--out",
            "c.safetensors",
        ];
        folder.good(&[&arguments[..], &["--threads", threads]].concat());
        std::fs::read(folder.path("c.safetensors")).unwrap()
    };
    // A LAPACK library may break that.
    if !cfg!(feature = "_lapack") {
        assert!(bytes("1") == bytes("3"));
    }
}
