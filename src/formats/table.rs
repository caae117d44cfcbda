//! Tables: CSV and TSV with a row for each stretch of speech, as recognizers, editors and meeting tools
//! export them, and Audacity's labels, which have no head.

use crate::formats::{Diagnostic, FormatError, Passage, clock, names, one_line};
use crate::time::Ms;

/// Names of columns, without spaces and signs.
const START: [&str; 12] = [
    "start",
    "starttime",
    "begin",
    "in",
    "from",
    "timestamp",
    "time",
    "timecode",
    "starttimecode",
    "timein",
    "tcin",
    "starts",
];
const END: [&str; 11] = [
    "end",
    "endtime",
    "stop",
    "out",
    "to",
    "finish",
    "endtimecode",
    "timeout",
    "tcout",
    "ends",
    "stoptime",
];
const TEXT: [&str; 13] = [
    "text",
    "transcript",
    "content",
    "words",
    "sentence",
    "utterance",
    "body",
    "caption",
    "subtitle",
    "dialogue",
    "line",
    "segment",
    "transcription",
];
const SPEAKER: [&str; 8] =
    ["speaker", "speakername", "name", "voice", "who", "person", "talker", "speakerlabel"];
/// Characters that people say in a second, to find the unit of a number.
const CHARS_A_SECOND: f64 = 14.0;

/// What the columns are.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Columns {
    start: Option<usize>,
    end: Option<usize>,
    speaker: Option<usize>,
    text: usize,
    /// Seconds in a unit of the numbers, where the head says it.
    unit: Option<f64>,
}

/// Whether a text is such a table.
pub fn is_like(text: &str) -> bool {
    head(text).is_some() || is_audacity(text)
}

/// Reads a table.
///
/// # Errors
/// If the first line does not name a column of text and one of times or speakers.
pub fn parse(text: &str) -> Result<(Vec<Passage>, Vec<Diagnostic>), FormatError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    let (columns, delimiter, has_head) = match head(text) {
        Some((columns, delimiter)) => (columns, delimiter, true),
        None if is_audacity(text) => {
            let columns =
                Columns { start: Some(0), end: Some(1), speaker: None, text: 2, unit: Some(1.0) };
            (columns, '\t', false)
        }
        None => {
            let problem = "expected a first line that names the columns, such as \
                           `start,end,speaker,text`"
                .to_owned();
            return Err(FormatError::Malformed { line: 1, column: 1, problem });
        }
    };
    let rows = records(text, delimiter);
    let rows = rows.get(usize::from(has_head)..).unwrap_or_default();
    let mut found = Vec::new();
    let unit = columns.unit.or_else(|| unit_of(rows, &columns)).unwrap_or(1.0);
    if columns.unit.is_none() && unit < 1.0 {
        let message = "the times are read as milliseconds: as seconds they would be too long for \
                       the words";
        found.push(
            Diagnostic::note("L-UNIT", 1, 1, message)
                .fix("call the column `start_ms`, or `start_s`"),
        );
    }
    let mut passages = Vec::new();
    for row in rows {
        let field =
            |at: Option<usize>| at.and_then(|at| row.fields.get(at)).map_or("", |f| f.trim());
        let text = one_line(field(Some(columns.text)));
        // Audacity writes the frequencies of a label on a line of their own.
        if text.is_empty() || field(columns.start) == "\\" {
            continue;
        }
        let start = time(field(columns.start), unit);
        if start.is_none() && columns.start.is_some() {
            let message = format!("`{}` is no time", field(columns.start));
            found.push(
                Diagnostic::warning("L-TIME-FORM", row.line, 1, message)
                    .fix("write `hh:mm:ss.mmm`"),
            );
        }
        let end = time(field(columns.end), unit).filter(|end| start.is_some_and(|s| s < *end));
        let speaker = Some(one_line(field(columns.speaker))).filter(|name| !name.is_empty());
        passages.push(Passage { start, end, speaker, text, ..Passage::default() });
    }
    names::settle(&mut passages);
    Ok((passages, found))
}

