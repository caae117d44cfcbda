//! What lies in the folder: found, trusted, doubted.

use std::fs;
use std::time::{Duration, SystemTime};

use linernotes::models::{FetchOptions, ModelError, Register, SilentFetch, State, Store};
use sha2::{Digest, Sha256};

/// The sha256 of some bytes, as the register writes it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    digits.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect()
}

fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap()
}

/// A register of one model called `small` with these sources, as TOML.
pub(super) fn register(sources: &str) -> Register {
    let text = format!(
        "project = \"linernotes\"\nschema = 1\n\
         [[model]]\nname = \"small\"\npurpose = \"recognize\"\nabout = \"for tests\"\n\
         license = \"MIT\"\nlicense_file = \"licences/x.txt\"\nfile = \"ggml-small.bin\"\n{sources}"
    );
    Register::parse(&text).unwrap()
}

/// An https source of that file at an address.
pub(super) fn address(url: &str, file: &[u8]) -> String {
    format!(
        "[[model.source]]\nkind = \"https\"\nurl = \"{url}\"\nsize = {}\nsha256 = \"{}\"\n",
        file.len(),
        sha256(file)
    )
}

/// The names of all files below the folder of weights, sorted.
pub(super) fn files(store: &Store) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(store.dir())
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const FILE: &[u8] = b"these are the right bytes";
/// A source that cannot be reached, for tests that must not need it.
const NOWHERE: &str = "http://127.0.0.1:9/model";

#[test]
fn missing_model_names_the_next_step() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(NOWHERE, FILE)));
    let error = store.identify("small").unwrap_err();
    assert!(matches!(error, ModelError::Missing { .. }), "{error}");
    assert_eq!(error.hint().unwrap(), "run `linernotes models get small` while you are connected");
    assert_eq!(store.list()[0].state, State::Missing);
}

#[test]
fn unknown_name_is_refused_without_a_look_at_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(NOWHERE, FILE)));
    for name in ["enormous", "../small", "", "."] {
        let error = store.identify(name).unwrap_err();
        assert!(matches!(error, ModelError::Unknown { .. }), "{name}: {error}");
    }
}

#[test]
fn offline_finds_what_is_there_and_fetches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(NOWHERE, FILE)));
    let offline = FetchOptions { offline: true, ..FetchOptions::default() };
    let error = store.fetch("small", &offline, &SilentFetch).unwrap_err();
    assert!(matches!(error, ModelError::Offline { .. }), "{error}");
    assert!(files(&store).is_empty());

    fs::write(dir.path().join("ggml-small.bin"), FILE).unwrap();
    let located = store.fetch("small", &offline, &SilentFetch).unwrap();
    assert_eq!(located.id.sha256, sha256(FILE));
}

#[test]
fn file_put_there_by_hand_is_hashed_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(NOWHERE, FILE)));
    let path = dir.path().join("ggml-small.bin");
    fs::write(&path, FILE).unwrap();
    assert_eq!(store.list()[0].state, State::Unchecked);
    store.identify("small").unwrap();
    assert_eq!(store.list()[0].state, State::Unchanged);

    // Other bytes, but the size and the time that were noted: the system's own time tells.
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, FILE.to_ascii_uppercase()).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(store.list()[0].state, State::Unchecked);
    let error = store.identify("small").unwrap_err();
    assert!(matches!(error, ModelError::Damaged { .. }), "{error}");
    let error = store.verify("small", &SilentFetch).unwrap_err();
    assert!(matches!(error, ModelError::Damaged { .. }), "{error}");
    let error = store.identify("small").unwrap_err();
    assert!(matches!(error, ModelError::Damaged { .. }), "{error}");
}

#[test]
fn damaged_file_is_called_so_offline_with_what_should_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(NOWHERE, FILE)));
    let path = dir.path().join("ggml-small.bin");
    let offline = FetchOptions { offline: true, ..FetchOptions::default() };
    for (bytes, says) in
        [(&FILE.to_ascii_uppercase()[..], "its sha256 is "), (&FILE[1..], "24 bytes and not 25")]
    {
        fs::write(&path, bytes).unwrap();
        let error = store.fetch("small", &offline, &SilentFetch).unwrap_err();
        assert!(matches!(error, ModelError::Damaged { .. }), "{error}");
        let said = error.to_string();
        assert!(said.contains(path.to_str().unwrap()) && said.contains(says), "{said}");
        let hint = error.hint().unwrap();
        for part in ["models get small", "25 bytes", &sha256(FILE)] {
            assert!(hint.contains(part), "{hint}");
        }
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let error = store.fetch("small", &offline, &SilentFetch).unwrap_err();
    assert!(matches!(error, ModelError::Io { .. }), "{error}");
}

#[test]
fn a_note_of_before_costs_a_hash_and_keeps_an_import() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(NOWHERE, FILE)));
    fs::write(dir.path().join("ggml-mine.bin"), FILE).unwrap();
    let note = format!(
        "{{\"schema\":1,\"file\":\"ggml-mine.bin\",\"size\":25,\"modified_ns\":7,\"sha256\":\"{}\",\"origin\":\"a\"}}",
        sha256(FILE)
    );
    fs::write(dir.path().join("mine.ok"), note).unwrap();
    assert_eq!(store.list()[1].state, State::Unchecked);
    assert!(store.knows("mine") && store.knows("small") && !store.knows("none"));
    store.identify("mine").unwrap();
    assert_eq!(store.list()[1].state, State::Unchanged);
    fs::remove_file(dir.path().join("ggml-mine.bin")).unwrap();
    let hint = store.identify("mine").unwrap_err().hint().unwrap();
    assert!(hint.contains("models import DIR --name mine"), "{hint}");
}

#[test]
fn touched_file_is_hashed_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(NOWHERE, FILE)));
    let path = dir.path().join("ggml-small.bin");
    fs::write(&path, FILE).unwrap();
    store.identify("small").unwrap();

    let later = SystemTime::now() + Duration::from_mins(1);
    fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    assert_eq!(store.list()[0].state, State::Unchecked);
    store.identify("small").unwrap();

    fs::write(&path, FILE.to_ascii_uppercase()).unwrap();
    let error = store.identify("small").unwrap_err();
    assert!(error.to_string().contains("its sha256 is "), "{error}");

    fs::write(&path, &FILE[..3]).unwrap();
    assert_eq!(store.list()[0].state, State::Damaged);
    let error = store.identify("small").unwrap_err();
    assert!(error.to_string().contains("it has 3 bytes and not 25"), "{error}");
}

#[test]
fn note_that_cannot_be_read_costs_only_a_hash() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(NOWHERE, FILE)));
    fs::write(dir.path().join("ggml-small.bin"), FILE).unwrap();
    for note in ["", "{}", "nonsense", r#"{"schema":99}"#] {
        fs::write(dir.path().join("small.ok"), note).unwrap();
        assert_eq!(store.identify("small").unwrap().id.sha256, sha256(FILE));
        assert_eq!(store.list()[0].state, State::Unchanged);
    }
}

#[test]
fn file_of_ones_own_is_found_by_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("models"), register(&address(NOWHERE, FILE)));
    let own = dir.path().join("my-model.bin");
    fs::write(&own, FILE).unwrap();
    let located = store.identify(own.to_str().unwrap()).unwrap();
    assert_eq!(located.path, own);
    assert_eq!(located.id.name, "my-model.bin");
    assert_eq!(located.id.sha256, sha256(FILE));
}
