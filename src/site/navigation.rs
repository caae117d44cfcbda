//! The way from an episode's page to the rest of the site.
//!
//! The page has a mark where the links to the site go, one where those to the neighbours go, and one in
//! its head for the feed; a theme that leaves them out has pages without these links.

use std::fmt::Write as _;

use crate::render::markup;
use crate::render::words::Words;
use crate::site::Entry;
use crate::site::feed::FEED;

const SITE_MARK: &str = "<!-- site -->";
const NEIGHBOURS_MARK: &str = "<!-- neighbours -->";
const FEED_MARK: &str = "<!-- feed -->";

/// What the way to the rest of the site is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'a> {
    /// All episodes of the site.
    pub(super) entries: &'a [Entry],
    /// The show's name.
    pub(super) show: &'a str,
    /// Whether the site has a feed.
    pub(super) has_feed: bool,
    /// The words of the page.
    pub(super) words: &'a Words,
}

/// The page of the episode at `index` with all marks filled in.
pub(super) fn with_navigation(page: &str, index: usize, way: Way<'_>) -> String {
    let Way { entries, show, has_feed, words } = way;
    let word = |key: &str| markup::text(words.text(key));
    let earlier = index.checked_sub(1).and_then(|before| entries.get(before));
    let later = entries.get(index + 1);
    let mut site = format!("<nav class=\"site\" aria-label=\"{}\">", word("site.navigation"));
    let mut links = vec![("index.html", word("site.episodes"))];
    links.push(("people/index.html", word("site.people")));
    links.push(("search/index.html", word("site.search")));
    links.extend(has_feed.then(|| (FEED, word("site.feed"))));
    let links: Vec<String> =
        links.iter().map(|(to, name)| format!("<a href=\"../{to}\">{name}</a>")).collect();
    site.push_str(&links.join(" "));
    site.push_str("</nav>");
    let feed = format!(
        "<link rel=\"alternate\" type=\"application/rss+xml\" href=\"../{FEED}\" title=\"{}\">",
        markup::text(show)
    );
    let feed = if has_feed { feed } else { String::new() };
    let mut neighbours = String::new();
    for (entry, rel, word) in
        [(earlier, "prev", word("site.before")), (later, "next", word("site.after"))]
    {
        let Some(entry) = entry else { continue };
        write!(
            neighbours,
            "<a href=\"../{}/index.html\" rel=\"{rel}\"><small>{word}</small> {}</a>",
            markup::file_href(&entry.name),
            markup::text(&entry.title()),
        )
        .expect("a String takes every write");
    }
    if !neighbours.is_empty() {
        let label = word("site.neighbours");
        neighbours = format!("<nav class=\"neighbours\" aria-label=\"{label}\">{neighbours}</nav>");
    }
    // once each, so that nothing that is put in is looked through again
    page.replacen(NEIGHBOURS_MARK, &neighbours, 1)
        .replacen(SITE_MARK, &site, 1)
        .replacen(FEED_MARK, &feed, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_its_neighbours() {
        let entry = |name: &str, title: &str| {
            let mut entry = Entry { name: name.to_owned(), ..Entry::default() };
            entry.episode.title = title.to_owned();
            entry
        };
        let entries = [entry("a b", "<!-- site -->"), entry("b", ""), entry("c", "C & C")];
        let page = "<!-- feed --><body><!-- site -->words<!-- neighbours --></body>";
        let words = Words::english();
        let way = |entries, has_feed| Way { entries, show: "A & B", has_feed, words };
        let middle = with_navigation(page, 1, way(&entries, false));
        assert!(middle.contains("<a href=\"../a%20b/index.html\" rel=\"prev\"><small>Before</small> &lt;!-- site --&gt;</a>"));
        assert!(middle.contains("C &amp; C"));
        assert!(middle.starts_with("<body><nav class=\"site\""));
        let alone = with_navigation(page, 0, way(&entries[1..2], true));
        assert!(alone.ends_with("<a href=\"../feed.xml\">Feed</a></nav>words</body>"), "{alone}");
        assert!(
            alone.starts_with("<link rel=\"alternate\"") && alone.contains("title=\"A &amp; B\"")
        );
        let unmarked = with_navigation("<p>no mark</p>", 0, way(&entries, true));
        assert_eq!(unmarked, "<p>no mark</p>");
    }
}
