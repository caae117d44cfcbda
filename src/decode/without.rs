//! Sound without some stretches: samples with short fades, or an MP3 file as whole frames that are not
//! encoded again.
//!
//! A frame may take bits from those before it. Where these are gone a decoder would make noise of it, so
//! its side information is emptied: it is silent then, and the sound of its neighbours fades over it, as
//! frames overlap by half. The encoder's note at the start, which says how long the file is, is put right.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::ops::Range;
use std::path::Path;

use crate::decode::Recording;
use crate::decode::cache::write_wav;
use crate::decode::cut::{skip_tag, stated_rate};
use crate::decode::frames::{Frames, Next, Syntax, note_bytes};
use crate::time::{Ms, SAMPLE_RATE_HZ, Span};

/// What a decoder is late by, in samples, beside what the note says of the encoder.
const DECODER_DELAY: u64 = 529;
/// Where a place of the note's table lies: a byte says which 256th of the file.
const PLACES: usize = 100;

/// How long the sound rises where it is cut, and falls.
const FADE: Ms = Ms::new(12);

/// A recording without some stretches (sorted, disjoint) as a WAV file, to the sample, with short fades
/// where they were.
///
/// # Errors
/// As [`write_wav`] has them.
pub fn wav_without(recording: &Recording, cuts: &[Span]) -> io::Result<Vec<u8>> {
    let all = recording.samples.len();
    let ends = cuts.iter().map(|cut| (cut.start().to_sample().0, cut.end().to_sample().0));
    let mut kept = Vec::with_capacity(all);
    let mut from = 0;
    for (start, end) in ends.chain([(all, all)]) {
        let to = start.min(all).max(from);
        let mut part = recording.samples[from..to].to_vec();
        fade(&mut part, 1, SAMPLE_RATE_HZ, (from > 0, to < all));
        kept.extend(part);
        from = end.min(all).max(from);
    }
    let mut bytes = Vec::with_capacity(kept.len() * 2 + 44);
    write_wav(&kept, &mut bytes)?;
    Ok(bytes)
}

/// Lets interleaved sound rise at its start, fall at its end, or both.
#[expect(clippy::cast_precision_loss, reason = "some hundred frames")]
pub(crate) fn fade(
    samples: &mut [f32],
    channels: usize,
    sample_rate_hz: u32,
    (start, end): (bool, bool),
) {
    let frames = samples.len() / channels;
    let length = u64::try_from(FADE.get()).unwrap_or(0) * u64::from(sample_rate_hz) / 1_000;
    let length = usize::try_from(length).unwrap_or(0).min(frames / 2);
    for at in 0..length {
        let gain = at as f32 / length as f32;
        for channel in 0..channels {
            if start {
                samples[at * channels + channel] *= gain;
            }
            if end {
                samples[(frames - 1 - at) * channels + channel] *= gain;
            }
        }
    }
}

/// A frame, or a place where one is missing.
struct Frame {
    bytes: Vec<u8>,
    samples: u64,
}

/// The sound of an MP3 file, without its tag, without those stretches; sorted, disjoint.
///
/// # Errors
/// What the system says on reading; `InvalidData` where the file has no frames.
pub fn mp3_without(path: &Path, cuts: &[Span]) -> io::Result<Vec<u8>> {
    let mut file = BufReader::new(File::open(path)?);
    skip_tag(path, &mut file)?;
    let note = note(&mut file)?;
    let frames = frames(file)?;
    let Some(first) = frames.iter().find(|frame| !frame.bytes.is_empty()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "there are no MP3 frames"));
    };
    let rate = stated_rate(&first.bytes);
    let delay = note.as_ref().and_then(|note| delay(note)).map_or(0, |ticks| ticks + DECODER_DELAY);
    let gone = gone(&frames, cuts, rate, delay);
    let kept = kept(frames, &gone);
    let mut out = note.map(|note| renewed(note, &kept)).unwrap_or_default();
    for frame in &kept {
        out.extend_from_slice(frame);
    }
    Ok(out)
}

/// The encoder's note, where the sound begins with one; what is read next is what it was.
fn note(file: &mut BufReader<File>) -> io::Result<Option<Vec<u8>>> {
    let start = file.stream_position()?;
    let mut head = Vec::new();
    Read::by_ref(file).take(4096).read_to_end(&mut head)?;
    file.seek(io::SeekFrom::Start(start))?;
    let length = note_bytes(&head).filter(|length| *length <= head.len());
    head.truncate(length.unwrap_or(0));
    Ok(length.map(|_| head))
}

fn frames(file: BufReader<File>) -> io::Result<Vec<Frame>> {
    let mut reader = Frames::new(file, Syntax::Mp3);
    let mut frames = Vec::new();
    while let Some(next) = reader.next()? {
        frames.push(match next {
            Next::Frame { bytes, samples } => Frame { bytes, samples: u64::from(samples) },
            Next::Gap { samples } => Frame { bytes: Vec::new(), samples },
        });
    }
    Ok(frames)
}

/// Which frames go. So many go that, after each cut, the sound is where it should be to half a frame,
/// however many cuts there are.
fn gone(frames: &[Frame], cuts: &[Span], rate: u64, delay: u64) -> Vec<Range<usize>> {
    let samples = |ms: i64| u64::try_from(ms.max(0)).unwrap_or(0) * rate / 1000;
    let (mut wanted, mut done, mut from) = (0, 0, 0);
    let mut gone = Vec::new();
    for cut in cuts {
        wanted += samples(cut.duration().get());
        let start = samples(cut.start().get()) + delay;
        let mut at: u64 = frames[..from].iter().map(|frame| frame.samples).sum();
        while from < frames.len() && at + frames[from].samples / 2 < start {
            at += frames[from].samples;
            from += 1;
        }
        let first = from;
        while from < frames.len() && done + frames[from].samples / 2 < wanted {
            done += frames[from].samples;
            from += 1;
        }
        if first < from {
            gone.push(first..from);
        }
    }
    gone
}

