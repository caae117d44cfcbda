//! What an editor has to do before the notes go out, as Markdown: promises to keep, drafts to take
//! or to leave, quotes to choose from. Whatever is proposed comes with the lines that take it over.

use std::fmt::Write as _;

use crate::draft::{Credit, Kept, Promise};
use crate::library::show::Drafting;
use crate::render::Context;
use crate::render::markup::{link, markdown_escape as escape};
use crate::time::Ms;

/// The list; empty where nothing is to be done. `page_url` is the page's address, where it has one.
pub(super) fn markdown(context: &Context<'_>, page_url: &str) -> String {
    let list = List { context, page: if page_url.is_empty() { "index.html" } else { page_url } };
    let parts = [
        list.promises(),
        list.summary(),
        list.chapters(),
        list.credits(),
        list.quotes(),
        list.soundbites(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

struct List<'c, 'e> {
    context: &'c Context<'e>,
    page: &'c str,
}

impl List<'_, '_> {
    fn time(&self, at: Ms) -> String {
        let clock = at.clock();
        format!("[{clock}](<{}#t={clock}>)", self.page)
    }

    /// What a draft is until it is taken over.
    fn fate(&self) -> &'static str {
        match self.context.show().drafts {
            Drafting::Publish => "It is published as a draft.",
            Drafting::Editor | Drafting::None => "It is not published.",
        }
    }

    fn promises(&self) -> String {
        let promises = &self.context.drafts.promises;
        let made: Vec<&Promise> =
            promises.iter().filter(|promise| promise.kept != Kept::Waived).collect();
        if made.is_empty() {
            return String::new();
        }
        let mut out = String::from("### What listeners are promised\n\n");
        for sentence in made.chunk_by(|a, b| a.at == b.at && a.said == b.said) {
            let Some(first) = sentence.first() else { continue };
            let speaker = first.speaker.as_deref().map_or_else(String::new, escape);
            let space = if speaker.is_empty() { "" } else { " " };
            let said = escape(&first.said);
            let _ = writeln!(out, "- {}{space}{speaker}: “{said}”", self.time(first.at));
            for promise in sentence {
                let _ = writeln!(out, "  - {}", state(promise));
            }
        }
        let lines: String = made.into_iter().map(link_lines).collect();
        if !lines.is_empty() {
            out.push_str(
                "\nAn address that was only heard is not published: it may be a stranger’s. Check \
                 each, and put what is right at the end of `episode.toml`:\n\n",
            );
            out.push_str(&block(&lines));
        }
        out
    }

    fn summary(&self) -> String {
        let Some(summary) = &self.context.drafts.summary else { return String::new() };
        let mut out = format!(
            "### A draft of the summary\n\n{}\n\n{} To take it over, put this line into \
             `episode.toml`, above the first line that begins with `[`, and reword it there:\n\n",
            escape(summary),
            self.fate(),
        );
        out.push_str(&block(&format!("summary = {}", quoted(&escape(summary)))));
        out
    }

    fn chapters(&self) -> String {
        let drafted = &self.context.drafts.chapters;
        if drafted.is_empty() {
            return String::new();
        }
        let mut out = String::from("### A draft of the chapters\n\n");
        for chapter in drafted {
            let _ = writeln!(out, "- {} {}", self.time(chapter.start), escape(&chapter.title));
        }
        let _ = write!(
            out,
            "\n{} To take it over, put what is right at the end of `episode.toml`:\n\n",
            self.fate(),
        );
        let mut lines = String::new();
        for chapter in drafted {
            let (start, title) = (chapter.start.clock_ms(), quoted(&chapter.title));
            let _ = write!(lines, "[[chapters]]\nstart = \"{start}\"\ntitle = {title}\n\n");
        }
        out.push_str(&block(&lines));
        out
    }

    fn credits(&self) -> String {
        let people = self.context.stated.people();
        let music = self.context.stated.music();
        let is_listed = |name: &String| {
            people.iter().any(|listed| listed.person.name == *name)
                || music.iter().any(|piece| !piece.title.is_empty() && name.contains(&piece.title))
                || music
                    .iter()
                    .any(|piece| !piece.artist.is_empty() && name.contains(&piece.artist))
        };
        let credits = &self.context.drafts.credits;
        let new: Vec<&Credit> =
            credits.iter().filter(|credit| !credit.names.iter().all(is_listed)).collect();
        if new.is_empty() {
            return String::new();
        }
        let mut out = String::from("### Credits that are said\n\n");
        for credit in &new {
            let _ = writeln!(out, "- {} {}", self.time(credit.at), escape(&credit.to_string()));
        }
        let _ = write!(
            out,
            "\n{} To take it over, put what is right at the end of `episode.toml`, or of `show.toml` \
             where it holds for every episode:\n\n",
            self.fate(),
        );
        let lines: String = new.into_iter().map(credit_lines).collect();
        out.push_str(&block(&lines));
        out
    }

    fn quotes(&self) -> String {
        let mut out = String::new();
        for quote in &self.context.drafts.quotes {
            if out.is_empty() {
                out.push_str("### Quotes to choose from\n\n");
            }
            let speaker = quote.speaker.as_deref().map_or_else(String::new, escape);
            let comma = if speaker.is_empty() { "" } else { ", " };
            let at = self.time(quote.span.start());
            let _ = writeln!(out, "- “{}” – {speaker}{comma}{at}", escape(&quote.text));
        }
        out
    }

    fn soundbites(&self) -> String {
        if !self.context.edition.soundbites.is_empty() {
            return String::new();
        }
        let bites = self.context.drafts.quotes.iter().filter_map(|q| Some((q, q.soundbite?)));
        let mut lines = String::new();
        for (quote, span) in bites.take(3) {
            let (from, to) = (span.start().clock_ms(), span.end().clock_ms());
            let title = quoted(&shorten(&quote.text));
            let _ = write!(
                lines,
                "[[soundbite]]\nfrom = \"{from}\"\nto = \"{to}\"\ntitle = {title}\n\n"
            );
        }
        if lines.is_empty() {
            return lines;
        }
        let mut out = String::from(
            "### Soundbites to choose from\n\nTo publish one, put it into `edits.toml`:\n\n",
        );
        out.push_str(&block(&lines));
        out
    }
}

/// Whether a promise is kept, and what is wrong where it is not.
fn state(promise: &Promise) -> String {
    let what = escape(&promise.what);
    let url = promise.link.as_ref().and_then(|found| link(&found.url));
    match (promise.kept, url) {
        (Kept::Resolved, Some(url)) => format!("[x] {what} is <{url}>"),
        (Kept::AsSpoken, Some(url)) => format!("[ ] {what} was heard; it may be <{url}>"),
        _ => format!("[ ] {what} **is missing**"),
    }
}

/// The lines that keep a promise; nothing for one that is kept.
fn link_lines(promise: &Promise) -> String {
    let url = promise.link.as_ref().and_then(|found| link(&found.url));
    let clock = promise.at.clock();
    match (promise.kept, url) {
        (Kept::AsSpoken, Some(url)) => {
            format!("[[links]]\ntext = {}\nurl = {}\n\n", quoted(&promise.what), quoted(url))
        }
        (Kept::Missing, _) => format!(
            "# [[links]]              # to be filled in; without `url` where none is needed\n\
             # at = \"{clock}\"\n# text = \"\"\n# url = \"https://\"\n\n"
        ),
        _ => String::new(),
    }
}

/// The lines that take a credit over.
fn credit_lines(credit: &Credit) -> String {
    let mut lines = String::new();
    for name in &credit.names {
        let _ = match credit.person_role() {
            Some(role) => {
                write!(lines, "[[people]]\nname = {}\nrole = {}\n\n", quoted(name), quoted(&role))
            }
            None => {
                let (title, artist) = name.split_once(", by ").unwrap_or(("", name));
                write!(
                    lines,
                    "[[music]]\ntitle = {}\nartist = {}\n\n",
                    quoted(title),
                    quoted(artist)
                )
            }
        };
    }
    lines
}

/// Lines of TOML, ready to be copied.
fn block(lines: &str) -> String {
    format!("```toml\n{}\n```\n", lines.trim_end())
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
