//! What a score compares, read from any file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::score::said::read;

fuzz_target!(|bytes: &[u8]| {
    for name in ["a.stm", "a.ctm", "a.json", "a.vtt", "a.txt"] {
        let _ = read(bytes, name);
    }
});
