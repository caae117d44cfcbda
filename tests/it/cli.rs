//! The command line on bad input: one clear sentence, the next step, the documented exit code.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

fn linernotes(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("linernotes").unwrap();
    command
        .current_dir(folder)
        .env("LINERNOTES_MODELS", folder.join("no-models"))
        .env("LINERNOTES_OFFLINE", "true");
    command
}

/// Runs a command that must fail with `code` and returns what it says.
fn failure(folder: &Path, args: &[&str], code: i32) -> String {
    let output = linernotes(folder).args(args).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn each_bad_file_ends_in_one_sentence_with_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("empty.mp3"), "").unwrap();
    fs::write(folder.join("text.mp3"), "just some text, and no sound at all\n".repeat(50)).unwrap();
    fs::create_dir(folder.join("folder.mp3")).unwrap();
    for (file, says) in [
        ("empty.mp3", "empty"),
        ("text.mp3", "text"),
        ("missing.mp3", "missing.mp3"),
        ("folder.mp3", "not an episode"),
    ] {
        let said = failure(folder, &["run", file], 1);
        assert!(said.contains(says), "{file}: {said}");
        assert_eq!(said.matches("error:").count(), 1, "{file}: {said}");
        assert!(said.contains("\nhint: "), "{file}: {said}");
    }
    let left: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "nothing was made: {left:?}");
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["run"][..],
        &["walk"],
        &["run", "a.mp3", "--speakers", "0"],
        &["run", "a", "--from", "nowhere"],
    ] {
        failure(folder.path(), args, 2);
    }
}

#[test]
fn offline_without_weights_names_the_command_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let audio = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/voice.mp3");
    let said = failure(folder.path(), &["run", audio.to_str().unwrap(), "-o", "e"], 1);
    for model in ["segmentation-3.0", "base", "campplus"] {
        assert!(said.contains(&format!("models get {model}")), "{said}");
    }
    assert!(!folder.path().join("e").exists(), "nothing was done, so nothing is left");
}

#[test]
fn a_show_and_an_episode_are_made_from_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let audio = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/chapters.mp3");
    linernotes(folder.path()).args(["new", "show"]).assert().success();
    linernotes(folder.path())
        .args(["add", audio.to_str().unwrap(), "-o", "show"])
        .assert()
        .success();
    let made = folder.path().join("show/0007-chapters");
    let episode = fs::read_to_string(made.join("episode.toml")).unwrap();
    assert!(episode.contains("chapters.mp3"), "{episode}");
    for key in ["# kind = \"full\"", "# image = ", "# guid = ", "# explicit = "] {
        assert!(episode.contains(key), "{key}: {episode}");
    }
    let edits = fs::read_to_string(made.join("edits.toml")).unwrap();
    assert!(edits.lines().all(|line| line.is_empty() || line.starts_with('#')), "{edits}");
    let show = fs::read_to_string(folder.path().join("show/show.toml")).unwrap();
    for key in ["# image = ", "# category = ", "# description = ", "# explicit = ", "# author = "] {
        assert!(show.contains(key) && show.contains("Apple"), "{key}: {show}");
    }
    failure(folder.path(), &["new", "show"], 1);
}

#[test]
fn episodes_that_are_added_are_numbered_on_and_none_is_added_twice() {
    let folder = tempfile::tempdir().unwrap();
    let audio = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/voice.mp3");
    linernotes(folder.path()).args(["new", "."]).assert().success();
    fs::create_dir_all(folder.path().join("raw")).unwrap();
    for name in ["take.mp3", "other.mp3", "12 more.mp3", "last.mp3"] {
        fs::copy(&audio, folder.path().join("raw").join(name)).unwrap();
    }
    let add = |name: &str| {
        let output =
            linernotes(folder.path()).args(["add", &format!("raw/{name}")]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().trim_start_matches("./").to_owned()
    };
    let added = ["take.mp3", "other.mp3", "take.mp3", "12 more.mp3", "last.mp3"].map(add);
    assert_eq!(added, ["0001-take", "0002-other", "0001-take", "12 more", "0013-last"]);
    for name in ["0001-take", "12 more"] {
        let path = folder.path().join(name).join("episode.toml");
        let toml = fs::read_to_string(path).unwrap();
        assert!(toml.contains("audio = \"../raw/"), "{toml}");
    }
}

#[test]
fn doctor_tells_what_the_machine_has() {
    let folder = tempfile::tempdir().unwrap();
    let output = linernotes(folder.path()).arg("doctor").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for part in ["threads", "processor features", "weights", "base", "missing"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_transcript_is_scored_as_a_whole_by_speaker_and_by_minute() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let said = r#"[{"start": 0, "end": 2, "speaker": "Ada", "text": "Good morning to you."},
        {"start": 61, "end": 63, "speaker": "Bob", "text": "Twenty-five people came."}]"#;
    fs::write(folder.join("said.json"), said).unwrap();
    fs::write(
        folder.join("written.ctm"),
        "ep 1 0 0.4 Good\nep 1 0.4 0.6 evening\nep 1 1 0.3 to\nep 1 1.3 0.4 you.\n\
         ep 1 61 0.4 25\nep 1 61.4 0.6 people\nep 1 62 0.5 came.\n",
    )
    .unwrap();
    let output = linernotes(folder)
        .args(["score", "all", "said.json", "written.ctm", "--html", "side.html"])
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.starts_with("WER 14.29 % (1 of 7 words: 1 substituted"), "{told}");
    assert!(told.contains("Ada: 25.00 % (1 of 4)") && told.contains("Bob: 0.00 % (0 of 3)"));
    assert!(told.contains("minute 00:00:00: 25.00 %"), "{told}");
    assert!(told.contains("said    good [morning] to you"), "{told}");
    let page = fs::read_to_string(folder.join("side.html")).unwrap();
    assert!(page.contains("<del>morning</del>") && page.contains("<ins>evening</ins>"));
    let said = failure(folder, &["score", "wer", "said.json", "missing.vtt"], 1);
    assert!(said.contains("missing.vtt"), "{said}");
}

