//! The letters of this machine, for pictures. None are brought along: a good one for every writing is larger
//! than this program.

use std::path::{Path, PathBuf};

use ab_glyph::FontVec;

use crate::quoting::card::Face;

/// Where systems keep their fonts.
const FOLDERS: [&str; 5] = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:\\Windows\\Fonts",
];
/// Where people keep their own, in their home.
const OWN_FOLDERS: [&str; 3] = [".fonts", ".local/share/fonts", "Library/Fonts"];
/// How deep and how much of these folders is gone through.
const DEPTH: usize = 5;
const MOST: usize = 20_000;

/// The names of files, the best first. Those at the end know more writings.
const SERIF: [&str; 11] = [
    "charter",
    "iowanoldstyle",
    "georgia",
    "sourceserif4regular",
    "notoserifregular",
    "liberationserifregular",
    "dejavuserif",
    "timesnewroman",
    "times",
    "freeserif",
    "notoserifcjkregular",
];
const SANS: [&str; 11] = [
    "interregular",
    "helveticaneue",
    "segoeui",
    "arial",
    "notosansregular",
    "liberationsansregular",
    "dejavusans",
    "freesans",
    "arialunicode",
    "notosanscjkregular",
    "unifont",
];
const BOLD: [&str; 9] = [
    "interbold",
    "segoeuib",
    "arialbold",
    "arialbd",
    "notosansbold",
    "liberationsansbold",
    "dejavusansbold",
    "freesansbold",
    "notosanscjkbold",
];

/// Fonts for each face of a card, the best first.
#[derive(Debug, Default)]
pub struct Fonts {
    serif: Vec<FontVec>,
    sans: Vec<FontVec>,
    bold: Vec<FontVec>,
}

impl Fonts {
    /// Those that are found on this machine.
    pub fn of_this_machine() -> Fonts {
        let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
        let own =
            home.into_iter().flat_map(|home| OWN_FOLDERS.map(|name| Path::new(&home).join(name)));
        let mut files = Vec::new();
        for folder in FOLDERS.map(PathBuf::from).into_iter().chain(own) {
            gather(&folder, DEPTH, &mut files);
        }
        files.sort();
        let load = |names: &[&str]| -> Vec<FontVec> {
            let named = |name: &&str| files.iter().find(|(stem, _)| stem == *name);
            let found = names.iter().filter_map(named);
            found.filter_map(|(_, path)| read(path)).collect()
        };
        Fonts { serif: load(&SERIF), sans: load(&SANS), bold: load(&BOLD) }
    }

    /// The fonts of a face, then those that may stand in for it.
    pub(super) fn of(&self, face: Face) -> impl Iterator<Item = &FontVec> {
        let (first, second, third) = match face {
            Face::Serif => (&self.serif, &self.sans, &self.bold),
            Face::Sans => (&self.sans, &self.bold, &self.serif),
            Face::Bold => (&self.bold, &self.sans, &self.serif),
        };
        first.iter().chain(second).chain(third)
    }
}

/// The files of fonts below a folder, each with its bare name.
fn gather(folder: &Path, depth: usize, files: &mut Vec<(String, PathBuf)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if files.len() >= MOST {
            return;
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if ending.is_some_and(|ending| matches!(ending.as_str(), "ttf" | "otf" | "ttc")) {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
            let bare = |stem: String| stem.chars().filter(|c| c.is_alphanumeric()).collect();
            files.push((stem.map(bare).unwrap_or_default(), path));
        } else if depth > 0 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            gather(&path, depth - 1, files);
        }
    }
}

fn read(path: &Path) -> Option<FontVec> {
    FontVec::try_from_vec_and_index(std::fs::read(path).ok()?, 0).ok()
}
