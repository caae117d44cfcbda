//! What to do next, for every error that ends a command.
//!
//! An error that knows itself what to do says so with its own `hint`; what engines, templates and the
//! system say has its next step here.

use std::error::Error;
use std::io;

use crate::catalogue::CatalogueError;
use crate::decode::DecodeError;
use crate::diarize::EmbedError;
use crate::formats::FormatError;
use crate::formats::rttm::LineError;
use crate::import::ImportError;
use crate::library::LibraryError;
use crate::models::ModelError;
use crate::models::convert::ConvertError;
use crate::pipeline::{EngineError, PipelineError, TaggedError};
use crate::publish::PublishError;
use crate::render::RenderError;
use crate::segmentation::SegmentationError;
use crate::serve::ServeError;
use crate::site::SiteError;
use crate::spoken::SpokenError;
use crate::time::NoTime;
use crate::transcribe::recognizer::RecognizeError;

/// A command's own refusal, with its next step.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(super) struct Refusal {
    problem: String,
    hint: String,
}

/// A refusal as an error.
pub(super) fn refusal(problem: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Refusal { problem: problem.into(), hint: hint.into() }.into()
}

/// What is left where nobody knows better.
const ASK_FOR_MORE: &str = "run it again with `-v`, which tells more, or see `linernotes help`";

/// The next step: that of the first cause that knows one.
pub(super) fn of(error: &anyhow::Error) -> String {
    error.chain().find_map(known).unwrap_or_else(|| ASK_FOR_MORE.to_owned())
}

