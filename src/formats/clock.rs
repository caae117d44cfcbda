//! Times as people and programs write them.

use crate::time::Ms;

/// A time found at the start of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock<'a> {
    /// When.
    pub time: Ms,
    /// How it is written.
    pub text: &'a str,
    /// What follows.
    pub rest: &'a str,
    /// Digits in the field of hours; 0 where there is none.
    pub hour_digits: usize,
    /// Digits in the fields of minutes and seconds.
    pub minute_second_digits: (usize, usize),
    /// Minutes and seconds are below 60 (minutes may be more where there are no hours).
    pub in_range: bool,
    /// `.` or `,` before the fraction, and its number of digits; `:` or `;` before frames.
    pub fraction: Option<(char, usize)>,
}

/// Frames a second where a time counts frames. Its own rate is not in the time; at 24 and 25 frames
/// the error is below a fifth of a second.
const FRAMES_A_SECOND: i64 = 30;

/// Reads `h:mm:ss`, `mm:ss`, with or without a fraction behind `.` or `,`, at the start of `text`; and
/// `hh:mm:ss:ff` or `hh:mm:ss;ff`, where the last field counts frames.
pub fn leading(text: &str) -> Option<Clock<'_>> {
    let (first, mut rest) = digits(text)?;
    let mut fields = vec![first];
    while fields.len() < 3
        && let Some((field, after)) = rest.strip_prefix(':').and_then(digits)
    {
        fields.push(field);
        rest = after;
    }
    let (hours, minutes, seconds) = match *fields.as_slice() {
        [minutes, seconds] => ("", minutes, seconds),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let mut fraction = None;
    let mut millis = 0;
    if let Some(mark) = rest.chars().next().filter(|c| matches!(c, '.' | ','))
        && let Some((places, after)) = rest.get(1..).and_then(digits)
        // `0:00:01,0:00:04` are two times.
        && !(mark == ',' && after.starts_with(':'))
    {
        fraction = Some((mark, places.len()));
        millis = number(&format!("{places:0<3}").chars().take(3).collect::<String>())?;
        rest = after;
    } else if let Some((mark, frames, after)) = frames(&fields, rest) {
        fraction = Some((mark, 2));
        millis = (frames * 1_000 / FRAMES_A_SECOND).min(999);
        rest = after;
    }
    let (h, m, s) = (number(hours)?, number(minutes)?, number(seconds)?);
    let total = h.checked_mul(3_600)?.checked_add(m.checked_mul(60)?)?.checked_add(s)?;
    let total = total.checked_mul(1_000)?.checked_add(millis)?;
    let time = Ms::stated_offset(total).ok()?;
    Some(Clock {
        time,
        text: text.get(..text.len() - rest.len())?,
        rest,
        hour_digits: hours.len(),
        minute_second_digits: (minutes.len(), seconds.len()),
        in_range: s < 60 && (m < 60 || hours.is_empty()),
        fraction,
    })
}

/// Reads `:ff` or `;ff` behind hours, minutes and seconds of two digits each.
fn frames<'t>(fields: &[&str], rest: &'t str) -> Option<(char, i64, &'t str)> {
    let mark = rest.chars().next().filter(|c| matches!(c, ':' | ';'))?;
    let (frames, after) = rest.get(1..).and_then(digits)?;
    let is_timecode = fields.len() == 3 && fields.iter().all(|field| field.len() == 2);
    let fits = is_timecode && frames.len() == 2 && !after.starts_with(':');
    fits.then_some((mark, number(frames)?, after))
}

/// Reads a whole text as a time, as [`leading`] does.
pub fn parse(text: &str) -> Option<Ms> {
    leading(text.trim()).filter(|clock| clock.rest.is_empty()).map(|clock| clock.time)
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    // Nine digits of hours are more than a thousand centuries.
    (1..=9).contains(&end).then(|| text.split_at(end))
}

fn number(digits: &str) -> Option<i64> {
    if digits.is_empty() { Some(0) } else { digits.parse().ok() }
}

/// `h:mm:ss` without a leading zero, or `m:ss` within the first hour: the form of the HTML
/// transcript. Rounded down to the second.
pub fn short(time: Ms) -> String {
    let s = time.get().max(0) / 1_000;
    if s < 3_600 {
        format!("{}:{:02}", s / 60, s % 60)
    } else {
        format!("{}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
    }
}

/// Seconds as a JSON number, exact to the millisecond.
pub(crate) fn json_seconds(time: Ms) -> serde_json::Value {
    serde_json::Value::from(time.as_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_all_their_forms() {
        for (text, ms) in [
            ("00:18:39", 1_119_000),
            ("1:02.5", 62_500),
            ("100:00:00,001", 360_000_001),
            ("75:00", 4_500_000),
            ("0:0", 0),
            ("00:00:02:15", 2_500),
            ("01:00:00;06", 3_600_200),
        ] {
            assert_eq!(parse(text), Some(Ms::new(ms)), "{text}");
        }
        for text in ["12", "a:b", "1:2:3:4", ":30", "1:", "9999999999999:00", "708-628-7850"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_follows_is_kept() {
        let clock = leading("00:00:28} So").unwrap();
        assert_eq!((clock.text, clock.rest), ("00:00:28", "} So"));
        let clock = leading("0:00:01,0:00:04").unwrap();
        assert_eq!((clock.text, clock.rest), ("0:00:01", ",0:00:04"));
        assert!(!leading("00:61:00").unwrap().in_range);
    }

    #[test]
    fn short_times_have_no_needless_zeros() {
        assert_eq!(short(Ms::new(617_999)), "10:17");
        assert_eq!(short(Ms::new(3_600_000)), "1:00:00");
    }
}
