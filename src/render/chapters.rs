//! A draft of the chapters of an episode for which nobody has made any.
//!
//! A chapter may begin after music, where the words change (lexical cohesion, after Hearst's
//! `TextTiling`), where a new voice comes in, where the host asks the next question after a long
//! answer, and where somebody says so. Titles are words that are said in the chapter; only the
//! opening, the introduction and the credits are called what they are.

mod cohesion;
mod titles;

use std::collections::BTreeSet;

use crate::edit::{Block, Edition};
use crate::library::episode::Episode;
use crate::library::show::Show;
use crate::render::said::{Sentence, sentences};
use crate::render::terms::Stop;
use crate::speech::{Chapter, SpeakerName};
use crate::time::Ms;

/// Below this an episode needs no chapters.
const SHORTEST_EPISODE: Ms = Ms::new(120_000);
/// What speaks for a place must reach this.
const ENOUGH: f64 = 1.2;

/// A place at which a chapter may begin.
struct Place<'a> {
    /// Where it would begin: with the sound before the paragraph, where there is one.
    start: Ms,
    /// Its first sentence.
    sentence: usize,
    speaker: Option<&'a SpeakerName>,
    follows_sound: bool,
    /// Whether the paragraph ends with a question.
    asks: bool,
    /// How much speaks for it.
    score: f64,
}

/// The draft, sorted by start; empty where the episode is short or has no paragraphs.
pub(crate) fn draft(edition: &Edition, show: &Show, episode: &Episode) -> Vec<Chapter> {
    let sentences = sentences(edition);
    let end = sentences.last().map_or(Ms::ZERO, |s| s.span.end()).max(edition.duration);
    let mut places = places(edition, &sentences);
    if end < SHORTEST_EPISODE || places.len() < 4 {
        return Vec::new();
    }
    let paragraphs: Vec<Vec<&str>> = sentences
        .chunk_by(|a, b| a.block == b.block)
        .map(|block| block.iter().flat_map(|s| s.words.iter().copied()).collect())
        .collect();
    let stop = Stop::of(&paragraphs);
    weigh(&mut places, &sentences, &stop, show, episode);
    let named = structure(&places, &sentences, end);
    let chosen = choose(&places, &named, end);
    let starts: Vec<(Ms, usize)> = places.iter().map(|p| (p.start, p.sentence)).collect();
    titles::titled(&chosen, &starts, &named, &sentences, &stop)
}

fn places<'a>(edition: &'a Edition, sentences: &[Sentence<'a>]) -> Vec<Place<'a>> {
    let mut places: Vec<Place<'a>> = Vec::new();
    let mut block = None;
    for (at, sentence) in sentences.iter().enumerate() {
        if block == Some(sentence.block) {
            continue;
        }
        block = Some(sentence.block);
        let before = sentence.block.checked_sub(1).and_then(|at| edition.blocks.get(at));
        let sound = match before {
            Some(Block::Sound(sound)) => Some(sound.span.start()),
            _ => None,
        };
        let start = sound.map_or(sentence.at(), |sound| sound.min(sentence.at()));
        places.push(Place {
            start: if places.is_empty() { Ms::ZERO } else { start },
            sentence: at,
            speaker: sentence.speaker,
            follows_sound: sound.is_some(),
            asks: sentences
                .iter()
                .skip(at)
                .take_while(|other| other.block == sentence.block)
                .last()
                .is_some_and(Sentence::asks),
            score: 0.0,
        });
    }
    places
}

/// Sentences with which people say that something new begins.
const TURNS: [&str; 22] = [
    "let's talk about",
    "let's move on",
    "let's get into",
    "let's start",
    "i want to talk about",
    "i want to ask",
    "i wanted to ask",
    "moving on",
    "next question",
    "the next thing",
    "another thing",
    "the other thing",
    "coming up",
    "after the break",
    "welcome back",
    "we're back",
    "here's",
    "speaking of",
    "switching gears",
    "tell me about",
    "tell us about",
    "we asked",
];

/// Sentences with which people hand over to somebody else.
const HANDOVERS: [&str; 9] = [
    "here's",
    "here is",
    "we asked",
    "let's hear",
    "take a listen",
    "over to",
    "joins us",
    "to start with",
    "at the top of",
];

/// Whether a folded sentence has one of the phrases; “here's” only at its start, as “so here's what
/// we did” presents nobody.
fn says_one_of(said: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        if phrase.starts_with("here") { said.starts_with(phrase) } else { said.contains(phrase) }
    })
}

