//! The files of people that a run reads: what they are when it is through is what its results are
//! said to be made of, what is no file is refused, and names are kept as they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use assert_cmd::Command;
use linernotes::library::LibraryError;
use linernotes::library::episode::Episode;
use linernotes::library::folder::EpisodeFolder;
use linernotes::pipeline::{PipelineError, Report};
use linernotes::progress::{Progress, Silent};
use linernotes::stage::Stage;
use linernotes::time::Ms;
use serde_json::Value;

use crate::pipeline::{Bench, Doubles, ran};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio").join(name)
}

/// Does something when a stage begins.
struct When<F>(Stage, Mutex<Option<F>>);

impl<F: FnOnce()> When<F> {
    fn begins(stage: Stage, act: F) -> When<F> {
        When(stage, Mutex::new(Some(act)))
    }
}

impl<F: FnOnce() + Send> Progress for When<F> {
    fn start(&self, stage: Stage, _total: Ms) {
        if stage == self.0
            && let Some(act) = self.1.lock().unwrap().take()
        {
            act();
        }
    }
    fn advance(&self, _stage: Stage, _done: Ms) {}
    fn finish(&self, _stage: Stage) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// A run in which something happens when a stage begins.
fn run_while(
    bench: &Bench,
    stage: Stage,
    act: impl FnOnce() + Send,
) -> Result<Report, PipelineError> {
    bench.run_with(&mut Doubles::new(), None, &When::begins(stage, act))
}

fn changed(result: Result<Report, PipelineError>, name: &str) {
    let fault = result.unwrap_err();
    assert!(matches!(fault, PipelineError::Changed { .. }), "{fault}");
    assert!(fault.to_string().contains(&format!("{name}` changed while it was read")), "{fault}");
    assert!(fault.hint().unwrap().contains("run again"));
}

/// A second of sound at that pitch.
fn tone(path: &Path, pitch_hz: f32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    for n in 0_u16..16_000 {
        let sample = (f32::from(n) * pitch_hz / 16_000.0 * std::f32::consts::TAU).sin();
        #[expect(clippy::cast_possible_truncation, reason = "below 16 bits")]
        wav.write_sample((sample * 9_000.0) as i16).unwrap();
    }
    wav.finalize().unwrap();
}

/// An episode with its audio beside it, which may be replaced.
fn own_audio(name: &str) -> Bench {
    let bench = Bench::of(&fixture("voice.mp3"));
    fs::copy(fixture(name), bench.root.join("a.mp3")).unwrap();
    bench.write("episode.toml", "audio = \"a.mp3\"\n");
    bench
}

fn duration(bench: &Bench) -> i64 {
    let record: Value = serde_json::from_str(&bench.read("work/1-recording.json")).unwrap();
    record["record"]["duration"].as_i64().unwrap()
}

#[test]
fn audio_that_is_replaced_while_it_is_decoded_is_told_and_decoded_again() {
    let bench = own_audio("voice.mp3");
    let audio = bench.root.join("a.mp3");
    let replace = || {
        fs::copy(fixture("chapters.mp3"), bench.root.join("next.mp3")).unwrap();
        fs::rename(bench.root.join("next.mp3"), &audio).unwrap();
    };
    changed(run_while(&bench, Stage::Decode, replace), "a.mp3");
    assert!(!bench.root.join("out").exists());
    assert_eq!(ran(&bench.run()), Stage::ALL);
    let right = Bench::of(&fixture("chapters.mp3"));
    right.run();
    assert_eq!(duration(&bench), duration(&right));
    assert_eq!(fs::read(bench.root.join("out/audio.mp3")).unwrap(), fs::read(audio).unwrap());
}

#[test]
fn audio_that_is_written_on_while_it_is_decoded_is_told_even_if_its_time_is_set_back() {
    let bench = own_audio("voice.mp3");
    let audio = bench.root.join("a.mp3");
    let damage = || {
        let modified = fs::metadata(&audio).unwrap().modified().unwrap();
        let mut bytes = fs::read(&audio).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&audio, bytes).unwrap();
        fs::File::options().write(true).open(&audio).unwrap().set_modified(modified).unwrap();
    };
    changed(run_while(&bench, Stage::Decode, damage), "a.mp3");
    assert_eq!(ran(&bench.run()), Stage::ALL);
}

