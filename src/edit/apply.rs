//! A person's edits applied to the machine's conversation.

use crate::attribute::Conversation;
use crate::edit::blocks::{interleave, paragraphs, parted_by, respanned, sounds};
use crate::edit::edits::{Edits, MusicEdit, OnStretch, Place, QuotationEdit};
use crate::edit::naming::Naming;
use crate::edit::replace::replace;
use crate::edit::stretch::{self, Found};
use crate::edit::times::{Heard, Passage, Times, passages};
use crate::edit::turns::{named_turns, reassigned, without};
use crate::edit::warning::{EditWarning, Outcome};
use crate::edit::{
    Block, EditedWord, Edition, NamedTurn, Paragraph, Quotation, Sound, Soundbite, Status,
};
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
    /// When changed words are said, as far as they were listened for.
    pub times: &'a Times,
}

/// Makes the edition. An edit that finds no place is a warning, never a wrong change.
pub fn apply(
    conversation: &Conversation,
    edits: &Edits,
    context: EditContext<'_>,
) -> (Edition, Vec<EditWarning>) {
    let text = Text::of(conversation, context);
    let (text, mut warnings) = text.changed(edits, context.naming, context.times);
    let edition = Edition {
        language: conversation.language.clone(),
        duration: conversation.duration,
        chapters: chapters(edits, context.chapters, conversation.duration, &mut warnings),
        soundbites: soundbites(edits, &text.body, conversation.duration, &mut warnings),
        blocks: interleave(text.body, text.sounds),
        turns: text.turns,
    };
    (edition.cleaned(), warnings)
}

/// The passages of the sound to listen to, for the times of words that the edits put in the place of others.
pub fn unheard(
    conversation: &Conversation,
    edits: &Edits,
    context: EditContext<'_>,
) -> Vec<Passage> {
    Text::of(conversation, context).unheard(edits)
}

/// The stretches that a person gave to others, and to whom.
pub fn given_away(
    conversation: &Conversation,
    naming: &Naming,
    edits: &Edits,
) -> Vec<(Span, SpeakerName)> {
    let mut body = paragraphs(conversation, naming);
    replace(&mut body, &edits.replace, &mut Vec::new());
    let given = edits.speaker.iter().filter_map(|change| {
        let found = stretch::find(&body, change, &mut Vec::new())?;
        Some((found.span, naming.meant(&change.name)))
    });
    given.collect()
}

/// What the edits are applied to.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) body: Vec<Paragraph>,
    pub(super) sounds: Vec<Sound>,
    pub(super) turns: Vec<NamedTurn>,
}

impl Text {
    /// The text as it was heard.
    fn of(conversation: &Conversation, context: EditContext<'_>) -> Text {
        let sounds = sounds(&conversation.sounds, context.music, context.theme);
        Text {
            body: parted_by(paragraphs(conversation, context.naming), &sounds),
            sounds,
            turns: named_turns(conversation, context.turns, context.naming),
        }
    }

    /// The passages of the sound in which words are that the edits put in the place of others.
    pub(super) fn unheard(mut self, edits: &Edits) -> Vec<Passage> {
        let heard = Heard::of(&self.body);
        replace(&mut self.body, &edits.replace, &mut Vec::new());
        passages(&self.body, &heard)
    }

