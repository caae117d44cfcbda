//! `add` of a feed and of what the web has: each item once, broken downloads taken up again, and nothing
//! that a stranger's feed has no business with.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

const VOICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/audio/voice.mp3");

/// What the server has at a path.
#[derive(Clone)]
enum Page {
    File(&'static str, Vec<u8>),
    /// The line breaks after so many bytes, the first time.
    Broken(Vec<u8>, usize),
    /// More is announced than there is.
    Short(Vec<u8>),
    Redirect(String),
}

/// A server on this machine, and what it was asked: the path and the `Range`.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Server {
    fn start(pages: impl FnOnce(&str) -> BTreeMap<&'static str, Page>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let pages = pages(&format!("http://127.0.0.1:{port}"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(&stream.unwrap(), &pages, &seen);
            }
        });
        Server { port, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn asked(&self, path: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(at, _)| at == path).map(|(_, range)| range.clone()).collect()
    }
}

fn answer(
    stream: &TcpStream,
    pages: &BTreeMap<&'static str, Page>,
    asked: &Mutex<Vec<(String, String)>>,
) {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)) else { return };
    let range =
        head.iter().find_map(|line| Some(line.to_lowercase().strip_prefix("range: ")?.to_owned()));
    let range = range.unwrap_or_default();
    let mut asked = asked.lock().unwrap();
    let is_first = !asked.iter().any(|(at, _)| at == path);
    asked.push((path.to_owned(), range.clone()));
    drop(asked);
    let from: usize = range
        .strip_prefix("bytes=")
        .and_then(|range| range.trim_end_matches('-').parse().ok())
        .unwrap_or(0);
    let send = |status: &str, length: usize, body: &[u8]| {
        let mut stream = stream;
        let head = format!(
            "HTTP/1.1 {status}\r\nETag: \"one\"\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        // a client that hangs up early is none of the server's business
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    };
    match pages.get(path) {
        None => send("404 Not Found", 0, b""),
        Some(Page::Redirect(to)) => send(&format!("302 Found\r\nLocation: {to}"), 0, b""),
        Some(Page::Short(body)) => send("200 OK", body.len() + 10, body),
        Some(Page::Broken(body, after)) if is_first => send("200 OK", body.len(), &body[..*after]),
        Some(Page::File(_, body) | Page::Broken(body, _)) if from > 0 => {
            let range = format!("Content-Range: bytes {from}-{}/{}", body.len() - 1, body.len());
            send(&format!("206 Partial Content\r\n{range}"), body.len() - from, &body[from..]);
        }
        Some(Page::Broken(body, _)) => send("200 OK", body.len(), body),
        Some(Page::File(kind, body)) => {
            send(&format!("200 OK\r\nContent-Type: {kind}"), body.len(), body);
        }
    }
}

fn linernotes(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_linernotes"))
        .current_dir(folder)
        .env("LINERNOTES_MODELS", folder.join("no-models"))
        .env("LINERNOTES_OFFLINE", "false")
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let said = text(output.stderr);
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code(), text(output.stdout), said)
}

fn item(guid: &str, title: &str, day: &str, more: &str) -> String {
    format!(
        "<item><guid isPermaLink=\"false\">{guid}</guid><title>{title}</title>\
         <pubDate>{day} 2018 10:00:00 GMT</pubDate>{more}</item>"
    )
}

fn sound(url: &str) -> String {
    format!("<enclosure url=\"{url}\" length=\"1\" type=\"audio/mpeg\"/>")
}

fn feed(items: &[String]) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?><rss xmlns:podcast=\"https://podcastindex.org/namespace/1.0\" \
         xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\"><channel><title>Old Show</title>{}\
         </channel></rss>",
        items.concat()
    )
    .into_bytes()
}

fn new_show(folder: &Path) {
    assert_eq!(linernotes(folder, &["new", "show"]).0, Some(0));
}

fn voice() -> Vec<u8> {
    fs::read(VOICE).unwrap()
}