#[test]
fn audio_that_is_replaced_after_it_was_decoded_is_not_published_with_the_old_words() {
    for stage in [Stage::Transcribe, Stage::Render, Stage::Publish] {
        let bench = own_audio("voice.mp3");
        bench.run();
        let page = bench.read("out/index.html");
        bench.write("edits.toml", "[names]\nSPEAKER_00 = \"Ada\"\n");
        fs::remove_file(bench.root.join("work/3-transcript.json")).unwrap();
        let replace = || {
            fs::copy(fixture("chapters.mp3"), bench.root.join("a.mp3")).unwrap();
        };
        changed(run_while(&bench, stage, replace), "a.mp3");
        assert_eq!(bench.read("out/index.html"), page, "{stage}");
        let old = fs::read(fixture("voice.mp3")).unwrap();
        assert!(fs::read(bench.root.join("out/audio.mp3")).unwrap() == old, "{stage}");
        let again = bench.run();
        assert_eq!(ran(&again)[0], Stage::Decode);
        assert_ne!(bench.read("out/index.html"), page);
    }
}

#[test]
fn another_recording_of_the_same_length_is_heard_again_and_published() {
    let bench = own_audio("voice.mp3");
    let audio = bench.root.join("a.wav");
    bench.write("episode.toml", "audio = \"a.wav\"\n");
    tone(&audio, 300.0);
    bench.run();
    tone(&audio, 400.0);
    let again = ran(&bench.run());
    assert!(again.starts_with(&[Stage::Decode, Stage::Detect]), "{again:?}");
    assert!(again.contains(&Stage::Publish), "{again:?}");
    assert_eq!(fs::read(bench.root.join("out/audio.wav")).unwrap(), fs::read(&audio).unwrap());
}

#[test]
fn a_track_that_is_replaced_while_it_is_decoded_is_told() {
    let bench = own_audio("voice.mp3");
    for name in ["ann.mp3", "bo.mp3"] {
        let from = if name == "bo.mp3" { "chapters.mp3" } else { "voice.mp3" };
        fs::copy(fixture(from), bench.root.join(name)).unwrap();
    }
    bench.write(
        "episode.toml",
        "[[tracks]]\nname = \"Ann\"\naudio = \"ann.mp3\"\n[[tracks]]\nname = \"Bo\"\naudio = \"bo.mp3\"\n",
    );
    let replace = || {
        fs::copy(fixture("telephone.mp3"), bench.root.join("bo.mp3")).unwrap();
    };
    changed(run_while(&bench, Stage::Decode, replace), "bo.mp3");
    bench.run();
}

#[test]
fn a_picture_that_is_replaced_while_it_is_copied_is_told_and_the_site_stays() {
    let bench = own_audio("voice.mp3");
    bench.write("cover.png", "one");
    bench.write("episode.toml", "audio = \"a.mp3\"\nimage = \"cover.png\"\n");
    bench.run();
    bench.write("cover.png", "two");
    changed(run_while(&bench, Stage::Publish, || bench.write("cover.png", "three")), "cover.png");
    assert_eq!(bench.read("out/artwork.png"), "one");
    assert_eq!(ran(&bench.run()), [Stage::Publish]);
    assert_eq!(bench.read("out/artwork.png"), "three");
}

