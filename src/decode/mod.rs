//! An audio file becomes a [`Recording`]: mono samples at 16 kHz and what the file says of itself.
//!
//! Comes in: a path to any audio or video file. Goes out: samples, tags, artwork and embedded
//! chapters, as read. This stage guesses nothing: a missing title stays missing.
//!
//! Time 0 is the first sample that a gapless-aware player plays: what an encoder put in front of
//! the sound is cut off. What cannot be decoded becomes silence of the same length, so that all
//! later times stay true, and is reported.

pub mod align;
mod blocks;
pub mod cache;
mod caf;
mod codecs;
mod container;
mod cut;
mod downmix;
mod ebml;
mod error;
mod fields;
mod flac;
mod fragments;
mod frames;
mod guard;
mod kinds;
pub mod loudness;
mod matroska;
mod mp4;
mod ogg;
mod outline;
mod output;
mod own;
mod pull;
mod resample;
pub mod tags;
mod track;
mod trim;
mod view;
mod wave;
mod whole;
mod without;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::progress::{Progress, Silent};
use crate::speech::Chapter;
use crate::stage::Stage;
use crate::time::{Ms, SAMPLE_RATE_HZ, SampleIndex, Span};

use loudness::Meter;
use own::{Own, Stretch};

pub use cut::cut_mp3;
pub use error::{DecodeError, DecodeWarning};
pub use kinds::{Kind, Use};
pub use loudness::Loudness;
pub use own::OwnSound;
pub(crate) use without::fade;
pub use without::{mp3_without, wav_without};

/// How much of a stranger's file is believed. Beyond these a file is refused or its tag left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Longest recording. 12 hours of samples are 2.8 GB.
    pub max_duration: Ms,
    /// Longest text of one tag, in bytes; longer ones are cut at a character.
    pub max_text_bytes: usize,
    /// Largest picture, in bytes; larger ones are left out.
    pub max_artwork_bytes: usize,
    /// Most chapters; later ones are left out.
    pub max_chapters: usize,
}

impl Default for DecodeLimits {
    fn default() -> DecodeLimits {
        DecodeLimits {
            // Longer than any episode we know of, and within the memory of an ordinary machine.
            max_duration: Ms::new(12 * 3_600_000),
            // Show notes in a comment tag run to some tens of kB.
            max_text_bytes: 256 * 1024,
            // Apple asks for 3000 x 3000 pixels at most; as PNG that stays below this.
            max_artwork_bytes: 10 * 1024 * 1024,
            max_chapters: 1000,
        }
    }
}

/// Decodes the sound of an audio or video file.
///
/// Faults inside the file (broken packets, a missing end) are warnings; the recording then holds
/// silence in their place. Where most of the sound is lost it is an error.
pub fn decode(
    path: &Path,
    limits: &DecodeLimits,
    progress: &dyn Progress,
) -> Result<(Recording, Vec<DecodeWarning>), DecodeError> {
    decode_channel(path, None, limits, progress)
}

/// Decodes one channel, counted from 0, of a file in which each person has one; all of them mixed
/// where `channel` is `None`. A channel that the file does not have is silent.
pub fn decode_channel(
    path: &Path,
    channel: Option<usize>,
    limits: &DecodeLimits,
    progress: &dyn Progress,
) -> Result<(Recording, Vec<DecodeWarning>), DecodeError> {
    // of one channel alone, loudness says nothing
    let own = if channel.is_none() { Own::Loudness(Box::new(Meter::new())) } else { Own::Nobody };
    let (mut recording, warnings, own) = decode_with(path, channel, own, limits, progress)?;
    recording.source.loudness = own.loudness();
    Ok((recording, warnings))
}

/// A stretch of a file's own sound: all its channels at its own rate; `None` where the file changes
/// them in the stretch.
pub fn cut_sound(
    path: &Path,
    span: Span,
    limits: &DecodeLimits,
) -> Result<Option<OwnSound>, DecodeError> {
    let own = Own::Stretch(Stretch::new(span));
    let (_, _, own) = decode_with(path, None, own, limits, &Silent)?;
    Ok(if let Own::Stretch(stretch) = own { stretch.finish() } else { None })
}

fn decode_with(
    path: &Path,
    channel: Option<usize>,
    own: Own,
    limits: &DecodeLimits,
    progress: &dyn Progress,
) -> Result<(Recording, Vec<DecodeWarning>, Own), DecodeError> {
    let mut opened = container::open(path, limits)?;
    let movie = trim::movie(&opened, path);
    let mut source = tags::source_info(&mut opened, &movie, path, limits);
    let trim = trim::Trim::of(&opened, &movie);
    progress.start(Stage::Decode, whole::expected(&opened).unwrap_or(source.duration));
    let pulled = pull::pull(&mut opened, trim, channel, own, path, limits, progress)?;
    progress.finish(Stage::Decode);
    source.sample_rate_hz = pulled.sample_rate_hz;
    source.channels = pulled.channels;
    source.skipped = pulled.skipped;
    let mut recording = Recording { samples: pulled.samples, source };
    recording.source.duration = recording.duration();
    Ok((recording, pulled.warnings, pulled.own))
}

/// The decoded sound of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Mono, 16 kHz, nominal -1 to 1, on the grid of 16-bit integers so that the cached copy is
    /// exact. Shape (samples,).
    pub samples: Vec<f32>,
    /// What the file says of itself.
    pub source: SourceInfo,
}

impl Recording {
    /// How long the recording plays.
    pub fn duration(&self) -> Ms {
        SampleIndex(self.samples.len()).to_ms()
    }

    /// The samples of a span, cut to what exists.
    pub fn slice(&self, span: Span) -> &[f32] {
        let end = span.end().to_sample().0.min(self.samples.len());
        let start = span.start().to_sample().0.min(end);
        self.samples.get(start..end).unwrap_or_default()
    }

    /// Samples a second, the same for every recording.
    pub const fn sample_rate_hz(&self) -> u32 {
        SAMPLE_RATE_HZ
    }
}

/// What a file says of itself, as read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceInfo {
    /// Container, as `mp3`, `mp4`, `ogg`, `wav`.
    pub container: String,
    /// Codec of the track that was taken, as `mp3`, `aac-lc`, `opus`, `pcm_s16le`.
    pub codec: String,
    /// Samples a second in the file.
    pub sample_rate_hz: u32,
    /// Channels in the file.
    pub channels: u16,
    /// How long the decoded sound plays.
    pub duration: Ms,
    /// Tags.
    pub tags: Tags,
    /// Embedded chapters, sorted by start.
    pub chapters: Vec<Chapter>,
    /// Stretches that could not be decoded and were replaced by silence.
    pub skipped: Vec<Span>,
    /// How loud the file is; `None` where it is silent, or was decoded before this was measured.
    #[serde(default)]
    pub loudness: Option<Loudness>,
}

/// The tags that an episode is filled from; absent or blank ones are `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tags {
    /// Title of the episode.
    pub title: Option<String>,
    /// Album: the show's name, by podcasters' custom.
    pub album: Option<String>,
    /// Artist: the host or the show.
    pub artist: Option<String>,
    /// Date, as the tag has it.
    pub date: Option<String>,
    /// Track or episode number.
    pub number: Option<u32>,
    /// Comment or description.
    pub description: Option<String>,
    /// Language, as the tag has it.
    pub language: Option<String>,
    /// Front cover.
    #[serde(skip)]
    pub artwork: Option<Artwork>,
}

/// A picture embedded in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Artwork {
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
    /// The picture's bytes, at most 10 MiB.
    pub bytes: Vec<u8>,
}
