//! `edits.toml`: a person's corrections, as data. How they are applied stands in [`super::apply`], whether
//! they make sense in [`super::faults`].

use serde::{Deserialize, Serialize};

use crate::time::Ms;

/// The newest form of the file that is known here.
pub const VERSION: u32 = 1;

/// A person's corrections; empty ones change nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Edits {
    /// The form of the file; the newest known where it is not stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Names for voices, as `"Speaker 2" = "Troy"`.
    pub names: std::collections::BTreeMap<String, String>,
    /// Names for whoever speaks at a time.
    pub voice: Vec<VoiceName>,
    /// Words to write otherwise.
    pub replace: Vec<Replace>,
    /// Stretches that another speaker says.
    pub speaker: Vec<SpeakerChange>,
    /// Places where a paragraph begins.
    pub paragraph: Vec<Place>,
    /// Places where none begins.
    pub join: Vec<Place>,
    /// Stretches to leave out.
    pub cut: Vec<Cut>,
    /// Stretches that are read aloud from somewhere.
    pub quotation: Vec<QuotationEdit>,
    /// Stretches in which music or another sound is to hear.
    pub music: Vec<MusicEdit>,
    /// Stretches that a person listened to and agreed with.
    pub checked: Vec<Checked>,
    /// Chapters; they replace the episode's and the file's.
    pub chapter: Vec<ChapterEdit>,
    /// Stretches to share.
    pub soundbite: Vec<SoundbiteEdit>,
}

impl Edits {
    /// Puts further corrections behind these.
    pub fn extend(&mut self, more: Edits) {
        self.names.extend(more.names);
        self.voice.extend(more.voice);
        self.replace.extend(more.replace);
        self.speaker.extend(more.speaker);
        self.paragraph.extend(more.paragraph);
        self.join.extend(more.join);
        self.cut.extend(more.cut);
        self.quotation.extend(more.quotation);
        self.music.extend(more.music);
        self.checked.extend(more.checked);
        self.chapter.extend(more.chapter);
        self.soundbite.extend(more.soundbite);
    }
}

/// Who a voice is: whoever speaks at that time, wherever else the voice speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VoiceName {
    /// The person's name.
    pub name: String,
    /// A time at which the voice speaks.
    pub at: Option<TimeText>,
}

/// Words to write otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replace {
    /// The words as they stand; case, the style of quotes, and what stands at their edges do not matter.
    /// Empty puts words in between `before` and `after`.
    pub find: String,
    /// What to write; empty leaves them out.
    pub with: String,
    /// Only the place nearest to this time; every place where absent.
    pub at: Option<TimeText>,
    /// The words before the place, by which it is found again after another run.
    pub before: String,
    /// The words behind it.
    pub after: String,
}

/// A place between two words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Place {
    /// When the word behind the place begins.
    pub at: Option<TimeText>,
    /// The first words behind the place.
    pub words: String,
}

/// How a stretch is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch<'e> {
    /// The paragraph that has this time.
    pub at: Option<Ms>,
    /// Where it begins.
    pub from: Option<Ms>,
    /// Where it ends.
    pub to: Option<Ms>,
    /// Its first words; empty where it is named by times.
    pub from_words: &'e str,
    /// Its last words.
    pub to_words: &'e str,
}

/// A kind of correction that is about a stretch.
pub trait OnStretch {
    /// Its table in the file.
    const TABLE: &'static str;
    /// The stretch.
    fn stretch(&self) -> Stretch<'_>;
}

