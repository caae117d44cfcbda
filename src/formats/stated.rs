//! Times as the JSON of all kinds of programs states them, and the unit that they are in.
//!
//! Some say it by the name (`startMs`), some by the form (`"1.3s"`, `"PT1.2S"`, `"00:00:01.200"`).
//! Of a plain number nothing is known but how fast people speak, and that tells a second from a
//! millisecond.

use crate::formats::clock;
use crate::formats::json::{Json, Value};
use crate::time::{Ms, NoTime};

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Milliseconds,
    Microseconds,
    /// 100 ns, in which Microsoft's services count.
    Ticks,
    Nanoseconds,
}

impl Unit {
    /// What it is called, of several.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Unit::Seconds => "seconds",
            Unit::Milliseconds => "milliseconds",
            Unit::Microseconds => "microseconds",
            Unit::Ticks => "ticks of 100 ns",
            Unit::Nanoseconds => "nanoseconds",
        }
    }

    fn milliseconds(self) -> f64 {
        match self {
            Unit::Seconds => 1e3,
            Unit::Milliseconds => 1.0,
            Unit::Microseconds => 1e-3,
            Unit::Ticks => 1e-4,
            Unit::Nanoseconds => 1e-6,
        }
    }
}

/// A time as it is stated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stated {
    /// A number of a unit that is not said.
    Plain(f64),
    /// Milliseconds.
    Exact(f64),
    /// A day and its time, in milliseconds since 1970: of a meeting, as a rule.
    OfDay(f64),
    /// Something that is no time.
    Unreadable,
}

impl Stated {
    /// Reads a value; `unit` is what its name says of it. `None` where there is nothing.
    pub(crate) fn read(json: &Json<'_>, unit: Option<Unit>) -> Option<Stated> {
        match &json.value {
            Value::Number(number) => Some(match unit {
                Some(unit) => Stated::Exact(number * unit.milliseconds()),
                None => Stated::Plain(*number),
            }),
            Value::Text(text) => of_text(text.trim(), unit),
            // A length of Google's libraries; a time of Recall.ai, which has the day's beside it.
            Value::Object(_) => {
                if let Some(relative) = json.get("relative") {
                    return Stated::read(relative, unit);
                }
                let part = |name| json.get(name).and_then(Json::lenient_number);
                let (seconds, nanos) = (part("seconds"), part("nanos"));
                let parts = seconds.or(nanos).is_some();
                let ms = seconds.unwrap_or(0.0) * 1e3 + nanos.unwrap_or(0.0) * 1e-6;
                parts.then_some(Stated::Exact(ms))
            }
            Value::Null | Value::Bool(_) | Value::Array(_) => None,
        }
    }

    /// This time and a length behind it.
    pub(crate) fn and(self, length: Stated) -> Option<Stated> {
        match (self, length) {
            (Stated::Plain(a), Stated::Plain(b)) => Some(Stated::Plain(a + b)),
            (Stated::Exact(a), Stated::Exact(b)) => Some(Stated::Exact(a + b)),
            (Stated::OfDay(a), Stated::Exact(b)) => Some(Stated::OfDay(a + b)),
            (Stated::OfDay(a), Stated::Plain(b)) => Some(Stated::OfDay(a + b * 1e3)),
            _ => None,
        }
    }

    /// The time in a recording that begins at `day`, plain numbers being of `unit`.
    pub(crate) fn time(self, unit: Unit, day: f64) -> Result<Ms, NoTime> {
        match self {
            Stated::Plain(number) => match unit {
                Unit::Seconds => Ms::stated_seconds(number),
                _ => Ms::stated(number * unit.milliseconds()),
            },
            Stated::Exact(ms) => Ms::stated(ms),
            Stated::OfDay(ms) => Ms::stated(ms - day),
            Stated::Unreadable => Ms::stated(f64::NAN),
        }
    }
}

