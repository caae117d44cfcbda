//! Where weights live.

use std::env;
use std::path::{Path, PathBuf};

use super::register::PROJECT;

/// The environment variable that says where weights live.
pub const MODELS_VARIABLE: &str = "LINERNOTES_MODELS";

/// The folder of the weights, which need not exist.
///
/// In this order: `LINERNOTES_MODELS`; the `models/` folder of the checkout that the program was
/// built in, or of the one that the current folder is in; `linernotes/models` in the user's data
/// folder (`XDG_DATA_HOME`, `~/.local/share`).
pub fn models_dir() -> PathBuf {
    if let Some(chosen) = env::var_os(MODELS_VARIABLE).filter(|value| !value.is_empty()) {
        return PathBuf::from(chosen);
    }
    let program = env::current_exe().and_then(|path| path.canonicalize()).ok();
    let from_program = program.as_deref().and_then(checkout_models);
    let from_here = || env::current_dir().ok().and_then(|dir| checkout_models(&dir));
    from_program.or_else(from_here).unwrap_or_else(user_models)
}

/// The nearest `models/` folder above `start` that holds this project's register.
fn checkout_models(start: &Path) -> Option<PathBuf> {
    start.ancestors().map(|dir| dir.join("models")).find(|dir| {
        std::fs::read_to_string(dir.join("models.toml")).is_ok_and(|text| is_our_register(&text))
    })
}

/// By its mark alone, so that a register of another version still marks its checkout.
fn is_our_register(text: &str) -> bool {
    let table: Result<toml::Table, _> = text.parse();
    table.is_ok_and(|table| table.get("project").and_then(|mark| mark.as_str()) == Some(PROJECT))
}

fn user_models() -> PathBuf {
    let data = env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| env::home_dir().map(|home| home.join(".local/share")))
        .unwrap_or_else(|| PathBuf::from("."));
    data.join("linernotes/models")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn foreign_register_is_passed_by() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("a/b");
        fs::create_dir_all(inner.join("models")).unwrap();
        fs::write(inner.join("models/models.toml"), "project = \"other\"\nschema = 1\n").unwrap();
        assert_eq!(checkout_models(&inner), None);

        let own = dir.path().join("models");
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("models.toml"), "project = \"linernotes\"\nschema = 1\nmodel = []\n")
            .unwrap();
        assert_eq!(checkout_models(&inner), Some(own));
    }
}
