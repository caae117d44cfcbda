//! Whole milliseconds on the source timeline, and the only arithmetic between them and samples.
//!
//! The source timeline is what a player shows: 0 is the first sample that a gapless-aware player
//! plays. Samples and frames exist only inside a stage; what passes between stages is [`Ms`] and
//! [`Span`].

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// Samples a second of every [`Recording`](crate::decode::Recording).
pub const SAMPLE_RATE_HZ: u32 = 16_000;

const SAMPLES_PER_MS: i64 = SAMPLE_RATE_HZ as i64 / 1000;

/// A point or a length in time: whole milliseconds on the source timeline.
///
/// Arithmetic saturates, so that a hostile number can be wrong but never wraps or panics.
///
/// ```
/// use linernotes::time::Ms;
/// assert_eq!((Ms::new(1_500) + Ms::new(500)).as_seconds(), 2.0);
/// assert_eq!(Ms::new(1_119_999).clock(), "00:18:39");
/// ```
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Ms(i64);

impl Ms {
    /// The start of the recording, or no time at all.
    pub const ZERO: Ms = Ms(0);

    /// That many milliseconds.
    pub const fn new(milliseconds: i64) -> Ms {
        Ms(milliseconds)
    }

    /// The nearest whole millisecond. Not-a-number becomes 0, infinities saturate.
    #[expect(clippy::cast_possible_truncation, reason = "float casts saturate, which is wanted")]
    pub fn from_seconds(seconds: f64) -> Ms {
        Ms((seconds * 1000.0).round() as i64)
    }

    /// The latest time that a recording can have: 1,000 hours.
    pub const LATEST: Ms = Ms(1_000 * 3_600_000);

    /// A time that a file or a person states, in milliseconds: the one door for all of them. What
    /// lies a little before 0, as recognizers round it, is 0.
    ///
    /// ```
    /// use linernotes::time::Ms;
    /// assert_eq!(Ms::stated(1_500.4), Ok(Ms::new(1_500)));
    /// assert!(Ms::stated(f64::NAN).is_err() && Ms::stated(1e15).is_err());
    /// ```
    ///
    /// # Errors
    /// If it is no time of a recording: not finite, well before 0, or after [`Ms::LATEST`].
    #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked")]
    #[expect(clippy::cast_precision_loss, reason = "exact far beyond the latest time")]
    pub fn stated(milliseconds: f64) -> Result<Ms, NoTime> {
        if !(-ROUNDED_MS..=Ms::LATEST.0 as f64).contains(&milliseconds) {
            return Err(NoTime::of(milliseconds / 1000.0));
        }
        Ok(Ms(milliseconds.round().max(0.0) as i64))
    }

    /// The same in seconds.
    ///
    /// # Errors
    /// As [`Ms::stated`].
    pub fn stated_seconds(seconds: f64) -> Result<Ms, NoTime> {
        Ms::stated(seconds * 1000.0).map_err(|_| NoTime::of(seconds))
    }

    /// How far something that a person states lies before or after, in milliseconds.
    ///
    /// # Errors
    /// If it is more than [`Ms::LATEST`].
    pub fn stated_offset(milliseconds: i64) -> Result<Ms, NoTime> {
        let far = milliseconds.unsigned_abs() > Ms::LATEST.0.unsigned_abs();
        if far { Err(NoTime(format!("{milliseconds} ms"))) } else { Ok(Ms(milliseconds)) }
    }

    /// Whisper's unit, hundredths of a second, in milliseconds.
    pub const fn from_centiseconds(centiseconds: i64) -> Ms {
        Ms(centiseconds.saturating_mul(10))
    }

    /// The milliseconds as a plain number.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Seconds, exact to the millisecond.
    #[expect(clippy::cast_precision_loss, reason = "exact below 285,000 years")]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// `hh:mm:ss`, rounded down to the second; hours take as many digits as they need.
    /// Negative times show as zero.
    pub fn clock(self) -> String {
        let s = self.0.max(0) / 1000;
        format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    }

    /// `hh:mm:ss.mmm`, the form of WebVTT. Negative times show as zero.
    pub fn clock_ms(self) -> String {
        format!("{}.{:03}", self.clock(), self.0.max(0) % 1000)
    }

    /// The first sample at or after this time; times before 0 give sample 0.
    pub fn to_sample(self) -> SampleIndex {
        SampleIndex(
            usize::try_from(self.0.max(0).saturating_mul(SAMPLES_PER_MS)).unwrap_or(usize::MAX),
        )
    }
}

/// How far before 0 a time may lie that is 0 but for rounding, in milliseconds.
const ROUNDED_MS: f64 = 1_000.0;

/// A number that is no time of a recording.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time of a recording, which has at most 1,000 hours")]
pub struct NoTime(String);

impl NoTime {
    fn of(seconds: f64) -> NoTime {
        NoTime(if seconds.abs() < 1e12 { format!("{seconds}") } else { format!("{seconds:e}") })
    }
}

impl Add for Ms {
    type Output = Ms;
    fn add(self, other: Ms) -> Ms {
        Ms(self.0.saturating_add(other.0))
    }
}

impl Sub for Ms {
    type Output = Ms;
    fn sub(self, other: Ms) -> Ms {
        Ms(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Ms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clock_ms())
    }
}

