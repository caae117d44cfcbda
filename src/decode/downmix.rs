//! Channels -> mono, so that nobody's voice is lost.
//!
//! The rule: the mean of all channels except the low-frequency one. A stereo pair whose halves are
//! one another's opposite (a cable wired the wrong way round) would cancel in the mean: there, the
//! second half is turned over first. A voice on one channel only comes out at half its amplitude.

/// How far the pair is followed back, in seconds.
const MEMORY_S: f32 = 0.5;
/// Correlation below which a pair counts as turned over. Real stereo stays well above: voices are
/// panned near the middle and reverberation correlates around zero.
const TURN_OVER_BELOW: f32 = -0.9;
/// Correlation above which a turned pair counts as turned back.
const TURN_BACK_ABOVE: f32 = -0.3;
/// Pairs quieter than this (mean square) say nothing about their polarity. -70 dBFS.
const TOO_QUIET: f32 = 1e-7;
/// Samples over which a change of polarity is faded.
const BLOCK: usize = 512;

/// Turns interleaved frames into mono; keeps the polarity of a pair from call to call.
#[derive(Debug)]
pub(super) struct Downmix {
    channels: usize,
    /// Index of a channel that is left out.
    low_frequency: Option<usize>,
    rate_hz: f32,
    left_right: f32,
    left_left: f32,
    right_right: f32,
    turned: bool,
    /// The factor at which the second channel is mixed in now, -1 to 1.
    factor: f32,
    /// The one channel that is taken instead of a mix.
    only: Option<usize>,
}

impl Downmix {
    pub(super) fn new(channels: usize, low_frequency: Option<usize>, rate_hz: u32) -> Downmix {
        #[expect(clippy::cast_precision_loss, reason = "a sample rate is far below 2^24")]
        let rate_hz = rate_hz as f32;
        Downmix {
            channels,
            low_frequency,
            rate_hz,
            left_right: 0.0,
            left_left: 0.0,
            right_right: 0.0,
            turned: false,
            factor: 1.0,
            only: None,
        }
    }

    /// Takes one channel, counted from 0, as it is.
    pub(super) fn only(channel: usize, channels: usize) -> Downmix {
        Downmix { only: Some(channel), ..Downmix::new(channels, None, 1) }
    }

    /// Appends one mono sample per frame of `interleaved`, shape (frames x channels,), to `mono`.
    pub(super) fn push(&mut self, interleaved: &[f32], mono: &mut Vec<f32>) {
        if let Some(only) = self.only {
            let frames = interleaved.chunks_exact(self.channels.max(1));
            mono.extend(frames.map(|frame| frame.get(only).copied().unwrap_or(0.0)));
            return;
        }
        match self.channels {
            0 => {}
            1 => mono.extend_from_slice(interleaved),
            2 => {
                for block in interleaved.chunks(2 * BLOCK) {
                    self.pair(block, mono);
                }
            }
            _ => {
                let kept = self.channels - usize::from(self.low_frequency.is_some());
                #[expect(clippy::cast_precision_loss, reason = "a few channels")]
                let gain = 1.0 / kept.max(1) as f32;
                mono.extend(interleaved.chunks_exact(self.channels).map(|frame| {
                    let skip = self.low_frequency.and_then(|at| frame.get(at)).copied();
                    (frame.iter().sum::<f32>() - skip.unwrap_or(0.0)) * gain
                }));
            }
        }
    }

