//! What a file's own structure says, read beside the demuxer: where its sound lies, past what the
//! demuxer does not know or does not forgive.

use std::io;
use std::path::Path;

use super::caf::{self, Caf};
use super::fragments::{self, Fragments};
use super::frames::Syntax;
use super::matroska::Matroska;
use super::view::{Piece, Window};
use super::wave::Wave;
use super::{DecodeError, container, flac, kinds, matroska, mp4, wave};

/// The structure, for those kinds of file that are read here.
#[derive(Debug)]
pub(super) enum Outline {
    /// WAV and its large kin.
    Wave(Wave),
    /// Matroska and `WebM`.
    Matroska(Matroska),
    /// A streamed MP4.
    Fragments(Fragments),
    /// A Core Audio file that breaks off, or whose length was never written.
    Caf(Caf),
    /// Any other.
    None,
}

/// How the packets of a file are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// By the demuxer.
    Packets,
    /// One behind the other, without times, in these pieces of the file.
    Frames(Syntax, Vec<Piece>),
    /// In the clusters of Matroska.
    Blocks {
        /// Where they begin.
        from: u64,
        /// How much earlier than their times say they are heard, in nanoseconds.
        delay_ns: u64,
        /// The file is as long as it says.
        whole: bool,
    },
}

impl Outline {
    /// Reads the structure of the file at `path`, which can be read again.
    pub(super) fn read(path: &Path) -> Result<Outline, DecodeError> {
        let io = |error| container::io_error(path, error);
        let mut window = Window::open(path).map_err(io)?;
        if let Some(wave) = wave::read(&mut window).map_err(io)? {
            let start = window.at(wave.data.start, 16).map_err(io)?;
            let hidden = kinds::hidden_in_samples(start).filter(|_| wave.codec() == 1);
            return match kinds::wave_codec(wave.codec()).or(hidden) {
                Some(codec) => {
                    let codec = codec.to_owned();
                    Err(DecodeError::UnsupportedCodec { path: path.to_owned(), codec })
                }
                None => Ok(Outline::Wave(wave)),
            };
        }
        if window.at(0, 4).map_err(io)? == b"\x1a\x45\xdf\xa3" {
            return Ok(Outline::Matroska(matroska::read(path).map_err(io)?));
        }
        if let Some(caf) = caf::read(&mut window).map_err(io)? {
            return if caf.lacks_table { Err(no_table(path)) } else { Ok(Outline::Caf(caf)) };
        }
        Ok(fragments::read(&mut window).map_err(io)?.map_or(Outline::None, Outline::Fragments))
    }

    /// What of the file the demuxer is given; `None` for the file as it is.
    pub(super) fn pieces(&self) -> Option<Vec<Piece>> {
        match self {
            Outline::Wave(wave) => Some(wave.pieces()),
            Outline::Fragments(fragments) => Some(fragments.pieces.clone()),
            Outline::Caf(caf) => Some(caf.pieces.clone()),
            Outline::Matroska(_) | Outline::None => None,
        }
    }

    /// The file without more and more of what does not matter to its sound, for a demuxer that
    /// refuses the whole for a fault in that.
    pub(super) fn lighter(&self, path: &Path) -> io::Result<Vec<Vec<Piece>>> {
        let mut window = Window::open(path)?;
        let views = match self {
            Outline::Matroska(matroska) => vec![matroska.essential()],
            Outline::None => vec![
                flac::without_extras(&mut window, true)?,
                flac::without_extras(&mut window, false)?,
            ],
            Outline::Wave(_) | Outline::Fragments(_) | Outline::Caf(_) => Vec::new(),
        };
        Ok(views.into_iter().flatten().collect())
    }

    /// How the packets of a track are found; `inside` is the demuxer's name for what it was given.
    pub(super) fn way(&self, inside: &str, track_id: u32, path: &Path) -> io::Result<Way> {
        if !path.is_file() {
            return Ok(Way::Packets);
        }
        let whole = || path.metadata().map(|metadata| vec![Piece::File(0..metadata.len())]);
        Ok(match (inside, self) {
            ("mp3", Outline::Wave(wave)) => Way::Frames(Syntax::Mp3, wave.pieces()),
            ("mp3", _) => Way::Frames(Syntax::Mp3, whole()?),
            ("adts", _) => Way::Frames(Syntax::Adts, whole()?),
            (_, Outline::Matroska(matroska)) => match matroska.track(track_id) {
                Some(entry) if entry.plain => Way::Blocks {
                    from: matroska.clusters,
                    delay_ns: entry.delay_ns,
                    whole: matroska.whole,
                },
                _ => Way::Packets,
            },
            _ => Way::Packets,
        })
    }

    /// The codec of a track of sound that the demuxer has no name for.
    pub(super) fn sound_codec(&self, path: &Path) -> Option<String> {
        match self {
            Outline::Matroska(matroska) => {
                matroska.sound_codec().map(|id| kinds::matroska_codec(&id))
            }
            // What comes through a pipe cannot be looked at again.
            _ if !path.is_file() => None,
            _ => mp4::read(path).ok()?.sound_codec().map(kinds::mp4_codec),
        }
    }
}

/// Nothing says where a packet ends.
fn no_table(path: &Path) -> DecodeError {
    DecodeError::Malformed {
        path: path.to_owned(),
        reason: "the table of its packets is missing: its end is cut off, or the recorder never \
                 finished it"
            .to_owned(),
    }
}
