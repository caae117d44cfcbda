//! What is wrong with a file and where: the one kind of finding that parsers, the importer and
//! `lint` share.

use std::collections::BTreeMap;
use std::fmt;

use crate::formats::recognizers::SERVICES;
use crate::formats::signature::Kind;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a look; nothing is wrong for certain.
    Note,
    /// Allowed, but it will be misread somewhere.
    Warning,
    /// The format forbids it.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// A finding in a file. Sorted by place, then by rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Line, counted from 1; 0 where the finding is about the whole file.
    pub line: usize,
    /// Column in characters, counted from 1; 0 where the finding is about the whole line.
    pub column: usize,
    /// The rule's id, as `V4` or `L-TIME-CLOSE`; `docs/formats.md` lists all.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in lower case without a final stop.
    pub message: String,
    /// What to write instead or what to do; `None` where only the author can know.
    pub fix: Option<String>,
    /// How many more of this rule the file has that are not told.
    pub more: usize,
}

impl Diagnostic {
    /// An error.
    pub fn error(
        rule: &'static str,
        line: usize,
        column: usize,
        message: impl Into<String>,
    ) -> Self {
        Diagnostic {
            line,
            column,
            rule,
            severity: Severity::Error,
            message: message.into(),
            fix: None,
            more: 0,
        }
    }

    /// A warning.
    pub fn warning(
        rule: &'static str,
        line: usize,
        column: usize,
        message: impl Into<String>,
    ) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(rule, line, column, message) }
    }

    /// A note.
    pub fn note(
        rule: &'static str,
        line: usize,
        column: usize,
        message: impl Into<String>,
    ) -> Self {
        Diagnostic { severity: Severity::Note, ..Diagnostic::error(rule, line, column, message) }
    }

    /// The same finding with what to do about it.
    #[must_use]
    pub fn fix(self, fix: impl Into<String>) -> Self {
        Diagnostic { fix: Some(fix.into()), ..self }
    }
}

impl fmt::Display for Diagnostic {
    /// `12:5: error V4: message (fix: …)`, the form that editors jump by.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic { line, column, rule, severity, message, fix, more } = self;
        write!(f, "{line}:{column}: {severity} {rule}: {message}")?;
        if let Some(fix) = fix {
            write!(f, " (fix: {fix})")?;
        }
        if *more > 0 { write!(f, ", and {more} more of {rule}") } else { Ok(()) }
    }
}

/// Why a text could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is bigger than any transcript.
    #[error("the file has more than {} MiB, the most that is read of a text", limit >> 20)]
    TooLarge {
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// It is no text: a picture, a recording, an archive.
    #[error("it is {}, not a transcript", .0.name)]
    Foreign(Kind),
    /// It is JSON, of no form that is known.
    #[error("it is JSON of a form that is not known, with {}", listed(.0))]
    UnknownJson(Vec<String>),
    /// The format's marks were not found, or a mark stands where it cannot.
    #[error("line {line}, column {column}: {problem}")]
    Malformed {
        /// Line, counted from 1.
        line: usize,
        /// Column in characters, counted from 1.
        column: usize,
        /// What was expected or found, in lower case without a final stop.
        problem: String,
    },
}

impl FormatError {
    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            FormatError::Empty => {
                "check that it was saved; a transcript has at least a line of text".into()
            }
            FormatError::TooLarge { .. } => "cut it into the transcripts of single episodes".into(),
            FormatError::Foreign(kind) => kind.hint().into(),
            FormatError::UnknownJson(_) => format!(
                "read is the JSON of {}; of other tools give WebVTT, SRT or plain text",
                SERVICES.join(", ")
            ),
            FormatError::Malformed { .. } => {
                "mend it there, or export it anew as WebVTT, SRT or plain text".into()
            }
        }
    }
}

/// The names at the top of a JSON file, as far as they help to know it.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len() {
        0 => "no names at its top".to_owned(),
        count if count > SHOWN => format!("`{}` and more at its top", shown.join("`, `")),
        _ => format!("`{}` at its top", shown.join("`, `")),
    }
}

/// So many findings of one rule are told of one file.
const TOLD: usize = 1_000;
/// Findings are thinned out when there are so many.
const KEPT: usize = 50_000;

/// Thins findings out while a file is read, so that a million of them take no memory to speak of.
/// What is left out is counted by the last of its rule.
pub(crate) fn bounded(found: &mut Vec<Diagnostic>) {
    if found.len() > KEPT {
        thin_out(found);
    }
}

/// Sorts all findings of a file and leaves out those that are too many to be told.
pub(crate) fn settled(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort();
    thin_out(&mut found);
    found
}

fn thin_out(found: &mut Vec<Diagnostic>) {
    let mut counts: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    found.retain(|finding| {
        let (count, more) = counts.entry(finding.rule).or_default();
        *count += 1;
        let kept = *count <= TOLD;
        *more += finding.more + usize::from(!kept);
        kept
    });
    // From the end, so that the last of each rule bears its count.
    for finding in found.iter_mut().rev() {
        finding.more = counts.remove(finding.rule).map_or(0, |(_, more)| more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::signature::kind_of;

    #[test]
    fn too_many_findings_are_counted_and_none_is_forgotten() {
        let mut found = Vec::new();
        for line in 1..=200_000 {
            let rule = if line % 4 == 0 { "V7" } else { "V4" };
            found.push(Diagnostic::error(rule, line, 1, "x"));
            bounded(&mut found);
            assert!(found.len() <= KEPT);
        }
        found.push(Diagnostic::error("V1", 0, 1, "x"));
        let told = settled(found);
        assert_eq!(told.len(), 2 * TOLD + 1);
        let more: Vec<_> = told.iter().filter(|d| d.more > 0).map(|d| (d.rule, d.more)).collect();
        assert_eq!(more, [("V4", 149_000), ("V7", 49_000)]);
        let last = told.iter().rfind(|d| d.rule == "V7").unwrap();
        assert_eq!(last.to_string(), "4000:1: error V7: x, and 49000 more of V7");
    }

    #[test]
    fn every_refusal_says_what_to_do_next() {
        let foreign = |bytes: &[u8]| FormatError::Foreign(kind_of(bytes).unwrap());
        for refusal in [
            FormatError::Empty,
            FormatError::TooLarge { limit: 1 << 20 },
            foreign(b"%PDF-"),
            foreign(b"ID3\x04\0"),
            foreign(b"\x89PNG\r\n\x1a\n"),
            foreign(b"PK\x03\x04"),
            foreign(b"850STL25.01"),
            foreign(b"h\0i\0h\0i\0"),
            foreign(b"\x7fELF"),
            FormatError::UnknownJson(vec!["a".into()]),
            FormatError::Malformed { line: 1, column: 1, problem: "x".into() },
        ] {
            let hint = refusal.hint();
            assert!(hint.len() > 15 && !hint.ends_with('.'), "{refusal}: {hint}");
        }
        let many: Vec<String> = ('a'..='k').map(String::from).collect();
        let shown = FormatError::UnknownJson(many).to_string();
        assert!(shown.ends_with("`g`, `h` and more at its top"), "{shown}");
    }
}
