//! Where an episode's files are, and how an episode comes to be.

use std::fs;
use std::path::{Path, PathBuf};

use crate::library::LibraryError;
use crate::library::artifact::write_atomic;
use crate::library::episode::Episode;
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
        let root = if root.join("show.toml").is_file() {
            root.join(folder_name(audio))
        } else {
            root.to_path_buf()
        };
        let folder = EpisodeFolder { root };
        let audio = fs::canonicalize(audio).map_err(LibraryError::io("read", audio))?;
        if folder.episode_toml().is_file() {
            let known = folder.audio(&folder.read_episode()?)?;
            if fs::canonicalize(&known).ok().as_ref() != Some(&audio) {
                return Err(LibraryError::OtherEpisode { path: folder.root, audio: known });
            }
            return Ok(folder);
        }
        if folder.root.is_file()
            || fs::read_dir(&folder.root).is_ok_and(|mut entries| entries.next().is_some())
        {
            return Err(LibraryError::Occupied { path: folder.root });
        }
        let episode = Episode { audio: folder.audio_reference(&audio), ..episode };
        write_atomic(&folder.episode_toml(), episode.to_toml().as_bytes())?;
        Ok(folder)
    }

    /// How `episode.toml` names the audio: relative where it lies in the folder, else absolute.
    fn audio_reference(&self, audio: &Path) -> String {
        let root = std::path::absolute(&self.root).unwrap_or_else(|_| self.root.clone());
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
}

/// The name of an audio file's episode folder: the file's name without its ending.
pub fn folder_name(audio: &Path) -> String {
    let stem =
        audio.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    if stem.is_empty() || stem == "." || stem == ".." { "episode".into() } else { stem }
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
