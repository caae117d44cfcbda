//! What each target does with a case.

use std::io::{Cursor, Write as _, sink};
use std::sync::LazyLock;

use linernotes::decode::{DecodeLimits, decode, tags};
use linernotes::draft::draft;
use linernotes::edit::edits::Edits;
use linernotes::edit::text::corrections;
use linernotes::edit::{Edition, Times, revise};
use linernotes::formats::webvtt::Flavour;
use linernotes::formats::{
    Severity, ass, changelog, chapter_lists, chapters_json, ctm, dote, id3 as tag, labelled, lrc,
    microdvd, podcast_html as html, podcast_json as json, podlove as podlove_files, recognizers,
    rework as rework_text, rttm, srt as subrip, stm, table, ttml, uem, webvtt as vtt,
};
use linernotes::library::episode::Episode;
use linernotes::library::show::{Drafting, Show};
use linernotes::library::stated::Stated;
use linernotes::library::written::parse_toml;
use linernotes::models::convert::{ctranslate2_to_ggml, state_dict_to_onnx};
use linernotes::progress::Silent;
use linernotes::render::outputs::OUTPUTS;
use linernotes::render::podcast_tags::Tag;
use linernotes::render::{Context, PageFacts, Templates, render};
use linernotes::retime::written::Mover;
use linernotes::retime::{Map, Piece};
use linernotes::score::said::read;
use linernotes::site::splice::{Wanted, splice};
use linernotes::speech::Chapter;
use linernotes::time::{Ms, Span};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

static TEMPLATES: LazyLock<Templates> = LazyLock::new(Templates::builtin);

/// Audio and video files: their tags, their chapters (MP4, Matroska, Vorbis comments, ID3) and the
/// MPEG frames. The first minute is decoded.
pub(crate) fn audio(bytes: &[u8]) {
    let file = file_of(bytes);
    let Ok(source) = tags::read(file.path()) else { return };
    assert!(source.chapters.is_sorted_by_key(|chapter| chapter.start));
    let limits = DecodeLimits { max_duration: Ms::new(60_000), ..DecodeLimits::default() };
    if let Ok((recording, _)) = decode(file.path(), &limits, &Silent) {
        assert!(recording.duration() <= limits.max_duration);
    }
}

fn file_of(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("the system has room");
    file.write_all(bytes).expect("the system has room");
    file
}

/// Chapters as JSON, as Podlove's XML and as lines: what is read is printed so that it reads the
/// same again.
pub(crate) fn chapters(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    if let Ok((file, _)) = chapters_json::parse(text) {
        let printed = chapters_json::print(&file);
        is_json(&printed);
        assert_eq!(chapters_json::parse(&printed).expect("what is printed can be read").0, file);
        podlove_files::mp4chaps(&file.to_chapters());
    }
    if let Ok(chapters) = chapter_lists::parse_csv(text) {
        let again = chapter_lists::parse_csv(&chapter_lists::csv(&chapters));
        assert_eq!(again.expect("what is printed can be read"), chapters);
    }
    if let Ok(chapters) = chapter_lists::parse_audacity(text) {
        let again = chapter_lists::parse_audacity(&chapter_lists::audacity(&chapters));
        assert_eq!(again.expect("what is printed can be read"), chapters);
    }
    if let Ok(chapters) = podlove_files::parse_simple_chapters(text) {
        let printed = podlove_files::simple_chapters(&chapters);
        let again =
            podlove_files::parse_simple_chapters(&printed).expect("what is printed can be read");
        assert_eq!(podlove_files::simple_chapters(&again), printed);
    }
}

fn is_json(printed: &str) {
    serde_json::from_str::<serde_json::Value>(printed).expect("what is printed is JSON");
}

/// Feeds of others: refused, or given back with insertions alone, and the second time as they are.
pub(crate) fn feed(bytes: &[u8]) {
    linernotes::lint::lint("feed.xml", bytes);
    let tag = |name, text: &str| Tag {
        name,
        attributes: vec![("url", "https://e.org/?a&b".into())],
        text: Some(text.into()),
    };
    let wanted: Vec<Wanted> = ["1", "2"]
        .map(|guid| Wanted {
            guid: guid.into(),
            audio_url: format!("https://e.org/{guid}.mp3"),
            title: guid.into(),
            tags: vec![tag("transcript", ""), tag("person", "A & B"), tag("chapters", "")],
        })
        .into();
    let add = |bytes: &[u8]| splice(bytes, &wanted, |_| Some("a-guid".into()));
    let Ok(once) = add(bytes) else { return };
    let mut rest = once.bytes.iter();
    assert!(bytes.iter().all(|byte| rest.any(|found| found == byte)), "something was lost");
    let twice = add(&once.bytes).expect("the result is a feed");
    assert_eq!(twice.bytes, once.bytes);
}

