//! Plain text and Markdown with names or times beside the words, as meeting tools and transcription
//! services export them: `Ann  0:05`, `[0:05] Ann: words`, a time on a line of its own, NPR's capitals
//! (`ARI SHAPIRO, HOST:`, later `SHAPIRO:`), names on a line of their own, captions of which each begins
//! with two times.
//!
//! A line is read by what all lines of the file have in common: [`rows`] finds what each can mean, and
//! the reader below takes for a name what comes again or stands where names stand in this file.

mod rows;
mod stamp;

use std::collections::BTreeMap;

use crate::formats::{Diagnostic, FormatError, Passage, changelog, furniture, names, srt};
use crate::time::Ms;
use rows::{Label, Row};

/// Lines that are left out are named one by one up to this many.
const MOST_NAMED: usize = 20;

/// Reads a file.
///
/// What stands above the first time or name, and notices below the last, are left out and named.
///
/// # Errors
/// If there is neither a name nor a time in it.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    let plain = markdown_lines(text);
    let rows = rows::read(plain.as_deref().unwrap_or(text));
    if rows.iter().all(|row| matches!(row.label, Label::None)) {
        let problem = "neither names nor times were found: expected paragraphs such as \
                       `Name: text` or `NAME: text`, or a name on a line of its own";
        return Err(FormatError::Malformed { line: 1, column: 1, problem: problem.to_owned() });
    }
    let mut around = Vec::new();
    let body = rows::without_furniture(&rows, |row| around.push(row));
    let mut found = told(&around);
    let mut reader = Reader::default();
    for row in body {
        reader.row(row);
    }
    reader.push();
    let mut passages = reader.passages;
    if passages.iter().all(|passage| passage.speaker.is_none()) {
        names::settle(&mut passages);
    }
    spell_names(&mut passages);
    if passages.iter().all(|passage| passage.start.is_none()) {
        let message = "the transcript has no times";
        found.push(
            Diagnostic::warning("L-NO-TIMES", 1, 0, message)
                .fix("align it with the sound; until then the times are estimated"),
        );
    }
    Ok((passages, found))
}

/// Whether a text says when something ends, or has times within the words: only this reader has a
/// place for them.
pub fn has_ends(text: &str) -> bool {
    crate::formats::source::lines(text).any(|line| {
        let stamp = stamp::read(line.text.trim()).filter(|stamp| stamp.is_sure);
        stamp.is_some_and(|stamp| stamp.end.is_some() || stamp::inner(stamp.text).is_some())
            || stamp::end(line.text).is_some_and(|(words, ..)| !words.is_empty())
    })
}

/// The text of a Markdown file line by line, without its marks; `None` where it has none.
fn markdown_lines(text: &str) -> Option<String> {
    let is_marked = |line: &str| {
        line.starts_with("**")
            || line.starts_with("__")
            || line.starts_with("# ")
            || line.starts_with("## ")
            || line.starts_with("### ")
    };
    text.lines().any(is_marked).then(|| {
        let bare = |line: &str| {
            let line = line.trim_start_matches(['#', '>', ' ']);
            let line = line.split_once(" {#").map_or(line, |(before, _)| before);
            changelog::plain(line)
        };
        text.lines().map(bare).collect::<Vec<_>>().join("\n")
    })
}

fn told(rows: &[&Row<'_>]) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> =
        rows.iter().take(MOST_NAMED).map(|row| furniture::left_out(row.number, row.text)).collect();
    if let Some(row) = rows.get(MOST_NAMED) {
        let message = format!("{} more lines around the transcript", rows.len() - MOST_NAMED);
        found.push(furniture::left_out(row.number, &message));
    }
    found
}

/// Puts rows together to passages.
#[derive(Default)]
struct Reader<'t> {
    passages: Vec<Passage>,
    speaker: Option<String>,
    start: Option<Ms>,
    end: Option<Ms>,
    text: Vec<&'t str>,
    line: usize,
}

