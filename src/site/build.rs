//! A show's folder -> its site in place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use crate::library::LibraryError;
use crate::library::fingerprint::Fingerprint;
use crate::library::folder::{EpisodeFolder, episodes_of};
use crate::library::placeholders;
use crate::library::show::Show;
use crate::library::theme;
use crate::library::written::read_toml;
use crate::pipeline::{self, edition_of, has_edition};
use crate::publish::{self, Tree};
use crate::render::{TemplateSource, Templates, values};
use crate::site::feed::FEED;
use crate::site::feeds::Feeds;
use crate::site::navigation::{Way, with_navigation};
use crate::site::place::site_folder;
use crate::site::{AudioFile, Entry, OWN_FOLDERS, Site, SiteError, SiteFacts, SiteWarning, entry};

/// The page of an episode, in `out/` and on the site.
const PAGE: &str = "index.html";
/// The editor's notes, with what is still to be done: nothing for the public.
const EDITORS_NOTES: &str = "notes.md";

/// What is on the site now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The site's first page.
    pub page: PathBuf,
    /// How many episodes are on it.
    pub episodes: usize,
    /// How many files there are.
    pub files: usize,
    /// How many of them are new or have changed.
    pub written: usize,
    /// How many files of before are gone.
    pub removed: usize,
    /// What could not be put on it.
    pub warnings: Vec<SiteWarning>,
}

/// How often a site is begun while its episodes are published anew.
const TRIES: u32 = 5;
/// How long to wait for what is published just now.
const PAUSE: Duration = Duration::from_millis(30);

/// Builds the site of the show in `root` in the folder `out`.
///
/// Every episode that has a page takes part. One edition at a time is in memory. Where a feed is
/// given, the site's is that one with the podcast namespace's tags added. Where an episode is
/// published anew meanwhile, the site is begun again: half of the old episode and half of the new
/// one never stand on it.
pub fn build(root: &Path, out: &Path, into_feed: Option<&Path>) -> Result<Built, SiteError> {
    for tried in 1..=TRIES {
        let folders = episodes_of(root)?;
        let versions = Versions::of(&folders);
        match make(root, out, into_feed, folders) {
            Err(fault) if fault.is_busy() && tried < TRIES => {}
            made if versions.are_in_place() => return made?.put_in_place(out),
            _ => {}
        }
        std::thread::sleep(PAUSE * tried);
    }
    Err(SiteError::Changing { path: root.to_path_buf() })
}

/// What is published of the episodes while it is read.
struct Versions(Vec<(PathBuf, Option<publish::Version>)>);

impl Versions {
    fn of(folders: &[EpisodeFolder]) -> Versions {
        let version = |folder: &EpisodeFolder| (folder.out(), publish::version(&folder.out()));
        Versions(folders.iter().map(version).collect())
    }

    fn are_in_place(&self) -> bool {
        self.0.iter().all(|(out, version)| publish::version(out) == *version)
    }
}

/// A site that is made and not in place yet.
struct Made {
    tree: Tree,
    episodes: usize,
    warnings: Vec<SiteWarning>,
}

impl Made {
    fn put_in_place(self, out: &Path) -> Result<Built, SiteError> {
        let placed = self.tree.finish()?;
        Ok(Built {
            page: out.join(PAGE),
            episodes: self.episodes,
            files: placed.names.len(),
            written: placed.written,
            removed: placed.removed,
            warnings: self.warnings,
        })
    }
}

fn make(
    root: &Path,
    out: &Path,
    into_feed: Option<&Path>,
    folders: Vec<EpisodeFolder>,
) -> Result<Made, SiteError> {
    let place = site_folder(root, out)?;
    let show: Show = read_toml(&root.join("show.toml"))?;
    let sources = theme::sources(root)?;
    let overrides =
        sources.into_iter().map(|(name, path, text)| TemplateSource { name, path, text });
    let templates = Templates::with_overrides(overrides)?;
    let told = templates.told().iter().cloned().map(SiteWarning::Words);
    placeholders::refuse(&root.join("show.toml"), &show)?;
    let (folders, mut entries, mut warnings) = gather(folders)?;
    for (folder, entry) in folders.iter().zip(&entries) {
        placeholders::refuse(&folder.episode_toml(), &entry.episode)?;
    }
    warnings.extend(unreadable(root, &show, &folders, &entries));
    warnings.extend(told);
    find_pictures(&mut entries, &folders, &root.join(show.image.trim()))?;
    let mut tree = Tree::begin(&place)?;
    let mut site = Site::new(&show, &templates);
    let artwork = put_picture(&mut tree, root, &show)?;
    let mut feeds = Feeds::begin(root, &show, &artwork, into_feed)?;
    for (index, (folder, entry)) in folders.iter().zip(&entries).enumerate() {
        let edition = edition_of(folder)?;
        for file in site.add(entry, &edition) {
            tree.write(&file.relative_path, &file.bytes)?;
        }
        feeds.add(folder, entry, &edition)?;
        let way = Way {
            entries: &entries,
            show: show.name.trim(),
            has_feed: feeds.makes_one(),
            words: entry.words(&show, &edition, &templates),
        };
        put_episode(&mut tree, folder, index, way)?;
    }
    let feed = feeds.finish(&place.join(FEED), &mut warnings)?;
    let facts = SiteFacts { artwork, has_feed: !feed.is_empty() };
    for file in site.finish(&facts)?.iter().chain(&feed) {
        tree.write(&file.relative_path, &file.bytes)?;
    }
    Ok(Made { tree, episodes: entries.len(), warnings })
}

