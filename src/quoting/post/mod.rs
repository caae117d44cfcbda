//! A post -> its running text, block by block, with the place of every character in the file.

mod html;
mod markdown;
mod plain;

use std::path::Path;

use crate::formats::FormatError;
use crate::formats::source::{Columns, Encoding, SourceText};

/// Stand for `<q>` and `</q>`: marks that no writer has to type.
pub(super) const OPEN: char = '\u{e001}';
pub(super) const CLOSE: char = '\u{e002}';
/// Stands for a mark that is no quotation mark, as in code.
const NO_MARK: char = '\u{fffc}';

/// Everything that may be a quotation mark.
pub(super) const MARKS: [char; 20] = [
    '"', '\'', '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›', '「', '」', '『', '』',
    '＂', '`',
];

/// A post as it is looked through.
#[derive(Debug, Clone)]
pub struct Post {
    /// The file's text and how it was stored.
    pub source: SourceText,
    pub(super) blocks: Vec<Block>,
    lines: Vec<usize>,
}

/// A paragraph, heading, cell or item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) text: String,
    /// Where the text lies in the file: from this byte of the text on, at that byte of the file.
    places: Vec<(usize, usize)>,
    pub(super) role: Role,
}

/// What a block is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    Prose,
    /// Part of the block quote of that number.
    Quote(usize),
    /// The source of the block quote of that number.
    Source(usize),
}

impl Post {
    /// Reads a post: Markdown, HTML, plain text, or a Word or `OpenDocument` text.
    ///
    /// # Errors
    /// If it is no text, or too large.
    pub fn read(bytes: Vec<u8>, name: &Path) -> Result<Post, FormatError> {
        let source = SourceText::decode(bytes)?;
        let ending = name.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let is_document = matches!(source.encoding, Encoding::Docx | Encoding::Odt);
        let blocks = match ending.as_deref() {
            _ if is_document => plain::blocks(&source.text),
            Some("html" | "htm" | "xhtml") => html::blocks(&source.text),
            Some("txt" | "text") => plain::blocks(&source.text),
            Some("md" | "markdown" | "mdx" | "mdown" | "mkd") => markdown::blocks(&source.text),
            _ if looks_like_html(&source.text) => html::blocks(&source.text),
            _ => markdown::blocks(&source.text),
        };
        let starts = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(starts.map(|(at, _)| at + 1)).collect();
        Ok(Post { source, blocks, lines })
    }

    /// Whether it is a document whose text alone is known, so that it cannot be written again.
    pub fn is_document(&self) -> bool {
        matches!(self.source.encoding, Encoding::Docx | Encoding::Odt)
    }
}

/// Lines and columns of a post, asked for from its start to its end.
#[derive(Debug)]
pub(super) struct Places<'p> {
    post: &'p Post,
    line: usize,
    columns: Columns<'p>,
}

impl<'p> Places<'p> {
    pub(super) fn of(post: &'p Post) -> Places<'p> {
        Places { post, line: 0, columns: Columns::new("") }
    }

    /// The line and the column of a byte of the file, counted from 1.
    pub(super) fn at(&mut self, byte: usize) -> (usize, usize) {
        let line = self.post.lines.partition_point(|start| *start <= byte).max(1);
        let start = self.post.lines.get(line - 1).copied().unwrap_or_default();
        if line != self.line {
            let text = self.post.source.text.get(start..).unwrap_or_default();
            (self.line, self.columns) = (line, Columns::new(text));
        }
        (line, self.columns.at(byte.saturating_sub(start)))
    }
}

fn looks_like_html(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('<') && (text.contains("</") || text.contains("/>"))
}

impl Block {
    /// The byte of the file at which a byte of the text lies.
    pub(super) fn source(&self, at: usize) -> usize {
        let after = self.places.partition_point(|(text, _)| *text <= at);
        let (text, source) = after
            .checked_sub(1)
            .and_then(|last| self.places.get(last))
            .copied()
            .unwrap_or_default();
        source + at.saturating_sub(text)
    }
}

/// Blocks under way.
#[derive(Debug, Default)]
struct Builder {
    blocks: Vec<Block>,
    open: Block,
    /// How many block quotes are open, and how many were begun.
    quotes: usize,
    begun: usize,
    /// How many elements are open that name a quotation's source.
    sources: usize,
    /// How many elements are open whose marks are none.
    code: usize,
    /// How many elements are open that are not read.
    hidden: usize,
}

impl Builder {
    fn push(&mut self, text: &str, at: usize) {
        if self.hidden > 0 {
            return;
        }
        let here = self.open.text.len();
        let goes_on = self
            .open
            .places
            .last()
            .is_some_and(|(text, source)| here - text == at - source.min(&at));
        if !goes_on {
            self.open.places.push((here, at));
        }
        if self.code == 0 {
            self.open.text.push_str(text);
            return;
        }
        for (within, letter) in text.char_indices() {
            if MARKS.contains(&letter) {
                self.open.text.push(NO_MARK);
                let next = self.open.text.len();
                self.open.places.push((next, at + within + letter.len_utf8()));
            } else {
                self.open.text.push(letter);
            }
        }
    }

