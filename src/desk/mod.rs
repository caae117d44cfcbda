//! The desk: an episode's page on which it is corrected.
//!
//! Comes in: an episode as its last run left it, and what a person does to it, one command at a time. Goes
//! out: corrections in `edits.toml`, each on the disk before it is answered, and what is new on the page.
//! The corrections are those of [`crate::edit`]; nothing is changed by any other way. `command.rs` says what
//! can be asked, `journal.rs` remembers it, `fold.rs` keeps the file short, `pieces.rs` finds what is new on
//! the page, `state.rs` what is to be known beside it, and `routes.rs` answers a browser.

mod command;
mod fold;
mod journal;
mod key;
mod pieces;
mod routes;
mod state;

use serde::Serialize;

use crate::draft::Drafts;
use crate::edit::edits::Edits;
use crate::edit::text::struck;
use crate::edit::{EditWarning, Edition, Paragraph};
use crate::library::LibraryError;
use crate::library::edits::{self, Entry, NEW_EDITS};
use crate::library::lock::EpisodeLock;
use crate::pipeline::{PipelineError, Workpiece};
use crate::time::{Ms, Span};
use journal::{Journal, Way};
use pieces::{News, Pieces};
use state::{Known, State};

pub use command::{Command, Source};
pub use key::Key;
pub use routes::{Published, routes};

/// The files of a desk in `work/`: what was done at it, and that it is open.
const JOURNAL: &str = "desk.jsonl";
const LOCK: &str = "desk.lock";

/// A desk with an episode on it.
pub struct Desk {
    workpiece: Workpiece,
    journal: Journal,
    /// `edits.toml` as it is on the disk, as far as is known here.
    text: Option<String>,
    edits: Edits,
    edition: Edition,
    warnings: Vec<String>,
    drafts: Drafts,
    pieces: Pieces,
    /// How many changes there were; each command says which it saw.
    revision: u64,
    _lock: EpisodeLock,
}

/// What a change brings for the page.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    revision: u64,
    /// What was done, where it was a person at a desk who did it.
    what: Option<String>,
    page: News,
    state: State,
}

/// Why a command is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The page that sends it is not what the text is now.
    Late,
    /// A sentence that says why, and what to do.
    Said(String),
}

impl From<String> for Refusal {
    fn from(said: String) -> Refusal {
        Refusal::Said(said)
    }
}

impl From<LibraryError> for Refusal {
    fn from(fault: LibraryError) -> Refusal {
        let hint = fault.hint().map_or_else(String::new, |hint| format!(": {hint}"));
        Refusal::Said(format!("{fault}{hint}"))
    }
}

impl Desk {
    /// Puts an episode on the desk.
    ///
    /// # Errors
    /// If another desk has it, or something of it cannot be read.
    pub fn open(workpiece: Workpiece) -> Result<Desk, PipelineError> {
        let folder = workpiece.folder();
        let lock = EpisodeLock::take_as(folder, LOCK)?;
        let path = folder.edits_toml();
        let journal = Journal::open(folder.work_file(JOURNAL), path.clone())?;
        let (text, edits) = (edits::text_of(&path)?, edits::read(&path)?);
        let (edition, warnings) = workpiece.edited(&edits);
        let drafts = workpiece.drafts(&edition);
        let pieces = Pieces::of(&workpiece.page(&edition, &drafts)?);
        let warnings = in_words(&warnings);
        Ok(Desk {
            workpiece,
            journal,
            text,
            edits,
            edition,
            warnings,
            drafts,
            pieces,
            revision: 0,
            _lock: lock,
        })
    }

    /// The page as it would be published.
    ///
    /// # Errors
    /// If a template of the show has a fault.
    pub(crate) fn page(&self) -> Result<String, PipelineError> {
        Ok(self.workpiece.page(&self.edition, &self.drafts)?)
    }

    /// The episode.
    pub(crate) fn workpiece(&self) -> &Workpiece {
        &self.workpiece
    }

