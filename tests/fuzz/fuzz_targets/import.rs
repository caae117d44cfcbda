//! Any bytes under any name: an error or an episode, and the bytes come back.
#![no_main]

use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 8] =
    ["a.vtt", "a.srt", "a.json", "a.html", "a.xml", "a.md", "a.txt", "a"];

fuzz_target!(|input: (u8, &[u8])| {
    let (name, bytes) = input;
    let name = NAMES[usize::from(name) % NAMES.len()];
    if let Ok((imported, _)) = linernotes::import::import(bytes, name) {
        assert_eq!(imported.as_found(), bytes);
        let edition = imported.to_edition("en", None);
        let (show, episode) = (imported.show(), imported.episode());
        linernotes::render::notes::promises(&edition, &show, &episode);
        linernotes::render::with_chapters(&edition, &show, &episode);
        linernotes::render::captions::captions(&edition, false, &show, &episode);
    }
});
