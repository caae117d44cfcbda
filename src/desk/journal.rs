//! The memory of a desk: every change of `edits.toml` that was made at it, so that each can be taken back
//! and made again, also after the desk was closed.
//!
//! It is a file of lines in `work/`, each written before the change that it tells of. A change knows the
//! bytes that it exchanged and how the file was before and after, so taking it back gives the very bytes;
//! a file that a person changed meanwhile is another one, and is left as it is.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::disk;
use crate::library::LibraryError;
use crate::library::artifact::read_bounded;
use crate::library::edits;

/// The newest form of the file that is known here.
const SCHEMA: u32 = 1;

/// One change of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    schema: u32,
    /// What was done, for a person to read.
    pub(super) what: String,
    /// Where the bytes differ, and what stood and stands there.
    at: usize,
    old: String,
    new: String,
    /// How the file was, and is.
    before: State,
    after: State,
}

/// How a file is: a hash of its text; nothing where there is no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State(Option<String>);

impl State {
    pub(super) fn of(text: Option<&str>) -> State {
        State(text.map(|text| blake3::hash(text.as_bytes()).to_hex().to_string()))
    }
}

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Step(Step),
    Undo,
    Redo,
    /// Drafts of that kind are not wanted, or are again.
    Dismiss(String, bool),
}

/// Which way to go in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Back,
    Forth,
}

/// The changes that were made at the desk, and how many of them stand.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    edits: PathBuf,
    steps: Vec<Step>,
    made: usize,
    dismissed: Vec<String>,
}

impl Journal {
    /// Reads the journal of a file. What of it cannot be read is passed over: it can only make the way
    /// back shorter.
    pub(super) fn open(path: PathBuf, edits: PathBuf) -> Result<Journal, LibraryError> {
        let now = State::of(edits::text_of(&edits)?.as_deref());
        let mut journal =
            Journal { path, edits, steps: Vec::new(), made: 0, dismissed: Vec::new() };
        if !disk::is_there(&journal.path) {
            return Ok(journal);
        }
        let bytes = read_bounded(&journal.path)?;
        let mut last = None;
        for line in String::from_utf8_lossy(&bytes).lines() {
            let Ok(line) = serde_json::from_str::<Line>(line) else { continue };
            journal.follow(&line);
            last = Some(line);
        }
        // the last line may tell of a change that was not made any more
        match last {
            Some(Line::Step(step)) if now == step.before && now != step.after => {
                journal.steps.pop();
                journal.made = journal.steps.len();
            }
            Some(Line::Undo) => {
                let is_after = |step: &Step| step.after == now && step.before != now;
                journal.made += usize::from(journal.step(Way::Forth).is_some_and(is_after));
            }
            Some(Line::Redo) => {
                let is_before = |step: &Step| step.before == now && step.after != now;
                journal.made -= usize::from(journal.step(Way::Back).is_some_and(is_before));
            }
            _ => {}
        }
        Ok(journal)
    }

    fn follow(&mut self, line: &Line) {
        match line {
            Line::Step(step) if step.schema <= SCHEMA => {
                self.steps.truncate(self.made);
                self.steps.push(step.clone());
                self.made = self.steps.len();
            }
            Line::Step(_) => {}
            Line::Undo => self.made = self.made.saturating_sub(1),
            Line::Redo => self.made = (self.made + 1).min(self.steps.len()),
            Line::Dismiss(kind, is_gone) => {
                self.dismissed.retain(|known| known != kind);
                self.dismissed.extend(is_gone.then(|| kind.clone()));
            }
        }
    }

    /// The next step on the way.
    pub(super) fn step(&self, way: Way) -> Option<&Step> {
        match way {
            Way::Back => self.made.checked_sub(1).and_then(|last| self.steps.get(last)),
            Way::Forth => self.steps.get(self.made),
        }
    }

    /// Whether drafts of that kind are not wanted.
    pub(super) fn is_dismissed(&self, kind: &str) -> bool {
        self.dismissed.iter().any(|known| known == kind)
    }

    pub(super) fn dismiss(&mut self, kind: &str, is_gone: bool) -> Result<(), LibraryError> {
        self.note(&Line::Dismiss(kind.to_owned(), is_gone))
    }

    /// Makes a change of the file: first it is noted, then it is made.
    pub(super) fn change(
        &mut self,
        what: String,
        before: Option<&str>,
        after: &str,
    ) -> Result<(), LibraryError> {
        let old = before.unwrap_or_default();
        let (from, end) = difference(old, after);
        let step = Step {
            schema: SCHEMA,
            what,
            at: from,
            old: old[from..old.len() - end].to_owned(),
            new: after[from..after.len() - end].to_owned(),
            before: State::of(before),
            after: State::of(Some(after)),
        };
        self.note(&Line::Step(step))?;
        edits::write(&self.edits, after)
    }

