//! The files in `work/`: their names, their schemas, and whether they are still as a stage left them.
//!
//! Whatever a stage leaves there goes through [`Pipeline::keep`] and its neighbours, which note size
//! and hash for the manifest. So each file is known, and one that is missing or was changed is made
//! again.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::attribute::Conversation;
use crate::attribute::names::NameProposal;
use crate::decode::{Recording, SourceInfo, cache};
use crate::detect::SpeechRegions;
use crate::disk;
use crate::edit::Edition;
use crate::edit::naming::Given;
use crate::library::LibraryError;
use crate::library::artifact::{
    read_bounded, read_record, write_atomic, write_large, write_record,
};
use crate::library::episode::{Episode, Person};
use crate::library::fingerprint::Fingerprint;
use crate::library::folder::EpisodeFolder;
use crate::library::manifest::Manifest;
use crate::library::mark::FileMark;
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
pub(super) const DRAFTS: Record = Record { file: "7-drafts.json", schema: 1 };
pub(super) const RENDERED: Record = Record { file: "7-rendered.json", schema: 1 };

pub(super) const TRACKS: Record = Record { file: "1-tracks.json", schema: 1 };
pub(super) const TRACK_REGIONS: Record = Record { file: "2-tracks.json", schema: 1 };
pub(super) const TRACK_TRANSCRIPTS: Record = Record { file: "3-tracks.json", schema: 1 };
pub(super) const COVERAGE: Record = Record { file: "3-coverage.json", schema: 1 };
pub(super) const NAMES: Record = Record { file: "6-names.json", schema: 2 };

pub(super) const MANIFEST_FILE: &str = "manifest.json";
pub(super) const AUDIO_FILE: &str = "1-audio.wav";
/// The mix that is made where an episode has tracks and no audio of its own.
pub(super) const MIX_FILE: &str = "1-mix.wav";
/// The pictures that an audio file may hold.
pub(super) const ARTWORK_FILES: [&str; 2] = ["1-artwork.jpg", "1-artwork.png"];
/// Not in the manifest, as it outlives a stage that does not end: each of its lines proves itself.
pub(super) const CHUNKS_FILE: &str = "3-chunks.jsonl";
pub(super) const TURNS_FILE: &str = "4-turns.rttm";
/// A second copy of the listing in `out/`.
pub(super) const PUBLISHED_FILE: &str = "8-published.txt";

/// A record's file and the newest schema that this version reads and writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) file: &'static str,
    pub(super) schema: u32,
}

/// Who the voices are, as far as a run knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Names {
    /// The names that were heard, with their evidence.
    pub(super) heard: Vec<NameProposal>,
    /// The names that a person gave to labels, and where those voices spoke then.
    pub(super) given: Vec<Given>,
}

/// The sound of a track on the episode's time.
pub(super) fn track_file(number: usize) -> String {
    format!("1-track-{number:02}.wav")
}

/// The file without which a stage is not finished.
const fn main_file(stage: Stage, is_imported: bool) -> &'static str {
    match stage {
        Stage::Decode => RECORDING.file,
        Stage::Detect => SPEECH.file,
        Stage::Transcribe => TRANSCRIPT.file,
        Stage::Diarize => DIARIZATION.file,
        Stage::Attribute if is_imported => IMPORTED.file,
        Stage::Attribute => CONVERSATION.file,
        Stage::Edit => EDITION.file,
        Stage::Render => RENDERED.file,
        Stage::Publish => PUBLISHED_FILE,
    }
}

/// Whether it is a file that the stage leaves for some episodes and not for others.
fn is_optional(stage: Stage, name: &str) -> bool {
    match stage {
        Stage::Decode => {
            let number = name.strip_prefix("1-track-").and_then(|rest| rest.strip_suffix(".wav"));
            ARTWORK_FILES.contains(&name)
                || [TRACKS.file, MIX_FILE].contains(&name)
                || number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
        }
        Stage::Detect => name == TRACK_REGIONS.file,
        Stage::Transcribe => name == TRACK_TRANSCRIPTS.file,
        Stage::Attribute => [CONVERSATION.file, IMPORTED.file].contains(&name),
        Stage::Diarize | Stage::Edit | Stage::Render | Stage::Publish => false,
    }
}

/// Reads the record that a stage's last run left; `None` where it left none. Where the manifest
/// knows the file, it has to be as it was left.
pub(super) fn left_by<T: DeserializeOwned>(
    folder: &EpisodeFolder,
    stage: Stage,
    record: Record,
) -> Result<Option<T>, LibraryError> {
    let path = folder.work_file(record.file);
    let manifest = Manifest::read(&folder.work_file(MANIFEST_FILE))?;
    let entry = manifest.stages.get(&stage);
    match entry.and_then(|entry| entry.files.get(record.file)) {
        Some(mark) if !mark.clone().holds(&path) => Err(LibraryError::Record {
            path,
            message: "it is missing, or not as the last run left it".into(),
        }),
        None if entry.is_some() || !path.is_file() => Ok(None),
        _ => read_record(&path, record.schema).map(Some),
    }
}

/// The edition that an episode's last run, or import, made.
pub fn edition_of(folder: &EpisodeFolder) -> Result<Edition, LibraryError> {
    left_by(folder, Stage::Edit, EDITION)?
        .ok_or_else(|| LibraryError::NotRun { path: folder.root().to_path_buf() })
}

/// Those whose voices the show remembers and who were heard in an episode's last run.
pub fn known_people_of(folder: &EpisodeFolder) -> Result<Vec<Person>, LibraryError> {
    let names: Option<Names> = left_by(folder, Stage::Edit, NAMES)?;
    Ok(known_people(&names.unwrap_or_default().heard))
}

