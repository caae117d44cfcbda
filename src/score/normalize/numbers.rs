//! Spoken and written numbers become digits: `twenty five dollars` and `$25` are the same.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What a word can mean to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Zero,
    /// One to nineteen; the suffix of a plural or an ordinal ends the number.
    One(u128, &'static str),
    Ten(u128, &'static str),
    Multiplier(u128, &'static str),
    /// `minus` stands before a number.
    SignBefore(&'static str),
    /// `dollars` stands behind a number.
    SignAfter(&'static str),
    Per,
    Percent,
    And,
    /// `double` or `triple`, with the number of times.
    Times(usize),
    Point,
}

const ONES: [&str; 19] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] =
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const THOUSANDS: [&str; 11] = [
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
    "sextillion",
    "septillion",
    "octillion",
    "nonillion",
    "decillion",
];

static WORDS: LazyLock<BTreeMap<String, Kind>> = LazyLock::new(|| {
    let mut words = BTreeMap::new();
    for name in ["o", "oh", "zero"] {
        words.insert(name.to_owned(), Kind::Zero);
    }
    words.insert("zeroth".to_owned(), Kind::One(0, "th"));
    for (name, value) in ONES.iter().zip(1u128..) {
        words.insert((*name).to_owned(), Kind::One(value, ""));
        let plural = if *name == "six" { "sixes".to_owned() } else { format!("{name}s") };
        words.insert(plural, Kind::One(value, "s"));
        let (ordinal, suffix) = match value {
            1 => ("first".to_owned(), "st"),
            2 => ("second".to_owned(), "nd"),
            3 => ("third".to_owned(), "rd"),
            5 => ("fifth".to_owned(), "th"),
            12 => ("twelfth".to_owned(), "th"),
            _ if name.ends_with('t') => (format!("{name}h"), "th"),
            _ => (format!("{name}th"), "th"),
        };
        words.insert(ordinal, Kind::One(value, suffix));
    }
    for (name, value) in TENS.iter().zip(2u128..) {
        let stem = name.trim_end_matches('y');
        words.insert((*name).to_owned(), Kind::Ten(value * 10, ""));
        words.insert(format!("{stem}ies"), Kind::Ten(value * 10, "s"));
        words.insert(format!("{stem}ieth"), Kind::Ten(value * 10, "th"));
    }
    let mut multipliers = vec![("hundred", 100u128)];
    let mut value = 1;
    for name in THOUSANDS {
        value *= 1_000;
        multipliers.push((name, value));
    }
    for (name, value) in multipliers {
        words.insert(name.to_owned(), Kind::Multiplier(value, ""));
        words.insert(format!("{name}s"), Kind::Multiplier(value, "s"));
        words.insert(format!("{name}th"), Kind::Multiplier(value, "th"));
    }
    for (name, kind) in [
        ("minus", Kind::SignBefore("-")),
        ("negative", Kind::SignBefore("-")),
        ("plus", Kind::SignBefore("+")),
        ("positive", Kind::SignBefore("+")),
        ("pound", Kind::SignAfter("£")),
        ("pounds", Kind::SignAfter("£")),
        ("euro", Kind::SignAfter("€")),
        ("euros", Kind::SignAfter("€")),
        ("dollar", Kind::SignAfter("$")),
        ("dollars", Kind::SignAfter("$")),
        ("cent", Kind::SignAfter("¢")),
        ("cents", Kind::SignAfter("¢")),
        ("per", Kind::Per),
        ("percent", Kind::Percent),
        ("and", Kind::And),
        ("double", Kind::Times(2)),
        ("triple", Kind::Times(3)),
        ("point", Kind::Point),
    ] {
        words.insert(name.to_owned(), kind);
    }
    words
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are constants that the tests use")
}

static AND_A_HALF: LazyLock<Regex> = LazyLock::new(|| pattern(r"\band\s+a\s+half\b"));
static LETTER_DIGIT: LazyLock<Regex> = LazyLock::new(|| pattern(r"([a-z])([0-9])"));
static DIGIT_LETTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9])([a-z])"));
static SUFFIX: LazyLock<Regex> = LazyLock::new(|| pattern(r"([0-9])\s+(st|nd|rd|th|s)\b"));
static NUMERIC: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\d+(\.\d+)?$"));
static WITH_CENTS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([€£$])([0-9]+) (?:and )?¢([0-9]{1,2})\b"));
static CENTS_ONLY: LazyLock<Regex> = LazyLock::new(|| pattern(r"[€£$]0.([0-9]{1,2})\b"));
static THE_NUMBER_ONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b1(s?)\b"));

/// Rewrites all numbers of lower-case text.
pub(super) fn standardize(text: &str) -> String {
    let text = prepare(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    finish(&Reader::default().read(&words))
}

/// Writes out halves and parts digits from letters, suffixes apart.
fn prepare(text: &str) -> String {
    let segments: Vec<&str> = AND_A_HALF.split(text).collect();
    let mut parts: Vec<&str> = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        let Some(last) = segment.split_whitespace().next_back() else { continue };
        parts.push(segment);
        if index + 1 < segments.len() {
            let numeric = matches!(
                WORDS.get(last),
                Some(Kind::Zero | Kind::One(_, "") | Kind::Ten(_, "") | Kind::Multiplier(_, ""))
            );
            parts.push(if numeric { "point five" } else { "and a half" });
        }
    }
    let text = parts.join(" ");
    let text = LETTER_DIGIT.replace_all(&text, "$1 $2");
    let text = DIGIT_LETTER.replace_all(&text, "$1 $2");
    SUFFIX.replace_all(&text, "$1$2").into_owned()
}

/// Joins cents to their currency; a lone 1 is written `one`.
fn finish(text: &str) -> String {
    let text = WITH_CENTS.replace_all(text, |found: &Captures<'_>| {
        format!("{}{}.{:0>2}", &found[1], &found[2], &found[3])
    });
    let text = CENTS_ONLY.replace_all(&text, |found: &Captures<'_>| {
        let cents = found[1].trim_start_matches('0');
        format!("¢{}", if cents.is_empty() { "0" } else { cents })
    });
    THE_NUMBER_ONE.replace_all(&text, "one$1").into_owned()
}

