//! Where a site may be put: its folder is swapped for a new one, so it must be nothing else's.

use std::fs;
use std::path::{Path, PathBuf};

use crate::library::LibraryError;
use crate::publish;
use crate::site::SiteError;

/// What file systems keep at their top, beside hidden files: a mount point that has nothing else is
/// empty to its owner. Publishing leaves them as it leaves all that it did not make.
const FURNITURE: [&str; 3] = ["lost+found", "System Volume Information", "$RECYCLE.BIN"];

/// The folder that `out` names, where a site can take its place: one that does not exist, is empty
/// but for hidden files and a file system's own, or is a site already. A link is followed.
pub(super) fn site_folder(root: &Path, out: &Path) -> Result<PathBuf, SiteError> {
    let refuse = |reason| Err(SiteError::NoPlace { path: out.to_path_buf(), reason });
    let place = publish::resolve(out)?;
    let Ok(real) = fs::canonicalize(&place) else {
        return std::path::absolute(&place)
            .map_err(|cause| LibraryError::io("find", out)(cause).into());
    };
    let root = fs::canonicalize(root).map_err(LibraryError::io("read", root))?;
    if root.starts_with(&real) {
        return refuse("the show itself is in it");
    }
    if real.ancestors().take(2).any(|folder| folder.join("episode.toml").is_file()) {
        return refuse("it is a part of an episode");
    }
    if publish::is_ours(&real) {
        return Ok(real);
    }
    for entry in fs::read_dir(&real).map_err(LibraryError::io("read", &real))? {
        let name = entry.map_err(LibraryError::io("read", &real))?.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with('.') && !FURNITURE.contains(&name.as_ref()) {
            return refuse("it has other files");
        }
    }
    Ok(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_takes_no_other_folders_place() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("show");
        fs::create_dir_all(root.join("one/out")).unwrap();
        fs::write(root.join("one/episode.toml"), "").unwrap();
        fs::create_dir_all(folder.path().join("full/.git")).unwrap();
        let at = |path: &str| site_folder(&root, &folder.path().join(path));
        for path in ["show", "", "show/one", "show/one/out", "show/one/../.."] {
            assert!(matches!(at(path), Err(SiteError::NoPlace { .. })), "{path}");
        }
        at("show/site").unwrap();
        at("elsewhere").unwrap();
        for name in ["lost+found", "System Volume Information", ".Trash-1000", ".fseventsd"] {
            fs::create_dir(folder.path().join("full").join(name)).unwrap();
        }
        at("full").unwrap();
        fs::write(folder.path().join("full/letters.txt"), "mine").unwrap();
        assert!(matches!(at("full"), Err(SiteError::NoPlace { .. })));
        fs::write(folder.path().join("full/.linernotes"), "").unwrap();
        at("full").unwrap();
    }
}
