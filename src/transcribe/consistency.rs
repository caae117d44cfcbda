//! One name, one spelling in an episode: what the recognizer wrote in two ways is written in one.
//!
//! No list is needed: a name is a word that mostly has a capital letter inside sentences. Where it
//! also stands as two words (`base camp` beside `Basecamp`), it is joined; where a doubtful word
//! sounds and nearly looks like a name that is written far more often, it takes that spelling.
//! What was heard is kept as the glossary keeps it, so that every change can be undone.

use std::collections::BTreeMap;

use crate::speech::Word;
use crate::transcribe::Transcript;
use crate::transcribe::glossary::{DOUBT, Entry, bare, distance, rewrite, sounds, stem};

/// A name is written at least so often with a capital letter inside a sentence.
const MIN_CAPITALS: usize = 2;
/// A spelling gives way to one that is written this many times as often.
const MAJORITY: usize = 3;
/// Shorter words sound like too many others.
const MIN_LETTERS: usize = 5;
/// Letters by which two spellings of a name may differ.
const MAX_DISTANCE: usize = 2;

/// How often a word is written, and how.
#[derive(Debug, Default)]
struct Uses {
    /// All of them.
    count: usize,
    /// With a capital letter inside a sentence.
    capitals: usize,
    /// In lower case.
    lower: usize,
    /// By spelling.
    spellings: BTreeMap<String, usize>,
}

impl Uses {
    fn is_name(&self) -> bool {
        self.capitals >= MIN_CAPITALS && self.capitals > self.lower
    }

    /// The most frequent spelling.
    fn spelling(&self) -> Option<Entry> {
        let (spelling, _) = self.spellings.iter().max_by_key(|(_, count)| **count)?;
        Some(Entry::new(spelling))
    }
}

/// Makes the spelling of names the same throughout; returns how many places were changed.
pub fn unify(transcript: &mut Transcript) -> usize {
    let uses = count(transcript);
    let names: BTreeMap<&str, Entry> = uses
        .iter()
        .filter(|(_, uses)| uses.is_name())
        .filter_map(|(word, uses)| Some((word.as_str(), uses.spelling()?)))
        .collect();
    if names.is_empty() {
        return 0;
    }
    let mut changes = 0;
    for segment in &mut transcript.segments {
        let mut at = 0;
        while at < segment.words.len() {
            let found = joined(&segment.words, at, &names, &uses)
                .or_else(|| alike(segment.words.get(at)?, &names, &uses).map(|name| (1, name)));
            if let Some((length, name)) = found {
                let (words, changed) = rewrite(&segment.words[at..at + length], name);
                if changed {
                    segment.words.splice(at..at + length, words);
                    changes += 1;
                }
            }
            at += 1;
        }
    }
    changes
}

fn count(transcript: &Transcript) -> BTreeMap<String, Uses> {
    let mut all: BTreeMap<String, Uses> = BTreeMap::new();
    for segment in &transcript.segments {
        let mut inside = false;
        for word in &segment.words {
            let text = stem(&word.text).0.trim_start_matches(|c: char| !c.is_alphanumeric());
            let uses = all.entry(bare(text)).or_default();
            uses.count += 1;
            match text.chars().next() {
                Some(letter) if letter.is_lowercase() => uses.lower += 1,
                Some(letter) if letter.is_uppercase() && inside => uses.capitals += 1,
                _ => {}
            }
            if text.chars().next().is_some_and(char::is_uppercase) {
                *uses.spellings.entry(text.to_owned()).or_default() += 1;
            }
            inside = !word.ends_sentence();
        }
    }
    all
}

/// A name that stands here as two words.
fn joined<'n>(
    words: &[Word],
    at: usize,
    names: &'n BTreeMap<&str, Entry>,
    uses: &BTreeMap<String, Uses>,
) -> Option<(usize, &'n Entry)> {
    let [first, second] = words.get(at..at + 2)? else { return None };
    let marked = !first.text.ends_with(char::is_alphanumeric);
    let (left, right) = (bare(&first.text), bare(stem(&second.text).0));
    if marked || left.len() < 2 || right.len() < 2 {
        return None;
    }
    let whole = left + &right;
    let name = names.get(whole.as_str())?;
    // Written in two words as often as in one, it may be meant so.
    let apart =
        words.windows(2).filter(|pair| bare(&pair[0].text) + &bare(stem(&pair[1].text).0) == whole);
    let together = uses.get(&whole).map_or(0, |uses| uses.count);
    (apart.count() <= together).then_some((2, name))
}

/// A far more frequent name that a doubtful word sounds and looks like.
fn alike<'n>(
    word: &Word,
    names: &'n BTreeMap<&str, Entry>,
    uses: &BTreeMap<String, Uses>,
) -> Option<&'n Entry> {
    let text = bare(stem(&word.text).0);
    let capital = word.text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase);
    if word.probability >= DOUBT || !capital || word.heard.is_some() || text.len() < MIN_LETTERS {
        return None;
    }
    let own = uses.get(&text).map_or(1, |uses| uses.count);
    let key = sounds(&text);
    names
        .iter()
        .filter(|(name, _)| **name != text && name.len() >= MIN_LETTERS && sounds(name) == key)
        .filter(|(name, _)| distance(name, &text) <= MAX_DISTANCE)
        .filter(|(name, _)| uses.get(**name).is_some_and(|uses| uses.count >= own * MAJORITY))
        .max_by_key(|(name, _)| uses.get(**name).map(|uses| uses.count))
        .map(|(_, entry)| entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::{ModelId, Segment};
    use crate::time::{Ms, Span};

    fn unified(text: &str, doubtful: &[&str]) -> String {
        let words: Vec<Word> = text
            .split_whitespace()
            .zip(0i64..)
            .map(|(word, n)| {
                let span = Span::at_least_1ms(Ms::new(n * 300), Ms::new(n * 300 + 280));
                let doubt = doubtful.contains(&word.trim_matches(|c: char| !c.is_alphanumeric()));
                Word::new(span, word, if doubt { 0.4 } else { 0.95 })
            })
            .collect();
        let span = Span::at_least_1ms(Ms::ZERO, Ms::new(1));
        let segment = Segment { span, words, avg_logprob: -0.1, no_speech_prob: 0.0 };
        let mut transcript = Transcript {
            language: "en".to_owned(),
            segments: vec![segment],
            inaudible: Vec::new(),
            recognizer: ModelId { name: "scripted".to_owned(), sha256: "scripted".to_owned() },
            engine: "scripted".to_owned(),
        };
        unify(&mut transcript);
        let words = &transcript.segments[0].words;
        words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_name_in_two_words_is_joined() {
        assert_eq!(
            unified(
                "At Lanternbay and in Lanternbay. The lantern bay's crew left lantern bay.",
                &[]
            ),
            "At Lanternbay and in Lanternbay. The Lanternbay's crew left Lanternbay."
        );
    }

    #[test]
    fn ordinary_words_stay_as_they_are() {
        for text in [
            "She may go any more in May and in May, not anymore. We may stay. They may.",
            "It comes every day. The everyday work. An everyday thing.",
            "The Lantern, Bay and Lanternbay of Lanternbay stay.",
        ] {
            assert_eq!(unified(text, &[]), text);
        }
    }

    #[test]
    fn a_doubtful_spelling_gives_way_to_the_usual_one() {
        let text = "With Harlan and Harlan and Harlan came Harlen and Marlen.";
        assert_eq!(
            unified(text, &["Harlen", "Marlen"]),
            "With Harlan and Harlan and Harlan came Harlan and Marlen."
        );
        assert_eq!(unified(text, &[]), text);
    }
}
