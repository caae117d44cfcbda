use std::fs;
use std::path::Path;

use super::*;
use crate::diarize::ClearSpeech;
use crate::library::artifact::write_record;
use crate::speech::Turn;
use crate::time::Span;

/// A show of two hosts with an episode in which two people speak.
struct Bench {
    show: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let show = tempfile::tempdir().unwrap();
        let people = "[[people]]\nname = \"Ada Brook\"\n[[people]]\nname = \"Bob Reed\"\n";
        fs::write(show.path().join("show.toml"), people).unwrap();
        Bench { show }
    }

    fn episode(&self, name: &str, voices: &[(&[f32], i64, f32)], edits: &str) -> EpisodeFolder {
        let root = self.show.path().join(name);
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("episode.toml"), "audio = \"a.mp3\"\n").unwrap();
        fs::write(root.join("edits.toml"), edits).unwrap();
        let folder = EpisodeFolder::open(&root).unwrap();
        let span = |n: i64| Span::new(Ms::new(n * 60_000), Ms::new((n + 1) * 60_000)).unwrap();
        let labels = || (0..).map(SpeakerLabel::from_index);
        let turns = labels().zip(0..).take(voices.len());
        let diarization = Diarization {
            turns: turns.map(|(label, n)| Turn { span: span(n), label }).collect(),
            voices: labels()
                .zip(voices)
                .map(|(label, &(centroid, seconds, consistency))| {
                    let (centroid, speech) = (centroid.to_vec(), Ms::new(seconds * 1000));
                    let clear =
                        Some(ClearSpeech { centroid: centroid.clone(), speech, consistency });
                    (label, Voice { centroid, speech, clear })
                })
                .collect(),
            known: BTreeMap::new(),
            unsure: Vec::new(),
            embedder: ModelId { name: "scripted".into(), sha256: "scripted".into() },
        };
        write_record(&folder.work_file(DIARIZATION.file), DIARIZATION.schema, &diarization)
            .unwrap();
        folder
    }
}

const ADA: &[f32] = &[1.0, 0.0, 0.0];
const BOB: &[f32] = &[0.0, 1.0, 0.0];
const BOTH: &str = "[names]\nSPEAKER_00 = \"Ada\"\nSPEAKER_01 = \"Bob Reed\"\n";

/// Learns from an episode and returns, for each voice, whether something was learned and why (not).
fn outcomes(folder: &EpisodeFolder) -> Vec<(bool, Because)> {
    let (_, outcomes) = learn(folder).unwrap();
    outcomes.into_iter().map(|outcome| (outcome.learned.is_some(), outcome.because)).collect()
}

fn check_refused(folder: &EpisodeFolder, why: impl Fn(&Because) -> bool) {
    let outcomes = outcomes(folder);
    assert!(!outcomes[0].0 && why(&outcomes[0].1), "{outcomes:?}");
}

#[test]
fn confirmed_voices_are_remembered_under_their_full_names() {
    let bench = Bench::new();
    let folder = bench.episode("1", &[(ADA, 40, 0.8), (BOB, 30, 0.8)], BOTH);
    assert_eq!(outcomes(&folder).iter().filter(|outcome| outcome.0).count(), 2);
    let known = VoiceFolder::of_show(bench.show.path()).read_all().unwrap();
    let names: Vec<&str> = known.iter().map(|voice| voice.name.0.as_str()).collect();
    assert_eq!(names, ["Ada Brook", "Bob Reed"]);
    assert_eq!(known[0].speech().get(), 40_000);
    outcomes(&folder);
    assert_eq!(VoiceFolder::of_show(bench.show.path()).read_all().unwrap(), known);
}

#[test]
fn what_is_short_mixed_strange_or_corrected_is_not_learned() {
    let bench = Bench::new();
    check_refused(&bench.episode("1", &[(ADA, 9, 0.8)], BOTH), |why| {
        matches!(why, Because::TooShort { .. })
    });
    check_refused(&bench.episode("2", &[(ADA, 40, 0.5)], BOTH), |why| {
        matches!(why, Because::Mixed { .. })
    });
    check_refused(&bench.episode("3", &[(ADA, 40, 0.8)], ""), |why| matches!(why, Because::Nobody));
    let child = "[names]\nSPEAKER_00 = \"Child's Voice\"\n";
    check_refused(&bench.episode("4", &[(ADA, 40, 0.8)], child), |why| {
        matches!(why, Because::Unlisted)
    });
    let change = "[[speaker]]\nfrom = \"00:10\"\nto = \"00:40\"\nname = \"Bob\"\n";
    check_refused(
        &bench.episode("5", &[(ADA, 40, 0.8)], &format!("{BOTH}{change}")),
        |why| matches!(why, Because::Corrected { share } if *share > 0.49),
    );
}

#[test]
fn a_voice_that_is_somebody_elses_is_not_learned() {
    let bench = Bench::new();
    outcomes(&bench.episode("1", &[(ADA, 40, 0.8), (BOB, 40, 0.8)], BOTH));
    // Somebody mixed the two up.
    let mixed_up = bench.episode("2", &[(BOB, 40, 0.8), (ADA, 40, 0.8)], BOTH);
    check_refused(&mixed_up, |why| matches!(why, Because::Unlike { .. }));
    let only_bob = "[names]\nSPEAKER_00 = \"Cy\"\n";
    let guest = bench.episode("3", &[(BOB, 40, 0.8)], only_bob);
    fs::write(guest.episode_toml(), "audio = \"a\"\n[[people]]\nname = \"Cy\"\n").unwrap();
    check_refused(
        &guest,
        |why| matches!(why, Because::LikeAnother { person } if person.0 == "Bob Reed"),
    );
}

#[test]
fn another_networks_voice_is_refused_and_so_is_an_episode_without_voices() {
    let bench = Bench::new();
    let voices = VoiceFolder::of_show(bench.show.path());
    let heard = HeardIn { episode: "0".into(), speech: MIN_SPEECH, centroid: vec![0.0, 1.0] };
    let model = ModelId { name: "other".into(), sha256: "0123456789".into() };
    let name = SpeakerName("Ada Brook".into());
    voices.write(&RememberedVoice { name, model, episodes: vec![heard] }).unwrap();
    check_refused(
        &bench.episode("1", &[(ADA, 40, 0.8)], BOTH),
        |why| matches!(why, Because::OtherWeights { remembered, .. } if remembered.name == "other"),
    );
    fs::remove_file(bench.show.path().join("1/work").join(DIARIZATION.file)).unwrap();
    let folder = EpisodeFolder::open(&bench.show.path().join("1")).unwrap();
    assert!(matches!(learn(&folder), Err(LibraryError::NotDiarized { .. })));
    let alone = tempfile::tempdir().unwrap();
    fs::write(alone.path().join("episode.toml"), "").unwrap();
    let folder = EpisodeFolder::open(Path::new(alone.path())).unwrap();
    assert!(matches!(learn(&folder), Err(LibraryError::NoShow { .. })));
}
