//! The formats in which an episode is given away: one table of what each is called, where it stands
//! beside the page, what it is for others, and who prints it.

mod docx;

use crate::formats::chapters_json::{self, ChaptersJson};
use crate::formats::webvtt::Flavour;
use crate::formats::{chapter_lists, podlove};
use crate::render::captions;
use crate::render::podcast_tags::{self, Tag};
use crate::render::{Artifact, Context};

/// A format.
#[derive(Debug)]
pub struct Output {
    /// The name under which it is asked for.
    pub name: &'static str,
    /// The file beside the page; empty for what is made on request only.
    pub file: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What the page calls it among its downloads; empty for what is not offered there.
    pub label: &'static str,
    /// What a feed says that it is.
    pub in_feed: InFeed,
    print: Printer,
}

/// What a format is to a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InFeed {
    /// Nothing.
    Nothing,
    /// A transcript.
    Transcript,
    /// A transcript that is meant as captions.
    Captions,
    /// Chapters.
    Chapters,
}

impl InFeed {
    /// `rel` of a `podcast:transcript`.
    pub(crate) const fn rel(self) -> Option<&'static str> {
        match self {
            InFeed::Captions => Some("captions"),
            InFeed::Nothing | InFeed::Transcript | InFeed::Chapters => None,
        }
    }
}

/// Prints a format; `None` where an episode has nothing of its kind.
type Printer = fn(&Context<'_>) -> Option<Vec<u8>>;

/// All formats. Transcripts stand in the order in which apps look for them, captions first.
pub const OUTPUTS: [Output; 18] = [
    transcript("vtt", "transcript.vtt", "text/vtt", "WebVTT", |c| {
        text(captions::vtt(c, Flavour::Full))
    }),
    transcript("srt", "transcript.srt", "application/x-subrip", "SRT", |c| text(captions::srt(c))),
    transcript("json", "transcript.json", "application/json", "JSON", |c| text(captions::json(c))),
    Output {
        in_feed: InFeed::Transcript,
        ..transcript("html", "transcript.html", "text/html", "", |c| text(captions::html(c)))
    },
    Output {
        in_feed: InFeed::Transcript,
        ..transcript("rework", "transcript.txt", "text/plain", "Text", |c| {
            text(captions::rework(c))
        })
    },
    beside("markdown", "transcript.md", "text/markdown", "Markdown", |c| {
        text(captions::markdown(c))
    }),
    beside("words", "words.json", "application/json", "Words with times", |c| {
        text(captions::words(c))
    }),
    beside("rttm", "turns.rttm", "text/plain", "", |c| text(captions::rttm(c))),
    Output {
        in_feed: InFeed::Chapters,
        ..beside("chapters", "chapters.json", "application/json+chapters", "", |c| {
            captions::chapters(c).map(String::into_bytes)
        })
    },
    asked("vtt-plain", "text/vtt", |c| text(captions::vtt(c, Flavour::Plain))),
    asked("podlove", "application/json", |c| text(captions::podlove(c))),
    asked("docx", DOCX, |c| Some(docx::docx(c))),
    asked("podlove-chapters", "application/xml", |c| text(podlove::simple_chapters(c.chapters()))),
    asked("mp4chaps", "text/plain", |c| text(podlove::mp4chaps(c.chapters()))),
    asked("audacity-labels", "text/plain", |c| text(chapter_lists::audacity(c.chapters()))),
    asked("chapters-csv", "text/csv", |c| text(chapter_lists::csv(c.chapters()))),
    asked("soundbites", "application/xml", |c| {
        text(lines(&podcast_tags::soundbites(&c.edition.soundbites)))
    }),
    asked("persons", "application/xml", |c| text(lines(&podcast_tags::persons(c.stated)))),
];

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// A transcript that is meant as captions.
const fn transcript(
    name: &'static str,
    file: &'static str,
    media_type: &'static str,
    label: &'static str,
    print: Printer,
) -> Output {
    Output { name, file, media_type, label, in_feed: InFeed::Captions, print }
}

/// Another file beside the page.
const fn beside(
    name: &'static str,
    file: &'static str,
    media_type: &'static str,
    label: &'static str,
    print: Printer,
) -> Output {
    Output { name, file, media_type, label, in_feed: InFeed::Nothing, print }
}

/// What is made on request only.
const fn asked(name: &'static str, media_type: &'static str, print: Printer) -> Output {
    Output { name, file: "", media_type, label: "", in_feed: InFeed::Nothing, print }
}

#[expect(clippy::unnecessary_wraps, reason = "as a printer returns it")]
fn text(text: String) -> Option<Vec<u8>> {
    Some(text.into_bytes())
}

/// Tags, one a line.
fn lines(tags: &[Tag]) -> String {
    tags.iter().map(|tag| tag.print("podcast") + "\n").collect()
}

impl Output {
    /// The format of that name.
    pub fn named(name: &str) -> Option<&'static Output> {
        OUTPUTS.iter().find(|output| output.name == name)
    }

    /// Whether it is a list of chapters.
    pub fn lists_chapters(&self) -> bool {
        matches!(
            self.name,
            "chapters" | "podlove-chapters" | "mp4chaps" | "audacity-labels" | "chapters-csv"
        )
    }

    /// The names of all formats.
    pub fn names() -> Vec<&'static str> {
        OUTPUTS.iter().map(|output| output.name).collect()
    }

    /// The episode in this format; an empty list where it has nothing of its kind.
    pub fn print(&self, context: &Context<'_>) -> Vec<u8> {
        (self.print)(context).unwrap_or_else(|| match self.in_feed {
            InFeed::Chapters => chapters_json::print(&ChaptersJson::default()).into_bytes(),
            _ => Vec::new(),
        })
    }
}

