//! The stages run one after another on a real file, with doubles for the networks: what runs, what
//! is kept, what is left alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use linernotes::diarize::{ScriptedEmbedder, SpeakerEmbedder};
use linernotes::library::episode::Episode;
use linernotes::library::folder::EpisodeFolder;
use linernotes::library::voices::{HeardIn, RememberedVoice, VoiceFolder};
use linernotes::pipeline::{
    EngineError, Engines, Network, Pipeline, PipelineError, Recognition, Report, Request, Settings,
};
use linernotes::progress::{Progress, Silent};
use linernotes::segmentation::ListenToWindows;
use linernotes::speech::{ModelId, SpeakerName};
use linernotes::stage::Stage;
use linernotes::time::{Ms, Span};
use linernotes::transcribe::recognizer::Recognizer;
use linernotes::transcribe::scripted::ScriptedRecognizer;

const LINE: &str = "Hello there, dear base camp listeners.";

/// Doubles that say a line and know two voices.
pub(crate) struct Doubles {
    model: &'static str,
    pub(crate) loaded: AtomicUsize,
    /// Whether the weights are only there once they were used.
    pub(crate) fetched: bool,
    /// What is heard.
    pub(crate) says: String,
}

impl Doubles {
    pub(crate) fn new() -> Doubles {
        Doubles {
            model: "scripted",
            loaded: AtomicUsize::new(0),
            fetched: false,
            says: LINE.into(),
        }
    }
}

impl Engines for Doubles {
    fn identify(&self, network: Network<'_>) -> ModelId {
        let name = if matches!(network, Network::Recognition(_)) { self.model } else { "scripted" };
        let there = !self.fetched || self.loaded.load(Ordering::SeqCst) > 0;
        ModelId { name: name.into(), sha256: if there { "scripted".into() } else { String::new() } }
    }

    fn recognition(&self) -> Recognition {
        Recognition::Scripted
    }

    fn segmenter(&mut self) -> Result<Arc<dyn ListenToWindows>, EngineError> {
        self.loaded.fetch_add(1, Ordering::SeqCst);
        Ok(Arc::new(one_voice()))
    }

    fn recognizer(&mut self, _model: &str) -> Result<Box<dyn Recognizer>, EngineError> {
        self.loaded.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(ScriptedRecognizer::new([self.says.as_str()])))
    }

    fn embedder(&mut self) -> Result<Box<dyn SpeakerEmbedder>, EngineError> {
        Ok(Box::new(one_voice()))
    }
}

/// Both networks of speakers, to whom a minute is one person's.
fn one_voice() -> ScriptedEmbedder {
    let minute = Span::new(Ms::ZERO, Ms::new(60_000)).unwrap();
    ScriptedEmbedder { script: vec![(minute, 0)] }
}

pub(crate) struct Bench {
    pub(crate) _folder: tempfile::TempDir,
    pub(crate) root: PathBuf,
}

impl Bench {
    /// An episode made from the voice fixture.
    pub(crate) fn new() -> Bench {
        Bench::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/voice.mp3"))
    }

    pub(crate) fn of(audio: &Path) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("episode");
        EpisodeFolder::for_audio(&root, audio, Episode::default()).unwrap();
        Bench { _folder: folder, root }
    }

    pub(crate) fn run_with(
        &self,
        engines: &mut Doubles,
        from: Option<Stage>,
        progress: &dyn Progress,
    ) -> Result<Report, PipelineError> {
        let folder = EpisodeFolder::open(&self.root).unwrap();
        let settings = Settings { model: engines.model.into(), ..Settings::default() };
        Pipeline::open(folder, settings, engines, progress)?
            .run(Request { from, until: Stage::Publish })
    }

    pub(crate) fn run(&self) -> Report {
        self.run_with(&mut Doubles::new(), None, &Silent).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.root.join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.root.join(name)).unwrap()
    }
}

pub(crate) fn ran(report: &Report) -> Vec<Stage> {
    report.ran.iter().map(|(stage, _)| *stage).collect()
}

