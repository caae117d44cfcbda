//! The Rework text: it comes back as it was found, and its normal form stays as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::rework::{parse, print, print_as_found};

fuzz_target!(|text: &str| {
    let Ok((file, _)) = parse(text) else { return };
    assert_eq!(print_as_found(&file), text);
    let printed = print(&file);
    let (again, _) = parse(&printed).expect("what is printed can be read");
    assert_eq!(print(&again), printed);
});
