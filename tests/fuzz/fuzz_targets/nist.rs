//! RTTM, UEM, CTM and STM: what is read is printed so that it reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::{ctm, rttm, stm, uem};

fuzz_target!(|text: &str| {
    if let Ok(files) = rttm::parse(text) {
        assert_eq!(rttm::parse(&rttm::print(&files)), Ok(files));
    }
    if let Ok(files) = uem::parse(text) {
        assert_eq!(uem::parse(&uem::print(&files)), Ok(files));
    }
    if let Ok(words) = ctm::parse(text) {
        let printed = ctm::print("file", &words);
        let again = ctm::parse(&printed).expect("what is printed can be read");
        assert_eq!(ctm::print("file", &again), printed);
    }
    if let Ok(segments) = stm::parse(text) {
        assert_eq!(stm::parse(&stm::print(&segments)).expect("it is printed"), segments);
    }
});
