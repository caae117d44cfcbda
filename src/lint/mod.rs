//! Checks transcripts, captions, chapters and feeds, ours or anybody's, by the rules of their
//! formats: each finding has the rule's id, line, column and what to do.
//!
//! Pure but for [`files_under`], which lists what a folder holds. `docs/formats.md` lists the rules.

mod directories;
mod facts;
mod feed;
mod id3;
mod picture;
mod rttm;
pub(crate) mod taxonomy;
mod words;

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use crate::formats::json::Json;
use crate::formats::source::{Encoding, SourceText};
use crate::formats::{
    Diagnostic, FormatError, Severity, changelog, chapters_json, dote, podcast_html, podcast_json,
    podlove, recognizers, rework, settled, srt, webvtt,
};

pub(crate) use feed::SHOWS;

/// A format that can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// `WebVTT`: rules `V1` to `V11`.
    WebVtt,
    /// SRT: rules `S1` to `S8`.
    Srt,
    /// The podcast namespace's JSON transcript: rules `J1` to `J6`.
    PodcastJson,
    /// Chapters as JSON: rules `C1` to `C5`.
    ChaptersJson,
    /// The podcast namespace's HTML transcript: rule `H1`.
    PodcastHtml,
    /// The text of the Rework page: rules `L-…`.
    Rework,
    /// Changelog's Markdown: rules `L-…`.
    Changelog,
    /// A feed: rules `A`, `T`, `B`, `P`, `X`, `G1` and `C6`.
    Feed,
    /// An mp3's own chapters: rules `K1` to `K3`.
    Mp3,
    /// Turns: rules `R1` and `R2`.
    Rttm,
    /// Our `words.json`: rules `W1` to `W3`.
    Words,
    /// `show.toml` or `episode.toml`: rule `E1`.
    Facts,
    /// Podlove's, `DOTe`'s and the recognizers' files: whether they can be read.
    Other,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The format it was checked as.
    pub format: Checked,
    /// What is wrong with it, by place.
    pub findings: Vec<Diagnostic>,
}

impl Report {
    /// Whether a rule is broken, rather than something merely unwise.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// A file beside the one that is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// How large it is.
    pub bytes: u64,
    /// Its first part, which says what it is.
    pub head: Vec<u8>,
}

/// Checks a file; `None` where it is of no format that has rules. Bytes that are handed over are not
/// copied.
pub fn lint<'b>(file_name: &str, bytes: impl Into<Cow<'b, [u8]>>) -> Option<Report> {
    lint_beside(file_name, bytes, &|_| None)
}

/// The same where the files in its folder can be looked at: `beside` gives one by its relative path.
pub fn lint_beside<'b>(
    file_name: &str,
    bytes: impl Into<Cow<'b, [u8]>>,
    beside: &dyn Fn(&str) -> Option<Beside>,
) -> Option<Report> {
    let bytes = bytes.into();
    if is_mp3(file_name) {
        let findings = settled(id3::check(&bytes));
        return Some(Report { format: Checked::Mp3, findings });
    }
    let source = match SourceText::decode(bytes) {
        Ok(source) => source,
        Err(fault) => {
            let format = by_name(file_name)?;
            return Some(Report { format, findings: vec![unreadable(&fault)] });
        }
    };
    let format = format_of(file_name, &source.text)?;
    let mut findings = source.diagnostics();
    // A transcript may begin with a byte order mark, but Podlove and others stumble over it.
    if source.encoding == Encoding::Utf8Bom && format != Checked::WebVtt {
        findings.push(
            Diagnostic::note("U2", 1, 1, "the file begins with a byte order mark")
                .fix("save it without one"),
        );
    }
    if format == Checked::Facts {
        findings.extend(facts::check(file_name, &source.text));
        return Some(Report { format, findings: settled(findings) });
    }
    match check(format, &source.text, beside) {
        Ok(found) => findings.extend(found),
        Err(fault) => findings.push(unreadable(&fault)),
    }
    Some(Report { format, findings: settled(findings) })
}

/// Whether a file's name is that of an mp3, of which only the tag at the front is looked at.
pub fn is_mp3(file_name: &str) -> bool {
    file_name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("mp3"))
}

/// What cannot be read at all breaks rule `F1`.
fn unreadable(fault: &FormatError) -> Diagnostic {
    match fault {
        FormatError::Malformed { line, column, problem } => {
            Diagnostic::error("F1", *line, *column, problem.clone())
                .fix("mend it there, or make the file anew")
        }
        _ => Diagnostic::error("F1", 1, 1, fault.to_string()).fix(fault.hint()),
    }
}

fn by_name(file_name: &str) -> Option<Checked> {
    if facts::is_one(file_name) {
        return Some(Checked::Facts);
    }
    let (_, ending) = file_name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "vtt" => Checked::WebVtt,
        "srt" => Checked::Srt,
        "rttm" => Checked::Rttm,
        "json" => Checked::PodcastJson,
        "xml" | "rss" => Checked::Feed,
        "txt" => Checked::Rework,
        _ => return None,
    })
}

