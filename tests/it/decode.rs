//! Every container and codec gives the same sound at the same time.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "tests make signals and compare exact numbers"
)]

use std::path::{Path, PathBuf};

use linernotes::decode::{DecodeError, DecodeLimits, DecodeWarning, Recording, decode, tags};
use linernotes::progress::{Progress, Silent};
use linernotes::stage::Stage;
use linernotes::time::Ms;
use proptest::prelude::*;

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/fixtures/audio", name].iter().collect()
}

fn decoded(name: &str) -> (Recording, Vec<DecodeWarning>) {
    decode(&fixture(name), &DecodeLimits::default(), &Silent)
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Where the loudest sample of the click lies, in seconds.
fn click_s(samples: &[f32]) -> f64 {
    let (at, _) = samples[..5600]
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))
        .unwrap();
    at as f64 / 16_000.0
}

/// The tone's frequency by its zero crossings from 0.45 s to 0.85 s, in Hz.
fn tone_hz(samples: &[f32]) -> f64 {
    let crossings = samples[7200..13_600].windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
    crossings as f64 / 0.4
}

fn rms(samples: &[f32]) -> f64 {
    (samples.iter().map(|x| f64::from(x * x)).sum::<f64>() / samples.len() as f64).sqrt()
}

/// One second with the click at 0.2 s and the tone from 0.4 s; `slack_ms` is how long the
/// container may be beyond the second for want of a length in it.
fn check(name: &str, container: &str, codec: &str, slack_ms: i64) {
    let (recording, warnings) = decoded(name);
    assert_eq!(warnings, [], "{name}");
    let source = &recording.source;
    assert_eq!((source.container.as_str(), source.codec.as_str()), (container, codec), "{name}");
    let samples = &recording.samples;
    let extra = samples.len() as i64 - 16_000;
    assert!((0..=slack_ms * 16).contains(&extra), "{name}: {} samples", samples.len());
    assert!((click_s(samples) - 0.2).abs() < 0.0015, "{name}: click at {}", click_s(samples));
    assert!((tone_hz(samples) - 1000.0).abs() <= 5.0, "{name}: {} Hz", tone_hz(samples));
    let level = rms(&samples[7200..13_600]);
    assert!((level - 0.25 / 2_f64.sqrt()).abs() < 0.02, "{name}: level {level}");
    assert!(rms(&samples[4000..6000]) < 0.01, "{name}: noise before the tone");
    for sample in samples {
        assert_eq!((sample * 32_768.0).fract(), 0.0, "{name}: off the 16-bit grid");
    }
}

#[test]
fn mp3_of_every_kind() {
    check("cbr.mp3", "mp3", "mp3", 0);
    check("vbr.mp3", "mp3", "mp3", 0);
    check("telephone.mp3", "mp3", "mp3", 0);
}

#[test]
fn lossless_codecs() {
    check("flac.flac", "flac", "flac", 0);
    check("alac.m4a", "mp4", "alac", 0);
    check("surround.flac", "flac", "flac", 0);
}

#[test]
fn ogg() {
    check("vorbis.ogg", "ogg", "vorbis", 0);
}

#[cfg(feature = "opus")]
#[test]
fn opus() {
    check("opus.opus", "ogg", "opus", 0);
    check("opus.webm", "matroska", "opus", 20);
    check("video.webm", "matroska", "opus", 20);
}