    /// One block of a stereo pair; the polarity is decided anew after each block.
    fn pair(&mut self, block: &[f32], mono: &mut Vec<f32>) {
        let frames = block.len() / 2;
        let target = if self.turned { -1.0 } else { 1.0 };
        #[expect(clippy::cast_precision_loss, reason = "at most BLOCK")]
        let step = (target - self.factor) / frames.max(1) as f32;
        let (mut ll, mut rr, mut lr) = (0.0, 0.0, 0.0);
        for frame in block.chunks_exact(2) {
            let &[left, right] = frame else { continue };
            self.factor += step;
            mono.push(0.5 * (left + self.factor * right));
            ll += left * left;
            rr += right * right;
            lr += left * right;
        }
        self.factor = target;
        #[expect(clippy::cast_precision_loss, reason = "at most BLOCK")]
        let count = frames.max(1) as f32;
        let keep = (-count / (self.rate_hz.max(1.0) * MEMORY_S)).exp();
        let mixed = |old: f32, sum: f32| {
            let new = keep * old + (1.0 - keep) * sum / count;
            if new.is_finite() { new } else { 0.0 }
        };
        self.left_left = mixed(self.left_left, ll);
        self.right_right = mixed(self.right_right, rr);
        self.left_right = mixed(self.left_right, lr);
        if self.left_left.min(self.right_right) < TOO_QUIET {
            return;
        }
        let correlation = self.left_right / (self.left_left * self.right_right).sqrt();
        if self.turned {
            self.turned = correlation < TURN_BACK_ABOVE;
        } else {
            self.turned = correlation < TURN_OVER_BELOW;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(frames: usize) -> Vec<f32> {
        (0..frames).map(|n| 0.5 * (n as f32 * 0.06).sin()).collect()
    }

    fn mix(channels: usize, low: Option<usize>, frames: &[Vec<f32>]) -> Vec<f32> {
        let mut mono = Vec::new();
        Downmix::new(channels, low, 44_100).push(&frames.concat(), &mut mono);
        mono
    }

    fn energy(samples: &[f32]) -> f32 {
        samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32
    }

    #[test]
    fn equal_channels_keep_their_level() {
        let frames: Vec<_> = tone(4000).iter().map(|&x| vec![x, x]).collect();
        assert_eq!(mix(2, None, &frames), tone(4000));
    }

    #[test]
    fn a_silent_channel_halves_the_amplitude() {
        let frames: Vec<_> = tone(4000).iter().map(|&x| vec![0.0, x]).collect();
        let half: Vec<_> = tone(4000).iter().map(|x| 0.5 * x).collect();
        assert_eq!(mix(2, None, &frames), half);
    }

    #[test]
    fn opposite_channels_do_not_cancel() {
        let frames: Vec<_> = tone(88_200).iter().map(|&x| vec![x, -0.8 * x]).collect();
        let mono = mix(2, None, &frames);
        // Before the first block is heard nothing is known; after it, the voice is there.
        assert!(energy(&mono[2048..4096]) > 0.5 * energy(&tone(88_200)));
        assert!(energy(&mono[44_100..]) > 0.7 * energy(&tone(88_200)));
    }

    #[test]
    fn two_different_voices_are_both_kept() {
        let one = tone(44_100);
        let other: Vec<_> = (0..44_100).map(|n| 0.5 * (n as f32 * 0.11).sin()).collect();
        let frames: Vec<_> = one.iter().zip(&other).map(|(&l, &r)| vec![l, r]).collect();
        let sum: Vec<_> = one.iter().zip(&other).map(|(l, r)| 0.5 * (l + r)).collect();
        assert_eq!(mix(2, None, &frames), sum);
    }

    #[test]
    fn surround_leaves_the_low_frequency_channel_out() {
        let frames = vec![vec![0.5, 0.5, 0.5, 0.9, 0.5, 0.5]; 10];
        for sample in mix(6, Some(3), &frames) {
            assert!((sample - 0.5).abs() < 1e-6);
        }
    }

    #[test]
    fn hostile_samples_do_not_stick() {
        let mut frames = vec![vec![f32::INFINITY, f32::NEG_INFINITY]; 600];
        frames.extend(tone(44_100).iter().map(|&x| vec![x, x]));
        let mono = mix(2, None, &frames);
        assert!(energy(&mono[22_050..]) > 0.1);
    }
}