/// The number so far: still a quantity, or already a row of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Quantity(u128),
    Digits(String),
}

impl Value {
    fn text(&self) -> String {
        match self {
            Value::Quantity(n) => n.to_string(),
            Value::Digits(digits) => digits.clone(),
        }
    }
}

/// Goes through the words once and collects numbers.
#[derive(Debug, Default)]
struct Reader {
    value: Option<Value>,
    prefix: Option<String>,
    written: Vec<String>,
}

impl Reader {
    fn read(mut self, words: &[&str]) -> String {
        let mut skip = false;
        for (index, word) in words.iter().enumerate() {
            if std::mem::take(&mut skip) {
                continue;
            }
            let before = index.checked_sub(1).and_then(|i| words.get(i)).copied();
            let next = words.get(index + 1).copied();
            skip = self.word(before, word, next);
        }
        self.flush();
        self.written.join(" ")
    }

    /// Takes in one word; true where it used up the next one, too.
    fn word(&mut self, before: Option<&str>, word: &str, next: Option<&str>) -> bool {
        let unsigned = word.strip_prefix(['-', '+', '£', '€', '$', '¢']);
        if NUMERIC.is_match(unsigned.unwrap_or(word)) {
            self.figures(word, unsigned);
            return false;
        }
        let before = before.and_then(|word| WORDS.get(word));
        let next_kind = next.and_then(|word| WORDS.get(word));
        let number_follows = next_kind.is_some() || next.is_some_and(|w| NUMERIC.is_match(w));
        let Some(kind) = WORDS.get(word) else {
            self.flush();
            self.write(word);
            return false;
        };
        match *kind {
            Kind::Zero => self.value = Some(Value::Digits(self.digits() + "0")),
            Kind::One(n, suffix) => self.one(n, suffix, before),
            Kind::Ten(n, suffix) => self.ten(n, suffix),
            Kind::Multiplier(n, suffix) => self.multiplier(n, suffix),
            Kind::SignBefore(sign) => {
                self.flush();
                if number_follows {
                    self.prefix = Some(sign.to_owned());
                } else {
                    self.write(word);
                }
            }
            Kind::SignAfter(sign) => {
                if self.value.is_some() {
                    self.prefix = Some(sign.to_owned());
                    self.flush();
                } else {
                    self.write(word);
                }
            }
            Kind::Per if self.value.is_some() && next == Some("cent") => {
                self.end_with("%");
                return true;
            }
            Kind::Percent if self.value.is_some() => self.end_with("%"),
            Kind::And if number_follows && matches!(before, Some(Kind::Multiplier(_, ""))) => {}
            Kind::Times(times) if number_follows => {
                let digit = match next_kind {
                    Some(Kind::Zero) => "0".to_owned(),
                    Some(Kind::One(n, "")) => n.to_string(),
                    _ => {
                        self.flush();
                        self.write(word);
                        return false;
                    }
                };
                self.value = Some(Value::Digits(self.digits() + &digit.repeat(times)));
                return true;
            }
            Kind::Point if number_follows => {
                let decimal = next.is_some_and(|w| NUMERIC.is_match(w))
                    || matches!(next_kind, Some(Kind::Zero | Kind::One(_, "") | Kind::Ten(_, "")));
                if decimal {
                    self.value = Some(Value::Digits(self.digits() + "."));
                }
            }
            Kind::Per | Kind::Percent | Kind::And | Kind::Times(_) | Kind::Point => {
                self.flush();
                self.write(word);
            }
        }
        false
    }

