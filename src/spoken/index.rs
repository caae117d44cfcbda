//! The index of what was said in a show: one `SQLite` file, made of the episodes' editions.
//!
//! It is derived. Each episode is kept with a mark of the files that it was made of, and is read
//! again when one of them has changed. A file that is damaged, or of another version, is made anew.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rayon::prelude::*;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::disk;
use crate::edit::edits::Edits;
use crate::library::LibraryError;
use crate::library::folder::{EpisodeFolder, episodes_of};
use crate::library::mark::Stamp;
use crate::library::show::Show;
use crate::library::written::read_toml;
use crate::pipeline::{changed_since_edition, edition_file, edition_of};
use crate::spoken::store::{Head, pack, scan_bytes, unpack};
use crate::spoken::{Facts, Speaker, SpokenEpisode, gather, tokens};
use crate::time::Span;

/// Raised whenever an episode would be kept otherwise.
const VERSION: u32 = 2;
const FILE: &str = "spoken.sqlite";
/// So many editions are in memory at once.
const AT_ONCE: usize = 16;
/// So many words of a query are looked for where any of them counts.
const TELLING: usize = 12;
/// So much of the file is read as memory, without a call for each of its pages.
const MAPPED_BYTES: i64 = 4 << 30;
/// How long another run's writing is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

const SCHEMA: &str = "
CREATE TABLE episode(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, mark TEXT NOT NULL,
  day TEXT NOT NULL, head TEXT NOT NULL);
CREATE TABLE scan(episode INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
CREATE TABLE passage(id INTEGER PRIMARY KEY, episode INTEGER NOT NULL, number INTEGER NOT NULL,
  speaker TEXT NOT NULL, words BLOB NOT NULL);
CREATE INDEX passage_of ON passage(episode, number);
CREATE TABLE term(text TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE VIRTUAL TABLE text USING fts5(words, content='', contentless_delete=1,
  tokenize=\"unicode61 remove_diacritics 2\");
CREATE VIRTUAL TABLE text_term USING fts5vocab(text, row);
";

/// Why what was said cannot be looked up.
#[derive(Debug, thiserror::Error)]
pub enum SpokenError {
    /// A folder or a file of the show cannot be used.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The index cannot be used, and cannot be made anew.
    #[error("the index `{}` cannot be used: {cause}", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// What the database said.
        cause: rusqlite::Error,
    },
}

impl SpokenError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            SpokenError::Library(error) => error.hint(),
            SpokenError::Index { .. } => {
                Some("it is derived: delete the file, and the next search makes it anew".to_owned())
            }
        }
    }
}

/// What was left out of the index, or may be out of date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpokenWarning {
    /// Episodes have nothing to look in.
    #[error("{} not run yet, and cannot be looked in: {}", if .0.len() == 1 { "1 episode has" } else { "some episodes have" }, .0.join(", "))]
    NotRun(Vec<String>),
    /// An episode cannot be read.
    #[error("`{name}` cannot be looked in: {problem}")]
    Unreadable {
        /// The episode.
        name: String,
        /// Why.
        problem: String,
    },
    /// A person's file changed since the episode's last run.
    #[error("`{}` has changed since the last run; `linernotes run {}` brings that in", changed.display(), episode.display())]
    Older {
        /// The file.
        changed: PathBuf,
        /// The episode's folder.
        episode: PathBuf,
    },
    /// The index cannot be kept beside the show.
    #[error("the index cannot be kept in `{}` ({problem}), so it is made for this once", path.display())]
    NotKept {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
}

/// A show, or an episode without one, whose episodes are looked in.
#[derive(Debug, Clone)]
pub struct Place {
    root: PathBuf,
    folders: Vec<EpisodeFolder>,
}

