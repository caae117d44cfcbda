//! Why a site or a feed was not made, and what is missing from one that was.

use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;

use crate::library::LibraryError;
use crate::publish::PublishError;
use crate::render::RenderError;
use crate::render::values::Unreadable;

/// Something that is not on the site or in the feed, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteWarning {
    /// The episode has no page yet.
    NotRun {
        /// Its folder.
        folder: PathBuf,
    },
    /// A value of the show or an episode cannot be read, and stands nowhere.
    Unreadable {
        /// The file that has it.
        path: PathBuf,
        /// The value.
        value: Unreadable,
    },
    /// What is to be told of the show's own words for the pages.
    Words(String),
    /// There is no feed, for it is not known where the site is published.
    NoFeed,
    /// The episode is not in the feed, for it has no sound.
    NoAudio {
        /// Its folder.
        folder: PathBuf,
    },
    /// The feed does not say how large the file of the sound is.
    NoLength {
        /// Its folder.
        folder: PathBuf,
    },
    /// The feed does not say when the episode was published.
    NoDate {
        /// Its folder.
        folder: PathBuf,
    },
    /// The feed has another identity than the one that it takes the place of.
    OtherGuid {
        /// The identity before.
        before: String,
        /// The identity now.
        now: String,
    },
    /// The feed that was given has no item for the episode.
    NotInFeed {
        /// Its folder.
        folder: PathBuf,
    },
    /// The item has a tag of its own in this place, which was left as it is.
    OwnTag {
        /// The episode's folder.
        folder: PathBuf,
        /// What the tag is, as `transcript text/vtt`.
        tag: String,
    },
    /// The feed that was given has no `podcast:guid`, and does not say where it is.
    NoFeedAddress,
    /// The feed that was given has a character that XML forbids, and so has the one made of it.
    Forbidden {
        /// The feed that was given.
        path: PathBuf,
        /// The first such character's line.
        line: usize,
        /// The character.
        character: char,
    },
}

impl fmt::Display for SiteWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SiteWarning::NotRun { folder } => write!(
                f,
                "`{0}` is not on the site, as it has no page yet; `linernotes run {0}` makes it",
                folder.display()
            ),
            SiteWarning::Unreadable { path, value } => write!(f, "`{}`: {value}", path.display()),
            SiteWarning::Words(told) => f.write_str(told),
            SiteWarning::NoFeed => f.write_str(
                "there is no `feed.xml`; say in `show.toml` where the site is published, as \
                 `base_url = \"https://example.com/podcast\"`",
            ),
            SiteWarning::NoAudio { folder } => write!(
                f,
                "`{}` is not in the feed, as it has no sound; name it in `episode.toml`, as \
                 `audio = \"audio.mp3\"` or `audio_url = \"https://…\"`",
                folder.display()
            ),
            SiteWarning::NoLength { folder } => write!(
                f,
                "the feed does not say how large the sound of `{}` is; name the file in \
                 `episode.toml`, as `audio = \"audio.mp3\"`",
                folder.display()
            ),
            SiteWarning::NoDate { folder } => write!(
                f,
                "the feed does not say when `{}` was published; name the day in `episode.toml`, as \
                 `date = \"2026-01-31\"`",
                folder.display()
            ),
            SiteWarning::OtherGuid { before, now } => write!(
                f,
                "the feed's guid was {before} and is {now} now, so apps take it for another show; \
                 if it is the same show, write `guid = \"{before}\"` in `show.toml`"
            ),
            SiteWarning::NotInFeed { folder } => write!(
                f,
                "the feed has no item for `{}`; give both the same guid, audio address or title",
                folder.display()
            ),
            SiteWarning::OwnTag { folder, tag } => write!(
                f,
                "the feed's item for `{}` has a {tag} of its own, which was left as it is",
                folder.display()
            ),
            SiteWarning::NoFeedAddress => f.write_str(
                "the feed got no `podcast:guid`, as it does not say where it is; write `guid` in \
                 `show.toml`",
            ),
            SiteWarning::Forbidden { path, line, character } => write!(
                f,
                "line {line} of `{0}` has the character U+{1:04X}, which XML forbids, so apps may \
                 refuse the whole feed; delete it where the feed is made (`linernotes lint {0}` \
                 lists all such characters)",
                path.display(),
                u32::from(*character)
            ),
        }
    }
}

