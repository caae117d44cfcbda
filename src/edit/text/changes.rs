//! What differs between an edition and a text, as corrections.

use std::collections::BTreeMap;
use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::edit::anchor::{CONTEXT, bare};
use crate::edit::edits::{Cut, Edits, Place, Replace, SpeakerChange, TimeText, VoiceName};
use crate::edit::text::read::Sheet;
use crate::edit::{Edition, Paragraph};
use crate::formats::Diagnostic;
use crate::formats::names::UNKNOWN_SPEAKER;
use crate::speech::SpeakerName;
use crate::time::{Ms, Span};

/// The least part of the words that has to be the edition's for the text to be that of this episode.
const SAME_EPISODE: f64 = 0.5;
/// A paragraph is gone where fewer than one of so many words of it is left.
const GONE: usize = 6;
/// From how many words on a text says enough to tell it from another episode's.
const ENOUGH: usize = 40;

/// A word of the edition as it is printed: several where no space stands between them.
struct Printed<'e> {
    text: String,
    span: Span,
    paragraph: usize,
    speaker: Option<&'e SpeakerName>,
}

/// A word of the text.
struct Written<'s> {
    text: &'s str,
    paragraph: usize,
}

/// Words of the edition, and what stands for them in the text.
struct Hunk {
    old: Range<usize>,
    new: Range<usize>,
}

/// What another name for everything that is said under a name is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renamed {
    /// The name of the voice.
    Voice,
    /// Stretches that are given to others, one by one: what was given away before is no voice.
    Stretches,
}

/// The corrections that make the text of the edition, as far as they can be seen at once.
pub(super) fn changes(
    edition: &Edition,
    sheet: &Sheet,
    renamed: Renamed,
) -> Result<Edits, Vec<Diagnostic>> {
    let paragraphs: Vec<&Paragraph> = edition.paragraphs().collect();
    let compared = Compared::of(&paragraphs, sheet);
    compared.must_be_of_this_episode()?;
    compared.must_be_whole()?;
    let mut edits = Edits { replace: compared.words(), ..Edits::default() };
    // all else is found by the words, and by the times that these have then
    if !edits.replace.is_empty() {
        return Ok(edits);
    }
    compared.speakers(&mut edits, renamed);
    compared.breaks(&mut edits);
    edits.cut = compared.cuts();
    Ok(edits)
}

/// The first paragraph of the text that the edition does not have so; `None` where it is the text.
pub(super) fn left(edition: &Edition, sheet: &Sheet) -> Option<Diagnostic> {
    let paragraphs: Vec<&Paragraph> = edition.paragraphs().collect();
    let old = printed(&paragraphs);
    let mut have: Vec<(usize, Option<&SpeakerName>, Vec<&str>)> = Vec::new();
    for word in &old {
        match have.last_mut().filter(|(paragraph, ..)| *paragraph == word.paragraph) {
            Some((.., words)) => words.push(&word.text),
            None => have.push((word.paragraph, word.speaker, vec![&word.text])),
        }
    }
    let wanted: Vec<_> = sheet.paragraphs.iter().filter(|lines| !lines.is_cut).collect();
    let differs = |(lines, (_, speaker, words)): &(
        &&super::read::Lines,
        &(usize, Option<&SpeakerName>, Vec<&str>),
    )| { lines.speaker.as_ref() != *speaker || lines.words != *words };
    let first = wanted.iter().zip(&have).find(differs).map(|(lines, _)| lines.line);
    let line = match (first, wanted.len() == have.len()) {
        (Some(line), _) => line,
        (None, true) => return None,
        (None, false) => wanted.get(have.len()).or(wanted.last()).map_or(0, |lines| lines.line),
    };
    let message = "a change of this paragraph cannot be made as it stands here";
    Some(
        Diagnostic::error("S-LEFT", line, 1, message)
            .fix("make it in smaller steps, or write it into `edits.toml`"),
    )
}

