//! A draft of the summary: who talks about what, then the sentences that say most of it, as they
//! were said.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::phrases::{self, listed, phrases};
use crate::draft::sentences::Sentence;
use crate::draft::terms::{Stop, weights};
use crate::draft::words::{ANNOUNCES, LEANING, NOTICES};
use crate::library::stated::Stated;
use crate::speech::SpeakerName;

/// How many sentences, and how many words in all, the draft quotes at most.
const SENTENCES: usize = 2;
const WORDS: usize = 70;
/// Sentences outside of this are fragments, or too long to be read.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=45;
/// How many topics are named.
const TOPICS: usize = 3;
/// How often a thing is said that is a topic.
const TOPIC_TIMES: usize = 3;
/// The least share of the words, in percent, of somebody who talks.
const TALKS: usize = 5;

/// The draft; `None` where nothing can be said.
pub(super) fn summary(
    sentences: &[Sentence<'_>],
    stated: Stated<'_>,
    is_english: bool,
    stop: &Stop,
) -> Option<String> {
    let told = if is_english { told(sentences, stated, stop) } else { None };
    let is_told = told.is_some();
    let parts: Vec<String> = told.into_iter().chain(quoted(sentences, is_told, stop)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// `A talks with B about C, D and E.`
fn told(sentences: &[Sentence<'_>], stated: Stated<'_>, stop: &Stop) -> Option<String> {
    let (guests, hosts) = people(sentences, stated);
    let topics = topics(sentences, stop);
    if topics.is_empty() {
        return None;
    }
    let topics = listed(&topics);
    let talk = |people: &[String]| if people.len() == 1 { "talks" } else { "talk" };
    Some(match (guests.as_slice(), hosts.as_slice()) {
        ([], []) => format!("This episode is about {topics}."),
        ([], talkers) | (talkers, []) => {
            format!("{} {} about {topics}.", listed(talkers), talk(talkers))
        }
        (guests, hosts) => {
            let (who, with) = (listed(guests), listed(hosts));
            format!("{who} {} with {with} about {topics}.", talk(guests))
        }
    })
}

/// Guests and hosts who talk, by their full names, those who talk most first. Voices without a
/// known name are left out.
fn people(sentences: &[Sentence<'_>], stated: Stated<'_>) -> (Vec<String>, Vec<String>) {
    let mut words: BTreeMap<&SpeakerName, usize> = BTreeMap::new();
    for sentence in sentences {
        if let Some(name) = sentence.speaker {
            *words.entry(name).or_default() += sentence.words.len();
        }
    }
    let all: usize = words.values().sum();
    let mut talkers: Vec<(&SpeakerName, usize)> =
        words.into_iter().filter(|(_, count)| count * 100 >= all * TALKS).collect();
    talkers.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let listed = stated.people();
    let (mut guests, mut hosts) = (Vec::new(), Vec::new());
    for (name, _) in talkers {
        let person = listed
            .iter()
            .map(|listed| &listed.person)
            .find(|person| person.name == name.0 || person.short_name() == name.0);
        match person {
            Some(person) if person.role.to_lowercase().contains("host") => {
                hosts.push(person.name.clone());
            }
            Some(person) => guests.push(person.name.clone()),
            None if name.is_numbered() => {}
            None => guests.push(name.0.clone()),
        }
    }
    (guests, hosts)
}

/// The things of several words that are named most, none a part of another.
fn topics(sentences: &[Sentence<'_>], stop: &Stop) -> Vec<String> {
    let paragraphs: Vec<&[Sentence<'_>]> = sentences.chunk_by(|a, b| a.block == b.block).collect();
    let spread = phrases::spread(&paragraphs, stop);
    let mut topics: Vec<String> = Vec::new();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for phrase in phrases(sentences, (&spread, paragraphs.len()), stop) {
        let is_new = !phrase.terms.iter().any(|term| taken.contains(term));
        let is_topic = phrase.terms.len() > 1 && phrase.times >= TOPIC_TIMES;
        if topics.len() < TOPICS && is_topic && is_new {
            taken.extend(phrase.terms);
            topics.push(phrase.text);
        }
    }
    topics
}

/// The sentences that say most; only those that announce something where all is `told` already.
fn quoted(sentences: &[Sentence<'_>], told: bool, stop: &Stop) -> Option<String> {
    let terms: Vec<Vec<String>> = paragraphs(sentences, stop);
    let weights = weights(&terms);
    let count = sentences.len().max(1);
    let mut scored: Vec<(f64, usize, BTreeSet<String>)> = sentences
        .iter()
        .enumerate()
        .filter(|(_, sentence)| stands_alone(sentence) && !is_about_the_show(sentence))
        .filter(|(_, sentence)| !sentence.is_quotation)
        .filter(|(at, sentence)| !told || announces(sentence, *at, count))
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
    let texts: Vec<String> = chosen
        .iter()
        .filter_map(|(at, _)| sentences.get(*at))
        .map(|sentence| sentence.text.clone())
        .collect();
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
    let text = sentence.text.clone();
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
    #[expect(clippy::cast_precision_loss, reason = "an episode has some thousands of sentences")]
    let (length, position) = (sentence.words.len() as f64, at as f64 / count as f64);
    let said: f64 = terms.iter().filter_map(|term| weights.get(term.as_str())).sum();
    let own = sentence
        .words
        .iter()
        .filter(|word| matches!(word.to_lowercase().as_str(), "i" | "i’m" | "i'm" | "you" | "um,"))
        .count();
    #[expect(clippy::cast_precision_loss, reason = "at most the words of a sentence")]
    let chatter = own as f64 / length;
    let early = if position < 0.15 { 1.25 } else { 1.0 };
    let announced = if announces(sentence, at, count) { 1.8 } else { 1.0 };
    said / length.powf(0.6) * early * announced * (1.0 - 2.0 * chatter).max(0.1)
}

/// Whether the sentence stands near the beginning and says what the episode is about.
fn announces(sentence: &Sentence<'_>, at: usize, count: usize) -> bool {
    let text = sentence.folded();
    at * 4 < count && ANNOUNCES.iter().any(|phrase| text.contains(phrase))
}

/// The share of terms that two sentences have in common.
fn likeness(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let both = a.intersection(b).count();
    let smaller = a.len().min(b.len()).max(1);
    #[expect(clippy::cast_precision_loss, reason = "at most the words of a sentence")]
    let share = both as f64 / smaller as f64;
    share.min(1.0)
}
