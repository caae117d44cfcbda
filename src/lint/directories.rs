//! What the directories ask of a feed, beside the podcast namespace: Apple Podcasts, whose list of
//! categories and sizes of pictures the others take over, and Spotify.

use std::collections::BTreeMap;

use jiff::fmt::rfc2822::DateTimeParser;

use super::Beside;
use super::picture::{PictureKind, measure};
use crate::formats::Diagnostic;
use crate::render::categories::category;

/// Sides of the show's picture, in pixels, after Apple Podcasts.
const SIDES: std::ops::RangeInclusive<u32> = 1_400..=3_000;
/// The largest picture, in bytes, after Apple Podcasts.
const PICTURE_BYTES: u64 = 512 * 1024;
/// The longest descriptions of a show and of an episode, in bytes, after Apple Podcasts.
const SHOW_BYTES: usize = 4_000;
const EPISODE_BYTES: usize = 10_000;
/// Media types of an enclosure, after Apple Podcasts.
const MEDIA: [&str; 7] = [
    "audio/mpeg",
    "audio/x-m4a",
    "audio/mp4",
    "video/mp4",
    "video/x-m4v",
    "video/quicktime",
    "application/pdf",
];

/// Rules `A1` to `A9`.
#[derive(Debug, Default)]
pub(super) struct Directories {
    /// The names of the elements that are open, and the line of each.
    open: Vec<(String, usize)>,
    channel: Part,
    item: Part,
    /// Whether an item is being read.
    in_item: bool,
    category: Option<String>,
    /// The show's picture, and its line.
    picture: Option<(usize, String)>,
    guids: BTreeMap<String, usize>,
    enclosures: BTreeMap<String, usize>,
    found: Vec<Diagnostic>,
}

/// What a channel or an item has.
#[derive(Debug, Default)]
struct Part {
    line: usize,
    /// The names of its elements that say something.
    has: Vec<String>,
}

impl Part {
    fn has(&self, name: &str) -> bool {
        self.has.iter().any(|known| known == name)
    }
}

impl Directories {
    /// An element begins; `value` gives its attributes.
    pub(super) fn open(&mut self, name: &str, value: &dyn Fn(&str) -> Option<String>, line: usize) {
        match name {
            "channel" => self.channel = Part { line, ..Part::default() },
            "item" => {
                self.in_item = true;
                self.item = Part { line, ..Part::default() };
            }
            "enclosure" if self.in_item => self.enclosure(value, line),
            "itunes:image" => self.image(value("href").unwrap_or_default(), line),
            "itunes:category" if !self.in_item => {
                self.category(value("text").unwrap_or_default().trim(), line);
            }
            "atom:link" if value("rel").as_deref() == Some("self") => {
                self.secure("the feed's own address", &value("href").unwrap_or_default(), line);
            }
            _ => {}
        }
        self.open.push((name.to_owned(), line));
    }

    /// An element ends; `text` is what stands in it.
    pub(super) fn close(&mut self, name: &str, text: &str) {
        let Some((_, line)) = self.open.pop() else { return };
        if name == "itunes:category" && self.parent() == Some("channel") {
            self.category = None;
        }
        match self.parent() {
            _ if name == "item" => self.end_item(),
            Some("channel") => self.of_channel(name, text, line),
            Some("item") => self.of_item(name, text, line),
            _ => {}
        }
    }

    fn parent(&self) -> Option<&str> {
        self.open.last().map(|(name, _)| name.as_str())
    }

    fn of_channel(&mut self, name: &str, text: &str, line: usize) {
        match name {
            "link" => self.secure("the show's address", text, line),
            "description" => self.length("the show's description", text, SHOW_BYTES, line),
            "itunes:explicit" => self.explicit(text, line),
            _ => {}
        }
        if !text.is_empty() {
            self.channel.has.push(name.to_owned());
        }
    }

