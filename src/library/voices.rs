//! `voices/` beside `show.toml`: the voices that the show remembers, a file a person.
//!
//! A voice print is personal data. A file holds a name, vectors of numbers and how much speech of
//! which episodes they rest on; no sound and no words. Nothing is remembered unless a person asks
//! for it, and deleting the file forgets the person.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::diarize::KnownVoice;
use crate::library::LibraryError;
use crate::library::artifact::{read_record, write_record};
use crate::speech::{ModelId, SpeakerName};
use crate::time::Ms;

const SCHEMA: u32 = 1;
/// Speech of one episode beyond which it weighs no more: one long episode is still one evening, one
/// microphone and one cold.
const FULL_WEIGHT: Ms = Ms::new(120_000);
/// From this many episodes on, one that is unlike the others does not count.
const MIN_FOR_OUTLIERS: usize = 3;
/// The least cosine similarity to the others.
const OUTLIER: f32 = 0.5;

/// What is remembered of one person's voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RememberedVoice {
    /// The person's full name.
    pub name: SpeakerName,
    /// The weights of the network that made the numbers; no other network's compare with them.
    pub model: ModelId,
    /// What each episode told of the voice, sorted by episode.
    pub episodes: Vec<HeardIn>,
}

/// What one episode told of a voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeardIn {
    /// The episode's folder.
    pub episode: String,
    /// How much clear speech the centroid rests on.
    pub speech: Ms,
    /// L2-normalised mean embedding, shape (dim,), five decimals.
    pub centroid: Vec<f32>,
}

impl RememberedVoice {
    /// Adds what an episode told; it replaces what the same episode told before.
    pub fn hear(&mut self, heard: HeardIn) {
        let centroid = heard.centroid.iter().map(|x| (x * 1e5).round() / 1e5).collect();
        self.episodes.retain(|known| known.episode != heard.episode);
        self.episodes.push(HeardIn { centroid, ..heard });
        self.episodes.sort_by(|a, b| a.episode.cmp(&b.episode));
    }

    /// All clear speech that it rests on.
    pub fn speech(&self) -> Ms {
        self.episodes.iter().fold(Ms::ZERO, |sum, heard| sum + heard.speech)
    }

    /// The episodes that are unlike the others and do not count.
    pub fn outliers(&self) -> Vec<&str> {
        if self.episodes.len() < MIN_FOR_OUTLIERS {
            return Vec::new();
        }
        let unlike = |own: &&HeardIn| {
            let others = self.episodes.iter().filter(|other| other.episode != own.episode);
            mean(others).is_some_and(|mean| similarity(&mean, &own.centroid) < OUTLIER)
        };
        self.episodes.iter().filter(unlike).map(|heard| heard.episode.as_str()).collect()
    }

    /// The voice as `episode` may know it: from the other episodes, so that none bears witness for
    /// itself and learning from one leaves it as it is. `None` where no other tells of it.
    pub fn without(&self, episode: &str) -> Option<KnownVoice> {
        let outliers = self.outliers();
        let counted = |heard: &&HeardIn| {
            heard.episode != episode && !outliers.contains(&heard.episode.as_str())
        };
        let centroid = mean(self.episodes.iter().filter(counted))?;
        let episodes = self.episodes.iter().filter(counted).count();
        Some(KnownVoice { person: self.name.clone(), centroid, episodes })
    }
}

/// The cosine of two L2-normalised vectors.
fn similarity(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The episodes' centroids, each weighed by its speech up to the full weight, at length one.
fn mean<'a>(episodes: impl Iterator<Item = &'a HeardIn>) -> Option<Vec<f32>> {
    let mut sum: Vec<f32> = Vec::new();
    for heard in episodes {
        #[expect(clippy::cast_possible_truncation, reason = "at most two minutes")]
        let weight = heard.speech.min(FULL_WEIGHT).as_seconds() as f32;
        sum.resize(heard.centroid.len().max(sum.len()), 0.0);
        for (sum, x) in sum.iter_mut().zip(&heard.centroid) {
            *sum += x * weight;
        }
    }
    let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
    length.is_normal().then(|| sum.iter().map(|x| x / length).collect())
}

/// The folder of a show's voices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceFolder {
    root: PathBuf,
}

impl VoiceFolder {
    /// The voices of the show in that folder.
    pub fn of_show(show_root: &Path) -> VoiceFolder {
        VoiceFolder { root: show_root.join("voices") }
    }

    /// The folder itself; it need not exist.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All voices, sorted by file name; none where there is no folder.
    pub fn read_all(&self) -> Result<Vec<RememberedVoice>, LibraryError> {
        if !self.root.is_dir() {
            return Ok(Vec::new());
        }
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.root).map_err(LibraryError::io("read", &self.root))? {
            let path = entry.map_err(LibraryError::io("read", &self.root))?.path();
            if path.extension().is_some_and(|ending| ending == "json") {
                paths.push(path);
            }
        }
        paths.sort();
        paths.iter().map(|path| read_voice(path)).collect()
    }

    /// The voice of that person, by full or first name; `None` where nobody or several match.
    pub fn find(&self, name: &str) -> Result<Option<RememberedVoice>, LibraryError> {
        let all = self.read_all()?;
        let exact = all.iter().find(|voice| slug(&voice.name.0) == slug(name));
        let first = |voice: &&RememberedVoice| {
            voice.name.0.split_whitespace().next().is_some_and(|first| slug(first) == slug(name))
        };
        let mut by_first = all.iter().filter(first);
        let only = by_first.next().filter(|_| by_first.next().is_none());
        Ok(exact.or(only).cloned())
    }

    /// Writes a person's voice, whole or not at all.
    pub fn write(&self, voice: &RememberedVoice) -> Result<PathBuf, LibraryError> {
        let path = self.path(&voice.name);
        write_record(&path, SCHEMA, voice)?;
        Ok(path)
    }

    /// Deletes a person's voice and returns the path that is gone.
    pub fn forget(&self, voice: &RememberedVoice) -> Result<PathBuf, LibraryError> {
        let path = self.path(&voice.name);
        fs::remove_file(&path).map_err(LibraryError::io("delete", &path))?;
        Ok(path)
    }

    fn path(&self, name: &SpeakerName) -> PathBuf {
        self.root.join(format!("{}.json", slug(&name.0)))
    }
}

