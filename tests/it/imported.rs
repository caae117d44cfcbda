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
    assert!(!notes.contains("tides.fm/bo") && !notes.contains("missing"), "{notes}");
    let editors = bench.read("p/out/notes.md");
    assert!(editors.contains("**is missing**"), "{editors}");
    assert!(
        editors.contains("tides.fm/bo was heard; it may be <https://tides.fm/bo>"),
        "{editors}"
    );
    let link = "\n[[links]]\ntext = \"The post\"\nurl = \"https://tides.fm/post\"\n";
    bench.write("p/episode.toml", &format!("{episode}{link}"));
    assert_eq!(bench.run(&["run", "p", "--strict"]).status.code(), Some(0));
    bench.write("p/episode.toml", &format!("{episode}\n[[links]]\nat = \"00:00:04\"\n"));
    assert_eq!(bench.run(&["run", "p", "--strict"]).status.code(), Some(0));
}

/// What stands in the blocks of TOML of an editor's notes, below a heading.
fn offered(notes: &str, heading: &str) -> String {
    let (_, part) = notes.split_once(heading).unwrap_or_else(|| panic!("no {heading}: {notes}"));
    let part = part.split("\n### ").next().unwrap();
    let (_, block) = part.split_once("```toml\n").unwrap();
    block.split("```").next().unwrap().to_owned()
}

#[test]
fn what_was_only_heard_is_published_once_a_person_took_it_over() {
    let bench = Bench::new();
    fs::create_dir(bench.path("p")).unwrap();
    bench.write(
        "p/t.txt",
        "Ann: [00:00:00] You can find me on twitter at @bitswheat, and write to ann at tides dot fm.\n\n\
         Bo: [00:00:10] Leave us a voicemail at 708-628-7850. This show is edited by Caro Mint.\n",
    );
    bench.write("p/episode.toml", "transcript = \"t.txt\"\n");
    bench.succeeds(&["run", "p"]);
    let public = |name: &str| bench.read(&format!("p/out/{name}"));
    for name in ["notes.html", "index.html"] {
        for heard in ["twitter.com", "tel:", "mailto:", "Edited by"] {
            assert!(!public(name).contains(heard), "{name}: {heard}");
        }
    }
    let notes = public("notes.md");
    let (before, _) = notes.split_once("For the editor").unwrap();
    assert!(!before.contains("bitswheat") && !before.contains("Caro"), "{before}");
    let links = offered(&notes, "### What listeners are promised");
    let credits = offered(&notes, "### Credits that are said");
    bench.write("p/episode.toml", &format!("transcript = \"t.txt\"\n{links}{credits}"));
    bench.succeeds(&["run", "p", "--strict"]);
    let notes = public("notes.html");
    for taken in ["https://twitter.com/bitswheat", "tel:7086287850", "mailto:ann@tides.fm"] {
        assert!(notes.contains(taken), "{taken}: {notes}");
    }
    assert!(notes.contains("Caro Mint, editor"), "{notes}");
}

#[test]
fn drafts_are_the_editors_until_they_are_taken_over_or_published() {
    let bench = Bench::new();
    bench.write("long.txt", include_str!("../../episodes/0001-the-bucket-and-the-book/script.txt"));
    bench.succeeds(&["import", "long.txt", "-o", "d"]);
    let episode = bench.read("d/episode.toml");
    let plain: String = episode
        .lines()
        .filter(|line| !line.starts_with("summary"))
        .fold(String::new(), |text, line| text + line + "\n");
    bench.write("d/episode.toml", &plain);
    bench.succeeds(&["run", "d"]);
    let is_public = |text: &str| {
        ["index.html", "notes.html"]
            .iter()
            .any(|n| bench.read(&format!("d/out/{n}")).contains(text))
    };
    assert!(!is_public(">Chapters<") && !is_public("raft)") && !is_public("raft:"));
    assert!(!bench.path("d/out/chapters.json").exists());
    let (mp4chaps, said) = bench.succeeds(&["export", "mp4chaps", "d"]);
    assert!(mp4chaps.trim().is_empty() && said.contains("only drafted"), "{mp4chaps} {said}");

    let notes = bench.read("d/out/notes.md");
    let summary = offered(&notes, "### A draft of the summary");
    let chapters = offered(&notes, "### A draft of the chapters");
    bench.write("d/episode.toml", &format!("{summary}{plain}\n{chapters}"));
    bench.succeeds(&["run", "d"]);
    assert!(is_public(">Chapters<") && !is_public("raft)"));
    assert!(bench.read("d/out/chapters.json").contains("Cold open"));
    assert!(bench.succeeds(&["export", "mp4chaps", "d"]).0.contains("Credits"));
    assert!(!bench.read("d/out/notes.md").contains("A draft of"));

    let show = bench.read("d/show.toml");
    assert!(show.contains("drafts = \"editor\""), "{show}");
    bench.write("d/episode.toml", &plain);
    bench.write("d/show.toml", &show.replace("\"editor\"", "\"publish\""));
    bench.succeeds(&["run", "d"]);
    assert!(is_public("<em>(draft)</em>") && is_public("<em>Draft:</em>"));
    assert!(bench.read("d/out/chapters.json").contains("A draft"));
    assert!(bench.read("d/out/notes.md").contains("It is published as a draft."));

    bench.write("d/show.toml", &show.replace("\"editor\"", "\"none\""));
    bench.succeeds(&["run", "d"]);
    assert!(!is_public(">Chapters<") && !bench.read("d/out/notes.md").contains("A draft of"));
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
