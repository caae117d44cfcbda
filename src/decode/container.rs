//! Opens a file: tells what it is not, finds the container, picks the audio track.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::common::Limit;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackFlags};
use symphonia::core::io::{
    MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource,
};
use symphonia::core::meta::MetadataOptions;

use super::guard::guarded;
use super::outline::{Outline, Way};
use super::view::{Piece, View};
use super::{DecodeError, DecodeLimits, codecs, kinds};

/// Sample rates that are believed, in Hz: from the worst telephone to the finest studio.
const RATES_HZ: std::ops::RangeInclusive<u32> = 2_000..=768_000;
/// How much of a file is looked at to tell what it is.
const SNIFF_BYTES: usize = 4096;

/// A file whose audio track is found and can be decoded.
pub(super) struct Opened {
    pub(super) format: Box<dyn FormatReader>,
    pub(super) track: Track,
    pub(super) params: AudioCodecParameters,
    /// Container name, as `mp3`, `mp4`, `ogg`.
    pub(super) container: &'static str,
    /// How its packets are found.
    pub(super) way: Way,
    /// Audio tracks beside the one that is taken.
    pub(super) other_tracks: usize,
    /// Delay and length in frames of Apple's gapless tag, once the tags are read.
    pub(super) apple_gapless: Option<(u32, u64)>,
    /// What was read of the file beside the demuxer.
    pub(super) outline: Outline,
}

/// Opens `path` and picks its audio track: the one that the file marks as its default, else the
/// first whose codec is known.
pub(super) fn open(path: &Path, limits: &DecodeLimits) -> Result<Opened, DecodeError> {
    let file = open_file(path)?;
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|e| e.to_str()) {
        hint.with_extension(&extension.to_ascii_lowercase());
    }
    // What cannot be read twice, a pipe, is read as it comes.
    if !path.is_file() {
        let format = probe(Box::new(file), &hint, limits);
        return opened(format.map_err(|error| probe_error(path, error))?, Outline::None, path);
    }
    let io = |error| io_error(path, error);
    let outline = Outline::read(path)?;
    let view = |pieces: Vec<Piece>| View::open(path, &pieces).map(Box::new).map_err(io);
    if matches!(outline, Outline::Wave(_)) {
        // What is inside may be an MP3, whatever the file is called.
        hint = Hint::new();
    }
    let source: Box<dyn MediaSource> = match outline.pieces() {
        Some(pieces) => view(pieces)?,
        None => Box::new(file),
    };
    let first = match probe(source, &hint, limits) {
        Ok(format) => return opened(format, outline, path),
        Err(first) => first,
    };
    for pieces in outline.lighter(path).map_err(io)? {
        if let Ok(format) = probe(view(pieces)?, &hint, limits) {
            return opened(format, outline, path);
        }
    }
    // A reader that looks at the end first gives up on a file that is cut there; read from the
    // start only, it gives what there is.
    let file = File::open(path).map_err(io)?;
    let format = probe(Box::new(ReadOnlySource::new(file)), &hint, limits)
        .map_err(|_| probe_error(path, first))?;
    opened(format, outline, path)
}

fn opened(
    format: Box<dyn FormatReader>,
    outline: Outline,
    path: &Path,
) -> Result<Opened, DecodeError> {
    let (track, params, other_tracks) = pick(format.tracks(), &outline, path)?;
    if params.channels.as_ref().is_some_and(|channels| channels.count() == 0) {
        return Err(DecodeError::NoChannels { path: path.to_owned() });
    }
    if let Some(rate_hz) = params.sample_rate {
        check_rate(path, rate_hz)?;
    }
    let is_wave = matches!(outline, Outline::Wave(_));
    let inside = container_name(format.format_info().short_name);
    let container = if is_wave { "wav" } else { inside };
    let way = outline.way(inside, track.id, path).map_err(|error| io_error(path, error))?;
    Ok(Opened { format, track, params, container, way, other_tracks, apple_gapless: None, outline })
}

fn probe(
    source: Box<dyn MediaSource>,
    hint: &Hint,
    limits: &DecodeLimits,
) -> Result<Box<dyn FormatReader>, Error> {
    let stream = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
    let options = MetadataOptions::default()
        .limit_tag_bytes(Limit::Maximum(limits.max_text_bytes.max(limits.max_artwork_bytes)))
        .limit_visual_bytes(Limit::Maximum(limits.max_artwork_bytes));
    guarded(|| {
        symphonia::default::get_probe().probe(hint, stream, FormatOptions::default(), options)
    })
    .unwrap_or(Err(Error::DecodeError("its header makes no sense")))
}

/// Refuses a rate that is none.
pub(super) fn check_rate(path: &Path, rate_hz: u32) -> Result<(), DecodeError> {
    if RATES_HZ.contains(&rate_hz) {
        Ok(())
    } else {
        Err(DecodeError::SampleRate { path: path.to_owned(), rate_hz })
    }
}

