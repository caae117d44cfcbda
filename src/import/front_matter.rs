//! The front matter of a text: what site generators keep above it, as YAML between `---` or as TOML
//! between `+++`. Title, day, people, summary, number and language are taken from it.

use serde::{Deserialize, Serialize};

use crate::formats::source::{Line, lines};
use crate::formats::{Diagnostic, one_line};
use crate::library::episode::Person;

/// The longest front matter, in lines.
const MOST_LINES: usize = 300;

/// What a front matter says of its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrontMatter {
    /// The title.
    pub title: String,
    /// The day, as `2026-03-01`.
    pub date: String,
    /// What it is about.
    pub summary: String,
    /// The language, as `en`.
    pub language: String,
    /// The number.
    pub number: Option<u32>,
    /// Who speaks; the role is empty where it is not said.
    pub people: Vec<Person>,
}

/// A text without its front matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parted<'t> {
    /// What the front matter says.
    pub about: FrontMatter,
    /// How many lines it has.
    pub lines: usize,
    /// The text below it.
    pub text: &'t str,
    /// What of it was taken and what was not.
    pub found: Vec<Diagnostic>,
}

/// Parts a text from its front matter; one without has it all below.
pub(super) fn part(text: &str) -> Parted<'_> {
    read(text).unwrap_or(Parted {
        about: FrontMatter::default(),
        lines: 0,
        text,
        found: Vec::new(),
    })
}

fn read(text: &str) -> Option<Parted<'_>> {
    let all: Vec<Line<'_>> = lines(text).take(MOST_LINES).collect();
    let first = all.iter().position(|line| !line.text.trim().is_empty())?;
    let fence = all.get(first)?.text.trim_end();
    let is_toml = fence == "+++";
    let closes = |line: &&Line<'_>| match fence {
        "+++" => line.text.trim_end() == "+++",
        _ => matches!(line.text.trim_end(), "---" | "..."),
    };
    if !is_toml && fence != "---" {
        return None;
    }
    let inner: Vec<&str> =
        all.iter().skip(first + 1).take_while(|line| !closes(line)).map(|line| line.text).collect();
    let last = first + inner.len() + 1;
    all.get(last)?;
    let entries = if is_toml { toml_entries(&inner.join("\n"))? } else { yaml_entries(&inner)? };
    let body: usize = all.iter().take(last + 1).map(|l| l.text.len() + l.end.len()).sum();
    let mut about = FrontMatter::default();
    let mut found = Vec::new();
    let (mut taken, mut unused) = (Vec::new(), Vec::new());
    for (key, values) in entries {
        match about.take(&key, &values) {
            Taken::Yes => taken.push(format!("`{key}`")),
            Taken::No => unused.push(format!("`{key}`")),
            Taken::Unreadable(what) => {
                let value = values.first().map_or("", |value| value.text.as_str());
                let message = format!("`{key}` of the front matter, `{value}`, is {what}");
                let line = all.iter().find(|line| line.text.trim_start().starts_with(&key));
                let line = line.map_or(first + 1, |line| line.number);
                found.push(
                    Diagnostic::warning("L-FRONT", line, 1, message)
                        .fix("write it into `episode.toml`, a date as `2026-03-01`"),
                );
            }
        }
    }
    // Between two rules may stand a conversation too.
    if taken.is_empty() && found.is_empty() && !is_toml {
        return None;
    }
    found.push(told(first + 1, &taken, &unused));
    Some(Parted { about, lines: last + 1, text: text.get(body..)?, found })
}

fn told(line: usize, taken: &[String], unused: &[String]) -> Diagnostic {
    let mut message = "the front matter is no part of the transcript and is left out".to_owned();
    if !taken.is_empty() {
        message.push_str(&format!("; a new `episode.toml` gets its {}", taken.join(", ")));
    }
    if !unused.is_empty() {
        message.push_str(&format!("; nothing is made of its {}", unused.join(", ")));
    }
    Diagnostic::note("L-FRONT", line, 1, message).fix("see that `episode.toml` says what you want")
}

/// A value, and the role of a person where it stands beside the name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Value {
    text: String,
    role: String,
}