/// Reads a voice file and holds it to what a voice file is.
fn read_voice(path: &Path) -> Result<RememberedVoice, LibraryError> {
    let fault = |message: String| LibraryError::Voice { path: path.to_path_buf(), message };
    let voice: RememberedVoice = read_record(path, SCHEMA).map_err(|error| match error {
        LibraryError::Record { message, .. } => fault(message),
        other => other,
    })?;
    let dim = voice.episodes.first().map_or(0, |heard| heard.centroid.len());
    let whole = |heard: &HeardIn| {
        let length = similarity(&heard.centroid, &heard.centroid);
        heard.centroid.len() == dim && (0.9..1.1).contains(&length) && heard.speech > Ms::ZERO
    };
    if voice.name.0.trim().is_empty() {
        return Err(fault("it names nobody".into()));
    }
    if dim == 0 || dim > 4_096 || !voice.episodes.iter().all(whole) {
        return Err(fault("its numbers are not those of a voice".into()));
    }
    Ok(voice)
}

/// A name as a file name: small letters and digits, with dashes between.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') && !matches!(c, '\'' | '’') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "nameless".into() } else { slug.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(episode: &str, seconds: i64, angle: f32) -> HeardIn {
        HeardIn {
            episode: episode.into(),
            speech: Ms::new(seconds * 1000),
            centroid: vec![angle.cos(), angle.sin()],
        }
    }

    fn voice(name: &str, episodes: Vec<HeardIn>) -> RememberedVoice {
        let mut voice = RememberedVoice {
            name: SpeakerName(name.into()),
            model: ModelId { name: "scripted".into(), sha256: "scripted".into() },
            episodes: Vec::new(),
        };
        for heard in episodes {
            voice.hear(heard);
        }
        voice
    }

    #[test]
    fn an_episode_heard_twice_counts_once_and_never_for_itself() {
        let mut ada = voice("Ada Brook", vec![heard("1", 30, 0.0), heard("1", 40, 0.1)]);
        assert_eq!((ada.episodes.len(), ada.speech().get()), (1, 40_000));
        assert_eq!(ada.without("1"), None);
        ada.hear(heard("2", 60, 0.3));
        let known = ada.without("1").unwrap();
        assert_eq!(known.episodes, 1);
        assert!((known.centroid[1] - 0.3_f32.sin()).abs() < 1e-4);
    }

    #[test]
    fn one_bad_episode_does_not_poison_a_voice() {
        let good = vec![heard("1", 60, 0.0), heard("2", 60, 0.1), heard("3", 60, 0.2)];
        let mut ada = voice("Ada", good);
        let before = ada.without("").unwrap();
        ada.hear(heard("4", 6_000, 1.6));
        assert_eq!(ada.outliers(), ["4"]);
        assert_eq!(ada.without("").unwrap(), before);
    }

    #[test]
    fn voices_are_kept_found_and_forgotten() {
        let show = tempfile::tempdir().unwrap();
        let folder = VoiceFolder::of_show(show.path());
        assert_eq!(folder.read_all().unwrap(), []);
        let ada = voice("Ada O’Brien", vec![heard("1", 30, 0.0)]);
        let path = folder.write(&ada).unwrap();
        assert_eq!(path.file_name().unwrap(), "ada-obrien.json");
        folder.write(&voice("Bob Reed", vec![heard("1", 30, 1.0)])).unwrap();
        assert_eq!(folder.find("ada").unwrap().as_ref(), Some(&ada));
        assert_eq!(folder.find("Ann").unwrap(), None);
        folder.forget(&ada).unwrap();
        assert_eq!(folder.read_all().unwrap().len(), 1);
    }

    #[test]
    fn a_file_that_is_no_voice_is_refused_by_name() {
        let show = tempfile::tempdir().unwrap();
        let folder = VoiceFolder::of_show(show.path());
        let short = HeardIn { centroid: vec![0.1, 0.0], ..heard("1", 9, 0.0) };
        folder.write(&voice("Ada", vec![short])).unwrap();
        let message = folder.read_all().unwrap_err().to_string();
        assert!(
            message.contains("ada.json") && message.contains("not those of a voice"),
            "{message}"
        );
        fs::write(folder.root().join("ada.json"), "ID3 and some sound").unwrap();
        assert!(matches!(folder.read_all(), Err(LibraryError::Voice { .. })));
    }

    #[test]
    fn names_make_safe_file_names() {
        assert_eq!(slug("../../etc"), "etc");
        assert_eq!(slug("Renée  du Pré"), "renée-du-pré");
        assert_eq!(slug("!!"), "nameless");
    }
}
