//! Downloads of sound: a broken line is taken up again where it broke, if it is still the same file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ureq::http::{HeaderMap, StatusCode, header};

use super::web::{Heard, network, text_of};
use super::{Address, CatalogueError, Web};
use crate::library::LibraryError;
use crate::models::{FetchEvent, FetchProgress};

/// The largest file of sound: twelve hours of two channels on a CD have 7.6 GB.
const MOST_BYTES: u64 = 8 << 30;
/// How often a broken line is taken up again in one go.
const ATTEMPTS: usize = 3;
const BUFFER_BYTES: usize = 256 * 1024;

/// A download that is not whole yet, beside its place.
pub(super) struct Part {
    /// The bytes so far.
    pub(super) path: PathBuf,
    /// What they are the beginning of.
    note: PathBuf,
}

/// What a part is the beginning of. Servers put other advertisements into a file from day to day, so
/// that one may only be gone on with where the server vouches that it is the same.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    /// A hash of the address, which may hold a listener's own key.
    address: String,
    /// The server's mark of that very file.
    mark: String,
}

impl Part {
    pub(super) fn new(path: PathBuf) -> Part {
        let mut note = path.clone().into_os_string();
        note.push(".from");
        Part { path, note: note.into() }
    }

    /// Downloads the file, and takes a broken line up again.
    pub(super) fn fetch(
        &self,
        web: &Web,
        address: &Address,
        progress: &dyn FetchProgress,
    ) -> Result<(), CatalogueError> {
        let mut attempt = 1;
        loop {
            match self.attempt(web, address, progress) {
                Err(CatalogueError::Network { .. })
                    if attempt < ATTEMPTS && self.begun(address).is_some() =>
                {
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    /// How many bytes there are, and the mark of the file that they are of.
    fn begun(&self, address: &Address) -> Option<(u64, String)> {
        let note: Note = serde_json::from_slice(&fs::read(&self.note).ok()?).ok()?;
        let have = fs::metadata(&self.path).ok()?.len();
        (have > 0 && note.address == hash(address)).then_some((have, note.mark))
    }

    fn attempt(
        &self,
        web: &Web,
        address: &Address,
        progress: &dyn FetchProgress,
    ) -> Result<(), CatalogueError> {
        let begun = self.begun(address);
        let headers = begun.iter().flat_map(|(have, mark)| {
            [(header::RANGE, format!("bytes={have}-")), (header::IF_RANGE, mark.clone())]
        });
        let heard = match web.ask(address, &headers.collect::<Vec<_>>()) {
            // what is there is not the beginning of it any more
            Err(CatalogueError::Status { status: 416, .. }) if begun.is_some() => {
                self.forget()?;
                return self.attempt(web, address, progress);
            }
            heard => heard?,
        };
        if heard.kind() == "text/html" {
            return Err(CatalogueError::Page {
                address: heard.address.shown(),
                wanted: "an audio file",
            });
        }
        let have = begun.map_or(0, |(have, _)| if continues(&heard, have) { have } else { 0 });
        let headers = heard.response.headers();
        let rest: Option<u64> =
            text_of(headers, &header::CONTENT_LENGTH).and_then(|n| n.parse().ok());
        let total = rest.map(|rest| rest.saturating_add(have));
        let too_large =
            || CatalogueError::TooLarge { address: address.shown(), most_mib: MOST_BYTES >> 20 };
        if total.is_some_and(|total| total > MOST_BYTES) {
            return Err(too_large());
        }
        progress.event(FetchEvent::Step { label: "downloading", total: total.unwrap_or(0) });
        let mut file = self.open(have)?;
        if have == 0 {
            self.remember(address, headers)?;
        }
        let body = heard.response.into_body().into_reader();
        let done = self.copy(body, &mut file, have, address, progress)?;
        if done > MOST_BYTES {
            return Err(too_large());
        }
        match total {
            Some(total) if done < total => {
                let cause = format!("the line broke after {done} of {total} bytes");
                Err(network(address, &cause))
            }
            _ => Ok(()),
        }
    }

    fn copy(
        &self,
        body: impl Read,
        file: &mut File,
        have: u64,
        address: &Address,
        progress: &dyn FetchProgress,
    ) -> Result<u64, CatalogueError> {
        let mut body = body.take(MOST_BYTES + 1 - have);
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut done = have;
        loop {
            if progress.cancelled() {
                return Err(CatalogueError::Interrupted);
            }
            let count = match body.read(&mut buffer) {
                Ok(0) => return Ok(done),
                Ok(count) => count,
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => continue,
                Err(fault) => return Err(network(address, &fault)),
            };
            let bytes = buffer.get(..count).unwrap_or_default();
            file.write_all(bytes).map_err(LibraryError::io("write", &self.path))?;
            done += count as u64;
            progress.event(FetchEvent::Advance { done });
        }
    }

    fn open(&self, have: u64) -> Result<File, CatalogueError> {
        let opened =
            OpenOptions::new().create(true).write(true).truncate(have == 0).open(&self.path);
        let mut file = opened.map_err(LibraryError::io("write", &self.path))?;
        file.seek(SeekFrom::Start(have)).map_err(LibraryError::io("write", &self.path))?;
        Ok(file)
    }

    /// Notes which file it is, where the server has a mark for it.
    fn remember(&self, address: &Address, headers: &HeaderMap) -> Result<(), CatalogueError> {
        let strong = text_of(headers, &header::ETAG).filter(|mark| !mark.starts_with("W/"));
        let Some(mark) = strong.or_else(|| text_of(headers, &header::LAST_MODIFIED)) else {
            return self.forget_note();
        };
        let note = Note { address: hash(address), mark: mark.to_owned() };
        let bytes = serde_json::to_vec(&note).unwrap_or_default();
        fs::write(&self.note, bytes).map_err(LibraryError::io("write", &self.note))?;
        Ok(())
    }

    fn forget_note(&self) -> Result<(), CatalogueError> {
        remove(&self.note)
    }

    /// Deletes what was downloaded.
    pub(super) fn forget(&self) -> Result<(), CatalogueError> {
        remove(&self.path)?;
        self.forget_note()
    }

    /// Puts the whole file in its place.
    pub(super) fn put_at(&self, path: &Path) -> Result<(), CatalogueError> {
        crate::disk::rename(&self.path, path).map_err(LibraryError::io("write", path))?;
        self.forget_note()
    }
}

fn remove(path: &Path) -> Result<(), CatalogueError> {
    match fs::remove_file(path) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => {
            Err(LibraryError::io("delete", path)(fault).into())
        }
        _ => Ok(()),
    }
}

fn hash(address: &Address) -> String {
    blake3::hash(address.whole().as_bytes()).to_hex().to_string()
}

/// Whether the server goes on at the byte that was asked for.
fn continues(heard: &Heard, have: u64) -> bool {
    let range = text_of(heard.response.headers(), &header::CONTENT_RANGE);
    heard.response.status() == StatusCode::PARTIAL_CONTENT
        && range.is_some_and(|range| range.starts_with(&format!("bytes {have}-")))
}
