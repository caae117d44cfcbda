//! What can go wrong with weights, by what a person can do about it.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use super::convert::ConvertError;

/// Why a model is not to be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// No model has that name.
    #[error("no model is called `{name}`")]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// The model is known but not in place.
    #[error("the model `{name}` is missing: there is no `{path}`")]
    Missing {
        /// The model's name.
        name: String,
        /// Where it should be.
        path: PathBuf,
        /// Whether it was taken in from elsewhere, so that no source has it.
        is_import: bool,
    },
    /// The file in place does not hold the right bytes.
    #[error("the file `{path}` of the model `{name}` is damaged: {reason}")]
    Damaged {
        /// The model's name.
        name: String,
        /// The file.
        path: PathBuf,
        /// What differs.
        reason: String,
        /// What should be there, where the register knows it.
        right: Option<Box<RightFile>>,
    },
    /// The model would have to be downloaded, and that is forbidden.
    #[error("the model `{name}` is missing and `--offline` forbids to download it")]
    Offline {
        /// The model's name.
        name: String,
    },
    /// Each source was tried and none gave the model.
    #[error("cannot fetch the model `{name}` from any of its sources{}", list(failures))]
    Sources {
        /// The model's name.
        name: String,
        /// What went wrong, in the order of the sources.
        failures: Vec<SourceFailure>,
    },
    /// The disk is full.
    #[error("the disk is full: `{path}` needs up to {needed_bytes} bytes for the model")]
    NoSpace {
        /// The folder of the weights.
        path: PathBuf,
        /// Bytes that the fetch may need at its peak.
        needed_bytes: u64,
    },
    /// A folder to be imported is not a model.
    #[error("`{dir}` is no CTranslate2 model: it has no {missing}")]
    NotAModel {
        /// The folder.
        dir: PathBuf,
        /// What it lacks.
        missing: String,
    },
    /// A name for an import that cannot be used.
    #[error("an imported model cannot be called `{name}`: {reason}")]
    Name {
        /// The name.
        name: String,
        /// Why.
        reason: String,
    },
    /// A model from elsewhere cannot be converted.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// A file or folder of the store cannot be used.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried: `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The person asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl ModelError {
    pub(super) fn io(action: &'static str, path: &Path, cause: io::Error) -> ModelError {
        ModelError::Io { action, path: path.to_owned(), cause }
    }

    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            ModelError::Unknown { .. } => "`linernotes models list` shows all names".to_owned(),
            ModelError::Missing { name, is_import: true, .. }
            | ModelError::Damaged { name, right: None, .. } => {
                format!("take it in again, with `linernotes models import DIR --name {name}`")
            }
            ModelError::Missing { name, .. } | ModelError::Offline { name } => {
                format!("run `linernotes models get {name}` while you are connected")
            }
            ModelError::Damaged { name, right: Some(right), .. } => format!(
                "run `linernotes models get {name}` while you are connected, which replaces it; or put \
                 a file of {} bytes with the sha256 {} in its place",
                right.size, right.sha256
            ),
            ModelError::Sources { failures, .. } => {
                failures.iter().find_map(|failure| failure.error.hint()).unwrap_or_else(|| {
                    "try again later, or take a model in yourself with `linernotes models import`"
                        .to_owned()
                })
            }
            ModelError::NoSpace { .. } => format!(
                "free some space or put the weights elsewhere with `{}`",
                super::MODELS_VARIABLE
            ),
            ModelError::NotAModel { .. } => {
                "give the folder that holds `model.bin` and `vocabulary.json` or `vocabulary.txt`"
                    .to_owned()
            }
            ModelError::Name { .. } => "choose another name with `--name`".to_owned(),
            ModelError::Io { .. } => format!(
                "check the permissions, or put the weights elsewhere with `{}`",
                super::MODELS_VARIABLE
            ),
            ModelError::Interrupted => {
                "run the same command again: it goes on where it stopped".to_owned()
            }
            ModelError::Convert(_) => return None,
        })
    }
}

/// The file that should be in a damaged one's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightFile {
    /// Its bytes.
    pub size: u64,
    /// Its sha256, in lower-case hexadecimal.
    pub sha256: String,
}

/// A source that did not give the model.
#[derive(Debug)]
pub struct SourceFailure {
    /// The source, as people read it.
    pub source: String,
    /// Why it did not.
    pub error: SourceError,
}

fn list(failures: &[SourceFailure]) -> String {
    let mut text = String::new();
    for failure in failures {
        let _ = write!(text, "\n  {}: {}", failure.source, chain(&failure.error));
    }
    text
}

/// An error with its causes, on one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}

/// Why one source did not give the model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The server cannot be reached, or the line broke.
    #[error("no connection ({0})")]
    Network(String),
    /// The server answered, but not with the file.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// A program that the source needs is not there.
    #[error("there is no {0}")]
    NoProgram(&'static str),
    /// A program that the source needs failed.
    #[error("{program} failed: {message}")]
    Program {
        /// The program.
        program: &'static str,
        /// The end of what it said.
        message: String,
    },
    /// A package does not hold the file.
    #[error("the package has no `{0}`")]
    NoFile(String),
    /// A package's archive cannot be read.
    #[error("the package `{0}` is damaged: {1}")]
    Package(String, String),
    /// A file has not the size that the register says.
    #[error("`{file}` has {found} bytes where the register says {expected}")]
    Size {
        /// The file.
        file: String,
        /// Bytes by the register.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// A file has not the sha256 that the register says.
    #[error("`{file}` has the sha256 {found} where the register says {expected}")]
    Hash {
        /// The file.
        file: String,
        /// By the register.
        expected: String,
        /// As found.
        found: String,
    },
    /// The conversion failed.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// A file of the fetch cannot be read or written.
    #[error("cannot use `{path}`")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The person asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl SourceError {
    pub(super) fn io(path: &Path, cause: io::Error) -> SourceError {
        SourceError::Io { path: path.to_owned(), cause }
    }

    /// Whether the disk is full, in which case no other source helps.
    pub(super) fn is_no_space(&self) -> bool {
        let full = |cause: &io::Error| cause.kind() == io::ErrorKind::StorageFull;
        match self {
            SourceError::Io { cause, .. } | SourceError::Convert(ConvertError::Write(cause)) => {
                full(cause)
            }
            SourceError::Program { message, .. } => message.contains("No space left on device"),
            _ => false,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(
            match self {
                SourceError::Network(_) => {
                    "check the connection; a proxy is taken from HTTPS_PROXY and NO_PROXY"
                }
                SourceError::NoProgram("python3") => {
                    "install Python 3 with pip (Debian: `apt install python3-pip`)"
                }
                SourceError::NoProgram("pip") => {
                    "install pip (`python3 -m ensurepip --user`, Debian: `apt install python3-pip`)"
                }
                SourceError::NoProgram("cargo") => "install Rust's cargo",
                SourceError::Program { .. } => {
                    "check the connection to the package registry and run the command again"
                }
                SourceError::Hash { .. } | SourceError::Size { .. } => {
                    "the source changed its file: update linernotes, or import the model yourself"
                }
                _ => return None,
            }
            .to_owned(),
        )
    }
}
