//! How a finding in a file is told, by `import` and `lint` alike.

use std::path::Path;

use serde_json::json;

use crate::cli::args::CommonArgs;
use crate::cli::report;
use crate::formats::{Diagnostic, Severity};

/// Whether it is more than a note.
pub(super) fn is_warning(finding: &Diagnostic) -> bool {
    finding.severity > Severity::Note
}

/// `path:line:column: severity rule: message (fix: …)` to standard error, or a JSON line.
pub(super) fn tell(path: &Path, finding: &Diagnostic, common: &CommonArgs) {
    if common.json {
        report::json_line(&json!({
            "event": "finding",
            "path": path,
            "line": finding.line,
            "column": finding.column,
            "severity": finding.severity.to_string(),
            "rule": finding.rule,
            "message": finding.message,
            "fix": finding.fix,
            "more": finding.more,
        }));
    } else if !common.quiet || is_warning(finding) {
        report::note(&format!("{}:{finding}", path.display()));
    }
}
