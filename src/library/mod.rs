//! The show's and the episodes' folders: what people write, and what the machine keeps beside it.
//!
//! [`show`] and [`episode`] are the two files that people write; the machine only ever creates them
//! where they are missing. Everything under an episode's `work/` is the machine's and safe to
//! delete; `out/` is what is published. Nothing here knows what a stage does.

pub mod artifact;
pub mod chunks;
pub mod edits;
pub mod episode;
pub mod fingerprint;
pub mod folder;
pub mod input;
pub mod lock;
mod made;
pub mod manifest;
pub mod mark;
pub mod named;
pub mod numbered;
pub(crate) mod placeholders;
pub mod regular;
pub mod show;
pub mod sources;
pub mod stated;
pub mod switch;
pub mod theme;
pub mod voices;
pub mod written;

use std::path::PathBuf;

/// Why a folder of the library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The system refused to read or write.
    #[error("cannot {action} `{}`: {cause}", path.display())]
    Io {
        /// What was tried, as `read`.
        action: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// What is named is no file that can be read.
    #[error("`{}` is {kind}, not a file", path.display())]
    NotRegular {
        /// What is named.
        path: PathBuf,
        /// What it is, as `a pipe`.
        kind: &'static str,
    },
    /// The file is larger than any of its kind.
    #[error("`{}` is larger than {} MiB", path.display(), most >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many bytes are read.
        most: u64,
    },
    /// A file that people write names another one that is not there.
    #[error("`{}` names `{named}`, and there is no such file", toml.display())]
    NotThere {
        /// The file that people write.
        toml: PathBuf,
        /// Under which key, as `audio`.
        key: &'static str,
        /// What it names.
        named: String,
        /// What it would have to name: a file that lies in the show as that one would.
        lies: Option<String>,
    },
    /// A record in `work/` was written by a newer version.
    #[error("`{}` was written by a newer linernotes (schema {found}, this one reads up to {known})", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest that this version reads.
        known: u32,
    },
    /// A file that people write has a fault.
    #[error("`{}` has a fault: {message}", path.display())]
    Written {
        /// Which file.
        path: PathBuf,
        /// Where in it and what is wrong.
        message: String,
    },
    /// A record in `work/` cannot be read.
    #[error("`{}` cannot be read: {message}", path.display())]
    Record {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A file in `voices/` is not what one is.
    #[error("`{}` is not a voice: {message}", path.display())]
    Voice {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The episode has no diarization to learn voices from.
    #[error("`{}` has no voices yet", path.display())]
    NotDiarized {
        /// The episode's folder.
        path: PathBuf,
    },
    /// No `show.toml` stands above the folder.
    #[error("`{}` belongs to no show, and voices are kept beside `show.toml`", path.display())]
    NoShow {
        /// The folder.
        path: PathBuf,
    },
    /// The show remembers nobody of that name, or several.
    #[error("`{}` holds no voice of `{name}`, or those of several people", path.display())]
    NoSuchVoice {
        /// The show's `voices/`.
        path: PathBuf,
        /// The name that was asked for.
        name: String,
    },
    /// The folder is no episode.
    #[error("`{}` is not an episode: it has no `episode.toml`", path.display())]
    NotAnEpisode {
        /// The folder.
        path: PathBuf,
    },
    /// The folder belongs to another audio file.
    #[error("`{}` already holds an episode made from `{}`", path.display(), audio.display())]
    OtherEpisode {
        /// The folder.
        path: PathBuf,
        /// The audio file that its `episode.toml` names.
        audio: PathBuf,
    },
    /// The episode has not run, so there is nothing of it yet.
    #[error("`{}` has not run yet", path.display())]
    NotRun {
        /// The episode's folder.
        path: PathBuf,
    },
    /// The folder belongs to another transcript.
    #[error("`{}` already holds an episode with another transcript, `{}`", path.display(), transcript.display())]
    OtherTranscript {
        /// The folder.
        path: PathBuf,
        /// The transcript that its `episode.toml` names.
        transcript: PathBuf,
    },
    /// The folder belongs to an episode without a transcript of its own.
    #[error("`{}` names no transcript, and is not changed", path.display())]
    NoTranscript {
        /// The `episode.toml`.
        path: PathBuf,
        /// The transcript that was to be imported.
        transcript: PathBuf,
    },
    /// The folder exists and holds other things.
    #[error("`{}` exists and is not an episode or a show", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is no show.
    #[error("`{}` is not a show: it has no `show.toml`", path.display())]
    NotAShow {
        /// The folder.
        path: PathBuf,
    },
    /// Two episodes of a show have folders of the same name.
    #[error("two episodes are called `{name}`: `{}` and `{}`", first.display(), second.display())]
    SameName {
        /// The name.
        name: String,
        /// One folder.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// Another run works on the same episode.
    #[error("another run is at work on `{}`", path.display())]
    Busy {
        /// The episode's folder.
        path: PathBuf,
    },
    /// The episode names no audio.
    #[error("`{}` names no audio file", path.display())]
    NoAudio {
        /// The `episode.toml`.
        path: PathBuf,
    },
}

impl LibraryError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            LibraryError::Io { cause, .. } => io_hint(cause).into(),
            LibraryError::Written { .. } => {
                "mend it there and run again; `docs/formats.md` shows every key with an example".into()
            }
            LibraryError::NotRegular { .. } => {
                "name a file; save what comes from elsewhere into one first".into()
            }
            LibraryError::TooLarge { .. } => "check that this is the right file".into(),
            LibraryError::NotThere { key, lies: Some(lies), .. } => format!(
                "a file of that name lies elsewhere: write `{key} = {}` if it is the right one",
                toml::Value::String(lies.clone())
            ),
            LibraryError::NotThere { key, .. } => format!(
                "correct `{key}` there; a relative path begins at the folder of the file that names it"
            ),
            LibraryError::Newer { .. } => {
                "use that version; or delete the file, and this one makes it anew".into()
            }
            LibraryError::Record { .. } => {
                "everything in `work/` can be made again: run the episode again".into()
            }
            LibraryError::Voice { .. } => {
                "delete the file, or move it elsewhere; `linernotes voices learn EPISODE` makes it anew".into()
            }
            LibraryError::NotDiarized { .. } => {
                "`linernotes run EPISODE` first; what was imported has no voices".into()
            }
            LibraryError::NoShow { .. } => {
                "`linernotes new DIR` makes a show; its episodes are folders in it".into()
            }
            LibraryError::NoSuchVoice { .. } => "`linernotes voices list` shows them all".into(),
            LibraryError::NotAnEpisode { .. } => {
                "`linernotes run AUDIO` makes an episode from an audio file".into()
            }
            LibraryError::OtherEpisode { path, .. } => format!(
                "choose another folder with `-o DIR`, or run that episode with `linernotes run {}`",
                path.display()
            ),
            LibraryError::NotRun { path } => {
                format!("run it first, with `linernotes run {}`", path.display())
            }
            LibraryError::OtherTranscript { path, transcript } => format!(
                "choose another folder with `-o DIR`; or change `{}` and run `linernotes run {}`",
                transcript.display(),
                path.display()
            ),
            LibraryError::NoTranscript { transcript, .. } => format!(
                "put `transcript = \"{}\"` into it and run the episode",
                transcript.display()
            ),
            LibraryError::Occupied { .. } => {
                "choose a folder that is empty or does not exist yet".into()
            }
            LibraryError::NotAShow { .. } => "`linernotes new DIR` makes a show".into(),
            LibraryError::SameName { .. } => {
                "rename one: the folder's name is the episode's address on the site".into()
            }
            LibraryError::Busy { .. } => "wait until it ends, or stop it first".into(),
            LibraryError::NoAudio { .. } => {
                "set `audio = \"FILE\"` in it, relative to its folder or absolute".into()
            }
        })
    }

    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> LibraryError {
        let path = path.into();
        move |cause| LibraryError::Io { action, path, cause }
    }
}

fn io_hint(cause: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match cause.kind() {
        ErrorKind::NotFound => "check the path",
        ErrorKind::PermissionDenied => {
            "check the permissions, or choose another folder with `-o DIR`"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "the disk is full: free some space and run again; finished stages are kept"
        }
        ErrorKind::NotADirectory | ErrorKind::IsADirectory => {
            "check that the path names the right kind of file"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "the disk is read-only: choose another folder with `-o DIR`"
        }
        _ => "check the disk and run again; finished stages are kept",
    }
}
