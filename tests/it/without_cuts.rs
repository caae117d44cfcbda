//! The audio without what is cut, and the times that go with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use linernotes::decode::{DecodeLimits, decode, mp3_without};
use linernotes::progress::Silent;
use linernotes::retime;
use linernotes::time::{Ms, Span};

use crate::pipeline::Bench;

fn sample() -> PathBuf {
    let path = "episodes/0001-the-bucket-and-the-book/audio.mp3";
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn samples(path: &Path) -> Vec<f32> {
    decode(path, &DecodeLimits::default(), &Silent).unwrap().0.samples
}

fn span(from: i64, to: i64) -> Span {
    Span::new(Ms::new(from), Ms::new(to)).unwrap()
}

#[test]
fn an_mp3_without_its_cuts_is_where_it_should_be_to_half_a_frame() {
    let folder = tempfile::tempdir().unwrap();
    let cuts =
        [span(10_000, 12_345), span(40_005, 41_000), span(60_000, 75_510), span(100_000, 100_700)];
    let path = folder.path().join("cut.mp3");
    fs::write(&path, mp3_without(&sample(), &cuts).unwrap()).unwrap();
    let (old, new) = (samples(&sample()), samples(&path));
    let gone: i64 = cuts.iter().map(|cut| cut.duration().get()).sum();
    let length = |samples: &[f32]| i64::try_from(samples.len() / 16).unwrap();
    assert!((length(&old) - gone - length(&new)).abs() <= 14, "{}", length(&new));
    let map = retime::find(&old, &new).unwrap();
    let mut before = 0;
    for at in (2_000..length(&old)).step_by(1_000).map(Ms::new) {
        // half a frame, and what cannot be told
        if cuts.iter().any(|cut| cut.gap(Span::at_least_1ms(at, at)) < Ms::new(400)) {
            continue;
        }
        let earlier: i64 =
            cuts.iter().filter(|cut| cut.end() <= at).map(|cut| cut.duration().get()).sum();
        let now = map.at(at).map(|now| (now - at).get() + earlier);
        assert!(now.is_some_and(|off| off.abs() <= 15), "{at}: {now:?}");
        before += 1;
    }
    assert!(before > 150, "only {before}");
    // nothing louder than what was there: no frame is made of another one's bits
    let loudest = |samples: &[f32]| samples.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    assert!(loudest(&new) <= loudest(&old) * 1.05);
    let whole = mp3_without(&sample(), &[]).unwrap();
    fs::write(&path, whole).unwrap();
    assert_eq!(samples(&path), old);
}

#[test]
fn what_is_no_mp3_is_refused_and_cuts_beyond_the_end_cut_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no.mp3");
    for bytes in [&b""[..], b"no frames", &[0xff; 3_000], &[0; 9_000]] {
        fs::write(&path, bytes).unwrap();
        assert!(mp3_without(&path, &[span(0, 10)]).is_err());
    }
    let all = mp3_without(&sample(), &[]).unwrap();
    assert_eq!(mp3_without(&sample(), &[span(900_000, 990_000)]).unwrap(), all);
    let nothing = mp3_without(&sample(), &[span(0, 900_000)]).unwrap();
    assert!(nothing.len() < 2_000, "{}", nothing.len());
}

#[test]
fn files_without_the_cuts_go_together() {
    let bench = Bench::new();
    bench.run();
    bench.write("edits.toml", "[[cut]]\nfrom_words = \"there dear\"\nto_words = \"there dear\"\n");
    bench.run();
    let export = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_linernotes"))
            .arg("export")
            .args(args)
            .arg(&bench.root)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {said}");
        output.stdout
    };
    let length = |wav: &[u8]| i32::try_from((wav.len() - 44) / 32).unwrap();
    let (whole, cut) = (export(&["wav"]), export(&["wav", "--cut"]));
    let words: serde_json::Value = serde_json::from_slice(&export(&["words"])).unwrap();
    let cut_words: serde_json::Value =
        serde_json::from_slice(&export(&["words", "--cut"])).unwrap();
    let starts = |words: &serde_json::Value| -> Vec<(String, f64)> {
        let all = words["words"].as_array().unwrap();
        let of = |word: &serde_json::Value| {
            (word["text"].as_str().unwrap().to_owned(), word["start"].as_f64().unwrap())
        };
        all.iter().map(of).collect()
    };
    let (before, after) = (starts(&words), starts(&cut_words));
    assert_eq!(before.len(), after.len());
    let gone = f64::from(length(&whole) - length(&cut)) / 1_000.0;
    assert!(gone > 0.05, "{gone}");
    assert_eq!(before[0], after[0]);
    for (before, after) in before[1..].iter().zip(&after[1..]) {
        assert!((before.1 - after.1 - gone).abs() < 0.002, "{before:?} {after:?} {gone}");
    }
    let page = String::from_utf8(export(&["rework", "--cut"])).unwrap();
    assert!(!page.contains("left out here") && !page.contains("dear"), "{page}");
    let (mp3, cut) = (export(&["audio"]), export(&["audio", "--cut"]));
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/voice.mp3");
    assert_eq!(mp3, fs::read(fixture).unwrap());
    assert!(cut.len() < mp3.len() || gone < 0.03);
    assert_eq!(export(&["mp3", "--cut"]), cut);
}
