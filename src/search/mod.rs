//! Words -> where they were said, over all episodes of a show.
//!
//! Every word may be the beginning of a longer one; words in quotation marks stand side by side. A
//! word that nobody said is looked for under spellings near it.

mod near;
mod query;

use rusqlite::{OptionalExtension as _, ToSql, params_from_iter};

use crate::spoken::{Facts, Known, Speaker, SpokenEpisode, SpokenError, SpokenIndex, tokens};
use crate::time::Span;
use query::Clause;

pub(crate) use query::folded;

/// A word that more paragraphs hold is not ranked by: it would cost more than it tells.
const COMMON: i64 = 20_000;

/// What is looked for, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// The words; those in quotation marks stand side by side.
    pub words: String,
    /// Only what this person says: a name or a part of one.
    pub speaker: Option<String>,
    /// Only the episode of that folder name, title or number.
    pub episode: Option<String>,
    /// Only episodes from this day on, as `2026-01-31`, `2026-01` or `2026`.
    pub since: Option<String>,
    /// Only episodes up to this day.
    pub until: Option<String>,
    /// So many hits at most.
    pub limit: usize,
}

/// Where words were said.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The episode.
    pub facts: Facts,
    /// Who says it; `None` where nobody could be named.
    pub speaker: Option<Speaker>,
    /// From the first word that was looked for to the last.
    pub span: Span,
    /// The sentence, or the sentences, in which the words stand.
    pub text: String,
    /// The words in it that were looked for, in bytes.
    pub marks: Vec<(usize, usize)>,
    /// The address of the words, where the show says where it is published.
    pub link: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The hits, the best first.
    pub hits: Vec<Hit>,
    /// How many paragraphs hold the words; no more are counted than a thousand.
    pub total: usize,
    /// Words that nobody said, and those near them that were looked for instead.
    pub instead: Vec<(String, Vec<String>)>,
}

/// So many paragraphs are counted.
const COUNTED: usize = 1_000;

/// Looks words up in all episodes.
pub fn search(index: &SpokenIndex, query: &Query) -> Result<Found, SpokenError> {
    let fault = |cause| index.fault(cause);
    let mut clauses = query::clauses(&query.words);
    let mut found = Found::default();
    if clauses.is_empty() {
        return Ok(found);
    }
    let mut rows = matches(index, &clauses, query).map_err(fault)?;
    if rows.is_empty() {
        found.instead = near::replace(index, &mut clauses).map_err(fault)?;
        if !found.instead.is_empty() {
            rows = matches(index, &clauses, query).map_err(fault)?;
        }
    }
    found.total = rows.len();
    for id in rows.into_iter().take(query.limit) {
        let (known, passage) = index.passage(id)?;
        found.hits.extend(hit(known, &passage, &clauses));
    }
    Ok(found)
}

/// The paragraphs that hold all clauses, the best first.
fn matches(index: &SpokenIndex, clauses: &[Clause], query: &Query) -> rusqlite::Result<Vec<i64>> {
    let expression: Vec<String> = clauses.iter().map(Clause::expression).collect();
    let expression = expression.join(" AND ");
    let mut given: Vec<Box<dyn ToSql>> = vec![Box::new(expression)];
    let mut filter = String::new();
    let mut add = |condition: &str, value: String| {
        given.push(Box::new(value));
        filter.push_str(&format!(" AND {}", condition.replace('?', &format!("?{}", given.len()))));
    };
    for name in query.speaker.iter().flat_map(|name| name.split_whitespace()) {
        add("instr(passage.speaker, ?) > 0", format!(" {} ", name.to_lowercase()));
    }
    if let Some(day) = &query.since {
        add("episode.day >= ?", day.clone());
    }
    if let Some(day) = &query.until {
        // a month or a year stands for all its days
        add("(episode.day != '' AND episode.day <= ?)", format!("{day}~"));
    }
    if let Some(name) = &query.episode {
        let ids = index.episodes().iter().filter(|known| is_episode(known, name));
        let ids: Vec<String> = ids.map(|known| known.id.to_string()).collect();
        filter.push_str(&format!(" AND episode.id IN ({})", ids.join(",")));
    }
    let order = if is_common(index, clauses)? { "text.rowid DESC" } else { "text.rank" };
    let sql = format!(
        "SELECT text.rowid FROM text JOIN passage ON passage.id = text.rowid \
         JOIN episode ON episode.id = passage.episode \
         WHERE text MATCH ?1{filter} ORDER BY {order} LIMIT {COUNTED}"
    );
    let mut statement = index.connection.prepare(&sql)?;
    let rows = statement.query_map(params_from_iter(given.iter()), |row| row.get(0))?;
    rows.collect()
}

/// Whether an episode is named so: by its folder, its title or its number.
pub(crate) fn is_episode(known: &Known, name: &str) -> bool {
    let facts = &known.facts;
    let title = facts.title.to_lowercase();
    facts.name == name
        || facts.number.is_some_and(|number| number.to_string() == name)
        || !name.trim().is_empty() && title.contains(&name.to_lowercase())
}

/// Whether even the rarest word stands in very many paragraphs.
fn is_common(index: &SpokenIndex, clauses: &[Clause]) -> rusqlite::Result<bool> {
    let mut statement = index.connection.prepare("SELECT doc FROM text_term WHERE term = ?1")?;
    for word in clauses.iter().flat_map(|clause| &clause.words) {
        let word = query::folded(&word.key);
        let count: Option<i64> = statement.query_row([word], |row| row.get(0)).optional()?;
        if count.unwrap_or(0) < COMMON {
            return Ok(false);
        }
    }
    Ok(true)
}

fn hit(known: &Known, passage: &SpokenEpisode, clauses: &[Clause]) -> Option<Hit> {
    let mut marked = vec![false; passage.words.len()];
    let mut keys: Vec<(String, usize)> = Vec::new();
    for (word, spoken) in passage.words.iter().enumerate() {
        keys.extend(
            tokens(&spoken.text).into_iter().map(|token| (query::folded(&token.key), word)),
        );
    }
    for clause in clauses {
        for run in keys.windows(clause.words.len().max(1)) {
            if run.iter().zip(&clause.words).all(|((key, _), word)| word.finds(key)) {
                for (_, word) in run {
                    marked[*word] = true;
                }
            }
        }
    }
    let first = marked.iter().position(|marked| *marked).unwrap_or(0);
    // the words may stand far apart: the sentence of the first, and on to the last within reach
    let near =
        (first..marked.len().min(first + REACH)).rev().find(|at| marked[*at]).unwrap_or(first);
    let (from, _) = passage.sentence(first);
    let (_, to) = passage.sentence(near);
    let (mut text, mut marks) = (String::new(), Vec::new());
    for (at, word) in passage.words.iter().enumerate().take(to + 1).skip(from) {
        if !text.is_empty() && !word.glued {
            text.push(' ');
        }
        if marked[at] {
            marks.push((text.len(), text.len() + word.text.len()));
        }
        text.push_str(&word.text);
    }
    let span = passage.span(first, near)?;
    Some(Hit {
        facts: known.facts.clone(),
        speaker: passage.speaker(first).cloned(),
        span,
        text,
        marks,
        link: passage.link(span),
    })
}

/// Words further apart than this are not shown together.
const REACH: usize = 60;
