//! The committed sample episode says the same in all of its files.

use std::fs;
use std::path::PathBuf;

use linernotes::library::episode::Episode;
use linernotes::library::show::Show;

fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("episodes").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(sample(name)).unwrap()
}

const FOLDER: &str = "0001-the-bucket-and-the-book";

#[test]
fn show_and_episode_are_read_and_name_everybody_who_speaks() {
    let show: Show = toml::from_str(&read("show.toml")).unwrap();
    let episode: Episode = toml::from_str(&read(&format!("{FOLDER}/episode.toml"))).unwrap();
    let named: Vec<&str> = show
        .people
        .iter()
        .chain(&episode.people)
        .map(linernotes::library::episode::Person::short_name)
        .collect();
    for line in read(&format!("{FOLDER}/truth.rttm")).lines() {
        let speaker = line.split_whitespace().nth(7).unwrap();
        assert!(named.contains(&speaker), "{speaker} is in neither file");
    }
    assert!(sample(&format!("{FOLDER}/{}", episode.audio)).is_file());
}

#[test]
fn the_audio_stays_below_4_mb() {
    let bytes = fs::metadata(sample(&format!("{FOLDER}/audio.mp3"))).unwrap().len();
    assert!(bytes <= 4_000_000, "{bytes} bytes");
}

#[test]
fn the_truth_says_what_the_script_says() {
    let truth: serde_json::Value =
        serde_json::from_str(&read(&format!("{FOLDER}/truth.json"))).unwrap();
    let script = read(&format!("{FOLDER}/script.txt"));
    let (_, body) = script.split_once("The Full Transcript:").unwrap();
    let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut from = 0;
    let mut last_end = 0.0;
    for piece in truth.as_array().unwrap() {
        let text = piece.get("text").or_else(|| piece.get("event")).unwrap().as_str().unwrap();
        let at = body[from..].find(text).unwrap_or_else(|| panic!("not in the script: {text}"));
        from += at + text.len();
        let (start, end) = (piece["start"].as_f64().unwrap(), piece["end"].as_f64().unwrap());
        assert!(last_end <= start && start < end, "times go back at: {text}");
        last_end = end;
    }
}
