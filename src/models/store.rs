//! A folder of weights with its register: what is in place, and whether it is right.
//!
//! Beside each weights file `NAME.ok` notes the size, the time and the sha256 with which the file was
//! last found right, so that 150 MB need not be hashed on every run. A file that was touched since is
//! hashed again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::digest::{self, CopyError};
use super::error::ModelError;
use super::place::models_dir;
use super::progress::{FetchEvent, FetchProgress, SilentFetch};
use super::register::{Model, Purpose, Register, is_plain_name};
use crate::speech::ModelId;

const NOTE_SCHEMA: u32 = 1;
const NOTE_EXTENSION: &str = "ok";

/// A folder of weights and the register of what may lie there.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
    register: Register,
}

/// A model that is in place and right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The file.
    pub path: PathBuf,
    /// The name and sha256 for records.
    pub id: ModelId,
}

/// A line of `models list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// The name.
    pub name: String,
    /// The work that it does.
    pub purpose: Purpose,
    /// One line about it.
    pub about: String,
    /// Whether `linernotes run` uses it unless told otherwise.
    pub default: bool,
    /// The SPDX name of the weights' licence, where it is known.
    pub license: Option<String>,
    /// Bytes of the file.
    pub size: u64,
    /// Whether it is in place.
    pub state: State,
    /// The file, whether it is there or not.
    pub path: PathBuf,
}

/// Whether a model is in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// There is no file.
    Missing,
    /// There is a file of the right size whose bytes were not checked since it was touched.
    Unchecked,
    /// There is a file and its bytes are right.
    Verified,
    /// There is a file of a wrong size.
    Damaged,
}

/// What `NAME.ok` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    schema: u32,
    pub(super) file: String,
    pub(super) size: u64,
    modified_ns: u64,
    pub(super) sha256: String,
    /// Where the file came from.
    pub(super) origin: String,
}

impl Store {
    /// The user's folder of weights, with the built-in register.
    pub fn open() -> Store {
        Store::at(models_dir(), Register::built_in())
    }

    /// Some folder of weights, which need not exist, with some register.
    pub fn at(dir: impl Into<PathBuf>, register: Register) -> Store {
        Store { dir: dir.into(), register }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The register.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// The model that is in place under a name of the register or of an import, or a file by its
    /// path. Never uses the network; hashes only a file that was touched since it was last checked.
    pub fn identify(&self, name: &str) -> Result<Located, ModelError> {
        if let Some(model) = self.register.get(name) {
            return self.check(model, &SilentFetch);
        }
        if is_plain_name(name)
            && let Some(note) = self.read_note(name)
        {
            return self.check_import(name, &note, &SilentFetch, false);
        }
        let path = Path::new(name);
        if !path.is_file() {
            return Err(ModelError::Unknown { name: name.to_owned() });
        }
        let sha256 = hash(path, &SilentFetch)?;
        let stem = path.file_name().map_or(name.into(), |file| file.to_string_lossy());
        Ok(Located { path: path.to_owned(), id: ModelId { name: stem.into_owned(), sha256 } })
    }

    /// Hashes a model's file whatever its note says.
    pub fn verify(&self, name: &str, progress: &dyn FetchProgress) -> Result<Located, ModelError> {
        if let Some(model) = self.register.get(name) {
            self.forget(name);
            return self.check(model, progress);
        }
        match self.read_note(name).filter(|_| is_plain_name(name)) {
            Some(note) => self.check_import(name, &note, progress, true),
            None => Err(ModelError::Unknown { name: name.to_owned() }),
        }
    }

    /// All models of the register, then the imported ones by name.
    pub fn list(&self) -> Vec<Listing> {
        let known = self.register.models.iter().map(|model| self.listing(model));
        known.chain(self.imports()).collect()
    }

    /// The path of a registered model's file, whether it is there or not.
    pub fn path_of(&self, model: &Model) -> PathBuf {
        self.dir.join(&model.file)
    }

    /// Whether a registered model's file is in place and right.
    pub(super) fn check(
        &self,
        model: &Model,
        progress: &dyn FetchProgress,
    ) -> Result<Located, ModelError> {
        let path = self.path_of(model);
        let Some((size, modified_ns)) = size_and_time(&path) else {
            return Err(ModelError::Missing { name: model.name.clone(), path });
        };
        let noted = self.read_note(&model.name).filter(|note| {
            note.file == model.file && note.size == size && note.modified_ns == modified_ns
        });
        if let Some(note) = noted.filter(|note| model.accepts(&note.sha256)) {
            return Ok(located(model.name.clone(), path, note.sha256));
        }
        if !model.sources.iter().any(|source| source.size() == size) {
            return Err(ModelError::Damaged {
                name: model.name.clone(),
                path,
                reason: format!("it has {size} bytes and not {}", model.size()),
            });
        }
        progress.event(FetchEvent::Step { label: "checking", total: size });
        let sha256 = hash(&path, progress)?;
        if !model.accepts(&sha256) {
            return Err(ModelError::Damaged {
                name: model.name.clone(),
                path,
                reason: format!("its sha256 is {sha256}"),
            });
        }
        self.write_note(&model.name, &model.file, &sha256, "found in place");
        Ok(located(model.name.clone(), path, sha256))
    }

    fn check_import(
        &self,
        name: &str,
        note: &Note,
        progress: &dyn FetchProgress,
        hash_anyway: bool,
    ) -> Result<Located, ModelError> {
        let path = self.dir.join(&note.file);
        let Some((size, modified_ns)) = size_and_time(&path) else {
            return Err(ModelError::Missing { name: name.to_owned(), path });
        };
        if hash_anyway || size != note.size || modified_ns != note.modified_ns {
            progress.event(FetchEvent::Step { label: "checking", total: size });
            let sha256 = hash(&path, progress)?;
            if sha256 != note.sha256 {
                let reason = format!("its sha256 is {sha256} and was {}", note.sha256);
                return Err(ModelError::Damaged { name: name.to_owned(), path, reason });
            }
            self.write_note(name, &note.file, &sha256, &note.origin);
        }
        Ok(located(name.to_owned(), path, note.sha256.clone()))
    }

    fn listing(&self, model: &Model) -> Listing {
        let path = self.path_of(model);
        let found = size_and_time(&path);
        let note = self.read_note(&model.name);
        let state = match (found, note) {
            (None, _) => State::Missing,
            (Some((size, time)), Some(note))
                if (note.size, note.modified_ns) == (size, time) && model.accepts(&note.sha256) =>
            {
                State::Verified
            }
            (Some((size, _)), _) if model.sources.iter().any(|s| s.size() == size) => {
                State::Unchecked
            }
            _ => State::Damaged,
        };
        Listing {
            name: model.name.clone(),
            purpose: model.purpose,
            about: model.about.clone(),
            default: model.default,
            license: Some(model.license.clone()),
            size: found.map_or_else(|| model.size(), |(size, _)| size),
            state,
            path,
        }
    }

    fn imports(&self) -> Vec<Listing> {
        let Ok(entries) = fs::read_dir(&self.dir) else { return Vec::new() };
        let mut listings: Vec<Listing> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|file| Some(file.strip_suffix(".ok")?.to_owned()))
            .filter(|name| self.register.get(name).is_none())
            .filter_map(|name| {
                let note = self.read_note(&name)?;
                Some(self.import_listing(name, &note))
            })
            .collect();
        listings.sort_by(|a, b| a.name.cmp(&b.name));
        listings
    }

