//! The feed as podcast apps read it.

use std::fs;
use std::path::{Path, PathBuf};

use linernotes::library::folder::episodes_of;
use linernotes::library::show::Show;
use linernotes::lint;
use linernotes::site::{FeedError, SiteError, SiteWarning, build};

use super::large_show;

/// A show of three episodes with sound, whose site is published.
fn show(folder: &Path) -> PathBuf {
    let root = folder.join("show");
    large_show::write(&root, 3);
    change(&root, |show| {
        show.base_url = "https://count.example/".into();
        show.author = "The Counters".into();
        show.email = "post@count.example".into();
        show.category = "Society & Culture > Documentary".into();
        show.image = "https://count.example/cover.jpg".into();
    });
    for (number, episode) in episodes_of(&root).unwrap().iter().enumerate() {
        let toml = fs::read_to_string(episode.episode_toml()).unwrap();
        let toml = toml.replace("audio = \"\"", "audio = \"audio.mp3\"");
        fs::write(episode.episode_toml(), toml).unwrap();
        for (name, text) in [
            ("audio.mp3", "0".repeat(1000 + number).as_str()),
            ("transcript.vtt", "WEBVTT\n"),
            ("transcript.json", "{}"),
            ("chapters.json", "{}"),
            ("notes.html", "<p>Notes & <em>more</em> ]]> here</p>"),
        ] {
            fs::write(episode.out().join(name), text).unwrap();
        }
    }
    root
}

fn change(root: &Path, with: impl FnOnce(&mut Show)) {
    let path = root.join("show.toml");
    let mut show: Show = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    with(&mut show);
    fs::write(path, toml::to_string(&show).unwrap()).unwrap();
}

#[test]
fn a_feed_says_what_apps_want_to_know() {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (show(folder.path()), folder.path().join("site"));
    let built = build(&root, &out, None).unwrap();
    assert_eq!(built.warnings, []);
    let bytes = fs::read(out.join("feed.xml")).unwrap();
    let found = lint::lint_beside("feed.xml", &bytes, &|_| None).unwrap();
    let rules: Vec<_> = found.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["A2"], "the picture is elsewhere: {:?}", found.findings);
    let feed = rss::Channel::read_from(bytes.as_slice()).unwrap();
    assert_eq!(feed.title(), "The Long Count");
    let itunes = feed.itunes_ext().unwrap();
    assert_eq!(itunes.categories()[0].text(), "Society & Culture");
    assert_eq!(itunes.categories()[0].subcategory().unwrap().text(), "Documentary");
    assert_eq!(itunes.explicit(), Some("false"));
    let newest = &feed.items()[0];
    assert_eq!(feed.items().len(), 3);
    assert_eq!(newest.pub_date(), Some("Tue, 21 Jan 2014 00:00:00 +0000"));
    let sound = newest.enclosure().unwrap();
    assert_eq!((sound.length(), sound.mime_type()), ("1002", "audio/mpeg"));
    assert!(sound.url().starts_with("https://count.example/0003-"), "{}", sound.url());
    assert_eq!(newest.content(), Some("<p>Notes & <em>more</em> ]]> here</p>"));
    let podcast = &newest.extensions()["podcast"];
    let types: Vec<&str> =
        podcast["transcript"].iter().map(|tag| tag.attrs()["type"].as_str()).collect();
    assert_eq!(types, ["text/vtt", "application/json"]);
    assert_eq!(podcast["chapters"].len(), 1);
    let people: Vec<_> =
        podcast["person"].iter().map(|tag| (tag.value().unwrap(), &tag.attrs()["role"])).collect();
    assert_eq!(people[0], ("Mara Quill", &"host".to_owned()));
    assert_eq!(people[1].1, "guest");
}

#[test]
fn guids_stay_when_titles_and_days_change_and_another_show_guid_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (show(folder.path()), folder.path().join("site"));
    let guids = || -> Vec<String> {
        let bytes = fs::read(out.join("feed.xml")).unwrap();
        let feed = rss::Channel::read_from(bytes.as_slice()).unwrap();
        feed.items().iter().map(|item| item.guid().unwrap().value().to_owned()).collect()
    };
    build(&root, &out, None).unwrap();
    let first = guids();
    assert_eq!(build(&root, &out, None).unwrap().written, 0);
    let path = episodes_of(&root).unwrap()[0].episode_toml();
    let text = fs::read_to_string(&path).unwrap().replace("On ", "About ");
    fs::write(&path, text.replace("2014-01-07", "2013-12-24")).unwrap();
    build(&root, &out, None).unwrap();
    assert_eq!(guids(), first);
    change(&root, |show| show.base_url = "https://moved.example".to_owned());
    let moved = build(&root, &out, None).unwrap();
    let [SiteWarning::OtherGuid { before, .. }] = moved.warnings.as_slice() else {
        panic!("{:?}", moved.warnings);
    };
    let before = before.clone();
    change(&root, |show| show.guid = before);
    build(&root, &out, None).unwrap();
    assert_eq!(guids(), first);
}

