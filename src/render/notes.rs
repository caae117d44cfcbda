//! The show notes: title, summary, chapters, people, links, credits, as Markdown and as the HTML that
//! every podcast app shows.
//!
//! The HTML has only what listeners see: what people wrote, and drafts where the show publishes
//! them. The Markdown is the editor's: it ends with what is still to be done before the notes go
//! out, with what is proposed, and with the lines that take each proposal over.

mod editor;

use serde::Serialize;

use crate::draft::{Credit, Kept, Promise};
use crate::library::episode::Episode;
use crate::library::show::Music;
use crate::library::stated::Stated;
use crate::render::harmless::harmless;
use crate::render::markup::{self, Allowed};
use crate::render::words::Words;
use crate::render::{Context, RenderError, Templates, page, transcript};

/// The notes in both forms.
pub(crate) struct Notes {
    pub(crate) markdown: String,
    pub(crate) html: String,
}

/// What a notes template sees. Each text comes as it is and, where its name ends in `_md`, escaped
/// for Markdown, which no template engine does for itself.
#[derive(Debug, Serialize)]
struct View<'a> {
    /// The pages' own words, as templates/words.en.toml has them.
    words: &'a toml::Table,
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

/// The notes of one episode. `page_url` is the address of its page, where it has one.
pub(crate) fn notes(
    context: &Context<'_>,
    page_url: &str,
    templates: &Templates,
) -> Result<Notes, RenderError> {
    let Stated { show, episode, .. } = context.stated;
    let drafts = context.published_drafts();
    let draft = drafts.and_then(|drafts| drafts.summary.clone());
    let words = templates.words([context.language(), &show.language]);
    let view = View {
        words: words.table(),
        show: &show.name,
        show_md: markup::markdown_escape(&show.name),
        title: &episode.title,
        title_md: markup::markdown_escape(&episode.title),
        summary_html: markup::markdown(&episode.summary, Allowed::Notes),
        summary_md: harmless(&episode.summary),
        draft_md: draft.as_deref().map(markup::markdown_escape),
        draft,
        people: page::people(context.stated, words)
            .into_iter()
            .map(|person| entry(&person.name, person.about, person.url.as_deref()))
            .collect(),
        links: links(episode, &context.drafts.promises),
        credits: credits(drafts.map_or(&[][..], |drafts| &drafts.credits), context.stated, words),
        chapters: transcript::headings(context.chapters(), words)
            .into_iter()
            .map(|chapter| ChapterView {
                title_md: markup::markdown_escape(&chapter.title),
                clock: chapter.clock,
                title: chapter.title,
            })
            .collect(),
        chapters_draft: context.chapters_are_drafts(),
        editor_md: editor::markdown(context, page_url),
    };
    let html = templates.fill("notes.html", &view)?;
    Ok(Notes {
        markdown: templates.fill("notes.md", &view)?,
        html: markup::sanitize(&html, Allowed::Notes) + "\n",
    })
}

/// The person's links, then those elsewhere in what people wrote that keep a promise. An address
/// that was only heard is not among them: it may lead to a stranger.
fn links(episode: &Episode, promises: &[Promise]) -> Vec<Entry> {
    let mut links: Vec<Entry> =
        page::links(episode).into_iter().map(|link| entry(link.text, None, link.url)).collect();
    let kept = promises.iter().filter(|promise| promise.kept == Kept::Resolved);
    for link in kept.filter_map(|promise| promise.link.as_ref()) {
        let Some(url) = markup::link(&link.url) else { continue };
        if links.iter().all(|known| known.url.as_deref() != Some(url)) {
            links.push(entry(&link.text, None, Some(url)));
        }
    }
    links
}

/// The drafted credits that are published, then the music that they do not name.
fn credits(heard: &[Credit], stated: Stated<'_>, words: &Words) -> Vec<Entry> {
    let mut all: Vec<String> = heard.iter().map(ToString::to_string).collect();
    for Music { title, artist } in stated.music() {
        let is_credited = [title, artist]
            .into_iter()
            .filter(|name| !name.trim().is_empty())
            .any(|name| heard.iter().any(|credit| credit.names.iter().any(|n| n.contains(name))));
        let text = match (title.trim(), artist.trim()) {
            ("", artist) => artist.to_owned(),
            (title, "") => title.to_owned(),
            (title, artist) => {
                words.fill("notes.piece_by", &[("title", title), ("artist", artist)])
            }
        };
        if !is_credited {
            all.push(words.fill("notes.music", &[("piece", &text)]));
        }
    }
    all.into_iter().map(|text| entry(&text, None, None)).collect()
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
