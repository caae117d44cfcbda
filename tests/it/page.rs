//! The page and the notes as a browser reads them.

mod browser;
mod own_words;
mod specimen;

use linernotes::edit::{Block, Edition};
use linernotes::library::episode::{Episode, Link, Person};
use linernotes::library::show::{Show, Subscribe, Typography};
use linernotes::render::{PageFacts, RenderError, TemplateSource, Templates};
use linernotes::speech::SpeakerName;
use linernotes::time::Ms;
use proptest::prelude::*;
use scraper::{ElementRef, Html, Selector};

use crate::printing::render;
use specimen::{edition, episode, facts, paragraph, show, talk};

fn file(name: &str, edition: &Edition, show: &Show, episode: &Episode) -> String {
    let files = render(edition, show, episode, &facts(), &Templates::builtin()).unwrap();
    let found = files.into_iter().find(|file| file.relative_path == name).unwrap();
    String::from_utf8(found.bytes).unwrap()
}

fn page() -> Html {
    Html::parse_document(&file("index.html", &edition(), &show(), &episode()))
}

fn all<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).unwrap();
    html.select(&selector).collect()
}

fn text(element: &ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn texts(html: &Html, selector: &str) -> Vec<String> {
    all(html, selector).iter().map(text).collect()
}

#[test]
fn the_transcript_reads_as_names_times_and_words() {
    assert_eq!(
        texts(&page(), ".body p[id]"),
        [
            "[00:00:00] Low Water by The Tidemarks plays.",
            "Una: [00:00:04] Welcome to Tide Tables.",
            "[00:00:09] I’m Una Brask.",
            "Piet’s dog: [00:00:09] Woof.",
            "Piet: [00:00:10] Um, she wrote:",
            "The sea is early.",
            "Unknown speaker: [00:01:02]? Is it?",
        ]
    );
}

#[test]
fn the_parts_stand_in_the_order_of_a_podcast_page() {
    let all = texts(&page(), ".show, .tagline, .facts, h1, .promo, .summary, .links, h2, h3");
    assert_eq!(
        all,
        [
            "Tide Tables",
            "A podcast about when the sea comes in.",
            "Episode 16 September 15, 2020 1 min",
            "Something's \"Early\" & <b>late</b>",
            "Like the sea? You’ll love Harbour >",
            "Una asks Piet about the log.",
            "The log A trap",
            "Chapters",
            "Who speaks",
            "The Full Transcript:",
            "Opening",
            "Doubt & <more>",
            "Credits",
            "Download",
            "Reading and listening",
            "Share this episode",
        ]
    );
}

#[test]
fn every_word_has_its_time_and_times_do_not_go_back() {
    let html = page();
    let lines = all(&html, ".body p[data-w]");
    assert_eq!(lines.len(), 6);
    for line in lines {
        let times: Vec<i64> =
            line.attr("data-w").unwrap().split(',').map(|time| time.parse().unwrap()).collect();
        let words = line.child_elements().filter(|child| child.value().name() == "span").count();
        assert_eq!(times.len(), words, "{}", text(&line));
        assert!(times.is_sorted());
        assert!(line.attr("data-t").unwrap().parse::<i64>().unwrap() >= 0);
    }
}

#[test]
fn anchors_are_made_of_times_and_given_once() {
    let html = page();
    let ids: Vec<&str> = all(&html, "[id]").iter().map(|e| e.attr("id").unwrap()).collect();
    for anchor in ["t-00-00-00", "t-00-00-09", "t-00-00-09-2", "c-00-01-01"] {
        assert_eq!(ids.iter().filter(|id| **id == anchor).count(), 1, "{anchor}");
    }
    for (index, id) in ids.iter().enumerate() {
        assert!(!ids[..index].contains(id), "{id} is given twice");
    }
    for link in all(&html, "a[href^='#']") {
        let id = &link.attr("href").unwrap()[1..];
        assert!(ids.contains(&id), "#{id} leads nowhere");
    }
}

#[test]
fn headings_leave_no_level_out() {
    let html = page();
    let mut last = 0;
    for heading in all(&html, "h1, h2, h3, h4, h5, h6") {
        let level: u8 = heading.value().name()[1..].parse().unwrap();
        assert!(level <= last + 1, "{} after level {last}", text(&heading));
        last = level;
    }
    assert_eq!(all(&html, "h1").len(), 1);
}

#[test]
fn a_doubtful_word_stays_off_and_a_doubtful_speaker_is_marked() {
    let html = page();
    assert!(!html.html().contains("gibberish"));
    assert_eq!(texts(&html, ".f"), ["Um,"]);
    assert_eq!(texts(&html, ".body .u"), ["she"]);
    assert_eq!(all(&html, "#t-00-01-02 .maybe").len(), 1);
    assert_eq!(all(&html, ".maybe").len(), 1);
}

#[test]
fn a_quotation_says_who_wrote_it_and_who_reads() {
    let html = page();
    let quotation = all(&html, "blockquote")[0];
    assert_eq!(quotation.attr("cite"), Some("https://example.org/log?a=1&b=2"));
    assert_eq!(text(&quotation), "The sea is early. Una, The Harbour Log read by Piet");
}

#[test]
fn labels_say_what_a_person_has_gone_over() {
    let html = page();
    assert_eq!(
        texts(&html, ".label"),
        ["Checked by ear 1 of 6 paragraphs. The rest is as the machine wrote it. \
          A question mark after the time marks a speaker who is not certain. \
          A dotted line marks words that somebody else may have said."]
    );
    let marked = all(&html, ".body .st-checked");
    assert_eq!(marked.len(), 1);
    assert_eq!(marked[0].attr("aria-label"), Some("Checked by ear"));
    let machine = file("index.html", &talk(2, 5), &show(), &episode());
    assert_eq!(
        texts(&Html::parse_document(&machine), ".label"),
        ["Machine transcript Nobody has checked it yet: please listen before you quote."]
    );
    let elsewhere = PageFacts { recognizer: None, embedder: None, ..facts() };
    let files = render(&talk(2, 5), &show(), &episode(), &elsewhere, &Templates::builtin());
    let page = String::from_utf8_lossy(&files.unwrap()[0].bytes).into_owned();
    let imported = Html::parse_document(&page);
    assert_eq!(
        texts(&imported, ".label"),
        ["Imported transcript It was made elsewhere and has not been checked here."]
    );
    assert!(!page.contains("machine wrote"));
}

#[test]
fn without_script_there_is_a_player_and_no_dead_button() {
    let html = page();
    assert!(all(&html, "audio")[0].attr("controls").is_some());
    for selector in [".dock", ".quote", ".only", ".filtered"] {
        for element in all(&html, selector) {
            assert!(element.attr("hidden").is_some(), "{selector} needs the script");
        }
    }
}

#[test]
fn the_policy_lets_in_the_page_s_own_style_and_script_alone() {
    use sha2::{Digest as _, Sha256};
    let html = page();
    let policy = all(&html, "meta[http-equiv]")[0].attr("content").unwrap();
    for (directive, selector) in [("style-src", "style"), ("script-src", "body > script")] {
        let inlined: String = all(&html, selector)[0].text().collect();
        let hash = Sha256::digest(inlined.as_bytes());
        let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, hash);
        assert!(policy.contains(&format!("{directive} 'sha256-{hash}';")), "{directive}");
    }
    for element in all(&html, "*") {
        for (name, _) in element.value().attrs() {
            assert!(name != "style" && !name.starts_with("on"), "the policy would refuse {name}");
        }
    }
    for element in all(&html, "[src], link[href]:not([rel=canonical])") {
        let address = element.attr("src").or(element.attr("href")).unwrap();
        assert!(!address.contains("//"), "{address} is asked for elsewhere");
    }
}

