//! The episode's picture: what `episode.toml` names, else what the audio holds, else the show's.

use std::path::{Path, PathBuf};

use crate::library::LibraryError;
use crate::library::{named, regular};
use crate::pipeline::Pipeline;
use crate::pipeline::records::ARTWORK_FILES;
use crate::render::markup;
use crate::stage::Stage;

/// The endings of pictures that every browser shows.
const ENDINGS: [&str; 6] = ["jpg", "jpeg", "png", "webp", "gif", "avif"];

/// Where a picture is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Picture {
    /// A file, which is copied beside the page under the given name.
    File(PathBuf, String),
    /// An address on the web.
    Address(String),
}

impl Picture {
    /// How the page names it.
    pub(super) fn href(&self) -> String {
        match self {
            Picture::File(_, name) => markup::file_href(name),
            Picture::Address(address) => address.clone(),
        }
    }

    /// What `image` in the given file says; `None` where it says nothing.
    fn stated(image: &str, toml: &Path) -> Result<Option<Picture>, LibraryError> {
        let image = image.trim();
        if image.is_empty() {
            return Ok(None);
        }
        if image.contains("://") {
            return Ok(markup::link(image).map(|address| Picture::Address(address.to_owned())));
        }
        let wrong = |what: &str| LibraryError::Written {
            path: toml.to_path_buf(),
            message: format!("at `image`: `{image}` {what}"),
        };
        let file = named::resolve(&toml.with_file_name(""), image);
        let ending = Path::new(image).extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        let Some(ending) = ending.filter(|ending| ENDINGS.contains(&ending.as_str())) else {
            return Err(wrong(&format!(
                "is no picture; its name ends with {}",
                ENDINGS.join(", ")
            )));
        };
        regular::check(&file)?;
        if !file.is_file() {
            return Err(wrong(&format!("is not there; `{}` was looked for", file.display())));
        }
        Ok(Some(Picture::File(file, format!("artwork.{ending}"))))
    }
}

impl Pipeline<'_> {
    /// The episode's picture.
    pub(super) fn picture(&self) -> Result<Option<Picture>, LibraryError> {
        if let Some(own) = Picture::stated(&self.episode.image, &self.folder.episode_toml())? {
            return Ok(Some(own));
        }
        if let Some(held) = self.held_picture() {
            return Ok(Some(held));
        }
        match self.folder.show_root() {
            Some(root) => Picture::stated(&self.show.image, &root.join("show.toml")),
            None => Ok(None),
        }
    }

    /// The picture that the audio file holds.
    fn held_picture(&self) -> Option<Picture> {
        let held = ARTWORK_FILES.into_iter().find(|name| self.has_left(Stage::Decode, name))?;
        let ending = held.rsplit_once('.').map_or("jpg", |(_, ending)| ending);
        Some(Picture::File(self.folder.work_file(held), format!("artwork.{ending}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_file_beside_what_names_it_or_an_address() {
        let folder = tempfile::tempdir().unwrap();
        let toml = folder.path().join("show.toml");
        std::fs::write(folder.path().join("Cover.JPG"), "x").unwrap();
        let stated = |image: &str| Picture::stated(image, &toml);
        assert_eq!(stated(" ").unwrap(), None);
        assert_eq!(
            stated("Cover.JPG").unwrap(),
            Some(Picture::File(folder.path().join("Cover.JPG"), "artwork.jpg".into()))
        );
        let address = "https://example.com/a.png";
        assert_eq!(stated(address).unwrap(), Some(Picture::Address(address.into())));
        let missing = stated("none.png").unwrap_err().to_string();
        assert!(missing.contains("`none.png` is not there"), "{missing}");
        let odd = stated("cover.tiff").unwrap_err().to_string();
        assert!(odd.contains("is no picture"), "{odd}");
    }
}
