//! How long work tells how far it is. The unit is audio time, so one bar is honest for all stages.

use crate::stage::Stage;
use crate::time::Ms;

/// Receives the progress of the stages and says whether to go on.
pub trait Progress: Sync {
    /// `stage` begins and has `total` of audio to go through.
    fn start(&self, stage: Stage, total: Ms);

    /// `stage` has gone through `done` of its total so far.
    fn advance(&self, stage: Stage, done: Ms);

    /// `stage` is through.
    fn finish(&self, stage: Stage);

    /// Whether the person asked to stop; a stage checks this at least once a second.
    fn cancelled(&self) -> bool;
}

/// Reports to nobody and is never cancelled.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _stage: Stage, _total: Ms) {}
    fn advance(&self, _stage: Stage, _done: Ms) {}
    fn finish(&self, _stage: Stage) {}
    fn cancelled(&self) -> bool {
        false
    }
}