/// A show and an episode in which every text tries to become markup.
fn hostile() -> (Edition, Show, Episode) {
    const TRAP: &str = "\"'><script>hacked=1</script><img src=x onerror=hacked=1>{{ 1 + 1 }}";
    let mut edition = edition();
    for block in &mut edition.blocks {
        match block {
            Block::Sound(sound) => sound.text = TRAP.into(),
            Block::Paragraph(paragraph) => {
                paragraph.speaker = Some(SpeakerName(TRAP.to_owned()));
                paragraph.words[0].word.text = TRAP.into();
                if let Some(quotation) = &mut paragraph.quotation {
                    quotation.author = Some(TRAP.to_owned());
                    quotation.source = Some(TRAP.to_owned());
                    quotation.url = Some("javascript:hacked=1".to_owned());
                }
            }
        }
    }
    edition.language = "en\" onload=\"hacked=1".into();
    for chapter in &mut edition.chapters {
        chapter.title = TRAP.into();
        chapter.url = Some("javascript:hacked=1".to_owned());
    }
    let person = Person {
        name: TRAP.to_owned(),
        role: TRAP.to_owned(),
        url: "javascript:hacked=1".to_owned(),
        ..Person::default()
    };
    let mut show = show();
    for field in [&mut show.name, &mut show.tagline, &mut show.transcript_heading] {
        *field = TRAP.into();
    }
    show.base_url = "javascript:hacked=1".into();
    show.people = vec![person.clone()];
    let mut episode = episode();
    for field in [&mut episode.title, &mut episode.date, &mut episode.summary] {
        *field = TRAP.into();
    }
    episode.summary += "\n\n[x](javascript:hacked=1) <a href=\"javascript:hacked=1\">y</a>";
    episode.people = vec![person];
    episode.links = vec![Link {
        text: TRAP.to_owned(),
        url: "JavaScript:hacked=1".to_owned(),
        ..Link::default()
    }];
    (edition, show, episode)
}