fn weigh(
    places: &mut [Place<'_>],
    sentences: &[Sentence<'_>],
    stop: &Stop,
    show: &Show,
    episode: &Episode,
) {
    let starts: Vec<usize> = places.iter().map(|place| place.sentence).collect();
    let depths = cohesion::depths(&starts, sentences, stop);
    let hosts: BTreeSet<&str> = show
        .people
        .iter()
        .filter(|person| matches!(person.role.as_str(), "" | "host"))
        .chain(episode.people.iter().filter(|person| person.role == "host"))
        .flat_map(|person| [person.name.as_str(), person.short_name()])
        .collect();
    let mut heard: BTreeSet<&SpeakerName> = BTreeSet::new();
    let mut turn_began = Ms::ZERO;
    let mut speaker: Option<&SpeakerName> = None;
    for (place, depth) in places.iter_mut().zip(depths) {
        let Some(first) = sentences.get(place.sentence) else { continue };
        let opens_turn = place.speaker != speaker;
        let answered = place.start - turn_began;
        let before = place.sentence.checked_sub(1).and_then(|at| sentences.get(at));
        let pause = before.map_or(Ms::ZERO, |before| first.at() - before.span.end());
        let is_host = place.speaker.is_some_and(|name| hosts.contains(name.0.as_str()));
        let said = first.folded();
        let mut score = depth.clamp(-1.0, 2.5);
        score += if place.follows_sound { 1.5 } else { 0.0 };
        score += if opens_turn { 0.3 } else { -0.6 };
        if opens_turn && answered >= Ms::new(40_000) {
            score += if is_host { 0.9 } else { 0.3 };
        }
        score += if says_one_of(&said, &TURNS) { 0.8 } else { 0.0 };
        let handed = before.is_some_and(|before| says_one_of(&before.folded(), &HANDOVERS));
        score += if opens_turn && handed { 1.8 } else { 0.0 };
        score += if pause >= Ms::new(1_500) { 0.4 } else { 0.0 };
        score += if first.words.len() < 4 { -0.5 } else { 0.0 };
        score += if place.asks && opens_turn { 0.5 } else { 0.0 };
        // An answer belongs to its question.
        score += if opens_turn && before.is_some_and(Sentence::asks) { -2.0 } else { 0.0 };
        if let Some(name) = place.speaker.filter(|name| !heard.contains(name)) {
            score += if heard.is_empty() { 0.0 } else { 0.8 };
            heard.insert(name);
        }
        place.score = score;
        if opens_turn {
            turn_began = place.start;
            speaker = place.speaker;
        }
    }
}

/// The places that are something known, by their index: the opening, the introduction, the credits.
fn structure(
    places: &[Place<'_>],
    sentences: &[Sentence<'_>],
    end: Ms,
) -> Vec<(usize, &'static str)> {
    const WELCOMES: [&str; 7] = [
        "welcome to",
        "you're listening to",
        "this is the",
        "hello and welcome",
        "i'm your host",
        "from the studios",
        "hi, i'm",
    ];
    const CREDITS: [&str; 10] = [
        "produced by",
        "is made by",
        "was made by",
        "edited by",
        "music by",
        "music is by",
        "music for the show",
        "thanks for listening",
        "thank you for listening",
        "that's our show",
    ];
    let says = |place: &Place<'_>, phrases: &[&str]| {
        let block = sentences.get(place.sentence).map(|sentence| sentence.block);
        sentences
            .iter()
            .skip(place.sentence)
            .take_while(|sentence| Some(sentence.block) == block)
            .take(3)
            .any(|sentence| phrases.iter().any(|phrase| sentence.folded().contains(phrase)))
    };
    let mut named = Vec::new();
    let early = |place: &Place<'_>| place.start.get() < (end.get() / 5).max(60_000);
    let welcome = places.iter().position(|place| early(place) && says(place, &WELCOMES));
    match welcome {
        Some(0) => named.push((0, "Introduction")),
        Some(at) if places.get(at).is_some_and(|place| place.start >= Ms::new(8_000)) => {
            named.extend([(0, "Cold open"), (at, "Introduction")]);
        }
        _ => {}
    }
    let late = |place: &Place<'_>| place.start.get() > end.get() / 100 * 80;
    let credits = places.iter().position(|place| late(place) && says(place, &CREDITS));
    named.extend(credits.filter(|at| *at > 0).map(|at| (at, "Credits")));
    named
}

/// The places at which chapters begin: the first, those with a name, and then the best, as long as
/// they stand apart.
fn choose(places: &[Place<'_>], named: &[(usize, &str)], end: Ms) -> Vec<usize> {
    // Some eight chapters in an hour's half, a dozen in an hour and more.
    let spacing = (end.get() / 9).clamp(45_000, 420_000);
    let mut chosen: Vec<usize> = vec![0];
    chosen.extend(named.iter().map(|(at, _)| *at).filter(|at| *at > 0));
    let mut best: Vec<usize> =
        (1..places.len()).filter(|&at| places.get(at).is_some_and(|p| p.score >= ENOUGH)).collect();
    let score = |at: &usize| places.get(*at).map_or(0.0, |place| place.score);
    best.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.cmp(b)));
    let start = |at: usize| places.get(at).map_or(Ms::ZERO, |place| place.start);
    for at in best {
        let apart = chosen.iter().all(|&other| {
            let gap = (start(at) - start(other)).get().abs();
            let is_end = named.iter().any(|(named, title)| *named == other && *title == "Credits");
            gap >= if is_end { spacing / 3 } else { spacing * 6 / 10 }
        });
        if apart && start(at) < end - Ms::new(30_000) {
            chosen.push(at);
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}
