//! An imported transcript as an [`Edition`], so that it renders like a transcribed one.
//!
//! Stated times are kept to the second; what has none is interpolated by length. Starts never go
//! back: equal times get a small inner length each, and a time that goes back is taken for missing.

use super::{Imported, ImportedParagraph};
use crate::edit::blocks::turns_of;
use crate::edit::{Block, EditedWord, Edition, Paragraph, Sound, Status};
use crate::speech::{SpeakerName, Word};
use crate::time::{Ms, Span};

/// Speech of 150 words a minute has about this many milliseconds for each character.
const MS_PER_CHAR: i64 = 70;
/// Nobody speaks slower than this for a whole paragraph.
const SLOWEST_MS_PER_CHAR: i64 = 160;

/// A stretch of text on its way to a time.
struct Stretch {
    start: Option<Ms>,
    end: Option<Ms>,
    chars: i64,
}

impl Imported {
    /// The edition. `duration` is the audio's length; without it the text ends where its last
    /// paragraph should.
    pub fn to_edition(&self, language: &str, duration: Option<Ms>) -> Edition {
        let spans = spans(&self.paragraphs, duration);
        let mut spans = spans.into_iter();
        let mut blocks = Vec::new();
        for paragraph in &self.paragraphs {
            let spans: Vec<Span> = spans.by_ref().take(paragraph.pieces.len()).collect();
            let (Some(first), Some(last)) = (spans.first(), spans.last()) else { continue };
            let span = Span::at_least_1ms(first.start(), last.end());
            if paragraph.is_sound {
                blocks.push(Block::Sound(Sound { span, text: paragraph.text() }));
                continue;
            }
            let words = paragraph.pieces.iter().zip(&spans);
            let words = words.flat_map(|(piece, span)| words_of(&piece.text, *span)).collect();
            blocks.push(Block::Paragraph(Paragraph {
                span,
                speaker: paragraph.speaker.clone().map(SpeakerName),
                label: None,
                words,
                quotation: paragraph.quotation.clone(),
                status: Status::Machine,
            }));
        }
        let end = blocks.iter().map(|block| block_span(block).end()).max().unwrap_or(Ms::ZERO);
        let turns = turns_of(&blocks);
        Edition {
            language: language.to_owned(),
            duration: duration.unwrap_or(end),
            blocks,
            chapters: Vec::new(),
            soundbites: Vec::new(),
            turns,
        }
    }
}

fn block_span(block: &Block) -> Span {
    match block {
        Block::Paragraph(paragraph) => paragraph.span,
        Block::Sound(sound) => sound.span,
    }
}

/// A span for every piece of every paragraph, in order; starts do not go back.
fn spans(paragraphs: &[ImportedParagraph], duration: Option<Ms>) -> Vec<Span> {
    let mut stretches: Vec<Stretch> = paragraphs
        .iter()
        .flat_map(|paragraph| &paragraph.pieces)
        .map(|piece| Stretch {
            start: piece.start.map(|start| start.max(Ms::ZERO)),
            end: piece.end,
            chars: i64::try_from(piece.text.chars().count()).unwrap_or(1).max(1),
        })
        .collect();
    forget_falling(&mut stretches);
    part_equal(&mut stretches);
    let starts = fill(&stretches, duration);
    let mut spans = Vec::with_capacity(stretches.len());
    for (index, (stretch, start)) in stretches.iter().zip(&starts).enumerate() {
        let next = starts.get(index + 1).copied().or(duration);
        let slowest = *start + Ms::new(stretch.chars.saturating_mul(SLOWEST_MS_PER_CHAR).max(400));
        let guess = *start + Ms::new(stretch.chars.saturating_mul(MS_PER_CHAR));
        let end = match (stretch.end, next) {
            (Some(end), _) if end > *start => end,
            (_, Some(next)) if next > *start => next.min(slowest),
            _ => guess,
        };
        spans.push(Span::at_least_1ms(*start, end));
    }
    spans
}

