//! The cases of a round: each is made of the seeds, and of the round's number and its own alone.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;

/// A case of ordinary size is not longer.
const ORDINARY_BYTES: usize = 64 << 10;
/// One case in so many repeats a piece of itself until it is long: what takes time or memory by the
/// square of its size shows there.
const LONG_ONE_IN: u64 = 256;
const LONG_BYTES: usize = 512 << 10;

/// What parsers stumble over, in text and between its parts.
#[rustfmt::skip]
const HARD_WORDS: [&str; 64] = [
    "\n", "\n\n", "\r", "\r\n", "\t", " ", "\0", "\u{1b}[31m", "\u{7f}", "\u{85}", "\u{a0}",
    "\u{ad}", "\u{200b}", "\u{2028}", "\u{202e}", "\u{feff}", "\u{fffd}", "\u{fffe}", "e\u{301}",
    "ß", "İ", "ﬁ", "🎙\u{fe0f}", "\u{1f468}\u{200d}\u{1f469}", "<", ">", "</", "/>", "<!--", "-->",
    "<![CDATA[", "]]>", "<v ", "<c.a.b>", "<00:00:01.000>", "<script>", "<p>", "</p>", "<br>",
    "<!DOCTYPE x>", "<?xml ?>", "&", "&amp;", "&#0;", "&#x110000;", "&nosuch;", "{", "}", "[", "]",
    "\"", "\\", "\\u0000", "\\ud800", ",", ":", "null", "WEBVTT", "NOTE ", "STYLE",
    "00:00:01.000 --> 00:00:00.500", "99:59:59,999", "---", "=",
];

/// What parsers stumble over where a number stands.
#[rustfmt::skip]
const HARD_NUMBERS: [&str; 24] = [
    "0", "-0", "-1", "1", "59", "60", "61", "99", "100", "255", "256", "65535", "65536",
    "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
    "99999999999999999999", "1e15", "1e308", "1e999", "0.0000001", "NaN", "٣",
];

/// Where binary formats keep their sizes.
const HARD_SIZES: [u64; 10] =
    [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, u64::MAX];

/// All cases of a target in one round.
#[derive(Debug)]
pub(crate) struct Cases {
    round: u64,
    seeds: Vec<Vec<u8>>,
}

impl Cases {
    /// Reads what was found of that target, and the seeds: files or folders below `tests/`, in the
    /// order of their names.
    pub(crate) fn new(name: &str, round: u64, seeds: &[&str]) -> Cases {
        let below = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let found = below.join("fuzz/found").join(name);
        let mut paths = Vec::new();
        for path in seeds.iter().map(|seed| below.join(seed)).chain(found.exists().then_some(found))
        {
            if path.is_dir() {
                let entries = fs::read_dir(&path).expect("the folder of seeds can be read");
                paths.extend(entries.map(|entry| entry.expect("it can be read").path()));
            } else {
                paths.push(path);
            }
        }
        paths.sort();
        let read = |path: &PathBuf| fs::read(path).expect("a seed can be read");
        Cases { round, seeds: paths.iter().map(read).collect() }
    }

    /// The case of that number: first the seeds as they are, then what becomes of them.
    pub(crate) fn input(&self, number: u64) -> Vec<u8> {
        if let Some(seed) = usize::try_from(number).ok().and_then(|at| self.seeds.get(at)) {
            return seed.clone();
        }
        let mut rng = Rng::with_seed(self.round.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
        let mut input = self.seed(&mut rng).to_vec();
        for _ in 0..1 << rng.u32(0..5) {
            self.change(&mut rng, &mut input);
            input.truncate(ORDINARY_BYTES);
        }
        if number.is_multiple_of(LONG_ONE_IN) {
            lengthen(&mut rng, &mut input);
        }
        input
    }

    fn seed(&self, rng: &mut Rng) -> &[u8] {
        &self.seeds[rng.usize(0..self.seeds.len())]
    }

    /// One change, of a kind drawn by lot.
    fn change(&self, rng: &mut Rng, input: &mut Vec<u8>) {
        let (from, to) = range(rng, input);
        match rng.u8(0..14) {
            0 if !input.is_empty() => input[from.min(to - 1)] ^= 1 << rng.u32(0..8),
            1 if !input.is_empty() => input[from.min(to - 1)] = rng.u8(..),
            2 => drop(input.drain(from..to)),
            3 => put(input, from, to, &[]),
            4 => input.truncate(from),
            5 | 6 => put(input, from, from, rng.choice(HARD_WORDS).unwrap_or_default().as_bytes()),
            7 | 8 => number(rng, input, from),
            9 => size(rng, input, from),
            10 => {
                let copy = input[from..to].to_vec();
                let place = rng.usize(0..=input.len());
                put(input, place, place, &copy);
            }
            11 => {
                let copy = input[from..to].repeat(1 << rng.u32(1..8));
                put(input, from, to, &copy);
            }
            12 => lines(rng, input),
            _ => {
                let other = self.seed(rng);
                let (start, end) = range(rng, other);
                // all the rest of another seed, or a piece of it
                let end = if rng.u8(0..4) == 0 { other.len() } else { end };
                put(input, from, to, &other[start..end]);
            }
        }
    }
}

/// Any range; short ones are the likelier.
fn range(rng: &mut Rng, bytes: &[u8]) -> (usize, usize) {
    let from = rng.usize(0..=bytes.len());
    let longest = 1 << rng.u32(0..9);
    let length = rng.usize(1..=longest);
    (from, bytes.len().min(from + length))
}

fn put(input: &mut Vec<u8>, from: usize, to: usize, bytes: &[u8]) {
    input.splice(from..to, bytes.iter().copied());
}

/// Another number where the next one stands.
fn number(rng: &mut Rng, input: &mut Vec<u8>, from: usize) {
    let Some(start) = input[from..].iter().position(u8::is_ascii_digit) else { return };
    let start = from + start;
    let length = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    put(input, start, start + length, rng.choice(HARD_NUMBERS).unwrap_or_default().as_bytes());
}

/// Another size in binary, of one to eight bytes, in either order.
fn size(rng: &mut Rng, input: &mut Vec<u8>, from: usize) {
    let size =
        rng.choice(HARD_SIZES).unwrap_or_default().wrapping_add(rng.u64(0..3)).wrapping_sub(1);
    let width = 1 << rng.u32(0..4);
    let bytes = if rng.bool() {
        size.to_be_bytes()[8 - width..].to_vec()
    } else {
        size.to_le_bytes()[..width].to_vec()
    };
    let to = input.len().min(from + width);
    put(input, from, to, &bytes);
}

/// Two lines change places.
fn lines(rng: &mut Rng, input: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = input.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (one, other) = (rng.usize(0..lines.len()), rng.usize(0..lines.len()));
    lines.swap(one, other);
    *input = lines.join(&b'\n');
}

/// Repeats a piece, a short one as likely as all of it, where it stands.
fn lengthen(rng: &mut Rng, input: &mut Vec<u8>) {
    let (from, to) = if rng.bool() { range(rng, input) } else { (0, input.len()) };
    if from < to {
        let copy = input[from..to].repeat(LONG_BYTES / (to - from));
        put(input, from, to, &copy);
    }
}
