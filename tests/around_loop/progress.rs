//! The progress bar from outside; what it draws is tested beside it.

use std::process::Command;

use crate::admm_support::state;
use crate::model::Talkative;
use tt_admm::admm::{Every, Observer, Progress};

#[test]
fn the_bar_is_as_long_as_a_run_and_changes_nothing() {
    let mut model = Talkative::new();
    let mut admm = model.admm(4);
    assert_eq!(admm.max_iterations(), 4);
    let mut bar = (Progress::new(), Every::new(Progress::default(), 2));
    admm.run(&mut model, &mut bar).unwrap();
    let mut other = Talkative::new();
    let mut expected = other.admm(4);
    expected.run(&mut other, &mut ()).unwrap();
    assert_eq!(state(&admm), state(&expected));
    // In a loop of one's own, without a start, there is nothing to draw.
    let record = admm.history()[3].clone();
    Progress::new().iteration(&admm, &record).unwrap();
}

/// The run of the next test, in a process of its own.
#[test]
#[ignore = "started by the next test"]
fn child() {
    let mut model = Talkative::new();
    let mut bar = Progress::new();
    model.admm(50).run(&mut model, &mut bar).unwrap();
    model.fails_at = Some(3);
    model.admm(50).run(&mut model, &mut bar).unwrap_err();
}

#[test]
fn nothing_is_written_where_standard_error_is_no_terminal() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "progress::child", "--ignored", "--nocapture"])
        .env("TERM", "xterm")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("1 passed"), "{stdout}");
    assert!(!stdout.contains("primal"), "{stdout}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
