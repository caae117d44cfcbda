//! What would end a run later is told before it begins, all of it at once; what is left to do, at its
//! end.

use std::fs;
use std::path::Path;
use std::process::Command;

fn linernotes(folder: &Path, args: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_linernotes"))
        .current_dir(folder)
        .env("LINERNOTES_MODELS", folder.join("no-models"))
        .env("LINERNOTES_OFFLINE", "true")
        .args(args)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const VOICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/audio/voice.mp3");

#[test]
fn every_file_with_a_fault_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "show.toml", "nam = \"A\"\n");
    write(folder.path(), "e/episode.toml", "titel = \"B\"\n");
    write(folder.path(), "e/edits.toml", "[[replac]]\n");
    let (done, said) = linernotes(folder.path(), &["run", "e"]);
    assert!(!done && said.contains("error: 3 things have to be put right first"), "{said}");
    for part in ["show.toml", "`nam`", "episode.toml", "`titel`", "edits.toml", "`replac`"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(said.contains("\nhint: put these right and run again"), "{said}");
}

#[test]
fn what_is_missing_is_named_at_once_and_nothing_is_decoded() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(VOICE, folder.path().join("voice.mp3")).unwrap();
    write(folder.path(), "show.toml", "image = \"cover.jpg\"\n");
    write(folder.path(), "templates/notes.md", "{% if %}\n");
    write(
        folder.path(),
        "e/episode.toml",
        "audio = \"../voice.mp3\"\nlanguage = \"klingon\"\n[[chapters]]\nstart = \"soon\"\n",
    );
    let (done, said) = linernotes(folder.path(), &["run", "e", "--model", "base"]);
    assert!(!done && said.contains("things have to be put right first"), "{said}");
    for part in [
        "`soon` is not a time",
        "`cover.jpg` is not there",
        "notes.md`, line 1",
        "does not know the language `klingon`",
        "segmentation-3.0",
        "campplus",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!folder.path().join("e/work/1-recording.json").exists());
    // a stage that needs none of it is not held up
    let (done, said) = linernotes(folder.path(), &["decode", "e", "--quiet"]);
    assert!(!done && said.contains("`soon`") && !said.contains("cover.jpg"), "{said}");
}

#[test]
fn a_new_show_publishes_and_an_example_that_is_left_does_not() {
    let folder = tempfile::tempdir().unwrap();
    assert!(linernotes(folder.path(), &["new", "show"]).0);
    write(
        folder.path(),
        "t.txt",
        "Ann: [00:00:00] We went to Skerrow.\n\nBo: [00:00:09] And back.\n",
    );
    let (done, said) = linernotes(folder.path(), &["import", "t.txt", "-o", "show"]);
    assert!(done, "{said}");
    let (done, said) = linernotes(folder.path(), &["publish", "show"]);
    assert!(done, "{said}");
    let toml = folder.path().join("show/show.toml");
    let new = fs::read_to_string(&toml).unwrap();
    let careless = new.replace("# name = \"The", "name = \"The").replace("# tagline", "tagline");
    fs::write(&toml, careless).unwrap();
    for args in [&["run", "show/t"][..], &["publish", "show"]] {
        let (done, said) = linernotes(folder.path(), args);
        assert!(!done && said.contains("show.toml") && said.contains("is not published"), "{said}");
        assert!(said.contains("name = \"The show's name\"") && said.contains("tagline"), "{said}");
    }
    let site = fs::read_to_string(folder.path().join("show/site/index.html")).unwrap();
    assert!(!site.contains("The show's name"));
    fs::write(&toml, new).unwrap();
    let episode = folder.path().join("show/t/episode.toml");
    let text = fs::read_to_string(&episode).unwrap();
    fs::write(&episode, text + "\n[[people]]\nname = \"Full Name\"\n").unwrap();
    let (done, said) = linernotes(folder.path(), &["run", "show/t"]);
    assert!(!done && said.contains("`people[2].name = \"Full Name\"`"), "{said}");
}

#[test]
fn a_run_ends_with_what_to_do_next() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "show/e/t.txt",
        "Ann: [00:00:00] Shit was down, and Bo wrote a post. We’ll link to it in the show notes.\n\n\
         Bo: [00:00:09] And back.\n",
    );
    write(folder.path(), "show/show.toml", "");
    write(folder.path(), "show/e/episode.toml", "transcript = \"t.txt\"\n");
    let (done, said) = linernotes(folder.path(), &["run", "show/e"]);
    assert!(done, "{said}");
    for part in [
        "strong language (“Shit” at 00:00:00): `explicit = true` in `show/e/episode.toml`",
        "1 link is promised and missing: `show/e/out/notes.md`",
        "then `linernotes run show/e` brings it in",
        "`linernotes publish show` puts it on the show's site",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (_, said) = linernotes(folder.path(), &["run", "show/e"]);
    assert!(!said.contains("next"), "nothing ran: {said}");
    write(folder.path(), "show/e/episode.toml", "transcript = \"t.txt\"\nexplicit = true\n");
    let (_, said) = linernotes(folder.path(), &["run", "show/e"]);
    assert!(!said.contains("strong language") && said.contains("1 link is promised"), "{said}");
}
