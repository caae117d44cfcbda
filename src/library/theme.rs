//! A show's own templates and styles, as they lie in its `templates/` folder.

use std::fs;
use std::path::Path;

use crate::library::LibraryError;

/// The endings of files that can be part of a theme.
const ENDINGS: [&str; 4] = ["html", "md", "css", "js"];

/// Name, path and text of each file in the show's `templates/`, sorted by name; none where there is
/// no such folder.
pub fn sources(show_root: &Path) -> Result<Vec<(String, String, String)>, LibraryError> {
    let folder = show_root.join("templates");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut sources = Vec::new();
    for entry in fs::read_dir(&folder).map_err(LibraryError::io("read", &folder))? {
        let path = entry.map_err(LibraryError::io("read", &folder))?.path();
        let wanted =
            path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
        if !wanted || !path.is_file() {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(LibraryError::io("read", &path))?;
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        sources.push((name, path.display().to_string(), text));
    }
    sources.sort();
    Ok(sources)
}
