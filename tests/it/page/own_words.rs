//! The pages' own words: all of them come from the words of the language, none is written elsewhere.

use std::fs;
use std::path::Path;

use linernotes::edit::{Block, Edition};
use linernotes::library::artifact::write_record;
use linernotes::library::episode::{Episode, Person};
use linernotes::library::folder::EpisodeFolder;
use linernotes::library::show::{Drafting, Show, Subscribe};
use linernotes::render::{BUILTIN_NAMES, PageFacts, TemplateSource, Templates};
use linernotes::site::{SiteWarning, build};
use linernotes::speech::SpeakerName;
use regex::Regex;
use scraper::{Html, Node};

use crate::printing::render;

use super::specimen::{edition, episode, facts, show};

const TEMPLATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");

/// Names that are the same in every language.
const NAMES: [&str; 7] = ["WebVTT", "SRT", "JSON", "Markdown", "linernotes", "base", "campplus"];

/// The English words in letters that no page has of itself.
fn strange_words() -> String {
    let english = fs::read_to_string(Path::new(TEMPLATES).join("words.en.toml")).unwrap();
    let mut table: toml::Table = english.parse().unwrap();
    table.iter_mut().for_each(|(_, value)| make_strange(value));
    toml::to_string(&table).unwrap()
}

fn make_strange(value: &mut toml::Value) {
    match value {
        toml::Value::String(text) => *text = strange(text),
        toml::Value::Table(below) => below.iter_mut().for_each(|(_, value)| make_strange(value)),
        toml::Value::Array(list) => list.iter_mut().for_each(make_strange),
        _ => {}
    }
}

/// Latin letters as Cyrillic ones, but for what is filled in.
fn strange(text: &str) -> String {
    let mut is_blank = false;
    let letter = |c: char| {
        is_blank = (is_blank || c == '{') && c != '}';
        match c {
            'a'..='z' if !is_blank => {
                char::from_u32(u32::from(c) - u32::from('a') + u32::from('а')).unwrap()
            }
            'A'..='Z' if !is_blank => {
                char::from_u32(u32::from(c) - u32::from('A') + u32::from('А')).unwrap()
            }
            c => c,
        }
    };
    text.chars().map(letter).collect()
}

/// Everything that people say or wrote, in such letters.
fn contents() -> (Edition, Show, Episode) {
    let (mut edition, mut show, mut episode) = (edition(), show(), episode());
    edition.language = "eo".into();
    for block in &mut edition.blocks {
        match block {
            Block::Sound(sound) => sound.text = strange(&sound.text),
            Block::Paragraph(paragraph) => {
                let name = paragraph.speaker.take().map(|name| SpeakerName(strange(&name.0)));
                paragraph.speaker = name;
                paragraph.words.iter_mut().for_each(|one| one.word.text = strange(&one.word.text));
                if let Some(quotation) = &mut paragraph.quotation {
                    quotation.author = quotation.author.as_deref().map(strange);
                    quotation.source = quotation.source.as_deref().map(strange);
                }
            }
        }
    }
    edition.chapters[0].title.clear();
    edition.chapters[1].title = strange("Doubt");
    show.language = "eo".into();
    show.drafts = Drafting::Publish;
    show.subscribe = vec![Subscribe { name: strange("Pods"), url: "https://pods.example".into() }];
    for text in [&mut show.name, &mut show.tagline] {
        *text = strange(text);
    }
    let promo = show.promo.as_mut().unwrap();
    (promo.text, promo.link_text) = (strange(&promo.text), strange(&promo.link_text));
    let theme = show.theme.as_mut().unwrap();
    (theme.title, theme.artist) = (strange(&theme.title), strange(&theme.artist));
    episode.title = strange("Early");
    episode.summary = strange("About the log");
    let named = |person: &mut Person| {
        (person.name, person.title) = (strange(&person.name), strange(&person.title));
    };
    show.people.iter_mut().chain(&mut episode.people).for_each(named);
    episode.links.iter_mut().for_each(|link| link.text = strange(&link.text));
    (edition, show, episode)
}