enum Taken {
    Yes,
    No,
    Unreadable(&'static str),
}

impl FrontMatter {
    fn take(&mut self, key: &str, values: &[Value]) -> Taken {
        let first = values.first().map_or("", |value| value.text.as_str());
        if first.is_empty() {
            return Taken::No;
        }
        let text = || one_line(first);
        match key.to_lowercase().replace(['-', '_', ' '], "").as_str() {
            "title" | "episodetitle" => self.title = text(),
            "description" | "summary" | "excerpt" | "subtitle" if self.summary.is_empty() => {
                self.summary = text();
            }
            "language" | "lang"
                if (2..=3).contains(&first.split(['-', '_']).next().map_or(0, str::len)) =>
            {
                self.language = first.split(['-', '_']).next().unwrap_or_default().to_lowercase();
            }
            "episode" | "number" | "episodenumber" => match first.parse() {
                Ok(number) => self.number = Some(number),
                Err(_) => return Taken::No,
            },
            "date" | "published" | "publishdate" | "pubdate" | "publishedat" | "day" => {
                match day(first) {
                    Some(day) => self.date = day,
                    None => return Taken::Unreadable("no day that is understood"),
                }
            }
            "host" | "hosts" => self.add_people(values, "host"),
            "guest" | "guests" => self.add_people(values, "guest"),
            "people" | "person" | "persons" | "speaker" | "speakers" | "participants"
            | "attendees" | "cast" | "with" => self.add_people(values, ""),
            _ => return Taken::No,
        }
        Taken::Yes
    }

    fn add_people(&mut self, values: &[Value], role: &str) {
        let names = values.iter().flat_map(|value| {
            // A list on one line.
            let parts: Vec<&str> = match values {
                [_] => value.text.split(" and ").collect(),
                _ => vec![value.text.as_str()],
            };
            parts.into_iter().map(|name| (one_line(name), value.role.clone())).collect::<Vec<_>>()
        });
        for (name, own) in names.filter(|(name, _)| !name.is_empty()) {
            if self.people.iter().all(|person| person.name != name) {
                let role = if own.is_empty() { role.to_owned() } else { own.to_lowercase() };
                self.people.push(Person { name, role, ..Person::default() });
            }
        }
    }
}

/// The day in any form that site generators and people write.
fn day(text: &str) -> Option<String> {
    const FORMS: [&str; 8] = [
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%B %d, %Y",
        "%b %d, %Y",
        "%d %B %Y",
        "%d %b %Y",
        "%A, %B %d, %Y",
        "%d.%m.%Y",
    ];
    let text = text.trim();
    let head = text.split(['T', ' ']).next().filter(|head| head.len() == 10).unwrap_or(text);
    let date = FORMS.iter().find_map(|form| jiff::civil::Date::strptime(form, head).ok())?;
    Some(date.to_string())
}

fn toml_entries(text: &str) -> Option<Vec<(String, Vec<Value>)>> {
    let table: toml::Table = text.parse().ok()?;
    let entries = table.into_iter().map(|(key, value)| {
        let values = match value {
            toml::Value::Array(items) => items.iter().map(toml_value).collect(),
            other => vec![toml_value(&other)],
        };
        (key, values)
    });
    Some(entries.collect())
}

fn toml_value(value: &toml::Value) -> Value {
    let text = |value: &toml::Value| match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        toml::Value::Table(table) => {
            let field = |key: &str| table.get(key).map(text).unwrap_or_default();
            Value { text: field("name"), role: field("role") }
        }
        other => Value { text: text(other), role: String::new() },
    }
}

/// The part of YAML that front matters use: `key: value`, `[a, b]`, lists with `-`, texts over
/// several lines. `None` where a line is none of that.
fn yaml_entries(lines: &[&str]) -> Option<Vec<(String, Vec<Value>)>> {
    let mut entries: Vec<(String, Vec<Value>)> = Vec::new();
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        let bare = line.trim();
        if bare.starts_with('#') {
            continue;
        }
        let is_inner = line.starts_with([' ', '\t']) || bare.starts_with("- ") || bare == "-";
        if is_inner {
            inner_line(bare, &mut entries.last_mut()?.1);
            continue;
        }
        let (key, value) = bare.split_once(':')?;
        let is_key = !key.is_empty()
            && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.'));
        if !is_key || !(value.is_empty() || value.starts_with([' ', '\t'])) {
            return None;
        }
        entries.push((key.trim().to_owned(), yaml_values(value)));
    }
    Some(entries)
}