/// An error of the system on reading `path`.
pub(super) fn io_error(path: &Path, source: io::Error) -> DecodeError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => DecodeError::NotFound { path },
        io::ErrorKind::PermissionDenied => DecodeError::NoPermission { path },
        io::ErrorKind::IsADirectory => DecodeError::IsDirectory { path },
        _ => DecodeError::Io { path, source },
    }
}

fn open_file(path: &Path) -> Result<File, DecodeError> {
    let metadata = std::fs::metadata(path).map_err(|error| io_error(path, error))?;
    if metadata.is_dir() {
        return Err(DecodeError::IsDirectory { path: path.to_owned() });
    }
    if metadata.is_file() && metadata.len() == 0 {
        return Err(DecodeError::Empty { path: path.to_owned() });
    }
    let mut start = Vec::new();
    let file = File::open(path).map_err(|error| io_error(path, error))?;
    if metadata.is_file() {
        let mut head = file.take(SNIFF_BYTES as u64);
        head.read_to_end(&mut start).map_err(|error| io_error(path, error))?;
        if let Some(kind) = kinds::kind(&start) {
            return Err(DecodeError::OtherKind { path: path.to_owned(), kind });
        }
        if is_text(&start) {
            return Err(DecodeError::Text { path: path.to_owned() });
        }
        return File::open(path).map_err(|error| io_error(path, error));
    }
    Ok(file)
}

/// Whether a file that begins so is text: valid UTF-8 but for a cut last character, and no control
/// characters other than white space.
fn is_text(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            start.get(..error.valid_up_to()).and_then(|s| std::str::from_utf8(s).ok()).unwrap_or("")
        }
        Err(_) => return false,
    };
    // Containers that begin with a name in letters.
    let magic = ["RIFF", "OggS", "fLaC", "FORM", "caff", "ID3", "RF64", "BW64"];
    !text.is_empty()
        && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
        && !magic.iter().any(|magic| text.starts_with(magic))
}

fn probe_error(path: &Path, error: Error) -> DecodeError {
    let path = path.to_owned();
    match error {
        Error::IoError(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            io_error(&path, source)
        }
        // The probe found no container at all.
        Error::IoError(_) | Error::Unsupported("core (probe): no suitable format reader found") => {
            DecodeError::Unrecognized { path }
        }
        Error::Unsupported(reason) | Error::DecodeError(reason) | Error::LimitError(reason)
            if reason.contains("channel") =>
        {
            DecodeError::NoChannels { path }
        }
        Error::Unsupported("isomp4: missing moov atom") => DecodeError::Malformed {
            path,
            reason: "its description is missing: its end is cut off, or the recorder never \
                     finished it"
                .to_owned(),
        },
        Error::Unsupported(reason) if !reason.contains("missing") => {
            DecodeError::Unsupported { path, reason: reason.to_owned() }
        }
        error => DecodeError::Malformed { path, reason: error.to_string() },
    }
}

fn pick(
    tracks: &[Track],
    outline: &Outline,
    path: &Path,
) -> Result<(Track, AudioCodecParameters, usize), DecodeError> {
    let audio: Vec<(&Track, &AudioCodecParameters)> = tracks
        .iter()
        .filter_map(|track| match &track.codec_params {
            Some(CodecParameters::Audio(params)) => Some((track, params)),
            _ => None,
        })
        .collect();
    let known = |&&(_, params): &&(&Track, &AudioCodecParameters)| codecs::is_known(params.codec);
    let default =
        audio.iter().filter(|(track, _)| track.flags.contains(TrackFlags::DEFAULT)).find(known);
    let Some((track, params)) = default.or_else(|| audio.iter().find(known)) else {
        let path = path.to_owned();
        let codec = audio.first().and_then(|(_, params)| codecs::known_name(params.codec));
        // The demuxer does not list a track whose codec it has no name for.
        let codec = codec.or_else(|| outline.sound_codec(&path));
        return Err(match codec {
            Some(codec) => DecodeError::UnsupportedCodec { path, codec },
            None if audio.is_empty() => DecodeError::NoAudioTrack { path },
            None => {
                let codec = "a codec that is not known here".to_owned();
                DecodeError::UnsupportedCodec { path, codec }
            }
        });
    };
    Ok(((*track).clone(), (*params).clone(), audio.len() - 1))
}

fn container_name(short_name: &'static str) -> &'static str {
    match short_name {
        "isomp4" => "mp4",
        "wave" => "wav",
        "aac" => "adts",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_audio() {
        assert!(is_text(b"<!doctype html>\n<p>404"));
        assert!(is_text("Zeichen abgeschnitten: ä".as_bytes().split_last().unwrap().1));
        assert!(!is_text(b"ID3\x04\x00"));
        assert!(!is_text(b"RIFF"));
        assert!(!is_text(&[0xff, 0xfb, 0x90, 0x64]));
        assert!(!is_text(b""));
    }
}
