//! Another cut of an episode's audio: what was heard and written is where it belongs, only what is new is
//! listened to, and what is gone is told.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::Ordering;

use linernotes::decode::cache::write_wav;
use linernotes::decode::{DecodeLimits, decode};
use linernotes::edit::Edition;
use linernotes::library::folder::EpisodeFolder;
use linernotes::pipeline::{
    Pipeline, PipelineError, Report, Request, RetimeError, Retimed, Settings, edition_of,
};
use linernotes::progress::Silent;
use linernotes::stage::Stage;
use linernotes::time::Ms;

use crate::pipeline::{Bench, Doubles};

const SECOND: usize = 16_000;

/// The sample episode's sound.
static SAMPLE: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let path = "episodes/0001-the-bucket-and-the-book/audio.mp3";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    decode(&path, &DecodeLimits::default(), &Silent).unwrap().0.samples
});

fn wav(folder: &Path, name: &str, parts: &[(usize, usize)]) -> PathBuf {
    let sound: Vec<f32> = parts
        .iter()
        .flat_map(|(from, to)| SAMPLE[from * SECOND..to * SECOND].iter().copied())
        .collect();
    let path = folder.join(name);
    write_wav(&sound, fs::File::create(&path).unwrap()).unwrap();
    path
}

/// A word like no other.
fn word(n: usize) -> String {
    const PARTS: [&str; 10] = ["ba", "ko", "mi", "ru", "te", "lo", "da", "ni", "fu", "sa"];
    [n, n / 10, n * 3 + 1].map(|n| PARTS[n % 10]).concat()
}

/// An episode of the sample's first half minute, in which many words are heard.
fn bench() -> (tempfile::TempDir, Bench) {
    let files = tempfile::tempdir().unwrap();
    let bench = Bench::of(&wav(files.path(), "old.wav", &[(0, 28)]));
    let mut engines = Doubles::new();
    engines.says = (0..70).map(word).collect::<Vec<_>>().join(" ");
    bench.run_with(&mut engines, None, &Silent).unwrap();
    (files, bench)
}

/// The sample's half minute behind six new seconds, and without those from the 10th to the 18th.
fn new_cut(files: &Path) -> PathBuf {
    wav(files, "new.wav", &[(100, 106), (0, 10), (18, 28)])
}

fn open<'a>(bench: &Bench, engines: &'a mut Doubles) -> Pipeline<'a> {
    let folder = EpisodeFolder::open(&bench.root).unwrap();
    let settings = Settings { model: "scripted".into(), ..Settings::default() };
    Pipeline::open(folder, settings, engines, &Silent).unwrap()
}

/// Takes the new cut; whatever is listened to says that it is brought by a bucket.
fn retime(bench: &Bench, audio: &Path) -> Result<(Retimed, usize), PipelineError> {
    let mut engines = Doubles::new();
    engines.says = "Brought to you by a bucket.".into();
    let retimed = open(bench, &mut engines).retime(audio)?;
    Ok((retimed, engines.loaded.load(Ordering::SeqCst)))
}

fn run(bench: &Bench) -> Report {
    let request = Request { from: None, until: Stage::Publish };
    open(bench, &mut Doubles::new()).run(request).unwrap()
}

fn edition(bench: &Bench) -> Edition {
    edition_of(&EpisodeFolder::open(&bench.root).unwrap()).unwrap()
}

fn words(edition: &Edition) -> Vec<(String, i64)> {
    let words = edition.paragraphs().flat_map(|paragraph| &paragraph.words);
    let plain = |text: &str| text.trim_end_matches(['.', ',']).to_owned();
    words.map(|w| (plain(&w.word.text), w.word.span.start().get())).collect()
}

#[test]
fn words_move_with_their_sound_and_only_what_is_new_is_listened_to() {
    let (files, bench) = bench();
    let before = words(&edition(&bench));
    let (retimed, _) = retime(&bench, &new_cut(files.path())).unwrap();
    let report = run(&bench);
    let ran: Vec<Stage> = report.ran.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(ran, [Stage::Attribute, Stage::Edit, Stage::Render, Stage::Publish]);
    let after = words(&edition(&bench));
    let mut moved = 0;
    for (word, at) in &before {
        let shift = match *at {
            ..9_500 => 6_000,
            18_500.. => -2_000,
            _ => continue,
        };
        let now = after.iter().find(|(other, _)| other == word).map(|(_, at)| *at);
        let off = now.map_or(i64::MAX, |now| (now - at - shift).abs());
        assert!(off <= 20, "{word} at {at} is at {now:?}");
        moved += 1;
    }
    assert!(moved > 30, "only {moved}");
    let gone = before.iter().filter(|(_, at)| (10_500..17_000).contains(at));
    assert!(gone.clone().count() > 8);
    for (word, _) in gone {
        assert!(after.iter().all(|(other, _)| other != word), "{word} is gone");
    }
    let new: Vec<&str> =
        after.iter().filter(|(_, at)| *at < 5_900).map(|(word, _)| word.as_str()).collect();
    assert_eq!(new, ["Brought", "to", "you", "by", "a", "bucket"]);
    // the voice is that of the others
    let edition = edition(&bench);
    let speakers: Vec<_> = edition.paragraphs().filter_map(|p| p.label.clone()).collect();
    assert!(speakers.iter().all(|label| label.0 == "SPEAKER_00"), "{speakers:?}");
    let (gone, said) = &retimed.removed[0];
    assert!((gone.start() - Ms::new(10_000)).get().abs() < 300, "{gone:?}");
    assert!((gone.end() - Ms::new(18_000)).get().abs() < 300, "{gone:?}");
    let first = said.split(' ').next().unwrap();
    assert!((0..70).any(|n| word(n) == first), "{said}");
    assert_eq!(retimed.added.len(), 1, "{:?}", retimed.added);
    assert!(retimed.added[0].1.starts_with("Brought to you"));
}

