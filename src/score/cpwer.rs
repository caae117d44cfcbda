//! cpWER: word errors where each word also has to be the right person's.
//!
//! Each person's words are strung together; people of the hypothesis are matched to those of the
//! reference one to one so that the errors are fewest. Words of people without a match are all
//! deletions or insertions. The measure of the CHiME-6 challenge (Watanabe and others, 2020).

use std::collections::BTreeMap;

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

use super::wer::{WordErrors, word_errors};

/// The errors with the best matching of people. The words of each person are normalised and in
/// order; [`WordErrors::rate`] of the result is the cpWER.
///
/// ```
/// use linernotes::score::cpwer::speaker_word_errors;
/// let reference = [("Ada".into(), vec!["good", "morning"]), ("Bob".into(), vec!["hello"])].into();
/// let hypothesis = [("x".into(), vec!["hello", "morning"]), ("y".into(), vec!["good"])].into();
/// let errors = speaker_word_errors(&reference, &hypothesis);
/// assert_eq!(errors.errors(), 2);
/// ```
pub fn speaker_word_errors<S: AsRef<str>>(
    reference: &BTreeMap<String, Vec<S>>,
    hypothesis: &BTreeMap<String, Vec<S>>,
) -> WordErrors {
    let nobody: Vec<S> = Vec::new();
    let people = reference.len().max(hypothesis.len());
    if people == 0 {
        return WordErrors::default();
    }
    let row: Vec<&Vec<S>> = padded(reference, &nobody, people);
    let column: Vec<&Vec<S>> = padded(hypothesis, &nobody, people);
    let errors: Vec<Vec<WordErrors>> = row
        .iter()
        .map(|spoken| column.iter().map(|written| word_errors(spoken, written)).collect())
        .collect();
    let costs = Matrix::from_fn(people, people, |(r, h)| {
        i64::try_from(errors[r][h].errors()).unwrap_or(i64::MAX / 1_000_000)
    });
    let (_, columns) = kuhn_munkres_min(&costs);
    columns.into_iter().enumerate().fold(WordErrors::default(), |sum, (r, h)| sum + errors[r][h])
}

/// The words of each person, and nobody's words up to `count`.
fn padded<'a, S>(
    people: &'a BTreeMap<String, Vec<S>>,
    nobody: &'a Vec<S>,
    count: usize,
) -> Vec<&'a Vec<S>> {
    people.values().chain(std::iter::repeat(nobody)).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken<'a>(people: &[(&str, &'a str)]) -> BTreeMap<String, Vec<&'a str>> {
        people
            .iter()
            .map(|&(who, text)| (who.to_owned(), text.split_whitespace().collect()))
            .collect()
    }

    fn check(reference: &[(&str, &str)], hypothesis: &[(&str, &str)], expected: usize) {
        let errors = speaker_word_errors(&spoken(reference), &spoken(hypothesis));
        assert_eq!(errors.errors(), expected, "{reference:?} {hypothesis:?}");
    }

    #[test]
    fn names_do_not_matter_but_people_do() {
        let reference = [("A", "one two three"), ("B", "four five")];
        check(&reference, &[("x", "four five"), ("y", "one two three")], 0);
        // "three" went to the wrong person: missing there, too much here.
        check(&reference, &[("x", "one two"), ("y", "three four five")], 2);
    }

    #[test]
    fn people_too_many_or_too_few_cost_all_their_words() {
        check(&[("A", "one two"), ("B", "three")], &[("x", "one two")], 1);
        check(&[("A", "one two")], &[("x", "one two"), ("y", "oh dear")], 2);
        check(&[], &[("x", "one")], 1);
        check(&[], &[], 0);
    }
}