    /// Takes the last change back, or makes it again. Returns what it was; nothing where there is none.
    ///
    /// # Errors
    /// A sentence, where a person changed the file since.
    pub(super) fn go(&mut self, way: Way, now: Option<&str>) -> Result<Option<String>, String> {
        let Some(step) = self.step(way) else { return Ok(None) };
        let (from, stands, becomes, to) = match way {
            Way::Back => (&step.after, &step.new, &step.old, &step.before),
            Way::Forth => (&step.before, &step.old, &step.new, &step.after),
        };
        if State::of(now) != *from {
            return Err(
                "`edits.toml` was changed elsewhere since then, and is left as it is: what was \
                        done before can only be taken back there"
                    .into(),
            );
        }
        let text = now.unwrap_or_default();
        let rest = text.get(step.at..).and_then(|rest| rest.strip_prefix(stands.as_str()));
        let after = rest.map(|rest| format!("{}{becomes}{rest}", &text[..step.at]));
        let after = match after {
            _ if to.0.is_none() => None,
            Some(after) if State::of(Some(&after)) == *to => Some(after),
            _ => return Err("the way back is damaged: nothing was changed".into()),
        };
        let what = step.what.clone();
        let line = if way == Way::Back { Line::Undo } else { Line::Redo };
        self.note(&line).map_err(|fault| fault.to_string())?;
        let written = match after {
            Some(after) => edits::write(&self.edits, &after),
            None => disk::remove_file(&self.edits).map_err(LibraryError::io("delete", &self.edits)),
        };
        written.map_err(|fault| fault.to_string())?;
        Ok(Some(what))
    }

    fn note(&mut self, line: &Line) -> Result<(), LibraryError> {
        let failed = || LibraryError::io("write", &self.path);
        let text = serde_json::to_string(line).map_err(|fault| LibraryError::Record {
            path: self.path.clone(),
            message: fault.to_string(),
        })?;
        let file = disk::open_to_add(&self.path).map_err(failed())?;
        // behind a line that was not finished a new one begins
        disk::add(&file, &self.path, format!("\n{text}\n").as_bytes()).map_err(failed())?;
        disk::sync(&file).map_err(failed())?;
        self.follow(line);
        Ok(())
    }
}

/// How many bytes two texts have in common before and behind what differs.
fn difference(a: &str, b: &str) -> (usize, usize) {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let from = (0..=same).rev().find(|at| a.is_char_boundary(*at) && b.is_char_boundary(*at));
    let from = from.unwrap_or_default();
    let most = a.len().min(b.len()) - from;
    let tail = a.bytes().rev().zip(b.bytes().rev()).take(most).take_while(|(a, b)| a == b).count();
    let is_edge =
        |end: &usize| a.is_char_boundary(a.len() - end) && b.is_char_boundary(b.len() - end);
    (from, (0..=tail).rev().find(is_edge).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn journal(folder: &std::path::Path) -> Journal {
        Journal::open(folder.join("desk.jsonl"), folder.join("edits.toml")).unwrap()
    }

    fn now(folder: &std::path::Path) -> Option<String> {
        edits::text_of(&folder.join("edits.toml")).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn undo_restores_bytes(texts in prop::collection::vec("[aäb\n#]{0,12}", 1..8), back in 0usize..9) {
            let folder = tempfile::tempdir().unwrap();
            let at = folder.path();
            let mut states = vec![None];
            for text in &texts {
                let before = now(at);
                journal(at).change("x".into(), before.as_deref(), text).unwrap();
                states.push(Some(text.clone()));
            }
            let mut place = texts.len();
            for step in 0..back {
                let way = if step % 3 == 2 { Way::Forth } else { Way::Back };
                // the desk is closed and opened again in between
                let mut journal = journal(at);
                let is_there = journal.step(way).is_some();
                let went = journal.go(way, now(at).as_deref()).unwrap().is_some();
                prop_assert_eq!(went, is_there);
                if went {
                    place = if way == Way::Back { place - 1 } else { place + 1 };
                }
                prop_assert_eq!(&now(at), &states[place]);
            }
        }
    }

    #[test]
    fn what_a_person_changed_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (at, file) = (folder.path(), folder.path().join("edits.toml"));
        let mut journal = journal(at);
        journal.change("a".into(), None, "one\n").unwrap();
        fs::write(&file, "one\nmine\n").unwrap();
        assert!(
            journal.go(Way::Back, now(at).as_deref()).unwrap_err().contains("changed elsewhere")
        );
        assert_eq!(now(at).as_deref(), Some("one\nmine\n"));
        journal.change("b".into(), Some("one\nmine\n"), "two\nmine\n").unwrap();
        assert_eq!(journal.go(Way::Back, now(at).as_deref()).unwrap().as_deref(), Some("b"));
        assert_eq!(now(at).as_deref(), Some("one\nmine\n"));
        assert!(journal.go(Way::Back, now(at).as_deref()).is_err());
    }

    #[test]
    fn a_change_that_was_noted_and_not_made_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (at, file) = (folder.path(), folder.path().join("edits.toml"));
        let path = at.join("desk.jsonl");
        journal(at).change("a".into(), None, "one\n").unwrap();
        journal(at).change("b".into(), Some("one\n"), "two\n").unwrap();
        // killed between the line and the file
        fs::write(&file, "one\n").unwrap();
        let mut again = journal(at);
        assert_eq!(again.step(Way::Back).map(|step| step.what.as_str()), Some("a"));
        again.change("c".into(), Some("one\n"), "three\n").unwrap();
        // and in the middle of a line
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{whole}\n{{\"step\":{{\"wha")).unwrap();
        let mut again = journal(at);
        assert_eq!(again.go(Way::Back, now(at).as_deref()).unwrap().as_deref(), Some("c"));
        assert_eq!(now(at).as_deref(), Some("one\n"));
        assert_eq!(again.go(Way::Forth, now(at).as_deref()).unwrap().as_deref(), Some("c"));
        fs::write(&file, "one\n").unwrap();
        let again = journal(at);
        assert_eq!(again.step(Way::Forth).map(|step| step.what.as_str()), Some("c"));
    }
}
