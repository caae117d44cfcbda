//! An edition in every form in which it is given away, drafts published too.

use linernotes::draft::draft;
use linernotes::edit::Edition;
use linernotes::library::episode::Episode;
use linernotes::library::show::{Drafting, Show};
use linernotes::library::stated::Stated;
use linernotes::render::outputs::{self, OUTPUTS};
use linernotes::render::{self, Artifact, Context, PageFacts, RenderError, Templates};

/// All that is published beside an episode's audio.
pub(crate) fn render(
    edition: &Edition,
    show: &Show,
    episode: &Episode,
    facts: &PageFacts,
    templates: &Templates,
) -> Result<Vec<Artifact>, RenderError> {
    let stated = Stated::new(show, episode);
    let drafts = draft(edition, stated);
    render::render(&Context::new(edition, stated, &drafts), facts, templates)
}

/// The files that code makes beside the page.
pub(crate) fn files(edition: &Edition, show: &Show, episode: &Episode) -> Vec<Artifact> {
    let stated = Stated::new(show, episode);
    outputs::files(&Context::new(edition, stated, &draft(edition, stated)))
}

/// Every format by its name, with the drafts published.
pub(crate) fn exports(
    edition: &Edition,
    show: &Show,
    episode: &Episode,
) -> Vec<(&'static str, Vec<u8>)> {
    let show = Show { drafts: Drafting::Publish, ..show.clone() };
    let stated = Stated::new(&show, episode);
    let drafts = draft(edition, stated);
    let context = Context::new(edition, stated, &drafts);
    OUTPUTS.iter().map(|output| (output.name, output.print(&context))).collect()
}
