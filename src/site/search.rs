//! The index that the site's search page reads.
//!
//! The episodes, the oldest first, are divided into parts, so that a new one changes nothing but the
//! last part, however large the show. In a part every token of every episode has a position: they are
//! counted on through its episodes. The tokens with their positions lie in several files of tokens that
//! follow one another in the alphabet; the page loads the catalog, and of the rest what a search needs.
//! docs/formats.md describes the files.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::edit::{Edition, Printed};
use crate::library::fingerprint::Fingerprint;
use crate::render::talk::Cast;
use crate::render::words::Words;
use crate::render::{Artifact, transcript};
use crate::site::Entry;
use crate::site::tokens::tokens;

/// The form of the index; the page refuses another.
const SCHEMA: u32 = 2;

/// A file of tokens ends with the token that takes it beyond this many bytes.
const SHARD_BYTES: usize = 20 << 10;

/// So many episodes are in a part: five years of a weekly show. A search loads some files of each part,
/// and a new episode changes those of one.
const PART_EPISODES: usize = 256;

/// The index under way.
#[derive(Debug, Default)]
pub(super) struct SearchIndex {
    episodes: Episodes,
    names: Vec<String>,
    /// Which of them are voices without a name.
    nameless: BTreeSet<u32>,
    /// The place of each of the names.
    people: BTreeMap<String, u32>,
    parts: Vec<PartEntry>,
    /// The hashes of the finished parts' files.
    hashes: Vec<String>,
    part: Part,
}

/// The part to which episodes are added.
#[derive(Debug, Default)]
struct Part {
    episodes: usize,
    tokens: BTreeMap<String, Positions>,
    passages: Vec<u8>,
    next: u32,
}

/// Where a token stands: the distance of each position from the one before.
#[derive(Debug, Default)]
struct Positions {
    last: u32,
    distances: Vec<u8>,
}

#[derive(Debug, Serialize)]
struct Catalog<'a> {
    schema: u32,
    version: String,
    episodes: &'a Episodes,
    people: &'a [String],
    /// Which of the people are voices without a name.
    nameless: &'a BTreeSet<u32>,
    parts: &'a [PartEntry],
}

/// What the search page needs of all episodes before anything is found, column by column, which is
/// half as much as row by row.
#[derive(Debug, Default, Serialize)]
struct Episodes {
    names: Vec<String>,
    titles: Vec<String>,
    /// The day as `2026-01-31`; empty where none is stated.
    days: Vec<String>,
    /// How many passages each has.
    passages: Vec<usize>,
}

/// A part as the catalog has it.
#[derive(Debug, Serialize)]
struct PartEntry {
    /// How many episodes are in it.
    episodes: usize,
    /// The first token of each of its files of tokens.
    shards: Vec<String>,
}

/// The text of an episode, from which the search page shows what it found.
#[derive(Debug, Serialize)]
struct Text {
    /// What kind of episode it is, and the day as people read it.
    kind: Option<String>,
    date: Option<String>,
    passages: Vec<Passage>,
}

#[derive(Debug, Serialize)]
struct Passage {
    /// Hundredths of a second from the start of the recording.
    start: i64,
    /// The words; a space between them, or a line feed where nothing stands between.
    text: String,
    /// How much later than the word before each word starts, in hundredths of a second.
    steps: Vec<i64>,
}

impl SearchIndex {
    /// Adds the next episode and returns the files that are finished with it: its text, and its part
    /// where that is full.
    pub(super) fn add(
        &mut self,
        entry: &Entry,
        edition: &Edition,
        cast: &Cast,
        words: &Words,
    ) -> Vec<Artifact> {
        let mut passages = Vec::new();
        for paragraph in edition.paragraphs().filter(|one| one.is_printed()) {
            let first = self.part.next;
            let (mut text, mut steps) = (String::new(), Vec::new());
            let start = transcript::centiseconds(paragraph.span.start());
            let mut before = start;
            for Printed { word, glued, .. } in paragraph.printed() {
                if !text.is_empty() {
                    text.push(if glued { '\n' } else { ' ' });
                }
                text.extend(word.text.split_whitespace());
                let at = transcript::centiseconds(word.span.start());
                steps.push((at - before).max(0));
                before = before.max(at);
                for token in tokens(&word.text) {
                    self.part.place(token);
                }
            }
            let speaker = paragraph
                .speaker
                .as_ref()
                .and_then(|_| cast.speakers.get(cast.index_of(paragraph.speaker.as_ref())));
            let speaker =
                speaker.map_or(0, |speaker| self.person(&speaker.full_name, speaker.nameless) + 1);
            varint(&mut self.part.passages, self.part.next - first);
            varint(&mut self.part.passages, speaker);
            passages.push(Passage { start, text, steps });
        }
        let date = entry.date(words);
        self.episodes.names.push(entry.name.clone());
        self.episodes.titles.push(entry.title().into_owned());
        self.episodes
            .days
            .push(date.as_ref().and_then(|date| date.iso.clone()).unwrap_or_default());
        self.episodes.passages.push(passages.len());
        let text = Text { kind: entry.kind(words), date: date.map(|date| date.long), passages };
        let mut files = vec![json(&format!("search/text/{}.json", entry.name), &text)];
        self.part.episodes += 1;
        if self.part.episodes == PART_EPISODES {
            files.extend(self.end_part());
        }
        files
    }

