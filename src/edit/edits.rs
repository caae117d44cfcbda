//! `edits.toml`: a person's corrections. The machine reads it and never writes it.

use serde::{Deserialize, Serialize};

use crate::time::{Ms, Span};

/// A person's corrections; empty ones change nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Edits {
    /// Names for the machine's labels, as `SPEAKER_00 = "Shaun"`.
    pub names: std::collections::BTreeMap<String, String>,
    /// Words to write otherwise.
    pub replace: Vec<Replace>,
    /// Stretches that another speaker says.
    pub speaker: Vec<SpeakerChange>,
    /// Stretches to leave out.
    pub cut: Vec<Range>,
    /// Stretches that are read aloud from somewhere.
    pub quotation: Vec<QuotationEdit>,
    /// Stretches that a person listened to and agreed with.
    pub checked: Vec<Range>,
    /// Chapters; they replace the episode's and the file's.
    pub chapter: Vec<ChapterEdit>,
    /// Stretches to share.
    pub soundbite: Vec<SoundbiteEdit>,
}

/// Words to write otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replace {
    /// The words as they stand; quotes and commas around them, and an `'s` behind them, need not be
    /// named and stay.
    pub find: String,
    /// What to write; empty leaves them out.
    pub with: String,
    /// Only the place nearest to this time; every place where absent.
    pub at: Option<TimeText>,
}

/// A stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Range {
    /// Where it begins.
    pub from: TimeText,
    /// Where it ends.
    pub to: TimeText,
}

impl Range {
    /// The span, or `None` where it ends before it begins.
    pub fn span(&self) -> Option<Span> {
        Span::new(self.from.0, self.to.0)
    }
}

/// A stretch that another speaker says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpeakerChange {
    /// Where it begins.
    pub from: TimeText,
    /// Where it ends.
    pub to: TimeText,
    /// Who says it.
    pub name: String,
}

/// A stretch read aloud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotationEdit {
    /// Where it begins.
    pub from: TimeText,
    /// Where it ends.
    pub to: TimeText,
    /// Who wrote it.
    pub author: String,
    /// Where it stands.
    pub source: String,
    /// The address of the source.
    pub url: String,
}

/// A chapter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChapterEdit {
    /// Where it begins.
    pub start: TimeText,
    /// Its title.
    pub title: String,
    /// A page that belongs to it.
    pub url: String,
}

/// A stretch to share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoundbiteEdit {
    /// Where it begins.
    pub from: TimeText,
    /// Where it ends.
    pub to: TimeText,
    /// Its title, at most 128 characters.
    pub title: String,
}

/// A time as people write it: `00:18:39`, `18:39`, `00:18:39.500`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeText(pub Ms);

impl TryFrom<String> for TimeText {
    type Error = String;
    fn try_from(text: String) -> Result<TimeText, String> {
        parse_clock(&text)
            .map(TimeText)
            .ok_or_else(|| format!("`{text}` is not a time; write `hh:mm:ss` or `hh:mm:ss.mmm`"))
    }
}

impl From<TimeText> for String {
    fn from(time: TimeText) -> String {
        time.0.clock_ms()
    }
}

/// Reads `hh:mm:ss.mmm`, `hh:mm:ss`, `mm:ss`; minutes and seconds below 60, the fraction at most
/// three digits.
pub fn parse_clock(text: &str) -> Option<Ms> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ms: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<3}").parse().ok()? };
    let parts: Vec<i64> = whole
        .split(':')
        .map(|part| {
            let digits =
                !part.is_empty() && part.len() <= 5 && part.bytes().all(|b| b.is_ascii_digit());
            if digits { part.parse().ok() } else { None }
        })
        .collect::<Option<_>>()?;
    let (h, m, s) = match parts[..] {
        [h, m, s] => (h, m, s),
        [m, s] => (0, m, s),
        _ => return None,
    };
    let total = ((h * 60 + m) * 60 + s) * 1000 + ms;
    (m < 60 && s < 60).then(|| Ms::stated_offset(total).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::written::parse_toml;

    #[test]
    fn clocks_are_read_as_people_write_them() {
        assert_eq!(parse_clock("00:18:39"), Some(Ms::new(1_119_000)));
        assert_eq!(parse_clock("18:39.5"), Some(Ms::new(1_119_500)));
        assert_eq!(parse_clock("18"), None);
        assert_eq!(parse_clock("00:61:00"), None);
        assert_eq!(parse_clock("-1:00:00"), None);
        assert_eq!(parse_clock("1001:00:00"), None);
    }

    #[test]
    fn a_wrong_time_is_said() {
        let message =
            parse_toml::<Edits>("[[cut]]\nfrom = \"soon\"\nto = \"00:01\"\n").unwrap_err();
        assert!(message.contains("`soon` is not a time"), "{message}");
    }
}
