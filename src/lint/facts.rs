//! What a person wrote into `show.toml` and `episode.toml`: whether it can be read, value by value.

use crate::formats::{Diagnostic, Severity};
use crate::library::episode::Episode;
use crate::library::show::Show;
use crate::library::written::parse_toml;
use crate::render::values::{self, Unreadable};

/// Whether a file of that name is one of these.
pub(super) fn is_one(file_name: &str) -> bool {
    matches!(file_name, "show.toml" | "episode.toml")
}

/// Rules `F1` (the file) and `E1` (a value). A day that cannot be read is an error: the feed has none then.
pub(super) fn check(file_name: &str, text: &str) -> Vec<Diagnostic> {
    let found = if file_name == "show.toml" {
        parse_toml::<Show>(text).map(|show| values::of_show(&show))
    } else {
        parse_toml::<Episode>(text).map(|episode| values::of_episode(&episode))
    };
    match found {
        Ok(found) => found.iter().map(|value| told(value, text)).collect(),
        Err(fault) => {
            let line = fault.split_once("line ").and_then(|(_, rest)| {
                rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
            });
            let fix = "mend it there; docs/formats.md shows every key";
            let message = fault.lines().rfind(|line| !line.trim().is_empty());
            let message = message.unwrap_or(&fault).trim();
            vec![Diagnostic::error("F1", line.unwrap_or(1), 1, message).fix(fix)]
        }
    }
}

fn told(value: &Unreadable, text: &str) -> Diagnostic {
    let Unreadable { key, value: written, fault, instead } = value;
    let severity = if key == "date" { Severity::Error } else { Severity::Warning };
    let message = format!("`{key} = {written:?}` {fault}");
    let found = Diagnostic::error("E1", line_of(key, text), 1, message);
    Diagnostic { severity, ..found }.fix(format!("write {instead}"))
}

/// The line of a key such as `date` or `links[2].url`; 1 where it is written otherwise.
fn line_of(key: &str, text: &str) -> usize {
    let lines = || text.lines().enumerate();
    let begins = |line: &str, key: &str| {
        let rest = line.trim_start().strip_prefix(key);
        rest.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let (table, key) = key.split_once('.').unwrap_or(("", key));
    let start = match table.split_once('[') {
        None => Some(0),
        Some((name, rest)) => {
            let number = rest.trim_end_matches(']').parse::<usize>().unwrap_or(0);
            let head = format!("[[{name}]]");
            lines().filter(|(_, line)| line.trim() == head).nth(number).map(|(at, _)| at)
        }
    };
    let found = start.and_then(|start| lines().skip(start).find(|(_, line)| begins(line, key)));
    found.map_or(1, |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str) -> Vec<(usize, &'static str, Severity)> {
        check(name, text).into_iter().map(|one| (one.line, one.rule, one.severity)).collect()
    }

    #[test]
    fn a_value_that_cannot_be_read_is_told_where_it_stands() {
        let text = "title = \"A\"\ndate = \"31.1.2026\"\n\n[[links]]\ntext = \"a\"\nurl = \"https://e.org\"\n\
                    [[links]]\ntext = \"b\"\nurl = \"e.org\"\n";
        assert_eq!(
            found("episode.toml", text),
            [(2, "E1", Severity::Error), (9, "E1", Severity::Warning)]
        );
        assert_eq!(found("episode.toml", "date = \"2026-01-31\"\n"), []);
        assert_eq!(found("episode.toml", "\ntitel = \"A\"\n"), [(2, "F1", Severity::Error)]);
        assert_eq!(found("show.toml", "name = \"A\"\ncategory = \"Bocks\"\n").len(), 1);
    }
}
