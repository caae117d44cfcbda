//! What an editor has to do before the notes go out, as Markdown: promises to keep, drafts to take
//! or to leave, quotes to choose from.

use std::fmt::Write as _;

use crate::render::markup::{link, markdown_escape as escape};
use crate::render::notes::quotes::Quote;
use crate::render::notes::{Kept, Promise};
use crate::speech::Chapter;
use crate::time::Ms;

/// What there is to do.
pub(super) struct ToDo<'a> {
    pub(super) promises: &'a [Promise],
    pub(super) quotes: &'a [Quote],
    /// Whether a person has chosen soundbites already.
    pub(super) has_soundbites: bool,
    /// Chapters that nobody has confirmed.
    pub(super) drafted: &'a [Chapter],
    /// The page's address; the page beside the notes where it is empty.
    pub(super) page_url: &'a str,
}

/// The list; empty where nothing is to be done.
pub(super) fn markdown(todo: &ToDo<'_>) -> String {
    let parts = [promises(todo), chapters(todo.drafted), quotes(todo), soundbites(todo)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn time(at: Ms, todo: &ToDo<'_>) -> String {
    let page = if todo.page_url.is_empty() { "index.html" } else { todo.page_url };
    let clock = at.clock();
    format!("[{clock}](<{page}#t={clock}>)")
}

fn promises(todo: &ToDo<'_>) -> String {
    let mut out = String::new();
    let made: Vec<&Promise> =
        todo.promises.iter().filter(|promise| promise.kept != Kept::Waived).collect();
    for sentence in made.chunk_by(|a, b| a.at == b.at && a.said == b.said) {
        let Some(first) = sentence.first() else { continue };
        if out.is_empty() {
            out.push_str("### What listeners are promised\n\n");
        }
        let speaker = first.speaker.as_deref().map_or_else(String::new, escape);
        let space = if speaker.is_empty() { "" } else { " " };
        let said = escape(&first.said);
        let _ = writeln!(out, "- {}{space}{speaker}: “{said}”", time(first.at, todo));
        for promise in sentence {
            let _ = writeln!(out, "  - {}", state(promise));
        }
    }
    out
}

/// Whether a promise is kept, and what to do where it is not.
fn state(promise: &Promise) -> String {
    let what = escape(&promise.what);
    let url = promise.link.as_ref().and_then(|found| link(&found.url));
    match (promise.kept, url) {
        (Kept::Resolved, Some(url)) => format!("[x] {what} is <{url}>"),
        (Kept::AsSpoken, Some(url)) => {
            format!("[ ] {what} is taken for <{url}>; put it into `[[links]]` if it is")
        }
        _ => {
            let clock = promise.at.clock();
            format!(
                "[ ] {what} **is missing**; put it into `[[links]]` of `episode.toml`, with \
                 `at = \"{clock}\"`"
            )
        }
    }
}

fn chapters(drafted: &[Chapter]) -> String {
    if drafted.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "### The chapters are a draft\n\nTo keep them, put them into `episode.toml`:\n\n```toml\n",
    );
    for chapter in drafted {
        let (start, title) = (chapter.start.clock_ms(), quoted(&chapter.title));
        let _ = write!(out, "[[chapters]]\nstart = \"{start}\"\ntitle = {title}\n\n");
    }
    out.truncate(out.trim_end().len());
    out.push_str("\n```\n");
    out
}

fn quotes(todo: &ToDo<'_>) -> String {
    let mut out = String::new();
    for quote in todo.quotes {
        if out.is_empty() {
            out.push_str("### Quotes to choose from\n\n");
        }
        let speaker = quote.speaker.as_deref().map_or_else(String::new, escape);
        let comma = if speaker.is_empty() { "" } else { ", " };
        let at = time(quote.span.start(), todo);
        let _ = writeln!(out, "- “{}” – {speaker}{comma}{at}", escape(&quote.text));
    }
    out
}

fn soundbites(todo: &ToDo<'_>) -> String {
    let bites = todo.quotes.iter().filter_map(|quote| Some((quote, quote.soundbite?)));
    let mut out = String::new();
    for (quote, span) in bites.filter(|_| !todo.has_soundbites).take(3) {
        if out.is_empty() {
            out.push_str(
                "### Soundbites to choose from\n\nTo publish one, put it into `edits.toml`:\n\n```toml\n",
            );
        }
        let (from, to) = (span.start().clock_ms(), span.end().clock_ms());
        let title = quoted(&shorten(&quote.text));
        let _ = write!(out, "[[soundbite]]\nfrom = \"{from}\"\nto = \"{to}\"\ntitle = {title}\n\n");
    }
    if !out.is_empty() {
        out.truncate(out.trim_end().len());
        out.push_str("\n```\n");
    }
    out
}

/// A string of TOML that cannot end the block of code that it stands in.
fn quoted(text: &str) -> String {
    toml::Value::String(text.replace('`', "'")).to_string()
}

/// At most 80 characters, cut between words.
fn shorten(text: &str) -> String {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.chars().count() + word.chars().count() > 80 {
            return format!("{}…", short.trim_end_matches([' ', ',', ';', ':']));
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}
