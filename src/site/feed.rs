//! The show's feed: RSS 2.0 with the tags of Apple Podcasts and of the podcast namespace.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use jiff::civil::Date;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use rss::extension::itunes::{
    ITunesCategory, ITunesChannelExtension, ITunesItemExtension, ITunesOwner,
};
use rss::extension::{Extension, ExtensionMap};
use rss::{Channel, Enclosure, Guid, Image, Item};
use uuid::Uuid;

use crate::edit::Edition;
use crate::formats::xml_line;
use crate::library::show::Show;
use crate::library::stated::Stated;
use crate::lint::SHOWS;
use crate::publish;
use crate::render::categories::{Category, CategoryFault, category};
use crate::render::podcast_tags::{self, Tag};
use crate::render::{Artifact, markup, page};
use crate::site::tags::NAMESPACE;
use crate::site::{Entry, FeedError};

/// The feed's name at the top of the site.
pub(super) const FEED: &str = "feed.xml";

/// A feed under way.
#[derive(Debug)]
pub(super) struct Feed<'s> {
    show: &'s Show,
    category: Category,
    base: String,
    picture: String,
    guid: String,
    items: Vec<Item>,
}

/// What an episode's item lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// There is no sound: the episode has no item.
    Audio,
    /// The sound is elsewhere, and how long its file is, is not known.
    Length,
    /// No day is stated.
    Date,
}

