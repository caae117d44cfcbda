//! An item of a feed becomes an episode: its sound in the show's `audio/`, and a folder with what the
//! feed says of it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::download::Part;
use super::feed::{Item, Reference};
use super::web::network;
use super::{Address, CatalogueError, Web};
use crate::decode::tags;
use crate::disk::{self, Hold};
use crate::formats::chapters_json;
use crate::formats::source::{MAX_BYTES, SourceText};
use crate::import;
use crate::library::LibraryError;
use crate::library::edits::NEW_EDITS;
use crate::library::episode::{ChapterEntry, Episode, Person};
use crate::library::folder::{EpisodeFolder, episodes_of};
use crate::library::numbered;
use crate::models::FetchProgress;
use crate::speech::Chapter;

/// Where a show's downloads lie, in its folder.
const AUDIO_FOLDER: &str = "audio";
/// The longest name of a file that is made of a title, in characters.
const MOST_NAME: usize = 60;
/// The largest file of chapters, in bytes.
const MOST_CHAPTERS: u64 = 4 << 20;

/// The kinds of transcripts, those first that tell most: times of words, then of sentences.
const TRANSCRIPTS: [(&str, &str); 9] = [
    ("application/json", "json"),
    ("text/vtt", "vtt"),
    ("application/x-subrip", "srt"),
    ("application/srt", "srt"),
    ("text/srt", "srt"),
    ("application/ttml+xml", "ttml"),
    ("text/html", "html"),
    ("text/markdown", "md"),
    ("text/plain", "txt"),
];

/// The endings of files of sound, by what servers and feeds call their kinds.
const ENDINGS: [(&str, &str); 9] = [
    ("audio/mpeg", "mp3"),
    ("audio/mp3", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/x-m4a", "m4a"),
    ("audio/aac", "aac"),
    ("audio/ogg", "ogg"),
    ("audio/opus", "opus"),
    ("audio/flac", "flac"),
    ("video/mp4", "mp4"),
];

/// What a show has already.
#[derive(Debug, Default)]
pub struct Known(Vec<Episode>);

impl Known {
    /// The episodes of a show. One that cannot be read is unknown, and is told when it runs.
    pub fn of(show: &Path) -> Result<Known, LibraryError> {
        Ok(Known(episodes_of(show)?.iter().filter_map(|one| one.read_episode().ok()).collect()))
    }

    /// Whether the item is there: by its identity, the address of its sound, or its title and day.
    pub fn has(&self, item: &Item) -> bool {
        let audio = item.audio.as_ref().map_or("", |audio| audio.url.as_str());
        let day = item.date.map(|day| day.to_string()).unwrap_or_default();
        self.0.iter().any(|known| {
            let is_same = |a: &str, b: &str| !a.is_empty() && a == b;
            is_same(&known.guid, &item.guid)
                || is_same(&known.audio_url, audio)
                || known.guid.is_empty()
                    && is_same(&known.title, &item.title)
                    && is_same(&known.date, &day)
        })
    }
}

/// A new episode.
#[derive(Debug)]
pub struct Taken {
    /// Its folder.
    pub folder: EpisodeFolder,
    /// What of the feed could not be had, as sentences.
    pub warnings: Vec<String>,
}

/// Takes items into a show, one after the other. While it lives no other one does so.
pub struct Taker<'a> {
    show: &'a Path,
    web: &'a Web,
    progress: &'a dyn FetchProgress,
    _lock: File,
}

