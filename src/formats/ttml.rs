//! Timed text in XML: TTML, DFXP and IMSC of broadcasters and of Apple Podcasts, and the two forms in
//! which YouTube serves its captions (`<text start dur>`, `<p t d>`).

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::formats::cues::{self, Cue};
use crate::formats::podlove::malformed;
use crate::formats::webvtt::decode_entities;
use crate::formats::{Diagnostic, FormatError, Passage, clock};
use crate::time::{Ms, Span};

/// How long a caption without an end is shown.
const SHOWN: Ms = Ms::new(2_000);
/// Frames a second where the file does not say.
const FRAME_RATE: f64 = 30.0;

/// Whether a text is of this format.
pub fn is_like(text: &str) -> bool {
    let start = text.get(..text.floor_char_boundary(4_000)).unwrap_or_default();
    ["<tt ", "<tt>", "<tt\n", "<tt\r", "<tt:tt", "<timedtext", "<transcript><text ", "/ns/ttml"]
        .iter()
        .any(|mark| start.contains(mark))
        || (start.contains("<transcript>") && start.contains("<text start="))
}

/// Reads a file: `p` and `text` elements with times. A speaker is the `ttm:agent` of the element, with
/// the name that the head gives it.
///
/// # Errors
/// If it is not well-formed XML, or no element has a time; the error names line and column.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    let mut xml = Reader::from_str(text);
    xml.config_mut().expand_empty_elements = true;
    let mut reader = TimedText::default();
    loop {
        let event = xml.read_event();
        let at = usize::try_from(xml.buffer_position()).unwrap_or(0).min(text.len());
        match event.map_err(|fault| malformed(text, at, &fault.to_string()))? {
            Event::Eof => break,
            Event::Start(tag) => reader.start(&tag),
            Event::End(tag) => reader.end(tag.local_name().as_ref()),
            Event::Text(words) => reader.text(&String::from_utf8_lossy(&words)),
            Event::CData(words) => reader.text(&String::from_utf8_lossy(&words)),
            Event::GeneralRef(name) => {
                let escape = format!("&{};", String::from_utf8_lossy(&name));
                reader.text(&decode_entities(&escape));
            }
            _ => {}
        }
    }
    if reader.cues.is_empty() {
        return Err(malformed(
            text,
            0,
            "no caption was found: expected `<p begin=\"…\" end=\"…\">`",
        ));
    }
    let agents = reader.agents;
    for cue in &mut reader.cues {
        if let Some(name) = cue.speaker.as_ref().and_then(|id| agents.get(id)) {
            cue.speaker = Some(name.clone());
        }
    }
    Ok(cues::speech(reader.cues))
}

#[derive(Default)]
struct TimedText {
    cues: Vec<Cue>,
    /// The names of the agents by their ids.
    agents: BTreeMap<String, String>,
    agent: String,
    in_name: bool,
    frame_rate: Option<f64>,
    tick_rate: Option<f64>,
    /// When the divisions begin in which the reader is.
    divisions: Vec<Ms>,
    /// For each open element inside a caption, whether a word or sentence ends with it.
    open: Vec<bool>,
    cue: Option<OpenCue>,
}

#[derive(Default)]
struct OpenCue {
    start: Option<Ms>,
    end: Option<Ms>,
    speaker: Option<String>,
    text: String,
}