/// Tells the format by the file's name and its text. Pages, notes and whatever has no rules give
/// `None`.
fn format_of(file_name: &str, text: &str) -> Option<Checked> {
    let name = by_name(file_name);
    let start = text.trim_start();
    match name {
        Some(Checked::WebVtt | Checked::Srt | Checked::Rttm | Checked::Facts) => return name,
        Some(Checked::Feed) if text.contains("<rss") || text.contains("<channel") => return name,
        Some(Checked::Feed) => return text.contains("pst:").then_some(Checked::Other),
        Some(Checked::PodcastJson) => return json_format(text),
        _ => {}
    }
    if start.starts_with("WEBVTT") {
        return Some(Checked::WebVtt);
    }
    let ending = file_name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ending.eq_ignore_ascii_case("html") || ending.eq_ignore_ascii_case("htm") {
        let is_page = start.get(..200).unwrap_or(start).to_ascii_lowercase().contains("<html");
        let is_transcript = ["<cite", "<time"].iter().any(|tag| start.starts_with(tag));
        return (!is_page && is_transcript).then_some(Checked::PodcastHtml);
    }
    if ending.eq_ignore_ascii_case("md") {
        return changelog::is_like(text).then_some(Checked::Changelog);
    }
    // Other text is a transcript if it can be read as one.
    (name == Some(Checked::Rework) && rework::parse(text).is_ok()).then_some(Checked::Rework)
}

fn json_format(text: &str) -> Option<Checked> {
    let Ok(json) = Json::parse_all(text) else { return Some(Checked::PodcastJson) };
    if json.get("chapters").is_some() {
        return Some(Checked::ChaptersJson);
    }
    if json.get("schema").is_some() {
        return json.get("words").is_some().then_some(Checked::Words);
    }
    if dote::is_like(&json) || podlove::is_like(&json) {
        return Some(Checked::Other);
    }
    let segments = json.get("segments").and_then(Json::array);
    if podcast_json::is_like(&json) || segments.is_some_and(<[_]>::is_empty) {
        return Some(Checked::PodcastJson);
    }
    recognizers::is_known(&json).then_some(Checked::Other)
}

fn check(
    format: Checked,
    text: &str,
    beside: &dyn Fn(&str) -> Option<Beside>,
) -> Result<Vec<Diagnostic>, FormatError> {
    Ok(match format {
        Checked::WebVtt => {
            let (voices, mut found) = webvtt::check(text)?;
            found.extend(without_voices(voices));
            found
        }
        Checked::Srt => srt::parse(text)?.1,
        Checked::PodcastJson => podcast_json::parse(text)?.1,
        Checked::ChaptersJson => chapters_json::parse(text)?.1,
        Checked::PodcastHtml => podcast_html::parse(text)?.1,
        Checked::Rework => rework::parse(text)?.1,
        Checked::Changelog => changelog::parse(text)?.1,
        Checked::Feed => feed::check(text, beside)?,
        Checked::Rttm => rttm::check(text),
        Checked::Words => words::check(text)?,
        Checked::Other => other(text)?,
        Checked::Mp3 | Checked::Facts => Vec::new(),
    })
}

fn other(text: &str) -> Result<Vec<Diagnostic>, FormatError> {
    if text.trim_start().starts_with('<') {
        return Ok(podlove::parse_xml(text)?.1);
    }
    let json = Json::parse_all(text)?;
    Ok(match () {
        () if dote::is_like(&json) => dote::parse(text)?.1,
        () if podlove::is_like(&json) => podlove::parse_json(text)?.1,
        () => recognizers::parse(text)?.1,
    })
}

/// `V11`: nobody is named in the whole file.
fn without_voices(voices: webvtt::Voices) -> Option<Diagnostic> {
    (voices == webvtt::Voices::None).then(|| {
        Diagnostic::warning("V11", 1, 0, "no cue names its speaker")
            .fix("begin each cue with `<v Name>`")
    })
}

/// The files under a folder that may be checked, sorted; a file gives itself. Hidden folders and
/// the machine's `work` folders are passed over, and links are not followed.
pub fn files_under(path: &Path) -> io::Result<Vec<PathBuf>> {
    const MAX_FILES: usize = 100_000;
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if kind.is_dir() && !name.starts_with('.') && name != "work" {
                folders.push(entry.path());
            } else if kind.is_file() && files.len() < MAX_FILES {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(name: &str, text: &str) -> Vec<&'static str> {
        lint(name, text.as_bytes()).map_or_else(Vec::new, |report| {
            report.findings.into_iter().map(|finding| finding.rule).collect()
        })
    }

    #[test]
    fn each_file_is_checked_by_its_own_rules() {
        assert_eq!(rules("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n"), ["V11"]);
        assert_eq!(rules("a.srt", "2\n00:00:01,000 --> 00:00:02,000\nx\n"), ["S1"]);
        assert_eq!(rules("a.json", "{\"chapters\":[]}"), ["C1"]);
        assert_eq!(rules("b.json", "{\"segments\":[]}"), ["J1"]);
        assert_eq!(rules("c.json", "{\"segments\":"), ["F1"]);
        assert_eq!(rules("a.rttm", "SPEAKER x 1 0 1\n"), ["R1"]);
        assert_eq!(rules("a.txt", "A: [00:00:00} x\n"), ["L-TIME-CLOSE"]);
        assert_eq!(lint("index.html", &b"<!doctype html><html><cite>x</cite>"[..]), None);
        assert_eq!(lint("notes.html", &b"<p>See <a href=\"x\">x</a></p>"[..]), None);
        assert_eq!(lint("README.md", &b"# hello"[..]), None);
        assert_eq!(lint("a.txt", &b"just words"[..]), None);
    }
}
