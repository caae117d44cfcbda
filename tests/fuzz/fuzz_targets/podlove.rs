//! Podlove's transcripts: what is read is printed so that it reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::podlove::{parse_json, parse_xml, print_json};

fuzz_target!(|text: &str| {
    let _ = parse_xml(text);
    let Ok((passages, _)) = parse_json(text) else { return };
    let printed = print_json(&passages);
    let (again, _) = parse_json(&printed).expect("what is printed can be read");
    assert_eq!(print_json(&again), printed);
});