#[test]
fn the_doubtful_stretches_are_listed_within_the_time_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let episode = folder.path().join("one");
    fs::create_dir_all(episode.join("work")).unwrap();
    fs::write(episode.join("episode.toml"), "audio = \"a.mp3\"\n").unwrap();
    let said = failure(folder.path(), &["doubts", "one"], 1);
    assert!(said.contains("3-transcript.json"), "{said}");
    let word = |start: i64, text: &str, probability: f32| serde_json::json!({"span": {"start": start, "end": start + 300}, "text": text, "probability": probability});
    let transcript = serde_json::json!({"schema": 1, "record": {
        "language": "en", "recognizer": {"name": "base", "sha256": "0"},
        "segments": [{"span": {"start": 0, "end": 20_000}, "avg_logprob": -0.2, "no_speech_prob": 0.0,
            "words": [word(500, "Hello", 0.9), word(1_000, "Wailin", 0.2), word(1_500, "there.", 0.9)]}]}});
    let speech = serde_json::json!({"schema": 1, "record": {
        "regions": [{"start": 400, "end": 9_000}], "sounds": []}});
    fs::write(episode.join("work/3-transcript.json"), transcript.to_string()).unwrap();
    fs::write(episode.join("work/2-speech.json"), speech.to_string()).unwrap();
    let edited = |start: i64, text: &str| serde_json::json!({"word": word(start, text, 1.0), "speaker_confidence": 1.0});
    let edition = serde_json::json!({"schema": 1, "record": {
        "language": "en", "duration": 20_000, "chapters": [], "soundbites": [], "turns": [],
        "blocks": [{"paragraph": {"span": {"start": 500, "end": 1_800}, "speaker": null, "label": null,
            "words": [edited(500, "Hello"), edited(1_000, "Waylon"), edited(1_500, "there.")],
            "quotation": null, "status": "edited"}}]}});
    fs::write(episode.join("work/6-edition.json"), edition.to_string()).unwrap();
    let listed = |minutes: &str| {
        let output = linernotes(folder.path())
            .args(["doubts", "one", "--minutes", minutes])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let all = listed("10");
    assert_eq!(all.lines().count(), 2, "{all}");
    assert!(all.contains("speech without words") && all.contains("improbable words"), "{all}");
    assert!(all.contains("Waylon") && !all.contains("Wailin"), "the text of the page: {all}");
    assert_eq!(listed("0.05").lines().count(), 1);
}

#[test]
fn any_word_for_yes_forbids_the_network() {
    let folder = tempfile::tempdir().unwrap();
    for (value, is_yes) in [("1", true), ("true", true), ("yes", true), ("0", false), ("", false)] {
        let output = linernotes(folder.path())
            .env("LINERNOTES_OFFLINE", value)
            .args(["models", "list"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{value}: {output:?}");
        if is_yes {
            let refused = linernotes(folder.path())
                .env("LINERNOTES_OFFLINE", value)
                .args(["models", "get"])
                .output()
                .unwrap();
            let said = String::from_utf8(refused.stderr).unwrap();
            assert!(
                !refused.status.success() && said.contains("forbids to download"),
                "{value}: {said}"
            );
        }
    }
}

#[test]
fn publish_takes_the_show_that_it_stands_in() {
    let folder = tempfile::tempdir().unwrap();
    let show = folder.path().join("show");
    fs::create_dir(&show).unwrap();
    fs::write(show.join("show.toml"), "name = \"Tides\"\n").unwrap();
    let script = include_str!("../../episodes/0001-the-bucket-and-the-book/script.txt");
    fs::write(folder.path().join("t.txt"), script).unwrap();
    let imported =
        linernotes(&show).args(["import", "../t.txt", "-o", "0001-one"]).output().unwrap();
    assert!(imported.status.success(), "{imported:?}");
    let output = linernotes(&show).arg("publish").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("1 episode, "), "{said}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "site/index.html");
}
