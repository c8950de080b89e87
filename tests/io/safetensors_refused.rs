//! Safetensors files that lie.

use crate::build::{refusal, safetensors};
use tt_admm::io::{IoErrorKind, TensorFile};

/// The header of one tensor `x`.
fn one(dtype: &str, shape: &str, offsets: &str) -> String {
    format!(r#"{{"x":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#)
}

#[test]
#[allow(clippy::too_many_lines)] // a table
fn headers_that_lie_are_refused() {
    let huge = usize::MAX;
    let large = format!("[{huge},2]");
    let hidden = format!("[0,{huge},2]");
    let many = format!("[{}1]", "1,".repeat(64));
    let twice = r#"{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#;
    let same = r#"{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#;
    let hole = r#"{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}"#;
    let deep = format!(r#"{{"x":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let table: &[(&str, &[u8], &str)] = &[
        (
            &one("F32", "[2]", "[0,8]"),
            &[0; 7],
            "tensor `x`: it lies in bytes 0..8 of 7",
        ),
        (
            &one("F32", "[2]", "[0,8]"),
            &[0; 9],
            "the last 1 bytes belong to no tensor",
        ),
        (
            &one("F32", "[2]", "[4,12]"),
            &[0; 12],
            "it should begin at 0",
        ),
        (
            &one("F32", "[2]", "[8,0]"),
            &[0; 8],
            "it lies in bytes 8..0",
        ),
        (
            &one("F32", "[2]", "[0,-1]"),
            &[0; 8],
            "malformed header: \"x\": invalid value",
        ),
        (&one("F32", "[2]", "[0,1e9]"), &[0; 8], "malformed header"),
        (&one("F32", "[2]", &format!("[0,{huge}]")), &[0; 8], "of 8"),
        (
            &one("F32", "[2]", &format!("[0,{huge}0]")),
            &[0; 8],
            "malformed header",
        ),
        (
            &one("F32", "[3]", "[0,8]"),
            &[0; 8],
            "shape [3] of F32 has 12 bytes, 8 are there",
        ),
        (&one("F32", "[2.5]", "[0,8]"), &[0; 8], "malformed header"),
        (
            &one("F32", &large, "[0,8]"),
            &[0; 8],
            "is no tensor that memory can hold",
        ),
        (
            &one("F32", &hidden, "[0,0]"),
            &[],
            "is no tensor that memory can hold",
        ),
        (
            &one("F32", &many, "[0,4]"),
            &[0; 4],
            "65 axes; there can be 64",
        ),
        (
            &one("F4", "[3]", "[0,2]"),
            &[0; 2],
            "is no tensor that memory can hold",
        ),
        (
            &one("F31", "[2]", "[0,8]"),
            &[0; 8],
            "tensor `x`: unknown type of elements \"F31\"",
        ),
        (&one("f32", "[2]", "[0,8]"), &[0; 8], "unknown type"),
        (twice, &[0; 2], "tensor `x`: there are two of this name"),
        (
            same,
            &[0; 2],
            "tensor `y`: it lies in bytes 1..2 of 2; it should begin at 2",
        ),
        (
            hole,
            &[0; 3],
            "tensor `y`: it lies in bytes 2..3 of 3; it should begin at 1",
        ),
        (
            r#"{"x":{"dtype":"F32","shape":[2]}}"#,
            &[0; 8],
            "missing field `data_offsets`",
        ),
        (
            r#"{"x":{"dtype":"F32","dtype":"F32"}}"#,
            &[0; 8],
            "duplicate field",
        ),
        (r#"{"x":7}"#, &[], "malformed header"),
        (
            r#"{"__metadata__":{"a":1}}"#,
            &[],
            "\"__metadata__\": invalid type",
        ),
        (
            r#"{"__metadata__":{"a":"1","a":"2"}}"#,
            &[],
            "two entries \"a\"",
        ),
        (
            r#"{"__metadata__":{},"__metadata__":{}}"#,
            &[],
            "\"__metadata__\": there are two",
        ),
        (
            r#"{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#,
            &[0],
            "malformed header: EOF",
        ),
        ("{} {}", &[], "trailing characters"),
        ("{,}", &[], "malformed header"),
        (&deep, &[], "malformed header"),
    ];
    for (header, data, reason) in table {
        let error = refusal(&safetensors(header, data)).to_string();
        let shown = &header[..header.len().min(100)];
        assert!(error.contains(reason), "{shown}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    let mut bytes = safetensors("{\"\u{e9}\":7}", &[]);
    bytes[11] = 0xFF;
    assert!(refusal(&bytes).to_string().contains("malformed header"));
}

#[test]
fn lengths_that_lie_are_refused() {
    let mut bytes = safetensors(&one("F32", "[2]", "[0,8]"), &[0; 8]);
    let length = bytes.len() as u64;
    for announced in [length, length - 7, 1 << 40, u64::MAX, u64::MAX - 8] {
        bytes[..8].copy_from_slice(&announced.to_le_bytes());
        let error = refusal(&bytes);
        let expected = announced.saturating_add(8);
        let truncated = matches!(
            error.kind(),
            IoErrorKind::Truncated { expected: e, got } if (*e, *got) == (expected, length)
        );
        assert!(truncated, "{error}");
    }
    for foreign in [
        &b""[..],
        b"{",
        b"\x08\0\0\0\0\0\0",
        b"\x08\0\0\0\0\0\0\0",
        b"0123456789",
    ] {
        let error = refusal(foreign);
        assert!(
            matches!(error.kind(), IoErrorKind::Foreign { .. }),
            "{error}"
        );
    }
}

#[test]
fn what_the_reference_allows_is_read() {
    let bytes = safetensors("{}        ", &[]);
    assert!(TensorFile::from_bytes(bytes).unwrap().is_empty());
    let bytes = safetensors(r#"{"__metadata__":null}"#, &[]);
    assert!(TensorFile::from_bytes(bytes).unwrap().metadata().is_empty());
    let header = r#"{"__metadata__":{"b":"","a":"\u00e9\n"},"":{"shape":[],"data_offsets":[0,1],"dtype":"U8"}}"#;
    let file = TensorFile::from_bytes(safetensors(header, &[9])).unwrap();
    assert_eq!(file.bytes("").unwrap(), [9]);
    assert_eq!(file.metadata()["a"], "\u{e9}\n");
}
