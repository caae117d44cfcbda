//! The coverage certificate and the listening budget: what was heard against what was written.

use serde::{Deserialize, Serialize};

use crate::detect::SpeechRegions;
use crate::speech::{Suspicion, Word};
use crate::time::{Ms, Span};
use crate::transcribe::Transcript;
use crate::transcribe::faults::unheard;

/// Speech without words counts from this length on.
const SHORTEST_GAP: Ms = Ms::new(1_500);
/// A listener who checks a word hears this much before and after it.
const LISTENING_MARGIN: Ms = Ms::new(1_000);
/// Words below this probability are worth listening to.
const DOUBTFUL: f32 = 0.5;

/// How much of the speech has words, and how much of the words has speech.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// How long anybody speaks.
    pub speech: Ms,
    /// How much of that lies in words or in the short pauses between them.
    pub covered: Ms,
    /// Words written, suspect ones apart.
    pub words: usize,
    /// Words that are marked as suspect.
    pub suspect_words: usize,
    /// Speech of 1.5 s or longer in which no word is: sorted.
    pub without_words: Vec<Span>,
    /// Words where nobody speaks: sorted.
    pub without_speech: Vec<Span>,
}

impl Coverage {
    /// Whether nothing is missing and nothing is doubtful: the gate of `--strict`.
    pub fn is_complete(&self) -> bool {
        self.without_words.is_empty() && self.without_speech.is_empty() && self.suspect_words == 0
    }
}

impl Coverage {
    /// What a person should know before publishing, in a sentence; `None` where nothing is missing.
    pub fn warning(&self) -> Option<String> {
        let seconds = |spans: &[Span]| {
            spans.iter().fold(Ms::ZERO, |sum, span| sum + span.duration()).as_seconds()
        };
        let first = |spans: &[Span]| spans.first().map_or(Ms::ZERO, |span| span.start()).clock();
        let mut parts = Vec::new();
        if !self.without_words.is_empty() {
            parts.push(format!(
                "{:.1} s of speech without words in {} places, the first at {}",
                seconds(&self.without_words),
                self.without_words.len(),
                first(&self.without_words)
            ));
        }
        if !self.without_speech.is_empty() {
            parts.push(format!(
                "{} words where nobody was heard, the first at {}",
                self.without_speech.len(),
                first(&self.without_speech)
            ));
        }
        if self.suspect_words > 0 {
            parts.push(format!(
                "{} doubtful words, which are kept off the page",
                self.suspect_words
            ));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// Compares speech and words.
pub fn coverage(transcript: &Transcript, regions: &SpeechRegions) -> Coverage {
    let words: Vec<Word> = all_words(transcript).cloned().collect();
    let trusted: Vec<Word> = words.iter().filter(|w| w.suspect.is_none()).cloned().collect();
    let without_words = unheard(&regions.regions, &trusted, SHORTEST_GAP);
    let missing = without_words.iter().fold(Ms::ZERO, |sum, gap| sum + gap.duration());
    let speech = regions.speech();
    let near = Ms::new(300);
    let without_speech = trusted
        .iter()
        .map(|word| word.span)
        .filter(|span| regions.regions.iter().all(|region| region.gap(*span) > near))
        .collect();
    Coverage {
        speech,
        covered: speech - missing,
        words: trusted.len(),
        suspect_words: words.len() - trusted.len(),
        without_words,
        without_speech,
    }
}

/// The words that were written down, without the marks where nobody understood anything.
fn all_words(transcript: &Transcript) -> impl Iterator<Item = &Word> {
    let is_mark =
        |word: &Word| transcript.inaudible.iter().any(|span| span.contains(word.span.middle()));
    let words = transcript.segments.iter().flat_map(|segment| &segment.words);
    words.filter(move |word| !is_mark(word))
}

/// A stretch worth listening to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Doubt {
    /// What to listen to, with a second before and after.
    pub span: Span,
    /// Why.
    pub reason: DoubtReason,
    /// Words that listening is expected to put right.
    pub expected_gain: f32,
}

/// Why a stretch is worth listening to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoubtReason {
    /// Somebody speaks and no word is written.
    SpeechWithoutWords,
    /// Words may have been invented.
    Suspect(Suspicion),
    /// Words are improbable.
    ImprobableWords,
}

impl std::fmt::Display for DoubtReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DoubtReason::SpeechWithoutWords => f.write_str("speech without words"),
            DoubtReason::Suspect(suspicion) => write!(f, "{suspicion}"),
            DoubtReason::ImprobableWords => f.write_str("improbable words"),
        }
    }
}

