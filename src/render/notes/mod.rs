//! The show notes: title, summary, chapters, people, links, credits, as Markdown and as the HTML that
//! every podcast app shows.
//!
//! What nobody wrote is drafted from what is said, and marked as a draft. The Markdown is the
//! editor's: it ends with what is still to be done before the notes go out, and with candidates for
//! quotes. The HTML has only what listeners see.

mod credits;
mod editor;
mod promises;
mod quotes;
mod summary;

use serde::Serialize;

use crate::edit::Edition;
use crate::library::episode::Episode;
use crate::library::show::{Music, Show};
use crate::render::harmless::harmless;
use crate::render::markup::{self, Allowed};
use crate::render::said::{self, Sentence};
use crate::render::terms::Stop;
use crate::render::transcript;
use crate::render::{RenderError, Templates, page};

pub use promises::{Kept, Promise};

/// The notes in both forms.
pub(crate) struct Notes {
    pub(crate) markdown: String,
    pub(crate) html: String,
}

/// What a notes template sees. Each text comes as it is and, where its name ends in `_md`, escaped
/// for Markdown, which no template engine does for itself.
#[derive(Debug, Serialize)]
struct View<'a> {
    show: &'a str,
    show_md: String,
    title: &'a str,
    title_md: String,
    summary_html: String,
    /// The person's own Markdown, with what acts as text.
    summary_md: String,
    /// Sentences of the transcript, where nobody wrote a summary.
    draft: Option<String>,
    draft_md: Option<String>,
    people: Vec<Entry>,
    links: Vec<Entry>,
    credits: Vec<Entry>,
    chapters: Vec<ChapterView>,
    /// Whether the chapters are only proposed.
    chapters_draft: bool,
    /// What the editor still has to do, as Markdown; empty where that is nothing.
    editor_md: String,
}

#[derive(Debug, Serialize)]
struct Entry {
    text: String,
    text_md: String,
    about: Option<String>,
    about_md: Option<String>,
    url: Option<String>,
}

#[derive(Debug, Serialize)]
struct ChapterView {
    clock: String,
    title: String,
    title_md: String,
}

/// What is promised in an episode, in order, and whether a link keeps it.
pub fn promises(edition: &Edition, show: &Show, episode: &Episode) -> Vec<Promise> {
    promises::promises(&said::sentences(edition), show, episode)
}

/// The notes of one episode. `page_url` is the address of its page, where it has one.
pub(crate) fn notes(
    edition: &Edition,
    chapters_draft: bool,
    show: &Show,
    episode: &Episode,
    page_url: &str,
    templates: &Templates,
) -> Result<Notes, RenderError> {
    let sentences = said::sentences(edition);
    let stop = Stop::of(&paragraphs(&sentences));
    let promises = promises::promises(&sentences, show, episode);
    let wants_draft = episode.summary.trim().is_empty() && show.drafts != Some(false);
    let draft = if wants_draft { summary::draft(&sentences, &stop) } else { None };
    let view = View {
        show: &show.name,
        show_md: markup::markdown_escape(&show.name),
        title: &episode.title,
        title_md: markup::markdown_escape(&episode.title),
        summary_html: markup::markdown(&episode.summary, Allowed::Notes),
        summary_md: harmless(&episode.summary),
        draft_md: draft.as_deref().map(markup::markdown_escape),
        draft,
        people: page::people(show, episode)
            .into_iter()
            .map(|person| entry(person.name, person.about, person.url))
            .collect(),
        links: links(episode, &promises),
        credits: credits(&sentences, show, episode),
        chapters: transcript::headings(&edition.chapters)
            .into_iter()
            .map(|chapter| ChapterView {
                title_md: markup::markdown_escape(&chapter.title),
                clock: chapter.clock,
                title: chapter.title,
            })
            .collect(),
        chapters_draft,
        editor_md: editor::markdown(&editor::ToDo {
            promises: &promises,
            quotes: &quotes::quotes(&sentences, show, episode, &stop),
            has_soundbites: !edition.soundbites.is_empty(),
            drafted: if chapters_draft { &edition.chapters } else { &[] },
            page_url,
        }),
    };
    let html = templates.fill("notes.html", &view)?;
    Ok(Notes {
        markdown: templates.fill("notes.md", &view)?,
        html: markup::sanitize(&html, Allowed::Notes) + "\n",
    })
}

/// The words of each paragraph.
fn paragraphs<'a>(sentences: &[Sentence<'a>]) -> Vec<Vec<&'a str>> {
    let blocks = sentences.chunk_by(|a, b| a.block == b.block);
    blocks.map(|block| block.iter().flat_map(|s| s.words.iter().copied()).collect()).collect()
}

