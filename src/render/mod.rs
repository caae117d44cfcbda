//! Edition + show -> [`Artifact`]s in memory: the page, the notes, the captions.
//!
//! Comes in: what a person signed off and what the show says of itself. Goes out: finished files
//! with their names. Nothing here reads or writes a file.

mod captions;
pub(crate) mod categories;
mod context;
pub(crate) mod csp;
pub mod cues;
pub mod description;
mod harmless;
pub mod markup;
mod notes;
pub mod outputs;
pub(crate) mod page;
pub mod podcast_tags;
pub(crate) mod talk;
mod templates;
pub(crate) mod transcript;
pub(crate) mod typography;
pub mod values;
pub(crate) mod words;

use thiserror::Error;

use crate::speech::ModelId;

pub use context::Context;
pub use templates::{BUILTIN_NAMES, TemplateSource, Templates};

/// One finished file, not yet on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The file's name inside `out/`, as `index.html`.
    pub relative_path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Artifact {
    /// Whether nothing stands in it, as in captions where nobody speaks: then it is no use to anybody.
    pub fn is_empty(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }
}

/// What the page says of the world outside the transcript. Every field may stay empty; the page
/// then leaves the part out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// Where the audio is: an `http` or `https` address, or a path beside the page made with
    /// [`markup::file_href`]. Empty means a page without a player.
    pub audio_href: String,
    /// The audio's media type, as `audio/mpeg`; empty where unknown.
    pub audio_media_type: String,
    /// The episode's or the show's picture, in the same forms as `audio_href`.
    pub artwork_href: String,
    /// The page's own address on the show's site, for links that are copied out of it.
    pub page_url: String,
    /// The weights that wrote the words.
    pub recognizer: Option<ModelId>,
    /// The weights that told the voices apart.
    pub embedder: Option<ModelId>,
    /// The version of this tool.
    pub tool_version: String,
}

/// Why the page could not be made.
#[derive(Debug, Error)]
pub enum RenderError {
    /// A template has a fault, found when it was read or when it was filled in.
    #[error("template `{file}`, line {line}: {reason}")]
    Template {
        /// The file, as it was named to [`Templates::with_overrides`].
        file: String,
        /// The line in it, counted from 1.
        line: usize,
        /// What is wrong with it, with the source line.
        reason: String,
    },
    /// The templates do not fit together.
    #[error("the templates do not fit together: {reason}")]
    Templates {
        /// What is wrong.
        reason: String,
    },
}

/// Makes everything that is published beside one episode's audio.
///
/// ```
/// # use linernotes::{draft::Drafts, edit::Edition, library::{episode::Episode, show::Show, stated::Stated}, time::Ms};
/// use linernotes::render::{Context, PageFacts, Templates, render};
/// let edition = Edition {
///     language: "en".into(),
///     duration: Ms::new(60_000),
///     blocks: vec![],
///     chapters: vec![],
///     soundbites: vec![],
///     turns: vec![],
/// };
/// let show = Show { name: "Tide Tables".into(), ..Show::default() };
/// let (episode, drafts) = (Episode::default(), Drafts::default());
/// let context = Context::new(&edition, Stated::new(&show, &episode), &drafts);
/// let files = render(&context, &PageFacts::default(), &Templates::builtin())?;
/// assert!(files.iter().any(|file| file.relative_path == "index.html"));
/// # Ok::<(), linernotes::render::RenderError>(())
/// ```
pub fn render(
    context: &Context<'_>,
    facts: &PageFacts,
    templates: &Templates,
) -> Result<Vec<Artifact>, RenderError> {
    let artifact = |relative_path: &str, text: String| Artifact {
        relative_path: relative_path.to_owned(),
        bytes: text.into_bytes(),
    };
    let beside = outputs::files(context);
    let language = context.language();
    let words = templates.words([language, &context.show().language]);
    let edition = typography::typeset(context.edition, context.show(), language, words);
    let context = &Context::new(&edition, context.stated, context.drafts);
    let page = page::page(context, facts, templates, &beside)?;
    let notes = notes::notes(context, &facts.page_url, templates)?;
    let mut files = vec![
        artifact("index.html", page),
        artifact("notes.md", notes.markdown),
        artifact("notes.html", notes.html),
    ];
    files.extend(beside);
    Ok(files)
}