    fn of_item(&mut self, name: &str, text: &str, line: usize) {
        match name {
            "description" | "content:encoded" => {
                self.length("the episode's description", text, EPISODE_BYTES, line);
            }
            "itunes:explicit" => self.explicit(text, line),
            "guid" => {
                if let Some(first) = self.guids.get(text) {
                    let message = format!("this `guid` is that of the item on line {first}, too");
                    self.error("A6", line, &message, "give each episode a guid of its own");
                }
                self.guids.entry(text.to_owned()).or_insert(self.item.line);
            }
            "pubDate" if !is_date(text) => {
                let message = format!("`{}` is no date that apps can read", shortened(text));
                self.error("A7", line, &message, "write it as `Tue, 15 May 2018 10:00:00 +0000`");
            }
            _ => {}
        }
        if !text.is_empty() {
            self.item.has.push(name.to_owned());
        }
    }

    fn end_item(&mut self) {
        self.in_item = false;
        let item = std::mem::take(&mut self.item);
        let has = |names: &[&str]| names.iter().any(|name| item.has(name));
        if !has(&["title", "itunes:title"]) {
            self.error("A1", item.line, "the item has no `title`", "give the episode a title");
        }
        if !has(&["enclosure"]) {
            let message = "the item has no `enclosure`, so there is nothing to play";
            self.error("A5", item.line, message, "add one with `url`, `length` and `type`");
        }
        if !has(&["guid"]) {
            let message =
                "the item has no `guid`: apps take it for a new one when its address changes";
            self.warning("A6", item.line, message, "give it one that never changes");
        }
        if !has(&["pubDate"]) {
            let message = "the item has no `pubDate`, and apps put it anywhere";
            self.warning("A7", item.line, message, "state the day, as `date` in `episode.toml`");
        }
        if !has(&["description", "content:encoded", "itunes:summary"]) {
            let message = "the item has no `description`";
            self.warning("A9", item.line, message, "say what the episode is about");
        }
    }

    fn enclosure(&mut self, value: &dyn Fn(&str) -> Option<String>, line: usize) {
        self.item.has.push("enclosure".to_owned());
        let url = value("url").unwrap_or_default();
        self.secure("the `enclosure`", &url, line);
        if let Some(first) = self.enclosures.get(&url) {
            let message = format!("the sound is that of the item on line {first}, too");
            self.warning("A5", line, &message, "apps may leave the second one out");
        }
        self.enclosures.entry(url).or_insert(self.item.line);
        match value("length").map(|length| length.trim().parse::<u64>()) {
            Some(Ok(0)) => {
                let fix = "state the file's size in bytes";
                self.warning("A5", line, "the `enclosure` has a `length` of 0", fix);
            }
            Some(Ok(_)) => {}
            _ => {
                let fix = "state the file's size in bytes";
                self.error("A5", line, "the `enclosure` has no `length` in bytes", fix);
            }
        }
        let media = value("type").unwrap_or_default().trim().to_ascii_lowercase();
        if !media.contains('/') {
            let fix = "state it, as `audio/mpeg`";
            self.error("A5", line, "the `enclosure` has no media type in `type`", fix);
        } else if !MEDIA.contains(&media.as_str()) {
            let message = format!("Apple Podcasts does not play `{}`", shortened(&media));
            self.warning("A5", line, &message, "publish MP3 or AAC (`audio/mpeg`, `audio/x-m4a`)");
        }
    }

    fn image(&mut self, href: String, line: usize) {
        self.secure("the picture", &href, line);
        if self.in_item || self.parent() != Some("channel") {
            return;
        }
        if !href.trim().is_empty() {
            self.channel.has.push("itunes:image".to_owned());
        }
        self.picture = Some((line, href));
    }

