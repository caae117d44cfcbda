//! Where a run of words is cut into cues: the cheapest way through all places for a cut.

use super::{CueSettings, Token, lines};
use crate::time::Ms;

/// A pause after which the text would stand on the screen while nobody speaks.
const LONG_PAUSE: Ms = Ms::new(1_500);
/// What each cue costs, so that fewer are better.
const CUE_COST: f64 = 12.0;

/// Cuts the tokens into pieces that each make a cue; the first begins with `prefix`.
pub(super) fn split(
    tokens: Vec<Token>,
    prefix: &[Token],
    settings: &CueSettings,
) -> Vec<Vec<Token>> {
    let count = tokens.len();
    let breaks = lines::breaks(&tokens);
    // best[end] = (cost of the best way to cut tokens[..end], where its last piece begins)
    let mut best: Vec<(f64, usize)> = vec![(f64::INFINITY, 0); count + 1];
    if let Some(first) = best.first_mut() {
        *first = (0.0, 0);
    }
    for start in 0..count {
        let Some(&(so_far, _)) = best.get(start) else { break };
        for end in start + 1..=count {
            let Some(piece) = tokens.get(start..end) else { break };
            let prefix = if start == 0 { prefix } else { &[] };
            let within = breaks.get(start..end - 1).unwrap_or_default();
            let cost = match piece_cost(piece, within, prefix, settings) {
                Some(cost) => cost,
                // A single token has to go somewhere.
                None if piece.len() == 1 => 1_000.0,
                None => break,
            };
            let after = tokens.get(end);
            // Nothing is cut behind the last token.
            let cut = breaks.get(end - 1).copied().unwrap_or_default();
            let hurry = hurry(piece, after, settings);
            let total = so_far + CUE_COST + cost + cut + hurry;
            if let Some(entry) = best.get_mut(end)
                && total < entry.0
            {
                *entry = (total, start);
            }
        }
    }
    let mut cuts = Vec::new();
    let mut end = count;
    while end > 0 {
        let start = best.get(end).map_or(0, |entry| entry.1.min(end - 1));
        cuts.push(start);
        end = start;
    }
    let mut tokens = tokens.into_iter();
    cuts.reverse();
    let ends = cuts.iter().skip(1).copied().chain([count]);
    cuts.iter().zip(ends).map(|(start, end)| tokens.by_ref().take(end - start).collect()).collect()
}

/// What is bad about a piece itself, which has `breaks` between its tokens; `None` where it breaks a
/// limit.
fn piece_cost(
    piece: &[Token],
    breaks: &[f64],
    prefix: &[Token],
    settings: &CueSettings,
) -> Option<f64> {
    let (first, last) = (piece.first()?, piece.last()?);
    if piece.len() > 1 && last.span.end() - first.span.start() > settings.max_duration {
        return None;
    }
    let mut cost = lines::break_cost(prefix, piece, breaks, settings)?;
    for (pair, bad) in piece.windows(2).zip(breaks) {
        let [left, right] = pair else { continue };
        let pause = right.span.start() - left.span.end();
        if pause > LONG_PAUSE {
            return None;
        }
        if pause > Ms::new(700) {
            cost += 10.0;
        }
        if *bad == 0.0 {
            cost += 8.0; // a sentence that ends inside makes the next one hard to find
        }
    }
    if settings.name_in_text && prefix.is_empty() && reads_as_name(piece) {
        cost += 30.0;
    }
    let chars = lines::width(piece.iter());
    if chars < 12 {
        cost += 6.0;
    }
    Some(cost)
}

/// Whether a reader would take the start of the piece for `Name: `.
fn reads_as_name(piece: &[Token]) -> bool {
    piece.iter().take(4).any(|token| token.text.ends_with(':'))
}

/// What is bad about the time that the piece can be shown: too short, or too fast to read.
fn hurry(piece: &[Token], after: Option<&Token>, settings: &CueSettings) -> f64 {
    let (Some(first), Some(last)) = (piece.first(), piece.last()) else { return 0.0 };
    let start = first.span.start();
    let shown_until = after.map_or(last.span.end() + settings.min_duration, |t| t.span.start());
    let shown = (shown_until.max(last.span.end()) - start).max(Ms::new(1));
    let mut cost = 0.0;
    if shown < settings.min_duration {
        cost += 8.0 * (1.0 - shown.as_seconds() / settings.min_duration.as_seconds().max(0.001));
    }
    #[expect(clippy::cast_precision_loss, reason = "a cue has fewer than 100 characters")]
    let speed = lines::width(piece.iter()) as f64 / shown.as_seconds();
    cost + (speed / settings.max_chars_per_second.max(1.0) - 1.0).clamp(0.0, 2.0) * 6.0
}
