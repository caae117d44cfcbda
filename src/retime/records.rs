//! What machines found in the old recording, moved to the new one.
//!
//! What lies in a stretch that is gone goes with it; what is new there is found by listening, and put in
//! between by [`Transcript`]'s and [`Diarization`]'s owners.

use std::collections::BTreeMap;

use crate::detect::SpeechRegions;
use crate::diarize::{Diarization, UnsureStretch};
use crate::edit::naming::Given;
use crate::formats::clock;
use crate::retime::Map;
use crate::speech::{Segment, SpeakerLabel, Turn, Word};
use crate::time::{Ms, Span};
use crate::transcribe::Transcript;

/// Where anybody speaks, with what is heard in new stretches.
pub fn speech(old: &SpeechRegions, heard: SpeechRegions, map: &Map) -> SpeechRegions {
    let moved = |spans: &[Span], more: Vec<Span>| {
        let kept = spans.iter().flat_map(|span| map.parts(*span));
        united(kept.chain(more).collect())
    };
    SpeechRegions {
        regions: moved(&old.regions, heard.regions),
        sounds: moved(&old.sounds, heard.sounds),
    }
}

/// Sorted stretches that do not overlap.
fn united(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut().filter(|last| last.end() >= span.start()) {
            Some(last) => *last = Span::at_least_1ms(last.start(), last.end().max(span.end())),
            None => joined.push(span),
        }
    }
    joined
}

/// The words, with those of new stretches.
pub fn transcript(old: &Transcript, heard: &[Segment], map: &Map) -> Transcript {
    let moved = |word: &Word| Some(Word { span: map.word(word.span)?, ..word.clone() });
    let kept = old.segments.iter().filter_map(|segment| {
        with_words(segment, segment.words.iter().filter_map(moved).collect())
    });
    let added = map.added();
    let is_new = |word: &&Word| added.iter().any(|span| span.contains(word.span.middle()));
    let heard = heard.iter().filter_map(|segment| {
        with_words(segment, segment.words.iter().filter(is_new).cloned().collect())
    });
    let mut segments: Vec<Segment> = kept.flat_map(|segment| parted(&segment, &added)).collect();
    segments.extend(heard);
    segments.sort_by_key(|segment| segment.span);
    Transcript {
        segments,
        inaudible: old.inaudible.iter().flat_map(|span| map.parts(*span)).collect(),
        ..old.clone()
    }
}

/// A segment with these words; `None` where there are none.
fn with_words(segment: &Segment, words: Vec<Word>) -> Option<Segment> {
    let start = words.first()?.span.start();
    let end = words.iter().map(|word| word.span.end()).max()?;
    Some(Segment { span: Span::at_least_1ms(start, end), words, ..segment.clone() })
}

/// A segment, parted where new sound stands in the middle of it.
fn parted(segment: &Segment, added: &[Span]) -> Vec<Segment> {
    let behind = |word: &Word| added.partition_point(|span| span.start() < word.span.middle());
    let runs = segment.words.chunk_by(|a, b| behind(a) == behind(b));
    runs.filter_map(|run| with_words(segment, run.to_vec())).collect()
}

/// Who speaks when, with who speaks in new stretches: `heard` are diarizations of these, on the new time,
/// which know the old voices by their labels.
pub fn diarization(old: &Diarization, heard: Vec<Diarization>, map: &Map) -> Diarization {
    let mut new = old.clone();
    new.turns = old
        .turns
        .iter()
        .flat_map(|turn| {
            let parts = map.parts(turn.span).into_iter();
            parts.map(|span| Turn { span, label: turn.label.clone() })
        })
        .collect();
    new.unsure = old
        .unsure
        .iter()
        .flat_map(|unsure| {
            let parts = map.parts(unsure.span).into_iter();
            parts.map(|span| UnsureStretch { span, ..unsure.clone() })
        })
        .collect();
    for more in heard {
        add(&mut new, more);
    }
    new.turns.sort();
    new.unsure.sort_by_key(|unsure| unsure.span);
    let speaks = |label: &SpeakerLabel| new.turns.iter().any(|turn| turn.label == *label);
    new.voices.retain(|label, _| speaks(label));
    new.known.retain(|label, _| speaks(label));
    new
}

/// Adds what was heard in a stretch: a voice that is known goes on, another one is new.
fn add(to: &mut Diarization, heard: Diarization) {
    let mut labels: BTreeMap<SpeakerLabel, SpeakerLabel> = BTreeMap::new();
    for (label, voice) in heard.voices {
        let known = heard.known.get(&label).map(|known| SpeakerLabel(known.person.0.clone()));
        let own = known.filter(|known| to.voices.contains_key(known)).unwrap_or_else(|| {
            let free = (0..).map(SpeakerLabel::from_index);
            let free = free.filter(|label| !to.voices.contains_key(label));
            let new = free.into_iter().next().unwrap_or_else(|| label.clone());
            to.voices.insert(new.clone(), voice);
            new
        });
        labels.insert(label, own);
    }
    let named = |label: &SpeakerLabel| labels.get(label).cloned();
    to.turns.extend(
        heard.turns.iter().filter_map(|t| Some(Turn { span: t.span, label: named(&t.label)? })),
    );
    to.unsure.extend(heard.unsure.iter().filter_map(|unsure| {
        Some(UnsureStretch { label: named(&unsure.label)?, ..unsure.clone() })
    }));
}

/// Where the voices spoke to which a person gave names.
pub fn given(old: &[Given], map: &Map) -> Vec<Given> {
    let moved = |given: &Given| Given {
        at: given.at.iter().filter_map(|at| map.at(*at)).collect(),
        ..given.clone()
    };
    old.iter().map(moved).filter(|given| !given.at.is_empty()).collect()
}

/// A sentence with the times in it, `hh:mm:ss`, where they are now.
pub fn told(sentence: &str, map: &Map) -> String {
    let is_clock = |word: &str| {
        let parts: Vec<&str> = word.split(':').collect();
        parts.len() == 3
            && parts.iter().all(|p| p.len() >= 2 && p.bytes().all(|b| b.is_ascii_digit()))
    };
    let moved = |word: &str| {
        let bare = word.trim_end_matches([':', ',', '.', ';']);
        let at = is_clock(bare).then(|| clock::parse(bare)).flatten()?;
        let now = map.start(at).unwrap_or(map.new_duration());
        Some(word.replacen(bare, &now.clock(), 1))
    };
    let words = sentence.split(' ').map(|word| moved(word).unwrap_or_else(|| word.to_owned()));
    words.collect::<Vec<_>>().join(" ")
}

/// The first words that were said in a stretch.
pub fn first_words(transcript: &Transcript, span: Span) -> String {
    const COUNT: usize = 8;
    let words = transcript.segments.iter().flat_map(|segment| &segment.words);
    let said: Vec<&str> = words
        .filter(|word| word.suspect.is_none() && span.contains(word.span.middle()))
        .map(|word| word.text.as_str())
        .take(COUNT + 1)
        .collect();
    let more = if said.len() > COUNT { " …" } else { "" };
    format!("{}{more}", said[..said.len().min(COUNT)].join(" "))
}

/// Whether a stretch is so short that nobody can say anything in it.
pub fn is_brief(span: Span) -> bool {
    span.duration() < Ms::new(300)
}
