//! Which words say what a stretch is about: words that most of the episode has say little, words
//! that come back in one place say much.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::words::STOP;

/// The words of a language, or of one episode, that say little.
#[derive(Debug, Clone)]
pub(crate) struct Stop(BTreeSet<String>);

impl Stop {
    /// English ones, and those that stand in most of `stretches`, whatever the language.
    pub(crate) fn of(stretches: &[Vec<&str>]) -> Stop {
        let mut stop: BTreeSet<String> = STOP.split_whitespace().map(str::to_owned).collect();
        if stretches.len() >= 12 {
            let mut count: BTreeMap<String, usize> = BTreeMap::new();
            for stretch in stretches {
                let distinct: BTreeSet<String> = stretch.iter().map(|word| folded(word)).collect();
                for word in distinct {
                    *count.entry(word).or_default() += 1;
                }
            }
            let most = stretches.len() * 2 / 5;
            stop.extend(count.into_iter().filter(|(_, n)| *n > most).map(|(word, _)| word));
        }
        Stop(stop)
    }

    /// Whether the word says little of its own.
    pub(crate) fn holds(&self, word: &str) -> bool {
        let word = folded(word);
        word.chars().count() < 3 || self.0.contains(&word) || !word.contains(char::is_alphabetic)
    }

    /// What the word is about, so that “records” and “record” are one; `None` where it says little.
    pub(crate) fn term(&self, word: &str) -> Option<String> {
        (!self.holds(word)).then(|| stem(&folded(word)))
    }

    /// The terms of some words, in order.
    pub(crate) fn terms<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        words.into_iter().filter_map(|word| self.term(word)).collect()
    }
}

/// A word in lower case, letters and digits alone.
pub(crate) fn folded(word: &str) -> String {
    let word = word.to_lowercase();
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    let word = word.strip_suffix("’s").or_else(|| word.strip_suffix("'s")).unwrap_or(word);
    word.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn stem(word: &str) -> String {
    let long = word.chars().count() > 4;
    match word.strip_suffix("ies") {
        Some(start) if long => format!("{start}y"),
        _ if long && word.ends_with('s') && !word.ends_with("ss") => {
            word.trim_end_matches('s').to_owned()
        }
        _ => word.to_owned(),
    }
}

/// How much each term says, by how often it stands in how few of the stretches.
pub(crate) fn weights(stretches: &[Vec<String>]) -> BTreeMap<&str, f64> {
    let mut all: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for stretch in stretches {
        let mut seen = BTreeSet::new();
        for term in stretch {
            let entry = all.entry(term).or_default();
            entry.0 += 1.0;
            if seen.insert(term) {
                entry.1 += 1.0;
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a transcript has far fewer stretches")]
    let count = stretches.len() as f64;
    all.into_iter()
        .map(|(term, (often, within))| (term, (1.0 + often).ln() * (1.0 + count / within).ln()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_what_a_sentence_is_about() {
        let stop = Stop::of(&[]);
        let words = ["And", "then,", "the", "book’s", "records", "don’t", "lie."];
        assert_eq!(stop.terms(words), ["book", "record", "lie"]);
    }

    #[test]
    fn what_comes_back_in_one_place_weighs_most() {
        let stretches = [vec!["tide", "tide", "sea"], vec!["sea"], vec!["sea", "rope"]]
            .map(|words| words.into_iter().map(str::to_owned).collect::<Vec<_>>());
        let weights = weights(&stretches);
        assert!(weights["tide"] > weights["rope"] && weights["rope"] > 0.0);
        assert!(weights["tide"] > weights["sea"]);
    }
}
