//! The transcript as text for people: the form of the Rework page, and Markdown.

use std::fmt::Write as _;

use super::{TextLine, text_lines};
use crate::formats::rework::{Part, Rework, ReworkParagraph, print};
use crate::render::Context;
use crate::render::markup::markdown_escape;

/// `transcript.txt`: the head of the page, then `Name: [hh:mm:ss] text`.
pub(crate) fn rework(context: &Context<'_>) -> String {
    let mut paragraphs = head(context);
    for line in text_lines(context) {
        let name = line.cite.as_ref().map(|name| name.0.as_str());
        // A passage that is read aloud stands alone, as long as the reader is plain.
        let time = Some(line.start).filter(|_| !line.is_quotation || name.is_some());
        paragraphs.push(ReworkParagraph::body(name, time, &line.text));
    }
    let mut text = print(&Rework { paragraphs, end: String::new() });
    text.push('\n');
    text
}

fn head(context: &Context<'_>) -> Vec<ReworkParagraph> {
    let (show, episode) = (context.show(), context.stated.episode);
    let promo = show.promo.as_ref().map(|promo| format!("{} {}", promo.text, promo.link_text));
    // Two blank lines set the show apart from the episode.
    let parts = [
        (show.name.as_str(), 1),
        (show.tagline.as_str(), 1),
        (episode.title.as_str(), 2),
        (promo.as_deref().unwrap_or_default(), 1),
        (episode.summary.as_str(), 1),
    ];
    let mut paragraphs = Vec::new();
    for (text, blank_lines) in parts {
        let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
        for (index, block) in blocks.enumerate() {
            let blank_lines = if index == 0 { blank_lines } else { 1 };
            paragraphs.push(ReworkParagraph::head(Part::Head, block, blank_lines));
        }
    }
    paragraphs.push(ReworkParagraph::head(Part::Heading, context.heading(), 1));
    paragraphs
}

/// `transcript.md`: the title, then `**Name:** \[hh:mm:ss\] text`, the form in which Changelog
/// publishes; quotations as block quotes, sounds in italics.
pub(crate) fn markdown(context: &Context<'_>) -> String {
    let mut out = String::new();
    let title = [context.stated.episode.title.trim(), context.show().name.trim()];
    let title: Vec<&str> = title.into_iter().filter(|part| !part.is_empty()).collect();
    if !title.is_empty() {
        let _ = writeln!(out, "# {}", markdown_escape(&title.join(" – ")));
    }
    for line in text_lines(context) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&markdown_line(&line));
        out.push('\n');
    }
    out
}

fn markdown_line(line: &TextLine) -> String {
    let mut out = String::new();
    if line.is_quotation && line.cite.is_none() {
        out.push_str("> ");
    }
    if let Some(name) = &line.cite {
        let _ = write!(out, "**{}:** ", markdown_escape(&name.0));
    }
    let text = markdown_escape(&line.text);
    let time = line.start.clock();
    if line.is_sound {
        let _ = write!(out, "\\[{time}\\] *{text}*");
    } else {
        let _ = write!(out, "\\[{time}\\] {text}");
    }
    out
}
