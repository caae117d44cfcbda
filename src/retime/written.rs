//! What people wrote about the old recording, with the times of the new one: the same text, in which times
//! are exchanged and nothing else. What stood in a stretch that is gone stays as a comment.

use std::ops::Range;

use toml_edit::{Array, Document, Item, Table, TableLike};

use crate::edit::edits::parse_clock;
use crate::retime::Map;
use crate::time::{Ms, Span};

/// A file with the times of the new recording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The text.
    pub text: String,
    /// How many entries are where they were, or were moved whole.
    pub moved: usize,
    /// What was shortened, or stood in a stretch that is gone.
    pub changed: Vec<Changed>,
}

/// An entry of which not all is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its line in the old file, counted from 1.
    pub line: usize,
    /// The entry, as `[[cut]]`.
    pub table: String,
    /// Its times as they were.
    pub was: String,
    /// Its times now; `None` where it is a comment now.
    pub now: Option<String>,
}

/// What a file is moved by.
#[derive(Debug, Clone, Copy)]
pub struct Mover<'m> {
    /// Where what is.
    pub map: &'m Map,
    /// When the paragraphs begin that the old page shows, by whose seconds people name them.
    pub paragraphs: &'m [Ms],
}

/// The tables whose entries have times, and whether an entry's stretch goes on up to the next one.
const TABLES: [(&str, bool); 14] = [
    ("voice", false),
    ("replace", false),
    ("speaker", false),
    ("paragraph", false),
    ("join", false),
    ("cut", false),
    ("quotation", false),
    ("music", false),
    ("checked", false),
    ("soundbite", false),
    ("chapter", true),
    // of `episode.toml`
    ("chapters", true),
    ("links", false),
    ("tracks", false),
];

/// The keys that hold times.
const KEYS: [&str; 4] = ["at", "from", "to", "start"];

impl Mover<'_> {
    /// The text of `edits.toml` or `episode.toml` with the new times.
    ///
    /// # Errors
    /// If the text cannot be read.
    pub fn rewritten(&self, text: &str) -> Result<Rewritten, String> {
        let document = Document::parse(text).map_err(|fault| fault.to_string())?;
        let mut surgery = Surgery { text, changes: Vec::new(), told: Rewritten::default() };
        for (table, goes_on) in TABLES {
            let Some(item) = document.get(table) else { continue };
            let entries = entries(item);
            let starts: Vec<Ms> = entries.iter().filter_map(|entry| entry.time("start")).collect();
            for entry in &entries {
                let next = starts.iter().filter(|at| Some(**at) > entry.time("start")).min();
                let until = goes_on.then(|| next.copied().unwrap_or(Ms::LATEST));
                self.rewrite(table, entry, until, &mut surgery);
            }
        }
        surgery.done()
    }

    fn rewrite(
        &self,
        table: &str,
        entry: &Entry<'_>,
        until: Option<Ms>,
        surgery: &mut Surgery<'_>,
    ) {
        let times = entry.times();
        if times.is_empty() {
            return;
        }
        let was: Vec<String> = times.iter().map(|(_, at, _)| written(*at)).collect();
        let Some(now) = self.moved(&times, until, table == "links") else {
            surgery.take_out(table, entry, was.join(" to "));
            return;
        };
        for ((_, at, place), moved) in times.iter().zip(&now.times) {
            if at != moved {
                surgery.changes.push((place.clone(), format!("\"{}\"", written(*moved))));
            }
        }
        if now.is_whole {
            surgery.told.moved += 1;
        } else {
            let now: Vec<String> = now.times.iter().map(|at| written(*at)).collect();
            surgery.tell(table, entry, was.join(" to "), Some(now.join(" to ")));
        }
    }

    /// The times of an entry now; `None` where its place is gone. A link is wanted wherever it was promised.
    fn moved(&self, times: &[Time<'_>], until: Option<Ms>, is_link: bool) -> Option<Now> {
        let time = |key: &str| times.iter().find(|(name, ..)| *name == key).map(|(_, at, _)| *at);
        let first = time("from").or(time("at")).or(time("start"));
        let end = time("to").or(until);
        let stretch = first.zip(end).and_then(|(from, to)| Span::new(from, to));
        let left = match stretch {
            Some(stretch) => Some(self.map.stretch(stretch)?),
            None => None,
        };
        let mut is_whole = true;
        let mut now = Vec::new();
        for (key, at, _) in times {
            let exact = self.exact(key, *at);
            let moved = match (self.map.at(exact), left, *key) {
                // behind a place that is gone, a stretch begins later, and before one it ends earlier
                (Some(_), Some(left), "to") => left.end(),
                (Some(_), Some(left), "from" | "start") => left.start(),
                (Some(moved), ..) => moved,
                (None, Some(left), "to") => self.short(left.end(), &mut is_whole),
                (None, Some(left), _) => self.short(left.start(), &mut is_whole),
                (None, None, "to") => self.short(self.map.end(*at)?, &mut is_whole),
                (None, None, "from" | "start") => self.short(self.map.start(*at)?, &mut is_whole),
                (None, None, _) if is_link => {
                    let nearest = self.map.start(*at).or_else(|| self.map.end(*at))?;
                    self.short(nearest, &mut is_whole)
                }
                (None, None, _) => return None,
            };
            now.push(moved);
        }
        Some(Now { times: now, is_whole })
    }

    fn short(&self, now: Ms, is_whole: &mut bool) -> Ms {
        *is_whole = false;
        now.min(self.map.new_duration())
    }

    /// What a time means: the beginning of the paragraph that the page shows with these seconds.
    fn exact(&self, key: &str, at: Ms) -> Ms {
        let is_shown =
            |start: &&Ms| at.get() % 1_000 == 0 && (0..1_000).contains(&(**start - at).get());
        let shown = self.paragraphs.iter().find(is_shown).filter(|_| key == "at");
        shown.copied().unwrap_or(at)
    }
}

