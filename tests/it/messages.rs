//! What is said to people: nothing of a stranger's text steers their terminal or stands in what is
//! published, libraries are silent, a reader that has gone away ends no work, and what a person wrote
//! and cannot be read is named.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use linernotes::characters::acts;

fn linernotes(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linernotes"));
    command
        .current_dir(folder)
        .env("LINERNOTES_MODELS", folder.join("no-models"))
        .env("LINERNOTES_OFFLINE", "true")
        .env_remove("RUST_LOG")
        .env_remove("LINERNOTES_LOG");
    command
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// An episode with a transcript, and more lines for its `episode.toml`.
fn episode(folder: &Path, name: &str, transcript: &str, more: &str) -> PathBuf {
    let root = folder.join(name);
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("t.txt"), transcript).unwrap();
    fs::write(root.join("episode.toml"), format!("transcript = \"t.txt\"\n{more}")).unwrap();
    root
}

const PLAIN: &str = "Ann: [00:00:00] We went to Skerrow.\n\nBo: [00:00:09] And back.\n";
/// A terminal's command, an override, a bell, a separator, and what right-to-left text needs.
const TRAP: &str = "x\u{1b}[31mred\u{202e}\u{9b}2J\u{7}\u{2028}שלום\u{200f}";

#[test]
fn strangers_text_steers_no_terminal_and_is_not_published() {
    let folder = tempfile::tempdir().unwrap();
    let captions = format!(
        "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v {TRAP}>Well {TRAP} then.\n\n\
         00:00:03.000 --> 00:00:02.000\n<v Bo>{TRAP}\n"
    );
    fs::write(folder.path().join("a\u{1b}[2J\nerror: b.vtt"), captions).unwrap();
    let run = |args: &[&str]| linernotes(folder.path()).args(args).output().unwrap();
    let imported = run(&["import", "a\u{1b}[2J\nerror: b.vtt", "-o", "e"]);
    assert!(imported.status.success(), "{:?}", said(&imported));
    let toml = folder.path().join("e/episode.toml");
    let more =
        "title = \"T\\u001B[31m\\u202E\\u009B\"\nsummary = \"S\\u001B]0;x\\u0007\\u2028z\"\n";
    fs::write(
        &toml,
        format!("{}{more}", fs::read_to_string(&toml).unwrap().replace("title", "# title")),
    )
    .unwrap();
    let mut outputs = vec![imported];
    for args in [
        &["run", "e"][..],
        &["run", "e", "--json"],
        &["lint", "e/t\u{1b}.vtt", "."],
        &["lint", ".", "--json"],
        &["doubts", "e"],
        &["run", "gone\u{1b}[31m\u{202e}.mp3"],
        &["run", "e", "--speakers", "\u{1b}[31m"],
        &["voices", "forget", "\u{9b}2J"],
        &["export", "txt\u{1b}", "e"],
        &["export", "srt", "e"],
        &["export", "rework", "e"],
        &["export", "markdown", "e"],
    ] {
        outputs.push(run(args));
    }
    for output in &outputs {
        let (out, err) = said(output);
        assert!(!out.contains(acts) && !err.contains(acts), "{out}\n{err}");
        assert!(!err.contains("\nerror: b.vtt"), "{err}");
    }
    let mut seen = 0;
    for file in linernotes::lint::files_under(&folder.path().join("e/out")).unwrap() {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        seen += 1;
        assert!(!text.contains(acts), "{}: {text}", file.display());
    }
    assert!(seen >= 10, "{seen} files");
    let text = fs::read_to_string(folder.path().join("e/out/transcript.txt")).unwrap();
    assert!(text.contains("שלום\u{200f}") && text.contains("xred"), "{text}");
}

#[test]
fn libraries_are_silent_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    // an mp3's sign now and then, in bytes of no meaning
    let mut state = 1_u32;
    let mut noise = Vec::new();
    for index in 0..3_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.extend(if index % 90 == 0 {
            vec![0xff, 0xfb, 0x90]
        } else {
            vec![(state >> 24) as u8]
        });
    }
    fs::write(folder.path().join("noise.mp3"), noise).unwrap();
    let lines = |args: &[&str]| {
        let output = linernotes(folder.path()).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let (_, err) = said(&output);
        assert!(!err.contains('\u{1b}'), "{err}");
        err.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let quiet = lines(&["decode", "noise.mp3"]);
    assert_eq!(quiet.len(), 2, "{quiet:#?}");
    assert!(quiet[0].starts_with("error: ") && quiet[1].starts_with("hint: "), "{quiet:#?}");
    let loud = lines(&["decode", "noise.mp3", "-vv"]);
    assert!(loud.len() > 2 && loud.iter().any(|line| line.contains("symphonia")), "{loud:#?}");
}

/// A disk that is full.
#[cfg(target_os = "linux")]
fn full() -> Stdio {
    Stdio::from(File::options().write(true).open("/dev/full").unwrap())
}

/// A pipe that nobody reads.
#[cfg(target_os = "linux")]
fn closed() -> Stdio {
    let mut reader = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
    let pipe = reader.stdin.take().unwrap();
    reader.wait().unwrap();
    Stdio::from(pipe)
}