    /// A category of the show, or one below that.
    fn category(&mut self, text: &str, line: usize) {
        let whole = match &self.category {
            Some(main) => format!("{main} > {text}"),
            None => {
                self.channel.has.push("itunes:category".to_owned());
                text.to_owned()
            }
        };
        match category(&whole) {
            Err(fault) => {
                let message =
                    format!("`{}` is not in Apple's list of categories", shortened(&whole));
                self.error("A3", line, &message, &format!("write {}", fault.instead()));
            }
            Ok(known) => {
                let spelled = known.below.unwrap_or(known.main);
                if spelled != text {
                    let message = format!("Apple spells this category `{spelled}`");
                    self.warning("A3", line, &message, "spell it so");
                }
            }
        }
        if self.category.is_none() {
            self.category = Some(text.to_owned());
        }
    }

    fn explicit(&mut self, text: &str, line: usize) {
        match text.to_ascii_lowercase().as_str() {
            "true" | "false" => {}
            "yes" | "explicit" | "no" | "clean" => {
                let fix = "write `true` or `false`";
                self.warning("A4", line, "`itunes:explicit` has a word of old", fix);
            }
            _ => {
                let fix = "write `true` or `false`";
                self.error("A4", line, "`itunes:explicit` is neither `true` nor `false`", fix);
            }
        }
    }

    fn length(&mut self, what: &str, text: &str, most: usize, line: usize) {
        if text.len() > most {
            let message = format!("{what} has {} bytes; Apple Podcasts takes {most}", text.len());
            self.warning("A9", line, &message, "shorten it");
        }
    }

    fn secure(&mut self, what: &str, address: &str, line: usize) {
        let address = address.trim();
        if super::feed::is_absolute(address) {
            if address.starts_with("http://") {
                let message = format!("{what} is not `https`, and some apps load nothing else");
                self.warning("A8", line, &message, "serve it by `https://`");
            }
        } else {
            let message = format!("{what} has no whole address");
            self.error("A8", line, &message, "begin it with `https://`");
        }
    }

    /// What was found, once the feed is read. `address` is where it says that it is.
    pub(super) fn finish(
        mut self,
        address: Option<&str>,
        beside: &dyn Fn(&str) -> Option<Beside>,
    ) -> Vec<Diagnostic> {
        let line = self.channel.line.max(1);
        for (rule, name, example) in [
            ("A1", "title", "the show's name"),
            ("A9", "description", "what the show is about"),
            ("A1", "language", "as `en`"),
            ("A2", "itunes:image", "a square picture of 1400 to 3000 pixels"),
            ("A3", "itunes:category", "one of Apple's list"),
            ("A4", "itunes:explicit", "`true` or `false`"),
        ] {
            if !self.channel.has(name) {
                let message = format!("the channel has no `{name}`, which Apple Podcasts requires");
                self.error(rule, line, &message, &format!("add it: {example}"));
            }
        }
        if let Some((line, href)) = self.picture.take() {
            self.look_at(line, href.trim(), address, beside);
        }
        self.found
    }

    /// The picture's own file, where it lies beside the feed.
    fn look_at(
        &mut self,
        line: usize,
        href: &str,
        address: Option<&str>,
        beside: &dyn Fn(&str) -> Option<Beside>,
    ) {
        let Some(file) = path_beside(href, address).and_then(|path| beside(&path)) else {
            let path = href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
            if ![".jpg", ".jpeg", ".png"].iter().any(|ending| path.ends_with(ending)) {
                let message = "the picture's address does not end with `.jpg` or `.png`";
                self.warning("A2", line, message, "directories take JPEG and PNG alone");
            }
            let message = "the picture lies elsewhere and was not looked at";
            let fix = "see that it is a square of 1400 to 3000 pixels below 512 kB";
            self.found.push(Diagnostic::note("A2", line, 0, message).fix(fix));
            return;
        };
        let Some((kind, width, height)) = measure(&file.head) else {
            let message = "the picture is neither JPEG nor PNG";
            self.error("A2", line, message, "save it as one of them");
            return;
        };
        if width != height || !SIDES.contains(&width) {
            let message = format!(
                "the picture is {width} × {height} pixels; Apple Podcasts asks for a square of 1400 to 3000"
            );
            self.error("A2", line, &message, "make it 3000 × 3000");
        }
        if file.bytes > PICTURE_BYTES {
            let message =
                format!("the picture has {} kB, and more than 512 is slow", file.bytes / 1024);
            let fix = match kind {
                PictureKind::Jpeg => "save it with more compression",
                PictureKind::Png => "save it as JPEG",
            };
            self.warning("A2", line, &message, fix);
        }
    }

