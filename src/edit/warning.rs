//! What is said of corrections that could not be applied, or not as they were meant.

use std::fmt;

use crate::attribute::names::Evidence;
use crate::speech::{Speaker, SpeakerName};
use crate::time::Ms;

/// A correction that could not be applied, or not as it was meant.
#[derive(Debug, Clone, PartialEq)]
pub enum EditWarning {
    /// No words to replace are named.
    EmptyFind,
    /// The words to replace stand nowhere.
    NotFound {
        /// The words.
        find: String,
        /// The place that was named.
        at: Option<Ms>,
        /// The words that come nearest.
        nearest: Option<Left>,
        /// Where what was to be written stands already.
        written: Option<Left>,
    },
    /// The words were replaced, and what looks like them stands in other places, too.
    NotEverywhere {
        /// The words.
        find: String,
        /// In how many places they were replaced.
        count: usize,
        /// The other places.
        left: Vec<Left>,
    },
    /// A place was not found again: the words there are others now.
    OtherWords {
        /// The table in `edits.toml`.
        table: &'static str,
        /// When it is.
        at: Ms,
        /// What the person wrote, or listened to.
        yours: String,
        /// What stands there now.
        now: String,
        /// What became of the correction.
        outcome: Outcome,
    },
    /// The voice occurs nowhere in the episode.
    NoSuchLabel {
        /// How it was called.
        label: String,
        /// How many voices there are.
        known: usize,
    },
    /// A new run gave a label to another voice; the name stays with the voice.
    LabelMoved {
        /// The label, or the number.
        label: String,
        /// The name.
        name: String,
        /// Which voice has it.
        voice: Speaker,
        /// When that voice speaks.
        at: Ms,
    },
    /// Nobody speaks at the time at which a voice was named.
    NoVoice {
        /// The name.
        name: String,
        /// The time.
        at: Ms,
        /// Who speaks nearest, and when.
        nearest: Option<(Speaker, Ms)>,
    },
    /// Several speak at the time at which a voice was named.
    SeveralVoices {
        /// The name.
        name: String,
        /// The time.
        at: Ms,
        /// Who speaks.
        voices: Vec<Speaker>,
    },
    /// A voice was given two names.
    TwoNames {
        /// Which voice.
        voice: Speaker,
        /// The name that was given first.
        before: SpeakerName,
        /// The name that it has.
        after: SpeakerName,
        /// Where it was named the second time.
        at: Option<Ms>,
    },
    /// A voice was given a name that is not what it says of itself, or not that of the known voice.
    Contradicted {
        /// Which voice.
        voice: Speaker,
        /// The name that a person gave it.
        chosen: SpeakerName,
        /// The name that was heard.
        heard: String,
        /// What that rests on.
        evidence: Evidence,
    },
    /// Nobody who is listed has the name.
    Unlisted {
        /// The name.
        name: String,
        /// The listed name that it is like.
        nearest: Option<String>,
    },
    /// A stretch holds no word, or cannot be found.
    EmptyStretch {
        /// The table in `edits.toml`.
        table: &'static str,
        /// Where the stretch begins.
        from: Ms,
    },
    /// The words that name a stretch or a place stand nowhere.
    NoSuchWords {
        /// The table in `edits.toml`.
        table: &'static str,
        /// The words.
        words: String,
        /// The words that come nearest.
        nearest: Option<Left>,
    },
    /// The words that name a stretch or a place stand in several places.
    ManySuchWords {
        /// The table in `edits.toml`.
        table: &'static str,
        /// The words.
        words: String,
        /// In how many places.
        count: usize,
        /// When they are said first.
        first: Ms,
    },
    /// No paragraph has that time.
    NoParagraph {
        /// The table in `edits.toml`.
        table: &'static str,
        /// The time.
        at: Ms,
    },
    /// Two paragraphs of different people cannot be one.
    CannotJoin {
        /// When the second begins.
        at: Ms,
    },
    /// A stretch was given to two people; the later one has it.
    GivenTwice {
        /// Where the stretch begins.
        at: Ms,
        /// Who had it first.
        before: SpeakerName,
        /// Who has it.
        after: SpeakerName,
    },
    /// Two chapters begin at one time.
    SameStart {
        /// Where they begin.
        at: Ms,
    },
    /// Chapters begin after the end of the recording.
    ChaptersBeyondEnd {
        /// How many.
        count: usize,
        /// Where the first of them begins.
        first: Ms,
    },
    /// Something begins after the end of the recording.
    BeyondEnd {
        /// The table in `edits.toml`.
        table: &'static str,
        /// Where it begins.
        at: Ms,
    },
}