#[cfg(target_os = "linux")]
#[test]
fn a_lost_reader_ends_no_work() {
    type End = fn() -> Stdio;
    let folder = tempfile::tempdir().unwrap();
    let ends: [(&str, End); 2] = [("full", full), ("closed", closed)];
    for (name, end) in &ends {
        let root = episode(folder.path(), name, PLAIN, "date = \"in spring\"\n");
        let edits = "[[replace]]\nfind = \"nowhere\"\nwith = \"x\"\n";
        fs::write(root.join("edits.toml"), edits).unwrap();
        for json in [&[][..], &["--json"]] {
            let _ = fs::remove_dir_all(root.join("out"));
            let mut run = linernotes(folder.path());
            let code =
                run.args(["run", name]).args(json).stdout(end()).stderr(end()).status().unwrap();
            assert_eq!(code.code(), Some(0), "{name}");
            assert!(root.join("out/index.html").is_file(), "{name}");
        }
        let mut failing = linernotes(folder.path());
        let code = failing.args(["run", "gone.mp3"]).stderr(end()).status().unwrap();
        assert_eq!(code.code(), Some(1), "{name}");
        for args in [&["export", "srt", name][..], &["models", "list"], &["--help"]] {
            let mut command = linernotes(folder.path());
            let output = command.args(args).stdout(end()).stderr(Stdio::piped()).output().unwrap();
            let (_, err) = said(&output);
            if *name == "full" {
                assert_eq!(output.status.code(), Some(1), "{args:?}: {err}");
                assert!(err.contains("cannot write to standard output"), "{err}");
            } else {
                assert_eq!(output.status.code(), Some(0), "{args:?}: {err}");
                assert!(!err.contains("error") && !err.contains("panicked"), "{err}");
            }
        }
    }
}

#[test]
fn what_cannot_be_read_is_named_and_not_taken_for_missing() {
    let folder = tempfile::tempdir().unwrap();
    let more = "title = \"A\"\ndate = \"2026-3-1\"\naudio_url = \"https://cdn.example/a b.mp3\"\n\
                [[links]]\ntext = \"The list\"\nurl = \"www.example.org/list\"\n";
    let root = episode(folder.path(), "show/ep", PLAIN, more);
    let show = root.parent().unwrap();
    let toml = "name = \"H\"\ntagline = \"T\"\nauthor = \"A\"\nimage = \"https://e.org/c.jpg\"\n\
                base_url = \"https://harbour.example\"\ncategory = \"Arts > Bocks\"\n";
    fs::write(show.join("show.toml"), toml).unwrap();
    let run = |args: &[&str]| linernotes(folder.path()).args(args).output().unwrap();
    let all = [
        "show.toml`: `category = \"Arts > Bocks\"`",
        "episode.toml`: `date = \"2026-3-1\"` is no day",
        "write it as `2026-03-01`",
        "`https://cdn.example/a%20b.mp3`",
        "`links[0].url = \"www.example.org/list\"`",
    ];
    for (args, code) in [(&["run", "show/ep", "--strict"][..], 3), (&["publish", "show"], 0)] {
        let output = run(args);
        let (_, err) = said(&output);
        assert_eq!(output.status.code(), Some(code), "{err}");
        for part in all {
            assert_eq!(err.matches(part).count(), 1, "{part}: {err}");
        }
        assert!(!err.contains("name the day"), "{err}");
    }
    fs::write(show.join("show.toml"), toml.replace("https://harbour", "harbour")).unwrap();
    let (_, err) = said(&run(&["publish", "show"]));
    assert!(err.contains("error: ") && err.contains("`https://harbour.example`"), "{err}");

    let sound = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/voice.mp3");
    for (line, part) in [
        ("language = \"xx\"", "does not know the language `xx`"),
        ("model = \"bse\"", "no model is called `bse`"),
        ("[[chapters]]\nstart = \"soon\"\ntitle = \"A\"", "`soon` is not a time"),
    ] {
        let root = folder.path().join("heard");
        fs::create_dir_all(&root).unwrap();
        let audio = toml::Value::String(sound.display().to_string());
        fs::write(root.join("episode.toml"), format!("audio = {audio}\n{line}\n")).unwrap();
        let output = run(&["run", "heard"]);
        let (_, err) = said(&output);
        assert!(output.status.code() == Some(1) && err.contains(part), "{err}");
        assert!(err.contains("\nhint: "), "{err}");
        assert!(!root.join("work/1-recording.json").exists(), "it was decoded before: {err}");
    }
}

#[test]
fn the_notes_hold_no_markup_that_acts() {
    let folder = tempfile::tempdir().unwrap();
    let more = "summary = \"<script>alert(1)</script> [x](javascript:alert(1)) [good](https://e.org)\"\n\
                [[links]]\ntext = \"L\"\nurl = \"https://e.org/><script>alert(1)</script>\"\n";
    let root = episode(folder.path(), "e", PLAIN, more);
    let output = linernotes(folder.path()).args(["run", "e"]).output().unwrap();
    assert!(output.status.success(), "{:?}", said(&output));
    let notes = fs::read_to_string(root.join("out/notes.md")).unwrap();
    assert!(!notes.contains("<script"), "{notes}");
    assert!(
        notes.contains("\\[x](javascript:") && notes.contains("[good](https://e.org)"),
        "{notes}"
    );
}

#[test]
fn a_replacement_says_how_many_places_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "Ann: [00:00:00] To Dunmoil today. Dunmoil's harbour, “Dunmoil” they say, not dunmoil.\n";
    let root = episode(folder.path(), "e", text, "");
    let edits = "[[replace]]\nfind = \"Dunmoil\"\nwith = \"Dunmoyle\"\n";
    fs::write(root.join("edits.toml"), edits).unwrap();
    let output = linernotes(folder.path()).args(["run", "e"]).output().unwrap();
    let (_, err) = said(&output);
    assert!(err.contains("was replaced in 3 of 4 places; left: `dunmoil.`"), "{err}");
    let text = fs::read_to_string(root.join("out/transcript.txt")).unwrap();
    let wanted = "To Dunmoyle today. Dunmoyle's harbour, “Dunmoyle” they say, not dunmoil.";
    assert!(text.contains(wanted), "{text}");
}
