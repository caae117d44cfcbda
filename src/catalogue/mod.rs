//! The back catalogue of a show from its feed: what the feed lists, and how an item of it becomes an
//! episode with its sound, its transcript and what is known of it.
//!
//! Feeds come from strangers. What they name is fetched over https from public addresses alone, within
//! bounds; names of files are ours. A show has one folder `audio/` for what was downloaded.

mod address;
mod download;
mod feed;
mod take;
mod web;

use std::path::PathBuf;

pub use address::Address;
pub use feed::{Feed, Item, MOST_FEED_BYTES, Reference, read};
pub use take::{Known, Taken, Taker};
pub use web::{Heard, Web};

use crate::library::LibraryError;
use crate::site::FeedError;

/// Why something of a feed cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It is no address of the web.
    #[error("`{text}` is not a web address: {reason}")]
    Address {
        /// What stands there.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The address leads into a network that is nobody else's business.
    #[error("`{address}` leads to a machine of a private network, which a feed has no business in")]
    Private {
        /// The address.
        address: String,
    },
    /// The server sends from address to address.
    #[error("`{address}` leads to another address more than {most} times")]
    Redirects {
        /// The address that was asked for first.
        address: String,
        /// How many are followed.
        most: usize,
    },
    /// The server refuses.
    #[error("the server of `{address}` answers {status}")]
    Status {
        /// The address.
        address: String,
        /// The status of HTTP.
        status: u16,
    },
    /// The server was not reached, or the line broke.
    #[error("cannot fetch `{address}`: {cause}")]
    Network {
        /// The address.
        address: String,
        /// What happened.
        cause: String,
    },
    /// There is more than what is believed.
    #[error("`{address}` has more than {most_mib} MiB")]
    TooLarge {
        /// The address.
        address: String,
        /// How much is taken.
        most_mib: u64,
    },
    /// There is a page for people where a file was expected.
    #[error("`{address}` is a page for people, not {wanted}")]
    Page {
        /// The address.
        address: String,
        /// What was expected, as `an audio file`.
        wanted: &'static str,
    },
    /// What was downloaded is no sound.
    #[error("what `{address}` leads to is no audio file: {cause}")]
    NotAudio {
        /// The address.
        address: String,
        /// Why.
        cause: String,
    },
    /// The item has no sound.
    #[error("the feed names no audio file for it")]
    NoAudio,
    /// The feed cannot be read.
    #[error("cannot read the feed `{place}`: {cause}")]
    Feed {
        /// Its address or its file.
        place: String,
        /// Why.
        cause: FeedError,
    },
    /// The network is forbidden.
    #[error("`{address}` would have to be fetched, and `--offline` forbids it")]
    Offline {
        /// The address.
        address: String,
    },
    /// Another `add` is at work on the show.
    #[error("another `add` is at work on `{}`", path.display())]
    Busy {
        /// The show's folder of downloads.
        path: PathBuf,
    },
    /// A file or folder of the show.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The person asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl CatalogueError {
    /// What to do next.
    pub fn hint(&self) -> String {
        let by_hand = "download the file yourself, and `linernotes add FILE`";
        match self {
            CatalogueError::Address { .. } => {
                "write it as `https://example.com/feed.xml`".to_owned()
            }
            CatalogueError::Private { .. } => {
                format!("if you know what it is, {by_hand}")
            }
            CatalogueError::Redirects { .. } | CatalogueError::NotAudio { .. } => {
                format!("open it in a browser to see what it leads to; or {by_hand}")
            }
            CatalogueError::Status { status: 401 | 403, .. } => {
                "the server wants to know who asks: use the feed's private address, which your \
                 membership shows, or download it yourself"
                    .to_owned()
            }
            CatalogueError::Status { status: 404 | 410, .. } => {
                "it is gone there; check the address, or ask whoever publishes it".to_owned()
            }
            CatalogueError::Status { .. } => "try again later".to_owned(),
            CatalogueError::Network { .. } => {
                "check the connection and run the same command again: it goes on where it stopped"
                    .to_owned()
            }
            CatalogueError::TooLarge { .. } => {
                format!("check that it is the right file; {by_hand}")
            }
            CatalogueError::Page { .. } => {
                "give the feed's own address (many pages call it RSS), or that of an audio file"
                    .to_owned()
            }
            CatalogueError::NoAudio => "nothing can be done here; the others are taken".to_owned(),
            CatalogueError::Feed { .. } => {
                "give a podcast's RSS feed; `linernotes lint FILE` says what is wrong with one"
                    .to_owned()
            }
            CatalogueError::Offline { .. } => {
                "leave `--offline` and `LINERNOTES_OFFLINE` out while you are connected".to_owned()
            }
            CatalogueError::Busy { .. } => "wait until it ends, or stop it first".to_owned(),
            CatalogueError::Library(fault) => {
                fault.hint().unwrap_or_else(|| "check the disk and run again".to_owned())
            }
            CatalogueError::Interrupted => {
                "run the same command again: it goes on where it stopped".to_owned()
            }
        }
    }
}
