//! Which format a transcript is written in.

use serde::{Deserialize, Serialize};

use crate::formats::json::Json;
use crate::formats::source::lines;
use crate::formats::{changelog, clock, dote, names, podcast_json, podlove};

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The text of a Rework page, and plain text like it.
    Rework,
    /// A page of HTML that holds such a transcript.
    Page,
    /// `WebVTT`.
    WebVtt,
    /// SRT.
    Srt,
    /// The podcast namespace's JSON.
    PodcastJson,
    /// The podcast namespace's HTML.
    PodcastHtml,
    /// What transcription services and recognizers write, and our own `words.json`.
    RecognizerJson,
    /// Podlove's JSON.
    PodloveJson,
    /// Podlove's XML.
    PodloveXml,
    /// `DOTe`'s JSON.
    Dote,
    /// Changelog's Markdown.
    Changelog,
    /// Names in capitals (NPR), on a line of their own (This American Life), or beside a time.
    Labelled,
}

/// Tells the format from the text, and from the file's name where the text leaves it open.
pub fn detect(text: &str, file_name: &str) -> Kind {
    let start = text.trim_start();
    let extension = file_name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
    if start.starts_with("WEBVTT") {
        return Kind::WebVtt;
    }
    // Broken JSON is broken JSON, and no transcript in plain text.
    if Json::is_like(text) {
        return json_kind(text);
    }
    if start.starts_with('<') || matches!(extension.as_str(), "html" | "htm" | "xml") {
        return markup_kind(text);
    }
    match extension.as_str() {
        "vtt" => return Kind::WebVtt,
        "srt" => return Kind::Srt,
        "json" => return json_kind(text),
        _ => {}
    }
    let timing = lines(text).take(200).find(|line| line.text.contains("-->"));
    if let Some(timing) = timing {
        return if timing.text.contains(',') { Kind::Srt } else { Kind::WebVtt };
    }
    if changelog::is_like(text) {
        return Kind::Changelog;
    }
    timed_kind(text)
}

/// Tells text with the name before the time, or without names (Rework), from text with the name
/// behind the time, or without times in brackets.
fn timed_kind(text: &str) -> Kind {
    let (mut timed, mut named_behind) = (0, 0);
    let mut all = lines(text).peekable();
    while let Some(line) = all.next() {
        let after_name = line.text.split_once(": ").map_or("", |(_, rest)| rest);
        if after_bracketed_time(after_name).is_some() {
            return Kind::Rework;
        }
        if let Some(rest) = after_bracketed_time(line.text) {
            let words_below = all.peek().is_some_and(|next| {
                !next.text.trim().is_empty() && after_bracketed_time(next.text).is_none()
            });
            let is_name = names::leading(rest).is_some() || (words_below && names::is_name(rest));
            timed += 1;
            named_behind += usize::from(is_name);
        }
    }
    if named_behind * 2 >= timed { Kind::Labelled } else { Kind::Rework }
}

/// The line on which a feed begins, if the text is one.
pub(super) fn feed_line(text: &str) -> Option<usize> {
    let start = text.trim_start();
    let head = start.get(..start.floor_char_boundary(2_000)).filter(|_| start.starts_with('<'))?;
    let at = ["<rss", "<feed"].iter().find_map(|tag| head.find(tag))?;
    let before = text.len() - start.len() + at;
    Some(1 + text.get(..before)?.matches('\n').count())
}

/// What stands behind a time in brackets at the start of `text`.
fn after_bracketed_time(text: &str) -> Option<&str> {
    let clock = clock::leading(text.strip_prefix(['[', '('])?)?;
    Some(clock.rest.trim_start().strip_prefix([']', '}', ')', '>'])?.trim())
}

fn json_kind(text: &str) -> Kind {
    match Json::parse_all(text) {
        Ok(json) if dote::is_like(&json) => Kind::Dote,
        Ok(json) if podlove::is_like(&json) => Kind::PodloveJson,
        Ok(json) if podcast_json::is_like(&json) => Kind::PodcastJson,
        // Its reader says what is wrong with JSON that is broken or of no known form.
        _ => Kind::RecognizerJson,
    }
}

fn markup_kind(text: &str) -> Kind {
    let lower = text.to_ascii_lowercase();
    if lower.contains("<pst:") || lower.contains("podlove-simple-transcripts") {
        Kind::PodloveXml
    } else if lower.contains("<cite") || lower.contains("<time") && !lower.contains("<body") {
        Kind::PodcastHtml
    } else {
        Kind::Page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_told_by_its_text() {
        for (text, kind) in [
            ("\nWEBVTT\n\n", Kind::WebVtt),
            ("1\n00:00:01,000 --> 00:00:02,000\nx", Kind::Srt),
            ("00:00:01.000 --> 00:00:02.000\nx", Kind::WebVtt),
            (
                "{\"version\":\"1.0.0\",\"segments\":[{\"startTime\":0,\"body\":\"\"}]}",
                Kind::PodcastJson,
            ),
            ("{\"segments\":[{\"start\":0,\"text\":\"\"}]}", Kind::RecognizerJson),
            ("{\"lines\":[]}", Kind::Dote),
            ("[{\"start\":\"00:00:01.000\"}]", Kind::PodloveJson),
            ("[{\"start\":1.5,\"text\":\"x\"}]", Kind::RecognizerJson),
            ("{\"a\":", Kind::RecognizerJson),
            ("<cite>A:</cite><p>x</p>", Kind::PodcastHtml),
            ("<!doctype html><body><p>Ann: [00:00:00] x</p>", Kind::Page),
            ("Title\n\nAnn: [00:00:00] x", Kind::Rework),
            ("[00:01] x", Kind::Rework),
            ("[00:01] Ann: x\n\n[00:09] and y\n\n[00:12] Bo Lee: z", Kind::Labelled),
            ("(00:01) Ann\nx", Kind::Labelled),
            ("[00:01] x\n\nAnn: [00:09] y\n\n[00:12] Note: z", Kind::Rework),
            ("**Ann:** x \\[00:12\\]", Kind::Changelog),
            ("ANN BEE, HOST: x", Kind::Labelled),
        ] {
            assert_eq!(detect(text, ""), kind, "{text}");
        }
    }
}
