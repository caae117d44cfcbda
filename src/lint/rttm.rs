//! Turns as RTTM.

use crate::formats::source::lines;
use crate::formats::{Diagnostic, bounded};
use crate::time::Ms;

/// `R1`: a `SPEAKER` line has ten fields. `R2`: start and length are numbers, the start is not
/// negative and the length is more than 0.
pub(super) fn check(text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for line in lines(text) {
        bounded(&mut found);
        // One more than it may have.
        let fields: Vec<&str> = line.text.split_whitespace().take(11).collect();
        let Some(kind) = fields.first().filter(|kind| !kind.starts_with(";;")) else { continue };
        if *kind != "SPEAKER" {
            continue;
        }
        if !(9..=10).contains(&fields.len()) {
            let count = line.text.split_whitespace().count();
            let message = format!("{count} fields in a `SPEAKER` line, not 10");
            found.push(
                Diagnostic::error("R1", line.number, 1, message)
                    .fix("write `SPEAKER file 1 start length <NA> <NA> name <NA> <NA>`"),
            );
            continue;
        }
        let number = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
        let is_time = |number: f64| number >= 0.0 && Ms::stated_seconds(number).is_ok();
        if !number(3).is_some_and(is_time)
            || !number(4).is_some_and(|length| length > 0.0 && is_time(length))
        {
            let message = "start or length is no number of seconds";
            found.push(
                Diagnostic::error("R2", line.number, 1, message).fix("write seconds, as `12.345`"),
            );
        }
    }
    found
}
