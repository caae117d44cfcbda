//! A folder of weights with its register: what is in place, and whether it is right.
//!
//! A file is hashed when it is first seen and whenever its state is another than in its note
//! (`note.rs`). The 148 MB of `base` take 0.12 s of a processor that has instructions for sha256.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::digest::{self, CopyError};
use super::error::{ModelError, RightFile};
use super::note::{FileState, Note};
use super::place::models_dir;
use super::progress::{FetchEvent, FetchProgress, SilentFetch};
use super::register::{Model, Purpose, Register, is_plain_name};
use crate::speech::ModelId;

/// A folder of weights and the register of what may lie there.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
    register: Register,
    /// The sha256 of the files that were hashed, by their states: a folder that takes no notes, and a
    /// damaged file, cost one hash a run.
    hashed: Arc<Mutex<BTreeMap<PathBuf, (FileState, String)>>>,
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
    /// There is a file, and its size, times and number are those with which its sha256 was right.
    Unchanged,
    /// There is a file of a wrong size.
    Damaged,
}

impl Store {
    /// The user's folder of weights, with the built-in register.
    pub fn open() -> Store {
        Store::at(models_dir(), Register::built_in())
    }

    /// Some folder of weights, which need not exist, with some register.
    pub fn at(dir: impl Into<PathBuf>, register: Register) -> Store {
        Store { dir: dir.into(), register, hashed: Arc::default() }
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
            && let Some(note) = Note::read(&self.dir, name)
        {
            return self.check_import(name, &note, &SilentFetch, false);
        }
        let path = Path::new(name);
        if !path.is_file() {
            return Err(ModelError::Unknown { name: name.to_owned() });
        }
        let sha256 = match state(path)? {
            Some(state) => self.hash(path, state, &SilentFetch)?,
            None => return Err(ModelError::Unknown { name: name.to_owned() }),
        };
        let stem = path.file_name().map_or(name.into(), |file| file.to_string_lossy());
        Ok(Located { path: path.to_owned(), id: ModelId { name: stem.into_owned(), sha256 } })
    }

    /// Whether the name is one of the register, of an import, or of a file; whether its bytes are there
    /// and right is not looked at.
    pub fn knows(&self, name: &str) -> bool {
        self.register.get(name).is_some()
            || is_plain_name(name) && Note::read(&self.dir, name).is_some()
            || Path::new(name).is_file()
    }

