//! What each line of a labelled text can mean, judged by all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::stamp::{self, Stamp};
use crate::formats::names::{self, Speakers};
use crate::formats::source::lines;
use crate::formats::{clock, furniture};
use crate::time::Ms;

/// A value in the head of a file is no longer than this, in words.
const VALUE_WORDS: usize = 12;

/// A line that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row<'t> {
    /// Counted from 1.
    pub(super) number: usize,
    /// Whether a blank line stands above.
    pub(super) after_gap: bool,
    /// All of it.
    pub(super) text: &'t str,
    /// What it says of the words that follow.
    pub(super) label: Label<'t>,
    /// The words on it.
    pub(super) words: &'t str,
}

/// What a line says of the words on it and below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Label<'t> {
    /// Nothing: it goes on.
    None,
    /// Who says them.
    Name(&'t str),
    /// When they are said, and perhaps by whom.
    Time { start: Ms, end: Option<Ms>, name: Option<&'t str> },
}

impl<'t> Row<'t> {
    fn name(&self) -> Option<&'t str> {
        match self.label {
            Label::Name(name) | Label::Time { name: Some(name), .. } => Some(name),
            _ => None,
        }
    }

    fn is_timed(&self) -> bool {
        matches!(self.label, Label::Time { .. })
    }

    fn ends_sentence(&self) -> bool {
        let end = self.text.trim_end_matches(['"', '”', '’', ')', ']', '*']);
        end.ends_with(['.', '?', '!', '…', '。', '？', '！', '؟'])
    }
}

/// Reads all lines of a text.
pub(super) fn read(text: &str) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut after_gap = true;
    for line in lines(text) {
        let bare = line.text.trim();
        if bare.is_empty() {
            after_gap = true;
            continue;
        }
        rows.push(Row {
            number: line.number,
            after_gap,
            text: bare,
            label: Label::None,
            words: bare,
        });
        after_gap = false;
    }
    label_times(&mut rows);
    drop_echoes(&mut rows);
    label_names(&mut rows);
    rows
}

/// Finds the lines with a time. A line that could be a sentence counts where others are like it.
fn label_times(rows: &mut [Row<'_>]) {
    let stamps: Vec<Option<Stamp<'_>>> = rows.iter().map(|row| stamp::read(row.text)).collect();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for name in stamps.iter().flatten().filter_map(|stamp| stamp.name) {
        *uses.entry(name).or_default() += 1;
    }
    let named = rows.iter().filter(|row| names::before_dressed(row.text).is_some()).count();
    // `Tilda: 10:30 is late` is said once, `Tilda: 10:30 Hello` stands so each time.
    let is_labelled = |row: &Row<'_>, stamp: &Stamp<'_>| {
        let name = stamp.name.filter(|name| names::is_dressed_name(name)).unwrap_or_default();
        let rest = row.text.strip_prefix(name).filter(|_| !name.is_empty());
        !stamp.is_sure && rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    let pairs = rows.iter().zip(&stamps);
    let labelled = pairs
        .filter(|(row, stamp)| stamp.as_ref().is_some_and(|stamp| is_labelled(row, stamp)))
        .count();
    let is_style = labelled > 1 && labelled * 5 >= named * 4;
    for (row, stamp) in rows.iter_mut().zip(stamps) {
        let Some(Stamp { start, end, name, is_sure, text }) = stamp else { continue };
        let comes_again = name.is_some_and(|name| {
            let is_short = names::is_dressed_name(name) || name.split_whitespace().count() <= 2;
            is_short && uses.get(name).is_some_and(|uses| *uses > 1)
        });
        let has_style = is_style && stamp.is_some_and(|stamp| is_labelled(row, &stamp));
        if is_sure || (text.is_empty() && comes_again) || has_style {
            row.label = Label::Time { start, end, name };
            row.words = text;
        }
    }
}

/// Takes out times in words (`1 minute, 5 seconds`) where all times of the file have one behind them.
fn drop_echoes(rows: &mut Vec<Row<'_>>) {
    let start = |row: &Row<'_>| match row.label {
        Label::Time { start, name: None, .. } => Some(start),
        _ => None,
    };
    // The row of the echo, and what follows it there.
    let mut echoes: Vec<(usize, &str)> = Vec::new();
    let mut times = 0;
    for (at, row) in rows.iter().enumerate() {
        let Some(start) = start(row) else { continue };
        times += 1;
        let at = if row.words.is_empty() { at + 1 } else { at };
        let below =
            rows.get(at).filter(|below| below.label == Label::None || below.number == row.number);
        let Some(below) = below else { continue };
        echoes.extend(stamp::after_echo(below.words, start).map(|rest| (at, rest.trim_start())));
    }
    if times == 0 || echoes.len() * 5 < times * 4 {
        return;
    }
    for (at, rest) in echoes {
        if let Some(row) = rows.get_mut(at) {
            row.words = rest;
        }
    }
    rows.retain(|row| !row.words.is_empty() || row.label != Label::None);
}

