//! How a fetch tells what it does.

use super::register::{Model, Source};

/// Something that happened while a model was fetched, verified or taken in.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum FetchEvent<'a> {
    /// Another process fetches the same model; this one waits for it.
    Waiting {
        /// The model.
        model: &'a Model,
    },
    /// The file in place is not the right one, and another is fetched.
    Damaged {
        /// The model.
        model: &'a Model,
        /// What is wrong with the file.
        reason: &'a str,
    },
    /// A source is about to be tried.
    Source {
        /// The model.
        model: &'a Model,
        /// The source, with its sizes.
        source: &'a Source,
    },
    /// A step begins.
    Step {
        /// What is done, as a bar's label: `downloading`, `converting`, `checking`.
        label: &'a str,
        /// Bytes to go through.
        total: u64,
    },
    /// So many bytes of the step are done.
    Advance {
        /// Bytes since the step began.
        done: u64,
    },
    /// A source did not work; the next one is tried.
    SourceFailed {
        /// The source.
        source: &'a Source,
        /// Why.
        reason: &'a str,
    },
    /// The model is in place.
    Done {
        /// The model.
        model: &'a Model,
    },
}

/// Receives the events of a fetch and says whether to go on.
pub trait FetchProgress: Sync {
    /// Something happened.
    fn event(&self, event: FetchEvent<'_>);

    /// Whether the person asked to stop; asked at least once a second.
    fn cancelled(&self) -> bool;
}

/// Reports to nobody and is never cancelled.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilentFetch;

impl FetchProgress for SilentFetch {
    fn event(&self, _event: FetchEvent<'_>) {}

    fn cancelled(&self) -> bool {
        false
    }
}
