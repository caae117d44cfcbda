//! Speech regions -> [`Chunk`]s: what the recognizer hears at once, at most 30 s.
//!
//! Every region lies in exactly one chunk, or is cut at its quietest point where it is longer
//! than a chunk can be. Neighbouring regions are packed together, because the recognizer pads
//! each chunk to 30 s and takes as long for a short one; a cut costs the more the shorter the
//! silence is that it falls in. The cheapest division is found exactly, by dynamic programming.
//! Where no long silence parts two chunks, the first hears a few words of the second: how a
//! sentence goes on decides over the punctuation before it ([`seam`](super::seam)).

use crate::time::{Ms, Span};
use crate::transcribe::envelope::{Envelope, quantile, time_of};

/// How chunks are made.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ChunkSettings {
    /// The longest chunk. Whisper hears 30 s at once.
    pub max_chunk_ms: i64,
    /// Sound kept before and after the speech of a chunk, where there is room.
    pub padding_ms: i64,
    /// A silence longer than this inside a chunk begins to cost: the recognizer invents text in
    /// long silences.
    pub max_pause_ms: i64,
    /// A silence as long as this is as good as any to cut in.
    pub good_pause_ms: i64,
    /// A silence as long as this ends what is said: a chunk hears nothing behind it.
    pub parting_pause_ms: i64,
    /// How much of the next chunk's speech a chunk hears at most; 0 for none.
    pub overlap_ms: i64,
}

impl Default for ChunkSettings {
    fn default() -> ChunkSettings {
        ChunkSettings {
            max_chunk_ms: 29_900, // Whisper's window is 30 s; a frame is left over at its end
            padding_ms: 200,      // docs/decisions/0004-decoding.md
            max_pause_ms: 2_000,  // docs/decisions/0004-decoding.md
            good_pause_ms: 600,   // a breath between sentences
            parting_pause_ms: 2_000,
            overlap_ms: 2_700, // about seven words
        }
    }
}

/// A stretch of sound that is decoded at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// What the recognizer hears: the chunk's own part, and a few words of the next chunk.
    pub heard: Span,
    /// The chunk's own part of the recording, padding included. These do not overlap.
    pub span: Span,
    /// The speech in its own part: sorted, disjoint, never empty.
    pub speech: Vec<Span>,
}

impl Chunk {
    /// A chunk that hears its own part alone.
    pub(crate) fn alone(span: Span, speech: Vec<Span>) -> Chunk {
        Chunk { heard: span, span, speech }
    }

    /// A part of it that is decoded alone.
    pub(crate) fn part(&self, span: Span) -> Chunk {
        Chunk::alone(span, self.speech.iter().filter_map(|s| s.intersection(span)).collect())
    }

    /// Moves the edges of its own part; it hears no more than that.
    pub(crate) fn reach(&mut self, span: Span) {
        (self.heard, self.span) = (span, span);
    }

    /// How long anybody speaks in it.
    pub(crate) fn spoken(&self) -> Ms {
        self.speech.iter().fold(Ms::ZERO, |sum, span| sum + span.duration())
    }
}

/// Divides `regions` (sorted, disjoint) of a recording of `duration` into chunks.
pub(crate) fn plan(
    regions: &[Span],
    duration: Ms,
    envelope: &Envelope,
    settings: &ChunkSettings,
) -> Vec<Chunk> {
    let room = (settings.max_chunk_ms - 2 * settings.padding_ms).max(1_000);
    let whole = Span::new(Ms::ZERO, duration);
    let longest = (room - settings.overlap_ms).max(1_000);
    let pieces: Vec<Span> = regions
        .iter()
        .filter_map(|region| region.intersection(whole?))
        .flat_map(|region| divide(region, longest, envelope))
        .collect();
    let groups = pack(&pieces, room, settings);
    let mut chunks = Vec::with_capacity(groups.len());
    let mut first = 0;
    for last in groups {
        let speech = pieces.get(first..=last).unwrap_or_default().to_vec();
        first = last + 1;
        if let (Some(head), Some(tail)) = (speech.first(), speech.last()) {
            chunks.push(Chunk::alone(Span::at_least_1ms(head.start(), tail.end()), speech));
        }
    }
    pad(&mut chunks, duration, settings);
    overlap(&mut chunks, envelope, settings);
    chunks
}

/// Lets every chunk hear the first words of the next one, up to a quiet place, unless a long
/// silence lies between them.
fn overlap(chunks: &mut [Chunk], envelope: &Envelope, settings: &ChunkSettings) {
    for index in 1..chunks.len() {
        let [.., chunk, next] = &mut chunks[..=index] else { continue };
        let (Some(last), Some(first)) = (chunk.speech.last(), next.speech.first()) else {
            continue;
        };
        if !overlaps(first.start() - last.end(), settings) {
            continue;
        }
        let most = Ms::new(settings.overlap_ms);
        let room = chunk.heard.start() + Ms::new(settings.max_chunk_ms);
        let end = if next.span.end() - first.start() <= most {
            next.span.end()
        } else {
            // The middle half of this is the second half of what may be heard.
            let from = first.start() + Ms::new(settings.overlap_ms / 4);
            let to = first.start() + most + Ms::new(settings.overlap_ms / 4);
            quietest(Span::at_least_1ms(from, to), envelope)
        };
        chunk.heard = Span::at_least_1ms(chunk.heard.start(), end.min(room).max(chunk.span.end()));
    }
}

