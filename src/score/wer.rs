//! Word error rate: the fewest substitutions, deletions and insertions that turn what was said
//! into what was written, over the number of words said.

use serde::Serialize;

/// One step of an alignment; indices count words from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Step {
    /// The same word in both.
    Match(usize, usize),
    /// Another word was written.
    Substitution(usize, usize),
    /// A word of the reference is missing.
    Deletion(usize),
    /// A word was written that was not said.
    Insertion(usize),
}

/// Counts of an alignment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WordErrors {
    /// Words of the reference.
    pub reference: usize,
    /// Words that agree.
    pub hits: usize,
    /// Words that differ.
    pub substitutions: usize,
    /// Words that are missing.
    pub deletions: usize,
    /// Words that were not said.
    pub insertions: usize,
}

impl WordErrors {
    /// Counts the steps of an alignment.
    pub fn of(steps: &[Step]) -> WordErrors {
        let mut errors = WordErrors::default();
        for step in steps {
            match step {
                Step::Match(..) => errors.hits += 1,
                Step::Substitution(..) => errors.substitutions += 1,
                Step::Deletion(_) => errors.deletions += 1,
                Step::Insertion(_) => errors.insertions += 1,
            }
        }
        errors.reference = errors.hits + errors.substitutions + errors.deletions;
        errors
    }

    /// Errors of any kind.
    pub fn errors(&self) -> usize {
        self.substitutions + self.deletions + self.insertions
    }

    /// Errors over reference words, 0 and up; without a reference 0, or 1 where words were
    /// written all the same.
    #[expect(clippy::cast_precision_loss, reason = "counts of words")]
    pub fn rate(&self) -> f64 {
        if self.reference == 0 {
            return if self.insertions == 0 { 0.0 } else { 1.0 };
        }
        self.errors() as f64 / self.reference as f64
    }
}

impl std::ops::Add for WordErrors {
    type Output = WordErrors;
    fn add(self, other: WordErrors) -> WordErrors {
        WordErrors {
            reference: self.reference + other.reference,
            hits: self.hits + other.hits,
            substitutions: self.substitutions + other.substitutions,
            deletions: self.deletions + other.deletions,
            insertions: self.insertions + other.insertions,
        }
    }
}

/// Word errors of `hypothesis` against `reference`, both normalised words.
///
/// ```
/// use linernotes::score::wer::word_errors;
/// let errors = word_errors(&["the", "cat", "sat"], &["the", "bat", "sat", "down"]);
/// assert_eq!((errors.substitutions, errors.insertions, errors.deletions), (1, 1, 0));
/// ```
pub fn word_errors(reference: &[impl AsRef<str>], hypothesis: &[impl AsRef<str>]) -> WordErrors {
    WordErrors::of(&align(reference, hypothesis))
}

/// Cells above which the alignment is divided first, so that memory stays at 16 MB.
const MAX_CELLS: usize = 16_000_000;

/// An alignment with the fewest errors, in order. Takes time in proportion to the product of
/// the lengths, memory in proportion to their sum.
pub fn align(reference: &[impl AsRef<str>], hypothesis: &[impl AsRef<str>]) -> Vec<Step> {
    let mut ids = std::collections::HashMap::new();
    let mut intern = |word: &str| {
        let next = ids.len();
        *ids.entry(word.to_owned()).or_insert(next)
    };
    let reference: Vec<usize> = reference.iter().map(|word| intern(word.as_ref())).collect();
    let hypothesis: Vec<usize> = hypothesis.iter().map(|word| intern(word.as_ref())).collect();
    let mut steps = Vec::with_capacity(reference.len().max(hypothesis.len()));
    align_part(&reference, &hypothesis, 0, 0, &mut steps);
    steps
}

/// Aligns two stretches that begin at word `r0` and `h0` (Hirschberg's division above
/// [`MAX_CELLS`]).
fn align_part(
    reference: &[usize],
    hypothesis: &[usize],
    r0: usize,
    h0: usize,
    steps: &mut Vec<Step>,
) {
    let head = reference.iter().zip(hypothesis).take_while(|(a, b)| a == b).count();
    steps.extend((0..head).map(|i| Step::Match(r0 + i, h0 + i)));
    let (reference, hypothesis) = (&reference[head..], &hypothesis[head..]);
    let (r0, h0) = (r0 + head, h0 + head);
    if reference.len() < 2 || (reference.len() + 1) * (hypothesis.len() + 1) <= MAX_CELLS {
        trace(reference, hypothesis, r0, h0, steps);
        return;
    }
    let middle = reference.len() / 2;
    let (left, right) = reference.split_at(middle);
    let before = last_row(left.iter(), &hypothesis.iter(), hypothesis.len());
    let after = last_row(right.iter().rev(), &hypothesis.iter().rev(), hypothesis.len());
    let cut = (0..=hypothesis.len())
        .min_by_key(|cut| before[*cut] + after[hypothesis.len() - cut])
        .unwrap_or(0);
    let (left_h, right_h) = hypothesis.split_at(cut);
    align_part(left, left_h, r0, h0, steps);
    align_part(right, right_h, r0 + middle, h0 + cut, steps);
}

