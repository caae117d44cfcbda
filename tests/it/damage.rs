//! Damaged recordings: what is lost is told, and what is not lost stands where it stood.
//!
//! Ten seconds of steps, a new tone four times a second and never silence, in every container, are
//! damaged in ways that a seed chooses. Lost is what is missing at the end or silent; sound that is
//! altered within a packet no decoder can tell, unless there is a checksum.
//!
//! `LINERNOTES_MUTATIONS=20000 cargo test --release --test it damage -- --nocapture` tries more and
//! prints what each container did.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::print_stdout,
    reason = "tests choose at random, compare sound and tell what came of it"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use linernotes::decode::{DecodeError, DecodeLimits, DecodeWarning, Recording, decode};
use linernotes::progress::Silent;
use linernotes::time::Ms;

const FIXTURES: [&str; 16] = [
    "steps.mp3",
    "steps-bare.mp3",
    "steps.adts.aac",
    "steps.m4a",
    "steps-streamed.mp4",
    "steps-alac.m4a",
    "steps.opus",
    "steps.ogg",
    "steps-flac.ogg",
    "steps.webm",
    "steps-live.webm",
    "steps.mkv",
    "steps.flac",
    "steps.wav",
    "steps.aiff",
    "steps.caf",
];
/// As many as are tried without being asked for.
const MUTATIONS: u64 = 2000;
/// The longest that one damaged file of ten seconds may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// A window of the comparison: 100 ms at 16 kHz.
const WINDOW: usize = 1600;
/// Loss below these is not asked to be told, in seconds: silence (a packet of ALAC), and length.
const SILENT_S: f64 = 0.55;
const SHORT_S: f64 = 1.2;

/// Numbers by `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Damage {
    Cut,
    Zeros,
    ZerosToTheEnd,
    Noise,
    Bits,
    Removed,
    Doubled,
    Header,
}

const DAMAGES: [Damage; 8] = [
    Damage::Cut,
    Damage::Zeros,
    Damage::ZerosToTheEnd,
    Damage::Noise,
    Damage::Bits,
    Damage::Removed,
    Damage::Doubled,
    Damage::Header,
];

/// Damages the file; what was done.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) -> Damage {
    let damage = DAMAGES[random.below(DAMAGES.len())];
    let from = random.below(bytes.len());
    let longest = bytes.len() / 2;
    // Short ones as often as long ones.
    let length = (1_usize << random.below(17)).min(longest).min(bytes.len() - from);
    let range = from..from + length;
    match damage {
        Damage::Cut => bytes.truncate(from.max(1)),
        Damage::Zeros => bytes[range].fill(0),
        Damage::ZerosToTheEnd => bytes[from.max(1)..].fill(0),
        Damage::Noise => bytes[range].iter_mut().for_each(|byte| *byte = random.next() as u8),
        Damage::Bits => {
            for _ in 0..=random.below(20) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
        }
        Damage::Removed => drop(bytes.drain(range)),
        Damage::Doubled => {
            let copy = bytes[range.clone()].to_vec();
            bytes.splice(range.end..range.end, copy);
        }
        Damage::Header => {
            for _ in 0..=random.below(3) {
                let at = random.below(bytes.len().min(256));
                bytes[at] = random.next() as u8;
            }
        }
    }
    damage
}

/// What became of a damaged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// Nothing is lost that is worth a word.
    Whole,
    /// Something is lost, and told.
    Told,
    /// It is refused.
    Refused,
    /// Something is lost, and nothing is said.
    Untold,
    /// What stands at the end stands at another time, and nothing is said.
    Moved,
}

/// How much of the reference is silence in the decoded sound, in seconds, as far as that goes.
fn silent_s(reference: &[f32], decoded: &[f32]) -> f64 {
    let loud = |samples: &[f32]| samples.iter().map(|x| x * x).sum::<f32>();
    let silent = |(was, is): &(&[f32], &[f32])| loud(is) < 0.02 * loud(was);
    reference.chunks_exact(WINDOW).zip(decoded.chunks_exact(WINDOW)).filter(silent).count() as f64
        * 0.1
}

/// By how many seconds the end of the decoded sound is off its place, if it can be told.
fn moved_s(reference: &[f32], decoded: &[f32]) -> Option<f64> {
    const REACH: i64 = 12_000;
    let end = reference.len().min(decoded.len()).checked_sub(2 * REACH as usize)?;
    let start = end.checked_sub(16_000).filter(|start| *start >= REACH as usize)?;
    let there: Vec<f32> = reference[start..end].iter().step_by(4).copied().collect();
    let norm = |samples: &[f32]| samples.iter().map(|x| x * x).sum::<f32>().sqrt();
    let alike = |lag: i64| {
        let from = (start as i64 + lag) as usize;
        let here: Vec<f32> = decoded[from..from + end - start].iter().step_by(4).copied().collect();
        let product = there.iter().zip(&here).map(|(x, y)| x * y).sum::<f32>();
        product / (norm(&there) * norm(&here)).max(1e-6)
    };
    if alike(0) > 0.8 {
        return Some(0.0);
    }
    let best = (-REACH..=REACH).step_by(8).max_by(|a, b| alike(*a).total_cmp(&alike(*b)))?;
    (alike(best) > 0.9).then_some(best as f64 / 16_000.0)
}

/// Files of bare samples, in which a zero is as good as any other.
const SAMPLES: [&str; 3] = ["steps.wav", "steps.aiff", "steps.caf"];
/// Files without time stamps, in which bytes that are taken out or doubled move what follows.
const TIMELESS: [&str; 6] =
    ["steps.mp3", "steps-bare.mp3", "steps.adts.aac", "steps.wav", "steps.aiff", "steps.caf"];