#[test]
fn pcm_of_every_kind() {
    for (kind, codec) in [
        ("pcm-u8.wav", "pcm_u8"),
        ("pcm-s16le.wav", "pcm_s16le"),
        ("pcm-s24le.wav", "pcm_s24le"),
        ("pcm-s32le.wav", "pcm_s32le"),
        ("pcm-f32le.wav", "pcm_f32le"),
        ("pcm-f64le.wav", "pcm_f64le"),
        ("pcm-mulaw.wav", "pcm_mulaw"),
        ("pcm-alaw.wav", "pcm_alaw"),
    ] {
        check(kind, "wav", codec, 0);
    }
    for (kind, codec) in [
        ("pcm-s8.aiff", "pcm_s8"),
        ("pcm-s16be.aiff", "pcm_s16be"),
        ("pcm-s24be.aiff", "pcm_s24be"),
        ("pcm-s32be.aiff", "pcm_s32be"),
        ("pcm-f32be.aiff", "pcm_f32be"),
    ] {
        check(kind, "aiff", codec, 0);
    }
    check("pcm-s16.caf", "caf", "pcm_s16le", 0);
}
#[test]
fn aac() {
    check("aac.m4a", "mp4", "aac-lc", 0);
    check("video.mp4", "mp4", "aac-lc", 0);
    // Matroska seldom says how much the encoder put in front, and then players play it.
    let (recording, _) = decoded("aac.mkv");
    assert!((16_000..17_000).contains(&recording.samples.len()));
    assert!((tone_hz(&recording.samples) - 1000.0).abs() <= 5.0);
}