    fn open_quote(&mut self) {
        self.end_block();
        if self.quotes == 0 {
            self.begun += 1;
        }
        self.quotes += 1;
    }

    fn close_quote(&mut self) {
        self.end_block();
        self.quotes = self.quotes.saturating_sub(1);
    }

    fn end_block(&mut self) {
        let mut block = std::mem::take(&mut self.open);
        block.role = match (self.quotes, self.sources) {
            (0, _) => Role::Prose,
            (_, 0) => Role::Quote(self.begun),
            _ => Role::Source(self.begun),
        };
        if !block.text.trim().is_empty() {
            without_shortcodes(&mut block.text);
            self.blocks.push(block);
        }
    }

    fn finish(mut self) -> Vec<Block> {
        self.end_block();
        self.blocks
    }
}

/// What a site generator will replace holds no quotations: `{{< figure title="…" >}}`.
fn without_shortcodes(text: &mut String) {
    for (open, close) in [("{{", "}}"), ("{%", "%}")] {
        let mut from = 0;
        while let Some(start) = text[from..].find(open).map(|at| at + from) {
            let Some(end) = text[start..].find(close).map(|at| at + start) else { break };
            let blank: String = text[start..end]
                .chars()
                .flat_map(|letter| {
                    let is_mark = MARKS.contains(&letter);
                    let width = if is_mark { letter.len_utf8() } else { 1 };
                    std::iter::repeat_n(if is_mark { ' ' } else { letter }, width)
                })
                .collect();
            text.replace_range(start..end, &blank);
            from = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, name: &str) -> Post {
        Post::read(text.as_bytes().to_vec(), Path::new(name)).unwrap()
    }

    fn texts(text: &str, name: &str) -> Vec<String> {
        read(text, name).blocks.into_iter().map(|block| block.text).collect()
    }

    #[test]
    fn code_attributes_and_front_matter_hold_no_marks() {
        let text = "---\ntitle: \"A\"\n---\n# H “x”\n\nA `\"b\"` [c](d \"e\") ![\"f\"](g)\n\n    \"code\"\n\n\
            ```\n\"fence\"\n```\n\n{{< fig t=\"x\" >}} z\n";
        let all = texts(text, "a.md").join("|");
        assert!(all.starts_with("H “x”|A \u{fffc}b\u{fffc} c"), "{all}");
        assert!(!all.contains('"'), "{all}");
        let html = texts(
            "<p title=\"a\">b <code>\"c\"</code><script>\"d\"</script> &ldquo;e&rdquo;</p><pre>\"f\"</pre>",
            "a.html",
        );
        assert_eq!(html, ["b \u{fffc}c\u{fffc} “e”"]);
    }

    #[test]
    fn a_place_in_the_text_is_one_in_the_file() {
        for (text, name) in [
            ("é *very* “long”\nline with &ldquo;find&rdquo;", "a.md"),
            ("<p>é <b>very</b> &ldquo;long&rdquo;\nline with &ldquo;find&rdquo;</p>", "a.html"),
        ] {
            let post = read(text, name);
            let block = &post.blocks[0];
            let at = block.text.find("find").unwrap();
            assert_eq!(&text[block.source(at)..][..4], "find", "{name}");
            assert_eq!(Places::of(&post).at(block.source(at)), (2, 18));
        }
    }

    #[test]
    fn block_quotes_are_known_with_their_source() {
        let post = read("Before:\n\n> One.\n>\n> Two.\n\nAfter.", "a.md");
        let roles: Vec<Role> = post.blocks.iter().map(|block| block.role).collect();
        assert_eq!(roles, [Role::Prose, Role::Quote(1), Role::Quote(1), Role::Prose]);
        let post = read("<blockquote><p>One.</p><footer>— Ann</footer></blockquote>", "a.html");
        let roles: Vec<Role> = post.blocks.iter().map(|block| block.role).collect();
        assert_eq!(roles, [Role::Quote(1), Role::Source(1)]);
    }
}
