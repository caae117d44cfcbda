//! Plain text with names beside the words: NPR's capitals (`ARI SHAPIRO, HOST:`, later
//! `SHAPIRO:`), This American Life's names on a line of their own, and names beside a time
//! (`00:01:02 Ann`, `Ann (1:02)`).

use std::collections::BTreeMap;

use crate::formats::source::{Line, lines};
use crate::formats::{Diagnostic, FormatError, Passage, clock, names};
use crate::time::Ms;

/// Reads a file.
///
/// # Errors
/// If there is neither a name nor a time in it.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    let blocks = blocks(text);
    let known = repeated_names(&blocks);
    let mut reader = Reader { known, ..Reader::default() };
    for block in &blocks {
        reader.block(block);
    }
    if reader.labels == 0 {
        let problem = "neither names nor times were found: expected paragraphs such as \
                       `Name: text` or `NAME: text`, or a name on a line of its own";
        return Err(FormatError::Malformed { line: 1, column: 1, problem: problem.to_owned() });
    }
    let mut passages = reader.passages;
    spell_names(&mut passages);
    let mut found = Vec::new();
    if passages.iter().all(|passage| passage.start.is_none()) {
        let message = "the transcript has no times";
        found.push(
            Diagnostic::warning("L-NO-TIMES", 1, 0, message)
                .fix("align it with the sound; until then the times are estimated"),
        );
    }
    Ok((passages, found))
}

