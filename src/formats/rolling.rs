//! Captions that roll: each cue shows again what the cue before showed, and adds to it.
//!
//! YouTube's own captions, and what decoders make of broadcast captions, keep a line on the screen
//! while the next comes in. Read cue by cue, every line is said two or three times. Whether a file
//! rolls is seen in all of it: a cue that only repeats may be somebody who says "Yes." again, a file in
//! which most cues begin with the end of the cue before and go on cannot.

use crate::time::Ms;

/// Cues further apart than this are shown one after the other, not one within the next.
const TOUCHING: Ms = Ms::new(1_000);
/// A cue that is shown so briefly says nothing of its own: it is a step between two others.
const STEP: Ms = Ms::new(100);
/// Words that two cues have in common are looked for among so many.
const MOST_WORDS: usize = 120;
/// As many common words, or the whole cue before, are no accident.
const COMMON_WORDS: usize = 3;

/// When a cue is shown, its lines, and who says them where the file tells.
pub(crate) struct Shown<'c> {
    pub(crate) start: Ms,
    pub(crate) end: Ms,
    pub(crate) lines: &'c [String],
    pub(crate) speaker: Option<&'c str>,
}

/// What of each cue is new, line by line, where the captions roll; `None` where they do not.
pub(crate) fn unrolled(cues: &[Shown<'_>]) -> Option<Vec<Vec<String>>> {
    let lines: Vec<Vec<&str>> =
        cues.iter().map(|cue| cue.lines.iter().map(String::as_str).collect()).collect();
    if let Some(old) = old_units(cues, &lines, |_, _| true) {
        let rest = |(lines, old): (&Vec<&str>, usize)| {
            lines.iter().skip(old).map(|line| (*line).to_owned()).collect()
        };
        return Some(lines.iter().zip(old).map(rest).collect());
    }
    let words: Vec<Vec<&str>> = lines
        .iter()
        .map(|lines| lines.iter().flat_map(|line| line.split_whitespace()).collect())
        .collect();
    let is_no_accident = |common: usize, before: usize| common == before || common >= COMMON_WORDS;
    let old = old_units(cues, &words, is_no_accident)?;
    let rest = |(words, old): (&Vec<&str>, usize)| {
        let line = words.get(old..).unwrap_or_default().join(" ");
        Some(line).filter(|line| !line.is_empty()).into_iter().collect()
    };
    Some(words.iter().zip(old).map(rest).collect())
}

/// How many units at the start of each cue stood at the end of the cue before, if the file rolls.
/// `counts` says whether so many common units, of those of the cue before, count.
fn old_units(
    cues: &[Shown<'_>],
    units: &[Vec<&str>],
    counts: impl Fn(usize, usize) -> bool,
) -> Option<Vec<usize>> {
    let mut old = vec![0; cues.len().min(1)];
    let (mut rolls, mut breaks, mut steps) = (0_usize, 0_usize, 0_usize);
    for (cues, units) in cues.windows(2).zip(units.windows(2)) {
        let ([before, now], [shown, next]) = (cues, units) else { continue };
        let is_step = now.end - now.start < STEP;
        // Another person who says the same says it again.
        let touches = now.start - before.end < TOUCHING && before.speaker == now.speaker;
        let mut common = if touches { overlap(shown, next) } else { 0 };
        if !counts(common, shown.len()) {
            common = 0;
        }
        // In two full screens that are equal, one line came in, and it is the same as the last.
        if common > 1 && common == next.len() && !is_step && repeats_one_line(next) {
            common -= 1;
        }
        if common == 0 {
            breaks += 1;
        } else if common < next.len() {
            rolls += 1;
        } else {
            steps += usize::from(is_step);
        }
        old.push(common);
    }
    let is_rolling = if breaks == 0 && steps > 0 { rolls > 0 } else { rolls > 1 };
    (is_rolling && rolls > 2 * breaks).then_some(old)
}

fn repeats_one_line(units: &[&str]) -> bool {
    units.windows(2).all(|pair| pair.first() == pair.last())
}

/// The largest number of units at the end of one cue that begin the next.
fn overlap(before: &[&str], next: &[&str]) -> usize {
    let most = before.len().min(next.len()).min(MOST_WORDS);
    let is_common = |count: &usize| before.get(before.len() - count..) == next.get(..*count);
    (1..=most).rev().find(is_common).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is new in each cue, lines joined by `/`; cues are (start, end, lines).
    fn new_lines(cues: &[(i64, i64, &str)]) -> Option<Vec<String>> {
        let lines: Vec<Vec<String>> =
            cues.iter().map(|(.., text)| text.split('/').map(str::to_owned).collect()).collect();
        let shown: Vec<Shown<'_>> = cues
            .iter()
            .zip(&lines)
            .map(|((start, end, _), lines)| Shown {
                start: Ms::new(*start),
                end: Ms::new(*end),
                lines,
                speaker: None,
            })
            .collect();
        Some(unrolled(&shown)?.into_iter().map(|lines| lines.join("/")).collect())
    }

    #[test]
    fn each_line_of_rolling_captions_stands_once_and_a_repetition_stays() {
        let cues = [
            (0, 2_000, "a b"),
            (2_000, 2_010, "a b"),
            (2_010, 4_000, "a b/yes"),
            (4_000, 4_010, "yes"),
            (4_010, 6_000, "yes/yes"),
            (6_000, 6_010, "yes"),
            (6_010, 8_000, "yes/c"),
        ];
        assert_eq!(new_lines(&cues).unwrap(), ["a b", "", "yes", "", "yes", "", "c"]);
        let three = [
            (0, 1_000, "a"),
            (1_000, 2_000, "a/b"),
            (2_000, 3_000, "a/b/c"),
            (3_000, 4_000, "b/c/c"),
            (4_000, 5_000, "c/c/d"),
        ];
        assert_eq!(new_lines(&three).unwrap(), ["a", "b", "c", "c", "d"]);
    }

    #[test]
    fn captions_that_grow_word_by_word_are_read_once() {
        let cues = [
            (0, 500, "we mend"),
            (500, 900, "we mend a net"),
            (900, 1_500, "we mend a net with/Olive"),
            (1_500, 2_000, "with Olive it takes"),
            (2_000, 2_500, "with Olive it takes two hours"),
        ];
        assert_eq!(
            new_lines(&cues).unwrap(),
            ["we mend", "a net", "with Olive", "with Olive it takes", "two hours"]
        );
    }

    #[test]
    fn what_is_said_twice_in_other_captions_stays() {
        let chorus = [
            (0, 1_000, "Yes."),
            (1_000, 2_000, "Yes."),
            (2_000, 3_000, "Yes./No."),
            (3_000, 4_000, "We go."),
        ];
        assert_eq!(new_lines(&chorus), None);
        assert_eq!(new_lines(&[(0, 1_000, "Yes."), (1_000, 2_000, "Yes.")]), None);
        let apart = [(0, 1_000, "a"), (9_000, 9_500, "a/b"), (20_000, 21_000, "b/c")];
        assert_eq!(new_lines(&apart), None);
    }
}
