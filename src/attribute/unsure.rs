//! Where a person should check who speaks.

use super::{AttributedWord, Attribution, Conversation};
use crate::speech::SpeakerLabel;
use crate::time::Span;

/// Words whose speaker is worth checking.
#[derive(Debug, Clone, PartialEq)]
pub struct UnsureWords {
    /// From the first to the last.
    pub span: Span,
    /// Whose they were taken to be; `None` where nobody could be said.
    pub label: Option<SpeakerLabel>,
    /// How sure the least sure one is, 0 to 1.
    pub confidence: f32,
    /// The words.
    pub text: String,
}

/// Below this a word's speaker is worth checking.
pub const UNSURE_BELOW: f32 = 0.5;

/// Runs of words whose speaker is unsure or unknown, in order.
pub fn unsure_words(conversation: &Conversation) -> Vec<UnsureWords> {
    let mut found = Vec::new();
    for utterance in &conversation.utterances {
        let label = match &utterance.speaker {
            Attribution::Speaker(label) => Some(label),
            Attribution::Unknown(_) => None,
        };
        let unsure = |word: &AttributedWord| word.speaker_confidence < UNSURE_BELOW;
        for run in utterance.words.chunk_by(|a, b| unsure(a) == unsure(b)) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            if unsure(first) {
                let text: Vec<&str> = run.iter().map(|word| word.word.text.as_str()).collect();
                found.push(UnsureWords {
                    span: Span::at_least_1ms(first.word.span.start(), last.word.span.end()),
                    label: label.cloned(),
                    confidence: run.iter().map(|word| word.speaker_confidence).fold(1.0, f32::min),
                    text: text.join(" "),
                });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{UnknownReason, Utterance};
    use super::*;
    use crate::speech::Word;
    use crate::time::Ms;

    #[test]
    fn runs_of_unsure_words_are_listed_with_whom_they_were_given() {
        let mut at = 0;
        let mut said = |speaker: Attribution, sure: &[f32]| Utterance {
            speaker,
            words: sure
                .iter()
                .map(|&speaker_confidence| {
                    at += 300;
                    let span = Span::at_least_1ms(Ms::new(at - 300), Ms::new(at));
                    AttributedWord {
                        word: Word::new(span, format!("w{at}"), 1.0),
                        speaker_confidence,
                    }
                })
                .collect(),
        };
        let label = SpeakerLabel::from_index(0);
        let utterances = vec![
            said(Attribution::Speaker(label.clone()), &[0.9, 0.3, 0.2, 0.8]),
            said(Attribution::Unknown(UnknownReason::NoTurnNearby), &[0.0]),
        ];
        let conversation = Conversation {
            language: "en".into(),
            duration: Ms::new(9_000),
            utterances,
            sounds: Vec::new(),
        };
        let found = unsure_words(&conversation);
        let got: Vec<(&str, Option<&SpeakerLabel>)> =
            found.iter().map(|run| (run.text.as_str(), run.label.as_ref())).collect();
        assert_eq!(got, [("w600 w900", Some(&label)), ("w1500", None)]);
        assert!((found[0].confidence - 0.2).abs() < 1e-6);
    }
}
