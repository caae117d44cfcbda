//! A Whisper model in the ggml form: sizes, mel filters, vocabulary, and tensors read one by one.
//!
//! The layout is whisper.cpp's: eleven 32-bit numbers, the filter bank, the tokens, then tensors
//! until the file ends. Nothing in the file is believed beyond what is checked here.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use half::f16;

const MAGIC: u32 = 0x6767_6d6c;
/// The most of anything that a header may ask for; large-v3 has 51,866 tokens.
const MOST: u32 = 1 << 20;

/// The sizes of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) vocabulary: usize,
    pub(crate) audio_context: usize,
    pub(crate) audio_width: usize,
    pub(crate) audio_heads: usize,
    pub(crate) audio_layers: usize,
    pub(crate) text_context: usize,
    pub(crate) text_width: usize,
    pub(crate) text_heads: usize,
    pub(crate) text_layers: usize,
    pub(crate) mels: usize,
}

/// A tensor's place in the file.
#[derive(Debug, Clone)]
struct Entry {
    kind: Kind,
    /// Number of elements.
    elements: usize,
    offset: u64,
}

/// How a tensor's numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    F32,
    F16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
}

impl Kind {
    fn of(number: u32) -> Option<Kind> {
        Some(match number {
            0 => Kind::F32,
            1 => Kind::F16,
            2 => Kind::Q4_0,
            3 => Kind::Q4_1,
            6 => Kind::Q5_0,
            7 => Kind::Q5_1,
            8 => Kind::Q8_0,
            _ => return None,
        })
    }

    /// Elements and bytes of one block.
    const fn block(self) -> (usize, usize) {
        match self {
            Kind::F32 => (1, 4),
            Kind::F16 => (1, 2),
            Kind::Q4_0 => (32, 18),
            Kind::Q4_1 => (32, 20),
            Kind::Q5_0 => (32, 22),
            Kind::Q5_1 => (32, 24),
            Kind::Q8_0 => (32, 34),
        }
    }
}

/// An open model file.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) sizes: Sizes,
    /// The mel filters, shape (mels, bins).
    pub(crate) filters: Vec<f32>,
    /// Frequency bins of a filter.
    pub(crate) bins: usize,
    /// The bytes of the text tokens, by number.
    pub(crate) tokens: Vec<Vec<u8>>,
    entries: HashMap<String, Entry>,
    file: BufReader<File>,
}

impl Model {
    /// Reads all but the tensors' numbers.
    pub(crate) fn open(path: &Path) -> io::Result<Model> {
        let mut file = BufReader::new(File::open(path)?);
        let length = file.get_ref().metadata()?.len();
        if u32_from(&mut file)? != MAGIC {
            return Err(malformed("it is no ggml model of Whisper"));
        }
        let sizes = sizes(&mut file)?;
        let mels = size(&mut file, MOST)?;
        let bins = size(&mut file, MOST)?;
        if mels != sizes.mels || bins > 4096 {
            return Err(malformed("its mel filters do not fit its sizes"));
        }
        let mut filters = vec![0.0; mels * bins];
        floats(&mut file, &mut filters)?;
        let count = size(&mut file, MOST)?;
        let mut tokens = Vec::with_capacity(count);
        for _ in 0..count {
            let mut bytes = vec![0; size(&mut file, 4096)?];
            file.read_exact(&mut bytes)?;
            tokens.push(bytes);
        }
        let entries = entries(&mut file, length)?;
        Ok(Model { sizes, filters, bins, tokens, entries, file })
    }

    /// A tensor's numbers, which must be `elements` many.
    pub(crate) fn tensor(&mut self, name: &str, elements: usize) -> io::Result<Vec<f32>> {
        let entry = self.entries.get(name).cloned();
        let entry = entry.ok_or_else(|| malformed(&format!("it has no tensor `{name}`")))?;
        if entry.elements != elements {
            let message = format!(
                "its tensor `{name}` has {} numbers in the place of {elements}",
                entry.elements
            );
            return Err(malformed(&message));
        }
        let (per_block, bytes_per_block) = entry.kind.block();
        let mut bytes = vec![0; elements / per_block * bytes_per_block];
        self.file.seek(SeekFrom::Start(entry.offset))?;
        self.file.read_exact(&mut bytes)?;
        let mut numbers = Vec::with_capacity(elements);
        for block in bytes.chunks_exact(bytes_per_block) {
            widen(entry.kind, block, &mut numbers);
        }
        Ok(numbers)
    }
}

