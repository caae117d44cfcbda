//! Turns as RTTM.

use crate::formats::Diagnostic;
use crate::formats::source::lines;

/// `R1`: a `SPEAKER` line has ten fields. `R2`: start and length are numbers, the start is not
/// negative and the length is more than 0.
pub(super) fn check(text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for line in lines(text) {
        let fields: Vec<&str> = line.text.split_whitespace().collect();
        let Some(kind) = fields.first().filter(|kind| !kind.starts_with(";;")) else { continue };
        if *kind != "SPEAKER" {
            continue;
        }
        if !(9..=10).contains(&fields.len()) {
            let message = format!("{} fields in a `SPEAKER` line, not 10", fields.len());
            found.push(
                Diagnostic::error("R1", line.number, 1, message)
                    .fix("write `SPEAKER file 1 start length <NA> <NA> name <NA> <NA>`"),
            );
            continue;
        }
        let number = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
        if number(3).is_none_or(|start| start < 0.0) || number(4).is_none_or(|length| length <= 0.0)
        {
            let message = "start or length is no number of seconds";
            found.push(
                Diagnostic::error("R2", line.number, 1, message).fix("write seconds, as `12.345`"),
            );
        }
    }
    found
}
