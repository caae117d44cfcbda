//! The podcast namespace's tags in a feed.

use std::collections::BTreeSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use uuid::{Uuid, uuid};

use super::directories::Directories;
use super::{Beside, taxonomy};
use crate::characters::is_forbidden_in_xml;
use crate::formats::webvtt::decode_entities;
use crate::formats::{Diagnostic, FormatError, bounded, clock};
use crate::time::Ms;

/// The namespace of all `podcast:guid`s, as the podcast namespace states it.
pub(crate) const SHOWS: Uuid = uuid!("ead4c236-bf58-58c6-a2c6-a6b28d128cb6");

/// How long a soundbite may be, after the podcast namespace.
const SHORTEST_SOUNDBITE: Ms = Ms::new(15_000);
const LONGEST_SOUNDBITE: Ms = Ms::new(120_000);

/// Rules `T1` to `T7` (transcript), `C6` (chapters), `B1` to `B3` (soundbite), `P1` to `P4`
/// (person), `G1` (guid), `X1` (characters), `X2` (prefixes), and those of `directories.rs`. `beside`
/// gives a file in the feed's folder.
pub(super) fn check(
    text: &str,
    beside: &dyn Fn(&str) -> Option<Beside>,
) -> Result<Vec<Diagnostic>, FormatError> {
    let mut reader = Reader::from_str(text);
    let mut feed = Feed { found: forbidden(text), ..Feed::default() };
    let mut lines = Lines { text, at: 0, line: 1 };
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = match event {
            Ok(event) => event,
            Err(fault) => {
                let problem = fault.to_string();
                return Err(FormatError::Malformed { line: lines.line_of(at), column: 1, problem });
            }
        };
        bounded(&mut feed.found);
        match event {
            Event::Eof => break,
            Event::Start(tag) => {
                // The tag's own line is where it ends, but for tags that span lines.
                feed.open(&tag, lines.line_of(at));
            }
            Event::Empty(tag) => {
                feed.open(&tag, lines.line_of(at));
                feed.close(&String::from_utf8_lossy(tag.name().as_ref()));
            }
            Event::Text(words) => feed.text.push_str(&String::from_utf8_lossy(&words)),
            Event::CData(words) => feed.text.push_str(&String::from_utf8_lossy(&words)),
            Event::GeneralRef(name) => {
                let name = String::from_utf8_lossy(&name);
                feed.text.push_str(&decode_entities(&format!("&{name};")));
            }
            Event::End(tag) => feed.close(&String::from_utf8_lossy(tag.name().as_ref())),
            _ => {}
        }
    }
    feed.check_guid();
    let Feed { mut found, directories, address, .. } = feed;
    found.extend(directories.finish(address.as_deref(), beside));
    Ok(found)
}

/// Characters for which many readers refuse the whole feed; ours passes over them.
fn forbidden(text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (line, words) in text.split('\n').enumerate() {
        let characters = words.chars().enumerate();
        for (column, c) in characters.filter(|(_, c)| is_forbidden_in_xml(*c)) {
            let message = format!("XML forbids the character U+{:04X}", u32::from(c));
            let finding = Diagnostic::error("X1", line + 1, column + 1, message);
            found.push(finding.fix("delete it where the feed is made"));
            bounded(&mut found);
        }
    }
    found
}

/// Counts lines as the reader goes on, so that a large feed is counted once.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn line_of(&mut self, at: usize) -> usize {
        let at = at.min(self.text.len());
        let passed = self.text.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += passed.split(|byte| *byte == b'\n').count() - 1;
        self.at = self.at.max(at);
        self.line
    }
}

#[derive(Default)]
struct Feed {
    found: Vec<Diagnostic>,
    prefixes: Prefixes,
    text: String,
    /// The line of the element whose text is being read, and its attributes.
    open: Option<Open>,
    /// Where the feed says that it is.
    address: Option<String>,
    /// The feed's identity, and its line.
    guid: Option<(usize, String)>,
    in_item: bool,
    item: Item,
    channel_hosts: Vec<String>,
    directories: Directories,
}

struct Open {
    line: usize,
    start: Option<Ms>,
    duration: Option<Ms>,
    role: String,
    group: String,
}

#[derive(Default)]
struct Item {
    line: usize,
    transcripts: BTreeSet<(String, String)>,
    chapters: usize,
    has_persons: bool,
    persons: BTreeSet<String>,
    length: Option<Ms>,
    /// The line and the end of each.
    soundbites: Vec<(usize, Ms)>,
}

/// Which prefixes stand for a namespace in the element that is being read.
#[derive(Default)]
struct Prefixes {
    /// How many elements are open.
    depth: usize,
    /// Each with the depth of the element that declares it.
    declared: Vec<(usize, String)>,
    /// Those that were told already.
    told: BTreeSet<String>,
}

