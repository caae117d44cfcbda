//! A comparison as a page to look at: what was said on the left, what was written on the right.

use std::fmt::Write as _;

use crate::render::markup::text as escape;
use crate::score::comparison::{Comparison, Stretch};
use crate::score::wer::WordErrors;
use crate::time::Ms;

/// Stretches shown; the others are counted.
const SHOWN: usize = 100;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;\
padding:0 1rem;color-scheme:light dark}table{border-collapse:collapse;margin:1rem 0}\
th,td{padding:.3rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid #8886}\
td.n{text-align:right;font-variant-numeric:tabular-nums}del{color:#b00020;text-decoration:underline}\
ins{color:#00695c;text-decoration:underline}\
@media(prefers-color-scheme:dark){del{color:#ff8a80}ins{color:#80cbc4}}";

/// One HTML page without scripts. `title` names the episode.
pub fn page(title: &str, comparison: &Comparison) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{0}</title>\n\
         <style>{STYLE}</style>\n<h1>{0}</h1>\n<p>{1}</p>\n",
        escape(title),
        sentence(comparison.total)
    );
    let speakers = comparison.by_speaker.iter().map(|(name, errors)| {
        (if name.is_empty() { "(not told)".to_owned() } else { name.clone() }, *errors)
    });
    table(&mut html, "Speaker", speakers);
    let minutes = comparison
        .by_minute
        .iter()
        .map(|(minute, errors)| (Ms::new(minute * 60_000).clock(), *errors));
    table(&mut html, "Minute", minutes);
    html.push_str(
        "<h2>Worst stretches</h2>\n<table>\n<tr><th>Time<th>Speaker<th>Said<th>Written\n",
    );
    for stretch in comparison.worst.iter().take(SHOWN) {
        row(&mut html, stretch);
    }
    html.push_str("</table>\n");
    if let Some(more) = comparison.worst.len().checked_sub(SHOWN + 1) {
        let _ = writeln!(html, "<p>{} more have fewer errors.</p>", more + 1);
    }
    html.push_str("</html>\n");
    html
}

/// The counts in words, as `WER 1.69 % (76 of 4503 words: …)`.
pub fn sentence(errors: WordErrors) -> String {
    format!(
        "WER {:.2} % ({} of {} words: {} substituted, {} missing, {} inserted)",
        errors.rate() * 100.0,
        errors.errors(),
        errors.reference,
        errors.substitutions,
        errors.deletions,
        errors.insertions
    )
}

fn table(html: &mut String, of: &str, rows: impl Iterator<Item = (String, WordErrors)>) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    let _ = writeln!(
        html,
        "<table>\n<tr><th>{of}<th>WER %<th>Words<th>Substituted<th>Missing<th>Inserted"
    );
    for (name, e) in rows {
        let _ = writeln!(
            html,
            "<tr><td>{}<td class=n>{:.2}<td class=n>{}<td class=n>{}<td class=n>{}<td class=n>{}",
            escape(&name),
            e.rate() * 100.0,
            e.reference,
            e.substitutions,
            e.deletions,
            e.insertions
        );
    }
    html.push_str("</table>\n");
}

fn row(html: &mut String, stretch: &Stretch) {
    let time = stretch.start.map_or_else(String::new, Ms::clock);
    let marked = |mark: &'static str| {
        move |word: &str, wrong: bool| {
            let text = escape(word);
            if wrong { format!("<{mark}>{text}</{mark}>") } else { text }
        }
    };
    let _ = writeln!(
        html,
        "<tr><td>{time}<td>{}<td>{}<td>{}",
        escape(&stretch.speaker),
        stretch.said(marked("del")),
        stretch.written(marked("ins"))
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::comparison::Pair;

    fn pair(said: &str, written: &str) -> Pair {
        Pair { said: Some(said.to_owned()), written: Some(written.to_owned()) }
    }

    #[test]
    fn both_sides_are_shown_and_nothing_becomes_markup() {
        let stretch = Stretch {
            speaker: "<b>Ada".to_owned(),
            start: Some(Ms::new(61_000)),
            errors: WordErrors { reference: 2, hits: 1, substitutions: 1, ..WordErrors::default() },
            words: vec![pair("good", "good"), pair("day", "<script>")],
        };
        let comparison =
            Comparison { total: stretch.errors, worst: vec![stretch], ..Comparison::default() };
        let html = page("One", &comparison);
        assert!(html.contains("WER 50.00 %"), "{html}");
        assert!(html.contains("<tr><td>00:01:01<td>&lt;b&gt;Ada<td>good <del>day</del><td>good <ins>&lt;script&gt;</ins>"), "{html}");
        assert!(!html.contains("<script>"));
    }
}