/// The index of a sample at [`SAMPLE_RATE_HZ`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SampleIndex(pub usize);

impl SampleIndex {
    /// The millisecond in which this sample lies (rounded down).
    pub fn to_ms(self) -> Ms {
        Ms(i64::try_from(self.0).unwrap_or(i64::MAX) / SAMPLES_PER_MS)
    }
}

/// A stretch of time, half open: `[start, end)` with `start < end`. Ordered by start, then end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawSpan", into = "RawSpan")]
pub struct Span {
    start: Ms,
    end: Ms,
}

#[derive(Serialize, Deserialize)]
struct RawSpan {
    start: Ms,
    end: Ms,
}

impl TryFrom<RawSpan> for Span {
    type Error = String;
    fn try_from(raw: RawSpan) -> Result<Span, String> {
        Span::new(raw.start, raw.end).ok_or_else(|| {
            format!("a span must end after it starts, not {} to {}", raw.start, raw.end)
        })
    }
}

impl From<Span> for RawSpan {
    fn from(span: Span) -> RawSpan {
        RawSpan { start: span.start, end: span.end }
    }
}

impl Span {
    /// The span from `start` up to `end`, or `None` unless `start < end`.
    pub fn new(start: Ms, end: Ms) -> Option<Span> {
        (start < end).then_some(Span { start, end })
    }

    /// The span from `start` up to `end`, made one millisecond long where it would be empty.
    pub fn at_least_1ms(start: Ms, end: Ms) -> Span {
        let start = start.min(Ms(i64::MAX - 1));
        Span { start, end: end.max(start + Ms(1)) }
    }

    /// The first instant in the span.
    pub const fn start(self) -> Ms {
        self.start
    }

    /// The first instant after the span.
    pub const fn end(self) -> Ms {
        self.end
    }

    /// How long the span is, at least one millisecond.
    pub fn duration(self) -> Ms {
        self.end - self.start
    }

    /// The instant halfway.
    pub fn middle(self) -> Ms {
        self.start + Ms(self.duration().0 / 2)
    }

    /// Whether `at` lies in the span.
    pub fn contains(self, at: Ms) -> bool {
        self.start <= at && at < self.end
    }

    /// The stretch that both spans cover, or `None` where they do not overlap.
    pub fn intersection(self, other: Span) -> Option<Span> {
        Span::new(self.start.max(other.start), self.end.min(other.end))
    }

    /// How long both spans overlap; zero where they do not.
    pub fn overlap(self, other: Span) -> Ms {
        self.intersection(other).map_or(Ms::ZERO, Span::duration)
    }

    /// How far apart the spans are; zero where they touch or overlap.
    pub fn gap(self, other: Span) -> Ms {
        Ms((self.start.max(other.start) - self.end.min(other.end)).0.max(0))
    }

    /// The same span, later by `offset` (earlier where it is negative).
    #[must_use]
    pub fn shift(self, offset: Ms) -> Span {
        Span::at_least_1ms(self.start + offset, self.end + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_rounds_down() {
        assert_eq!(Ms::new(54_999).clock(), "00:00:54");
        assert_eq!(Ms::new(360_000_000).clock(), "100:00:00");
        assert_eq!(Ms::new(1_250).clock_ms(), "00:00:01.250");
    }

    #[test]
    fn a_span_never_inverts() {
        assert!(Span::new(Ms::new(5), Ms::new(5)).is_none());
        assert_eq!(Span::at_least_1ms(Ms::new(5), Ms::new(2)).duration(), Ms::new(1));
        assert!(serde_json::from_str::<Span>(r#"{"start":5,"end":4}"#).is_err());
    }

    #[test]
    fn what_is_no_time_of_a_recording_is_refused_by_its_value() {
        for seconds in [f64::NAN, f64::INFINITY, -5.0, 3_600_000.1, 1e15, -1e300, f64::MAX] {
            let refused = Ms::stated_seconds(seconds).unwrap_err().to_string();
            assert!(refused.contains('`') && refused.len() < 90, "{refused}");
        }
        assert!(Ms::stated_seconds(1e15).unwrap_err().to_string().contains("`1e15`"));
        assert_eq!(Ms::stated_seconds(3_600_000.0), Ok(Ms::LATEST));
        assert_eq!(Ms::stated_seconds(-0.04), Ok(Ms::ZERO));
        assert_eq!(Ms::stated_offset(-1_500), Ok(Ms::new(-1_500)));
        assert!(Ms::stated_offset(i64::MIN).is_err());
    }

    #[test]
    fn the_ends_of_the_numbers_make_no_span_invert() {
        let (least, most) = (Ms::new(i64::MIN), Ms::new(i64::MAX));
        let whole = Span::new(least, most).unwrap();
        for span in [Span::at_least_1ms(most, most), whole.shift(most), whole.shift(least)] {
            assert!(span.start() < span.end() && span.contains(span.middle()), "{span:?}");
        }
    }

    #[test]
    fn samples_and_back_is_exact() {
        for ms in [0, 1, 999, 14_400_000] {
            assert_eq!(Ms::new(ms).to_sample().to_ms(), Ms::new(ms));
        }
    }
}
