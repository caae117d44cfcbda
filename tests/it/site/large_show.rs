//! An invented show of many episodes, as large as a show gets that came out weekly for ten years.

use std::fs;
use std::path::Path;

use linernotes::edit::{Block, EditedWord, Edition, Paragraph, Status};
use linernotes::library::artifact::write_record;
use linernotes::library::episode::{Episode, Person};
use linernotes::library::folder::EpisodeFolder;
use linernotes::library::show::Show;
use linernotes::render::{PageFacts, Templates};

use crate::printing::render;
use linernotes::speech::{SpeakerName, Word};
use linernotes::time::{Ms, Span};

const PARAGRAPHS: usize = 80;
const WORDS_EACH: usize = 50;
/// There are this many different words in the show, as two to this power: as many as a person has.
const VOCABULARY_BITS: u32 = 15;
const WORD_MS: i64 = 330;

/// Numbers that are the same at every run.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 20) % u64::from(sides)).unwrap()
    }

    /// A word by its rank, so that the tenth is said some tenth as often as the first.
    fn rank(&mut self) -> u32 {
        let half = 1 << self.roll(VOCABULARY_BITS);
        half + self.roll(half) - 1
    }
}

/// The word of a rank: two syllables or three, each word its own.
fn word(rank: u32) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo", "zu",
        "ha",
    ];
    let mut left = rank + 16;
    let mut word = String::new();
    while left > 0 {
        word.push_str(SYLLABLES[left as usize % SYLLABLES.len()]);
        left /= 16;
    }
    word
}

fn edition(number: u32, guest: &str) -> Edition {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ u64::from(number + 1));
    let mut at = Ms::new(2_000);
    let mut blocks = Vec::new();
    for paragraph in 0..PARAGRAPHS {
        let mut words = Vec::new();
        for position in 0..WORDS_EACH {
            let text = match (number, paragraph, position) {
                (250, 40, 10..15) => {
                    ["the", "only", "copper", "heron", "here"][position - 10].into()
                }
                _ => word(dice.rank()),
            };
            let span = Span::at_least_1ms(at, at + Ms::new(WORD_MS));
            words.push(EditedWord { word: Word::new(span, &text, 0.9), speaker_confidence: 0.9 });
            at = at + Ms::new(WORD_MS);
        }
        let speaker = if paragraph % 3 == 0 { "Mara" } else { guest.split(' ').next().unwrap() };
        blocks.push(Block::Paragraph(Paragraph {
            span: Span::at_least_1ms(words[0].word.span.start(), at),
            speaker: Some(SpeakerName(speaker.to_owned())),
            label: None,
            words,
            quotation: None,
            status: Status::Machine,
        }));
    }
    Edition {
        language: "en".to_owned(),
        duration: at,
        blocks,
        chapters: vec![],
        soundbites: vec![],
        turns: vec![],
    }
}

/// Writes the show with so many episodes into the folder.
pub(crate) fn write(folder: &Path, episodes: u32) {
    let show = Show {
        name: "The Long Count".to_owned(),
        tagline: "A show that has come out weekly for ten years.".to_owned(),
        people: vec![Person { name: "Mara Quill".to_owned(), ..Person::default() }],
        ..Show::default()
    };
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("show.toml"), toml::to_string(&show).unwrap()).unwrap();
    for number in 0..episodes {
        let root = folder.join(format!("{:04}-{}", number + 1, word(number)));
        let guest =
            format!("{} {}", capital(&word(number % 180 + 300)), capital(&word(number % 180)));
        let day = jiff::civil::date(2014, 1, 7) + jiff::Span::new().weeks(i64::from(number));
        let episode = Episode {
            title: format!("On {} and {}", capital(&word(number)), word(number + 700)),
            number: Some(number + 1),
            date: day.to_string(),
            summary: "Two people talk about what they counted.".to_owned(),
            people: vec![Person { name: guest.clone(), ..Person::default() }],
            ..Episode::default()
        };
        let edition = edition(number, &guest);
        fs::create_dir_all(root.join("out")).unwrap();
        fs::write(root.join("episode.toml"), toml::to_string(&episode).unwrap()).unwrap();
        let folder = EpisodeFolder::open(&root).unwrap();
        write_record(&folder.work_file("6-edition.json"), 1, &edition).unwrap();
        fs::write(root.join("out/index.html"), page(number, &edition, &show, &episode)).unwrap();
    }
}

/// The page of the first episodes; later ones have a word only, as the search reads no pages.
fn page(number: u32, edition: &Edition, show: &Show, episode: &Episode) -> Vec<u8> {
    if number >= 3 {
        return b"<!doctype html>\n<title>A page</title>\n".to_vec();
    }
    let files = render(edition, show, episode, &PageFacts::default(), &Templates::builtin());
    files.unwrap().into_iter().find(|file| file.relative_path == "index.html").unwrap().bytes
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}