fn of_text(text: &str, unit: Option<Unit>) -> Option<Stated> {
    if text.is_empty() {
        return None;
    }
    let number = |text: &str| text.trim().parse::<f64>().ok();
    if let Some(plain) = number(text) {
        return Some(
            unit.map_or(Stated::Plain(plain), |u| Stated::Exact(plain * u.milliseconds())),
        );
    }
    if let Some(time) = clock::parse(text) {
        #[expect(clippy::cast_precision_loss, reason = "exact below 1,000 hours")]
        return Some(Stated::Exact(time.get() as f64));
    }
    if let Some(ms) = text.strip_suffix("ms").and_then(number) {
        return Some(Stated::Exact(ms));
    }
    if let Some(seconds) = text.strip_suffix(['s', 'S']).and_then(number) {
        return Some(Stated::Exact(seconds * 1e3));
    }
    if let Some(parts) = text.strip_prefix("PT") {
        return Some(iso_length(parts).map_or(Stated::Unreadable, Stated::Exact));
    }
    #[expect(clippy::cast_precision_loss, reason = "exact for any year")]
    let day = text.parse::<jiff::Timestamp>().map(|day| Stated::OfDay(day.as_millisecond() as f64));
    Some(day.unwrap_or(Stated::Unreadable))
}

/// Milliseconds from what follows `PT`, as `1H2M3.4S`.
fn iso_length(mut parts: &str) -> Option<f64> {
    let mut total = 0.0;
    while !parts.is_empty() {
        let end = parts.find(['H', 'M', 'S'])?;
        let (number, rest) = parts.split_at(end);
        let factor = match rest.chars().next()? {
            'H' => 3.6e6,
            'M' => 6e4,
            _ => 1e3,
        };
        total += number.parse::<f64>().ok()? * factor;
        parts = rest.get(1..)?;
    }
    Some(total)
}

/// How long the stretches of a file last for each character said in them, which tells the unit of
/// whole numbers. Numbers with fractions are seconds.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    per_char: Vec<f64>,
    has_fractions: bool,
    /// How long all stretches last together, and how many characters they have.
    total: (f64, f64),
}

/// Nobody speaks slower than this for most of a file, in seconds for a character; a list of jingles
/// comes near it.
const SLOWEST: f64 = 4.0;
/// Nor slower than this in milliseconds.
const SLOWEST_MS: f64 = 600.0;
/// A single short word may have a pause of some seconds with it.
const SLOWEST_MS_OF_FEW: f64 = 1_500.0;
/// In so few characters anything may last long.
const SHORTEST: u32 = 3;
/// From so many stretches on, it is told where they fit no unit.
const ENOUGH: usize = 5;

impl Pace {
    /// A stretch of text from one plain number to another.
    pub(crate) fn add(&mut self, start: f64, end: f64, text: &str) {
        self.has_fractions |= start.fract() != 0.0 || end.fract() != 0.0;
        let chars = u32::try_from(text.trim().chars().count()).unwrap_or(u32::MAX);
        if end > start && chars >= SHORTEST {
            let (length, chars) = (end - start, f64::from(chars) + 1.0);
            self.per_char.push(length / chars);
            self.total = (self.total.0 + length, self.total.1 + chars);
        }
    }

    /// The unit in which this is speech, or `None` where it is in none: frames, or samples.
    pub(crate) fn unit(&mut self) -> Option<Unit> {
        let count = self.per_char.len();
        if count == 0 || self.has_fractions {
            return Some(Unit::Seconds);
        }
        let pace = if count < ENOUGH { self.of_few() } else { self.median() };
        let slowest_ms = if count < ENOUGH { SLOWEST_MS_OF_FEW } else { SLOWEST_MS };
        match pace {
            pace if pace < SLOWEST => Some(Unit::Seconds),
            pace if (25.0..slowest_ms).contains(&pace) => Some(Unit::Milliseconds),
            pace if (1.5e4..2e5).contains(&pace) => Some(Unit::Microseconds),
            pace if (2e5..6e6).contains(&pace) => Some(Unit::Ticks),
            pace if (1.5e7..6e8).contains(&pace) => Some(Unit::Nanoseconds),
            // A few long sounds prove nothing.
            _ if count < ENOUGH => Some(Unit::Seconds),
            _ => None,
        }
    }