#[test]
fn text_from_strangers_stays_text() {
    let (edition, show, episode) = hostile();
    for name in ["index.html", "notes.html"] {
        let html = Html::parse_document(&file(name, &edition, &show, &episode));
        let scripts = if name == "index.html" { 3 } else { 0 };
        assert_eq!(all(&html, "script").len(), scripts, "{name}");
        assert_eq!(all(&html, "img").len(), 0, "{name}");
        for element in all(&html, "*") {
            for (attribute, value) in element.value().attrs() {
                assert!(!attribute.starts_with("on"), "{name}: {attribute}");
                let leads = ["href", "src", "cite"].contains(&attribute);
                assert!(!leads || !value.to_lowercase().contains("script:"), "{name}: {value}");
            }
        }
    }
    let markdown = file("notes.md", &edition, &show, &episode);
    assert!(!markdown.contains("](<javascript:") && !markdown.contains("](<JavaScript:"));
}

#[test]
fn nothing_is_left_empty_where_nothing_is_known() {
    let nothing = Edition { blocks: vec![], chapters: vec![], ..talk(0, 0) };
    for edition in [nothing, talk(3, 4)] {
        let files = render(
            &edition,
            &Show::default(),
            &Episode::default(),
            &PageFacts::default(),
            &Templates::builtin(),
        )
        .unwrap();
        let html = Html::parse_document(std::str::from_utf8(&files[0].bytes).unwrap());
        for element in all(&html, "main p:not([role]), main li, main h2, main h3, main ul, title") {
            assert!(!text(&element).is_empty(), "empty {}", element.value().name());
        }
        assert_eq!(all(&html, "audio, .mast, .promo, .summary, .links, .facts time").len(), 0);
        assert_eq!(texts(&html, "h1"), ["Transcript"]);
    }
}

#[test]
fn an_episode_without_a_title_is_called_as_its_file_is() {
    let show = Show::default();
    let episode = Episode { audio: "takes/harbour walk.mp3".to_owned(), ..Episode::default() };
    let html = Html::parse_document(&file("index.html", &talk(3, 4), &show, &episode));
    assert_eq!(texts(&html, "h1, title"), ["harbour walk", "harbour walk"]);
    assert_eq!(all(&html, ".mast").len(), 0);
}

#[test]
fn every_download_is_made_beside_the_page() {
    let files = render(&edition(), &show(), &episode(), &facts(), &Templates::builtin()).unwrap();
    let html = page();
    let links = all(&html, ".downloads a");
    assert!(links.len() >= 5);
    for link in links {
        let href = link.attr("href").unwrap();
        let is_audio = href == "audio.mp3" && link.attr("type") == Some("audio/mpeg");
        assert!(is_audio || files.iter().any(|file| file.relative_path == href), "{href}");
    }
    assert_eq!(texts(&html, ".downloads a")[..2], ["Audio", "WebVTT"]);
}

