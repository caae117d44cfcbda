//! The podcast namespace's JSON transcript: what is read is printed so that it reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::podcast_json::{parse, print};

fuzz_target!(|text: &str| {
    let Ok((file, _)) = parse(text) else { return };
    file.passages();
    let printed = print(&file);
    serde_json::from_str::<serde_json::Value>(&printed).expect("what is printed is JSON");
    assert_eq!(parse(&printed).expect("what is printed can be read").0, file);
});
