//! Our `words.json`.

use crate::formats::json::Json;
use crate::formats::{Diagnostic, FormatError, bounded};
use crate::time::Ms;

/// `W1`: schema 1 and an array `words`. `W2`: `end` is after `start`. `W3`: `confidence` lies
/// between 0 and 1, `text` is a text.
pub(super) fn check(text: &str) -> Result<Vec<Diagnostic>, FormatError> {
    let json = Json::parse(text)?;
    let mut found = Vec::new();
    if json.get("schema").and_then(Json::number) != Some(1.0) {
        found.push(
            Diagnostic::error("W1", json.line, json.column, "`schema` is not 1")
                .fix("write it with this version of the program"),
        );
    }
    for word in json.get("words").and_then(Json::array).unwrap_or_default() {
        bounded(&mut found);
        let number = |name: &str| word.get(name).and_then(Json::number);
        let is_time = |number: f64| Ms::stated_seconds(number).is_ok();
        let mut add = |rule, message: &str| {
            found.push(
                Diagnostic::error(rule, word.line, word.column, message)
                    .fix("make the file anew with `linernotes run`"),
            );
        };
        match (number("start"), number("end")) {
            (Some(start), Some(end)) if end > start && is_time(start) && is_time(end) => {}
            _ => add("W2", "`end` is not after `start`"),
        }
        let sure = number("confidence").is_some_and(|sure| (0.0..=1.0).contains(&sure));
        if !sure || word.get("text").and_then(Json::text).is_none() {
            add("W3", "`confidence` is not between 0 and 1, or `text` is no text");
        }
    }
    Ok(found)
}
