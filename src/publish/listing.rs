//! `.linernotes` in a published folder: which files are ours, and how large each has to be.
//!
//! A line a file: its size in bytes, the hash of its bytes or `-`, and its name. What is damaged in
//! it is passed over, so that a folder with a damaged listing can still be made anew.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::library::fingerprint::Fingerprint;

/// The listing's own name.
pub const LISTING: &str = ".linernotes";

const HEAD: &str = "linernotes listing ";
const SCHEMA: u32 = 2;
/// What a file has for a hash whose bytes were not looked at.
const NO_HASH: &str = "-";
/// Up to this size a file is read again to see whether it is as it was: every page and transcript,
/// and no sound.
pub(super) const READ_AGAIN_BYTES: u64 = 2 << 20;

/// How a file was when it was put in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) bytes: u64,
    pub(super) hash: Option<String>,
}

impl Known {
    pub(super) fn of_bytes(bytes: &[u8]) -> Known {
        Known { bytes: bytes.len() as u64, hash: Some(Fingerprint::of_bytes(bytes).to_string()) }
    }

    /// What is known of a file, with its hash where it is small.
    pub(super) fn of_file(path: &Path) -> io::Result<Known> {
        let data = fs::symlink_metadata(path)?;
        if !data.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
        }
        if data.len() > READ_AGAIN_BYTES {
            return Ok(Known { bytes: data.len(), hash: None });
        }
        fs::read(path).map(|bytes| Known::of_bytes(&bytes))
    }

    fn has_size_of(&self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok_and(|data| data.is_file() && data.len() == self.bytes)
    }

    fn is(&self, path: &Path) -> bool {
        let hash = || Some(Fingerprint::of_bytes(&fs::read(path).ok()?).to_string());
        self.has_size_of(path)
            && (self.hash.is_none() || self.bytes > READ_AGAIN_BYTES || hash() == self.hash)
    }
}

/// The files that are ours by name. Listings of the first kind say names only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Listing(BTreeMap<String, Option<Known>>);

impl Listing {
    /// The listing of a folder; an empty one where there is none.
    pub(super) fn of_folder(folder: &Path) -> io::Result<Listing> {
        match fs::read(folder.join(LISTING)) {
            Ok(bytes) => Listing::parse(&String::from_utf8_lossy(&bytes)),
            Err(_) => Ok(Listing::default()),
        }
    }

    /// Adds what `other` lists and is in the folder as it says.
    pub(super) fn recognise(&mut self, other: Listing, folder: &Path) {
        for (name, known) in other.0 {
            let is_as_said = known
                .as_ref()
                .is_some_and(|known| known.hash.is_some() && known.is(&folder.join(&name)));
            if is_as_said {
                self.0.entry(name).or_insert(known);
            }
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn add(&mut self, name: &str, known: Known) {
        self.0.insert(name.to_owned(), Some(known));
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The names that `other` does not have.
    pub(super) fn without<'l>(&'l self, other: &'l Listing) -> impl Iterator<Item = &'l str> {
        self.names().filter(|name| !other.has(name))
    }

    /// What either has, as `other` has it.
    pub(super) fn with(&self, other: &Listing) -> Listing {
        let mut both = self.0.clone();
        both.extend(other.0.clone());
        Listing(both)
    }

    /// The first file that is missing in a folder or has not the size that it should.
    pub(super) fn missing_in(&self, folder: &Path) -> Option<PathBuf> {
        self.first_that(folder, Known::has_size_of)
    }

    /// The first file that is missing in a folder, or is not as it was put there.
    pub(super) fn damaged_in(&self, folder: &Path) -> Option<PathBuf> {
        self.first_that(folder, Known::is)
    }

    fn first_that(&self, folder: &Path, holds: fn(&Known, &Path) -> bool) -> Option<PathBuf> {
        let files = self.0.iter().map(|(name, known)| (folder.join(name), known));
        let good = |path: &Path, known: &Option<Known>| match known {
            Some(known) => holds(known, path),
            None => path.is_file(),
        };
        files.into_iter().find(|(path, known)| !good(path, known)).map(|(path, _)| path)
    }

    /// Reads a listing of this kind or the first.
    pub(super) fn parse(text: &str) -> io::Result<Listing> {
        let Some(rest) = text.strip_prefix(HEAD) else {
            let names = text.lines().filter(|name| is_inside(name));
            return Ok(Listing(names.map(|name| (name.to_owned(), None)).collect()));
        };
        let (schema, lines) = rest.split_once('\n').unwrap_or((rest, ""));
        if schema.parse::<u32>().is_ok_and(|schema| schema > SCHEMA) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "a newer linernotes published it (listing {schema}, this one knows {SCHEMA})"
                ),
            ));
        }
        let entry = |line: &str| {
            let mut parts = line.splitn(3, ' ');
            let (bytes, hash, name) = (parts.next()?, parts.next()?, parts.next()?);
            let hash = (hash != NO_HASH).then(|| hash.to_owned());
            let known = bytes.parse().ok().map(|bytes| Known { bytes, hash });
            is_inside(name).then(|| (name.to_owned(), known))
        };
        Ok(Listing(lines.lines().filter_map(entry).collect()))
    }

    pub(super) fn print(&self) -> String {
        let mut text = format!("{HEAD}{SCHEMA}\n");
        for (name, known) in &self.0 {
            match known {
                Some(Known { bytes, hash }) => {
                    let hash = hash.as_deref().unwrap_or(NO_HASH);
                    text.push_str(&format!("{bytes} {hash} {name}\n"));
                }
                None => text.push_str(&format!("? {NO_HASH} {name}\n")),
            }
        }
        text
    }
}

