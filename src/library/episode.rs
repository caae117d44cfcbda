//! `episode.toml`: one episode's own facts. People write it; the machine creates it once from the
//! file's tags.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::characters::cleaned;
use crate::decode::SourceInfo;
use crate::library::show::{Music, Term};
use crate::time::Ms;

/// Names of files that say nothing of the episode.
const FILE_NAMES: [&str; 2] = ["audio", "transcript"];

/// An episode. Every field has a default, so an empty file is valid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Episode {
    /// The audio file, relative to the episode's folder or absolute.
    pub audio: String,
    /// A transcript that somebody made already, relative to the episode's folder or absolute; it is
    /// published instead of what the recognizer hears.
    pub transcript: String,
    /// The title; straight and curly quotes are kept as they are.
    pub title: String,
    /// The number, where the show counts.
    pub number: Option<u32>,
    /// What kind of episode it is.
    pub kind: Kind,
    /// The day it is published, as `2018-05-15`.
    pub date: String,
    /// What it is about: a few sentences, Markdown.
    pub summary: String,
    /// Language as ISO 639-1; the show's, else the detected one, where it is empty.
    pub language: String,
    /// Whether this episode has strong language; the show's setting where absent.
    pub explicit: Option<bool>,
    /// Who speaks in it, beside the show's people.
    pub people: Vec<Person>,
    /// Links for the notes.
    pub links: Vec<Link>,
    /// Chapters; the file's own where there are none here.
    pub chapters: Vec<ChapterEntry>,
    /// The music in it, in the order in which it plays.
    pub music: Vec<Music>,
    /// Spellings to keep to, beside the show's.
    pub glossary: Vec<Term>,
    /// The episode's picture: a file in its folder, or an address.
    pub image: String,
    /// The recognizer's weights; the default where it is empty.
    pub model: String,
    /// A microphone a person, where there are such files.
    pub tracks: Vec<TrackEntry>,
    /// How many people speak; found automatically where absent.
    pub speakers: Option<usize>,
    /// Where the audio is published, for the feed.
    pub audio_url: String,
    /// A stable identity for the feed; made from the folder's name where it is empty.
    pub guid: String,
}

impl Episode {
    /// The episode as far as its audio file's tags tell.
    pub fn from_source(source: &SourceInfo) -> Episode {
        let tags = source.tags.clone();
        Episode {
            title: tags.title.unwrap_or_default(),
            number: tags.number,
            date: tags
                .date
                .filter(|date| date.parse::<jiff::civil::Date>().is_ok())
                .unwrap_or_default(),
            summary: tags.description.unwrap_or_default(),
            ..Episode::default()
        }
    }

    /// The title; where there is none, the name of the file that the episode is made of, or of its
    /// folder where that says nothing.
    pub fn title_or_name<'a>(&'a self, folder: &'a str) -> Cow<'a, str> {
        let stem = |path: &'a str| Path::new(path).file_stem().and_then(OsStr::to_str);
        let files = [&self.audio, &self.transcript].map(|path| stem(path).unwrap_or_default());
        let telling = files.into_iter().filter(|name| !FILE_NAMES.contains(name));
        let mut names = [self.title.trim()].into_iter().chain(telling).chain([folder]);
        cleaned(names.find(|name| !name.is_empty()).unwrap_or_default())
    }

