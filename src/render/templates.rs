//! The templates: built in, each overridden by a show's own file of the same name, and checked
//! before anything is rendered.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use tera::{ErrorKind, Kwargs, State, Tera};

use crate::render::RenderError;
use crate::render::words::{Languages, Words, fill, language_of};

/// The built-in files. `theme.css` is empty: it comes after the other styles and is the place for a
/// show's own colours and fonts.
const BUILTIN: [(&str, &str); 19] = [
    ("page.html", include_str!("../../templates/page.html")),
    ("notes.md", include_str!("../../templates/notes.md")),
    ("notes.html", include_str!("../../templates/notes.html")),
    ("page.css", include_str!("../../templates/assets/page.css")),
    ("page.js", include_str!("../../templates/assets/page.js")),
    ("player.js", include_str!("../../templates/assets/player.js")),
    ("reader.js", include_str!("../../templates/assets/reader.js")),
    ("quote.js", include_str!("../../templates/assets/quote.js")),
    ("find.js", include_str!("../../templates/assets/find.js")),
    ("share.js", include_str!("../../templates/assets/share.js")),
    ("keys.js", include_str!("../../templates/assets/keys.js")),
    ("theme.css", ""),
    ("site.html", include_str!("../../templates/site.html")),
    ("index.html", include_str!("../../templates/index.html")),
    ("people.html", include_str!("../../templates/people.html")),
    ("person.html", include_str!("../../templates/person.html")),
    ("search.html", include_str!("../../templates/search.html")),
    ("site.css", include_str!("../../templates/assets/site.css")),
    ("search.js", include_str!("../../templates/assets/search.js")),
];

/// The parts of the page's script, in the order in which they become one.
const SCRIPT: [&str; 7] =
    ["page.js", "player.js", "reader.js", "quote.js", "find.js", "share.js", "keys.js"];

/// The names that a show's `templates/` folder can override; other `.html` and `.md` files there
/// can be included or extended by these. Beside them there are the words of each language.
pub const BUILTIN_NAMES: [&str; 19] = {
    let mut names = [""; 19];
    let mut index = 0;
    while index < names.len() {
        names[index] = BUILTIN[index].0;
        index += 1;
    }
    names
};

/// One file of a show's `templates/` folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateSource {
    /// The file's name inside the folder, as `page.html`.
    pub name: String,
    /// The path to name in errors.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// Templates, styles and words, parsed and ready.
#[derive(Debug, Clone)]
pub struct Templates {
    tera: Tera,
    assets: BTreeMap<String, String>,
    languages: Languages,
    /// Where an overriding file lies, by its name.
    paths: BTreeMap<String, String>,
}

impl Templates {
    /// The built-in templates.
    pub fn builtin() -> Templates {
        Templates::with_overrides([]).expect("the built-in templates parse, which a test holds")
    }

    /// The built-in templates with a show's own files in place of those of the same name.
    pub fn with_overrides(
        overrides: impl IntoIterator<Item = TemplateSource>,
    ) -> Result<Templates, RenderError> {
        let mut files: BTreeMap<String, Cow<'static, str>> =
            BUILTIN.iter().map(|(name, text)| ((*name).to_owned(), Cow::Borrowed(*text))).collect();
        let mut paths = BTreeMap::new();
        let mut languages = Languages::builtin().clone();
        for TemplateSource { name, path, text } in overrides {
            if let Some(language) = language_of(&name) {
                languages.add(language, &path, &text)?;
                continue;
            }
            files.insert(name.clone(), Cow::Owned(text));
            paths.insert(name, path);
        }
        let mut tera = Tera::new();
        tera.register_filter("fill", filled_in);
        let mut templates = Templates { tera, assets: BTreeMap::new(), languages, paths };
        let mut sources = Vec::new();
        for (name, text) in files {
            // A browser reads every line end as LF before it hashes a style or a script.
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            if is_asset(&name) {
                templates.check_asset(&name, &text)?;
                templates.assets.insert(name, text);
            } else {
                sources.push((name, text));
            }
        }
        // One by one, so that the fault is named in the file that has it, then all together, so
        // that a file may extend one that comes later.
        templates
            .tera
            .add_raw_templates(sources.iter().map(|(name, text)| (name.as_str(), text.as_str())))
            .map_err(|error| templates.explain(&error))?;
        Ok(templates)
    }

    /// The page's whole style: the base and the show's own on top.
    pub(crate) fn style(&self) -> String {
        format!("{}{}", self.asset("page.css"), self.asset("theme.css"))
    }

    /// The page's script: its parts, which know each other and nothing else does.
    pub(crate) fn script(&self) -> String {
        let parts: String = SCRIPT.into_iter().map(|name| self.asset(name)).collect();
        format!("(() => {{\n'use strict';\n{parts}}})();\n")
    }

    /// The style of the site's own pages, which have the page's colours and fonts.
    pub(crate) fn site_style(&self) -> String {
        format!("{}{}{}", self.asset("page.css"), self.asset("site.css"), self.asset("theme.css"))
    }

    /// The script of the site's search.
    pub(crate) fn search_script(&self) -> &str {
        self.asset("search.js")
    }

    /// The pages' own words, in the first of these languages that has some; else in English.
    pub(crate) fn words<const N: usize>(&self, languages: [&str; N]) -> &Words {
        self.languages.of(languages)
    }

    /// What a person should know of the show's own files, as words that one leaves out.
    pub fn told(&self) -> &[String] {
        self.languages.told()
    }

    fn asset(&self, name: &str) -> &str {
        self.assets.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Fills in a template.
    pub(crate) fn fill(&self, name: &str, view: &impl Serialize) -> Result<String, RenderError> {
        let context = tera::Context::from_serialize(view).map_err(|error| self.explain(&error))?;
        self.tera.render(name, &context).map_err(|error| self.explain(&error))
    }

    /// A style or script that ends its own element would spill into the page.
    fn check_asset(&self, name: &str, text: &str) -> Result<(), RenderError> {
        let element = if has_extension(name, "css") { "</style" } else { "</script" };
        let Some(at) = text.to_ascii_lowercase().find(element) else { return Ok(()) };
        Err(RenderError::Template {
            file: self.path_of(name),
            line: text[..at].matches('\n').count() + 1,
            reason: format!("`{element}` cannot stand in a file that is written into the page"),
        })
    }

    fn path_of(&self, name: &str) -> String {
        self.paths.get(name).cloned().unwrap_or_else(|| format!("built-in {name}"))
    }

    fn explain(&self, error: &tera::Error) -> RenderError {
        match error.kind() {
            ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
                RenderError::Template {
                    file: self.path_of(report.filename()),
                    line: report.span().start_line,
                    reason: report.message().to_owned(),
                }
            }
            other => RenderError::Templates { reason: other.to_string() },
        }
    }
}

/// The filter that fills in the blanks of a text: `{{ words.show.episode | fill(n=3) }}`.
#[expect(clippy::needless_pass_by_value, reason = "the engine passes it so")]
fn filled_in(text: &str, values: Kwargs, _: &State<'_>) -> String {
    let values: Vec<(String, String)> =
        values.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let values: Vec<(&str, &str)> =
        values.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    fill(text, &values)
}

fn is_asset(name: &str) -> bool {
    has_extension(name, "css") || has_extension(name, "js")
}

fn has_extension(name: &str, wanted: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(wanted))
}
