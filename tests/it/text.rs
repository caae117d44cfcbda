//! The transcript as text, edited and read back: what was changed is on the page, and nothing else is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TALK: &str = "Ann: [00:00:00] Welcome. I'm Ann Lee, and today we went to Skerrow by boat.\n\n\
                    [00:00:12] It rained all day and all night, and nobody slept.\n\n\
                    Bo: [00:00:30] No, nobody did. It was cold, too.\n\n\
                    Ann: [00:00:41] So what did you do then?\n\n\
                    Bo: [00:00:48] I went to bed. In the morning the sun was out.\n";

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(bench.path("e")).unwrap();
        fs::write(bench.path("e/t.txt"), TALK).unwrap();
        fs::write(bench.path("e/episode.toml"), "transcript = \"t.txt\"\ntitle = \"A Day\"\n")
            .unwrap();
        bench.succeeds(&["run", "e"]);
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linernotes"));
        command
            .current_dir(self.folder.path())
            .env("LINERNOTES_MODELS", self.path("no-models"))
            .env("LINERNOTES_OFFLINE", "true")
            .args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn succeeds(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn fails(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("\nhint: "), "{args:?}: {said}");
        said
    }

    /// The episode's text with changes, as a file.
    fn edited(&self, changes: &[(&str, &str)]) -> &'static str {
        let mut text = self.succeeds(&["text", "e"]);
        for (from, to) in changes {
            assert!(text.contains(from), "`{from}` in {text}");
            text = text.replacen(from, to, 1);
        }
        fs::write(self.path("talk.txt"), text).unwrap();
        "talk.txt"
    }
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    files
}

#[test]
fn text_out_and_in_again_changes_no_byte() {
    let bench = Bench::new();
    let before = files(&bench.path("e/out"));
    bench.succeeds(&["text", "e", "-o", "talk.txt"]);
    bench.succeeds(&["sync", "e", "talk.txt"]);
    let windows = format!("\u{feff}{}", bench.read("talk.txt").replace('\n', "\r\n"));
    fs::write(bench.path("talk.txt"), windows).unwrap();
    bench.succeeds(&["sync", "e", "talk.txt"]);
    assert_eq!(files(&bench.path("e/out")), before);
    assert!(!bench.path("e/edits.toml").exists());
    let said = bench.fails(&["text", "e", "-o", "talk.txt"]);
    assert!(said.contains("may be edited"), "{said}");
}

#[test]
fn what_was_changed_is_on_the_page_and_in_the_file_behind_what_stood_there() {
    let bench = Bench::new();
    let mine = "# mine\n[[replace]]\nfind = \"skerrow\"\nwith = \"Skerrow Sound\" # theirs\n";
    fs::write(bench.path("e/edits.toml"), mine).unwrap();
    bench.succeeds(&["run", "e"]);
    let file = bench.edited(&[
        ("Ann Lee", "Anne Lea"),
        ("Bo: [00:00:30]", "Bob: [00:00:30]"),
        ("Bo: [00:00:48] I went to bed. In", "Bob: [00:00:48] I went to bed.\n\nIn"),
        ("Ann: [00:00:41] So", "Ann: [00:00:41] [cut] So"),
    ]);
    bench.succeeds(&["sync", "e", file]);
    let (text, edits) = (bench.read("e/out/transcript.txt"), bench.read("e/edits.toml"));
    assert!(text.contains("I'm Anne Lea, and today we went to Skerrow Sound by boat."), "{text}");
    assert!(!text.contains("Bo: ") && text.matches("Bob: ").count() == 2, "{text}");
    assert!(text.contains("I went to bed.\n\n[00:00:"), "{text}");
    assert!(!text.contains("So what did you do") && text.contains("seconds are left out here."));
    assert!(edits.starts_with(mine), "{edits}");
    // a second time there is nothing to do
    let again = bench.edited(&[]);
    bench.succeeds(&["sync", "e", again]);
    assert_eq!(bench.read("e/edits.toml"), edits);
}

#[test]
fn what_is_wrong_is_told_by_line_and_nothing_is_lost() {
    let bench = Bench::new();
    let before = files(&bench.path("e"));
    let file = bench.edited(&[("Ann: [00:00:41] So what did you do then?\n\n", "")]);
    let said = bench.fails(&["sync", "e", file]);
    assert!(said.contains("the paragraph at 00:00:41 is missing: “So what did you"), "{said}");
    assert!(said.contains("put `[cut]` before its first word"), "{said}");
    let file = bench.edited(&[("[00:00:48]", "[00:00.48")]);
    let said = bench.fails(&["sync", "e", file]);
    assert!(said.contains("talk.txt:"), "{said}");
    let other: Vec<String> = (0..60).map(|n| format!("other{n} ")).collect();
    let other = other.concat();
    fs::write(bench.path("other.txt"), format!("Cy: [00:00:00] {other}\n")).unwrap();
    bench.fails(&["sync", "e", "other.txt"]);
    fs::write(bench.path("latin.txt"), b"Ann: [00:00:00] caf\xe9\n").unwrap();
    let said = bench.fails(&["sync", "e", "latin.txt"]);
    assert!(said.contains("save it as UTF-8"), "{said}");
    bench.fails(&["sync", "e", "gone.txt"]);
    assert_eq!(files(&bench.path("e/out")), {
        let out = bench.path("e/out");
        before.into_iter().filter(|(path, _)| path.starts_with(&out)).collect()
    });
    assert!(!bench.path("e/edits.toml").exists());
}