    fn error(&mut self, rule: &'static str, line: usize, message: &str, fix: &str) {
        self.found.push(Diagnostic::error(rule, line, 0, message).fix(fix));
    }

    fn warning(&mut self, rule: &'static str, line: usize, message: &str, fix: &str) {
        self.found.push(Diagnostic::warning(rule, line, 0, message).fix(fix));
    }
}

/// A date as RFC 2822 has it; many state a wrong day of the week, over which apps pass.
fn is_date(text: &str) -> bool {
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).is_ok()
}

/// The path of what an address names, seen from the folder of the feed: what stands behind the folder
/// of the feed's own address, or the last part where that is not known.
fn path_beside(href: &str, feed: Option<&str>) -> Option<String> {
    let bare = |address: &str| {
        let address = address.split(['?', '#']).next().unwrap_or_default();
        address.split_once("://").map(|(_, rest)| rest.to_owned())
    };
    let href = bare(href)?;
    let path = match feed.and_then(bare) {
        Some(feed) => {
            let folder = feed.get(..=feed.rfind('/')?)?;
            href.strip_prefix(folder)?.to_owned()
        }
        None => href.rsplit_once('/')?.1.to_owned(),
    };
    let path = decoded(&path);
    let is_inside = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    (is_inside && !path.contains(['\\', ':', '\0'])).then_some(path)
}