/// The times of an entry in the new recording.
struct Now {
    times: Vec<Ms>,
    /// Whether all of its stretch is left.
    is_whole: bool,
}

/// A key, its time, and where the value stands.
type Time<'t> = (&'t str, Ms, Range<usize>);

/// An entry of a list, on lines of its own or within one.
struct Entry<'t> {
    keys: &'t dyn TableLike,
    place: Range<usize>,
    is_inline: bool,
}

impl Entry<'_> {
    /// Its times, in the order of [`KEYS`].
    fn times(&self) -> Vec<Time<'_>> {
        let found = KEYS.into_iter().filter_map(|key| {
            let value = self.keys.get(key)?;
            Some((key, parse_clock(value.as_str()?)?, value.span()?))
        });
        found.collect()
    }

    fn time(&self, key: &str) -> Option<Ms> {
        self.times().into_iter().find(|(name, ..)| *name == key).map(|(_, at, _)| at)
    }
}

fn entries(item: &Item) -> Vec<Entry<'_>> {
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().filter_map(on_lines).collect();
    }
    item.as_array().map(in_line).unwrap_or_default()
}

/// From the line of the header to the end of the last value.
fn on_lines(table: &Table) -> Option<Entry<'_>> {
    let header = table.span()?;
    let ends = table.iter().filter_map(|(_, item)| item.span()).map(|span| span.end);
    let end = ends.max().unwrap_or(header.end).max(header.end);
    Some(Entry { keys: table, place: header.start..end, is_inline: false })
}

fn in_line(array: &Array) -> Vec<Entry<'_>> {
    let entry = |value| {
        let table = toml_edit::Value::as_inline_table(value)?;
        Some(Entry { keys: table, place: table.span()?, is_inline: true })
    };
    array.iter().filter_map(entry).collect()
}

/// A text under the knife.
struct Surgery<'t> {
    text: &'t str,
    /// What is put into which place.
    changes: Vec<(Range<usize>, String)>,
    told: Rewritten,
}