    fn import_listing(&self, name: String, note: &Note) -> Listing {
        let path = self.dir.join(&note.file);
        let state = match size_and_time(&path) {
            None => State::Missing,
            Some((size, time)) if (size, time) == (note.size, note.modified_ns) => State::Verified,
            Some((size, _)) if size == note.size => State::Unchecked,
            Some(_) => State::Damaged,
        };
        Listing {
            name,
            purpose: Purpose::Recognize,
            about: format!("imported from {}", note.origin),
            default: false,
            license: None,
            size: note.size,
            state,
            path,
        }
    }

    fn note_path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.{NOTE_EXTENSION}"))
    }

    /// What the note says; none where it cannot be read, which only costs a hash.
    pub(super) fn read_note(&self, name: &str) -> Option<Note> {
        let text = fs::read_to_string(self.note_path(name)).ok()?;
        let note: Note = serde_json::from_str(&text).ok()?;
        (note.schema == NOTE_SCHEMA && is_plain_name(&note.file)).then_some(note)
    }

    /// Notes that a file was found right. A folder that cannot be written to only costs a hash on
    /// the next run.
    pub(super) fn write_note(&self, name: &str, file: &str, sha256: &str, origin: &str) -> bool {
        let Some((size, modified_ns)) = size_and_time(&self.dir.join(file)) else { return false };
        let note = Note {
            schema: NOTE_SCHEMA,
            file: file.to_owned(),
            size,
            modified_ns,
            sha256: sha256.to_owned(),
            origin: origin.to_owned(),
        };
        let Ok(text) = serde_json::to_string_pretty(&note) else { return false };
        let arriving = self.dir.join(format!(".{name}.{}.tmp", std::process::id()));
        let written =
            fs::write(&arriving, text).and_then(|()| fs::rename(&arriving, self.note_path(name)));
        if written.is_err() {
            let _ = fs::remove_file(&arriving);
        }
        written.is_ok()
    }

    /// Removes the note, so that the file is hashed.
    pub(super) fn forget(&self, name: &str) {
        let _ = fs::remove_file(self.note_path(name));
    }
}

pub(super) fn located(name: String, path: PathBuf, sha256: String) -> Located {
    Located { path, id: ModelId { name, sha256 } }
}

/// Bytes and time of change, `None` where there is no file.
fn size_and_time(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Some((metadata.len(), u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)))
}

fn hash(path: &Path, progress: &dyn FetchProgress) -> Result<String, ModelError> {
    digest::of_file(path, progress).map_err(|error| match error {
        CopyError::Interrupted => ModelError::Interrupted,
        CopyError::Read(cause) | CopyError::Write(cause) => ModelError::io("read", path, cause),
    })
}
