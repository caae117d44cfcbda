//! What a feed lists: its items with all that an episode can take over.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimeParser;
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

use super::Address;
use crate::characters::cleaned;
use crate::edit::edits::parse_clock;
use crate::formats::webvtt::decode_entities;
use crate::import::plain_of_html;
use crate::library::episode::Kind;
use crate::site::splice::text_of;
use crate::site::{FeedError, is_podcast_namespace};
use crate::speech::Chapter;
use crate::time::Ms;

/// The largest feed that is read, in bytes. Those of daily shows of many years have some 20 MB.
pub const MOST_FEED_BYTES: u64 = 64 << 20;
/// No feed has more elements open at once.
const MOST_OPEN: usize = 1_000;
/// The most items; there are shows with a few thousand.
const MOST_ITEMS: usize = 50_000;
/// The longest text that is taken over; show notes run to some tens of kB.
const MOST_TEXT: usize = 256 << 10;
/// The most references, chapters or people of one item.
const MOST_EACH: usize = 1_000;

/// A feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feed {
    /// The show's name.
    pub title: String,
    /// Where older items are listed, where the feed has several pages.
    pub older: Option<String>,
    /// The episodes, in the feed's order.
    pub items: Vec<Item>,
}

/// An item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// Its identity; the address of its sound where it states none.
    pub guid: String,
    /// Its title.
    pub title: String,
    /// The day on which it was published, in the time zone that is stated.
    pub date: Option<Date>,
    /// What it is about, Markdown.
    pub summary: String,
    /// Its number in the show.
    pub number: Option<u32>,
    /// What kind of episode it is.
    pub kind: Kind,
    /// Whether it has strong language.
    pub explicit: Option<bool>,
    /// How long it is said to be.
    pub length: Option<Ms>,
    /// The address of its picture.
    pub image: String,
    /// Its sound.
    pub audio: Option<Reference>,
    /// Its transcripts, in the feed's order.
    pub transcripts: Vec<Reference>,
    /// A file of chapters.
    pub chapters_file: Option<Reference>,
    /// Chapters that stand in the feed.
    pub chapters: Vec<Chapter>,
    /// Who is in it, with the part that each plays.
    pub people: Vec<(String, String)>,
}

/// A file that an item names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    /// Its address.
    pub url: String,
    /// What kind of file it is said to be, in lower case.
    pub kind: String,
}

/// Whose an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Rss,
    Apple,
    Content,
    Podcast,
    Chapters,
    Atom,
    Other,
}

impl Space {
    fn of(found: &ResolveResult<'_>) -> Space {
        match found {
            ResolveResult::Unbound => Space::Rss,
            ResolveResult::Bound(Namespace(uri)) => Space::named(&String::from_utf8_lossy(uri)),
            // a prefix that nobody declares is what everybody takes it for
            ResolveResult::Unknown(prefix) => match prefix.as_slice() {
                b"itunes" => Space::Apple,
                b"content" => Space::Content,
                b"podcast" => Space::Podcast,
                b"psc" => Space::Chapters,
                b"atom" => Space::Atom,
                _ => Space::Other,
            },
        }
    }

    fn named(uri: &str) -> Space {
        let lower = uri.trim().to_ascii_lowercase();
        if is_podcast_namespace(uri) {
            return Space::Podcast;
        }
        match lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest).trim_end_matches('/')
        {
            "www.itunes.com/dtds/podcast-1.0.dtd" => Space::Apple,
            "purl.org/rss/1.0/modules/content" => Space::Content,
            "podlove.org/simple-chapters" => Space::Chapters,
            "www.w3.org/2005/atom" => Space::Atom,
            "backend.userland.com/rss2" => Space::Rss,
            _ => Space::Other,
        }
    }
}

