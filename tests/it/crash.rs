//! A run is killed at each of its file operations, and many a time the one after it too: the last makes
//! everything as if nothing had been. At no point is anything of a person lost, nor half of one version
//! and half of another in place.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use linernotes::disk::rehearsal::{Plan, rehearse};
use linernotes::edit::Edition;
use linernotes::library::LibraryError;
use linernotes::library::artifact::{write_atomic, write_record};
use linernotes::library::episode::Episode;
use linernotes::library::folder::EpisodeFolder;
use linernotes::library::lock::EpisodeLock;
use linernotes::library::switch::{self, Switch};
use linernotes::pipeline::{Pipeline, Report, Request, Settings};
use linernotes::progress::Silent;
use linernotes::publish::{FileCopy, PublishError, publish};
use linernotes::render::Artifact;
use linernotes::site;
use linernotes::stage::Stage;
use linernotes::time::Ms;

use crate::pipeline::Doubles;

/// The files below a folder with what they hold, and its empty folders.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(inside) = folders.pop() {
        let mut entries = 0;
        for entry in fs::read_dir(&inside).unwrap().map(Result::unwrap) {
            entries += 1;
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read(entry.path()).unwrap());
            }
        }
        if entries == 0 {
            found.insert(format!("{}/", inside.strip_prefix(folder).unwrap().display()), vec![]);
        }
    }
    found
}

fn copy_all(from: &Path, to: &Path) {
    for (name, bytes) in contents(from) {
        if name.ends_with('/') {
            fs::create_dir_all(to.join(name)).unwrap();
        } else {
            fs::create_dir_all(to.join(&name).parent().unwrap()).unwrap();
            fs::write(to.join(name), bytes).unwrap();
        }
    }
}

/// What a disk can do, and what it cannot.
#[derive(Debug, Clone, Copy)]
struct Disk {
    exchanges: bool,
    links: bool,
    /// Whether the target is a mount point, and whether that is seen before something is moved.
    mount: Option<bool>,
}

const ORDINARY: Disk = Disk { exchanges: true, links: true, mount: None };
const DISKS: [Disk; 6] = [
    ORDINARY,
    Disk { exchanges: false, ..ORDINARY },
    Disk { links: false, ..ORDINARY },
    Disk { exchanges: false, links: false, ..ORDINARY },
    Disk { mount: Some(true), ..ORDINARY },
    Disk { mount: Some(false), ..ORDINARY },
];

impl Disk {
    fn plan(self, target: &Path, dies_at: Option<usize>) -> Plan {
        Plan {
            dies_at,
            no_exchange: !self.exchanges,
            no_links: !self.links,
            mount: self.mount.map(|_| target.to_path_buf()),
            hidden_mount: self.mount == Some(false),
        }
    }
}

/// What is done in a folder, and what holds there at every moment.
struct Scene<'s> {
    /// The folder in it that is published into.
    target: &'s str,
    work: &'s dyn Fn(&Path) -> Result<(), String>,
    /// Whether a moment may look like that.
    holds: &'s dyn Fn(&Path),
    /// The next run is killed too, once in so many times.
    again_every: usize,
    /// What two runs may differ in is taken out.
    compared: &'s dyn Fn(&Path) -> BTreeMap<String, Vec<u8>>,
}

impl Scene<'_> {
    /// Kills the work at every operation; returns how many there are.
    #[expect(clippy::print_stdout, reason = "the count is for whoever runs it with --nocapture")]
    fn kill_everywhere(&self, start: &Path, disk: Disk) -> usize {
        let fresh = || {
            let folder = tempfile::tempdir().unwrap();
            copy_all(start, folder.path());
            folder
        };
        let run = |folder: &Path, dies_at| {
            let plan = disk.plan(&folder.join(self.target), dies_at);
            rehearse(plan, || (self.work)(folder))
        };
        let undisturbed = fresh();
        let (done, operations) = run(undisturbed.path(), None);
        done.unwrap();
        let wanted = (self.compared)(undisturbed.path());
        let mut kills = 0;
        for dies_at in 0..operations {
            let folder = fresh();
            let again = (dies_at % self.again_every == 0).then_some((dies_at * 5 + 3) % operations);
            for dies_at in [Some(dies_at), again].into_iter().flatten() {
                let _killed = run(folder.path(), Some(dies_at));
                kills += 1;
                (self.holds)(folder.path());
            }
            let (done, _) = run(folder.path(), None);
            done.unwrap_or_else(|fault| panic!("{disk:?}, killed at {dies_at}: {fault}"));
            same(&(self.compared)(folder.path()), &wanted, &format!("{disk:?} at {dies_at}"));
        }
        println!("reliability: kills.{} = {kills}", self.target.replace('/', "_"));
        operations
    }
}

