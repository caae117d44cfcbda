//! Advanced `SubStation` Alpha and `SubStation` Alpha: the `Dialogue` lines of `[Events]`.

use crate::formats::cues::{self, Cue};
use crate::formats::source::lines;
use crate::formats::{Diagnostic, FormatError, Passage, clock};
use crate::time::Span;

/// The columns where the file does not list them.
const COLUMNS: &str = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text";

/// Whether a text is of this format.
pub fn is_like(text: &str) -> bool {
    text.trim_start().starts_with("[Script Info]")
        || lines(text).any(|line| line.text.starts_with("Dialogue:") && line.text.contains(','))
}

/// Reads a file. The actor of a line is its speaker; comments, drawings and marks for the looks are
/// left out; lines are sorted by their start.
///
/// # Errors
/// If no line of dialogue can be read.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    let mut columns: Vec<String> = columns(COLUMNS);
    let mut read = Vec::new();
    let mut found = Vec::new();
    let mut in_events = true;
    for line in lines(text.trim_start_matches('\u{feff}')) {
        if line.text.starts_with('[') {
            in_events = line.text.trim() == "[Events]";
        } else if let Some(list) = line.text.strip_prefix("Format:").filter(|_| in_events) {
            columns = self::columns(list);
        } else if let Some(fields) = line.text.strip_prefix("Dialogue:") {
            match dialogue(fields, &columns) {
                Some(cue) => read.push(cue),
                None => found.push(
                    Diagnostic::error(
                        "F1",
                        line.number,
                        1,
                        "a line of dialogue without times is left out",
                    )
                    .fix("write `Dialogue: 0,0:00:01.00,0:00:02.00,…`"),
                ),
            }
        }
    }
    if read.is_empty() {
        let problem = "no line of dialogue was found: expected \
                       `Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,text`";
        return Err(FormatError::Malformed { line: 1, column: 1, problem: problem.to_owned() });
    }
    read.sort_by_key(|cue| cue.start);
    read.retain(|cue| !cue.lines.is_empty());
    let (passages, more) = cues::speech(read);
    found.extend(more);
    Ok((passages, found))
}

fn columns(list: &str) -> Vec<String> {
    list.split(',').map(|name| name.trim().to_ascii_lowercase()).collect()
}

fn dialogue(fields: &str, columns: &[String]) -> Option<Cue> {
    let values: Vec<&str> = fields.splitn(columns.len().max(1), ',').collect();
    let value = |names: &[&str]| {
        let at = columns.iter().position(|column| names.contains(&column.as_str()))?;
        values.get(at).map(|value| value.trim())
    };
    let span =
        Span::at_least_1ms(clock::parse(value(&["start"])?)?, clock::parse(value(&["end"])?)?);
    let actor = value(&["name", "actor"]).filter(|name| !name.is_empty() && *name != "NTP");
    let text = plain(value(&["text"])?);
    Some(Cue::new(span, actor, text.lines()))
}

/// The words without `{\i1}` and other overrides; drawings (`{\p1}m 0 0`) have none.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut draws = false;
    while let Some((before, tail)) = rest.split_once('{') {
        let Some((tag, after)) = tail.split_once('}') else { break };
        if !draws {
            out.push_str(before);
        }
        if let Some(scale) = tag.split('\\').filter_map(|part| part.strip_prefix('p')).next_back()
            && let Ok(scale) = scale.parse::<u32>()
        {
            draws = scale > 0;
        }
        rest = after;
    }
    if !draws {
        out.push_str(rest);
    }
    out.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Ms;

    #[test]
    fn dialogue_is_read_with_its_actors_and_sorted() {
        let text = "[Script Info]\nTitle: x\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: A,B\n\n[Events]\n\
                    Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
                    Comment: 0,0:00:00.00,0:00:09.00,A,,0,0,0,,nobody\n\
                    Dialogue: 0,0:00:04.00,0:00:05.50,A,Odo,0,0,0,,I think, so.\n\
                    Dialogue: 0,0:00:01.00,0:00:02.00,A,Tilda Marsh,0,0,0,,{\\i1}Are we{\\i0}\\Non?\n\
                    Dialogue: 1,0:00:01.00,0:00:02.00,A,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}\n";
        let (passages, found) = parse(text).unwrap();
        assert_eq!(found, []);
        let read: Vec<_> = passages
            .iter()
            .map(|p| (p.start.map(Ms::get), p.speaker.as_deref(), p.text.as_str()))
            .collect();
        let wanted = [
            (Some(1_000), Some("Tilda Marsh"), "Are we on?"),
            (Some(4_000), Some("Odo"), "I think, so."),
        ];
        assert_eq!(read, wanted);
        assert!(is_like(text));
    }

    #[test]
    fn a_file_without_dialogue_is_refused() {
        assert!(parse("[Script Info]\nTitle: x\n").is_err());
    }
}