/// Reads a feed.
///
/// # Errors
/// If it is too large, is not stored as it says, is no well-formed XML, or no RSS.
pub fn read(bytes: &[u8]) -> Result<Feed, FeedError> {
    if bytes.len() as u64 > MOST_FEED_BYTES {
        let limit_mib = usize::try_from(MOST_FEED_BYTES >> 20).unwrap_or(usize::MAX);
        return Err(FeedError::TooLarge { limit_mib });
    }
    let text = text_of(bytes)?;
    let mut reader = NsReader::from_str(&text);
    let mut place = Place::default();
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let malformed = |problem: String| FeedError::Malformed { line: line(&text, at), problem };
        let event = event.map_err(|fault| malformed(fault.to_string()))?;
        match &event {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => {
                let (found, name) = reader.resolver().resolve_element(tag.name());
                let name = String::from_utf8_lossy(name.as_ref()).into_owned();
                place.start((Space::of(&found), name), &attributes(tag));
                if place.open.len() > MOST_OPEN || place.feed.items.len() > MOST_ITEMS {
                    let problem = format!(
                        "more than {MOST_OPEN} elements are open at once, or more than {MOST_ITEMS} items"
                    );
                    return Err(malformed(problem));
                }
                if matches!(event, Event::Empty(_)) {
                    place.end();
                }
            }
            Event::End(_) => place.end(),
            Event::Text(words) => place.add(&String::from_utf8_lossy(words)),
            Event::CData(words) => place.add(&String::from_utf8_lossy(words)),
            Event::GeneralRef(name) => {
                let name = String::from_utf8_lossy(name);
                place.add(&decode_entities(&format!("&{name};")));
            }
            _ => {}
        }
    }
    if let Some((_, name)) = place.open.last() {
        let problem = format!("`{name}` is never closed");
        return Err(FeedError::Malformed { line: line(&text, text.len()), problem });
    }
    if place.is_rss { Ok(place.feed) } else { Err(FeedError::NotRss) }
}

/// The line of a place, counted from 1.
fn line(text: &str, at: usize) -> usize {
    let passed = text.as_bytes().get(..at.min(text.len())).unwrap_or_default();
    passed.split(|byte| *byte == b'\n').count()
}

type Attributes = BTreeMap<String, String>;

fn attributes(tag: &BytesStart<'_>) -> Attributes {
    tag.attributes()
        .with_checks(false)
        .flatten()
        .map(|one| {
            let key = String::from_utf8_lossy(one.key.local_name().as_ref()).into_owned();
            (key, decode_entities(&String::from_utf8_lossy(&one.value)).trim().to_owned())
        })
        .collect()
}

/// Where in the feed the reader is.
#[derive(Debug, Default)]
struct Place {
    feed: Feed,
    is_rss: bool,
    /// The open elements, the root first.
    open: Vec<(Space, String)>,
    /// The text of the innermost element so far.
    text: String,
    /// The texts that may become an item's summary, the richest last.
    summaries: [String; 3],
    /// The part of the person whose name is being read.
    role: String,
}

impl Place {
    fn is_at(&self, path: &[&str]) -> bool {
        self.open.len() == path.len()
            && self
                .open
                .iter()
                .zip(path)
                .all(|((space, name), wanted)| *space == Space::Rss && name == wanted)
    }

    fn in_item(&self) -> bool {
        self.is_at(&["rss", "channel", "item"])
    }

    fn add(&mut self, text: &str) {
        if self.text.len() < MOST_TEXT {
            self.text.push_str(text);
        }
    }

    fn start(&mut self, element: (Space, String), attributes: &Attributes) {
        let (in_channel, in_item) = (self.is_at(&["rss", "channel"]), self.in_item());
        let in_chapters = self.open.len() == 4
            && self.open.last().is_some_and(|(space, _)| *space == Space::Chapters);
        self.is_rss |= self.is_at(&["rss"]) && element == (Space::Rss, "channel".to_owned());
        if in_channel && element == (Space::Rss, "item".to_owned()) {
            self.feed.items.push(Item::default());
            self.summaries = Default::default();
        } else if in_channel && element == (Space::Atom, "link".to_owned()) {
            let is_older = attributes.get("rel").is_some_and(|rel| rel == "next");
            self.feed.older =
                attributes.get("href").filter(|_| is_older).cloned().or(self.feed.older.take());
        } else if (in_item || in_chapters)
            && let Some(item) = self.feed.items.last_mut()
        {
            start_in_item(item, (element.0, &element.1), attributes);
            self.role = attributes.get("role").cloned().unwrap_or_default();
        }
        self.open.push(element);
        self.text.clear();
    }

    fn end(&mut self) {
        let Some(element) = self.open.pop() else { return };
        let text = std::mem::take(&mut self.text);
        if self.is_at(&["rss", "channel"]) && element == (Space::Rss, "title".to_owned()) {
            self.feed.title = one_line(&text);
        }
        if self.is_at(&["rss", "channel"]) && element == (Space::Rss, "item".to_owned()) {
            self.end_item();
        } else if self.in_item() {
            self.end_in_item((element.0, &element.1), &text);
        }
    }

