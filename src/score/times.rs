//! How far written times are from true ones: the edges of words and of sentences.

use serde::Serialize;

use crate::score::wer::{Step, align};
use crate::speech::Word;
use crate::time::{Ms, Span};

/// A stretch of the reference with its true edges: a sentence, or a single word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedText {
    /// From its first sound to its last.
    pub span: Span,
    /// What is said in it.
    pub text: String,
}

/// Errors of one kind of edge; negative means too early.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct EdgeErrors {
    /// Edges that could be compared.
    pub edges: usize,
    /// Median of the absolute errors, ms.
    pub median_ms: i64,
    /// Nine tenths of the absolute errors are at most this, ms.
    pub p90_ms: i64,
    /// Median of the signed errors, ms.
    pub bias_ms: i64,
}

/// Errors of starts and of ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TimeErrors {
    /// Where the stretches begin.
    pub starts: EdgeErrors,
    /// Where they end.
    pub ends: EdgeErrors,
}

/// Compares the edges of `reference` stretches with those of the words that were written for
/// their first and last words. An edge whose word was not written right is left out.
/// `normalize` turns text into comparable words, as
/// [`normalize::english`](crate::score::normalize::english).
pub fn time_errors(
    reference: &[TimedText],
    words: &[Word],
    normalize: impl Fn(&str) -> Vec<String>,
) -> TimeErrors {
    let mut said = Vec::new();
    let mut stretches = Vec::new();
    for stretch in reference {
        let from = said.len();
        said.extend(normalize(&stretch.text));
        if said.len() > from {
            stretches.push((from, said.len() - 1, stretch.span));
        }
    }
    let mut written = Vec::new();
    let mut owner = Vec::new();
    for (index, word) in words.iter().enumerate() {
        for part in normalize(&word.text) {
            written.push(part);
            owner.push(index);
        }
    }
    let mut matched = vec![None; said.len()];
    for step in align(&said, &written) {
        if let Step::Match(reference, hypothesis) = step
            && let Some(place) = matched.get_mut(reference)
        {
            *place = owner.get(hypothesis).and_then(|index| words.get(*index));
        }
    }
    let error = |word: usize, edge: fn(Span) -> Ms, truth: Span| {
        let word = (*matched.get(word)?)?;
        Some((edge(word.span) - edge(truth)).get())
    };
    TimeErrors {
        starts: edge_errors(
            stretches.iter().filter_map(|(from, _, span)| error(*from, Span::start, *span)),
        ),
        ends: edge_errors(
            stretches.iter().filter_map(|(_, to, span)| error(*to, Span::end, *span)),
        ),
    }
}

fn edge_errors(errors: impl Iterator<Item = i64>) -> EdgeErrors {
    let mut signed: Vec<i64> = errors.collect();
    signed.sort_unstable();
    let mut absolute: Vec<i64> = signed.iter().map(|error| error.abs()).collect();
    absolute.sort_unstable();
    let at = |sorted: &[i64], tenths: usize| {
        sorted.get(sorted.len().saturating_sub(1) * tenths / 10).copied().unwrap_or(0)
    };
    EdgeErrors {
        edges: signed.len(),
        median_ms: at(&absolute, 5),
        p90_ms: at(&absolute, 9),
        bias_ms: at(&signed, 5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::normalize::english;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    #[test]
    fn edges_of_sentences() {
        let reference = [
            TimedText { span: span(0, 1_000), text: "Hello there.".to_owned() },
            TimedText { span: span(2_000, 3_000), text: "I'm well.".to_owned() },
        ];
        let words = [
            Word::new(span(30, 400), "Hello", 0.9),
            Word::new(span(400, 1_100), "there,", 0.9),
            Word::new(span(1_950, 2_500), "I'm", 0.9),
            Word::new(span(2_500, 3_000), "Bill.", 0.9),
        ];
        let errors = time_errors(&reference, &words, english);
        assert_eq!((errors.starts.edges, errors.ends.edges), (2, 1));
        assert_eq!((errors.starts.median_ms, errors.starts.bias_ms), (30, -50));
        assert_eq!(errors.ends.bias_ms, 100);
    }
}
