use super::*;
use crate::draft::Drafts;
use crate::edit::Edition;
use crate::library::episode::{Episode, Link, Person};
use crate::library::show::{Drafting, Show};
use crate::speech::Chapter;
use crate::time::Ms;

fn chapter(start_ms: i64, title: &str) -> Chapter {
    Chapter { start: Ms::new(start_ms), title: title.into(), url: None }
}

fn made(episode: &Episode, chapters: Vec<Chapter>, place: Place) -> Description {
    let show = Show { name: "Tide Tables".into(), drafts: Drafting::Publish, ..Show::default() };
    let edition = Edition {
        language: "en".into(),
        duration: Ms::new(3_700_000),
        blocks: vec![],
        chapters,
        soundbites: vec![],
        turns: vec![],
    };
    let drafts = Drafts {
        summary: Some("drafted".into()),
        chapters: vec![chapter(0, "drafted")],
        ..Drafts::default()
    };
    let context = Context::new(&edition, Stated::new(&show, episode), &drafts);
    description(&context, Some("https://e.org/1/"), place)
}

fn episode() -> Episode {
    Episode {
        title: "The bucket".into(),
        summary: "About *buckets*. Read [more](https://e.org/more).".into(),
        people: vec![Person { name: "Bo Lund".into(), ..Person::default() }],
        links: vec![Link {
            text: "A <post>".into(),
            url: "https://e.org/p".into(),
            at: String::new(),
        }],
        ..Episode::default()
    }
}

#[test]
fn the_text_has_what_people_wrote_in_each_places_form() {
    let chapters =
        || vec![chapter(0, "Start"), chapter(65_900, "Middle"), chapter(3_661_000, "End")];
    let made = |place| made(&episode(), chapters(), place);
    let youtube = made(Place::YouTube);
    assert_eq!(
        youtube.text,
        "About buckets. Read more (https://e.org/more).\n\n0:00 Start\n1:05 Middle\n1:01:01 End\n\n\
         The Full Transcript: https://e.org/1/\n\nA ‹post›: https://e.org/p\n\nBo Lund, guest\n"
    );
    assert_eq!(youtube.told, ["YouTube takes no `<` and `>`; they are written `‹` and `›`"]);
    let spotify = made(Place::Spotify);
    assert!(
        spotify.text.contains("\n(00:00) Start\n(01:05) Middle\n(1:01:01) End\n"),
        "{spotify:?}"
    );
    assert_eq!(spotify.told, [""; 0]);
}

#[test]
fn chapters_keep_what_players_ask_for_and_what_was_changed_is_told() {
    let made = |chapters| made(&episode(), chapters, Place::YouTube);
    let late = made(vec![chapter(30_000, "A"), chapter(60_000, "B"), chapter(90_000, "C")]);
    assert!(late.text.contains("\n0:00 The bucket\n0:30 A\n1:00 B\n1:30 C\n"), "{late:?}");
    assert!(late.told[0].contains("`The bucket` stands there"), "{late:?}");
    let short = made(vec![
        chapter(2_000, "A"),
        chapter(8_000, "B"),
        chapter(50_000, "C"),
        chapter(55_000, "D"),
        chapter(90_000, " "),
        chapter(100_000, "E"),
        chapter(3_695_000, "F"),
        chapter(9_000_000, "G"),
    ]);
    assert!(short.text.contains("\n0:00 B\n0:55 D\n1:40 E\n\n"), "{short:?}");
    assert_eq!(short.told.len(), 6, "{short:?}");
    let few = made(vec![chapter(0, "A"), chapter(60_000, "B")]);
    assert!(!few.text.contains("0:00") && few.told[0].contains("there are 2"), "{few:?}");
}

#[test]
fn nobodys_words_stand_in_it_and_their_absence_is_told() {
    let bare = made(&Episode::default(), vec![], Place::Host);
    assert_eq!(bare.text, "The Full Transcript: https://e.org/1/\n");
    assert_eq!(bare.told, ["the episode has no summary; `notes.md` offers a draft of one"]);
}

#[test]
fn it_never_outgrows_its_place_and_says_what_is_left_out() {
    let long = Episode { summary: "A sentence of words. ".repeat(400), ..episode() };
    let many: Vec<Chapter> =
        (0..200).map(|n| chapter(n * 18_000, "A title of some length, as people write")).collect();
    for place in [Place::YouTube, Place::Spotify, Place::Host] {
        let made = made(&long, many.clone(), place);
        assert!(made.text.trim_end().chars().count() <= place.room(), "{place:?}");
        assert!(made.text.contains("0:00) A title") || made.text.contains("\n0:00 A title"));
        assert!(
            made.text.contains("A sentence of words.\n\n")
                && made.text.contains("https://e.org/1/")
        );
        for what in ["chapters are left out", "the summary is cut to"] {
            assert!(made.told.iter().any(|told| told.contains(what)), "{made:?}");
        }
    }
    let unbroken = Episode { summary: "word ".repeat(2_000), ..episode() };
    let made = made(&unbroken, vec![], Place::Host);
    assert!(made.text.contains("word word…\n\n"), "{made:?}");
}

#[test]
fn times_in_the_summary_are_told() {
    let timed = Episode { summary: "Of this\\\n12:30 and that".into(), ..episode() };
    let told = made(&timed, vec![], Place::Spotify).told;
    assert!(told.iter().any(|told| told.contains("begins with a time")), "{told:?}");
}