impl<'a> Taker<'a> {
    /// A taker for the show in that folder.
    pub fn new(
        show: &'a Path,
        web: &'a Web,
        progress: &'a dyn FetchProgress,
    ) -> Result<Taker<'a>, CatalogueError> {
        let folder = show.join(AUDIO_FOLDER);
        disk::create_dir_all(&folder).map_err(LibraryError::io("create", &folder))?;
        let path = folder.join(".lock");
        let lock = disk::open_to_add(&path).map_err(LibraryError::io("write", &path))?;
        match disk::hold(&lock).map_err(LibraryError::io("lock", &path))? {
            Hold::Anothers => Err(CatalogueError::Busy { path: folder }),
            Hold::Ours | Hold::Unknown => Ok(Taker { show, web, progress, _lock: lock }),
        }
    }

    /// Makes an episode of the item. `base` is where the feed came from, which its addresses may be
    /// relative to.
    pub fn take(&self, item: &Item, base: Option<&Address>) -> Result<Taken, CatalogueError> {
        let reference = item.audio.as_ref().ok_or(CatalogueError::NoAudio)?;
        let address = address_of(reference, base)?;
        let mut warnings = Vec::new();
        let chapters = self.chapters(item, base).unwrap_or_else(|fault| {
            warnings.push(format!("its chapters are not taken over: {fault}"));
            Vec::new()
        });
        let transcript = self.transcript(item, base).unwrap_or_else(|fault| {
            warnings.push(format!("its transcript is not taken over: {fault}"));
            None
        });
        let audio = self.sound(item, &address, &reference.kind)?;
        let episode = Episode { chapters, ..episode_of(item, &address, &audio) };
        Ok(Taken { folder: self.folder(&audio, episode, transcript)?, warnings })
    }

    /// Downloads the sound, and gives its place. What is no sound is not kept.
    fn sound(&self, item: &Item, address: &Address, kind: &str) -> Result<PathBuf, CatalogueError> {
        let folder = self.show.join(AUDIO_FOLDER);
        let mark = blake3::hash(item.guid.as_bytes()).to_hex();
        let part = Part::new(folder.join(format!(".{mark:.16}.part")));
        part.fetch(self.web, address, self.progress)?;
        if let Err(fault) = tags::read(&part.path) {
            part.forget()?;
            return Err(CatalogueError::NotAudio {
                address: address.shown(),
                cause: fault.to_string(),
            });
        }
        let ending =
            address.ending().filter(|ending| ENDINGS.iter().any(|(_, known)| known == ending));
        let of_kind =
            ENDINGS.iter().find(|(name, _)| *name == kind).map(|(_, ending)| (*ending).to_owned());
        let ending = ending.or(of_kind).unwrap_or_else(|| "mp3".to_owned());
        let path = self.free_place(&folder, item, address, &ending)?;
        part.put_at(&path)?;
        Ok(path)
    }

    /// A place for a file of that item where none is, be it of sound or an episode's folder.
    fn free_place(
        &self,
        folder: &Path,
        item: &Item,
        address: &Address,
        ending: &str,
    ) -> Result<PathBuf, LibraryError> {
        let title = if item.title.is_empty() { address.name() } else { item.title.clone() };
        let name = numbered::new_name(self.show, &plain_name(&title), item.number)?;
        let more = (2..).map(|count| format!("{name}-{count}"));
        let free = std::iter::once(name.clone()).chain(more).find(|name| {
            let path = folder.join(format!("{name}.{ending}"));
            !disk::is_there(&path) && !disk::is_there(&self.show.join(name))
        });
        Ok(folder.join(format!("{}.{ending}", free.unwrap_or(name))))
    }

    /// The transcript that tells most, with its name, where the feed has one that can be read.
    fn transcript(
        &self,
        item: &Item,
        base: Option<&Address>,
    ) -> Result<Option<(String, Vec<u8>)>, CatalogueError> {
        let rank = |kind: &str| TRANSCRIPTS.iter().position(|(known, _)| *known == kind);
        let mut known: Vec<(usize, &Reference)> =
            item.transcripts.iter().filter_map(|one| Some((rank(&one.kind)?, one))).collect();
        known.sort_by_key(|(rank, _)| *rank);
        let mut fault = None;
        for (rank, reference) in known {
            let ending = TRANSCRIPTS.get(rank).map_or("txt", |(_, ending)| ending);
            let name = format!("transcript.{ending}");
            match self.transcript_at(reference, &name, base) {
                Ok(bytes) => return Ok(Some((name, bytes))),
                Err(error) => fault = Some(error),
            }
        }
        fault.map_or(Ok(None), Err)
    }

    fn transcript_at(
        &self,
        reference: &Reference,
        name: &str,
        base: Option<&Address>,
    ) -> Result<Vec<u8>, CatalogueError> {
        let address = address_of(reference, base)?;
        let (bytes, _) = self.web.read(&address, MAX_BYTES as u64)?;
        import::import(&bytes, name).map_err(|cause| network(&address, &cause))?;
        Ok(bytes)
    }

    /// The item's chapters: those of the file that it names, else those in the feed.
    fn chapters(
        &self,
        item: &Item,
        base: Option<&Address>,
    ) -> Result<Vec<ChapterEntry>, CatalogueError> {
        let Some(reference) = &item.chapters_file else { return Ok(entries(&item.chapters)) };
        let address = address_of(reference, base)?;
        let (bytes, _) = self.web.read(&address, MOST_CHAPTERS)?;
        let text = SourceText::decode(&bytes[..]).map_err(|cause| network(&address, &cause))?.text;
        let (file, _) = chapters_json::parse(&text).map_err(|cause| network(&address, &cause))?;
        Ok(entries(&file.to_chapters()))
    }

    fn folder(
        &self,
        audio: &Path,
        episode: Episode,
        transcript: Option<(String, Vec<u8>)>,
    ) -> Result<EpisodeFolder, CatalogueError> {
        let root = numbered::new_folder(self.show, audio, None)?;
        let mut folder = match transcript {
            None => EpisodeFolder::for_audio(&root, audio, episode)?,
            Some((name, bytes)) => {
                // the episode gets a copy of it
                let scratch = self.show.join(AUDIO_FOLDER).join(format!(".{name}"));
                let scratch = Scratch::write(&scratch, &name, &bytes)?;
                EpisodeFolder::for_transcript(&root, (&scratch.file, &bytes), Some(audio), episode)?
            }
        };
        folder.add("edits.toml", NEW_EDITS.as_bytes())?;
        Ok(folder)
    }
}

