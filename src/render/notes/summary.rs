//! A draft of the summary: the sentences that say most of what the episode is about, as they were
//! said. Nothing is put into other words.

use std::collections::{BTreeMap, BTreeSet};

use crate::render::said::Sentence;
use crate::render::terms::{Stop, weights};

/// How many sentences, and how many words in all, the draft has at most.
const SENTENCES: usize = 3;
const WORDS: usize = 80;
/// Sentences outside of this are fragments, or too long to be read.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=45;

/// The draft; `None` where no sentence can stand alone.
pub(crate) fn draft(sentences: &[Sentence<'_>], stop: &Stop) -> Option<String> {
    let terms: Vec<Vec<String>> = paragraphs(sentences, stop);
    let weights = weights(&terms);
    let count = sentences.len().max(1);
    let mut scored: Vec<(f64, usize, BTreeSet<String>)> = sentences
        .iter()
        .enumerate()
        .filter(|(_, sentence)| stands_alone(sentence) && !is_about_the_show(sentence))
        .filter(|(_, sentence)| !sentence.is_quotation)
        .map(|(at, sentence)| {
            let terms: BTreeSet<String> =
                stop.terms(sentence.words.iter().copied()).into_iter().collect();
            (score(sentence, &terms, &weights, at, count), at, terms)
        })
        .collect();
    let mut chosen: Vec<(usize, BTreeSet<String>)> = Vec::new();
    let mut words = 0;
    while chosen.len() < SENTENCES {
        let best = scored
            .iter()
            .enumerate()
            .map(|(place, (score, _, terms))| {
                let known = chosen.iter().map(|(_, other)| likeness(terms, other));
                (score * (1.0 - known.fold(0.0, f64::max)), place)
            })
            .filter(|(score, _)| *score > 0.0)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let Some((_, place)) = best else { break };
        let (_, at, terms) = scored.remove(place);
        let length = sentences.get(at).map_or(0, |sentence| sentence.words.len());
        if words + length <= WORDS {
            words += length;
            chosen.push((at, terms));
        }
    }
    chosen.sort();
    let texts: Vec<String> =
        chosen.iter().filter_map(|(at, _)| sentences.get(*at)).map(Sentence::text).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// The terms of each paragraph.
pub(super) fn paragraphs(sentences: &[Sentence<'_>], stop: &Stop) -> Vec<Vec<String>> {
    let blocks = sentences.chunk_by(|a, b| a.block == b.block);
    blocks
        .map(|block| block.iter().flat_map(|s| stop.terms(s.words.iter().copied())).collect())
        .collect()
}

/// Whether a sentence is understood without the one before it.
pub(super) fn stands_alone(sentence: &Sentence<'_>) -> bool {
    const LEANING: [&str; 58] = [
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "can",
        "could",
        "would",
        "have",
        "how",
        "obviously",
        "again",
        "and",
        "but",
        "so",
        "or",
        "because",
        "it",
        "it's",
        "it'll",
        "that",
        "that's",
        "this",
        "these",
        "those",
        "they",
        "they're",
        "he",
        "he's",
        "she",
        "she's",
        "them",
        "which",
        "yeah",
        "yes",
        "no",
        "well",
        "oh",
        "okay",
        "ok",
        "right",
        "then",
        "there",
        "here",
        "here's",
        "also",
        "like",
        "such",
        "um",
        "uh",
        "exactly",
        "sure",
        "now",
        "thanks",
        "thank",
        "plus",
    ];
    let first = sentence.words.first().map_or_else(String::new, |word| {
        word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
            .to_lowercase()
            .replace('’', "'")
    });
    let ends = sentence
        .words
        .last()
        .is_some_and(|word| word.trim_end_matches(['”', '"', ')']).ends_with(['.', '!']));
    let begins = sentence.words.first().is_some_and(|word| !word.starts_with(char::is_lowercase));
    let text = sentence.text();
    let open = text.matches('“').count() != text.matches('”').count()
        || text.matches('"').count() % 2 == 1;
    let cut =
        open || sentence.words.iter().any(|word| word.contains(['[', ']']) || word.ends_with('…'));
    LENGTH.contains(&sentence.words.len())
        && begins
        && ends
        && !cut
        && !LEANING.contains(&first.as_str())
        && !sentence.asks()
}

/// Greetings, credits and notices, which say nothing of what the episode is about.
pub(super) fn is_about_the_show(sentence: &Sentence<'_>) -> bool {
    const NOTICES: [&str; 31] = [
        "our theme",
        "theme music",
        "mixed by",
        "show notes",
        "subscribe",
        "sponsor",
        "produced by",
        "edited by",
        "music is by",
        "email us",
        "e-mail us",
        "voicemail",
        "sign up",
        "promo code",
        "welcome to",
        "welcome back",
        "my name is",
        "follow us",
        "leave a review",
        "rate and review",
        "brought to you",
        "our website",
        "listening to",
        "thanks for",
        "thank you for",
        "next week",
        "next month",
        "this podcast",
        "you can find",
        "made by",
        "a podcast",
    ];
    let text = sentence.folded();
    let introduces = text.starts_with("i'm ") || text.starts_with("i am ");
    let short = sentence.words.len() < 12;
    (introduces && short) || NOTICES.iter().any(|notice| text.contains(notice))
}

fn score(
    sentence: &Sentence<'_>,
    terms: &BTreeSet<String>,
    weights: &BTreeMap<&str, f64>,
    at: usize,
    count: usize,
) -> f64 {
    const ANNOUNCES: [&str; 12] = [
        "today",
        "this episode",
        "this week",
        "this month",
        "on the show",
        "we talk about",
        "we talked about",
        "we're talking about",
        "going to talk about",
        "the story of",
        "joins us",
        "sat down with",
    ];
    #[expect(clippy::cast_precision_loss, reason = "an episode has some thousands of sentences")]
    let (length, position) = (sentence.words.len() as f64, at as f64 / count as f64);
    let said: f64 = terms.iter().filter_map(|term| weights.get(term.as_str())).sum();
    let text = sentence.folded();
    let announces = position < 0.25 && ANNOUNCES.iter().any(|phrase| text.contains(phrase));
    let own = sentence
        .words
        .iter()
        .filter(|word| matches!(word.to_lowercase().as_str(), "i" | "i’m" | "i'm" | "you" | "um,"))
        .count();
    #[expect(clippy::cast_precision_loss, reason = "at most the words of a sentence")]
    let chatter = own as f64 / length;
    let early = if position < 0.15 { 1.25 } else { 1.0 };
    let announced = if announces { 1.8 } else { 1.0 };
    said / length.powf(0.6) * early * announced * (1.0 - 2.0 * chatter).max(0.1)
}

/// The share of terms that two sentences have in common.
fn likeness(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let both = a.intersection(b).count();
    let smaller = a.len().min(b.len()).max(1);
    #[expect(clippy::cast_precision_loss, reason = "at most the words of a sentence")]
    let share = both as f64 / smaller as f64;
    share.min(1.0)
}
