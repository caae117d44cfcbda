//! A draft of the chapters of an episode for which nobody has made any.
//!
//! A chapter may begin after music, where the words change (lexical cohesion, after Hearst's
//! `TextTiling`), and where somebody who leads the conversation asks the next question after a long
//! answer. The weights were chosen by hand on 14 published episodes of an interview podcast whose
//! chapters people had made, and tried on 13 others: of the beginnings within 15 s, F1 is 0.40 and
//! 0.42 there, and 0.13 to 0.19 for a chapter every three minutes. `linernotes score chapters`
//! measures it.

mod cohesion;
mod titles;

use std::collections::{BTreeMap, BTreeSet};

use crate::draft::sentences::Sentence;
use crate::draft::terms::Stop;
use crate::draft::words::{CREDITS, GOODBYES, WELCOMES};
use crate::edit::{Block, Edition};
use crate::library::stated::Stated;
use crate::speech::{Chapter, SpeakerName};
use crate::time::Ms;
use cohesion::Cohesion;

/// Below this an episode needs no chapters.
const SHORTEST_EPISODE: Ms = Ms::new(120_000);
/// What speaks for a place must reach this.
const ENOUGH: f64 = 1.5;
/// What speaks for a place: each point of depth, the voice of somebody who leads, each 40 s of the
/// answer before it, a question, each word that is new there and comes back, and music before it.
const DEPTH: f64 = 0.3;
const LEADS: f64 = 1.4;
const ANSWERED: f64 = 0.35;
const ASKS: f64 = 0.6;
const RISES: f64 = 0.35;
const SOUND: f64 = 1.5;
/// What speaks against a place in the middle of a turn.
const WITHIN_A_TURN: f64 = 1.0;
/// How much more often than the average somebody asks who leads.
const ASKS_MORE: f64 = 1.2;

/// A place at which a chapter may begin.
struct Place<'a> {
    /// Where it would begin: with the sound before the paragraph, where there is one.
    start: Ms,
    /// Its first sentence.
    sentence: usize,
    speaker: Option<&'a SpeakerName>,
    follows_sound: bool,
    /// Whether something is asked in the paragraph.
    asks: bool,
    /// How much speaks for it.
    score: f64,
}

/// The draft, sorted by start; empty where the episode is short or has no paragraphs.
pub(super) fn chapters(
    edition: &Edition,
    sentences: &[Sentence<'_>],
    stated: Stated<'_>,
    stop: &Stop,
) -> Vec<Chapter> {
    let end = sentences.last().map_or(Ms::ZERO, |s| s.span.end()).max(edition.duration);
    let mut places = places(edition, sentences);
    if end < SHORTEST_EPISODE || places.len() < 4 {
        return Vec::new();
    }
    let leads = leads(sentences, &stated.hosts());
    weigh(&mut places, sentences, stop, &leads);
    let named = structure(&places, sentences, end);
    let chosen = choose(&places, &named, end);
    let starts: Vec<(Ms, usize)> = places.iter().map(|p| (p.start, p.sentence)).collect();
    titles::titled(&chosen, &starts, &named, sentences, stop)
}

fn places<'a>(edition: &'a Edition, sentences: &[Sentence<'a>]) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::new();
    let mut at = 0;
    for paragraph in sentences.chunk_by(|a, b| a.block == b.block) {
        let Some(first) = paragraph.first() else { continue };
        let before = first.block.checked_sub(1).and_then(|at| edition.blocks.get(at));
        let sound = match before {
            Some(Block::Sound(sound)) => Some(sound.span.start()),
            _ => None,
        };
        let start = sound.map_or(first.at(), |sound| sound.min(first.at()));
        places.push(Place {
            start: if places.is_empty() { Ms::ZERO } else { start },
            sentence: at,
            speaker: first.speaker,
            follows_sound: sound.is_some(),
            asks: paragraph.iter().any(Sentence::asks),
            score: 0.0,
        });
        at += paragraph.len();
    }
    places
}

/// Those who lead the conversation: the listed hosts who speak, else those who ask most.
fn leads<'a>(
    sentences: &[Sentence<'a>],
    hosts: &BTreeSet<String>,
) -> BTreeSet<Option<&'a SpeakerName>> {
    let mut said: BTreeMap<Option<&SpeakerName>, (usize, usize)> = BTreeMap::new();
    for sentence in sentences {
        let (words, asked) = said.entry(sentence.speaker).or_default();
        *words += sentence.words.len();
        *asked += usize::from(sentence.asks());
    }
    let is_host = |name: Option<&SpeakerName>| name.is_some_and(|name| hosts.contains(&name.0));
    if said.keys().any(|name| is_host(*name)) {
        return said.into_keys().filter(|name| is_host(*name)).collect();
    }
    #[expect(clippy::cast_precision_loss, reason = "an episode has fewer than a million words")]
    let rate = |words: usize, asked: usize| asked as f64 / words.max(60) as f64;
    let (words, asked) = said.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let least = ASKS_MORE * rate(words, asked);
    said.into_iter().filter(|(_, (w, a))| rate(*w, *a) > least).map(|(name, _)| name).collect()
}

