//! What the desk knows beside the text: how far the checking is, what is doubtful, who speaks, what is
//! proposed.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::draft::Drafts;
use crate::edit::{Edition, Paragraph, Status};
use crate::pipeline::Doubtful;
use crate::speech::SpeakerName;
use crate::time::{Ms, Span};

/// How many places there are to hear a voice.
const SAMPLES: usize = 3;
/// How many warnings are shown.
const WARNINGS: usize = 50;

/// What the desk knows beside the text.
#[derive(Debug, Clone, Serialize)]
pub(super) struct State {
    pub(super) revision: u64,
    /// What would be taken back, and made again.
    pub(super) undo: Option<String>,
    pub(super) redo: Option<String>,
    has_audio: bool,
    /// How much of the speech is checked, and how much there is.
    checked_ms: Ms,
    spoken_ms: Ms,
    doubts: Vec<Doubt>,
    voices: Vec<Voice>,
    people: Vec<String>,
    drafts: Proposed,
    /// What is to be said of corrections that found no place.
    warnings: Vec<String>,
}

/// A stretch that is worth listening to.
#[derive(Debug, Clone, Serialize)]
struct Doubt {
    from_ms: Ms,
    to_ms: Ms,
    why: String,
    gain: f32,
    /// Whether a person listened to it.
    done: bool,
}

/// Somebody who speaks, and where to hear that.
#[derive(Debug, Clone, Serialize)]
struct Voice {
    name: String,
    samples: Vec<(Ms, Ms)>,
}

/// What is proposed and not published.
#[derive(Debug, Clone, Default, Serialize)]
struct Proposed {
    chapters: Vec<(Ms, String)>,
    summary: Option<String>,
}

/// What a state is made of.
pub(super) struct Known<'k> {
    pub(super) edition: &'k Edition,
    pub(super) doubts: &'k [Doubtful],
    pub(super) drafts: &'k Drafts,
    pub(super) people: Vec<String>,
    pub(super) warnings: &'k [String],
    pub(super) has_audio: bool,
    pub(super) is_dismissed: &'k dyn Fn(&str) -> bool,
}

impl State {
    pub(super) fn of(known: Known<'_>) -> State {
        let Known { edition, drafts, warnings, has_audio, is_dismissed, .. } = known;
        let paragraphs: Vec<&Paragraph> = edition.paragraphs().collect();
        let time = |is_it: &dyn Fn(&Paragraph) -> bool| {
            let own = paragraphs.iter().filter(|paragraph| is_it(paragraph));
            own.fold(Ms::ZERO, |sum, paragraph| sum + paragraph.span.duration())
        };
        let checked: Vec<Span> = paragraphs
            .iter()
            .filter(|paragraph| paragraph.status == Status::Checked)
            .map(|paragraph| paragraph.span)
            .collect();
        let is_done = |span: Span| checked.iter().any(|own| own.contains(span.middle()));
        let has_chapters = !edition.chapters.is_empty() || is_dismissed("chapters");
        let chapters = drafts.chapters.iter().filter(|_| !has_chapters);
        State {
            revision: 0,
            undo: None,
            redo: None,
            has_audio,
            checked_ms: time(&|paragraph| paragraph.status == Status::Checked),
            spoken_ms: time(&|_| true),
            doubts: known
                .doubts
                .iter()
                .map(|doubt| Doubt {
                    from_ms: doubt.span.start(),
                    to_ms: doubt.span.end(),
                    why: doubt.why.clone(),
                    gain: doubt.gain,
                    done: is_done(doubt.span),
                })
                .collect(),
            voices: voices(&paragraphs),
            people: known.people,
            drafts: Proposed {
                chapters: chapters.map(|one| (one.start, one.title.clone())).collect(),
                summary: drafts.summary.clone().filter(|_| !is_dismissed("summary")),
            },
            warnings: warnings.iter().take(WARNINGS).cloned().collect(),
        }
    }
}

/// Who speaks, in the order in which they first do, with the places where each speaks longest.
fn voices(paragraphs: &[&Paragraph]) -> Vec<Voice> {
    let mut order: Vec<&SpeakerName> = Vec::new();
    let mut spans: BTreeMap<&SpeakerName, Vec<Span>> = BTreeMap::new();
    for paragraph in paragraphs {
        let Some(name) = &paragraph.speaker else { continue };
        let own = spans.entry(name).or_default();
        if own.is_empty() {
            order.push(name);
        }
        own.push(paragraph.span);
    }
    let voice = |name: &SpeakerName| {
        let mut own = spans.remove(name).unwrap_or_default();
        own.sort_by_key(|span| (std::cmp::Reverse(span.duration()), span.start()));
        let samples = own.iter().take(SAMPLES).map(|span| (span.start(), span.end())).collect();
        Voice { name: name.0.clone(), samples }
    };
    order.into_iter().map(voice).collect()
}
