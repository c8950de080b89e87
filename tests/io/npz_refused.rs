//! Npz files that lie.

use crate::build::{Entry, npy, npy_header, refusal, zip};
use tt_admm::io::{IoErrorKind, TensorFile};

/// An array `x` of this header and these bytes.
fn one(header: &str, data: &[u8]) -> Vec<Entry> {
    vec![Entry::stored("x.npy", npy(header, data))]
}

#[test]
fn arrays_that_lie_are_refused() {
    let f4 = |shape: &str| npy_header("<f4", false, shape);
    let huge = usize::MAX;
    let many = format!("({})", "1,".repeat(65));
    let table: &[(&str, &[u8], &str)] = &[
        (
            &f4("(2,)"),
            &[0; 7],
            "shape [2] of F32 has 8 bytes, 7 are there",
        ),
        (
            &f4("(2,)"),
            &[0; 9],
            "shape [2] of F32 has 8 bytes, 9 are there",
        ),
        (
            &f4("(1000000, 1000000)"),
            &[0; 8],
            "has 4000000000000 bytes, 8 are there",
        ),
        (
            &f4(&format!("({huge}, 2)")),
            &[0; 8],
            "is no tensor that memory can hold",
        ),
        (
            &f4(&format!("(0, {huge}, 2)")),
            &[],
            "is no tensor that memory can hold",
        ),
        (
            &f4(&format!("({huge}0,)")),
            &[],
            "malformed header: a size expected",
        ),
        (&f4(&many), &[0; 4], "65 axes; there can be 64"),
        (
            &npy_header("<f3", false, "(1,)"),
            &[0; 3],
            "unknown type of elements \"<f3\"",
        ),
        (
            &npy_header("=f4", false, "(1,)"),
            &[0; 4],
            "unknown type of elements \"=f4\"",
        ),
        (
            &npy_header("|f4", false, "(1,)"),
            &[0; 4],
            "unknown type of elements",
        ),
        (
            &npy_header("", false, "(1,)"),
            &[0; 4],
            "unknown type of elements \"\"",
        ),
        (
            &npy_header("\u{e9}f4", false, "(1,)"),
            &[0; 4],
            "unknown type of elements",
        ),
        (
            &npy_header("|O", false, "(1,)"),
            &[0; 8],
            "unknown type of elements \"|O\"",
        ),
        (
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
            &[0; 4],
            "malformed header",
        ),
        ("", &[], "malformed header"),
    ];
    for (header, data, reason) in table {
        let error = refusal(&zip(&one(header, data))).to_string();
        assert!(error.starts_with("tensor `x`: "), "{error}");
        assert!(error.contains(reason), "{header}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn beginnings_that_lie_are_refused() {
    let good = npy(&npy_header("<f4", false, "(2,)"), &[0; 8]);
    let changed = |at: usize, bytes: &[u8]| {
        let mut data = good.clone();
        data[at..at + bytes.len()].copy_from_slice(bytes);
        data
    };
    let mut long = b"\x93NUMPY\x02\x00".to_vec();
    long.extend_from_slice(&u32::MAX.to_le_bytes());
    for (data, reason) in [
        (changed(0, b"\x92"), "not as an array"),
        (changed(6, &[4]), "version 4; 1 to 3 are known"),
        (changed(8, &[0xFF, 0xFF]), "malformed header: it ends early"),
        (changed(10, &[0xFF]), "malformed header: invalid utf-8"),
        (long, "4294967295 bytes; 65536 can be read"),
        (b"\x93NUM".to_vec(), "malformed header: it ends early"),
        (Vec::new(), "malformed header: it ends early"),
    ] {
        let error = refusal(&zip(&[Entry::stored("x.npy", data)])).to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn archives_that_lie_are_refused() {
    let array = npy(&npy_header("<f4", false, "(2,)"), &[0; 8]);
    let good = Entry::stored("x.npy", array.clone());
    let read = TensorFile::from_bytes(zip(std::slice::from_ref(&good))).unwrap();
    assert_eq!(read.shape("x").unwrap(), [2]);
    let with = |change: &dyn Fn(&mut Entry)| {
        let mut entry = good.clone();
        change(&mut entry);
        zip(&[entry])
    };
    // One byte announced as four gigabytes of zeros.
    let bomb = npy(&npy_header("|u1", false, "(4294967000,)"), &[]);
    let bomb = Entry {
        size: u32::MAX,
        ..Entry::stored("x.npy", bomb)
    };
    let other = Entry::stored("readme.txt", b"hello".to_vec());
    for (bytes, reason) in [
        (
            zip(&[good.clone(), good.clone()]),
            "two entries of one name",
        ),
        (
            zip(&[good.clone(), other]),
            "\"readme.txt\" is no array `.npy`",
        ),
        (
            zip(std::slice::from_ref(&bomb)),
            "compressed bytes cannot hold the 4294967295 bytes announced",
        ),
        (
            zip(&[Entry { method: 8, ..bomb }]),
            "cannot hold the 4294967295 bytes",
        ),
        (with(&|entry| entry.size += 1), "cannot hold the"),
        (with(&|entry| entry.size -= 1), "tensor `x`: "),
        (with(&|entry| entry.compressed += 9), "archive"),
        (with(&|entry| entry.compressed -= 1), "tensor `x`: "),
        (
            with(&|entry| entry.method = 12),
            "tensor `x`: damaged or foreign archive",
        ),
        (
            with(&|entry| entry.method = 8),
            "tensor `x`: damaged or foreign archive",
        ),
        (with(&|entry| entry.flags |= 1), "archive"),
    ] {
        let error = refusal(&bytes).to_string();
        assert!(error.contains(reason), "{reason}: {error}");
    }
    // The checksum is checked.
    let mut bytes = zip(&[good]);
    let last = 30 + "x.npy".len() + array.len() - 1;
    bytes[last] ^= 1;
    let error = refusal(&bytes);
    assert!(
        matches!(error.kind(), IoErrorKind::Archive { .. }),
        "{error}"
    );
    // No entries at all.
    assert!(TensorFile::from_bytes(zip(&[])).unwrap().is_empty());
}

/// Two entries of one place: few bytes would stand for many tensors.
#[test]
fn entries_that_overlap_are_refused() {
    let array = npy(&npy_header("<f4", false, "(2,)"), &[0; 8]);
    let mut bytes = zip(&[
        Entry::stored("x.npy", array.clone()),
        Entry::stored("y.npy", array),
    ]);
    let directory = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    bytes[directory + 42..directory + 46].copy_from_slice(&[0; 4]);
    let error = refusal(&bytes);
    assert!(
        matches!(error.kind(), IoErrorKind::Archive { .. }),
        "{error}"
    );
}

#[test]
fn metadata_that_makes_no_sense_is_refused() {
    let metadata = |descr: &str, shape: &str, data: &[u8]| {
        let header = npy_header(descr, false, shape);
        zip(&[Entry::stored("__metadata__.npy", npy(&header, data))])
    };
    let good = metadata("|u1", "(9,)", br#"{"a":"b"}"#);
    assert_eq!(TensorFile::from_bytes(good).unwrap().metadata()["a"], "b");
    for (bytes, reason) in [
        (metadata("<f4", "(1,)", &[0; 4]), "an array [1] of F32"),
        (metadata("|u1", "(1, 2)", b"{}"), "an array [1, 2] of U8"),
        (metadata("|u1", "(2,)", b"{]"), "metadata `__metadata__`: "),
        (
            metadata("|u1", "(4,)", b"\"\xFF\"}"),
            "metadata `__metadata__`: ",
        ),
        (
            metadata("|u1", "(17,)", br#"{"a":"b","a":"c"}"#),
            "two entries \"a\"",
        ),
        (metadata("|u1", "(7,)", br#"{"a":1}"#), "invalid type"),
    ] {
        let error = refusal(&bytes).to_string();
        assert!(error.contains(reason), "{error}");
    }
}