fn weigh(
    places: &mut [Place<'_>],
    sentences: &[Sentence<'_>],
    stop: &Stop,
    leads: &BTreeSet<Option<&SpeakerName>>,
) {
    let starts: Vec<usize> = places.iter().map(|place| place.sentence).collect();
    let cohesion = Cohesion::of(&starts, sentences, stop);
    let mut turn_began = Ms::ZERO;
    let mut speaker: Option<Option<&SpeakerName>> = None;
    for (index, place) in places.iter_mut().enumerate() {
        let opens_turn = speaker != Some(place.speaker);
        place.score = DEPTH * cohesion.depth(index).clamp(-1.0, 2.5)
            + RISES * cohesion.rising(index).min(4.0)
            + if place.follows_sound { SOUND } else { 0.0 };
        if opens_turn {
            let answered = (place.start - turn_began).get().clamp(0, 120_000);
            #[expect(clippy::cast_precision_loss, reason = "at most two minutes in ms")]
            let answered = answered as f64 / 40_000.0;
            place.score += ANSWERED * answered
                + if leads.contains(&place.speaker) { LEADS } else { 0.0 }
                + if place.asks { ASKS } else { 0.0 };
            turn_began = place.start;
            speaker = Some(place.speaker);
        } else {
            place.score -= WITHIN_A_TURN;
        }
    }
}

/// The places that are something known, by their index: the opening, the introduction, the end.
fn structure(
    places: &[Place<'_>],
    sentences: &[Sentence<'_>],
    end: Ms,
) -> Vec<(usize, &'static str)> {
    let says = |place: &Place<'_>, phrases: &[&str]| {
        let block = sentences.get(place.sentence).map(|sentence| sentence.block);
        sentences
            .iter()
            .skip(place.sentence)
            .take_while(|sentence| Some(sentence.block) == block)
            .take(3)
            .any(|sentence| phrases.iter().any(|phrase| sentence.folded().contains(phrase)))
    };
    let early = |place: &Place<'_>| place.start.get() < (end.get() / 5).max(60_000);
    let welcome = places.iter().position(|place| early(place) && says(place, WELCOMES));
    let mut named = match welcome {
        Some(at) if places.get(at).is_some_and(|place| place.start >= Ms::new(8_000)) => {
            vec![(0, "Cold open"), (at, "Introduction")]
        }
        _ => vec![(0, "Introduction")],
    };
    let after = |percent: i64| end.get() / 100 * percent;
    let found = |percent: i64, phrases: &[&str]| {
        places
            .iter()
            .position(|place| place.start.get() > after(percent) && says(place, phrases))
            .filter(|at| *at > 0)
    };
    if let Some(at) = found(80, CREDITS) {
        named.push((at, "Credits"));
    } else if let Some(at) = found(92, GOODBYES) {
        named.push((at, "Wrap-up"));
    }
    named
}

/// The places at which chapters begin: the first, those with a name, and then the best, as long as
/// they stand apart.
fn choose(places: &[Place<'_>], named: &[(usize, &str)], end: Ms) -> Vec<usize> {
    // Some ten chapters in half an hour, fifteen in an hour and more.
    let apart = (end.get() / 25).clamp(27_000, 250_000);
    let mut chosen: Vec<usize> = named.iter().map(|(at, _)| *at).collect();
    let mut best: Vec<usize> =
        (1..places.len()).filter(|&at| places.get(at).is_some_and(|p| p.score >= ENOUGH)).collect();
    let score = |at: &usize| places.get(*at).map_or(0.0, |place| place.score);
    best.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.cmp(b)));
    let start = |at: usize| places.get(at).map_or(Ms::ZERO, |place| place.start);
    for at in best {
        let stands_apart =
            chosen.iter().all(|&other| (start(at) - start(other)).get().abs() >= apart);
        if stands_apart && start(at) < end - Ms::new(30_000) {
            chosen.push(at);
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}