#[test]
fn a_transcript_and_templates_are_read_once_and_the_next_run_sees_the_change() {
    let bench = own_audio("voice.mp3");
    let show = bench.root.parent().unwrap().to_path_buf();
    fs::create_dir(show.join("templates")).unwrap();
    fs::write(show.join("show.toml"), "").unwrap();
    fs::write(show.join("templates/style.css"), "/* one */").unwrap();
    bench.write("t.txt", "Ann: [00:00:00] The first words.\n");
    bench.write("episode.toml", "transcript = \"t.txt\"\n");
    run_while(&bench, Stage::Attribute, || {
        bench.write("t.txt", "Ann: [00:00:00] Other words.\n");
        fs::write(show.join("templates/style.css"), "/* two */").unwrap();
    })
    .unwrap();
    assert!(bench.read("out/transcript.txt").contains("The first words."));
    assert_eq!(ran(&bench.run())[0], Stage::Attribute);
    assert!(bench.read("out/transcript.txt").contains("Other words."));
    assert_eq!(ran(&bench.run()), []);
}

#[test]
fn editors_and_links_that_put_another_file_in_place_are_followed() {
    let bench = own_audio("voice.mp3");
    bench.write("real.toml", "# none\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("real.toml", bench.root.join("edits.toml")).unwrap();
    fs::hard_link(bench.root.join("a.mp3"), bench.root.join("b.mp3")).unwrap();
    bench.write("episode.toml", "audio = \"b.mp3\"\n");
    bench.run();
    bench.write("new.toml", "[names]\nSPEAKER_00 = \"Ada\"\n");
    fs::rename(bench.root.join("new.toml"), bench.root.join("real.toml")).unwrap();
    assert_eq!(ran(&bench.run())[0], Stage::Edit);
    assert!(bench.read("out/transcript.txt").contains("Ada"));
}

fn linernotes(folder: &Path, args: &[&str]) -> std::process::Output {
    let mut command = Command::cargo_bin("linernotes").unwrap();
    command.current_dir(folder).env("LINERNOTES_MODELS", folder.join("no-models"));
    command.env("LINERNOTES_OFFLINE", "true").args(args);
    command.timeout(std::time::Duration::from_secs(30)).output().unwrap()
}

/// What a command that must fail says.
fn refused(folder: &Path, args: &[&str]) -> String {
    let output = linernotes(folder, args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
    assert!(said.contains("\nhint: "), "{args:?}: {said}");
    said
}

#[cfg(target_os = "linux")]
#[test]
fn devices_pipes_sockets_and_folders_in_the_place_of_files_are_refused_at_once() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let folder = tempfile::tempdir().unwrap();
    let (show, one) = (folder.path(), folder.path().join("one"));
    let pipe = one.join("pipe");
    fs::create_dir_all(show.join("templates")).unwrap();
    fs::create_dir(&one).unwrap();
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(one.join("socket")).unwrap();
    let audio = fixture("voice.mp3").display().to_string();
    for (file, kind) in
        [("/dev/zero", "a device"), ("pipe", "a pipe"), ("socket", "a socket"), (".", "a folder")]
    {
        let tomls = [
            format!("transcript = \"{file}\"\n"),
            format!("audio = \"{file}\"\n"),
            format!("audio = \"{audio}\"\n[[tracks]]\nname = \"A\"\naudio = \"{file}\"\n"),
        ];
        for toml in tomls {
            fs::write(one.join("episode.toml"), &toml).unwrap();
            let said = refused(show, &["run", "one"]);
            assert!(said.contains(&format!("is {kind}, not a file")), "{toml}: {said}");
        }
        // the others are read wherever they lie
        let whole = if file == "." { one.clone() } else { one.join(file) };
        fs::write(one.join("t.txt"), "Ann: [00:00:00] Hello.\n").unwrap();
        fs::write(one.join("episode.toml"), "transcript = \"t.txt\"\n").unwrap();
        for place in ["show.toml", "one/edits.toml", "one/episode.toml", "templates/page.html"] {
            let place = show.join(place);
            let aside = fs::read(&place).ok();
            if aside.is_some() {
                fs::remove_file(&place).unwrap();
            }
            if place.ends_with("page.html") {
                fs::write(show.join("show.toml"), "").unwrap();
            }
            std::os::unix::fs::symlink(&whole, &place).unwrap();
            let said = refused(show, &["run", "one"]);
            assert!(said.contains(&format!("is {kind}, not a file")), "{place:?}: {said}");
            fs::remove_file(&place).unwrap();
            if let Some(aside) = aside {
                fs::write(&place, aside).unwrap();
            }
        }
        fs::remove_file(show.join("show.toml")).unwrap();
        let image = one.join("cover.png");
        std::os::unix::fs::symlink(&whole, &image).unwrap();
        fs::write(one.join("episode.toml"), "transcript = \"t.txt\"\nimage = \"cover.png\"\n")
            .unwrap();
        let said = refused(show, &["run", "one"]);
        assert!(said.contains(&format!("is {kind}, not a file")), "image {file}: {said}");
        fs::remove_file(image).unwrap();
    }
    for args in [&["run", "/dev/zero"][..], &["add", "/dev/zero"], &["run", "one/pipe"]] {
        assert!(refused(show, args).contains("not a file"), "{args:?}");
    }
    assert!(!show.join("zero").exists() && !show.join("pipe").exists());
}

#[test]
fn a_link_to_nothing_is_told_and_not_passed_over() {
    let bench = own_audio("voice.mp3");
    #[cfg(unix)]
    std::os::unix::fs::symlink("gone.toml", bench.root.join("edits.toml")).unwrap();
    #[cfg(unix)]
    {
        let fault = bench.run_with(&mut Doubles::new(), None, &Silent).unwrap_err();
        assert!(matches!(fault, PipelineError::Library(LibraryError::Io { .. })), "{fault}");
        assert!(fault.to_string().contains("edits.toml"), "{fault}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn audio_whose_name_is_not_utf8_runs() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(OsString::from_vec(b"gr\xf6n".to_vec()));
    fs::create_dir(&place).unwrap();
    let audio = place.join(OsString::from_vec(b"caf\xe9.mp3".to_vec()));
    fs::copy(fixture("voice.mp3"), &audio).unwrap();
    let mut command = Command::cargo_bin("linernotes").unwrap();
    command.current_dir(folder.path()).env("LINERNOTES_OFFLINE", "true");
    command.arg("decode").arg(&audio).assert().success();
    let toml = fs::read_to_string(folder.path().join("caf_/episode.toml")).unwrap();
    assert!(toml.contains(r"gr\xf6n/caf\xe9.mp3"), "{toml}");
    let again = linernotes(folder.path(), &["decode", "caf_"]);
    assert!(String::from_utf8(again.stderr).unwrap().contains("up to date"));
}

#[test]
fn a_show_that_was_moved_runs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let done = |args: &[&str]| {
        let output = linernotes(folder, args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {said}");
        said
    };
    done(&["new", "a/show"]);
    fs::create_dir(folder.join("a/show/raw")).unwrap();
    for name in ["take.mp3", "other.mp3"] {
        fs::copy(fixture("voice.mp3"), folder.join("a/show/raw").join(name)).unwrap();
    }
    fs::write(folder.join("a/show/raw/t.txt"), "Ann: [00:00:00] Hello there.\n").unwrap();
    done(&["decode", "a/show/raw/take.mp3", "-o", "a/show/0001"]);
    done(&["add", "a/show/raw/other.mp3", "-o", "a/show"]);
    let (show, raw) = (folder.join("a/show"), folder.join("a/show/raw"));
    let transcript = (raw.join("t.txt"), fs::read(raw.join("t.txt")).unwrap());
    let with_audio = Some(raw.join("take.mp3"));
    EpisodeFolder::for_transcript(
        &show,
        (&transcript.0, &transcript.1),
        with_audio.as_deref(),
        Episode::default(),
    )
    .unwrap();
    done(&["decode", "--track", "Ann=a/show/raw/take.mp3", "-o", "a/show/tracks"]);
    fs::rename(folder.join("a"), folder.join("b")).unwrap();
    for name in ["0001", "0002-other", "t", "tracks"] {
        let toml =
            fs::read_to_string(folder.join("b/show").join(name).join("episode.toml")).unwrap();
        assert!(toml.contains("audio = \"../raw/"), "{toml}");
        done(&["decode", &format!("b/show/{name}")]);
    }
    // typed again, they are the same
    done(&["decode", "b/show/raw/take.mp3", "-o", "b/show/0001"]);
    done(&["decode", "--track", "Ann=b/show/raw/take.mp3", "-o", "b/show/tracks"]);
    let old = format!("audio = \"{}\"\n", folder.join("a/show/raw/take.mp3").display());
    fs::write(folder.join("b/show/0001/episode.toml"), old).unwrap();
    let said = refused(folder, &["run", "b/show/0001"]);
    assert!(
        said.contains("a/show/raw/take.mp3` is not there") || said.contains("no such file"),
        "{said}"
    );
    assert!(said.contains("write `audio = \"../raw/take.mp3\"`"), "{said}");
}

#[test]
fn a_refused_audio_leaves_no_folder_behind_and_nothing_of_a_person_goes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // a header that promises sound of a kind that cannot be, and nothing behind it
    let mut wav = fs::read(fixture("pcm-s16le.wav")).unwrap();
    wav.truncate(44);
    fs::write(folder.join("a.wav"), &wav).unwrap();
    fs::write(folder.join("t.txt"), "Ann: [00:00:00] Hello there.\n").unwrap();
    fs::create_dir(folder.join("there")).unwrap();
    for args in [
        &["run", "a.wav"][..],
        &["decode", "a.wav", "-o", "deep/er/one"],
        &["decode", "a.wav", "-o", "there"],
        &["decode", "--track", "Ann=a.wav", "-o", "tracks"],
        &["import", "t.txt", "--audio", "a.wav", "-o", "imported"],
    ] {
        refused(folder, args);
        let mut left: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["a.wav", "t.txt", "there"], "{args:?}");
        assert_eq!(fs::read_dir(folder.join("there")).unwrap().count(), 0, "{args:?}");
    }
    fs::create_dir(folder.join("mine")).unwrap();
    fs::write(folder.join("mine/episode.toml"), "audio = \"../a.wav\"\n").unwrap();
    refused(folder, &["run", "mine"]);
    refused(folder, &["run", "a.wav", "-o", "mine"]);
    assert!(folder.join("mine/episode.toml").is_file());
}

#[test]
fn nobody_speaking_leaves_no_empty_file_and_an_older_one_goes() {
    let bench = own_audio("voice.mp3");
    bench.run();
    assert!(bench.root.join("out/transcript.srt").is_file());
    let audio = bench.root.join("silence.wav");
    tone(&audio, 0.0);
    bench.write("episode.toml", "audio = \"silence.wav\"\n");
    let report = bench.run();
    let said: Vec<_> =
        report.warnings.iter().filter(|(stage, _)| *stage == Stage::Render).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].1.contains("`notes.html`") && said[0].1.contains("`transcript.srt`"),
        "{said:?}"
    );
    assert!(!bench.read("out/index.html").contains("transcript.srt"));
    assert!(bench.read("out/index.html").contains("transcript.vtt"));
    for entry in fs::read_dir(bench.root.join("out")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.trim_ascii().is_empty(), "{path:?}");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let report = linernotes::lint::lint(&name, &bytes);
        let errors = report.filter(linernotes::lint::Report::has_errors);
        assert_eq!(errors, None, "{name}");
    }
    assert!(!bench.root.join("out/transcript.srt").exists());
    assert_eq!(ran(&bench.run()), []);
}
