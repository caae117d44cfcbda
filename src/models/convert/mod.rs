//! From what carriers hold to what the engines load: CTranslate2 to ggml for the recognizer, a
//! PyTorch state dict to ONNX for the voice embedder.
//!
//! Files come from strangers. A hostile one ends in an error: nothing in it is executed, sizes are
//! checked against the file before memory is taken, and one tensor at a time is held. Nothing here
//! knows where a file came from or where the result goes.

use std::io;
use std::path::{Path, PathBuf};

mod campplus;
mod ctranslate2;
mod ggml;
mod mel;
mod onnx;
mod pickle;
mod pytorch;
mod vocabulary;

pub use campplus::state_dict_to_onnx;
pub use ggml::ctranslate2_to_ggml;

/// Why a file cannot be converted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The file contradicts its own format.
    #[error("`{path}` is damaged: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        reason: String,
    },
    /// The file is sound but is not of a kind that can be converted.
    #[error("`{path}` cannot be converted: {reason}")]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it holds instead.
        reason: String,
    },
    /// The file cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The result cannot be written.
    #[error("cannot write the converted model")]
    Write(#[source] io::Error),
}

impl ConvertError {
    fn malformed(path: &Path, reason: impl Into<String>) -> ConvertError {
        ConvertError::Malformed { path: path.to_owned(), reason: reason.into() }
    }

    fn unsupported(path: &Path, reason: impl Into<String>) -> ConvertError {
        ConvertError::Unsupported { path: path.to_owned(), reason: reason.into() }
    }

    /// A read error; the end of the file where more was due is the file's fault, not the system's.
    fn read(path: &Path, cause: io::Error) -> ConvertError {
        if cause.kind() == io::ErrorKind::UnexpectedEof {
            return ConvertError::malformed(path, "it ends in the middle of a field");
        }
        ConvertError::Read { path: path.to_owned(), cause }
    }
}