    /// The text after every edit that is about words, speakers, paragraphs and sounds.
    pub(super) fn changed(
        mut self,
        edits: &Edits,
        naming: &Naming,
        times: &Times,
    ) -> (Text, Vec<EditWarning>) {
        let mut warnings = Vec::new();
        let heard = Heard::of(&self.body);
        replace(&mut self.body, &edits.replace, &mut warnings);
        times.put(&mut self.body, &heard);
        for place in &edits.paragraph {
            self.begin_paragraph(place, &mut warnings);
        }
        self.change_speakers(edits, naming, &mut warnings);
        for place in &edits.join {
            self.join(place, &mut warnings);
        }
        for quotation in &edits.quotation {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_string());
            let Some(found) = stretch::find(&self.body, quotation, &mut warnings) else { continue };
            let found = found.at_its_sentence(&self.body);
            self.on_found::<QuotationEdit>(found, &mut warnings, |paragraph| {
                paragraph.quotation = Some(Quotation {
                    author: some(&quotation.author),
                    source: some(&quotation.source),
                    url: some(&quotation.url),
                });
            });
        }
        for checked in &edits.checked {
            self.check(checked, &mut warnings);
        }
        for music in &edits.music {
            self.name_music(music, &mut warnings);
        }
        for cut in &edits.cut {
            self.cut(cut, &mut warnings);
        }
        self.body = self.body.into_iter().filter_map(respanned).collect();
        self.sounds.sort_by_key(|sound| sound.span);
        (self, warnings)
    }

    /// Parts the paragraphs at the edges of a stretch, so that it is whole paragraphs, and changes these.
    fn on_stretch<T: OnStretch>(
        &mut self,
        edit: &T,
        warnings: &mut Vec<EditWarning>,
        change: impl FnMut(&mut Paragraph),
    ) -> Option<Found> {
        let found = stretch::find(&self.body, edit, warnings)?;
        self.on_found::<T>(found, warnings, change)
    }

    fn on_found<T: OnStretch>(
        &mut self,
        found: Found,
        warnings: &mut Vec<EditWarning>,
        mut change: impl FnMut(&mut Paragraph),
    ) -> Option<Found> {
        if !found.holds_any(&self.body) {
            let from = found.span.start();
            warnings.push(EditWarning::EmptyStretch { table: T::TABLE, from });
            return None;
        }
        for index in self.isolate(&found) {
            change(&mut self.body[index]);
        }
        Some(found)
    }

    /// Parts the paragraphs at the edges of a stretch; the numbers of the paragraphs that it is then.
    fn isolate(&mut self, found: &Found) -> Vec<usize> {
        let mut body = Vec::with_capacity(self.body.len() + 2);
        let mut inside = Vec::new();
        for (index, paragraph) in std::mem::take(&mut self.body).into_iter().enumerate() {
            let is_inside: Vec<bool> = paragraph
                .words
                .iter()
                .enumerate()
                .map(|(nth, word)| found.holds((index, nth), word))
                .collect();
            let mut words = paragraph.words.iter().cloned();
            for run in is_inside.chunk_by(|a, b| a == b) {
                let words = words.by_ref().take(run.len()).collect();
                let Some(part) = respanned(Paragraph { words, ..empty(&paragraph) }) else {
                    continue;
                };
                if run.first() == Some(&true) {
                    inside.push(body.len());
                }
                body.push(part);
            }
        }
        self.body = body;
        inside
    }

    fn change_speakers(&mut self, edits: &Edits, naming: &Naming, warnings: &mut Vec<EditWarning>) {
        let mut given: Vec<(Span, SpeakerName)> = Vec::new();
        for change in &edits.speaker {
            let label = naming.resolve(&change.name);
            let name = naming.meant(&change.name);
            if label.is_none() {
                warnings.extend(naming.unlisted(&change.name));
            }
            let mut said = Vec::new();
            let found = self.on_stretch(change, warnings, |paragraph| {
                said.push((paragraph.span, paragraph.speaker.clone()));
                paragraph.speaker = Some(name.clone());
                paragraph.label.clone_from(&label);
                paragraph.status = Status::Edited;
                paragraph.words.iter_mut().for_each(|word| word.speaker_confidence = 1.0);
            });
            let Some(found) = found else { continue };
            let twice = given
                .iter()
                .find(|(span, other)| found.span.overlap(*span) > Ms::ZERO && *other != name);
            if let Some((_, before)) = twice {
                warnings.push(EditWarning::GivenTwice {
                    at: found.span.start(),
                    before: before.clone(),
                    after: name.clone(),
                });
            }
            reassigned(&mut self.turns, found.span, &said, &name);
            given.push((found.span, name));
        }
    }

    fn begin_paragraph(&mut self, place: &Place, warnings: &mut Vec<EditWarning>) {
        let Some((index, word)) = stretch::place(&self.body, "paragraph", place, warnings) else {
            return;
        };
        if word == 0 {
            return;
        }
        let mut rest = self.body[index].clone();
        rest.words.drain(..word);
        self.body[index].words.truncate(word);
        self.body.insert(index + 1, rest);
        for part in &mut self.body[index..=index + 1] {
            part.status = part.status.max(Status::Edited);
            if let Some(spanned) = respanned(part.clone()) {
                *part = spanned;
            }
        }
    }

    fn join(&mut self, place: &Place, warnings: &mut Vec<EditWarning>) {
        let Some((index, 0)) = stretch::place(&self.body, "join", place, warnings) else { return };
        let Some(before) = index.checked_sub(1) else { return };
        let at = self.body[index].span.start();
        let one = |index: usize| (&self.body[index].speaker, &self.body[index].quotation);
        if one(before) != one(index) {
            warnings.push(EditWarning::CannotJoin { at });
            return;
        }
        let joined = self.body.remove(index);
        let home = &mut self.body[before];
        home.words.extend(joined.words);
        home.status = Status::Edited;
        if let Some(spanned) = respanned(home.clone()) {
            *home = spanned;
        }
    }

    /// Marks the paragraphs that a person listened to, where they still have the words.
    fn check(&mut self, checked: &crate::edit::edits::Checked, warnings: &mut Vec<EditWarning>) {
        let Some(found) = stretch::find(&self.body, checked, warnings) else { return };
        let mut inside = Vec::new();
        for (index, paragraph) in self.body.iter().enumerate() {
            let mut words = paragraph.words.iter().enumerate();
            let is_inside = |(nth, word): (usize, &EditedWord)| {
                word.word.suspect.is_some() || found.holds((index, nth), word)
            };
            if paragraph.is_printed() && words.all(is_inside) {
                inside.push(index);
            }
        }
        if inside.is_empty() {
            let from = found.span.start();
            warnings.push(EditWarning::EmptyStretch { table: "checked", from });
            return;
        }
        let texts: Vec<String> = inside.iter().map(|index| self.body[*index].text()).collect();
        let now: Vec<&str> = texts.iter().flat_map(|text| text.split_whitespace()).collect();
        let yours: Vec<&str> = checked.words.split_whitespace().collect();
        if !yours.is_empty() && yours != now {
            let (yours, now) = difference(&yours, &now);
            warnings.push(EditWarning::OtherWords {
                table: "checked",
                at: found.span.start(),
                yours,
                now,
                outcome: Outcome::LeftOut,
            });
            return;
        }
        for index in inside {
            self.body[index].status = Status::Checked;
        }
    }

    /// Puts a named sound in the place of those that were found there.
    fn name_music(&mut self, music: &MusicEdit, warnings: &mut Vec<EditWarning>) {
        let Some(found) = stretch::find(&self.body, music, warnings) else { return };
        let named = Music { title: music.title.clone(), artist: music.artist.clone() };
        self.sounds.retain(|sound| sound.span.overlap(found.span) == Ms::ZERO);
        self.sounds.extend(sounds(&[found.span], &[named], None));
    }

    /// Leaves a stretch out: its words, its sounds and its turns; a line says so.
    fn cut(&mut self, cut: &crate::edit::edits::Cut, warnings: &mut Vec<EditWarning>) {
        let Some(found) = stretch::find(&self.body, cut, warnings) else { return };
        let gone = self.isolate(&found);
        let mut index = 0;
        self.body.retain(|_| {
            index += 1;
            !gone.contains(&(index - 1))
        });
        let (sounds, span) = (self.sounds.len(), found.span);
        self.sounds.retain(|sound| span.overlap(sound.span) < sound.span.duration());
        if gone.is_empty() && sounds == self.sounds.len() {
            warnings.push(EditWarning::EmptyStretch { table: "cut", from: span.start() });
            return;
        }
        self.turns = without(std::mem::take(&mut self.turns), span);
        self.sounds.push(Sound { span, text: cut_mark(span) });
    }
}