impl Prefixes {
    /// Goes into an element; gives the prefixes of its name and attributes that stand for nothing.
    fn open(&mut self, tag: &BytesStart<'_>) -> Vec<String> {
        self.depth += 1;
        let mut used = Vec::new();
        used.extend(prefix_of(tag.name().as_ref()));
        for attribute in tag.attributes().with_checks(false).flatten() {
            let key: &[u8] = attribute.key.as_ref();
            if let Some(name) = key.strip_prefix(b"xmlns:") {
                self.declared.push((self.depth, String::from_utf8_lossy(name).into_owned()));
            } else {
                used.extend(prefix_of(key));
            }
        }
        used.retain(|prefix| !self.is_known(prefix) && self.told.insert(prefix.clone()));
        used
    }

    fn close(&mut self) {
        while self.declared.last().is_some_and(|(depth, _)| *depth >= self.depth) {
            self.declared.pop();
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn is_known(&self, prefix: &str) -> bool {
        // These two are XML's own.
        matches!(prefix, "xml" | "xmlns") || self.declared.iter().any(|(_, name)| name == prefix)
    }
}

/// What stands before the colon of a name.
fn prefix_of(name: &[u8]) -> Option<String> {
    let at = name.iter().position(|byte| *byte == b':')?;
    name.get(..at).map(|prefix| String::from_utf8_lossy(prefix).into_owned())
}

impl Feed {
    fn open(&mut self, tag: &BytesStart<'_>, line: usize) {
        self.text.clear();
        for prefix in self.prefixes.open(tag) {
            let message = format!("the prefix `{prefix}` stands for no namespace");
            let fix = format!("declare it in the `rss` tag, as `xmlns:{prefix}=\"…\"`");
            self.warning("X2", line, &message, &fix);
        }
        let value = |name: &str| {
            let attribute = tag.try_get_attribute(name).ok().flatten()?;
            Some(decode_entities(&String::from_utf8_lossy(&attribute.value)))
        };
        self.directories.open(&String::from_utf8_lossy(tag.name().as_ref()), &value, line);
        let time = |name: &str| Ms::stated_seconds(value(name)?.trim().parse().ok()?).ok();
        match tag.name().as_ref() {
            b"item" => {
                self.in_item = true;
                self.item = Item { line, ..Item::default() };
            }
            b"podcast:transcript" => self.transcript(
                &value("url").unwrap_or_default(),
                &value("type").unwrap_or_default(),
                &value("language").unwrap_or_default(),
                line,
            ),
            b"podcast:chapters" => {
                self.item.chapters += 1;
                if self.item.chapters > 1 || !self.in_item {
                    self.error(
                        "C6",
                        line,
                        "one `podcast:chapters` only, inside the `item`",
                        "take the others out",
                    );
                }
                if !is_absolute(&value("url").unwrap_or_default()) || value("type").is_none() {
                    self.error(
                        "C6",
                        line,
                        "`podcast:chapters` needs an absolute `url` and a `type`",
                        "write both; the type is `application/json+chapters`",
                    );
                }
            }
            // a page of a feed says where the feed begins
            b"atom:link" if !self.in_item => match value("rel").as_deref() {
                Some("first") => self.address = value("href"),
                Some("self") if self.address.is_none() => self.address = value("href"),
                _ => {}
            },
            b"podcast:guid" if !self.in_item => self.guid = Some((line, String::new())),
            b"podcast:soundbite" | b"podcast:person" => {
                self.open = Some(Open {
                    line,
                    start: time("startTime"),
                    duration: time("duration"),
                    role: value("role").unwrap_or_else(|| "host".to_owned()),
                    group: value("group").unwrap_or_else(|| "cast".to_owned()),
                });
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        self.prefixes.close();
        let text = self.text.trim().to_owned();
        self.directories.close(name, &text);
        match name {
            "podcast:soundbite" => {
                if let Some(open) = self.open.take() {
                    self.soundbite(&open, &text);
                }
            }
            "podcast:person" => {
                if let Some(open) = self.open.take() {
                    self.person(&open, text);
                }
            }
            "itunes:duration" if self.in_item => {
                let plain = || Ms::stated_seconds(text.parse().ok()?).ok();
                self.item.length = clock::parse(&text).or_else(plain);
            }
            "podcast:guid" if !self.in_item => {
                if let Some((_, guid)) = &mut self.guid {
                    *guid = text;
                }
            }
            "item" => self.end_item(),
            _ => {}
        }
        self.text.clear();
    }

    /// The feed's identity is a UUID made of the address that it first had.
    fn check_guid(&mut self) {
        let Some((line, guid)) = self.guid.take() else {
            let fix = "make it of the feed's address, as the podcast namespace says";
            let message = "the feed has no `podcast:guid`";
            self.found.push(Diagnostic::note("G1", 1, 0, message).fix(fix));
            return;
        };
        let Ok(found) = guid.parse::<Uuid>() else {
            self.error(
                "G1",
                line,
                "`podcast:guid` is no UUID",
                "make it of the feed's address, as the podcast namespace says",
            );
            return;
        };
        if found.get_version_num() != 5 {
            let fix = "make it of the feed's address, as the podcast namespace says";
            self.warning("G1", line, "`podcast:guid` is no UUID of version 5", fix);
        } else if let Some(address) = &self.address {
            let rest = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
            if Uuid::new_v5(&SHOWS, rest.trim_end_matches('/').as_bytes()) != found {
                let message = "`podcast:guid` is not made of the feed's own address";
                let fix = "leave it if the feed has moved since; else make it anew";
                self.found.push(Diagnostic::note("G1", line, 0, message).fix(fix));
            }
        }
    }

    fn error(&mut self, rule: &'static str, line: usize, message: &str, fix: &str) {
        self.found.push(Diagnostic::error(rule, line, 0, message).fix(fix));
    }

    fn warning(&mut self, rule: &'static str, line: usize, message: &str, fix: &str) {
        self.found.push(Diagnostic::warning(rule, line, 0, message).fix(fix));
    }

    fn transcript(&mut self, url: &str, kind: &str, language: &str, line: usize) {
        const TYPES: [&str; 5] =
            ["text/vtt", "application/x-subrip", "application/json", "text/html", "text/plain"];
        if !self.in_item {
            self.error(
                "T1",
                line,
                "`podcast:transcript` stands outside of an `item`",
                "put it into its item",
            );
        }
        if !is_absolute(url) {
            self.error(
                "T1",
                line,
                "`url` is missing or not absolute",
                "begin the address with `https://`",
            );
        }
        let lower = kind.to_ascii_lowercase();
        let bare = lower.split(';').next().unwrap_or_default().trim().to_owned();
        if !bare.contains('/') {
            self.error(
                "T2",
                line,
                "`type` is missing or no media type",
                "write one, as `text/vtt`",
            );
        } else if !TYPES.contains(&bare.as_str()) {
            let message = "apps do not know this `type` of transcript";
            self.warning("T2", line, message, &format!("write one of {}", TYPES.join(", ")));
        }
        if lower != kind {
            self.warning("T3", line, "`type` has capitals", "write it in lower case");
        }
        if !self.item.transcripts.insert((bare, language.to_owned())) {
            let message = "a second transcript of the same type and language";
            self.warning("T4", line, message, "keep one");
        }
    }

    fn soundbite(&mut self, open: &Open, text: &str) {
        let (Some(start), Some(duration)) = (open.start, open.duration) else {
            self.error(
                "B1",
                open.line,
                "`startTime` or `duration` is missing or no time",
                "write both in seconds",
            );
            return;
        };
        if !(SHORTEST_SOUNDBITE..=LONGEST_SOUNDBITE).contains(&duration) {
            let message = "the soundbite is not between 15 and 120 seconds long";
            self.warning("B1", open.line, message, "choose another stretch");
        }
        if text.chars().count() > 128 {
            self.warning("B2", open.line, "the title has more than 128 characters", "shorten it");
        }
        self.item.soundbites.push((open.line, start + duration));
    }

    fn person(&mut self, open: &Open, name: String) {
        if name.is_empty() {
            self.error(
                "P1",
                open.line,
                "the person has no name",
                "write the name between the tags",
            );
        }
        if name.chars().count() > 128 {
            self.warning("P2", open.line, "the name has more than 128 characters", "shorten it");
        }
        if !taxonomy::has_role(&open.role) || !taxonomy::has_group(&open.group) {
            let message = format!("`{}` in `{}` is not in the taxonomy", open.role, open.group);
            self.warning("P3", open.line, &message, "use a role and group of the Podcast Taxonomy");
        }
        if self.in_item {
            self.item.has_persons = true;
            self.item.persons.insert(name);
        } else if open.role.eq_ignore_ascii_case("host") {
            self.channel_hosts.push(name);
        }
    }

    fn end_item(&mut self) {
        self.in_item = false;
        let item = std::mem::take(&mut self.item);
        let has_vtt = item.transcripts.iter().any(|(kind, _)| kind == "text/vtt");
        if !item.transcripts.is_empty() && !has_vtt {
            let message = "the item has transcripts but no WebVTT, which the most apps take";
            self.warning("T7", item.line, message, "add one of type `text/vtt`");
        }
        for (line, end) in &item.soundbites {
            if item.length.is_some_and(|length| *end > length) {
                self.error(
                    "B3",
                    *line,
                    "the soundbite ends after the episode does",
                    "end it earlier",
                );
            }
        }
        let mut hosts = self.channel_hosts.iter().filter(|_| item.has_persons);
        if let Some(host) = hosts.find(|host| !item.persons.contains(*host)) {
            let message =
                format!("the item’s persons replace the channel’s, and `{host}` is not there");
            self.warning("P4", item.line, &message, "list the host in the item again");
        }
    }
}

pub(super) fn is_absolute(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Severity::{Error, Note, Warning};

    /// What is found by the rules of the namespace, those of a whole feed aside.
    fn check(text: &str) -> Result<Vec<Diagnostic>, FormatError> {
        let mut found = super::check(text, &|_| None)?;
        found.retain(|finding| {
            !finding.rule.starts_with('A') && (finding.rule, finding.line) != ("G1", 1)
        });
        Ok(found)
    }

    #[test]
    fn each_rule_of_the_namespace_is_checked() {
        let text = "<rss xmlns:podcast='p' xmlns:itunes='i'><channel>\
            <podcast:person>Ann</podcast:person>\n<item>\n\
            <podcast:transcript url=\"t.srt\" type=\"Application/x-subrip\"/>\n\
            <podcast:chapters url=\"https://x.y/c.json\" type=\"application/json+chapters\"/>\n\
            <podcast:chapters url=\"https://x.y/c.json\"/>\n\
            <itunes:duration>1:00</itunes:duration>\n\
            <podcast:soundbite startTime=\"55.5\" duration=\"10\">t</podcast:soundbite>\n\
            <podcast:person role=\"wizard\"> </podcast:person>\n</item></channel></rss>";
        let found = check(text).unwrap();
        let rules: Vec<_> = found.iter().map(|d| (d.line, d.rule)).collect();
        assert_eq!(
            rules,
            [
                (3, "T1"),
                (3, "T3"),
                (5, "C6"),
                (5, "C6"),
                (7, "B1"),
                (8, "P1"),
                (8, "P3"),
                (2, "T7"),
                (7, "B3"),
                (2, "P4"),
            ]
        );
    }

    #[test]
    fn a_guid_is_made_of_the_feeds_address() {
        let rules = |guid: &str| {
            let text = format!(
                "<rss xmlns:podcast='p' xmlns:atom='a'><channel>\
                 <atom:link rel=\"self\" href=\"https://podnews.net/rss/\"/>\n\
                 <podcast:guid>{guid}</podcast:guid></channel></rss>"
            );
            let found = check(&text).unwrap();
            found.iter().map(|d| (d.line, d.rule, d.severity)).collect::<Vec<_>>()
        };
        // The example in the namespace's own documentation.
        assert_eq!(rules("9b024349-ccf0-5f69-a609-6b82873eab3c"), []);
        assert_eq!(rules("917393e3-1b1e-5cef-ace4-edaa54e1f810"), [(2, "G1", Note)]);
        assert_eq!(rules("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), [(2, "G1", Warning)]);
        assert_eq!(rules("our show"), [(2, "G1", Error)]);
    }

    #[test]
    fn characters_that_xml_forbids_are_errors_at_their_place() {
        let text = "<rss><channel>\n<title>\u{e9}\u{b}</title>\t</channel></rss>";
        let found = check(text).unwrap();
        let places: Vec<_> = found.iter().map(|d| (d.rule, d.severity, d.line, d.column)).collect();
        assert_eq!(places, [("X1", Error, 2, 9)]);
        assert!(found[0].message.contains("U+000B"));
    }

    #[test]
    fn a_prefix_that_stands_for_nothing_is_told_once() {
        let text = "<rss xmlns:a='a'><channel xml:lang='en'>\n<a:x/><b:x c:y=''/>\n<b:x/>\n\
                    <d:x xmlns:d='d'><d:y/></d:x>\n<e xmlns:f='f'/><f:x/></channel></rss>";
        let found = check(text).unwrap();
        let told: Vec<_> = found.iter().map(|d| (d.rule, d.severity, d.line)).collect();
        assert_eq!(told, [("X2", Warning, 2), ("X2", Warning, 2), ("X2", Warning, 5)]);
        assert!(found[2].message.contains("`f`"));
    }

    #[test]
    fn a_broken_feed_is_refused_with_its_line() {
        let fault = check("<rss>\n<item>\n</rss>").unwrap_err().to_string();
        assert!(fault.starts_with("line 3"), "{fault}");
    }
}
