//! Any bytes under any name are checked, and every finding says where and what to do.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::lint::lint;

const NAMES: [&str; 12] = [
    "a.mp3",
    "a.vtt",
    "a.srt",
    "a.json",
    "a.html",
    "a.xml",
    "a.md",
    "a.txt",
    "a.rttm",
    "chapters.json",
    "words.json",
    "a.rss",
];

fuzz_target!(|bytes: &[u8]| {
    for name in NAMES {
        let Some(report) = lint(name, bytes) else { continue };
        for finding in report.findings {
            assert!(finding.line > 0 && finding.fix.is_some(), "{name}: {finding:?}");
        }
    }
});