/// A struct with the keys that name a stretch, and keys of its own.
macro_rules! on_stretch {
    ($table:literal, $(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $key:ident),* $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            /// The time of a paragraph, which is the stretch.
            pub at: Option<TimeText>,
            /// Where it begins.
            pub from: Option<TimeText>,
            /// Where it ends.
            pub to: Option<TimeText>,
            /// Its first words.
            pub from_words: String,
            /// Its last words.
            pub to_words: String,
            $($(#[$doc])* pub $key: String,)*
        }

        impl OnStretch for $name {
            const TABLE: &'static str = $table;
            fn stretch(&self) -> Stretch<'_> {
                Stretch {
                    at: self.at.map(|time| time.0),
                    from: self.from.map(|time| time.0),
                    to: self.to.map(|time| time.0),
                    from_words: &self.from_words,
                    to_words: &self.to_words,
                }
            }
        }
    };
}

on_stretch!("speaker",
    /// A stretch that another speaker says.
    SpeakerChange {
        /// Who says it: a name, or `Speaker 2` for a voice.
        name,
    }
);

on_stretch!("cut",
    /// A stretch to leave out.
    Cut {}
);

on_stretch!("checked",
    /// A stretch that a person listened to and agreed with.
    Checked {
        /// The words that were agreed with; empty where the person did not state them.
        words,
    }
);

on_stretch!("quotation",
    /// A stretch read aloud.
    QuotationEdit {
        /// Who wrote it.
        author,
        /// Where it stands.
        source,
        /// The address of the source.
        url,
    }
);

on_stretch!("music",
    /// A stretch in which music or another sound is to hear.
    MusicEdit {
        /// What is to hear, as a title.
        title,
        /// Who made it.
        artist,
    }
);

on_stretch!("soundbite",
    /// A stretch to share.
    SoundbiteEdit {
        /// Its title, at most 128 characters.
        title,
    }
);

/// A chapter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChapterEdit {
    /// Where it begins.
    pub start: Option<TimeText>,
    /// Its title.
    pub title: String,
    /// A page that belongs to it.
    pub url: String,
}

/// A time as people write it: `00:18:39`, `18:39`, `00:18:39.500`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeText(pub Ms);

impl TryFrom<String> for TimeText {
    type Error = String;
    fn try_from(text: String) -> Result<TimeText, String> {
        parse_clock(&text)
            .map(TimeText)
            .ok_or_else(|| format!("`{text}` is not a time; write `hh:mm:ss` or `hh:mm:ss.mmm`"))
    }
}

impl From<TimeText> for String {
    fn from(time: TimeText) -> String {
        time.0.clock_ms()
    }
}

/// Reads `hh:mm:ss.mmm`, `hh:mm:ss`, `mm:ss`; minutes and seconds below 60, the fraction at most
/// three digits.
pub fn parse_clock(text: &str) -> Option<Ms> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ms: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<3}").parse().ok()? };
    let parts: Vec<i64> = whole
        .split(':')
        .map(|part| {
            let digits =
                !part.is_empty() && part.len() <= 5 && part.bytes().all(|b| b.is_ascii_digit());
            if digits { part.parse().ok() } else { None }
        })
        .collect::<Option<_>>()?;
    let (h, m, s) = match parts[..] {
        [h, m, s] => (h, m, s),
        [m, s] => (0, m, s),
        _ => return None,
    };
    let total = ((h * 60 + m) * 60 + s) * 1000 + ms;
    (m < 60 && s < 60).then(|| Ms::stated_offset(total).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::written::parse_toml;

    #[test]
    fn clocks_are_read_as_people_write_them() {
        assert_eq!(parse_clock("00:18:39"), Some(Ms::new(1_119_000)));
        assert_eq!(parse_clock("18:39.5"), Some(Ms::new(1_119_500)));
        assert_eq!(parse_clock("18"), None);
        assert_eq!(parse_clock("00:61:00"), None);
        assert_eq!(parse_clock("-1:00:00"), None);
        assert_eq!(parse_clock("1001:00:00"), None);
    }

    #[test]
    fn a_wrong_time_is_said() {
        let message =
            parse_toml::<Edits>("[[cut]]\nfrom = \"soon\"\nto = \"00:01\"\n").unwrap_err();
        assert!(message.contains("`soon` is not a time"), "{message}");
    }
}