impl Surgery<'_> {
    fn tell(&mut self, table: &str, entry: &Entry<'_>, was: String, now: Option<String>) {
        let line = self.text[..entry.place.start].matches('\n').count() + 1;
        self.told.changed.push(Changed { line, table: format!("[[{table}]]"), was, now });
    }

    /// Makes a comment of an entry.
    fn take_out(&mut self, table: &str, entry: &Entry<'_>, was: String) {
        let head = format!("# taken out, as the new audio has nothing of {was}:\n");
        if entry.is_inline {
            let line = self.text[..entry.place.start].rfind('\n').map_or(0, |at| at + 1);
            let own = self.text[entry.place.clone()].replace('\n', "\n# ");
            self.changes.push((line..line, format!("{head}# {own}\n")));
            self.changes.push((self.with_comma(entry.place.clone()), String::new()));
        } else {
            let end = self.text[entry.place.end..]
                .find('\n')
                .map_or(self.text.len(), |at| entry.place.end + at);
            let start = self.text[..entry.place.start].rfind('\n').map_or(0, |at| at + 1);
            let lines: Vec<String> = self.text[start..end]
                .lines()
                .map(|line| format!("# {line}").trim_end().to_owned())
                .collect();
            self.changes.push((start..end, format!("{head}{}", lines.join("\n"))));
        }
        self.tell(table, entry, was, None);
    }

    /// A place with the comma that parts it from its neighbours.
    fn with_comma(&self, place: Range<usize>) -> Range<usize> {
        let behind = &self.text[place.end..];
        let rest = behind.trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            return place.start..self.text.len() - after.trim_start_matches(' ').len();
        }
        let before = self.text[..place.start].trim_end();
        let start = before.strip_suffix(',').map_or(place.start, str::len);
        start..place.end
    }

    fn done(mut self) -> Result<Rewritten, String> {
        self.changes.sort_by_key(|(place, _)| {
            (std::cmp::Reverse(place.start), std::cmp::Reverse(place.end))
        });
        let mut text = self.text.to_owned();
        for (place, put) in self.changes {
            text.replace_range(place, &put);
        }
        Document::parse(text.as_str()).map_err(|fault| fault.to_string())?;
        self.told.changed.sort_by_key(|changed| changed.line);
        Ok(Rewritten { text, ..self.told })
    }
}

/// The text of `episode.toml` with another audio file; every other byte stays.
///
/// # Errors
/// If the text cannot be read, or names no audio.
pub fn with_audio(text: &str, audio: &str) -> Result<String, String> {
    let document = Document::parse(text).map_err(|fault| fault.to_string())?;
    let place = document.get("audio").and_then(Item::span);
    let place = place.ok_or("it names no `audio`")?;
    let mut text = text.to_owned();
    text.replace_range(place, &toml::Value::String(audio.to_owned()).to_string());
    Ok(text)
}