    fn end_in_item(&mut self, element: (Space, &str), text: &str) {
        let Some(item) = self.feed.items.last_mut() else { return };
        match element {
            (Space::Rss, "title") => item.title = one_line(&plain_of_html(text)),
            (Space::Rss, "guid") => item.guid = one_line(text),
            (Space::Rss, "pubDate") => item.date = date(text),
            (Space::Rss, "description") => text.clone_into(&mut self.summaries[1]),
            (Space::Content, "encoded") => text.clone_into(&mut self.summaries[2]),
            (Space::Apple, "summary") => text.clone_into(&mut self.summaries[0]),
            (Space::Apple, "episode") => item.number = text.trim().parse().ok(),
            (Space::Apple, "duration") => item.length = length(text.trim()),
            (Space::Apple, "episodeType") => item.kind = kind(text.trim()),
            (Space::Apple, "explicit") => item.explicit = explicit(text.trim()),
            (Space::Podcast, "person") if item.people.len() < MOST_EACH => {
                let name = one_line(text);
                if !name.is_empty() {
                    item.people.push((name, self.role.to_lowercase()));
                }
            }
            _ => {}
        }
    }

    /// The item's summary is the plain description where there is one: what is encoded is often the
    /// whole page.
    fn end_item(&mut self) {
        let Some(item) = self.feed.items.last_mut() else { return };
        let [apple, description, encoded] = std::mem::take(&mut self.summaries);
        let given = [description, apple, encoded].into_iter().find(|text| !text.trim().is_empty());
        item.summary = cleaned(&plain_of_html(given.unwrap_or_default().trim())).into_owned();
        if item.guid.is_empty() {
            let address = item.audio.as_ref().and_then(|audio| Address::parse(&audio.url).ok());
            item.guid = address.map_or_else(|| item.title.clone(), |address| address.identity());
        }
        item.chapters.sort_by_key(|chapter| chapter.start);
    }
}

/// An element of an item that says something with its attributes.
fn start_in_item(item: &mut Item, element: (Space, &str), attributes: &Attributes) {
    let value = |key: &str| attributes.get(key).cloned().unwrap_or_default();
    let reference = || Reference { url: value("url"), kind: value("type").to_ascii_lowercase() };
    match element {
        (Space::Rss, "enclosure") if item.audio.is_none() && !value("url").is_empty() => {
            item.audio = Some(reference());
        }
        (Space::Apple, "image") => item.image = value("href"),
        (Space::Podcast, "transcript") if item.transcripts.len() < MOST_EACH => {
            item.transcripts.push(reference());
        }
        (Space::Podcast, "chapters") => item.chapters_file = Some(reference()),
        (Space::Chapters, "chapter") if item.chapters.len() < MOST_EACH => {
            let start = value("start");
            let start = parse_clock(&start).or_else(|| length(&start));
            let url = Some(value("href")).filter(|url| !url.is_empty());
            let title = one_line(&value("title"));
            item.chapters.extend(start.map(|start| Chapter { start, title, url }));
        }
        _ => {}
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    cleaned(&words.join(" ")).into_owned()
}

/// The day of `Tue, 15 May 2018 10:00:00 +0200`, or of `2018-05-15T10:00:00Z`.
fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    let parser = DateTimeParser::new().relaxed_weekday(true);
    let stated = parser.parse_zoned(text).map(|zoned| zoned.date()).ok();
    stated.or_else(|| text.get(..10)?.parse().ok())
}

/// `1:02:40`, `62:40`, or so many seconds.
fn length(text: &str) -> Option<Ms> {
    let parts: Option<Vec<f64>> = text.split(':').map(|part| part.trim().parse().ok()).collect();
    let parts = parts.filter(|parts| (1..=3).contains(&parts.len()))?;
    let seconds = parts.iter().fold(0.0, |sum, part| sum * 60.0 + part);
    if !(0.0..=360_000.0).contains(&seconds) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most a hundred hours")]
    Some(Ms::new((seconds * 1_000.0) as i64))
}

fn kind(text: &str) -> Kind {
    match text.to_ascii_lowercase().as_str() {
        "bonus" => Kind::Bonus,
        "trailer" => Kind::Trailer,
        _ => Kind::Full,
    }
}

