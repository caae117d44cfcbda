//! Any bytes under any name are checked without a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 10] =
    ["a.mp3", "a.vtt", "a.srt", "a.json", "a.html", "a.xml", "a.md", "a.txt", "a.rttm", "chapters.json"];

fuzz_target!(|input: (u8, &[u8])| {
    let (name, bytes) = input;
    linernotes::lint::lint(NAMES[usize::from(name) % NAMES.len()], bytes);
});