/// The stretches most worth checking within `budget` of listening, by gain per second, in that
/// order.
pub fn doubts(transcript: &Transcript, regions: &SpeechRegions, budget: Ms) -> Vec<Doubt> {
    let mut found: Vec<Doubt> = Vec::new();
    for gap in coverage(transcript, regions).without_words {
        #[expect(clippy::cast_possible_truncation, reason = "a few words")]
        let gain = (gap.duration().as_seconds() * 2.0) as f32;
        found.push(Doubt {
            span: gap,
            reason: DoubtReason::SpeechWithoutWords,
            expected_gain: gain,
        });
    }
    for word in all_words(transcript) {
        let (reason, gain) = match word.suspect {
            Some(suspicion) => (DoubtReason::Suspect(suspicion), 0.8),
            // what the show's spellings put right is known
            None if word.probability < DOUBTFUL && word.heard.is_none() => {
                (DoubtReason::ImprobableWords, 1.0 - word.probability)
            }
            None => continue,
        };
        match found.last_mut() {
            Some(last) if last.reason == reason && last.span.gap(word.span) < LISTENING_MARGIN => {
                last.span = Span::at_least_1ms(last.span.start(), word.span.end());
                last.expected_gain += gain;
            }
            _ => found.push(Doubt { span: word.span, reason, expected_gain: gain }),
        }
    }
    for doubt in &mut found {
        doubt.span = Span::at_least_1ms(
            (doubt.span.start() - LISTENING_MARGIN).max(Ms::ZERO),
            doubt.span.end() + LISTENING_MARGIN,
        );
    }
    let worth = |doubt: &Doubt| f64::from(doubt.expected_gain) / doubt.span.duration().as_seconds();
    found.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.span.cmp(&b.span)));
    let mut left = budget;
    found.retain(|doubt| {
        let fits = doubt.span.duration() <= left;
        if fits {
            left = left - doubt.span.duration();
        }
        fits
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::{ModelId, Segment};

    fn span(start: i64, end: i64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    fn transcript(words: Vec<Word>) -> Transcript {
        let segment = Segment { span: span(0, 1), words, avg_logprob: -0.2, no_speech_prob: 0.0 };
        Transcript {
            language: "en".to_owned(),
            segments: vec![segment],
            inaudible: Vec::new(),
            recognizer: ModelId { name: "scripted".to_owned(), sha256: "scripted".to_owned() },
            engine: "scripted".to_owned(),
        }
    }

    #[test]
    fn what_is_missing_and_what_is_too_much() {
        let regions = SpeechRegions {
            regions: vec![span(0, 1_000), span(5_000, 9_000)],
            ..SpeechRegions::default()
        };
        let said = transcript(vec![
            Word::new(span(0, 900), "Hello", 0.9),
            Word::new(span(3_000, 3_200), "ghost", 0.9),
        ]);
        let certificate = coverage(&said, &regions);
        assert_eq!(certificate.without_words, [span(5_000, 9_000)]);
        assert_eq!(certificate.without_speech, [span(3_000, 3_200)]);
        assert_eq!((certificate.speech, certificate.covered), (Ms::new(5_000), Ms::new(1_000)));
        assert!(!certificate.is_complete());
    }

    #[test]
    fn a_mark_is_no_word() {
        let regions = SpeechRegions { regions: vec![span(0, 6_000)], ..SpeechRegions::default() };
        let mut said = transcript(vec![
            Word::new(span(0, 2_000), "[inaudible", 0.0),
            Word::new(span(2_000, 4_000), "00:00:00]", 0.0),
            Word::new(span(4_000, 6_000), "Understood.", 0.9),
        ]);
        said.inaudible = vec![span(0, 4_000)];
        let found = coverage(&said, &regions);
        assert_eq!((found.without_words, found.words), (vec![span(0, 4_000)], 1));
        let reasons: Vec<DoubtReason> =
            doubts(&said, &regions, Ms::new(60_000)).iter().map(|doubt| doubt.reason).collect();
        assert_eq!(reasons, [DoubtReason::SpeechWithoutWords]);
    }

    #[test]
    fn doubts_come_by_worth_within_the_budget() {
        let regions = SpeechRegions { regions: vec![span(0, 20_000)], ..SpeechRegions::default() };
        let words = (0..40)
            .map(|n| {
                let p = if n == 10 {
                    0.1
                } else if n == 30 {
                    0.4
                } else {
                    0.95
                };
                Word::new(span(n * 500, n * 500 + 450), "word", p)
            })
            .collect();
        let said = transcript(words);
        let all = doubts(&said, &regions, Ms::new(600_000));
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].span, span(4_000, 6_450));
        assert_eq!(doubts(&said, &regions, Ms::new(3_000)).len(), 1);
        assert!(doubts(&said, &regions, Ms::ZERO).is_empty());
        let mut known = said.clone();
        known.segments[0].words[10].heard = Some("ward".to_owned());
        assert_eq!(doubts(&known, &regions, Ms::new(600_000)).len(), 1);
    }
}
