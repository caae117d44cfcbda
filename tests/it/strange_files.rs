//! Files that are no transcripts, and what is no file: each is refused at once, by what it is, with the
//! next step; and documents of words are read.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;

fn linernotes(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("linernotes").unwrap();
    command.current_dir(folder).env("LINERNOTES_OFFLINE", "true");
    // A file that never ends would be read for ever.
    command.timeout(Duration::from_mins(2));
    command
}

/// What a command says that must fail.
fn refused(folder: &Path, args: &[&str]) -> String {
    let output = linernotes(folder).args(args).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
    assert!(said.contains("hint: "), "{args:?}: {said}");
    said
}

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn what_is_no_text_is_refused_by_its_kind_whatever_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let kinds: [(&[u8], &str, &str); 7] = [
        (b"%PDF-1.7\n%\xe2\xe3\n", "a PDF document", "docx"),
        (b"{\\rtf1\\ansi Hello}", "an RTF document", "docx"),
        (b"ID3\x04\0\0\0\0\0\0", "an MP3 recording", "linernotes run"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG picture", "episode.toml"),
        (b"SQLite format 3\0", "an SQLite database", "WebVTT"),
        (b"\x1f\x8b\x08\0\0", "a file packed with gzip", "unpack"),
        (&zipped(&[("notes.txt", "x")]), "a zip archive", "unpack"),
    ];
    for (bytes, kind, next) in kinds {
        for name in ["a.txt", "a.vtt", "a.json", "a"] {
            fs::write(folder.join(name), bytes).unwrap();
            let said = refused(folder, &["import", name, "-o", "e"]);
            assert!(said.contains(kind) && said.contains(next), "{said}");
            assert!(!folder.join("e").exists(), "{said}");
            let said = refused(folder, &["score", "wer", name, name]);
            assert!(said.contains(kind), "{said}");
        }
        let output = linernotes(folder).args(["lint", "a.vtt"]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains(kind), "{said}");
    }
}

#[test]
fn a_word_document_is_imported_and_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let line = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let body = line("Ann: [00:00:01] Are we recording?") + &line("Bo: [00:00:03] I think so.");
    let bytes = zipped(&[(
        "word/document.xml",
        &format!("<w:document><w:body>{body}</w:body></w:document>"),
    )]);
    fs::write(folder.join("talk.docx"), &bytes).unwrap();
    linernotes(folder).args(["-q", "import", "talk.docx", "-o", "e"]).assert().success();
    let page = fs::read_to_string(folder.join("e/out/transcript.vtt")).unwrap();
    assert!(page.contains("<v Ann>Are we recording?") && page.contains("00:00:03.000"), "{page}");
    let back = linernotes(folder).args(["export", "rework", "e", "--as-found"]).output().unwrap();
    assert_eq!(back.stdout, bytes);
}

#[test]
fn every_import_that_is_refused_says_what_to_do_next() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, text) in [
        ("a.vtt", "WEBVTT\n\nno cue\n"),
        ("a.srt", "no cue\n"),
        ("a.json", "{\"a\":"),
        ("b.json", "{\"recipe\":[]}"),
        ("c.json", "{\"segments\":[]}"),
        ("a.html", "<cite>"),
        ("a.xml", "<pst:a><b></pst:a>"),
        ("a.txt", "prose without anybody\n"),
        ("b.txt", ""),
        ("feed.xml", "<rss><channel/></rss>"),
        ("cut.txt", "{\"segments\":[{\"start\":1,\"te"),
    ] {
        fs::write(folder.join(name), text).unwrap();
        let said = refused(folder, &["import", name, "-o", "e"]);
        assert!(said.contains(&format!("`{name}`")) && !folder.join("e").exists(), "{said}");
    }
    fs::write(folder.join("a.vtt"), "WEBVTT\n\n00:01.000 --> 00:02.000\nHi.\n").unwrap();
    fs::create_dir(folder.join("t")).unwrap();
    fs::write(folder.join("t/episode.toml"), "titel = \"x\"\n").unwrap();
    let said = refused(folder, &["run", "t"]);
    assert!(said.contains("line 1"), "{said}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let pipe = folder.join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket")).unwrap();
    for (path, kind) in [("/dev/zero", "a device"), ("pipe", "a pipe"), ("socket", "a socket")] {
        for args in [
            &["import", path, "-o", "e"][..],
            &["lint", path],
            &["score", "wer", path, path],
            &["score", "der", path, path],
        ] {
            let said = refused(folder, args);
            assert!(said.contains(&format!("is {kind}, not a file")), "{args:?}: {said}");
        }
    }
    let said = refused(folder, &["import", ".", "-o", "e"]);
    assert!(said.contains("a folder"), "{said}");
}

#[cfg(unix)]
#[test]
fn what_is_piped_in_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let text = "SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\n";
    let scored = linernotes(folder.path())
        .args(["score", "der", "/dev/stdin", "a.rttm"])
        .write_stdin(text)
        .output()
        .unwrap();
    let said = String::from_utf8(scored.stderr).unwrap();
    assert!(said.contains("a.rttm") && !said.contains("a pipe"), "{said}");
}
