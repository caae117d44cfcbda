//! Generated talk, cut and spliced in known ways.

use super::*;
use crate::time::Span;
use proptest::prelude::*;

/// Voice-like sound: syllables of a buzzing tone with moving formants, and pauses.
pub(super) fn talk(seconds: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8) as f32 / 16_777_216.0
    };
    let mut samples: Vec<f32> = Vec::with_capacity(seconds * 16_000);
    while samples.len() < seconds * 16_000 {
        let length = 1_200 + (random() * 3_200.0) as usize;
        let pitch = 90.0 + 120.0 * random();
        let formants =
            [300.0 + 500.0 * random(), 900.0 + 1_300.0 * random(), 2_200.0 + 900.0 * random()];
        let glide = 0.6 + 0.8 * random();
        for n in 0..length {
            let share = n as f32 / length as f32;
            let time = n as f32 / 16_000.0;
            let shape = (std::f32::consts::PI * share).sin();
            let voice: f32 = formants
                .iter()
                .map(|hz| (std::f32::consts::TAU * hz * (1.0 + (glide - 1.0) * share) * time).sin())
                .sum();
            let buzz = 0.5 + 0.5 * (std::f32::consts::TAU * pitch * time).sin();
            samples.push(0.1 * shape * voice * buzz + 0.0004 * (random() - 0.5));
        }
        if random() < 0.25 {
            let pause = 2_000 + (random() * 9_000.0) as usize;
            samples.extend((0..pause).map(|_| 0.0004 * (random() - 0.5)));
        }
    }
    samples.truncate(seconds * 16_000);
    samples
}

/// What another encoder makes of it: quieter, filtered, on a coarse grid, with noise, a little late.
fn encoded(sound: &[f32], late: usize) -> Vec<f32> {
    let mut seed = 9_u32;
    let mut copy = vec![0.0; late];
    copy.extend(sound.windows(3).map(|w| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (seed >> 8) as f32 / 16_777_216.0 - 0.5;
        let filtered = 0.2 * w[0] + 0.6 * w[1] + 0.2 * w[2];
        ((0.6 * filtered + 0.001 * noise) * 2_048.0).round() / 2_048.0
    }));
    copy.extend([0.0; 2]);
    copy
}

fn ms(samples: usize) -> i64 {
    (samples / 16) as i64
}

/// A stretch of the old sound, or sound from elsewhere.
#[derive(Debug, Clone, Copy)]
enum Part {
    Old(usize, usize),
    Other(usize),
}

/// The new sound, and for each stretch that was kept its old start, its end, and its new start, in ms.
fn spliced(old: &[f32], parts: &[Part]) -> (Vec<f32>, Vec<(i64, i64, i64)>) {
    let other = talk(60, 77);
    let (mut new, mut kept, mut used) = (Vec::new(), Vec::new(), 0);
    for part in parts {
        match *part {
            Part::Old(from, to) => {
                kept.push((ms(from), ms(to), ms(new.len())));
                new.extend_from_slice(&old[from..to]);
            }
            Part::Other(length) => {
                new.extend_from_slice(&other[used..used + length]);
                used += length;
            }
        }
    }
    (new, kept)
}

/// A joint within a pause may lie anywhere in it, and none of [`talk`]'s is longer.
const PAUSE_MS: i64 = 700;

/// How far any moment of what was kept is from where it should be, but for pauses at its edges.
fn worst(map: &Map, kept: &[(i64, i64, i64)]) -> i64 {
    let mut worst = 0;
    for (from, to, new) in kept {
        for at in (from + PAUSE_MS..to - PAUSE_MS).step_by(100) {
            let off =
                map.at(Ms::new(at)).map_or(99_999, |now| (now.get() - (at - from + new)).abs());
            worst = worst.max(off);
        }
    }
    worst
}

const SECOND: usize = 16_000;

