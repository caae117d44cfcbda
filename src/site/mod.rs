//! A show's episodes -> its site: the list of episodes, their pages, the people, the search, the feed.
//!
//! The pages of the episodes are those in each `out/`, with the way to the rest of the site put in.
//! [`build`] and `feeds.rs` read the show's folder and put the site in place; the rest is pure.

mod build;
mod card;
mod entry;
mod faults;
mod feed;
mod feeds;
mod navigation;
mod people;
mod place;
mod search;
pub mod splice;
mod tags;
mod tokens;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::draft::Drafts;
use crate::edit::Edition;
use crate::library::show::Show;
use crate::library::stated::Stated;
use crate::render::page::LinkView;
use crate::render::talk::Cast;
use crate::render::words::Words;
use crate::render::{Artifact, Context, RenderError, Templates, csp, markup, page, typography};
use card::{Card, Head};
use people::{OnCard, People, PersonLine, PersonPage};
use search::SearchIndex;

pub use build::{Built, build};
pub use entry::{AudioFile, Entry};
pub use faults::{FeedError, SiteError, SiteWarning};
pub(crate) use tags::is_podcast_namespace;

/// The names at the top of a site that are not episodes'.
pub const OWN_FOLDERS: [&str; 2] = ["people", "search"];

/// A site under way: one episode after the other is added, the oldest first.
#[derive(Debug)]
pub struct Site<'s> {
    show: &'s Show,
    templates: &'s Templates,
    /// The pages' own words, in the show's language.
    words: &'s Words,
    cards: Vec<Card>,
    /// The names of the people on each card.
    on_cards: Vec<Vec<String>>,
    people: People,
    search: SearchIndex,
}

/// What all pages of the site show.
#[derive(Debug, Clone, Serialize)]
struct Common<'a> {
    language: &'a str,
    direction: &'static str,
    /// The pages' own words, as templates/words.en.toml has them.
    words: &'a toml::Table,
    show: ShowView<'a>,
    /// Where people listen and subscribe.
    subscribe: Vec<LinkView<'a>>,
    /// The way to the top of the site, as `../`.
    up: &'static str,
    /// The page's own address.
    address: Option<String>,
    /// The show's picture, from this page.
    artwork: Option<String>,
    /// The same as a whole address, for those who show links to the page.
    artwork_address: Option<String>,
    has_feed: bool,
    episodes: usize,
    /// `linernotes 0.1.0`.
    made_with: String,
    style: &'a str,
    policy: String,
}

#[derive(Debug, Clone, Serialize)]
struct ShowView<'a> {
    name: &'a str,
    tagline: &'a str,
    /// What the show is about, for search engines.
    description: &'a str,
}

#[derive(Debug, Serialize)]
struct IndexPage<'a> {
    common: Common<'a>,
    years: Vec<Year<'a>>,
}

/// The episodes of a year, the newest first.
#[derive(Debug, Serialize)]
struct Year<'a> {
    /// Empty where no day is known.
    year: String,
    cards: Vec<&'a Card>,
}

#[derive(Debug, Serialize)]
struct PeoplePage<'a> {
    common: Common<'a>,
    people: Vec<PersonLine>,
}

#[derive(Debug, Serialize)]
struct OnePage<'a> {
    common: Common<'a>,
    person: PersonPage,
}

#[derive(Debug, Serialize)]
struct SearchPage<'a> {
    common: Common<'a>,
    /// The words that the script says, as JSON.
    script_words_html: String,
    script: &'a str,
}

/// What the site's own pages need to know beside the episodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteFacts {
    /// The show's picture, as a file at the top of the site or an address.
    pub artwork: String,
    /// Whether there is a `feed.xml`.
    pub has_feed: bool,
}