/// Finds the names that stand before words, behind times and on lines of their own.
fn label_names(rows: &mut [Row<'_>]) {
    let after_time = |rows: &[Row<'_>], at: usize| {
        at.checked_sub(1).and_then(|above| rows.get(above)).is_some_and(|above| {
            above.is_timed() && above.words.is_empty() && above.name().is_none()
        })
    };
    let above_times = names_above_times(rows);
    let begins: Vec<bool> = (0..rows.len())
        .map(|at| {
            let has_gap = rows.get(at).is_some_and(|row| row.after_gap);
            has_gap || after_time(rows, at) || above_times.contains(&at)
        })
        .collect();
    let texts: Vec<&str> = rows
        .iter()
        .zip(&begins)
        .filter(|(row, _)| row.name().is_none() && !row.words.is_empty())
        .filter(|(row, begins)| {
            **begins || row.is_timed() || names::before_dressed(row.words).is_some()
        })
        .map(|(row, _)| row.words)
        .collect();
    let speakers = Speakers::of(&texts);
    let beside = names_beside_times(rows);
    let alone = names_alone(rows, &begins, &above_times, &speakers);
    // Who is named beside a time or on a line alone is named before a colon too.
    let mut known: BTreeSet<&str> = rows.iter().filter_map(Row::name).collect();
    known.extend(beside.iter().filter_map(|at| rows.get(*at)).map(|row| row.words));
    known.extend(&alone);
    for (at, row) in rows.iter_mut().enumerate() {
        if row.name().is_some() {
            continue;
        }
        let is_alone = begins.get(at) == Some(&true) && alone.contains(row.words);
        let (name, rest) = if (row.is_timed() && beside.contains(&at))
            || (!row.is_timed() && is_alone)
        {
            (row.words.trim_end_matches(':').trim_end(), "")
        } else if let Some(label) = speakers.split(row.words) {
            label
        } else if let Some(label) = names::label(row.words).filter(|(name, _)| known.contains(name))
        {
            label
        } else if let Some(label) = capitals(row.words).filter(|_| !row.is_timed()) {
            label
        } else {
            continue;
        };
        row.words = rest;
        row.label = match row.label {
            Label::Time { start, end, .. } => Label::Time { start, end, name: Some(name) },
            _ => Label::Name(name),
        };
    }
}

/// The rows in which a name stands behind the time and the words stand below: in most of the rows
/// with a time and short words behind it.
fn names_beside_times(rows: &[Row<'_>]) -> BTreeSet<usize> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    let beside = |row: &&Row<'_>| row.is_timed() && row.name().is_none() && !row.words.is_empty();
    for row in rows.iter().filter(beside) {
        *uses.entry(row.words).or_default() += 1;
    }
    let mut names = BTreeSet::new();
    let mut others = 0;
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| beside(row)) {
        let has_words_below = rows.get(at + 1).is_some_and(|below| !below.is_timed());
        let is_name = names::stands_alone(row.words)
            || (names::can_be_label(row.words) && uses.get(row.words).is_some_and(|n| *n > 1));
        if has_words_below && is_name {
            names.insert(at);
        } else if has_words_below && names::before_dressed(row.words).is_none() {
            others += 1;
        }
    }
    if names.len() > others { names } else { BTreeSet::new() }
}

/// The rows above times that stand alone, where each of them is a name: `Ann`, `0:05`, words.
fn names_above_times(rows: &[Row<'_>]) -> BTreeSet<usize> {
    let is_alone = |row: &Row<'_>| row.is_timed() && row.words.is_empty() && row.name().is_none();
    let times = rows.iter().enumerate().filter(|(_, row)| is_alone(row));
    let above: Option<BTreeSet<usize>> = times
        .map(|(at, _)| {
            let above = at.checked_sub(1)?;
            let row = rows.get(above).filter(|row| !row.is_timed())?;
            names::stands_alone(row.words).then_some(above)
        })
        .collect();
    let above = above.unwrap_or_default();
    let names: BTreeSet<&str> =
        above.iter().filter_map(|at| rows.get(*at)).map(|row| row.words).collect();
    // Of three at least, one comes again.
    if above.len() > 2 && names.len() == above.len() { BTreeSet::new() } else { above }
}

/// How a line stands that may be nothing but a name.
#[derive(Default)]
struct Alone {
    count: usize,
    /// Words stand right below it.
    with_words: bool,
    /// Once at least nobody says anything below: the line itself is said.
    is_said: bool,
}

/// Lines that are nothing but a name: they stand so more than once, or others do and words stand
/// below. Where names stand before colons, only those that come again.
fn names_alone<'t>(
    rows: &[Row<'t>],
    begins: &[bool],
    above_times: &BTreeSet<usize>,
    speakers: &Speakers,
) -> BTreeSet<&'t str> {
    let mut uses: BTreeMap<&str, Alone> = BTreeMap::new();
    for (at, (row, begins)) in rows.iter().zip(begins).enumerate() {
        let has_colon = row.words.ends_with(':');
        let is_bare = *begins && !row.is_timed() && !has_colon && names::stands_alone(row.words);
        if !is_bare || clock::leading(row.words).is_some() {
            continue;
        }
        let below = rows.get(at + if above_times.contains(&at) { 2 } else { 1 });
        let alone = uses.entry(row.words).or_default();
        alone.count += 1;
        alone.with_words |= below.is_some_and(|below| !below.after_gap);
        alone.is_said |=
            below.is_some_and(|below| below.is_timed() || speakers.split(below.words).is_some());
    }
    uses.retain(|_, alone| !alone.is_said);
    let repeats = uses.values().any(|alone| alone.count > 1);
    let with_words = uses.values().filter(|alone| alone.with_words).count();
    let is_style = speakers.is_empty() && (repeats || with_words > 1);
    uses.retain(|name, alone| {
        let fits = names::is_plain(name) && (alone.with_words || name.contains(' '));
        alone.count > 1 || (is_style && fits)
    });
    uses.into_keys().collect()
}

/// `ARI SHAPIRO, HOST: text`.
fn capitals(line: &str) -> Option<(&str, &str)> {
    let (label, rest) = line.split_once(':')?;
    let name = label.split(',').next()?.trim();
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let is_capital = label.chars().all(|c| !c.is_lowercase()) && letters > 1;
    let fits = label.split_whitespace().count() <= 8
        && names::can_be_label(name)
        && clock::leading(label).is_none();
    (is_capital && fits && (rest.is_empty() || rest.starts_with(' '))).then(|| (name, rest.trim()))
}

/// The rows of the transcript itself; what stands around it goes to `left_out`.
pub(super) fn without_furniture<'r, 't>(
    rows: &'r [Row<'t>],
    mut left_out: impl FnMut(&'r Row<'t>),
) -> &'r [Row<'t>] {
    let first = first_said(rows);
    let last = first + last_said(rows.get(first..).unwrap_or_default());
    for (at, row) in rows.iter().enumerate() {
        if at < first || at >= last {
            left_out(row);
        }
    }
    rows.get(first..last).unwrap_or_default()
}

