//! Podlove's transcript XML.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::formats::source::column;
use crate::formats::webvtt::decode_entities;
use crate::formats::{Diagnostic, FormatError, Passage, clock, names};

/// Reads `transcripts` / `speech` / `speaker` and `item@start,@end`, with any prefix.
///
/// # Errors
/// If it is not well-formed XML; the error names line and column.
pub fn parse_xml(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    let mut reader = Reader::from_str(text);
    let mut passages = Vec::new();
    let mut speaker: Option<String> = None;
    let mut item: Option<Passage> = None;
    let mut buffer = String::new();
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(0).min(text.len());
        match event.map_err(|fault| malformed(text, at, &fault.to_string()))? {
            Event::Eof => break,
            Event::Start(tag) => match tag.local_name().as_ref() {
                b"speech" => speaker = None,
                b"speaker" => buffer.clear(),
                b"item" => {
                    buffer.clear();
                    let start = attribute(&tag, b"start");
                    let end = attribute(&tag, b"end");
                    item = Some(Passage {
                        start: start.as_deref().and_then(clock::parse),
                        end: end.as_deref().and_then(clock::parse),
                        ..Passage::default()
                    });
                }
                _ => {}
            },
            Event::Text(words) => buffer.push_str(&String::from_utf8_lossy(&words)),
            Event::CData(words) => buffer.push_str(&String::from_utf8_lossy(&words)),
            Event::GeneralRef(name) => {
                buffer.push_str(&decode_entities(&format!("&{};", String::from_utf8_lossy(&name))));
            }
            Event::End(tag) => {
                let words = || buffer.split_whitespace().collect::<Vec<_>>().join(" ");
                match tag.local_name().as_ref() {
                    b"speaker" => speaker = Some(words()).filter(|name| !name.is_empty()),
                    b"item" => {
                        if let Some(passage) = item.take() {
                            let speaker = speaker.clone();
                            passages.push(Passage { speaker, text: words(), ..passage });
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    passages.retain(|passage| !passage.text.is_empty());
    if passages.is_empty() {
        return Err(malformed(text, 0, "expected `item` elements with text"));
    }
    names::settle(&mut passages);
    Ok((passages, Vec::new()))
}

fn attribute(tag: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok().flatten()?;
    Some(decode_entities(&String::from_utf8_lossy(&attribute.value)))
}

pub(crate) fn malformed(text: &str, at: usize, problem: &str) -> FormatError {
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = column(text.get(start..).unwrap_or_default(), at - start);
    FormatError::Malformed { line, column, problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeches_are_read() {
        let text = "<pst:transcripts xmlns:pst=\"x\"><pst:speech><pst:speaker>A &amp; B</pst:speaker>\
                    <pst:item start=\"00:00:01.500\" end=\"00:00:02\">One <![CDATA[& two]]></pst:item>\
                    </pst:speech></pst:transcripts>";
        let (passages, _) = parse_xml(text).unwrap();
        assert_eq!(passages[0].speaker.as_deref(), Some("A & B"));
        assert_eq!(passages[0].text, "One & two");
        assert_eq!(passages[0].start.map(crate::time::Ms::get), Some(1_500));
    }

    #[test]
    fn broken_xml_is_refused_with_its_place() {
        let error = parse_xml("<a>\n<b></c></a>").unwrap_err();
        assert!(error.to_string().starts_with("line 2"), "{error}");
    }
}
