//! Strange input for every parser, made from a seed: `README.md` tells how to run it for longer.

mod cases;
mod round;
mod targets;

/// A test for each target: what it is made of, by path below `tests/`.
macro_rules! targets {
    ($($name:ident: $seeds:expr;)*) => {
        $(
            #[test]
            fn $name() {
                round::play(stringify!($name), targets::$name, &$seeds);
            }
        )*
    };
}

targets! {
    audio: ["fixtures/audio"];
    chapters: ["fuzz/seeds/chapters", "fuzz/seeds/podlove-chapters"];
    feed: ["fuzz/seeds/feed.xml"];
    id3: ["fuzz/seeds/id3", "fixtures/audio/chapters.mp3", "fixtures/audio/cbr.mp3"];
    import: ["fuzz/seeds", "fixtures/import"];
    lint: ["fuzz/seeds", "fixtures/audio/chapters.mp3"];
    nist: ["fuzz/seeds/rttm", "fuzz/seeds/uem", "fuzz/seeds/ctm", "fuzz/seeds/stm"];
    others: [
        "fuzz/seeds/dote.json",
        "fuzz/seeds/labelled.txt",
        "fuzz/seeds/markdown",
        "fuzz/seeds/npr.txt",
        "fuzz/seeds/whispercpp.json",
        "fuzz/seeds/whisperx.json",
    ];
    podcast_html: ["fuzz/seeds/html"];
    podcast_json: ["fuzz/seeds/json"];
    podlove: ["fuzz/seeds/podlove", "fuzz/seeds/podlove.xml"];
    rework: ["fuzz/seeds/rework.txt", "fixtures/import/quirks.txt"];
    said: ["fuzz/seeds"];
    srt: ["fuzz/seeds/srt"];
    webvtt: ["fuzz/seeds/vtt"];
    weights: ["fuzz/seeds/model.bin", "fuzz/seeds/state_dict.pkl", "fuzz/seeds/state_dict.pt"];
    written: ["fuzz/seeds/show.toml", "fuzz/seeds/episode.toml", "fuzz/seeds/edits.toml"];
}
