//! Any bytes under any name: an error or an episode of which every file can be made, and the bytes
//! come back.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use linernotes::formats::Severity;
use linernotes::import::import;
use linernotes::lint::lint;
use linernotes::render::exports::{Format, export};
use linernotes::render::{PageFacts, Templates, notes, render};

const NAMES: [&str; 8] = ["a.vtt", "a.srt", "a.json", "a.html", "a.xml", "a.md", "a.txt", "a"];
static TEMPLATES: LazyLock<Templates> = LazyLock::new(Templates::builtin);

fuzz_target!(|bytes: &[u8]| {
    let mut kinds = Vec::new();
    for name in NAMES {
        let Ok((imported, _)) = import(bytes, name) else { continue };
        if kinds.contains(&imported.kind) {
            continue;
        }
        kinds.push(imported.kind);
        assert_eq!(imported.as_found(), bytes);
        let edition = imported.to_edition("en", None);
        let (show, episode) = (imported.show(), imported.episode());
        notes::promises(&edition, &show, &episode);
        let files = render(&edition, &show, &episode, &PageFacts::default(), &TEMPLATES)
            .expect("it can be rendered");
        for file in files {
            let Some(report) = lint(&file.relative_path, &file.bytes) else { continue };
            for finding in report.findings {
                assert!(
                    finding.severity < Severity::Error,
                    "{}: {finding}\n{}",
                    file.relative_path,
                    String::from_utf8_lossy(&file.bytes)
                );
            }
        }
        for format in Format::ALL {
            export(format, &edition, &show, &episode);
        }
    }
});
