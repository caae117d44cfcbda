//! The text of a Rework page: its head, and what its paragraphs are.

use std::collections::BTreeSet;

use super::{Head, ImportedParagraph, Piece, Read};
use crate::edit::Quotation;
use crate::formats::names::{UNKNOWN_SPEAKER, is_name};
use crate::formats::rework::{Part, Rework, ReworkParagraph, parse};
use crate::formats::{Diagnostic, FormatError, furniture};

/// Reads the text.
pub(super) fn read(text: &str) -> Result<Read, FormatError> {
    let (mut file, mut found) = parse(text)?;
    take_notices(&mut file, &mut found);
    let of = |part| file.paragraphs.iter().filter(move |p| p.part == part);
    let mut head = read_head(&of(Part::Head).map(|p| p.text.as_str()).collect::<Vec<_>>());
    head.heading = of(Part::Heading).map(|p| p.text.clone()).collect();
    let mut paragraphs: Vec<ImportedParagraph> = Vec::new();
    let mut speaker: Option<String> = None;
    for paragraph in of(Part::Body).filter(|paragraph| !paragraph.text.is_empty()) {
        let is_sound = is_sound(paragraph);
        if is_sound {
            let message = format!("`{}` is read as a sound, not as speech", paragraph.text);
            let column = column_of_text(paragraph);
            found.push(
                Diagnostic::note("L-SOUND", paragraph.line, column, message)
                    .fix("name the music in `episode.toml`"),
            );
        }
        if let Some(name) = &paragraph.speaker {
            speaker = Some(name.clone()).filter(|name| name != UNKNOWN_SPEAKER);
        }
        let piece = Piece { start: paragraph.time, end: None, text: paragraph.text.clone() };
        paragraphs.push(ImportedParagraph {
            line: paragraph.line,
            raw: paragraph.raw.clone(),
            speaker: speaker.clone().filter(|_| !is_sound),
            is_sound,
            quotation: None,
            pieces: vec![piece],
        });
    }
    mark_quotations(&mut paragraphs, &mut found);
    Ok((head, paragraphs, found))
}

/// Takes out what tells of the file rather than of the episode: notices below the last speaker, and
/// `Date: …` and the like in the head.
fn take_notices(file: &mut Rework, found: &mut Vec<Diagnostic>) {
    let is_notice = |p: &mut ReworkParagraph| {
        p.part == Part::Body
            && p.time.is_none()
            && p.speaker.is_none()
            && furniture::is_about_transcript(&p.text)
    };
    while let Some(notice) = file.paragraphs.pop_if(is_notice) {
        found.push(furniture::left_out(notice.line, &notice.text));
    }
    file.paragraphs.retain(|paragraph| {
        let is_field = paragraph.part == Part::Head && furniture::is_field(&paragraph.text);
        if is_field {
            found.push(furniture::left_out(paragraph.line, &paragraph.text));
        }
        !is_field
    });
}

fn column_of_text(paragraph: &ReworkParagraph) -> usize {
    let at = paragraph.raw.find(&paragraph.text).unwrap_or(0);
    crate::formats::source::column(&paragraph.raw, at)
}

/// Tells the parts of the head by their shape: a promo ends with the tail of a link, titles are
/// short and have no final stop, and the summary follows the last title.
fn read_head(texts: &[&str]) -> Head {
    let mut head = Head::default();
    let mut rest = Vec::new();
    for text in texts {
        if head.promo.is_empty() && text.ends_with(['>', '»', '→']) {
            (*text).clone_into(&mut head.promo);
        } else {
            rest.push(*text);
        }
    }
    let is_title =
        |text: &str| text.split_whitespace().count() <= 12 && !text.ends_with(['.', ':']);
    let titles: Vec<usize> =
        (0..rest.len()).filter(|&at| rest.get(at).is_some_and(|t| is_title(t))).collect();
    let (show, title) = match *titles.as_slice() {
        [] => (None, None),
        [only] => (None, Some(only)),
        [first, .., last] => (Some(first), Some(last)),
    };
    let text_at = |at: Option<usize>| at.and_then(|at| rest.get(at)).map_or("", |text| *text);
    text_at(show).clone_into(&mut head.show);
    text_at(title).clone_into(&mut head.title);
    let mut tagline = Vec::new();
    let mut summary = Vec::new();
    for (at, text) in rest.iter().enumerate() {
        if Some(at) == show || Some(at) == title {
            continue;
        }
        if show.is_some() && title.is_some_and(|title| at < title) {
            tagline.push(*text);
        } else {
            summary.push(*text);
        }
    }
    head.tagline = tagline.join("\n\n");
    head.summary = summary.join("\n\n");
    head
}

