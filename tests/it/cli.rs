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
    assert!(said.contains("models get"), "{said}");
    assert!(folder.path().join("e/episode.toml").is_file());
    assert!(!folder.path().join("e/out").exists());
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
    let episode = fs::read_to_string(folder.path().join("show/chapters/episode.toml")).unwrap();
    assert!(episode.contains("chapters.mp3"), "{episode}");
    failure(folder.path(), &["new", "show"], 1);
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
