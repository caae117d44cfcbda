//! Text from strangers -> markup that shows exactly that text and can never act.

use std::collections::HashSet;
use std::fmt::Write as _;

use ammonia::UrlRelative;

use crate::addresses::LINK_SCHEMES;
use crate::characters::acts;

pub(crate) use crate::addresses::is_web;
pub use crate::addresses::link;

/// Text for an HTML element or a double-quoted attribute. A browser reads the same text back;
/// only U+0000, which HTML cannot say, becomes U+FFFD.
///
/// ```
/// assert_eq!(linernotes::render::markup::text("<b> & \"c\""), "&lt;b&gt; &amp; &quot;c&quot;");
/// ```
pub fn text(plain: &str) -> String {
    let mut html = String::with_capacity(plain.len() + 8);
    for c in plain.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\r' => html.push_str("&#13;"),
            '\0' => html.push('\u{FFFD}'),
            c => html.push(c),
        }
    }
    html
}

/// The address, if sound or a picture may come from there: `http`, `https` or a relative path.
pub fn resource(address: &str) -> Option<&str> {
    let address = address.trim();
    if address.is_empty() || address.contains(acts) || address.contains(['\n', '\t']) {
        return None;
    }
    let head = address.split(['/', '?', '#']).next().unwrap_or_default();
    match head.split_once(':') {
        None => Some(address),
        Some(_) => is_web(address).then_some(address),
    }
}

/// A file's path as an address relative to the page: everything but letters, digits and
/// `-._~/` is percent-encoded.
///
/// ```
/// assert_eq!(linernotes::render::markup::file_href("a b#1.mp3"), "a%20b%231.mp3");
/// ```
pub fn file_href(path: &str) -> String {
    let mut href = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            href.push(char::from(byte));
        } else {
            write!(href, "%{byte:02X}").expect("a String takes every write");
        }
    }
    href
}

/// Which elements Markdown may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// What a page's summary needs.
    Page,
    /// What every podcast app shows: p, a, ul, li, strong, em.
    Notes,
}

impl Allowed {
    fn tags(self) -> HashSet<&'static str> {
        let tags: &[&str] = match self {
            Allowed::Page => {
                &["p", "a", "ul", "ol", "li", "strong", "em", "code", "br", "blockquote", "del"]
            }
            Allowed::Notes => &["p", "a", "ul", "li", "strong", "em"],
        };
        tags.iter().copied().collect()
    }
}

/// Markdown as HTML with links, emphasis, lists and paragraphs; whatever else it holds is text.
pub(crate) fn markdown(source: &str, allowed: Allowed) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(source));
    sanitize(&html, allowed)
}

/// HTML with every element, attribute and address taken out that is not allowed.
pub(crate) fn sanitize(html: &str, allowed: Allowed) -> String {
    ammonia::Builder::empty()
        .tags(allowed.tags())
        .tag_attributes([("a", HashSet::from(["href"]))].into())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .url_schemes(LINK_SCHEMES.into())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener"))
        .clean(html)
        .to_string()
        .trim()
        .to_owned()
}

/// The text of Markdown, without its marks, on one line.
pub(crate) fn markdown_text(source: &str) -> String {
    use pulldown_cmark::{Event, Parser, TagEnd};
    let mut plain = String::new();
    for event in Parser::new(source) {
        match event {
            Event::Text(text) | Event::Code(text) => plain.push_str(&text),
            Event::End(
                TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Strikethrough,
            ) => {}
            Event::SoftBreak | Event::HardBreak | Event::End(_) => plain.push(' '),
            _ => {}
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text for Markdown, so that none of it is taken for a mark; one line.
pub(crate) fn markdown_escape(plain: &str) -> String {
    let mut escaped = String::with_capacity(plain.len() + 8);
    for word in plain.split_whitespace() {
        if !escaped.is_empty() {
            escaped.push(' ');
        }
        for c in word.chars() {
            if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '&' | '|' | '~') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_schemes_are_links() {
        for good in
            ["https://example.org/a?b#c", "HTTP://example.org", "mailto:a@b.example", "tel:+1"]
        {
            assert_eq!(link(good), Some(good));
        }
        for bad in [
            "",
            "javascript:alert(1)",
            " JavaScript:alert(1)",
            "java\nscript:x",
            "data:text/html,x",
            "//example.org",
            "page.html",
            "https://",
            "https:",
            "http://a b",
            "file:///etc/passwd",
            "https:/one.example",
            "https:///one.example",
            "https://e.org/><script>alert(1)</script>",
            "https://e.org/\"onclick=x",
            "https://e.org/\u{202e}x",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }

    #[test]
    fn sound_and_pictures_come_from_the_web_or_from_beside_the_page() {
        for good in ["audio.mp3", "../a/b.mp3", "./a:b.mp3", "https://example.org/a.mp3"] {
            assert_eq!(resource(good), Some(good));
        }
        for bad in ["", "javascript:alert(1)", "data:audio/mpeg;base64,AA", "file:///a.mp3"] {
            assert_eq!(resource(bad), None, "{bad}");
        }
    }

    #[test]
    fn markdown_keeps_links_and_loses_everything_that_acts() {
        let html = markdown(
            "Read [her post](https://example.org/a) *now*.\n\n<script>alert(1)</script>\n\n\
             <img src=x onerror=alert(1)> [x](javascript:alert(1)) <a href=\"https://e.org\" onclick=\"x()\">y</a>",
            Allowed::Page,
        );
        assert!(html.starts_with(
            "<p>Read <a href=\"https://example.org/a\" rel=\"noopener\">her post</a> <em>now</em>.</p>"
        ));
        for word in ["script", "onerror", "onclick", "<img", "alert"] {
            assert!(!html.contains(word), "{word} in {html}");
        }
    }

    #[test]
    fn markdown_loses_its_marks_in_a_description() {
        assert_eq!(
            markdown_text("One *two* [three](https://e.org).\n\n- four\n- five"),
            "One two three. four five"
        );
    }

    #[test]
    fn escaped_markdown_reads_back_as_the_text() {
        let plain = "*a* _b_ [c](d) <e> #f `g` \\ & &amp;";
        assert_eq!(markdown_text(&markdown_escape(plain)), plain);
    }
}
