//! `work/manifest.json`: which stages are done, from what, how long they took, what they warned of.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::library::LibraryError;
use crate::library::artifact::{read_record, write_record};
use crate::library::fingerprint::{Dependency, Fingerprint};
use crate::library::mark::FileMark;
use crate::stage::Stage;

const SCHEMA: u32 = 2;

/// What is known of an episode's finished stages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The finished stages.
    pub stages: BTreeMap<Stage, Entry>,
    /// The hashes of people's files, by path, so that a large one is not read again while it has not
    /// changed.
    pub sources: BTreeMap<String, FileMark>,
}

/// A finished stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The version of linernotes that did it.
    pub version: String,
    /// What the result depends on.
    pub depends_on: Vec<Dependency>,
    /// The hash of the result: of all files that the stage left.
    pub result: Fingerprint,
    /// The files that it left in `work/`, by name.
    pub files: BTreeMap<String, FileMark>,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What it warned of, in words.
    pub warnings: Vec<String>,
}

/// A manifest as it is kept. What its hash does not fit is not believed.
#[derive(Serialize, Deserialize)]
struct Kept<M> {
    hash: Fingerprint,
    #[serde(flatten)]
    manifest: M,
}

impl Manifest {
    /// Reads the manifest. One that is missing, damaged or of an older form counts as empty: the
    /// stages then run again, which loses time and nothing else.
    ///
    /// # Errors
    /// If a newer version wrote it: what that version did is not done again by an older one.
    pub fn read(path: &Path) -> Result<Manifest, LibraryError> {
        match read_record::<Kept<Manifest>>(path, SCHEMA) {
            Ok(kept) if kept.hash == kept.manifest.hash() => Ok(kept.manifest),
            Ok(_) => {
                tracing::debug!("`{}` is damaged", path.display());
                Ok(Manifest::default())
            }
            Err(newer @ LibraryError::Newer { .. }) => Err(newer),
            Err(fault) => {
                tracing::debug!("{fault}");
                Ok(Manifest::default())
            }
        }
    }

    /// Writes the manifest, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<(), LibraryError> {
        write_record(path, SCHEMA, &Kept { hash: self.hash(), manifest: self }).map(drop)
    }

    /// The hash of all but how long stages took: a fraction may be printed in other digits.
    fn hash(&self) -> Fingerprint {
        let mut without_times = self.clone();
        for entry in without_times.stages.values_mut() {
            entry.seconds = 0.0;
        }
        Fingerprint::of_bytes(&serde_json::to_vec(&without_times).unwrap_or_default())
    }

    /// Why a stage has to run: what changed since its result was made, or `None` where nothing did.
    pub fn why_stale(&self, stage: Stage, depends_on: &[Dependency]) -> Option<String> {
        let Some(entry) = self.stages.get(&stage) else {
            return Some("it has not run yet".into());
        };
        let changed: Vec<String> = depends_on
            .iter()
            .filter_map(|now| {
                match entry.depends_on.iter().find(|before| before.name == now.name) {
                    None => Some(format!("{} is new", now.name)),
                    Some(before) if before.value != now.value => Some(describe_change(before, now)),
                    Some(_) => None,
                }
            })
            .chain(
                entry
                    .depends_on
                    .iter()
                    .filter(|before| depends_on.iter().all(|now| now.name != before.name))
                    .map(|before| format!("{} is gone", before.name)),
            )
            .collect();
        (!changed.is_empty()).then(|| changed.join(", "))
    }
}

fn describe_change(before: &Dependency, now: &Dependency) -> String {
    const SHORT: usize = 24;
    if before.value.len() <= SHORT && now.value.len() <= SHORT {
        format!("{} changed from {} to {}", now.name, before.value, now.value)
    } else {
        format!("{} changed", now.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_letter_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.json");
        let entry = Entry {
            version: "0".into(),
            depends_on: vec![Dependency::new("the recognizer", "base")],
            result: Fingerprint::of_bytes(b""),
            files: BTreeMap::new(),
            seconds: 1.234,
            warnings: vec!["a warning".into()],
        };
        let stages = BTreeMap::from([(Stage::Decode, entry)]);
        let manifest = Manifest { stages, ..Manifest::default() };
        manifest.write(&path).unwrap();
        assert_eq!(Manifest::read(&path).unwrap(), manifest);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("a warning", "b warning")).unwrap();
        assert_eq!(Manifest::read(&path).unwrap(), Manifest::default());
    }

    #[test]
    fn a_change_is_named() {
        let mut manifest = Manifest::default();
        let model = |v: &str| vec![Dependency::new("the recognizer", v)];
        assert_eq!(
            manifest.why_stale(Stage::Transcribe, &model("base")).unwrap(),
            "it has not run yet"
        );
        manifest.stages.insert(
            Stage::Transcribe,
            Entry {
                version: "0".into(),
                depends_on: model("base"),
                result: Fingerprint::of_bytes(b""),
                files: BTreeMap::new(),
                seconds: 0.0,
                warnings: vec![],
            },
        );
        assert_eq!(manifest.why_stale(Stage::Transcribe, &model("base")), None);
        assert_eq!(
            manifest.why_stale(Stage::Transcribe, &model("tiny.en")).unwrap(),
            "the recognizer changed from base to tiny.en"
        );
    }
}