#[test]
fn a_second_run_does_nothing_and_a_change_runs_only_what_depends_on_it() {
    let bench = Bench::new();
    assert_eq!(ran(&bench.run()), Stage::ALL);
    let second = bench.run();
    assert_eq!((ran(&second), second.fresh.len()), (vec![], 8));
    bench.write("edits.toml", "[[replace]]\nfind = \"base camp\"\nwith = \"Basecamp\"\n");
    assert_eq!(ran(&bench.run()), [Stage::Edit, Stage::Render, Stage::Publish]);
    assert!(bench.read("out/transcript.txt").contains("dear Basecamp listeners."));
}

#[test]
fn a_remembered_voice_names_and_a_change_of_it_diarizes_again() {
    let bench = Bench::new();
    let show = bench.root.parent().unwrap();
    fs::write(show.join("show.toml"), "[[people]]\nname = \"Ada Brook\"\n").unwrap();
    assert!(bench.run().names.is_empty());
    // The double's first voice is the first axis.
    let mut centroid = vec![0.0; 16];
    centroid[0] = 1.0;
    let heard = |episode: &str| HeardIn {
        episode: episode.into(),
        speech: Ms::new(60_000),
        centroid: centroid.clone(),
    };
    let scripted = || ModelId { name: "scripted".into(), sha256: "scripted".into() };
    let mut ada = RememberedVoice {
        name: SpeakerName("Ada Brook".into()),
        model: scripted(),
        episodes: vec![heard("episode")],
    };
    let voices = VoiceFolder::of_show(show);
    voices.write(&ada).unwrap();
    assert_eq!(ran(&bench.run()), [], "an episode is no witness for itself");
    ada.hear(heard("another"));
    voices.write(&ada).unwrap();
    let named = bench.run();
    assert_eq!(ran(&named)[0], Stage::Diarize);
    assert_eq!(named.names[0].name, "Ada Brook");
    assert!(bench.read("out/transcript.txt").contains("Ada: "));
    assert_eq!(ran(&bench.run()), []);

    ada.model.sha256 = "another network".into();
    voices.write(&ada).unwrap();
    let refused = bench.run();
    assert!(refused.names.is_empty());
    assert!(refused.warnings.iter().any(|(_, said)| said.contains("cannot be compared")));

    fs::write(voices.root().join("bob.json"), "{}").unwrap();
    let folder = EpisodeFolder::open(&bench.root).unwrap();
    let opened = Pipeline::open(folder, Settings::default(), &mut Doubles::new(), &Silent).err();
    let message = opened.unwrap().to_string();
    assert!(message.contains("bob.json") && message.contains("is not a voice"), "{message}");
}

#[test]
fn a_guest_whom_nobody_lists_and_the_show_knows_by_voice_keeps_the_full_name() {
    let bench = Bench::new();
    let show = bench.root.parent().unwrap();
    fs::write(show.join("show.toml"), "name = \"Tides\"\n").unwrap();
    let mut centroid = vec![0.0; 16];
    centroid[0] = 1.0;
    let heard = HeardIn { episode: "another".into(), speech: Ms::new(60_000), centroid };
    let ada = RememberedVoice {
        name: SpeakerName("Ada Brook".into()),
        model: ModelId { name: "scripted".into(), sha256: "scripted".into() },
        episodes: vec![heard],
    };
    VoiceFolder::of_show(show).write(&ada).unwrap();
    bench.run();
    assert!(bench.read("out/transcript.txt").contains("Ada: "));
    assert!(bench.read("out/index.html").contains("Ada Brook"));
    assert!(bench.read("out/notes.html").contains("Ada Brook, guest"));
    linernotes::site::build(show, &show.join("site"), None).unwrap();
    assert!(show.join("site/people/ada-brook/index.html").is_file());
    assert!(!show.join("site/people/ada").exists(), "nobody is two people");
    let persons = std::process::Command::new(env!("CARGO_BIN_EXE_linernotes"))
        .args(["export", "persons"])
        .arg(&bench.root)
        .output()
        .unwrap();
    let persons = String::from_utf8(persons.stdout).unwrap();
    assert!(persons.contains("<podcast:person role=\"guest\">Ada Brook<"), "{persons}");
}