fn same(found: &BTreeMap<String, Vec<u8>>, wanted: &BTreeMap<String, Vec<u8>>, when: &str) {
    let names = |of: &BTreeMap<String, Vec<u8>>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(found), names(wanted), "{when}");
    for (name, bytes) in wanted {
        assert!(found[name] == *bytes, "{when}: `{name}` differs");
    }
}

/// The pages of a small episode.
const PAGES: [&str; 4] = ["index.html", "notes/notes.html", "transcript.txt", "words.json"];
/// What a person has in and beside it.
const THEIRS: [&str; 6] = [
    "out/CNAME",
    "out/.well-known/security.txt",
    "out/notes/mine.txt",
    ".out-takes/blooper.wav",
    ".linernotes-next-other/mine",
    ".out-before/mine",
];

fn publish_version(folder: &Path, version: &str, more: &[&str]) -> Result<(), String> {
    let files: Vec<Artifact> = PAGES
        .iter()
        .chain(more)
        .map(|name| Artifact { relative_path: (*name).into(), bytes: version.into() })
        .collect();
    let copy = FileCopy { from: folder.join("a.mp3"), name: "audio.mp3".into(), front: None };
    publish(&files, &[copy], &folder.join("out"), None, || Ok(()))
        .map(drop)
        .map_err(|fault: PublishError| fault.to_string())
}

fn is_whole_or_moved(folder: &Path, exchanges: bool) {
    let kept = |name: &str| {
        let moved = name.replacen("out", ".linernotes-next-out/before", 1);
        fs::read_to_string(folder.join(name)).or_else(|_| fs::read_to_string(folder.join(moved)))
    };
    for name in THEIRS {
        assert_eq!(kept(name).unwrap_or_default(), "theirs", "{name}");
    }
    let out = folder.join("out");
    if !exchanges && !out.exists() {
        return;
    }
    let texts = PAGES.map(|name| fs::read_to_string(out.join(name)).unwrap());
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    let old = fs::read_to_string(out.join("old.txt")).ok();
    assert_eq!(old.as_deref(), (texts[0] == "one").then_some("one"));
    assert_eq!(fs::read_to_string(out.join("audio.mp3")).unwrap(), "sound");
}

/// Where nothing can be moved, each file is one version's, and the first page is the last to change.
fn is_made_of_whole_files(folder: &Path) {
    let out = folder.join("out");
    let texts = PAGES.map(|name| fs::read_to_string(out.join(name)).unwrap());
    assert!(texts.iter().all(|text| text == "one" || text == "two"), "{texts:?}");
    assert!(texts[0] == "one" || texts.iter().all(|text| text == "two"), "{texts:?}");
    for name in THEIRS {
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "theirs", "{name}");
    }
}

#[test]
fn a_publish_that_is_killed_anywhere_loses_nothing_and_the_next_is_whole() {
    let start = tempfile::tempdir().unwrap();
    fs::write(start.path().join("a.mp3"), "sound").unwrap();
    publish_version(start.path(), "one", &["old.txt"]).unwrap();
    for name in THEIRS {
        fs::create_dir_all(start.path().join(name).parent().unwrap()).unwrap();
        fs::write(start.path().join(name), "theirs").unwrap();
    }
    for disk in DISKS {
        let holds = |folder: &Path| match disk.mount {
            None => is_whole_or_moved(folder, disk.exchanges),
            Some(_) => is_made_of_whole_files(folder),
        };
        let scene = Scene {
            target: "out",
            work: &|folder| publish_version(folder, "two", &[]),
            holds: &holds,
            again_every: 1,
            compared: &contents,
        };
        let operations = scene.kill_everywhere(start.path(), disk);
        assert!(operations >= 20, "only {operations}");
    }
}

