//! WebVTT: what is read is printed so that it reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::webvtt::{Flavour, parse, print};

fuzz_target!(|text: &str| {
    let Ok((file, _)) = parse(text) else { return };
    file.passages();
    if file.cues().next().is_none() {
        return;
    }
    for flavour in [Flavour::Full, Flavour::Plain] {
        let printed = print(&file, flavour);
        let (again, _) = parse(&printed).expect("what is printed can be read");
        assert_eq!(again.cues().count(), file.cues().count());
        assert_eq!(print(&again, flavour), printed);
    }
});