fn explicit(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "explicit" => Some(true),
        "no" | "false" | "clean" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss version="2.0" xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd"
  xmlns:pod="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters"
  xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>A &amp; B</title>
<atom:link rel="next" href="https://a.example/feed?page=2"/>
<image><title>not this</title></image>
<item>
  <title>Q&amp;amp;A:&nbsp;über &b; Dinge</title>
  <guid isPermaLink="false"> id-1 </guid>
  <pubDate>Mon, 15 May 2018 23:30:00 -0700</pubDate>
  <description><![CDATA[<p>About <a href="https://a.example/x">things</a>.</p><p>And more.</p>]]></description>
  <enclosure url="https://a.example/1.mp3?a=1&amp;b=2" length="5" type="audio/mpeg"/>
  <i:episode>7</i:episode><i:episodeType>Bonus</i:episodeType><i:explicit>yes</i:explicit>
  <i:duration>1:02:03</i:duration><i:image href="https://a.example/1.jpg"/>
  <pod:transcript url="https://a.example/1.vtt" type="text/vtt"/>
  <pod:chapters url="https://a.example/1.json" type="application/json+chapters"/>
  <pod:person role="Guest">Mirren Ostby</pod:person>
  <psc:chapters><psc:chapter start="00:01:00.5" title="Later"/><psc:chapter start="0" title="First"/></psc:chapters>
</item>
<item><title>Two</title><enclosure url="https://a.example/2.mp3"/><pubDate>2018-05-01</pubDate>
<itunes:duration>90</itunes:duration></item>
</channel></rss>"#;

    #[test]
    fn what_an_item_says_is_taken_over_whatever_its_prefixes() {
        let feed = read(FEED.as_bytes()).unwrap();
        assert_eq!(feed.title, "A & B");
        assert_eq!(feed.older.as_deref(), Some("https://a.example/feed?page=2"));
        let [one, two] = feed.items.as_slice() else { panic!("{feed:?}") };
        assert_eq!(one.title, "Q&A: über &b; Dinge", "entities of its own are not made larger");
        assert_eq!(one.guid, "id-1");
        assert_eq!(one.date.unwrap().to_string(), "2018-05-15");
        assert_eq!(one.summary, "About [things](https://a.example/x).\n\nAnd more.");
        assert_eq!((one.number, one.kind, one.explicit), (Some(7), Kind::Bonus, Some(true)));
        assert_eq!(one.length, Some(Ms::new(3_723_000)));
        assert_eq!(one.audio.as_ref().unwrap().url, "https://a.example/1.mp3?a=1&b=2");
        assert_eq!(one.transcripts[0].kind, "text/vtt");
        assert_eq!(one.chapters_file.as_ref().unwrap().url, "https://a.example/1.json");
        assert_eq!(one.people, [("Mirren Ostby".to_owned(), "guest".to_owned())]);
        let chapters: Vec<_> =
            one.chapters.iter().map(|c| (c.start.get(), c.title.as_str())).collect();
        assert_eq!(chapters, [(0, "First"), (60_500, "Later")]);
        assert_eq!(two.guid, "https://a.example/2.mp3", "the sound's address identifies it");
        assert_eq!(two.date.unwrap().to_string(), "2018-05-01");
        assert_eq!(two.length, Some(Ms::new(90_000)), "a prefix that nobody declared");
    }

    #[test]
    fn what_is_no_feed_is_refused_with_its_line() {
        let refused = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
        assert!(refused("<rss>\n<channel>").contains("line 2"), "{}", refused("<rss>\n<channel>"));
        assert!(!refused("<html><body>a</body></html>").is_empty());
        assert!(!refused("").is_empty());
        let deep = "<a>".repeat(100_000);
        assert!(refused(&deep).contains("open at once"));
        assert!(refused("<?xml version=\"1.0\" encoding=\"no-such\"?><rss/>").contains("no-such"));
    }

    #[test]
    fn days_and_lengths_are_read_in_the_forms_that_feeds_have() {
        let day = |text: &str| date(text).map(|day| day.to_string());
        for text in [
            "Tue, 15 May 2018 10:00:00 GMT",
            "Mon, 15 May 2018 10:00 +0000",
            "15 May 2018 10:00:00 EST",
            "2018-05-15T10:00:00Z",
        ] {
            assert_eq!(day(text).as_deref(), Some("2018-05-15"), "{text}");
        }
        assert_eq!(day("yesterday"), None);
        assert_eq!(length("62:40"), Some(Ms::new(3_760_000)));
        assert_eq!(
            (length("-5"), length("a"), length("1:2:3:4"), length("nan")),
            (None, None, None, None)
        );
    }
}