fn known(cause: &(dyn Error + 'static)) -> Option<String> {
    own(cause).or_else(|| foreign(cause).map(str::to_owned))
}

/// What the error itself says, or what stands inside it.
fn own(cause: &(dyn Error + 'static)) -> Option<String> {
    if let Some(refusal) = cause.downcast_ref::<Refusal>() {
        return Some(refusal.hint.clone());
    }
    if let Some(error) = cause.downcast_ref::<DecodeError>() {
        return error.hint().map(str::to_owned);
    }
    if let Some(error) = cause.downcast_ref::<LibraryError>() {
        return Some(of_library(error));
    }
    if let Some(error) = cause.downcast_ref::<CatalogueError>() {
        return Some(error.hint());
    }
    if let Some(error) = cause.downcast_ref::<SpokenError>() {
        return error.hint();
    }
    if let Some(error) = cause.downcast_ref::<ModelError>() {
        return match error {
            ModelError::Convert(error) => Some(of_conversion(error).to_owned()),
            error => error.hint(),
        };
    }
    if let Some(error) = cause.downcast_ref::<EngineError>() {
        return error.hint();
    }
    if let Some(error) = cause.downcast_ref::<PublishError>() {
        return Some(error.hint().to_owned());
    }
    if let Some(error) = cause.downcast_ref::<ImportError>() {
        return Some(error.hint());
    }
    if let Some(error) = cause.downcast_ref::<FormatError>() {
        return Some(error.hint());
    }
    if let Some(error) = cause.downcast_ref::<LineError>() {
        return Some(error.hint().to_owned());
    }
    if let Some(error) = cause.downcast_ref::<ServeError>() {
        return Some(error.hint());
    }
    if cause.is::<NoTime>() {
        return Some("write it in seconds, as `0.25`".to_owned());
    }
    match cause.downcast_ref::<SiteError>() {
        Some(SiteError::Library(error)) => return Some(of_library(error)),
        Some(error) => return error.hint(),
        None => {}
    }
    match cause.downcast_ref::<TaggedError>() {
        Some(TaggedError::Library(error)) => return Some(of_library(error)),
        Some(_) => {
            return Some("convert the audio to a plain mp3 with any audio program".to_owned());
        }
        None => {}
    }
    match cause.downcast_ref::<PipelineError>()? {
        PipelineError::Library(error) => Some(of_library(error)),
        PipelineError::Import(error) => Some(error.hint()),
        error => error.hint(),
    }
}

/// Whether the disk is full or cannot be written to, so that no other work gets by either.
pub(super) fn is_for_the_disk(error: &anyhow::Error) -> bool {
    let refuses = |cause: &io::Error| {
        matches!(
            cause.kind(),
            io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::ReadOnlyFilesystem
        )
    };
    error.chain().any(|cause| {
        let of_system = cause.downcast_ref::<io::Error>();
        let of_library = cause.downcast_ref::<LibraryError>().or_else(|| {
            match cause.downcast_ref::<PipelineError>() {
                Some(PipelineError::Library(error)) => Some(error),
                _ => None,
            }
        });
        let of_library = of_library.and_then(|error| match error {
            LibraryError::Io { cause, .. } => Some(cause),
            _ => None,
        });
        let of_publish = cause.downcast_ref::<PublishError>().map(|error| &error.cause);
        [of_system, of_library, of_publish].into_iter().flatten().any(refuses)
    })
}

fn of_library(error: &LibraryError) -> String {
    let shown = || "mend it and run again; docs/formats.md shows every key".to_owned();
    error.hint().unwrap_or_else(shown)
}

/// What can be done about errors that say what happened and no more.
fn foreign(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    if cause.is::<RenderError>() {
        return Some(
            "mend that template in the show's `templates/`, or move it away for the built-in one",
        );
    }
    if let Some(error) = cause.downcast_ref::<RecognizeError>() {
        return Some(of_recognizer(error));
    }
    if cause.is::<SegmentationError>() || cause.is::<EmbedError>() {
        return Some("`linernotes models verify` says which file is damaged");
    }
    cause.is::<io::Error>().then_some("check the path, the permissions and the disk")
}

fn of_recognizer(error: &RecognizeError) -> &'static str {
    match error {
        RecognizeError::UnknownLanguage { .. } => {
            "write `language` as a code of two letters, as \"en\"; models whose names end with `.en` \
             know English alone"
        }
        RecognizeError::Engine { .. } => {
            "free some memory, or choose smaller weights with `--model`; finished chunks are kept"
        }
        _ => "check the disk and run again; finished chunks are kept",
    }
}

fn of_conversion(error: &ConvertError) -> &'static str {
    match error {
        ConvertError::Malformed { .. } => "download the model again",
        ConvertError::Unsupported { .. } => {
            "give a Whisper model in CTranslate2's form, as faster-whisper uses it"
        }
        ConvertError::Read { .. } => "check the path and the permissions",
        ConvertError::Write(_) => "free some space and run again",
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::models::{SourceError, SourceFailure};
    use crate::pipeline::{RetimeError, TrackError};
    use crate::retime::Another;
    use crate::site::FeedError;
    use crate::stage::Stage;
    use crate::transcribe::TranscribeError;

    fn path() -> PathBuf {
        PathBuf::from("a/file")
    }

    fn io() -> io::Error {
        io::Error::other("the system says no")
    }

    fn text() -> String {
        "x".to_owned()
    }

    fn of_decode() -> Vec<DecodeError> {
        let (path, reason, codec) = (path(), text(), text());
        vec![
            DecodeError::NotFound { path: path.clone() },
            DecodeError::IsDirectory { path: path.clone() },
            DecodeError::NoPermission { path: path.clone() },
            DecodeError::Io { path: path.clone(), source: io() },
            DecodeError::Empty { path: path.clone() },
            DecodeError::Text { path: path.clone() },
            DecodeError::Unrecognized { path: path.clone() },
            DecodeError::Malformed { path: path.clone(), reason },
            DecodeError::NoAudioTrack { path: path.clone() },
            DecodeError::UnsupportedCodec { path: path.clone(), codec },
            DecodeError::NoChannels { path: path.clone() },
            DecodeError::SampleRate { path: path.clone(), rate_hz: 0 },
            DecodeError::NoSamples { path },
        ]
    }

    fn of_library() -> Vec<LibraryError> {
        let (path, message, name) = (path(), text(), text());
        vec![
            LibraryError::Io { action: "read", path: path.clone(), cause: io() },
            LibraryError::Written { path: path.clone(), message: message.clone() },
            LibraryError::Record { path: path.clone(), message: message.clone() },
            LibraryError::Voice { path: path.clone(), message },
            LibraryError::NotDiarized { path: path.clone() },
            LibraryError::NoShow { path: path.clone() },
            LibraryError::NoSuchVoice { path: path.clone(), name: name.clone() },
            LibraryError::NotAnEpisode { path: path.clone() },
            LibraryError::OtherEpisode { path: path.clone(), audio: path.clone() },
            LibraryError::NotRun { path: path.clone() },
            LibraryError::OtherTranscript { path: path.clone(), transcript: path.clone() },
            LibraryError::NoTranscript { path: path.clone(), transcript: path.clone() },
            LibraryError::Occupied { path: path.clone() },
            LibraryError::NotAShow { path: path.clone() },
            LibraryError::SameName { name, first: path.clone(), second: path.clone() },
            LibraryError::Busy { path: path.clone() },
            LibraryError::NoAudio { path },
        ]
    }

    fn of_convert() -> Vec<ConvertError> {
        let (path, reason) = (path(), text());
        vec![
            ConvertError::Malformed { path: path.clone(), reason: reason.clone() },
            ConvertError::Unsupported { path: path.clone(), reason },
            ConvertError::Read { path, cause: io() },
            ConvertError::Write(io()),
        ]
    }

    fn of_models() -> Vec<ModelError> {
        let (name, path, reason) = (text(), path(), text());
        let sources = [
            SourceError::Network(text()),
            SourceError::Status(404),
            SourceError::NoProgram("python3"),
            SourceError::NoProgram("tar"),
            SourceError::Program { program: "pip", message: text() },
            SourceError::NoFile(text()),
            SourceError::Package(text(), text()),
            SourceError::Size { file: text(), expected: 1, found: 2 },
            SourceError::Hash { file: text(), expected: text(), found: text() },
            SourceError::Io { path: path.clone(), cause: io() },
        ];
        let failed = sources.into_iter().chain(of_convert().into_iter().map(SourceError::Convert));
        let failed = failed.map(|error| ModelError::Sources {
            name: text(),
            failures: vec![SourceFailure { source: text(), error }],
        });
        let others = [
            ModelError::Unknown { name: name.clone() },
            ModelError::Missing { name: name.clone(), path: path.clone(), is_import: true },
            ModelError::Missing { name: name.clone(), path: path.clone(), is_import: false },
            ModelError::Damaged {
                name: name.clone(),
                path: path.clone(),
                reason: reason.clone(),
                right: None,
            },
            ModelError::Offline { name: name.clone() },
            ModelError::NoSpace { path: path.clone(), needed_bytes: 1 },
            ModelError::NotAModel { dir: path.clone(), missing: text() },
            ModelError::Name { name, reason },
            ModelError::Io { action: "read", path, cause: io() },
        ];
        let converted = of_convert().into_iter().map(ModelError::Convert);
        failed.chain(others).chain(converted).collect()
    }

    fn of_feeds() -> Vec<FeedError> {
        vec![
            FeedError::Missing { keys: vec![("name", "\"A\"")] },
            FeedError::Category { found: text(), instead: text() },
            FeedError::NoAddress,
            FeedError::TooLarge { limit_mib: 1 },
            FeedError::NotText { line: 1, encoding: text() },
            FeedError::Encoding { name: text() },
            FeedError::Malformed { line: 1, problem: text() },
            FeedError::NotRss,
        ]
    }

    fn of_catalogue() -> Vec<CatalogueError> {
        let address = text();
        vec![
            CatalogueError::Address { text: text(), reason: text() },
            CatalogueError::Private { address: address.clone() },
            CatalogueError::Redirects { address: address.clone(), most: 1 },
            CatalogueError::Status { address: address.clone(), status: 403 },
            CatalogueError::Status { address: address.clone(), status: 404 },
            CatalogueError::Status { address: address.clone(), status: 500 },
            CatalogueError::Network { address: address.clone(), cause: text() },
            CatalogueError::TooLarge { address: address.clone(), most_mib: 1 },
            CatalogueError::Page { address: address.clone(), wanted: "a feed" },
            CatalogueError::NotAudio { address: address.clone(), cause: text() },
            CatalogueError::NoAudio,
            CatalogueError::Feed { place: text(), cause: FeedError::NotRss },
            CatalogueError::Offline { address },
            CatalogueError::Busy { path: path() },
            CatalogueError::Interrupted,
        ]
    }

    fn of_networks() -> Vec<anyhow::Error> {
        let load = || SegmentationError { path: path(), cause: text() };
        let heard = [
            RecognizeError::UnknownLanguage { model: text(), language: text() },
            RecognizeError::Engine { doing: "reading", cause: text() },
            RecognizeError::Store(io()),
        ];
        let embed = || EmbedError { path: path(), cause: text() };
        let mut all: Vec<anyhow::Error> = vec![
            PipelineError::Engine(EngineError::NoRecognizer).into(),
            PipelineError::Engine(EngineError::Segmentation(load())).into(),
            PipelineError::Engine(EngineError::Embedding(embed())).into(),
        ];
        let heard =
            heard.map(|error| PipelineError::Transcribe(TranscribeError::Recognizer(error)));
        all.extend(heard.map(anyhow::Error::from));
        all.extend(
            of_models().into_iter().map(|cause| {
                PipelineError::Engine(EngineError::Model { name: text(), cause }).into()
            }),
        );
        all
    }

    #[test]
    fn a_full_disk_is_known_wherever_it_was_met() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let library = |cause| LibraryError::Io { action: "write", path: path(), cause };
        let publish = |cause| PublishError { action: "write", path: path(), cause };
        for error in [
            anyhow::Error::from(full()),
            PipelineError::Library(library(full())).into(),
            PipelineError::Publish(publish(full())).into(),
            anyhow::Error::from(library(full())).context("cannot go on"),
        ] {
            assert!(is_for_the_disk(&error), "{error:?}");
        }
        for error in [PipelineError::Library(library(io())).into(), refusal("a", "b")] {
            assert!(!is_for_the_disk(&error), "{error:?}");
        }
    }

    #[test]
    fn every_error_has_its_own_next_step() {
        let template = || RenderError::Template { file: text(), line: 1, reason: text() };
        let publish = || PublishError { action: "write", path: path(), cause: io() };
        let import = |cause| ImportError { path: path(), cause };
        let malformed = || FormatError::Malformed { line: 1, column: 1, problem: text() };
        let tracks = [
            TrackError::NoSuchChannel { path: path(), channels: 1, wanted: 2, name: text() },
            TrackError::SameSound { first: text(), second: text() },
            TrackError::SameName { name: text() },
        ];
        let mut all: Vec<anyhow::Error> = vec![
            PipelineError::Render(template()).into(),
            PipelineError::Render(RenderError::Templates { reason: text() }).into(),
            PipelineError::Publish(publish()).into(),
            SiteError::Render(template()).into(),
            SiteError::Publish(publish()).into(),
            SiteError::NoPlace { path: path(), reason: "x" }.into(),
            SiteError::TakenName { path: path() }.into(),
            TaggedError::NoMp3 { path: text() }.into(),
            import(FormatError::Empty).into(),
            import(FormatError::TooLarge { limit: 1 }).into(),
            import(malformed()).into(),
            PipelineError::Import(import(malformed())).into(),
            anyhow::Error::from(io()).context("cannot read `a`"),
            refusal("a", "b"),
            ServeError::Taken { port: 1 }.into(),
            ServeError::Port { port: 1, cause: io() }.into(),
            ServeError::Folder { path: path(), cause: io() }.into(),
        ];
        all.extend(of_decode().into_iter().map(|error| PipelineError::Decode(error).into()));
        all.extend(of_decode().into_iter().map(anyhow::Error::from));
        all.extend(of_library().into_iter().map(|error| PipelineError::Library(error).into()));
        all.extend(of_library().into_iter().map(|error| SiteError::Library(error).into()));
        all.extend(of_library().into_iter().map(|error| TaggedError::Library(error).into()));
        all.extend(of_models().into_iter().map(anyhow::Error::from));
        all.extend(of_catalogue().into_iter().map(anyhow::Error::from));
        all.extend(tracks.map(|error| PipelineError::Tracks(error).into()));
        let retime = [
            RetimeError::Imported { path: path() },
            RetimeError::Tracks { path: path() },
            RetimeError::NotRun { path: path(), stage: Stage::Decode },
            RetimeError::Same { path: path() },
            RetimeError::Another { path: path(), cause: Another { share: 0.1 } },
            RetimeError::Written { path: path(), message: text() },
        ];
        all.extend(retime.map(|error| PipelineError::Retime(error).into()));
        all.extend(
            of_feeds().into_iter().map(|cause| SiteError::Feed { path: path(), cause }.into()),
        );
        all.extend(of_networks());
        assert!(all.len() > 100, "{}", all.len());
        for error in all {
            let hint = of(&error);
            assert!(hint != ASK_FOR_MORE && !hint.is_empty(), "{error:?}");
            assert!(!hint.ends_with('.') && !hint.contains("hint"), "{hint}");
        }
    }
}