fn sizes(file: &mut impl Read) -> io::Result<Sizes> {
    let mut next = || size(file, MOST);
    let sizes = Sizes {
        vocabulary: next()?,
        audio_context: next()?,
        audio_width: next()?,
        audio_heads: next()?,
        audio_layers: next()?,
        text_context: next()?,
        text_width: next()?,
        text_heads: next()?,
        text_layers: next()?,
        mels: next()?,
    };
    u32_from(file)?; // how most tensors are stored; each says so itself
    let splits = |width: usize, heads: usize| {
        (1..=4096).contains(&width) && (1..=64).contains(&heads) && width.is_multiple_of(heads)
    };
    let fits = splits(sizes.audio_width, sizes.audio_heads)
        && splits(sizes.text_width, sizes.text_heads)
        && sizes.audio_width == sizes.text_width
        && (1..=64).contains(&sizes.audio_layers)
        && (1..=64).contains(&sizes.text_layers)
        && sizes.audio_context == 1500
        && (64..=4096).contains(&sizes.text_context)
        && (51_864..=52_000).contains(&sizes.vocabulary)
        && (1..=256).contains(&sizes.mels);
    if fits { Ok(sizes) } else { Err(malformed("its sizes are not those of a Whisper model")) }
}

fn entries(file: &mut (impl Read + Seek), length: u64) -> io::Result<HashMap<String, Entry>> {
    let mut entries = HashMap::new();
    loop {
        let mut first = [0; 4];
        match file.read_exact(&mut first) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(entries),
            Err(error) => return Err(error),
        }
        let dimensions = u32::from_le_bytes(first);
        let name_length = size(file, 256)?;
        let kind = u32_from(file)?;
        let kind = Kind::of(kind).ok_or_else(|| {
            malformed(&format!("its tensors are stored in the unknown form {kind}"))
        })?;
        if !(1..=4).contains(&dimensions) {
            return Err(malformed("a tensor has no shape"));
        }
        let mut elements = 1_usize;
        for _ in 0..dimensions {
            elements = elements.saturating_mul(size(file, MOST)?);
        }
        let mut name = vec![0; name_length];
        file.read_exact(&mut name)?;
        let (per_block, bytes_per_block) = kind.block();
        let offset = file.stream_position()?;
        let bytes = (elements / per_block).saturating_mul(bytes_per_block) as u64;
        if !elements.is_multiple_of(per_block) || offset.saturating_add(bytes) > length {
            return Err(malformed("it ends within a tensor"));
        }
        file.seek(SeekFrom::Start(offset + bytes))?;
        let name = String::from_utf8_lossy(&name).into_owned();
        entries.insert(name, Entry { kind, elements, offset });
    }
}

/// Appends a block's numbers.
fn widen(kind: Kind, block: &[u8], to: &mut Vec<f32>) {
    let half_at = |at: usize| match block.get(at..at + 2) {
        Some([low, high]) => f16::from_le_bytes([*low, *high]).to_f32(),
        _ => 0.0,
    };
    let bytes = |from: usize| block.get(from..).unwrap_or_default();
    match kind {
        Kind::F32 => {
            let bytes: [u8; 4] = block.try_into().unwrap_or_default();
            to.push(f32::from_le_bytes(bytes));
        }
        Kind::F16 => to.push(half_at(0)),
        Kind::Q8_0 => {
            let scale = half_at(0);
            to.extend(bytes(2).iter().map(|&b| f32::from(b.cast_signed()) * scale));
        }
        Kind::Q4_0 => nibbles(bytes(2), 0, half_at(0), -8.0 * half_at(0), to),
        Kind::Q4_1 => nibbles(bytes(4), 0, half_at(0), half_at(2), to),
        Kind::Q5_0 => nibbles(bytes(6), high_bits(bytes(2)), half_at(0), -16.0 * half_at(0), to),
        Kind::Q5_1 => nibbles(bytes(8), high_bits(bytes(4)), half_at(0), half_at(2), to),
    }
}

fn high_bits(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |four| u32::from_le_bytes(*four))
}

/// 32 numbers of four bits each, low halves first, with a fifth bit from `high`.
fn nibbles(bytes: &[u8], high: u32, scale: f32, offset: f32, to: &mut Vec<f32>) {
    let fifth = |index: usize| if high >> index & 1 == 1 { 16.0 } else { 0.0 };
    for (index, byte) in bytes.iter().take(16).enumerate() {
        to.push((f32::from(byte & 15) + fifth(index)) * scale + offset);
    }
    for (index, byte) in bytes.iter().take(16).enumerate() {
        to.push((f32::from(byte >> 4) + fifth(index + 16)) * scale + offset);
    }
}

fn malformed(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn u32_from(file: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// A count of at most `most`.
fn size(file: &mut impl Read, most: u32) -> io::Result<usize> {
    let number = u32_from(file)?;
    if number > most {
        return Err(malformed(&format!("it has a count of {number} where {most} is the most")));
    }
    Ok(number as usize)
}

fn floats(file: &mut impl Read, to: &mut [f32]) -> io::Result<()> {
    for number in to {
        let mut bytes = [0; 4];
        file.read_exact(&mut bytes)?;
        *number = f32::from_le_bytes(bytes);
    }
    Ok(())
}
