//! Feeds of others: refused, or given back with insertions alone, and the second time as they are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::render::podcast_tags::Tag;
use linernotes::site::splice::{Wanted, splice};

fuzz_target!(|bytes: &[u8]| {
    linernotes::lint::lint("feed.xml", bytes);
    let tag = |name, text: &str| Tag {
        name,
        attributes: vec![("url", "https://e.org/?a&b".into())],
        text: Some(text.into()),
    };
    let wanted: Vec<Wanted> = ["1", "2"]
        .map(|guid| Wanted {
            guid: guid.into(),
            audio_url: format!("https://e.org/{guid}.mp3"),
            title: guid.into(),
            tags: vec![tag("transcript", ""), tag("person", "A & B"), tag("chapters", "")],
        })
        .into();
    let add = |bytes: &[u8]| splice(bytes, &wanted, |_| Some("a-guid".into()));
    let Ok(once) = add(bytes) else { return };
    let mut rest = once.bytes.iter();
    assert!(bytes.iter().all(|byte| rest.any(|found| found == byte)), "something was lost");
    let twice = add(&once.bytes).expect("the result is a feed");
    assert_eq!(twice.bytes, once.bytes);
});
