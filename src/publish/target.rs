//! The folder that is published into, and what can be wrong with it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::PublishError;

/// What is tried with a link; the hint for its failure differs from others.
pub(super) const FOLLOW: &str = "publish through the link";

/// The folder that `out` names, which need not exist: a link is followed.
///
/// # Errors
/// Where it is a file, or a link that leads to no folder.
pub fn resolve(out: &Path) -> Result<PathBuf, PublishError> {
    // without the slash at the end, behind which a link looks like a folder
    let out: PathBuf = out.components().collect();
    let is_link = match fs::symlink_metadata(&out) {
        Ok(data) => data.is_symlink(),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(out),
        Err(fault) => return Err(PublishError::of("publish into", &out)(fault)),
    };
    let real = if is_link || out.file_name().is_none() {
        fs::canonicalize(&out).map_err(|fault| PublishError::of(FOLLOW, &out)(said(&out, fault)))?
    } else {
        out.clone()
    };
    if real.is_dir() {
        return Ok(real);
    }
    let said = if is_link { "it leads to a file" } else { "it is a file" };
    Err(PublishError::of("publish into", &out)(io::Error::new(io::ErrorKind::NotADirectory, said)))
}

/// Where a link leads that leads nowhere.
fn said(link: &Path, fault: io::Error) -> io::Error {
    match fs::read_link(link) {
        Ok(goal) if fault.kind() == io::ErrorKind::NotFound => {
            io::Error::new(fault.kind(), format!("`{}` is not there", goal.display()))
        }
        _ => fault,
    }
}

/// The folder that a path lies in.
pub(super) fn parent_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether that is what the system says where a folder cannot be moved, or nothing be made beside it.
pub(super) fn cannot_move(fault: &io::Error) -> bool {
    use io::ErrorKind;
    matches!(
        fault.kind(),
        ErrorKind::ResourceBusy
            | ErrorKind::CrossesDevices
            | ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
    )
}

/// A file that somebody else deleted or changed before it was in place.
pub(super) fn not_as_written(path: PathBuf) -> PublishError {
    let cause = io::Error::other("something else deleted or changed it");
    PublishError { action: "publish", path, cause }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_is_followed_and_one_that_leads_to_no_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("www")).unwrap();
        fs::write(at("file"), "").unwrap();
        for (link, goal) in [("a", "www"), ("b", "gone"), ("c", "file"), ("d", "d")] {
            symlink(goal, at(link)).unwrap();
        }
        let www = fs::canonicalize(at("www")).unwrap();
        assert_eq!(resolve(&at("a")).unwrap(), www);
        assert_eq!(resolve(&at("a/")).unwrap(), www);
        assert_eq!(resolve(&at("new")).unwrap(), at("new"));
        let told = |name: &str| {
            let fault = resolve(&at(name)).unwrap_err();
            format!("{fault}; {}", fault.hint())
        };
        for (name, words) in [
            ("b", ["`gone` is not there", "make the folder"]),
            ("c", ["leads to a file", "move it away"]),
            ("d", ["link", "delete the link"]),
            ("file", ["it is a file", "move it away"]),
        ] {
            assert!(words.iter().all(|word| told(name).contains(word)), "{}", told(name));
        }
    }
}