#[test]
fn what_is_missing_is_asked_for_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (show(folder.path()), folder.path().join("site"));
    change(&root, |show| {
        show.category.clear();
        show.author.clear();
    });
    let fault = build(&root, &out, None).unwrap_err();
    let SiteError::Feed { cause: FeedError::Missing { keys }, .. } = &fault else {
        panic!("{fault}");
    };
    assert_eq!(keys.iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["author", "category"]);
    assert!(fault.hint().unwrap().contains("category = "));
    assert!(!out.exists());
    change(&root, |show| show.base_url.clear());
    assert_eq!(build(&root, &out, None).unwrap().warnings, [SiteWarning::NoFeed]);
}

#[test]
fn tags_are_added_to_a_hosts_feed() {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (show(folder.path()), folder.path().join("site"));
    let theirs = folder.path().join("theirs.xml");
    let titles: Vec<String> =
        episodes_of(&root).unwrap().iter().map(|e| e.read_episode().unwrap().title).collect();
    let item = |title: &String| format!("    <item>\n      <title>{title}</title>\n    </item>\n");
    let items = item(&titles[0]) + &item(&titles[1]);
    let feed = format!(
        "<rss version=\"2.0\">\n  <channel>\n    <title>X</title>\n{items}  </channel>\n</rss>\n"
    );
    fs::write(&theirs, &feed).unwrap();
    let built = build(&root, &out, Some(&theirs)).unwrap();
    assert_eq!(fs::read_to_string(&theirs).unwrap(), feed, "the host's file stays");
    assert!(
        matches!(
            built.warnings.as_slice(),
            [SiteWarning::NotInFeed { .. }, SiteWarning::NoFeedAddress]
        ),
        "{:?}",
        built.warnings
    );
    let made = fs::read(out.join("feed.xml")).unwrap();
    let added = rss::Channel::read_from(made.as_slice()).unwrap();
    assert_eq!(added.items()[1].extensions()["podcast"]["transcript"].len(), 2);
    let found = lint::lint("feed.xml", &made).unwrap();
    let of_tags = |f: &&linernotes::formats::Diagnostic| !f.rule.starts_with(['A', 'G']);
    assert_eq!(found.findings.iter().find(of_tags), None, "the host's own faults aside");
    build(&root, &out, Some(&out.join("feed.xml"))).unwrap();
    assert_eq!(fs::read(out.join("feed.xml")).unwrap(), made);
    fs::write(&theirs, "<rss>\n<channel>\n</rss>").unwrap();
    let fault = build(&root, &out, Some(&theirs)).unwrap_err();
    let SiteError::Feed { path, cause: FeedError::Malformed { line: 3, .. } } = &fault else {
        panic!("{fault}");
    };
    assert_eq!(path, &theirs);
}

#[test]
fn a_long_feed_is_paged_and_its_documents_lead_to_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (show(folder.path()), folder.path().join("site"));
    change(&root, |show| show.feed_items = std::num::NonZeroUsize::new(1));
    build(&root, &out, None).unwrap();
    let read = |name: &str| {
        let bytes = fs::read(out.join(name)).unwrap();
        let found = lint::lint(name, &bytes).unwrap();
        assert!(found.findings.iter().all(|f| f.rule == "A2"), "{name}: {:?}", found.findings);
        let feed = rss::Channel::read_from(bytes.as_slice()).unwrap();
        let links: Vec<(String, String)> = feed.extensions()["atom"]["link"]
            .iter()
            .map(|link| (link.attrs()["rel"].clone(), link.attrs()["href"].clone()))
            .collect();
        (feed.items()[0].title().unwrap().to_owned(), feed.items().len(), links)
    };
    let of = |rel: &str, name: &str| (rel.to_owned(), format!("https://count.example/{name}"));
    let (newest, count, links) = read("feed.xml");
    assert_eq!(count, 1);
    let [first, last] = [of("first", "feed.xml"), of("last", "feed-1.xml")];
    let next = of("next", "feed-2.xml");
    assert_eq!(links, [of("self", "feed.xml"), first.clone(), next, last.clone()]);
    let (middle, _, links) = read("feed-2.xml");
    let around = [of("previous", "feed.xml"), of("next", "feed-1.xml")];
    let [previous, next] = around;
    assert_eq!(links, [of("self", "feed-2.xml"), first, previous, next, last]);
    let (oldest, _, _) = read("feed-1.xml");
    assert!(newest != middle && middle != oldest && newest != oldest);
    change(&root, |show| show.feed_items = None);
    build(&root, &out, None).unwrap();
    assert!(!out.join("feed-1.xml").exists(), "all in one document again");
}