#[test]
fn a_first_publish_that_is_killed_anywhere_leaves_nothing_half() {
    let start = tempfile::tempdir().unwrap();
    fs::write(start.path().join("a.mp3"), "sound").unwrap();
    for disk in &DISKS[..4] {
        let scene = Scene {
            target: "out",
            work: &|folder| publish_version(folder, "two", &[]),
            holds: &|folder| {
                let out = folder.join("out");
                assert!(!out.exists() || contents(&out).len() == PAGES.len() + 2);
            },
            again_every: 1,
            compared: &contents,
        };
        scene.kill_everywhere(start.path(), *disk);
    }
}

/// A show of two episodes in which nobody says anything.
pub(crate) fn small_show(show: &Path) {
    for name in ["one", "two"] {
        let root = show.join(name);
        fs::create_dir_all(root.join("out")).unwrap();
        fs::write(root.join("episode.toml"), format!("title = \"{name}\"\n")).unwrap();
        fs::write(root.join("out/index.html"), "<!doctype html>\n<title>A page</title>\n").unwrap();
        fs::write(root.join("out/transcript.txt"), name).unwrap();
        let edition = Edition {
            language: "en".to_owned(),
            duration: Ms::new(1_000),
            blocks: vec![],
            chapters: vec![],
            soundbites: vec![],
            turns: vec![],
        };
        write_record(&root.join("work/6-edition.json"), 1, &edition).unwrap();
    }
    fs::write(show.join("show.toml"), "name = \"A show\"\ntagline = \"For ten years\"\n").unwrap();
}

#[test]
fn a_site_that_is_killed_anywhere_keeps_what_is_a_persons() {
    let start = tempfile::tempdir().unwrap();
    let show = start.path().join("show");
    small_show(&show);
    let build = |folder: &Path| {
        let show = folder.join("show");
        site::build(&show, &folder.join("site"), None).map(drop).map_err(|fault| fault.to_string())
    };
    build(start.path()).unwrap();
    fs::write(start.path().join("site/CNAME"), "show.example").unwrap();
    let toml = fs::read_to_string(show.join("show.toml")).unwrap();
    fs::write(show.join("show.toml"), toml.replace("ten years", "twenty years")).unwrap();
    let old = contents(&start.path().join("site"));
    let done = tempfile::tempdir().unwrap();
    copy_all(start.path(), done.path());
    build(done.path()).unwrap();
    let new = contents(&done.path().join("site"));
    for disk in [ORDINARY, DISKS[1], DISKS[4]] {
        let holds = |folder: &Path| {
            let (site, aside) = (folder.join("site"), ".linernotes-next-site/before/CNAME");
            let kept = [site.join("CNAME"), folder.join(aside)];
            assert!(kept.iter().any(|path| path.exists()));
            if disk.mount.is_none() && site.exists() {
                let found = contents(&site);
                assert!(found == old || found == new, "half a site");
            }
        };
        let scene = Scene {
            target: "site",
            work: &build,
            holds: &holds,
            again_every: 3,
            compared: &contents,
        };
        scene.kill_everywhere(start.path(), disk);
    }
}

pub(crate) fn run(folder: &Path) -> Result<Report, String> {
    let audio = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/voice.mp3");
    let episode = EpisodeFolder::for_audio(&folder.join("episode"), &audio, Episode::default())
        .map_err(|fault| fault.to_string())?;
    let settings = Settings { model: "scripted".into(), ..Settings::default() };
    let request = Request { from: None, until: Stage::Publish };
    Pipeline::open(episode, settings, &mut Doubles::new(), &Silent)
        .and_then(|mut pipeline| pipeline.run(request))
        .map_err(|fault| format!("{fault}: {fault:?}"))
}

