//! The site's feed: the show's own, or one of others with tags added. Reads what both need.

use std::fs;
use std::path::{Path, PathBuf};

use crate::edit::Edition;
use crate::library::LibraryError;
use crate::library::folder::EpisodeFolder;
use crate::library::show::Show;
use crate::render::{Artifact, markup, values};
use crate::site::feed::{FEED, Feed, Gap, address, item_guid, show_guid};
use crate::site::splice::{Wanted, splice};
use crate::site::{Entry, FeedError, SiteError, SiteWarning, base_address, tags};

/// The feed under way, while the episodes are gone through.
#[derive(Debug)]
pub(super) struct Feeds<'s> {
    show: &'s Show,
    base: Option<String>,
    kind: Kind<'s>,
    folders: Vec<PathBuf>,
    warnings: Vec<SiteWarning>,
}

#[derive(Debug)]
enum Kind<'s> {
    None,
    Own(Feed<'s>),
    Theirs { path: PathBuf, wanted: Vec<Wanted> },
}

impl<'s> Feeds<'s> {
    /// Finds what feed there will be, and whether `show.toml` says all that it needs. `picture` is
    /// the show's: a file at the top of the site, or an address.
    pub(super) fn begin(
        root: &Path,
        show: &'s Show,
        picture: &str,
        into_feed: Option<&Path>,
    ) -> Result<Feeds<'s>, SiteError> {
        let fault = |cause| SiteError::Feed { path: root.join("show.toml"), cause };
        let base = base_address(show);
        if base.is_none()
            && let Some(fault) = values::of_show(show).into_iter().find(|v| v.key == "base_url")
        {
            let (path, message) = (root.join("show.toml"), fault.to_string());
            return Err(LibraryError::Written { path, message }.into());
        }
        let kind = match (into_feed, &base) {
            (Some(_), None) => return Err(fault(FeedError::NoAddress)),
            (Some(path), Some(_)) => Kind::Theirs { path: path.to_path_buf(), wanted: Vec::new() },
            (None, Some(base)) => {
                let picture = match picture {
                    "" => String::new(),
                    address if address.contains("://") => address.to_owned(),
                    file => format!("{base}/{file}"),
                };
                Kind::Own(Feed::new(show, base, &picture).map_err(fault)?)
            }
            (None, None) => Kind::None,
        };
        Ok(Feeds { show, base, kind, folders: Vec::new(), warnings: Vec::new() })
    }

    /// Whether the site has a feed.
    pub(super) fn makes_one(&self) -> bool {
        !matches!(self.kind, Kind::None)
    }

    /// Adds the next episode.
    pub(super) fn add(
        &mut self,
        folder: &EpisodeFolder,
        entry: &Entry,
        edition: &Edition,
    ) -> Result<(), SiteError> {
        let Some(base) = &self.base else { return Ok(()) };
        let tags = tags::of_episode(self.show, entry, edition, &address(base, entry));
        self.folders.push(folder.root().to_path_buf());
        match &mut self.kind {
            Kind::None => {}
            Kind::Own(feed) => {
                let path = folder.out().join("notes.html");
                let notes = if path.is_file() {
                    fs::read_to_string(&path).map_err(LibraryError::io("read", &path))?
                } else {
                    String::new()
                };
                let root = folder.root();
                self.warnings.extend(
                    feed.add(entry, edition, &notes, &tags).into_iter().map(|gap| told(gap, root)),
                );
            }
            Kind::Theirs { wanted, .. } => {
                let audio = markup::link(&entry.episode.audio_url).unwrap_or(&entry.episode.audio);
                let own = show_guid(self.show, base);
                wanted.push(Wanted {
                    guid: item_guid(&own, entry),
                    audio_url: audio.to_owned(),
                    title: entry.title().into_owned(),
                    tags,
                });
            }
        }
        Ok(())
    }

    /// The feed's documents. `before` is where the feed lies that it takes the place of.
    pub(super) fn finish(
        self,
        before: &Path,
        warnings: &mut Vec<SiteWarning>,
    ) -> Result<Vec<Artifact>, SiteError> {
        warnings.extend(self.warnings);
        match self.kind {
            Kind::None => {
                warnings.push(SiteWarning::NoFeed);
                Ok(Vec::new())
            }
            Kind::Own(feed) => {
                let now = feed.guid().to_owned();
                let before = guid_in(&fs::read_to_string(before).unwrap_or_default());
                if let Some(before) = before.filter(|before| *before != now) {
                    warnings.push(SiteWarning::OtherGuid { before, now });
                }
                Ok(feed.finish())
            }
            Kind::Theirs { path, wanted } => {
                let bytes = fs::read(&path).map_err(LibraryError::io("read", &path))?;
                let stated = (!self.show.guid.trim().is_empty()).then_some("");
                let guid = |feed: Option<&str>| Some(show_guid(self.show, feed.or(stated)?));
                let spliced = splice(&bytes, &wanted, guid)
                    .map_err(|cause| SiteError::Feed { path: path.clone(), cause })?;
                let folder = |index: usize| self.folders.get(index).cloned().unwrap_or_default();
                warnings.extend(
                    spliced
                        .not_found
                        .into_iter()
                        .map(|index| SiteWarning::NotInFeed { folder: folder(index) }),
                );
                warnings.extend(
                    spliced
                        .kept
                        .into_iter()
                        .map(|(index, tag)| SiteWarning::OwnTag { folder: folder(index), tag }),
                );
                warnings.extend(spliced.lacks_guid.then_some(SiteWarning::NoFeedAddress));
                let told = |(line, character)| SiteWarning::Forbidden { path, line, character };
                warnings.extend(spliced.forbidden.map(told));
                Ok(vec![Artifact { relative_path: FEED.to_owned(), bytes: spliced.bytes }])
            }
        }
    }
}

fn told(gap: Gap, folder: &Path) -> SiteWarning {
    let folder = folder.to_path_buf();
    match gap {
        Gap::Audio => SiteWarning::NoAudio { folder },
        Gap::Length => SiteWarning::NoLength { folder },
        Gap::Date => SiteWarning::NoDate { folder },
    }
}

/// The `podcast:guid` of a feed that we made.
fn guid_in(feed: &str) -> Option<String> {
    let (_, rest) = feed.split_once("<podcast:guid>")?;
    let (guid, _) = rest.split_once("</podcast:guid>")?;
    Some(guid.trim().to_owned())
}
