//! A feed of others with the podcast namespace's tags added, and every other byte as it was.
//!
//! The feed is read once, event by event, to find the places; then the text is put together from
//! what lies between them. Doing so again changes nothing, as the tags are there then.

mod encoding;
mod items;

use std::collections::BTreeMap;

use crate::characters::is_forbidden_in_xml;
use crate::render::podcast_tags::Tag;
use crate::site::FeedError;
use crate::site::tags::NAMESPACE;
use encoding::Source;
use items::{FeedItem, Found, read};

/// The largest feed that is read, in bytes; twice as much is in memory.
const MAX_BYTES: usize = 256 << 20;

/// An episode that the feed is thought to have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What `episode.toml` states, or what our own feed would have.
    pub guid: String,
    /// Where the sound is published; empty where that is not known.
    pub audio_url: String,
    /// The title.
    pub title: String,
    /// What its item is to have.
    pub tags: Vec<Tag>,
}

/// A feed with its new tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spliced {
    /// The feed, stored as it was.
    pub bytes: Vec<u8>,
    /// The episodes without an item, by their place in the list.
    pub not_found: Vec<usize>,
    /// Episodes with a tag that their item already has in another form.
    pub kept: Vec<(usize, String)>,
    /// Whether the feed has no `podcast:guid` and none could be made.
    pub lacks_guid: bool,
    /// The first character that XML forbids, and its line. It stays, as all that is the feed's own.
    pub forbidden: Option<(usize, char)>,
}

/// Adds the tags. `guid` makes the show's identity of the feed's own address, or knows it.
///
/// # Errors
/// If the feed is too large, is not stored as it says, or is no well-formed RSS.
pub fn splice(
    bytes: &[u8],
    wanted: &[Wanted],
    guid: impl FnOnce(Option<&str>) -> Option<String>,
) -> Result<Spliced, FeedError> {
    if bytes.len() > MAX_BYTES {
        return Err(FeedError::TooLarge { limit_mib: MAX_BYTES >> 20 });
    }
    let source = Source::of(bytes)?;
    let feed = read(&source)?;
    let mut spliced = Spliced { forbidden: forbidden(&source), ..Spliced::default() };
    let (prefix, declaration) = prefix(&feed);
    let mut insertions: Vec<(usize, String)> = Vec::new();
    if !feed.has_guid {
        match guid(feed.address.as_deref()) {
            Some(guid) => {
                let tag = Tag { name: "guid", attributes: vec![], text: Some(guid) };
                let indent = &feed.channel_indent;
                insertions.push((feed.channel_start, format!("{indent}{}", tag.print(&prefix))));
            }
            None => spliced.lacks_guid = true,
        }
    }
    let places = matching(&feed.items, wanted);
    for (index, episode) in wanted.iter().enumerate() {
        let Some(item) = places.get(&index).and_then(|place| feed.items.get(*place)) else {
            spliced.not_found.push(index);
            continue;
        };
        let mut added = String::new();
        for tag in &episode.tags {
            match item.has(tag) {
                Found::Nothing => {
                    added.push_str(&item.indent);
                    added.push_str(&tag.print(&prefix));
                }
                Found::Same => {}
                Found::Other(what) => spliced.kept.push((index, what)),
            }
        }
        if !added.is_empty() {
            insertions.push((item.end, added));
        }
    }
    if let Some(declaration) = declaration.filter(|_| !insertions.is_empty()) {
        insertions.push((feed.root_end, declaration));
    }
    insertions.sort();
    spliced.bytes = source.with(&insertions);
    Ok(spliced)
}

/// A feed's text, read as the feed says that it is stored.
pub(crate) fn text_of(bytes: &[u8]) -> Result<String, FeedError> {
    let source = Source::of(bytes)?;
    Ok(source.text(source.bytes()).into_owned())
}

fn forbidden(source: &Source<'_>) -> Option<(usize, char)> {
    let text = source.text(source.bytes());
    let (at, found) = text.char_indices().find(|(_, c)| is_forbidden_in_xml(*c))?;
    let before = text.get(..at).unwrap_or_default();
    Some((before.split('\n').count(), found))
}

