//! The index that the site's search page reads.
//!
//! Every token of every episode has a position: they are counted on through all episodes, the
//! oldest first, so that a new episode adds to the end. The tokens with their positions lie in
//! several files of tokens that follow one another in the alphabet; the page loads those that a
//! search needs. docs/formats.md describes the files.

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
const SHARD_BYTES: usize = 40 << 10;

/// The index under way.
#[derive(Debug, Default)]
pub(super) struct SearchIndex {
    episodes: Vec<Found>,
    names: Vec<String>,
    /// Which of them are voices without a name.
    nameless: BTreeSet<usize>,
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
    episodes: &'a [Found],
    people: &'a [String],
    /// Which of the people are voices without a name.
    nameless: &'a BTreeSet<usize>,
    /// The first token of each file of tokens.
    shards: Vec<&'a str>,
}

/// An episode as the search page names it.
#[derive(Debug, Serialize)]
struct Found {
    name: String,
    title: String,
    kind: Option<String>,
    date: Option<String>,
    day: Option<String>,
    passages: usize,
}

/// The text of an episode, from which the search page shows what it found.
#[derive(Debug, Serialize)]
struct Text {
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
    /// Adds the next episode and returns its text's file.
    pub(super) fn add(
        &mut self,
        entry: &Entry,
        edition: &Edition,
        cast: &Cast,
        words: &Words,
    ) -> Artifact {
        let mut passages = Vec::new();
        for paragraph in edition.paragraphs().filter(|one| one.is_printed()) {
            let first = self.next;
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
                    self.place(token);
                }
            }
            let speaker = paragraph
                .speaker
                .as_ref()
                .and_then(|_| cast.speakers.get(cast.index_of(paragraph.speaker.as_ref())));
            let speaker =
                speaker.map_or(0, |speaker| self.person(&speaker.full_name, speaker.nameless) + 1);
            varint(&mut self.passages, self.next - first);
            varint(&mut self.passages, speaker);
            passages.push(Passage { start, text, steps });
        }
        let date = entry.date(words);
        self.episodes.push(Found {
            name: entry.name.clone(),
            title: entry.title().into_owned(),
            kind: entry.kind(words),
            day: date.as_ref().and_then(|date| date.iso.clone()),
            date: date.map(|date| date.long),
            passages: passages.len(),
        });
        json(&format!("search/text/{}.json", entry.name), &Text { passages })
    }

    fn place(&mut self, token: String) {
        let known = self.tokens.entry(token).or_default();
        varint(&mut known.distances, self.next - known.last);
        known.last = self.next;
        self.next = self.next.saturating_add(1);
    }

    fn person(&mut self, name: &str, nameless: bool) -> u32 {
        let index = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        if nameless {
            self.nameless.insert(index);
        }
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// The files of the index but for the episodes' texts.
    pub(super) fn finish(&self) -> Vec<Artifact> {
        let (firsts, shards) = self.shards();
        let mut files: Vec<Artifact> = shards
            .into_iter()
            .enumerate()
            .map(|(number, bytes)| Artifact {
                relative_path: format!("search/tokens-{number}.bin"),
                bytes,
            })
            .collect();
        files.push(Artifact {
            relative_path: "search/passages.bin".to_owned(),
            bytes: self.passages.clone(),
        });
        let all: Vec<String> =
            files.iter().map(|file| Fingerprint::of_bytes(&file.bytes).to_string()).collect();
        let version = Fingerprint::of_bytes(all.join("\n").as_bytes()).to_string();
        let catalog = Catalog {
            schema: SCHEMA,
            version: version.chars().take(16).collect(),
            episodes: &self.episodes,
            people: &self.names,
            nameless: &self.nameless,
            shards: firsts,
        };
        files.push(json("search/catalog.json", &catalog));
        files
    }

    /// The files of tokens, and the first token of each.
    fn shards(&self) -> (Vec<&str>, Vec<Vec<u8>>) {
        let (mut firsts, mut shards): (Vec<&str>, Vec<Vec<u8>>) = (Vec::new(), Vec::new());
        for (token, positions) in &self.tokens {
            if shards.last().is_none_or(|shard| shard.len() >= SHARD_BYTES) {
                firsts.push(token);
                shards.push(Vec::new());
            }
            let Some(shard) = shards.last_mut() else { continue };
            for bytes in [token.as_bytes(), &positions.distances] {
                varint(shard, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
                shard.extend(bytes);
            }
        }
        (firsts, shards)
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
