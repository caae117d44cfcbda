//! Every container and codec gives the same sound at the same time.

use std::path::PathBuf;

use linernotes::decode::{DecodeLimits, DecodeWarning, Recording, decode};
use linernotes::progress::Silent;

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