/// All but how long the stages took, and what is left of a cut line in the log of chunks.
fn but_for_time(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let seconds = regex::Regex::new(r#""seconds":[0-9.e-]+"#).unwrap();
    let mut found = contents(folder);
    for (name, bytes) in &mut found {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if name.ends_with("manifest.json") {
            *bytes = seconds.replace_all(&text, "").into_owned().into();
        } else if Path::new(name).extension().is_some_and(|ending| ending == "jsonl") {
            let whole = |line: &&str| serde_json::from_str::<serde_json::Value>(line).is_ok();
            *bytes = text.lines().filter(whole).collect::<Vec<_>>().join("\n").into();
        }
    }
    found
}

#[test]
fn a_run_that_is_killed_anywhere_goes_on_as_if_nothing_had_been() {
    let start = tempfile::tempdir().unwrap();
    let work = |folder: &Path| run(folder).map(drop);
    let scene = Scene {
        target: "episode/out",
        work: &work,
        holds: &|_| {},
        again_every: 4,
        compared: &but_for_time,
    };
    let operations = scene.kill_everywhere(start.path(), ORDINARY);
    assert!(operations > 80, "only {operations}");
    run(start.path()).unwrap();
    let edits = "[[replace]]\nfind = \"base camp\"\nwith = \"Basecamp\"\n";
    fs::write(start.path().join("episode/edits.toml"), edits).unwrap();
    fs::write(start.path().join("episode/out/mine.txt"), "mine").unwrap();
    let holds = |folder: &Path| {
        let kept = ["out", ".linernotes-next-out/before"]
            .map(|at| folder.join("episode").join(at).join("mine.txt").exists());
        assert!(kept.contains(&true));
    };
    let scene = Scene { holds: &holds, ..scene };
    scene.kill_everywhere(start.path(), DISKS[1]);
}

/// An episode whose files are to change together: the new ones are made ready, unless they are in place.
fn switched(folder: &Path) -> Result<(), String> {
    let episode =
        EpisodeFolder::open(&folder.join("episode")).map_err(|fault| fault.to_string())?;
    let work = || -> Result<(), LibraryError> {
        switch::finish(&episode)?;
        if fs::read_to_string(episode.episode_toml()).is_ok_and(|text| text.contains("new")) {
            return Ok(());
        }
        let _lock = EpisodeLock::take(&episode)?;
        let switch = Switch::begin(&episode)?;
        write_atomic(&switch.work().join("1.json"), b"new")?;
        write_atomic(&switch.work().join("3.json"), b"new")?;
        switch.add("episode.toml", b"title = \"new\"\n")?;
        switch.add("edits.toml", b"# new\n")?;
        switch.note("what-was-moved.txt", "all")?;
        switch.done().map(drop)
    };
    work().map_err(|fault| fault.to_string())
}

#[test]
fn files_that_change_together_do_so_wherever_a_run_is_killed() {
    let start = tempfile::tempdir().unwrap();
    let episode = start.path().join("episode");
    fs::create_dir_all(episode.join("work")).unwrap();
    let old = [
        ("episode.toml", "title = \"old\"\n"),
        ("edits.toml", "# old\n"),
        ("work/1.json", "old"),
        ("work/2.json", "old"),
        ("mine.txt", "mine"),
    ];
    for (name, text) in old {
        fs::write(episode.join(name), text).unwrap();
    }
    let holds = |folder: &Path| {
        let episode = folder.join("episode");
        let read = |name: &str| fs::read_to_string(episode.join(name)).unwrap();
        assert_eq!(read("mine.txt"), "mine");
        let texts = [read("episode.toml"), read("edits.toml"), read("work/1.json")];
        let is_new = texts.clone().map(|text| text.contains("new"));
        // what is half in place is finished before anything is read
        if episode.join("switch-under-way").exists() || is_new[0] {
            let places = ["switch-under-way", "before-1"].map(|kept| episode.join(kept));
            for (name, text) in &old[..4] {
                assert!(
                    places.iter().any(|kept| {
                        fs::read_to_string(kept.join(name)).is_ok_and(|found| found == *text)
                    }),
                    "the old {name} is lost"
                );
            }
        } else {
            assert_eq!(is_new, [false; 3], "{texts:?}");
        }
    };
    for disk in [ORDINARY, DISKS[2]] {
        let scene = Scene {
            target: "episode",
            work: &switched,
            holds: &holds,
            again_every: 1,
            compared: &contents,
        };
        let operations = scene.kill_everywhere(start.path(), disk);
        assert!(operations > 20, "only {operations}");
    }
}