impl Place {
    /// The show in that folder or the nearest one above it; an episode's folder without a show
    /// stands for itself.
    pub fn of(path: &Path) -> Result<Place, LibraryError> {
        let absolute = std::path::absolute(path).map_err(LibraryError::io("find", path))?;
        if !absolute.is_dir() {
            std::fs::metadata(&absolute).map_err(LibraryError::io("read", path))?;
        }
        let above = absolute.ancestors().take(5);
        let show = above.into_iter().find(|folder| disk::is_there(&folder.join("show.toml")));
        let own = EpisodeFolder::open(show.unwrap_or(&absolute));
        let mut folders = match show {
            Some(root) => episodes_of(root)?,
            None if own.is_ok() => Vec::new(),
            None => return Err(LibraryError::NotAShow { path: path.to_path_buf() }),
        };
        folders.extend(own);
        Ok(Place { root: show.unwrap_or(&absolute).to_path_buf(), folders })
    }

    /// The folder of the show, or of the episode that has none.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The episode of that folder name.
    pub fn folder(&self, name: &str) -> Option<&EpisodeFolder> {
        self.folders.iter().find(|folder| folder.name() == name)
    }

    /// Says so where a person's file has changed since an episode's last run.
    pub fn older(&self, name: &str) -> Option<SpokenWarning> {
        let folder = self.folder(name)?;
        let changed = changed_since_edition(folder, &folder.read_episode().ok()?)?;
        Some(SpokenWarning::Older { changed, episode: folder.root().to_path_buf() })
    }

    /// The file of the index.
    pub fn index_file(&self) -> PathBuf {
        self.root.join("work").join(FILE)
    }
}

/// An episode in the index.
#[derive(Debug, Clone)]
pub struct Known {
    pub(crate) id: i64,
    /// What it is called.
    pub facts: Facts,
    /// Who speaks.
    pub speakers: Vec<Speaker>,
    /// The titles of its chapters.
    pub chapters: Vec<String>,
    cuts: Vec<Span>,
}

/// The index, as fresh as the episodes.
#[derive(Debug)]
pub struct SpokenIndex {
    pub(crate) connection: Connection,
    file: PathBuf,
    episodes: Vec<Known>,
}

impl SpokenIndex {
    /// Opens the index of a show, after reading what changed since.
    pub fn open(place: &Place) -> Result<(SpokenIndex, Vec<SpokenWarning>), SpokenError> {
        let file = place.index_file();
        let mut warnings = Vec::new();
        let first = connect(&file).and_then(|made| refreshed(made, place, &mut warnings));
        let connection = first.or_else(|_| {
            warnings.clear();
            // what cannot be read is of no use to anybody
            let _ = std::fs::remove_file(&file);
            connect(&file).and_then(|made| refreshed(made, place, &mut warnings))
        });
        let connection = connection.or_else(|problem| {
            warnings.clear();
            let problem = problem.to_string();
            warnings.push(SpokenWarning::NotKept { path: file.clone(), problem });
            Connection::open_in_memory().and_then(|made| prepared(made, place, &mut warnings))
        });
        let index = connection.and_then(|connection| {
            let episodes = known(&connection)?;
            Ok(SpokenIndex { connection, file: file.clone(), episodes })
        });
        let index = index.map_err(|cause| SpokenError::Index { path: file, cause })?;
        Ok((index, warnings))
    }

    /// The episodes, sorted by day.
    pub fn episodes(&self) -> &[Known] {
        &self.episodes
    }

    /// What was said in an episode.
    pub fn episode(&self, known: &Known) -> Result<SpokenEpisode, SpokenError> {
        let mut episode = without_words(known);
        let sql = "SELECT words FROM passage WHERE episode = ?1 ORDER BY number";
        self.fill(sql, known.id, &mut episode)?;
        Ok(episode)
    }

