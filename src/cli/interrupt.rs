//! Ctrl-C: the first one asks the stages to stop, the second one stops at once.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// Listens for Ctrl-C and the system's request to end.
pub(super) fn listen() {
    let heard = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            end_at_once();
        }
    });
    if let Err(fault) = heard {
        tracing::warn!("Ctrl-C will stop at once, without a word: {fault}");
    }
}

#[expect(clippy::exit, reason = "the person asked twice; finished chunks are on disk")]
fn end_at_once() {
    std::process::exit(130);
}

/// Whether the person asked to stop.
pub(super) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