#[test]
fn a_feed_is_listed_chosen_from_and_added_once() {
    let folder = tempfile::tempdir().unwrap();
    new_show(folder.path());
    let vtt = "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ann>Hello there.\n";
    let chapters = r#"{"version":"1.2.0","chapters":[{"startTime":0,"title":"Hello"}]}"#;
    let server = Server::start(|base| {
        let more = format!(
            "{}<description>About &lt;b&gt;things&lt;/b&gt;.</description>\
             <itunes:episode>7</itunes:episode><itunes:explicit>yes</itunes:explicit>\
             <itunes:image href=\"https://cdn.example/7.jpg\"/>\
             <podcast:transcript url=\"/t.txt\" type=\"text/plain\"/>\
             <podcast:transcript url=\"{base}/t.vtt\" type=\"text/vtt\"/>\
             <podcast:chapters url=\"/c.json\" type=\"application/json+chapters\"/>\
             <podcast:person role=\"Host\">Ann Lee</podcast:person>",
            sound("/7.mp3?key=secret")
        );
        let items = [
            item("c", "Newest", "17 May", &sound(&format!("{base}/gone.mp3"))),
            item("b", "Q&amp;A: über alles", "15 May", &more),
            item("a", "Older", "1 May", &sound(&format!("{base}/hop.mp3"))),
            item("z", "Text only", "30 Apr", ""),
        ];
        BTreeMap::from([
            ("/feed.xml", Page::File("application/rss+xml", feed(&items))),
            ("/7.mp3?key=secret", Page::File("audio/mpeg", voice())),
            ("/hop.mp3", Page::Redirect("/a/6.mp3".into())),
            ("/a/6.mp3", Page::File("audio/mpeg", voice())),
            ("/t.vtt", Page::File("text/vtt", vtt.into())),
            ("/c.json", Page::File("application/json", chapters.into())),
        ])
    });
    let url = server.url("/feed.xml");
    let (code, out, said) = linernotes(folder.path(), &["add", &url]);
    assert_eq!((code, out.lines().count()), (Some(0), 4), "{said}");
    assert!(out.starts_with("2018-05-17") && out.contains("Q&A: über alles"), "{out}");
    assert!(out.contains("no sound") && said.contains("`--latest 3`"), "{out}{said}");

    let (code, out, said) = linernotes(folder.path(), &["add", &url, "--all", "-o", "show"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("2 episodes added, 0 there already, 1 failed"), "{said}");
    assert!(said.contains("Newest: the server of") && said.contains("answers 404"), "{said}");
    assert_eq!(out, "show/0001-older\nshow/0007-q-a-über-alles\n");
    let toml =
        fs::read_to_string(folder.path().join("show/0007-q-a-über-alles/episode.toml")).unwrap();
    for part in [
        "audio = \"../audio/0007-q-a-über-alles.mp3\"",
        "transcript = \"transcript.vtt\"",
        "title = \"Q&A: über alles\"",
        "number = 7",
        "date = \"2018-05-15\"",
        "summary = \"About things.\"",
        "explicit = true",
        "image = \"https://cdn.example/7.jpg\"",
        "guid = \"b\"",
        "[[people]]\nname = \"Ann Lee\"\nrole = \"host\"",
        "[[chapters]]\nstart = \"00:00:00.000\"\ntitle = \"Hello\"",
    ] {
        assert!(toml.contains(part), "{part}: {toml}");
    }
    assert!(!toml.contains("secret"), "a listener's own key is not written down: {toml}");
    assert!(folder.path().join("show/0007-q-a-über-alles/edits.toml").is_file());
    let older = fs::read_to_string(folder.path().join("show/0001-older/episode.toml")).unwrap();
    assert!(older.contains("/hop.mp3\""), "{older}");
    let sound = folder.path().join("show/audio/0001-older.mp3");
    assert_eq!(fs::read(sound).unwrap(), voice());

    // a second time only what is missing is tried
    let (code, out, said) = linernotes(folder.path(), &["add", &url, "--all", "-o", "show"]);
    assert!(
        code == Some(1) && out.is_empty() && said.contains("0 episodes added, 2 there"),
        "{said}"
    );
    assert_eq!(server.asked("/a/6.mp3").len(), 1);
    for args in [&["--latest", "1"][..], &["--since", "2018-05-16"]] {
        let args = [&["add", &url, "-o", "show"][..], args].concat();
        let (_, _, said) = linernotes(folder.path(), &args);
        assert!(said.contains("0 episodes added, 0 there already, 1 failed"), "{said}");
    }
    let (code, _, said) = linernotes(folder.path(), &["add", &url, "--since", "soon"]);
    assert!(code == Some(2), "{said}");
    let (code, _, said) = linernotes(folder.path(), &["add", &url, "--all"]);
    assert!(code == Some(1) && said.contains("`linernotes new DIR`"), "{said}");
    let (_, out, _) = linernotes(&folder.path().join("show"), &["add", &url, "--json"]);
    let first: serde_json::Value = serde_json::from_str(out.lines().nth(1).unwrap()).unwrap();
    assert_eq!((&first["guid"], &first["is_there"]), (&"b".into(), &true.into()));
}

#[test]
fn a_broken_download_is_taken_up_where_it_broke() {
    let folder = tempfile::tempdir().unwrap();
    new_show(folder.path());
    let server = Server::start(|_| {
        BTreeMap::from([
            (
                "/feed.xml",
                Page::File("text/xml", feed(&[item("a", "One", "1 May", &sound("/1.mp3"))])),
            ),
            ("/1.mp3", Page::Broken(voice(), 1000)),
        ])
    });
    let (code, _, said) =
        linernotes(folder.path(), &["add", &server.url("/feed.xml"), "--all", "-o", "show"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(server.asked("/1.mp3"), ["", "bytes=1000-"]);
    let audio = folder.path().join("show/audio");
    assert_eq!(fs::read(audio.join("0001-one.mp3")).unwrap(), voice());
    let left: Vec<_> =
        fs::read_dir(&audio).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the sound and the lock: {left:?}");
}

#[test]
fn what_is_no_sound_is_told_and_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    new_show(folder.path());
    let server = Server::start(|base| {
        let items: Vec<String> = ["page", "page2", "short", "loop", "text", "file"]
            .iter()
            .map(|name| item(name, name, "1 May", &sound(&format!("{base}/{name}.mp3"))))
            .chain([
                item("local", "local", "1 May", &sound("file:///etc/passwd")),
                item("private", "private", "1 May", &sound("http://192.168.0.1/admin.mp3")),
                item("host", "host", "1 May", &sound("http://localhost:1/a.mp3")),
            ])
            .collect();
        BTreeMap::from([
            ("/feed.xml", Page::File("text/xml", feed(&items))),
            ("/page.mp3", Page::File("text/html", b"<html>Please log in</html>".to_vec())),
            (
                "/page2.mp3",
                Page::File("audio/mpeg", b"<!doctype html><html>Please log in</html>".to_vec()),
            ),
            ("/short.mp3", Page::Short(voice())),
            ("/loop.mp3", Page::Redirect("/loop.mp3".into())),
            ("/text.mp3", Page::File("audio/mpeg", b"no sound at all ".repeat(99))),
            ("/file.mp3", Page::Redirect("file:///etc/passwd".into())),
        ])
    });
    let url = server.url("/feed.xml");
    let (code, out, said) = linernotes(folder.path(), &["add", &url, "--all", "-o", "show"]);
    assert_eq!((code, out.as_str()), (Some(1), ""), "{said}");
    for part in [
        "page: `http://127.0.0.1",
        "is a page for people, not an audio file",
        "page2: what `",
        "short: cannot fetch",
        "loop: `http",
        "more than 12 times",
        "text: what `",
        "is no audio file",
        "file: `file:///etc/passwd` is not a web address",
        "local: `file:///etc/passwd` is not a web address",
        "private: `http://192.168.0.1/admin.mp3` leads to a machine of a private network",
        "host: `https://localhost:1/a.mp3` leads to a machine of a private network",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let folders = fs::read_dir(folder.path().join("show")).unwrap().count();
    assert_eq!(folders, 2, "no episode was made");
    // a feed's own file trusts no machine of this network
    let file = folder.path().join("feed.xml");
    fs::write(&file, feed(&[item("a", "One", "1 May", &sound(&server.url("/text.mp3")))])).unwrap();
    let (code, _, said) = linernotes(folder.path(), &["add", "feed.xml", "--all", "-o", "show"]);
    assert!(code == Some(1) && said.contains("of a private network"), "{said}");
    let (code, out, _) = linernotes(folder.path(), &["add", "feed.xml", "--offline"]);
    assert!(code == Some(0) && out.contains("One"), "{out}");
    let (code, _, said) =
        linernotes(folder.path(), &["add", "feed.xml", "--all", "--offline", "-o", "show"]);
    assert!(code == Some(1) && said.contains("`--offline` forbids it"), "{said}");
}

#[test]
fn a_single_file_of_the_web_becomes_an_episode() {
    let folder = tempfile::tempdir().unwrap();
    new_show(folder.path());
    let server = Server::start(|_| {
        BTreeMap::from([
            ("/a/My%20Talk.mp3", Page::File("audio/mpeg", voice())),
            ("/page", Page::File("text/html", b"<html></html>".to_vec())),
            ("/bad.xml", Page::File("text/xml", b"<rss><channel><item>".to_vec())),
        ])
    });
    let url = server.url("/a/My%20Talk.mp3");
    let (code, out, said) = linernotes(&folder.path().join("show"), &["add", &url]);
    assert_eq!((code, out.as_str()), (Some(0), "./0001-my-talk\n"), "{said}");
    let (code, out, said) = linernotes(&folder.path().join("show"), &["add", &url]);
    assert!(code == Some(0) && out.is_empty() && said.contains("there already"), "{said}");
    for (args, says) in [
        (&["add", &server.url("/page")][..], "a page for people"),
        (&["add", &server.url("/bad.xml")], "cannot read the feed"),
        (&["add", &server.url("/none")], "answers 404"),
        (&["add", &url, "--latest", "2"], "no feed"),
        (&["add", VOICE, "--all"], "no feed"),
        (&["add", "https://", "--all"], "not a web address"),
        (&["add", &url, "--offline"], "`--offline` forbids it"),
    ] {
        let (code, _, said) = linernotes(&folder.path().join("show"), args);
        assert!(
            code == Some(1) && said.contains(says) && said.contains("\nhint: "),
            "{args:?}: {said}"
        );
    }
}
