//! How much the words change at a place: what is said before it against what is said after it.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::sentences::Sentence;
use crate::draft::terms::Stop;

/// How many terms are compared on each side.
const WINDOW: usize = 60;
/// Within how many terms a new one has to come back, and was not said before.
const REACH: usize = 150;
/// How often.
const TIMES: usize = 3;

/// The words around each place of an episode.
pub(super) struct Cohesion {
    /// How deep the likeness of both sides dips at each place, in standard deviations from the mean.
    depths: Vec<f64>,
    /// How many terms of each place's paragraph are new there and come back.
    rising: Vec<usize>,
}

impl Cohesion {
    /// Of places that are given by their first sentences.
    pub(super) fn of(starts: &[usize], sentences: &[Sentence<'_>], stop: &Stop) -> Cohesion {
        let mut terms: Vec<String> = Vec::new();
        let mut at_sentence = Vec::with_capacity(sentences.len());
        for sentence in sentences {
            at_sentence.push(terms.len());
            terms.extend(stop.terms(sentence.words.iter().copied()));
        }
        let place = |index: usize| {
            let start = starts.get(index);
            start.and_then(|start| at_sentence.get(*start)).copied().unwrap_or(terms.len())
        };
        let around = |at: usize, reach: usize| {
            let before = terms.get(at.saturating_sub(reach)..at).unwrap_or_default();
            let after = terms.get(at..(at + reach).min(terms.len())).unwrap_or_default();
            (before, after)
        };
        let likeness: Vec<f64> = (0..starts.len())
            .map(|index| {
                let (before, after) = around(place(index), WINDOW);
                cosine(before, after)
            })
            .collect();
        let rising = (0..starts.len())
            .map(|index| {
                let (from, to) = (place(index), place(index + 1));
                let (before, after) = around(from, REACH);
                let own: BTreeSet<&String> =
                    terms.get(from..to).unwrap_or_default().iter().collect();
                let is_new = |term: &&String| {
                    !before.contains(term) && after.iter().filter(|t| t == term).count() >= TIMES
                };
                own.into_iter().filter(is_new).count()
            })
            .collect();
        let depths: Vec<f64> = (0..likeness.len()).map(|at| depth(&likeness, at)).collect();
        Cohesion { depths: standardised(&depths), rising }
    }

    /// How deep the likeness dips at a place.
    pub(super) fn depth(&self, place: usize) -> f64 {
        self.depths.get(place).copied().unwrap_or_default()
    }

    /// How many terms rise at a place.
    pub(super) fn rising(&self, place: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most the words of a paragraph")]
        self.rising.get(place).map_or(0.0, |count| *count as f64)
    }
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
