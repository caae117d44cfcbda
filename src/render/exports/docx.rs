//! The transcript as a Word document: XML in a zip, with nothing but headings and
//! paragraphs in it. Two runs give the same bytes: the zip's times are fixed.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use quick_xml::escape::escape;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::edit::Edition;
use crate::formats::xml_line;
use crate::library::episode::Episode;
use crate::library::show::Show;
use crate::render::captions::{TextLine, text_lines};

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
const DOCUMENT_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:pPr><w:spacing w:after="160"/></w:pPr></w:style><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="36"/></w:rPr></w:style><w:style w:type="paragraph" w:styleId="Quote"><w:name w:val="Quote"/><w:basedOn w:val="Normal"/><w:pPr><w:ind w:left="567"/></w:pPr><w:rPr><w:i/></w:rPr></w:style></w:styles>"#;

/// The document's bytes.
pub(super) fn docx(edition: &Edition, show: &Show, episode: &Episode) -> Vec<u8> {
    let parts = [
        ("[Content_Types].xml", TYPES.to_owned()),
        ("_rels/.rels", RELATIONS.to_owned()),
        ("word/_rels/document.xml.rels", DOCUMENT_RELATIONS.to_owned()),
        ("word/styles.xml", STYLES.to_owned()),
        ("word/document.xml", document(edition, show, episode)),
    ];
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, options).expect("five names that differ");
        zip.write_all(text.as_bytes()).expect("memory takes every byte");
    }
    zip.finish().expect("memory takes every byte").into_inner()
}

fn document(edition: &Edition, show: &Show, episode: &Episode) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
         <w:body>",
    );
    let title = if episode.title.trim().is_empty() { &show.name } else { &episode.title };
    if !title.trim().is_empty() {
        paragraph(&mut out, Some("Heading1"), &[("", title)]);
    }
    for line in text_lines(edition) {
        let TextLine { start, cite, is_sound, is_quotation, text } = line;
        let name = cite.map(|name| format!("{name}: ")).unwrap_or_default();
        let time = format!("[{}] ", start.clock());
        let style = (is_quotation && name.is_empty()).then_some("Quote");
        let mark = if is_sound { "<w:i/>" } else { "" };
        paragraph(&mut out, style, &[("<w:b/>", &name), ("", &time), (mark, &text)]);
    }
    out.push_str("</w:body></w:document>");
    out
}

fn paragraph(out: &mut String, style: Option<&str>, runs: &[(&str, &str)]) {
    out.push_str("<w:p>");
    if let Some(style) = style {
        let _ = write!(out, "<w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>");
    }
    for (mark, text) in runs.iter().filter(|(_, text)| !text.is_empty()) {
        let tail = if text.ends_with(' ') { " " } else { "" };
        let text = escape(xml_line(text));
        let _ = write!(
            out,
            "<w:r><w:rPr>{mark}</w:rPr><w:t xml:space=\"preserve\">{text}{tail}</w:t></w:r>"
        );
    }
    out.push_str("</w:p>");
}
