//! `work/` may be deleted, in whole or in part, and whatever stands in it may be damaged: the next
//! run makes it again, and the result is the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use linernotes::library::LibraryError;
use linernotes::library::episode::{Episode, TrackEntry};
use linernotes::library::folder::EpisodeFolder;
use linernotes::pipeline::{
    Pipeline, PipelineError, Request, Settings, conversation_of, edition_of,
};
use linernotes::progress::Silent;
use linernotes::stage::Stage;
use serde_json::{Value, json};

use crate::pipeline::{Bench, Doubles, ran};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio").join(name)
}

/// A finished episode.
fn plain() -> Bench {
    Bench::of(&fixture("chapters.mp3"))
}

/// The same with a picture in its audio.
fn pictured() -> Bench {
    Bench::of(&fixture("cbr.mp3"))
}

/// A finished episode of two tracks, with a mix made of them.
fn tracks() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("episode");
    let track = |name: &str, file: &str| TrackEntry {
        name: name.into(),
        audio: fixture(file).display().to_string(),
        ..TrackEntry::default()
    };
    let tracks = vec![track("Ann", "voice.mp3"), track("Bo", "chapters.mp3")];
    EpisodeFolder::for_tracks(&root, Episode { tracks, ..Episode::default() }).unwrap();
    Bench { _folder: folder, root }
}

/// A finished episode whose transcript somebody else made, with sound.
fn imported() -> Bench {
    let bench = Bench::of(&fixture("voice.mp3"));
    let episode = bench.read("episode.toml");
    bench.write("t.txt", "Ann: [00:00:00] Hello there, deer Basecamp listeners.\n");
    bench.write("episode.toml", &format!("transcript = \"t.txt\"\n{episode}"));
    bench
}

/// The files below a folder with their bytes.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// All that an episode's last run left, without what differs from run to run: how long it took, what
/// the system says of files, and the log of chunks, in which each line stands for itself.
fn state(bench: &Bench) -> BTreeMap<String, Vec<u8>> {
    let mut all = files(&bench.root);
    all.retain(|name, _| {
        !name.starts_with("work/lock") && !name.starts_with("work/3-chunks.jsonl")
    });
    let manifest = all.get_mut("work/manifest.json").unwrap();
    let mut record: Value = serde_json::from_slice(manifest).unwrap();
    for entry in record["record"]["stages"].as_object_mut().unwrap().values_mut() {
        entry["seconds"] = json!(0);
        for file in entry["files"].as_object_mut().unwrap().values_mut() {
            file["stamp"] = json!(null);
        }
    }
    record["record"]["sources"] = json!(null);
    record["record"]["hash"] = json!(null);
    *manifest = record.to_string().into_bytes();
    all
}

/// What may happen to a file.
const DAMAGES: [&str; 10] = [
    "deleted",
    "emptied",
    "cut",
    "half zero",
    "one bit",
    "longer",
    "a folder",
    "a folder with a file",
    "newer",
    "other JSON",
];

fn damage(path: &Path, how: &str) {
    let whole = fs::read(path).unwrap();
    let half = whole.len() / 2;
    fs::remove_file(path).unwrap();
    let bytes = match how {
        "deleted" => return,
        "a folder" => return fs::create_dir(path).unwrap(),
        "a folder with a file" => {
            fs::create_dir(path).unwrap();
            return fs::write(path.join("x"), "x").unwrap();
        }
        "emptied" => Vec::new(),
        "cut" => whole[..half].to_vec(),
        "half zero" => [&whole[..half], &vec![0; whole.len() - half]].concat(),
        "one bit" => {
            let mut bytes = whole;
            if let Some(byte) = bytes.get_mut(half) {
                *byte ^= 1;
            }
            bytes
        }
        "longer" => [whole.as_slice(), b"x"].concat(),
        "newer" => br#"{"schema":99,"record":{"voices":[]}}"#.to_vec(),
        _ => br#"{"schema":1,"record":null}"#.to_vec(),
    };
    fs::write(path, bytes).unwrap();
}

/// Damages each file of `work/` in each way and expects the next run to make up for it.
fn survives_all_damage(bench: &Bench) {
    bench.run();
    let right = state(bench);
    let names: Vec<String> = files(&bench.root.join("work")).into_keys().collect();
    assert!(names.len() >= 9, "{names:?}");
    for name in names {
        for how in DAMAGES {
            let path = bench.root.join("work").join(&name);
            damage(&path, how);
            match bench.run_with(&mut Doubles::new(), None, &Silent) {
                Ok(_) => {}
                Err(PipelineError::Library(fault @ LibraryError::Newer { .. })) => {
                    assert_eq!((name.as_str(), how), ("manifest.json", "newer"), "{fault}");
                    assert!(fault.hint().unwrap().contains("delete the file"));
                    fs::remove_file(&path).unwrap();
                    bench.run();
                }
                Err(fault) => panic!("{name} {how}: {fault}"),
            }
            let now = state(bench);
            for file in right.keys().chain(now.keys()) {
                assert!(right.get(file) == now.get(file), "{name} {how}: {file} differs");
            }
            if !path.is_file() {
                // a log of chunks and a lock are made when they are needed
                fs::remove_dir_all(&path).ok();
                fs::write(&path, "").unwrap();
            }
            assert_eq!(ran(&bench.run()), [], "{name} {how}: the run after has nothing to do");
        }
    }
}