/// A line below a key: an item of a list, a field of an item, or more of a text.
fn inner_line(bare: &str, values: &mut Vec<Value>) {
    let item = bare.strip_prefix('-').map(str::trim);
    let field = item.unwrap_or(bare);
    let (key, value) = field.split_once(':').unwrap_or(("", field));
    let value = unquoted(value.trim());
    match (key, item.is_some()) {
        ("name", _) => values.push(Value { text: value, role: String::new() }),
        ("role", _) => {
            if let Some(last) = values.last_mut() {
                last.role = value;
            }
        }
        (_, true) => values.push(Value { text: unquoted(field), role: String::new() }),
        _ => match values.last_mut() {
            Some(last) if !field.contains(": ") => {
                last.text.push(' ');
                last.text.push_str(&unquoted(field));
            }
            _ => {}
        },
    }
}

fn yaml_values(value: &str) -> Vec<Value> {
    let value = value.trim();
    let list = value.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let texts: Vec<String> = match list {
        Some(inner) => parts_of_list(inner),
        // The text follows on the lines below.
        None if matches!(value, "" | "|" | ">" | "|-" | ">-") => Vec::new(),
        None => vec![unquoted(value)],
    };
    let mut values: Vec<Value> =
        texts.into_iter().map(|text| Value { text, role: String::new() }).collect();
    if matches!(value, "|" | ">" | "|-" | ">-") {
        values.push(Value::default());
    }
    values
}

/// The items of `'Marsh, Tilda', Odo`: a comma in quotes parts nothing.
fn parts_of_list(inner: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    for letter in inner.chars() {
        match (letter, quote) {
            (',', None) => parts.push(String::new()),
            ('"' | '\'', None) => quote = Some(letter),
            (_, Some(open)) if open == letter => quote = None,
            _ => {
                if let Some(last) = parts.last_mut() {
                    last.push(letter);
                }
            }
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote)) {
            return inner.replace("\\\"", "\"").replace("''", "'");
        }
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(about: &FrontMatter) -> Vec<(&str, &str)> {
        about.people.iter().map(|person| (person.name.as_str(), person.role.as_str())).collect()
    }

    #[test]
    fn yaml_is_read_and_what_is_not_used_is_named() {
        let text = "---\ntitle: \"Nets: part one\"\ndate: 2026-03-01T10:00:00Z\n# a comment\n\
                    speakers: ['Marsh, Tilda', Odo Ferris]\nhosts:\n  - name: Olive\n    role: Host\n  - Piet\n\
                    description: >\n  Two\n  lines.\ntags: [nets]\nepisode: 7\n---\nAnn: Hi.\n";
        let parted = part(text);
        assert_eq!((parted.text, parted.lines), ("Ann: Hi.\n", 15));
        let about = parted.about;
        assert_eq!((about.title.as_str(), about.date.as_str()), ("Nets: part one", "2026-03-01"));
        assert_eq!((about.summary.as_str(), about.number), ("Two lines.", Some(7)));
        let wanted =
            [("Marsh, Tilda", ""), ("Odo Ferris", ""), ("Olive", "host"), ("Piet", "host")];
        assert_eq!(people(&about), wanted);
        let [found] = parted.found.as_slice() else { panic!("{:?}", parted.found) };
        assert!(found.message.ends_with("nothing is made of its `tags`"), "{found}");
    }

    #[test]
    fn toml_is_read() {
        let parted =
            part("+++\ntitle = \"Nets\"\ndate = 2026-03-01\nguests = [\"Odo\"]\n+++\n\nHi.");
        assert_eq!(parted.about.title, "Nets");
        assert_eq!(parted.about.date, "2026-03-01");
        assert_eq!(people(&parted.about), [("Odo", "guest")]);
        assert_eq!((parted.text, parted.lines), ("\nHi.", 5));
    }

    #[test]
    fn days_are_read_as_people_write_them_and_others_are_named() {
        for text in ["March 1, 2026", "1 Mar 2026", "2026/03/01", "2026-03-01 08:00"] {
            assert_eq!(day(text).as_deref(), Some("2026-03-01"), "{text}");
        }
        let parted = part("---\ntitle: x\ndate: some day\n---\nA: b");
        let rules: Vec<_> = parted.found.iter().map(|d| (d.line, d.severity)).collect();
        assert_eq!(rules[0], (3, crate::formats::Severity::Warning));
    }

    #[test]
    fn a_conversation_between_rules_is_no_front_matter() {
        for text in [
            "---\nAnn: Hi.\nBo: Hello.\n---\n",
            "Ann: Hi.\n---\nBo: Yes.\n",
            "---\nJust words.\n---\nx",
            "---\n\nAnn: Hi.",
        ] {
            let parted = part(text);
            assert_eq!((parted.text, parted.lines), (text, 0), "{text}");
        }
    }
}