/// Why no site was made; the one in place is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A folder or file of the show.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// A template.
    #[error("failed to render the site")]
    Render(#[from] RenderError),
    /// The site's folder.
    #[error("failed to publish the site")]
    Publish(#[from] PublishError),
    /// The feed.
    #[error("`{}`", path.display())]
    Feed {
        /// The file that has the fault: `show.toml` or a feed.
        path: PathBuf,
        /// The fault.
        #[source]
        cause: FeedError,
    },
    /// The folder is something else's.
    #[error("the site cannot take the place of `{}`: {reason}", path.display())]
    NoPlace {
        /// The folder.
        path: PathBuf,
        /// What is in it.
        reason: &'static str,
    },
    /// Episodes are published anew all the time, so that none can be read whole.
    #[error("episodes of `{}` are published anew while the site is made", path.display())]
    Changing {
        /// The show's folder.
        path: PathBuf,
    },
    /// An episode's folder has a name that the site needs for itself.
    #[error("the episode in `{}` has a name that the site needs for itself", path.display())]
    TakenName {
        /// The folder.
        path: PathBuf,
    },
}

impl SiteError {
    /// Whether another run is at work on what is needed.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, SiteError::Publish(error) if error.cause.kind() == ErrorKind::WouldBlock)
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            SiteError::Library(error) => error.hint(),
            SiteError::Render(_) => None,
            SiteError::Publish(error) => Some(error.hint().to_owned()),
            SiteError::Feed { cause, .. } => cause.hint(),
            SiteError::NoPlace { .. } => Some(
                "choose another folder with `-o DIR`; it may be new, empty or a site".to_owned(),
            ),
            SiteError::TakenName { .. } => Some("rename the folder".to_owned()),
            SiteError::Changing { .. } => {
                Some("wait until the runs at work on them end, and publish again".to_owned())
            }
        }
    }
}

/// Why there is no feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The show does not say what every feed has to.
    #[error("the feed needs {}", keys.iter().map(|(key, _)| format!("`{key}`")).collect::<Vec<_>>().join(", "))]
    Missing {
        /// The missing keys of `show.toml`, each with an example.
        keys: Vec<(&'static str, &'static str)>,
    },
    /// The category is none of Apple's.
    #[error("`{found}` is none of the categories of Apple Podcasts")]
    Category {
        /// What `show.toml` says.
        found: String,
        /// What to write, as the end of a sentence.
        instead: String,
    },
    /// Tags with addresses cannot be made without one.
    #[error("the feed's new tags need `base_url`")]
    NoAddress,
    /// The file is larger than any feed.
    #[error("it is larger than {limit_mib} MiB")]
    TooLarge {
        /// The limit.
        limit_mib: usize,
    },
    /// The file's bytes are not in the encoding that it says, or not in UTF-8 where it says none.
    #[error("line {line} is not {encoding} text")]
    NotText {
        /// The line, counted from 1.
        line: usize,
        /// The encoding.
        encoding: String,
    },
    /// The file says that it is in an encoding that is not known here.
    #[error("it is stored as `{name}`, which cannot be read")]
    Encoding {
        /// The encoding, as the file calls it.
        name: String,
    },
    /// The file is no XML.
    #[error("line {line}: {problem}")]
    Malformed {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// The file is XML, but has no `rss` with a `channel`.
    #[error("it is no RSS feed: it has no `channel` in an `rss`")]
    NotRss,
}

impl FeedError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            FeedError::Missing { keys } => {
                let lines: Vec<String> =
                    keys.iter().map(|(key, example)| format!("`{key} = {example}`")).collect();
                format!("add {}", lines.join(", "))
            }
            FeedError::Category { instead, .. } => format!("write {instead}"),
            FeedError::NoAddress => {
                "say where the site is published, as `base_url = \"https://example.com/podcast\"`"
                    .to_owned()
            }
            FeedError::NotText { .. } | FeedError::Encoding { .. } => {
                "save the feed as UTF-8, and let its first line be \
                 `<?xml version=\"1.0\" encoding=\"UTF-8\"?>`"
                    .to_owned()
            }
            FeedError::Malformed { .. } => {
                "download the feed again, or repair that line".to_owned()
            }
            FeedError::TooLarge { .. } | FeedError::NotRss => {
                "give the feed's own file, as its host serves it".to_owned()
            }
        })
    }
}