/// What became of a correction whose words are not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was not applied.
    LeftOut,
    /// It was applied by its times.
    ByTime,
}

/// Words of the transcript, and when they are said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The words.
    pub text: String,
    /// When they are said.
    pub at: Ms,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` at {}", self.text, self.at.clock())
    }
}

/// How many of the places that were left are named.
const NAMED: usize = 3;

impl fmt::Display for EditWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditWarning::EmptyFind => f.write_str(
                "`[[replace]]` without `find`: write the words that are to be replaced; to put words \
                 in, write `at` and the words around it as `before` or `after`",
            ),
            EditWarning::NotFound { find, at, nearest, written } => {
                not_found(f, find, *at, nearest.as_ref(), written.as_ref())
            }
            EditWarning::NotEverywhere { find, count, left } => {
                not_everywhere(f, find, *count, left)
            }
            EditWarning::OtherWords { table, at, yours, now, outcome } => {
                let what = match outcome {
                    Outcome::LeftOut => "it is not applied: mend it there, or take it out",
                    Outcome::ByTime => "it is applied by its times: listen to its edges",
                };
                write!(
                    f,
                    "`[[{table}]]` at {}: the words there are others now; yours: `{yours}`, now: \
                     `{now}`; {what}",
                    at.clock_ms()
                )
            }
            EditWarning::NoSuchWords { table, words, nearest } => {
                write!(f, "`[[{table}]]`: `{words}` stands nowhere in the transcript")?;
                nearest.as_ref().map_or(Ok(()), |nearest| write!(f, "; nearest: {nearest}"))
            }
            EditWarning::ManySuchWords { table, words, count, first } => write!(
                f,
                "`[[{table}]]`: `{words}` stands in {count} places, the first at {}; nothing was \
                 changed: write more words, or a time near the place",
                first.clock()
            ),
            EditWarning::EmptyStretch { table, from } => write!(
                f,
                "`[[{table}]]` at {}: the stretch holds no word and was left out",
                from.clock()
            ),
            EditWarning::NoParagraph { table, at } => write!(
                f,
                "`[[{table}]]`: no paragraph has the time {}; write a time as the page shows it",
                at.clock()
            ),
            EditWarning::CannotJoin { at } => write!(
                f,
                "`[[join]]` at {}: somebody else speaks before, so it stays a paragraph of its own",
                at.clock()
            ),
            EditWarning::GivenTwice { at, before, after } => write!(
                f,
                "`[[speaker]]` at {}: the stretch is given to {before} and to {after}; {after} has it",
                at.clock()
            ),
            EditWarning::SameStart { at } => {
                write!(f, "two chapters begin at {}; both are kept", at.clock())
            }
            EditWarning::ChaptersBeyondEnd { count: 1, first } => write!(
                f,
                "the chapter at {} begins after the recording ends; it was left out",
                first.clock()
            ),
            EditWarning::ChaptersBeyondEnd { count, first } => write!(
                f,
                "{count} chapters, the first at {}, begin after the recording ends; they were left \
                 out",
                first.clock()
            ),
            EditWarning::BeyondEnd { table, at } => write!(
                f,
                "`[[{table}]]` at {}: the recording ends before that; it was left out",
                at.clock()
            ),
            about_voices => of_voices(f, about_voices),
        }
    }
}

fn not_found(
    f: &mut fmt::Formatter<'_>,
    find: &str,
    at: Option<Ms>,
    nearest: Option<&Left>,
    written: Option<&Left>,
) -> fmt::Result {
    match at {
        Some(at) => write!(
            f,
            "`[[replace]]` at {}: `{find}` does not stand there and nothing was replaced",
            at.clock()
        )?,
        None => write!(
            f,
            "`[[replace]]`: `{find}` stands nowhere in the transcript and nothing was replaced"
        )?,
    }
    if let Some(written) = written {
        return write!(f, "; what you write stands there already: {written}");
    }
    nearest.map_or(Ok(()), |nearest| write!(f, "; nearest: {nearest}"))
}

fn not_everywhere(
    f: &mut fmt::Formatter<'_>,
    find: &str,
    count: usize,
    left: &[Left],
) -> fmt::Result {
    let all = count + left.len();
    let named: Vec<String> = left.iter().take(NAMED).map(Left::to_string).collect();
    let more = left.len().saturating_sub(NAMED);
    write!(
        f,
        "`[[replace]]`: `{find}` was replaced in {count} of {all} places; left: {}",
        named.join(", ")
    )?;
    if more > 0 {
        write!(f, " and {more} more")?;
    }
    f.write_str("; a `find` with those words replaces them, too")
}

/// The warnings about who a voice is.
fn of_voices(f: &mut fmt::Formatter<'_>, warning: &EditWarning) -> fmt::Result {
    match warning {
        EditWarning::NoSuchLabel { label, known } => {
            write!(f, "`[names]`: no voice of this episode is called `{label}`; ")?;
            match known {
                0 => f.write_str("nobody speaks in it"),
                1 => f.write_str("the only one is `Speaker 1`"),
                known => write!(f, "they are `Speaker 1` to `Speaker {known}`"),
            }
        }
        EditWarning::LabelMoved { label, name, voice, at } => write!(
            f,
            "`[names]`: `{label}` is another voice since a new run, and {name} stays with {voice}; write \
             `[[voice]]` with `name = \"{name}\"` and `at = \"{}\"` instead of it",
            at.clock_ms()
        ),
        EditWarning::NoVoice { name, at, nearest } => {
            write!(f, "`[[voice]]`: nobody speaks at {}, so nobody is named {name}", at.clock())?;
            nearest
                .as_ref()
                .map_or(Ok(()), |(voice, at)| write!(f, "; nearest: {voice} at {}", at.clock_ms()))
        }
        EditWarning::SeveralVoices { name, at, voices } => {
            let voices: Vec<String> = voices.iter().map(ToString::to_string).collect();
            write!(
                f,
                "`[[voice]]`: several speak at {} ({}), so nobody is named {name}; write a time at \
                 which the voice speaks alone",
                at.clock(),
                voices.join(", ")
            )
        }
        EditWarning::TwoNames { voice, before, after, at } => {
            write!(f, "{voice} is named {before} and {after}")?;
            if let Some(at) = at {
                write!(f, " (at {})", at.clock())?;
            }
            write!(f, "; it is called {after}: take one name out")
        }
        EditWarning::Contradicted { voice, chosen, heard, evidence } => {
            write!(f, "{voice} is named {chosen}, but ")?;
            match evidence {
                Evidence::Said { text, at } => {
                    write!(f, "seems to be {heard}: “{text}” at {}", at.clock())?;
                }
                Evidence::KnownVoice(known) => write!(
                    f,
                    "sounds like the remembered voice of {heard} (likeness {:.2})",
                    known.likeness
                )?,
                Evidence::OwnTrack => write!(f, "it is the microphone of {heard}")?,
            }
            write!(f, "; it is called {chosen}")
        }
        EditWarning::Unlisted { name, nearest } => {
            write!(f, "neither `episode.toml` nor `show.toml` lists `{name}`")?;
            nearest.as_ref().map_or(Ok(()), |nearest| write!(f, ": did you mean `{nearest}`?"))
        }
        // the others are told above
        _ => Ok(()),
    }
}