/// The bytes of a fixture, changed, in a file of their own.
fn changed(name: &str, change: impl FnOnce(&mut Vec<u8>)) -> (tempfile::TempDir, PathBuf) {
    let mut bytes = std::fs::read(fixture(name)).unwrap();
    change(&mut bytes);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn try_decode(path: &Path) -> Result<(Recording, Vec<DecodeWarning>), DecodeError> {
    decode(path, &DecodeLimits::default(), &Silent)
}

#[test]
fn adpcm_and_bare_mp3_decode() {
    // Neither says where its encoder's delay ends: they are played whole.
    for (name, longest) in [("adpcm-ima.wav", 17_000), ("bare.mp3", 20_000)] {
        let (recording, warnings) = decoded(name);
        assert_eq!(warnings, [], "{name}");
        assert!((16_000..longest).contains(&recording.samples.len()), "{name}");
        assert!((click_s(&recording.samples) - 0.2).abs() < 0.15, "{name}");
    }
    assert_eq!(decoded("aac.adts.aac").0.source.container, "adts");
}

#[test]
fn a_voice_comes_out() {
    let (recording, _) = decoded("voice.mp3");
    assert!((1000..3000).contains(&recording.duration().get()));
    assert!(rms(&recording.samples) > 0.02);
}

#[test]
fn the_core_of_he_aac_is_decoded() {
    let lc = [0x13, 0x88, 0x56, 0xe5, 0x00];
    let (_folder, path) = changed("aac22.m4a", |bytes| {
        let at = bytes.windows(5).position(|window| window == lc).unwrap();
        bytes[at..at + 5].copy_from_slice(&[0x2b, 0x8a, 0x08, 0x00, 0x00]);
    });
    let (recording, _) = try_decode(&path).unwrap();
    assert!((tone_hz(&recording.samples) - 1000.0).abs() <= 5.0);
}

#[test]
fn a_broken_middle_keeps_later_times_true() {
    for (name, tail) in [("long.mp3", 0.0), ("long.flac", 0.0), ("long.ogg", 0.1)] {
        let (whole, warnings) = decoded(name);
        assert_eq!(warnings, [], "{name}");
        let (_folder, path) = changed(name, |bytes| {
            // Vorbis begins with its code books, without which nothing can be decoded.
            let middle = bytes.len() * if name == "long.ogg" { 8 } else { 5 } / 10;
            for (n, byte) in bytes[middle - 150..middle + 150].iter_mut().enumerate() {
                *byte = (n * 37 % 256) as u8;
            }
        });
        let (broken, warnings) = try_decode(&path).unwrap();
        assert!(matches!(warnings[..], [DecodeWarning::Skipped { .. }]), "{name}: {warnings:?}");
        assert!(!broken.source.skipped.is_empty(), "{name}");
        let lost = whole.samples.len().abs_diff(broken.samples.len()) as f64 / 16_000.0;
        assert!(lost <= 0.03 + tail, "{name}: {lost} s shorter");
        // The last second holds the same click at the same place.
        let last = |samples: &[f32]| click_s(&samples[3 * 16_000..]);
        let moved = (last(&whole.samples) - last(&broken.samples)).abs();
        assert!(moved < 0.03, "{name}: moved by {moved} s");
    }
}

#[test]
fn a_file_cut_short_decodes_to_its_end() {
    for name in ["long.mp3", "long.flac", "pcm-s16le.wav", "long.ogg", "opus.opus", "aac.m4a"] {
        let (whole, _) = decoded(name);
        let percent = match name {
            "long.mp3" => 60,
            "long.flac" => 75,
            _ => 85,
        };
        let (_folder, path) = changed(name, |bytes| bytes.truncate(bytes.len() * percent / 100));
        let (cut, warnings) = match try_decode(&path) {
            Ok(cut) => cut,
            // Its description stands at the end and is gone.
            Err(DecodeError::Malformed { .. }) if name == "aac.m4a" => continue,
            Err(error) => panic!("{name}: {error}"),
        };
        assert!(cut.samples.len() < whole.samples.len(), "{name}");
        assert!(cut.samples.len() > whole.samples.len() / 4, "{name}: {}", cut.samples.len());
        if matches!(name, "long.mp3" | "long.flac") {
            let told = |w: &DecodeWarning| matches!(w, DecodeWarning::Truncated { .. });
            assert!(warnings.iter().any(told), "{name}: {warnings:?}");
        }
    }
}

#[test]
fn spliced_mp3_of_two_kinds_plays_whole() {
    let other = std::fs::read(fixture("vbr.mp3")).unwrap();
    let (_folder, path) = changed("cbr.mp3", |bytes| bytes.extend(other));
    let (recording, _) = try_decode(&path).unwrap();
    let seconds = recording.samples.len() as f64 / 16_000.0;
    assert!((1.95..2.3).contains(&seconds), "{seconds} s");
    assert!((click_s(&recording.samples) - 0.2).abs() < 0.002);
    assert!((tone_hz(&recording.samples[17_600..]) - 1000.0).abs() < 30.0);
}

const TWO_CHAPTERS: [(i64, &str); 2] = [(0, "Click"), (400, "Tone")];

/// Start in milliseconds and title of each chapter.
fn chapters(path: &Path) -> Vec<(i64, &'static str)> {
    let chapters = tags::read(path).unwrap().chapters;
    chapters.into_iter().map(|c| (c.start.get(), &*c.title.leak())).collect()
}

#[test]
fn tags_artwork_and_chapters_are_read() {
    let cbr = tags::read(&fixture("cbr.mp3")).unwrap();
    let artwork = cbr.tags.artwork.as_ref().unwrap();
    assert_eq!(artwork.media_type, "image/png");
    assert!(artwork.bytes.starts_with(b"\x89PNG"));
    for name in ["cbr.mp3", "chapters.mp3", "aac.m4a", "flac.flac", "vorbis.ogg"] {
        let source = tags::read(&fixture(name)).unwrap();
        let tags = &source.tags;
        assert_eq!(tags.title.as_deref(), Some("The Click"), "{name}");
        assert_eq!(tags.album.as_deref(), Some("Test Tones"), "{name}");
        assert_eq!(tags.artist.as_deref(), Some("A Sine"), "{name}");
        assert_eq!(tags.description.as_deref(), Some("One click and one tone."), "{name}");
        assert!(tags.date.as_deref().is_some_and(|d| d.starts_with("2026")), "{name}: {tags:?}");
        assert_eq!(tags.number, Some(7), "{name}");
        assert_eq!(source.duration.get() / 100, 10, "{name}: {}", source.duration);
        if matches!(name, "cbr.mp3" | "flac.flac" | "vorbis.ogg") {
            continue;
        }
        assert_eq!(chapters(&fixture(name)), TWO_CHAPTERS, "{name}");
    }
}

#[cfg(feature = "opus")]
#[test]
fn chapters_in_comments_are_read() {
    assert_eq!(chapters(&fixture("opus.opus")), TWO_CHAPTERS);
}

#[test]
fn matroska_whose_editions_have_no_number_is_read() {
    assert_eq!(chapters(&fixture("aac.mkv")), TWO_CHAPTERS);
}

#[test]
fn neros_chapter_list_serves_where_there_is_no_chapter_track() {
    let (_folder, path) = changed("aac.m4a", |bytes| {
        let at = bytes.windows(4).position(|window| window == b"tref").unwrap();
        bytes[at..at + 4].copy_from_slice(b"free");
    });
    assert_eq!(chapters(&path), TWO_CHAPTERS);
}

#[test]
fn tags_of_wav_matroska_and_aiff_are_read() {
    for name in ["tagged.wav", "tagged.webm", "tagged.aiff"] {
        let tags = tags::read(&fixture(name)).unwrap().tags;
        assert_eq!(tags.title.as_deref(), Some("Grüße – an alle"), "{name}");
        assert_eq!(tags.artist.as_deref(), Some("A Sine"), "{name}");
        assert_eq!(tags.description.as_deref(), Some("One click."), "{name}");
        if name != "tagged.aiff" {
            assert_eq!(tags.album.as_deref(), Some("Test Tones"), "{name}");
            assert_eq!(tags.date.as_deref(), Some("2026-03-01"), "{name}");
            assert_eq!(tags.number, Some(7), "{name}");
        }
    }
}

#[test]
fn wav_of_every_wrapping() {
    check("pcm-s16le.rf64.wav", "wav", "pcm_s16le", 0);
    check("pcm-s16le.w64", "wav", "pcm_s16le", 0);
    let (recording, warnings) = decoded("mp3.wav");
    assert_eq!(warnings, []);
    assert_eq!((&*recording.source.container, &*recording.source.codec), ("wav", "mp3"));
    assert!((tone_hz(&recording.samples) - 1000.0).abs() <= 30.0);
    // A recorder that lost its power has written no length.
    for size in [0, 0x7fff_ffff_u32, u32::MAX] {
        let (_folder, path) = changed("pcm-s16le.wav", |bytes| {
            bytes[4..8].copy_from_slice(&size.to_le_bytes());
            bytes[40..44].copy_from_slice(&size.to_le_bytes());
        });
        let (recording, warnings) = try_decode(&path).unwrap();
        assert_eq!((recording.samples.len(), warnings), (16_000, vec![]), "{size}");
    }
}

#[test]
fn flac_with_faults_beside_its_sound_is_played() {
    let whole = decoded("flac.flac").0;
    // A cue sheet of nothing, twice over, and a picture that is none, before the tags.
    let (_folder, path) = changed("flac.flac", |bytes| {
        let first = 4 + 4 + 34;
        let block = |kind: u8| [&[kind, 0, 0, 40][..], &[0xee; 40]].concat();
        bytes.splice(first..first, [block(5), block(5), block(6)].concat());
    });
    let (recording, warnings) = try_decode(&path).unwrap();
    assert_eq!(recording.samples, whole.samples);
    assert_eq!(recording.source.tags.title.as_deref(), Some("The Click"));
    assert_eq!(warnings, []);
}

#[test]
fn flac_is_held_against_its_checksum() {
    let (_folder, path) = changed("flac.flac", |bytes| bytes[26] ^= 1);
    let (recording, warnings) = try_decode(&path).unwrap();
    assert_eq!(recording.samples.len(), 16_000);
    assert_eq!(warnings, [DecodeWarning::Checksum]);
}

/// Zeros from one part of the file to another, in hundredths.
fn zeroed(name: &str, from: usize, to: usize) -> (tempfile::TempDir, PathBuf) {
    changed(name, |bytes| {
        let length = bytes.len();
        bytes[length * from / 100..length * to / 100].fill(0);
    })
}

const STEPS: [&str; 12] = [
    "steps.mp3",
    "steps-bare.mp3",
    "steps.adts.aac",
    "steps.m4a",
    "steps-streamed.mp4",
    "steps.ogg",
    "steps-flac.ogg",
    "steps.mkv",
    "steps.flac",
    "steps.opus",
    "steps.webm",
    "steps-live.webm",
];

fn steps() -> impl Iterator<Item = &'static str> {
    STEPS.into_iter().take(if cfg!(feature = "opus") { 12 } else { 9 })
}

