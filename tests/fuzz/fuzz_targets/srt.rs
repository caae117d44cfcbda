//! SRT: what is read is printed so that it reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::srt::{parse, print};

fuzz_target!(|text: &str| {
    let Ok((file, _)) = parse(text) else { return };
    file.passages();
    if !file.cues.is_empty() {
        let printed = print(&file);
        let (again, _) = parse(&printed).expect("what is printed can be read");
        assert_eq!(print(&again), printed);
    }
});
