//! The stage `edit`: what was heard, a person's corrections, and the times that were listened for.

use crate::attribute::{Conversation, names};
use crate::diarize::Diarization;
use crate::edit::edits::Edits;
use crate::edit::naming::{Naming, Voices};
use crate::edit::{self, EditContext, EditWarning, Edition, Passage, Times};
use crate::pipeline::imported::TimedImport;
use crate::pipeline::records::{CONVERSATION, DIARIZATION, EDITION, IMPORTED, NAMES, Names};
use crate::pipeline::stages::{Done, in_words};
use crate::pipeline::{Pipeline, PipelineError};
use crate::stage::Stage;

impl Pipeline<'_> {
    pub(super) fn edit(&mut self) -> Done {
        let source = self.source()?;
        self.progress.start(Stage::Edit, source.duration);
        let edits = self.edits.clone();
        let (times, unheard) = self.times(&edits)?;
        let (edition, warnings, names) = self.edited(&edits, &times)?;
        self.progress.finish(Stage::Edit);
        if let Some(names) = names {
            self.keep(NAMES, &names)?;
            self.names = names.heard;
        }
        self.keep(EDITION, &edition)?;
        Ok(in_words(&warnings).into_iter().chain(unheard).collect())
    }

    /// The edition with a person's corrections, and who the voices are; nothing is kept of it.
    pub(super) fn edited(
        &self,
        edits: &Edits,
        times: &Times,
    ) -> Result<(Edition, Vec<EditWarning>, Option<Names>), PipelineError> {
        if self.is_imported() {
            let chapters = self.chapters(&self.source()?)?;
            let TimedImport { edition, .. } = self.load(IMPORTED)?;
            let (edition, warnings) =
                edit::revise(&edition, edits, &chapters, &self.people(), times);
            return Ok((edition, warnings, None));
        }
        self.with_context(edits, times, |heard, context, mut warnings, names| {
            let (edition, found) = edit::apply(heard, edits, context);
            warnings.extend(found);
            (edition, warnings, Some(names))
        })
    }

    /// The passages of the sound in which words are that corrections put in the place of others.
    pub(super) fn unheard(&self, edits: &Edits) -> Result<Vec<Passage>, PipelineError> {
        if edits.replace.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_imported() {
            let TimedImport { edition, .. } = self.load(IMPORTED)?;
            return Ok(edit::unheard_in_stated(&edition, edits, &self.people()));
        }
        let find = |heard: &_, context: EditContext<'_>, _, _| edit::unheard(heard, edits, context);
        self.with_context(edits, &Times::NONE, find)
    }

    /// Does something with what was heard and all that an edition is made from beside it.
    fn with_context<T>(
        &self,
        edits: &Edits,
        times: &Times,
        work: impl FnOnce(&Conversation, EditContext<'_>, Vec<EditWarning>, Names) -> T,
    ) -> Result<T, PipelineError> {
        let chapters = self.chapters(&self.source()?)?;
        let people = self.people();
        let conversation: Conversation = self.load(CONVERSATION)?;
        let diarization: Diarization = self.load(DIARIZATION)?;
        let heard = if self.has_tracks() {
            self.names_of_tracks(&conversation, &diarization)
        } else {
            names::propose(&conversation, &diarization.turns, &people, &diarization.known)
        };
        let voices = Voices { conversation: &conversation, turns: &diarization.turns };
        let known = self.load::<Names>(NAMES).unwrap_or_default().given;
        let (naming, warnings) = Naming::new(voices, edits, &heard, &people, &known);
        let context = EditContext {
            naming: &naming,
            turns: &diarization.turns,
            chapters: &chapters,
            music: &self.episode.music,
            theme: self.show.theme.as_ref(),
            times,
        };
        let names = Names { heard, given: naming.given().to_vec() };
        Ok(work(&conversation, context, warnings, names))
    }
}