/// The words of the edition as they are printed: those that may be invented left out.
fn printed<'e>(paragraphs: &[&'e Paragraph]) -> Vec<Printed<'e>> {
    let mut words: Vec<Printed<'e>> = Vec::new();
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let mut gap = true;
        for edited in &paragraph.words {
            let word = &edited.word;
            if word.suspect.is_some() || word.text.trim().is_empty() {
                gap |= word.suspect.is_some();
                continue;
            }
            for (nth, text) in word.text.split_whitespace().enumerate() {
                match words.last_mut().filter(|_| nth == 0 && word.glued && !gap) {
                    Some(last) => {
                        last.text.push_str(text);
                        last.span = Span::at_least_1ms(last.span.start(), word.span.end());
                    }
                    None => words.push(Printed {
                        text: text.to_owned(),
                        span: word.span,
                        paragraph: index,
                        speaker: paragraph.speaker.as_ref(),
                    }),
                }
            }
            gap = false;
        }
    }
    words
}

/// The words of printed paragraphs as a text has them, each with the number of its paragraph.
pub(super) fn words_of(paragraphs: &[&Paragraph]) -> impl Iterator<Item = (usize, String)> {
    printed(paragraphs).into_iter().map(|word| (word.paragraph, word.text))
}

struct Compared<'e, 's> {
    paragraphs: &'e [&'e Paragraph],
    sheet: &'s Sheet,
    old: Vec<Printed<'e>>,
    new: Vec<Written<'s>>,
    hunks: Vec<Hunk>,
    /// For each word of the edition, the word of the text that stands for it.
    stands: Vec<Option<usize>>,
}

