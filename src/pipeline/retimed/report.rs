//! What became of an episode with a new cut of its audio, or why it cannot have it.

use std::path::PathBuf;

use crate::retime::Another;
use crate::retime::written::{Changed, Rewritten};
use crate::stage::Stage;
use crate::time::Span;

/// What became of an episode with a new cut of its audio.
#[derive(Debug)]
pub struct Retimed {
    /// What the new audio has not: stretches of the old one, with their first words.
    pub removed: Vec<(Span, String)>,
    /// What the old audio has not: stretches of the new one, with what was heard in them.
    pub added: Vec<(Span, String)>,
    /// What was written, by file.
    pub written: Vec<(PathBuf, Rewritten)>,
    /// Where the old files are.
    pub before: PathBuf,
}

/// Why an episode cannot have that audio.
#[derive(Debug, thiserror::Error)]
pub enum RetimeError {
    /// The transcript is somebody else's.
    #[error("the transcript of `{}` was imported, and is not the program's to change", path.display())]
    Imported {
        /// The episode.
        path: PathBuf,
    },
    /// It has microphones.
    #[error("`{}` has tracks of its own for its people", path.display())]
    Tracks {
        /// The episode.
        path: PathBuf,
    },
    /// There is nothing to move yet, or it is damaged.
    #[error("`{}` has no finished `{stage}` to move", path.display())]
    NotRun {
        /// The episode.
        path: PathBuf,
        /// The stage.
        stage: Stage,
    },
    /// It is the audio that the episode has.
    #[error("`{}` is the audio that the episode has already, byte for byte", path.display())]
    Same {
        /// The audio.
        path: PathBuf,
    },
    /// It is the audio of something else.
    #[error("`{}` is another recording: {cause}", path.display())]
    Another {
        /// The audio.
        path: PathBuf,
        /// How much both have.
        cause: Another,
    },
    /// A file of a person cannot be moved.
    #[error("`{}` cannot be moved: {message}", path.display())]
    Written {
        /// The file.
        path: PathBuf,
        /// Why.
        message: String,
    },
}

impl RetimeError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            RetimeError::Imported { path } => format!(
                "take out of the transcript what the new audio has not, name the audio in `{}`, and run it",
                path.join("episode.toml").display()
            ),
            RetimeError::Tracks { .. } => {
                "make another episode of the new audio; a mix has no tracks any more".into()
            }
            RetimeError::NotRun { path, .. } => {
                format!("`linernotes run {}` first, with the old audio", path.display())
            }
            RetimeError::Same { .. } => {
                "`linernotes run EPISODE` brings its page up to date, if it is not yet".into()
            }
            RetimeError::Another { .. } => {
                "nothing was changed; `linernotes run` makes an episode of it; a recording at another speed is another one, too".into()
            }
            RetimeError::Written { .. } => "put it right and try again; nothing was changed".into(),
        }
    }
}

impl Retimed {
    /// What became of the episode, in lines.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut tell = |what: &str, stretches: &[(Span, String)]| {
            for (span, words) in stretches {
                let seconds = span.duration().as_seconds();
                let said =
                    if words.is_empty() { String::new() } else { format!(": “{words}”") };
                let (from, to) = (span.start().clock(), span.end().clock());
                lines.push(format!("{what} {from} to {to} ({seconds:.1} s){said}"));
            }
        };
        tell("gone", &self.removed);
        tell("new", &self.added);
        for (path, file) in &self.written {
            let name =
                path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            lines.extend(file.changed.iter().map(|changed| told(&name, changed)));
        }
        lines
    }
}

fn told(file: &str, changed: &Changed) -> String {
    let Changed { line, table, was, now } = changed;
    match now {
        Some(now) => format!("{file}:{line}: `{table}` at {was} is shorter now: {now}"),
        None => format!("{file}:{line}: `{table}` at {was} is a comment now, as its place is gone"),
    }
}
