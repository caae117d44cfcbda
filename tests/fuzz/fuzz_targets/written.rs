//! The files that people write, `show.toml`, `episode.toml` and `edits.toml`, and what they do to an
//! episode.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use linernotes::edit::edits::Edits;
use linernotes::edit::{Edition, revise};
use linernotes::import::import;
use linernotes::library::episode::Episode;
use linernotes::library::show::Show;
use linernotes::library::written::parse_toml;
use linernotes::render::exports::{Format, export};
use linernotes::render::{PageFacts, Templates, render};
use linernotes::time::Ms;

static EDITION: LazyLock<Edition> = LazyLock::new(|| {
    let text = include_bytes!("../../fixtures/import/quirks.txt");
    let (imported, _) = import(text, "quirks.txt").expect("the fixture is a transcript");
    imported.to_edition("en", Some(Ms::new(150_000)))
});
static TEMPLATES: LazyLock<Templates> = LazyLock::new(Templates::builtin);

fuzz_target!(|text: &str| {
    if let Ok(edits) = parse_toml::<Edits>(text) {
        let (edition, _) = revise(&EDITION, &edits, &[]);
        made(&edition, &Show::default(), &Episode::default());
    }
    if let Ok(show) = parse_toml::<Show>(text) {
        made(&EDITION, &show, &Episode::default());
    }
    if let Ok(episode) = parse_toml::<Episode>(text) {
        made(&EDITION, &Show::default(), &episode);
    }
});

/// Every file can be made.
fn made(edition: &Edition, show: &Show, episode: &Episode) {
    render(edition, show, episode, &PageFacts::default(), &TEMPLATES).expect("it can be rendered");
    for format in Format::ALL {
        export(format, edition, show, episode);
    }
}
