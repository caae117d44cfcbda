//! The pages that the browser tests in `tests/page` open.

use std::path::{Path, PathBuf};
use std::{env, fs};

use linernotes::edit::{Block, Edition};
use linernotes::library::episode::Episode;
use linernotes::library::folder::EpisodeFolder;
use linernotes::library::show::{Show, Subscribe};
use linernotes::pipeline::{Pipeline, Request, Settings};
use linernotes::progress::Silent;
use linernotes::render::{PageFacts, Templates};
use linernotes::stage::Stage;

use crate::pipeline::Doubles;
use crate::printing::render;

use super::specimen::{edition, episode, facts, paragraph, show, talk};

/// Samples a second of the silence that the pages play; the least that browsers take.
const RATE_HZ: u32 = 3_000;

#[test]
#[ignore = "writes the pages for the browser tests; `tests/page/run` calls it"]
fn writes_pages() {
    let folder = env::var_os("PAGES")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages"), PathBuf::from);
    let silent = PageFacts { audio_href: String::new(), ..facts() };
    let heard = PageFacts {
        audio_href: "audio.wav".to_owned(),
        audio_media_type: "audio/wav".to_owned(),
        ..facts()
    };
    let plain = Episode { title: "The Ledger".to_owned(), ..episode() };
    let episode = talk(40, 45);
    let seconds = u32::try_from(episode.duration.get() / 1000).unwrap() + 1;
    write(&folder.join("episode"), &episode, &show(), &plain, &heard);
    fs::write(folder.join("episode/audio.wav"), silence(seconds)).unwrap();
    write(&folder.join("budget"), &talk(75, 57), &show(), &plain, &silent);
    write(&folder.join("long"), &talk(560, 80), &show(), &plain, &silent);
    let lost = PageFacts { audio_href: "lost.wav".to_owned(), ..heard.clone() };
    write(&folder.join("lost"), &talk(3, 20), &show(), &plain, &lost);
    write_small(folder.join("small").as_path(), "en", &heard);
    write_small(folder.join("german").as_path(), "de", &heard);
    write_small(folder.join("hebrew").as_path(), "he", &heard);
    let (edition, show, episode) = super::hostile();
    write(&folder.join("hostile"), &edition, &show, &episode, &silent);
}

/// A page with every part, in a language: with words of one time, and a chapter that is called Credits.
fn write_small(folder: &Path, language: &str, facts: &PageFacts) {
    let mut edition = edition();
    edition.language = language.into();
    edition.chapters[1].title = "Credits".into();
    let mut same =
        paragraph(30_000, Some("Piet"), "Nine \"o'clock\" it's, nine o'clock, and all's well.");
    let at = same.words[1].word.span;
    for word in same.words.iter_mut().take(4).skip(1) {
        word.word.span = at;
    }
    edition.blocks.insert(6, Block::Paragraph(same));
    let place = |name: &str, url: &str| Subscribe { name: name.into(), url: url.into() };
    let show = Show {
        language: language.to_owned(),
        subscribe: vec![
            place("Apple Podcasts", "https://pods.example/apple"),
            place("Antennapod", "https://pods.example/antenna"),
        ],
        ..show()
    };
    write(folder, &edition, &show, &episode(), facts);
    fs::write(folder.join("audio.wav"), silence(66)).unwrap();
}

fn write(folder: &Path, edition: &Edition, show: &Show, episode: &Episode, facts: &PageFacts) {
    fs::create_dir_all(folder).unwrap();
    for file in render(edition, show, episode, facts, &Templates::builtin()).unwrap() {
        fs::write(folder.join(file.relative_path), file.bytes).unwrap();
    }
}

/// An episode with sound for the desk, as a run leaves it: five people who are not named yet, with mistakes
/// for an editor to find. And one of four hours.
#[test]
#[ignore = "writes the episodes for the browser tests; `tests/page/run` calls it"]
fn writes_desk() {
    let folder = env::var_os("PAGES")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages"), PathBuf::from);
    let show = folder.join("desk");
    if show.exists() {
        fs::remove_dir_all(&show).unwrap();
    }
    let talk = "Host: [00:00:00] Good evening from the long bridge. Tonight four people call us about the tide.\n\n\
                Guest: [00:00:10] I have counted the tide at the mill for twenty years, and it was never so high as on \
                that night. The water came over the wall. It stood in the kitchen before any of us were up.\n\n\
                [00:00:25] We carried the clock upstairs.\n\n\
                Host: [00:00:30] And what did you hear first? I thought it was\n\n\
                Guest: [00:00:36] the cat. Then the bells began, all of them, and nobody had pulled a rope.\n\n\
                Caller: [00:00:48] That was us. We rang until the ropes were wet.\n\n\
                Neighbour: [00:00:58] I slept through all of it. Sorry, my phone. Where was I? In bed, of course.\n\n\
                Host: [00:01:10] The almanac says: High water waits for no one, and asks nobody.\n\n\
                Poet: [00:01:20] I wrote that, and I would write it otherwise now.\n\n\
                Host: [00:01:28] Good night to all of you.\n";
    let root = show.join("episode");
    fs::create_dir_all(&root).unwrap();
    fs::write(root.join("talk.txt"), talk).unwrap();
    fs::write(root.join("talk.wav"), silence(100)).unwrap();
    let about = "title = \"The Tide\"\ntranscript = \"talk.txt\"\n";
    fs::write(root.join("episode.toml"), format!("{about}audio = \"talk.wav\"\n")).unwrap();
    run(&root);
    let long = show.join("long");
    fs::create_dir_all(&long).unwrap();
    let line = "So the water rose and we went on counting while the lamp burned down and nobody said a word of it";
    let mut text = String::new();
    for at in 0..1_800 {
        let (hours, minutes, seconds) = (at * 8 / 3600, at * 8 / 60 % 60, at * 8 % 60);
        let name = ["Host", "Guest"][at % 2];
        text.push_str(&format!(
            "{name}: [{hours:02}:{minutes:02}:{seconds:02}] {line}, {at} times.\n\n"
        ));
    }
    fs::write(long.join("talk.txt"), text).unwrap();
    fs::write(long.join("episode.toml"), about.replace("The Tide", "Four Hours")).unwrap();
    run(&long);
}

fn run(root: &Path) {
    let folder = EpisodeFolder::open(root).unwrap();
    let mut engines = Doubles::new();
    let settings = Settings { model: "scripted".into(), ..Settings::default() };
    let request = Request { from: None, until: Stage::Publish };
    Pipeline::open(folder, settings, &mut engines, &Silent).unwrap().run(request).unwrap();
}

/// A WAV file of silence: mono, 8 bits.
fn silence(seconds: u32) -> Vec<u8> {
    let length = seconds * RATE_HZ;
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend(1_u16.to_le_bytes());
    wav.extend(1_u16.to_le_bytes());
    wav.extend(RATE_HZ.to_le_bytes());
    wav.extend(RATE_HZ.to_le_bytes());
    wav.extend(1_u16.to_le_bytes());
    wav.extend(8_u16.to_le_bytes());
    wav.extend(b"data");
    wav.extend(length.to_le_bytes());
    wav.resize(wav.len() + length as usize, 0x80);
    wav
}

/// A show of 500 episodes of some 4,000 words each, for the measurements of the search.
#[test]
#[ignore = "writes the site for the browser tests; `tests/page/run` calls it"]
fn writes_site() {
    let folder = env::var_os("PAGES")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages"), PathBuf::from);
    crate::site::large_show::write(&folder.join("show"), 500);
    linernotes::site::build(&folder.join("show"), &folder.join("site"), None).unwrap();
}
