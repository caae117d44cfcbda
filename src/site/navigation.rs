//! The way from an episode's page to the rest of the site.
//!
//! The page has a mark where the links to the site go and one where those to the neighbours go; a
//! theme that leaves them out has pages without these links.

use std::fmt::Write as _;

use crate::render::markup;
use crate::site::Entry;

const SITE_MARK: &str = "<!-- site -->";
const NEIGHBOURS_MARK: &str = "<!-- neighbours -->";

/// The page with both marks filled in.
pub(super) fn with_navigation(page: &str, entries: &[Entry], index: usize) -> String {
    let earlier = index.checked_sub(1).and_then(|before| entries.get(before));
    let later = entries.get(index + 1);
    let site = "<nav class=\"site\" aria-label=\"The show\">\
        <a href=\"../index.html\">All episodes</a> \
        <a href=\"../people/index.html\">People</a> \
        <a href=\"../search/index.html\">Search</a></nav>";
    let mut neighbours = String::new();
    for (entry, rel, word) in [(earlier, "prev", "Before"), (later, "next", "After")] {
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
        neighbours =
            format!("<nav class=\"neighbours\" aria-label=\"Other episodes\">{neighbours}</nav>");
    }
    // once each, so that nothing that is put in is looked through again
    page.replacen(NEIGHBOURS_MARK, &neighbours, 1).replacen(SITE_MARK, site, 1)
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
        let page = "<body><!-- site -->words<!-- neighbours --></body>";
        let middle = with_navigation(page, &entries, 1);
        assert!(middle.contains("<a href=\"../a%20b/index.html\" rel=\"prev\"><small>Before</small> &lt;!-- site --&gt;</a>"));
        assert!(middle.contains("C &amp; C"));
        assert!(middle.starts_with("<body><nav class=\"site\""));
        let alone = with_navigation(page, &entries[1..2], 0);
        assert!(alone.ends_with("words</body>"), "{alone}");
        assert_eq!(with_navigation("<p>no mark</p>", &entries, 0), "<p>no mark</p>");
    }
}