#[cfg(unix)]
#[test]
fn an_editor_is_opened_and_what_it_leaves_is_taken_over() {
    let bench = Bench::new();
    let edit =
        |editor: &str| bench.command(&["text", "e", "--edit"]).env("EDITOR", editor).output();
    let script = bench.path("editor.sh");
    fs::write(&script, "#!/bin/sh\nsed -i 's/Ann Lee/Anne Lea/' \"$1\"\n").unwrap();
    let output = edit(&format!("sh {}", script.display())).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(bench.read("e/out/transcript.txt").contains("I'm Anne Lea, and"));
    let output = edit("false").unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("nothing was taken over") && said.contains("the text is kept in"),
        "{said}"
    );
    let mut none = bench.command(&["text", "e", "--edit"]);
    let output = none.env_remove("EDITOR").env_remove("VISUAL").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("no editor is known"));
}

#[test]
fn a_watched_file_is_followed() {
    let bench = Bench::new();
    let file = bench.edited(&[]);
    let mut watching = bench.command(&["sync", "e", file, "--watch"]).spawn().unwrap();
    bench.edited(&[("Ann Lee", "Anne Lea")]);
    let is_there = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        bench.read("e/out/transcript.txt").contains("Anne Lea")
    });
    watching.kill().unwrap();
    watching.wait().unwrap();
    assert!(is_there, "{}", bench.read("e/out/transcript.txt"));
}

#[test]
fn faults_of_the_edits_are_told_before_anything_runs() {
    let bench = Bench::new();
    for (edits, wanted) in [
        ("[[cut]]\nfrom = \"00:00:10\"\n", "line 1: `[[cut]]`: the stretch has no end"),
        ("\n[[speaker]]\nfrom=\"00:09\"\nto=\"00:08\"\nname=\"A\"\n", "which is not after"),
        ("version = 7\n", "version 7"),
        ("[[replase]]\n", "unknown field `replase`"),
        ("<<<<<<< HEAD\n", "two versions of the file were merged"),
    ] {
        fs::write(bench.path("e/edits.toml"), edits).unwrap();
        let said = bench.fails(&["run", "e"]);
        assert!(said.contains(wanted) && said.contains("edits.toml"), "{said}");
    }
}

#[test]
fn half_an_episode_that_is_gone_and_another_ones_text_change_nothing() {
    let bench = Bench::new();
    let before = files(&bench.path("e/out"));
    let text = bench.succeeds(&["text", "e"]);
    let half = text.find("Ann: [00:00:41]").unwrap();
    fs::write(bench.path("half.txt"), &text[..half]).unwrap();
    let said = bench.fails(&["sync", "e", "half.txt"]);
    for missing in ["the paragraph at 00:00:41 is missing", "the paragraph at 00:00:48 is missing"]
    {
        assert!(said.contains(missing), "{said}");
    }
    assert!(
        said.contains("2 places in `half.txt` cannot be taken over, and nothing was changed"),
        "{said}"
    );
    fs::write(bench.path("none.txt"), "").unwrap();
    bench.fails(&["sync", "e", "none.txt"]);
    let head = text.split("Ann: [00:00:00]").next().unwrap();
    let other: Vec<String> = (0..60).map(|n| format!("other{n}")).collect();
    let other = format!("{head}Cy: [00:00:00] {}\n", other.join(" "));
    fs::write(bench.path("other.txt"), other).unwrap();
    let said = bench.fails(&["sync", "e", "other.txt"]);
    assert!(said.contains("this does not seem to be the text of this episode"), "{said}");
    assert_eq!(files(&bench.path("e/out")), before);
    assert!(!bench.path("e/edits.toml").exists());
}

#[test]
fn two_editors_at_once_lose_nothing_and_who_undoes_the_other_is_told() {
    let bench = Bench::new();
    let text = bench.succeeds(&["text", "e"]);
    let change = |name: &str, from: &str, to: &str| {
        assert!(text.contains(from));
        fs::write(bench.path(name), text.replacen(from, to, 1)).unwrap();
    };
    change("one.txt", "by boat", "by ship");
    change("two.txt", "So what did", "And what did");
    let start = |name: &str| {
        let mut command = bench.command(&["sync", "e", name]);
        command.stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let both = [start("one.txt"), start("two.txt")].map(|child| child.wait_with_output().unwrap());
    for output in &both {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // every correction is in the file, the one that took the other back, too
    let edits = bench.read("e/edits.toml");
    assert!(edits.contains("with = \"ship,\"") || edits.contains("with = \"ship.\""), "{edits}");
    assert!(edits.contains("with = \"And\""), "{edits}");
    let told: String =
        both.iter().map(|out| String::from_utf8_lossy(&out.stderr).into_owned()).collect();
    let page = bench.read("e/out/transcript.txt");
    let are_both = page.contains("by ship") && page.contains("And what did");
    assert!(are_both || told.contains("again, as it was heard"), "{told} {page}");
}

#[test]
fn corrections_that_contradict_each_other_are_told() {
    let bench = Bench::new();
    let edits = "[[speaker]]\nname = \"Cy\"\nat = \"00:00:41\"\n[[speaker]]\nname = \"Di\"\nat = \"00:00:41\"\n\
                 [[voice]]\nname = \"Eve\"\nat = \"00:00:30\"\n[[voice]]\nname = \"Fay\"\nat = \"00:00:48\"\n";
    fs::write(bench.path("e/edits.toml"), edits).unwrap();
    let said = String::from_utf8(bench.run(&["run", "e"]).stderr).unwrap();
    assert!(said.contains("Cy") && said.contains("Di"), "{said}");
    assert!(said.contains("Eve") && said.contains("Fay"), "{said}");
    assert_eq!(bench.read("e/edits.toml"), edits);
}