/// The people among the names that were heard whose voices the show remembers.
pub(super) fn known_people(names: &[NameProposal]) -> Vec<Person> {
    let known = names.iter().filter(|proposal| proposal.known_voice().is_some());
    known
        .map(|NameProposal { name, short, .. }| Person {
            name: name.clone(),
            short: short.clone(),
            ..Person::default()
        })
        .collect()
}

/// The file of an episode's edition.
pub fn edition_file(folder: &EpisodeFolder) -> PathBuf {
    folder.work_file(EDITION.file)
}

/// Whether an episode has an edition.
pub fn has_edition(folder: &EpisodeFolder) -> bool {
    edition_file(folder).is_file()
}

/// Who said what in an episode's last run, as the machine has it; `None` where no stage said so, as
/// for an imported transcript.
pub fn conversation_of(folder: &EpisodeFolder) -> Result<Option<Conversation>, LibraryError> {
    left_by(folder, Stage::Attribute, CONVERSATION)
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
    heard(folder, Stage::Transcribe, TRANSCRIPT)
}

/// Where an episode's last run heard speech.
pub fn speech_of(folder: &EpisodeFolder) -> Result<SpeechRegions, LibraryError> {
    heard(folder, Stage::Detect, SPEECH)
}

fn heard<T: DeserializeOwned>(
    folder: &EpisodeFolder,
    stage: Stage,
    record: Record,
) -> Result<T, LibraryError> {
    left_by(folder, stage, record)?.ok_or_else(|| LibraryError::Record {
        path: folder.work_file(record.file),
        message: "no run has made it yet".into(),
    })
}

impl Pipeline<'_> {
    /// Writes a stage's record.
    pub(super) fn keep<T: Serialize>(
        &mut self,
        record: Record,
        value: &T,
    ) -> Result<(), LibraryError> {
        let path = self.make_way(record.file)?;
        let bytes = write_record(&path, record.schema, value)?;
        self.note(record.file, &bytes);
        Ok(())
    }

    /// Writes another file of a stage.
    pub(super) fn keep_bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), LibraryError> {
        write_atomic(&self.make_way(name)?, bytes)?;
        self.note(name, bytes);
        Ok(())
    }

    /// Writes sound, which is looked at before it is read.
    pub(super) fn keep_sound(&mut self, name: &str, samples: &[f32]) -> Result<(), LibraryError> {
        let mut mark = None;
        write_large(&self.make_way(name)?, |file| {
            let mut hashed = Fingerprint::of_writing(file);
            cache::write_wav(samples, &mut hashed)?;
            mark = Some(hashed.finish());
            Ok(())
        })?;
        self.left.extend(mark.map(|mark| (name.to_owned(), mark)));
        Ok(())
    }

    fn note(&mut self, name: &str, bytes: &[u8]) {
        let mark = FileMark::written(bytes.len() as u64, Fingerprint::of_bytes(bytes));
        self.left.insert(name.to_owned(), mark);
    }

    /// The place of a file in `work/`; a folder that stands in it goes, as all of `work/` may.
    pub(super) fn make_way(&self, name: &str) -> Result<PathBuf, LibraryError> {
        let path = self.folder.work_file(name);
        if fs::symlink_metadata(&path).is_ok_and(|data| data.is_dir()) {
            disk::remove_dir_all(&path).map_err(LibraryError::io("replace", &path))?;
        }
        Ok(path)
    }

    /// Reads a stage's record.
    pub(super) fn load<T: DeserializeOwned>(&self, record: Record) -> Result<T, LibraryError> {
        read_record(&self.folder.work_file(record.file), record.schema)
    }

    /// Whether a stage of this episode left that file.
    pub(super) fn has_left(&self, stage: Stage, name: &str) -> bool {
        let entry = self.manifest.stages.get(&stage);
        self.applies(stage) && entry.is_some_and(|entry| entry.files.contains_key(name))
    }

    /// Deletes what an earlier run of the stage left, for another audio or other tracks, and this
    /// one did not.
    pub(super) fn delete_older(&self, stage: Stage) -> Result<(), LibraryError> {
        let work = self.folder.work();
        for entry in fs::read_dir(&work).map_err(LibraryError::io("read", &work))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_optional(stage, &name) && !self.left.contains_key(&name) {
                let path = self.make_way(&name)?;
                if disk::is_there(&path) {
                    disk::remove_file(&path).map_err(LibraryError::io("delete", &path))?;
                }
            }
        }
        Ok(())
    }

    /// The first of a finished stage's files that is missing or not as the stage left it. A large
    /// one to which nothing seems to have happened is read only if the check is `thorough`.
    pub(super) fn missing_file(&mut self, stage: Stage, thorough: bool) -> Option<PathBuf> {
        let file = main_file(stage, self.is_imported());
        let work = self.folder.work();
        let files = self.manifest.stages.get_mut(&stage).map(|entry| &mut entry.files)?;
        if !files.contains_key(file) {
            return Some(work.join(file));
        }
        let damaged = files.iter_mut().find_map(|(name, mark)| {
            let path = work.join(name);
            let good = !thorough && mark.is_known(&path) || mark.holds(&path);
            (!good).then_some(path)
        });
        damaged.or_else(|| (stage == Stage::Publish).then(|| self.damaged_in_out()).flatten())
    }

    /// The first file of `out/` that is missing, or not as it was published.
    fn damaged_in_out(&self) -> Option<PathBuf> {
        let out = self.folder.out();
        let listing = out.join(publish::LISTING);
        let kept = read_bounded(&self.folder.work_file(PUBLISHED_FILE)).ok();
        if kept.is_some() && kept == read_bounded(&listing).ok() {
            publish::damaged(&out)
        } else {
            Some(listing)
        }
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
