//! Markdown as plain text that people can read and follow: paragraphs, lists with their marks, and
//! addresses behind the words that they belong to.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::characters::cleaned;
use crate::render::markup::link;

/// The text. HTML in it is left out.
pub(super) fn plain(source: &str) -> String {
    let source = cleaned(source);
    let mut text = Text::default();
    for event in Parser::new(&source) {
        text.take(event);
    }
    text.out.trim().to_owned()
}

#[derive(Debug, Default)]
struct Text {
    out: String,
    /// The number of the next item of each list that is open, where its items have numbers.
    lists: Vec<Option<u64>>,
    /// Where the words of each link that is open begin, and its address.
    links: Vec<(usize, String)>,
    /// An item's mark was written and nothing after it.
    is_marked: bool,
}

impl Text {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Item) => self.mark(),
            Event::Start(Tag::List(number)) => {
                self.lines(if self.lists.is_empty() { 2 } else { 1 });
                self.lists.push(number);
            }
            Event::End(TagEnd::List(_)) => {
                self.lists.pop();
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                self.links.push((self.out.len(), dest_url.into_string()));
            }
            Event::End(TagEnd::Link) => self.end_link(),
            Event::Start(
                Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::BlockQuote(_),
            ) if !self.is_marked => self.lines(2),
            Event::Text(text) | Event::Code(text) => {
                self.is_marked = false;
                self.out.push_str(&text);
            }
            Event::SoftBreak => self.out.push(' '),
            Event::HardBreak => self.lines(1),
            _ => {}
        }
    }

    fn mark(&mut self) {
        self.lines(1);
        self.is_marked = true;
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.out.push_str(&format!("{number}. "));
                *number += 1;
            }
            _ => self.out.push_str("• "),
        }
    }

    fn end_link(&mut self) {
        let Some((from, url)) = self.links.pop() else { return };
        let Some(url) = link(&url) else { return };
        let words = self.out.get(from..).unwrap_or_default().trim();
        if words.is_empty() {
            self.out.push_str(url);
        } else if words != url && url.strip_prefix("mailto:") != Some(words) {
            self.out.push_str(&format!(" ({url})"));
        }
    }

    /// At least so many line feeds behind what stands there.
    fn lines(&mut self, count: usize) {
        let written = self.out.trim_end_matches([' ', '\n']).len();
        if written == 0 {
            return;
        }
        let there = self.out.get(written..).map_or(0, |end| end.matches('\n').count());
        self.out.truncate(written);
        self.out.push_str(&"\n".repeat(count.max(there)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_addresses_stay() {
        let source = "Read [her *post*](https://e.org/a_b)\nnow.\n\n- one\n- two <https://e.org>\n\n\
                      3. three\n4. four\n\nEnd\\\nline <b>bold</b> [x](javascript:y) <me@e.org>";
        assert_eq!(
            plain(source),
            "Read her post (https://e.org/a_b) now.\n\n• one\n• two https://e.org\n\n3. three\n4. four\n\n\
             End\nline bold x me@e.org"
        );
        assert_eq!(plain(" \n"), "");
    }
}