/// A file in a folder of its own, for as long as it is needed.
struct Scratch {
    folder: PathBuf,
    file: PathBuf,
}

impl Scratch {
    fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<Scratch, LibraryError> {
        let (folder, file) = (folder.to_path_buf(), folder.join(name));
        disk::create_dir_all(&folder).map_err(LibraryError::io("create", &folder))?;
        disk::write(&file, bytes).map_err(LibraryError::io("write", &file))?;
        Ok(Scratch { folder, file })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(fault) = fs::remove_file(&self.file).and_then(|()| fs::remove_dir(&self.folder))
        {
            tracing::debug!("`{}` stays: {fault}", self.folder.display());
        }
    }
}

fn address_of(reference: &Reference, base: Option<&Address>) -> Result<Address, CatalogueError> {
    base.map_or_else(|| Address::parse(&reference.url), |base| base.join(&reference.url))
}

/// What the feed and the file say of the episode.
fn episode_of(item: &Item, address: &Address, audio: &Path) -> Episode {
    let of_file = tags::read(audio).map(|source| Episode::from_source(&source)).unwrap_or_default();
    let stated =
        |stated: &str, other: String| if stated.is_empty() { other } else { stated.to_owned() };
    Episode {
        title: stated(&item.title, of_file.title),
        number: item.number.or(of_file.number),
        date: item.date.map_or(of_file.date, |day| day.to_string()),
        summary: stated(&item.summary, of_file.summary),
        kind: item.kind,
        explicit: item.explicit,
        image: if Address::parse(&item.image).is_ok() { item.image.clone() } else { String::new() },
        guid: item.guid.clone(),
        audio_url: address.public().unwrap_or_default(),
        people: people(item),
        ..Episode::default()
    }
}

fn entries(chapters: &[Chapter]) -> Vec<ChapterEntry> {
    let entry = |chapter: &Chapter| ChapterEntry {
        start: chapter.start.clock_ms(),
        title: chapter.title.clone(),
        url: chapter.url.clone().unwrap_or_default(),
    };
    chapters.iter().map(entry).collect()
}

fn people(item: &Item) -> Vec<Person> {
    let person = |(name, role): &(String, String)| Person {
        name: name.clone(),
        role: role.clone(),
        ..Person::default()
    };
    item.people.iter().map(person).collect()
}

/// A title as a plain name for files on every system: letters and digits with `-` between.
fn plain_name(title: &str) -> String {
    let lower = title.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-");
    let short: String = name.chars().take(MOST_NAME).collect();
    let short = short.trim_end_matches('-');
    if short.is_empty() { "episode".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_every_system_takes() {
        for (title, name) in [
            ("Q&A: über Dinge!", "q-a-über-dinge"),
            ("../../etc/passwd", "etc-passwd"),
            ("con", "con"),
            ("…", "episode"),
            ("a\u{202e}b\0c", "a-b-c"),
            ("日本語 の 番組", "日本語-の-番組"),
        ] {
            assert_eq!(plain_name(title), name);
        }
        assert_eq!(plain_name(&"wort ".repeat(100)).chars().count(), 59);
    }

    #[test]
    fn an_item_is_known_by_its_guid_its_sound_or_its_title_and_day() {
        let item = Item {
            guid: "id".into(),
            title: "A talk".into(),
            date: "2018-05-15".parse().ok(),
            audio: Some(Reference {
                url: "https://a.example/1.mp3".into(),
                ..Reference::default()
            }),
            ..Item::default()
        };
        let known = |episode: Episode| Known(vec![episode]).has(&item);
        assert!(known(Episode { guid: "id".into(), ..Episode::default() }));
        assert!(known(Episode {
            audio_url: "https://a.example/1.mp3".into(),
            ..Episode::default()
        }));
        let (title, date) = ("A talk".to_owned(), "2018-05-15".to_owned());
        let by_hand = Episode { title, date, ..Episode::default() };
        assert!(known(by_hand.clone()));
        assert!(!known(Episode { guid: "other".into(), ..by_hand.clone() }));
        assert!(!known(Episode { date: String::new(), ..by_hand }));
        assert!(!known(Episode::default()));
    }
}
