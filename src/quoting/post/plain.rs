//! Plain text, and the paragraphs of a document: an empty line ends a block; `>` begins a line of a
//! block quote.

use super::{Block, Builder};
use crate::formats::source::lines;

pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut builder = Builder::default();
    let mut at = 0;
    for line in lines(text) {
        let trimmed = line.text.trim_start();
        let (is_quote, words) = match trimmed.strip_prefix('>') {
            Some(rest) => (true, rest),
            None => (false, trimmed),
        };
        if is_quote != (builder.quotes > 0) {
            if is_quote { builder.open_quote() } else { builder.close_quote() }
        }
        if words.trim().is_empty() {
            builder.end_block();
        } else {
            let start = at + line.text.len() - words.len();
            builder.push(words, start);
            builder.push("\n", start + words.len());
        }
        at += line.text.len() + line.end.len();
    }
    builder.finish()
}