/// ID3 tags: what is read is printed so that it reads the same again, with other chapters too.
pub(crate) fn id3(bytes: &[u8]) {
    tag::length(bytes);
    let Ok(Some(found)) = tag::parse(bytes) else { return };
    tag::contents(&found);
    assert_eq!(tag::parse(&tag::print(&found)), Ok(Some(found.clone())));
    let titled: Vec<_> = tag::chapters(&found)
        .into_iter()
        .filter(|chapter| !chapter.title.trim().is_empty())
        .collect();
    let latest = Ms::new(i64::from(u32::MAX));
    let copy = tag::with_chapters(Some(found), Some("A title"), &titled, latest);
    let again =
        tag::parse(&tag::print(&copy)).expect("what is printed can be read").expect("a tag");
    assert_eq!(again, copy);
    let starts = |list: &[Chapter]| -> Vec<Ms> {
        list.iter().map(|chapter| chapter.start).take(255).collect()
    };
    assert_eq!(starts(&tag::chapters(&again)), starts(&titled));
}

/// Any bytes under any name: an error or an episode of which every file can be made, and the bytes
/// come back.
pub(crate) fn import(bytes: &[u8]) {
    const NAMES: [&str; 12] = [
        "a", "a.ass", "a.csv", "a.html", "a.json", "a.lrc", "a.md", "a.srt", "a.sub", "a.txt",
        "a.vtt", "a.xml",
    ];
    let mut kinds = Vec::new();
    for name in NAMES {
        let Ok((imported, _)) = linernotes::import::import(bytes, name) else { continue };
        if kinds.contains(&imported.kind) {
            continue;
        }
        kinds.push(imported.kind);
        assert_eq!(imported.as_found(), bytes);
        let edition = imported.to_edition("en", None);
        let (show, episode) = (imported.show(), imported.episode());
        for file in made(&edition, &show, &episode) {
            let Some(report) = linernotes::lint::lint(&file.relative_path, &file.bytes) else {
                continue;
            };
            let error = report.findings.iter().find(|finding| finding.severity >= Severity::Error);
            assert!(error.is_none(), "{}: {error:?}", file.relative_path);
        }
    }
}

/// Every file can be made.
fn made(edition: &Edition, show: &Show, episode: &Episode) -> Vec<linernotes::render::Artifact> {
    let show = Show { drafts: Drafting::Publish, ..show.clone() };
    let stated = Stated::new(&show, episode);
    let drafts = draft(edition, stated);
    let context = Context::new(edition, stated, &drafts);
    for output in &OUTPUTS {
        output.print(&context);
    }
    render(&context, &PageFacts::default(), &TEMPLATES).expect("it can be rendered")
}

/// Any bytes under any name are checked, and every finding says where and what to do.
pub(crate) fn lint(bytes: &[u8]) {
    const NAMES: [&str; 12] = [
        "a.mp3",
        "a.vtt",
        "a.srt",
        "a.json",
        "a.html",
        "a.xml",
        "a.md",
        "a.txt",
        "a.rttm",
        "chapters.json",
        "words.json",
        "a.rss",
    ];
    for name in NAMES {
        let Some(report) = linernotes::lint::lint(name, bytes) else { continue };
        for finding in report.findings {
            assert!(finding.line > 0 && finding.fix.is_some(), "{name}: {finding:?}");
        }
    }
}

/// RTTM, UEM, CTM and STM: what is read is printed so that it reads the same again.
pub(crate) fn nist(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    if let Ok(files) = rttm::parse(text) {
        assert_eq!(rttm::parse(&rttm::print(&files)), Ok(files));
    }
    if let Ok(files) = uem::parse(text) {
        assert_eq!(uem::parse(&uem::print(&files)), Ok(files));
    }
    if let Ok(words) = ctm::parse(text) {
        let printed = ctm::print("file", &words);
        let again = ctm::parse(&printed).expect("what is printed can be read");
        assert_eq!(ctm::print("file", &again), printed);
    }
    if let Ok(segments) = stm::parse(text) {
        assert_eq!(stm::parse(&stm::print(&segments)).expect("it is printed"), segments);
    }
}

/// The transcripts that are only read: Changelog's, `DOTe`'s, the recognizers', labelled text, captions and
/// tables.
pub(crate) fn others(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    let _ = changelog::parse(text);
    let _ = dote::parse(text);
    let _ = recognizers::parse(text);
    let _ = labelled::parse(text);
    let _ = ass::parse(text);
    let _ = lrc::parse(text);
    let _ = microdvd::parse(text);
    let _ = table::parse(text);
    let _ = ttml::parse(text);
}

/// The podcast namespace's HTML transcript: what is read is printed so that it reads the same again.
pub(crate) fn podcast_html(bytes: &[u8]) {
    let Ok((file, _)) = html::parse(&String::from_utf8_lossy(bytes)) else { return };
    file.passages();
    let printed = html::print(&file);
    let (again, _) = html::parse(&printed).expect("what is printed can be read");
    assert_eq!(html::print(&again), printed);
}

/// The podcast namespace's JSON transcript: what is read is printed so that it reads the same again.
pub(crate) fn podcast_json(bytes: &[u8]) {
    let Ok((file, _)) = json::parse(&String::from_utf8_lossy(bytes)) else { return };
    file.passages();
    let printed = json::print(&file);
    is_json(&printed);
    assert_eq!(json::parse(&printed).expect("what is printed can be read").0, file);
}