    /// The text of a new `episode.toml`: what is known, and what else may be filled in.
    pub fn to_toml(&self) -> String {
        let text = |value: &str| toml::Value::String(value.to_string()).to_string();
        let mut out = String::from(
            "# This episode's own facts. They are yours: linernotes reads them, and only `linernotes retime` changes times here.\n\n",
        );
        let mut line = |key: &str, value: Option<String>, example: &str| match value {
            Some(value) => out.push_str(&format!("{key} = {value}\n")),
            None => out.push_str(&format!("# {key} = {example}\n")),
        };
        let file = |path: &str| (!path.is_empty()).then(|| text(path));
        let known = |value: &str| file(&cleaned(value));
        line("audio", file(&self.audio), "\"audio.mp3\"");
        line("transcript", file(&self.transcript), "\"transcript.txt\"");
        line("title", known(&self.title), "\"The title\"");
        line("number", self.number.map(|n| n.to_string()), "1");
        let kind = (self.kind != Kind::Full).then(|| text(self.kind.word()));
        line("kind", kind, "\"full\"                            # or \"bonus\", \"trailer\"");
        line("date", known(&self.date), "\"2026-01-31\"");
        line(
            "summary",
            known(&self.summary),
            "\"A few sentences; [links](https://example.com) are welcome.\"",
        );
        line("language", known(&self.language), "\"en\"");
        line("model", known(&self.model), "\"base\"");
        line("speakers", self.speakers.map(|n| n.to_string()), "3");
        line(
            "explicit",
            self.explicit.map(|yes| yes.to_string()),
            "false                         # as in `show.toml` where it is missing",
        );
        line(
            "image",
            file(&self.image),
            "\"picture.jpg\"                    # else the one in the audio, else the show's",
        );
        line(
            "guid",
            known(&self.guid),
            "\"stays the same when the title changes\"  # else made of the folder's name",
        );
        if !self.audio_url.is_empty() {
            out.push_str(&format!("audio_url = {}\n", text(&cleaned(&self.audio_url))));
        }
        let keyed = |table: &str, keys: &[(&str, &str)]| {
            let mut lines = format!("\n[[{table}]]\n");
            for (key, value) in keys.iter().filter(|(_, value)| !value.is_empty()) {
                lines.push_str(&format!("{key} = {}\n", text(&cleaned(value))));
            }
            lines
        };
        for Person { name, short, role, title, url, .. } in &self.people {
            let keys =
                [("name", name), ("short", short), ("role", role), ("title", title), ("url", url)];
            out.push_str(&keyed("people", &keys.map(|(key, value)| (key, value.as_str()))));
        }
        for ChapterEntry { start, title, url } in &self.chapters {
            let keys = [("start", start), ("title", title), ("url", url)];
            out.push_str(&keyed("chapters", &keys.map(|(key, value)| (key, value.as_str()))));
        }
        for track in &self.tracks {
            out.push_str(&format!("\n[[tracks]]\nname = {}\n", text(&cleaned(&track.name))));
            if !track.audio.is_empty() {
                out.push_str(&format!("audio = {}\n", text(&track.audio)));
            }
            if let Some(channel) = track.channel {
                out.push_str(&format!("channel = {channel}\n"));
            }
        }
        out.push_str(EPISODE_EXAMPLES);
        out
    }
}

const EPISODE_EXAMPLES: &str = r#"
# [[people]]
# name = "Full Name"
# role = "guest"
# title = "what to say of the person"

# [[links]]
# text = "What is read"
# url = "https://example.com/what-is-read"

# [[music]]
# title = "The music's title"
# artist = "Who plays it"

# [[glossary]]
# term = "The right spelling"
# heard_as = ["the rite spelling"]

# [[chapters]]
# start = "00:02:01"
# title = "The chapter's title"
"#;

/// What kind of episode it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An ordinary episode.
    #[default]
    Full,
    /// Something beside the ordinary run.
    Bonus,
    /// An announcement.
    Trailer,
}

impl Kind {
    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Full => "full",
            Kind::Bonus => "bonus",
            Kind::Trailer => "trailer",
        }
    }
}

/// Somebody in the show or the episode.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// The full name, as `Shaun Hildner`.
    pub name: String,
    /// The name in the transcript's line; the first word of the full name where it is empty.
    pub short: String,
    /// The part played, as `host` or `guest`; `host` in a show, `guest` in an episode where empty.
    pub role: String,
    /// What else to say of the person, as `programming lead at Basecamp`.
    pub title: String,
    /// The person's page.
    pub url: String,
    /// The person's picture.
    pub image: String,
}

impl Person {
    /// The name in the transcript's line.
    pub fn short_name(&self) -> &str {
        if self.short.is_empty() {
            self.name.split_whitespace().next().unwrap_or(&self.name)
        } else {
            &self.short
        }
    }

