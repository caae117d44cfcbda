//! Transcript + diarization -> [`Conversation`]: each word has a speaker or says why it has none.
//!
//! Words are assigned to the diarization's turns, then gathered into paragraphs. Nobody is named
//! here ([`names`] only proposes), and no word is changed, left out or moved.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::detect::SpeechRegions;
use crate::diarize::Diarization;
use crate::speech::{SpeakerLabel, Turn, Word};
use crate::time::{Ms, Span};
use crate::transcribe::Transcript;

mod assign;
pub mod names;
mod paragraphs;
mod tracks;
mod unsure;

pub use tracks::attribute_tracks;
pub use unsure::{UNSURE_BELOW, UnsureWords, unsure_words};

/// The words in order, each with its speaker.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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

/// What can be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeSettings {
    /// How far from the nearest turn a word may lie and still have a speaker.
    pub max_gap_ms: i64,
    /// Unknown words between words of one person are that person's where they last at most this
    /// long together.
    pub max_crumb_ms: i64,
    /// A pause that may end a paragraph.
    pub pause_ms: i64,
    /// A pause that ends a paragraph of any length.
    pub scene_pause_ms: i64,
    /// Words from which on a pause may end a paragraph.
    pub min_words: usize,
    /// Words from which on the next sentence's end may end a paragraph, pause or not.
    pub max_words: usize,
    /// How long a paragraph lasts at most, where its sentences allow.
    pub max_paragraph_ms: i64,
}

impl Default for AttributeSettings {
    fn default() -> AttributeSettings {
        AttributeSettings {
            max_gap_ms: 1_000, // word times are rarely off by more
            max_crumb_ms: 3_000,
            pause_ms: 800, // as human transcripts of podcasts have it
            scene_pause_ms: 3_000,
            min_words: 40,
            max_words: 130,
            max_paragraph_ms: 60_000, // a time at least once a minute
        }
    }
}

/// Gives every word to a speaker, once and in order, or says why it has none. `duration` is how
/// long the recording plays.
pub fn attribute(
    transcript: &Transcript,
    diarization: &Diarization,
    regions: &SpeechRegions,
    duration: Ms,
    settings: &AttributeSettings,
) -> Conversation {
    let words: Vec<Word> =
        transcript.segments.iter().flat_map(|segment| segment.words.iter().cloned()).collect();
    let views: Vec<&Word> = words.iter().collect();
    let mut assigned = assign::assign(&views, &diarization.turns, settings);
    assign::doubt(&views, &mut assigned, &diarization.unsure);
    Conversation {
        language: transcript.language.clone(),
        duration,
        utterances: paragraphs::paragraphs(words, assigned, settings),
        sounds: regions.sounds.clone(),
    }
}

/// The voices in the order in which they first speak, those of turns without words last. A voice's place
/// in it, counted from 1, is the number by which it is called until it has a name.
pub fn voices_in_order(conversation: &Conversation, turns: &[Turn]) -> Vec<SpeakerLabel> {
    let mut seen = BTreeSet::new();
    let said = conversation.utterances.iter().filter_map(|utterance| match &utterance.speaker {
        Attribution::Speaker(label) => Some(label),
        Attribution::Unknown(_) => None,
    });
    said.chain(turns.iter().map(|turn| &turn.label))
        .filter(|label| seen.insert((*label).clone()))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::{ModelId, Segment};
    use proptest::prelude::*;

    fn model() -> ModelId {
        ModelId { name: "scripted".into(), sha256: "scripted".into() }
    }

    /// A transcript of words that follow each other with these pauses, and turns that need not fit.
    fn attributed(words: &[(i64, i64)], turns: &[(i64, i64, usize)]) -> Conversation {
        let mut at = 0;
        let words: Vec<Word> = words
            .iter()
            .enumerate()
            .map(|(n, &(pause, length))| {
                let span = Span::at_least_1ms(Ms::new(at + pause), Ms::new(at + pause + length));
                at = span.end().get();
                Word::new(span, if n % 7 == 6 { "end." } else { "word" }, 1.0)
            })
            .collect();
        let mut segments = Vec::new();
        if let (Some(first), Some(last)) = (words.first(), words.last()) {
            let span = Span::at_least_1ms(first.span.start(), last.span.end());
            segments.push(Segment { span, words, avg_logprob: -0.1, no_speech_prob: 0.0 });
        }
        let transcript = Transcript {
            language: "en".into(),
            segments,
            inaudible: Vec::new(),
            recognizer: model(),
            engine: String::new(),
        };
        let mut turns: Vec<Turn> = turns
            .iter()
            .map(|&(start, length, who)| Turn {
                span: Span::at_least_1ms(Ms::new(start), Ms::new(start + length)),
                label: SpeakerLabel::from_index(who),
            })
            .collect();
        turns.sort();
        let diarization = Diarization {
            turns,
            voices: [].into(),
            known: [].into(),
            unsure: [].into(),
            embedder: model(),
        };
        let settings = AttributeSettings::default();
        attribute(&transcript, &diarization, &SpeechRegions::default(), Ms::new(at), &settings)
    }

    proptest! {
        #[test]
        fn every_word_once_and_in_order(
            words in prop::collection::vec((0_i64..2_000, 1_i64..600), 0..200),
            turns in prop::collection::vec((0_i64..60_000, 1_i64..9_000, 0_usize..4), 0..20),
        ) {
            let conversation = attributed(&words, &turns);
            let lengths: Vec<i64> = conversation
                .utterances
                .iter()
                .flat_map(|utterance| &utterance.words)
                .map(|word| word.word.span.duration().get())
                .collect();
            let expected: Vec<i64> = words.iter().map(|&(_, length)| length).collect();
            prop_assert_eq!(lengths, expected);
            prop_assert!(conversation.utterances.iter().all(|utterance| !utterance.words.is_empty()));
            for word in conversation.utterances.iter().flat_map(|utterance| &utterance.words) {
                prop_assert!((0.0..=1.0).contains(&word.speaker_confidence));
            }
        }
    }

    #[test]
    fn nobody_speaks_where_nobody_is_near() {
        let conversation = attributed(&[(0, 300), (100, 300)], &[(60_000, 500, 0)]);
        assert_eq!(conversation.utterances.len(), 1);
        let reason = Attribution::Unknown(UnknownReason::NoTurnNearby);
        assert_eq!(conversation.utterances[0].speaker, reason);
    }
}