/// The prefix of the podcast namespace, and what has to be written into the root for it. It stands
/// for nothing else in any item.
fn prefix(feed: &items::FeedText) -> (String, Option<String>) {
    let is_clear = |name: &str| {
        is_name(name) && feed.prefixes.iter().all(|known| known.name != name || known.is_podcast)
    };
    let known = |prefix: &&items::Prefix| {
        prefix.is_podcast && prefix.is_everywhere && is_clear(&prefix.name)
    };
    if let Some(prefix) = feed.prefixes.iter().find(known) {
        return (prefix.name.clone(), None);
    }
    let mut names = (0..).map(|number| match number {
        0 => "podcast".to_owned(),
        number => format!("podcast{number}"),
    });
    let prefix = names.find(|name| is_clear(name)).unwrap_or_else(|| "podcast".to_owned());
    let declaration = format!(" xmlns:{prefix}=\"{NAMESPACE}\"");
    (prefix, Some(declaration))
}

/// Whether it can stand before a colon, in every encoding. What is read as one may be `/` or `:`.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// What an item and an episode are compared by.
type Key<T> = fn(&T) -> String;

/// Which item belongs to which episode: by guid, by the sound's address, by its file's name, by the
/// title, the surest first. Nothing that two have counts.
fn matching(items: &[FeedItem], wanted: &[Wanted]) -> BTreeMap<usize, usize> {
    let keys: [(Key<FeedItem>, Key<Wanted>); 4] = [
        (|item| item.guid.trim().to_owned(), |episode| episode.guid.clone()),
        (|item| item.audio_url.trim().to_owned(), |episode| episode.audio_url.trim().to_owned()),
        (|item| file_name(&item.audio_url), |episode| file_name(&episode.audio_url)),
        (|item| folded(&item.title), |episode| folded(&episode.title)),
    ];
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut taken = vec![false; items.len()];
    for (of_item, of_episode) in keys {
        let left = |index: &usize| !places.contains_key(index);
        let episodes = once((0..wanted.len()).filter(left), |index| of_episode(&wanted[index]));
        let free =
            once((0..items.len()).filter(|place| !taken[*place]), |place| of_item(&items[place]));
        for (key, index) in episodes {
            if let Some(place) = free.get(&key) {
                places.insert(index, *place);
                taken[*place] = true;
            }
        }
    }
    places
}

/// The numbers by their keys, without empty keys and those that two have.
fn once(
    numbers: impl Iterator<Item = usize>,
    key: impl Fn(usize) -> String,
) -> BTreeMap<String, usize> {
    let mut found: BTreeMap<String, Option<usize>> = BTreeMap::new();
    for number in numbers {
        let key = key(number);
        if !key.is_empty() {
            found.entry(key).and_modify(|known| *known = None).or_insert(Some(number));
        }
    }
    found.into_iter().filter_map(|(key, number)| Some((key, number?))).collect()
}

fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_lowercase()
}