/// A time as a clock or as a number of units.
fn time(field: &str, unit: f64) -> Option<Ms> {
    clock::parse(field).or_else(|| Ms::stated_seconds(number(field)? * unit).ok())
}

fn number(field: &str) -> Option<f64> {
    let number: f64 = field.replace(',', ".").parse().ok()?;
    (number.is_finite() && (0.0..1e10).contains(&number)).then_some(number)
}

/// Seconds or milliseconds, whichever has people speak at a human pace.
fn unit_of(rows: &[Record], columns: &Columns) -> Option<f64> {
    let mut chars = 0.0;
    let (mut first, mut last) = (f64::MAX, 0.0_f64);
    for row in rows {
        let number = |at: Option<usize>| number(row.fields.get(at?)?.trim());
        let Some(start) = number(columns.start) else { continue };
        let said = row.fields.get(columns.text).map_or(0, |text| text.chars().count());
        chars += f64::from(u32::try_from(said).unwrap_or(u32::MAX));
        first = first.min(start);
        last = last.max(number(columns.end).unwrap_or(start));
    }
    if last <= first {
        return None;
    }
    let pace = chars / (last - first);
    let off = |pace: f64| (pace / CHARS_A_SECOND).ln().abs();
    Some(if off(pace) <= off(pace * 1_000.0) { 1.0 } else { 0.001 })
}

/// What the first line says of the columns.
fn head(text: &str) -> Option<(Columns, char)> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    ['\t', ';', ',', '|'].into_iter().find_map(|delimiter| {
        let record = records(first, delimiter).into_iter().next()?;
        let names: Vec<String> = record.fields.iter().map(|name| bare(name)).collect();
        let find = |known: &[&str]| {
            names
                .iter()
                .position(|name| {
                    known.contains(&name.trim_end_matches("ms").trim_end_matches("sec"))
                })
                .or_else(|| names.iter().position(|name| known.contains(&name.as_str())))
        };
        let text = find(&TEXT)?;
        let columns = Columns {
            start: find(&START),
            end: find(&END),
            speaker: find(&SPEAKER),
            text,
            unit: find(&START).and_then(|at| names.get(at)).and_then(|name| unit_in(name)),
        };
        (columns.start.is_some() || columns.speaker.is_some()).then_some((columns, delimiter))
    })
}

fn unit_in(name: &str) -> Option<f64> {
    if name.ends_with("ms") { Some(0.001) } else { name.ends_with("sec").then_some(1.0) }
}

/// The name of a column in small letters alone; `(s)` and `(seconds)` become `sec`.
fn bare(name: &str) -> String {
    let name = name.trim().trim_start_matches('\u{feff}').to_lowercase();
    let unit = if ["(ms)", "milliseconds", "_ms", "millis"].iter().any(|unit| name.contains(unit)) {
        "ms"
    } else if ["(s)", "seconds", "(sec)", "_s", "_sec", "secs"]
        .iter()
        .any(|unit| name.ends_with(unit))
    {
        "sec"
    } else {
        ""
    };
    let cut = name.split(['(', '[']).next().unwrap_or_default();
    let cut = ["milliseconds", "millis", "seconds", "secs", "_ms", "_sec", "_s"]
        .iter()
        .find_map(|unit| cut.trim().strip_suffix(unit))
        .unwrap_or(cut);
    let letters: String = cut.chars().filter(|c| c.is_alphanumeric()).collect();
    format!("{letters}{unit}")
}

/// Whether the first line is one of Audacity's labels: two numbers of seconds and words.
fn is_audacity(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.next().is_some_and(|line| {
        let fields: Vec<&str> = line.splitn(3, '\t').collect();
        let seconds = |text: &str| text.contains(['.', ',']) && number(text).is_some();
        matches!(*fields.as_slice(), [start, end, text] if seconds(start) && seconds(end) && !text.is_empty())
    })
}

