//! What an edition is made of beside the corrections, read once: for the stage that makes it, and for a
//! desk, which makes it again after every stroke.

use crate::attribute::{Conversation, names};
use crate::diarize::Diarization;
use crate::edit::edits::Edits;
use crate::edit::naming::{Given, Naming, Voices};
use crate::edit::{self, EditContext, EditWarning, Edition, Passage, Times};
use crate::library::LibraryError;
use crate::library::episode::Person;
use crate::library::show::Music;
use crate::pipeline::Pipeline;
use crate::pipeline::imported::TimedImport;
use crate::pipeline::records::{CONVERSATION, DIARIZATION, IMPORTED, NAMES, Names};
use crate::speech::{Chapter, Turn};

/// What an edition is made of.
pub(super) struct Material {
    chapters: Vec<Chapter>,
    people: Vec<Person>,
    words: Words,
}

/// Where the words are from.
enum Words {
    /// Somebody else wrote them down.
    Imported(Edition),
    /// They were heard.
    Heard(Box<Heard>),
}

struct Heard {
    conversation: Conversation,
    turns: Vec<Turn>,
    names: Vec<names::NameProposal>,
    given: Vec<Given>,
    music: Vec<Music>,
    theme: Option<Music>,
}

impl Material {
    /// The edition with a person's corrections and the times that were found for them, and who the voices are.
    pub(super) fn edited(
        &self,
        edits: &Edits,
        times: &Times,
    ) -> (Edition, Vec<EditWarning>, Option<Names>) {
        match &self.words {
            Words::Imported(edition) => {
                let (edition, warnings) =
                    edit::revise(edition, edits, &self.chapters, &self.people, times);
                (edition, warnings, None)
            }
            Words::Heard(heard) => {
                let (naming, mut warnings) = self.naming(heard, edits);
                let context = self.context(heard, &naming, times);
                let (edition, found) = edit::apply(&heard.conversation, edits, context);
                warnings.extend(found);
                let names = Names { heard: heard.names.clone(), given: naming.given().to_vec() };
                (edition, warnings, Some(names))
            }
        }
    }

    /// The passages of the sound in which words are that corrections put in the place of others.
    pub(super) fn unheard(&self, edits: &Edits) -> Vec<Passage> {
        match &self.words {
            Words::Imported(edition) => edit::unheard_in_stated(edition, edits, &self.people),
            Words::Heard(heard) => {
                let (none, (naming, _)) = (Times::NONE, self.naming(heard, edits));
                let context = self.context(heard, &naming, &none);
                edit::unheard(&heard.conversation, edits, context)
            }
        }
    }

    fn naming(&self, heard: &Heard, edits: &Edits) -> (Naming, Vec<EditWarning>) {
        let voices = Voices { conversation: &heard.conversation, turns: &heard.turns };
        Naming::new(voices, edits, &heard.names, &self.people, &heard.given)
    }

    fn context<'m>(
        &'m self,
        heard: &'m Heard,
        naming: &'m Naming,
        times: &'m Times,
    ) -> EditContext<'m> {
        EditContext {
            naming,
            turns: &heard.turns,
            chapters: &self.chapters,
            music: &heard.music,
            theme: heard.theme.as_ref(),
            times,
        }
    }
}

impl Pipeline<'_> {
    /// Reads what the edition is made of.
    pub(super) fn material(&self) -> Result<Material, LibraryError> {
        let chapters = self.chapters(&self.source()?)?;
        let people = self.people();
        if self.is_imported() {
            let TimedImport { edition, .. } = self.load(IMPORTED)?;
            return Ok(Material { chapters, people, words: Words::Imported(edition) });
        }
        let conversation: Conversation = self.load(CONVERSATION)?;
        let diarization: Diarization = self.load(DIARIZATION)?;
        let names = if self.has_tracks() {
            self.names_of_tracks(&conversation, &diarization)
        } else {
            names::propose(&conversation, &diarization.turns, &people, &diarization.known)
        };
        let heard = Heard {
            names,
            conversation,
            turns: diarization.turns,
            given: self.load::<Names>(NAMES).unwrap_or_default().given,
            music: self.episode.music.clone(),
            theme: self.show.theme.clone(),
        };
        Ok(Material { chapters, people, words: Words::Heard(Box::new(heard)) })
    }
}
