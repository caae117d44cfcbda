//! Where a cue's text breaks into lines, and how good a place is for a break.

use super::{CueSettings, Token};
use crate::time::Ms;

/// How bad it is to break between each token and the next. The search for cuts asks for the same
/// place many times.
pub(super) fn breaks(tokens: &[Token]) -> Vec<f64> {
    tokens.iter().zip(tokens.iter().skip(1)).map(|(left, right)| badness(left, right)).collect()
}

/// How bad it is to break after `left`, from 0 (a sentence ends) to about 30 (`the` | `house`).
fn badness(left: &Token, right: &Token) -> f64 {
    if right.glued {
        return 40.0;
    }
    let bare = left.text.trim_end_matches(['"', '\'', '”', '’', ')', ']', '»']);
    if bare.ends_with(['.', '?', '!', '…', '。', '？', '！']) {
        return 0.0;
    }
    let pause = (right.span.start() - left.span.end()).max(Ms::ZERO);
    #[expect(clippy::cast_precision_loss, reason = "only the size matters")]
    let relief = (pause.get() as f64 / 100.0).min(8.0);
    let bad = if bare.ends_with([',', ';', ':', '–', '—', '，', '、']) {
        3.0
    } else if leans_right(bare) {
        24.0
    } else if is_capitalised(bare) && is_capitalised(&right.text) {
        18.0
    } else if opens_clause(&right.text) {
        6.0
    } else {
        12.0
    };
    f64::max(0.0, bad - relief)
}

fn is_capitalised(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase) && word != "I"
}

/// English words that belong to what follows them; in other languages punctuation decides.
fn leans_right(word: &str) -> bool {
    const WORDS: [&str; 44] = [
        "a", "an", "the", "of", "to", "in", "on", "at", "by", "for", "with", "from", "into",
        "about", "my", "your", "his", "her", "its", "our", "their", "this", "that", "these",
        "those", "is", "are", "was", "were", "be", "been", "and", "or", "but", "not", "very", "i",
        "we", "he", "she", "they", "you", "dr.", "mr.",
    ];
    WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// English words before which a clause or phrase begins.
fn opens_clause(word: &str) -> bool {
    const WORDS: [&str; 30] = [
        "and", "or", "but", "so", "because", "which", "who", "whom", "whose", "that", "when",
        "where", "while", "if", "unless", "although", "though", "since", "until", "before",
        "after", "to", "for", "with", "from", "in", "on", "at", "by", "than",
    ];
    WORDS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Characters of the tokens on one line.
pub(super) fn width<'a>(tokens: impl Iterator<Item = &'a Token>) -> usize {
    let mut sum = 0;
    for (index, token) in tokens.enumerate() {
        sum += token.chars + usize::from(index > 0 && !token.glued);
    }
    sum
}

/// Whether name and text go into the lines that a cue may have.
pub(super) fn fits(prefix: &[Token], tokens: &[Token], settings: &CueSettings) -> bool {
    best_break(prefix, tokens, &breaks(tokens), settings).is_some()
}

/// What the best line break costs: 0 where one line is enough, `None` where the text cannot fit.
/// `breaks` are those of the tokens.
pub(super) fn break_cost(
    prefix: &[Token],
    tokens: &[Token],
    breaks: &[f64],
    settings: &CueSettings,
) -> Option<f64> {
    best_break(prefix, tokens, breaks, settings).map(|(_, cost)| cost)
}

/// The number of tokens, name included, on the first line, and what that break costs.
fn best_break(
    prefix: &[Token],
    tokens: &[Token],
    breaks: &[f64],
    settings: &CueSettings,
) -> Option<(usize, f64)> {
    let widest = settings.max_line_chars.max(8);
    let total = width(prefix.iter().chain(tokens));
    if total <= widest {
        return Some((prefix.len() + tokens.len(), 0.0));
    }
    if settings.max_lines < 2 || total > 2 * widest + 1 {
        return None;
    }
    let all: Vec<&Token> = prefix.iter().chain(tokens).collect();
    let mut best: Option<(usize, f64)> = None;
    let mut first = 0;
    for (index, pair) in all.windows(2).enumerate() {
        let [left, right] = pair else { continue };
        first += left.chars + usize::from(index > 0 && !left.glued);
        let second = total - first - usize::from(!right.glued);
        if first > widest {
            break;
        }
        if second > widest {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "a line has fewer than 100 characters")]
        let lean = 0.2 * first.abs_diff(second) as f64 + if first > second { 1.0 } else { 0.0 };
        // A name alone on its line reads well, but it spends the line.
        let bad = index
            .checked_sub(prefix.len())
            .map_or(10.0, |at| breaks.get(at).copied().unwrap_or_default());
        let cost = bad + lean;
        if best.is_none_or(|(_, least)| cost < least) {
            best = Some((index + 1, cost));
        }
    }
    best
}

/// The lines of a cue. Text that cannot fit is put on one line rather than lost.
pub(super) fn break_lines(
    prefix: &[Token],
    tokens: &[Token],
    settings: &CueSettings,
) -> Vec<String> {
    let all: Vec<&Token> = prefix.iter().chain(tokens).collect();
    let best = best_break(prefix, tokens, &breaks(tokens), settings);
    let first = best.map_or(all.len(), |(count, _)| count);
    let (one, two) = all.split_at(first);
    [one, two].into_iter().filter(|line| !line.is_empty()).map(join).collect()
}

fn join(tokens: &[&Token]) -> String {
    let mut line = String::new();
    for (index, token) in tokens.iter().enumerate() {
        if index > 0 && !token.glued {
            line.push(' ');
        }
        line.push_str(&token.text);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn tokens(text: &str) -> Vec<Token> {
        text.split(' ')
            .map(|word| Token {
                span: Span::at_least_1ms(Ms::ZERO, Ms::ZERO),
                text: word.to_owned(),
                chars: word.chars().count(),
                glued: false,
            })
            .collect()
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(break_lines(&[], &tokens(text), &CueSettings::srt()), expected);
    }

    #[test]
    fn lines_break_at_a_clause_and_not_after_an_article() {
        check("Short enough for a line.", &["Short enough for a line."]);
        check(
            "We talked for an hour, and the house was quiet.",
            &["We talked for an hour,", "and the house was quiet."],
        );
        check(
            "They went into the old building by the water",
            &["They went into the old building", "by the water"],
        );
    }

    #[test]
    fn text_of_three_lines_does_not_fit() {
        let long =
            tokens("one two three four five six seven eight nine ten eleven twelve thirteen");
        assert!(!fits(&[], &long, &CueSettings::srt()));
    }
}
