//! Peak memory of a call.
#![allow(unsafe_code)] // a global allocator cannot be written without it; every call goes on to the system's

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Bytes allocated now.
static CURRENT: AtomicUsize = AtomicUsize::new(0);
/// The most there were since the last reset.
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counting bytes.
#[derive(Debug)]
pub(crate) struct Counting;

fn grow(bytes: usize) {
    let now = CURRENT.fetch_add(bytes, Relaxed) + bytes;
    // Most allocations are no new peak, and then nothing is written.
    if now > PEAK.load(Relaxed) {
        PEAK.fetch_max(now, Relaxed);
    }
}

fn shrink(bytes: usize) {
    CURRENT.fetch_sub(bytes, Relaxed);
}

// SAFETY: pointers and layouts are passed to `System` and back unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: the caller's contract is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grow(size);
        shrink(layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        shrink(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// What `work` returns, and the most memory it held at any time beyond what was held before, in bytes; its
/// result counts.
///
/// What other threads allocate meanwhile is counted too. One call at a time: there is one peak for all.
pub(crate) fn extra<R>(work: impl FnOnce() -> R) -> (R, usize) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let before = CURRENT.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = work();
    (result, PEAK.load(Relaxed).saturating_sub(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_counts_what_is_freed_again() {
        const MIB: usize = 1 << 20;
        let (kept, extra) = extra(|| {
            drop(std::hint::black_box(vec![1_u8; 64 * MIB]));
            vec![1_u8; MIB]
        });
        assert_eq!(kept.len(), MIB);
        // Other tests run beside this one and allocate little.
        assert!(extra.abs_diff(64 * MIB) < 16 * MIB, "{extra}");
    }
}
