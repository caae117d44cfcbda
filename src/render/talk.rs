//! Who speaks, how long, and when: the cast, the talk time, and the speakers' timeline.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::library::episode::Person;
use crate::library::stated::Listed;
use crate::render::words::Words;
use crate::render::{Context, markup};
use crate::speech::SpeakerName;
use crate::time::{Ms, Span};

/// How many colours the page's style has for speakers; later speakers take them again in turn.
const COLOURS: usize = 8;

/// The width of the timeline's picture in its own units.
const TIMELINE_UNITS: i64 = 1000;

/// Everybody who speaks, in the order in which they first do.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Cast {
    pub(crate) speakers: Vec<Speaker>,
    /// Where each name stands in the cast.
    places: BTreeMap<Option<SpeakerName>, usize>,
}

/// A speaker as the page shows one.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Speaker {
    /// The name in the line, or what is printed where there is none.
    pub(crate) name: String,
    /// Whether it is a voice that has no name yet.
    pub(crate) nameless: bool,
    /// The full name; the name in the line where there is no other.
    pub(crate) full_name: String,
    /// The full name with role and title, where they say more than the name.
    pub(crate) full: Option<String>,
    /// What the person is, as `host` or `programming lead`.
    pub(crate) about: Option<String>,
    /// The person's page.
    pub(crate) url: Option<String>,
    /// Which of the style's colours, counted from 0.
    pub(crate) colour: usize,
    /// How long the person speaks, in milliseconds.
    pub(crate) talk_ms: i64,
    /// The same, as `12 min`.
    pub(crate) talk: String,
    /// The person's part of everybody's talk, 0 to 100, rounded.
    pub(crate) percent: i64,
    /// The same, as `12 %`.
    pub(crate) share: String,
    /// When the person speaks: a path for an SVG of 1000 by 10 units.
    pub(crate) path: String,
}

impl Cast {
    /// The cast of an edition, in the words of a language. Talk is measured on the speakers' turns,
    /// where the edition has them, else on the paragraphs.
    pub(crate) fn of(context: &Context<'_>, words: &Words) -> Cast {
        let edition = context.edition;
        let mut places: BTreeMap<Option<SpeakerName>, usize> = BTreeMap::new();
        let mut names: Vec<Option<&SpeakerName>> = Vec::new();
        let mut spoken: Vec<Vec<Span>> = Vec::new();
        for paragraph in edition.paragraphs().filter(|paragraph| paragraph.is_printed()) {
            let index = *places.entry(paragraph.speaker.clone()).or_insert_with(|| {
                names.push(paragraph.speaker.as_ref());
                spoken.push(Vec::new());
                names.len() - 1
            });
            spoken[index].push(paragraph.span);
        }
        let mut turns: BTreeMap<&SpeakerName, Vec<Span>> = BTreeMap::new();
        for turn in &edition.turns {
            turns.entry(&turn.speaker).or_default().push(turn.span);
        }
        for (name, spans) in names.iter().zip(&mut spoken) {
            if let Some(turns) = name.and_then(|name| turns.remove(name)) {
                *spans = turns;
            }
        }
        let listed = context.stated.people();
        let people = by_name(&listed);
        let total = spoken.iter().map(|spans| talk_time(spans).get()).sum::<i64>().max(1);
        let speakers = names
            .iter()
            .zip(&spoken)
            .enumerate()
            .map(|(index, (name, spans))| {
                let person = name.and_then(|name| people.get(name.0.as_str()).copied());
                let mut speaker = speaker(*name, person, spans, words);
                let hundredfold = speaker.talk_ms.saturating_mul(100).saturating_add(total / 2);
                let percent = hundredfold / total;
                speaker.colour = index % COLOURS;
                speaker.percent = percent;
                speaker.share = words.percent(percent);
                speaker.path = path(spans, edition.duration);
                speaker
            })
            .collect();
        Cast { speakers, places }
    }

    /// Where a speaker stands in the cast; 0 for somebody who is not in it.
    pub(crate) fn index_of(&self, name: Option<&SpeakerName>) -> usize {
        self.places.get(&name.cloned()).copied().unwrap_or_default()
    }

    /// The colour of the speaker at that place.
    pub(crate) fn colour(&self, index: usize) -> usize {
        self.speakers.get(index).map_or(0, |speaker| speaker.colour)
    }

    /// The full name and role of the speaker at that place.
    pub(crate) fn full_name(&self, index: usize) -> Option<String> {
        self.speakers.get(index).and_then(|speaker| speaker.full.clone())
    }
}

fn speaker(
    name: Option<&SpeakerName>,
    person: Option<&Person>,
    spans: &[Span],
    words: &Words,
) -> Speaker {
    let nameless = name.is_none_or(SpeakerName::is_numbered);
    // a voice by its number is called so everywhere, as corrections name it
    let name =
        name.map_or_else(|| words.text("show.unknown_speaker").to_owned(), |one| one.0.clone());
    let about = person.and_then(|person| about(person, words));
    let full = person.map(|person| match &about {
        Some(about) => format!("{}, {about}", person.name),
        None => person.name.clone(),
    });
    let talk = talk_time(spans);
    Speaker {
        full_name: person.map_or_else(|| name.clone(), |person| person.name.clone()),
        full: full.filter(|full| *full != name),
        about,
        url: person.and_then(|person| markup::link(&person.url)).map(str::to_owned),
        talk_ms: talk.get(),
        talk: words.length(talk),
        nameless,
        name,
        ..Speaker::default()
    }
}

/// The role and the title of a person, as `host` or `guest, programming lead`.
pub(crate) fn about(person: &Person, words: &Words) -> Option<String> {
    let said: Vec<&str> = [words.role(person.role.trim()), person.title.trim()]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// The people by their names, a full name before a short one, and of one short name those of the
/// episode before those of the show.
fn by_name(listed: &[Listed]) -> BTreeMap<&str, &Person> {
    let mut people = BTreeMap::new();
    let of_role = |wanted: &'static str| {
        listed.iter().filter(move |listed| (listed.usual_role == "guest") == (wanted == "guest"))
    };
    let all = || of_role("guest").chain(of_role("host")).map(|listed| &listed.person);
    for person in all() {
        people.entry(person.name.as_str()).or_insert(person);
    }
    for person in all() {
        people.entry(person.short_name()).or_insert(person);
    }
    people
}

fn talk_time(spans: &[Span]) -> Ms {
    spans.iter().fold(Ms::ZERO, |sum, span| sum + span.duration())
}

/// One box for each stretch of the person's talk; stretches that touch on the picture are joined.
fn path(spans: &[Span], duration: Ms) -> String {
    let unit = |time: Ms| {
        let within = time.get().clamp(0, duration.get().max(0));
        within.saturating_mul(TIMELINE_UNITS) / duration.get().max(1)
    };
    let mut boxes: Vec<(i64, i64)> = Vec::new();
    for span in spans {
        let start = unit(span.start());
        let end = unit(span.end()).max(start + 1);
        match boxes.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => boxes.push((start, end)),
        }
    }
    let mut path = String::new();
    for (start, end) in boxes {
        write!(path, "M{start} 0h{}v10h-{}z", end - start, end - start)
            .expect("a String takes every write");
    }
    path
}
