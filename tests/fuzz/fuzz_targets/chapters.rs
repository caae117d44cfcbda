//! Chapters as JSON, as Podlove's XML and as lines: what is read is printed so that it reads the
//! same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::{chapters_json, podlove};

fuzz_target!(|text: &str| {
    if let Ok((file, _)) = chapters_json::parse(text) {
        let printed = chapters_json::print(&file);
        serde_json::from_str::<serde_json::Value>(&printed).expect("what is printed is JSON");
        assert_eq!(chapters_json::parse(&printed).expect("what is printed can be read").0, file);
        podlove::mp4chaps(&file.to_chapters());
    }
    if let Ok(chapters) = podlove::parse_simple_chapters(text) {
        let printed = podlove::simple_chapters(&chapters);
        let again = podlove::parse_simple_chapters(&printed).expect("what is printed can be read");
        assert_eq!(podlove::simple_chapters(&again), printed);
    }
});