fn fate(
    name: &str,
    damage: Damage,
    reference: &[f32],
    result: Result<(Recording, Vec<DecodeWarning>), DecodeError>,
) -> (Fate, String) {
    let (recording, warnings) = match result {
        Ok(decoded) => decoded,
        Err(error) => {
            assert!(error.hint().is_some(), "{name}: no hint for {error}");
            return (Fate::Refused, error.to_string());
        }
    };
    let samples = &recording.samples;
    assert!(samples.iter().all(|s| (-1.0..1.0).contains(s)), "{name}: out of range");
    let short_s = (reference.len() as f64 - samples.len() as f64) / 16_000.0;
    let silent_s = silent_s(reference, samples);
    let note = format!("{short_s:.2} s short, {silent_s:.1} s silent, {warnings:?}");
    if !warnings.is_empty() {
        return (Fate::Told, note);
    }
    let silent_s = if SAMPLES.contains(&name) { 0.0 } else { silent_s };
    if short_s > SHORT_S || silent_s > SILENT_S {
        return (Fate::Untold, note);
    }
    let moves = TIMELESS.contains(&name) && matches!(damage, Damage::Removed | Damage::Doubled);
    match moved_s(reference, samples).filter(|_| !moves) {
        // Below it may be the encoder's delay, of which a damaged header says nothing.
        Some(moved) if moved.abs() > 0.08 => (Fate::Moved, format!("moved by {moved} s, {note}")),
        _ => (Fate::Whole, note),
    }
}

fn limits() -> DecodeLimits {
    DecodeLimits { max_duration: Ms::new(60_000), ..DecodeLimits::default() }
}

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/fixtures/audio", name].iter().collect()
}

fn is_there(name: &str) -> bool {
    cfg!(feature = "opus") || !matches!(name, "steps.opus" | "steps.webm" | "steps-live.webm")
}

type Tally = BTreeMap<(&'static str, Damage, Fate), (usize, String)>;

/// Damages files by the seeds from `first` on, every other one, and tells what became of them.
fn try_all(first: u64, count: u64, folder: &Path) -> Tally {
    let names: Vec<&'static str> = FIXTURES.into_iter().filter(|name| is_there(name)).collect();
    let whole: Vec<(Vec<u8>, Vec<f32>)> = names
        .iter()
        .map(|name| {
            let (recording, warnings) = decode(&fixture(name), &limits(), &Silent)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(warnings, [], "{name}");
            (std::fs::read(fixture(name)).unwrap(), recording.samples)
        })
        .collect();
    let mut tally = Tally::new();
    for seed in (first..count).step_by(2) {
        let mut random = Random(seed);
        let which = random.below(names.len());
        let (name, (bytes, reference)) = (names[which], &whole[which]);
        let mut bytes = bytes.clone();
        let damage = damage(&mut bytes, &mut random);
        let path = folder.join(format!("{first}-{name}"));
        std::fs::write(&path, &bytes).unwrap();
        let begin = Instant::now();
        let result = decode(&path, &limits(), &Silent);
        assert!(begin.elapsed() < PATIENCE, "{name}, seed {seed}: {:?}", begin.elapsed());
        let (fate, note) = fate(name, damage, reference, result);
        let entry = tally.entry((name, damage, fate)).or_default();
        entry.0 += 1;
        if matches!(fate, Fate::Untold | Fate::Moved) && entry.0 <= 3 {
            entry.1 += &format!("\n      seed {seed}: {note}");
        }
    }
    tally
}

#[test]
fn what_damage_costs_is_told() {
    let asked = std::env::var("LINERNOTES_MUTATIONS").ok();
    let count = asked.map_or(MUTATIONS, |count| count.parse().expect("a number of mutations"));
    let folder = tempfile::tempdir().unwrap();
    let (mut tally, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| try_all(1, count, folder.path()));
        (try_all(0, count, folder.path()), other.join().expect("a mutation panicked"))
    });
    for (key, (count, notes)) in other {
        let entry = tally.entry(key).or_default();
        entry.0 += count;
        entry.1 += &notes;
    }
    let of = |wanted: Fate| -> usize {
        tally.iter().filter(|((_, _, fate), _)| *fate == wanted).map(|(_, (n, _))| n).sum()
    };
    for ((name, damage, fate), (count, notes)) in &tally {
        if matches!(fate, Fate::Untold | Fate::Moved) {
            println!("{name}, {damage:?}: {fate:?} {count}{notes}");
        }
    }
    let (untold, moved) = (of(Fate::Untold), of(Fate::Moved));
    println!(
        "{count} damaged files: {} whole, {} told, {} refused, {untold} untold, {moved} moved",
        of(Fate::Whole),
        of(Fate::Told),
        of(Fate::Refused),
    );
    println!("reliability: damage.files = {count}");
    println!("reliability: damage.whole = {}", of(Fate::Whole));
    println!("reliability: damage.told = {}", of(Fate::Told));
    println!("reliability: damage.refused = {}", of(Fate::Refused));
    println!("reliability: damage.untold = {untold}");
    println!("reliability: damage.moved = {moved}");
    // So that the damage is neither too weak nor deadly.
    assert!(of(Fate::Told) as u64 > count / 4, "too few are told");
    assert!((of(Fate::Refused) as u64) < count / 2, "too many are refused");
    assert!(untold as f64 <= 0.01 * count as f64, "{untold} of {count} losses are not told");
    assert!(moved as f64 <= 0.01 * count as f64, "{moved} of {count} are at another time");
}