#[test]
fn a_show_says_where_people_listen_and_only_the_web_is_linked() {
    let place = |name: &str, url: &str| Subscribe { name: name.into(), url: url.into() };
    let show = Show {
        subscribe: vec![
            place("Pods & Co", "https://pods.example/show?a=1&b=2"),
            place("", "https://bare.example/feed"),
            place("A trap", "javascript:alert(1)"),
            place("Mail", "mailto:a@b.example"),
        ],
        ..show()
    };
    let html = Html::parse_document(&file("index.html", &edition(), &show, &episode()));
    let link = |a: &ElementRef<'_>| (text(a), a.attr("href").unwrap().to_owned());
    let links: Vec<(String, String)> = all(&html, ".subscribe a").iter().map(link).collect();
    assert_eq!(
        links,
        [
            ("Pods & Co".to_owned(), "https://pods.example/show?a=1&b=2".to_owned()),
            ("https://bare.example/feed".to_owned(), "https://bare.example/feed".to_owned()),
        ]
    );
    assert_eq!(all(&page(), ".subscribe").len(), 0);
}

#[test]
fn quotes_and_apostrophes_are_set_where_people_read_and_nowhere_else() {
    let mut edition = talk(1, 1);
    edition.blocks =
        vec![Block::Paragraph(paragraph(1_000, Some("Una"), "\"It's late,\" she said."))];
    let shown = |show: &Show, edition: &Edition| {
        let html = Html::parse_document(&file("index.html", edition, show, &episode()));
        texts(&html, ".body p[data-w]").join(" ")
    };
    assert_eq!(shown(&show(), &edition), "Una: [00:00:01] “It’s late,” she said.");
    for name in ["transcript.vtt", "transcript.srt", "words.json", "transcript.txt"] {
        let text = file(name, &edition, &show(), &episode());
        assert!(text.contains("It's") && !text.contains("It’s"), "{name}: {text}");
    }
    let as_written = Show { typography: Some(Typography::AsWritten), ..show() };
    assert_eq!(shown(&as_written, &edition), "Una: [00:00:01] \"It's late,\" she said.");
    edition.language = "de".to_owned();
    assert_eq!(shown(&show(), &edition), "Una: [00:00:01] \"It's late,\" she said.");
    let curly = Show { typography: Some(Typography::Curly), ..show() };
    assert_eq!(shown(&curly, &edition), "Una: [00:00:01] „It’s late,“ she said.");
}

#[test]
fn a_chapter_called_credits_leaves_one_heading_of_that_name() {
    let mut edition = edition();
    assert_eq!(texts(&page(), "#credits-h"), ["Credits"]);
    edition.chapters[1].title = "credits:".into();
    let html = Html::parse_document(&file("index.html", &edition, &show(), &episode()));
    assert_eq!(texts(&html, "#credits-h"), ["People and music"]);
}

#[test]
fn who_made_the_words_is_said_so_that_anybody_understands_it() {
    let made = texts(&page(), ".made p:last-child").join(" ");
    assert!(
        made.starts_with(
            "A machine wrote the words: the speech recognizer Whisper with the weights “base”"
        ),
        "{made}"
    );
    assert!(made.contains("The network “campplus” told the voices apart."), "{made}");
}

#[test]
fn direction_follows_the_language_and_its_script() {
    for (language, direction) in [
        ("he", "rtl"),
        ("ar-EG", "rtl"),
        ("az-Arab", "rtl"),
        ("ur-Latn", "ltr"),
        ("pt-BR", "ltr"),
        ("ckb", "rtl"),
    ] {
        let mut edition = edition();
        edition.language = language.to_owned();
        let html = Html::parse_document(&file("index.html", &edition, &show(), &episode()));
        let root = all(&html, "html")[0];
        assert_eq!((root.attr("lang"), root.attr("dir")), (Some(language), Some(direction)));
        // English words on a page of another language say so
        let dock = all(&html, ".dock")[0];
        let is_own = language != "pt-BR";
        assert_eq!(dock.attr("lang"), is_own.then_some("en"), "{language}");
    }
}

#[test]
fn two_runs_give_the_same_bytes() {
    let twice = || render(&edition(), &show(), &episode(), &facts(), &Templates::builtin());
    assert_eq!(twice().unwrap(), twice().unwrap());
}

#[test]
fn a_page_of_23_minutes_is_below_200_kb() {
    let bytes = file("index.html", &talk(75, 57), &show(), &episode()).len();
    assert!(bytes < 200_000, "{bytes} bytes");
}

