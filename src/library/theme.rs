//! A show's own templates and styles, as they lie in its `templates/` folder.

use std::fs;
use std::path::Path;

use crate::disk::is_there;
use crate::library::LibraryError;
use crate::library::regular;
use crate::library::written::MAX_WRITTEN_BYTES;

/// The endings of files that can be part of a theme; `toml` is for the pages' words.
const ENDINGS: [&str; 5] = ["html", "md", "css", "js", "toml"];

/// Name, path and text of each file in the show's `templates/`, sorted by name; none where there is
/// no such folder. Hidden files are an editor's or the system's own.
pub fn sources(show_root: &Path) -> Result<Vec<(String, String, String)>, LibraryError> {
    let folder = show_root.join("templates");
    if !is_there(&folder) {
        return Ok(Vec::new());
    }
    let mut sources = Vec::new();
    for entry in fs::read_dir(&folder).map_err(LibraryError::io("read", &folder))? {
        let path = entry.map_err(LibraryError::io("read", &folder))?.path();
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let wanted =
            path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
        let is_toml = path.extension().is_some_and(|ending| ending == "toml");
        let is_other_toml = is_toml && !name.starts_with("words.");
        if !wanted || is_other_toml || name.starts_with('.') {
            continue;
        }
        let bytes = regular::read(&path, MAX_WRITTEN_BYTES)?;
        let text = String::from_utf8(bytes).map_err(|_| LibraryError::Written {
            path: path.clone(),
            message: "it is not UTF-8 text; save the file as UTF-8".into(),
        })?;
        sources.push((name, path.display().to_string(), text));
    }
    sources.sort();
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_cannot_be_read_is_told_and_hidden_files_are_not_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(sources(folder.path()).unwrap(), []);
        let templates = folder.path().join("templates");
        fs::create_dir(&templates).unwrap();
        for (name, text) in [
            ("page.html", "a"),
            ("words.sv.toml", ""),
            ("notes.txt", "b"),
            ("other.toml", "b"),
            (".page.html", "\u{fffd}"),
        ] {
            fs::write(templates.join(name), text).unwrap();
        }
        let found = sources(folder.path()).unwrap();
        let names: Vec<&str> = found.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["page.html", "words.sv.toml"]);
        fs::write(templates.join("a.css"), b"\xff").unwrap();
        assert!(sources(folder.path()).unwrap_err().to_string().contains("not UTF-8"));
        fs::remove_file(templates.join("a.css")).unwrap();
        fs::create_dir(templates.join("a.css")).unwrap();
        assert!(sources(folder.path()).unwrap_err().to_string().contains("is a folder"));
    }
}