#[test]
fn an_intro_a_swapped_ad_and_an_end_are_found_whatever_the_encoder() {
    let old = talk(60, 1);
    let parts = [
        Part::Other(5 * SECOND + 123),
        Part::Old(0, 20 * SECOND),
        Part::Other(6 * SECOND),
        Part::Old(28 * SECOND + 77, 55 * SECOND),
    ];
    let (new, mut kept) = spliced(&old, &parts);
    let new = encoded(&new, 401);
    for (_, _, start) in &mut kept {
        *start += 401 / 16;
    }
    let map = find(&old, &new).unwrap();
    assert!(worst(&map, &kept) <= 2, "{map:?}");
    let near = |spans: Vec<Span>, wanted: &[(i64, i64)]| {
        let found: Vec<_> = spans.iter().map(|s| (s.start().get(), s.end().get())).collect();
        assert_eq!(found.len(), wanted.len(), "{found:?}");
        for (found, wanted) in found.iter().zip(wanted) {
            let off = (found.0 - wanted.0).abs().max((found.1 - wanted.1).abs());
            assert!(off <= 250, "{found:?} for {wanted:?}");
        }
    };
    near(map.removed(), &[(20_000, 28_004), (55_000, 60_000)]);
    near(map.added(), &[(0, 5_032), (25_032, 31_032)]);
}

#[test]
fn the_same_sound_at_another_loudness_is_not_changed() {
    let old = talk(20, 5);
    let map = find(&old, &encoded(&old, 0)).unwrap();
    assert_eq!((map.removed(), map.added()), (vec![], vec![]));
    assert_eq!(map.at(Ms::new(12_345)), Some(Ms::new(12_345)));
}

#[test]
fn trimmed_pauses_are_found() {
    // three seconds of talk, and a pause of which a part goes
    let talk = talk(60, 8);
    let (mut old, mut parts) = (Vec::new(), Vec::new());
    for n in 0..12 {
        let start = old.len();
        old.extend_from_slice(&talk[n * 3 * SECOND..(n + 1) * 3 * SECOND]);
        old.extend((0..SECOND).map(|n| if n % 2 == 0 { 1e-4 } else { -1e-4 }));
        parts.push(Part::Old(start, old.len() - 9_000 - n * 100));
    }
    let (new, kept) = spliced(&old, &parts);
    let map = find(&old, &new).unwrap();
    // within the talk; where in a pause it was cut cannot be heard
    let talk: Vec<_> = kept.iter().map(|(from, _, new)| (*from, from + 3_000, *new)).collect();
    assert!(worst(&map, &talk) <= 5, "{} {map:?}", worst(&map, &talk));
    assert!(map.added().is_empty(), "{:?}", map.added());
}

#[test]
fn another_recording_is_refused() {
    let old = talk(40, 1);
    assert!(find(&old, &talk(40, 2)).unwrap_err().share < 0.1);
    assert!(find(&old, &[]).is_err() && find(&[], &old).is_err());
    assert!(find(&old, &vec![0.0; 30 * SECOND]).is_err());
    let faster: Vec<f32> = (0..30 * SECOND).map(|n| old[n * 5 / 4]).collect();
    assert!(find(&old, &faster).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn times_land_within_20_ms(
        seed in 1_u32..500,
        cuts in prop::collection::vec((6_usize..14, 0_usize..3, 0_usize..16_000), 2..4),
        late in 0_usize..4_000,
        is_encoded: bool,
    ) {
        let old = talk(60, seed);
        let (mut parts, mut at) = (Vec::new(), 0);
        for (seconds, kind, more) in cuts {
            let to = (at + seconds * SECOND + more).min(old.len());
            parts.push(Part::Old(at, to));
            at = to;
            match kind {
                0 => at += 2 * SECOND + more,
                1 => parts.push(Part::Other(2 * SECOND + more)),
                _ => {
                    at += 3 * SECOND + more;
                    parts.push(Part::Other(4 * SECOND + more / 2));
                }
            }
        }
        let (new, mut kept) = spliced(&old, &parts);
        let new = if is_encoded { encoded(&new, late) } else { new };
        for (_, _, start) in kept.iter_mut().filter(|_| is_encoded) {
            *start += ms(late);
        }
        let map = find(&old, &new).unwrap();
        prop_assert!(worst(&map, &kept) <= 20, "{} {kept:?} {map:?}", worst(&map, &kept));
    }
}