/// The files beside the page that code makes, sorted by name.
pub fn files(context: &Context<'_>) -> Vec<Artifact> {
    let beside = OUTPUTS.iter().filter(|output| !output.file.is_empty());
    let mut files: Vec<Artifact> = beside
        .filter_map(|output| {
            let bytes = (output.print)(context)?;
            Some(Artifact { relative_path: output.file.to_owned(), bytes })
        })
        .collect();
    files.sort_by(|a, b| a.relative_path.cmp(&b.relative_path));
    files
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::draft::Drafts;
    use crate::edit::{Edition, Soundbite};
    use crate::library::episode::{Episode, Person};
    use crate::library::show::Show;
    use crate::library::stated::Stated;
    use crate::time::{Ms, Span};

    #[test]
    fn every_format_is_found_by_its_name_and_no_file_is_written_twice() {
        for output in &OUTPUTS {
            assert_eq!(Output::named(output.name).map(|found| found.name), Some(output.name));
        }
        assert!(Output::named("doc").is_none());
        let files: Vec<_> =
            OUTPUTS.iter().map(|o| o.file).filter(|file| !file.is_empty()).collect();
        assert_eq!(files.iter().collect::<BTreeSet<_>>().len(), files.len());
    }

    #[test]
    fn tags_are_escaped_and_guests_follow_hosts() {
        let person = |name: &str, url: &str| Person {
            name: name.into(),
            url: url.into(),
            ..Person::default()
        };
        let show = Show { people: vec![person("Ann \"A\" B", "")], ..Show::default() };
        let episode = Episode {
            people: vec![person("Bo & Co\n", "https://x.y/?a&b"), person("Ann \"A\" B", "")],
            ..Episode::default()
        };
        let span = Span::new(Ms::new(1_500), Ms::new(21_500)).unwrap();
        let edition = Edition {
            language: "en".into(),
            duration: Ms::new(60_000),
            blocks: vec![],
            chapters: vec![],
            soundbites: vec![Soundbite { span, title: "<x>".into() }],
            turns: vec![],
        };
        let drafts = Drafts::default();
        let context = Context::new(&edition, Stated::new(&show, &episode), &drafts);
        let printed =
            |name: &str| String::from_utf8(Output::named(name).unwrap().print(&context)).unwrap();
        assert_eq!(
            printed("persons"),
            "<podcast:person role=\"host\">Ann &quot;A&quot; B</podcast:person>\n\
             <podcast:person role=\"guest\" href=\"https://x.y/?a&amp;b\">Bo &amp; Co</podcast:person>\n"
        );
        assert_eq!(
            printed("soundbites"),
            "<podcast:soundbite startTime=\"1.5\" duration=\"20\">&lt;x&gt;</podcast:soundbite>\n"
        );
    }
}
