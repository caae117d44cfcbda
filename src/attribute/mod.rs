//! Transcript + diarization -> [`Conversation`]: each word has a speaker or says why it has none.

use serde::{Deserialize, Serialize};

use crate::speech::{SpeakerLabel, Word};
use crate::time::{Ms, Span};

/// The words in order, each with its speaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Language as ISO 639-1.
    pub language: String,
    /// How long the recording plays.
    pub duration: Ms,
    /// Paragraphs in order. Neighbours of one speaker belong to one turn.
    pub utterances: Vec<Utterance>,
    /// Music and other loud stretches without speech.
    pub sounds: Vec<Span>,
}

/// A paragraph: a run of words by one speaker, with its own time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Utterance {
    /// Who speaks.
    pub speaker: Attribution,
    /// The words in order; never empty.
    pub words: Vec<AttributedWord>,
}

impl Utterance {
    /// From the first word's start to the last word's end.
    ///
    /// # Panics
    /// If the utterance has no words, which its constructor rules out.
    pub fn span(&self) -> Span {
        let first = self.words.first().expect("an utterance has words");
        let last = self.words.last().expect("an utterance has words");
        Span::at_least_1ms(first.word.span.start(), last.word.span.end())
    }
}

/// A word and how sure it is that its speaker said it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributedWord {
    /// The word.
    pub word: Word,
    /// How sure the speaker is, 0 to 1.
    pub speaker_confidence: f32,
}

/// The speaker of a paragraph, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribution {
    /// This speaker.
    Speaker(SpeakerLabel),
    /// Nobody can be named.
    Unknown(UnknownReason),
}

/// Why a paragraph has no speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownReason {
    /// No turn is near enough.
    NoTurnNearby,
    /// Several people speak at once and none is clearer.
    Overlap,
}
