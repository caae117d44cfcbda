//! A show's site as it lies on disk and as a browser reads it.

mod feed;
pub(crate) mod large_show;

use std::fs;
use std::path::Path;

use linernotes::library::episode::Episode;
use linernotes::library::folder::episodes_of;
use linernotes::site::{SiteError, SiteWarning, build};
use scraper::{Html, Selector};

fn texts(html: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let text = |element: scraper::ElementRef<'_>| {
        element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    html.select(&selector).map(text).collect()
}

fn read(path: &Path) -> Html {
    Html::parse_document(&fs::read_to_string(path).unwrap())
}

#[test]
fn a_show_becomes_a_site() {
    let folder = tempfile::tempdir().unwrap();
    let (show, out) = (folder.path().join("show"), folder.path().join("site"));
    large_show::write(&show, 3);
    let first = &episodes_of(&show).unwrap()[0];
    fs::write(first.out().join("notes.md"), "what is still to be done").unwrap();
    let built = build(&show, &out, None).unwrap();
    assert_eq!((built.episodes, built.warnings.as_slice()), (3, [SiteWarning::NoFeed].as_slice()));
    let index = read(&out.join("index.html"));
    assert_eq!(texts(&index, "h1"), ["The Long Count"]);
    assert_eq!(texts(&index, ".year h2"), ["2014"]);
    let titles = texts(&index, ".card h3");
    assert_eq!(titles.len(), 3);
    assert_eq!(texts(&index, ".card .facts span")[0], "Episode 3");
    let people = texts(&read(&out.join("people/index.html")), ".lines a");
    assert_eq!(people.len(), 4, "{people:?}");
    let host = read(&out.join("people/mara-quill/index.html"));
    assert_eq!(texts(&host, ".appearance h2"), titles);
    assert_eq!(texts(&host, ".sayings li").len(), 6);
    let published = linernotes::lint::files_under(&out).unwrap();
    assert!(!published.iter().any(|file| file.ends_with("notes.md")), "{published:?}");
}

#[test]
fn every_link_within_the_site_leads_to_something() {
    let folder = tempfile::tempdir().unwrap();
    let (show, out) = (folder.path().join("show"), folder.path().join("site"));
    large_show::write(&show, 3);
    build(&show, &out, None).unwrap();
    let links = Selector::parse("a[href], form[action], link[rel=alternate]").unwrap();
    let mut seen = 0;
    for page in linernotes::lint::files_under(&out).unwrap() {
        if page.extension().is_none_or(|ending| ending != "html") || page.ends_with("0001-a") {
            continue;
        }
        let text = fs::read_to_string(&page).unwrap();
        if !text.contains("<html") {
            continue;
        }
        let html = Html::parse_document(&text);
        for link in html.select(&links) {
            let href = link.attr("href").or(link.attr("action")).unwrap();
            let (path, anchor) = href.split_once('#').unwrap_or((href, ""));
            let path = path.split('?').next().unwrap();
            // the downloads of an episode are not made for this show
            if href.contains("://") || link.attr("download").is_some() {
                continue;
            }
            let target =
                if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let target = fs::read_to_string(&target)
                .unwrap_or_else(|fault| panic!("{}: {href}: {fault}", page.display()));
            let found = anchor.is_empty() || target.contains(&format!("id=\"{anchor}\""));
            assert!(found, "{}: {href}", page.display());
            seen += 1;
        }
    }
    assert!(seen > 60, "only {seen} links");
}

#[test]
fn a_second_build_writes_nothing_and_a_change_only_what_it_touches() {
    let folder = tempfile::tempdir().unwrap();
    let (show, out) = (folder.path().join("show"), folder.path().join("site"));
    large_show::write(&show, 3);
    let first = build(&show, &out, None).unwrap();
    assert_eq!(first.written, first.files);
    assert_eq!(build(&show, &out, None).unwrap().written, 0);
    let episodes = episodes_of(&show).unwrap();
    let toml = episodes[1].episode_toml();
    let text = fs::read_to_string(&toml).unwrap();
    fs::write(&toml, text.replace("what they counted", "what they forgot")).unwrap();
    assert_eq!(build(&show, &out, None).unwrap().written, 1, "the summary stands on one page");
}

#[test]
fn an_episode_without_a_page_is_told_and_names_of_the_site_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (show, out) = (folder.path().join("show"), folder.path().join("site"));
    large_show::write(&show, 1);
    fs::create_dir(show.join("soon")).unwrap();
    fs::write(show.join("soon/episode.toml"), "").unwrap();
    let built = build(&show, &out, None).unwrap();
    assert_eq!(built.episodes, 1);
    let warning = built.warnings[0].to_string();
    assert!(warning.contains("soon") && warning.contains("linernotes run"), "{warning}");
    assert!(matches!(build(&show, &show, None), Err(SiteError::NoPlace { .. })));
    fs::rename(show.join("soon"), show.join("search")).unwrap();
    assert!(matches!(build(&show, &out, None), Err(SiteError::TakenName { .. })));
}

#[test]
fn a_theme_changes_the_site_and_a_broken_one_gives_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (show, out) = (folder.path().join("show"), folder.path().join("site"));
    large_show::write(&show, 1);
    let templates = show.join("templates");
    fs::create_dir(&templates).unwrap();
    fs::write(templates.join("theme.css"), ":root { --accent: teal; }").unwrap();
    fs::write(
        templates.join("people.html"),
        "{% extends \"site.html\" %}\n{% block main %}<h1>Us</h1>{% endblock main %}\n",
    )
    .unwrap();
    build(&show, &out, None).unwrap();
    assert!(fs::read_to_string(out.join("index.html")).unwrap().contains("--accent: teal"));
    assert_eq!(texts(&read(&out.join("people/index.html")), "h1"), ["Us"]);
    fs::write(templates.join("people.html"), "<p>\n\n{{ peple }}\n").unwrap();
    let Err(SiteError::Render(fault)) = build(&show, &out, None) else { panic!("it was built") };
    let fault = fault.to_string();
    assert!(fault.contains("people.html`, line 3: ") && fault.contains("peple"), "{fault}");
    assert_eq!(texts(&read(&out.join("people/index.html")), "h1"), ["Us"], "the old site stays");
}

#[test]
fn text_from_strangers_is_text_on_the_site_too() {
    const TRAP: &str = "</script><img src=x onerror=alert(1)>\"'";
    let folder = tempfile::tempdir().unwrap();
    let (show, out) = (folder.path().join("show"), folder.path().join("site"));
    large_show::write(&show, 1);
    let toml = episodes_of(&show).unwrap()[0].episode_toml();
    let mut episode: Episode = toml::from_str(&fs::read_to_string(&toml).unwrap()).unwrap();
    episode.title = TRAP.to_owned();
    episode.summary = TRAP.to_owned();
    episode.people[0].name = TRAP.to_owned();
    fs::write(&toml, toml::to_string(&episode).unwrap()).unwrap();
    build(&show, &out, None).unwrap();
    let index = read(&out.join("index.html"));
    assert_eq!(texts(&index, ".card h3"), [TRAP]);
    for page in linernotes::lint::files_under(&out).unwrap() {
        if page.ends_with("index.html") {
            let html = read(&page);
            assert!(texts(&html, "img, [onerror]").is_empty(), "{}", page.display());
        }
    }
}
