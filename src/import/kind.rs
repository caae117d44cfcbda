//! Which format a transcript is written in.

use serde::{Deserialize, Serialize};

use crate::formats::json::Json;
use crate::formats::source::lines;
use crate::formats::{
    ass, changelog, clock, dote, labelled, lrc, microdvd, names, podcast_json, podlove, table, ttml,
};

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
    /// Names or times beside the words, as meeting tools and transcription services export them.
    Labelled,
    /// TTML, DFXP, IMSC, and YouTube's XML.
    Ttml,
    /// `SubStation` Alpha.
    Ass,
    /// LRC.
    Lrc,
    /// `MicroDVD` and MPL2.
    MicroDvd,
    /// CSV, TSV and Audacity's labels.
    Table,
}

/// What a text is that is known and not read, and what to do with it.
pub(super) fn refused(text: &str) -> Option<String> {
    let start = text.trim_start();
    let head = start.get(..start.floor_char_boundary(2_000)).unwrap_or_default();
    let lower = head.to_ascii_lowercase();
    let (name, instead) = if head.starts_with("Scenarist_SCC") {
        ("Scenarist closed captions (SCC), in which the words are coded", "SRT or WebVTT")
    } else if lower.starts_with("<sami") {
        ("SAMI captions", "SRT or WebVTT")
    } else if lower.starts_with("{qttext") {
        ("QuickTime text", "SRT or WebVTT")
    } else if lower.contains("<fcpxml") || lower.contains("<xmeml") {
        ("a timeline of an editing program", "its captions as SRT")
    } else if head.starts_with("TITLE:") && head.contains("FCM:") {
        ("an edit decision list", "the captions of the timeline as SRT")
    } else {
        return None;
    };
    Some(format!(
        "this is {name}, which is not read; have the program that made it export {instead}"
    ))
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
        "ass" | "ssa" => return Kind::Ass,
        "lrc" => return Kind::Lrc,
        "csv" | "tsv" => return Kind::Table,
        _ => {}
    }
    if let Some(kind) = told_by_first_lines(text) {
        return kind;
    }
    let timing = lines(text).take(200).find(|line| line.text.contains("-->"));
    if let Some(timing) = timing.filter(|timing| is_timing(timing.text)) {
        return if timing.text.contains(',') { Kind::Srt } else { Kind::WebVtt };
    }
    if changelog::is_like(text) && !has_time_alone(text) {
        return Kind::Changelog;
    }
    timed_kind(text)
}

fn told_by_first_lines(text: &str) -> Option<Kind> {
    if ass::is_like(text) {
        Some(Kind::Ass)
    } else if microdvd::is_like(text) {
        Some(Kind::MicroDvd)
    } else if lrc::is_like(text) {
        Some(Kind::Lrc)
    } else {
        table::is_like(text).then_some(Kind::Table)
    }
}

/// Whether a line with an arrow is a caption's times and no more: recognizers write
/// `[00:00.000 --> 00:02.000]  words` to the terminal.
fn is_timing(line: &str) -> bool {
    let (start, settings) = line.split_once("-->").unwrap_or((line, ""));
    let is_setting = |word: &str| word.contains(':');
    clock::parse(start).is_some() && settings.split_whitespace().skip(1).all(is_setting)
}

/// Whether a line is a time and nothing else, perhaps as a heading.
fn has_time_alone(text: &str) -> bool {
    lines(text).any(|line| {
        let bare = line.text.trim_start_matches(['#', '*', ' ', '[', '(']);
        clock::leading(bare).is_some_and(|time| {
            // Google's Markdown gives each heading an anchor.
            let rest = time.rest.split(" {#").next().unwrap_or_default();
            rest.trim_matches([']', ')', '*', ' ', '\t']).is_empty()
        })
    })
}

/// Tells text with the name before a time in brackets, or without names (Rework), from all other text
/// with names or times.
fn timed_kind(text: &str) -> Kind {
    if labelled::has_ends(text) || has_time_alone(text) {
        return Kind::Labelled;
    }
    let (mut timed, mut named_behind) = (0, 0);
    let mut all = lines(text).peekable();
    while let Some(line) = all.next() {
        let after_name = line.text.split_once(": ").map_or("", |(_, rest)| rest);
        if after_bracketed_time(after_name).is_some_and(|words| !words.is_empty()) {
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
    let rest = clock.rest.trim_start().strip_prefix([']', '}', ')', '>'])?;
    Some(rest.trim_start_matches([' ', '\t', '-', '–', '—', '|']).trim_end())
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
    if ttml::is_like(text) {
        return Kind::Ttml;
    }
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
    fn what_is_known_and_not_read_is_named() {
        for (text, name) in [
            ("Scenarist_SCC V1.0\n\n00:00:01:00\t9420\n", "SCC"),
            ("<SAMI>\n<BODY>", "SAMI"),
            ("TITLE: x\nFCM: NON-DROP FRAME\n", "edit decision list"),
        ] {
            let said = refused(text).unwrap_or_default();
            assert!(said.contains(name) && said.contains("export"), "{said}");
        }
        assert_eq!(refused("Ann: [00:00:00] x"), None);
    }

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
            ("[00:01]\nAnn: x\nBo: y\n", Kind::Labelled),
            ("Ann: [00:01 - 00:02] x", Kind::Labelled),
            ("[00:00.000 --> 00:01.000]  x", Kind::Labelled),
            ("0:00:00.000,0:00:01.000\nx", Kind::Labelled),
            ("### 00:00:00\n\n**Ann:** x", Kind::Labelled),
            ("<?xml version='1.0'?>\n<tt xmlns='x'><body/></tt>", Kind::Ttml),
            ("[Script Info]\n", Kind::Ass),
            ("[ti:x]\n[00:01.00]x", Kind::Lrc),
            ("{1}{1}25\n{0}{25}x", Kind::MicroDvd),
            ("start\tend\ttext\n0\t1000\tx", Kind::Table),
        ] {
            assert_eq!(detect(text, ""), kind, "{text}");
        }
    }
}
