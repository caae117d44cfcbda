//! Words as somebody remembers them -> the sentences that were said.
//!
//! The words may be exact, or only some of them right: places where pairs of them stand side by side
//! and paragraphs that hold many of them are compared, and the sentence with the most of them is best.

use std::collections::{BTreeMap, BTreeSet};

use crate::quoting::align::{Step, align};
use crate::quoting::candidates::candidates;
use crate::quoting::check::{Heard, everywhere, quoted_tokens, wanted};
use crate::search::folded;
use crate::spoken::{SpokenEpisode, SpokenError, SpokenIndex, tokens};

/// So many places are told at most.
const MOST: usize = 12;
/// A place that has a smaller part of the words is none.
const LEAST: f32 = 0.5;
/// So many paragraphs are looked at for words that stand apart.
const PARAGRAPHS: usize = 24;

/// A place that may be meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Recalled {
    /// The episode's place in the index.
    pub episode: usize,
    /// The first and the last word of the sentence or the sentences.
    pub words: (usize, usize),
    /// How much of what was remembered was said there, 0 to 1.
    pub score: f32,
    /// Whether it was said word by word.
    pub is_exact: bool,
}

/// Which places count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only {
    /// Parts of the speaker's name, in lower case.
    pub speaker: Vec<String>,
    /// The name of the episode's folder, its number, or words of its title.
    pub episode: Option<String>,
    /// What was said before that word of that episode: earlier in it, or on an earlier day.
    pub before: Option<(String, usize)>,
}

impl Only {
    /// Whether a place is as early as it has to be.
    fn is_early(&self, index: &SpokenIndex, episode: usize, word: usize) -> bool {
        let Some((name, limit)) = &self.before else { return true };
        let at = index.episodes().iter().position(|known| known.facts.name == *name);
        // the episodes are sorted by day
        at.is_none_or(|at| episode < at || episode == at && word < *limit)
    }
}

/// The places that may be meant, the best first. Where one is exact, only exact ones are told.
pub fn recall(index: &SpokenIndex, text: &str, only: &Only) -> Result<Vec<Recalled>, SpokenError> {
    let quoted = quoted_tokens(text);
    if quoted.is_empty() {
        return Ok(Vec::new());
    }
    let mut by_episode: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    let places = candidates(index, &[wanted(&quoted)])?.into_iter().flatten();
    for place in places {
        by_episode.entry(place.episode).or_default().0.push(place.at.saturating_sub(place.from));
    }
    let keys: BTreeSet<String> = quoted.iter().map(|token| folded(&token.key)).collect();
    for (episode, paragraph) in index.paragraphs_with_any(keys.iter(), PARAGRAPHS)? {
        by_episode.entry(episode).or_default().1.push(paragraph);
    }
    let mut found: Vec<Recalled> = Vec::new();
    for (at, (starts, paragraphs)) in by_episode {
        let Some(known) = index.episodes().get(at) else { continue };
        if only.episode.as_ref().is_some_and(|name| !crate::search::is_episode(known, name)) {
            continue;
        }
        let heard = Heard::of(index.episode(known)?);
        let mut add = |words: (usize, usize), score: f32, is_exact: bool| {
            let words = (heard.episode.sentence(words.0).0, heard.episode.sentence(words.1).1);
            let counts = is_by(&heard.episode, words.0, only) && only.is_early(index, at, words.0);
            if score >= LEAST && counts {
                found.push(Recalled { episode: at, words, score, is_exact });
            }
        };
        for start in starts {
            let said = heard.around(start, quoted.len());
            let fit = align(&quoted, said);
            if fit.cost == 0 {
                for run in everywhere(&quoted, said) {
                    add((said[run.start].word, said[run.end - 1].word), 1.0, true);
                }
            }
            let same = |step: &Step| match step {
                Step::Same(q, s) => Some((q.len(), s.clone())),
                Step::Other(..) => None,
            };
            let runs: Vec<_> = fit.steps.iter().filter_map(same).collect();
            let (Some(first), Some(last)) = (runs.first(), runs.last()) else { continue };
            let words = (said[first.1.start].word, said[last.1.end - 1].word);
            let count: usize = runs.iter().map(|run| run.0).sum();
            add(words, part(count, quoted.len()), fit.cost == 0);
        }
        for paragraph in paragraphs {
            if let Some((words, score)) = best_sentences(&heard.episode, paragraph, &keys) {
                add(words, score, false);
            }
        }
    }
    found.sort_by(|a, b| {
        (b.is_exact.cmp(&a.is_exact))
            .then(b.score.total_cmp(&a.score))
            .then(b.episode.cmp(&a.episode))
    });
    let mut seen = BTreeSet::new();
    found.retain(|place| seen.insert((place.episode, place.words.0)));
    if found.first().is_some_and(|best| best.is_exact) {
        found.retain(|place| place.is_exact);
    }
    found.truncate(MOST);
    Ok(found)
}

#[expect(clippy::cast_precision_loss, reason = "counts of words")]
fn part(count: usize, of: usize) -> f32 {
    count as f32 / of.max(1) as f32
}

fn is_by(episode: &SpokenEpisode, word: usize, only: &Only) -> bool {
    let name = episode.speaker(word).map_or_else(String::new, |speaker| {
        format!("{} {}", speaker.full_name, speaker.name).to_lowercase()
    });
    let parts: BTreeSet<&str> = name.split_whitespace().collect();
    only.speaker.iter().all(|part| parts.contains(part.as_str()))
}

/// The sentence of a paragraph, or the two neighbours, with most of the words.
fn best_sentences(
    episode: &SpokenEpisode,
    paragraph: usize,
    keys: &BTreeSet<String>,
) -> Option<((usize, usize), f32)> {
    let first = episode.words.partition_point(|word| word.paragraph < paragraph);
    let end = episode.words.partition_point(|word| word.paragraph <= paragraph);
    let mut sentences: Vec<((usize, usize), BTreeSet<&String>)> = Vec::new();
    let mut at = first;
    while at < end {
        let (_, last) = episode.sentence(at);
        let words = &episode.words[at..=last.min(end - 1)];
        let said: BTreeSet<String> = words
            .iter()
            .flat_map(|word| tokens(&word.text))
            .map(|token| folded(&token.key))
            .collect();
        let has = keys.iter().filter(|key| said.iter().any(|word| is_near(key, word)));
        sentences.push(((at, last.min(end - 1)), has.collect()));
        at = last + 1;
    }
    let single = sentences.iter().map(|(words, has)| (*words, has.len()));
    let double = sentences.windows(2).map(|two| {
        let both = two[0].1.union(&two[1].1).count();
        // two sentences are one too many where one has as much
        ((two[0].0.0, two[1].0.1), both.saturating_sub(1))
    });
    let best = single
        .chain(double)
        .max_by_key(|(words, has)| (*has, std::cmp::Reverse(words.1 - words.0)))?;
    Some((best.0, part(best.1, keys.len())))
}

/// Whether two words are one, or forms of one: `respond` and `responding`.
fn is_near(key: &str, word: &str) -> bool {
    let alike = key.chars().zip(word.chars()).take_while(|(a, b)| a == b).count();
    key == word || alike >= 4 && alike + 3 >= key.chars().count().max(word.chars().count())
}
