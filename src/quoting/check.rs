//! Quotations -> what each is worth.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::quoting::align::{Fit, Quoted, SaidToken, Step, align};
use crate::quoting::attribution::{is_name, is_person};
use crate::quoting::candidates::{Candidate, Wanted, candidates};
use crate::quoting::extract::Quotation;
use crate::quoting::said::Said;
use crate::quoting::verdict::{Change, Compared, compare};
use crate::spoken::{
    Speaker, SpokenEpisode, SpokenError, SpokenIndex, hash, is_filler, is_unspaced, tokens,
};

/// A quotation of so many words is a scare quote or a title.
const SHORT: usize = 3;
/// So many tokens on each side of a candidate are looked at beside the quotation's own length.
const MARGIN: usize = 160;
/// What an ellipsis may leave out, in tokens: some forty minutes.
const LEAP: usize = 6_000;
/// Another person's words that may stand within a sentence without being part of it.
const INTERJECTION: usize = 5;
/// A quotation is compared in pieces of so many tokens.
const LONGEST: usize = 2_500;

/// What a quotation is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every word was said so.
    Exact,
    /// Every word was said so; fillers are left out.
    Cleaned,
    /// Words are left out.
    Shortened,
    /// Other words were said.
    Altered,
    /// Somebody else said it.
    WrongPerson,
    /// Several people said it.
    Several,
    /// Nobody said it.
    NotFound,
    /// So few words that they are a scare quote or a title; not judged.
    Short,
}

impl Verdict {
    fn is_bad(self) -> bool {
        matches!(self, Verdict::Altered | Verdict::WrongPerson | Verdict::NotFound)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Exact => "exact",
            Verdict::Cleaned => "cleaned",
            Verdict::Shortened => "shortened",
            Verdict::Altered => "altered",
            Verdict::WrongPerson => "wrong-person",
            Verdict::Several => "several",
            Verdict::NotFound => "not-found",
            Verdict::Short => "short",
        })
    }
}

/// A quotation and what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// As it stands in the post.
    pub quotation: Quotation,
    /// What it is worth.
    pub verdict: Verdict,
    /// Where it was said.
    pub said: Option<Said>,
    /// What the writer changed.
    pub changes: Vec<Change>,
    /// What else is to be known.
    pub notes: Vec<String>,
}

impl Judged {
    /// Whether words are left out and nothing says so.
    pub fn is_silent(&self) -> bool {
        self.changes.iter().any(|change| matches!(change, Change::LeftOutSilently(_)))
    }

    /// Whether a post should not be published with it: other words, somebody else's, or nobody's.
    pub fn is_bad(&self) -> bool {
        let in_one_mouth = self.verdict == Verdict::Several && self.quotation.attributed.is_some();
        self.verdict.is_bad() || in_one_mouth
    }
}

/// Looks each quotation up in the whole show.
pub fn check(index: &SpokenIndex, quotations: &[Quotation]) -> Result<Vec<Judged>, SpokenError> {
    // what stands there more than once is looked up once
    let mut places: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    let mut once: Vec<Quotation> = Vec::new();
    let mut which = Vec::with_capacity(quotations.len());
    for quotation in quotations {
        let key = (quotation.text.as_str(), quotation.attributed.as_deref());
        which.push(*places.entry(key).or_insert_with(|| {
            once.push(quotation.clone());
            once.len() - 1
        }));
    }
    let judged = check_each(index, once)?;
    let all = quotations.iter().zip(which);
    Ok(all
        .map(|(quotation, at)| Judged { quotation: quotation.clone(), ..judged[at].clone() })
        .collect())
}