/// What is left out of an edition, sorted, disjoint: where the page says so.
pub fn cuts(edition: &Edition) -> Vec<Span> {
    let sounds = edition.blocks.iter().filter_map(|block| match block {
        Block::Sound(sound) => Some(sound),
        Block::Paragraph(_) => None,
    });
    let mut cuts: Vec<Span> =
        sounds.filter(|sound| sound.text == cut_mark(sound.span)).map(|sound| sound.span).collect();
    cuts.sort();
    cuts.dedup();
    cuts
}

/// What the page says in the place of what is left out.
fn cut_mark(span: Span) -> String {
    match (span.duration().get() + 500) / 1_000 {
        0 | 1 => "A second is left out here.".to_owned(),
        seconds if seconds < 120 => format!("{seconds} seconds are left out here."),
        seconds => format!("{} minutes are left out here.", (seconds + 30) / 60),
    }
}

/// A paragraph without its words.
fn empty(paragraph: &Paragraph) -> Paragraph {
    Paragraph {
        span: paragraph.span,
        speaker: paragraph.speaker.clone(),
        label: paragraph.label.clone(),
        words: Vec::new(),
        quotation: paragraph.quotation.clone(),
        status: paragraph.status,
    }
}

/// Where two texts differ: the words from the first to the last that do.
fn difference(yours: &[&str], now: &[&str]) -> (String, String) {
    let same = yours.iter().zip(now).take_while(|(a, b)| a == b).count();
    let (yours, now) = (&yours[same..], &now[same..]);
    let tail = yours.iter().rev().zip(now.iter().rev()).take_while(|(a, b)| a == b).count();
    let between = |words: &[&str]| words[..words.len() - tail].join(" ");
    (between(yours), between(now))
}

pub(super) fn chapters(
    edits: &Edits,
    others: &[Chapter],
    duration: Ms,
    warnings: &mut Vec<EditWarning>,
) -> Vec<Chapter> {
    let own = edits.chapter.iter().map(|c| Chapter {
        start: c.start.unwrap_or_default().0,
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
    body: &[Paragraph],
    duration: Ms,
    warnings: &mut Vec<EditWarning>,
) -> Vec<Soundbite> {
    let mut all = Vec::new();
    for bite in &edits.soundbite {
        let Some(found) = stretch::find(body, bite, warnings) else { continue };
        if found.span.end() <= duration {
            all.push(Soundbite { span: found.span, title: bite.title.clone() });
        } else {
            let at = found.span.start();
            warnings.push(EditWarning::BeyondEnd { table: "soundbite", at });
        }
    }
    all.sort_by_key(|bite| bite.span);
    all
}

#[cfg(test)]
mod tests;