    fn median(&mut self) -> f64 {
        let middle = self.per_char.len() / 2;
        *self.per_char.select_nth_unstable_by(middle, f64::total_cmp).1
    }

    /// The pace of so few stretches that one of them is the median by chance. Long sounds stand
    /// beside speech in a file of seconds, so one stretch at the pace of speech settles it; a short
    /// word that is drawn out or has its pause with it does not count against the others.
    fn of_few(&self) -> f64 {
        let fastest = self.per_char.iter().copied().fold(f64::INFINITY, f64::min);
        if fastest < SLOWEST { fastest } else { self.total.0 / self.total.1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_all_their_forms() {
        for (text, unit, stated) in [
            ("1.5", None, Some(Stated::Plain(1.5))),
            ("\"0.04\"", None, Some(Stated::Plain(0.04))),
            ("250", Some(Unit::Milliseconds), Some(Stated::Exact(250.0))),
            ("700000", Some(Unit::Ticks), Some(Stated::Exact(70.0))),
            ("\"1.300s\"", None, Some(Stated::Exact(1_300.0))),
            ("\"250ms\"", None, Some(Stated::Exact(250.0))),
            ("\"PT1M1.5S\"", None, Some(Stated::Exact(61_500.0))),
            ("\"00:00:01,500\"", None, Some(Stated::Exact(1_500.0))),
            ("{\"seconds\":\"1\",\"nanos\":500000000}", None, Some(Stated::Exact(1_500.0))),
            ("\"1970-01-01T00:00:01Z\"", None, Some(Stated::OfDay(1_000.0))),
            ("\"soon\"", None, Some(Stated::Unreadable)),
            ("\"\"", None, None),
            ("null", None, None),
        ] {
            assert_eq!(Stated::read(&Json::parse(text).unwrap(), unit), stated, "{text}");
        }
    }

    #[test]
    fn the_pace_of_speech_tells_the_unit() {
        let unit = |factor: f64| {
            let mut pace = Pace::default();
            for (from, to, text) in
                [(0.25, 0.65, "Right,"), (0.73, 1.02, "are"), (3.0, 3.4, "Yes.")].repeat(2)
            {
                pace.add((from * factor).round(), (to * factor).round(), text);
            }
            pace.unit()
        };
        assert_eq!(unit(1e3), Some(Unit::Milliseconds));
        assert_eq!(unit(1e6), Some(Unit::Microseconds));
        assert_eq!(unit(1e7), Some(Unit::Ticks));
        assert_eq!(unit(1e9), Some(Unit::Nanoseconds));
        assert_eq!(unit(16e3), None);
        let mut seconds = Pace::default();
        seconds.add(0.0, 30.0, "[Music]");
        seconds.add(30.0, 34.0, "So there we were, all of us.");
        assert_eq!(seconds.unit(), Some(Unit::Seconds));
    }

    #[test]
    fn a_few_stretches_tell_it_too() {
        let unit = |stretches: &[(f64, f64, &str)]| {
            let mut pace = Pace::default();
            for (start, end, text) in stretches {
                pace.add(*start, *end, text);
            }
            pace.unit()
        };
        let ms = Some(Unit::Milliseconds);
        assert_eq!(unit(&[(0.0, 2_500.0, "Hello there"), (2_500.0, 6_000.0, "Bye")]), ms);
        assert_eq!(unit(&[(2_500.0, 6_000.0, "Bye")]), ms);
        assert_eq!(unit(&[(0.0, 900.0, "Good morning"), (4_000.0, 9_000.0, "Yes.")]), ms);
        // Long sounds and a few words between them, and words that stand for minutes.
        let seconds = Some(Unit::Seconds);
        assert_eq!(unit(&[(0.0, 600.0, "[Music]"), (600.0, 605.0, "Hello there")]), seconds);
        assert_eq!(
            unit(&[(0.0, 900.0, "Rain"), (900.0, 903.0, "Oh"), (903.0, 909.0, "Bye")]),
            seconds
        );
        assert_eq!(unit(&[(0.0, 30.0, "Hello"), (30.0, 120.0, "So there we were")]), seconds);
    }
}
