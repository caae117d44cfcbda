//! HTML -> blocks. Scripts, styles, code and what stands in tags hold no quotations.

use pulldown_cmark::{Event, Parser};

use super::{Block, Builder, CLOSE, OPEN};
use crate::formats::podcast_html::TagEnds;

/// The longest name of a character, with its signs.
const LONGEST_ENTITY: usize = 33;

const HIDDEN: [&str; 10] = [
    "script", "style", "pre", "textarea", "svg", "template", "iframe", "select", "title", "object",
];
const CODE: [&str; 3] = ["code", "kbd", "samp"];
const SOURCES: [&str; 3] = ["footer", "cite", "figcaption"];
const INLINE: [&str; 33] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "data", "del", "dfn", "em", "font", "i",
    "img", "ins", "label", "mark", "small", "span", "strike", "strong", "sub", "sup", "time", "tt",
    "u", "var", "wbr", "s", "o:p", "nobr", "ruby", "rb",
];

pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut builder = Builder::default();
    Scanner::default().read(text, 0, &mut builder);
    builder.finish()
}

/// The name of a tag in lower case as far as we know it, and whether it opens.
pub(super) fn tag_name(tag: &str) -> (&'static str, bool) {
    let (tag, opens) = match tag.strip_prefix('/') {
        Some(rest) => (rest, false),
        None => (tag, true),
    };
    let end = tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len());
    let name = &tag[..end];
    let known = HIDDEN.iter().chain(&CODE).chain(&SOURCES).chain(&INLINE);
    let known = known.chain(&["q", "br", "blockquote"]);
    let found = known.into_iter().find(|known| known.eq_ignore_ascii_case(name));
    (found.copied().unwrap_or("block"), opens)
}

/// Reads HTML, which may come in pieces.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    /// The element that is not read, until it ends.
    hidden: Option<&'static str>,
}

impl Scanner {
    /// Adds the text that lies at `base` in the file.
    pub(super) fn read(&mut self, text: &str, base: usize, builder: &mut Builder) {
        let mut ends = TagEnds::new(text);
        let mut at = 0;
        while let Some(start) = text[at..].find('<').map(|found| found + at) {
            self.words(&text[at..start], base + at, builder);
            let rest = &text[start..];
            if rest.starts_with("<!--") {
                at = rest.find("-->").map_or(text.len(), |end| start + end + 3);
                continue;
            }
            let is_tag =
                rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
            let Some(end) = ends.after(start).filter(|_| is_tag) else {
                self.words("<", base + start, builder);
                at = start + 1;
                continue;
            };
            self.tag(&text[start + 1..end], base + start, builder);
            at = end + 1;
        }
        self.words(&text[at..], base + at, builder);
    }

    fn tag(&mut self, tag: &str, at: usize, builder: &mut Builder) {
        let (name, opens) = tag_name(tag);
        if let Some(hidden) = self.hidden {
            if name == hidden && !opens {
                self.hidden = None;
            }
            return;
        }
        let is_empty = tag.ends_with('/');
        match name {
            _ if HIDDEN.contains(&name) => {
                if ["pre", "title"].contains(&name) {
                    builder.end_block();
                }
                self.hidden = (opens && !is_empty).then_some(name);
            }
            _ if CODE.contains(&name) => {
                builder.code =
                    if opens { builder.code + 1 } else { builder.code.saturating_sub(1) };
            }
            _ if SOURCES.contains(&name) && builder.quotes > 0 => {
                if opens {
                    builder.end_block();
                    builder.sources += 1;
                } else {
                    builder.end_block();
                    builder.sources = builder.sources.saturating_sub(1);
                }
            }
            "cite" => {}
            "q" => builder.push(&if opens { OPEN } else { CLOSE }.to_string(), at),
            "br" => builder.push("\n", at),
            "blockquote" if opens => builder.open_quote(),
            "blockquote" => builder.close_quote(),
            _ if INLINE.contains(&name) => {}
            _ => builder.end_block(),
        }
    }

    /// Text between tags: characters that are named become themselves.
    fn words(&mut self, text: &str, at: usize, builder: &mut Builder) {
        if self.hidden.is_some() {
            return;
        }
        let mut from = 0;
        while let Some(start) = text[from..].find('&').map(|found| found + from) {
            builder.push(&text[from..start], at + from);
            let end = text[start..].bytes().take(LONGEST_ENTITY).position(|byte| byte == b';');
            let (shown, next) = match end {
                Some(end) => (named(&text[start..=start + end]), start + end + 1),
                None => ("&".to_owned(), start + 1),
            };
            builder.push(&shown, at + start);
            from = next;
        }
        builder.push(&text[from..], at + from);
    }
}

/// The character that `&name;` stands for; Markdown knows the names of HTML.
fn named(name: &str) -> String {
    let words = Parser::new(name).filter_map(|event| match event {
        Event::Text(text) => Some(text.into_string()),
        _ => None,
    });
    words.collect()
}
