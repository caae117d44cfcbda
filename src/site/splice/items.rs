//! A feed's items, with the places at which something can be put in.

use std::collections::BTreeMap;

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, QName, ResolveResult};

use crate::formats::webvtt::decode_entities;
use crate::render::podcast_tags::Tag;
use crate::site::FeedError;
use crate::site::splice::encoding::Source;
use crate::site::tags::is_podcast_namespace;

/// What is known of a feed.
#[derive(Debug, Default)]
pub(super) struct FeedText {
    /// Every declaration of a prefix by the root, the channel or an item.
    pub(super) prefixes: Vec<Prefix>,
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

/// A prefix that stands for a namespace.
#[derive(Debug)]
pub(super) struct Prefix {
    pub(super) name: String,
    /// Whether it stands for the podcast namespace.
    pub(super) is_podcast: bool,
    /// Whether it holds in the whole channel, and not in one item alone.
    pub(super) is_everywhere: bool,
}

/// Whose an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Rss,
    Podcast,
    Atom,
    Other,
}

/// No feed has more elements open at once; the reader counts them in 16 bits.
const MOST_OPEN: usize = 1_000;
const ATOM: &[u8] = b"http://www.w3.org/2005/Atom";

impl Space {
    /// Whose an element of that name is. RSS has no namespace, unless the root itself has one. A
    /// prefix that nobody declares is what everybody takes it for.
    fn of(name: QName<'_>, found: &ResolveResult<'_>, of_root: &[u8]) -> Space {
        match found {
            ResolveResult::Bound(Namespace(uri)) => match *uri {
                uri if name.prefix().is_none() && uri == of_root => Space::Rss,
                ATOM => Space::Atom,
                uri if is_podcast_namespace(&String::from_utf8_lossy(uri)) => Space::Podcast,
                _ => Space::Other,
            },
            ResolveResult::Unbound if of_root.is_empty() => Space::Rss,
            ResolveResult::Unbound => Space::Other,
            ResolveResult::Unknown(prefix) => match prefix.as_slice() {
                b"podcast" => Space::Podcast,
                b"atom" => Space::Atom,
                _ => Space::Other,
            },
        }
    }
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

/// An element that is not closed yet.
#[derive(Debug)]
struct Open {
    name: String,
    space: Space,
}

impl Open {
    fn is(&self, name: &str) -> bool {
        self.space == Space::Rss && self.name == name
    }
}

/// Where in the feed the reader is.
#[derive(Debug)]
struct Place<'s> {
    source: &'s Source<'s>,
    /// The open elements, the root first.
    open: Vec<Open>,
    /// The text of the innermost element so far.
    text: String,
    /// White space since the last element, with its line end.
    blank: String,
    /// Whether the item or the channel has had an element yet.
    item_begun: bool,
    channel_begun: bool,
}

/// Reads a feed.
pub(super) fn read(source: &Source<'_>) -> Result<FeedText, FeedError> {
    let bytes = source.bytes();
    let mut reader = NsReader::from_reader(bytes);
    let mut feed = FeedText::default();
    let mut place = Place::new(source);
    let mut of_root: Vec<u8> = Vec::new();
    let mut is_rss = false;
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let at = at.min(bytes.len());
        let event = event.map_err(|fault| {
            let at = usize::try_from(reader.error_position()).unwrap_or(at);
            FeedError::Malformed { line: line(bytes, at), problem: fault.to_string() }
        })?;
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            let (found, _) = reader.resolver().resolve_element(tag.name());
            // A declaration behind what cannot be read would not be seen.
            if place.open.is_empty()
                && let Some(Err(fault)) = tag.attributes().find(Result::is_err)
            {
                let problem = format!("an attribute of the feed's first tag: {fault}");
                return Err(FeedError::Malformed { line: line(bytes, at), problem });
            }
            if place.open.is_empty()
                && let ResolveResult::Bound(Namespace(uri)) = &found
                && tag.name().prefix().is_none()
            {
                of_root = uri.to_vec();
            }
            let space = Space::of(tag.name(), &found, &of_root);
            place.start(&mut feed, tag, space, at);
            if place.open.len() > MOST_OPEN {
                let problem = format!("more than {MOST_OPEN} elements are open at once");
                return Err(FeedError::Malformed { line: line(bytes, at), problem });
            }
            is_rss |= matches!(place.open.as_slice(), [rss, channel] if rss.is("rss") && channel.is("channel"));
        }
        match event {
            Event::Eof => break,
            Event::Start(_) => {}
            Event::Empty(_) | Event::End(_) => place.end(&mut feed, at),
            Event::Text(words) => {
                let words = source.text(&words);
                if words.trim().is_empty() {
                    place.blank.push_str(&words);
                } else {
                    place.content(&mut feed, at);
                }
                place.text.push_str(&words);
            }
            Event::CData(words) => {
                place.text.push_str(&source.text(&words));
                place.content(&mut feed, at);
            }
            Event::GeneralRef(name) => {
                let name = source.text(&name);
                place.text.push_str(&decode_entities(&format!("&{name};")));
                place.content(&mut feed, at);
            }
            _ => place.content(&mut feed, at),
        }
    }
    if let Some(Open { name, .. }) = place.open.last() {
        let problem = format!("`{name}` is never closed");
        return Err(FeedError::Malformed { line: line(bytes, bytes.len()), problem });
    }
    if is_rss { Ok(feed) } else { Err(FeedError::NotRss) }
}

