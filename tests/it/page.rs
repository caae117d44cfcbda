//! The page as a browser reads it.

mod specimen;

use linernotes::render::{PageFacts, Templates, render};
use scraper::{Html, Selector};

use specimen::{edition, episode, facts, show};

fn page(templates: &Templates, facts: &PageFacts) -> Html {
    let files = render(&edition(), &show(), &episode(), facts, templates).unwrap();
    let page = files.into_iter().find(|file| file.relative_path == "index.html").unwrap();
    Html::parse_document(std::str::from_utf8(&page.bytes).unwrap())
}

fn text(html: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    html.select(&selector)
        .map(|element| {
            element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}

#[test]
fn the_transcript_reads_as_names_times_and_words() {
    let html = page(&Templates::builtin(), &facts());
    let lines = text(&html, "#transcript p[id]");
    assert_eq!(
        lines,
        [
            "[00:00:00] Low Water by The Tidemarks plays.",
            "Una: [00:00:04] Welcome to Tide Tables.",
            "[00:00:09] I’m Una Brask.",
            "Piet’s dog: [00:00:09] Woof.",
            "Piet: [00:00:10] Um, she wrote:",
            "The sea is early.",
            "Unknown speaker: [00:01:02] Is it?",
        ]
    );
}
