//! Imported episodes are episodes: they run, take edits and export as transcribed ones do, and what
//! people wrote is left alone.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

const QUIRKS: &str = include_str!("../fixtures/import/quirks.txt");

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    /// A folder with the transcript `quirks.txt`, imported into `e`.
    fn new() -> Bench {
        let bench = Bench { folder: tempfile::tempdir().unwrap() };
        bench.write("quirks.txt", QUIRKS);
        bench.succeeds(&["import", "quirks.txt", "-o", "e"]);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, args: &[&str]) -> std::process::Output {
        let mut command = Command::cargo_bin("linernotes").unwrap();
        let models: &Path = &self.path("no-models");
        command.current_dir(self.folder.path()).env("LINERNOTES_MODELS", models);
        command.env("LINERNOTES_OFFLINE", "true").args(args).output().unwrap()
    }

    /// What a command that must succeed writes to standard output and to standard error.
    fn succeeds(&self, args: &[&str]) -> (String, String) {
        let output = self.run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {said}");
        (String::from_utf8(output.stdout).unwrap(), said)
    }

    /// What a command that must fail says.
    fn fails(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("\nhint: "), "{args:?}: {said}");
        said
    }
}

#[test]
fn nobody_doubts_what_somebody_else_wrote_down() {
    let bench = Bench::new();
    let said = bench.fails(&["doubts", "e"]);
    assert!(said.contains("has an imported transcript"), "{said}");
    assert!(said.contains("linernotes lint e"), "{said}");
    assert!(!said.contains("run the episode again"), "{said}");
}

#[test]
fn it_runs_like_any_other_and_takes_edits() {
    let bench = Bench::new();
    let page = bench.read("e/out/index.html");
    let (_, said) = bench.succeeds(&["run", "e"]);
    assert!(said.contains("everything is up to date"), "{said}");
    bench.write(
        "e/edits.toml",
        "[names]\nTom = \"Thomas\"\n\n[[replace]]\nfind = \"the hill,\"\nwith = \"the mole,\"\n",
    );
    bench.succeeds(&["run", "e"]);
    let text = bench.read("e/out/transcript.txt");
    assert!(text.contains("from the mole, and I ran"), "{text}");
    assert!(text.contains("Thomas: [00:00:51] And"), "{text}");
    let (vtt, said) = bench.succeeds(&["export", "vtt", "e"]);
    assert!(vtt.contains("<v Thomas>") && said.is_empty(), "{said}");
    let by_hand = bench.read("e/edits.toml");
    assert!(by_hand.starts_with("[names]"), "edits stay a person's: {by_hand}");
    fs::remove_file(bench.path("e/edits.toml")).unwrap();
    bench.succeeds(&["run", "e"]);
    assert_eq!(bench.read("e/out/index.html"), page);
}

#[test]
fn work_may_be_deleted_and_the_transcript_may_be_changed() {
    let bench = Bench::new();
    let page = bench.read("e/out/index.html");
    fs::remove_dir_all(bench.path("e/work")).unwrap();
    fs::remove_dir_all(bench.path("e/out")).unwrap();
    bench.succeeds(&["run", "e"]);
    assert_eq!(bench.read("e/out/index.html"), page);
    assert_eq!(bench.read("e/quirks.txt"), QUIRKS);
    bench.write("e/quirks.txt", &QUIRKS.replace("from the hill", "from the mole"));
    bench.succeeds(&["run", "e"]);
    assert!(bench.read("e/out/index.html").contains("mole"));
}

#[test]
fn what_was_imported_before_is_never_replaced() {
    let bench = Bench::new();
    bench.write("e/edits.toml", "# mine\n");
    let episode = bench.read("e/episode.toml");
    bench.succeeds(&["import", "quirks.txt", "-o", "e"]);
    bench.write("other.txt", &QUIRKS.replace("Monday", "Friday"));
    let said = bench.fails(&["import", "other.txt", "-o", "e"]);
    assert!(said.contains("another transcript"), "{said}");
    assert_eq!(bench.read("e/quirks.txt"), QUIRKS);
    assert_eq!(bench.read("e/episode.toml"), episode);
    assert_eq!(bench.read("e/edits.toml"), "# mine\n");
    let own = bench.path("own");
    fs::create_dir(&own).unwrap();
    bench.write("own/episode.toml", "audio = \"a.mp3\"\n");
    let said = bench.fails(&["import", "other.txt", "-o", "own"]);
    assert!(said.contains("names no transcript"), "{said}");
}