fn check_each(index: &SpokenIndex, quotations: Vec<Quotation>) -> Result<Vec<Judged>, SpokenError> {
    let quoted: Vec<Vec<Quoted>> = quotations.iter().map(|one| quoted_tokens(&one.text)).collect();
    let is_short = |at: usize| count_words(&quotations[at].text, &quoted[at]) <= SHORT;
    let wanted: Vec<Wanted> = quoted
        .iter()
        .enumerate()
        .map(|(at, tokens)| if is_short(at) { Wanted::default() } else { wanted(tokens) })
        .collect();
    let found = candidates(index, &wanted)?;
    let mut best: Vec<Vec<Place>> = vec![Vec::new(); quotations.len()];
    // one episode at a time is in memory
    let mut by_episode: BTreeMap<usize, Vec<(usize, Candidate)>> = BTreeMap::new();
    for (quotation, places) in found.into_iter().enumerate() {
        for place in places {
            by_episode.entry(place.episode).or_default().push((quotation, place));
        }
    }
    for (at, places) in by_episode {
        let Some(known) = index.episodes().get(at) else { continue };
        let heard = Heard::of(index.episode(known)?);
        for (quotation, candidate) in places {
            let name = quotations[quotation].attributed.as_deref();
            let text = &quotations[quotation].text;
            heard.look(text, &quoted[quotation], candidate, name, &mut best[quotation]);
        }
    }
    let titles = titles(index);
    let judge = |((quotation, tokens), places): ((Quotation, &Vec<Quoted>), Vec<Place>)| {
        if count_words(&quotation.text, tokens) <= SHORT {
            return bare(quotation, Verdict::Short, Vec::new());
        }
        let title = titles.get(&keys(&quotation.text)).copied();
        let judged = judged(quotation, places);
        match title {
            Some(title) if judged.verdict.is_bad() => {
                bare(judged.quotation, Verdict::Short, vec![format!("the title of {title}")])
            }
            _ => judged,
        }
    };
    Ok(quotations.into_iter().zip(&quoted).zip(best).map(judge).collect())
}

fn bare(quotation: Quotation, verdict: Verdict, notes: Vec<String>) -> Judged {
    Judged { quotation, verdict, said: None, changes: Vec::new(), notes }
}

fn keys(text: &str) -> Vec<String> {
    tokens(text).into_iter().map(|token| token.key).collect()
}

/// The titles of the show, its episodes and their chapters.
fn titles(index: &SpokenIndex) -> BTreeMap<Vec<String>, &'static str> {
    let mut titles = BTreeMap::new();
    for known in index.episodes() {
        for chapter in &known.chapters {
            titles.insert(keys(chapter), "a chapter");
        }
        titles.insert(keys(&known.facts.title), "an episode");
        titles.insert(keys(&known.facts.show), "the show");
    }
    titles
}

/// The words of a quotation, as people count them.
fn count_words(text: &str, tokens: &[Quoted]) -> usize {
    let unspaced = tokens.iter().filter(|token| token.key.chars().any(is_unspaced)).count();
    let has_letters = |word: &&str| word.contains(char::is_alphanumeric);
    if unspaced * 2 > tokens.len() {
        return tokens.len() / 2;
    }
    text.split([' ', '\n', '\t', '\r', '\u{a0}', '—', '–', '/']).filter(has_letters).count()
}

/// The tokens of a quotation, with what its ellipses and brackets say.
pub(super) fn quoted_tokens(text: &str) -> Vec<Quoted> {
    let inserts = inserts(text);
    let mut end = 0;
    let mut found = Vec::new();
    for token in tokens(text).into_iter().take(LONGEST) {
        let between = &text[end..token.from];
        let at = token.from..token.to;
        let is_insert = inserts.iter().any(|insert| insert.start < at.end && at.start < insert.end);
        let leaps = !found.is_empty() && has_ellipsis(between);
        let hash = hash(&token.key);
        end = token.to;
        found.push(Quoted { key: token.key, hash, at, leaps, is_insert });
    }
    found
}

fn has_ellipsis(between: &str) -> bool {
    between.contains('…') || between.contains("...") || between.contains(". . .")
}

/// What stands in brackets, as bytes.
fn inserts(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (open, close) in [('[', ']'), ('(', ')')] {
        let mut from = 0;
        while let Some(start) = text[from..].find(open).map(|at| at + from) {
            let Some(end) = text[start..].find(close).map(|at| at + start) else { break };
            found.push(start..end + 1);
            from = end + 1;
        }
    }
    found
}

pub(super) fn wanted(tokens: &[Quoted]) -> Wanted {
    let mut wanted = Wanted::default();
    let mut leaps = false;
    for token in tokens {
        leaps |= token.leaps;
        if is_filler(&token.key) {
            continue;
        }
        wanted.hashes.push(token.hash);
        wanted.leaps.push(std::mem::take(&mut leaps));
    }
    wanted
}

/// An episode as it is compared.
pub(super) struct Heard {
    pub(super) episode: SpokenEpisode,
    tokens: Vec<SaidToken>,
    /// Which tokens are scanned.
    scanned: Vec<usize>,
}