/// The path with the bytes that stand in it as `%20`.
fn decoded(path: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), path);
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend(before.as_bytes());
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes.extend(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The beginning of a value, for a message.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(48).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Severity::{self, Error, Note, Warning};
    use crate::lint::lint_beside;
    use crate::lint::picture::tests::png_of;

    const CHANNEL: &str = "<title>T</title><description>D</description><language>en</language>\
        <link>https://e.org/</link><atom:link rel='self' href='https://e.org/pod/feed.xml'/>\
        <itunes:image href='https://e.org/pod/a%20cover.png'/>\
        <itunes:category text='Arts'><itunes:category text='Books'/></itunes:category>\
        <itunes:category text='History'/><itunes:explicit>false</itunes:explicit>\
        <podcast:guid>9b024349-ccf0-5f69-a609-6b82873eab3c</podcast:guid>";
    const ITEM: &str = "<item><title>One</title><description>D</description><guid>1</guid>\
        <pubDate>Tue, 15 May 2018 10:00:00 PDT</pubDate>\
        <enclosure url='https://e.org/1.mp3' length='10' type='audio/mpeg'/></item>";

    /// What is found in a feed of these, the feed's own guid aside.
    fn found(
        channel: &str,
        items: &str,
        picture: &dyn Fn(&str) -> Option<Beside>,
    ) -> Vec<(usize, &'static str, Severity)> {
        let feed = format!(
            "<rss xmlns:itunes='i' xmlns:atom='a' xmlns:podcast='p'>\n<channel>{channel}\n{items}</channel></rss>"
        );
        let report = lint_beside("feed.xml", feed.as_bytes(), picture).unwrap();
        report
            .findings
            .into_iter()
            .filter(|finding| finding.rule != "G1")
            .map(|finding| (finding.line, finding.rule, finding.severity))
            .collect()
    }

    fn good(name: &str) -> Option<Beside> {
        (name == "a cover.png").then(|| Beside { bytes: 9_000, head: png_of(1400, 1400) })
    }

    #[test]
    fn a_feed_that_has_all_is_good() {
        assert_eq!(found(CHANNEL, ITEM, &good), []);
    }

    #[test]
    fn what_a_show_lacks_is_told() {
        let without = |from: &str, to: &str| {
            let channel = CHANNEL.replacen(from, to, 1);
            assert_ne!(channel, CHANNEL);
            found(&channel, ITEM, &good)
        };
        assert_eq!(without("<title>T</title>", ""), [(2, "A1", Error)]);
        assert_eq!(without("<description>D<", "<description> <"), [(2, "A9", Error)]);
        assert_eq!(without("text='Books'", "text='Bocks'"), [(2, "A3", Error)]);
        assert_eq!(without("text='Arts'", "text='arts'"), [(2, "A3", Warning)]);
        assert_eq!(without(">false<", ">clean<"), [(2, "A4", Warning)]);
        assert_eq!(without(">false<", ">perhaps<"), [(2, "A4", Error)]);
        assert_eq!(without("<link>https", "<link>http"), [(2, "A8", Warning)]);
        assert_eq!(without("<link>https://e.org", "<link>e.org"), [(2, "A8", Error)]);
    }

    #[test]
    fn what_an_episode_lacks_is_told_where_it_stands() {
        let without = |from: &str, to: &str| {
            let item = ITEM.replacen(from, to, 1);
            assert_ne!(item, ITEM);
            found(CHANNEL, &format!("\n{item}"), &good)
        };
        assert_eq!(without("10:00:00", "25 o'clock"), [(4, "A7", Error)]);
        assert_eq!(
            without("<pubDate>Tue, 15 May 2018 10:00:00 PDT</pubDate>", ""),
            [(4, "A7", Warning)]
        );
        assert_eq!(without("<guid>1</guid>", ""), [(4, "A6", Warning)]);
        assert_eq!(without("length='10'", ""), [(4, "A5", Error)]);
        assert_eq!(without("length='10'", "length='0'"), [(4, "A5", Warning)]);
        assert_eq!(without("type='audio/mpeg'", ""), [(4, "A5", Error)]);
        assert_eq!(without("type='audio/mpeg'", "type='audio/wav'"), [(4, "A5", Warning)]);
        assert_eq!(without("<enclosure ", "<closure "), [(4, "A5", Error)]);
        assert_eq!(without("<description>D</description>", ""), [(4, "A9", Warning)]);
        let twice = format!("\n{ITEM}\n{ITEM}");
        assert_eq!(found(CHANNEL, &twice, &good), [(5, "A5", Warning), (5, "A6", Error)]);
    }

    #[test]
    fn a_picture_beside_the_feed_is_looked_at_and_another_is_not() {
        let with = |bytes: u64, head: Vec<u8>| {
            found(CHANNEL, ITEM, &|_| Some(Beside { bytes, head: head.clone() }))
        };
        assert_eq!(with(1, png_of(1399, 1399)), [(2, "A2", Error)]);
        assert_eq!(with(1, png_of(1400, 1500)), [(2, "A2", Error)]);
        assert_eq!(with(600_000, png_of(3000, 3000)), [(2, "A2", Warning)]);
        assert_eq!(with(1, b"GIF89a".to_vec()), [(2, "A2", Error)]);
        assert_eq!(found(CHANNEL, ITEM, &|_| None), [(2, "A2", Note)]);
    }

    #[test]
    fn no_address_leads_out_of_the_feeds_folder() {
        let feed = Some("https://e.org/pod/feed.xml");
        assert_eq!(path_beside("https://e.org/pod/a%20b.png?x", feed).as_deref(), Some("a b.png"));
        assert_eq!(path_beside("https://cdn.org/x/a.png", None).as_deref(), Some("a.png"));
        for away in [
            "https://e.org/a.png",
            "https://e.org/pod/../a.png",
            "https://e.org/pod/%2e%2e/a",
            "a.png",
        ] {
            assert_eq!(path_beside(away, feed), None, "{away}");
        }
    }
}