#[test]
fn the_bytes_come_back_and_the_house_form_names_its_changes() {
    let bench = Bench::new();
    let (found, _) = bench.succeeds(&["export", "rework", "e", "--as-found"]);
    assert_eq!(found, QUIRKS);
    let (_, said) = bench.succeeds(&["export", "rework", "e"]);
    assert_eq!(said.lines().count(), 2, "{said}");
}

#[test]
fn a_promise_without_a_link_fails_a_strict_run_until_it_is_kept() {
    let bench = Bench::new();
    fs::create_dir(bench.path("p")).unwrap();
    bench.write(
        "p/t.txt",
        "Ann: [00:00:00] Bo wrote a long post about tides. We’ll link to it in the show notes.\n\n\
         Bo: [00:00:10] You can find me at tides dot fm slash bo.\n",
    );
    let episode = "transcript = \"t.txt\"\n";
    bench.write("p/episode.toml", episode);
    let output = bench.run(&["run", "p", "--strict"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("at 00:00:0") && said.contains("a link in the show notes"), "{said}");
    let notes = bench.read("p/out/notes.html");
    assert!(notes.contains("<a href=\"https://tides.fm/bo\""), "{notes}");
    assert!(!notes.contains("missing") && bench.read("p/out/notes.md").contains("**is missing**"));
    let link = "\n[[links]]\ntext = \"The post\"\nurl = \"https://tides.fm/post\"\n";
    bench.write("p/episode.toml", &format!("{episode}{link}"));
    assert_eq!(bench.run(&["run", "p", "--strict"]).status.code(), Some(0));
    bench.write("p/episode.toml", &format!("{episode}\n[[links]]\nat = \"00:00:04\"\n"));
    assert_eq!(bench.run(&["run", "p", "--strict"]).status.code(), Some(0));
}

#[test]
fn chapters_are_drafted_marked_and_left_out_on_request() {
    let bench = Bench::new();
    bench.write("long.txt", include_str!("../../episodes/0001-the-bucket-and-the-book/script.txt"));
    bench.succeeds(&["import", "long.txt", "-o", "d"]);
    let notes = bench.read("d/out/notes.html");
    assert!(notes.contains("<em>(draft)</em>") && notes.contains("00:00:00 Cold open"), "{notes}");
    assert!(bench.read("d/out/chapters.json").contains("draft"));
    let mp4chaps = bench.succeeds(&["export", "mp4chaps", "d"]).0;
    assert!(mp4chaps.contains("Credits"), "{mp4chaps}");
    let show = bench.read("d/show.toml");
    bench.write("d/show.toml", &format!("drafts = false\n{show}"));
    bench.succeeds(&["run", "d"]);
    assert!(!bench.read("d/out/notes.html").contains("Cold open"));
    assert!(!bench.path("d/out/chapters.json").exists());
}

#[test]
fn a_transcript_named_by_hand_is_an_import_too() {
    let bench = Bench::new();
    fs::create_dir(bench.path("by-hand")).unwrap();
    bench.write("by-hand/t.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hello there.\n");
    bench.write("by-hand/episode.toml", "transcript = \"t.vtt\"\n");
    let said = bench.fails(&["export", "srt", "by-hand"]);
    assert!(said.contains("has not run yet"), "{said}");
    bench.succeeds(&["run", "by-hand"]);
    assert!(bench.read("by-hand/out/transcript.srt").contains("Ann: Hello there."));
    bench.write("by-hand/t.vtt", "no transcript at all");
    let output = bench.run(&["run", "by-hand"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("t.vtt") && said.contains("line 1"), "{said}");
    assert!(bench.read("by-hand/out/transcript.srt").contains("Hello"), "the old files stay");
}
