//! A feed's items, with the places at which something can be put in.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::formats::webvtt::decode_entities;
use crate::render::podcast_tags::Tag;
use crate::site::FeedError;

/// What is known of a feed.
#[derive(Debug, Default)]
pub(super) struct FeedText {
    /// The prefixes that the root or the channel declares, with their namespaces.
    pub(super) namespaces: BTreeMap<String, String>,
    /// Where the root's start tag ends, before its `>`.
    pub(super) root_end: usize,
    /// Behind the channel's start tag.
    pub(super) channel_start: usize,
    /// The line end and indentation of the channel's first element; empty where there is none.
    pub(super) channel_indent: String,
    /// The feed's own address, as it states it.
    pub(super) address: Option<String>,
    pub(super) has_guid: bool,
    pub(super) items: Vec<FeedItem>,
}

/// An item.
#[derive(Debug, Default)]
pub(super) struct FeedItem {
    pub(super) guid: String,
    pub(super) title: String,
    pub(super) audio_url: String,
    /// Behind the last thing in it.
    pub(super) end: usize,
    /// The line end and indentation of its first element; empty where there is none.
    pub(super) indent: String,
    tags: Vec<Known>,
}

/// A tag of the namespace that the item has.
#[derive(Debug, Default)]
struct Known {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
}

/// Whether an item has a tag already.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// It has this one.
    Same,
    /// It has another where only one can be; what that is.
    Other(String),
}

impl FeedItem {
    /// Whether the item has the tag, or another in its place.
    pub(super) fn has(&self, tag: &Tag) -> Found {
        let mut known = self.tags.iter().filter(|known| known.name == tag.name);
        match tag.name {
            "transcript" => {
                let media_type = tag.attribute("type");
                let in_place = known.find(|known| {
                    let stated = known.of("type").to_ascii_lowercase();
                    let languages = [known.of("language"), tag.attribute("language")];
                    stated.split(';').next().map(str::trim) == Some(media_type)
                        && (languages.contains(&"") || languages[0] == languages[1])
                });
                of(in_place, tag, &format!("transcript {media_type}"))
            }
            "chapters" => of(known.next(), tag, "chapters"),
            "soundbite" => {
                let start = |text: &str| text.trim().parse::<f64>().ok();
                let wanted = start(tag.attribute("startTime"));
                same(known.any(|known| start(known.of("startTime")) == wanted))
            }
            _ => same(known.any(|known| Some(known.text.trim()) == tag.text.as_deref())),
        }
    }
}

fn of(known: Option<&Known>, tag: &Tag, what: &str) -> Found {
    match known {
        None => Found::Nothing,
        Some(known) if known.of("url").trim() == tag.attribute("url") => Found::Same,
        Some(_) => Found::Other(what.to_owned()),
    }
}

fn same(is_there: bool) -> Found {
    if is_there { Found::Same } else { Found::Nothing }
}

impl Known {
    fn of(&self, key: &str) -> &str {
        self.attributes.get(key).map(String::as_str).unwrap_or_default()
    }
}

/// Where in the feed the reader is.
#[derive(Debug, Default)]
struct Place {
    /// The open elements' names, the root first.
    open: Vec<String>,
    /// The text of the innermost element so far.
    text: String,
    /// White space since the last element, with its line end.
    blank: String,
    /// Whether the item or the channel has had an element yet.
    item_begun: bool,
    channel_begun: bool,
}

/// Reads a feed.
pub(super) fn read(text: &str) -> Result<FeedText, FeedError> {
    let mut reader = Reader::from_str(text);
    let mut feed = FeedText::default();
    let mut place = Place::default();
    let mut is_rss = false;
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let at = at.min(text.len());
        let event = event.map_err(|fault| {
            let at = usize::try_from(reader.error_position()).unwrap_or(at);
            FeedError::Malformed { line: line(text, at), problem: fault.to_string() }
        })?;
        match event {
            Event::Eof => break,
            Event::Start(tag) => {
                place.start(&mut feed, &tag, at);
                is_rss |= place.open == ["rss", "channel"];
            }
            Event::Empty(tag) => {
                place.start(&mut feed, &tag, at);
                place.end(&mut feed, at);
            }
            Event::End(_) => place.end(&mut feed, at),
            Event::Text(words) => {
                let words = String::from_utf8_lossy(&words);
                if words.trim().is_empty() {
                    place.blank.push_str(&words);
                } else {
                    place.content(&mut feed, at);
                }
                place.text.push_str(&words);
            }
            Event::CData(words) => {
                place.text.push_str(&String::from_utf8_lossy(&words));
                place.content(&mut feed, at);
            }
            Event::GeneralRef(name) => {
                let name = String::from_utf8_lossy(&name);
                place.text.push_str(&decode_entities(&format!("&{name};")));
                place.content(&mut feed, at);
            }
            _ => place.content(&mut feed, at),
        }
    }
    if let Some(name) = place.open.last() {
        let problem = format!("`{name}` is never closed");
        return Err(FeedError::Malformed { line: line(text, text.len()), problem });
    }
    if is_rss { Ok(feed) } else { Err(FeedError::NotRss) }
}