fn blocks(text: &str) -> Vec<Vec<Line<'_>>> {
    let mut blocks = vec![Vec::new()];
    for line in lines(text) {
        if line.text.trim().is_empty() {
            blocks.push(Vec::new());
        } else if let Some(block) = blocks.last_mut() {
            block.push(line);
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// Lines that are nothing but a name, if they stand so more than once or above other lines.
fn repeated_names(blocks: &[Vec<Line<'_>>]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for block in blocks {
        let Some(first) = block.first().map(|line| line.text.trim()) else { continue };
        if is_bare_name(first) {
            *counts.entry(first.to_owned()).or_insert(0) += if block.len() > 1 { 2 } else { 1 };
        }
    }
    // Where names stand so at all, two words in capitals that stand so once are a name as well.
    let is_style = counts.values().any(|count| *count > 1);
    counts.retain(|name, count| *count > 1 || (is_style && name.contains(' ')));
    counts
}

fn is_bare_name(line: &str) -> bool {
    names::is_name(line)
        && !line.ends_with([':', '.', '…', ')'])
        && line.split_whitespace().all(|word| word.starts_with(|c: char| !c.is_lowercase()))
}

#[derive(Default)]
struct Reader {
    known: BTreeMap<String, usize>,
    passages: Vec<Passage>,
    speaker: Option<String>,
    start: Option<Ms>,
    labels: usize,
}

impl Reader {
    fn block(&mut self, block: &[Line<'_>]) {
        let mut text: Vec<&str> = Vec::new();
        let mut from = block.first().map_or(0, |line| line.number);
        for line in block {
            let bare = line.text.trim();
            let Some((speaker, start, rest)) = self.label(bare) else {
                text.push(bare);
                continue;
            };
            self.push(&text, from);
            text.clear();
            from = line.number;
            self.labels += 1;
            if speaker.is_some() {
                self.speaker = speaker;
            }
            self.start = start;
            text.extend(Some(rest).filter(|rest| !rest.is_empty()));
        }
        self.push(&text, from);
    }

    /// Reads what a line says of the words that follow: who, when, and the words on it.
    fn label<'t>(&self, line: &'t str) -> Option<(Option<String>, Option<Ms>, &'t str)> {
        if let Some(stamp) = stamp(line) {
            return Some(stamp);
        }
        if let Some((name, rest)) = capitals(line) {
            return Some((Some(name.to_owned()), None, rest));
        }
        if self.known.contains_key(line) {
            return Some((Some(line.to_owned()), None, ""));
        }
        let (name, rest) = names::leading(line).filter(|_| !line.starts_with('['))?;
        is_bare_name(name).then(|| (Some(name.to_owned()), None, rest))
    }

    fn push(&mut self, text: &[&str], line: usize) {
        let text = text.join(" ");
        if text.is_empty() {
            return;
        }
        let inner = text.strip_prefix(['(', '[']).and_then(|inner| inner.strip_suffix([')', ']']));
        let is_sound = inner.is_some_and(|inner| !inner.contains(['(', ')', '[', ']']));
        let speaker = self.speaker.clone().filter(|_| !is_sound);
        let start = self.start.take();
        self.passages.push(Passage { start, end: None, speaker, is_sound, text, line });
    }
}

/// A line of a time and perhaps a name: `00:01:02 Ann`, `[1:02] Ann`, `Ann 1:02`, `Ann (1:02):`.
fn stamp(line: &str) -> Option<(Option<String>, Option<Ms>, &str)> {
    let line = line.trim_end_matches(':');
    let open = line.strip_prefix(['[', '(']).unwrap_or(line);
    if let Some(clock) = clock::leading(open) {
        let rest = clock.rest.trim_start_matches([']', ')', ' ', '-', '–', '\t']).trim();
        if rest.is_empty() {
            return Some((None, Some(clock.time), ""));
        }
        if is_bare_name(rest) {
            return Some((Some(rest.to_owned()), Some(clock.time), ""));
        }
        return match names::leading(rest) {
            Some((name, words)) => Some((Some(name.to_owned()), Some(clock.time), words)),
            None => Some((None, Some(clock.time), rest)),
        };
    }
    let (name, time) = line.rsplit_once([' ', '\t'])?;
    let time = clock::parse(time.trim_matches(['[', ']', '(', ')']))?;
    let name = name.trim();
    is_bare_name(name).then(|| (Some(name.to_owned()), Some(time), ""))
}

/// `ARI SHAPIRO, HOST: text`.
fn capitals(line: &str) -> Option<(&str, &str)> {
    let (label, rest) = line.split_once(':')?;
    let name = label.split(',').next()?.trim();
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let is_capital = label.chars().all(|c| !c.is_lowercase()) && letters > 1;
    let fits = label.split_whitespace().count() <= 8 && clock::leading(label).is_none();
    (is_capital && fits && (rest.is_empty() || rest.starts_with(' '))).then(|| (name, rest.trim()))
}

/// Writes names in capitals as names, and a family name alone as the full name it stands for.
fn spell_names(passages: &mut [Passage]) {
    let mut full: BTreeMap<String, String> = BTreeMap::new();
    for passage in passages {
        let Some(name) = &mut passage.speaker else { continue };
        if name.chars().any(char::is_lowercase) {
            continue;
        }
        let spelt = name.split_whitespace().map(title_case).collect::<Vec<_>>().join(" ");
        let family = name.split_whitespace().next_back().unwrap_or_default().to_owned();
        if name.contains(' ') {
            full.entry(family).or_insert_with(|| spelt.clone());
            *name = spelt;
        } else {
            *name = full.get(&family).cloned().unwrap_or(spelt);
        }
    }
}

fn title_case(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut starts = true;
    for letter in word.chars() {
        if starts {
            out.extend(letter.to_uppercase());
        } else {
            out.extend(letter.to_lowercase());
        }
        starts = !letter.is_alphanumeric();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Option<i64>, Option<String>, bool, String)> {
        let passages = parse(text).unwrap().0;
        passages
            .into_iter()
            .map(|p| (p.start.map(Ms::get), p.speaker, p.is_sound, p.text))
            .collect()
    }

    fn said(name: &str, text: &str) -> (Option<i64>, Option<String>, bool, String) {
        (None, Some(name.to_owned()), false, text.to_owned())
    }

    #[test]
    fn capitals_become_names_and_family_names_full_ones() {
        let text = "MARY LOUISE O'NEIL, HOST:\n\nGood day. He said: no.\n\n(SOUNDBITE OF MUSIC)\n\n\
                    O'NEIL: Back.\n\nUNIDENTIFIED PERSON #1: Hm.\n";
        let sound = (None, None, true, "(SOUNDBITE OF MUSIC)".to_owned());
        assert_eq!(
            read(text),
            [
                said("Mary Louise O'Neil", "Good day. He said: no."),
                sound,
                said("Mary Louise O'Neil", "Back."),
                said("Unidentified Person #1", "Hm."),
            ]
        );
    }

    #[test]
    fn names_on_lines_of_their_own_are_read() {
        let text =
            "Ira Glass\n\nFrom here.\n\nMore of it.\n\nNancy Updike\n\nYes. OK\n\nIra Glass\n\nGo.";
        assert_eq!(
            read(text),
            [
                said("Ira Glass", "From here."),
                said("Ira Glass", "More of it."),
                said("Nancy Updike", "Yes. OK"),
                said("Ira Glass", "Go."),
            ]
        );
    }

    #[test]
    fn names_beside_times_are_read() {
        let text = "00:00:01 Ann\nHello.\n\nBo Lee (1:02)\nHi.\n\n[2:00] Ann: Bye.\n2:10 So.\n";
        let said =
            |ms, name: &str, text: &str| (Some(ms), Some(name.to_owned()), false, text.to_owned());
        assert_eq!(
            read(text),
            [
                said(1_000, "Ann", "Hello."),
                said(62_000, "Bo Lee", "Hi."),
                said(120_000, "Ann", "Bye."),
                said(130_000, "Ann", "So."),
            ]
        );
    }

    #[test]
    fn prose_is_refused() {
        assert!(parse("Once upon a time there was nothing at all.").is_err());
    }
}
