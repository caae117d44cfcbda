//! What is published, served on this machine: over real sockets, and by hostile hands.

pub(crate) mod client;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use client::{Reply, Served, linernotes};

const TALK: &str = "Ann: [00:00:00] Welcome. I'm Ann Lee, and today we went to Skerrow by boat.\n\n\
                    Bo: [00:00:30] No, nobody did. It was cold, too.\n";

/// An episode that was published, with a sound of a thousand bytes beside its page.
fn episode(folder: &Path) {
    let episode = folder.join("e");
    fs::create_dir_all(&episode).unwrap();
    fs::write(episode.join("t.txt"), TALK).unwrap();
    fs::write(episode.join("episode.toml"), "transcript = \"t.txt\"\ntitle = \"A Day\"\n").unwrap();
    assert!(linernotes(folder, &["run", "e"]).output().unwrap().status.success());
    fs::write(episode.join("out/talk.mp3"), sound()).unwrap();
}

fn sound() -> Vec<u8> {
    (0..1000).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

fn served() -> (tempfile::TempDir, Served) {
    let folder = tempfile::tempdir().unwrap();
    episode(folder.path());
    let served = Served::start(folder.path(), &["serve", "e", "--port", "0"]);
    (folder, served)
}

fn told(fault: &mut Command) -> String {
    let output = fault.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_page_is_shown_as_it_is_published_and_its_policy_allows_one_script_more() {
    let (folder, served) = served();
    let page = served.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let published = fs::read_to_string(folder.path().join("e/out/index.html")).unwrap();
    assert!(!published.contains("EventSource"));
    let shown = page.text();
    let (before, script) = shown.rsplit_once("<script>").unwrap();
    assert!(script.contains("EventSource") && script.ends_with("</script></body>\n</html>\n"));
    let policy = |html: &str| {
        let document = scraper::Html::parse_document(html);
        let meta = scraper::Selector::parse("meta[http-equiv]").unwrap();
        document.select(&meta).next().unwrap().value().attr("content").unwrap().to_owned()
    };
    let (was, is) = (policy(&published), policy(&shown));
    for rule in was.split("; ") {
        let (name, sources) = rule.split_once(' ').unwrap();
        let now = is.split("; ").find_map(|rule| rule.strip_prefix(&format!("{name} "))).unwrap();
        let more = usize::from(name == "script-src");
        assert!(now.ends_with(sources), "{rule}: {now}");
        assert_eq!(now.split(' ').count(), sources.split(' ').count() + more, "{rule}: {now}");
    }
    let body = |html: &str| html.split_once("<body>").unwrap().1.to_owned();
    let rest = body(&published);
    assert_eq!(body(before), rest.strip_suffix("</body>\n</html>\n").unwrap());
    let head = served.ask("HEAD", "/", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn a_sound_is_sent_in_the_parts_that_a_player_asks_for() {
    let (_folder, served) = served();
    let sound = sound();
    let part = |range: &str| served.ask("GET", "/talk.mp3", &[("Range", range)]);
    let whole = served.get("/talk.mp3");
    assert_eq!((whole.status, whole.header("accept-ranges")), (200, "bytes"));
    assert_eq!((whole.header("content-type"), &whole.body), ("audio/mpeg", &sound));
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=400-499", 400, 500),
        ("bytes=900-", 900, 1000),
        ("bytes=-100", 900, 1000),
        ("bytes=990-5000", 990, 1000),
    ] {
        let reply = part(range);
        assert_eq!(reply.status, 206, "{range}");
        assert_eq!(reply.body, sound[from..to], "{range}");
        assert_eq!(reply.header("content-range"), format!("bytes {from}-{}/1000", to - 1));
    }
    for range in ["bytes=1000-", "bytes=-0", "bytes=5-4", "bytes=0-1,5-6", "bytes=x"] {
        let reply = part(range);
        assert_eq!((reply.status, reply.header("content-range")), (416, "bytes */1000"), "{range}");
    }
    assert_eq!(part("pages=1-2").body, sound);
    let tag = whole.header("etag").to_owned();
    let ask = |headers: &[(&str, &str)]| served.ask("GET", "/talk.mp3", headers);
    assert_eq!(ask(&[("Range", "bytes=0-9"), ("If-Range", &tag)]).status, 206);
    assert_eq!(ask(&[("Range", "bytes=0-9"), ("If-Range", "\"old\"")]).status, 200);
    assert_eq!(ask(&[("If-None-Match", &tag)]).status, 304);
    let head = served.ask("HEAD", "/talk.mp3", &[]);
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "1000", 0));
}

#[test]
fn nothing_outside_the_folder_is_served() {
    let folder = tempfile::tempdir().unwrap();
    episode(folder.path());
    let out = folder.path().join("e/out");
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    fs::create_dir(out.join("more")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), out.join("link.txt")).unwrap();
    let served = Served::start(folder.path(), &["serve", "e", "--port", "0"]);
    for path in [
        "/../episode.toml",
        "/../../secret.txt",
        "/%2e%2e/episode.toml",
        "/..%2f..%2fsecret.txt",
        "/..%5c..%5csecret.txt",
        "/more/../../episode.toml",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/link.txt",
        "/.linernotes",
        "/%2elinernotes-files.txt",
        "/index.html%00",
        "/%",
        "/%ff",
        "/none",
        "/more/",
    ] {
        let reply = served.get(path);
        assert!([400, 404].contains(&reply.status), "{path}: {}", reply.status);
        assert!(!reply.text().contains("secret") && !reply.text().contains("transcript"), "{path}");
    }
    let reply = served.get("/more");
    assert_eq!((reply.status, reply.header("location")), (308, "/more/"));
    let elsewhere = format!("http://127.0.0.1:{}/index.html", served.port);
    assert_eq!(served.get(&elsewhere).status, 200, "an address in full");
    assert_eq!(served.get("http://evil.example/index.html").status, 403);
}