/// What a page says in Latin letters, in its text or to those who hear it.
fn latin(page: &str) -> Vec<String> {
    // what stands there for those without scripts is elements, too
    let page = page.replace("<noscript>", "").replace("</noscript>", "");
    let html = Html::parse_document(&page);
    let word = Regex::new("[A-Za-z]{2,}").unwrap();
    let mut found = Vec::new();
    for node in html.tree.nodes() {
        let said: Vec<&str> = match node.value() {
            Node::Text(text) => {
                let parent = node.parent().and_then(|parent| parent.value().as_element());
                let is_code = parent.is_some_and(|one| ["script", "style"].contains(&one.name()));
                if is_code { vec![] } else { vec![text] }
            }
            Node::Element(element) => [
                "aria-label",
                "aria-valuetext",
                "title",
                "placeholder",
                "alt",
                "data-play",
                "data-pause",
            ]
            .iter()
            .filter_map(|name| element.attr(name))
            .collect(),
            _ => vec![],
        };
        let words =
            said.iter().flat_map(|text| word.find_iter(text)).map(|word| word.as_str().to_owned());
        found.extend(words.filter(|word| !NAMES.contains(&word.as_str())));
    }
    found
}

#[test]
fn every_word_of_every_page_comes_from_the_words_of_its_language() {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (folder.path().join("show"), folder.path().join("site"));
    let (edition, show, episode) = contents();
    let words = strange_words();
    let own = TemplateSource {
        name: "words.eo.toml".to_owned(),
        path: "templates/words.eo.toml".to_owned(),
        text: words.clone(),
    };
    let templates = Templates::with_overrides([own]).unwrap();
    assert_eq!(templates.told(), [] as [String; 0]);
    let facts = PageFacts { page_url: String::new(), ..facts() };
    let files = render(&edition, &show, &episode, &facts, &templates).unwrap();
    fs::create_dir_all(root.join("templates")).unwrap();
    fs::write(
        root.join("show.toml"),
        toml::to_string(&Show { base_url: String::new(), ..show }).unwrap(),
    )
    .unwrap();
    fs::write(root.join("templates/words.eo.toml"), &words).unwrap();
    for name in ["0001", "0002"] {
        let place = root.join(name);
        fs::create_dir_all(place.join("out")).unwrap();
        fs::write(place.join("episode.toml"), toml::to_string(&episode).unwrap()).unwrap();
        let place = EpisodeFolder::open(&place).unwrap();
        write_record(&place.work_file("6-edition.json"), 1, &edition).unwrap();
        for file in &files {
            fs::write(place.out().join(&file.relative_path), &file.bytes).unwrap();
        }
    }
    build(&root, &out, None).unwrap();
    let mut seen = 0;
    for path in linernotes::lint::files_under(&out).unwrap() {
        let is_page = path.extension().is_some_and(|ending| ending == "html")
            && !path.ends_with("transcript.html");
        if is_page {
            let page = fs::read_to_string(&path).unwrap();
            assert_eq!(latin(&page), [] as [String; 0], "{}", path.display());
            assert!(page.contains(strange("People").as_str()), "{}", path.display());
            seen += 1;
        }
    }
    // the list, the people and one page of each, the search, two episodes with page and notes
    assert!(seen >= 9, "{seen} pages");
}

#[test]
fn the_scripts_say_nothing_of_their_own() {
    let spoken =
        Regex::new(r"(?:say|complain)\(['`][^'`]|textContent = ['`][A-Za-z]|'[A-Z][a-z]+ [a-z]+")
            .unwrap();
    let mut seen = 0;
    let is_script = |name: &&&str| Path::new(**name).extension().is_some_and(|end| end == "js");
    for name in BUILTIN_NAMES.iter().filter(is_script) {
        let script = fs::read_to_string(Path::new(TEMPLATES).join("assets").join(name)).unwrap();
        let code: String =
            script.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        assert_eq!(spoken.find(&code).map(|found| found.as_str()), None, "{name}");
        seen += 1;
    }
    assert!(seen >= 8, "{seen} scripts");
}

#[test]
fn a_word_that_a_show_leaves_out_is_english_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (folder.path().join("show"), folder.path().join("site"));
    fs::create_dir_all(root.join("templates")).unwrap();
    fs::write(root.join("show.toml"), "name = \"Åsikter\"\nlanguage = \"sv\"\n").unwrap();
    fs::write(root.join("templates/words.sv.toml"), "[site]\npeople = \"Personer\"\n").unwrap();
    let built = build(&root, &out, None).unwrap();
    let told = |warning: &SiteWarning| matches!(warning, SiteWarning::Words(told) if told.contains("words.sv.toml` leaves words out"));
    assert!(built.warnings.iter().any(told), "{:?}", built.warnings);
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.contains(">Personer</a>") && page.contains(">All episodes</a>"), "{page}");
}
