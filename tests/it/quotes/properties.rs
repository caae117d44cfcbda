//! Any sentence that was said is found as exact however its typography is changed, and any word that
//! is exchanged for another is found there.

use proptest::strategy::{Strategy as _, ValueTree as _};

use super::Show;

/// The sentences of both scripts that have four words or more, each once.
fn sentences() -> Vec<String> {
    let text =
        format!("{}\n{}", super::SCRIPT.split("Full Transcript:").nth(1).unwrap(), super::SECOND);
    let mut found = Vec::new();
    for line in text.lines().filter(|line| line.contains("] ") && !line.contains("plays.")) {
        let (_, words) = line.split_once("] ").unwrap();
        let ends = words.split_inclusive(['.', '?', '!']).map(str::trim);
        found.extend(
            ends.filter(|one| one.split(' ').count() > 3 && !one.contains(".example"))
                .map(str::to_owned),
        );
    }
    found.sort();
    found.dedup();
    found
}

fn changed(sentence: &str, how: u32) -> String {
    let mut text = sentence.to_owned();
    if how & 1 > 0 {
        text = text.to_uppercase();
    }
    if how & 2 > 0 {
        text = text.replace(['’', '\''], "'");
    } else {
        text = text.replace(['’', '\''], "’");
    }
    if how & 4 > 0 {
        text = text.replace(", ", " — ");
    }
    if how & 8 > 0 {
        text = text.replace('-', "–");
    }
    if how & 16 > 0 {
        text = text.replace(['’', '\''], "");
    }
    let (open, close) = match how >> 5 & 3 {
        0 => ('“', '”'),
        1 => ('"', '"'),
        2 => ('«', '»'),
        _ => ('„', '“'),
    };
    format!("So {open}{text}{close} it is.")
}

#[test]
fn any_sentence_is_found_however_it_is_set() {
    let show = Show::new();
    let all = sentences();
    assert!(all.len() > 50, "{}", all.len());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut post = String::new();
    for sentence in &all {
        for _ in 0..3 {
            let how = (0..128_u32).new_tree(&mut runner).unwrap().current();
            post.push_str(&changed(sentence, how));
            post.push_str("\n\n");
        }
    }
    let (quotes, _) = show.judge("set.md", &post);
    assert_eq!(quotes.len(), all.len() * 3);
    for quote in &quotes {
        let verdict = quote["verdict"].as_str().unwrap();
        // what two people say is theirs
        let text = quote["text"].as_str().unwrap().to_lowercase();
        let by_two =
            ["whole of the trick", "leave the next line"].iter().any(|two| text.contains(two));
        assert_eq!(verdict, if by_two { "several" } else { "exact" }, "{quote}");
    }
}

#[test]
fn any_word_that_is_exchanged_is_found_where_it_stands() {
    let show = Show::new();
    let all = sentences();
    let (mut post, mut wanted) = (String::new(), Vec::new());
    for sentence in &all {
        let words: Vec<&str> = sentence.split(' ').collect();
        for at in 0..words.len() {
            let mut other: Vec<&str> = words.clone();
            other[at] = "zeppelin";
            post.push_str(&format!("So “{}” it is.\n\n", other.join(" ")));
            wanted.push(sentence.clone());
        }
    }
    let (quotes, code) = show.judge("exchanged.md", &post);
    assert_eq!((quotes.len(), code), (wanted.len(), 3));
    for (quote, sentence) in quotes.iter().zip(&wanted) {
        assert_eq!(quote["verdict"], "altered", "{quote}\n{sentence}");
        let changes = quote["changes"].to_string();
        assert!(changes.contains("zeppelin"), "{quote}\n{sentence}");
    }
}
