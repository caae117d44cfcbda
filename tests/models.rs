//! The sample episode through the whole program with the real weights, against its own truth.
//!
//! Every test here needs the weights and fails without them: `make test-models` fetches them first.
//! The tolerances leave room for another processor's rounding, not for another result.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use linernotes::score::normalize::english;
use linernotes::score::wer::{Step, align, word_errors};
use linernotes::stage::Stage;
use serde::Deserialize;

const SAMPLE: &str = "0001-the-bucket-and-the-book";
const PEOPLE: [&str; 3] = ["Mirren", "Caspar", "Sunniva"];

/// A sentence of the truth, or a stretch of music (no speaker). Seconds.
#[derive(Deserialize)]
struct Piece {
    start: f64,
    end: f64,
    speaker: Option<String>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    event: String,
}

/// A word of `words.json`. Seconds.
#[derive(Deserialize)]
struct Word {
    start: f64,
    end: f64,
    text: String,
    speaker: Option<String>,
    confidence: f64,
}

#[derive(Deserialize)]
struct Words {
    schema: u32,
    words: Vec<Word>,
}

/// The checkout's episodes.
fn episodes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("episodes")
}

fn truth() -> Vec<Piece> {
    let path = episodes().join(SAMPLE).join("truth.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn sentences() -> Vec<Piece> {
    truth().into_iter().filter(|piece| piece.speaker.is_some()).collect()
}

/// A fresh copy of the show with its episode; the episode's folder.
fn copy_of_the_sample(name: &str) -> PathBuf {
    let show = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if show.exists() {
        fs::remove_dir_all(&show).unwrap();
    }
    let episode = show.join(SAMPLE);
    fs::create_dir_all(&episode).unwrap();
    for file in ["show.toml", "cover.jpg"] {
        fs::copy(episodes().join(file), show.join(file)).unwrap();
    }
    for file in ["episode.toml", "audio.mp3"] {
        fs::copy(episodes().join(SAMPLE).join(file), episode.join(file)).unwrap();
    }
    episode
}

/// The program, kept off the network: missing weights are a failure.
fn linernotes(arguments: &[&str], episode: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linernotes"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["run", "--offline"]).args(arguments).arg(episode);
    command.stdin(Stdio::null());
    command
}

fn succeed(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{:?}; are the weights there (make test-models fetches them)?\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn words_of(episode: &Path) -> Vec<Word> {
    let text = fs::read_to_string(episode.join("out/words.json")).unwrap();
    let words: Words = serde_json::from_str(&text).unwrap();
    assert_eq!(words.schema, 1);
    words.words
}

/// One run that most tests look at.
static RUN: LazyLock<PathBuf> = LazyLock::new(|| {
    let episode = copy_of_the_sample("sample");
    succeed(linernotes(&[], &episode));
    episode
});

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
#[ignore = "needs weights"]
fn the_words_are_those_of_the_script() {
    let said: Vec<String> = sentences().iter().flat_map(|piece| english(&piece.text)).collect();
    let written = words_of(&RUN).into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
    let errors = word_errors(&said, &english(&written));
    assert!(errors.rate() <= 0.05, "word error rate {:.4}: {errors:?}", errors.rate());
}

#[test]
#[ignore = "needs weights"]
fn every_sentence_has_its_speaker_under_the_name_that_was_said() {
    let words = words_of(&RUN);
    let mut wrong = Vec::new();
    for piece in sentences() {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for word in &words {
            let middle = f64::midpoint(word.start, word.end);
            if piece.start <= middle && middle < piece.end {
                *votes.entry(word.speaker.as_deref().unwrap_or("nobody")).or_default() += 1;
            }
        }
        let winner =
            votes.iter().max_by_key(|(_, count)| **count).map_or("nobody", |(name, _)| name);
        if Some(winner) != piece.speaker.as_deref() {
            wrong.push(format!("{:.2} {:?}: {winner}: {}", piece.start, piece.speaker, piece.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let names: BTreeSet<String> = words.into_iter().filter_map(|word| word.speaker).collect();
    assert_eq!(names, PEOPLE.map(String::from).into());
}

#[test]
#[ignore = "needs weights"]
fn sentences_begin_and_end_where_they_sound() {
    let words = words_of(&RUN);
    let sentences = sentences();
    // Each normalized token with the sentence or the word that it belongs to. Numbers span words
    // and are normalized apart here, so they do not match; the edges that do match are compared.
    let said: Vec<(usize, String)> = sentences
        .iter()
        .enumerate()
        .flat_map(|(index, piece)| {
            english(&piece.text).into_iter().map(move |token| (index, token))
        })
        .collect();
    let written: Vec<(usize, String)> = words
        .iter()
        .enumerate()
        .flat_map(|(index, word)| english(&word.text).into_iter().map(move |token| (index, token)))
        .collect();
    let tokens = |side: &[(usize, String)]| side.iter().map(|(_, t)| t.clone()).collect::<Vec<_>>();
    let (mut starts, mut ends) = (Vec::new(), Vec::new());
    for step in align(&tokens(&said), &tokens(&written)) {
        let Step::Match(r, h) = step else { continue };
        let (sentence, word) = (said[r].0, &words[written[h].0]);
        if r == 0 || said[r - 1].0 != sentence {
            starts.push((word.start - sentences[sentence].start).abs());
        }
        if said.get(r + 1).is_none_or(|next| next.0 != sentence) {
            ends.push((word.end - sentences[sentence].end).abs());
        }
    }
    let compared = (starts.len(), ends.len(), sentences.len());
    assert!(starts.len() * 10 >= sentences.len() * 8, "too few edges: {compared:?}");
    assert!(ends.len() * 10 >= sentences.len() * 8, "too few edges: {compared:?}");
    let (start, end) = (median(&mut starts), median(&mut ends));
    assert!(start <= 0.10 && end <= 0.15, "median errors: starts {start:.3} s, ends {end:.3} s");
    let (late, late_end) = (starts[starts.len() * 9 / 10], ends[ends.len() * 9 / 10]);
    assert!(
        late <= 0.35 && late_end <= 0.40,
        "90 in 100: starts {late:.3} s, ends {late_end:.3} s"
    );
}

#[test]
#[ignore = "needs weights"]
fn the_theme_stands_under_its_title_at_its_time() {
    let text = fs::read_to_string(RUN.join("out/transcript.txt")).unwrap();
    let theme = truth().into_iter().find(|piece| piece.speaker.is_none()).unwrap();
    let line = text
        .lines()
        .find(|line| line.ends_with(&theme.event))
        .unwrap_or_else(|| panic!("no line says {:?}", theme.event));
    let seconds: f64 =
        line[1..9].split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap());
    assert!((seconds - theme.start).abs() <= 2.0, "{line}");
}

#[test]
#[ignore = "needs weights"]
fn words_are_in_order_inside_the_recording_and_sure_of_themselves() {
    let words = words_of(&RUN);
    let last = truth().last().unwrap().end;
    assert!(words.windows(2).all(|pair| pair[0].start <= pair[1].start));
    assert!(words.iter().all(|word| word.start < word.end && word.end <= last + 1.0));
    let mut confidences: Vec<f64> = words.iter().map(|word| word.confidence).collect();
    assert!(confidences.iter().all(|value| (0.0..=1.0).contains(value)));
    assert!(median(&mut confidences) > 0.7, "{}", median(&mut confidences));
}

#[test]
#[ignore = "needs weights"]
fn all_files_are_there_and_name_everybody() {
    let out = RUN.join("out");
    for file in [
        "index.html",
        "notes.md",
        "notes.html",
        "transcript.vtt",
        "transcript.srt",
        "transcript.json",
        "transcript.txt",
        "transcript.md",
        "turns.rttm",
        "words.json",
        "chapters.json",
    ] {
        let text = fs::read_to_string(out.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert!(!text.trim().is_empty(), "{file} is empty");
        if file != "chapters.json" {
            assert!(!text.contains("SPEAKER_"), "{file} has a label in it");
        }
        if file.starts_with("transcript") || file == "index.html" || file == "turns.rttm" {
            for name in PEOPLE {
                assert!(text.contains(name), "{file} does not name {name}");
            }
        }
    }
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    for text in
        ["The Bucket and the Book", "Slow Instruments", "Sunniva Threlkeld", "A page from 1952"]
    {
        assert!(page.contains(text), "the page does not say {text:?}");
    }
    for line in fs::read_to_string(out.join("transcript.srt")).unwrap().lines() {
        assert!(line.chars().count() <= 32, "too long for SRT: {line}");
    }
}

#[test]
#[ignore = "needs weights"]
fn a_second_run_has_nothing_to_do() {
    let before = fs::read(RUN.join("out/words.json")).unwrap();
    let plan = succeed(linernotes(&["--explain", "--json"], &RUN));
    let lines: Vec<serde_json::Value> = String::from_utf8(plan.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), Stage::ALL.len());
    assert!(lines.iter().all(|line| line["runs"] == false), "{lines:#?}");
    succeed(linernotes(&[], &RUN));
    assert_eq!(before, fs::read(RUN.join("out/words.json")).unwrap());
}

/// The whole lines of the log of finished chunks.
fn chunk_lines(episode: &Path) -> Vec<String> {
    let text = fs::read_to_string(episode.join("work/3-chunks.jsonl")).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().filter(|line| !line.is_empty()).map(String::from).collect()
}

/// Waits until more than `count` chunks are finished.
fn wait_for_chunks(episode: &Path, count: usize, run: &mut Child) -> Vec<String> {
    let patience = Instant::now() + Duration::from_mins(5);
    loop {
        let lines = chunk_lines(episode);
        if lines.len() > count {
            return lines;
        }
        assert!(run.try_wait().unwrap().is_none(), "it ended with {} chunks", lines.len());
        assert!(Instant::now() < patience, "no chunk was finished");
        sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "needs weights"]
fn a_killed_run_goes_on_from_its_last_finished_chunk() {
    let episode = copy_of_the_sample("sample-killed");
    let mut first = linernotes(&["--quiet"], &episode).stderr(Stdio::null()).spawn().unwrap();
    wait_for_chunks(&episode, 1, &mut first);
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(!episode.join("out").exists());
    let kept = chunk_lines(&episode);

    let mut second = linernotes(&["--quiet"], &episode).stderr(Stdio::null()).spawn().unwrap();
    let more = wait_for_chunks(&episode, kept.len(), &mut second);
    assert!(second.wait().unwrap().success());
    assert_eq!(more[..kept.len()], kept[..], "finished chunks were touched");
    let keys: BTreeSet<&str> = more.iter().filter_map(|line| line.split('"').nth(1)).collect();
    assert_eq!(keys.len(), more.len(), "a chunk was done twice");

    // and nothing can be told from the result
    let whole = fs::read(RUN.join("out/words.json")).unwrap();
    assert!(whole == fs::read(episode.join("out/words.json")).unwrap(), "the words differ");
}
