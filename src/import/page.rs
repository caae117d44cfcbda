//! A page of HTML becomes the text that a reader sees, paragraph by paragraph, with its links as
//! Markdown.

use std::fmt::Write as _;

use crate::formats::podcast_html::TagEnds;
use crate::formats::webvtt::decode_entities;

/// Tags whose start and end separate paragraphs.
const BLOCKS: [&str; 24] = [
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "li",
    "ul",
    "ol",
    "section",
    "article",
    "header",
    "footer",
    "main",
    "nav",
    "aside",
    "blockquote",
    "table",
    "tr",
    "td",
    "pre",
    "figure",
];
/// Tags whose content nobody reads.
const HIDDEN: [&str; 8] =
    ["script", "style", "head", "noscript", "template", "svg", "iframe", "select"];

/// The page's paragraphs, with an empty line between them.
pub(super) fn to_text(html: &str) -> String {
    let mut page = Page::default();
    let lower = html.to_ascii_lowercase();
    let mut ends = TagEnds::new(html);
    let mut at = 0;
    while let Some(open) = html.get(at..).and_then(|rest| rest.find('<')).map(|found| at + found) {
        page.text(html.get(at..open).unwrap_or_default());
        let rest = html.get(open..).unwrap_or_default();
        if rest.starts_with("<!--") {
            at = rest.find("-->").map_or(html.len(), |end| open + end + 3);
            continue;
        }
        let opens_tag = rest.get(1..).is_some_and(|inner| {
            inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
        });
        let Some(close) = ends.after(open).filter(|_| opens_tag) else {
            page.text("<");
            at = open + 1;
            continue;
        };
        let tag = html.get(open + 1..close).unwrap_or_default();
        at = close + 1;
        let name = tag_name(tag);
        if HIDDEN.contains(&name.as_str()) && !tag.starts_with('/') && !tag.ends_with('/') {
            let end = format!("</{name}");
            at = lower.get(at..).and_then(|rest| rest.find(&end)).map_or(html.len(), |e| at + e);
            continue;
        }
        page.tag(&name, tag);
    }
    page.text(html.get(at..).unwrap_or_default());
    page.end_paragraph();
    page.paragraphs.join("\n\n")
}

fn tag_name(tag: &str) -> String {
    let name = tag.trim_start_matches('/');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    name.get(..end).unwrap_or_default().to_ascii_lowercase()
}

#[derive(Default)]
struct Page {
    paragraphs: Vec<String>,
    buffer: String,
    /// Where an open link's text begins in the buffer, and its address.
    link: Option<(usize, String)>,
}

impl Page {
    fn text(&mut self, text: &str) {
        self.buffer.push_str(text);
    }

    fn tag(&mut self, name: &str, tag: &str) {
        let closes = tag.starts_with('/');
        match name {
            "br" => self.buffer.push(' '),
            "a" if closes => self.end_link(),
            "a" => {
                self.end_link();
                self.link = attribute(tag, "href")
                    .filter(|href| href.starts_with("http") || href.starts_with("mailto:"))
                    .map(|href| (self.buffer.len(), href));
            }
            _ if BLOCKS.contains(&name) => self.end_paragraph(),
            _ => {}
        }
    }

    fn end_link(&mut self) {
        let Some((from, href)) = self.link.take() else { return };
        let text = self.buffer.split_off(from.min(self.buffer.len()));
        let bare = text.trim();
        if bare.is_empty() || href.contains([' ', ')', '(']) {
            self.buffer.push_str(&text);
        } else {
            let _ = write!(self.buffer, "[{bare}]({href})");
        }
    }

    fn end_paragraph(&mut self) {
        self.end_link();
        let text = decode_entities(&std::mem::take(&mut self.buffer));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.paragraphs.push(text);
        }
    }
}

/// The value of an attribute.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let at = lower.find(&format!("{name}="))? + name.len() + 1;
    let rest = tag.get(at..)?;
    let value = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest.get(1..)?.split(quote).next()?,
        _ => rest.split([' ', '\t', '\n']).next()?,
    };
    Some(decode_entities(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_paragraphs_with_links() {
        let html = "<head><title>x</title></head><body><h1>The&nbsp;Show</h1><script>a<b</script>\
                    <p>See <a class=l href=\"https://example.org/a?b=1&amp;c\">this <b>post</b></a>.\
                    <div>1 < 2<br>next</div><!-- <p>no</p> -->";
        assert_eq!(
            to_text(html),
            "The Show\n\nSee [this post](https://example.org/a?b=1&c).\n\n1 < 2 next"
        );
    }
}