/// The line of a place, counted from 1.
fn line(bytes: &[u8], at: usize) -> usize {
    let passed = bytes.get(..at.min(bytes.len())).unwrap_or_default();
    passed.split(|byte| *byte == b'\n').count()
}

impl<'s> Place<'s> {
    fn new(source: &'s Source<'s>) -> Place<'s> {
        Place {
            source,
            open: Vec::new(),
            text: String::new(),
            blank: String::new(),
            item_begun: false,
            channel_begun: false,
        }
    }

    fn start(&mut self, feed: &mut FeedText, tag: &BytesStart<'_>, space: Space, at: usize) {
        let name = self.source.text(tag.name().as_ref()).into_owned();
        let element = Open { name, space };
        let depth = self.open.len();
        let in_channel = depth == 2 && self.open[1].is("channel");
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
        if depth < 2 || in_channel && element.is("item") {
            self.declarations(feed, tag, depth < 2);
        }
        match depth {
            0 if element.is("rss") => feed.root_end = at.saturating_sub(1),
            1 if element.is("channel") => feed.channel_start = at,
            2 if in_channel && element.is("item") => {
                self.item_begun = false;
                feed.items.push(FeedItem { end: at, ..FeedItem::default() });
            }
            2 if in_channel => self.start_of_channel(feed, tag, &element),
            3 if in_item => self.start_in_item(feed, tag, &element),
            _ => {}
        }
        self.open.push(element);
        self.text.clear();
        self.blank.clear();
    }

    /// Something that the channel says of itself.
    fn start_of_channel(&self, feed: &mut FeedText, tag: &BytesStart<'_>, element: &Open) {
        match (element.space, local(&element.name)) {
            (Space::Atom, "link") if self.value(tag, "rel").as_deref() == Some("self") => {
                feed.address = self.value(tag, "href");
            }
            (Space::Podcast, "guid") => feed.has_guid = true,
            _ => {}
        }
    }

    fn start_in_item(&self, feed: &mut FeedText, tag: &BytesStart<'_>, element: &Open) {
        let Some(item) = feed.items.last_mut() else { return };
        if element.is("enclosure") {
            item.audio_url = self.value(tag, "url").unwrap_or_default();
        } else if element.space == Space::Podcast {
            item.tags.push(Known {
                name: local(&element.name).to_owned(),
                attributes: self.attributes(tag),
                text: String::new(),
            });
        }
    }

    fn end(&mut self, feed: &mut FeedText, at: usize) {
        let in_item = self.open.len() == 4 && in_item(&self.open);
        let element = self.open.pop();
        if in_item
            && let Some(item) = feed.items.last_mut()
            && let Some(element) = element
        {
            if element.is("guid") {
                item.guid = std::mem::take(&mut self.text);
            } else if element.is("title") {
                item.title = std::mem::take(&mut self.text);
            } else if element.space == Space::Podcast
                && let Some(known) = item.tags.last_mut()
            {
                known.text = std::mem::take(&mut self.text);
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

    fn value(&self, tag: &BytesStart<'_>, name: &str) -> Option<String> {
        let attribute = tag.try_get_attribute(name).ok().flatten()?;
        Some(decode_entities(&self.source.text(&attribute.value)))
    }

    fn attributes(&self, tag: &BytesStart<'_>) -> BTreeMap<String, String> {
        let mut read = tag.attributes();
        let read = read.with_checks(false).flatten();
        read.map(|attribute| {
            let key = self.source.text(attribute.key.as_ref()).into_owned();
            (key, decode_entities(&self.source.text(&attribute.value)))
        })
        .collect()
    }

    fn declarations(&self, feed: &mut FeedText, tag: &BytesStart<'_>, is_everywhere: bool) {
        for (key, uri) in self.attributes(tag) {
            if let Some(name) = key.strip_prefix("xmlns:") {
                let (name, is_podcast) = (name.to_owned(), is_podcast_namespace(&uri));
                feed.prefixes.push(Prefix { name, is_podcast, is_everywhere });
            }
        }
    }
}

fn in_item(open: &[Open]) -> bool {
    open.get(1).is_some_and(|element| element.is("channel"))
        && open.get(2).is_some_and(|element| element.is("item"))
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
