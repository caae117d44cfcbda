//! The show notes: title, summary, people, links, chapters, as Markdown and as the HTML that every
//! podcast app shows.

use serde::Serialize;

use crate::edit::Edition;
use crate::library::episode::Episode;
use crate::library::show::Show;
use crate::render::markup::{self, Allowed};
use crate::render::transcript;
use crate::render::{RenderError, Templates, page};

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
    /// The person's own Markdown.
    summary_md: &'a str,
    people: Vec<Entry<'a>>,
    links: Vec<Entry<'a>>,
    chapters: Vec<ChapterView>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    text: &'a str,
    text_md: String,
    about: Option<String>,
    about_md: Option<String>,
    url: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct ChapterView {
    clock: String,
    title: String,
    title_md: String,
}

/// The notes of one episode.
pub(crate) fn notes(
    edition: &Edition,
    show: &Show,
    episode: &Episode,
    templates: &Templates,
) -> Result<Notes, RenderError> {
    let view = View {
        show: &show.name,
        show_md: markup::markdown_escape(&show.name),
        title: &episode.title,
        title_md: markup::markdown_escape(&episode.title),
        summary_html: markup::markdown(&episode.summary, Allowed::Notes),
        summary_md: episode.summary.trim(),
        people: page::people(show, episode)
            .into_iter()
            .map(|person| entry(person.name, person.about, person.url))
            .collect(),
        links: page::links(episode)
            .into_iter()
            .map(|link| entry(link.text, None, link.url))
            .collect(),
        chapters: transcript::headings(&edition.chapters)
            .into_iter()
            .map(|chapter| ChapterView {
                title_md: markup::markdown_escape(&chapter.title),
                clock: chapter.clock,
                title: chapter.title,
            })
            .collect(),
    };
    let html = templates.fill("notes.html", &view)?;
    Ok(Notes {
        markdown: templates.fill("notes.md", &view)?,
        html: markup::sanitize(&html, Allowed::Notes) + "\n",
    })
}

fn entry<'a>(text: &'a str, about: Option<String>, url: Option<&'a str>) -> Entry<'a> {
    Entry {
        text,
        text_md: markup::markdown_escape(text),
        about_md: about.as_deref().map(markup::markdown_escape),
        about,
        url,
    }
}
