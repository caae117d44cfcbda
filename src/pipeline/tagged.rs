//! The copy of an episode's mp3 with its title and chapters.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::decode::{SourceInfo, cache, mp3_without, wav_without};
use crate::edit::{Edition, cuts};
use crate::library::LibraryError;
use crate::library::episode::Episode;
use crate::library::folder::EpisodeFolder;
use crate::pipeline::records::{AUDIO_FILE, edition_of, source_of};
use crate::publish::Front;
use crate::publish::tag_audio::{self, TagError};
use crate::retime::edition::without_cuts;
use crate::time::Span;

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

/// An episode whose audio is asked for.
struct Heard {
    episode: Episode,
    edition: Edition,
    source: SourceInfo,
    audio: PathBuf,
    /// What is left out.
    cuts: Vec<Span>,
}

impl Heard {
    fn of(folder: &EpisodeFolder, is_cut: bool) -> Result<Heard, TaggedError> {
        let not_run = || LibraryError::NotRun { path: folder.root().to_path_buf() };
        let episode = folder.read_episode()?;
        let (audio, source) = (folder.audio(&episode)?, source_of(folder)?.ok_or_else(not_run)?);
        let edition = edition_of(folder)?;
        let cuts = if is_cut { cuts(&edition) } else { Vec::new() };
        let edition = if is_cut { without_cuts(&edition) } else { edition };
        Ok(Heard { episode, edition, source, audio, cuts })
    }

    fn path(&self) -> String {
        self.audio.display().to_string()
    }

    /// What the mp3 begins with.
    fn front(&self) -> Result<Front, TaggedError> {
        let Heard { audio, episode, edition, source, .. } = self;
        let front = if self.cuts.is_empty() {
            front_of(audio, episode, edition, source)
        } else {
            // chapters of the file's own would be at other times
            tag_audio::front(audio, episode.title.trim(), &edition.chapters, edition.duration)
                .map(Some)
        };
        let front = front.map_err(|cause| TaggedError::Tag { path: self.path(), cause })?;
        Ok(front.unwrap_or(Front { bytes: Vec::new(), replaces: 0 }))
    }

    fn write_mp3(&self, mut to: impl Write) -> Result<(), TaggedError> {
        let front = self.front()?;
        let fault = |action| LibraryError::io(action, self.audio.clone());
        if self.cuts.is_empty() {
            return Ok(tag_audio::write(&self.audio, &front, to).map_err(fault("read"))?);
        }
        let frames = mp3_without(&self.audio, &self.cuts).map_err(fault("cut"))?;
        let written = to.write_all(&front.bytes).and_then(|()| to.write_all(&frames));
        Ok(written.map_err(fault("write a copy of"))?)
    }
}

/// Writes an episode's mp3 with its title and chapters, where wanted without what the corrections leave out.
///
/// # Errors
/// If the episode has not run yet, has no mp3, or has one whose tags cannot be read.
pub fn write_tagged_audio(
    folder: &EpisodeFolder,
    is_cut: bool,
    to: impl Write,
) -> Result<(), TaggedError> {
    let heard = Heard::of(folder, is_cut)?;
    if heard.source.container != "mp3" {
        return Err(TaggedError::NoMp3 { path: heard.path() });
    }
    heard.write_mp3(to)
}

/// Writes an episode's audio: an mp3 as its frames are, with title and chapters; of any other file what
/// was decoded of it, as WAV.
///
/// # Errors
/// As [`write_tagged_audio`] and [`write_wav`] have them.
pub fn write_audio(
    folder: &EpisodeFolder,
    is_cut: bool,
    to: impl Write,
) -> Result<(), TaggedError> {
    let heard = Heard::of(folder, is_cut)?;
    if heard.source.container == "mp3" {
        heard.write_mp3(to)
    } else {
        write_wav(folder, is_cut, to)
    }
}

/// Writes what was decoded of an episode's audio as WAV: mono, 16 kHz.
///
/// # Errors
/// If the episode has not run yet, or what was decoded is gone.
pub fn write_wav(
    folder: &EpisodeFolder,
    is_cut: bool,
    mut to: impl Write,
) -> Result<(), TaggedError> {
    let heard = Heard::of(folder, is_cut)?;
    let sound = folder.work_file(AUDIO_FILE);
    let fault = |action| LibraryError::io(action, sound.clone());
    let recording = cache::read_wav(&sound, heard.source).map_err(fault("read"))?;
    let bytes = wav_without(&recording, &heard.cuts).map_err(fault("write a copy of"))?;
    Ok(to.write_all(&bytes).map_err(fault("write a copy of"))?)
}