#[test]
fn weights_that_were_fetched_during_a_run_or_are_gone_again_change_nothing() {
    let bench = Bench::new();
    let fetching = || Doubles { fetched: true, ..Doubles::new() };
    bench.run_with(&mut fetching(), None, &Silent).unwrap();
    let gone = bench.run_with(&mut fetching(), None, &Silent).unwrap();
    assert_eq!(ran(&gone), []);
    assert_eq!(ran(&bench.run()), []);
}

#[test]
fn silence_makes_an_empty_page_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let audio = folder.path().join("silence.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(&audio, spec).unwrap();
    (0..48_000).for_each(|_| wav.write_sample(0_i16).unwrap());
    wav.finalize().unwrap();
    let bench = Bench::of(&audio);
    let report = bench.run();
    assert!(
        report
            .warnings
            .iter()
            .any(|(stage, said)| *stage == Stage::Detect && said.contains("nobody"))
    );
    let words: serde_json::Value = serde_json::from_str(&bench.read("out/words.json")).unwrap();
    assert_eq!(words["words"], serde_json::json!([]));
}

#[test]
fn all_files_come_out_of_one_record() {
    let bench = Bench::new();
    let report = bench.run();
    assert_eq!(report.page, Some(bench.root.join("out/index.html")));
    let nameless = &report.next.nameless;
    assert_eq!((nameless.len(), nameless[0].label.0.as_str()), (1, "SPEAKER_00"));
    assert_eq!(nameless[0].shown.0, "Speaker 1");
    for name in [
        "index.html",
        "notes.md",
        "notes.html",
        "transcript.vtt",
        "transcript.srt",
        "transcript.json",
        "transcript.txt",
        "transcript.md",
        "turns.rttm",
        "words.json",
        "coverage.json",
    ] {
        assert!(!bench.read(&format!("out/{name}")).is_empty(), "{name}");
    }
    assert!(bench.root.join("out/audio.mp3").is_file());
    for name in ["index.html", "transcript.vtt", "transcript.txt", "words.json"] {
        assert!(bench.read(&format!("out/{name}")).contains("listeners"), "{name}");
    }
}

#[test]
fn a_picture_is_copied_and_a_change_of_it_is_published() {
    let bench = Bench::new();
    let root = bench.root.parent().unwrap();
    fs::write(root.join("show.toml"), "base_url = \"https://x.example\"\nimage = \"cover.PNG\"\n")
        .unwrap();
    fs::write(root.join("cover.PNG"), "a picture").unwrap();
    bench.run();
    assert_eq!(bench.read("out/artwork.png"), "a picture");
    let page = bench.read("out/index.html");
    assert!(page.contains("<img src=\"artwork.png\""));
    assert!(page.contains("og:image\" content=\"https://x.example/episode/artwork.png\""));
    fs::write(root.join("cover.PNG"), "another").unwrap();
    assert_eq!(ran(&bench.run()), [Stage::Publish]);
    assert_eq!(bench.read("out/artwork.png"), "another");
    bench.write("own.jpg", "its own");
    let toml = bench.read("episode.toml");
    bench.write("episode.toml", &format!("image = \"own.jpg\"\n{toml}"));
    bench.run();
    assert_eq!(bench.read("out/artwork.jpg"), "its own");
    assert!(!bench.root.join("out/artwork.png").exists());
    bench.write("episode.toml", &format!("image = \"gone.jpg\"\n{toml}"));
    let refused = bench.run_with(&mut Doubles::new(), None, &Silent).unwrap_err();
    assert!(refused.to_string().contains("`gone.jpg` is not there"), "{refused}");
}

#[test]
fn anchors_stay_when_a_person_corrects_the_words() {
    let bench = Bench::new();
    bench.run();
    let anchors = || -> Vec<String> {
        let page = bench.read("out/index.html");
        page.split(" id=\"t-").skip(1).map(|rest| rest[..8].to_owned()).collect()
    };
    let before = anchors();
    assert!(!before.is_empty());
    bench.write(
        "edits.toml",
        "[[replace]]\nfind = \"Hello there, dear\"\nwith = \"Good day to all of you, our dear\"\n\
         [names]\nSPEAKER_00 = \"Ada\"\n",
    );
    bench.run();
    assert!(bench.read("out/index.html").contains("Ada"));
    assert_eq!(anchors(), before);
}

