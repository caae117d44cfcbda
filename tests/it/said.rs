//! Words that a person put in the place of others are listened for in the sound, and only they.

use std::sync::atomic::Ordering;

use linernotes::edit::{EditedWord, Edition};
use linernotes::library::folder::EpisodeFolder;
use linernotes::pipeline::{Report, edition_of};
use linernotes::progress::Silent;
use linernotes::stage::Stage;

use crate::pipeline::{Bench, Doubles};

const LINE: &str = "Hello there, dear base camp listeners out there in the wide world.";
const EDITS: &str = "[[replace]]\nfind = \"base camp\"\nwith = \"good old Basecamp\"\n";

fn bench() -> Bench {
    let bench = Bench::new();
    run(&bench, false);
    bench
}

/// Runs with the weights in place, or without those of the recognizer; how often any were loaded.
fn run(bench: &Bench, is_without: bool) -> (Report, usize) {
    let mut engines = Doubles::new();
    engines.says = LINE.into();
    engines.fetched = is_without;
    let report = bench.run_with(&mut engines, None, &Silent).unwrap();
    (report, engines.loaded.load(Ordering::SeqCst))
}

fn edition(bench: &Bench) -> Edition {
    edition_of(&EpisodeFolder::open(&bench.root).unwrap()).unwrap()
}

fn words(edition: &Edition) -> Vec<EditedWord> {
    edition.paragraphs().flat_map(|paragraph| paragraph.words.clone()).collect()
}

fn warns(report: &Report) -> Vec<&String> {
    let warnings = report.warnings.iter().filter(|(stage, _)| *stage == Stage::Edit);
    warnings
        .map(|(_, warning)| warning)
        .filter(|warning| warning.contains("by their letters"))
        .collect()
}

#[test]
fn changed_words_are_listened_for_once_and_unchanged_ones_stay_to_the_byte() {
    let bench = bench();
    let before = words(&edition(&bench));
    bench.write("edits.toml", EDITS);
    let (report, loaded) = run(&bench, false);
    assert_eq!((warns(&report).len(), loaded), (0, 1), "the recognizer is loaded for them");
    let made = edition(&bench);
    let after = words(&made);
    let texts: Vec<&str> = after.iter().map(|edited| edited.word.text.as_str()).collect();
    assert_eq!(texts[2..6], ["dear", "good", "old", "Basecamp"]);
    assert_eq!((&after[..3], &after[6..]), (&before[..3], &before[5..]));
    // the double spreads the words of the passage evenly, whatever their letters
    let lengths: Vec<i64> = after[3..6].iter().map(|w| w.word.span.duration().get()).collect();
    assert!(lengths[0] > 0 && (lengths[0] - lengths[1]).abs() <= 1, "{lengths:?}");
    // again, with nothing kept of what was found, and with all of it
    std::fs::remove_file(bench.root.join("work/6-times.jsonl")).unwrap();
    std::fs::remove_file(bench.root.join("work/6-edition.json")).unwrap();
    run(&bench, false);
    assert_eq!(edition(&bench), made);
    std::fs::remove_file(bench.root.join("work/6-edition.json")).unwrap();
    let (_, loaded) = run(&bench, false);
    assert_eq!((loaded, edition(&bench)), (0, made));
}

#[test]
fn without_weights_the_letters_share_the_time_which_is_said_until_there_are_some() {
    let bench = bench();
    bench.write("edits.toml", EDITS);
    let (report, _) = run(&bench, true);
    let said = warns(&report);
    assert!(
        said.len() == 1 && said[0].contains("weights of `scripted` are not in place"),
        "{said:?}"
    );
    let shared = edition(&bench);
    let lengths: Vec<i64> =
        words(&shared)[3..6].iter().map(|w| w.word.span.duration().get()).collect();
    assert!(lengths[2] > 2 * lengths[1], "{lengths:?}");
    let (report, _) = run(&bench, false);
    assert!(warns(&report).is_empty() && edition(&bench) != shared);
    // what was found stays found
    let found = edition(&bench);
    let (report, _) = run(&bench, true);
    assert!(warns(&report).is_empty() && edition(&bench) == found);
}

#[test]
fn a_correction_of_as_many_words_needs_no_listening() {
    let bench = bench();
    bench.write("edits.toml", "[[replace]]\nfind = \"dear\"\nwith = \"good\"\n");
    assert_eq!(run(&bench, false).1, 0);
    assert!(!bench.root.join("work/6-times.jsonl").exists());
}