/// The frames that stay, those behind a cut silent that need what is gone.
fn kept(frames: Vec<Frame>, gone: &[Range<usize>]) -> Vec<Vec<u8>> {
    let mut kept = Vec::with_capacity(frames.len());
    // how many bytes stand there to be taken from; all where nothing was cut
    let mut there = usize::MAX;
    for (index, mut frame) in frames.into_iter().enumerate() {
        if gone.iter().any(|range| range.contains(&index)) {
            there = 0;
            continue;
        }
        if let Some(side) = side_information(&frame.bytes) {
            if borrowed(&frame.bytes, side.start) > there {
                frame.bytes[side.clone()].fill(0);
            }
            there = there.saturating_add(frame.bytes.len() - side.end);
        }
        if !frame.bytes.is_empty() {
            kept.push(frame.bytes);
        }
    }
    kept
}

fn is_mpeg_1(frame: &[u8]) -> bool {
    frame.get(1).is_some_and(|byte| byte >> 3 & 3 == 3)
}

/// Where the side information lies in a frame.
fn side_information(frame: &[u8]) -> Option<Range<usize>> {
    let is_mono = frame.get(3)? >> 6 == 3;
    let start = if frame.get(1)? & 1 == 0 { 6 } else { 4 };
    let length = match (is_mpeg_1(frame), is_mono) {
        (true, false) => 32,
        (false, true) => 9,
        _ => 17,
    };
    (frame.len() >= start + length).then_some(start..start + length)
}

/// How many bytes before it a frame's sound begins.
fn borrowed(frame: &[u8], side: usize) -> usize {
    let first = usize::from(frame[side]);
    if is_mpeg_1(frame) { first << 1 | usize::from(frame[side + 1] >> 7) } else { first }
}

/// Where the fields of the note begin: behind `Xing` or `Info`.
fn fields(note: &[u8]) -> Option<usize> {
    let side = side_information(note)?;
    let tag = note.get(side.end..side.end + 4)?;
    (tag == b"Xing" || tag == b"Info").then_some(side.end + 4)
}

/// Which of the note's fields are there, and where: frames, bytes, places, and what the encoder adds.
fn places_of(note: &[u8]) -> Option<[Option<usize>; 4]> {
    let start = fields(note)?;
    let flags = *note.get(start + 3)?;
    let mut at = start + 4;
    let mut place = |flag: u8, length: usize| {
        let there = flags & flag != 0;
        let own = there.then_some(at);
        at += if there { length } else { 0 };
        own
    };
    let found = [place(1, 4), place(2, 4), place(4, PLACES)];
    place(8, 4);
    Some([found[0], found[1], found[2], Some(at)])
}

/// What the encoder put before the sound, in samples.
fn delay(note: &[u8]) -> Option<u64> {
    let [.., lame] = places_of(note)?;
    let lame = lame?;
    let &[a, b] = note.get(lame + 21..lame + 23)? else { return None };
    note.get(lame..lame + 4)?.is_ascii().then_some(u64::from(a) << 4 | u64::from(b >> 4))
}

/// The note for the frames that stay.
fn renewed(mut note: Vec<u8>, kept: &[Vec<u8>]) -> Vec<u8> {
    let Some([frames, bytes, places, _]) = places_of(&note) else { return Vec::new() };
    let all = note.len() + kept.iter().map(Vec::len).sum::<usize>();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes();
    let mut put = |at: Option<usize>, with: &[u8]| {
        if let Some(to) = at.and_then(|at| note.get_mut(at..at + with.len())) {
            to.copy_from_slice(with);
        }
    };
    put(frames, &number(kept.len()));
    put(bytes, &number(all));
    let mut ends = Vec::with_capacity(kept.len() + 1);
    let mut at = 0_usize;
    for frame in kept {
        ends.push(at);
        at += frame.len();
    }
    let table: Vec<u8> = (0..PLACES)
        .map(|place| {
            let start = ends.get(place * kept.len() / PLACES).copied().unwrap_or(0);
            u8::try_from(start * 256 / all.max(1)).unwrap_or(u8::MAX)
        })
        .collect();
    put(places, &table);
    note
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::SourceInfo;

    #[test]
    fn what_is_cut_is_gone_to_the_sample_and_its_edges_are_silent() {
        let samples: Vec<f32> = (0..32_007).map(|at| (at % 100) as f32 / 128.0).collect();
        let recording = Recording { samples, source: SourceInfo::default() };
        let span = |from, to| Span::new(Ms::new(from), Ms::new(to)).unwrap();
        let bytes = wav_without(&recording, &[span(500, 750), span(1_500, 1_501)]).unwrap();
        assert_eq!(bytes.len(), 44 + 2 * (32_007 - 251 * 16));
        let sample = |at: usize| {
            f32::from(i16::from_le_bytes([bytes[44 + 2 * at], bytes[45 + 2 * at]])) / 32_768.0
        };
        assert_eq!((sample(99), sample(7_999), sample(8_000)), (0.773_437_5, 0.0, 0.0));
        assert_eq!(sample(8_000 + 333), recording.samples[12_333]);
        assert_eq!(sample(32_007 - 251 * 16 - 1), recording.samples[32_006]);
        assert_eq!(wav_without(&recording, &[]).unwrap().len(), 44 + 2 * 32_007);
        assert_eq!(wav_without(&recording, &[span(0, 9_000)]).unwrap().len(), 44);
    }
}
