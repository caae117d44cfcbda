//! Why a file cannot be decoded, and what was wrong with one that could.

use std::fmt;
use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::kinds::{Kind, Use};
use crate::time::{Ms, Span};

/// What to do with sound that cannot be decoded here.
const CONVERT: &str = "convert it first, as with `ffmpeg -i FILE -c:a flac NEW.flac`";

/// Why a file gives no recording, by what a person can do about it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// There is no such file.
    #[error("`{}` does not exist", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// The path names a folder.
    #[error("`{}` is a folder, not an audio file", path.display())]
    IsDirectory {
        /// The folder.
        path: PathBuf,
    },
    /// The file may not be read.
    #[error("no permission to read `{}`", path.display())]
    NoPermission {
        /// The file.
        path: PathBuf,
    },
    /// Reading failed for another reason.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file has no bytes.
    #[error("`{}` is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file holds text.
    #[error("`{}` holds text, not audio", path.display())]
    Text {
        /// The file.
        path: PathBuf,
    },
    /// No known container begins in the file.
    #[error("`{}` is not an audio or video file of a known kind", path.display())]
    Unrecognized {
        /// The file.
        path: PathBuf,
    },
    /// The file is of a kind that is known by name only.
    #[error("`{}` is {}", path.display(), kind.name)]
    OtherKind {
        /// The file.
        path: PathBuf,
        /// Its kind.
        kind: Kind,
    },
    /// The container is known, and something in it is not.
    #[error("`{}` cannot be decoded: {reason}", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What is not known, in the reader's words.
        reason: String,
    },
    /// The container is known but broken beyond reading.
    #[error("`{}` is damaged: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, in the reader's words.
        reason: String,
    },
    /// The container holds no sound.
    #[error("`{}` has no audio track", path.display())]
    NoAudioTrack {
        /// The file.
        path: PathBuf,
    },
    /// The sound is coded in a way that cannot be decoded here.
    #[error("`{}` is coded as {codec}, which cannot be decoded", path.display())]
    UnsupportedCodec {
        /// The file.
        path: PathBuf,
        /// The codec's name.
        codec: String,
    },
    /// The audio track has no channel.
    #[error("`{}` says that it has no audio channels", path.display())]
    NoChannels {
        /// The file.
        path: PathBuf,
    },
    /// The sample rate is no sample rate.
    #[error("`{}` says that it has {rate_hz} samples a second", path.display())]
    SampleRate {
        /// The file.
        path: PathBuf,
        /// What the file says, in Hz.
        rate_hz: u32,
    },
    /// Not one sample came out.
    #[error("no sound could be decoded from `{}`", path.display())]
    NoSamples {
        /// The file.
        path: PathBuf,
    },
    /// Less than half of what the file holds or promises can be decoded.
    #[error(
        "most of the sound of `{}` is lost: {} of {} can be decoded",
        path.display(), held.clock(), promised.clock()
    )]
    MostlyLost {
        /// The file.
        path: PathBuf,
        /// How much can be decoded.
        held: Ms,
        /// How long the file is or says that it is.
        promised: Ms,
    },
    /// The recording is longer than allowed.
    #[error("`{}` is longer than {limit}", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The longest recording allowed.
        limit: Ms,
    },
    /// The person asked to stop.
    #[error("decoding was interrupted")]
    Interrupted,
}

impl DecodeError {
    /// What to do about it, as a sentence without its final stop; `None` where the error says all.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            DecodeError::NotFound { .. } => "check the spelling of the path",
            DecodeError::IsDirectory { .. } => "name the audio file inside it",
            DecodeError::NoPermission { .. } => "make the file readable, `chmod u+r FILE`",
            DecodeError::Io { .. } => "check the disk or the connection and try again",
            DecodeError::Empty { .. } => "download or export the file again",
            DecodeError::Text { .. } => {
                "perhaps a download saved an error page; open the file in an editor to see"
            }
            DecodeError::OtherKind { kind, .. } => match kind.advice {
                Use::Convert => CONVERT,
                Use::NoSound => "give the audio or video file itself",
                Use::Unfinished => "wait for its download to end, or download it again",
            },
            DecodeError::UnsupportedCodec { .. } => CONVERT,
            DecodeError::Unrecognized { .. } | DecodeError::Unsupported { .. } => {
                "convert it first, as with `ffmpeg -i FILE -c:a flac NEW.flac`; where that fails \
                 too, download or export it again"
            }
            DecodeError::MostlyLost { .. } => {
                "download or export it again; where there is no better copy, save what is left \
                 with `ffmpeg -i FILE -c:a flac NEW.flac`"
            }
            DecodeError::Malformed { .. } | DecodeError::NoSamples { .. } => {
                "play the file to see whether it is whole, then download or export it again"
            }
            DecodeError::NoAudioTrack { .. } => "choose a file that has sound",
            DecodeError::NoChannels { .. } | DecodeError::SampleRate { .. } => {
                "the header is damaged: export the file again, or convert it with any audio program"
            }
            DecodeError::TooLong { .. } => "split the recording into parts",
            DecodeError::Interrupted => return None,
        })
    }
}

/// A fault that decoding went on in spite of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeWarning {
    /// Stretches that could not be decoded; there is silence in their place.
    Skipped {
        /// How many packets were broken or missing.
        packets: usize,
        /// Where, sorted and disjoint.
        spans: Vec<Span>,
    },
    /// The file ends before the end that it announces.
    Truncated {
        /// How long it says that it plays.
        announced: Ms,
        /// How long it does.
        decoded: Ms,
    },
    /// The file ends in the middle of something, and does not say how long it should be.
    BreaksOff {
        /// Where its sound ends.
        at: Ms,
    },
    /// Before the first sound or behind the last one stand bytes that could not be read.
    Outside {
        /// How much sound so many bytes hold elsewhere in the file.
        length: Ms,
    },
    /// All could be decoded, and yet it is not what was encoded.
    Checksum,
    /// The file holds several audio tracks and the others were left out.
    OtherTracks {
        /// How many were left out.
        count: usize,
    },
}

impl fmt::Display for DecodeWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeWarning::Skipped { packets, spans } => {
                let total = spans.iter().fold(Ms::ZERO, |sum, span| sum + span.duration());
                let packets = match packets {
                    1 => "1 broken packet".to_owned(),
                    packets => format!("{packets} broken packets"),
                };
                write!(f, "{packets} became {:.2} s of silence", total.as_seconds())?;
                for (n, span) in spans.iter().take(3).enumerate() {
                    write!(f, "{} {}", if n == 0 { ", at" } else { "," }, span.start().clock())?;
                }
                if spans.len() > 3 {
                    write!(f, " and {} more places", spans.len() - 3)?;
                }
                Ok(())
            }
            DecodeWarning::Truncated { announced, decoded } => {
                write!(f, "the file breaks off at {} of {}", decoded.clock(), announced.clock())
            }
            DecodeWarning::BreaksOff { at } => write!(
                f,
                "the file breaks off at {}; how much is missing cannot be told",
                at.clock()
            ),
            DecodeWarning::Outside { length } => write!(
                f,
                "some of the file, worth {:.1} s, could not be read: it stands before the first \
                 sound or behind the last",
                length.as_seconds()
            ),
            DecodeWarning::Checksum => f.write_str(
                "the file's own checksum does not match its sound: some of it is damaged, and \
                 where cannot be told",
            ),
            DecodeWarning::OtherTracks { count } => {
                write!(f, "{count} other audio tracks were left out")
            }
        }
    }
}