    /// A paragraph, as an episode that has no other.
    pub(crate) fn passage(&self, id: i64) -> Result<(&Known, SpokenEpisode), SpokenError> {
        let sql = "SELECT episode FROM passage WHERE id = ?1";
        let episode: i64 = self
            .connection
            .query_row(sql, [id], |row| row.get(0))
            .map_err(|cause| self.fault(cause))?;
        let known = self.episodes.iter().find(|known| known.id == episode);
        let known = known.ok_or_else(|| self.fault(rusqlite::Error::QueryReturnedNoRows))?;
        let mut passage = without_words(known);
        self.fill("SELECT words FROM passage WHERE id = ?1", id, &mut passage)?;
        Ok((known, passage))
    }

    /// The paragraphs that hold most of these words, the best first: the episode's place and the
    /// paragraph's number.
    pub(crate) fn paragraphs_with_any<'k>(
        &self,
        keys: impl Iterator<Item = &'k String>,
        most: usize,
    ) -> Result<Vec<(usize, usize)>, SpokenError> {
        let read = || -> rusqlite::Result<Vec<(i64, i64)>> {
            let mut count = self.connection.prepare("SELECT doc FROM text_term WHERE term = ?1")?;
            let mut counted: Vec<(i64, String)> = Vec::new();
            for key in keys {
                let doc: Option<i64> = count.query_row([key], |row| row.get(0)).optional()?;
                counted.extend(doc.map(|doc| (doc, format!("\"{}\"", key.replace('"', "\"\"")))));
            }
            // the rare words tell, the common ones cost
            counted.sort();
            let any: Vec<String> = counted.into_iter().take(TELLING).map(|(_, key)| key).collect();
            if any.is_empty() {
                return Ok(Vec::new());
            }
            let mut query = self.connection.prepare(
                "SELECT passage.episode, passage.number FROM text \
                 JOIN passage ON passage.id = text.rowid \
                 WHERE text MATCH ?1 ORDER BY text.rank LIMIT ?2",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = query
                .query_map(params![any.join(" OR "), most], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        let place = |id: i64| self.episodes.iter().position(|known| known.id == id);
        let rows = read().map_err(|cause| self.fault(cause))?;
        let place = |(id, number): (i64, i64)| Some((place(id)?, usize::try_from(number).ok()?));
        Ok(rows.into_iter().filter_map(place).collect())
    }

    /// Adds the paragraphs that a query gives.
    fn fill(&self, sql: &str, id: i64, to: &mut SpokenEpisode) -> Result<(), SpokenError> {
        let mut fill = || -> rusqlite::Result<()> {
            let mut query = self.connection.prepare(sql)?;
            let mut rows = query.query([id])?;
            while let Some(row) = rows.next()? {
                let packed = row.get_ref(0)?.as_blob()?;
                unpack(packed, to)
                    .map_err(|fault| rusqlite::Error::ToSqlConversionFailure(Box::new(fault)))?;
            }
            Ok(())
        };
        fill().map_err(|cause| self.fault(cause))
    }

    /// Lends each episode's hashed tokens, fillers left out.
    pub(crate) fn scan(&self, mut each: impl FnMut(usize, &[u32])) -> Result<(), SpokenError> {
        let places: BTreeMap<i64, usize> =
            self.episodes.iter().enumerate().map(|(place, known)| (known.id, place)).collect();
        let mut scan = || -> rusqlite::Result<()> {
            let mut query = self.connection.prepare("SELECT episode, hashes FROM scan")?;
            let mut rows = query.query([])?;
            let mut hashes = Vec::new();
            while let Some(row) = rows.next()? {
                let bytes = row.get_ref(1)?.as_blob()?;
                hashes.clear();
                hashes
                    .extend(bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)));
                if let Some(place) = places.get(&row.get(0)?) {
                    each(*place, &hashes);
                }
            }
            Ok(())
        };
        scan().map_err(|cause| self.fault(cause))
    }

    pub(crate) fn fault(&self, cause: rusqlite::Error) -> SpokenError {
        SpokenError::Index { path: self.file.clone(), cause }
    }
}

