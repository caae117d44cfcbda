//! Punctuation and capitals: how well a text is written, where its words are right.
//!
//! Words are aligned without case and signs. Of the pairs that agree it is asked whether a
//! sentence ends there in both, whether a comma stands there in both, and whether the first
//! letters are of the same case. Words that only one text has count for nothing.

use serde::Serialize;

use crate::score::wer::{self, Step};

/// How often two texts of the same words have a sign in the same place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Signs {
    /// In both texts.
    pub both: usize,
    /// Only in what was written.
    pub only_written: usize,
    /// Only in the reference.
    pub only_reference: usize,
}

impl Signs {
    fn count(&mut self, reference: bool, written: bool) {
        match (reference, written) {
            (true, true) => self.both += 1,
            (false, true) => self.only_written += 1,
            (true, false) => self.only_reference += 1,
            (false, false) => {}
        }
    }

    /// Of the signs written, the share that the reference has; 1 where none is written.
    pub fn precision(&self) -> f64 {
        share(self.both, self.both + self.only_written)
    }

    /// Of the signs of the reference, the share that is written; 1 where it has none.
    pub fn recall(&self) -> f64 {
        share(self.both, self.both + self.only_reference)
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        share(2 * self.both, 2 * self.both + self.only_written + self.only_reference)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of words")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// How a text is written, against a reference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Format {
    /// Pairs of words that agree.
    pub pairs: usize,
    /// Full stops, question and exclamation marks.
    pub sentence_ends: Signs,
    /// Commas.
    pub commas: Signs,
    /// Pairs with letters first, and of these those of different case.
    pub cased: usize,
    /// Pairs whose first letters differ in case.
    pub case_errors: usize,
    /// Sentence ends in what was written with a lower-case word behind them.
    pub stops_before_lower_case: usize,
}

impl Format {
    /// Of the pairs with letters first, the share of different case, 0 to 1.
    pub fn case_error_rate(&self) -> f64 {
        if self.cased == 0 { 0.0 } else { share(self.case_errors, self.cased) }
    }
}

/// Compares how `written` and `reference` are written.
///
/// ```
/// use linernotes::score::format::compare;
/// let found = compare("We did. It works.", "We did, it works.");
/// assert_eq!((found.sentence_ends.recall(), found.case_errors), (0.5, 1));
/// ```
pub fn compare(reference: &str, written: &str) -> Format {
    let (reference, written) = (words(reference), words(written));
    let bare = |words: &[&str]| -> Vec<String> { words.iter().map(|word| bare(word)).collect() };
    let mut format = Format::default();
    for step in wer::align(&bare(&reference), &bare(&written)) {
        let Step::Match(said, wrote) = step else { continue };
        let (Some(said), Some(wrote)) = (reference.get(said), written.get(wrote)) else { continue };
        format.pairs += 1;
        format.sentence_ends.count(ends_sentence(said), ends_sentence(wrote));
        format.commas.count(has_comma(said), has_comma(wrote));
        if let (Some(said), Some(wrote)) = (is_capital(said), is_capital(wrote)) {
            format.cased += 1;
            format.case_errors += usize::from(said != wrote);
        }
    }
    format.stops_before_lower_case = written
        .iter()
        .zip(written.iter().skip(1))
        .filter(|(word, next)| ends_sentence(word) && is_capital(next) == Some(false))
        .count();
    format
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).collect()
}

fn bare(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What stands behind a word's last letter or digit.
fn signs(word: &str) -> &str {
    word.rsplit_once(char::is_alphanumeric).map_or(word, |(_, signs)| signs)
}

fn ends_sentence(word: &str) -> bool {
    signs(word).contains(['.', '?', '!', '…'])
}

fn has_comma(word: &str) -> bool {
    signs(word).contains(',')
}

/// Whether a word begins with a capital; `None` for a digit or a letter without case.
fn is_capital(word: &str) -> Option<bool> {
    let first = word.chars().find(|c| c.is_alphanumeric())?;
    (first.is_uppercase() || first.is_lowercase()).then(|| first.is_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_capitals_are_counted_where_words_agree() {
        let found = compare(
            "“Well,” she said. It's 10 to 5! Nobody knew, so we left.",
            "Well she said. its 10 to 5. Nobody, knew so. we went.",
        );
        assert_eq!(found.pairs, 11);
        assert_eq!(found.sentence_ends, Signs { both: 2, only_written: 1, only_reference: 0 });
        assert_eq!(found.commas, Signs { both: 0, only_written: 1, only_reference: 2 });
        assert_eq!((found.cased, found.case_errors), (9, 1));
        assert_eq!(found.stops_before_lower_case, 2);
    }

    #[test]
    fn texts_without_signs_are_alike() {
        let found = compare("", "");
        assert!((found.sentence_ends.f1() - 1.0).abs() < 1e-9 && found.case_error_rate() == 0.0);
    }
}