    fn state(&self) -> State {
        let mut state = State::of(Known {
            edition: &self.edition,
            doubts: self.workpiece.doubts(),
            drafts: &self.drafts,
            people: self.workpiece.people(),
            warnings: &self.warnings,
            has_audio: self.workpiece.has_audio(),
            is_dismissed: &|kind| self.journal.is_dismissed(kind),
        });
        let next = |way| self.journal.step(way).map(|step| step.what.clone());
        state.revision = self.revision;
        (state.undo, state.redo) = (next(Way::Back), next(Way::Forth));
        state
    }

    /// Takes up what was changed in `edits.toml` by others, if anything was.
    ///
    /// # Errors
    /// If the file cannot be read as it is now; nothing is changed at the desk until it can.
    pub fn look(&mut self) -> Result<Option<Change>, Refusal> {
        if self.workpiece.is_old() {
            let said =
                "a run has made other words since: end the desk with Ctrl-C, and open it again";
            return Err(Refusal::Said(said.into()));
        }
        let path = self.workpiece.folder().edits_toml();
        let now = edits::text_of(&path)?;
        if now == self.text {
            return Ok(None);
        }
        let edits = edits::read(&path)?;
        Ok(Some(self.become_new(now, edits, None)?))
    }

    /// Carries a command out. It is on the disk when this returns.
    ///
    /// # Errors
    /// If it is about a text that is not this one any more, or cannot be carried out; nothing is changed then.
    pub fn carry_out(&mut self, command: &Command, revision: u64) -> Result<Change, Refusal> {
        if self.look()?.is_some() || revision != self.revision {
            return Err(Refusal::Late);
        }
        match command {
            Command::Undo => self.go(Way::Back),
            Command::Redo => self.go(Way::Forth),
            Command::Dismiss(kind, is_gone) => {
                self.journal.dismiss(kind, *is_gone)?;
                let (text, edits) = (self.text.clone(), self.edits.clone());
                self.become_new(text, edits, None)
            }
            command => {
                let text = self.written(command)?;
                let edits = edits::parse(&text)?;
                let what = command::told(command, &self.edition);
                if self.text.as_deref() == Some(&text) {
                    return Err(Refusal::Said("that changes nothing".into()));
                }
                self.journal.change(what.clone(), self.text.as_deref(), &text)?;
                self.become_new(Some(text), edits, Some(what))
            }
        }
    }

    fn go(&mut self, way: Way) -> Result<Change, Refusal> {
        let Some(what) = self.journal.go(way, self.text.as_deref())? else {
            let said =
                if way == Way::Back { "nothing to take back" } else { "nothing to do again" };
            return Err(Refusal::Said(said.into()));
        };
        let path = self.workpiece.folder().edits_toml();
        let (text, edits) = (edits::text_of(&path)?, edits::read(&path)?);
        let what = if way == Way::Back { format!("taken back: {what}") } else { what };
        self.become_new(text, edits, Some(what))
    }

