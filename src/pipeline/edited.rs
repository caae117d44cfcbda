//! The stage `edit`: what was heard, a person's corrections, and the times that were listened for.

use crate::pipeline::Pipeline;
use crate::pipeline::records::{EDITION, NAMES};
use crate::pipeline::stages::{Done, in_words};
use crate::stage::Stage;

impl Pipeline<'_> {
    pub(super) fn edit(&mut self) -> Done {
        let source = self.source()?;
        self.progress.start(Stage::Edit, source.duration);
        let material = self.material()?;
        let edits = self.edits.clone();
        let (times, unheard) = self.times(&material, &edits)?;
        let (edition, warnings, names) = material.edited(&edits, &times);
        self.progress.finish(Stage::Edit);
        if let Some(names) = names {
            self.keep(NAMES, &names)?;
            self.names = names.heard;
        }
        self.keep(EDITION, &edition)?;
        Ok(in_words(&warnings).into_iter().chain(unheard).collect())
    }
}
