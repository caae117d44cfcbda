//! Where an episode's files are, and how an episode comes to be.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::library::LibraryError;
use crate::library::artifact::{clear_leftovers, write_atomic};
use crate::library::episode::{Episode, TrackEntry};
use crate::library::show::Show;
use crate::library::written::read_toml;

/// The folder of one episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpisodeFolder {
    root: PathBuf,
}

impl EpisodeFolder {
    /// The episode in that folder; it must hold an `episode.toml`.
    pub fn open(root: &Path) -> Result<EpisodeFolder, LibraryError> {
        let folder = EpisodeFolder { root: root.to_path_buf() };
        if folder.episode_toml().is_file() {
            Ok(folder)
        } else {
            Err(LibraryError::NotAnEpisode { path: root.to_path_buf() })
        }
    }

    /// The episode for an audio file: opened where it exists, made where it does not.
    ///
    /// `root` is the episode's folder, or a show's folder (one with a `show.toml`), in which the
    /// episode gets a folder named after the file. `episode` is what a new `episode.toml` says; its
    /// `audio` is filled in here.
    pub fn for_audio(
        root: &Path,
        audio: &Path,
        episode: Episode,
    ) -> Result<EpisodeFolder, LibraryError> {
        let folder = EpisodeFolder { root: within_show(root, audio) };
        let audio = fs::canonicalize(audio).map_err(LibraryError::io("read", audio))?;
        if folder.episode_toml().is_file() {
            let known = folder.audio(&folder.read_episode()?)?;
            if fs::canonicalize(&known).ok().as_ref() != Some(&audio) {
                return Err(LibraryError::OtherEpisode { path: folder.root, audio: known });
            }
            return Ok(folder);
        }
        clear_leftovers(&folder.root);
        if folder.root.is_file()
            || fs::read_dir(&folder.root).is_ok_and(|mut entries| entries.next().is_some())
        {
            return Err(LibraryError::Occupied { path: folder.root });
        }
        let episode = Episode { audio: folder.audio_reference(&audio), ..episode };
        write_atomic(&folder.episode_toml(), episode.to_toml().as_bytes())?;
        Ok(folder)
    }

    /// The episode for a transcript that somebody made already: opened where it exists, made where
    /// it does not. A new one gets a copy of the transcript.
    ///
    /// `root` is as for [`EpisodeFolder::for_audio`], `bytes` is what the transcript holds, and
    /// `episode` what a new `episode.toml` says; its `audio` and `transcript` are filled in here, and
    /// `more` is put behind it. An episode that exists is left as it is: it is refused where it was
    /// made from another transcript or another audio file.
    pub fn for_transcript(
        root: &Path,
        (transcript, bytes): (&Path, &[u8]),
        audio: Option<&Path>,
        episode: Episode,
        more: &str,
    ) -> Result<EpisodeFolder, LibraryError> {
        let folder = EpisodeFolder { root: within_show(root, transcript) };
        let full = |path: &Path| fs::canonicalize(path).map_err(LibraryError::io("read", path));
        let audio = audio.map(full).transpose()?;
        if folder.episode_toml().is_file() {
            folder.keeps_to(transcript, bytes, audio.as_deref())?;
            return Ok(folder);
        }
        clear_leftovers(&folder.root);
        let full = full(transcript)?;
        let name = transcript_name(transcript);
        let copy = folder.root.join(&name);
        let is_ours = |path: PathBuf| {
            // a killed run may have made the copy and nothing else
            if path == copy && fs::read(&path).is_ok_and(|found| found == bytes) {
                return true;
            }
            let path = fs::canonicalize(path).ok();
            path.as_ref() == Some(&full) || path.is_some() && path == audio
        };
        let is_free = match fs::read_dir(&folder.root) {
            Ok(mut entries) => entries.all(|entry| entry.is_ok_and(|entry| is_ours(entry.path()))),
            Err(_) => !folder.root.exists(),
        };
        if !is_free {
            return Err(LibraryError::Occupied { path: folder.root });
        }
        if fs::canonicalize(&copy).ok() != Some(full) {
            write_atomic(&copy, bytes)?;
        }
        let audio = audio.map_or_else(String::new, |audio| folder.audio_reference(&audio));
        let episode = Episode { audio, transcript: name, ..episode };
        let text = format!("{}{more}", episode.to_toml());
        write_atomic(&folder.episode_toml(), text.as_bytes())?;
        Ok(folder)
    }