#[test]
fn turns_measure_talk_where_there_are_turns() {
    let mut edition = talk(2, 10);
    edition.turns = vec![linernotes::edit::NamedTurn {
        span: linernotes::time::Span::at_least_1ms(Ms::ZERO, Ms::new(120_000)),
        speaker: SpeakerName("Una".to_owned()),
    }];
    let html = Html::parse_document(&file("index.html", &edition, &show(), &episode()));
    assert_eq!(texts(&html, ".voices .talk"), ["2 min of talk, 100 %"]);
}

fn overridden(name: &str, text: &str) -> Result<Templates, RenderError> {
    Templates::with_overrides([TemplateSource {
        name: name.to_owned(),
        path: format!("show/templates/{name}"),
        text: text.to_owned(),
    }])
}

#[test]
fn a_show_overrides_a_template_and_its_colours() {
    let templates = overridden("page.html", "{{ title }}\n").unwrap();
    let files = render(&edition(), &show(), &episode(), &facts(), &templates).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&files[0].bytes),
        "Something&#39;s &quot;Early&quot; &amp; &lt;b&gt;late&lt;/b&gt;\n"
    );
    let templates = overridden("theme.css", ":root { --accent: teal; }\r\n").unwrap();
    let files = render(&edition(), &show(), &episode(), &facts(), &templates).unwrap();
    let page = String::from_utf8_lossy(&files[0].bytes).into_owned();
    assert!(page.contains(":root { --accent: teal; }\n</style>"));
}

#[test]
fn a_broken_template_gives_its_file_its_line_and_the_reason() {
    let unclosed = overridden("page.html", "<p>\n{% if title %}\n</p>\n").unwrap_err().to_string();
    assert!(unclosed.starts_with("template `show/templates/page.html`, line "), "{unclosed}");
    let templates = overridden("notes.md", "a\n\n{{ titel }}\n").unwrap();
    let unknown = render(&edition(), &show(), &episode(), &facts(), &templates).unwrap_err();
    let unknown = unknown.to_string();
    assert!(unknown.starts_with("template `show/templates/notes.md`, line 3: "), "{unknown}");
    assert!(unknown.contains("titel"), "{unknown}");
    let spilling = overridden("theme.css", "a {}\n</style>").unwrap_err().to_string();
    assert!(spilling.starts_with("template `show/templates/theme.css`, line 2: "), "{spilling}");
}

#[test]
fn notes_are_short_and_hold_what_every_app_shows() {
    insta::assert_snapshot!(file("notes.md", &edition(), &show(), &episode()), @r#"
    # Something's "Early" \& \<b\>late\</b\>

    Una asks *Piet* about [the log](https://example.org/log).

    ## Chapters

    - 00:00:00 Opening
    - 00:01:01 Doubt \& \<more\>

    ## People

    - Una Brask, host
    - [Piet Haak](<https://example.org/piet>), guest, harbour master

    ## Links

    - [The log](<https://example.org/log>)
    - A trap

    ## Credits

    - Music: Low Water, by The Tidemarks
    "#);
    let html = Html::parse_fragment(&file("notes.html", &edition(), &show(), &episode()));
    for element in all(&html, "html *") {
        let name = element.value().name();
        assert!(["p", "a", "ul", "li", "strong", "em"].contains(&name), "{name}");
    }
    assert_eq!(texts(&html, "li")[2], "Una Brask, host");
}

proptest! {
    #[test]
    fn for_any_words_the_page_s_text_is_the_words(
        words in prop::collection::vec("[^\\s\\x00]{1,12}", 1..12),
        name in "[^\\s\\x00]{1,12}",
    ) {
        let spoken = words.join(" ");
        let mut edition = talk(0, 0);
        edition.blocks = vec![Block::Paragraph(paragraph(1_000, Some(&name), &spoken))];
        let show = Show { typography: Some(Typography::AsWritten), ..show() };
        let html = file("index.html", &edition, &show, &episode());
        let html = Html::parse_document(&html);
        let read: Vec<String> = all(&html, ".body p > span")
            .iter()
            .map(|word| word.text().collect())
            .collect();
        prop_assert_eq!(read.join(" "), spoken);
        let who: String = all(&html, ".body .who")[0].text().collect();
        prop_assert_eq!(who, format!("{name}:"));
    }
}