/// Every answer to somebody who is not us is this one.
fn refused(reply: &Reply) {
    assert_eq!(reply.status, 403, "{}", reply.text());
    assert_eq!(reply.header("access-control-allow-origin"), "");
    assert!(!reply.text().contains("Skerrow"), "{}", reply.text());
}

#[test]
fn no_other_origin_and_no_other_name_is_answered() {
    let (_folder, served) = served();
    let port = served.port;
    let named = |host: &str| served.ask_as("GET", "/", &[("Host", host)]);
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("127.0.0.1:{}", port - 1),
        format!("0.0.0.0:{port}"),
        String::new(),
    ] {
        let reply = named(&host);
        assert!([400, 403].contains(&reply.status), "{host}: {}", reply.status);
        assert!(!reply.text().contains("Skerrow"));
    }
    assert!([400, 403].contains(&served.ask_as("GET", "/", &[]).status), "no host");
    assert_eq!(named(&format!("localhost:{port}")).status, 200);
    refused(&served.ask("GET", "/", &[("Origin", "http://evil.example")]));
    refused(&served.ask("GET", "/", &[("Origin", "null")]));
    let theirs = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")];
    refused(&served.ask("GET", "/talk.mp3", &theirs));
    refused(&served.ask("OPTIONS", "/", &[("Origin", "http://evil.example")]));
    refused(&served.ask("POST", "/", &[]));
    let own = format!("http://127.0.0.1:{port}");
    assert_eq!(served.ask("GET", "/", &[("Origin", &own)]).status, 200);
    assert_eq!(served.ask("POST", "/", &[("Origin", &own)]).status, 405);
    let page = served.get("/");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(page.header("x-frame-options"), "DENY");
}

#[test]
fn a_page_hears_of_a_change_once_it_is_published() {
    let (folder, served) = served();
    let mut news = served.listen("/.linernotes/changes");
    let first = news.next();
    let text = TALK.replace("cold", "warm");
    fs::write(folder.path().join("e/t.txt"), text).unwrap();
    assert!(linernotes(folder.path(), &["run", "e"]).output().unwrap().status.success());
    let begun = Instant::now();
    let second = news.next();
    assert_ne!(first, second);
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert!(served.get("/").text().contains("warm"));
}

#[test]
fn what_cannot_be_served_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let says = |args: &[&str], problem: &str, hint: &str| {
        let said = told(&mut linernotes(at, args));
        assert!(said.contains(problem) && said.contains("\nhint: "), "{said}");
        assert!(said.split_once("\nhint: ").unwrap().1.contains(hint), "{said}");
    };
    says(&["serve"], "is no show, no episode", "show.toml");
    says(&["serve", "none"], "is no show, no episode", "show.toml");
    assert!(linernotes(at, &["new", "show"]).output().unwrap().status.success());
    says(&["serve", "show"], "has no site yet", "linernotes publish show");
    episode(at);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    says(&["serve", "e", "--port", &port], &format!("port {port} is in use"), "--port 0");
    fs::remove_dir_all(at.join("e/out")).unwrap();
    says(&["serve", "e"], "has no page yet", "linernotes run e");
}

#[test]
fn a_show_is_served_as_its_site() {
    let folder = tempfile::tempdir().unwrap();
    let show = folder.path().join("show");
    crate::site::large_show::write(&show, 3);
    linernotes::site::build(&show, &show.join("site"), None).unwrap();
    let served = Served::start(folder.path(), &["serve", "show", "--port", "0"]);
    assert!(served.get("/").text().contains("The Long Count"));
    assert_eq!(served.get("/people").status, 308);
    assert!(served.get("/people/").text().contains("EventSource"));
    assert_eq!(served.get("/show.toml").status, 404);
}
