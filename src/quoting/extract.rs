//! A post -> its quotations, each with the name that the prose gives it to.

use std::ops::Range;

use crate::quoting::attribution::{Names, after_quote, before_quote, label, source_line};
use crate::quoting::marks::{Quoted, quoted, reopened};
use crate::quoting::post::{Block, Places, Post, Role};

/// A quotation as it stands in a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quotation {
    /// The line on which it begins, counted from 1.
    pub line: usize,
    /// The column of its opening mark, counted from 1 in characters.
    pub column: usize,
    /// The words between the marks; a line for each paragraph.
    pub text: String,
    /// The name that the prose gives it to.
    pub attributed: Option<String>,
    /// Where each paragraph lies: from this byte of `text` on, in that block, at that byte of it.
    pub(super) places: Vec<(usize, usize, usize)>,
}

impl Quotation {
    /// Where a stretch of the text lies in the file; `None` where it goes over paragraphs.
    pub(super) fn source(&self, post: &Post, part: &Range<usize>) -> Option<Range<usize>> {
        let place = |at: usize| {
            let after = self.places.partition_point(|(from, ..)| *from <= at);
            let (from, block, within) = self.places.get(after.checked_sub(1)?)?;
            Some((*block, within + at - from))
        };
        let (first, from) = place(part.start)?;
        let block = post.blocks.get(first)?;
        let start = block.source(from);
        if part.is_empty() {
            return Some(start..start);
        }
        let last = self.text.floor_char_boundary(part.end - 1);
        let (same, to) = place(last)?;
        (same == first).then(|| start..block.source(to) + part.end - last)
    }
}

/// An opening mark without a closing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclosed {
    /// Its line, counted from 1.
    pub line: usize,
    /// Its column, counted from 1 in characters.
    pub column: usize,
}

/// The quotations of a post in order, and the marks that nothing closes.
pub fn quotations(post: &Post, names: &Names) -> (Vec<Quotation>, Vec<Unclosed>) {
    let mut reader = Reader {
        post,
        names,
        places: Places::of(post),
        hopeless: 0,
        found: Vec::new(),
        unclosed: Vec::new(),
    };
    let mut at = 0;
    while at < post.blocks.len() {
        at = match post.blocks[at].role {
            Role::Prose => reader.prose(at),
            Role::Quote(number) | Role::Source(number) => {
                let is_same = |block: &&Block| {
                    [Role::Quote(number), Role::Source(number)].contains(&block.role)
                };
                let count = post.blocks[at..].iter().take_while(is_same).count();
                reader.block_quote(at..at + count);
                at + count
            }
        };
    }
    (reader.found, reader.unclosed)
}

struct Reader<'p> {
    post: &'p Post,
    names: &'p Names,
    places: Places<'p>,
    /// No quotation that goes on from a block before this one is ever closed.
    hopeless: usize,
    found: Vec<Quotation>,
    unclosed: Vec<Unclosed>,
}

/// A stretch of a block.
type Part = (usize, Range<usize>);