/// A row and the line on which it begins.
pub(super) struct Record {
    pub(super) line: usize,
    pub(super) fields: Vec<String>,
}

/// Parts a table as RFC 4180 has it: fields in quotes may hold delimiters, line ends and doubled quotes.
pub(super) fn records(text: &str, delimiter: char) -> Vec<Record> {
    let mut records = Vec::new();
    let mut fields = vec![String::new()];
    let (mut line, mut begins) = (1, 1);
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(field) = fields.last_mut() else { break };
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.trim().is_empty() => {
                field.clear();
                quoted = true;
            }
            _ if !quoted && letter == delimiter => fields.push(String::new()),
            '\r' if !quoted => {}
            '\n' => {
                line += 1;
                if quoted {
                    field.push(' ');
                    continue;
                }
                let done = std::mem::replace(&mut fields, vec![String::new()]);
                records.push(Record { line: begins, fields: done });
                begins = line;
            }
            _ => field.push(letter),
        }
    }
    records.push(Record { line: begins, fields });
    records.retain(|record| record.fields.iter().any(|field| !field.trim().is_empty()));
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Start, end, speaker, words.
    type Row = (Option<i64>, Option<i64>, Option<String>, String);

    fn read(text: &str) -> Vec<Row> {
        assert!(is_like(text), "{text}");
        let passages = parse(text).unwrap().0;
        let ms = |time: Option<Ms>| time.map(Ms::get);
        passages.into_iter().map(|p| (ms(p.start), ms(p.end), p.speaker, p.text)).collect()
    }

    #[test]
    fn tables_of_all_kinds_are_read() {
        let said = |who: Option<&str>, text: &str| {
            (Some(1_500), Some(3_000), who.map(str::to_owned), text.to_owned())
        };
        let words = "Are we recording, do you think?";
        for text in [
            format!("start\tend\ttext\n1500\t3000\t{words}\n"),
            format!("start,end,text\n1500,3000,\" {words}\"\n"),
            format!("\"Start\";\"End\";\"Text\"\r\n\"1.5\";\"3\";\"{words}\"\r\n"),
            format!("Start Time,End Time,Text\n00:00:01.500,00:00:03.000,\"{words}\"\n"),
            format!("begin (s),end (s),sentence\n1.5,3.0,\"{words}\"\n"),
            format!("start_ms,end_ms,text\n1500,3000,\"{words}\"\n"),
            format!("1.500000\t3.000000\t{words}\n\\\t100.0\t200.0\n"),
        ] {
            assert_eq!(read(&text), [said(None, words)], "{text}");
        }
        let premiere = format!(
            "Speaker Name,Start Time,End Time,Text\nTilda,00:00:01:15,00:00:03:00,\"{words}\"\n"
        );
        assert_eq!(read(&premiere), [said(Some("Tilda"), words)]);
        let fireflies = "Sentence,Speaker Name,Time\n\"He said \"\"no\"\"\nand went.\",Odo,00:01\n";
        let wanted =
            (Some(1_000), None, Some("Odo".to_owned()), "He said \"no\" and went.".to_owned());
        assert_eq!(read(fireflies), [wanted]);
    }

    #[test]
    fn whole_seconds_are_told_from_milliseconds_by_the_pace_of_speech_and_that_is_said() {
        let text = "start,end,text\n0,4,Are we recording? I think the light is on.\n4,6,Good. Let us go.\n";
        assert_eq!(read(text)[1].0, Some(4_000));
        assert_eq!(parse(text).unwrap().1, []);
        let text = "start,end,text\n0,4000,Are we recording? I think the light is on.\n";
        assert_eq!(parse(text).unwrap().1[0].rule, "L-UNIT");
    }

    #[test]
    fn prose_is_no_table() {
        for text in ["Ann: Hello, and text.\n", "in, out, and about\n", "text\n", "1\t2\tx\n"] {
            assert!(!is_like(text), "{text}");
        }
    }
}
