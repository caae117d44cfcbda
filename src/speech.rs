//! The nouns that the stages share: words, segments, turns, labels and names. No algorithms.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::{Ms, Span};

/// Which weights made a record: the register's name and the sha256 of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelId {
    /// The name in the register, or the file's name for a model from elsewhere.
    pub name: String,
    /// Lower-case hexadecimal sha256 of the weights file; `scripted` for a double in tests.
    pub sha256: String,
}

/// A spoken word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// From the word's first sound to its last.
    pub span: Span,
    /// The word as it is written, with its punctuation and without white space around it.
    pub text: String,
    /// True where no space stands between this word and the one before it (Chinese, `-based`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub glued: bool,
    /// How sure the recognizer was, 0 to 1.
    pub probability: f32,
    /// Why the word may have been invented; such words stay in the record and off the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspect: Option<Suspicion>,
    /// Set on fillers, false starts and repetitions; the clean view hides them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disfluency: Option<Disfluency>,
    /// What the recognizer wrote, where the glossary or a person changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_false(value: &bool) -> bool {
    !*value
}

impl Word {
    /// A word with nothing to say against it.
    pub fn new(span: Span, text: impl Into<String>, probability: f32) -> Word {
        Word {
            span,
            text: text.into(),
            glued: false,
            probability,
            suspect: None,
            disfluency: None,
            heard: None,
        }
    }

    /// Whether a sentence ends with this word: `.`, `?`, `!` or `…`, quotes and brackets apart.
    pub fn ends_sentence(&self) -> bool {
        let bare = self.text.trim_end_matches(['"', '\'', '”', '’', ')', ']', '»']);
        bare.ends_with(['.', '?', '!', '…', '。', '？', '！'])
    }
}

/// Why a word may not have been said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suspicion {
    /// It is part of a phrase that repeats without end.
    Loop,
    /// The chunk's text compresses too well to be speech.
    Compression,
    /// The chunk's words were improbable, also after decoding again.
    LowProbability,
    /// It lies where nobody speaks.
    OutsideSpeech,
    /// More words than anybody can say in the time.
    TooFast,
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Suspicion::Loop => "a phrase that repeats without end",
            Suspicion::Compression => "text that compresses too well to be speech",
            Suspicion::LowProbability => "improbable words",
            Suspicion::OutsideSpeech => "words where nobody speaks",
            Suspicion::TooFast => "more words than the time allows",
        })
    }
}

/// What makes a word one that a clean reading leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disfluency {
    /// Um, uh, er.
    Filler,
    /// A word that is broken off and begun again.
    FalseStart,
    /// A word said twice by accident.
    Repetition,
}

/// The recognizer's unit: words decoded together, sorted by start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// From the first word's start to the last word's end.
    pub span: Span,
    /// The words, sorted by start; never empty.
    pub words: Vec<Word>,
    /// Mean natural logarithm of the token probabilities, at most 0.
    pub avg_logprob: f32,
    /// The recognizer's probability that nobody speaks, 0 to 1.
    pub no_speech_prob: f32,
}

/// A speaker as the machine knows one: `SPEAKER_00`, anonymous, valid within one episode.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SpeakerLabel(pub String);

impl SpeakerLabel {
    /// The label of the speaker with that index, counted from 0.
    pub fn from_index(index: usize) -> SpeakerLabel {
        SpeakerLabel(format!("SPEAKER_{index:02}"))
    }
}

impl fmt::Display for SpeakerLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A speaker as people know one: `Shaun`. Only the edit stage turns a label into a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SpeakerName(pub String);

impl SpeakerName {
    /// Whether it is one that the machine gives to a voice, as `Speaker 2`.
    pub fn is_numbered(&self) -> bool {
        let number = self.0.strip_prefix("Speaker ").or_else(|| self.0.strip_prefix("SPEAKER_"));
        number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    }
}

impl fmt::Display for SpeakerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who speaks, as the page has it: somebody with a name, or a voice that has none yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// Somebody whose name is known.
    Named(SpeakerName),
    /// The voice that is the so manieth to speak, counted from 1.
    Numbered(u32),
}

impl Speaker {
    /// The number of a voice that is called `Speaker 2`, by whoever writes it.
    pub fn number_in(text: &str) -> Option<u32> {
        let (word, number) = text.trim().split_once(' ')?;
        word.eq_ignore_ascii_case("speaker").then(|| number.trim().parse().ok())?
    }
}

impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Speaker::Named(name) => name.fmt(f),
            Speaker::Numbered(number) => write!(f, "Speaker {number}"),
        }
    }
}

/// One stretch of speech by one speaker.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Turn {
    /// When.
    pub span: Span,
    /// Who.
    pub label: SpeakerLabel,
}

/// A titled point in the episode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chapter {
    /// Where it begins.
    pub start: Ms,
    /// Its title; empty where the file had none.
    pub title: String,
    /// A page that belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
