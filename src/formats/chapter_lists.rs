//! Lists of chapters for other programs: Audacity's labels, and a table as CSV.

use crate::formats::table::{Record, records};
use crate::formats::{FormatError, clock, one_line};
use crate::speech::Chapter;
use crate::time::Ms;

/// The columns of the table.
const HEAD: &str = "start,title,url";

/// Writes a label for each chapter, in seconds: `62.500000<tab>62.500000<tab>Title`. A label is a
/// point in time, as a chapter has no end of its own.
pub fn audacity(chapters: &[Chapter]) -> String {
    let mut out = String::new();
    for chapter in chapters {
        let ms = chapter.start.get().max(0);
        let start = format!("{}.{:03}000", ms / 1_000, ms % 1_000);
        out.push_str(&format!("{start}\t{start}\t{}\n", one_line(&chapter.title)));
    }
    out
}

/// Reads Audacity's labels. The end of a label and the frequencies on a line of their own say nothing
/// of a chapter.
///
/// # Errors
/// If a line is no label.
pub fn parse_audacity(text: &str) -> Result<Vec<Chapter>, FormatError> {
    let mut chapters = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('\\') {
            continue;
        }
        let mut fields = line.splitn(3, '\t');
        let start = fields.next().and_then(|start| {
            Ms::stated_seconds(start.trim().replace(',', ".").parse().ok()?).ok()
        });
        let (Some(start), Some(_)) = (start, fields.next()) else {
            return Err(malformed(index + 1, "a label is `start<tab>end<tab>title` in seconds"));
        };
        let title = one_line(fields.next().unwrap_or_default());
        chapters.push(Chapter { start, title, url: None });
    }
    Ok(chapters)
}

/// Writes a row for each chapter: `00:01:02.500,Title,https://example.com`. A title that a spreadsheet
/// would take for a formula gets an apostrophe before it, as spreadsheets themselves write it.
pub fn csv(chapters: &[Chapter]) -> String {
    let mut out = format!("{HEAD}\r\n");
    for chapter in chapters {
        let title = field(&one_line(&chapter.title));
        let url = field(&one_line(chapter.url.as_deref().unwrap_or_default()));
        out.push_str(&format!("{},{title},{url}\r\n", chapter.start.clock_ms()));
    }
    out
}

/// Reads such a table.
///
/// # Errors
/// If its head is another one, or a row has no time.
pub fn parse_csv(text: &str) -> Result<Vec<Chapter>, FormatError> {
    let rows = records(text.trim_start_matches('\u{feff}'), ',');
    let mut rows = rows.iter();
    let head = rows.next().map(|head| head.fields.join(",")).unwrap_or_default();
    if head != HEAD {
        return Err(malformed(1, &format!("expected the columns `{HEAD}`")));
    }
    rows.map(|Record { line, fields }| {
        let field = |at: usize| fields.get(at).map_or("", |field| field.trim());
        let start = clock::parse(field(0))
            .ok_or_else(|| malformed(*line, "a chapter needs a time as `00:01:02.500`"))?;
        let url = Some(bare(field(2)).to_owned()).filter(|url| !url.is_empty());
        Ok(Chapter { start, title: bare(field(1)).to_owned(), url })
    })
    .collect()
}

/// What a spreadsheet may take for a formula, or for the mark that there is none.
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\''])
}

/// A field in quotes where it needs them.
fn field(text: &str) -> String {
    let text = if is_formula(text) { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// A field without the apostrophe that stands before what is no formula.
fn bare(field: &str) -> &str {
    field.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(field)
}

fn malformed(line: usize, problem: &str) -> FormatError {
    FormatError::Malformed { line, column: 1, problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_are_what_other_programs_read() {
        let chapters = [
            Chapter { start: Ms::ZERO, title: "Cold open".into(), url: None },
            Chapter {
                start: Ms::new(3_662_500),
                title: "=1+1, \"sum\"".into(),
                url: Some("https://e.org/?a=1".into()),
            },
        ];
        assert_eq!(
            audacity(&chapters),
            "0.000000\t0.000000\tCold open\n3662.500000\t3662.500000\t=1+1, \"sum\"\n"
        );
        assert_eq!(
            csv(&chapters),
            "start,title,url\r\n00:00:00.000,Cold open,\r\n\
             01:01:02.500,\"'=1+1, \"\"sum\"\"\",https://e.org/?a=1\r\n"
        );
    }

    #[test]
    fn what_is_none_of_them_is_told_by_its_line() {
        assert!(
            parse_audacity("1.0\t2.0\ta\n\\\t0\t9\nx\n")
                .unwrap_err()
                .to_string()
                .contains("line 3")
        );
        assert!(parse_csv("a,b\n").is_err());
        assert!(parse_csv("start,title,url\nx,a,\n").unwrap_err().to_string().contains("line 2"));
    }

    proptest! {
        #[test]
        fn chapters_come_back(made in prop::collection::vec((0..36_000_000_i64, ".{0,40}", prop::bool::ANY), 0..8)) {
            let chapters: Vec<Chapter> = made
                .into_iter()
                .map(|(start, title, has_url)| Chapter {
                    start: Ms::new(start),
                    title: one_line(&title),
                    url: has_url.then(|| "https://e.org/a,b".to_owned()),
                })
                .collect();
            prop_assert_eq!(&parse_csv(&csv(&chapters)).unwrap(), &chapters);
            let plain: Vec<Chapter> =
                chapters.into_iter().map(|chapter| Chapter { url: None, ..chapter }).collect();
            prop_assert_eq!(&parse_audacity(&audacity(&plain)).unwrap(), &plain);
        }
    }
}
