//! ID3 tags: what is read is printed so that it reads the same again, with other chapters too.
#![no_main]

use libfuzzer_sys::fuzz_target;
use linernotes::formats::id3::{chapters, contents, length, parse, print, with_chapters};
use linernotes::time::Ms;

fuzz_target!(|bytes: &[u8]| {
    length(bytes);
    let Ok(Some(tag)) = parse(bytes) else { return };
    contents(&tag);
    assert_eq!(parse(&print(&tag)), Ok(Some(tag.clone())));
    let titled: Vec<_> =
        chapters(&tag).into_iter().filter(|chapter| !chapter.title.trim().is_empty()).collect();
    let copy = with_chapters(Some(tag), Some("A title"), &titled, Ms::new(i64::from(u32::MAX)));
    let again = parse(&print(&copy)).expect("what is printed can be read").expect("a tag");
    assert_eq!(again, copy);
    let starts = |list: &[linernotes::speech::Chapter]| -> Vec<Ms> {
        list.iter().map(|chapter| chapter.start).take(255).collect()
    };
    assert_eq!(starts(&chapters(&again)), starts(&titled));
});
