//! The transcripts that are only read: Changelog's, DOTe's, the recognizers' and labelled text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::{changelog, dote, labelled, recognizers};

fuzz_target!(|text: &str| {
    let _ = changelog::parse(text);
    let _ = dote::parse(text);
    let _ = recognizers::parse(text);
    let _ = labelled::parse(text);
});