    /// Refuses to take the episode for one that is made from these files, if it is not.
    fn keeps_to(
        &self,
        transcript: &Path,
        bytes: &[u8],
        audio: Option<&Path>,
    ) -> Result<(), LibraryError> {
        let episode = self.read_episode()?;
        let Some(known) = self.transcript(&episode) else {
            return Err(LibraryError::NoTranscript {
                path: self.episode_toml(),
                transcript: transcript.to_path_buf(),
            });
        };
        if fs::read(&known).map_err(LibraryError::io("read", &known))? != bytes {
            return Err(LibraryError::OtherTranscript {
                path: self.root.clone(),
                transcript: known,
            });
        }
        let Some(audio) = audio else { return Ok(()) };
        let known = self.audio(&episode)?;
        if fs::canonicalize(&known).ok().as_deref() == Some(audio) {
            return Ok(());
        }
        Err(LibraryError::OtherEpisode { path: self.root.clone(), audio: known })
    }

    /// The episode for tracks that have no mix yet: opened where it exists, made where it does not.
    /// `episode` holds the tracks.
    pub fn for_tracks(root: &Path, episode: &Episode) -> Result<EpisodeFolder, LibraryError> {
        let folder = EpisodeFolder { root: root.to_path_buf() };
        if folder.episode_toml().is_file() {
            return Ok(folder);
        }
        clear_leftovers(&folder.root);
        if folder.root.is_file()
            || fs::read_dir(&folder.root).is_ok_and(|mut entries| entries.next().is_some())
        {
            return Err(LibraryError::Occupied { path: folder.root });
        }
        write_atomic(&folder.episode_toml(), episode.to_toml().as_bytes())?;
        Ok(folder)
    }

    /// The file of a track, relative to the folder or absolute, or the episode's own audio.
    pub fn track(&self, episode: &Episode, track: &TrackEntry) -> Result<PathBuf, LibraryError> {
        if track.audio.trim().is_empty() && !episode.audio.trim().is_empty() {
            return self.audio(episode);
        }
        if track.audio.trim().is_empty() {
            return Err(LibraryError::NoAudio { path: self.episode_toml() });
        }
        Ok(self.root.join(&track.audio))
    }

