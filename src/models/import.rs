//! Takes in a Whisper model from elsewhere: a CTranslate2 folder, as faster-whisper uses them.

use std::fs;
use std::path::{Path, PathBuf};

use super::convert::{self, ConvertError};
use super::error::{ModelError, SourceError};
use super::fetch::{sync_dir, write_hashed};
use super::progress::{FetchEvent, FetchProgress};
use super::register::is_plain_name;
use super::store::{Located, Store, located};

const VOCABULARIES: [&str; 2] = ["vocabulary.json", "vocabulary.txt"];

impl Store {
    /// Converts the CTranslate2 model in `dir` and keeps it under `name`, else under the folder's
    /// name. A name of the register is refused; an earlier import of that name is replaced.
    pub fn import(
        &self,
        dir: &Path,
        name: Option<&str>,
        progress: &dyn FetchProgress,
    ) -> Result<Located, ModelError> {
        let (model, vocabulary) = files_of(dir)?;
        let name = match name {
            Some(name) => name.to_owned(),
            None => name_of(dir),
        };
        self.check_import_name(&name)?;
        fs::create_dir_all(self.dir()).map_err(|e| ModelError::io("create", self.dir(), e))?;
        let total = fs::metadata(&model).map_or(0, |metadata| metadata.len());
        progress.event(FetchEvent::Step { label: "converting", total });
        let arriving = self.dir().join(format!(".import-{name}.{}.tmp", std::process::id()));
        let written = write_hashed(&arriving, progress, |out| {
            Ok(convert::ctranslate2_to_ggml(&model, &vocabulary, out)?)
        });
        let (_, sha256) = written.map_err(|error| {
            let _ = fs::remove_file(&arriving);
            self.import_error(error, total, progress)
        })?;
        let file = format!("ggml-{name}.bin");
        let path = self.dir().join(&file);
        fs::rename(&arriving, &path).map_err(|cause| {
            let _ = fs::remove_file(&arriving);
            ModelError::io("write", &path, cause)
        })?;
        sync_dir(self.dir());
        if !self.keep_note(&name, &file, &sha256, &dir.display().to_string()) {
            let cause = std::io::Error::other("its note cannot be written");
            return Err(ModelError::io("keep", &path, cause));
        }
        Ok(located(name, path, sha256))
    }

    fn check_import_name(&self, name: &str) -> Result<(), ModelError> {
        let refused = |reason: &str| {
            Err(ModelError::Name { name: name.to_owned(), reason: reason.to_owned() })
        };
        let file = format!("ggml-{name}.bin");
        if !is_plain_name(name) {
            return refused("only letters, digits, `.`, `_` and `-` are allowed");
        }
        if self.register().models.iter().any(|model| model.name == name || model.file == file) {
            return refused("the register has a model of that name");
        }
        Ok(())
    }

    fn import_error(
        &self,
        error: SourceError,
        needed_bytes: u64,
        progress: &dyn FetchProgress,
    ) -> ModelError {
        match error {
            _ if progress.cancelled() => ModelError::Interrupted,
            error if error.is_no_space() => {
                ModelError::NoSpace { path: self.dir().to_owned(), needed_bytes }
            }
            SourceError::Convert(error) => ModelError::Convert(error),
            SourceError::Io { path, cause } => ModelError::io("write", &path, cause),
            other => {
                ModelError::Convert(ConvertError::Write(std::io::Error::other(other.to_string())))
            }
        }
    }
}

/// The weights and the vocabulary of a CTranslate2 folder.
fn files_of(dir: &Path) -> Result<(PathBuf, PathBuf), ModelError> {
    let lacking =
        |missing: &str| ModelError::NotAModel { dir: dir.to_owned(), missing: missing.to_owned() };
    let model = dir.join("model.bin");
    if !model.is_file() {
        return Err(lacking("`model.bin`"));
    }
    let vocabulary = VOCABULARIES
        .iter()
        .map(|name| dir.join(name))
        .find(|path| path.is_file())
        .ok_or_else(|| lacking("`vocabulary.json` or `vocabulary.txt`"))?;
    Ok((model, vocabulary))
}

/// The folder's own name, with `-` for what a name may not have.
fn name_of(dir: &Path) -> String {
    let full = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let name = full.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' })
        .collect();
    plain.trim_start_matches(['.', '-']).to_owned()
}