/// Whether a line says what sounds rather than what is said: it has a time but no name, is short,
/// ends with a word such as "plays", and its other words are a title; or it stands in brackets.
fn is_sound(paragraph: &ReworkParagraph) -> bool {
    let text = paragraph.text.as_str();
    if paragraph.speaker.is_some() {
        return false;
    }
    let bracketed = |open, close| text.starts_with(open) && text.ends_with(close);
    if bracketed('[', ']') || bracketed('(', ')') || bracketed('♪', '♪') {
        return true;
    }
    let words: Vec<&str> = text.trim_end_matches(['.', '!']).split_whitespace().collect();
    let Some((verb, title)) = words.split_last() else { return false };
    let names_a_sound = matches!(
        verb.to_lowercase().as_str(),
        "plays" | "playing" | "sounds" | "rings" | "music" | "applause" | "laughter"
    );
    let capitals =
        title.iter().filter(|word| word.starts_with(|c: char| !c.is_lowercase())).count();
    paragraph.time.is_some()
        && names_a_sound
        && (1..=14).contains(&title.len())
        && capitals * 2 > title.len()
}

/// Paragraphs without a time of their own belong to the turn above; a run of them between
/// quotation marks is read aloud.
fn mark_quotations(paragraphs: &mut [ImportedParagraph], found: &mut Vec<Diagnostic>) {
    let is_untimed = |p: &ImportedParagraph| p.start().is_none() && p.line > 0;
    let speakers = Speakers::of(paragraphs);
    let mut at = 0;
    while at < paragraphs.len() {
        let run = paragraphs.iter().skip(at).take_while(|p| is_untimed(p)).count();
        if run == 0 {
            at += 1;
            continue;
        }
        let mut inside = 0;
        let mut quotation = None;
        for index in at..at + run {
            let Some(text) = paragraphs.get(index).map(ImportedParagraph::text) else { break };
            if inside == 0 && text.starts_with(['“', '"']) {
                let rest = paragraphs.get(index..at + run).unwrap_or_default();
                inside = rest.iter().position(|p| ends_quote(&p.text())).map_or(0, |last| last + 1);
                quotation = Some(Quotation {
                    author: speakers.author(paragraphs, index),
                    ..Quotation::default()
                });
            }
            let Some(paragraph) = paragraphs.get_mut(index) else { break };
            let message = if inside > 0 {
                inside -= 1;
                paragraph.quotation.clone_from(&quotation);
                let reader = paragraph.speaker.as_deref().unwrap_or("the speaker above");
                format!("no time: part of a quotation that {reader} reads")
            } else {
                "no time: part of the turn above".to_owned()
            };
            found.push(
                Diagnostic::note("L-UNTIMED", paragraph.line, 1, message)
                    .fix("align the text with the sound to get its time"),
            );
        }
        at += run;
    }
}

fn ends_quote(text: &str) -> bool {
    text.trim_end_matches(['.', ',', '!', '?']).ends_with(['”', '"'])
}

/// Who speaks before each paragraph, gathered once: a text may have thousands of quotations.
struct Speakers {
    /// Everybody who speaks.
    all: BTreeSet<String>,
    /// For each paragraph the last person before it who is not its own speaker.
    before: Vec<Option<String>>,
}

impl Speakers {
    fn of(paragraphs: &[ImportedParagraph]) -> Speakers {
        let all = paragraphs.iter().filter_map(|p| p.speaker.clone()).collect();
        let mut before = Vec::with_capacity(paragraphs.len());
        // The last two people who differ.
        let (mut last, mut other): (Option<&str>, Option<&str>) = (None, None);
        for paragraph in paragraphs {
            let reader = paragraph.speaker.as_deref();
            before.push(if last == reader { other } else { last }.map(str::to_owned));
            if let Some(name) = reader.filter(|name| last != Some(*name) && is_name(name)) {
                other = last;
                last = Some(name);
            }
        }
        Speakers { all, before }
    }

    /// Who wrote what is read aloud from paragraph `at` on: the last speaker whom the reader names
    /// just before, or else who spoke before the reader.
    fn author(&self, paragraphs: &[ImportedParagraph], at: usize) -> Option<String> {
        let reader = paragraphs.get(at)?.speaker.as_deref();
        let introduction = paragraphs.get(at.checked_sub(1)?)?.text();
        let words: Vec<&str> = introduction.split_whitespace().map(bare).collect();
        let mentioned = (0..words.len()).rev().find_map(|from| {
            (1..=LONGEST_NAME).rev().find_map(|length| {
                let name = words.get(from..from + length)?.join(" ");
                (Some(name.as_str()) != reader && self.all.contains(&name)).then_some(name)
            })
        });
        mentioned.or_else(|| self.before.get(at)?.clone())
    }
}

/// A name has so many words at most.
const LONGEST_NAME: usize = 4;

/// A word without the signs around it and without the mark of a genitive.
fn bare(word: &str) -> &str {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.strip_suffix("’s").or_else(|| word.strip_suffix("'s")).unwrap_or(word)
}
