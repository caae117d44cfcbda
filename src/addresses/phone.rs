//! Telephone numbers, in digits or digit by digit.

use super::{Address, Found, bare, ends_clause};

/// How many digits a number has; one of fewer than ten needs a word such as “call” before it.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// The number that begins at a word.
pub(super) fn at(words: &[&str], from: usize) -> Option<Found> {
    let (digits, to) = written(words, from).or_else(|| spoken(words, from))?;
    let count = digits.trim_start_matches('+').len();
    let before = words.get(from.saturating_sub(12)..from).unwrap_or_default();
    let called = before.iter().any(|word| {
        let word = bare(word).to_lowercase();
        ["call", "phone", "number", "voicemail", "text", "dial", "message", "ring", "line"]
            .iter()
            .any(|verb| word.strip_suffix('s').unwrap_or(&word) == *verb)
    });
    let grouped = to > from + 1 || words.get(from)?.contains(['-', '(', '.', '+']);
    let known = DIGITS.contains(&count) && (called || count >= 10 && grouped);
    known.then_some(Found { from, to, address: Address::Phone(digits) })
}

/// Digits in one or several words; years and amounts are none.
fn written(words: &[&str], from: usize) -> Option<(String, usize)> {
    let mut digits = String::new();
    let mut to = from;
    while let Some(word) = words.get(to) {
        let word = word.trim_end_matches([',', '.', '!', '?', ';', '”']);
        let word = if to == from { word.trim_start_matches('“') } else { word };
        let numeric = !word.is_empty()
            && word.chars().all(|c| c.is_ascii_digit() || "-–.()+/".contains(c))
            && word.chars().any(|c| c.is_ascii_digit());
        if !numeric || to > from && word.starts_with('+') {
            break;
        }
        // Four digits alone, between other words, are a year or an amount.
        digits.extend(word.chars().filter(|c| c.is_ascii_digit() || *c == '+'));
        to += 1;
        if words.get(to - 1).is_some_and(|word| ends_clause(word)) {
            break;
        }
    }
    (!digits.is_empty()).then_some((digits, to))
}

/// “seven oh eight, six two eight, …”
fn spoken(words: &[&str], from: usize) -> Option<(String, usize)> {
    let mut digits = String::new();
    let mut to = from;
    while let Some(word) = words.get(to) {
        let digit = match bare(word).to_lowercase().as_str() {
            "zero" | "oh" | "o" => '0',
            "one" => '1',
            "two" => '2',
            "three" => '3',
            "four" => '4',
            "five" => '5',
            "six" => '6',
            "seven" => '7',
            "eight" => '8',
            "nine" => '9',
            _ => break,
        };
        digits.push(digit);
        to += 1;
        if word.ends_with(['.', '!', '?']) {
            break;
        }
    }
    (digits.len() >= *DIGITS.start()).then_some((digits, to))
}

/// A number as it is read: North American ones in three groups.
pub(super) fn shown(digits: &str) -> String {
    match (digits.len(), digits.get(..3), digits.get(3..6), digits.get(6..)) {
        (10, Some(area), Some(office), Some(line)) if !digits.starts_with('+') => {
            format!("{area}-{office}-{line}")
        }
        _ => digits.to_owned(),
    }
}