impl<'e, 's> Compared<'e, 's> {
    fn of(paragraphs: &'e [&'e Paragraph], sheet: &'s Sheet) -> Compared<'e, 's> {
        let old = printed(paragraphs);
        let mut new = Vec::new();
        for (paragraph, lines) in sheet.paragraphs.iter().enumerate() {
            new.extend(lines.words.iter().map(|text| Written { text, paragraph }));
        }
        let mut compared = Compared {
            paragraphs,
            sheet,
            stands: vec![None; old.len()],
            hunks: Vec::new(),
            old,
            new,
        };
        compared.align();
        compared
    }

    /// Sets the words against each other: first without case and signs, then as they are.
    fn align(&mut self) {
        let old: Vec<String> = self.old.iter().map(|word| bare(&word.text)).collect();
        let new: Vec<String> = self.new.iter().map(|word| bare(word.text)).collect();
        for operation in capture_diff_slices(Algorithm::Myers, &old, &new) {
            let (tag, old, new) = operation.as_tag_tuple();
            if tag == DiffTag::Equal {
                for (old, new) in old.zip(new) {
                    self.stands[old] = Some(new);
                    if self.old[old].text != self.new[new].text {
                        self.differ(old..old + 1, new..new + 1);
                    }
                }
                continue;
            }
            for (old, new) in old.clone().zip(new.clone()) {
                self.stands[old] = Some(new);
            }
            self.differ(old, new);
        }
    }

    /// Notes what differs, joined with what differs just before.
    fn differ(&mut self, old: Range<usize>, new: Range<usize>) {
        match self.hunks.last_mut().filter(|h| h.old.end == old.start && h.new.end == new.start) {
            Some(last) => (last.old.end, last.new.end) = (old.end, new.end),
            None => self.hunks.push(Hunk { old, new }),
        }
    }

    fn must_be_of_this_episode(&self) -> Result<(), Vec<Diagnostic>> {
        let changed: usize = self.hunks.iter().map(|hunk| hunk.old.len()).sum();
        let (all, same) = (self.old.len(), self.old.len() - changed);
        let share = |count: usize, of: usize| weight(count) / weight(of.max(1));
        let is_other = all >= ENOUGH && share(same, self.new.len().min(all)) < SAME_EPISODE;
        if !is_other {
            return Ok(());
        }
        let message = format!(
            "this does not seem to be the text of this episode: only {same} of its {all} words stand here"
        );
        Err(vec![
            Diagnostic::error("S-EPISODE", 0, 0, message)
                .fix("`linernotes text EPISODE` writes the text that belongs to it"),
        ])
    }

    /// A paragraph that is gone was not meant to be, unless it is marked as cut.
    fn must_be_whole(&self) -> Result<(), Vec<Diagnostic>> {
        let mut kept: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for (word, stands) in self.old.iter().zip(&self.stands) {
            let (words, stand) = kept.entry(word.paragraph).or_default();
            (*words, *stand) = (*words + 1, *stand + usize::from(stands.is_some()));
        }
        // a word or two of a long one that is gone may seem to stand elsewhere
        let is_gone = |(words, stand): &(usize, usize)| *stand * GONE < *words || *stand == 0;
        let gone = kept.iter().filter(|(_, kept)| is_gone(kept)).map(|(paragraph, _)| *paragraph);
        let faults: Vec<Diagnostic> = gone
            .map(|paragraph| {
                let start = self.paragraphs[paragraph].span.start();
                let text: Vec<&str> = self
                    .old
                    .iter()
                    .filter(|word| word.paragraph == paragraph)
                    .map(|word| word.text.as_str())
                    .take(6)
                    .collect();
                let message = format!(
                    "the paragraph at {} is missing: “{} …”",
                    start.clock(),
                    text.join(" ")
                );
                Diagnostic::error("S-MISSING", self.line_before(paragraph), 1, message)
                    .fix("put it back; to leave it out, put `[cut]` before its first word")
            })
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// The line of the text behind which a paragraph of the edition would stand.
    fn line_before(&self, paragraph: usize) -> usize {
        let before = self
            .old
            .iter()
            .zip(&self.stands)
            .rev()
            .find_map(|(word, stands)| stands.filter(|_| word.paragraph < paragraph));
        let lines = before.map(|new| &self.sheet.paragraphs[self.new[new].paragraph]);
        lines.or(self.sheet.paragraphs.first()).map_or(0, |lines| lines.line)
    }

    /// Words that are written otherwise, each run within one paragraph of the edition.
    fn words(&self) -> Vec<Replace> {
        let mut replace = Vec::new();
        for hunk in &self.hunks {
            let mut new = hunk.new.clone();
            let mut old = hunk.old.clone();
            while !old.is_empty() || !new.is_empty() {
                let paragraph = self.old.get(old.start).map(|word| word.paragraph);
                let rest = &self.old[old.clone()];
                let within =
                    rest.iter().take_while(|word| Some(word.paragraph) == paragraph).count();
                let is_last = within == old.len();
                let take = if is_last {
                    new.len()
                } else if old.len() == new.len() {
                    within
                } else {
                    self.until_break(new.clone())
                };
                let part =
                    Hunk { old: old.start..old.start + within, new: new.start..new.start + take };
                (old.start, new.start) = (part.old.end, part.new.end);
                replace.extend(self.replacement(&part));
            }
        }
        replace
    }

    /// How many words stand before the text's next paragraph.
    fn until_break(&self, new: Range<usize>) -> usize {
        let words = &self.new[new];
        words.iter().take_while(|word| word.paragraph == words[0].paragraph).count()
    }

    fn replacement(&self, hunk: &Hunk) -> Option<Replace> {
        let find = self.old_text(hunk.old.clone());
        let with = self.new_text(hunk.new.clone());
        if find == with {
            return None;
        }
        let at = match self.old.get(hunk.old.start) {
            Some(word) => word.span.start(),
            None => self.old.last().map_or(Ms::ZERO, |word| word.span.end()),
        };
        // what stands before is as it will be once the earlier ones are made
        let before = hunk.new.start.saturating_sub(CONTEXT)..hunk.new.start;
        let after = hunk.old.end..(hunk.old.end + CONTEXT).min(self.old.len());
        Some(Replace {
            find,
            with,
            at: Some(TimeText(at)),
            to: self.old[hunk.old.clone()].last().map(|word| TimeText(word.span.end())),
            before: self.new_text(before),
            after: self.old_text(after),
        })
    }

    fn old_text(&self, range: Range<usize>) -> String {
        let words = self.old.get(range).unwrap_or_default();
        words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn new_text(&self, range: Range<usize>) -> String {
        let words = self.new.get(range).unwrap_or_default();
        words.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
    }

    /// Who says a word of the edition, by the text.
    fn speaker_of(&self, old: usize) -> Option<&SpeakerName> {
        match self.stands[old] {
            Some(new) => self.sheet.paragraphs[self.new[new].paragraph].speaker.as_ref(),
            None => self.old[old].speaker,
        }
    }

    /// Names for voices where all of a voice's words have another name, and stretches given to others.
    fn speakers(&self, edits: &mut Edits, how: Renamed) {
        let mut renamed: BTreeMap<Option<&SpeakerName>, Option<Option<&SpeakerName>>> =
            BTreeMap::new();
        for index in (0..self.old.len()).filter(|index| self.stands[*index].is_some()) {
            let now = self.speaker_of(index);
            let known = renamed.entry(self.old[index].speaker).or_insert(Some(now));
            if *known != Some(now) || how == Renamed::Stretches {
                *known = None;
            }
        }
        for (was, now) in &renamed {
            let (Some(was), Some(Some(now))) = (was, now) else { continue };
            if was == now {
                continue;
            }
            // a time in the middle of the longest paragraph is surely this voice's
            let own = self.paragraphs.iter().filter(|p| p.speaker.as_ref() == Some(*was));
            if let Some(longest) = own.max_by_key(|p| p.words.len()) {
                let middle = &longest.words[longest.words.len() / 2].word.span;
                edits
                    .voice
                    .push(VoiceName { name: now.0.clone(), at: Some(TimeText(middle.middle())) });
            }
        }
        let is_renamed = |was: Option<&SpeakerName>| {
            was.is_some_and(|was| matches!(renamed.get(&Some(was)), Some(Some(Some(_)))))
        };
        let mut index = 0;
        while index < self.old.len() {
            let (was, now) = (self.old[index].speaker, self.speaker_of(index));
            let run = (index..self.old.len())
                .take_while(|at| self.old[*at].speaker == was && self.speaker_of(*at) == now)
                .count();
            if was != now && !is_renamed(was) {
                let stretch = self.stretch(index..index + run);
                let name = now.map_or_else(|| UNKNOWN_SPEAKER.to_owned(), |name| name.0.clone());
                edits.speaker.push(SpeakerChange {
                    name,
                    from: stretch.from,
                    to: stretch.to,
                    from_words: stretch.from_words,
                    to_words: stretch.to_words,
                    ..SpeakerChange::default()
                });
            }
            index += run;
        }
    }

    /// A stretch of the edition's words, named by its times and by the words that stand there now.
    fn stretch(&self, range: Range<usize>) -> Cut {
        let stand: Vec<usize> = range.clone().filter_map(|old| self.stands[old]).collect();
        let words = match (stand.first(), stand.last()) {
            (Some(first), Some(last)) => *first..*last + 1,
            _ => 0..0,
        };
        let first = words.start..(words.start + CONTEXT).min(words.end);
        let last = words.end.saturating_sub(CONTEXT).max(words.start)..words.end;
        Cut {
            from: Some(TimeText(self.old[range.start].span.start())),
            to: Some(TimeText(self.old[range.end - 1].span.end())),
            from_words: self.new_text(first),
            to_words: self.new_text(last),
            ..Cut::default()
        }
    }

    /// Where paragraphs begin that did not, and where none begins any more.
    fn breaks(&self, edits: &mut Edits) {
        for index in 1..self.old.len() {
            let (Some(new), Some(before)) = (self.stands[index], self.stood_before(index)) else {
                continue;
            };
            let was = self.old[index].paragraph != self.old[index - 1].paragraph;
            let is = self.new[new].paragraph != self.new[before].paragraph;
            let one_speaker = self.speaker_of(index) == self.speaker_of(index - 1);
            if was == is || !one_speaker {
                continue;
            }
            let words = new..(new + CONTEXT).min(self.new.len());
            let within =
                words.filter(|at| self.new[*at].paragraph == self.new[new].paragraph).count();
            let place = Place {
                at: Some(TimeText(self.old[index].span.start())),
                words: self.new_text(new..new + within),
            };
            if is { edits.paragraph.push(place) } else { edits.join.push(place) }
        }
    }

    /// The word of the text that stands for the nearest word before one of the edition.
    fn stood_before(&self, index: usize) -> Option<usize> {
        self.stands[..index].iter().rev().find_map(|stands| *stands)
    }

    /// Paragraphs that are marked to be left out.
    fn cuts(&self) -> Vec<Cut> {
        let is_cut = |old: usize| {
            self.stands[old]
                .is_some_and(|new| self.sheet.paragraphs[self.new[new].paragraph].is_cut)
        };
        let all: Vec<usize> = (0..self.old.len()).collect();
        let runs = all.chunk_by(|a, b| is_cut(*a) == is_cut(*b));
        let cut = runs.filter(|run| is_cut(run[0]));
        cut.map(|run| self.stretch(run[0]..run[run.len() - 1] + 1)).collect()
    }
}

fn weight(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