/// The line of a place, counted from 1.
fn line(text: &str, at: usize) -> usize {
    let passed = text.as_bytes().get(..at.min(text.len())).unwrap_or_default();
    passed.split(|byte| *byte == b'\n').count()
}

impl Place {
    fn start(&mut self, feed: &mut FeedText, tag: &BytesStart<'_>, at: usize) {
        let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
        let depth = self.open.len();
        let in_channel = depth == 2 && self.open[1] == "channel";
        let in_item = depth == 3 && in_item(&self.open);
        if in_channel && !std::mem::replace(&mut self.channel_begun, true) {
            feed.channel_indent = indent(&self.blank);
        }
        if in_item
            && !std::mem::replace(&mut self.item_begun, true)
            && let Some(item) = feed.items.last_mut()
        {
            item.indent = indent(&self.blank);
        }
        if depth < 2 {
            declared(tag, &mut feed.namespaces);
        }
        match (depth, name.as_str()) {
            (0, "rss") => feed.root_end = at.saturating_sub(1),
            (1, "channel") => feed.channel_start = at,
            (2, "item") if in_channel => {
                self.item_begun = false;
                feed.items.push(FeedItem { end: at, ..FeedItem::default() });
            }
            (2, _)
                if in_channel
                    && local(&name) == "link"
                    && name.contains(':')
                    && value(tag, "rel").as_deref() == Some("self") =>
            {
                feed.address = value(tag, "href");
            }
            (2, _) if in_channel && local(&name) == "guid" && name.contains(':') => {
                feed.has_guid = true;
            }
            (3, _) if in_item => {
                if let Some(item) = feed.items.last_mut() {
                    if name == "enclosure" {
                        item.audio_url = value(tag, "url").unwrap_or_default();
                    } else if name.contains(':') {
                        item.tags.push(Known {
                            name: local(&name).to_owned(),
                            attributes: attributes(tag),
                            text: String::new(),
                        });
                    }
                }
            }
            _ => {}
        }
        self.open.push(name);
        self.text.clear();
        self.blank.clear();
    }

    fn end(&mut self, feed: &mut FeedText, at: usize) {
        let in_item = self.open.len() == 4 && in_item(&self.open);
        let name = self.open.pop().unwrap_or_default();
        if in_item && let Some(item) = feed.items.last_mut() {
            match name.as_str() {
                "guid" => item.guid = std::mem::take(&mut self.text),
                "title" => item.title = std::mem::take(&mut self.text),
                _ if name.contains(':') => {
                    if let Some(known) = item.tags.last_mut() {
                        known.text = std::mem::take(&mut self.text);
                    }
                }
                _ => {}
            }
        }
        self.text.clear();
        self.content(feed, at);
    }

    /// Something that is not white space ends here.
    fn content(&mut self, feed: &mut FeedText, at: usize) {
        self.blank.clear();
        if in_item(&self.open)
            && let Some(item) = feed.items.last_mut()
        {
            item.end = at;
        }
    }
}

fn in_item(open: &[String]) -> bool {
    open.get(1).is_some_and(|name| name == "channel")
        && open.get(2).is_some_and(|name| name == "item")
}

/// The last line end in white space, with what follows it.
fn indent(blank: &str) -> String {
    let Some(at) = blank.rfind('\n') else { return String::new() };
    let from = if blank.get(..at).is_some_and(|b| b.ends_with('\r')) { at - 1 } else { at };
    blank.get(from..).unwrap_or_default().to_owned()
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn value(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok().flatten()?;
    Some(decode_entities(&String::from_utf8_lossy(&attribute.value)))
}

fn attributes(tag: &BytesStart<'_>) -> BTreeMap<String, String> {
    let mut read = tag.attributes();
    let read = read.with_checks(false).flatten();
    read.map(|attribute| {
        let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
        (key, decode_entities(&String::from_utf8_lossy(&attribute.value)))
    })
    .collect()
}

fn declared(tag: &BytesStart<'_>, namespaces: &mut BTreeMap<String, String>) {
    for (key, uri) in attributes(tag) {
        if let Some(prefix) = key.strip_prefix("xmlns:") {
            namespaces.insert(prefix.to_owned(), uri);
        }
    }
}