/// The distances of all of `reference` to every beginning of `hypothesis`.
fn last_row<'a>(
    reference: impl Iterator<Item = &'a usize>,
    hypothesis: &(impl Iterator<Item = &'a usize> + Clone),
    length: usize,
) -> Vec<u32> {
    let mut row: Vec<u32> = (0u32..).take(length + 1).collect();
    for said in reference {
        let mut diagonal = row[0];
        row[0] += 1;
        for (column, written) in hypothesis.clone().enumerate() {
            let cost = (diagonal + u32::from(said != written))
                .min(row[column] + 1)
                .min(row[column + 1] + 1);
            diagonal = std::mem::replace(&mut row[column + 1], cost);
        }
    }
    row
}

/// Aligns by the full table of directions.
fn trace(reference: &[usize], hypothesis: &[usize], r0: usize, h0: usize, steps: &mut Vec<Step>) {
    const DIAGONAL: u8 = 0;
    const UP: u8 = 1;
    const LEFT: u8 = 2;
    let width = hypothesis.len() + 1;
    let mut directions = vec![LEFT; width * (reference.len() + 1)];
    let mut row: Vec<u32> = (0u32..).take(width).collect();
    for (r, said) in reference.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] += 1;
        directions[(r + 1) * width] = UP;
        for (h, written) in hypothesis.iter().enumerate() {
            let (mut cost, mut direction) = (diagonal + u32::from(said != written), DIAGONAL);
            if row[h + 1] + 1 < cost {
                (cost, direction) = (row[h + 1] + 1, UP);
            }
            if row[h] + 1 < cost {
                (cost, direction) = (row[h] + 1, LEFT);
            }
            diagonal = std::mem::replace(&mut row[h + 1], cost);
            directions[(r + 1) * width + h + 1] = direction;
        }
    }
    let first = steps.len();
    let (mut r, mut h) = (reference.len(), hypothesis.len());
    while r > 0 || h > 0 {
        match directions[r * width + h] {
            DIAGONAL => {
                (r, h) = (r - 1, h - 1);
                steps.push(if reference[r] == hypothesis[h] {
                    Step::Match(r0 + r, h0 + h)
                } else {
                    Step::Substitution(r0 + r, h0 + h)
                });
            }
            UP => {
                r -= 1;
                steps.push(Step::Deletion(r0 + r));
            }
            _ => {
                h -= 1;
                steps.push(Step::Insertion(h0 + h));
            }
        }
    }
    steps[first..].reverse();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::score::normalize::english;

    /// Sentences with errors, their words and their errors as `whisper-normalizer` and jiwer count.
    #[test]
    fn agrees_with_the_public_scorer() {
        let table = include_str!("wer.tsv");
        let mut wrong = Vec::new();
        for line in table.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let [said, written, words, errors] = fields.as_slice() else { panic!("{line}") };
            let found = word_errors(&english(said), &english(written));
            let ours = (found.reference.to_string(), found.errors().to_string());
            if ours != ((*words).to_owned(), (*errors).to_owned()) {
                wrong.push(format!("{said:?} / {written:?}: {ours:?}, not {words} and {errors}"));
            }
        }
        assert!(table.lines().count() >= 50);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn empty_sides() {
        let none: [&str; 0] = [];
        assert!(word_errors(&none, &none).rate() < 0.01);
        assert!(word_errors(&none, &["a"]).rate() > 0.99);
        assert_eq!(word_errors(&["a", "b"], &none).deletions, 2);
    }

    proptest! {
        #[test]
        fn an_alignment_names_every_word_once_and_is_no_worse_than_the_divided_one(
            a in proptest::collection::vec(0usize..4, 0..40),
            b in proptest::collection::vec(0usize..4, 0..40),
        ) {
            let mut steps = Vec::new();
            trace(&a, &b, 0, 0, &mut steps);
            let (mut r, mut h) = (0, 0);
            for step in &steps {
                match *step {
                    Step::Match(i, j) => { prop_assert_eq!(a[i], b[j]); prop_assert_eq!((i, j), (r, h)); r += 1; h += 1; }
                    Step::Substitution(i, j) => { prop_assert_ne!(a[i], b[j]); prop_assert_eq!((i, j), (r, h)); r += 1; h += 1; }
                    Step::Deletion(i) => { prop_assert_eq!(i, r); r += 1; }
                    Step::Insertion(j) => { prop_assert_eq!(j, h); h += 1; }
                }
            }
            prop_assert_eq!((r, h), (a.len(), b.len()));
            let distance = last_row(a.iter(), &b.iter(), b.len())[b.len()];
            prop_assert_eq!(WordErrors::of(&steps).errors(), distance as usize);
        }
    }
}
