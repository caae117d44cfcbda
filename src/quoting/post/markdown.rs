//! Markdown -> blocks. Code, pictures, front matter and what stands in tags hold no quotations.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::html::{Scanner, tag_name};
use super::{Block, Builder, CLOSE, OPEN};

pub(super) fn blocks(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut builder = Builder::default();
    let mut html = Scanner::default();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        let source = text.get(range.clone()).unwrap_or_default();
        match event {
            Event::Start(Tag::BlockQuote(None)) => builder.open_quote(),
            Event::End(TagEnd::BlockQuote(None)) => builder.close_quote(),
            Event::Start(Tag::Image { .. } | Tag::CodeBlock(_) | Tag::MetadataBlock(_)) => {
                builder.hidden += 1;
            }
            Event::End(TagEnd::Image | TagEnd::CodeBlock | TagEnd::MetadataBlock(_)) => {
                builder.hidden = builder.hidden.saturating_sub(1);
            }
            Event::Start(Tag::HtmlBlock) => {
                builder.end_block();
                html.read(source, range.start, &mut builder);
            }
            Event::End(TagEnd::HtmlBlock) => builder.end_block(),
            Event::Start(tag) if !is_inline(&tag) => builder.end_block(),
            Event::End(tag) if !is_inline_end(tag) => builder.end_block(),
            Event::Text(words) => builder.push(&words, range.start),
            Event::Code(words) => {
                let start = range.start + source.find(words.as_ref()).unwrap_or(0);
                builder.code += 1;
                builder.push(&words, start);
                builder.code -= 1;
            }
            Event::SoftBreak => builder.push(" ", range.start),
            Event::HardBreak => builder.push("\n", range.start),
            Event::InlineHtml(tag) => inline(&tag, range.start, &mut builder),
            _ => {}
        }
    }
    builder.finish()
}

fn inline(tag: &str, at: usize, builder: &mut Builder) {
    match tag_name(tag.trim_matches(['<', '>'])) {
        ("q", true) => builder.push(&OPEN.to_string(), at),
        ("q", false) => builder.push(&CLOSE.to_string(), at),
        ("br", _) => builder.push("\n", at),
        ("code" | "kbd" | "samp", true) => builder.code += 1,
        ("code" | "kbd" | "samp", false) => builder.code = builder.code.saturating_sub(1),
        _ => {}
    }
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Link { .. }
            | Tag::Superscript
            | Tag::Subscript
    )
}

fn is_inline_end(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Superscript
            | TagEnd::Subscript
    )
}
