//! How the files that people write name other files: relative to the folder that they stand in, or
//! absolute. A show may be moved as a whole, so what lies in it is named relative.

use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The file that `text`, written in a file in `folder`, names.
///
/// A byte that is not part of UTF-8 text, which TOML has to be, is written as `\xe9`. A file whose
/// name really has those letters comes first.
pub fn resolve(folder: &Path, text: &str) -> PathBuf {
    let plain = folder.join(text);
    match unescaped(text) {
        Some(named) if !plain.exists() => folder.join(named),
        _ => plain,
    }
}

/// How a file in `folder` names `file`: relative where both lie in the folder `within`, else absolute.
pub fn reference(folder: &Path, within: &Path, file: &Path) -> String {
    let real = |folder: &Path| fs::canonicalize(folder).unwrap_or_else(|_| whole(folder));
    let (folder, within, file) = (real(folder), real(within), whole(file));
    if folder.starts_with(&within) && file.starts_with(&within) {
        relative(&folder, &file)
    } else {
        escaped(&file)
    }
}

/// A file's absolute name, for wherever the folder is not known yet.
pub fn absolute(file: &Path) -> String {
    escaped(&whole(file))
}

/// How a file in `folder` names the file that lies in `within`, or beside `folder`'s files, as the
/// missing one lay in the folder that it was named in: that of a show that was moved. The longest
/// part of the path that leads to a file counts.
pub fn moved(folder: &Path, within: &Path, missing: &Path) -> Option<String> {
    let parts: Vec<Component<'_>> =
        missing.components().filter(|part| matches!(part, Component::Normal(_))).collect();
    (0..parts.len()).find_map(|skipped| {
        let tail: PathBuf = parts.get(skipped..)?.iter().collect();
        let found = [within, folder].map(|base| base.join(&tail));
        found.iter().find(|file| file.is_file()).map(|file| reference(folder, within, file))
    })
}

/// The absolute path without links among its folders; the file itself may be one, and keeps its name.
fn whole(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let (mut known, mut rest) = (absolute.as_path(), Vec::new());
    while let (Some(above), Some(name)) = (known.parent(), known.file_name()) {
        rest.push(name);
        known = above;
        if let Ok(mut found) = fs::canonicalize(known) {
            found.extend(rest.iter().rev());
            return found;
        }
    }
    absolute
}

/// The path from one absolute folder to a file, with `/` on every system.
fn relative(folder: &Path, file: &Path) -> String {
    let common = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = file.components().skip(common).map(|part| escaped(Path::new(part.as_os_str())));
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(unix)]
fn escaped(path: &Path) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt;
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(not(unix))]
fn escaped(path: &Path) -> String {
    path.display().to_string()
}

/// The name with the bytes that are written as `\xe9`; `None` where there are none.
#[cfg(unix)]
fn unescaped(text: &str) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt;
    let (mut bytes, mut rest, mut found) = (Vec::new(), text, false);
    while let Some((before, after)) = rest.split_once("\\x") {
        bytes.extend(before.as_bytes());
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = if let Some(byte) = byte.filter(|byte| !byte.is_ascii()) {
            bytes.push(byte);
            found = true;
            after.get(2..).unwrap_or_default()
        } else {
            bytes.extend(b"\\x");
            after
        };
    }
    bytes.extend(rest.as_bytes());
    found.then(|| OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn unescaped(_text: &str) -> Option<OsString> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(folder: &Path, names: &[&str]) {
        for name in names {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, *name).unwrap();
        }
    }

    #[test]
    fn what_lies_in_the_show_is_named_relative_and_the_rest_absolute() {
        let folder = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(folder.path()).unwrap();
        make(&top, &["show/raw/a.mp3", "show/one/b.mp3", "c.mp3"]);
        let (show, one) = (top.join("show"), top.join("show/one"));
        let named = |file: &str| reference(&one, &show, &top.join(file));
        assert_eq!(named("show/raw/a.mp3"), "../raw/a.mp3");
        assert_eq!(named("show/one/b.mp3"), "b.mp3");
        assert_eq!(named("c.mp3"), top.join("c.mp3").display().to_string());
        let new = top.join("show/not/there/yet");
        assert_eq!(reference(&new, &show, &show.join("raw/a.mp3")), "../../../raw/a.mp3");
        for file in ["show/raw/a.mp3", "show/one/b.mp3", "c.mp3"] {
            assert_eq!(fs::read_to_string(resolve(&one, &named(file))).unwrap(), file);
        }
    }

    #[test]
    fn a_moved_file_is_found_by_the_longest_part_of_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(folder.path()).unwrap();
        make(&top, &["show/raw/a.mp3", "show/a.mp3", "show/one/take.mp3"]);
        let (show, one) = (top.join("show"), top.join("show/one"));
        let found = |path: &str| moved(&one, &show, Path::new(path));
        assert_eq!(found("/old/show/raw/a.mp3").as_deref(), Some("../raw/a.mp3"));
        assert_eq!(found("/old/show/one/take.mp3").as_deref(), Some("take.mp3"));
        assert_eq!(found("/old/take.mp3").as_deref(), Some("take.mp3"));
        assert_eq!(found("/old/show/raw/b.mp3"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_not_utf8_comes_back() {
        use std::os::unix::ffi::OsStringExt;
        for name in [&b"caf\xe9.mp3"[..], b"\xff\xfe", b"\xe9\\x41\\x\\x8", "café.mp3".as_bytes()]
        {
            let path = PathBuf::from(OsString::from_vec(name.to_vec()));
            let text = escaped(&path);
            let back = unescaped(&text).map_or_else(|| PathBuf::from(&text), PathBuf::from);
            assert_eq!(back, path, "{text}");
        }
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join(OsString::from_vec(b"caf\xe9".to_vec()));
        fs::write(&odd, "x").unwrap();
        assert_eq!(resolve(folder.path(), "caf\\xe9"), odd);
        make(folder.path(), &["caf\\xe9"]);
        assert_ne!(resolve(folder.path(), "caf\\xe9"), odd, "the very name comes first");
    }
}