impl TimedText {
    fn start(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name();
        let (start, end) = self.times(tag);
        if let Some(cue) = &mut self.cue {
            if name.as_ref() == b"br" {
                cue.text.push('\n');
            }
            self.open.push(attribute(tag, "unit").is_some());
            // A caption may have its times on the spans in it.
            cue.start = cue.start.or(start);
            cue.end = cue.end.max(end);
            cue.speaker = cue.speaker.take().or_else(|| attribute(tag, "agent"));
            return;
        }
        match name.as_ref() {
            b"tt" => {
                self.frame_rate = attribute(tag, "frameRate").and_then(|rate| rate.parse().ok());
                self.tick_rate = attribute(tag, "tickRate").and_then(|rate| rate.parse().ok());
            }
            b"agent" => self.agent = attribute(tag, "id").unwrap_or_default(),
            b"name" => self.in_name = !self.agent.is_empty(),
            b"div" | b"body" => self.divisions.push(start.unwrap_or(Ms::ZERO)),
            b"p" | b"text" => {
                let (mut start, mut end) = (start, end);
                let division = self.divisions.last().copied().unwrap_or(Ms::ZERO);
                // Times count from the division's start; most programs write them from the file's.
                if start.is_some_and(|start| start < division) {
                    start = start.map(|start| start + division);
                    end = end.map(|end| end + division);
                }
                let speaker = attribute(tag, "agent");
                self.cue = Some(OpenCue { start, end, speaker, text: String::new() });
                self.open.clear();
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &[u8]) {
        match (name, &mut self.cue) {
            (b"p" | b"text", Some(_)) if self.open.is_empty() => self.close_cue(),
            (_, Some(cue)) => {
                let ends_word = self.open.pop().unwrap_or_default();
                cue.text.push_str(if ends_word { " " } else { "" });
            }
            (b"name", None) => self.in_name = false,
            (b"agent", None) => self.agent.clear(),
            (b"div" | b"body", None) => {
                self.divisions.pop();
            }
            _ => {}
        }
    }

    fn text(&mut self, words: &str) {
        if let Some(cue) = &mut self.cue {
            // A line end in the file is a space in the text.
            cue.text.push_str(&words.replace(['\n', '\r'], " "));
        } else if self.in_name {
            let name = self.agents.entry(self.agent.clone()).or_default();
            *name = crate::formats::one_line(&format!("{name}{words}"));
        }
    }

    fn close_cue(&mut self) {
        let Some(cue) = self.cue.take() else { return };
        let Some(start) = cue.start else { return };
        let span = Span::at_least_1ms(start, cue.end.unwrap_or(start + SHOWN));
        // YouTube escapes its text twice.
        let text = decode_entities(&cue.text);
        let cue = Cue::new(span, cue.speaker.as_deref(), text.lines());
        if !cue.lines.is_empty() {
            self.cues.push(cue);
        }
    }

    fn times(&self, tag: &BytesStart<'_>) -> (Option<Ms>, Option<Ms>) {
        let time = |name: &str| attribute(tag, name).and_then(|text| self.time(&text));
        let millis = |name: &str| {
            let number: f64 = attribute(tag, name)?.parse().ok()?;
            Ms::stated(number).ok()
        };
        let start = time("begin").or_else(|| time("start")).or_else(|| millis("t"));
        let lasts = time("dur").or_else(|| millis("d"));
        let end = time("end").or_else(|| Some(start? + lasts?));
        (start, end)
    }

    /// `00:00:01.500`, `00:00:01:12`, `1.5s`, `1500ms`, `36f`, `15000000t`, `1.5`.
    fn time(&self, text: &str) -> Option<Ms> {
        let text = text.trim();
        let frame_rate = self.frame_rate.unwrap_or(FRAME_RATE);
        if text.contains(':') {
            let (second, frames) = match text.rsplit_once(':') {
                Some((second, frames)) if text.matches(':').count() == 3 => (second, frames),
                _ => return clock::parse(text),
            };
            let frames: f64 = frames.parse().ok()?;
            return Some(clock::parse(second)? + Ms::stated_seconds(frames / frame_rate).ok()?);
        }
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
        let seconds = match unit {
            "" | "s" => number,
            "ms" => number / 1_000.0,
            "m" => number * 60.0,
            "h" => number * 3_600.0,
            "f" => number / frame_rate,
            "t" => number / self.tick_rate.unwrap_or(frame_rate),
            _ => return None,
        };
        Ms::stated_seconds(seconds).ok()
    }
}

/// The value of an attribute, whatever its prefix.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name.as_bytes())?;
    let value = decode_entities(&String::from_utf8_lossy(&attribute.value));
    Some(value.trim_start_matches('#').to_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(i64, i64, Option<String>, String)> {
        let (passages, _) = parse(text).unwrap();
        let ms = |time: Option<Ms>| time.map_or(-1, Ms::get);
        passages.into_iter().map(|p| (ms(p.start), ms(p.end), p.speaker, p.text)).collect()
    }

    #[test]
    fn apples_words_get_their_spaces_and_agents_their_names() {
        let text = r#"<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="x" xmlns:podcasts="y">
            <head><metadata><ttm:agent type="person" xml:id="S1"><ttm:name type="full">Tilda Marsh</ttm:name></ttm:agent></metadata></head>
            <body dur="9.5"><div><p begin="0.24" end="3.5" ttm:agent="S1"><span podcasts:unit="sentence" begin="0.24" end="3.5"><span begin="0.24" end="0.6" podcasts:unit="word">Right,</span><span begin="0.7" end="1" podcasts:unit="word">go.</span></span></p>
            <p begin="1:03.5" end="1:04.5" ttm:agent="S2">Good &amp; well.</p></div></body></tt>"#;
        let said =
            |from, to, who: &str, text: &str| (from, to, Some(who.to_owned()), text.to_owned());
        let wanted = [
            said(240, 3_500, "Tilda Marsh", "Right, go."),
            said(63_500, 64_500, "S2", "Good & well."),
        ];
        assert_eq!(read(text), wanted);
    }

    #[test]
    fn frames_ticks_and_durations_are_times() {
        let text = r#"<tt xmlns:ttp="x" ttp:frameRate="25" ttp:tickRate="10000000"><body><div begin="10s">
            <p begin="00:00:11:05" dur="2s">One<br/>line.</p><p begin="125f" end="140000000t">Two.</p></div></body></tt>"#;
        let wanted = [
            (11_200, 13_200, None, "One line.".to_owned()),
            (15_000, 24_000, None, "Two.".to_owned()),
        ];
        assert_eq!(read(text), wanted);
    }

    #[test]
    fn youtubes_forms_are_read() {
        let one = r#"<?xml version="1.0"?><transcript><text start="0.16" dur="2.24">it&amp;#39;s on</text></transcript>"#;
        assert_eq!(read(one), [(160, 2_400, None, "it's on".to_owned())]);
        let three = r#"<timedtext format="3"><body><p t="160" d="2240"><s>it</s><s t="200"> is</s></p></body></timedtext>"#;
        assert_eq!(read(three), [(160, 2_400, None, "it is".to_owned())]);
        assert!(is_like(one) && is_like(three));
    }

    #[test]
    fn what_has_no_caption_is_refused_with_its_place() {
        assert!(parse("<tt>\n<body></div></tt>").unwrap_err().to_string().starts_with("line 2"));
        assert!(parse("<tt><body/></tt>").unwrap_err().to_string().contains("<p begin"));
    }
}