impl<'s> Site<'s> {
    /// A site without episodes.
    pub fn new(show: &'s Show, templates: &'s Templates) -> Site<'s> {
        let language = page::first_language([&show.language]);
        Site {
            show,
            templates,
            words: templates.words([language]),
            cards: Vec::new(),
            on_cards: Vec::new(),
            people: People::default(),
            search: SearchIndex::default(),
        }
    }

    /// Adds the next episode, and returns the files that only it has a part in.
    pub fn add(&mut self, entry: &Entry, edition: &Edition) -> Vec<Artifact> {
        let drafts = Drafts::default();
        let stated = entry.stated(self.show);
        let of_page = entry.words(self.show, edition, self.templates);
        let language = Context::new(edition, stated, &drafts).language();
        let edition = &*typography::typeset(edition, self.show, language, of_page);
        let context = Context::new(edition, stated, &drafts);
        let cast = Cast::of(&context, self.words);
        let head = Head::of(entry, edition, self.words);
        let names = self.people.add(&context, &head, &cast, self.words);
        self.on_cards.push(names);
        let artwork = entry.picture(&format!("{}/", head.folder));
        self.cards.push(Card {
            summary: card::summary(&entry.episode.summary),
            artwork,
            people: Vec::new(),
            head,
        });
        self.search.add(entry, edition, &cast, self.words)
    }

    /// Makes what all episodes have a part in: the first page, the people, the search.
    pub fn finish(mut self, facts: &SiteFacts) -> Result<Vec<Artifact>, RenderError> {
        let templates = self.templates;
        let folders = self.people.folders();
        for (card, names) in self.cards.iter_mut().zip(&self.on_cards) {
            card.people = names.iter().map(|name| on_card(name, &folders)).collect();
        }
        let style = templates.site_style();
        let script = templates.search_script();
        let common = |path: &str, up, script: &str| self.common(path, up, &style, script, facts);
        let index = IndexPage { common: common("", "", ""), years: years(&self.cards) };
        let mut files = vec![artifact("index.html", templates.fill("index.html", &index)?)];
        let mut lines = Vec::new();
        for person in self.people.pages(self.words) {
            let path = format!("people/{}/", person.line.folder);
            let common = common(&path, "../../", "");
            lines.push(person.line.clone());
            let text = templates.fill("person.html", &OnePage { common, person })?;
            files.push(artifact(&format!("{path}index.html"), text));
        }
        let people = PeoplePage { common: common("people/", "../", ""), people: lines };
        files.push(artifact("people/index.html", templates.fill("people.html", &people)?));
        let common = common("search/", "../", script);
        let search = SearchPage {
            common,
            script_words_html: self.words.for_script("search_script"),
            script,
        };
        files.push(artifact("search/index.html", templates.fill("search.html", &search)?));
        files.extend(std::mem::take(&mut self.search).finish());
        Ok(files)
    }

    fn common<'a>(
        &'a self,
        path: &str,
        up: &'static str,
        style: &'a str,
        script: &str,
        facts: &SiteFacts,
    ) -> Common<'a> {
        let show = self.show;
        let language = page::first_language([&show.language]);
        let base = base_address(show);
        let artwork = markup::resource(&facts.artwork);
        let is_address = artwork.is_some_and(|href| href.contains("://"));
        Common {
            language,
            direction: page::direction(language),
            words: self.words.table(),
            subscribe: page::subscribe(show),
            show: ShowView {
                name: match show.name.trim() {
                    "" => self.words.text("site.no_name"),
                    name => name,
                },
                tagline: show.tagline.trim(),
                description: match show.description.trim() {
                    "" => show.tagline.trim(),
                    description => description,
                },
            },
            up,
            address: base.as_ref().map(|base| format!("{base}/{}", markup::file_href(path))),
            artwork: artwork
                .map(|href| if is_address { href.to_owned() } else { format!("{up}{href}") }),
            artwork_address: match (artwork, base) {
                (Some(href), _) if is_address => Some(href.to_owned()),
                (Some(href), Some(base)) => Some(format!("{base}/{href}")),
                _ => None,
            },
            has_feed: facts.has_feed,
            episodes: self.cards.len(),
            made_with: format!("linernotes {}", env!("CARGO_PKG_VERSION")),
            style,
            policy: csp::site_policy(style, script),
        }
    }
}

/// Where the site is published, without a slash at the end.
pub(crate) fn base_address(show: &Show) -> Option<String> {
    let base = markup::link(&show.base_url).filter(|base| markup::is_web(base))?;
    Some(base.trim_end_matches('/').to_owned())
}

/// The address of an episode's page, where the site has one.
pub(crate) fn page_address(stated: Stated<'_>) -> Option<String> {
    let base = base_address(stated.show)?;
    Some(format!("{base}/{}/", markup::file_href(stated.folder)))
}

fn on_card(name: &str, folders: &BTreeMap<String, String>) -> OnCard {
    let folder = folders.get(name).map(|folder| markup::file_href(folder)).unwrap_or_default();
    OnCard { name: name.to_owned(), folder }
}

fn years(cards: &[Card]) -> Vec<Year<'_>> {
    let mut years: Vec<Year<'_>> = Vec::new();
    for card in cards.iter().rev() {
        let day = card.head.date.as_ref().and_then(|date| date.iso.as_deref());
        let year = day.and_then(|day| day.split('-').next()).unwrap_or_default();
        match years.last_mut() {
            Some(last) if last.year == year => last.cards.push(card),
            _ => years.push(Year { year: year.to_owned(), cards: vec![card] }),
        }
    }
    years
}

fn artifact(path: &str, text: String) -> Artifact {
    Artifact { relative_path: path.to_owned(), bytes: text.into_bytes() }
}
