//! Sentences worth showing large, and stretches worth sharing: candidates, from which a person
//! chooses.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::addresses::lost_after;
use crate::draft::sentences::Sentence;
use crate::draft::summary::{is_about_the_show, paragraphs, stands_alone};
use crate::draft::terms::{Stop, weights};
use crate::draft::words::GENERAL;
use crate::library::stated::Stated;
use crate::time::{Ms, Span};

/// How many candidates are given at most.
const QUOTES: usize = 5;
/// Candidates lie at least this far apart.
const APART: Ms = Ms::new(45_000);
/// A stretch to share is at least and at most so long; the podcast namespace takes 15 to 120 s.
const SHORTEST: Ms = Ms::new(15_000);
const LONGEST: Ms = Ms::new(60_000);

/// A sentence or two that may stand alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// When it is said.
    pub span: Span,
    /// Who says it.
    pub speaker: Option<String>,
    /// The sentence.
    pub text: String,
    /// The stretch around it that may be shared, where there is one by the same speaker.
    pub soundbite: Option<Span>,
}

/// The candidates in the order in which they were said.
pub(crate) fn quotes(sentences: &[Sentence<'_>], stated: Stated<'_>, stop: &Stop) -> Vec<Quote> {
    let terms = paragraphs(sentences, stop);
    let weights = weights(&terms);
    let hosts = stated.hosts();
    let mut scored: Vec<(f64, usize)> = sentences
        .iter()
        .enumerate()
        .filter(|(_, sentence)| {
            stands_alone(sentence) && !is_about_the_show(sentence) && !sentence.is_quotation
        })
        .filter(|(_, sentence)| {
            (0..sentence.words.len()).all(|word| !lost_after(&sentence.words, word))
        })
        .map(|(at, sentence)| (score(sentence, stop, &weights, &hosts), at))
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut chosen: Vec<usize> = Vec::new();
    for (_, at) in scored {
        let start = |at: usize| sentences.get(at).map_or(Ms::ZERO, Sentence::at);
        let apart =
            chosen.iter().all(|&other| (start(at) - start(other)).get().abs() >= APART.get());
        if apart && chosen.len() < QUOTES {
            chosen.push(at);
        }
    }
    chosen.sort_unstable();
    chosen.into_iter().filter_map(|at| quote(sentences, at)).collect()
}

fn quote(sentences: &[Sentence<'_>], at: usize) -> Option<Quote> {
    let sentence = sentences.get(at)?;
    Some(Quote {
        span: sentence.span,
        speaker: sentence.speaker.map(|name| name.0.clone()),
        text: sentence.text.clone(),
        soundbite: soundbite(sentences, at),
    })
}

/// The stretch of whole sentences of one speaker around a sentence: first what leads to it, then
/// what follows.
fn soundbite(sentences: &[Sentence<'_>], at: usize) -> Option<Span> {
    let middle = sentences.get(at)?;
    let (mut first, mut last) = (at, at);
    let span = |first: usize, last: usize| {
        let (from, to) = (sentences.get(first)?, sentences.get(last)?);
        let same = sentences.get(first..=last)?.iter().all(|s| s.speaker == middle.speaker);
        let span = Span::at_least_1ms(from.span.start(), to.span.end());
        (same && span.duration() <= LONGEST).then_some(span)
    };
    let mut best = span(first, last)?;
    while best.duration() < SHORTEST {
        let earlier = first.checked_sub(1).and_then(|first| span(first, last).map(|s| (s, first)));
        let later = span(first, last + 1);
        match (earlier, later) {
            (_, Some(longer)) => (best, last) = (longer, last + 1),
            (Some((longer, from)), None) => (best, first) = (longer, from),
            (None, None) => return None,
        }
    }
    Some(best)
}

fn score(
    sentence: &Sentence<'_>,
    stop: &Stop,
    weights: &BTreeMap<&str, f64>,
    hosts: &BTreeSet<String>,
) -> f64 {
    let lower: Vec<String> = sentence
        .words
        .iter()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .collect();
    let general = lower.iter().filter(|word| GENERAL.contains(&word.as_str())).count().min(3);
    let negates =
        lower.iter().any(|word| word == "not" || word.ends_with("n’t") || word.ends_with("n't"));
    let said: f64 = stop
        .terms(sentence.words.iter().copied())
        .iter()
        .filter_map(|term| weights.get(term.as_str()))
        .sum();
    let counts = lower.iter().any(|word| {
        word.contains(|c: char| c.is_ascii_digit())
            || ["hundred", "thousand", "million", "percent", "point"].contains(&word.as_str())
    });
    #[expect(clippy::cast_precision_loss, reason = "at most the words of a sentence")]
    let (length, general) = (sentence.words.len() as f64, general as f64);
    // Twelve to twenty-five words are read at a glance and still say something.
    let readable = if (12.0..=25.0).contains(&length) { 1.0 } else { 0.75 };
    let guest = sentence.speaker.is_some_and(|name| !hosts.contains(&name.0));
    let contrast = general * 0.5 + if negates { 0.3 } else { 0.0 };
    (said / length.sqrt() + contrast)
        * readable
        * if guest { 1.3 } else { 0.8 }
        * if counts { 0.85 } else { 1.0 }
}