#[test]
fn each_file_of_an_episode_may_be_damaged_or_deleted() {
    survives_all_damage(&plain());
}

#[test]
fn each_file_of_an_episode_with_a_picture_may_be_damaged_or_deleted() {
    survives_all_damage(&pictured());
}

#[test]
fn each_file_of_an_episode_of_tracks_may_be_damaged_or_deleted() {
    survives_all_damage(&tracks());
}

#[test]
fn each_file_of_an_imported_episode_may_be_damaged_or_deleted() {
    survives_all_damage(&imported());
}

#[test]
fn any_files_may_be_deleted_together() {
    let bench = plain();
    bench.run();
    let right = state(&bench);
    let names: Vec<String> = files(&bench.root.join("work")).into_keys().collect();
    let mut random: u32 = 1;
    for round in 0..40 {
        for name in &names {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let path = bench.root.join("work").join(name);
            if random >> 31 == 1 && path.exists() {
                fs::remove_file(path).unwrap();
            }
        }
        bench.run();
        assert!(state(&bench) == right, "round {round}");
    }
}

#[test]
fn damage_is_said_by_explain_with_the_file() {
    let bench = plain();
    bench.run();
    fs::write(bench.root.join("work/6-names.json"), "x").unwrap();
    let folder = EpisodeFolder::open(&bench.root).unwrap();
    let settings = Settings { model: "scripted".into(), ..Settings::default() };
    let mut doubles = Doubles::new();
    let mut pipeline = Pipeline::open(folder, settings, &mut doubles, &Silent).unwrap();
    let plan = pipeline.explain(Request { from: None, until: Stage::Edit }).unwrap();
    assert!(plan[..5].iter().all(|(_, why)| why.is_none()), "{plan:?}");
    let why = plan[5].1.clone().unwrap();
    assert!(why.ends_with("work/6-names.json` is missing or was changed"), "{why}");
}

#[test]
fn damaged_chunks_are_heard_again_and_whole_ones_are_not() {
    let bench = plain();
    bench.run();
    let right = bench.read("work/3-transcript.json");
    let log = bench.root.join("work/3-chunks.jsonl");
    let lines = fs::read_to_string(&log).unwrap().lines().count();
    assert!(lines > 0);
    // what is said differs in the log, but is not believed
    let changed = fs::read_to_string(&log).unwrap().replace("Hello", "Jello");
    fs::write(&log, changed).unwrap();
    fs::remove_file(bench.root.join("work/3-transcript.json")).unwrap();
    bench.run();
    assert_eq!(bench.read("work/3-transcript.json"), right);
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), lines);
}

#[test]
fn another_audio_leaves_nothing_of_the_one_before() {
    let bench = pictured();
    bench.run();
    assert!(
        bench.root.join("work/1-artwork.jpg").exists()
            || bench.root.join("work/1-artwork.png").exists()
    );
    let episode = bench.read("episode.toml");
    let line = episode.lines().find(|line| line.starts_with("audio = ")).unwrap();
    let other = format!("audio = \"{}\"", fixture("voice.mp3").display());
    bench.write("episode.toml", &episode.replace(line, &other));
    bench.run();
    for folder in ["work", "out"] {
        let names: Vec<_> = files(&bench.root.join(folder)).into_keys().collect();
        assert!(names.iter().all(|name| !name.contains("artwork")), "{names:?}");
    }
    assert!(!bench.read("out/index.html").contains("artwork.jpg"));
    assert!(!bench.read("out/index.html").contains("artwork.png"));

    bench.write("t.txt", "Ann: [00:00:00] Hello there.\n");
    bench.write("episode.toml", "transcript = \"t.txt\"\n");
    let folder = EpisodeFolder::open(&bench.root).unwrap();
    assert!(conversation_of(&folder).unwrap().is_some());
    bench.run();
    assert!(conversation_of(&folder).unwrap().is_none(), "the machine said nothing of these words");
    assert!(!bench.root.join("out/coverage.json").exists(), "nothing was listened to");
}

#[test]
fn what_other_commands_read_is_as_the_run_left_it() {
    let bench = plain();
    bench.run();
    let folder = EpisodeFolder::open(&bench.root).unwrap();
    edition_of(&folder).unwrap();
    let edition = bench.read("work/6-edition.json").replace("Hello", "Jello");
    bench.write("work/6-edition.json", &edition);
    let told = edition_of(&folder).unwrap_err();
    assert!(told.to_string().contains("not as the last run left it"), "{told}");
    assert!(told.hint().unwrap().contains("run the episode again"));
    bench.run();
    edition_of(&folder).unwrap();
}
