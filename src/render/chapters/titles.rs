//! Titles for chapters: words that are said in them.

use std::collections::{BTreeMap, BTreeSet};

use crate::render::said::Sentence;
use crate::render::terms::{Stop, folded};
use crate::speech::Chapter;
use crate::time::Ms;

/// The longest question that serves as a title, in words.
const QUESTION: usize = 9;
/// The longest phrase that serves as a title, in words.
const PHRASE: usize = 4;
/// The longest phrase that does so because it is said again.
const REFRAIN: usize = 6;

/// The chapters at the chosen places. `places` has the start and the first sentence of each place,
/// `named` the titles of those that are something known.
pub(super) fn titled(
    chosen: &[usize],
    places: &[(Ms, usize)],
    named: &[(usize, &str)],
    sentences: &[Sentence<'_>],
    stop: &Stop,
) -> Vec<Chapter> {
    let first = |place: Option<&usize>| place.and_then(|at| places.get(*at)).map(|place| place.1);
    let parts: Vec<&[Sentence<'_>]> = (0..chosen.len())
        .map(|at| {
            let from = first(chosen.get(at)).unwrap_or(0);
            let to = first(chosen.get(at + 1)).unwrap_or(sentences.len());
            sentences.get(from..to).unwrap_or_default()
        })
        .collect();
    let spread = spread(&parts, stop);
    let mut taken: BTreeSet<String> = BTreeSet::new();
    chosen
        .iter()
        .zip(&parts)
        .map(|(place, part)| {
            let known = named.iter().find(|(at, _)| at == place).map(|(_, title)| *title);
            let title = known
                .map(str::to_owned)
                .or_else(|| question(part, stop))
                .or_else(|| phrase(part, &spread, parts.len(), stop, &taken))
                .unwrap_or_default();
            taken.extend(stop.terms(title.split(' ')));
            let start = places.get(*place).map_or(Ms::ZERO, |place| place.0);
            Chapter { start, title, url: None }
        })
        .filter(|chapter| !chapter.title.is_empty())
        .collect()
}

/// In how many chapters each term stands.
fn spread(parts: &[&[Sentence<'_>]], stop: &Stop) -> BTreeMap<String, usize> {
    let mut spread = BTreeMap::new();
    for part in parts {
        let terms: BTreeSet<String> =
            part.iter().flat_map(|s| stop.terms(s.words.iter().copied())).collect();
        for term in terms {
            *spread.entry(term).or_insert(0) += 1;
        }
    }
    spread
}

/// The question with which a chapter begins, where it is short and about something.
fn question(part: &[Sentence<'_>], stop: &Stop) -> Option<String> {
    let block = part.first()?.block;
    part.iter()
        .take_while(|sentence| sentence.block == block)
        .filter(|sentence| sentence.asks() && (3..=QUESTION).contains(&sentence.words.len()))
        .find(|sentence| !stop.terms(sentence.words.iter().copied()).is_empty())
        .map(|sentence| capital(sentence.text().trim_matches(['“', '”', '"'])))
}

/// The phrase that stands in this chapter most and in others least.
fn phrase(
    part: &[Sentence<'_>],
    spread: &BTreeMap<String, usize>,
    parts: usize,
    stop: &Stop,
    taken: &BTreeSet<String>,
) -> Option<String> {
    let mut often: BTreeMap<String, usize> = BTreeMap::new();
    for term in part.iter().flat_map(|s| stop.terms(s.words.iter().copied())) {
        *often.entry(term).or_default() += 1;
    }
    let weight = |term: &String| {
        let within = spread.get(term).copied().unwrap_or(1);
        #[expect(clippy::cast_precision_loss, reason = "counts of words in one episode")]
        let (n, share) =
            (often.get(term).copied().unwrap_or(0) as f64, parts as f64 / within as f64);
        let known = if taken.contains(term) { 0.3 } else { 1.0 };
        (1.0 + n).ln() * (1.0 + share).ln() * known
    };
    let said: Vec<String> = part
        .iter()
        .map(|s| format!(" {} ", s.words.iter().map(|w| folded(w)).collect::<Vec<_>>().join(" ")))
        .collect();
    let mut repeated: BTreeMap<String, usize> = BTreeMap::new();
    let mut phrases: Vec<(String, Vec<String>, usize)> = Vec::new();
    for (at, sentence) in part.iter().enumerate() {
        let runs = runs(&sentence.words, stop).into_iter();
        for words in runs.chain(refrains(&sentence.words, &said, stop)) {
            let terms = stop.terms(words.iter().copied());
            *repeated.entry(terms.join(" ")).or_default() += 1;
            phrases.push((words.join(" "), terms, at));
        }
    }
    let score = |(words, terms, at): &(String, Vec<String>, usize)| {
        let distinct: BTreeSet<&String> = terms.iter().collect();
        let said: f64 = distinct.iter().map(|term| weight(term)).sum();
        #[expect(clippy::cast_precision_loss, reason = "at most the words of a phrase")]
        let length = terms.len() as f64;
        let again = repeated.get(&terms.join(" ")).copied().unwrap_or(1);
        let again = if again > 1 { 1.4 } else { 1.0 };
        let early = if *at * 3 <= part.len() { 1.15 } else { 1.0 };
        // One word alone says something where it is a name, or comes back.
        let alone = match (terms.len(), again > 1.0, words.starts_with(char::is_uppercase)) {
            (1, true, true) => 0.9,
            (1, true, false) | (1, false, true) => 0.45,
            (1, false, false) => 0.3,
            _ => 1.0,
        };
        said / length.powf(0.6) * again * early * alone
    };
    let best = phrases.iter().rev().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    Some(capital(&best.0))
}

/// The runs of words that say something, with “of” and the like between them, as in “root of trust”.
fn runs<'a>(words: &[&'a str], stop: &Stop) -> Vec<Vec<&'a str>> {
    const JOINTS: [&str; 5] = ["of", "the", "for", "in", "and"];
    let mut runs: Vec<Vec<&'a str>> = Vec::new();
    for from in 0..words.len() {
        let mut run: Vec<&'a str> = Vec::new();
        for (offset, word) in words.iter().skip(from).take(PHRASE + 1).enumerate() {
            let plain = word.trim_matches(|c: char| !c.is_alphanumeric());
            let joint = offset > 0 && JOINTS.contains(&plain);
            if plain.is_empty() || (stop.holds(plain) && !joint) || plain.contains(['/', '@']) {
                break;
            }
            run.push(plain);
            let says = !joint && run.iter().filter(|word| !stop.holds(word)).count() <= PHRASE;
            if says && run.len() <= PHRASE + 1 {
                runs.push(run.clone());
            }
            if word.ends_with(|c: char| !c.is_alphanumeric()) {
                break;
            }
        }
    }
    runs
}

/// The longer runs that are said more than once, whatever words are in them; `said` has all
/// sentences of the chapter, folded.
fn refrains<'a>(words: &[&'a str], said: &[String], stop: &Stop) -> Vec<Vec<&'a str>> {
    let plain: Vec<&'a str> =
        words.iter().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    let mut runs: Vec<Vec<&'a str>> = Vec::new();
    for from in 0..plain.len() {
        for length in 3..=REFRAIN {
            let Some(run) = plain.get(from..from + length) else { break };
            let breaks = words.get(from..from + length - 1).is_none_or(|inner| {
                inner.iter().any(|word| word.ends_with(['.', ',', '?', '!', ':']))
            });
            let edges = [run.first(), run.last()];
            if breaks || edges.iter().any(|word| word.is_none_or(|word| stop.holds(word))) {
                continue;
            }
            let folded = run.iter().map(|word| folded(word)).collect::<Vec<_>>().join(" ");
            let count: usize = said.iter().map(|s| s.matches(&format!(" {folded} ")).count()).sum();
            if count > 1 {
                runs.push(run.to_vec());
            }
        }
    }
    runs
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}