    /// Hashes a model's file whatever its note says.
    pub fn verify(&self, name: &str, progress: &dyn FetchProgress) -> Result<Located, ModelError> {
        if let Some(model) = self.register.get(name) {
            self.forget(name, &self.path_of(model));
            return self.check(model, progress);
        }
        match Note::read(&self.dir, name).filter(|_| is_plain_name(name)) {
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
        let (name, path) = (model.name.clone(), self.path_of(model));
        let Some(state) = state(&path)? else {
            return Err(ModelError::Missing { name, path, is_import: false });
        };
        let noted = Note::read(&self.dir, &name)
            .filter(|note| note.file == model.file && note.state == state);
        if let Some(note) = noted.filter(|note| model.accepts(&note.sha256)) {
            return Ok(located(name, path, note.sha256));
        }
        let damaged = |path: &Path, reason: String| ModelError::Damaged {
            name: model.name.clone(),
            path: path.to_owned(),
            reason,
            right: model.sources.first().map(|source| {
                let sha256 = source.sha256().to_owned();
                Box::new(RightFile { size: source.size(), sha256 })
            }),
        };
        if !model.sources.iter().any(|source| source.size() == state.size) {
            let reason = format!("it has {} bytes and not {}", state.size, model.size());
            return Err(damaged(&path, reason));
        }
        progress.event(FetchEvent::Step { label: "checking", total: state.size });
        let sha256 = self.hash(&path, state, progress)?;
        if !model.accepts(&sha256) {
            return Err(damaged(&path, format!("its sha256 is {sha256}")));
        }
        Note::new(&model.file, state, &sha256, "found in place").write(&self.dir, &name);
        Ok(located(name, path, sha256))
    }

    fn check_import(
        &self,
        name: &str,
        note: &Note,
        progress: &dyn FetchProgress,
        hash_anyway: bool,
    ) -> Result<Located, ModelError> {
        let path = self.dir.join(&note.file);
        let Some(state) = state(&path)? else {
            return Err(ModelError::Missing { name: name.to_owned(), path, is_import: true });
        };
        if hash_anyway {
            self.known_hashes().remove(&path);
        }
        if hash_anyway || state != note.state {
            progress.event(FetchEvent::Step { label: "checking", total: state.size });
            let sha256 = self.hash(&path, state, progress)?;
            if sha256 != note.sha256 {
                let reason = format!("its sha256 is {sha256} and was {}", note.sha256);
                let name = name.to_owned();
                return Err(ModelError::Damaged { name, path, reason, right: None });
            }
            Note::new(&note.file, state, &sha256, &note.origin).write(&self.dir, name);
        }
        Ok(located(name.to_owned(), path, note.sha256.clone()))
    }

    /// The sha256 of a file in that state.
    fn hash(
        &self,
        path: &Path,
        state: FileState,
        progress: &dyn FetchProgress,
    ) -> Result<String, ModelError> {
        if let Some((known, sha256)) = self.known_hashes().get(path)
            && *known == state
        {
            return Ok(sha256.clone());
        }
        let sha256 = digest::of_file(path, progress).map_err(|error| match error {
            CopyError::Interrupted => ModelError::Interrupted,
            CopyError::Read(cause) | CopyError::Write(cause) => ModelError::io("read", path, cause),
        })?;
        self.known_hashes().insert(path.to_owned(), (state, sha256.clone()));
        Ok(sha256)
    }

    fn known_hashes(
        &self,
    ) -> impl std::ops::DerefMut<Target = BTreeMap<PathBuf, (FileState, String)>> {
        self.hashed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listing(&self, model: &Model) -> Listing {
        let path = self.path_of(model);
        let is_noted = |state: &FileState| {
            Note::read(&self.dir, &model.name)
                .is_some_and(|note| note.state == *state && model.accepts(&note.sha256))
        };
        let found = state(&path);
        let size = found.as_ref().ok().and_then(|found| found.map(|state| state.size));
        let state = match found {
            Ok(None) => State::Missing,
            Ok(Some(state)) if is_noted(&state) => State::Unchanged,
            Ok(Some(state)) if model.sources.iter().any(|s| s.size() == state.size) => {
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
            size: size.unwrap_or_else(|| model.size()),
            state,
            path,
        }
    }

    fn imports(&self) -> Vec<Listing> {
        let names = Note::names(&self.dir).into_iter();
        names
            .filter(|name| self.register.get(name).is_none())
            .filter_map(|name| {
                let note = Note::read(&self.dir, &name)?;
                Some(self.import_listing(name, &note))
            })
            .collect()
    }

    fn import_listing(&self, name: String, note: &Note) -> Listing {
        let path = self.dir.join(&note.file);
        let state = match state(&path) {
            Ok(None) => State::Missing,
            Ok(Some(state)) if state == note.state => State::Unchanged,
            Ok(Some(state)) if state.size == note.state.size => State::Unchecked,
            _ => State::Damaged,
        };
        Listing {
            name,
            purpose: Purpose::Recognize,
            about: format!("imported from {}", note.origin),
            default: false,
            license: None,
            size: note.state.size,
            state,
            path,
        }
    }

    /// Notes that a file that was just put in place is right. A folder that cannot be written to only
    /// costs a hash on the next run.
    pub(super) fn keep_note(&self, name: &str, file: &str, sha256: &str, origin: &str) -> bool {
        let Ok(Some(state)) = FileState::of(&self.dir.join(file)) else { return false };
        Note::new(file, state, sha256, origin).write(&self.dir, name)
    }

    /// Removes what is known of a file, so that it is hashed.
    fn forget(&self, name: &str, path: &Path) {
        Note::forget(&self.dir, name);
        self.known_hashes().remove(path);
    }
}

pub(super) fn located(name: String, path: PathBuf, sha256: String) -> Located {
    Located { path, id: ModelId { name, sha256 } }
}

fn state(path: &Path) -> Result<Option<FileState>, ModelError> {
    FileState::of(path).map_err(|cause| ModelError::io("read", path, cause))
}