#[test]
fn sound_goes_on_behind_a_damaged_middle_in_every_container() {
    for name in steps() {
        let whole = decoded(name).0.samples;
        let (_folder, path) = zeroed(name, 60, 68);
        let (broken, warnings) = try_decode(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(matches!(warnings[..], [DecodeWarning::Skipped { .. }]), "{name}: {warnings:?}");
        let shorter = (whole.len() as f64 - broken.samples.len() as f64) / 16_000.0;
        assert!(shorter.abs() < 0.3, "{name}: {shorter} s shorter");
        // Pages and fragments of a second are lost as a whole; behind them every tone is there, and
        // the skipped stretch is about what was damaged.
        let (there, here) = (&whole[137_600..152_000], &broken.samples[137_600..152_000]);
        let level = rms(here) / rms(there);
        assert!((0.9..1.1).contains(&level), "{name}: level {level}");
        let lost: i64 = broken.source.skipped.iter().map(|span| span.duration().get()).sum();
        assert!((500..3500).contains(&lost), "{name}: {lost} ms lost");
    }
}

#[test]
fn a_file_that_breaks_off_is_told_in_every_container() {
    for name in steps() {
        let (_folder, path) = changed(name, |bytes| bytes.truncate(bytes.len() * 7 / 10 + 3));
        let told = |warning: &DecodeWarning| {
            matches!(warning, DecodeWarning::Truncated { .. } | DecodeWarning::BreaksOff { .. })
        };
        match try_decode(&path) {
            Ok((recording, warnings)) => {
                assert!(warnings.iter().any(told), "{name}: {warnings:?}");
                assert!(warnings.iter().any(|w| w.to_string().contains("breaks off at 00:00:0")));
                let seconds = recording.duration().as_seconds();
                assert!((5.0..8.5).contains(&seconds), "{name}: {seconds} s");
            }
            // Its description stands at the end and is gone.
            Err(error) => assert_eq!(name, "steps.m4a", "{error}"),
        }
    }
}

#[test]
fn a_caf_that_breaks_off_or_has_no_length_is_played() {
    let name = "steps.caf";
    let (whole, _) = decoded(name);
    for missing in [3_000, 12_000] {
        let (_folder, path) = changed(name, |bytes| bytes.truncate(bytes.len() - missing));
        let (cut, warnings) = try_decode(&path).unwrap();
        let told = warnings.iter().any(|w| w.to_string().contains("breaks off at 00:00:0"));
        assert!(told, "{missing}: {warnings:?}");
        let lost_s = (whole.samples.len() as f64 - cut.samples.len() as f64) / 16_000.0;
        assert!((lost_s - missing as f64 / 4_000.0).abs() < 0.1, "{missing}: {lost_s} s");
    }
    // A recorder that cannot go back leaves the length open, which stands behind the name of the
    // chunk.
    let (_folder, path) = changed(name, |bytes| bytes[80..88].fill(0xff));
    let (open, warnings) = try_decode(&path).unwrap();
    assert_eq!((open.samples == whole.samples, warnings), (true, Vec::new()));
}

#[test]
fn a_file_most_of_which_is_lost_is_refused() {
    for name in steps().filter(|name| *name != "steps.m4a") {
        let (_folder, path) = zeroed(name, 30, 99);
        match try_decode(&path) {
            Err(error @ DecodeError::MostlyLost { .. }) => {
                assert!(error.hint().unwrap().contains("ffmpeg -i"), "{name}");
            }
            Err(error) => panic!("{name}: {error}"),
            // What was cut off promised nothing: the file ends with what is left.
            Ok((_, warnings)) => assert!(
                warnings.iter().any(|w| matches!(w, DecodeWarning::BreaksOff { .. })),
                "{name}: {warnings:?}"
            ),
        }
    }
}

#[test]
fn what_cannot_be_decoded_is_named_with_what_to_do() {
    let mut transport = vec![b'G'];
    transport.resize(188, 0xff);
    let mut wma = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11".to_vec();
    wma.resize(5000, 1);
    let avi = [&b"RIFF\x10\x20\0\0AVI LIST"[..], &[1; 5000]].concat();
    let midi = [&b"MThd\0\0\0\x06"[..], &[1; 500]].concat();
    let files: [(&str, Vec<u8>, &str, &str); 7] = [
        ("memo.amr", b"#!AMR\n\x3c\x91\x17\x16\xbe\x66\x79".repeat(9), "AMR", "ffmpeg -i"),
        ("show.aac", transport.repeat(50), "MPEG transport stream", "ffmpeg -i"),
        ("show.mp3", wma, "Windows Media", "ffmpeg -i"),
        ("show.wav", avi, "AVI", "ffmpeg -i"),
        ("song.mid", midi, "MIDI", "audio or video file itself"),
        ("cover.mp3", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".repeat(9), "PNG picture", "audio"),
        ("loading.mp4", vec![0; 50_000], "zero bytes", "download"),
    ];
    for (name, bytes, kind, hint) in files {
        let error = error_of(name, &bytes);
        assert!(error.to_string().contains(kind), "{name}: {error}");
        assert!(error.hint().unwrap().contains(hint), "{name}: {:?}", error.hint());
    }
    for (name, codec) in [("amr.3gp", "AMR"), ("mp2.wav", "MP2"), ("eac3.mkv", "E-AC-3")] {
        let error = try_decode(&fixture(name)).unwrap_err();
        assert!(error.to_string().contains(codec), "{name}: {error}");
        assert!(error.hint().unwrap().contains("ffmpeg -i"), "{name}");
    }
}

fn error_of(name: &str, bytes: &[u8]) -> DecodeError {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    match try_decode(&path) {
        Ok((recording, _)) => panic!("{name} gave {} samples", recording.samples.len()),
        Err(error) => error,
    }
}

/// A WAV file of silence with that header.
fn wav(channels: u16, rate_hz: u32, frames: u32) -> Vec<u8> {
    let data = frames * 2 * u32::from(channels.max(1));
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate_hz.to_le_bytes());
    bytes.extend((rate_hz.saturating_mul(2)).to_le_bytes());
    bytes.extend((2 * channels).to_le_bytes());
    bytes.extend(16_u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    bytes.resize(bytes.len() + data as usize, 0);
    bytes
}

#[test]
fn what_is_no_audio_is_told_by_its_cause() {
    use DecodeError::{
        Empty, IsDirectory, Malformed, NoAudioTrack, NoChannels, NoSamples, NotFound, SampleRate,
        Text, Unrecognized,
    };
    let folder = tempfile::tempdir().unwrap();
    let error = try_decode(folder.path()).unwrap_err();
    assert!(matches!(error, IsDirectory { .. }), "{error:?}");
    let error = try_decode(&folder.path().join("none.mp3")).unwrap_err();
    assert!(matches!(error, NotFound { .. }), "{error:?}");
    let error = error_of("empty.mp3", b"");
    assert!(matches!(error, Empty { .. }), "{error:?}");
    let error = error_of("page.mp3", b"<!doctype html><title>404</title>");
    assert!(matches!(error, Text { .. }), "{error:?}");
    let noise: Vec<u8> = (0..40_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8 & 0x7f).collect();
    let error = error_of("noise.bin", &noise);
    assert!(matches!(error, Unrecognized { .. } | Malformed { .. }), "{error:?}");
    let error = try_decode(&fixture("silent-film.mp4")).unwrap_err();
    assert!(matches!(error, NoAudioTrack { .. }), "{error:?}");
    let error = try_decode(&fixture("ac3.mkv")).unwrap_err();
    assert!(error.to_string().contains("AC-3"), "{error}");
    let error = error_of("zero.wav", &wav(0, 16_000, 100));
    assert!(matches!(error, NoChannels { .. }), "{error:?}");
    for rate in [0, 1, 4_000_000_000] {
        let error = error_of("rate.wav", &wav(1, rate, 100));
        assert!(matches!(error, SampleRate { .. }), "{rate} Hz: {error:?}");
    }
    let error = error_of("none.wav", &wav(1, 16_000, 0));
    assert!(matches!(error, NoSamples { .. }), "{error:?}");
    assert!(error.hint().is_some());
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = changed("pcm-u8.wav", |_| {});
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser may read everything.
    if std::fs::File::open(&path).is_err() {
        assert!(matches!(try_decode(&path), Err(DecodeError::NoPermission { .. })));
    }
}

#[test]
fn a_fifth_of_a_second_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("short.wav");
    std::fs::write(&path, wav(2, 48_000, 9_600)).unwrap();
    assert_eq!(try_decode(&path).unwrap().0.samples.len(), 3200);
}

#[test]
fn a_recording_beyond_the_limit_is_refused() {
    let limits = DecodeLimits { max_duration: Ms::new(500), ..DecodeLimits::default() };
    let error = decode(&fixture("flac.flac"), &limits, &Silent).unwrap_err();
    assert!(matches!(error, DecodeError::TooLong { .. }), "{error:?}");
}

struct Cancelled;

impl Progress for Cancelled {
    fn start(&self, _: Stage, _: Ms) {}
    fn advance(&self, _: Stage, _: Ms) {}
    fn finish(&self, _: Stage) {}
    fn cancelled(&self) -> bool {
        true
    }
}

#[test]
fn a_cancelled_decoding_stops() {
    let result = decode(&fixture("flac.flac"), &DecodeLimits::default(), &Cancelled);
    assert!(matches!(result, Err(DecodeError::Interrupted)));
}

/// Files of one container each, small enough to be decoded often.
const SEEDS: [&str; 10] = [
    "vbr.mp3",
    "telephone.mp3",
    "aac.m4a",
    "aac.adts.aac",
    "vorbis.ogg",
    "opus.opus",
    "aac.mkv",
    "flac.flac",
    "adpcm-ima.wav",
    "pcm-s8.aiff",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 20, ..Default::default() })]
    #[test]
    fn a_hostile_file_ends_in_a_recording_or_an_error(
        seed in prop::sample::select(&SEEDS[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        near_start in any::<bool>(),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let (_folder, path) = changed(seed, |bytes| {
            for (at, value) in &changes {
                let reach = if near_start { bytes.len().min(600) } else { bytes.len() };
                bytes[at.index(reach)] = *value;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()).max(1));
            }
        });
        let limits = DecodeLimits { max_duration: Ms::new(60_000), ..DecodeLimits::default() };
        if let Ok((recording, _)) = decode(&path, &limits, &Silent) {
            prop_assert!(!recording.samples.is_empty());
            prop_assert!(recording.duration() <= Ms::new(61_000));
            prop_assert!(recording.samples.iter().all(|s| (-1.0..1.0).contains(s)));
        }
    }
}
