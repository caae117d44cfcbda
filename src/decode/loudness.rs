//! How loud a file is: measured on its own channels at its own rate, while it is decoded.
//!
//! After EBU R 128: the integrated loudness, for which quiet places do not count, and the true peak,
//! which the sound reaches between its samples. Silence that stands for what was lost is not measured,
//! as it would not count.

use ebur128::{EbuR128, Mode};
use serde::{Deserialize, Serialize};

use super::output::Shape;

/// What podcasts aim at, after the AES and Apple Podcasts: in stereo, and in mono, which plays on two
/// speakers and is as loud there as stereo at 3 LU more.
const STEREO_LUFS: f64 = -16.0;
const MONO_LUFS: f64 = -19.0;
/// How far from it nobody reaches for the volume.
const TOLERANCE_LU: f64 = 1.0;
/// The highest true peak; what is higher may distort once it is encoded again.
const PEAK_DBTP: f64 = -1.0;

/// How loud a file is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Loudness {
    /// Integrated loudness in LUFS, to the hundredth.
    pub integrated_lufs: f64,
    /// The true peak in dB below full scale, to the hundredth.
    pub true_peak_dbtp: f64,
}

impl Loudness {
    /// What is away from what podcasts aim at, where the file has so many channels.
    pub fn faults(self, channels: u16) -> Vec<String> {
        let (aim, what) = if channels == 1 { (MONO_LUFS, "mono") } else { (STEREO_LUFS, "stereo") };
        let mut faults = Vec::new();
        let off = self.integrated_lufs - aim;
        if off.abs() > TOLERANCE_LU {
            faults.push(format!(
                "{:.1} LUFS is {:.1} LU {} than the {aim:.0} LUFS of podcasts in {what}",
                self.integrated_lufs,
                off.abs(),
                if off > 0.0 { "louder" } else { "quieter" }
            ));
        }
        if self.true_peak_dbtp > PEAK_DBTP {
            faults.push(format!(
                "a true peak of {:.1} dBTP is above {PEAK_DBTP:.0} dBTP, and may distort in players",
                self.true_peak_dbtp
            ));
        }
        faults
    }
}

/// Measures what goes by.
pub(super) struct Meter {
    measured: Option<EbuR128>,
    /// Peaks under shapes that the stream had before.
    peak: f64,
}

impl Meter {
    pub(super) fn new() -> Meter {
        Meter { measured: None, peak: 0.0 }
    }

    /// The stream goes on in another shape, or begins.
    pub(super) fn change(&mut self, shape: &Shape) {
        let channels = u32::try_from(shape.channels()).unwrap_or(u32::MAX);
        self.peak = self.peak.max(self.peak_of_now());
        self.measured = match self.measured.take() {
            None => EbuR128::new(channels, shape.rate_hz, Mode::I | Mode::TRUE_PEAK).ok(),
            Some(mut measured) => {
                measured.change_parameters(channels, shape.rate_hz).ok().map(|()| measured)
            }
        };
    }

    /// Takes interleaved samples.
    pub(super) fn push(&mut self, interleaved: &[f32]) {
        if let Some(measured) = &mut self.measured
            // one number that is none would spoil all that follow
            && interleaved.iter().all(|sample| sample.is_finite())
        {
            let _ = measured.add_frames_f32(interleaved);
        }
    }

    /// What was measured; nothing where all is silent.
    pub(super) fn finish(self) -> Option<Loudness> {
        let integrated = self.measured.as_ref()?.loudness_global().ok()?;
        let peak = 20.0 * self.peak.max(self.peak_of_now()).log10();
        let hundredths = |value: f64| (value * 100.0).round() / 100.0;
        (integrated.is_finite() && peak.is_finite()).then(|| Loudness {
            integrated_lufs: hundredths(integrated),
            true_peak_dbtp: hundredths(peak),
        })
    }

    fn peak_of_now(&self) -> f64 {
        let Some(measured) = &self.measured else { return 0.0 };
        let peaks = (0..measured.channels()).filter_map(|channel| measured.true_peak(channel).ok());
        peaks.fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sine of 1 kHz at that amplitude on all channels, for five seconds.
    fn tone(channels: usize, amplitude: f64) -> Vec<f32> {
        (0..5 * 48_000)
            .flat_map(|n| {
                let phase = f64::from(n) * 1_000.0 / 48_000.0 * std::f64::consts::TAU;
                std::iter::repeat_n((amplitude * phase.sin()) as f32, channels)
            })
            .collect()
    }

    fn measured(channels: usize, sound: &[&[f32]]) -> Option<Loudness> {
        let mut meter = Meter::new();
        meter.change(&Shape::plain(48_000, channels));
        for part in sound {
            meter.push(part);
        }
        meter.finish()
    }

    #[test]
    fn a_tone_is_as_loud_as_the_standard_says() {
        // EBU Tech 3341: a stereo sine of 1 kHz at -23 dBFS has -23 LUFS; on one channel, 3 LU less.
        let amplitude = 10_f64.powf(-23.0 / 20.0);
        let stereo = measured(2, &[&tone(2, amplitude)]).unwrap();
        assert!((stereo.integrated_lufs + 23.0).abs() < 0.1, "{stereo:?}");
        assert!((stereo.true_peak_dbtp + 23.0).abs() < 0.1, "{stereo:?}");
        let mono = measured(1, &[&tone(1, amplitude)]).unwrap();
        assert!((mono.integrated_lufs + 26.0).abs() < 0.1, "{mono:?}");
    }

    #[test]
    fn silence_and_what_is_no_number_are_not_measured() {
        let amplitude = 10_f64.powf(-23.0 / 20.0);
        let (sound, silence) = (tone(2, amplitude), vec![0.0; 960_000]);
        let gated = measured(2, &[&sound, &silence, &[f32::NAN, 0.0]]).unwrap();
        assert!((gated.integrated_lufs + 23.0).abs() < 0.2, "{gated:?}");
        assert_eq!(measured(2, &[&silence]), None);
        assert_eq!(measured(2, &[]), None);
    }

    #[test]
    fn a_stream_may_change_its_shape() {
        let mut meter = Meter::new();
        meter.change(&Shape::plain(48_000, 1));
        meter.push(&tone(1, 0.5));
        meter.change(&Shape::plain(44_100, 2));
        meter.push(&tone(2, 0.1));
        let peak = meter.finish().unwrap().true_peak_dbtp;
        assert!((peak + 6.0).abs() < 0.1, "{peak}");
    }

    #[test]
    fn what_is_away_from_the_aim_is_told() {
        let faults = |lufs, peak, channels| {
            Loudness { integrated_lufs: lufs, true_peak_dbtp: peak }.faults(channels)
        };
        assert_eq!(faults(-16.9, -1.0, 2), [""; 0]);
        assert_eq!(faults(-19.9, -1.5, 1), [""; 0]);
        assert!(faults(-19.9, -1.5, 2)[0].starts_with("-19.9 LUFS is 3.9 LU quieter than the -16"));
        assert!(faults(-16.0, -0.5, 1)[0].contains("3.0 LU louder"));
        assert!(faults(-16.0, 0.3, 2)[0].contains("true peak of 0.3 dBTP"));
    }
}
