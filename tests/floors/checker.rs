//! The checker, checked on made-up sources.

use super::check;

/// Violations in made-up sources.
fn violations(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.into(), (*text).to_owned()))
        .collect();
    check(&files).violations
}

#[track_caller]
fn assert_flagged(path: &str, text: &str, expected: &[&str]) {
    let got = violations(&[(path, text)]);
    assert_eq!(got.len(), expected.len(), "{path}\n{text}\n{got:#?}");
    for (got, expected) in got.iter().zip(expected) {
        assert!(
            got.contains(expected),
            "{got}\ndoes not mention\n{expected}"
        );
    }
}

#[test]
fn downward_and_own_imports_pass() {
    let text = "use crate::linalg::{svd::{self, Svd}, qr};\nuse crate::scalar::sealed::Kernels;\n\
        use super::round;\npub(crate) fn f() { crate::error::g::<u8>(); self::h(); }\n\
        pub(super) fn h() {}\nmod tests { use super::super::round; use super::*; }";
    assert_flagged("tensor_train/svd.rs", text, &[]);
    assert_flagged(
        "lib.rs",
        "pub use crate::admm::Admm; mod admm; pub use self::io::x;",
        &[],
    );
    assert_flagged("prelude.rs", "pub use crate::{Scalar, TensorTrain};", &[]);
}

#[test]
fn upward_and_sideways_imports_are_found() {
    assert_flagged(
        "linalg/qr.rs",
        "//! Docs.\n\nuse crate::tensor_train::TensorTrain;",
        &["src/linalg/qr.rs:3: `linalg` (floor 2) imports `crate::tensor_train::TensorTrain`"],
    );
    assert_flagged(
        "linalg.rs",
        "fn f() -> crate::tensorize::Layout {}",
        &["from `tensorize` (floor 2)"],
    );
    assert_flagged(
        "scalar.rs",
        "fn f<A: crate::error::E>() {}",
        &["src/scalar.rs:1"],
    );
    assert_flagged(
        "tucker/mod.rs",
        "use tt_admm::tensor_ring::Ring;",
        &["`crate::tensor_ring::Ring`"],
    );
    assert_flagged(
        "layers.rs",
        "pub(in crate::compress) fn f() {}",
        &["`compress` (floor 7)"],
    );
}

#[test]
fn groups_are_followed() {
    let text = "use crate::{\n    error::{A, B as C},\n    linalg,\n    admm::{self, x::{Y, *}},\n};\n\
        fn f() {}\nuse crate::io::x;";
    let expected = [
        "tensorize.rs:3: `tensorize` (floor 2) imports `crate::linalg`",
        "tensorize.rs:4: `tensorize` (floor 2) imports `crate::admm` from",
        "tensorize.rs:4: `tensorize` (floor 2) imports `crate::admm::x::Y`",
        "tensorize.rs:4: `tensorize` (floor 2) imports `crate::admm::x` from",
        "tensorize.rs:7: `tensorize` (floor 2) imports `crate::io::x`",
    ];
    assert_flagged("tensorize.rs", text, &expected);
    assert_flagged(
        "tensorize.rs",
        "use {crate::scalar::S, crate::io::T};",
        &["`crate::io::T`"],
    );
}

#[test]
fn super_chains_are_resolved() {
    assert_flagged("admm.rs", "use super::io::save;", &["`crate::io::save`"]);
    assert_flagged("admm/mod.rs", "use super::{error, io};", &["`crate::io`"]);
    assert_flagged(
        "admm/run.rs",
        "use super::io; use super::super::io;",
        &["`crate::io`"],
    );
    assert_flagged(
        "admm/run.rs",
        "use super::{super::io::X, y};",
        &["`crate::io::X`"],
    );
    let inline = "mod a {\n mod b { use super::super::super::compress::C; }\n use super::io; }\n\
        use super::super::layers::L;";
    assert_flagged(
        "admm/run.rs",
        inline,
        &["admm/run.rs:4: `admm` (floor 6) imports `crate::layers::L`"],
    );
    let deeper = "mod tests { fn f() { if a {} } use super::super::super::layers::L; }";
    assert_flagged("admm/run.rs", deeper, &["`crate::layers::L`"]);
    assert_flagged(
        "admm/run.rs",
        "use self::super::super::layers::L;",
        &["`crate::layers::L`"],
    );
}

#[test]
fn the_crate_root_is_above_every_room() {
    assert_flagged(
        "linalg.rs",
        "use crate::Scalar;",
        &["`crate::Scalar` from `lib` (floor 9)"],
    );
    assert_flagged("linalg.rs", "use crate::*;", &["from `lib`"]);
    assert_flagged("linalg.rs", "use super::*;", &["from `lib`"]);
    assert_flagged("linalg.rs", "use crate as root;", &["from `lib`"]);
    assert_flagged("linalg.rs", "use crate::{self as root};", &["from `lib`"]);
    assert_flagged(
        "linalg.rs",
        "macro_rules! m { () => { $crate::A } }",
        &["from `lib`"],
    );
}

#[test]
fn comments_and_literals_are_ignored() {
    let text = r##"
        //! use crate::io::x;
        /// use crate::io::x;
        /* use crate::io::x; /* crate::io::x */ crate::io::x */
        #[doc = "crate::io::x"]
        fn f<'a>(_: &'a str) -> char {
            let _ = (r#"crate::io::x " crate::io::x"#, b"crate::io::x", r"\", "\" crate::io::x \\");
            let _ = ('"', '\'', '\u{22}', b'"', 'crate_label: loop { break 'crate_label });
            'x'
        }
        use crate::io::seen;
    "##;
    assert_flagged(
        "scalar.rs",
        text,
        &["src/scalar.rs:11: `scalar` (floor 0) imports `crate::io::seen`"],
    );
}

#[test]
fn a_room_without_a_floor_is_refused() {
    let got = violations(&[
        ("attic/mod.rs", "use crate::io::x;"),
        ("io.rs", "use crate::attic::y;"),
    ]);
    assert_eq!(got, ["src/attic: name its floor in tests/floors.rs"]);
}