fn without_words(known: &Known) -> SpokenEpisode {
    SpokenEpisode {
        facts: known.facts.clone(),
        speakers: known.speakers.clone(),
        chapters: known.chapters.clone(),
        cuts: known.cuts.clone(),
        ..SpokenEpisode::default()
    }
}

/// The database in that file, made where it is missing.
fn connect(file: &Path) -> rusqlite::Result<Connection> {
    if let Some(folder) = file.parent() {
        disk::create_dir_all(folder)
            .map_err(|fault| rusqlite::Error::ToSqlConversionFailure(Box::new(fault)))?;
    }
    let connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    // what a lost power supply damages is made anew
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
    Ok(connection)
}

fn refreshed(
    mut connection: Connection,
    place: &Place,
    warnings: &mut Vec<SpokenWarning>,
) -> rusqlite::Result<Connection> {
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        return prepared(connection, place, warnings);
    }
    if version != VERSION {
        return Err(rusqlite::Error::InvalidQuery);
    }
    refresh(&mut connection, place, warnings)?;
    Ok(connection)
}

fn prepared(
    mut connection: Connection,
    place: &Place,
    warnings: &mut Vec<SpokenWarning>,
) -> rusqlite::Result<Connection> {
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: u32 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        // another run may have been quicker
        change.execute_batch(SCHEMA)?;
        change.pragma_update(None, "user_version", VERSION)?;
    }
    change.commit()?;
    refresh(&mut connection, place, warnings)?;
    Ok(connection)
}

/// Brings the index up to date.
fn refresh(
    connection: &mut Connection,
    place: &Place,
    warnings: &mut Vec<SpokenWarning>,
) -> rusqlite::Result<()> {
    let mut older: BTreeMap<String, (i64, String)> = BTreeMap::new();
    let mut query = connection.prepare("SELECT name, id, mark FROM episode")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        older.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
    }
    drop(rows);
    drop(query);
    let (mut not_run, mut changed, mut is_there) = (Vec::new(), Vec::new(), BTreeSet::new());
    let show = Stamp::of(&place.root.join("show.toml"));
    let marks: Vec<(String, Option<String>)> =
        place.folders.par_iter().map(|folder| (folder.name(), mark(folder, show))).collect();
    for (folder, (name, mark)) in place.folders.iter().zip(marks) {
        let Some(mark) = mark else {
            not_run.push(name);
            continue;
        };
        if older.get(&name).is_none_or(|(_, kept)| *kept != mark) {
            changed.push((folder, mark));
        }
        is_there.insert(name);
    }
    if !not_run.is_empty() {
        warnings.push(SpokenWarning::NotRun(not_run));
    }
    let gone: Vec<i64> = older
        .iter()
        .filter(|(name, _)| !is_there.contains(*name))
        .map(|(_, kept)| kept.0)
        .collect();
    if changed.is_empty() && gone.is_empty() {
        return Ok(());
    }
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for id in gone {
        delete(&change, id)?;
    }
    for some in changed.chunks(AT_ONCE) {
        let read: Vec<_> = some.par_iter().map(|(folder, _)| read(folder)).collect();
        for ((folder, mark), read) in some.iter().zip(read) {
            let name = folder.name();
            let kept: Option<i64> = change
                .query_row("SELECT id FROM episode WHERE name = ?1", [&name], |row| row.get(0))
                .optional()?;
            if let Some(id) = kept {
                delete(&change, id)?;
            }
            match read {
                Ok(spoken) => add(&change, &name, mark, &spoken)?,
                Err(fault) => {
                    let problem = fault.to_string();
                    warnings.push(SpokenWarning::Unreadable { name, problem });
                }
            }
        }
    }
    change.commit()
}

