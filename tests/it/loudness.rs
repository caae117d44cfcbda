//! How loud recordings are, as `lint --loudness` tells it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

/// A tone of 1 kHz for five seconds, as a WAV file of 44.1 kHz.
#[expect(clippy::cast_possible_truncation, reason = "below full scale")]
fn tone(path: &Path, channels: u16, decibels: f64) {
    let spec = hound::WavSpec {
        channels,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..5 * 44_100 {
        let phase = f64::from(n) * 1_000.0 / 44_100.0 * std::f64::consts::TAU;
        let sample = 10_f64.powf(decibels / 20.0) * phase.sin() * 32_767.0;
        for _ in 0..channels {
            file.write_sample(sample.round() as i16).unwrap();
        }
    }
    file.finalize().unwrap();
}

fn linted(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::cargo_bin("linernotes").unwrap();
    let output = command.current_dir(folder).arg("lint").args(args).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn a_recording_is_measured_on_its_own_channels_and_what_is_off_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    tone(&folder.join("stereo.wav"), 2, -16.0);
    tone(&folder.join("mono.wav"), 1, -16.0);
    tone(&folder.join("loud.wav"), 2, -0.5);
    let before = fs::read(folder.join("loud.wav")).unwrap();
    let (code, said) = linted(folder, &["--loudness", "--strict", "stereo.wav", "mono.wav"]);
    assert_eq!(code, Some(0), "{said}");
    for line in ["stereo.wav: -16.0 LUFS, true peak -16.0", "mono.wav: -19.0 LUFS"] {
        assert!(said.contains(line), "{said}");
    }
    let (code, said) = linted(folder, &["--loudness", "--strict", "."]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("loud.wav:1:0: warning D1: -0.5 LUFS is 15.5 LU louder"), "{said}");
    assert!(said.contains("true peak of -0.5 dBTP is above -1"), "{said}");
    assert_eq!(fs::read(folder.join("loud.wav")).unwrap(), before, "no sound is changed");
    let (_, said) = linted(folder, &["--loudness", "--json", "mono.wav"]);
    let line = said.lines().find(|line| line.contains("\"loudness\"")).expect(&said);
    let told: serde_json::Value = serde_json::from_str(line).unwrap();
    let lufs = told["integrated_lufs"].as_f64().unwrap();
    assert!(told["channels"] == 1 && (lufs + 19.0).abs() < 0.1, "{told}");
    let (code, said) = linted(folder, &["mono.wav"]);
    assert!(code == Some(0) && !said.contains("LUFS"), "only on request: {said}");
}
