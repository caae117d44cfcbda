//! Words that nobody said -> those that are spelled nearly so.

use crate::search::query::{Clause, folded};
use crate::spoken::SpokenIndex;

/// So many spellings are looked for instead of one word.
const MOST: usize = 6;

/// Gives each word that nobody said those in whose place it may stand; says which.
pub(super) fn replace(
    index: &SpokenIndex,
    clauses: &mut [Clause],
) -> rusqlite::Result<Vec<(String, Vec<String>)>> {
    let mut replaced = Vec::new();
    for clause in clauses.iter_mut().filter(|clause| clause.words.len() == 1) {
        let word = &mut clause.words[0];
        if is_said(index, &word.key, word.is_open)? {
            continue;
        }
        let near = near(index, &word.key)?;
        if !near.is_empty() {
            replaced.push((word.key.clone(), near.clone()));
            word.or = near;
        }
    }
    Ok(replaced)
}

fn is_said(index: &SpokenIndex, key: &str, is_open: bool) -> rusqlite::Result<bool> {
    let end = if is_open { format!("{key}\u{10ffff}") } else { key.to_owned() };
    let sql = "SELECT EXISTS(SELECT 1 FROM term WHERE text >= ?1 AND text <= ?2)";
    index.connection.query_row(sql, [key, &end], |row| row.get(0))
}

/// The nearest words, all as near as the nearest is.
fn near(index: &SpokenIndex, key: &str) -> rusqlite::Result<Vec<String>> {
    let wanted = folded(key);
    let length = wanted.chars().count();
    let most = match length {
        0..=3 => return Ok(Vec::new()),
        4..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let mut statement =
        index.connection.prepare("SELECT text FROM term WHERE length(text) BETWEEN ?1 AND ?2")?;
    let reach = |to: usize| i64::try_from(to).unwrap_or(i64::MAX);
    let mut rows = statement.query([reach(length - most), reach(length + most)])?;
    let (mut best, mut nearest) = (Vec::new(), most);
    while let Some(row) = rows.next()? {
        let text = row.get_ref(0)?.as_str()?;
        let distance = strsim::osa_distance(&wanted, &folded(text));
        if distance < nearest {
            best.clear();
            nearest = distance;
        }
        if distance <= nearest {
            best.push(text.to_owned());
        }
    }
    // among equals, those that begin alike
    let alike =
        |text: &String| text.chars().zip(wanted.chars()).take_while(|(a, b)| a == b).count();
    best.sort_by_key(|text| std::cmp::Reverse(alike(text)));
    best.truncate(MOST);
    Ok(best)
}
