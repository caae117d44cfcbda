//! One file of an edition in any format that a host or a colleague asks for.

use crate::edit::{Edition, Soundbite};
use crate::formats::Passage;
use crate::formats::podlove;
use crate::formats::webvtt::Flavour;
use crate::library::episode::Episode;
use crate::library::show::Show;
use crate::render::captions;
use crate::render::cues::{CueSettings, cues};
use crate::render::podcast_tags::{self, Tag};

mod docx;

/// A format that an edition can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `WebVTT` with a voice on each cue.
    Vtt,
    /// `WebVTT` without anything that Castopod's parser does not know.
    VttPlain,
    /// SRT of two lines of 32 characters.
    Srt,
    /// The podcast namespace's JSON.
    Json,
    /// The podcast namespace's HTML.
    Html,
    /// The text of the Rework page.
    Rework,
    /// Markdown as Changelog writes it.
    Markdown,
    /// Podlove's JSON.
    Podlove,
    /// Word's document.
    Docx,
    /// Turns.
    Rttm,
    /// Words with times.
    Words,
    /// Chapters as JSON.
    Chapters,
    /// Podlove Simple Chapters.
    PodloveChapters,
    /// Chapters as mp4chaps takes them.
    Mp4chaps,
    /// `podcast:soundbite` tags.
    Soundbites,
    /// `podcast:person` tags.
    Persons,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 16] = [
        Format::Vtt,
        Format::VttPlain,
        Format::Srt,
        Format::Json,
        Format::Html,
        Format::Rework,
        Format::Markdown,
        Format::Podlove,
        Format::Docx,
        Format::Rttm,
        Format::Words,
        Format::Chapters,
        Format::PodloveChapters,
        Format::Mp4chaps,
        Format::Soundbites,
        Format::Persons,
    ];

    /// The name under which it is asked for.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Vtt => "vtt",
            Format::VttPlain => "vtt-plain",
            Format::Srt => "srt",
            Format::Json => "json",
            Format::Html => "html",
            Format::Rework => "rework",
            Format::Markdown => "markdown",
            Format::Podlove => "podlove",
            Format::Docx => "docx",
            Format::Rttm => "rttm",
            Format::Words => "words",
            Format::Chapters => "chapters",
            Format::PodloveChapters => "podlove-chapters",
            Format::Mp4chaps => "mp4chaps",
            Format::Soundbites => "soundbites",
            Format::Persons => "persons",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// The edition in a format. Without chapters, soundbites or people the lists of them are empty.
pub fn export(format: Format, edition: &Edition, show: &Show, episode: &Episode) -> Vec<u8> {
    let (with_chapters, is_draft) = crate::render::with_chapters(edition, show, episode);
    let chapters = &with_chapters.chapters;
    let text = match format {
        Format::Vtt => captions::vtt(edition, Flavour::Full),
        Format::VttPlain => captions::vtt(edition, Flavour::Plain),
        Format::Srt => captions::srt(edition),
        Format::Json => captions::json(edition),
        Format::Html => captions::html(edition),
        Format::Rework => captions::rework(edition, show, episode),
        Format::Markdown => captions::markdown(edition, show, episode),
        Format::Podlove => podlove_json(edition),
        Format::Docx => return docx::docx(edition, show, episode),
        Format::Rttm => captions::rttm(edition, episode),
        Format::Words => captions::words(edition),
        Format::Chapters => captions::chapters(&with_chapters, is_draft, show, episode)
            .unwrap_or_else(|| {
                crate::formats::chapters_json::print(
                    &crate::formats::chapters_json::ChaptersJson::default(),
                )
            }),
        Format::PodloveChapters => podlove::simple_chapters(chapters),
        Format::Mp4chaps => podlove::mp4chaps(chapters),
        Format::Soundbites => soundbites(&edition.soundbites),
        Format::Persons => persons(show, episode),
    };
    text.into_bytes()
}

fn podlove_json(edition: &Edition) -> String {
    let passages: Vec<Passage> = cues(edition, &CueSettings::webvtt())
        .into_iter()
        .map(|cue| Passage {
            start: Some(cue.span.start()),
            end: Some(cue.span.end()),
            speaker: cue.speaker.as_ref().map(|name| name.0.clone()),
            is_sound: cue.is_sound,
            text: cue.text(),
            line: 0,
        })
        .collect();
    podlove::print_json(&passages)
}

/// `podcast:soundbite` tags, one a line.
pub fn soundbites(soundbites: &[Soundbite]) -> String {
    lines(&podcast_tags::soundbites(soundbites))
}

/// `podcast:person` tags, one a line: the show's people and the episode's, since an item's list
/// replaces the channel's.
pub fn persons(show: &Show, episode: &Episode) -> String {
    lines(&podcast_tags::persons(show, episode))
}

fn lines(tags: &[Tag]) -> String {
    tags.iter().map(|tag| tag.print("podcast") + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::episode::Person;
    use crate::time::{Ms, Span};

    #[test]
    fn every_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.name()), Some(format));
        }
        assert_eq!(Format::from_name("doc"), None);
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
        assert_eq!(
            persons(&show, &episode),
            "<podcast:person role=\"host\">Ann &quot;A&quot; B</podcast:person>\n\
             <podcast:person role=\"guest\" href=\"https://x.y/?a&amp;b\">Bo &amp; Co</podcast:person>\n"
        );
        let span = Span::new(Ms::new(1_500), Ms::new(21_500)).unwrap();
        assert_eq!(
            soundbites(&[Soundbite { span, title: "<x>".into() }]),
            "<podcast:soundbite startTime=\"1.5\" duration=\"20\">&lt;x&gt;</podcast:soundbite>\n"
        );
    }
}
