//! A stretch of an episode -> its sound, cut in the silence beside the words.

use std::io;

use crate::decode::cache::write_wav;
use crate::decode::{Recording, fade};
use crate::spoken::SpokenEpisode;
use crate::time::{Ms, Span};

/// The room that is left before the first word and behind the last one, where nobody speaks in it.
const BREATH: Ms = Ms::new(180);

/// The stretch of the words from the first to the last, with a breath of room that goes into no
/// other word.
pub fn with_breath(episode: &SpokenEpisode, (first, last): (usize, usize)) -> Option<Span> {
    let span = episode.span(first, last)?;
    let before = first.checked_sub(1).and_then(|at| episode.words.get(at));
    let after = episode.words.get(last + 1);
    let earliest = before.map_or(Ms::ZERO, |word| word.span.end()).min(span.start());
    let latest = after.map_or(span.end() + BREATH, |word| word.span.start()).max(span.end());
    let start = (span.start() - BREATH).max(earliest).max(Ms::ZERO);
    Some(Span::at_least_1ms(start, (span.end() + BREATH).min(latest)))
}

/// The samples of a stretch as a WAV file, to the sample, with short fades.
pub fn wav(recording: &Recording, span: Span) -> io::Result<Vec<u8>> {
    let mut samples = recording.slice(span).to_vec();
    fade(&mut samples, (true, true));
    let mut bytes = Vec::with_capacity(samples.len() * 2 + 44);
    write_wav(&samples, &mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::SourceInfo;

    #[test]
    fn a_clip_is_exact_to_the_sample_and_silent_at_its_edges() {
        let samples: Vec<f32> = (0..32_000).map(|at| (at % 100) as f32 / 200.0).collect();
        let recording = Recording { samples, source: SourceInfo::default() };
        let span = Span::new(Ms::new(500), Ms::new(1_250)).unwrap();
        let bytes = wav(&recording, span).unwrap();
        assert_eq!(bytes.len(), 44 + 2 * 750 * 16);
        let sample = |at: usize| i16::from_le_bytes([bytes[44 + 2 * at], bytes[45 + 2 * at]]);
        assert_eq!(sample(0), 0);
        assert_eq!(sample(750 * 16 - 1), 0);
        let inside = 5_000;
        assert_eq!(f32::from(sample(inside)) / 32_768.0, ((8_000 + inside) % 100) as f32 / 200.0);
    }
}
