//! A person's edits applied to the machine's conversation.

use std::fmt;

use crate::attribute::Conversation;
use crate::edit::blocks::{interleave, paragraphs, respanned, sounds};
use crate::edit::edits::{Edits, Range};
use crate::edit::naming::Naming;
use crate::edit::replace::replace;
use crate::edit::turns::named_turns;
use crate::edit::{Edition, Paragraph, Quotation, Soundbite, Status};
use crate::library::show::Music;
use crate::speech::{Chapter, SpeakerName, Turn};
use crate::time::{Ms, Span};

/// What an edition is made from beside the conversation and the edits.
#[derive(Debug, Clone, Copy)]
pub struct EditContext<'a> {
    /// The names for the labels.
    pub naming: &'a Naming,
    /// Who speaks when, overlap included.
    pub turns: &'a [Turn],
    /// Chapters that the edits do not replace.
    pub chapters: &'a [Chapter],
    /// The episode's pieces of music, in order.
    pub music: &'a [Music],
    /// The show's theme.
    pub theme: Option<&'a Music>,
}

/// An edit that could not be applied, or not as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditWarning {
    /// No words to replace are named.
    EmptyFind,
    /// The words to replace stand nowhere.
    NotFound {
        /// The words.
        find: String,
        /// The words that come nearest.
        nearest: Option<Left>,
    },
    /// The words were replaced, and what looks like them stands in other places, too.
    NotEverywhere {
        /// The words.
        find: String,
        /// In how many places they were replaced.
        count: usize,
        /// The other places.
        left: Vec<Left>,
    },
    /// The label occurs nowhere in the episode.
    NoSuchLabel {
        /// The label.
        label: String,
    },
    /// A stretch holds no word, or ends before it begins.
    EmptyStretch {
        /// The table in `edits.toml`.
        table: &'static str,
        /// Where the stretch begins.
        from: Ms,
    },
    /// Two chapters begin at one time.
    SameStart {
        /// Where they begin.
        at: Ms,
    },
    /// Chapters begin after the end of the recording.
    ChaptersBeyondEnd {
        /// How many.
        count: usize,
        /// Where the first of them begins.
        first: Ms,
    },
    /// Something begins after the end of the recording.
    BeyondEnd {
        /// The table in `edits.toml`.
        table: &'static str,
        /// Where it begins.
        at: Ms,
    },
}

