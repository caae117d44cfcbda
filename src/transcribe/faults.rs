//! Finds text that was invented rather than heard: by its structure, its probability, its pace.

use std::io::Write;

use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::times;

/// What is wrong with a chunk's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A phrase repeats without end.
    Loop,
    /// The text compresses too well.
    Compression,
    /// The words are improbable.
    LowProbability,
    /// More words than the time allows.
    TooFast,
    /// Speech is heard, but hardly a word is written.
    Sparse,
    /// A long text without a single capital or mark, where the language has them.
    Unpunctuated,
}

/// Text that compresses better than this repeats itself. Whisper's own limit.
const MAX_COMPRESSION: f64 = 2.4;
/// Whisper's own limit of the mean log-probability.
const MIN_AVG_LOGPROB: f32 = -1.0;
/// The fastest speakers reach six or seven words a second for a moment.
const MAX_WORDS_PER_SECOND: f64 = 8.0;
/// Words whose letters need this many times the speech that there is were not said.
const MAX_HASTE: f64 = 2.3;
/// Slower than the slowest reading aloud.
const MIN_WORDS_PER_SECOND: f64 = 0.4;
/// Below this much speech the pace says nothing.
const MIN_SPEECH_FOR_PACE: Ms = Ms::new(3_000);
/// A text of this many words has a capital or a full stop.
const MIN_WORDS_FOR_PUNCTUATION: usize = 25;

/// All faults of one chunk's words, sorted; `speech` is how long anybody speaks in it.
pub(crate) fn find(words: &[Word], avg_logprob: f32, speech: Ms) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !loops(words).is_empty() {
        faults.push(Fault::Loop);
    }
    if compression(words) > MAX_COMPRESSION {
        faults.push(Fault::Compression);
    }
    if avg_logprob < MIN_AVG_LOGPROB && !words.is_empty() {
        faults.push(Fault::LowProbability);
    }
    let seconds = speech.as_seconds().max(0.001);
    let spaced = words.iter().filter(|word| !word.glued).count();
    #[expect(clippy::cast_precision_loss, reason = "a few hundred words")]
    let pace = spaced as f64 / seconds;
    let needed = times::expected_of(words);
    let hasty = words.len() > 3 && needed > seconds * 1_000.0 * MAX_HASTE;
    if hasty || spaced > 6 && pace > MAX_WORDS_PER_SECOND {
        faults.push(Fault::TooFast);
    }
    if speech >= MIN_SPEECH_FOR_PACE && spaced == words.len() && pace < MIN_WORDS_PER_SECOND {
        faults.push(Fault::Sparse);
    }
    if unpunctuated(words) {
        faults.push(Fault::Unpunctuated);
    }
    faults
}

/// Words as they are compared: lower case, letters and digits alone.
pub(crate) fn bare(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| bare_word(&word.text)).collect()
}

fn bare_word(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Stretches in which a phrase of one to eight words follows itself again and again: index
/// ranges of the repetitions, without the phrase's first time.
pub(crate) fn loops(words: &[Word]) -> Vec<std::ops::Range<usize>> {
    let texts = bare(words);
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    let mut at = 0;
    while at < texts.len() {
        let longest = (1..=8)
            .filter_map(|length| {
                let again = texts[at..]
                    .iter()
                    .zip(texts.get(at + length..)?)
                    .take_while(|(a, b)| a == b)
                    .count()
                    / length;
                // "No, no, no, no" is speech; a phrase said five times on end is not.
                let least = if length == 1 { 5 } else { 3 };
                (again >= least).then_some((at + length, at + length * (again + 1)))
            })
            .max_by_key(|(_, end)| *end);
        if let Some((start, end)) = longest {
            found.push(start..end);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

/// The text's length over its compressed length; 1 for short texts, which tell nothing.
#[expect(clippy::cast_precision_loss, reason = "lengths of a few kilobytes")]
fn compression(words: &[Word]) -> f64 {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let text = texts.join(" ");
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let compressed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    match compressed {
        Ok(bytes) if text.len() > 80 => text.len() as f64 / bytes.len().max(1) as f64,
        _ => 1.0,
    }
}

/// Whether a long text in a script with capitals has neither capitals nor marks.
fn unpunctuated(words: &[Word]) -> bool {
    let cased = words.iter().any(|word| word.text.chars().any(char::is_lowercase));
    words.len() >= MIN_WORDS_FOR_PUNCTUATION
        && cased
        && !words.iter().any(Word::ends_sentence)
        && !words.iter().any(|word| word.text.ends_with(','))
}

/// Stretches of speech, `shortest` or longer, in which no word is.
pub(crate) fn unheard(speech: &[Span], words: &[Word], shortest: Ms) -> Vec<Span> {
    let mut gaps = Vec::new();
    for region in speech {
        let mut at = region.start();
        for word in words {
            let covered = word.span.start() + longest_plausible(word);
            if word.span.end() <= at || word.span.start() >= region.end() {
                continue;
            }
            gaps.extend(Span::new(at, word.span.start().min(region.end())));
            at = at.max(word.span.end().min(covered));
        }
        gaps.extend(Span::new(at, region.end()));
    }
    gaps.retain(|gap| gap.duration() >= shortest);
    gaps
}

/// No word takes longer than this; what is beyond is taken for something unheard.
fn longest_plausible(word: &Word) -> Ms {
    let letters = i64::try_from(word.text.chars().count()).unwrap_or(i64::MAX);
    Ms::new(letters.saturating_mul(150).saturating_add(900))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        text.split_whitespace()
            .zip(0i64..)
            .map(|(word, n)| {
                let span = Span::at_least_1ms(Ms::new(n * 300), Ms::new(n * 300 + 280));
                Word::new(span, word, 0.9)
            })
            .collect()
    }

    #[test]
    fn a_phrase_without_end_is_a_loop_and_emphasis_is_not() {
        let said = words("So thank you. Thank you. Thank you. Thank you. Thank you. Bye.");
        assert_eq!(loops(&said), vec![3..11]);
        assert!(loops(&words("No, no, no, no, that is very, very good.")).is_empty());
    }

    #[test]
    fn ordinary_speech_has_no_fault() {
        let said = words("We moved the service to another data centre in May, and nobody noticed.");
        assert_eq!(find(&said, -0.3, Ms::new(4_500)), []);
    }

    #[test]
    fn pace_and_probability() {
        let said = words("one two three four five six seven eight nine ten.");
        assert_eq!(find(&said, -0.3, Ms::new(1_000)), [Fault::TooFast]);
        let (farewell, answer) = (words("Thank you for watching."), words("I don't know."));
        assert_eq!(find(&farewell, -0.4, Ms::new(600)), [Fault::TooFast]);
        assert_eq!(find(&answer, -0.4, Ms::new(450)), []);
        assert_eq!(find(&said[..2], -1.5, Ms::new(9_000)), [Fault::LowProbability, Fault::Sparse]);
    }

    #[test]
    fn lost_punctuation_is_seen() {
        let said = words(&"and then we went on with it for a while ".repeat(2));
        let mut longer = said.clone();
        longer.extend(words("because nobody told us to stop or gave us any other work to do"));
        assert!(find(&longer, -0.3, Ms::new(12_000)).contains(&Fault::Unpunctuated));
    }

    #[test]
    fn speech_without_words_is_found() {
        let region = Span::new(Ms::ZERO, Ms::new(10_000)).unwrap();
        let gaps = unheard(&[region], &words("one two three"), Ms::new(2_000));
        assert_eq!(gaps, vec![Span::new(Ms::new(880), Ms::new(10_000)).unwrap()]);
    }
}