    /// Whether the part is one that is heard; who produces, edits or writes may never speak.
    pub fn speaks(&self) -> bool {
        const HEARD: [&str; 10] = [
            "host",
            "guest",
            "narrator",
            "reporter",
            "announcer",
            "interviewer",
            "interviewee",
            "moderator",
            "panelist",
            "speaker",
        ];
        let role = self.role.to_lowercase();
        role.trim().is_empty()
            || role.split(|c: char| !c.is_alphanumeric()).any(|word| HEARD.contains(&word))
            || role.contains("cohost")
    }
}

/// One person's microphone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrackEntry {
    /// Whose it is, as in the list of people: the short name or the full one.
    pub name: String,
    /// The file, relative to the episode's folder or absolute; the episode's own audio where empty.
    pub audio: String,
    /// Which channel of the file, counted from 1; all of them where absent.
    pub channel: Option<u16>,
    /// How far the track begins after the episode's audio begins, in ms; negative where it begins
    /// before. Found by listening where absent.
    #[serde(deserialize_with = "offset")]
    pub offset_ms: Option<i64>,
}

/// An offset that no recording has is refused where it stands.
fn offset<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    let offset = Option::<i64>::deserialize(from)?;
    let checked = offset.map(Ms::stated_offset).transpose().map_err(serde::de::Error::custom)?;
    Ok(checked.map(Ms::get))
}

/// A link in the notes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Link {
    /// What is read.
    pub text: String,
    /// Where it leads; empty, with `at`, where what is promised there needs no link.
    pub url: String,
    /// When it is promised, as `00:22:24`; empty where that is found by its words.
    pub at: String,
}

/// A chapter as a person writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChapterEntry {
    /// Where it begins, as `00:02:01` or `00:02:01.500`.
    pub start: String,
    /// Its title.
    pub title: String,
    /// A page that belongs to it.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::Tags;
    use crate::library::written::parse_toml;

    #[test]
    fn a_new_file_says_what_the_tags_said() {
        let tags = Tags {
            title: Some("A \"quoted\"\ntitle".into()),
            number: Some(7),
            date: Some("2026-01-31".into()),
            ..Tags::default()
        };
        let of_tags = Episode::from_source(&SourceInfo { tags, ..SourceInfo::default() });
        let person =
            Person { name: "Ann \"A\" Lee".into(), role: "guest".into(), ..Person::default() };
        let chapter = ChapterEntry {
            start: "00:00:01".into(),
            title: "One".into(),
            ..ChapterEntry::default()
        };
        let episode = Episode {
            audio_url: "https://a.example/1.mp3".into(),
            people: vec![person],
            chapters: vec![chapter],
            ..of_tags
        };
        assert_eq!(parse_toml::<Episode>(&episode.to_toml()).unwrap(), episode);
    }

    #[test]
    fn the_short_name_is_the_first_word_unless_given() {
        let person = |name: &str, short: &str| Person {
            name: name.into(),
            short: short.into(),
            ..Person::default()
        };
        assert_eq!(person("Shaun Hildner", "").short_name(), "Shaun");
        assert_eq!(person("Shaun Hildner", "SH").short_name(), "SH");
    }

    #[test]
    fn an_episode_without_a_title_has_its_files_name() {
        let named = |title: &str, audio: &str, transcript: &str| {
            let (title, audio, transcript) = (title.into(), audio.into(), transcript.into());
            let episode = Episode { audio, transcript, title, ..Episode::default() };
            episode.title_or_name("0007").into_owned()
        };
        assert_eq!(named(" A talk ", "../raw/talk 7.mp3", ""), "A talk");
        assert_eq!(named("", "../raw/talk 7.mp3", ""), "talk 7");
        assert_eq!(named("", "audio.mp3", "Ep 7.vtt"), "Ep 7");
        assert_eq!(named("", "a\u{202e}b.mp3", ""), "ab");
        assert_eq!(named("", "audio.mp3", ""), "0007");
    }
}
