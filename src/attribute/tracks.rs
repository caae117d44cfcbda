//! One microphone a person: the words of all tracks as one conversation.
//!
//! Whose a word is needs no finding out. What people say at once stands one after the other, a
//! sentence or a run of words at a time, in the order in which they begin.

use super::assign::Assignment;
use super::{AttributeSettings, Attribution, Conversation, paragraphs};
use crate::detect::SpeechRegions;
use crate::speech::{SpeakerLabel, Word};
use crate::time::Ms;
use crate::transcribe::Transcript;

/// A pause within one person's words at which others may come in.
const PAUSE: Ms = Ms::new(500);

/// The conversation of the tracks' words, each with the label of its track.
pub fn attribute_tracks(
    tracks: Vec<(SpeakerLabel, Transcript)>,
    regions: &SpeechRegions,
    duration: Ms,
    settings: &AttributeSettings,
) -> Conversation {
    let language = tracks.first().map_or_else(String::new, |(_, first)| first.language.clone());
    let mut runs: Vec<(SpeakerLabel, Vec<Word>)> = Vec::new();
    for (label, transcript) in tracks {
        let words = transcript.segments.into_iter().flat_map(|segment| segment.words);
        runs.extend(runs_of(words).into_iter().map(|run| (label.clone(), run)));
    }
    runs.sort_by(|(label_a, a), (label_b, b)| {
        let start = |run: &[Word]| run.first().map(|word| word.span.start());
        start(a).cmp(&start(b)).then_with(|| label_a.cmp(label_b))
    });
    let (mut words, mut assigned) = (Vec::new(), Vec::new());
    for (label, run) in runs {
        let own = Assignment { speaker: Attribution::Speaker(label), confidence: 1.0 };
        assigned.extend(std::iter::repeat_n(own, run.len()));
        words.extend(run);
    }
    let utterances = paragraphs::paragraphs(words, assigned, settings);
    Conversation { language, duration, utterances, sounds: regions.sounds.clone() }
}

/// One person's words, parted after sentences and at pauses.
fn runs_of(words: impl Iterator<Item = Word>) -> Vec<Vec<Word>> {
    let mut runs: Vec<Vec<Word>> = Vec::new();
    for word in words {
        match runs.last_mut() {
            Some(run)
                if run.last().is_some_and(|last| {
                    !last.ends_sentence() && word.span.start() - last.span.end() < PAUSE
                }) =>
            {
                run.push(word);
            }
            _ => runs.push(vec![word]),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::{ModelId, Segment};
    use crate::time::Span;

    /// A track's transcript: words of 300 ms from a time on.
    fn track(who: usize, parts: &[(i64, &str)]) -> (SpeakerLabel, Transcript) {
        let segments = parts
            .iter()
            .map(|&(start, text)| {
                let words: Vec<Word> = text
                    .split_whitespace()
                    .zip(0..)
                    .map(|(text, n)| {
                        let at = Ms::new(start + n * 300);
                        Word::new(Span::at_least_1ms(at, at + Ms::new(280)), text, 1.0)
                    })
                    .collect();
                let span = Span::at_least_1ms(Ms::new(start), words[words.len() - 1].span.end());
                Segment { span, words, avg_logprob: -0.1, no_speech_prob: 0.0 }
            })
            .collect();
        let recognizer = ModelId { name: "scripted".into(), sha256: "scripted".into() };
        (
            SpeakerLabel::from_index(who),
            Transcript {
                language: "en".into(),
                segments,
                inaudible: Vec::new(),
                recognizer,
                engine: String::new(),
            },
        )
    }

    fn check(tracks: &[(usize, &[(i64, &str)])], expected: &[&str]) {
        let tracks = tracks.iter().map(|&(who, parts)| track(who, parts)).collect();
        let settings = AttributeSettings::default();
        let regions = SpeechRegions::default();
        let conversation = attribute_tracks(tracks, &regions, Ms::new(60_000), &settings);
        let lines: Vec<String> = conversation
            .utterances
            .iter()
            .map(|utterance| {
                let Attribution::Speaker(label) = &utterance.speaker else { unreachable!() };
                let words: Vec<&str> = utterance.words.iter().map(|w| &*w.word.text).collect();
                format!("{}: {}", &label.0[9..], words.join(" "))
            })
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn what_is_said_at_once_stands_one_after_the_other() {
        check(
            &[(0, &[(0, "I went there. And then I came back.")]), (1, &[(1_100, "Yes, yes.")])],
            &["0: I went there. And then I came back.", "1: Yes, yes."],
        );
        check(
            &[(0, &[(0, "I went there. And then I came back.")]), (1, &[(700, "Yes, yes.")])],
            &["0: I went there.", "1: Yes, yes.", "0: And then I came back."],
        );
    }

    #[test]
    fn nobody_and_one_are_no_trouble() {
        check(&[], &[]);
        check(&[(0, &[]), (1, &[(0, "Hello.")])], &["1: Hello."]);
    }
}