    /// A number in figures, perhaps with a sign before it.
    fn figures(&mut self, word: &str, unsigned: Option<&str>) {
        if let Some(value) = &self.value {
            let digits = value.text();
            if matches!(value, Value::Digits(_)) && digits.ends_with('.') {
                self.value = Some(Value::Digits(digits + word));
                return;
            }
            self.flush();
        }
        let figures = unsigned.unwrap_or(word);
        if unsigned.is_some() {
            self.prefix = word.chars().next().map(String::from);
        }
        self.value =
            Some(whole(figures).map_or_else(|| Value::Digits(figures.to_owned()), Value::Quantity));
    }

    fn one(&mut self, n: u128, suffix: &str, before: Option<&Kind>) {
        let after_one = matches!(before, Some(Kind::One(_, "")));
        let after_ten = matches!(before, Some(Kind::Ten(_, "")));
        let value = match self.value.take() {
            None => Value::Quantity(n),
            Some(Value::Quantity(q)) if !after_one => {
                let room = if n < 10 { 10 } else { 100 };
                if q % room == 0 { sum(q, n) } else { Value::Digits(format!("{q}{n}")) }
            }
            Some(value) => {
                let digits = value.text();
                match digits.strip_suffix('0') {
                    Some(stem) if after_ten && n < 10 => Value::Digits(format!("{stem}{n}")),
                    _ => Value::Digits(format!("{digits}{n}")),
                }
            }
        };
        self.set(value, suffix);
    }

    fn ten(&mut self, n: u128, suffix: &str) {
        let value = match self.value.take() {
            None => Value::Quantity(n),
            Some(Value::Quantity(q)) if q % 100 == 0 => sum(q, n),
            Some(value) => Value::Digits(format!("{}{n}", value.text())),
        };
        self.set(value, suffix);
    }

    fn multiplier(&mut self, n: u128, suffix: &str) {
        let value = match self.value.take() {
            None => Value::Quantity(n),
            Some(Value::Quantity(q)) if q != 0 => {
                let grown =
                    (q % 1_000).checked_mul(n).and_then(|p| p.checked_add(q / 1_000 * 1_000));
                grown.map_or_else(|| Value::Digits(format!("{q} {n}")), Value::Quantity)
            }
            Some(value) => {
                if let Some(product) = times(&value.text(), n) {
                    Value::Quantity(product)
                } else {
                    self.value = Some(value);
                    self.flush();
                    Value::Quantity(n)
                }
            }
        };
        self.set(value, suffix);
    }

    /// Takes on a value; with a suffix it is complete.
    fn set(&mut self, value: Value, suffix: &str) {
        self.value = Some(value);
        if !suffix.is_empty() {
            self.end_with(suffix);
        }
    }

    fn end_with(&mut self, suffix: &str) {
        if let Some(value) = self.value.take() {
            self.write(&(value.text() + suffix));
        }
    }

    fn flush(&mut self) {
        if let Some(value) = self.value.take() {
            self.write(&value.text());
        }
    }

    /// Writes a word with the sign that waits for it.
    fn write(&mut self, text: &str) {
        let prefix = self.prefix.take().unwrap_or_default();
        self.written.push(prefix + text);
    }

    /// The digits so far; a quantity of nothing has none.
    fn digits(&self) -> String {
        match &self.value {
            None | Some(Value::Quantity(0)) => String::new(),
            Some(value) => value.text(),
        }
    }
}

fn sum(a: u128, b: u128) -> Value {
    a.checked_add(b).map_or_else(|| Value::Digits(format!("{a}{b}")), Value::Quantity)
}

/// A whole number, also when written as `3.0`.
fn whole(figures: &str) -> Option<u128> {
    let (integer, fraction) = figures.split_once('.').unwrap_or((figures, ""));
    fraction.chars().all(|c| c == '0').then(|| integer.parse().ok())?
}

/// `2.5` times a million, where the product is whole.
fn times(figures: &str, multiplier: u128) -> Option<u128> {
    let (integer, fraction) = figures.split_once('.').unwrap_or((figures, ""));
    let scale = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let digits: u128 = format!("{integer}{fraction}").parse().ok()?;
    let product = digits.checked_mul(multiplier)?;
    (product % scale == 0).then_some(product / scale)
}