/// A time as people write it: with the fraction where there is one.
fn written(at: Ms) -> String {
    if at.get() % 1_000 == 0 { at.clock() } else { at.clock_ms() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::edits::{NEW_EDITS, parse};
    use crate::retime::Piece;

    /// An intro of 5.25 s, and everything from 01:00 to 01:30 is gone.
    fn map() -> Map {
        let piece = |from: i64, to: i64, later: i64| Piece {
            old: Span::new(Ms::new(from), Ms::new(to)).unwrap(),
            later: Ms::new(later),
        };
        let pieces = vec![piece(0, 60_000, 5_250), piece(90_000, 300_000, -24_750)];
        Map::new(pieces, Ms::new(300_000), Ms::new(275_250))
    }

    fn moved(text: &str) -> Rewritten {
        let map = map();
        let mover = Mover { map: &map, paragraphs: &[Ms::new(20_800), Ms::new(70_100)] };
        mover.rewritten(text).unwrap()
    }

    #[test]
    fn times_move_and_every_other_byte_stays() {
        let text = "# mine\r\n[names]\nSPEAKER_00 = 'Ada' # hers\n\n[[voice]]\nname='Bo'\n  at = '00:10' # here\n\
                    [[replace]]\nfind = \"a \\\"b\\\"\"\nwith = \"00:00:10\"\nat = \"00:01:40.500\"\n\
                    [[cut]]\nto=\"02:00\"\nfrom = \"01:35\"\n# the end";
        let now = moved(text);
        assert_eq!(
            now.text,
            text.replace("'00:10'", "\"00:00:15.250\"")
                .replace("00:01:40.500", "00:01:15.750")
                .replace("\"02:00\"", "\"00:01:35.250\"")
                .replace("\"01:35\"", "\"00:01:10.250\"")
        );
        assert_eq!((now.moved, now.changed.len()), (3, 0));
        assert_eq!(moved(NEW_EDITS).text, NEW_EDITS);
    }

    #[test]
    fn a_paragraph_is_named_by_where_it_begins_now() {
        assert_eq!(
            moved("[[join]]\nat = \"00:00:20\"\n").text,
            "[[join]]\nat = \"00:00:26.050\"\n"
        );
    }

    #[test]
    fn what_stood_where_nothing_is_left_is_a_comment_and_is_told() {
        let text = "[[cut]] # first\nfrom = \"00:01:02\"\n# between\nto = \"00:01:20\" # theirs\n\n[[cut]]\nfrom = \"00:50\"\nto = \"00:01:10\"\n";
        let now = moved(text);
        assert_eq!(
            now.text,
            "# taken out, as the new audio has nothing of 00:01:02 to 00:01:20:\n\
            # [[cut]] # first\n# from = \"00:01:02\"\n# # between\n# to = \"00:01:20\" # theirs\n\n\
            [[cut]]\nfrom = \"00:00:55.250\"\nto = \"00:01:05.250\"\n"
        );
        let told: Vec<_> =
            now.changed.iter().map(|c| (c.line, c.was.as_str(), c.now.as_deref())).collect();
        assert_eq!(
            told,
            [
                (1, "00:01:02 to 00:01:20", None),
                (6, "00:00:50 to 00:01:10", Some("00:00:55.250 to 00:01:05.250")),
            ]
        );
        assert_eq!(parse(&now.text).unwrap().cut.len(), 1);
    }

    #[test]
    fn lists_on_one_line_are_moved_too() {
        let text = "join = [{at = \"01:10\"}, {at = \"01:40\"}, {at = \"01:20\"}] # mine\n";
        let now = moved(text);
        assert!(now.text.ends_with("\njoin = [{at = \"00:01:15.250\"}] # mine\n"), "{}", now.text);
        assert_eq!(now.text.matches("# {at").count(), 2);
        assert_eq!(parse(&now.text).unwrap().join.len(), 1);
    }

    #[test]
    fn a_chapter_goes_with_all_of_it_and_a_link_never() {
        let text = "audio = 'a.mp3'\n[[chapters]]\nstart = \"00:00\"\ntitle = \"One\"\n[[chapters]]\nstart = \"01:05\"\ntitle = \"Ad\"\n\
                    [[chapters]]\nstart = \"01:25\"\ntitle = \"Two\"\n[[links]]\ntext = \"x\"\nat = \"00:01:10\"\n";
        let now = moved(text);
        assert!(now.text.contains("# title = \"Ad\""), "{}", now.text);
        assert!(now.text.contains("start = \"00:00:05.250\"\ntitle = \"One\""), "{}", now.text);
        assert!(now.text.contains("start = \"00:01:05.250\"\ntitle = \"Two\""), "{}", now.text);
        assert!(now.text.contains("at = \"00:01:05.250\""), "{}", now.text);
        let with = with_audio(&now.text, "b \"c\".mp3").unwrap();
        assert!(
            with.starts_with("audio = 'b \"c\".mp3'\n")
                || with.starts_with("audio = \"b \\\"c\\\".mp3\"\n"),
            "{with}"
        );
        assert!(with_audio("title = 'x'\n", "b.mp3").is_err());
    }
}