/// A place that fits.
#[derive(Debug, Clone)]
struct Place {
    cost: u32,
    compared: Compared,
    said: Said,
    /// Whether the prose names who speaks there; `None` where it names nobody, or nobody is known.
    is_named: Option<bool>,
}

impl Heard {
    pub(super) fn of(episode: SpokenEpisode) -> Heard {
        let all = said_tokens(&episode, 0..episode.words.len());
        let scanned = (0..all.len()).filter(|at| !is_filler(&all[*at].key)).collect();
        Heard { episode, tokens: all, scanned }
    }

    /// What was said around the place at which so many words may begin.
    pub(super) fn around(&self, start: usize, count: usize) -> &[SaidToken] {
        let at = self.scanned.get(start).copied().unwrap_or(self.tokens.len());
        let to = (at + count * 3 / 2 + MARGIN).min(self.tokens.len());
        &self.tokens[at.saturating_sub(MARGIN)..to]
    }

    /// Compares a quotation with a stretch, and adds the place where it fits.
    fn look(
        &self,
        text: &str,
        quoted: &[Quoted],
        candidate: Candidate,
        name: Option<&str>,
        best: &mut Vec<Place>,
    ) {
        let leaps = quoted.iter().any(|token| token.leaps);
        let leap = if leaps { LEAP } else { 0 };
        let at = self.scanned.get(candidate.at).copied().unwrap_or(0);
        let from = at.saturating_sub(candidate.from * 3 / 2 + MARGIN + leap);
        let rest = quoted.len().saturating_sub(candidate.from);
        let to = (at + rest * 3 / 2 + MARGIN + leap).min(self.tokens.len());
        let said = &self.tokens[from..to];
        let fit = align(quoted, said);
        if fit.cost == 0 {
            for run in everywhere(quoted, said) {
                let steps = vec![Step::Same(0..quoted.len(), run)];
                self.add(text, quoted, said, &Fit { cost: 0, steps }, name, best);
            }
        }
        self.add(text, quoted, said, &fit, name, best);
    }

    fn add(
        &self,
        text: &str,
        quoted: &[Quoted],
        said: &[SaidToken],
        fit: &Fit,
        name: Option<&str>,
        best: &mut Vec<Place>,
    ) {
        let Some(compared) = compare(text, quoted, said, fit, &self.episode) else { return };
        if !is_found(&compared) {
            return;
        }
        let Some(said) = Said::of(&self.episode, compared.words, &compared.matched) else { return };
        let is_same = |place: &Place| {
            place.said.facts.name == said.facts.name && place.said.words == said.words
        };
        if best.iter().any(is_same) {
            return;
        }
        let is_named = name.and_then(|name| is_said_by(name, &said));
        best.push(Place { cost: fit.cost, compared, said, is_named });
    }
}

/// The tokens of a run of words.
pub(super) fn said_tokens(episode: &SpokenEpisode, words: Range<usize>) -> Vec<SaidToken> {
    let mut all = Vec::new();
    for (word, spoken) in episode.words.iter().enumerate().take(words.end).skip(words.start) {
        for token in tokens(&spoken.text) {
            let is_light = spoken.is_disfluency || is_filler(&token.key);
            let hash = hash(&token.key);
            all.push(SaidToken { key: token.key, hash, word, is_light });
        }
    }
    for run in interjections(episode) {
        let from = all.partition_point(|token| token.word < run.start);
        let to = all.partition_point(|token| token.word < run.end);
        for token in &mut all[from..to] {
            token.is_light = true;
        }
    }
    all
}

/// The runs of a stretch that are a quotation token for token.
pub(super) fn everywhere(quoted: &[Quoted], said: &[SaidToken]) -> Vec<Range<usize>> {
    let n = quoted.len().max(1);
    let fits =
        |run: &[SaidToken]| run.iter().zip(quoted).all(|(said, quoted)| said.hash == quoted.hash);
    let places = said.windows(n).enumerate().filter(|(_, run)| fits(run));
    places.map(|(at, _)| at..at + n).collect()
}

