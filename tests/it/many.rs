//! Many episodes in one run: each is made once, what fails keeps no other from being made, and all of
//! it is told in the end.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/audio");

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linernotes"));
    command
        .current_dir(folder)
        .env("LINERNOTES_MODELS", folder.join("no-models"))
        .env("LINERNOTES_OFFLINE", "true")
        .args(args);
    command
}

fn linernotes(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    parted(&command(folder, args).output().unwrap())
}

fn parted(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let said = text(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code(), text(&output.stdout), said)
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A show of so many episodes with transcripts, in a folder with a space and a letter beyond ASCII.
fn show(folder: &Path, episodes: usize) -> PathBuf {
    let show = folder.join("Die Schöne Show");
    write(&show.join("show.toml"), "");
    for number in 0..episodes {
        let root = show.join(format!("{number:04} über Dinge"));
        write(&root.join("episode.toml"), "transcript = \"t.txt\"\n");
        let text = format!("Ann: [00:00:00] This is talk {number}.\n\nBo: [00:00:09] And back.\n");
        write(&root.join("t.txt"), &text);
    }
    show
}

fn out_of(show: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![show.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().unwrap() != "work" {
                folders.push(path);
            } else if path.is_file() {
                let name = path.strip_prefix(show).unwrap().to_path_buf();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

#[test]
fn a_show_is_run_and_what_fails_is_told_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let show = show(folder.path(), 12);
    write(&show.join("0004 über Dinge/episode.toml"), "transcript = \"gone.txt\"\n");
    write(&show.join("0007 über Dinge/t.txt"), "");
    let (code, out, said) = linernotes(folder.path(), &["run", "Die Schöne Show"]);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(out.lines().count(), 10, "a page each: {out}");
    assert!(out.contains("Die Schöne Show/0003 über Dinge/out/index.html"), "{out}");
    let (_, end) = said.split_once("error: ").unwrap();
    assert!(end.starts_with("2 episodes were not made\n"), "{said}");
    for part in ["0004 über Dinge: ", "gone.txt", "`transcript`", "0007 über Dinge: ", "\nhint: "]
    {
        assert!(end.contains(part), "{part}: {said}");
    }
    assert!(
        said.contains("12 episodes in") && said.contains("10 made, 0 up to date, 2 failed"),
        "{said}"
    );
    assert!(said.contains("`linernotes publish Die Schöne Show` puts them on"), "{said}");
    // what was made is not made again, and what was mended is
    write(&show.join("0004 über Dinge/gone.txt"), "Ann: [00:00:00] Here.\n");
    write(&show.join("0007 über Dinge/t.txt"), "Ann: [00:00:00] Here.\n");
    let (code, _, said) = linernotes(&show.join("0001 über Dinge"), &["run", "--all"]);
    assert!(code == Some(0) && said.contains("2 made, 10 up to date"), "{said}");
    let (code, out, _) = linernotes(&show, &["run", "--all", "--explain"]);
    assert!(code == Some(0) && out.contains("0011 über Dinge: ") && !out.contains("runs"), "{out}");
}

#[test]
fn episodes_of_a_queue_are_what_each_is_alone() {
    let (together, alone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (all, each) = (show(together.path(), 5), show(alone.path(), 5));
    assert_eq!(linernotes(&all, &["run", ".", "--threads", "4"]).0, Some(0));
    for number in 0..5 {
        let name = format!("{number:04} über Dinge");
        assert_eq!(linernotes(&each, &["run", &name]).0, Some(0));
    }
    assert_eq!(out_of(&all), out_of(&each));
}

#[test]
fn several_files_and_folders_are_run_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let show = show(folder.path(), 2);
    let (one, other) = ("0000 über Dinge", "0001 über Dinge");
    let args = ["run", one, "./0000 über Dinge", other, "nothing.mp3", "show.toml"];
    let (code, out, said) = linernotes(&show, &args);
    assert_eq!((code, out.lines().count()), (Some(1), 2), "{said}");
    for part in ["2 made", "2 failed", "nothing.mp3: ", "show.toml: "] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (code, out, _) = linernotes(&show, &["run", "--json", "."]);
    let lines: Vec<serde_json::Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let done = lines.last().unwrap();
    assert_eq!((code, &done["event"], &done["fresh"]), (Some(0), &"done".into(), &2.into()));
    for (args, says) in [
        (&["run", "a", "b", "--track", "Ann=a.wav"][..], "`[[tracks]]`"),
        (&["run", one, other, "-o", one], "`linernotes new DIR`"),
        (&["run", "--all", "--explain", "--watch", "."], "`--watch` waits"),
        (&["run", "--watch", "nowhere"], "no folder to watch"),
    ] {
        let (code, _, said) = linernotes(&show, args);
        assert!(code == Some(1) && said.contains(says) && said.contains("\nhint: "), "{said}");
    }
    let (code, _, said) = linernotes(folder.path(), &["run", "--all"]);
    assert!(code == Some(1) && said.contains("`linernotes run SHOW`"), "{said}");
}

#[test]
fn what_another_run_is_at_work_on_is_left_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let show = show(folder.path(), 3);
    let root = show.join("0001 über Dinge");
    write(&root.join("work/lock"), "");
    let lock = File::open(root.join("work/lock")).unwrap();
    lock.lock().unwrap();
    let (code, out, said) = linernotes(&show, &["run", "."]);
    assert_eq!((code, out.lines().count()), (Some(0), 2), "{said}");
    assert!(said.contains("2 made, 0 up to date, 1 with another run"), "{said}");
    assert!(!root.join("out").exists());
    drop(lock);
    let (code, _, said) = linernotes(&show, &["run", "."]);
    assert!(code == Some(0) && said.contains("1 made, 2 up to date"), "{said}");
}

#[test]
fn two_queues_on_one_show_do_each_episode_once() {
    let folder = tempfile::tempdir().unwrap();
    let show = show(folder.path(), 24);
    let start = || {
        let mut queue = command(&show, &["run", ".", "--json"]);
        queue.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let queues = [start(), start()];
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    for queue in queues {
        let (code, out, said) = parted(&queue.wait_with_output().unwrap());
        assert_eq!(code, Some(0), "{said}");
        for line in out.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            if line["state"] == "made" {
                *made.entry(line["episode"].as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
    }
    assert_eq!(made.len(), 24);
    assert!(made.values().all(|times| *times == 1), "{made:?}");
}

#[test]
fn a_watch_that_could_make_nothing_is_refused_before_it_waits() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, said) = linernotes(folder.path(), &["run", "--watch", "."]);
    assert!(code == Some(1) && said.contains("models get segmentation-3.0"), "{said}");
}

#[test]
#[ignore = "needs weights"]
fn a_watched_folder_gives_its_files_once_they_are_whole_and_an_interrupt_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let show = show(folder.path(), 1);
    let incoming = folder.path().join("Neue Dateien");
    fs::create_dir(&incoming).unwrap();
    fs::write(incoming.join("cover.jpg"), "no sound").unwrap();
    fs::copy(Path::new(FIXTURES).join("voice.mp3"), incoming.join("ein Gespräch.mp3")).unwrap();
    let mut watch = command(&show, &["run", ".", "--watch", incoming.to_str().unwrap()]);
    let weights = linernotes::models::models_dir();
    watch.env("LINERNOTES_MODELS", weights).stdout(Stdio::piped()).stderr(Stdio::piped());
    let watch = watch.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_mins(2);
    let made = show.join("0001-ein Gespräch/out/index.html");
    while !made.exists() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(200));
    }
    std::thread::sleep(Duration::from_secs(2));
    Command::new("kill").args(["-INT", &watch.id().to_string()]).status().unwrap();
    let (code, out, said) = parted(&watch.wait_with_output().unwrap());
    assert_eq!(code, Some(130), "{said}");
    assert_eq!(out.lines().count(), 2, "{out}: {said}");
    assert!(said.contains("cover.jpg: "), "a picture is none, which is told: {said}");
}

#[test]
#[ignore = "needs weights"]
fn sound_is_heard_the_same_alone_and_beside_others() {
    let folder = tempfile::tempdir().unwrap();
    let weights = linernotes::models::models_dir();
    let run = |args: &[&str]| {
        let output = command(folder.path(), args).env("LINERNOTES_MODELS", &weights).output();
        let (code, _, said) = parted(&output.unwrap());
        assert_eq!(code, Some(0), "{said}");
    };
    for show in ["many", "one"] {
        write(&folder.path().join(show).join("show.toml"), "");
        for name in ["voice", "chapters", "tone"] {
            let audio = Path::new(FIXTURES).join(format!("{name}.mp3"));
            if audio.is_file() {
                run(&["add", audio.to_str().unwrap(), "-o", show]);
            }
        }
    }
    run(&["run", "many", "--threads", "2"]);
    for entry in fs::read_dir(folder.path().join("one")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            run(&["run", path.to_str().unwrap(), "--threads", "1"]);
        }
    }
    let (many, one) = (out_of(&folder.path().join("many")), out_of(&folder.path().join("one")));
    assert!(many.len() > 20 && many == one);
}