fn folded(title: &str) -> String {
    title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).fold(
        String::new(),
        |mut all, word| {
            all.push_str(&word.to_lowercase());
            all.push(' ');
            all
        },
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FEED: &str = "<?xml version=\"1.0\"?>\r\n<!-- <item> -->\n<rss version=\"2.0\" \
        xmlns:itunes='x' xmlns:atom=\"http://www.w3.org/2005/Atom\">\n  <channel>\n    \
        <atom:link href=\"https://h.example/feed\" rel=\"self\"/>\n    <title>A &amp; B</title>\n    \
        <item>\n      <title><![CDATA[One <item> & more]]></title>\n      <guid>g-1</guid>\n    \
        </item>\n<item><title>Two</title><enclosure url='https://h.example/2.mp3?x=1' \
        length=\"3\"/></item>\n    <item/>\n  </channel>\n</rss>\n";

    fn transcript(url: &str) -> Tag {
        let attributes = vec![("url", url.to_owned()), ("type", "text/vtt".to_owned())];
        Tag { name: "transcript", attributes, text: None }
    }

    fn wanted() -> Vec<Wanted> {
        vec![
            Wanted {
                guid: "g-1".into(),
                tags: vec![transcript("https://s.example/1.vtt")],
                ..Wanted::default()
            },
            Wanted {
                guid: "other".into(),
                audio_url: "https://cdn.example/x/2.MP3".into(),
                tags: vec![transcript("https://s.example/2.vtt")],
                ..Wanted::default()
            },
        ]
    }

    fn run(feed: &str) -> Spliced {
        splice(feed.as_bytes(), &wanted(), |address| address.map(|url| format!("guid of {url}")))
            .unwrap()
    }

    fn text(spliced: &Spliced) -> &str {
        std::str::from_utf8(&spliced.bytes).unwrap()
    }

    #[test]
    fn tags_are_added_and_nothing_else_changes() {
        let once = run(FEED);
        assert!(once.not_found.is_empty() && once.kept.is_empty() && !once.lacks_guid);
        for added in [
            " xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"",
            "\n    <podcast:guid>guid of https://h.example/feed</podcast:guid>",
            "\n      <podcast:transcript url=\"https://s.example/1.vtt\" type=\"text/vtt\"/>",
            "<podcast:transcript url=\"https://s.example/2.vtt\" type=\"text/vtt\"/>",
        ] {
            assert_eq!(text(&once).matches(added).count(), 1, "{added} in\n{}", text(&once));
        }
        let mut left = text(&once).to_owned();
        for added in [
            " xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"",
            "\n    <podcast:guid>guid of https://h.example/feed</podcast:guid>",
            "\n      <podcast:transcript url=\"https://s.example/1.vtt\" type=\"text/vtt\"/>",
            "<podcast:transcript url=\"https://s.example/2.vtt\" type=\"text/vtt\"/>",
        ] {
            left = left.replace(added, "");
        }
        assert_eq!(left, FEED);
        assert_eq!(text(&run(text(&once))), text(&once), "a second time changes nothing");
        let marked = run(&format!("\u{feff}{FEED}"));
        assert_eq!(text(&marked), format!("\u{feff}{}", text(&once)));
    }

    #[test]
    fn what_the_feed_says_itself_is_kept() {
        let feed = FEED.replace(
            "<guid>g-1</guid>",
            "<guid>g-1</guid><pc:transcript url=\"https://h.example/own.vtt\" type=\"Text/VTT\"/>",
        );
        let feed = feed.replace("xmlns:itunes='x'", &format!("xmlns:pc='{NAMESPACE}'"));
        let spliced = run(&feed);
        assert_eq!(spliced.kept, [(0, "transcript text/vtt".to_owned())]);
        assert!(text(&spliced).contains("<pc:transcript url=\"https://s.example/2.vtt\""));
        assert!(!text(&spliced).contains("xmlns:podcast"));
    }

    #[test]
    fn tags_are_told_by_their_namespace_whatever_their_prefix_is() {
        let item =
            |inside: &str| FEED.replace("<guid>g-1</guid>", &format!("<guid>g-1</guid>{inside}"));
        let own = "url=\"https://h.example/own.vtt\" type=\"text/vtt\"";
        for foreign in [
            format!("<psc:transcript xmlns:psc=\"http://podlove.org/simple-chapters\" {own}/>"),
            format!("<transcript {own}/>"),
            format!("<podcast:transcript xmlns:podcast=\"https://other.example/\" {own}/>"),
            format!("<transcript xmlns=\"https://other.example/\" {own}/>"),
            "<guid xmlns=\"https://other.example/\">another</guid>".to_owned(),
        ] {
            let spliced = run(&item(&foreign));
            assert_eq!(spliced.kept, [], "{foreign}");
            assert!(text(&spliced).contains("https://s.example/1.vtt"), "{foreign}");
        }
        for ours in [
            format!("<podcast:transcript {own}/>"),
            format!("<transcript xmlns=\"{NAMESPACE}\" {own}/>"),
            format!("<x:transcript xmlns:x=\"{NAMESPACE}/\" {own}/>"),
        ] {
            let spliced = run(&item(&ours));
            assert_eq!(spliced.kept, [(0, "transcript text/vtt".to_owned())], "{ours}");
        }
        let channel = |inside: &str| FEED.replace("<channel>", &format!("<channel>{inside}"));
        let acast = run(&channel(
            "<acast:guid xmlns:acast=\"https://schema.acast.com/1.0/\">x</acast:guid>",
        ));
        assert!(text(&acast).contains("<podcast:guid>"));
        let ours = run(&channel(&format!("<p:guid xmlns:p=\"{NAMESPACE}\">x</p:guid>")));
        assert!(!text(&ours).contains("guid of"), "{}", text(&ours));
    }

    #[test]
    fn a_prefix_that_stands_for_something_else_is_not_taken() {
        let other = "xmlns:podcast=\"https://other.example/\"";
        let in_root = FEED.replace("xmlns:itunes='x'", other);
        assert!(text(&run(&in_root)).contains("<podcast1:transcript "));
        let in_item = FEED.replacen("    <item>", &format!("    <item {other}>"), 1);
        assert!(text(&run(&in_item)).contains(&format!(" xmlns:podcast1=\"{NAMESPACE}\"")));
        let rss = FEED.replace("<rss ", "<rss xmlns=\"http://backend.userland.com/rss2\" ");
        assert!(run(&rss).not_found.is_empty());
    }

    #[test]
    fn a_feed_stays_in_its_encoding() {
        let declared = FEED.replace("\"1.0\"?>", "\"1.0\" encoding=\"ISO-8859-1\"?>");
        let latin: Vec<u8> =
            declared.replace("Two", "D\u{e9}j\u{e0}").chars().map(|c| c as u8).collect();
        let mut wanted = wanted();
        wanted[1].audio_url.clear();
        wanted[1].title = "D\u{e9}j\u{e0}".to_owned();
        let person =
            Tag { name: "person", attributes: vec![], text: Some("\u{141}ukasz".to_owned()) };
        wanted[1].tags.push(person);
        let once = splice(&latin, &wanted, |_| None).unwrap();
        assert!(once.not_found.is_empty());
        let shown: String = once.bytes.iter().map(|byte| char::from(*byte)).collect();
        assert!(shown.contains("<title>D\u{e9}j\u{e0}</title>"), "{shown}");
        assert!(shown.contains("<podcast:person>&#321;ukasz</podcast:person>"), "{shown}");
        let again = splice(&once.bytes, &wanted, |_| None).unwrap();
        assert_eq!(again.bytes, once.bytes);
    }

    #[test]
    fn a_character_that_xml_forbids_is_told_and_kept() {
        assert_eq!(run(FEED).forbidden, None);
        let spliced = run(&FEED.replace("<title>Two", "<title>\nTwo\u{b}"));
        let before = FEED.split("<title>Two").next().unwrap_or_default();
        assert_eq!(spliced.forbidden, Some((before.split('\n').count() + 1, '\u{b}')));
        assert!(text(&spliced).contains("Two\u{b}</title>"));
    }

    #[test]
    fn two_items_of_one_title_are_none() {
        let feed = "<rss><channel><item><title>A</title></item><item><title>a!</title></item>\
                    </channel></rss>";
        let wanted = [Wanted { title: "A".into(), ..Wanted::default() }];
        let spliced = splice(feed.as_bytes(), &wanted, |_| None).unwrap();
        assert_eq!((spliced.not_found.as_slice(), spliced.lacks_guid), ([0].as_slice(), true));
        assert_eq!(text(&spliced), feed);
    }

    #[test]
    fn a_broken_feed_is_refused_with_its_line() {
        let fault = |feed: &[u8]| splice(feed, &[], |_| None).unwrap_err().to_string();
        assert!(fault(b"<rss>\n<channel>\n</rss>").starts_with("line 3"));
        assert!(fault(b"<rss>\n<channel>\n").contains("`channel` is never closed"));
        assert!(fault(b"<feed></feed>").contains("no RSS feed"));
        assert!(fault(b"").contains("no RSS feed"));
        assert!(fault(b"<rss>\n\xff").starts_with("line 2 is not UTF-8"));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_kept_but_for_insertions(middle in "[<>a-c/&;\"'=! \n\\[\\]-]{0,60}") {
            let feed = FEED.replace("<title>Two</title>", &middle);
            if let Ok(spliced) = splice(feed.as_bytes(), &wanted(), |_| None) {
                let mut rest = text(&spliced).chars();
                prop_assert!(feed.chars().all(|c| rest.any(|found| found == c)));
            }
        }
    }
}