/// The values of the show and of its episodes that cannot be read.
fn unreadable(
    root: &Path,
    show: &Show,
    folders: &[EpisodeFolder],
    entries: &[Entry],
) -> Vec<SiteWarning> {
    let of_show = values::of_show(show).into_iter().map(|value| (root.join("show.toml"), value));
    let of_episodes = folders.iter().zip(entries).flat_map(|(folder, entry)| {
        let values = values::of_episode(&entry.episode).into_iter();
        values.map(|value| (folder.episode_toml(), value))
    });
    of_show
        .chain(of_episodes)
        .map(|(path, value)| SiteWarning::Unreadable { path, value })
        .collect()
}

type Gathered = (Vec<EpisodeFolder>, Vec<Entry>, Vec<SiteWarning>);

/// The episodes that have a page, the oldest first.
fn gather(folders: Vec<EpisodeFolder>) -> Result<Gathered, SiteError> {
    let (mut found, mut warnings) = (Vec::new(), Vec::new());
    for folder in folders {
        if OWN_FOLDERS.contains(&folder.name().as_str()) {
            return Err(SiteError::TakenName { path: folder.root().to_path_buf() });
        }
        if !folder.out().join(PAGE).is_file() {
            // a killed run may have left it beside its place
            publish::put_right(&folder.out())?;
        }
        if folder.out().join(PAGE).is_file() && has_edition(&folder) {
            found.push((entry_of(&folder)?, folder));
        } else {
            warnings.push(SiteWarning::NotRun { folder: folder.root().to_path_buf() });
        }
    }
    found.sort_by_cached_key(|(entry, _)| entry::order(entry));
    let (entries, folders) = found.into_iter().unzip();
    Ok((folders, entries, warnings))
}

/// Finds each episode's own picture. One that several have is the show's, whatever it is called.
fn find_pictures(
    entries: &mut [Entry],
    folders: &[EpisodeFolder],
    of_show: &Path,
) -> Result<(), SiteError> {
    let mut pictures = Vec::new();
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    if of_show.is_file() {
        times.insert(Fingerprint::of_file(of_show)?.to_string(), 1);
    }
    for (index, (entry, folder)) in entries.iter().zip(folders).enumerate() {
        let Some(name) = entry.files.iter().find(|name| name.starts_with("artwork.")) else {
            continue;
        };
        let hash = Fingerprint::of_file(&folder.out().join(name))?.to_string();
        *times.entry(hash.clone()).or_default() += 1;
        pictures.push((index, name.clone(), hash));
    }
    for (index, name, hash) in pictures {
        if times.get(&hash) == Some(&1) || !entries[index].episode.image.trim().is_empty() {
            entries[index].picture = name;
        }
    }
    Ok(())
}

fn entry_of(folder: &EpisodeFolder) -> Result<Entry, SiteError> {
    let episode = folder.read_episode()?;
    let out = folder.out();
    let mut files = BTreeSet::new();
    list(&out, "", &mut files).map_err(LibraryError::io("read", &out))?;
    files.remove(EDITORS_NOTES);
    // a mix of tracks has no name in `episode.toml`
    let named = publish::audio_name(Path::new(&episode.audio)).filter(|name| files.contains(name));
    let mix = || files.iter().find(|name| name.starts_with("audio.")).cloned();
    let audio = match named.or_else(mix) {
        Some(name) => {
            let path = out.join(&name);
            let bytes = fs::metadata(&path).map_err(LibraryError::io("read", &path))?.len();
            Some(AudioFile { name, bytes })
        }
        None => None,
    };
    let image = episode.image.trim();
    let picture = if image.contains("://") { image.to_owned() } else { String::new() };
    let known = pipeline::known_people_of(folder)?;
    Ok(Entry { name: folder.name(), known, files, audio, picture, episode })
}

/// The files below a folder by their paths in it. Hidden ones and those with names that cannot be
/// listed are left out.
fn list(folder: &Path, inside: &str, files: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') || name.contains(char::is_control) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(&entry.path(), &format!("{inside}{name}/"), files)?;
        } else if kind.is_file() {
            files.insert(format!("{inside}{name}"));
        }
    }
    Ok(())
}

/// Puts an episode's files on the site.
fn put_episode(
    tree: &mut Tree,
    folder: &EpisodeFolder,
    index: usize,
    way: Way<'_>,
) -> Result<(), SiteError> {
    let Some(entry) = way.entries.get(index) else { return Ok(()) };
    for file in &entry.files {
        let (from, to) = (folder.out().join(file), format!("{}/{file}", entry.name));
        if file == PAGE {
            let page = fs::read_to_string(&from).map_err(LibraryError::io("read", &from))?;
            tree.write(&to, with_navigation(&page, index, way).as_bytes())?;
        } else {
            tree.share(&from, &to)?;
        }
    }
    Ok(())
}

/// Puts the show's picture on the site and returns its address there.
fn put_picture(tree: &mut Tree, root: &Path, show: &Show) -> Result<String, SiteError> {
    let image = show.image.trim();
    if image.is_empty() || image.contains("://") {
        return Ok(image.to_owned());
    }
    let from = root.join(image);
    if !from.is_file() {
        let message = format!("at `image`: `{image}` is not there");
        return Err(LibraryError::Written { path: root.join("show.toml"), message }.into());
    }
    let name = format!("cover{}", picture_ending(image));
    tree.copy(&from, &name)?;
    Ok(name)
}

/// The ending of a picture's file, with its full stop.
fn picture_ending(image: &str) -> String {
    let ending = Path::new(image).extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    let plain = ending.filter(|e| !e.is_empty() && e.bytes().all(|b| b.is_ascii_alphanumeric()));
    plain.map_or_else(String::new, |ending| format!(".{ending}"))
}
