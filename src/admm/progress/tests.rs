//! What the bar draws, on a terminal made of memory.

use std::io;
use std::sync::Mutex;

use indicatif::{ProgressDrawTarget, TermLike};
use ndarray::{ArrayD, ArrayViewD, CowArray, IxDyn, array};

use super::Progress;
use crate::admm::{Admm, AdmmError, Proximal, TrainSummary, Trainable};
use crate::projection::TtProjection;

/// One screen for each test: `target` of [`Progress`] is a plain function.
static SCREENS: [Mutex<Vec<String>>; 3] = [const { Mutex::new(Vec::new()) }; 3];

const WIDTH: usize = 80;

/// Keeps every line that was drawn; the bar has one line, so that no cursor needs to move up.
#[derive(Debug)]
struct Screen(usize);

impl Screen {
    fn with(&self, change: impl FnOnce(&mut Vec<String>)) {
        change(&mut SCREENS[self.0].lock().unwrap());
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        u16::try_from(WIDTH).unwrap()
    }
    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        assert_eq!(n, 0);
        Ok(())
    }
    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        assert_eq!(n, 0);
        Ok(())
    }
    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        unreachable!()
    }
    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        unreachable!()
    }
    fn write_line(&self, s: &str) -> io::Result<()> {
        self.with(|lines| lines.push(s.to_owned()));
        Ok(())
    }
    /// Goes on in the next line when one is full, as terminals do.
    fn write_str(&self, s: &str) -> io::Result<()> {
        self.with(|lines| {
            for letter in s.chars() {
                match lines.last_mut() {
                    Some(last) if last.chars().count() < WIDTH => last.push(letter),
                    _ => lines.push(letter.to_string()),
                }
            }
        });
        Ok(())
    }
    fn clear_line(&self) -> io::Result<()> {
        self.with(|lines| lines.push(String::new()));
        Ok(())
    }
    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

fn progress<const SCREEN: usize>() -> Progress {
    Progress {
        running: None,
        target: || ProgressDrawTarget::term_like(Box::new(Screen(SCREEN))),
    }
}

/// Everything drawn so far, which is forgotten.
fn drawn(screen: usize) -> Vec<String> {
    let mut lines = std::mem::take(&mut *SCREENS[screen].lock().unwrap());
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// A weight that stays where it is; training fails once in the iteration `fails_at`.
struct Still {
    w: ArrayD<f64>,
    fails_at: usize,
}

impl Trainable for Still {
    type Elem = f64;
    type Error = String;
    fn weight(&self, _: &str) -> Result<CowArray<'_, f64, IxDyn>, String> {
        Ok(self.w.view().into())
    }
    fn set_weight(&mut self, _: &str, _: ArrayViewD<'_, f64>) -> Result<(), String> {
        Ok(())
    }
    fn train(&mut self, proximal: &Proximal<'_, f64>) -> Result<TrainSummary, String> {
        if proximal.iteration() == self.fails_at {
            self.fails_at = 0;
            return Err("no data".into());
        }
        Ok(TrainSummary::new().loss(0.25))
    }
}

fn set_up(small: f64, fails_at: usize) -> (Still, Admm<f64>) {
    let w = array![[1.0, 0.0], [0.0, small]].into_dyn();
    let model = Still { w, fails_at };
    let admm = Admm::builder()
        .constrain("a", TtProjection::new(1))
        .constrain("b", TtProjection::new(1))
        .rho(2.0)
        .rho_for("b", 0.5)
        .max_iterations(4)
        .build(&model)
        .unwrap();
    (model, admm)
}

#[test]
fn a_run_is_counted_and_its_last_line_stays() {
    let (mut model, mut admm) = set_up(0.1, 0);
    let mut bar = progress::<0>();
    for _ in 0..2 {
        admm.run(&mut model, &mut bar).unwrap();
        let lines = drawn(0);
        assert!(lines.iter().any(|line| line.contains(" 0/4 ")), "{lines:?}");
        let figures = "loss 2.50e-1 primal 1.0e-1 dual 0.0e0 rho 5e-1..2e0";
        let second = lines.iter().find(|line| line.contains(" 2/4 ")).unwrap();
        assert!(second.starts_with("████░░░░ 2/4 eta "), "{second}");
        assert!(second.ends_with(figures), "{second}");
        let last = lines.last().unwrap();
        assert!(last.starts_with("████████ 4/4 0s maximum iterations: loss 2.50e-1 primal"));
    }
    drop(bar);
    assert!(drawn(0).is_empty());
}

/// The bar of a run that ends early is not filled up.
#[test]
fn an_early_end_leaves_the_count() {
    let (mut model, mut admm) = set_up(1e-9, 0);
    let mut bar = progress::<1>();
    admm.run(&mut model, &mut bar).unwrap();
    let last = drawn(1).pop().unwrap();
    assert!(last.contains(" 1/4 0s converged: "), "{last}");
}

#[test]
fn a_failed_run_leaves_its_line_and_the_next_begins_anew() {
    let (mut model, mut admm) = set_up(0.1, 3);
    let mut bar = progress::<2>();
    let error = admm.run(&mut model, &mut bar).unwrap_err();
    assert!(matches!(error, AdmmError::Model { iteration: 3, .. }));
    let during = drawn(2);
    assert!(during.last().unwrap().contains(" 2/4 "), "{during:?}");
    admm.run(&mut model, &mut bar).unwrap();
    let lines = drawn(2);
    // The new bar's own four iterations count.
    assert!(
        lines[..=1].iter().any(|line| line.contains(" 0/4 ")),
        "{lines:?}"
    );
    assert!(lines.last().unwrap().contains(" 4/4 "), "{lines:?}");

    model.fails_at = 8;
    admm.run(&mut model, &mut bar).unwrap_err();
    assert!(drawn(2).last().unwrap().contains(" 1/4 "));
    drop(bar);
    assert!(drawn(2).is_empty());
}
