//! The transcripts that are only read: Changelog's, DOTe's, the recognizers', labelled text, captions and tables.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::{
    ass, changelog, dote, labelled, lrc, microdvd, recognizers, table, ttml,
};

fuzz_target!(|text: &str| {
    let _ = changelog::parse(text);
    let _ = dote::parse(text);
    let _ = recognizers::parse(text);
    let _ = labelled::parse(text);
    let _ = ass::parse(text);
    let _ = lrc::parse(text);
    let _ = microdvd::parse(text);
    let _ = table::parse(text);
    let _ = ttml::parse(text);
});
