//! The residual table.

use std::io::{self, Write};

use crate::admm_support::{Targets, anything};
use crate::common::random;
use tt_admm::admm::{AdmmError, Proximal, TablePrinter, TrainSummary};
use tt_admm::ndarray::{ArrayViewD, CowArray, IxDyn};
use tt_admm::{Admm, Trainable, TtProjection};

/// Reports a metric, and never reads the proximal term of `idle`.
struct Chatty(Targets<f64>);

impl Trainable for Chatty {
    type Elem = f64;
    type Error = String;

    fn weight(&self, name: &str) -> Result<CowArray<'_, f64, IxDyn>, String> {
        self.0.weight(if name == "idle" { "w0" } else { "w1" })
    }

    fn set_weight(&mut self, _: &str, _: ArrayViewD<'_, f64>) -> Result<(), String> {
        Ok(())
    }

    fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, String> {
        let _ = proximal.anchor("busy");
        Ok(TrainSummary::new().loss(1.25).metric("accuracy", 0.875))
    }
}

fn setup() -> (Chatty, Admm<f64>) {
    let weights = (1..3).map(|k| random::tensor(&[3, 4], k)).collect();
    let model = Chatty(Targets::new(weights));
    let admm = Admm::<f64>::builder()
        .constrain("idle", anything())
        .constrain("busy", TtProjection::new(1))
        .rho(0.5)
        .rho_for("busy", 2.0)
        .max_iterations(3)
        .build(&model)
        .unwrap();
    (model, admm)
}

#[test]
fn one_row_for_every_iteration() {
    let (mut model, mut admm) = setup();
    let mut table = TablePrinter::new(Vec::new());
    let report = admm.run(&mut model, &mut table).unwrap();
    let text = String::from_utf8(table.into_inner()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(
        lines[0].starts_with(" iter        loss  |W-Z|/|W|"),
        "{text}"
    );
    for (k, row) in lines[1..4].iter().enumerate() {
        let record = &admm.history()[k];
        let cells: Vec<_> = row.split_whitespace().collect();
        assert_eq!(cells[0], (k + 1).to_string());
        assert_eq!(cells[1], "1.2500e0");
        assert_eq!(cells[2], format!("{:.3e}", record.primal_residual()));
        assert_eq!(cells[3], format!("{:.3e}", record.dual_residual()));
        assert_eq!(&cells[4..7], ["5.000e-1", "2.000e0", "busy"]);
        assert!(row.ends_with("accuracy 0.8750  NOT READ: idle"), "{row}");
    }
    assert_eq!(lines[4], report.to_string());
    assert!(lines[4].starts_with("maximum iterations after 3 iterations"));
    assert!(lines[4].ends_with("not every W-step read the proximal term of idle"));
    assert_eq!(report.unread(), ["idle"]);
}

#[test]
fn only_some_rows() {
    let (mut model, mut admm) = setup();
    let mut buffer = Vec::new();
    let table = TablePrinter::new(&mut buffer);
    admm.run(&mut model, &mut table.every(2)).unwrap();
    let text = String::from_utf8(buffer).unwrap();
    let first = |line: &str| line.split_whitespace().next().map(str::to_owned);
    let rows: Vec<_> = text.lines().filter_map(first).collect();
    assert_eq!(rows, ["iter", "1", "3", "maximum"]);
}

/// Accepts this many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.0 {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"));
        }
        self.0 -= bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_fails_ends_the_run_with_the_state_alive() {
    for (space, iterations) in [(10, 0), (100, 1)] {
        let (mut model, mut admm) = setup();
        let mut table = TablePrinter::new(Full(space));
        let error = admm.run(&mut model, &mut table).unwrap_err();
        let AdmmError::Observer { iteration, source } = error else {
            panic!("{error}")
        };
        assert_eq!(iteration, iterations);
        assert!(source.downcast_ref::<io::Error>().is_some(), "{source}");
        assert_eq!(admm.iteration(), iterations);
        let report = admm.run(&mut model, &mut ()).unwrap();
        assert_eq!(report.iterations(), 3);
        assert_eq!(admm.iteration(), iterations + 3);
    }
}
