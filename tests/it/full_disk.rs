//! A write that finds no room, at many places of a run: it is told, nothing is mixed, and the next
//! run with room ends as if nothing had been.
//!
//! A limit on the size of files stands for the disk: the system cuts the write that goes beyond it.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const QUIRKS: &str = include_str!("../fixtures/import/quirks.txt");
const EDITS: &str = "[names]\nTom = \"Thomas\"\n";

/// Runs linernotes where no file may be longer than so many blocks of 512 bytes.
fn linernotes(folder: &Path, blocks: Option<u32>, args: &[&str]) -> Output {
    let limit = blocks.map_or("unlimited".to_string(), |blocks| blocks.to_string());
    Command::new("sh")
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {limit}; exec \"$@\""), "sh"])
        .arg(env!("CARGO_BIN_EXE_linernotes"))
        .args(args)
        .current_dir(folder)
        .env("LINERNOTES_MODELS", folder.join("no-models"))
        .env("LINERNOTES_OFFLINE", "true")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn succeeds(folder: &Path, args: &[&str]) {
    let output = linernotes(folder, None, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Whether there was room. If not, an error names a file and says what to do.
fn has_room(folder: &Path, blocks: u32, args: &[&str]) -> bool {
    let output = linernotes(folder, Some(blocks), args);
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => return true,
        Some(1) => {}
        other => panic!("{blocks} blocks, {args:?}: it ends with {other:?}\n{said}"),
    }
    assert!(said.contains("error: ") && said.contains('`'), "{blocks} blocks: {said}");
    assert!(said.contains("\nhint: "), "{blocks} blocks: {said}");
    false
}

/// The files below a folder with their bytes, by path; empty where it is missing.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let inside = files(&path).into_iter();
            found.extend(inside.map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

/// An imported episode `e`, published.
fn imported(folder: &Path) {
    fs::write(folder.join("quirks.txt"), QUIRKS).unwrap();
    succeeds(folder, &["import", "quirks.txt", "-o", "e"]);
}

/// Changes the episode and runs `args` in ever more room, until there is enough; each time, what is in
/// `out` stays until a run that has room. The number of runs that had none.
fn runs_without_room(prepare: impl Fn(&Path), args: &[&str], out: &str) -> u32 {
    let change = |folder: &Path| fs::write(folder.join("e/edits.toml"), EDITS).unwrap();
    let undisturbed = tempfile::tempdir().unwrap();
    prepare(undisturbed.path());
    let before = files(&undisturbed.path().join(out));
    change(undisturbed.path());
    succeeds(undisturbed.path(), &["run", "e"]);
    succeeds(undisturbed.path(), args);
    let after = files(&undisturbed.path().join(out));
    assert_ne!(before, after);

    for failed in 0.. {
        let blocks = failed * 8;
        let bench = tempfile::tempdir().unwrap();
        prepare(bench.path());
        change(bench.path());
        if args[0] != "run" {
            succeeds(bench.path(), &["run", "e"]);
        }
        let published = bench.path().join(out);
        if has_room(bench.path(), blocks, args) {
            assert_eq!(files(&published), after);
            return failed;
        }
        assert_eq!(files(&published), before, "{blocks} blocks: what was published is another");
        succeeds(bench.path(), args);
        assert_eq!(files(&published), after, "{blocks} blocks: the next run ends otherwise");
    }
    unreachable!("there is room at last")
}

#[test]
#[expect(clippy::print_stdout, reason = "the count is for whoever runs it with --nocapture")]
fn what_was_published_stays_until_there_is_room_and_the_next_run_completes() {
    let show = |folder: &Path| {
        fs::write(folder.join("show.toml"), "name = \"S\"\n").unwrap();
        imported(folder);
        succeeds(folder, &["publish", ".", "-o", "public"]);
    };
    let runs = runs_without_room(imported, &["run", "e"], "e/out");
    let sites = runs_without_room(show, &["publish", ".", "-o", "public"], "public");
    assert!(runs >= 3 && sites >= 3, "{runs} runs and {sites} sites had no room");
    println!("reliability: full_disk.limits = {}", runs + sites);
}

#[test]
fn an_import_without_room_leaves_nothing_and_succeeds_later() {
    let undisturbed = tempfile::tempdir().unwrap();
    imported(undisturbed.path());
    let wanted = files(&undisturbed.path().join("e/out"));
    for blocks in [0, 1, 2, 4, 8, 16, 32] {
        let bench = tempfile::tempdir().unwrap();
        fs::write(bench.path().join("quirks.txt"), QUIRKS).unwrap();
        let import = ["import", "quirks.txt", "-o", "e"];
        if !has_room(bench.path(), blocks, &import) {
            let out = files(&bench.path().join("e/out"));
            assert!(out.is_empty() || out == wanted, "{blocks} blocks: half an episode");
            succeeds(bench.path(), &import);
        }
        assert_eq!(files(&bench.path().join("e/out")), wanted, "{blocks} blocks");
    }
}