    /// The text of `edits.toml` once a command is carried out.
    fn written(&self, command: &Command) -> Result<String, String> {
        let text = self.text.clone().unwrap_or_else(|| NEW_EDITS.to_owned());
        let span = self.span_of(command);
        let near = span.map_or_else(Vec::new, |span| fold::near(&self.edits, span));
        let (text, more) = match command {
            Command::Stroke(stroke) => {
                let made_on = |edits: &Edits| {
                    struck(&self.edition, stroke, |more| {
                        let mut all = edits.clone();
                        all.extend(more.clone());
                        self.workpiece.edited(&all).0
                    })
                };
                match made_on(&self.edits) {
                    Ok(more) => (text, more),
                    Err(said) => {
                        // what stands there from before may be in the way
                        let shorter = edits::without(&text, &near)?;
                        if shorter == text {
                            return Err(said);
                        }
                        let more = made_on(&edits::parse(&shorter)?).map_err(|_| said)?;
                        (shorter, more)
                    }
                }
            }
            Command::Check(_, false) => {
                let checked = span.map_or_else(Vec::new, |span| fold::checked(&self.edits, span));
                return self.unchecked(&text, &checked, span);
            }
            Command::Chapters(_) => {
                let shorter = edits::without(&text, &fold::chapters(&self.edits))?;
                if !edits::parse(&shorter)?.chapter.is_empty() {
                    return Err(
                        "`edits.toml` has chapters that you wrote there: change them there".into(),
                    );
                }
                (shorter, command::corrections(&self.edition, command)?)
            }
            command => (text, command::corrections(&self.edition, command)?),
        };
        if more == Edits::default() && text == self.text.as_deref().unwrap_or(NEW_EDITS) {
            return Err("that changes nothing".into());
        }
        let candidates = self.candidates(&text, &more, near)?;
        fold::folded(edits::with(&text, &more)?, &candidates, |edits| {
            let (edition, warnings) = self.workpiece.edited(edits);
            (edition, warnings.len())
        })
    }

    /// The corrections of the file that may not matter any more once further ones are in it; those among
    /// the further ones themselves come last.
    fn candidates(&self, text: &str, more: &Edits, near: Vec<Entry>) -> Result<Vec<Entry>, String> {
        let mut candidates =
            if text == self.text.as_deref().unwrap_or(NEW_EDITS) { near } else { Vec::new() };
        if !more.voice.is_empty() {
            candidates.extend(fold::names(&self.edits));
        }
        let there = edits::parse(text)?;
        let new =
            |table, there: usize, more: usize| (there..there + more).map(move |at| (table, at));
        candidates.extend(new("paragraph", there.paragraph.len(), more.paragraph.len()));
        candidates.extend(new("join", there.join.len(), more.join.len()));
        Ok(candidates)
    }

    /// The text without the statement that a paragraph was listened to.
    fn unchecked(&self, text: &str, all: &[Entry], span: Option<Span>) -> Result<String, String> {
        let is_checked = |edits: &Edits| {
            let (edition, _) = self.workpiece.edited(edits);
            let mut own = edition.paragraphs().filter(|one| Some(one.span) == span);
            own.any(|one| one.status == crate::edit::Status::Checked)
        };
        for entry in all {
            let shorter = edits::without(text, &[*entry])?;
            if shorter != text && !is_checked(&edits::parse(&shorter)?) {
                return Ok(shorter);
            }
        }
        Err("that it is checked stands in `edits.toml` as you wrote it: take it out there".into())
    }

    /// When what a command is about is said.
    fn span_of(&self, command: &Command) -> Option<Span> {
        let (from, to) = command::about(command)?;
        let printed = || self.edition.paragraphs().filter(|one| one.is_printed());
        let (first, last): (&Paragraph, &Paragraph) = (printed().nth(from)?, printed().nth(to)?);
        if from == to {
            return Some(first.span);
        }
        Some(Span::at_least_1ms(
            first.span.start(),
            last.span.end().max(first.span.start() + Ms::new(1)),
        ))
    }

    /// Makes the page of what `edits.toml` is now.
    fn become_new(
        &mut self,
        text: Option<String>,
        edits: Edits,
        what: Option<String>,
    ) -> Result<Change, Refusal> {
        let (edition, warnings) = self.workpiece.edited(&edits);
        let page =
            self.workpiece.page(&edition, &self.drafts).map_err(|fault| fault.to_string())?;
        let pieces = Pieces::of(&page);
        let news = self.pieces.until(&pieces);
        (self.text, self.edits, self.edition, self.pieces) = (text, edits, edition, pieces);
        self.warnings = in_words(&warnings);
        self.revision += 1;
        Ok(Change { revision: self.revision, what, page: news, state: self.state() })
    }
}

fn in_words(warnings: &[EditWarning]) -> Vec<String> {
    warnings.iter().map(ToString::to_string).collect()
}
