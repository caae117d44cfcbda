//! The transcript as a Word document: a heading and paragraphs, the names in bold. Two runs give
//! the same bytes: nothing in it tells the time of writing.

use std::io::Cursor;

use docx_rs::{Docx, LineSpacing, Paragraph, Run, Style, StyleType};

use crate::formats::xml_line;
use crate::render::Context;
use crate::render::captions::{TextLine, text_lines};

/// Space below a paragraph, in twentieths of a point.
const BELOW: u32 = 160;

/// What a quotation is moved in by, in twentieths of a point.
const QUOTE_INDENT: i32 = 567;

/// The size of the heading, in half points.
const HEADING_SIZE: usize = 36;

/// The document's bytes.
pub(super) fn docx(context: &Context<'_>) -> Vec<u8> {
    let heading = Style::new("Heading1", StyleType::Paragraph).name("heading 1");
    let quote = Style::new("Quote", StyleType::Paragraph).name("Quote");
    let mut document = Docx::new()
        .default_line_spacing(LineSpacing::new().after(BELOW))
        .add_style(heading.outline_lvl(0).bold().size(HEADING_SIZE))
        .add_style(quote.indent(Some(QUOTE_INDENT), None, None, None).italic());
    let (show, episode) = (context.show(), context.stated.episode);
    let title = if episode.title.trim().is_empty() { &show.name } else { &episode.title };
    if !title.trim().is_empty() {
        document = document.add_paragraph(
            Paragraph::new().style("Heading1").add_run(Run::new().add_text(xml_line(title))),
        );
    }
    for line in text_lines(context) {
        document = document.add_paragraph(paragraph(line));
    }
    let mut bytes = Cursor::new(Vec::new());
    document.pack(&mut bytes).expect("memory takes every byte");
    bytes.into_inner()
}

fn paragraph(line: TextLine) -> Paragraph {
    let TextLine { start, cite, is_sound, is_quotation, text } = line;
    let mut paragraph = Paragraph::new();
    if let Some(name) = cite {
        paragraph = paragraph.add_run(plain(&format!("{name}: ")).bold());
    } else if is_quotation {
        paragraph = paragraph.style("Quote");
    }
    let words = plain(&text);
    paragraph.add_run(plain(&format!("[{}] ", start.clock()))).add_run(if is_sound {
        words.italic()
    } else {
        words
    })
}

/// Text in one line; a space at its end stays.
fn plain(text: &str) -> Run {
    let tail = if text.ends_with(' ') { " " } else { "" };
    Run::new().add_text(format!("{}{tail}", xml_line(text)))
}
