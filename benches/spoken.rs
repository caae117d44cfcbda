//! How long it takes to search and to check a post in shows of 500 and of 2,000 episodes.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use linernotes::edit::{Block, EditedWord, Edition, Paragraph, Status};
use linernotes::library::artifact::write_record;
use linernotes::quoting::{Names, Post, check, quotations};
use linernotes::search::{Query, search};
use linernotes::speech::{SpeakerName, Word};
use linernotes::spoken::{Place, SpokenIndex};
use linernotes::time::{Ms, Span};

const PARAGRAPHS: u64 = 100;
const WORDS_EACH: u64 = 80;

/// The word of a rank.
fn word(mut rank: u64) -> String {
    let mut text = String::new();
    rank += 16;
    while rank > 0 {
        text.push_str(
            [
                "ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo",
                "zu", "ha",
            ][usize::try_from(rank % 16).unwrap_or(0)],
        );
        rank /= 16;
    }
    text
}

fn edition(random: &mut fastrand::Rng) -> Edition {
    let mut at = Ms::ZERO;
    let mut blocks = Vec::new();
    for number in 0..PARAGRAPHS {
        let words: Vec<EditedWord> = (0..WORDS_EACH)
            .map(|place| {
                let half = 1 << random.u64(0..15);
                let stop = if place % 16 == 15 { "." } else { "" };
                let text = format!("{}{stop}", word(half + random.u64(0..half)));
                let span = Span::at_least_1ms(at, at + Ms::new(330));
                at = at + Ms::new(330);
                EditedWord { word: Word::new(span, text, 0.9), speaker_confidence: 0.9 }
            })
            .collect();
        blocks.push(Block::Paragraph(Paragraph {
            span: Span::at_least_1ms(words[0].word.span.start(), at),
            speaker: Some(SpeakerName(if number % 2 == 0 { "Ann" } else { "Bo" }.into())),
            label: None,
            words,
            quotation: None,
            status: Status::Machine,
        }));
    }
    Edition {
        language: "en".into(),
        duration: at,
        blocks,
        chapters: Vec::new(),
        soundbites: Vec::new(),
        turns: Vec::new(),
    }
}

/// Writes the show and returns a post of 3,000 words with forty quotations out of it.
fn write(root: &Path, episodes: u64) -> String {
    fs::create_dir_all(root).expect("the folder can be made");
    fs::write(root.join("show.toml"), "name = \"Made\"\n").expect("the show can be written");
    let mut random = fastrand::Rng::with_seed(episodes);
    let mut post = String::new();
    for number in 0..episodes {
        let folder = root.join(format!("{number:04}"));
        fs::create_dir_all(folder.join("work")).expect("the folder can be made");
        fs::write(folder.join("episode.toml"), format!("title = \"Episode {number}\"\n"))
            .expect("the episode can be written");
        let edition = edition(&mut random);
        write_record(&folder.join("work/6-edition.json"), 1, &edition).expect("it can be written");
        if number % (episodes / 40) == 0 {
            let paragraph = edition.paragraphs().nth(7).expect("there are a hundred");
            let words: Vec<&str> =
                paragraph.words[16..32].iter().map(|word| word.word.text.as_str()).collect();
            post.push_str(&format!(
                "“{}” {}\n\n",
                words.join(" "),
                "and so on it went, ".repeat(12)
            ));
        }
    }
    post
}

#[expect(clippy::print_stdout, reason = "a bench speaks to whoever runs it")]
fn shows(c: &mut Criterion) {
    for episodes in [500, 2_000] {
        let folder = tempfile::tempdir().expect("a folder for the show");
        let post = write(folder.path(), episodes);
        let place = Place::of(folder.path()).expect("it is a show");
        let begun = std::time::Instant::now();
        SpokenIndex::open(&place).expect("the index can be made");
        println!("{episodes} episodes: the index is made in {:?}", begun.elapsed());
        let mut group = c.benchmark_group(format!("{episodes} episodes"));
        group.sample_size(10);
        for words in ["bade goku", "ba", "\"fi go\"", "badegokux"] {
            group.bench_function(format!("search {words}"), |b| {
                b.iter(|| {
                    let place = Place::of(folder.path()).expect("it is a show");
                    let (index, _) = SpokenIndex::open(&place).expect("the index is there");
                    let query = Query { words: words.into(), limit: 20, ..Query::default() };
                    search(&index, black_box(&query)).expect("it can be searched")
                });
            });
        }
        group.bench_function("check a post of 3,000 words", |b| {
            b.iter(|| {
                let place = Place::of(folder.path()).expect("it is a show");
                let (index, _) = SpokenIndex::open(&place).expect("the index is there");
                let read = Post::read(post.clone().into_bytes(), Path::new("post.md"))
                    .expect("it is text");
                let (found, _) = quotations(&read, &Names::of(index.episodes()));
                check(&index, &found).expect("it can be checked")
            });
        });
        group.finish();
    }
}

criterion_group!(benches, shows);
criterion_main!(benches);
