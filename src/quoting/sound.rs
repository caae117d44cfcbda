//! A stretch of an episode -> its sound, cut in the silence beside the words.

use std::io;

use crate::decode::cache::write_wav_of;
use crate::decode::{OwnSound, fade};
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

/// The sound of a stretch as a WAV file of 16 bits, with short fades.
pub fn wav(mut sound: OwnSound) -> io::Result<Vec<u8>> {
    let channels = usize::from(sound.channels.max(1));
    fade(&mut sound.samples, channels, sound.sample_rate_hz, (true, true));
    let mut bytes = Vec::with_capacity(sound.samples.len() * 2 + 44);
    write_wav_of(&sound.samples, sound.channels, sound.sample_rate_hz, &mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_keeps_its_channels_and_is_silent_at_its_edges() {
        let samples: Vec<f32> = (0..96_000).map(|at| (at % 100) as f32 / 256.0).collect();
        let sound = OwnSound { samples: samples.clone(), sample_rate_hz: 48_000, channels: 2 };
        let bytes = wav(sound).unwrap();
        assert_eq!(bytes.len(), 44 + 2 * samples.len());
        let number = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        assert_eq!((number(22), number(24), number(32)), (2, 48_000, 4));
        let sample = |at: usize| i16::from_le_bytes([bytes[44 + 2 * at], bytes[45 + 2 * at]]);
        assert_eq!([sample(0), sample(1), sample(95_998), sample(95_999)], [0; 4]);
        let inside = 50_001;
        assert_eq!(f32::from(sample(inside)) / 32_768.0, samples[inside]);
    }
}
