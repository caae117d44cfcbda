//! Where in the file the words of a transcript stand that was put together from it: from cues,
//! segments or the elements of a page.

use crate::formats::Diagnostic;
use crate::formats::source::lines;

/// How far ahead a word is looked for at first, in words of the file; what a format writes between
/// two words of the transcript is shorter.
const NEAR: usize = 64;
/// How far ahead it is looked for where the words before it were not found either.
const FAR: usize = 8_192;
/// The word after it must follow within so many words of the file.
const NEXT: usize = 16;
/// In a larger file, in bytes, no places are looked for; a day of words with times has fewer.
const LARGEST: usize = 16 << 20;
/// Comparisons after which no more words are looked for.
const MOST_WORK: usize = 300_000_000;

/// A run of letters and digits, and where it begins.
#[derive(Debug, Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    /// Counted from 1.
    line: usize,
    /// In characters, counted from 1.
    column: usize,
}

/// The findings, which have the lines and columns of `text`, with those of `source`: the words of
/// `text` stand in `source` in the same order, with others between them. A finding about a whole
/// line stays one; in a file that is too large they are about the file.
pub(super) fn in_source(found: Vec<Diagnostic>, text: &str, source: &str) -> Vec<Diagnostic> {
    if found.is_empty() {
        return found;
    }
    if source.len() > LARGEST {
        return found.into_iter().map(|d| Diagnostic { line: 0, column: 0, ..d }).collect();
    }
    let wanted = tokens(text);
    let places = matching(&wanted, &tokens(source));
    let mut moved: Vec<Diagnostic> = found
        .into_iter()
        .map(|finding| {
            let at = wanted.partition_point(|token| {
                (token.line, token.column) <= (finding.line, finding.column.max(1))
            });
            // Where nothing of the line stands before the finding, what follows tells its place.
            let before = at.checked_sub(1).filter(|at| wanted[*at].line == finding.line);
            let known = before.unwrap_or(at.min(wanted.len().saturating_sub(1)));
            let (Some(token), Some(Some(place))) = (wanted.get(known), places.get(known)) else {
                return Diagnostic { line: 1, column: 1, ..finding };
            };
            let column = (place.column + finding.column).saturating_sub(token.column).max(1);
            let column = if finding.column == 0 { 0 } else { column };
            Diagnostic { line: place.line, column, ..finding }
        })
        .collect();
    moved.sort();
    moved
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for line in lines(text) {
        let mut from = 0;
        for part in line.text.split(|c: char| !c.is_alphanumeric()) {
            if !part.is_empty() {
                let at = part.as_ptr() as usize - line.text.as_ptr() as usize;
                let last = tokens.last().filter(|last: &&Token<'_>| last.line == line.number);
                // Counted on from the token before: a line may be the whole file.
                let column = last.map_or(1, |last| last.column)
                    + line.text.get(from..at).map_or(0, |between| between.chars().count());
                from = at;
                tokens.push(Token { text: part, line: line.number, column });
            }
        }
    }
    tokens
}

/// For each wanted token the place of itself or else of the last one before it that was found.
fn matching<'t>(wanted: &[Token<'_>], source: &[Token<'t>]) -> Vec<Option<Token<'t>>> {
    let mut places = Vec::with_capacity(wanted.len());
    let (mut at, mut reach, mut work) = (0, NEAR, 0);
    let mut latest = None;
    for (index, token) in wanted.iter().enumerate() {
        let next = wanted.get(index + 1);
        let window = source.get(at..source.len().min(at + reach)).unwrap_or_default();
        let found = window.iter().enumerate().position(|(offset, found)| {
            work += 1;
            let after = source.get(at + offset + 1..).unwrap_or_default();
            let follows = |next: &Token<'_>| after.iter().take(NEXT).any(|a| a.text == next.text);
            found.text == token.text && (offset == 0 || next.is_none_or(follows))
        });
        reach = if found.is_some() { NEAR } else { (reach * 2).min(FAR) };
        if let Some(offset) = found {
            latest = source.get(at + offset).copied();
            at += offset + 1;
        }
        places.push(latest);
        if work > MOST_WORK {
            break;
        }
    }
    places.resize(wanted.len(), latest);
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::import;

    /// The places of the findings, as `line:column rule`.
    fn places(text: &str, name: &str) -> Vec<String> {
        let (_, found) = import(text.as_bytes(), name).unwrap();
        found.iter().map(|d| format!("{}:{} {}", d.line, d.column, d.rule)).collect()
    }

    #[test]
    fn a_finding_in_a_cue_has_the_place_of_its_word_in_the_file() {
        let cues = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Ann>We saw\nthe the dog.\n\n\
                    00:00:03.000 --> 00:00:04.000\n<v Bo>Find it at And then..\n";
        let wanted = ["6:5 L-DOUBLED-WORD", "9:17 L-LOST-LINK", "9:26 L-DOUBLED-STOP"];
        assert_eq!(places(cues, "a.vtt"), wanted);
        let srt = "1\n00:00:01,000 --> 00:00:02,000\nAnn: 1 saw\nthe the dog.\n";
        assert_eq!(places(srt, "a.srt"), ["4:5 L-DOUBLED-WORD"]);
    }

    #[test]
    fn a_finding_in_json_has_the_place_of_its_word_in_the_file() {
        let json = "{\"segments\":[\n{\"start\":0,\"end\":1,\"text\":\"We saw the the dog.\",\n\
            \"words\":[{\"word\":\"We\",\"start\":0,\"end\":1},{\"word\":\"saw\",\"start\":0,\"end\":1}]},\n\
            {\"start\":2,\"end\":3,\"text\":\"It\\u2019s in in there.\"}]}";
        let wanted = ["2:39 L-DOUBLED-WORD", "4:41 L-DOUBLED-WORD"];
        assert_eq!(places(json, "a.json"), wanted);
    }

    #[test]
    fn a_finding_in_a_page_has_the_place_of_its_word_in_the_file() {
        let page = "<!doctype html>\n<body><h1>A show</h1>\n<p><b>Ann:</b> [00:00:01} The the dog.</p>\n\n\
                    <p>Bo: [00:00:09]No &amp; no..</p>\n";
        let wanted = [
            "3:25 L-TIME-CLOSE",
            "3:31 L-DOUBLED-WORD",
            "5:18 L-TIME-SPACE",
            "5:29 L-DOUBLED-STOP",
        ];
        assert_eq!(places(page, "a.html"), wanted);
    }

    #[test]
    fn a_text_that_is_not_in_the_file_hangs_nothing() {
        let text = "word other ".repeat(40_000);
        let source = "another ".repeat(200_000);
        let found = vec![Diagnostic::note("L-SOUND", 1, 9, "x")];
        let moved = in_source(found, &text, &source);
        assert_eq!((moved[0].line, moved[0].column), (1, 1));
    }
}