#[test]
fn what_people_wrote_moves_and_what_was_there_is_kept() {
    let (files, bench) = bench();
    let toml = bench.read("episode.toml");
    let chapters = "\n[[chapters]] # mine\nstart = \"00:00:00\"\ntitle = \"One\"\n\n\
                    [[chapters]]\nstart = \"00:00:20.5\"\ntitle = \"Two\"\n";
    bench.write("episode.toml", &format!("{toml}{chapters}"));
    let edits = "# mine\n[[cut]]\nfrom = \"00:00:12\"\nto = \"00:00:14\"\n\n[[soundbite]]\n  from = '00:19'\n\
                 \x20 to = '00:24' # theirs\n  title = \"It\"\n\n[[voice]]\nname = \"Ada\"\nat = \"00:00:08\"\n\n\
                 [[replace]]\nfind = \"WORD\"\nwith = \"third\"\n";
    bench.write("edits.toml", &edits.replace("WORD", &word(3)));
    run(&bench);
    let before = [
        bench.read("episode.toml"),
        bench.read("edits.toml"),
        bench.read("work/3-transcript.json"),
    ];
    let (retimed, _) = retime(&bench, &new_cut(files.path())).unwrap();
    run(&bench);
    let kept = |name: &str| fs::read_to_string(retimed.before.join(name)).unwrap();
    assert_eq!([kept("episode.toml"), kept("edits.toml"), kept("work/3-transcript.json")], before);
    let now = bench.read("edits.toml");
    assert!(now.contains("# mine\n# taken out, as the new audio has nothing of 00:00:12 to 00:00:14:\n# [[cut]]\n"), "{now}");
    assert!(
        now.contains(" # theirs\n  title = \"It\"\n\n[[voice]]\nname = \"Ada\"\nat = \"00:00:14"),
        "{now}"
    );
    let edition = edition(&bench);
    let near = |at: Ms, wanted: i64| (at.get() - wanted).abs() <= 20;
    let bite = &edition.soundbites[0];
    assert!(near(bite.span.start(), 17_000) && near(bite.span.end(), 22_000), "{bite:?}");
    assert!(near(edition.chapters[1].start, 18_500), "{:?}", edition.chapters);
    assert!(edition.paragraphs().any(|p| p.speaker.as_ref().is_some_and(|name| name.0 == "Ada")));
    assert!(words(&edition).iter().any(|(word, _)| word == "third"));
    let toml_now = bench.read("episode.toml");
    assert!(toml_now.contains("new.wav") && toml_now.contains("[[chapters]] # mine"), "{toml_now}");
    let told = retimed.lines().join("\n");
    assert!(
        told.contains("edits.toml:2: `[[cut]]` at 00:00:12 to 00:00:14 is a comment now"),
        "{told}"
    );
    assert_eq!(kept("what-was-moved.txt"), told);
    // there is nothing more to do, and nothing is done twice
    assert!(run(&bench).ran.is_empty());
    let again = retime(&bench, &files.path().join("new.wav")).unwrap_err();
    assert!(matches!(again, PipelineError::Retime(RetimeError::Same { .. })), "{again}");
}

#[test]
fn another_recording_and_an_episode_without_results_are_refused_and_nothing_changes() {
    let (files, bench) = bench();
    bench.write("edits.toml", "[[join]]\nat = \"00:00:12\"\n");
    run(&bench);
    let list = || crate::crash::contents(&bench.root);
    let before = list();
    let other = wav(files.path(), "other.wav", &[(60, 90)]);
    let refused = retime(&bench, &other).unwrap_err();
    let hint = refused.hint().unwrap_or_default();
    assert!(refused.to_string().contains("another recording: only 0 % of the sound"), "{refused}");
    assert!(hint.contains("nothing was changed"), "{hint}");
    assert_eq!(list(), before);
    fs::remove_dir_all(bench.root.join("work")).unwrap();
    let refused = retime(&bench, &other).unwrap_err();
    assert!(refused.to_string().contains("has no finished `decode`"), "{refused}");
}

#[test]
fn the_same_sound_from_another_encoder_is_listened_to_nowhere() {
    let (files, bench) = bench();
    let before = words(&edition(&bench));
    let quieter: Vec<f32> = SAMPLE[..28 * SECOND].iter().map(|x| 0.7 * x).collect();
    let path = files.path().join("quieter.wav");
    write_wav(&quieter, fs::File::create(&path).unwrap()).unwrap();
    let (retimed, loaded) = retime(&bench, &path).unwrap();
    assert_eq!((retimed.removed.len(), retimed.added.len(), loaded), (0, 0, 0));
    run(&bench);
    assert_eq!(words(&edition(&bench)), before);
}
