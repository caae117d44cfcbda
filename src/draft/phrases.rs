//! What a stretch is about, in words that are said in it: names of things, never a part of one.

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::sentences::Sentence;
use crate::draft::terms::Stop;
use crate::draft::words::{BEFORE_A_THING, JOINTS};

/// The longest phrase, in words that say something.
const LONGEST: usize = 4;

/// A thing that is named in a stretch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Phrase {
    /// As it is said first.
    pub(super) text: String,
    /// What it is about, in order.
    pub(super) terms: Vec<String>,
    /// How often it is said.
    pub(super) times: usize,
    /// How much it says of the stretch.
    pub(super) score: f64,
}

/// In how many stretches each term stands.
pub(super) fn spread(stretches: &[&[Sentence<'_>]], stop: &Stop) -> BTreeMap<String, usize> {
    let mut spread = BTreeMap::new();
    for stretch in stretches {
        let terms: BTreeSet<String> =
            stretch.iter().flat_map(|s| stop.terms(s.words.iter().copied())).collect();
        for term in terms {
            *spread.entry(term).or_insert(0) += 1;
        }
    }
    spread
}

/// The things that are named in a stretch, the one that says most of it first. `spread` says in how
/// many of how many stretches each term stands.
pub(super) fn phrases(
    stretch: &[Sentence<'_>],
    (spread, stretches): (&BTreeMap<String, usize>, usize),
    stop: &Stop,
) -> Vec<Phrase> {
    let mut often: BTreeMap<String, usize> = BTreeMap::new();
    let mut found: BTreeMap<Vec<String>, (usize, Named)> = BTreeMap::new();
    for sentence in stretch {
        for term in stop.terms(sentence.words.iter().copied()) {
            *often.entry(term).or_default() += 1;
        }
        for run in runs(&sentence.words, stop) {
            let terms = stop.terms(run.words.iter().copied());
            let named = Named {
                text: run.words.join(" "),
                is_name: run.is_name,
                follows: run.follows,
                opens: stretch.first().is_some_and(|first| first.block == sentence.block),
            };
            let entry = found.entry(terms).or_insert_with(|| (0, named.clone()));
            entry.0 += 1;
            entry.1.follows |= named.follows;
            entry.1.is_name &= named.is_name;
        }
    }
    let weight = |term: &String| {
        let within = spread.get(term).copied().unwrap_or(1).max(1);
        #[expect(clippy::cast_precision_loss, reason = "counts of words in one episode")]
        let (n, share) =
            (often.get(term).copied().unwrap_or(0) as f64, stretches as f64 / within as f64);
        (1.0 + n).ln() * (1.0 + share).ln()
    };
    let mut phrases: Vec<Phrase> = found
        .into_iter()
        .filter(|(terms, (times, named))| named.is_thing(terms.len(), *times))
        .map(|(terms, (times, named))| {
            let distinct: BTreeSet<&String> = terms.iter().collect();
            let said: f64 = distinct.into_iter().map(weight).sum();
            #[expect(clippy::cast_precision_loss, reason = "at most the words of a phrase")]
            let length = terms.len() as f64;
            let again = [0.5, 1.4, 1.7, 2.0].get(times - 1).copied().unwrap_or(2.0);
            let opens = if named.opens { 1.5 } else { 1.0 };
            let alone = if terms.len() > 1 { 1.0 } else { 0.5 };
            let score = said / length.powf(0.6) * again * opens * alone;
            Phrase { text: named.text, terms, times, score }
        })
        .collect();
    phrases.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.text.cmp(&b.text)));
    phrases
}

/// How a thing is named somewhere.
#[derive(Clone)]
struct Named {
    text: String,
    /// Whether it is written as a name, wherever it stands.
    is_name: bool,
    /// Whether it follows a word behind which a thing is named.
    follows: bool,
    /// Whether it is named in the first paragraph.
    opens: bool,
}

impl Named {
    /// Whether it is a thing as far as can be told: a name, or what follows a word behind which a
    /// thing is named. One word alone has to be a name, or to come back often and be no verb.
    fn is_thing(&self, words: usize, times: usize) -> bool {
        let verb = ["ing", "ed", "est"].iter().any(|ending| self.text.ends_with(ending));
        match words {
            1 => self.is_name && times > 1 || self.follows && times > 5 && !verb,
            _ => self.is_name || self.follows || times > 1,
        }
    }
}

struct Run<'a> {
    words: Vec<&'a str>,
    is_name: bool,
    follows: bool,
}

/// The whole runs of words that say something, with “of” and “of the” inside them.
fn runs<'a>(words: &[&'a str], stop: &Stop) -> Vec<Run<'a>> {
    let plain: Vec<&'a str> =
        words.iter().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())).collect();
    let says = |at: usize| {
        plain.get(at).is_some_and(|word| {
            !stop.holds(word) && !word.contains(['/', '@']) && !word.ends_with("ly")
        })
    };
    let breaks =
        |at: usize| words.get(at).is_some_and(|w| w.ends_with(|c: char| !c.is_alphanumeric()));
    let joins = |at: usize| plain.get(at).is_some_and(|word| JOINTS.contains(word)) && !breaks(at);
    let mut runs = Vec::new();
    let mut at = 0;
    while at < plain.len() {
        if !says(at) {
            at += 1;
            continue;
        }
        let from = at;
        let mut last = at;
        while !breaks(last) {
            let next = if says(last + 1) {
                last + 1
            } else if plain.get(last + 1) == Some(&"of") && !breaks(last + 1) && says(last + 2) {
                last + 2
            } else if plain.get(last + 1) == Some(&"of") && joins(last + 2) && says(last + 3) {
                last + 3
            } else {
                break;
            };
            last = next;
        }
        let run = plain.get(from..=last).unwrap_or_default().to_vec();
        let content = run.iter().filter(|word| !stop.holds(word)).count();
        let before = from.checked_sub(1).and_then(|before| plain.get(before));
        let is_name =
            from > 0 && run.iter().all(|w| JOINTS.contains(w) || w.starts_with(char::is_uppercase));
        if content <= LONGEST {
            runs.push(Run {
                is_name,
                follows: before
                    .is_some_and(|word| BEFORE_A_THING.contains(&word.to_lowercase().as_str())),
                words: run,
            });
        }
        at = last + 1;
    }
    runs
}

/// With a capital at the start.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}

/// `A`, `A and B`, `A, B and C`.
pub(super) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        let words: Vec<&str> = text.split(' ').collect();
        let runs = runs(&words, &Stop::of(&[]));
        runs.into_iter().filter(|r| r.follows || r.is_name).map(|r| r.words.join(" ")).collect()
    }

    #[test]
    fn things_are_named_whole() {
        assert_eq!(
            named("So the root of the trust problem, and our outages."),
            ["root of the trust problem", "outages"]
        );
        assert_eq!(named("We talked to Jeremy Daer at Basecamp."), ["Jeremy Daer", "Basecamp"]);
        assert_eq!(named("He measured carefully."), Vec::<String>::new());
    }
}