    fn person(&mut self, name: &str, nameless: bool) -> u32 {
        let index = self.people.get(name).copied().unwrap_or_else(|| {
            let index = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            self.names.push(name.to_owned());
            self.people.insert(name.to_owned(), index);
            index
        });
        if nameless {
            self.nameless.insert(index);
        }
        index
    }

    /// The files of the part, after which another one begins.
    fn end_part(&mut self) -> Vec<Artifact> {
        let part = std::mem::take(&mut self.part);
        let number = self.parts.len();
        let (shards, files) = part.files(number);
        self.hashes.extend(files.iter().map(|file| Fingerprint::of_bytes(&file.bytes).to_string()));
        self.parts.push(PartEntry { episodes: part.episodes, shards });
        files
    }

    /// The files of the last part, and the catalog.
    pub(super) fn finish(mut self) -> Vec<Artifact> {
        let mut files = if self.part.episodes > 0 { self.end_part() } else { Vec::new() };
        let version = Fingerprint::of_bytes(self.hashes.join("\n").as_bytes()).to_string();
        let catalog = Catalog {
            schema: SCHEMA,
            version: version.chars().take(16).collect(),
            episodes: &self.episodes,
            people: &self.names,
            nameless: &self.nameless,
            parts: &self.parts,
        };
        files.push(json("search/catalog.json", &catalog));
        files
    }
}

impl Part {
    fn place(&mut self, token: String) {
        let known = self.tokens.entry(token).or_default();
        varint(&mut known.distances, self.next - known.last);
        known.last = self.next;
        self.next = self.next.saturating_add(1);
    }

    /// The first token of each file of tokens, and the files.
    fn files(&self, number: usize) -> (Vec<String>, Vec<Artifact>) {
        let (mut firsts, mut shards): (Vec<String>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
        for (token, positions) in &self.tokens {
            if shards.last().is_none_or(|shard| shard.len() >= SHARD_BYTES) {
                firsts.push(token.clone());
                shards.push(Vec::new());
            }
            let Some(shard) = shards.last_mut() else { continue };
            for bytes in [token.as_bytes(), &positions.distances] {
                varint(shard, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
                shard.extend(bytes);
            }
        }
        let tokens = shards.into_iter().enumerate().map(|(shard, bytes)| Artifact {
            relative_path: format!("search/tokens-{number}-{shard}.bin"),
            bytes,
        });
        let passages = Artifact {
            relative_path: format!("search/passages-{number}.bin"),
            bytes: self.passages.clone(),
        };
        (firsts, tokens.chain([passages]).collect())
    }
}

/// Seven bits a byte, the lowest first; the eighth bit says that another byte follows.
fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or_default() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or_default());
}

fn json(path: &str, value: &impl Serialize) -> Artifact {
    let bytes = serde_json::to_vec(value).expect("plain data with text keys always serializes");
    Artifact { relative_path: path.to_owned(), bytes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Drafts;
    use crate::edit::{Block, EditedWord, Paragraph, Status};
    use crate::library::show::Show;
    use crate::render::Context;
    use crate::speech::{SpeakerName, Word};
    use crate::time::{Ms, Span};

    fn edition(word: &str) -> Edition {
        let span = Span::at_least_1ms(Ms::ZERO, Ms::new(500));
        let word = EditedWord { word: Word::new(span, word, 0.9), speaker_confidence: 0.9 };
        Edition {
            language: "en".into(),
            duration: Ms::new(500),
            blocks: vec![Block::Paragraph(Paragraph {
                span,
                speaker: Some(SpeakerName("Ann".into())),
                label: None,
                words: vec![word],
                quotation: None,
                status: Status::Machine,
            })],
            chapters: vec![],
            soundbites: vec![],
            turns: vec![],
        }
    }

    /// The files of a show of these words, an episode each.
    fn files(words: impl Iterator<Item = String>) -> BTreeMap<String, Vec<u8>> {
        let (mut index, mut files) = (SearchIndex::default(), Vec::new());
        let (show, drafts) = (Show::default(), Drafts::default());
        for (number, word) in words.enumerate() {
            let entry = Entry { name: format!("{number:04}"), ..Entry::default() };
            let edition = edition(&word);
            let context = Context::new(&edition, entry.stated(&show), &drafts);
            let words = Words::english();
            files.extend(index.add(&entry, &edition, &Cast::of(&context, words), words));
        }
        files.extend(index.finish());
        files.into_iter().map(|file| (file.relative_path, file.bytes)).collect()
    }

    #[test]
    fn a_new_episode_changes_the_last_part_alone() {
        let word = |number: usize| format!("word{}", number % 7);
        let before = files((0..PART_EPISODES + 3).map(word));
        let after = files((0..PART_EPISODES + 4).map(word));
        let changed: Vec<&str> = after
            .iter()
            .filter(|(name, bytes)| before.get(*name) != Some(bytes))
            .map(|(name, _)| name.as_str())
            .collect();
        let added = format!("search/text/{:04}.json", PART_EPISODES + 3);
        assert_eq!(
            changed,
            [
                "search/catalog.json",
                "search/passages-1.bin",
                added.as_str(),
                "search/tokens-1-0.bin"
            ]
        );
        let catalog: serde_json::Value =
            serde_json::from_slice(&after["search/catalog.json"]).unwrap();
        assert_eq!(catalog["parts"][0]["episodes"], PART_EPISODES);
        assert_eq!(catalog["parts"][1]["episodes"], 4);
        assert_eq!(catalog["people"], serde_json::json!(["Ann"]));
    }
}