/// The runs of words that somebody says while another one goes on.
fn interjections(episode: &SpokenEpisode) -> Vec<Range<usize>> {
    let mut turns: Vec<(Option<usize>, Range<usize>)> = Vec::new();
    for (at, word) in episode.words.iter().enumerate() {
        let who = episode.paragraphs.get(word.paragraph).and_then(|one| one.speaker);
        match turns.last_mut() {
            Some((speaker, run)) if *speaker == who => run.end = at + 1,
            _ => turns.push((who, at..at + 1)),
        }
    }
    let between = turns.windows(3).filter(|three| three[0].0 == three[2].0);
    let short = between.filter(|three| three[1].1.len() <= INTERJECTION);
    short.map(|three| three[1].1.clone()).collect()
}

/// Whether so much of a quotation was said that it is that place that is meant.
fn is_found(compared: &Compared) -> bool {
    compared.same * 100 >= compared.of * 66 && compared.same >= SHORT.min(compared.of)
}

/// Whether the prose names the person who speaks, or whose words are read.
fn is_said_by(name: &str, said: &Said) -> Option<bool> {
    let is_author = said.author.as_deref().is_some_and(|author| is_name(name, author));
    if is_author || said.speakers.iter().any(|speaker| is_person(name, speaker)) {
        return Some(true);
    }
    // words that are read aloud may be anybody's
    let is_read = said.text.starts_with(['“', '"', '„', '«']) && said.author.is_none();
    (!said.speakers.is_empty() && !is_read).then_some(false)
}

/// Judges a quotation by the places where it may have been said.
fn judged(quotation: Quotation, mut places: Vec<Place>) -> Judged {
    places.sort_by_key(|place| {
        (wording(&place.compared.changes), place.cost, place.is_named == Some(false))
    });
    let Some(best) = places.first().cloned() else {
        return bare(quotation, Verdict::NotFound, Vec::new());
    };
    let verdict = wording(&best.compared.changes);
    let also: Vec<&Place> = places[1..].iter().filter(|place| place.cost <= best.cost).collect();
    let mut notes = Vec::new();
    let mut said = best.said.clone();
    let mut others: BTreeSet<&str> = BTreeSet::new();
    if quotation.attributed.is_none() {
        for place in &also {
            others.extend(place.said.speakers.iter().map(|one| one.full_name.as_str()));
        }
        for speaker in &said.speakers {
            others.remove(speaker.full_name.as_str());
        }
    }
    if !also.is_empty() {
        notes.push(match also.len() {
            1 => format!(
                "said once more, in {} at {}",
                also[0].said.facts.name,
                also[0].said.span.start().clock()
            ),
            more => format!("said {more} more times"),
        });
    }
    let is_wrong = best.is_named == Some(false);
    let wrong = || {
        let name = quotation.attributed.as_deref().unwrap_or_default();
        format!("given to {name}, and said by {}", people(&best.said.speakers))
    };
    let verdict = if verdict == Verdict::Altered {
        if is_wrong {
            notes.push(wrong());
        }
        verdict
    } else if said.speakers.len() > 1 {
        notes.push(format!("said by {}", people(&said.speakers)));
        Verdict::Several
    } else if is_wrong {
        notes.push(wrong());
        Verdict::WrongPerson
    } else if !others.is_empty() {
        notes.push(format!(
            "the same words are said by {} too",
            others.into_iter().collect::<Vec<_>>().join(", ")
        ));
        let of_others = also.iter().flat_map(|place| &place.said.speakers);
        for speaker in of_others.cloned().collect::<Vec<_>>() {
            if !said.speakers.contains(&speaker) {
                said.speakers.push(speaker);
            }
        }
        Verdict::Several
    } else {
        verdict
    };
    Judged { verdict, changes: best.compared.changes, said: Some(said), quotation, notes }
}

fn people(speakers: &[Speaker]) -> String {
    let names: Vec<&str> = speakers.iter().map(|speaker| speaker.full_name.as_str()).collect();
    if names.is_empty() { "nobody who could be named".to_owned() } else { names.join(" and ") }
}

/// What the words alone are worth.
fn wording(changes: &[Change]) -> Verdict {
    let of = |change: &Change| match change {
        Change::Altered { .. } => Verdict::Altered,
        Change::LeftOut(_) | Change::LeftOutSilently(_) => Verdict::Shortened,
        Change::Insert { said, .. } if !said.is_empty() => Verdict::Shortened,
        Change::Cleaned(_) => Verdict::Cleaned,
        Change::Insert { .. } | Change::Spelled { .. } | Change::Interjection(_) => Verdict::Exact,
    };
    changes.iter().map(of).max().unwrap_or(Verdict::Exact)
}
