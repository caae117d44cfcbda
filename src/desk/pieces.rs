//! A page in pieces: the parts of its transcript one by one, and what stands beside it, so that a change
//! sends only what is new. The page's own template makes them, whatever it is.

use std::ops::Range;

use serde::Serialize;

/// What stands beside the transcript and changes with it, as the page writes its beginning.
const BESIDE: [(&str, &str); 3] = [
    (".rail", "<div class=\"rail\">"),
    (".label", "<p class=\"label\">"),
    (".made", "<footer class=\"made\">"),
];

/// How the transcript begins.
const BODY: &str = "<div class=\"body\">";

/// Elements without an end.
const VOID: [&str; 8] = ["br", "img", "input", "hr", "wbr", "source", "meta", "link"];

/// The pieces of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pieces {
    parts: Vec<String>,
    beside: Vec<Option<String>>,
}

/// What is new in a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct News {
    /// The first part that is exchanged, counted from 0.
    at: usize,
    /// How many are taken out.
    remove: usize,
    /// What comes in their place.
    insert: Vec<String>,
    /// What stands beside the transcript and is new: where, and what.
    beside: Vec<(&'static str, Option<String>)>,
}

impl Pieces {
    /// The pieces of a page.
    pub(super) fn of(html: &str) -> Pieces {
        let parts = html.find(BODY).map_or_else(Vec::new, |at| children(html, at + BODY.len()));
        Pieces {
            parts: parts.into_iter().map(|part| html[part].to_owned()).collect(),
            beside: BESIDE.iter().map(|(_, begins)| element(html, begins)).collect(),
        }
    }

    /// What has to be exchanged to make of these pieces later ones.
    pub(super) fn until(&self, later: &Pieces) -> News {
        let (old, new) = (&self.parts, &later.parts);
        let at = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let most = old.len().min(new.len()) - at;
        let same = old.iter().rev().zip(new.iter().rev()).take(most);
        let end = same.take_while(|(a, b)| a == b).count();
        let beside = BESIDE.iter().zip(self.beside.iter().zip(&later.beside));
        News {
            at,
            remove: old.len() - end - at,
            insert: new[at..new.len() - end].to_vec(),
            beside: beside
                .filter(|(_, (was, is))| was != is)
                .map(|((place, _), (_, is))| (*place, is.clone()))
                .collect(),
        }
    }
}

/// The first element that begins so.
fn element(html: &str, begins: &str) -> Option<String> {
    let start = html.find(begins)?;
    let inner = children(html, start + begins.len());
    let last = inner.last().map_or(start + begins.len(), |child| child.end);
    let end = last + html[last..].find('>')? + 1;
    Some(html[start..end].to_owned())
}

/// The elements that stand in one whose content begins there.
fn children(html: &str, from: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut depth, mut start) = (from, 0_usize, from);
    while let Some(next) = html[at..].find('<').map(|next| at + next) {
        if html[next..].starts_with("<!--") {
            at = html[next..].find("-->").map_or(html.len(), |end| next + end + 3);
            continue;
        }
        let end = tag_end(html, next);
        let tag = &html[next..end];
        at = end;
        if tag.starts_with("</") {
            let Some(less) = depth.checked_sub(1) else { break };
            depth = less;
        } else {
            if depth == 0 {
                start = next;
            }
            let name =
                tag[1..].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            depth += usize::from(!VOID.contains(&name) && !tag.ends_with("/>"));
        }
        if depth == 0 {
            found.push(start..end);
        }
    }
    found
}

/// Where a tag ends; a `>` in a value is none of its own.
fn tag_end(html: &str, start: usize) -> usize {
    let mut quoted = None;
    for (at, byte) in html.bytes().enumerate().skip(start) {
        match (quoted, byte) {
            (Some(quote), byte) if byte == quote => quoted = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quoted = Some(byte),
            (None, b'>') => return at + 1,
            (None, _) => {}
        }
    }
    html.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<p class=\"label\"><b>x</b> y</p><div class=\"body\">\n<h3 id=\"a\">A</h3>\n\
        <div class=\"turn\" title=\"a > b\"><p>one<br>two <i>!</i></p></div>\n<!-- <p> -->\n\
        <p>it’s</p>\n</div></section>";

    #[test]
    fn a_page_is_taken_to_pieces_and_only_what_is_new_is_sent() {
        let pieces = Pieces::of(PAGE);
        assert_eq!(pieces.parts.len(), 3, "{:?}", pieces.parts);
        assert_eq!(pieces.parts[0], "<h3 id=\"a\">A</h3>");
        assert_eq!(pieces.parts[2], "<p>it’s</p>");
        assert_eq!(pieces.beside[1].as_deref(), Some("<p class=\"label\"><b>x</b> y</p>"));
        let later = Pieces::of(&PAGE.replace("one", "1").replace("> y<", "> z<"));
        let news = pieces.until(&later);
        assert_eq!((news.at, news.remove, news.insert.len()), (1, 1, 1));
        assert_eq!(news.beside, [(".label", Some("<p class=\"label\"><b>x</b> z</p>".to_owned()))]);
        assert_eq!(
            pieces.until(&pieces),
            News { at: 3, remove: 0, insert: vec![], beside: vec![] }
        );
        let longer = Pieces::of(&PAGE.replace("<p>it’s</p>", "<p>it’s</p><p>it’s</p>"));
        let news = pieces.until(&longer);
        assert_eq!((news.at, news.remove, news.insert.len()), (3, 0, 1));
        assert_eq!(Pieces::of("<p>nothing"), Pieces { parts: vec![], beside: vec![None; 3] });
    }
}
