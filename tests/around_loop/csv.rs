//! The history as a table, read back with the crate `csv`.

use std::io::{self, Write};

use crate::model::{AWKWARD, Talkative, history};
use tt_admm::admm::{BlockRecord, Record, write_csv};

const FIXED: [&str; 14] = [
    "iteration",
    "weight",
    "block",
    "rho",
    "primal",
    "relative_primal",
    "dual",
    "relative_dual",
    "weight_norm",
    "z_norm",
    "u_norm",
    "projection_distance",
    "residual_ratio",
    "loss",
];

fn text(history: &[Record]) -> String {
    let mut text = Vec::new();
    write_csv(history, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// Header and rows.
fn table(history: &[Record]) -> (Vec<String>, Vec<Vec<String>>) {
    let text = text(history);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let strings = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = strings(reader.headers().unwrap());
    let rows = reader.records().map(|row| strings(&row.unwrap())).collect();
    (header, rows)
}

#[test]
fn every_number_comes_back_to_the_bit() {
    let history = history(&mut Talkative::new(), 7);
    let (header, rows) = table(&history);
    assert_eq!(header, FIXED);
    assert_eq!(rows.len(), 7 * 3);
    let blocks = history
        .iter()
        .flat_map(|record| record.blocks().iter().map(move |block| (record, block)));
    for ((record, block), row) in blocks.zip(&rows) {
        assert_eq!(row[0], record.iteration().to_string());
        assert_eq!(row[1], block.weight());
        assert_eq!(row[2], block.ordinal().to_string());
        let figures = [
            block.rho(),
            block.primal(),
            block.relative_primal(),
            block.dual(),
            block.relative_dual(),
            block.weight_norm(),
            block.z_norm(),
            block.u_norm(),
            block.projection_distance(),
            block.residual_ratio(),
            record.loss().unwrap(),
        ];
        let read: Vec<u64> = row[3..]
            .iter()
            .map(|cell| cell.parse::<f64>().unwrap().to_bits())
            .collect();
        assert_eq!(read, figures.map(f64::to_bits), "{row:?}");
    }
    // The block without a constraint has U = 0 while Z moves, so this is no invented case.
    assert!(history[0].blocks()[2].relative_dual().is_infinite());
    assert_eq!(rows[2][7], "inf");
    assert_eq!((rows[0][1].as_str(), rows[0][2].as_str()), (AWKWARD, "0"));
    assert_eq!((rows[2][1].as_str(), rows[2][2].as_str()), ("w1", "1"));
}

#[test]
fn metrics_get_columns_in_the_order_of_appearance() {
    let mut model = Talkative::new();
    model.metrics = vec![
        vec![("f1, \"macro\"\n", 0.5), ("accuracy", 1e-300)],
        vec![],
        vec![("accuracy", f64::NAN), ("late", f64::NEG_INFINITY)],
    ];
    let (header, rows) = table(&history(&mut model, 3));
    assert_eq!(header[14..], ["f1, \"macro\"\n", "accuracy", "late"]);
    for (k, expected) in [["0.5", "1e-300", ""], ["", "", ""], ["", "NaN", "-inf"]]
        .iter()
        .enumerate()
    {
        for row in &rows[3 * k..3 * k + 3] {
            assert_eq!(row[14..], *expected);
        }
    }
}

/// No two columns have the same name, whatever the metrics are called.
#[test]
fn metrics_called_like_a_column_get_a_prefix() {
    let mut model = Talkative::new();
    let names = [
        "loss",
        "metric_loss",
        "metric_metric_loss",
        "metric_",
        "block",
        "Loss",
        "",
    ];
    model.metrics = vec![
        names
            .iter()
            .copied()
            .zip([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
            .collect(),
    ];
    let (header, rows) = table(&history(&mut model, 1));
    assert_eq!(
        header[14..],
        [
            "metric_loss",
            "metric_metric_loss",
            "metric_metric_metric_loss",
            "metric_",
            "metric_block",
            "Loss",
            ""
        ]
    );
    assert_eq!(
        rows[0][14..],
        ["1.0", "2.0", "3.0", "4.0", "5.0", "6.0", "7.0"]
    );
    let mut unique = header.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), header.len());
}

#[test]
fn of_metrics_with_one_name_the_last_counts() {
    let mut model = Talkative::new();
    model.metrics = vec![vec![("a", 1.0), ("b", 2.0), ("a", 3.0)]];
    let (header, rows) = table(&history(&mut model, 1));
    assert_eq!(header[14..], ["a", "b"]);
    assert_eq!(rows[0][14..], ["3.0", "2.0"]);
}

#[test]
fn no_loss_is_an_empty_cell_and_no_history_a_header() {
    let mut model = Talkative::new();
    model.tells_loss = false;
    let history = history(&mut model, 2);
    let (_, rows) = table(&history);
    assert!(rows.iter().all(|row| row[13].is_empty()));
    assert_eq!(text(&[]), format!("{}\n", FIXED.join(",")));
    // A part of a history is a history.
    let (_, part) = table(&history[1..]);
    assert_eq!(part, rows[3..]);
    assert_eq!(
        history[1].blocks().iter().map(BlockRecord::ordinal).max(),
        Some(1)
    );
}

/// Takes so many bytes and no more.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "full"));
        }
        Ok(taken)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn errors_of_the_writer_are_passed_on() {
    let history = history(&mut Talkative::new(), 2);
    let length = text(&history).len();
    for room in [0, 1, length / 2, length - 1] {
        let error = write_csv(&history, Full(room)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{room} {error}");
        let error = tt_admm::admm::write_json(&history, Full(room)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{room} {error}");
    }
    write_csv(&history, Full(length)).unwrap();
}
