//! Threads that decode jobs, and the one that hands their results over and may stop them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use crate::transcribe::recognizer::{Hypothesis, RecognizeError};

/// How often it is asked whether to stop.
const CANCEL_POLL: Duration = Duration::from_millis(100);

/// A job's index and what was made of it.
pub(crate) type Finished = (usize, Result<Hypothesis, RecognizeError>);

/// Runs `work` on so many threads, and hands over what they send. A lane ends when it has no more
/// to do, or soon after its flag is set: that is once `cancelled` says so or a result is an error.
pub(crate) fn run(
    lanes: usize,
    cancelled: &(dyn Fn() -> bool + Sync),
    done: &mut dyn FnMut(usize, Hypothesis) -> Result<(), RecognizeError>,
    stop: &AtomicBool,
    work: &(dyn Fn(&mpsc::Sender<Finished>) + Sync),
) -> Result<(), RecognizeError> {
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..lanes {
            let sender = sender.clone();
            scope.spawn(move || work(&sender));
        }
        drop(sender);
        let mut outcome = Ok(());
        loop {
            match receiver.recv_timeout(CANCEL_POLL) {
                Ok((index, result)) if outcome.is_ok() => {
                    outcome = result.and_then(|hypothesis| done(index, hypothesis));
                }
                Ok(_) | Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
            if outcome.is_ok() && cancelled() {
                outcome = Err(RecognizeError::Cancelled);
            }
            if outcome.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
        }
        outcome
    })
}
