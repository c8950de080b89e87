//! Spans and events of a run. Subscribers are those of the test's thread; nothing is set for the process.

use crate::admm_support::state;
use crate::collector::{Collector, Log, Seen};
use crate::model::{AWKWARD, Talkative};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing::Level;
use tracing::subscriber::with_default;
use tt_admm::Trainable;
use tt_admm::admm::UpdateOrder;

/// One test at a time. `tracing` remembers for each span of the source whether anybody wants it; where
/// a first use without a subscriber meets the start of one, what it remembers can be wrong for a while.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs under a collector; returns what it saw and what the run left behind.
fn collected<T>(collector: Collector, run: impl FnOnce() -> T) -> (Log, T) {
    let log = collector.log.clone();
    let result = with_default(collector, run);
    let log = std::mem::take(&mut *log.lock().unwrap());
    for span in &log.spans {
        assert_eq!((span.entered, span.exited), (1, 1), "{span:?}");
        assert!(span.closed, "{span:?}");
    }
    for seen in log.spans.iter().chain(&log.events) {
        assert_eq!(seen.metadata.target(), "tt_admm::admm");
    }
    (log, result)
}

fn iteration(span: &Seen) -> usize {
    span.fields["iteration"].parse().unwrap()
}

/// The names of the spans directly below this one, in order.
fn children<'a>(log: &'a Log, parent: &str, at: usize) -> Vec<&'a str> {
    let place =
        |span: &Seen| span.name == parent && (parent == "admm_run" || iteration(span) == at);
    let index = log.spans.iter().position(place).unwrap();
    let below = |span: &&Seen| span.parent == Some(index);
    log.spans
        .iter()
        .filter(below)
        .map(|span| span.name)
        .collect()
}

fn run(order: UpdateOrder) -> (Vec<Vec<u64>>, String) {
    let mut model = Talkative::new();
    let builder = Talkative::builder().order(order).max_iterations(4);
    let mut admm = builder.build(&model).unwrap();
    admm.run(&mut model, &mut ()).unwrap();
    state(&admm)
}

#[test]
fn names_nesting_and_counts() {
    let _alone = alone();
    for order in [UpdateOrder::Textbook, UpdateOrder::Paper] {
        let (log, _) = collected(Collector::default(), || run(order));
        let count = |name| log.named(name).len();
        assert_eq!(
            [
                count("admm_run"),
                count("w_step"),
                count("update"),
                count("prox")
            ],
            [1, 4, 4, 12]
        );
        assert_eq!(log.spans.len(), 1 + 4 + 4 + 12);
        let pair = match order {
            UpdateOrder::Textbook => ["w_step", "update"],
            _ => ["update", "w_step"],
        };
        assert_eq!(log.named("admm_run")[0].parent, None);
        assert_eq!(children(&log, "admm_run", 0), pair.repeat(4));
        for k in 1..=4 {
            assert!(children(&log, "w_step", k).is_empty());
            assert_eq!(children(&log, "update", k), ["prox"; 3]);
        }
        let caller = std::thread::current().id();
        for name in ["w_step", "update"] {
            let numbers: Vec<_> = log.named(name).into_iter().map(iteration).collect();
            assert_eq!(numbers, [1, 2, 3, 4]);
            assert!(log.named(name).iter().all(|span| span.thread == caller));
            assert!(
                log.named(name)
                    .iter()
                    .all(|span| *span.metadata.level() == Level::INFO)
            );
        }
        // The blocks are projected by other threads, and still know where they belong.
        assert!(log.named("prox").iter().all(|span| span.thread != caller));
        for (k, prox) in log.named("prox").chunks(3).enumerate() {
            let mut blocks: Vec<_> = prox
                .iter()
                .map(|span| {
                    assert_eq!(*span.metadata.level(), Level::DEBUG);
                    let update = &log.spans[span.parent.unwrap()];
                    assert_eq!((update.name, iteration(update)), ("update", k + 1));
                    (
                        span.fields["weight"].clone(),
                        span.fields["ordinal"].clone(),
                    )
                })
                .collect();
            blocks.sort();
            let expected = [(AWKWARD, 0), ("w1", 0), ("w1", 1)];
            let expected = expected.map(|(weight, k)| (format!("{weight:?}"), k.to_string()));
            assert_eq!(blocks, expected);
        }
    }
}

#[test]
fn every_update_ends_with_its_residuals() {
    let _alone = alone();
    let mut model = Talkative::new();
    let mut admm = model.admm(3);
    let (log, ()) = collected(Collector::default(), || {
        admm.run(&mut model, &mut ()).unwrap();
        // An update of one's own is under no run.
        admm.update(|name| model.weight(name).unwrap()).unwrap();
    });
    assert_eq!(log.events.len(), 4);
    for (event, record) in log.events.iter().zip(admm.history()) {
        let parent = &log.spans[event.parent.unwrap()];
        assert_eq!(
            (parent.name, iteration(parent)),
            ("update", iteration(event))
        );
        assert_eq!(*event.metadata.level(), Level::INFO);
        assert_eq!(event.fields["message"], "updated");
        assert_eq!(iteration(event), record.iteration());
        for (name, value) in [
            ("primal_residual", record.primal_residual()),
            ("dual_residual", record.dual_residual()),
            ("residual_ratio", record.residual_ratio()),
        ] {
            let seen: f64 = event.fields[name].parse().unwrap();
            assert_eq!(seen.to_bits(), value.to_bits(), "{name}");
        }
    }
    assert_eq!(log.named("update")[3].parent, None);
}

#[test]
fn results_are_the_same_bits_with_and_without_a_subscriber() {
    let _alone = alone();
    for order in [UpdateOrder::Textbook, UpdateOrder::Paper] {
        let plain = run(order);
        let (_, watched) = collected(Collector::default(), || run(order));
        assert_eq!(plain, watched);
    }
}

/// Where the update's span is filtered out, those of the blocks have nothing above them.
#[test]
fn a_subscriber_may_take_some_spans_only() {
    let _alone = alone();
    let collector = Collector {
        only: Some("prox"),
        ..Collector::default()
    };
    let (log, _) = collected(collector, || run(UpdateOrder::Textbook));
    assert_eq!((log.spans.len(), log.events.len()), (12, 0));
    assert!(log.spans.iter().all(|span| span.parent.is_none()));
}

/// Failures close their spans, and an update that failed tells no residuals.
#[test]
fn failures_leave_no_span_open() {
    let _alone = alone();
    let mut model = Talkative::new();
    let mut admm = model.admm(5);
    model.fails_at = Some(3);
    let (log, ()) = collected(Collector::default(), || {
        admm.run(&mut model, &mut ()).unwrap_err();
        admm.try_update(|name| {
            if name == "w1" {
                Err("gone")
            } else {
                Ok(model.weight(name).unwrap())
            }
        })
        .unwrap_err();
    });
    let count = |name| log.named(name).len();
    assert_eq!([count("w_step"), count("update"), count("prox")], [3, 3, 6]);
    assert_eq!(log.events.len(), 2);
}

/// Updates in threads with different subscribers at once do not mix.
#[test]
fn every_thread_keeps_its_subscriber() {
    let _alone = alone();
    // The spans are known before the threads start.
    collected(Collector::default(), || run(UpdateOrder::Textbook));
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let (log, _) = collected(Collector::default(), || run(UpdateOrder::Textbook));
                    assert_eq!(log.named("prox").len(), 12);
                    for span in log.named("prox") {
                        assert_eq!(log.spans[span.parent.unwrap()].name, "update");
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
