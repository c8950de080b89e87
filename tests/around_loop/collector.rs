//! A subscriber that remembers spans and events.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) name: &'static str,
    pub(crate) metadata: &'static Metadata<'static>,
    /// Fields by name, as text.
    pub(crate) fields: BTreeMap<&'static str, String>,
    /// Index of the span around it.
    pub(crate) parent: Option<usize>,
    pub(crate) thread: ThreadId,
    /// Enters and exits; none for an event.
    pub(crate) entered: usize,
    pub(crate) exited: usize,
    pub(crate) closed: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) spans: Vec<Seen>,
    pub(crate) events: Vec<Seen>,
    /// The spans entered in each thread, the innermost last.
    stacks: HashMap<ThreadId, Vec<usize>>,
}

impl Log {
    pub(crate) fn named(&self, name: &str) -> Vec<&Seen> {
        self.spans.iter().filter(|span| span.name == name).collect()
    }

    fn see(&self, metadata: &'static Metadata<'static>, parent: Option<usize>) -> Seen {
        let thread = thread::current().id();
        let current = || {
            self.stacks
                .get(&thread)
                .and_then(|stack| stack.last().copied())
        };
        Seen {
            name: metadata.name(),
            metadata,
            fields: BTreeMap::new(),
            parent: parent.or_else(current),
            thread,
            entered: 0,
            exited: 0,
            closed: false,
        }
    }
}

/// Collects into the log, which outlives it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collector {
    pub(crate) log: Arc<Mutex<Log>>,
    /// Takes spans of this name only.
    pub(crate) only: Option<&'static str>,
}

fn index(id: &Id) -> usize {
    usize::try_from(id.into_u64()).unwrap() - 1
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("tt_admm")
            && self.only.is_none_or(|name| metadata.name() == name)
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut log = self.log.lock().unwrap();
        let mut span = log.see(attributes.metadata(), attributes.parent().map(index));
        attributes.record(&mut span);
        log.spans.push(span);
        Id::from_u64(log.spans.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut log = self.log.lock().unwrap();
        let mut seen = log.see(event.metadata(), event.parent().map(index));
        event.record(&mut seen);
        log.events.push(seen);
    }

    fn enter(&self, id: &Id) {
        let mut log = self.log.lock().unwrap();
        log.spans[index(id)].entered += 1;
        log.stacks
            .entry(thread::current().id())
            .or_default()
            .push(index(id));
    }

    fn exit(&self, id: &Id) {
        let mut log = self.log.lock().unwrap();
        log.spans[index(id)].exited += 1;
        let left = log.stacks.get_mut(&thread::current().id()).unwrap().pop();
        assert_eq!(left, Some(index(id)), "spans end in the order of a stack");
    }

    fn try_close(&self, id: Id) -> bool {
        // Clones are not counted here; no span may be used after its last handle is gone.
        self.log.lock().unwrap().spans[index(&id)].closed = true;
        true
    }
}
