//! The transcript as text for people: the form of the Rework page, and Markdown.

use std::fmt::Write as _;

use super::{TextLine, text_lines};
use crate::edit::Edition;
use crate::formats::rework::{Part, Rework, ReworkParagraph, print};
use crate::library::episode::Episode;
use crate::library::show::Show;
use crate::render::markup::markdown_escape;

/// The heading over the transcript where the show names none.
const HEADING: &str = "The Full Transcript:";

/// `transcript.txt`: the head of the page, then `Name: [hh:mm:ss] text`.
pub fn rework(edition: &Edition, show: &Show, episode: &Episode) -> String {
    let mut paragraphs = head(show, episode);
    for line in text_lines(edition) {
        let name = line.cite.as_ref().map(|name| name.0.as_str());
        // A passage that is read aloud stands alone, as long as the reader is plain.
        let time = Some(line.start).filter(|_| !line.is_quotation || name.is_some());
        paragraphs.push(ReworkParagraph::body(name, time, &line.text));
    }
    let mut text = print(&Rework { paragraphs, end: String::new() });
    text.push('\n');
    text
}

fn head(show: &Show, episode: &Episode) -> Vec<ReworkParagraph> {
    let promo = show.promo.as_ref().map(|promo| format!("{} {}", promo.text, promo.link_text));
    let heading = Some(show.transcript_heading.trim()).filter(|heading| !heading.is_empty());
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
    paragraphs.push(ReworkParagraph::head(Part::Heading, heading.unwrap_or(HEADING), 1));
    paragraphs
}

/// `transcript.md`: the title, then `**Name:** \[hh:mm:ss\] text`, the form in which Changelog
/// publishes; quotations as block quotes, sounds in italics.
pub fn markdown(edition: &Edition, show: &Show, episode: &Episode) -> String {
    let mut out = String::new();
    let title = [episode.title.trim(), show.name.trim()];
    let title: Vec<&str> = title.into_iter().filter(|part| !part.is_empty()).collect();
    if !title.is_empty() {
        let _ = writeln!(out, "# {}", markdown_escape(&title.join(" – ")));
    }
    for line in text_lines(edition) {
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
