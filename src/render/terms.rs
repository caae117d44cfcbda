//! Which words say what a stretch is about: words that most of the episode has say little, words
//! that come back in one place say much.

use std::collections::{BTreeMap, BTreeSet};

/// Words that hold sentences together, without apostrophes.
const STOP: &str = "a about above actually after again ago all almost already also although always \
    am an and another any anybody anyone anything are around as ask at away back basically be \
    because been before began being below best better between big both but by call came can cant \
    certain certainly come comes coming could couldnt course cuz day definitely did didnt different \
    do does doesnt doing done dont down during each either else end enough especially even ever \
    every everybody everyone everything exactly far feel few find fine first for found from gave \
    get gets getting give given go goes going gone gonna good got gotta great guess guy guys had \
    happen happened happening hard has hasnt have havent having he hed hell hello her here heres \
    hers herself hes hey hi him himself his how however i id if ill im in instead into is isnt it \
    itd itll its ive just keep kept kind kinda knew know knows last later least left less let lets \
    like likely little ll long look looked looking lot lots made make makes making many may maybe \
    me mean means might mine more most mostly much must my myself need needed needs neither never \
    new next nice no nobody none nor not nothing now of off often oh ok okay old on once one ones \
    only onto or other others our ours out over own part people perhaps place point pretty probably \
    put question quite rather re ready real really right said same saw say saying says see seem \
    seemed seems seen sense set shall she shed shes should shouldnt show side since small so some \
    somebody someone something sometimes somewhat soon sort start started still stuff such super \
    sure take taken takes taking talk talked talking tell thank thanks that thatll thats the their \
    theirs them themselves then there theres these they theyd theyll theyre theyve thing things \
    think thinking third this those though thought three through till time times to today together \
    told too took totally tried try trying turn two uh um under until up upon us use used using \
    usually ve very want wanted wants was wasnt way ways we wed week weeks well went were werent \
    weve what whatever whats when where whether which while who whole whos whose why will with \
    within without wont word words would wouldnt wow yeah year years yes yesterday yet you \
    youd youll young your youre yours yourself youve minute minutes hour hours month months";

/// The words of a language, or of one episode, that say little.
#[derive(Debug, Clone)]
pub(crate) struct Stop(BTreeSet<String>);

impl Stop {
    /// English ones, and those that stand in most of `stretches`, whatever the language.
    pub(crate) fn of(stretches: &[Vec<&str>]) -> Stop {
        let mut stop: BTreeSet<String> = STOP.split_whitespace().map(str::to_owned).collect();
        if stretches.len() >= 12 {
            let mut count: BTreeMap<String, usize> = BTreeMap::new();
            for stretch in stretches {
                let distinct: BTreeSet<String> = stretch.iter().map(|word| folded(word)).collect();
                for word in distinct {
                    *count.entry(word).or_default() += 1;
                }
            }
            let most = stretches.len() * 2 / 5;
            stop.extend(count.into_iter().filter(|(_, n)| *n > most).map(|(word, _)| word));
        }
        Stop(stop)
    }

    /// Whether the word says little of its own.
    pub(crate) fn holds(&self, word: &str) -> bool {
        let word = folded(word);
        word.chars().count() < 3 || self.0.contains(&word) || !word.contains(char::is_alphabetic)
    }

    /// What the word is about, so that “records” and “record” are one; `None` where it says little.
    pub(crate) fn term(&self, word: &str) -> Option<String> {
        (!self.holds(word)).then(|| stem(&folded(word)))
    }

    /// The terms of some words, in order.
    pub(crate) fn terms<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        words.into_iter().filter_map(|word| self.term(word)).collect()
    }
}

/// A word in lower case, letters and digits alone.
pub(crate) fn folded(word: &str) -> String {
    let word = word.to_lowercase();
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    let word = word.strip_suffix("’s").or_else(|| word.strip_suffix("'s")).unwrap_or(word);
    word.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn stem(word: &str) -> String {
    let long = word.chars().count() > 4;
    match word.strip_suffix("ies") {
        Some(start) if long => format!("{start}y"),
        _ if long && word.ends_with('s') && !word.ends_with("ss") => {
            word.trim_end_matches('s').to_owned()
        }
        _ => word.to_owned(),
    }
}

/// How much each term says, by how often it stands in how few of the stretches.
pub(crate) fn weights(stretches: &[Vec<String>]) -> BTreeMap<&str, f64> {
    let mut all: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for stretch in stretches {
        let mut seen = BTreeSet::new();
        for term in stretch {
            let entry = all.entry(term).or_default();
            entry.0 += 1.0;
            if seen.insert(term) {
                entry.1 += 1.0;
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a transcript has far fewer stretches")]
    let count = stretches.len() as f64;
    all.into_iter()
        .map(|(term, (often, within))| (term, (1.0 + often).ln() * (1.0 + count / within).ln()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_what_a_sentence_is_about() {
        let stop = Stop::of(&[]);
        let words = ["And", "then,", "the", "book’s", "records", "don’t", "lie."];
        assert_eq!(stop.terms(words), ["book", "record", "lie"]);
    }

    #[test]
    fn what_comes_back_in_one_place_weighs_most() {
        let stretches = [vec!["tide", "tide", "sea"], vec!["sea"], vec!["sea", "rope"]]
            .map(|words| words.into_iter().map(str::to_owned).collect::<Vec<_>>());
        let weights = weights(&stretches);
        assert!(weights["tide"] > weights["rope"] && weights["rope"] > 0.0);
        assert!(weights["tide"] > weights["sea"]);
    }
}
