//! The rules of chapters in an mp3: `K1`, `K2` and `K3`.

use std::collections::BTreeSet;

use crate::formats::Diagnostic;
use crate::formats::id3::{Id3Error, contents, parse};

/// Checks the tag at the front of a file. Places are bytes of the file, counted from 1, as columns.
pub(super) fn check(bytes: &[u8]) -> Vec<Diagnostic> {
    let tag = match parse(bytes) {
        Ok(Some(tag)) => tag,
        Ok(None) => return Vec::new(),
        Err(fault) => {
            let column = match fault {
                Id3Error::Frame { at, .. } => at + 1,
                Id3Error::Version(_) | Id3Error::Truncated => 1,
            };
            let found = Diagnostic::error("F1", 1, column, fault.to_string());
            return vec![found.fix("write the tags again with the program that made them")];
        }
    };
    let mut found = Vec::new();
    let (chapters, tables) = contents(&tag);
    let mut ids: BTreeSet<&[u8]> = BTreeSet::new();
    let shown = |id: &[u8]| String::from_utf8_lossy(id).into_owned();
    for (chapter, number) in chapters.iter().zip(1..) {
        let Some(chapter) = chapter else {
            let message = format!("chapter {number} cannot be read");
            found.push(Diagnostic::error("K1", 1, 0, message).fix("write the chapters anew"));
            continue;
        };
        if chapter.end < chapter.start {
            let message = format!("chapter {number} ends before it starts");
            found.push(Diagnostic::error("K1", 1, 0, message).fix("end it where the next begins"));
        }
        if !ids.insert(&chapter.id) {
            let message = format!("the element `{}` stands twice", shown(&chapter.id));
            found.push(Diagnostic::error("K3", 1, 0, message).fix("give each its own name"));
        }
    }
    for table in tables.iter().flatten() {
        if !ids.insert(&table.id) {
            let message = format!("the element `{}` stands twice", shown(&table.id));
            found.push(Diagnostic::error("K3", 1, 0, message).fix("give each its own name"));
        }
    }
    for table in &tables {
        let Some(table) = table else {
            let message = "a table of contents cannot be read";
            found.push(Diagnostic::error("K2", 1, 0, message).fix("write the chapters anew"));
            continue;
        };
        for child in table.children.iter().filter(|child| !ids.contains(child.as_slice())) {
            let message =
                format!("the table of contents lists `{}`, which is not there", shown(child));
            found.push(Diagnostic::error("K2", 1, 0, message).fix("take it out of the table"));
        }
    }
    let top = tables.iter().flatten().filter(|table| table.is_top).count();
    if !chapters.is_empty() && top != 1 {
        let message = format!("{top} tables of contents are at the top");
        found.push(Diagnostic::error("K3", 1, 0, message).fix("write exactly one"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::id3::{Frame, Tag, print, with_chapters};
    use crate::speech::Chapter;
    use crate::time::Ms;

    #[test]
    fn ours_pass_and_each_fault_has_its_rule() {
        let chapter =
            |start, title: &str| Chapter { start: Ms::new(start), title: title.into(), url: None };
        let chapters = [chapter(0, "A"), chapter(5_000, "Ψ")];
        let good = with_chapters(None, Some("T"), &chapters, Ms::new(9_000));
        assert_eq!(check(&print(&good)), []);
        let rules = |change: &dyn Fn(&mut Tag)| {
            let mut tag = good.clone();
            change(&mut tag);
            let found = check(&print(&tag));
            found.iter().map(|finding| finding.rule).collect::<Vec<_>>()
        };
        assert_eq!(rules(&|tag| tag.frames[1].body[4] = 99), ["K1"]);
        assert_eq!(rules(&|tag| drop(tag.frames.remove(1))), ["K2"]);
        assert_eq!(rules(&|tag| tag.frames[2].body[2] = b'0'), ["K3", "K2"]);
        assert_eq!(rules(&|tag| drop(tag.frames.pop())), ["K3"]);
        let cut = |tag: &mut Tag| tag.frames[1].body.truncate(4);
        assert_eq!(rules(&cut), ["K1", "K2"]);
        let broken = Frame { id: *b"a b ", flags: [0, 0], body: vec![1] };
        assert_eq!(rules(&|tag| tag.frames.push(broken.clone())), ["F1"]);
    }
}
