//! What a parser reads, its printer writes so that it reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::{chapters_json, podcast_html, podcast_json, rework, srt, webvtt};

fuzz_target!(|text: &str| {
    if let Ok((file, _)) = webvtt::parse(text) {
        let printed = webvtt::print(&file, webvtt::Flavour::Full);
        if let Ok((again, _)) = webvtt::parse(&printed) {
            assert_eq!(webvtt::print(&again, webvtt::Flavour::Full), printed);
        }
    }
    if let Ok((file, _)) = srt::parse(text) {
        let printed = srt::print(&file);
        if let Ok((again, _)) = srt::parse(&printed) {
            assert_eq!(srt::print(&again), printed);
        }
    }
    if let Ok((file, _)) = podcast_json::parse(text) {
        assert_eq!(podcast_json::parse(&podcast_json::print(&file)).unwrap().0, file);
    }
    if let Ok((file, _)) = chapters_json::parse(text) {
        assert_eq!(chapters_json::parse(&chapters_json::print(&file)).unwrap().0, file);
    }
    if let Ok((file, _)) = podcast_html::parse(text) {
        let printed = podcast_html::print(&file);
        assert_eq!(podcast_html::print(&podcast_html::parse(&printed).unwrap().0), printed);
    }
    if let Ok((file, _)) = rework::parse(text) {
        assert_eq!(rework::print_as_found(&file), text);
    }
});
