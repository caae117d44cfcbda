//! Ctrl-C: the stages are asked to stop, and what does not stop within a second is left.
//!
//! That is safe at any moment: finished stages and chunks are on disk, and files are put in place
//! whole. A network in the middle of a chunk cannot be asked before it is through with a step,
//! which takes seconds on a slow or busy machine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::cli::report;

static ASKED: AtomicBool = AtomicBool::new(false);

/// How long the stages have to stop by themselves.
const GRACE: Duration = Duration::from_secs(1);

/// Listens for Ctrl-C and the system's request to end.
pub(super) fn listen() {
    let heard = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            end_at_once();
        }
        thread::spawn(|| {
            thread::sleep(GRACE);
            report::interrupted();
            end_at_once();
        });
    });
    if let Err(fault) = heard {
        tracing::warn!("Ctrl-C will stop at once, without a word: {fault}");
    }
}

#[expect(clippy::exit, reason = "the stages had their time; what is finished is on disk")]
fn end_at_once() {
    std::process::exit(i32::from(report::INTERRUPTED));
}

/// Whether the person asked to stop.
pub(super) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
