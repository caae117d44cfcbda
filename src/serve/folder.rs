//! Which file of a folder an address is. Nothing outside the folder is one, however it is written.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::serve::ServeError;

/// A folder whose files are served.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// What an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// This file.
    File(PathBuf),
    /// A folder, whose address ends with a slash.
    Folder,
    /// Nothing that is served.
    Nothing,
}

impl Folder {
    /// The folder, with its links followed.
    ///
    /// # Errors
    /// If there is none.
    pub fn open(path: &Path) -> Result<Folder, ServeError> {
        let failed = |cause| ServeError::Folder { path: path.to_path_buf(), cause };
        let root = path.canonicalize().map_err(failed)?;
        fs::read_dir(&root).map_err(failed)?;
        Ok(Folder { root })
    }

    /// The folder's own path.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// What the path of an address is, percent-encoded as it comes.
    pub(super) fn place(&self, address: &str) -> Place {
        let Some(below) = below(address) else { return Place::Nothing };
        // a link that leads out of the folder is not followed
        let Some(path) = self.root.join(below).canonicalize().ok().filter(|p| self.holds(p)) else {
            return Place::Nothing;
        };
        let is_folder = path.is_dir();
        match (is_folder, address.ends_with('/')) {
            (false, false) if path.is_file() => Place::File(path),
            (true, false) => Place::Folder,
            (true, true) => {
                let index = path.join("index.html").canonicalize();
                let index = index.ok().filter(|index| self.holds(index) && index.is_file());
                index.map_or(Place::Nothing, Place::File)
            }
            _ => Place::Nothing,
        }
    }

    /// The file that the path of an address is.
    pub(crate) fn file(&self, address: &str) -> Option<PathBuf> {
        match self.place(address) {
            Place::File(path) => Some(path),
            Place::Folder | Place::Nothing => None,
        }
    }

    fn holds(&self, path: &Path) -> bool {
        let hidden = |part: &OsStr| part.as_encoded_bytes().starts_with(b".");
        path.strip_prefix(&self.root).is_ok_and(|below| !below.iter().any(hidden))
    }
}

/// The path below the folder; none where a part of the address could lead anywhere else, or is hidden.
fn below(address: &str) -> Option<PathBuf> {
    let parts = address.strip_prefix('/')?;
    let mut below = PathBuf::new();
    for part in parts.strip_suffix('/').unwrap_or(parts).split('/') {
        if part.is_empty() && parts.is_empty() {
            break;
        }
        let part = percent_decode_str(part).decode_utf8().ok()?;
        let acts = |c: char| matches!(c, '/' | '\\' | ':' | '\0') || c.is_control();
        if part.is_empty() || part.starts_with('.') || part.contains(acts) {
            return None;
        }
        below.push(&*part);
    }
    Some(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_is_a_file_of_it() {
        let outside = tempfile::tempdir().unwrap();
        let inside = outside.path().join("site");
        fs::create_dir_all(inside.join("a b")).unwrap();
        fs::create_dir_all(inside.join(".hidden")).unwrap();
        for name in
            ["secret.txt", "site/index.html", "site/a b/ü.txt", "site/.hidden/x", "site/.dot"]
        {
            fs::write(outside.path().join(name), name).unwrap();
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink(outside.path().join("secret.txt"), inside.join("out.txt")).unwrap();
            symlink(outside.path(), inside.join("up")).unwrap();
            symlink(inside.join("index.html"), inside.join("in.html")).unwrap();
            symlink(inside.join(".dot"), inside.join("dotted")).unwrap();
        }
        let folder = Folder::open(&inside).unwrap();
        let found = |address: &str| match folder.place(address) {
            Place::File(path) => fs::read_to_string(path).unwrap(),
            other => format!("{other:?}"),
        };
        assert_eq!(found("/"), "site/index.html");
        assert_eq!(found("/index.html"), "site/index.html");
        assert_eq!(found("/a%20b/%C3%BC.txt"), "site/a b/ü.txt");
        assert_eq!(found("/a%20b"), "Folder");
        assert_eq!(found("/a%20b/"), "Nothing");
        if cfg!(unix) {
            assert_eq!(found("/in.html"), "site/index.html");
        }
        for address in [
            "",
            "secret.txt",
            "//secret.txt",
            "/../secret.txt",
            "/..%2fsecret.txt",
            "/%2e%2e/secret.txt",
            "/a%20b/../index.html",
            "/a%20b/..%5c..%5csecret.txt",
            "/%2Fetc/passwd",
            "/index.html/",
            "/index.html%00.txt",
            "/.dot",
            "/%2edot",
            "/.hidden/x",
            "/out.txt",
            "/up/secret.txt",
            "/up/",
            "/up",
            "/dotted",
            "/%ff",
            "/C:%5Cx",
            "/none",
            "/a%20b//%C3%BC.txt",
            "/./index.html",
        ] {
            assert_eq!(found(address), "Nothing", "{address}");
        }
    }
}
