//! What is wrong with a file and where: the one kind of finding that parsers, the importer and
//! `lint` share.

use std::fmt;

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
        let Diagnostic { line, column, rule, severity, message, fix } = self;
        write!(f, "{line}:{column}: {severity} {rule}: {message}")?;
        match fix {
            Some(fix) => write!(f, " (fix: {fix})"),
            None => Ok(()),
        }
    }
}

/// Why a text could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is bigger than any transcript.
    #[error("the file has {bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// Its size in bytes.
        bytes: usize,
        /// The most that is read.
        limit: usize,
    },
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