#[test]
fn two_runs_give_the_same_bytes() {
    let bytes = || {
        let bench = Bench::new();
        bench.run();
        let mut files: Vec<_> =
            fs::read_dir(bench.root.join("out")).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        files
            .into_iter()
            .map(|path| (path.file_name().unwrap().to_owned(), fs::read(&path).unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_run_can_start_at_a_stage_and_explain_itself() {
    let bench = Bench::new();
    bench.run();
    let report = bench.run_with(&mut Doubles::new(), Some(Stage::Attribute), &Silent).unwrap();
    assert_eq!(ran(&report), Stage::ALL[4..]);
    let mut other = Doubles { model: "other", ..Doubles::new() };
    let folder = EpisodeFolder::open(&bench.root).unwrap();
    let settings = Settings { model: "other".into(), ..Settings::default() };
    let mut pipeline = Pipeline::open(folder, settings, &mut other, &Silent).unwrap();
    let plan = pipeline.explain(Request { from: None, until: Stage::Publish }).unwrap();
    assert_eq!(plan[1].1, None);
    assert_eq!(plan[2].1.as_deref(), Some("the recognizer changed from scripted to other"));
}

#[test]
fn a_changed_or_deleted_record_is_made_again() {
    let bench = Bench::new();
    bench.run();
    fs::write(bench.root.join("work/5-conversation.json"), "{}").unwrap();
    assert_eq!(ran(&bench.run()), [Stage::Attribute]);
    fs::remove_dir_all(bench.root.join("out")).unwrap();
    assert_eq!(ran(&bench.run()), [Stage::Publish]);
}

#[test]
fn what_a_person_wrote_is_never_touched() {
    let bench = Bench::new();
    let episode = bench
        .read("episode.toml")
        .replace("# title = \"The title\"", "title = \"Mine\"  # my own words");
    bench.write("episode.toml", &episode);
    bench.write("edits.toml", "# nothing yet\n");
    bench.run();
    assert_eq!(bench.read("episode.toml"), episode);
    assert_eq!(bench.read("edits.toml"), "# nothing yet\n");
    assert!(bench.read("out/index.html").contains("Mine"));
}

/// Is cancelled once a stage has begun.
struct CancelIn(Stage, AtomicBool, Mutex<Vec<Stage>>);

impl Progress for CancelIn {
    fn start(&self, stage: Stage, _total: Ms) {
        self.2.lock().unwrap().push(stage);
        if stage == self.0 {
            self.1.store(true, Ordering::SeqCst);
        }
    }
    fn advance(&self, _stage: Stage, _done: Ms) {}
    fn finish(&self, _stage: Stage) {}
    fn cancelled(&self) -> bool {
        self.1.load(Ordering::SeqCst)
    }
}

#[test]
fn an_interrupted_run_goes_on_from_the_last_finished_stage() {
    let bench = Bench::new();
    let progress = CancelIn(Stage::Transcribe, AtomicBool::new(false), Mutex::default());
    let stopped = bench.run_with(&mut Doubles::new(), None, &progress).unwrap_err();
    assert!(matches!(stopped, PipelineError::Interrupted(Stage::Transcribe)), "{stopped}");
    assert!(!bench.root.join("out").exists());
    let report = bench.run();
    assert_eq!(report.fresh, [Stage::Decode, Stage::Detect]);
}

#[test]
fn a_wrong_key_in_a_persons_file_is_named_with_its_line() {
    let bench = Bench::new();
    bench.write("episode.toml", "audio = \"a.mp3\"\ntitel = \"x\"\n");
    let error = bench.run_with(&mut Doubles::new(), None, &Silent).unwrap_err().to_string();
    assert!(
        error.contains("episode.toml") && error.contains("line 2") && error.contains("`title`"),
        "{error}"
    );
}

#[test]
fn only_one_run_at_a_time() {
    let bench = Bench::new();
    let folder = EpisodeFolder::open(&bench.root).unwrap();
    let lock = linernotes::library::lock::EpisodeLock::take(&folder).unwrap();
    let error = bench.run_with(&mut Doubles::new(), None, &Silent).unwrap_err().to_string();
    assert!(error.contains("another run is at work"), "{error}");
    drop(lock);
    bench.run();
}

#[test]
fn an_imported_transcript_takes_its_times_from_the_sound() {
    let bench = Bench::new();
    let episode = bench
        .read("episode.toml")
        .replace("# transcript = \"transcript.txt\"", "transcript = \"t.txt\"");
    bench.write("episode.toml", &episode);
    bench.write("t.txt", "Ann: [00:00:09] Hello there, deer Basecamp listeners.\n");
    let report = bench.run();
    let without_voices: Vec<Stage> =
        Stage::ALL.into_iter().filter(|stage| *stage != Stage::Diarize).collect();
    assert_eq!(ran(&report), without_voices);
    assert_eq!(ran(&bench.run()), []);
    let words: serde_json::Value = serde_json::from_str(&bench.read("out/words.json")).unwrap();
    assert_eq!(words["words"][2]["text"], "deer");
    assert_eq!(words["words"][0]["speaker"], "Ann");
    assert!(words["words"][0]["start"].as_f64().unwrap() < 2.0, "{words}");
    assert!(bench.read("out/index.html").contains("audio.mp3"));
}

#[test]
fn the_copy_of_an_mp3_has_its_title_and_chapters_and_the_same_sound() {
    let bench = Bench::new();
    let own = "title = \"Tide — 1\"\n\n[[chapters]]\nstart = \"00:00\"\ntitle = \"Ebb\"\n\n\
               [[chapters]]\nstart = \"00:00:01.500\"\ntitle = \"Flóð ⚓\"\n";
    let episode = bench.read("episode.toml");
    bench.write("episode.toml", &format!("{}\n{own}", episode.lines().nth(2).unwrap()));
    let report = bench.run();
    assert!(report.warnings.iter().all(|(stage, _)| *stage != Stage::Publish));
    let copy = bench.root.join("out/audio.mp3");
    let told = linernotes::decode::tags::read(&copy).unwrap();
    assert_eq!(told.tags.title.as_deref(), Some("Tide — 1"));
    let chapters: Vec<_> =
        told.chapters.iter().map(|c| (c.start.get(), c.title.as_str())).collect();
    assert_eq!(chapters, [(0, "Ebb"), (1_500, "Flóð ⚓")]);
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/voice.mp3");
    let (before, after) = (fs::read(fixture).unwrap(), fs::read(&copy).unwrap());
    let sound = &before[usize::try_from(linernotes::formats::id3::length(&before)).unwrap()..];
    assert!(after.ends_with(sound));
    assert_eq!(linernotes::lint::lint("audio.mp3", &after).unwrap().findings, []);
    assert_eq!(ran(&bench.run()), []);
}

#[test]
fn a_run_that_is_plainly_worse_is_refused_and_what_was_there_stays() {
    let bench = Bench::new();
    let says = |model, says: &str| {
        // the double's weights have one name, under which its chunks are kept
        let _ = fs::remove_file(bench.root.join("work/3-chunks.jsonl"));
        Doubles { model, says: says.to_owned(), ..Doubles::new() }
    };
    bench.run_with(&mut says("large", LINE), None, &Silent).unwrap();
    let (page, words) = (bench.read("out/index.html"), bench.read("work/3-transcript.json"));
    let refused = bench.run_with(&mut says("tiny", "Hello there."), None, &Silent).unwrap_err();
    let message = refused.to_string();
    assert!(
        message.contains("`transcribe` is worse") && message.contains("2 words instead of 6"),
        "{message}"
    );
    assert!(refused.hint().unwrap().contains("`--force`"));
    assert_eq!(bench.read("out/index.html"), page);
    assert_eq!(bench.read("work/3-transcript.json"), words);
    // with the model of before nothing has to run
    let back = bench.run_with(&mut says("large", LINE), None, &Silent).unwrap();
    assert_eq!(ran(&back), []);
    let folder = EpisodeFolder::open(&bench.root).unwrap();
    let settings = Settings { model: "tiny".into(), force: true, ..Settings::default() };
    let mut engines = says("tiny", "Hello there.");
    let request = Request { from: None, until: Stage::Publish };
    Pipeline::open(folder, settings, &mut engines, &Silent).unwrap().run(request).unwrap();
    assert!(bench.read("out/transcript.txt").contains("Hello there."));
}