/// Whether a chunk hears something of what follows behind a silence of that length.
fn overlaps(silence: Ms, settings: &ChunkSettings) -> bool {
    settings.overlap_ms > 0 && silence.get() < settings.parting_pause_ms
}

/// Gives every chunk sound before and after, at most half of the way to its neighbours.
fn pad(chunks: &mut [Chunk], duration: Ms, settings: &ChunkSettings) {
    let bare: Vec<Span> = chunks.iter().map(|chunk| chunk.span).collect();
    for (index, chunk) in chunks.iter_mut().enumerate() {
        let before = match index.checked_sub(1).and_then(|i| bare.get(i)) {
            Some(previous) => Ms::new((chunk.span.start() - previous.end()).get() / 2),
            None => chunk.span.start(),
        };
        let after = match bare.get(index + 1) {
            Some(next) => Ms::new((next.start() - chunk.span.end()).get() / 2),
            None => duration - chunk.span.end(),
        };
        let most = Ms::new(settings.padding_ms);
        chunk.reach(Span::at_least_1ms(
            chunk.span.start() - before.min(most).max(Ms::ZERO),
            chunk.span.end() + after.min(most).max(Ms::ZERO),
        ));
    }
}

/// A run of frames this much below the region's loud frames is a pause.
const PAUSE_DROP_DB: f32 = 25.0;

/// A pause this long is a place to cut in, even in a region that need not be cut.
const MIN_PAUSE_FRAMES: usize = 12;

/// Cuts a region at its pauses, and where a part is longer than `longest`, at the quietest
/// place of its middle. The parts touch each other or leave out the pause between them.
fn divide(region: Span, longest: i64, envelope: &Envelope) -> Vec<Span> {
    let (origin, frames) = envelope.frames(region);
    let Some(loud) = quantile(frames, 0.9) else { return vec![region] };
    let mut parts = Vec::new();
    let mut start = region.start();
    let mut run = 0;
    for (index, level) in frames.iter().enumerate() {
        if *level < loud - PAUSE_DROP_DB {
            run += 1;
            continue;
        }
        if run >= MIN_PAUSE_FRAMES && index > run {
            let from = origin + time_of(index - run);
            if let Some(part) = Span::new(start, from) {
                parts.push(part);
                start = origin + time_of(index);
            }
        }
        run = 0;
    }
    parts.extend(Span::new(start, region.end()));
    parts.into_iter().flat_map(|part| halve(part, longest, envelope)).collect()
}

/// Cuts a span at the quietest place of its middle half until no part is longer than `longest`.
fn halve(span: Span, longest: i64, envelope: &Envelope) -> Vec<Span> {
    if span.duration().get() <= longest {
        return vec![span];
    }
    let at = quietest(span, envelope);
    match (Span::new(span.start(), at), Span::new(at, span.end())) {
        (Some(left), Some(right)) => {
            let mut parts = halve(left, longest, envelope);
            parts.extend(halve(right, longest, envelope));
            parts
        }
        _ => vec![span],
    }
}

/// Sound shorter than this is not cut in half to be heard again.
const MIN_CUT: Ms = Ms::new(4_000);

/// A span in two parts, cut where it is quietest; none where it is too short.
pub(crate) fn halves(span: Span, envelope: &Envelope) -> Vec<Span> {
    if span.duration() < MIN_CUT {
        return Vec::new();
    }
    let cut = quietest(span, envelope);
    let parts = [Span::new(span.start(), cut), Span::new(cut, span.end())];
    parts.into_iter().flatten().collect()
}

/// The middle of the quietest 150 ms in the middle half of a span.
fn quietest(span: Span, envelope: &Envelope) -> Ms {
    const RUN: usize = 15;
    let quarter = Ms::new(span.duration().get() / 4);
    let middle = Span::at_least_1ms(span.start() + quarter, span.end() - quarter);
    let (origin, frames) = envelope.frames(middle);
    frames
        .windows(RUN)
        .enumerate()
        .min_by(|(_, a), (_, b)| a.iter().sum::<f32>().total_cmp(&b.iter().sum::<f32>()))
        .map_or(span.middle(), |(index, _)| origin + time_of(index + RUN / 2))
        .max(span.start() + Ms::new(1))
        .min(span.end() - Ms::new(1))
}