impl Reader<'_> {
    /// Reads a block of prose, with those after it into which its last quotation goes on; returns
    /// the block after them.
    fn prose(&mut self, at: usize) -> usize {
        let mut next = at + 1;
        let mut block = at;
        let mut marks = quoted(&self.post.blocks[at].text);
        // where the prose before a quotation begins, and who said the one before
        let (mut from, mut before) = (0, None);
        let mut number = 0;
        while let Some(quoted) = marks.get(number).copied() {
            number += 1;
            let mut parts: Vec<Part> = vec![(block, quoted.from..quoted.to)];
            let mut last = quoted;
            let mut end_block = block;
            if !quoted.is_closed {
                let Some((more, end)) = self.goes_on(block, quoted.mark) else {
                    self.tell_unclosed(block, quoted.open);
                    continue;
                };
                end_block = more.last().map_or(block, |part| part.0);
                parts.extend(more);
                last = end;
            }
            let post = self.post;
            let text = &post.blocks[block].text;
            let prose = &text[from.min(quoted.open)..quoted.open];
            let lead =
                if prose.trim().is_empty() && from == 0 { lead(self.post, block) } else { prose };
            if end_block != block {
                let rest = &post.blocks[end_block].text;
                marks = marks_behind(rest, last.end);
                number = 0;
                next = end_block + 1;
            }
            let text = &post.blocks[end_block].text;
            let until = marks.get(number).map_or(text.len(), |next| next.open);
            let inside =
                parts.last().map_or("", |(block, part)| &post.blocks[*block].text[part.clone()]);
            let after = after_quote(&text[last.end..until.max(last.end)], inside, self.names);
            let name = after
                .clone()
                .or_else(|| before_quote(lead, self.names))
                .or_else(|| before.clone().filter(|_| is_short_clause(lead)));
            self.add(quoted.open, block, &parts, name);
            (block, from, before) = (end_block, last.end, after);
        }
        next
    }

    /// The paragraphs into which a quotation goes on: each opens it again, the last one closes it.
    fn goes_on(&mut self, block: usize, mark: char) -> Option<(Vec<Part>, Quoted)> {
        let mut parts = Vec::new();
        if block < self.hopeless {
            return None;
        }
        for (place, next) in self.post.blocks.iter().enumerate().skip(block + 1) {
            let again = reopened(&next.text, mark).filter(|_| next.role == Role::Prose);
            let Some(quoted) = again else {
                self.hopeless = place;
                break;
            };
            parts.push((place, quoted.from..quoted.to));
            if quoted.is_closed {
                return Some((parts, quoted));
            }
        }
        self.hopeless = self.hopeless.max(block + parts.len());
        None
    }

    fn block_quote(&mut self, blocks: Range<usize>) {
        let lead = before_quote(lead(self.post, blocks.start), self.names);
        let post = self.post;
        let mut source = None;
        let mut parts: Vec<Part> = Vec::new();
        for place in blocks.clone() {
            let block = &post.blocks[place];
            if matches!(block.role, Role::Source(_)) {
                source = source_line(&block.text, self.names).or(source);
                continue;
            }
            let mut text = 0..block.text.len();
            if let Some((start, name)) = last_line(&block.text, self.names) {
                source = Some(name);
                text.end = start;
            }
            if !block.text[text.clone()].trim().is_empty() {
                parts.push((place, text));
            }
        }
        let name = source.or(lead);
        if self.is_told(&parts) {
            for (place, _) in &parts {
                self.prose(*place);
            }
            return;
        }
        let inner = self.all_quoted(&parts);
        let parts = inner.unwrap_or(parts);
        // a talk, each line with its speaker
        let mut open: Vec<Part> = Vec::new();
        let mut speaker = name;
        for (place, text) in parts {
            if let Some((start, name)) = label(&post.blocks[place].text[text.clone()], self.names) {
                self.add_block(&open, speaker.take());
                open.clear();
                speaker = Some(name);
                open.push((place, text.start + start..text.end));
            } else {
                open.push((place, text));
            }
        }
        self.add_block(&open, speaker);
    }

    fn add_block(&mut self, parts: &[Part], name: Option<String>) {
        let Some((block, text)) = parts.first() else { return };
        let leading = &self.post.blocks[*block].text[text.clone()];
        let start = text.start + leading.len() - leading.trim_start().len();
        self.add(start, *block, parts, name);
    }

    /// Whether a block quote tells in its own words who said what is quoted in it.
    fn is_told(&self, parts: &[Part]) -> bool {
        parts.iter().any(|(place, text)| {
            let text = &self.post.blocks[*place].text[text.clone()];
            let marks = quoted(text);
            marks.iter().any(|mark| {
                mark.is_closed
                    && (after_quote(&text[mark.end..], &text[mark.from..mark.to], self.names)
                        .is_some()
                        || before_quote(&text[..mark.open], self.names).is_some())
            })
        })
    }

    /// What is within the marks, where they hold all of a block quote.
    fn all_quoted(&self, parts: &[Part]) -> Option<Vec<Part>> {
        let one = |(place, part): &Part| {
            let text = &self.post.blocks[*place].text[part.clone()];
            let marks = quoted(text);
            let first = marks.first().filter(|mark| text[..mark.open].trim().is_empty())?;
            let all = marks.len() == 1 && text[first.end..].trim().trim_matches('.').is_empty();
            all.then(|| (*place, part.start + first.from..part.start + first.to))
        };
        parts.iter().map(one).collect()
    }

    fn add(&mut self, open: usize, block: usize, parts: &[Part], attributed: Option<String>) {
        let (mut text, mut places) = (String::new(), Vec::new());
        for (place, part) in parts {
            if !text.is_empty() {
                text.push('\n');
            }
            let inside = &self.post.blocks[*place].text[part.clone()];
            let leading = inside.len() - inside.trim_start().len();
            places.push((text.len(), *place, part.start + leading));
            text.push_str(inside.trim());
        }
        if !text.contains(char::is_alphanumeric) {
            return;
        }
        let (line, column) = self.places.at(self.post.blocks[block].source(open));
        self.found.push(Quotation { line, column, text, attributed, places });
    }

    fn tell_unclosed(&mut self, block: usize, open: usize) {
        let block = &self.post.blocks[block];
        // a straight single mark is an apostrophe more often than not
        if block.text[open..].starts_with(['\'', '‘', '"']) {
            return;
        }
        let (line, column) = self.places.at(block.source(open));
        self.unclosed.push(Unclosed { line, column });
    }
}

/// The prose that leads to a block which begins with a quotation: a line before that ends with a
/// colon.
fn lead(post: &Post, block: usize) -> &str {
    let before = block.checked_sub(1).and_then(|before| post.blocks.get(before));
    let leads =
        |block: &&Block| block.role == Role::Prose && block.text.trim_end().ends_with([':', ',']);
    before.filter(leads).map_or("", |block| block.text.as_str())
}

/// The quotations behind a byte of a block.
fn marks_behind(text: &str, from: usize) -> Vec<Quoted> {
    let shift = |mark: Quoted| Quoted {
        open: mark.open + from,
        from: mark.from + from,
        to: mark.to + from,
        end: mark.end + from,
        ..mark
    };
    quoted(&text[from..]).into_iter().map(shift).collect()
}

/// Whether the prose between two quotations is no more than who says the first.
fn is_short_clause(between: &str) -> bool {
    let words = between.split_whitespace().count();
    let ends = between.trim_end().chars().filter(|letter| matches!(letter, '.' | '!' | '?' | ';'));
    (1..=8).contains(&words) && ends.count() <= 1
}

/// The last line of a block quote, where it names the source, and where it begins.
fn last_line(text: &str, names: &Names) -> Option<(usize, String)> {
    let start = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..];
    let dash = ['—', '–', '-', '―', '~'];
    if let Some(name) =
        line.trim_start().starts_with(dash).then(|| source_line(line, names)).flatten()
    {
        return Some((start, name));
    }
    // “…” — Ann
    let at = line.rfind(['—', '–', '―']).or_else(|| line.rfind("--"))?;
    let behind_end = line[..at].trim_end().ends_with(['”', '"', '’', '.', '!', '?', '»']);
    let name = behind_end.then(|| source_line(&line[at..], names)).flatten()?;
    Some((start + at, name))
}
