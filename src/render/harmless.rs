//! Markdown that stays Markdown, and can do nothing but be read.
//!
//! A summary may be a person's own, with links and lists, or a stranger's from the tags of a file. In
//! the notes as Markdown it keeps its marks and its links to the web; what a viewer could run, load or
//! follow elsewhere stands there as text: HTML, pictures, links of other kinds, a block of code
//! without an end, which would take the rest of the notes with it.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Parser, Tag, TagEnd};

use crate::render::markup::{link, markdown_escape};

/// How often a text is gone over, as what is text now may hold more that was hidden before. Honest
/// texts need one.
const ROUNDS: usize = 8;

/// The text with everything that acts made text.
pub(crate) fn harmless(source: &str) -> String {
    let mut text = source.trim().to_owned();
    for _ in 0..ROUNDS {
        let places = acting(&text);
        if places.is_empty() {
            return text;
        }
        text = escaped(&text, &places);
    }
    // made to hide one thing in the other
    text.lines().map(markdown_escape).collect::<Vec<_>>().join("\n")
}

/// The characters that begin what acts, sorted.
fn acting(text: &str) -> Vec<usize> {
    let parser = Parser::new(text);
    let mut places: Vec<usize> = parser
        .reference_definitions()
        .iter()
        .filter(|(_, definition)| link(&definition.dest).is_none())
        .map(|(_, definition)| definition.span.start)
        .collect();
    let mut is_code = false;
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                is_code = true;
                if matches!(kind, CodeBlockKind::Fenced(_)) && !is_closed(text, &range) {
                    places.push(range.start);
                }
            }
            Event::End(TagEnd::CodeBlock) => is_code = false,
            Event::Start(Tag::Link { link_type, dest_url, .. })
                if link_type != LinkType::Email && link(&dest_url).is_none() =>
            {
                places.push(range.start);
            }
            Event::Start(Tag::Image { .. }) => places.push(range.start),
            Event::Html(_) | Event::InlineHtml(_) => places.extend(tags(text, range, true)),
            Event::Text(_) if !is_code => places.extend(tags(text, range, false)),
            _ => {}
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// Where HTML may begin: a `<` before what begins a tag. In text, one with a stroke before it is
/// escaped already.
fn tags(text: &str, range: Range<usize>, is_html: bool) -> impl Iterator<Item = usize> {
    let begins = move |at: usize| {
        let next = text.get(at + 1..).and_then(|rest| rest.chars().next());
        let is_tag = next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        is_html || is_tag && !text.get(..at).is_some_and(|before| before.ends_with('\\'))
    };
    let start = range.start;
    let part = text.get(range).unwrap_or_default();
    part.match_indices('<').map(move |(at, _)| start + at).filter(move |at| begins(*at))
}

/// Whether a fenced block of code has its end.
fn is_closed(text: &str, range: &Range<usize>) -> bool {
    let block = text.get(range.clone()).unwrap_or_default();
    let mark = block.chars().next().unwrap_or('`');
    let last = block.trim_end().lines().skip(1).last().unwrap_or_default();
    let last = last.trim_start_matches([' ', '>']);
    last.len() >= 3 && last.chars().all(|c| c == mark)
}

/// The text with those characters written so that they begin nothing.
fn escaped(text: &str, places: &[usize]) -> String {
    let mut out = String::with_capacity(text.len() + places.len() * 3);
    let mut from = 0;
    for &at in places {
        out.push_str(text.get(from..at).unwrap_or_default());
        from = at;
        if text.get(at..).is_some_and(|rest| rest.starts_with('<')) {
            out.push_str("&lt;");
            from += 1;
        } else {
            out.push('\\');
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a viewer would make of it.
    fn seen(markdown: &str) -> String {
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, Parser::new(markdown));
        html
    }

    #[test]
    fn a_persons_own_markdown_stays() {
        for text in [
            "Read [her post](https://example.org/a_(b)) *now*, or <https://example.org>.",
            "- one\n- **two** & a < b\n\n> quoted\n\n[ref]: https://example.org\n\nSee [ref] and `<b>`.",
            "```\n<script>\n```\n\n    <indented>\n\nwrite to <me@example.org> or [me](mailto:me@e.org)",
            "5 < 6, \\<b>, &lt;i&gt;",
        ] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn what_acts_is_text() {
        for (text, wanted) in [
            ("<script>alert(1)</script> x", "&lt;script>alert(1)&lt;/script> x"),
            ("a <img src=x onerror=alert(1)> b", "a &lt;img src=x onerror=alert(1)> b"),
            ("[x](javascript:alert(1))", "\\[x](javascript:alert(1))"),
            ("[x](data:text/html,y)", "\\[x](data:text/html,y)"),
            ("[x](&#106;avascript:y)", "\\[x](&#106;avascript:y)"),
            ("<javascript:alert(1)>", "&lt;javascript:alert(1)>"),
            ("[x]\n\n[x]: javascript:y", "\\[x]\n\n\\[x]: javascript:y"),
            ("![x](data:image/svg+xml,y)", "\\!\\[x](data:image/svg+xml,y)"),
            ("![x](https://e.org/i.png)", "\\![x](https://e.org/i.png)"),
            ("<!-- to the end", "&lt;!-- to the end"),
            ("a\n```\nto the end", "a\n\\```\nto the end"),
            ("<div>\n[x](javascript:y)\n</div>", "&lt;div>\n\\[x](javascript:y)\n&lt;/div>"),
            ("a <scr", "a &lt;scr"),
        ] {
            assert_eq!(harmless(text), wanted);
        }
    }

    proptest! {
        #[test]
        fn nothing_of_any_text_acts(text in "([<>!\\[\\]()`~:\\\\\n #a/-]|javascript:|script|&lt;|https://e\\.org|```){0,30}") {
            let markdown = harmless(&text);
            let html = seen(&format!("{markdown}\n\nthe end\n"));
            for mark in ["<script", "<a/", "href=\"javascript", "<img", "<!--", "href=\"a"] {
                prop_assert!(!html.contains(mark), "{markdown:?} -> {html}");
            }
            prop_assert!(html.ends_with("the end</p>\n"), "{markdown:?} -> {html}");
            prop_assert_eq!(harmless(&markdown), markdown);
        }
    }
}