/// A time that lies before an earlier one says nothing.
fn forget_falling(stretches: &mut [Stretch]) {
    let mut latest = Ms::ZERO;
    for stretch in stretches {
        stretch.start.take_if(|start| *start < latest);
        if stretch.start.is_none() {
            stretch.end = None;
        }
        latest = stretch.start.unwrap_or(latest);
    }
}

/// Stretches at one time share the second that begins there, so that they still show it.
fn part_equal(stretches: &mut [Stretch]) {
    let timed: Vec<usize> = (0..stretches.len())
        .filter(|&at| stretches.get(at).is_some_and(|stretch| stretch.start.is_some()))
        .collect();
    let start_at = |stretches: &[Stretch], at: usize| stretches.get(at).and_then(|s| s.start);
    let mut from = 0;
    while let Some(&first) = timed.get(from) {
        let start = start_at(stretches, first);
        let same = |at: &&usize| start_at(stretches, **at) == start;
        let count = timed.get(from..).unwrap_or_default().iter().take_while(same).count().max(1);
        let next = timed.get(from + count).and_then(|&at| start_at(stretches, at));
        let room = start.zip(next).map_or(1_000, |(start, next)| (next - start).get().min(1_000));
        let share = room / i64::try_from(count).unwrap_or(i64::MAX);
        for (nth, &at) in timed.iter().skip(from).take(count).enumerate().skip(1) {
            let later = Ms::new(share.saturating_mul(i64::try_from(nth).unwrap_or(0)));
            if let Some(stretch) = stretches.get_mut(at) {
                stretch.start = start.map(|start| start + later);
            }
        }
        from += count;
    }
}

/// A start for every stretch: the known ones, and between them by length.
fn fill(stretches: &[Stretch], duration: Option<Ms>) -> Vec<Ms> {
    let mut starts: Vec<Ms> = Vec::with_capacity(stretches.len());
    while let Some(stretch) = stretches.get(starts.len()) {
        let at = starts.len();
        let from = stretch.start.or(starts.last().copied()).unwrap_or(Ms::ZERO);
        // What shares the time from here to the next stretch with a known start.
        let rest = stretches.get(at + 1..).unwrap_or_default();
        let untimed = rest.iter().take_while(|stretch| stretch.start.is_none()).count();
        let run = stretches.get(at..=at + untimed).unwrap_or_default();
        let chars: i64 = run.iter().map(|stretch| stretch.chars).sum::<i64>().max(1);
        let natural = chars.saturating_mul(MS_PER_CHAR);
        let until = stretches.get(at + untimed + 1).and_then(|stretch| stretch.start);
        let until = until.or(duration.filter(|end| *end > from));
        let slowest = chars.saturating_mul(SLOWEST_MS_PER_CHAR);
        let room = until.map_or(natural, |until| (until - from).get().min(slowest)).max(0);
        let mut done = 0_i64;
        for stretch in run {
            let share = i128::from(room) * i128::from(done) / i128::from(chars);
            starts.push(from + Ms::new(i64::try_from(share).unwrap_or(i64::MAX)));
            done = done.saturating_add(stretch.chars);
        }
    }
    starts
}

/// The words of a text, which share its span by length.
fn words_of(text: &str, span: Span) -> Vec<EditedWord> {
    let total: i64 = text.split_whitespace().map(weight).sum::<i64>().max(1);
    let mut done = 0;
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        let at = |done: i64| {
            let share = i128::from(span.duration().get()) * i128::from(done) / i128::from(total);
            span.start() + Ms::new(i64::try_from(share).unwrap_or(0))
        };
        let place = Span::at_least_1ms(at(done), at(done + weight(word)));
        done += weight(word);
        words.push(EditedWord { word: Word::new(place, word, 1.0), speaker_confidence: 1.0 });
    }
    words
}

fn weight(word: &str) -> i64 {
    i64::try_from(word.chars().count()).unwrap_or(1) + 1
}