    /// How `episode.toml` names the audio: relative where it lies in the folder, else absolute.
    fn audio_reference(&self, audio: &Path) -> String {
        let root = fs::canonicalize(&self.root)
            .or_else(|_| std::path::absolute(&self.root))
            .unwrap_or_else(|_| self.root.clone());
        audio.strip_prefix(&root).unwrap_or(audio).display().to_string()
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder's name, which identifies the episode within its show.
    pub fn name(&self) -> String {
        let absolute = std::path::absolute(&self.root).unwrap_or_else(|_| self.root.clone());
        absolute
            .file_name()
            .map_or_else(|| "episode".into(), |name| name.to_string_lossy().into_owned())
    }

    /// The person's file on the episode.
    pub fn episode_toml(&self) -> PathBuf {
        self.root.join("episode.toml")
    }

    /// The person's corrections.
    pub fn edits_toml(&self) -> PathBuf {
        self.root.join("edits.toml")
    }

    /// The machine's folder; safe to delete.
    pub fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// A file in the machine's folder.
    pub fn work_file(&self, name: &str) -> PathBuf {
        self.work().join(name)
    }

    /// What is published.
    pub fn out(&self) -> PathBuf {
        self.root.join("out")
    }

    /// Reads `episode.toml`.
    pub fn read_episode(&self) -> Result<Episode, LibraryError> {
        read_toml(&self.episode_toml())
    }

    /// The show's folder: the nearest folder above with a `show.toml`, at most three levels up.
    pub fn show_root(&self) -> Option<PathBuf> {
        let absolute = std::path::absolute(&self.root).ok()?;
        absolute
            .ancestors()
            .take(4)
            .find(|above| above.join("show.toml").is_file())
            .map(Path::to_path_buf)
    }

    /// Reads the show; an episode without one belongs to a show without a name.
    pub fn read_show(&self) -> Result<Show, LibraryError> {
        self.show_root()
            .map_or_else(|| Ok(Show::default()), |root| read_toml(&root.join("show.toml")))
    }

    /// The audio file that `episode` names, relative to the folder or absolute.
    pub fn audio(&self, episode: &Episode) -> Result<PathBuf, LibraryError> {
        if episode.audio.trim().is_empty() {
            return Err(LibraryError::NoAudio { path: self.episode_toml() });
        }
        Ok(self.root.join(&episode.audio))
    }

    /// The transcript that `episode` names, where somebody made one already.
    pub fn transcript(&self, episode: &Episode) -> Option<PathBuf> {
        let named = episode.transcript.trim();
        (!named.is_empty()).then(|| self.root.join(named))
    }
}

/// The name of an audio file's episode folder: the file's name without its ending.
pub fn folder_name(audio: &Path) -> String {
    let stem =
        audio.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    if stem.is_empty() || stem == "." || stem == ".." { "episode".into() } else { stem }
}

/// The folder of an episode made from `file`: `root` itself, or a folder in it where it is a show's.
fn within_show(root: &Path, file: &Path) -> PathBuf {
    // A show of one episode may keep both files in one folder.
    if root.join("show.toml").is_file() && !root.join("episode.toml").is_file() {
        root.join(folder_name(file))
    } else {
        root.to_path_buf()
    }
}

/// The name of a transcript's copy: its own, but never that of a file with a meaning.
fn transcript_name(transcript: &Path) -> String {
    let name =
        transcript.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match name.as_str() {
        "" | "work" | "out" | "episode.toml" | "edits.toml" | "show.toml" => {
            format!("transcript-{name}")
        }
        _ => name,
    }
}

/// How deep below the show's folder an episode's may lie, as [`EpisodeFolder::show_root`] looks up.
const DEEPEST: usize = 3;

/// The folders of a show's episodes, sorted by name, which is unique in a show. Folders of other
/// shows below it are not looked into.
pub fn episodes_of(show_root: &Path) -> Result<Vec<EpisodeFolder>, LibraryError> {
    if !show_root.join("show.toml").is_file() {
        return Err(LibraryError::NotAShow { path: show_root.to_path_buf() });
    }
    let mut found: BTreeMap<String, EpisodeFolder> = BTreeMap::new();
    let mut folders = vec![(show_root.to_path_buf(), 1)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(LibraryError::io("read", &folder))? {
            let path = entry.map_err(LibraryError::io("read", &folder))?.path();
            let hidden =
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if hidden || !path.is_dir() || path.join("show.toml").is_file() {
                continue;
            }
            match EpisodeFolder::open(&path) {
                Ok(episode) => {
                    let name = episode.name();
                    if let Some(other) = found.insert(name.clone(), episode) {
                        let (first, second) = (other.root, path);
                        return Err(LibraryError::SameName { name, first, second });
                    }
                }
                Err(_) if depth < DEEPEST => folders.push((path, depth + 1)),
                Err(_) => {}
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Makes an empty show: a folder with a `show.toml` to fill in.
pub fn new_show(root: &Path) -> Result<PathBuf, LibraryError> {
    let path = root.join("show.toml");
    if path.exists() || root.is_file() {
        return Err(LibraryError::Occupied { path: root.to_path_buf() });
    }
    write_atomic(&path, SHOW_TEMPLATE.as_bytes())?;
    Ok(path)
}

const SHOW_TEMPLATE: &str = include_str!("show.template.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_show_is_valid_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = new_show(folder.path()).unwrap();
        read_toml::<Show>(&path).unwrap();
        assert!(matches!(new_show(folder.path()), Err(LibraryError::Occupied { .. })));
    }

    #[test]
    fn a_shows_episodes_are_found_and_their_names_are_unique() {
        let folder = tempfile::tempdir().unwrap();
        let make = |path: &str| write_atomic(&folder.path().join(path), b"").unwrap();
        assert!(matches!(episodes_of(folder.path()), Err(LibraryError::NotAShow { .. })));
        for path in [
            "show.toml",
            "b/episode.toml",
            "season/a/episode.toml",
            "b/inside/episode.toml",
            ".hidden/episode.toml",
            "other/show.toml",
            "other/c/episode.toml",
        ] {
            make(path);
        }
        let names = |found: Vec<EpisodeFolder>| -> Vec<String> {
            found.iter().map(EpisodeFolder::name).collect()
        };
        assert_eq!(names(episodes_of(folder.path()).unwrap()), ["a", "b"]);
        make("season/b/episode.toml");
        let refused = episodes_of(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("two episodes are called `b`"), "{refused}");
    }

    #[test]
    fn an_episode_keeps_to_its_audio() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.mp3"), folder.path().join("b.mp3"));
        fs::write(&a, "a").unwrap();
        fs::write(&b, "b").unwrap();
        let root = folder.path().join("one");
        EpisodeFolder::for_audio(&root, &a, Episode::default()).unwrap();
        EpisodeFolder::for_audio(&root, &a, Episode::default()).unwrap();
        let refused = EpisodeFolder::for_audio(&root, &b, Episode::default()).unwrap_err();
        assert!(matches!(refused, LibraryError::OtherEpisode { .. }), "{refused}");
    }
}
