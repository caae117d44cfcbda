//! Episodes whose transcript somebody else made: `episode.toml` names it, and it takes the place of
//! what the machine would hear. With audio, the recognizer's words serve as its clock.

use serde::{Deserialize, Serialize};

use crate::decode::SourceInfo;
use crate::edit::Edition;
use crate::formats::Severity;
use crate::import::align::{Comparison, align};
use crate::import::{self, ImportError, ImportedParagraph};
use crate::library::LibraryError;
use crate::library::fingerprint::{Dependency, Fingerprint};
use crate::library::folder::EpisodeFolder;
use crate::pipeline::records::{IMPORTED, RECORDING, TRANSCRIPT, left_by};
use crate::pipeline::stages::Done;
use crate::pipeline::{Pipeline, PipelineError};
use crate::speech::Word;
use crate::stage::Stage;
use crate::transcribe::Transcript;

/// An imported transcript with its times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimedImport {
    /// The transcript before a person's edits.
    pub edition: Edition,
    /// How stated times compare with those of the sound; empty without audio.
    pub times: Vec<Comparison>,
}

/// What an episode's last run made of its imported transcript.
pub fn timed_import_of(folder: &EpisodeFolder) -> Result<TimedImport, LibraryError> {
    left_by(folder, Stage::Attribute, IMPORTED)?
        .ok_or_else(|| LibraryError::NotRun { path: folder.root().to_path_buf() })
}

impl Pipeline<'_> {
    /// Whether somebody else made the transcript.
    pub(super) fn is_imported(&self) -> bool {
        self.transcript.is_some()
    }

    /// Whether there is a recording; only an imported episode can do without.
    pub(super) fn has_audio(&self) -> bool {
        !self.is_imported() || self.has_tracks() || !self.episode.audio.trim().is_empty()
    }

    /// Whether the stage has anything to do for this episode. What is stated in a transcript need
    /// not be heard; only its times are.
    pub(super) fn applies(&self, stage: Stage) -> bool {
        match stage {
            Stage::Decode | Stage::Detect | Stage::Transcribe => self.has_audio(),
            Stage::Diarize => !self.is_imported(),
            Stage::Attribute | Stage::Edit | Stage::Render | Stage::Publish => true,
        }
    }

    /// What the imported transcript's record depends on, beside the stages before it.
    pub(super) fn transcript_dependencies(&self) -> Vec<Dependency> {
        let Some(bytes) = &self.transcript else { return Vec::new() };
        let languages = [&self.episode.language, &self.show.language];
        vec![
            Dependency::new("the imported transcript", Fingerprint::of_bytes(bytes).to_string()),
            Dependency::hashed("the language", &languages),
        ]
    }

    /// The imported transcript's words get their speakers, as stated, and their times.
    pub(super) fn attribute_imported(&mut self) -> Done {
        let path = self.folder.transcript(&self.episode).unwrap_or_default();
        let bytes = self.transcript.as_deref().unwrap_or_default();
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let (imported, found) = import::import(bytes, &name)
            .map_err(|cause| PipelineError::Import(ImportError { path, cause }))?;
        let sound = if self.has_audio() { Some(self.sound()?) } else { None };
        let heard = sound.as_ref().map(|(_, transcript)| transcript.language.as_str());
        let stated = [self.episode.language.as_str(), self.show.language.as_str()];
        let language = stated.into_iter().chain(heard).find(|code| !code.is_empty());
        let duration = sound.as_ref().map(|(source, _)| source.duration);
        let edition = imported.to_edition(language.unwrap_or("en"), duration);
        self.progress.start(Stage::Attribute, edition.duration);
        let (edition, times) = match sound {
            Some((_, transcript)) => {
                let words: Vec<Word> =
                    transcript.segments.into_iter().flat_map(|segment| segment.words).collect();
                let (edition, mut times) = align(&edition, &words);
                for row in &mut times {
                    let stated =
                        imported.paragraphs.get(row.block).and_then(ImportedParagraph::start);
                    row.stated = row.stated.filter(|_| stated.is_some());
                }
                (edition, times)
            }
            None => (edition, Vec::new()),
        };
        self.progress.finish(Stage::Attribute);
        self.keep(IMPORTED, &TimedImport { edition, times })?;
        let doubtful = found.iter().filter(|finding| finding.severity != Severity::Note).count();
        let warnings = match doubtful {
            0 => Vec::new(),
            1 => vec![format!("1 place in `{name}` to look at; `linernotes import` names it")],
            count => {
                vec![format!(
                    "{count} places in `{name}` to look at; `linernotes import` names them"
                )]
            }
        };
        Ok(warnings)
    }

    fn sound(&self) -> Result<(SourceInfo, Transcript), LibraryError> {
        Ok((self.load(RECORDING)?, self.load(TRANSCRIPT)?))
    }
}
