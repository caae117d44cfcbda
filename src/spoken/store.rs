//! What was said in an episode <-> the bytes that the index keeps of it, paragraph by paragraph.

use std::io::{self, Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use crate::spoken::{
    Facts, Speaker, SpokenEpisode, SpokenParagraph, SpokenWord, hash, is_filler, tokens,
};
use crate::time::{Ms, Span};

/// A paragraph unpacks to no more than this.
const MAX_BYTES: u64 = 64 << 20;

const GLUED: u8 = 1;
const ENDS_SENTENCE: u8 = 2;
const DISFLUENCY: u8 = 4;

/// An episode without its words: small, and read for every search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) facts: Facts,
    pub(super) speakers: Vec<Speaker>,
    pub(super) chapters: Vec<String>,
    pub(super) cuts: Vec<Span>,
}

#[derive(Serialize, Deserialize)]
struct Packed {
    paragraph: SpokenParagraph,
    /// Text; start after the word before and duration, in ms; both confidences in hundredths; flags.
    words: Vec<(String, i64, i64, u8, u8, u8)>,
}

impl Head {
    pub(super) fn of(episode: &SpokenEpisode) -> Head {
        Head {
            facts: episode.facts.clone(),
            speakers: episode.speakers.clone(),
            chapters: episode.chapters.clone(),
            cuts: episode.cuts.clone(),
        }
    }
}

/// A paragraph, packed.
pub(super) fn pack(paragraph: &SpokenParagraph, words: &[SpokenWord]) -> io::Result<Vec<u8>> {
    let mut before = 0;
    let words = words.iter().map(|word| {
        let start = word.span.start().get();
        let step = start.saturating_sub(std::mem::replace(&mut before, start));
        let flags = [
            (word.glued, GLUED),
            (word.ends_sentence, ENDS_SENTENCE),
            (word.is_disfluency, DISFLUENCY),
        ];
        let flags = flags.iter().filter(|(set, _)| *set).fold(0, |sum, (_, flag)| sum | flag);
        let (sure, whose) = (hundredths(word.probability), hundredths(word.speaker_confidence));
        (word.text.clone(), step, word.span.duration().get(), sure, whose, flags)
    });
    let packed = Packed { paragraph: paragraph.clone(), words: words.collect() };
    let mut bytes = DeflateEncoder::new(Vec::new(), Compression::fast());
    bytes.write_all(&serde_json::to_vec(&packed).map_err(io::Error::other)?)?;
    bytes.finish()
}

/// Adds a packed paragraph to what is known of its episode.
pub(super) fn unpack(bytes: &[u8], to: &mut SpokenEpisode) -> io::Result<()> {
    let mut json = Vec::new();
    DeflateDecoder::new(bytes).take(MAX_BYTES).read_to_end(&mut json)?;
    let packed: Packed = serde_json::from_slice(&json).map_err(io::Error::other)?;
    let (mut start, paragraph) = (0_i64, to.paragraphs.len());
    to.paragraphs.push(packed.paragraph);
    to.words.extend(packed.words.into_iter().map(|(text, step, length, sure, whose, flags)| {
        start = start.saturating_add(step);
        SpokenWord {
            text,
            glued: flags & GLUED > 0,
            span: Span::at_least_1ms(Ms::new(start), Ms::new(start) + Ms::new(length)),
            probability: f32::from(sure) / 100.0,
            speaker_confidence: f32::from(whose) / 100.0,
            paragraph,
            ends_sentence: flags & ENDS_SENTENCE > 0,
            is_disfluency: flags & DISFLUENCY > 0,
        }
    }));
    Ok(())
}

/// The hashes of an episode's tokens, fillers left out, as bytes: what is scanned for a quotation.
pub(super) fn scan_bytes(episode: &SpokenEpisode) -> Vec<u8> {
    let words = episode.words.iter().flat_map(|word| tokens(&word.text));
    let scanned = words.filter(|token| !is_filler(&token.key));
    scanned.flat_map(|token| hash(&token.key).to_le_bytes()).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
fn hundredths(part: f32) -> u8 {
    (part.clamp(0.0, 1.0) * 100.0).round() as u8
}
