//! The text of a Word document or of an `OpenDocument` text: its paragraphs in order, without what
//! was struck out, without notes and comments.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::formats::signature::Document;
use crate::formats::source::MAX_BYTES;
use crate::formats::webvtt::decode_entities;
use crate::formats::{FormatError, one_line};

/// Where a kind of document keeps its words.
struct Form {
    /// The file in the archive.
    file: &'static str,
    /// Elements that are a paragraph.
    paragraphs: &'static [&'static [u8]],
    /// Elements whose text is words; none where all text in a paragraph is.
    words: Option<&'static [u8]>,
    /// Elements that stand for a space or the end of a line.
    spaces: &'static [&'static [u8]],
    breaks: &'static [&'static [u8]],
    /// Elements with nothing of the text in them.
    hidden: &'static [&'static [u8]],
}

const DOCX: Form = Form {
    file: "word/document.xml",
    paragraphs: &[b"w:p"],
    words: Some(b"w:t"),
    spaces: &[b"w:tab"],
    breaks: &[b"w:br", b"w:cr"],
    hidden: &[b"w:pPr", b"w:moveFrom", b"w:del", b"mc:Fallback"],
};

const ODT: Form = Form {
    file: "content.xml",
    paragraphs: &[b"text:p", b"text:h"],
    words: None,
    spaces: &[b"text:tab", b"text:s"],
    breaks: &[b"text:line-break"],
    hidden: &[b"office:annotation", b"text:tracked-changes", b"text:note", b"office:forms"],
};

/// The paragraphs, with an empty line between them.
pub(super) fn text(bytes: &[u8], document: Document) -> Result<String, FormatError> {
    let form = match document {
        Document::Docx => &DOCX,
        Document::Odt => &ODT,
    };
    let xml = unpacked(bytes, form.file)?;
    let mut reader = Reader::from_str(&xml);
    let mut page = Page {
        form,
        paragraphs: Vec::new(),
        open: 0,
        text: String::new(),
        hidden: 0,
        in_words: false,
    };
    loop {
        let event = reader.read_event().map_err(|fault| damaged(&fault.to_string()))?;
        match event {
            Event::Eof => break,
            Event::Start(tag) => page.start(tag.name().as_ref()),
            Event::Empty(tag) => page.mark(tag.name().as_ref()),
            Event::End(tag) => page.end(tag.name().as_ref()),
            Event::Text(words) => page.words(&String::from_utf8_lossy(&words)),
            Event::CData(words) => page.words(&String::from_utf8_lossy(&words)),
            Event::GeneralRef(name) => {
                page.words(&decode_entities(&format!("&{};", String::from_utf8_lossy(&name))));
            }
            _ => {}
        }
    }
    page.end_paragraph();
    if page.paragraphs.is_empty() {
        return Err(FormatError::Empty);
    }
    Ok(page.paragraphs.join("\n\n"))
}

/// A file of the archive, which may not unpack to more than is read of any text.
fn unpacked(bytes: &[u8], name: &str) -> Result<String, FormatError> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|fault| damaged(&fault.to_string()))?;
    let file = archive.by_name(name).map_err(|fault| damaged(&fault.to_string()))?;
    let mut xml = Vec::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    file.take(most + 1).read_to_end(&mut xml).map_err(|fault| damaged(&fault.to_string()))?;
    if xml.len() > MAX_BYTES {
        return Err(FormatError::TooLarge { limit: MAX_BYTES });
    }
    Ok(String::from_utf8_lossy(&xml).into_owned())
}

fn damaged(problem: &str) -> FormatError {
    let problem = format!("the document is damaged: {problem}");
    FormatError::Malformed { line: 1, column: 1, problem }
}

struct Page {
    form: &'static Form,
    paragraphs: Vec<String>,
    /// How many paragraphs are open: a box of text stands within one.
    open: usize,
    text: String,
    /// How many hidden elements are open.
    hidden: usize,
    in_words: bool,
}

impl Page {
    fn start(&mut self, name: &[u8]) {
        self.mark(name);
        self.in_words = Some(name) == self.form.words;
        if self.form.hidden.contains(&name) {
            self.hidden += 1;
        } else if self.hidden == 0 && self.form.paragraphs.contains(&name) {
            self.end_paragraph();
            self.open += 1;
        }
    }

    fn mark(&mut self, name: &[u8]) {
        if self.hidden > 0 || self.open == 0 {
            return;
        }
        if self.form.spaces.contains(&name) {
            self.text.push(' ');
        } else if self.form.breaks.contains(&name) {
            self.text.push('\n');
        }
    }

    fn end(&mut self, name: &[u8]) {
        self.in_words = false;
        if self.form.hidden.contains(&name) {
            self.hidden = self.hidden.saturating_sub(1);
        } else if self.hidden == 0 && self.form.paragraphs.contains(&name) {
            self.end_paragraph();
            self.open = self.open.saturating_sub(1);
        }
    }

    fn words(&mut self, words: &str) {
        let counts = self.open > 0 && (self.form.words.is_none() || self.in_words);
        if self.hidden == 0 && counts {
            self.text.push_str(&words.replace(['\n', '\r'], " "));
        }
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        let lines = text.split('\n').map(one_line).filter(|line| !line.is_empty());
        let text = lines.collect::<Vec<_>>().join("\n");
        if !text.is_empty() {
            self.paragraphs.push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::formats::signature::kind_of;
    use crate::formats::source::{Encoding, SourceText};

    fn packed(name: &str, xml: &str) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(xml.as_bytes()).unwrap();
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn the_words_of_a_word_document_are_read() {
        let xml = "<w:document><w:body><w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>\
            <w:r><w:t>Ann</w:t><w:tab/><w:t>0:03</w:t><w:br/><w:t>Salt &amp; </w:t></w:r>\
            <w:r><w:t xml:space=\"preserve\">tea.</w:t></w:r>\
            <w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>\n<w:p/>\
            <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Bo</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\
            </w:body></w:document>";
        let source = SourceText::decode(packed(DOCX.file, xml)).unwrap();
        assert_eq!(
            (source.text.as_str(), source.encoding),
            ("Ann 0:03\nSalt & tea.\n\nBo", Encoding::Docx)
        );
    }

    #[test]
    fn the_words_of_an_open_document_are_read() {
        let xml = "<office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes>\
            <text:h>Nets</text:h><text:p>Ann:<text:s/>[00:03]<text:tab/><text:span>Tea</text:span>\
            <text:note><text:p>1</text:p></text:note>.<text:line-break/>Yes.</text:p></office:text>";
        let source = SourceText::decode(packed(ODT.file, xml)).unwrap();
        assert_eq!(source.text, "Nets\n\nAnn: [00:03] Tea.\nYes.");
        assert_eq!(source.encoding, Encoding::Odt);
    }

    #[test]
    fn what_is_damaged_or_has_no_words_is_refused() {
        let broken = packed(DOCX.file, "<w:p><w:t>a</w:p>");
        assert!(SourceText::decode(broken).is_err());
        let empty = packed(DOCX.file, "<w:document/>");
        assert_eq!(SourceText::decode(empty), Err(FormatError::Empty));
        let other = packed("a.txt", "a");
        assert_eq!(kind_of(&other).unwrap().name, "a zip archive");
    }

    #[test]
    fn a_document_that_unpacks_without_end_is_refused() {
        let bomb = packed(DOCX.file, &" ".repeat(MAX_BYTES + 10));
        assert!(bomb.len() < 1 << 20);
        assert_eq!(SourceText::decode(bomb), Err(FormatError::TooLarge { limit: MAX_BYTES }));
    }
}
