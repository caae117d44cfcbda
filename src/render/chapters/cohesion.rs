//! How much the words change at a place: what is said before it against what is said after it.

use std::collections::BTreeMap;

use crate::render::said::Sentence;
use crate::render::terms::Stop;

/// How many terms are looked at on each side.
const WINDOW: usize = 60;

/// For each place, given by its first sentence, how deep the likeness of both sides dips there, in
/// standard deviations from the mean of all places.
pub(super) fn depths(starts: &[usize], sentences: &[Sentence<'_>], stop: &Stop) -> Vec<f64> {
    let mut terms: Vec<String> = Vec::new();
    let mut at_sentence = Vec::with_capacity(sentences.len());
    for sentence in sentences {
        at_sentence.push(terms.len());
        terms.extend(stop.terms(sentence.words.iter().copied()));
    }
    let likeness: Vec<f64> = starts
        .iter()
        .map(|start| {
            let at = at_sentence.get(*start).copied().unwrap_or(0);
            let before = terms.get(at.saturating_sub(WINDOW)..at).unwrap_or_default();
            let after = terms.get(at..(at + WINDOW).min(terms.len())).unwrap_or_default();
            cosine(before, after)
        })
        .collect();
    let depths: Vec<f64> = (0..likeness.len()).map(|at| depth(&likeness, at)).collect();
    standardised(&depths)
}

fn counts(terms: &[String]) -> BTreeMap<&str, f64> {
    let mut counts = BTreeMap::new();
    for term in terms {
        *counts.entry(term.as_str()).or_insert(0.0) += 1.0;
    }
    counts
}

fn cosine(a: &[String], b: &[String]) -> f64 {
    let (a, b) = (counts(a), counts(b));
    let product: f64 = a.iter().filter_map(|(term, n)| b.get(term).map(|m| n * m)).sum();
    let length = |side: &BTreeMap<&str, f64>| side.values().map(|n| n * n).sum::<f64>().sqrt();
    let lengths = length(&a) * length(&b);
    if lengths > 0.0 { product / lengths } else { 0.0 }
}

/// How far the likeness rises on both sides before it falls again.
fn depth(likeness: &[f64], at: usize) -> f64 {
    let here = likeness.get(at).copied().unwrap_or(0.0);
    let climb = |side: &mut dyn Iterator<Item = &f64>| {
        let mut top = here;
        for value in side {
            if *value < top {
                break;
            }
            top = *value;
        }
        top - here
    };
    let left = climb(&mut likeness.get(..at).unwrap_or_default().iter().rev());
    let right = climb(&mut likeness.get(at + 1..).unwrap_or_default().iter());
    left + right
}

fn standardised(values: &[f64]) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a transcript has some hundreds of paragraphs")]
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let spread = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count).sqrt();
    values.iter().map(|v| if spread > 0.0 { (v - mean) / spread } else { 0.0 }).collect()
}
