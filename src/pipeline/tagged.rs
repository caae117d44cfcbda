//! The copy of an episode's mp3 with its title and chapters.

use std::io::Write;
use std::path::Path;

use crate::decode::SourceInfo;
use crate::edit::Edition;
use crate::library::LibraryError;
use crate::library::episode::Episode;
use crate::library::folder::EpisodeFolder;
use crate::pipeline::records::{edition_of, source_of};
use crate::publish::Front;
use crate::publish::tag_audio::{self, TagError};

/// Why an episode's mp3 cannot be given with its title and chapters.
#[derive(Debug, thiserror::Error)]
pub enum TaggedError {
    /// A folder or a file of the library.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The tags.
    #[error("`{path}` is left as it is: {cause}")]
    Tag {
        /// The audio.
        path: String,
        /// Why.
        cause: TagError,
    },
    /// The audio is no mp3.
    #[error("`{path}` is no mp3; chapters are written into mp3 only")]
    NoMp3 {
        /// The audio.
        path: String,
    },
}

/// What the copy of an mp3 begins with; `None` for other files, and where the file's own tags say
/// the same already. Chapters that are only a draft stay out of it.
pub(super) fn front_of(
    audio: &Path,
    episode: &Episode,
    edition: &Edition,
    source: &SourceInfo,
) -> Result<Option<Front>, TagError> {
    let title = episode.title.trim();
    let has_title = title.is_empty() || source.tags.title.as_deref() == Some(title);
    if source.container != "mp3" || (has_title && edition.chapters == source.chapters) {
        return Ok(None);
    }
    tag_audio::front(audio, title, &edition.chapters, edition.duration).map(Some)
}

/// Writes an episode's mp3 with its title and chapters.
///
/// # Errors
/// If the episode has not run yet, has no mp3, or has one whose tags cannot be read.
pub fn write_tagged_audio(folder: &EpisodeFolder, to: impl Write) -> Result<(), TaggedError> {
    let episode = folder.read_episode()?;
    let audio = folder.audio(&episode)?;
    let path = audio.display().to_string();
    let source = source_of(folder)?
        .ok_or_else(|| LibraryError::NotRun { path: folder.root().to_path_buf() })?;
    let edition = edition_of(folder)?;
    if source.container != "mp3" {
        return Err(TaggedError::NoMp3 { path });
    }
    let front = front_of(&audio, &episode, &edition, &source)
        .map_err(|cause| TaggedError::Tag { path, cause })?;
    let front = front.unwrap_or(Front { bytes: Vec::new(), replaces: 0 });
    Ok(tag_audio::write(&audio, &front, to).map_err(LibraryError::io("read", audio))?)
}