/// Whether a name is one of a file in the folder, and no way out of it.
fn is_inside(name: &str) -> bool {
    !name.is_empty()
        && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        let mut listing = Listing::default();
        listing.add("a name.txt", Known::of_bytes(b"text"));
        listing.add("audio.mp3", Known { bytes: 9, hash: None });
        listing.0.insert("old.txt".into(), None);
        listing
    }

    #[test]
    fn a_listing_comes_back_and_one_of_names_is_still_read() {
        assert_eq!(Listing::parse(&listing().print()).unwrap(), listing());
        let old = Listing::parse("a.txt\none/b c.txt\n").unwrap();
        assert_eq!(old.names().collect::<Vec<_>>(), ["a.txt", "one/b c.txt"]);
        for out_of_it in ["../a.txt\n/etc/b\n\n./c\n", "linernotes listing 2\n1 - ../a\n2 - /b\n"] {
            assert_eq!(Listing::parse(out_of_it).unwrap(), Listing::default());
        }
        let newer = Listing::parse("linernotes listing 3\n{}").unwrap_err().to_string();
        assert!(newer.contains("newer linernotes"), "{newer}");
    }

    #[test]
    fn any_part_of_a_listing_is_read_without_a_fault() {
        let text = listing().print();
        for end in 0..text.len() {
            let names = Listing::parse(&text[..end]).unwrap();
            assert!(names.0.len() <= 3);
        }
    }

    #[test]
    fn what_another_listing_says_is_believed_of_what_is_just_so() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a name.txt"), "text").unwrap();
        fs::write(folder.path().join("audio.mp3"), "not known").unwrap();
        fs::write(folder.path().join("old.txt"), "").unwrap();
        let mut found = Listing::default();
        found.recognise(listing(), folder.path());
        assert_eq!(found.names().collect::<Vec<_>>(), ["a name.txt"]);
        fs::write(folder.path().join("a name.txt"), "mine").unwrap();
        let mut found = Listing::default();
        found.recognise(listing(), folder.path());
        assert_eq!(found, Listing::default());
    }

    #[test]
    fn a_missing_cut_or_changed_file_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let mut listing = Listing::default();
        listing.add("a.txt", Known::of_bytes(b"text"));
        let found = || (listing.missing_in(folder.path()), listing.damaged_in(folder.path()));
        assert_eq!(found(), (Some(path.clone()), Some(path.clone())));
        fs::write(&path, "text").unwrap();
        assert_eq!(found(), (None, None));
        fs::write(&path, "te\0\0").unwrap();
        assert_eq!(found(), (None, Some(path.clone())));
        for cut in ["", "tex"] {
            fs::write(&path, cut).unwrap();
            assert_eq!(found(), (Some(path.clone()), Some(path.clone())));
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(found(), (Some(path.clone()), Some(path.clone())));
    }
}
