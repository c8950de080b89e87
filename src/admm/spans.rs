//! Spans of the crate `tracing`: one for a run, and for every part of an iteration.
//!
//! The loop calls the same functions with and without the feature; without it they are empty.

#[cfg(feature = "tracing")]
pub(super) use on::{measured, run, update, w_step};

#[cfg(not(feature = "tracing"))]
pub(super) use off::{measured, run, update, w_step};

#[cfg(feature = "tracing")]
mod on {
    use crate::admm::Record;
    use tracing::dispatcher::{self, DefaultGuard, Dispatch};
    use tracing::span::{EnteredSpan, Span};

    // Under this name users filter, wherever the code lives.
    const TARGET: &str = "tt_admm::admm";

    /// Spans end when they are dropped.
    pub(in crate::admm) fn run() -> EnteredSpan {
        tracing::info_span!(target: TARGET, "admm_run").entered()
    }

    pub(in crate::admm) fn w_step(iteration: usize) -> EnteredSpan {
        tracing::info_span!(target: TARGET, "w_step", iteration).entered()
    }

    /// The span of an update, and the handle that opens a span for each block in it.
    pub(in crate::admm) fn update(iteration: usize) -> (EnteredSpan, Blocks) {
        let span = tracing::info_span!(target: TARGET, "update", iteration);
        // Where nothing listens, nothing is handed on: setting "no subscriber" counts as setting one.
        let dispatch = dispatcher::has_been_set().then(|| dispatcher::get_default(Dispatch::clone));
        let parent = span.clone();
        let blocks = Blocks { parent, dispatch };
        (span.entered(), blocks)
    }

    /// Opens spans below an update from any thread: the threads of the pool know neither the current span
    /// nor the subscriber of the thread that called them.
    pub(in crate::admm) struct Blocks {
        parent: Span,
        dispatch: Option<Dispatch>,
    }

    /// The fields are dropped in this order: the span ends where it began, in the caller's subscriber.
    pub(in crate::admm) struct ProxSpan {
        _span: EnteredSpan,
        _dispatch: Option<DefaultGuard>,
    }

    impl Blocks {
        pub(in crate::admm) fn prox(&self, weight: &str, ordinal: usize) -> ProxSpan {
            let guard = self.dispatch.as_ref().map(dispatcher::set_default);
            let parent = &self.parent;
            let span =
                tracing::debug_span!(target: TARGET, parent: parent, "prox", weight, ordinal);
            ProxSpan {
                _span: span.entered(),
                _dispatch: guard,
            }
        }
    }

    /// The event at the end of an update.
    pub(in crate::admm) fn measured(record: &Record) {
        tracing::info!(
            target: TARGET,
            iteration = record.iteration(),
            primal_residual = record.primal_residual(),
            dual_residual = record.dual_residual(),
            residual_ratio = record.residual_ratio(),
            "updated"
        );
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use crate::admm::Record;

    pub(in crate::admm) struct Off;

    pub(in crate::admm) fn run() -> Off {
        Off
    }

    pub(in crate::admm) fn w_step(_iteration: usize) -> Off {
        Off
    }

    pub(in crate::admm) fn update(_iteration: usize) -> (Off, Off) {
        (Off, Off)
    }

    impl Off {
        #[allow(clippy::unused_self)] // the other version's is used
        pub(in crate::admm) fn prox(&self, _weight: &str, _ordinal: usize) -> Off {
            Off
        }
    }

    pub(in crate::admm) fn measured(_record: &Record) {}
}