/// What tells an episode's state from another one; `None` where it has no edition.
fn mark(folder: &EpisodeFolder, show: Option<Stamp>) -> Option<String> {
    let edition = Stamp::of(&edition_file(folder))?;
    let own = [folder.episode_toml(), folder.edits_toml()].map(|path| Stamp::of(&path));
    let mut hasher = DefaultHasher::new();
    for stamp in [Some(edition)].into_iter().chain(own).chain([show]) {
        stamp.hash(&mut hasher);
    }
    Some(format!("{:016x}", hasher.finish()))
}

fn read(folder: &EpisodeFolder) -> Result<SpokenEpisode, LibraryError> {
    let (show, episode): (Show, _) = (folder.read_show()?, folder.read_episode()?);
    let edits = folder.edits_toml();
    let edits = if disk::is_there(&edits) { read_toml(&edits)? } else { Edits::default() };
    let edition = edition_of(folder)?;
    Ok(gather(&folder.name(), &edition, &edits, &show, &episode))
}

fn delete(change: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    change.execute(
        "DELETE FROM text WHERE rowid IN (SELECT id FROM passage WHERE episode = ?1)",
        [id],
    )?;
    change.execute("DELETE FROM passage WHERE episode = ?1", [id])?;
    change.execute("DELETE FROM scan WHERE episode = ?1", [id])?;
    change.execute("DELETE FROM episode WHERE id = ?1", [id])?;
    Ok(())
}

fn add(
    change: &Transaction<'_>,
    name: &str,
    mark: &str,
    spoken: &SpokenEpisode,
) -> rusqlite::Result<()> {
    let fault = |fault: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::ToSqlConversionFailure(fault)
    };
    let head = serde_json::to_string(&Head::of(spoken)).map_err(|cause| fault(cause.into()))?;
    change.execute(
        "INSERT INTO episode(name, mark, day, head) VALUES(?1, ?2, ?3, ?4)",
        params![name, mark, spoken.facts.date, head],
    )?;
    let episode = change.last_insert_rowid();
    // in a table of its own: those above are read for every search
    change.execute(
        "INSERT INTO scan(episode, hashes) VALUES(?1, ?2)",
        params![episode, scan_bytes(spoken)],
    )?;
    let mut passage = change
        .prepare("INSERT INTO passage(episode, number, speaker, words) VALUES(?1, ?2, ?3, ?4)")?;
    let mut text = change.prepare("INSERT INTO text(rowid, words) VALUES(?1, ?2)")?;
    let mut terms = BTreeSet::new();
    for (number, words) in spoken.words.chunk_by(|a, b| a.paragraph == b.paragraph).enumerate() {
        let Some(paragraph) = spoken.paragraphs.get(number) else { continue };
        let packed = pack(paragraph, words).map_err(|cause| fault(cause.into()))?;
        let speaker = paragraph.speaker.and_then(|place| spoken.speakers.get(place));
        let speaker = speaker.map_or_else(String::new, |speaker| {
            format!(" {} {} ", speaker.full_name, speaker.name).to_lowercase()
        });
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        passage.execute(params![episode, number, speaker, packed])?;
        let keys = words.iter().flat_map(|word| tokens(&word.text)).map(|token| token.key);
        let line: Vec<String> = keys.collect();
        text.execute(params![change.last_insert_rowid(), line.join(" ")])?;
        terms.extend(line);
    }
    let mut term = change.prepare("INSERT OR IGNORE INTO term(text) VALUES(?1)")?;
    for text in terms {
        term.execute([text])?;
    }
    Ok(())
}

fn known(connection: &Connection) -> rusqlite::Result<Vec<Known>> {
    let mut query = connection.prepare("SELECT id, head FROM episode ORDER BY day, name")?;
    let rows = query.query_map([], |row| {
        let (id, head): (i64, String) = (row.get(0)?, row.get(1)?);
        let head: Head = serde_json::from_str(&head).map_err(|fault| {
            rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, fault.into())
        })?;
        Ok(Known {
            id,
            facts: head.facts,
            speakers: head.speakers,
            chapters: head.chapters,
            cuts: head.cuts,
        })
    })?;
    rows.collect()
}