/// The person's links, then the addresses that were said and are not among them.
fn links(episode: &Episode, promises: &[Promise]) -> Vec<Entry> {
    let mut links: Vec<Entry> =
        page::links(episode).into_iter().map(|link| entry(link.text, None, link.url)).collect();
    let said = promises.iter().filter_map(|promise| promise.link.as_ref().map(|l| (promise, l)));
    for (promise, link) in said {
        let Some(url) = markup::link(&link.url) else { continue };
        if links.iter().all(|known| known.url.as_deref() != Some(url)) {
            let about = (promise.kept == Kept::AsSpoken).then(|| "as spoken".to_owned());
            links.push(entry(&link.text, about, Some(url)));
        }
    }
    links
}

/// The credits that are said, then the music that nobody credits.
fn credits(sentences: &[Sentence<'_>], show: &Show, episode: &Episode) -> Vec<Entry> {
    let heard = credits::credits(sentences, &show.name);
    let mut all: Vec<String> = heard
        .into_iter()
        .map(|credit| {
            let names: Vec<String> =
                credit.names.iter().map(|name| known_spelling(name, show, episode)).collect();
            format!("{} {}", credit.role, in_words(&names))
        })
        .collect();
    for music in episode.music.iter().chain(&show.theme) {
        let Music { title, artist } = music;
        let known = [title, artist]
            .iter()
            .filter(|name| !name.trim().is_empty())
            .any(|name| all.iter().any(|credit| credit.contains(name.as_str())));
        let text = match (title.trim(), artist.trim()) {
            ("", "") => continue,
            ("", artist) => artist.to_owned(),
            (title, "") => title.to_owned(),
            (title, artist) => format!("{title}, by {artist}"),
        };
        if !known {
            all.push(format!("Music: {text}"));
        }
    }
    all.into_iter().map(|text| entry(&text, None, None)).collect()
}

/// How alike a heard name and a known one are at least, 0 to 1: “Kaspar Dunwell” is Caspar Dunmoyle.
const ALIKE: f32 = 0.65;

/// A heard name as the show spells it, where it is that of one of its people or pieces of music.
fn known_spelling(heard: &str, show: &Show, episode: &Episode) -> String {
    let people = episode.people.iter().chain(&show.people).map(|person| person.name.as_str());
    let music = || episode.music.iter().chain(&show.theme);
    let titles = music().flat_map(|piece| [piece.title.as_str(), piece.artist.as_str()]);
    let known: Vec<&str> = people.chain(titles).filter(|name| !name.trim().is_empty()).collect();
    let spelled = |part: &str| {
        let words = part.split_whitespace().count();
        let alike = |name: &str| {
            similar::TextDiff::from_chars(part.to_lowercase(), name.to_lowercase()).ratio()
        };
        let near =
            known.iter().filter(|name| name.split_whitespace().count() == words && words > 1);
        let best = near.map(|name| (alike(name), *name)).max_by(|a, b| a.0.total_cmp(&b.0));
        best.filter(|(alike, _)| *alike >= ALIKE)
            .map_or(part.to_owned(), |(_, name)| name.to_owned())
    };
    heard.split(", by ").map(spelled).collect::<Vec<_>>().join(", by ")
}

/// `A`, `A and B`, `A, B and C`.
fn in_words(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

fn entry(text: &str, about: Option<String>, url: Option<&str>) -> Entry {
    Entry {
        text: text.to_owned(),
        text_md: markup::markdown_escape(text),
        about_md: about.as_deref().map(markup::markdown_escape),
        about,
        url: url.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::episode::Person;

    #[test]
    fn credits_are_spelled_as_the_show_spells_them() {
        let person = |name: &str| Person { name: name.into(), ..Person::default() };
        let show = Show {
            people: vec![person("Caspar Dunmoyle"), person("Mirren Ostby")],
            theme: Some(Music { title: "Lantern Weather".into(), artist: "Hollow Kite".into() }),
            ..Show::default()
        };
        for (heard, spelled) in [
            ("Kaspar Dunwell", "Caspar Dunmoyle"),
            ("Lanton Weather, by Hollow Kite", "Lantern Weather, by Hollow Kite"),
            ("Clara Dunn", "Clara Dunn"),
            ("Mirren", "Mirren"),
        ] {
            assert_eq!(known_spelling(heard, &show, &Episode::default()), spelled);
        }
    }
}
