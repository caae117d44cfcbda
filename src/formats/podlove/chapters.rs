//! Podlove Simple Chapters, and the lines that mp4chaps takes.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;

use crate::formats::webvtt::decode_entities;
use crate::formats::{FormatError, clock, xml_line};
use crate::speech::Chapter;

/// Writes Podlove Simple Chapters 1.2.
pub fn simple_chapters(chapters: &[Chapter]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <psc:chapters version=\"1.2\" xmlns:psc=\"http://podlove.org/simple-chapters\">\n",
    );
    for chapter in chapters {
        let title = xml_line(&chapter.title);
        let start = chapter.start.clock_ms();
        let _ = write!(out, "  <psc:chapter start=\"{start}\" title=\"{}\"", escape(title));
        if let Some(url) = &chapter.url {
            let _ = write!(out, " href=\"{}\"", escape(xml_line(url)));
        }
        out.push_str("/>\n");
    }
    out.push_str("</psc:chapters>\n");
    out
}

/// Writes a line for each chapter: `00:01:02.000 Title`.
pub fn mp4chaps(chapters: &[Chapter]) -> String {
    let mut out = String::new();
    for chapter in chapters {
        let _ = writeln!(out, "{} {}", chapter.start.clock_ms(), xml_line(&chapter.title));
    }
    out
}

/// Reads Podlove Simple Chapters.
///
/// # Errors
/// If it is not well-formed XML or a chapter has no time.
pub fn parse_simple_chapters(text: &str) -> Result<Vec<Chapter>, FormatError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader::from_str(text);
    let mut chapters = Vec::new();
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(0).min(text.len());
        let malformed = |problem: String| {
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            FormatError::Malformed { line, column: 1, problem }
        };
        let tag = match event.map_err(|fault| malformed(fault.to_string()))? {
            Event::Eof => return Ok(chapters),
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == b"chapter" => tag,
            _ => continue,
        };
        let value = |name: &str| {
            let attribute = tag.try_get_attribute(name).ok().flatten()?;
            Some(decode_entities(&String::from_utf8_lossy(&attribute.value)))
        };
        let start = value("start").and_then(|start| {
            clock::parse(&start)
                .or_else(|| crate::time::Ms::stated_seconds(start.trim().parse().ok()?).ok())
        });
        let Some(start) = start else {
            return Err(malformed("a chapter without a readable `start`".to_owned()));
        };
        chapters.push(Chapter {
            start,
            title: value("title").unwrap_or_default(),
            url: value("href"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Ms;

    #[test]
    fn chapters_come_back() {
        let chapters = vec![
            Chapter { start: Ms::ZERO, title: "A \"<&>\" b".into(), url: None },
            Chapter {
                start: Ms::new(62_500),
                title: "C".into(),
                url: Some("https://example.org/?a=1&b".into()),
            },
        ];
        assert_eq!(parse_simple_chapters(&simple_chapters(&chapters)), Ok(chapters.clone()));
        assert_eq!(mp4chaps(&chapters), "00:00:00.000 A \"<&>\" b\n00:01:02.500 C\n");
    }
}