/// Words of the transcript that an edit left as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The words.
    pub text: String,
    /// When they are said.
    pub at: Ms,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` at {}", self.text, self.at.clock())
    }
}

/// How many of the places that were left are named.
const NAMED: usize = 3;

impl fmt::Display for EditWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditWarning::EmptyFind => {
                f.write_str("`[[replace]]` without `find`: write the words that are to be replaced")
            }
            EditWarning::NotFound { find, nearest } => {
                write!(
                    f,
                    "`[[replace]]`: `{find}` stands nowhere in the transcript and nothing was replaced"
                )?;
                nearest.as_ref().map_or(Ok(()), |nearest| write!(f, "; nearest: {nearest}"))
            }
            EditWarning::NotEverywhere { find, count, left } => {
                let all = count + left.len();
                let named: Vec<String> = left.iter().take(NAMED).map(Left::to_string).collect();
                let more = left.len().saturating_sub(NAMED);
                write!(
                    f,
                    "`[[replace]]`: `{find}` was replaced in {count} of {all} places; left: {}",
                    named.join(", ")
                )?;
                if more > 0 {
                    write!(f, " and {more} more")?;
                }
                f.write_str("; a `find` with those words replaces them, too")
            }
            EditWarning::NoSuchLabel { label } => {
                write!(f, "`[names]`: no voice of this episode is labelled `{label}`")
            }
            EditWarning::EmptyStretch { table, from } => {
                write!(
                    f,
                    "`[[{table}]]` at {}: the stretch holds no word and was left out",
                    from.clock()
                )
            }
            EditWarning::SameStart { at } => {
                write!(f, "two chapters begin at {}; both are kept", at.clock())
            }
            EditWarning::ChaptersBeyondEnd { count: 1, first } => {
                write!(
                    f,
                    "the chapter at {} begins after the recording ends; it was left out",
                    first.clock()
                )
            }
            EditWarning::ChaptersBeyondEnd { count, first } => {
                write!(
                    f,
                    "{count} chapters, the first at {}, begin after the recording ends; they were \
                     left out",
                    first.clock()
                )
            }
            EditWarning::BeyondEnd { table, at } => {
                write!(
                    f,
                    "`[[{table}]]` at {}: the recording ends before that; it was left out",
                    at.clock()
                )
            }
        }
    }
}

/// Makes the edition. An edit that finds no place is a warning, never a wrong change.
pub fn apply(
    conversation: &Conversation,
    edits: &Edits,
    context: EditContext<'_>,
) -> (Edition, Vec<EditWarning>) {
    let mut warnings = unknown_labels(edits, |label| context.naming.knows(label));
    let body = changed(paragraphs(conversation, context.naming), edits, &mut warnings);
    let stretches: Vec<Span> =
        conversation.sounds.iter().copied().filter(|sound| !is_cut(edits, *sound)).collect();
    let edition = Edition {
        language: conversation.language.clone(),
        duration: conversation.duration,
        blocks: interleave(body, sounds(&stretches, context.music, context.theme)),
        chapters: chapters(edits, context.chapters, conversation.duration, &mut warnings),
        soundbites: soundbites(edits, conversation.duration, &mut warnings),
        turns: named_turns(conversation, context.turns, context.naming),
    };
    (edition.cleaned(), warnings)
}

/// The paragraphs after every edit that is about words and speakers.
pub(super) fn changed(
    mut body: Vec<Paragraph>,
    edits: &Edits,
    warnings: &mut Vec<EditWarning>,
) -> Vec<Paragraph> {
    replace(&mut body, &edits.replace, warnings);
    for cut in &edits.cut {
        body = isolate(body, cut, "cut", warnings, |_| false);
    }
    for change in &edits.speaker {
        let range = Range { from: change.from, to: change.to };
        body = isolate(body, &range, "speaker", warnings, |paragraph| {
            paragraph.speaker = Some(SpeakerName(change.name.clone()));
            paragraph.status = Status::Edited;
            paragraph.words.iter_mut().for_each(|w| w.speaker_confidence = 1.0);
            true
        });
    }
    for quotation in &edits.quotation {
        let range = Range { from: quotation.from, to: quotation.to };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_string());
        body = isolate(body, &range, "quotation", warnings, |paragraph| {
            paragraph.quotation = Some(Quotation {
                author: some(&quotation.author),
                source: some(&quotation.source),
                url: some(&quotation.url),
            });
            true
        });
    }
    mark_checked(&mut body, &edits.checked, warnings);
    body.into_iter().filter_map(respanned).collect()
}

/// Whether a cut covers a stretch wholly.
pub(super) fn is_cut(edits: &Edits, stretch: Span) -> bool {
    let cuts = edits.cut.iter().filter_map(Range::span);
    cuts.into_iter().any(|cut| cut.overlap(stretch) == stretch.duration())
}

pub(super) fn unknown_labels(edits: &Edits, knows: impl Fn(&str) -> bool) -> Vec<EditWarning> {
    edits
        .names
        .keys()
        .filter(|label| !knows(label))
        .map(|label| EditWarning::NoSuchLabel { label: label.clone() })
        .collect()
}

/// Splits the paragraphs at the edges of a stretch and changes, or leaves out, what lies in it. A
/// word lies in the stretch when its middle does.
fn isolate(
    body: Vec<Paragraph>,
    range: &Range,
    table: &'static str,
    warnings: &mut Vec<EditWarning>,
    mut keep: impl FnMut(&mut Paragraph) -> bool,
) -> Vec<Paragraph> {
    let inside = |w: &crate::edit::EditedWord| {
        range.span().is_some_and(|span| span.contains(w.word.span.middle()))
    };
    if !body.iter().flat_map(|p| &p.words).any(inside) {
        warnings.push(EditWarning::EmptyStretch { table, from: range.from.0 });
        return body;
    }
    let mut out = Vec::new();
    for paragraph in body {
        for run in paragraph.words.chunk_by(|a, b| inside(a) == inside(b)) {
            let mut part = Paragraph { words: run.to_vec(), ..paragraph.clone() };
            if !run.first().is_some_and(inside) || keep(&mut part) {
                out.extend(respanned(part));
            }
        }
    }
    out
}

fn mark_checked(body: &mut [Paragraph], checked: &[Range], warnings: &mut Vec<EditWarning>) {
    for range in checked {
        let mut any = false;
        for paragraph in body.iter_mut() {
            if range
                .span()
                .is_some_and(|span| span.overlap(paragraph.span) == paragraph.span.duration())
            {
                paragraph.status = Status::Checked;
                any = true;
            }
        }
        if !any {
            warnings.push(EditWarning::EmptyStretch { table: "checked", from: range.from.0 });
        }
    }
}

pub(super) fn chapters(
    edits: &Edits,
    others: &[Chapter],
    duration: Ms,
    warnings: &mut Vec<EditWarning>,
) -> Vec<Chapter> {
    let own = edits.chapter.iter().map(|c| Chapter {
        start: c.start.0,
        title: c.title.clone(),
        url: (!c.url.is_empty()).then(|| c.url.clone()),
    });
    let mut all: Vec<Chapter> =
        if edits.chapter.is_empty() { others.to_vec() } else { own.collect() };
    all.sort_by_key(|c| c.start);
    for pair in all.windows(2) {
        if let [first, second] = pair
            && first.start == second.start
        {
            warnings.push(EditWarning::SameStart { at: first.start });
        }
    }
    let within = all.partition_point(|chapter| chapter.start < duration);
    let beyond = all.split_off(within);
    if let Some(first) = beyond.first() {
        warnings.push(EditWarning::ChaptersBeyondEnd { count: beyond.len(), first: first.start });
    }
    all
}

pub(super) fn soundbites(
    edits: &Edits,
    duration: Ms,
    warnings: &mut Vec<EditWarning>,
) -> Vec<Soundbite> {
    let mut all = Vec::new();
    for bite in &edits.soundbite {
        match Span::new(bite.from.0, bite.to.0) {
            Some(span) if span.end() <= duration => {
                all.push(Soundbite { span, title: bite.title.clone() })
            }
            Some(span) => {
                warnings.push(EditWarning::BeyondEnd { table: "soundbite", at: span.start() })
            }
            None => {
                warnings.push(EditWarning::EmptyStretch { table: "soundbite", from: bite.from.0 })
            }
        }
    }
    all.sort_by_key(|bite| bite.span);
    all
}

#[cfg(test)]
mod tests;
