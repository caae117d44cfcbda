//! Where an episode's files are, and how an episode comes to be.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::disk::is_there;
use crate::library::LibraryError;
use crate::library::artifact::{clear_leftovers, read_bounded, write_atomic};
use crate::library::episode::{Episode, TrackEntry};
use crate::library::made::Made;
use crate::library::named;
use crate::library::numbered;
use crate::library::regular;
use crate::library::show::Show;
use crate::library::written::read_toml;

/// The folder of one episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpisodeFolder {
    root: PathBuf,
    work: PathBuf,
    made: Made,
}

impl EpisodeFolder {
    /// The episode in that folder; it must hold an `episode.toml`.
    pub fn open(root: &Path) -> Result<EpisodeFolder, LibraryError> {
        let folder = EpisodeFolder::at(root.to_path_buf());
        if folder.is_made() {
            Ok(folder)
        } else {
            Err(LibraryError::NotAnEpisode { path: root.to_path_buf() })
        }
    }

    fn at(root: PathBuf) -> EpisodeFolder {
        EpisodeFolder { work: root.join("work"), root, made: Made::default() }
    }

    /// The same episode with another folder for what is found.
    #[must_use]
    pub fn working_in(&self, work: PathBuf) -> EpisodeFolder {
        EpisodeFolder { work, ..self.clone() }
    }

    fn is_made(&self) -> bool {
        is_there(&self.episode_toml())
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
        let mut folder = EpisodeFolder::at(within_show(root, audio));
        let full = fs::canonicalize(audio).map_err(LibraryError::io("read", audio))?;
        if !folder.is_made()
            && numbered::is_show(root)
            && let Some(known) = numbered::made_of(root, audio)?
        {
            return Ok(known);
        }
        if folder.is_made() {
            let known = folder.audio(&folder.read_episode()?)?;
            if fs::canonicalize(&known).ok() != Some(full) {
                return Err(LibraryError::OtherEpisode { path: folder.root, audio: known });
            }
            return Ok(folder);
        }
        folder.must_be_empty()?;
        let episode = Episode { audio: folder.reference(audio), ..episode };
        folder.write_new(episode)?;
        Ok(folder)
    }