/// The row with which the transcript begins.
fn first_said(rows: &[Row<'_>]) -> usize {
    let Some(first_time) = rows.iter().position(Row::is_timed) else { return untimed_head(rows) };
    let later: BTreeSet<&str> = rows.iter().skip(first_time).filter_map(Row::name).collect();
    let is_speech = |(at, row): (usize, &Row<'_>)| {
        let is_above_time = at + 1 == first_time && row.words.is_empty();
        let is_said = row.words.is_empty() || row.ends_sentence();
        row.name().is_some_and(|name| is_above_time || (is_said && later.contains(name)))
    };
    rows.iter().enumerate().take(first_time).position(is_speech).unwrap_or(first_time)
}

/// How many rows at the top of a text without times are its head: no sentences and no names, or
/// `Key: value` with a key that does not come again, where those who speak end their sentences.
fn untimed_head(rows: &[Row<'_>]) -> usize {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for name in rows.iter().filter_map(Row::name) {
        *uses.entry(name).or_default() += 1;
    }
    // Those who speak are below the head.
    let is_said = |row: &&Row<'_>| row.name().is_some() && !row.words.is_empty();
    let said: Vec<&Row<'_>> =
        rows.iter().filter(is_said).skip_while(|row| !row.ends_sentence()).collect();
    let ended = said.iter().filter(|row| row.ends_sentence()).count();
    let is_head = |row: &Row<'_>| match row.name() {
        None => !row.ends_sentence() || furniture::is_about_transcript(row.text),
        Some(name) => {
            let is_value = !row.words.is_empty()
                && row.words.split_whitespace().count() <= VALUE_WORDS
                && !row.ends_sentence();
            is_value && uses.get(name) == Some(&1) && ended * 2 > said.len()
        }
    };
    // An unlabelled text is a head only if somebody is named below it.
    let head = rows.iter().take_while(|row| is_head(row)).count();
    if rows.iter().skip(head).any(|row| row.name().is_some()) { head } else { 0 }
}

/// The number of rows up to the end of the transcript: notices at the foot are paragraphs of their own.
fn last_said(rows: &[Row<'_>]) -> usize {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for name in rows.iter().filter_map(Row::name) {
        *uses.entry(name).or_default() += 1;
    }
    let mut end = rows.len();
    while let Some(start) =
        rows.iter().take(end).rposition(|row| row.after_gap).filter(|at| *at > 0)
    {
        let block = rows.get(start..end).unwrap_or_default();
        let text: Vec<&str> = block.iter().map(|row| row.text).collect();
        let is_said = |row: &Row<'_>| match row.name() {
            Some(name) => uses.get(name).is_some_and(|uses| *uses > 1),
            None => row.is_timed(),
        };
        // The words of a name or a time that stands alone.
        let belongs = rows.get(start - 1).is_some_and(|above| above.words.is_empty());
        if belongs || block.iter().any(is_said) || !furniture::is_about_transcript(&text.join(" "))
        {
            break;
        }
        end = start;
    }
    end
}