impl<'t> Reader<'t> {
    fn row(&mut self, row: &Row<'t>) {
        if row.after_gap {
            self.push();
        }
        match &row.label {
            Label::None => {}
            Label::Name(name) => {
                self.push();
                self.speaker = Some(crate::formats::one_line(name));
            }
            Label::Time { start, end, name } => {
                self.push();
                (self.start, self.end) = (Some(*start), *end);
                if let Some(name) = name {
                    self.speaker = Some(crate::formats::one_line(name));
                }
            }
        }
        if self.text.is_empty() {
            self.line = row.number;
        }
        self.text.extend(Some(row.words).filter(|words| !words.is_empty()));
    }

    fn push(&mut self) {
        let joined = std::mem::take(&mut self.text).join(" ");
        if joined.is_empty() {
            return;
        }
        let (start, mut end) = (self.start.take(), self.end.take());
        let mut text = srt::without_tags(&joined.replace("[br]", " "));
        let mut next = None;
        if let Some((words, at, starts_next)) = stamp::end(&text)
            && (starts_next || start.is_some_and(|start| start < at))
        {
            end = end.or(Some(at));
            next = starts_next.then_some(at);
            let length = words.len();
            text.truncate(length);
        }
        let is_first = self.passages.is_empty();
        let start = start.or(Some(Ms::ZERO).filter(|_| next.is_some() && is_first));
        self.start = next;
        let (mut start, mut rest) = (start, text.as_str());
        // A passage with times in it is parted there.
        while let Some((before, at, after)) = stamp::inner(rest) {
            self.passage(before, start, Some(at));
            (start, rest) = (Some(at), after);
        }
        self.passage(rest, start, end);
    }

    fn passage(&mut self, text: &str, start: Option<Ms>, end: Option<Ms>) {
        if text.is_empty() {
            return;
        }
        let inner = text.strip_prefix(['(', '[']).and_then(|inner| inner.strip_suffix([')', ']']));
        let is_sound = inner.is_some_and(|inner| !inner.contains(['(', ')', '[', ']']));
        let (speaker, line) = (self.speaker.clone().filter(|_| !is_sound), self.line);
        let text = text.to_owned();
        self.passages.push(Passage { start, end, speaker, is_sound, text, line });
    }
}

/// Writes names in capitals as names, and a family name alone as the full name it stands for.
fn spell_names(passages: &mut [Passage]) {
    let mut full: BTreeMap<String, String> = BTreeMap::new();
    for passage in passages {
        let Some(name) = &mut passage.speaker else { continue };
        // `SPEAKER_00` is a program's.
        if name.contains('_') || name.chars().any(char::is_lowercase) {
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
    fn a_time_of_day_that_somebody_tells_is_a_word() {
        let text = "Ann: At 12:48 it was late.\n\nBo: 10:30 is late.\n\nAnn: Yes.\n\nBo: So.\n\nAt 12:48 it was.";
        let read = read(text);
        assert_eq!(read[0], said("Ann", "At 12:48 it was late."));
        assert_eq!(read[1], said("Bo", "10:30 is late."));
        assert_eq!(read[4], said("Bo", "At 12:48 it was."));
        let each = parse("Ann: 0:05 Hi.\n\nBo: 0:09 Yes.\n\nAnn: 0:12 So.").unwrap().0;
        assert!(each.iter().all(|passage| passage.start.is_some()), "{each:?}");
    }

    #[test]
    fn short_lines_that_come_again_are_said_where_nothing_stands_below_them() {
        let said = |ms: i64, text: &str| (Some(ms), None, false, text.to_owned());
        assert_eq!(
            read("0:05\nYes\n0:09\nNo\n0:12\nYes\n"),
            [said(5_000, "Yes"), said(9_000, "No"), said(12_000, "Yes")]
        );
    }

    #[test]
    fn times_within_the_words_and_behind_them_are_no_words() {
        let said = |ms: i64, text: &str| (Some(ms), Some("Ann".to_owned()), false, text.to_owned());
        assert_eq!(
            read("Ann: [0:01] So [0:05] it is. [0:09][8.0]\n\nAnn: [0:10] Yes."),
            [said(1_000, "So"), said(5_000, "it is."), said(10_000, "Yes.")]
        );
    }

    #[test]
    fn prose_is_refused() {
        assert!(parse("Once upon a time there was nothing at all.").is_err());
    }
}