    /// The episode for a transcript that somebody made already: opened where it exists, made where
    /// it does not. A new one gets a copy of the transcript.
    ///
    /// `root` is as for [`EpisodeFolder::for_audio`], `bytes` is what the transcript holds, and
    /// `episode` what a new `episode.toml` says; its `audio` and `transcript` are filled in here. An episode that exists is left as it is: it is refused where it was
    /// made from another transcript or another audio file.
    pub fn for_transcript(
        root: &Path,
        (transcript, bytes): (&Path, &[u8]),
        audio: Option<&Path>,
        episode: Episode,
    ) -> Result<EpisodeFolder, LibraryError> {
        let mut folder = EpisodeFolder::at(within_show(root, transcript));
        let full = |path: &Path| fs::canonicalize(path).map_err(LibraryError::io("read", path));
        let full_audio = audio.map(full).transpose()?;
        if folder.is_made() {
            folder.keeps_to(transcript, bytes, full_audio.as_deref())?;
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
            path.as_ref() == Some(&full) || path.is_some() && path == full_audio
        };
        let is_free = match fs::read_dir(&folder.root) {
            Ok(mut entries) => entries.all(|entry| entry.is_ok_and(|entry| is_ours(entry.path()))),
            Err(_) => !folder.root.exists(),
        };
        if !is_free {
            return Err(LibraryError::Occupied { path: folder.root });
        }
        if !is_there(&copy) {
            folder.add(&name, bytes)?;
        }
        let audio = audio.map_or_else(String::new, |audio| folder.reference(audio));
        folder.write_new(Episode { audio, transcript: name, ..episode })?;
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
        let Some(known) = self.transcript_file(&episode)? else {
            return Err(LibraryError::NoTranscript {
                path: self.episode_toml(),
                transcript: transcript.to_path_buf(),
            });
        };
        if read_bounded(&known)? != bytes {
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
    /// `root` is as for [`EpisodeFolder::for_audio`], with the first track's name; `episode` holds
    /// the tracks.
    pub fn for_tracks(root: &Path, episode: Episode) -> Result<EpisodeFolder, LibraryError> {
        let first = episode.tracks.first().map(|track| named::resolve(root, &track.audio));
        let first = first.unwrap_or_else(|| root.to_path_buf());
        let mut folder = EpisodeFolder::at(within_show(root, &first));
        if folder.is_made() {
            return Ok(folder);
        }
        folder.must_be_empty()?;
        folder.write_new(episode)?;
        Ok(folder)
    }

    fn must_be_empty(&self) -> Result<(), LibraryError> {
        clear_leftovers(&self.root);
        let is_free = match fs::read_dir(&self.root) {
            Ok(mut entries) => entries.next().is_none(),
            Err(_) => !self.root.is_file(),
        };
        if is_free { Ok(()) } else { Err(LibraryError::Occupied { path: self.root.clone() }) }
    }

    /// Writes a new `episode.toml`. Its tracks are named as its audio is.
    fn write_new(&mut self, mut episode: Episode) -> Result<(), LibraryError> {
        for track in &mut episode.tracks {
            if !track.audio.is_empty() {
                track.audio = self.reference(&named::resolve(&self.root, &track.audio));
            }
        }
        self.add("episode.toml", episode.to_toml().as_bytes())
    }

    /// Writes a new file into the folder of a new episode.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), LibraryError> {
        let path = self.root.join(name);
        self.made.write(&path, bytes)
    }

    /// Whether this value made the episode.
    pub fn is_new(&self) -> bool {
        self.made.holds(&self.episode_toml())
    }

    /// Deletes the episode's folder again, if this value made it: its audio was refused, so there is
    /// nothing to keep. What was there before stays, and so does what a person changed since.
    pub fn take_back(&self) {
        if self.is_new() {
            self.made.take_back(&self.work());
        }
    }

    /// The file that `text` names under `key` of `episode.toml`.
    fn named(&self, key: &'static str, text: &str) -> Result<PathBuf, LibraryError> {
        let path = named::resolve(&self.root, text);
        regular::check(&path)?;
        let is_missing = fs::metadata(&path).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
        if !is_missing {
            return Ok(path);
        }
        Err(LibraryError::NotThere {
            toml: self.episode_toml(),
            key,
            named: text.to_owned(),
            lies: named::moved(&self.root, &self.within(), Path::new(text)),
        })
    }

    /// The file of a track, or the episode's own audio.
    pub fn track(&self, episode: &Episode, track: &TrackEntry) -> Result<PathBuf, LibraryError> {
        if track.audio.trim().is_empty() && !episode.audio.trim().is_empty() {
            return self.audio(episode);
        }
        if track.audio.trim().is_empty() {
            return Err(LibraryError::NoAudio { path: self.episode_toml() });
        }
        self.named("audio", &track.audio)
    }

    /// How `episode.toml` names a file: relative where it lies in the show, or in the folder of an
    /// episode without a show, else absolute.
    pub fn reference(&self, file: &Path) -> String {
        named::reference(&self.root, &self.within(), file)
    }

    /// The folder that may be moved as a whole.
    fn within(&self) -> PathBuf {
        self.show_root().unwrap_or_else(|| self.root.clone())
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
        self.work.clone()
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
            .find(|above| is_there(&above.join("show.toml")))
            .map(Path::to_path_buf)
    }

    /// Reads the show; an episode without one belongs to a show without a name.
    pub fn read_show(&self) -> Result<Show, LibraryError> {
        self.show_root()
            .map_or_else(|| Ok(Show::default()), |root| read_toml(&root.join("show.toml")))
    }

    /// The audio file that `episode` names.
    pub fn audio(&self, episode: &Episode) -> Result<PathBuf, LibraryError> {
        if episode.audio.trim().is_empty() {
            return Err(LibraryError::NoAudio { path: self.episode_toml() });
        }
        self.named("audio", &episode.audio)
    }

    /// Where the transcript lies that `episode` names, where somebody made one already.
    pub fn transcript(&self, episode: &Episode) -> Option<PathBuf> {
        let text = episode.transcript.trim();
        (!text.is_empty()).then(|| named::resolve(&self.root, text))
    }

    /// The same; it has to be there.
    pub fn transcript_file(&self, episode: &Episode) -> Result<Option<PathBuf>, LibraryError> {
        let text = episode.transcript.trim();
        if text.is_empty() { Ok(None) } else { self.named("transcript", text).map(Some) }
    }
}

/// The name of an audio file's episode folder: the file's name without its ending. The folder's
/// name is an address on the site, so what is not UTF-8 becomes `_`.
pub fn folder_name(audio: &Path) -> String {
    let stem = audio.file_stem().map_or_else(String::new, in_utf8);
    if stem.is_empty() || stem == "." || stem == ".." { "episode".into() } else { stem }
}

fn in_utf8(name: &OsStr) -> String {
    name.to_string_lossy().replace(char::REPLACEMENT_CHARACTER, "_")
}

/// The folder of an episode made from `file`: `root` itself, or a folder in it where it is a show's.
fn within_show(root: &Path, file: &Path) -> PathBuf {
    // A show of one episode may keep both files in one folder.
    if numbered::is_show(root) { root.join(folder_name(file)) } else { root.to_path_buf() }
}

/// The name of a transcript's copy: its own, but never that of a file with a meaning.
fn transcript_name(transcript: &Path) -> String {
    let name = transcript.file_name().map_or_else(String::new, in_utf8);
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
    if !is_there(&show_root.join("show.toml")) {
        return Err(LibraryError::NotAShow { path: show_root.to_path_buf() });
    }
    let mut found: BTreeMap<String, EpisodeFolder> = BTreeMap::new();
    let mut folders = vec![(show_root.to_path_buf(), 1)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(LibraryError::io("read", &folder))? {
            let entry = entry.map_err(LibraryError::io("read", &folder))?;
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            // the listing knows what most of them are; only a link has to be followed
            let is_folder = entry
                .file_type()
                .is_ok_and(|kind| kind.is_dir() || !kind.is_file() && path.is_dir());
            if hidden || !is_folder || is_there(&path.join("show.toml")) {
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
    if is_there(&path) || root.is_file() {
        return Err(LibraryError::Occupied { path: root.to_path_buf() });
    }
    write_atomic(&path, SHOW_TEMPLATE.as_bytes())?;
    Ok(path)
}

pub(super) const SHOW_TEMPLATE: &str = include_str!("show.template.toml");

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

    #[test]
    fn a_show_may_be_moved_and_an_older_absolute_path_is_told_with_what_to_write() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        new_show(&old).unwrap();
        write_atomic(&old.join("raw/take.mp3"), b"a").unwrap();
        let take = old.join("raw/take.mp3");
        let track = |audio: &Path| TrackEntry {
            name: "Ann".into(),
            audio: audio.display().to_string(),
            ..TrackEntry::default()
        };
        let episode = Episode { tracks: vec![track(&take)], ..Episode::default() };
        EpisodeFolder::for_audio(&old.join("0001"), &take, episode.clone()).unwrap();
        EpisodeFolder::for_tracks(&old, episode).unwrap();
        fs::rename(&old, &new).unwrap();
        for name in ["0001", "take"] {
            let moved = EpisodeFolder::open(&new.join(name)).unwrap();
            let episode = moved.read_episode().unwrap();
            assert_eq!(episode.tracks[0].audio, "../raw/take.mp3");
            let file = moved.track(&episode, &episode.tracks[0]).unwrap();
            assert_eq!(fs::read(file).unwrap(), b"a");
        }
        let moved = EpisodeFolder::open(&new.join("0001")).unwrap();
        assert_eq!(moved.read_episode().unwrap().audio, "../raw/take.mp3");
        let older = Episode { audio: take.display().to_string(), ..Episode::default() };
        let told = moved.audio(&older).unwrap_err();
        assert!(told.to_string().contains("old/raw/take.mp3"), "{told}");
        let hint = told.hint().unwrap();
        assert!(hint.contains("`audio = \"../raw/take.mp3\"`"), "{hint}");
    }

    #[test]
    fn what_stands_in_the_place_of_a_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["show.toml", "one/episode.toml"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        let one = EpisodeFolder::open(&folder.path().join("one")).unwrap();
        for said in [one.read_episode().map(drop), one.read_show().map(drop)] {
            assert!(said.unwrap_err().to_string().contains("is a folder, not a file"));
        }
        let named = Episode { transcript: "/dev/zero".into(), ..Episode::default() };
        let said = one.transcript_file(&named).unwrap_err().to_string();
        assert_eq!(said, "`/dev/zero` is a device, not a file");
    }
}