/// Finds the cheapest division of `pieces` into runs of at most `room` milliseconds; returns the
/// index of the last piece of each run.
fn pack(pieces: &[Span], room: i64, settings: &ChunkSettings) -> Vec<usize> {
    // best[n]: the cost of the first n pieces, and where their last run begins.
    let mut best: Vec<(f64, usize)> = vec![(0.0, 0)];
    for end in 0..pieces.len() {
        let mut choice = (f64::INFINITY, end);
        let mut silence = 0.0;
        // What is heard of the next chunk, with the silence before it.
        let ahead = pieces.get(end + 1).zip(pieces.get(end)).map_or(0, |(next, last)| {
            let pause = next.start() - last.end();
            if overlaps(pause, settings) { pause.get() + settings.overlap_ms } else { 0 }
        });
        for start in (0..=end).rev() {
            let (Some(head), Some(tail)) = (pieces.get(start), pieces.get(end)) else { break };
            let length = (tail.end() - head.start()).get();
            if start < end && length > room - ahead {
                break;
            }
            if let Some(next) = pieces.get(start + 1).filter(|_| start < end) {
                silence += silence_cost(next.start() - head.end(), settings);
            }
            let before = best.get(start).map_or(f64::INFINITY, |(cost, _)| *cost);
            let cut = match start.checked_sub(1).and_then(|index| pieces.get(index)) {
                Some(previous) => cut_cost(head.start() - previous.end(), settings),
                None => 0.0,
            };
            let cost = before + cut + 1.0 + silence;
            if cost < choice.0 {
                choice = (cost, start);
            }
        }
        best.push(choice);
    }
    let mut ends = Vec::new();
    let mut count = pieces.len();
    while count > 0 {
        ends.push(count - 1);
        count = best.get(count).map_or(0, |(_, start)| *start);
    }
    ends.reverse();
    ends
}

/// What a cut in a silence of that length costs, in chunks.
fn cut_cost(silence: Ms, settings: &ChunkSettings) -> f64 {
    let share = silence.as_seconds() / Ms::new(settings.good_pause_ms.max(1)).as_seconds();
    2.0 * (1.0 - share).max(0.0)
}

/// What keeping a silence of that length inside a chunk costs, in chunks.
fn silence_cost(silence: Ms, settings: &ChunkSettings) -> f64 {
    0.3 * (silence - Ms::new(settings.max_pause_ms)).as_seconds().max(0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::transcribe::envelope::FRAME_MS;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    fn flat(duration: Ms) -> Envelope {
        Envelope::from_levels(vec![-20.0; usize::try_from(duration.get() / FRAME_MS).unwrap() + 1])
    }

    #[test]
    fn short_regions_share_a_chunk() {
        let regions = [span(1_000, 5_000), span(6_000, 12_000)];
        let chunks =
            plan(&regions, Ms::new(20_000), &flat(Ms::new(20_000)), &ChunkSettings::default());
        assert_eq!(chunks.len(), 1);
        assert_eq!(chunks[0].span, span(800, 12_200));
        assert_eq!(chunks[0].speech, regions);
    }

    #[test]
    fn a_long_silence_parts_chunks() {
        let regions = [span(0, 5_000), span(15_000, 20_000)];
        let chunks =
            plan(&regions, Ms::new(20_000), &flat(Ms::new(20_000)), &ChunkSettings::default());
        assert_eq!(chunks.len(), 2);
    }

    #[test]
    fn a_long_region_is_cut_where_it_is_quiet() {
        let mut levels = vec![-20.0; 4_000];
        levels[1_700..1_730].fill(-60.0);
        let chunks = plan(
            &[span(0, 40_000)],
            Ms::new(40_000),
            &Envelope::from_levels(levels),
            &ChunkSettings::default(),
        );
        assert_eq!(chunks.len(), 2);
        assert!((17_000..=17_300).contains(&chunks[0].span.end().get()), "{chunks:?}");
    }

    #[test]
    fn no_speech_no_chunks() {
        assert!(plan(&[], Ms::new(5), &flat(Ms::new(5)), &ChunkSettings::default()).is_empty());
    }

    proptest! {
        #[test]
        fn chunks_cover_all_speech_once_and_fit(
            lengths in proptest::collection::vec((1i64..70_000, 1i64..9_000), 1..25),
        ) {
            let mut regions = Vec::new();
            let mut at = 0;
            for (length, gap) in lengths {
                regions.push(span(at, at + length));
                at += length + gap;
            }
            let duration = Ms::new(at);
            let settings = ChunkSettings::default();
            let chunks = plan(&regions, duration, &flat(duration), &settings);
            for chunk in &chunks {
                prop_assert!(chunk.heard.duration().get() <= settings.max_chunk_ms);
                prop_assert!(chunk.heard.intersection(chunk.span) == Some(chunk.span));
                prop_assert!(chunk.span.start() >= Ms::ZERO && chunk.span.end() <= duration);
            }
            for pair in chunks.windows(2) {
                prop_assert!(pair[0].span.end() <= pair[1].span.start());
            }
            // Without silence in the envelope nothing may be left out.
            let covered: i64 = chunks
                .iter()
                .flat_map(|chunk| &chunk.speech)
                .map(|speech| speech.duration().get())
                .sum();
            let spoken: i64 = regions.iter().map(|region| region.duration().get()).sum();
            prop_assert_eq!(covered, spoken);
            // A region that fits is never cut.
            for region in regions.iter().filter(|r| r.duration().get() <= 26_800) {
                let parts = chunks.iter().filter(|c| c.span.overlap(*region) > Ms::ZERO).count();
                prop_assert!(parts <= 1, "{region:?} lies in {parts} chunks");
            }
        }
    }
}
