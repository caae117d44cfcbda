//! The records in `work/`: their file names, their schemas, and whether they are still there.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::attribute::Conversation;
use crate::decode::{Recording, SourceInfo, cache};
use crate::detect::SpeechRegions;
use crate::edit::Edition;
use crate::library::LibraryError;
use crate::library::artifact::{read_bounded, read_record, write_record};
use crate::library::episode::Episode;
use crate::library::fingerprint::Fingerprint;
use crate::library::folder::EpisodeFolder;
use crate::pipeline::Pipeline;
use crate::publish;
use crate::stage::Stage;
use crate::transcribe::Transcript;

pub(super) const RECORDING: Record = Record { file: "1-recording.json", schema: 1 };
pub(super) const SPEECH: Record = Record { file: "2-speech.json", schema: 1 };
pub(super) const TRANSCRIPT: Record = Record { file: "3-transcript.json", schema: 1 };
pub(super) const DIARIZATION: Record = Record { file: "4-diarization.json", schema: 1 };
pub(super) const CONVERSATION: Record = Record { file: "5-conversation.json", schema: 1 };
pub(super) const IMPORTED: Record = Record { file: "5-imported.json", schema: 1 };
pub(super) const EDITION: Record = Record { file: "6-edition.json", schema: 1 };
pub(super) const RENDERED: Record = Record { file: "7-rendered.json", schema: 1 };

pub(super) const AUDIO_FILE: &str = "1-audio.wav";
pub(super) const ARTWORK_FILE: &str = "1-artwork";
pub(super) const CHUNKS_FILE: &str = "3-chunks.jsonl";
pub(super) const COVERAGE_FILE: &str = "3-coverage.json";
pub(super) const TURNS_FILE: &str = "4-turns.rttm";
pub(super) const NAMES_FILE: &str = "6-names.json";
/// A second copy of the listing in `out/`.
pub(super) const PUBLISHED_FILE: &str = "8-published.txt";

/// A record's file and the newest schema that this version reads and writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) file: &'static str,
    pub(super) schema: u32,
}

pub(super) const fn record_of(stage: Stage) -> Option<Record> {
    match stage {
        Stage::Decode => Some(RECORDING),
        Stage::Detect => Some(SPEECH),
        Stage::Transcribe => Some(TRANSCRIPT),
        Stage::Diarize => Some(DIARIZATION),
        Stage::Attribute => Some(CONVERSATION),
        Stage::Edit => Some(EDITION),
        Stage::Render => Some(RENDERED),
        Stage::Publish => None,
    }
}

/// The edition that an episode's last run, or import, made.
pub fn edition_of(folder: &EpisodeFolder) -> Result<Edition, LibraryError> {
    if !has_edition(folder) {
        return Err(LibraryError::NotRun { path: folder.root().to_path_buf() });
    }
    read_record(&folder.work_file(EDITION.file), EDITION.schema)
}

/// Whether an episode has an edition.
pub fn has_edition(folder: &EpisodeFolder) -> bool {
    folder.work_file(EDITION.file).is_file()
}

/// Who said what in an episode's last run, as the machine has it; `None` where no stage said so, as
/// for an imported transcript.
pub fn conversation_of(folder: &EpisodeFolder) -> Result<Option<Conversation>, LibraryError> {
    let path = folder.work_file(CONVERSATION.file);
    if path.is_file() { read_record(&path, CONVERSATION.schema).map(Some) } else { Ok(None) }
}

/// The first of a person's files that has changed since the episode's last run.
pub fn changed_since_edition(folder: &EpisodeFolder, episode: &Episode) -> Option<PathBuf> {
    let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let made = time(&folder.work_file(EDITION.file))?;
    let own = [Some(folder.episode_toml()), Some(folder.edits_toml()), folder.transcript(episode)];
    own.into_iter().flatten().find(|path| time(path).is_some_and(|changed| changed > made))
}

/// The words that an episode's last run heard.
pub fn transcript_of(folder: &EpisodeFolder) -> Result<Transcript, LibraryError> {
    read_record(&folder.work_file(TRANSCRIPT.file), TRANSCRIPT.schema)
}

/// Where an episode's last run heard speech.
pub fn speech_of(folder: &EpisodeFolder) -> Result<SpeechRegions, LibraryError> {
    read_record(&folder.work_file(SPEECH.file), SPEECH.schema)
}

impl Pipeline<'_> {
    /// Writes a stage's record and returns its hash.
    pub(super) fn keep<T: Serialize>(
        &self,
        record: Record,
        value: &T,
    ) -> Result<Fingerprint, LibraryError> {
        let bytes = write_record(&self.folder.work_file(record.file), record.schema, value)?;
        Ok(Fingerprint::of_bytes(&bytes))
    }

    /// Reads a stage's record.
    pub(super) fn load<T: DeserializeOwned>(&self, record: Record) -> Result<T, LibraryError> {
        read_record(&self.folder.work_file(record.file), record.schema)
    }

    /// The first of a finished stage's files that is missing or not as the stage left it.
    pub(super) fn missing_file(&self, stage: Stage) -> Option<PathBuf> {
        let kept = self.manifest.stages.get(&stage).map(|entry| &entry.result);
        let is_kept = |path: &Path| {
            let found = read_bounded(path).ok().map(|bytes| Fingerprint::of_bytes(&bytes));
            found.as_ref() == kept
        };
        if stage == Stage::Publish {
            let listing = self.folder.out().join(publish::LISTING);
            return if is_kept(&listing) {
                publish::damaged(&self.folder.out())
            } else {
                Some(listing)
            };
        }
        let record = match stage {
            Stage::Attribute if self.is_imported() => IMPORTED,
            stage => record_of(stage)?,
        };
        let path = self.folder.work_file(record.file);
        if !is_kept(&path) {
            return Some(path);
        }
        let audio = self.folder.work_file(AUDIO_FILE);
        (stage == Stage::Decode && !audio.is_file()).then_some(audio)
    }

    /// The recording, read from its cached copy where it is not in memory.
    pub(super) fn recording(&mut self) -> Result<Recording, LibraryError> {
        if let Some(recording) = self.recording.take() {
            return Ok(recording);
        }
        let source: SourceInfo = self.load(RECORDING)?;
        let path = self.folder.work_file(AUDIO_FILE);
        cache::read_wav(&path, source).map_err(LibraryError::io("read", path))
    }
}
