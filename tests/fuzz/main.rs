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
    feed: [
        "fuzz/seeds/feed.xml",
        "fuzz/seeds/feed-latin1.xml",
        "fuzz/seeds/feed-utf16.xml",
    ];
    id3: ["fuzz/seeds/id3", "fixtures/audio/chapters.mp3", "fixtures/audio/cbr.mp3"];
    import: ["fuzz/seeds", "fixtures/import"];
    lint: ["fuzz/seeds", "fixtures/audio/chapters.mp3"];
    nist: ["fuzz/seeds/rttm", "fuzz/seeds/uem", "fuzz/seeds/ctm", "fuzz/seeds/stm"];
    others: [
        "fuzz/seeds/assemblyai.json",
        "fuzz/seeds/aws.json",
        "fuzz/seeds/azure.json",
        "fuzz/seeds/deepgram.json",
        "fuzz/seeds/dote.json",
        "fuzz/seeds/google.json",
        "fuzz/seeds/labelled.txt",
        "fuzz/seeds/markdown",
        "fuzz/seeds/npr.txt",
        "fuzz/seeds/openai.json",
        "fuzz/seeds/otter.txt",
        "fuzz/seeds/rev.json",
        "fuzz/seeds/speechmatics.json",
        "fuzz/seeds/whispercpp.json",
        "fuzz/seeds/whisperx.json",
    ];
    podcast_html: ["fuzz/seeds/html"];
    podcast_json: ["fuzz/seeds/json"];
    podlove: ["fuzz/seeds/podlove", "fuzz/seeds/podlove.xml"];
    rework: ["fuzz/seeds/rework.txt", "fixtures/import/quirks.txt"];
    said: ["fuzz/seeds"];
    sync: ["fuzz/seeds/rework.txt", "fixtures/import/quirks.txt"];
    srt: ["fuzz/seeds/srt", "fuzz/seeds/sbv"];
    webvtt: ["fuzz/seeds/vtt", "fuzz/seeds/teams.vtt", "fuzz/seeds/zoom.vtt"];
    weights: ["fuzz/seeds/model.bin", "fuzz/seeds/state_dict.pkl", "fuzz/seeds/state_dict.pt"];
    written: ["fuzz/seeds/show.toml", "fuzz/seeds/episode.toml", "fuzz/seeds/edits.toml"];
}

/// Fails at a `<`, and wants more memory than there is at a `&`.
fn faulty(bytes: &[u8]) {
    assert!(!bytes.contains(&b'<'), "there it is");
    if cfg!(target_os = "linux") && bytes.contains(&b'&') {
        std::hint::black_box(vec![1_u8; 1 << 30]);
    }
}

#[test]
fn what_fails_is_seen_made_small_and_kept() {
    let seeds = ["fuzz/seeds/srt"];
    let round = round::found("what_fails_is_seen_made_small_and_kept", faulty, &seeds);
    let Some(round::Found { cases, failures }) = round else { return };
    assert!(cases >= 250, "it stops after {cases} cases");
    let told: Vec<&String> = failures.values().collect();
    assert_eq!(told.len(), if cfg!(target_os = "linux") { 2 } else { 1 }, "{told:?}");
    assert!(told[0].contains("main.rs") && told[0].contains("there it is\n  1 bytes"), "{told:?}");
    let path = told[0].rsplit_once("INPUT=").expect("it is told how to meet it again").1;
    assert_eq!(std::fs::read(path).expect("it is kept"), b"<");
    if let Some(memory) = told.get(1) {
        assert!(
            memory.contains("memory allocation of 1073741824 bytes failed\n  1 bytes"),
            "{memory}"
        );
    }
}