/// Podlove's transcripts: what is read is printed so that it reads the same again.
pub(crate) fn podlove(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    let _ = podlove_files::parse_xml(text);
    let Ok((passages, _)) = podlove_files::parse_json(text) else { return };
    let printed = podlove_files::print_json(&passages);
    let (again, _) = podlove_files::parse_json(&printed).expect("what is printed can be read");
    assert_eq!(podlove_files::print_json(&again), printed);
}

/// The Rework text: it comes back as it was found, and its normal form stays as it is.
pub(crate) fn rework(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    let Ok((file, _)) = rework_text::parse(text) else { return };
    assert_eq!(rework_text::print_as_found(&file), *text);
    let printed = rework_text::print(&file);
    let (again, _) = rework_text::parse(&printed).expect("what is printed can be read");
    assert_eq!(rework_text::print(&again), printed);
}

/// What a score compares, read from any file.
pub(crate) fn said(bytes: &[u8]) {
    for name in ["a.stm", "a.ctm", "a.json", "a.vtt", "a.txt"] {
        let _ = read(bytes, name);
    }
}

/// SRT: what is read is printed so that it reads the same again.
pub(crate) fn srt(bytes: &[u8]) {
    let Ok((file, _)) = subrip::parse(&String::from_utf8_lossy(bytes)) else { return };
    file.passages();
    if !file.cues.is_empty() {
        let printed = subrip::print(&file);
        let (again, _) = subrip::parse(&printed).expect("what is printed can be read");
        assert_eq!(subrip::print(&again), printed);
    }
}

/// `WebVTT`: what is read is printed so that it reads the same again.
pub(crate) fn webvtt(bytes: &[u8]) {
    let Ok((file, _)) = vtt::parse(&String::from_utf8_lossy(bytes)) else { return };
    file.passages();
    if file.cues().next().is_none() {
        return;
    }
    for flavour in [Flavour::Full, Flavour::Plain] {
        let printed = vtt::print(&file, flavour);
        let (again, _) = vtt::parse(&printed).expect("what is printed can be read");
        assert_eq!(again.cues().count(), file.cues().count());
        assert_eq!(vtt::print(&again, flavour), printed);
    }
}

/// Weights of strangers: CTranslate2's files and `PyTorch`'s archives become other files or errors.
pub(crate) fn weights(bytes: &[u8]) {
    let file = file_of(bytes);
    let _ = state_dict_to_onnx(file.path(), &mut sink());
    let _ = ctranslate2_to_ggml(file.path(), file.path(), &mut sink());
    // an archive's checksums keep changes out of what is in it
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("a/data.pkl", SimpleFileOptions::default()).expect("memory has room");
    archive.write_all(bytes).expect("memory has room");
    let archive = file_of(archive.finish().expect("memory has room").get_ref());
    let _ = state_dict_to_onnx(archive.path(), &mut sink());
}

static EDITION: LazyLock<Edition> = LazyLock::new(|| {
    let text = include_bytes!("../fixtures/import/quirks.txt");
    let (imported, _) = linernotes::import::import(text, "quirks.txt").expect("it is a transcript");
    imported.to_edition("en", Some(Ms::new(150_000)))
});

/// A transcript that was edited as text: its corrections make the text of the edition, and then nothing is
/// left to correct.
pub(crate) fn sync(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    let with = |edits: &Edits| revise(&EDITION, edits, &[], &[], &Times::NONE).0;
    if let Ok(made) = corrections(&EDITION, text, with) {
        let again = corrections(&with(&made), text, |_| with(&made));
        assert!(again.is_ok_and(|left| left == Edits::default()), "{made:?}");
    }
}

/// The old recording's first half, behind five seconds of something else.
static MOVED: LazyLock<Map> = LazyLock::new(|| {
    let old = Span::new(Ms::new(500), Ms::new(75_000)).expect("it ends after it begins");
    let pieces = vec![Piece { old, later: Ms::new(5_000) }];
    Map::new(pieces, Ms::new(150_000), Ms::new(80_000))
});

/// The times in a person's file are moved; what is no time of a place that is left is a comment.
fn moved(text: &str) {
    let mover = Mover { map: &MOVED, paragraphs: &[Ms::new(12_300)] };
    if let Ok(moved) = mover.rewritten(text) {
        let comments = |text: &str| text.matches('#').count();
        assert!(comments(&moved.text) >= comments(text));
    }
}

/// The files that people write, `show.toml`, `episode.toml` and `edits.toml`, and what they do to
/// an episode.
pub(crate) fn written(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    moved(text);
    if let Ok(edits) = parse_toml::<Edits>(text) {
        let (edition, _) = revise(&EDITION, &edits, &[], &[], &Times::NONE);
        made(&edition, &Show::default(), &Episode::default());
    }
    if let Ok(show) = parse_toml::<Show>(text) {
        made(&EDITION, &show, &Episode::default());
    }
    if let Ok(episode) = parse_toml::<Episode>(text) {
        made(&EDITION, &Show::default(), &episode);
    }
}