impl<'s> Feed<'s> {
    /// A feed without items. `base` is where the site is, `picture` the address of the show's.
    pub(super) fn new(show: &'s Show, base: &str, picture: &str) -> Result<Feed<'s>, FeedError> {
        let description =
            [&show.description, &show.tagline].into_iter().any(|t| !t.trim().is_empty());
        let stated = [
            ("name", !show.name.trim().is_empty(), "\"The show's name\""),
            ("description", description, "\"What it is about\""),
            ("author", !show.author.trim().is_empty(), "\"Who publishes it\""),
            ("category", !show.category.trim().is_empty(), "\"Society & Culture\""),
            ("image", !picture.is_empty(), "\"cover.jpg\""),
        ];
        let missing: Vec<(&'static str, &'static str)> = stated
            .into_iter()
            .filter_map(|(key, is_there, example)| (!is_there).then_some((key, example)))
            .collect();
        if !missing.is_empty() {
            return Err(FeedError::Missing { keys: missing });
        }
        let category = match category(&show.category) {
            Ok(category) => category,
            Err(CategoryFault { main: Some(main), .. }) => Category { main, below: None },
            Err(fault) => {
                let (found, instead) = (show.category.trim().to_owned(), fault.instead());
                return Err(FeedError::Category { found, instead });
            }
        };
        Ok(Feed {
            show,
            category,
            base: base.to_owned(),
            picture: picture.to_owned(),
            guid: show_guid(show, &format!("{base}/{FEED}")),
            items: Vec::new(),
        })
    }

    /// The show's `podcast:guid`.
    pub(super) fn guid(&self) -> &str {
        &self.guid
    }

    /// Adds an episode, the oldest first, and says what its item lacks. `notes` are its show notes
    /// as HTML, `tags` those of the podcast namespace.
    pub(super) fn add(
        &mut self,
        entry: &Entry,
        edition: &Edition,
        notes: &str,
        tags: &[Tag],
    ) -> Vec<Gap> {
        let address = address(&self.base, entry);
        let Some((url, file)) = audio(entry, &address) else { return vec![Gap::Audio] };
        let mut gaps = Vec::new();
        if entry.audio.is_none() {
            gaps.push(Gap::Length);
        }
        let published = published(entry);
        // a day that cannot be read is told as such
        if published.is_none() && entry.episode.date.trim().is_empty() {
            gaps.push(Gap::Date);
        }
        let episode = &entry.episode;
        let title = xml_line(&entry.title());
        let summary = xml_line(&markup::markdown_text(&episode.summary));
        let itunes = ITunesItemExtension {
            author: Some(xml_line(&self.show.author)),
            image: entry.picture(&address),
            duration: (edition.duration.get() > 0).then(|| whole_seconds(edition)),
            explicit: Some(episode.explicit.unwrap_or(self.show.explicit).to_string()),
            episode: episode.number.map(|number| number.to_string()),
            episode_type: Some(episode.kind.word().to_owned()),
            ..ITunesItemExtension::default()
        };
        self.items.push(Item {
            title: Some(title),
            link: Some(address),
            description: (!summary.is_empty()).then_some(summary),
            enclosure: Some(Enclosure {
                url,
                length: entry.audio.as_ref().map_or(0, |audio| audio.bytes).to_string(),
                mime_type: media_type(&file).to_owned(),
            }),
            guid: Some(Guid { value: item_guid(&self.guid, entry), permalink: false }),
            pub_date: published,
            content: Some(clean(notes)).filter(|notes| !notes.trim().is_empty()),
            itunes_ext: Some(itunes),
            extensions: extensions(tags),
            ..Item::default()
        });
        gaps
    }

    /// The feed as XML, the newest episode first: one document, or several as RFC 5005 pages them, each
    /// with the way to the others.
    pub(super) fn finish(mut self) -> Vec<Artifact> {
        let mut newest = std::mem::take(&mut self.items);
        newest.reverse();
        let most = self.show.feed_items.map_or(usize::MAX, NonZeroUsize::get);
        let older = newest.split_off(newest.len().min(most));
        // Pages are counted from the oldest on, so that one that is full stays as it is.
        let pages: Vec<Vec<Item>> = older.rchunks(most).map(<[Item]>::to_vec).collect();
        let numbered = pages.into_iter().enumerate().rev();
        let mut documents = vec![(FEED.to_owned(), newest)];
        documents
            .extend(numbered.map(|(number, items)| (format!("feed-{}.xml", number + 1), items)));
        let names: Vec<String> = documents.iter().map(|(name, _)| name.clone()).collect();
        let page = |(at, (name, items))| Artifact {
            bytes: self.document(items, &links(&self.base, &names, at)),
            relative_path: name,
        };
        documents.into_iter().enumerate().map(page).collect()
    }

    /// A document of the feed with these items.
    fn document(&self, items: Vec<Item>, links: &[(&'static str, String)]) -> Vec<u8> {
        let show = self.show;
        let description = match show.description.trim() {
            "" => &show.tagline,
            _ => &show.description,
        };
        let link = format!("{}/", self.base);
        let owner = (!show.email.trim().is_empty()).then(|| ITunesOwner {
            name: Some(xml_line(&show.author)),
            email: Some(xml_line(&show.email)),
        });
        let Category { main, below } = &self.category;
        let own = |text: &str| ITunesCategory { text: text.to_owned(), subcategory: None };
        let category =
            ITunesCategory { subcategory: below.map(|text| Box::new(own(text))), ..own(main) };
        let itunes = ITunesChannelExtension {
            author: Some(xml_line(&show.author)),
            categories: vec![category],
            image: Some(self.picture.clone()),
            explicit: Some(show.explicit.to_string()),
            owner,
            ..ITunesChannelExtension::default()
        };
        let mut tags =
            vec![Tag { name: "guid", attributes: vec![], text: Some(self.guid.clone()) }];
        let nobody = crate::library::episode::Episode::default();
        tags.extend(podcast_tags::persons(Stated::new(show, &nobody)));
        let mut extensions = extensions(&tags);
        extensions.insert("atom".to_owned(), atom_links(links));
        let channel = Channel {
            title: xml_line(&show.name),
            link: link.clone(),
            description: xml_line(description),
            language: Some(page::first_language([&show.language]).to_owned()),
            generator: Some(format!("linernotes {}", env!("CARGO_PKG_VERSION"))),
            image: Some(Image {
                url: self.picture.clone(),
                title: xml_line(&show.name),
                link,
                ..Image::default()
            }),
            pub_date: items.iter().find_map(|item| item.pub_date.clone()),
            items,
            itunes_ext: Some(itunes),
            extensions,
            namespaces: namespaces(),
            ..Channel::default()
        };
        let mut bytes =
            channel.pretty_write_to(Vec::new(), b' ', 2).expect("writing into memory cannot fail");
        bytes.push(b'\n');
        bytes
    }
}

/// The `podcast:guid` of a feed: the one that is stated, else made of the feed's address.
pub(super) fn show_guid(show: &Show, feed: &str) -> String {
    match show.guid.trim() {
        "" => {
            let bare = feed.split_once("://").map_or(feed, |(_, rest)| rest);
            Uuid::new_v5(&SHOWS, bare.trim_end_matches('/').as_bytes()).to_string()
        }
        stated => stated.to_owned(),
    }
}

/// The item's identity: the one that is stated, else made of the show's and of the folder's name,
/// which do not change when the title does.
pub(super) fn item_guid(show_guid: &str, entry: &Entry) -> String {
    match entry.episode.guid.trim() {
        "" => {
            let space = Uuid::parse_str(show_guid)
                .unwrap_or_else(|_| Uuid::new_v5(&SHOWS, show_guid.as_bytes()));
            Uuid::new_v5(&space, entry.name.as_bytes()).to_string()
        }
        stated => xml_line(stated),
    }
}

/// Where an episode's files are, with a slash at the end.
pub(super) fn address(base: &str, entry: &Entry) -> String {
    format!("{base}/{}/", markup::file_href(&entry.name))
}

/// The address of the sound and the name of its file.
fn audio(entry: &Entry, address: &str) -> Option<(String, String)> {
    let stated = markup::link(&entry.episode.audio_url).filter(|url| markup::is_web(url));
    let local = entry.audio.as_ref().map(|audio| audio.name.clone());
    let file = local.clone().or_else(|| {
        let path = stated?.split(['?', '#']).next()?;
        path.rsplit('/').next().map(str::to_owned)
    })?;
    let url = stated.map(str::to_owned).or_else(|| local.map(|name| format!("{address}{name}")))?;
    Some((url, file))
}

fn media_type(file: &str) -> &'static str {
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let known = match ending.as_deref() {
        Some("opus" | "oga") => "audio/ogg",
        Some(ending) => publish::media_type(ending, ""),
        None => "",
    };
    if known.is_empty() { "audio/mpeg" } else { known }
}

/// The day, at midnight in Greenwich, as feeds write it.
fn published(entry: &Entry) -> Option<String> {
    let date: Date = entry.episode.date.trim().parse().ok()?;
    rfc2822::to_string(&date.to_zoned(TimeZone::UTC).ok()?).ok()
}

fn whole_seconds(edition: &Edition) -> String {
    (edition.duration.get().saturating_add(999) / 1000).to_string()
}

/// Without the characters that XML forbids.
fn clean(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}

fn namespaces() -> BTreeMap<String, String> {
    [
        ("atom", "http://www.w3.org/2005/Atom"),
        ("content", "http://purl.org/rss/1.0/modules/content/"),
        ("itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"),
        ("podcast", NAMESPACE),
    ]
    .map(|(prefix, address)| (prefix.to_owned(), address.to_owned()))
    .into()
}

fn extensions(tags: &[Tag]) -> ExtensionMap {
    let mut found: BTreeMap<String, Vec<Extension>> = BTreeMap::new();
    for tag in tags {
        found.entry(tag.name.to_owned()).or_default().push(Extension {
            name: format!("podcast:{}", tag.name),
            value: tag.text.clone(),
            attrs: tag.attributes.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
            children: BTreeMap::new(),
        });
    }
    ExtensionMap::from([("podcast".to_owned(), found)])
}

/// Where the document at that place is, and where the others are, the newest first.
fn links(base: &str, names: &[String], at: usize) -> Vec<(&'static str, String)> {
    let is_paged = names.len() > 1;
    let before = at.checked_sub(1).and_then(|at| names.get(at));
    [
        ("self", names.get(at)),
        ("first", names.first().filter(|_| is_paged)),
        ("previous", before),
        ("next", names.get(at + 1)),
        ("last", names.last().filter(|_| is_paged)),
    ]
    .into_iter()
    .filter_map(|(rel, name)| Some((rel, format!("{base}/{}", name?))))
    .collect()
}

fn atom_links(links: &[(&'static str, String)]) -> BTreeMap<String, Vec<Extension>> {
    let link = |(rel, href): &(&'static str, String)| {
        let attrs = [("href", href.as_str()), ("rel", rel), ("type", "application/rss+xml")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        Extension {
            name: "atom:link".to_owned(),
            value: None,
            attrs: attrs.into(),
            children: BTreeMap::new(),
        }
    };
    BTreeMap::from([("link".to_owned(), links.iter().map(link).collect())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shows_guid_is_made_as_the_namespace_says() {
        // The example of the namespace's own page on the tag.
        let guid = show_guid(&Show::default(), "https://mp3s.nashownotes.com/pc20rss.xml");
        assert_eq!(guid, "917393e3-1b1e-5cef-ace4-edaa54e1f810");
        let plain = show_guid(&Show::default(), "http://mp3s.nashownotes.com/pc20rss.xml//");
        assert_eq!(plain, guid);
    }

    #[test]
    fn an_items_guid_stays_when_the_title_changes() {
        let mut entry = Entry { name: "0001-pilot".to_owned(), ..Entry::default() };
        let first = item_guid("917393e3-1b1e-5cef-ace4-edaa54e1f810", &entry);
        entry.episode.title = "Another title".to_owned();
        assert_eq!(item_guid("917393e3-1b1e-5cef-ace4-edaa54e1f810", &entry), first);
        entry.episode.guid = "stated".to_owned();
        assert_eq!(item_guid("x", &entry), "stated");
    }

    #[test]
    fn what_a_feed_needs_is_asked_for_at_once() {
        let fault = Feed::new(&Show::default(), "https://x.example", "").unwrap_err();
        let said = fault.to_string();
        for key in ["name", "description", "author", "category", "image"] {
            assert!(said.contains(&format!("`{key}`")), "{said}");
        }
        assert!(fault.hint().unwrap().contains("image = \"cover.jpg\""));
    }

    #[test]
    fn types_are_told_by_the_ending() {
        for (file, expected) in [
            ("audio.mp3", "audio/mpeg"),
            ("a.M4A", "audio/mp4"),
            ("a.opus", "audio/ogg"),
            ("a.wav", "audio/wav"),
            ("a", "audio/mpeg"),
        ] {
            assert_eq!(media_type(file), expected);
        }
    }
}
