//! The desk over real sockets: every change is on the disk when it is answered, can be taken back to the
//! byte, and nobody else can make one.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::serve::client::{Reply, Served, linernotes};

const TALK: &str = "Ann: [00:00:00] Welcome. I'm Ann Lee, and today we went to Skerrow by boat.\n\n\
                    [00:00:12] It rained all day and all night, and nobody slept.\n\n\
                    Bo: [00:00:30] No, nobody did. It was cold, too.\n\n\
                    Ann: [00:00:41] So what did you do then? I would like\n\n\
                    Bo: [00:00:48] to know. I went to bed. In the morning the sun was out.\n\n\
                    Ann: [00:01:10] And then we went home.\n";

struct Desk {
    folder: tempfile::TempDir,
    served: Option<Served>,
    cookie: String,
    revision: u64,
}

impl Desk {
    fn open() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let episode = folder.path().join("e");
        fs::create_dir_all(&episode).unwrap();
        fs::write(episode.join("t.txt"), TALK).unwrap();
        fs::write(episode.join("episode.toml"), "transcript = \"t.txt\"\ntitle = \"A Day\"\n")
            .unwrap();
        assert!(linernotes(folder.path(), &["run", "e"]).output().unwrap().status.success());
        let mut desk = Desk { folder, served: None, cookie: String::new(), revision: 0 };
        desk.start();
        desk
    }

    fn start(&mut self) {
        let served = Served::start(self.folder.path(), &["review", "e", "--port", "0"]);
        let path = served.address.split_once(&format!(":{}", served.port)).unwrap().1.to_owned();
        let reply = served.get(&path);
        assert_eq!(reply.status, 200);
        assert!(reply.text().contains("url=/\"") && !reply.text().contains("Skerrow"));
        let cookie = reply.header("set-cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap().clone_into(&mut self.cookie);
        (self.served, self.revision) = (Some(served), 0);
    }

    /// Ends it as a power cut would, and starts it again.
    fn start_again(&mut self) {
        self.served.take().unwrap().kill();
        self.start();
    }

    fn served(&self) -> &Served {
        self.served.as_ref().unwrap()
    }

    fn get(&self, path: &str) -> Reply {
        self.served().ask("GET", path, &[("Cookie", &self.cookie)])
    }

    fn page(&self) -> String {
        self.get("/").text()
    }

    /// The text of the page, a line a paragraph, with the speaker where one begins.
    fn text(&self) -> Vec<String> {
        let document = scraper::Html::parse_document(&self.page());
        let lines = scraper::Selector::parse(".body p[data-w]").unwrap();
        let texts = document.select(&lines).map(|line| line.text().collect::<String>());
        texts.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    fn post(&self, command: &Value, revision: u64) -> Reply {
        let own = format!("http://127.0.0.1:{}", self.served().port);
        let headers = [
            ("Host", &own["http://".len()..]),
            ("Origin", own.as_str()),
            ("Cookie", self.cookie.as_str()),
            ("Content-Type", "application/json"),
        ];
        let body = json!({"revision": revision, "command": command}).to_string();
        self.served().send("POST", "/.desk/do", &headers, &body)
    }

    /// Has a command carried out; what the page gets of it.
    fn does(&mut self, command: &Value) -> Value {
        let reply = self.post(command, self.revision);
        assert_eq!(reply.status, 200, "{command}: {}", reply.text());
        let change: Value = serde_json::from_slice(&reply.body).unwrap();
        self.revision = change["revision"].as_u64().unwrap();
        change
    }

    /// Has a command refused; why.
    fn refuses(&self, command: &Value) -> String {
        let reply = self.post(command, self.revision);
        assert_eq!(reply.status, 422, "{command}: {}", reply.text());
        let said: Value = serde_json::from_slice(&reply.body).unwrap();
        said["said"].as_str().unwrap().to_owned()
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("e/edits.toml")
    }

    fn edits(&self) -> Option<String> {
        fs::read_to_string(self.path()).ok()
    }
}

#[test]
fn an_editors_round_is_on_the_page_at_once_and_on_the_disk() {
    let mut desk = Desk::open();
    fs::write(desk.path(), "# mine\n[names] # people\n").unwrap();
    assert!(desk.page().contains("class=\"turn"));
    desk.revision = 1;
    let change = desk.does(&json!({"stroke": {"retype": [0, "Welcome. I'm Anne Lee, and today we went to Skerrow by ship."]}}));
    assert_eq!(change["page"]["insert"].as_array().unwrap().len(), 1, "one turn is sent");
    assert!(desk.edits().unwrap().starts_with("# mine\n[names] # people\n"));
    desk.does(&json!({"stroke": {"split": [1, 5]}}));
    desk.does(&json!({"stroke": {"join": 1}}));
    desk.does(&json!({"stroke": {"name": [0, "Anne", "everywhere"]}}));
    // the turn of Bo begins two words too late
    desk.does(&json!({"stroke": {"edge": [4, 2]}}));
    desk.does(&json!({"stroke": {"give": [[2, 3], [2, 6], "Cy"]}}));
    desk.does(&json!({"check": [1, true]}));
    desk.does(&json!({"quotation": [[0, 1], [0, 3], {"author": "A. Poet"}]}));
    let text = desk.text();
    assert_eq!(text[..2], ["Anne: [00:00:00] Welcome.", "I'm Anne Lee,"], "a quotation is parted");
    let all = text.join("\n");
    assert!(all.contains("then? I would like to know."), "{all}");
    assert!(all.contains("Cy: ") && all.contains("It was cold, too."), "{all}");
    assert!(!all.contains("Ann: "), "{all}");
    let edits = desk.edits().unwrap();
    for table in ["[[replace]]", "[[voice]]", "[[speaker]]", "[[checked]]", "[[quotation]]"] {
        assert!(edits.contains(table), "{table}: {edits}");
    }
    // what the desk shows is what a run makes
    let shown = desk.text();
    drop(desk.served.take());
    assert!(linernotes(desk.folder.path(), &["run", "e"]).output().unwrap().status.success());
    desk.start();
    assert_eq!(desk.text(), shown);
    let cut = desk.text().len();
    desk.does(&json!({"stroke": {"cut": [[cut - 1, 0], [cut - 1, 4]]}}));
    assert!(!desk.text().join("\n").contains("went home"));
    assert!(desk.page().contains("left out here."));
}

#[test]
fn undo_restores_the_bytes_also_after_a_kill_and_a_hand_is_respected() {
    let mut desk = Desk::open();
    let mut states = vec![desk.edits()];
    for command in [
        json!({"stroke": {"retype": [2, "No, nobody did. It was so cold, too."]}}),
        json!({"stroke": {"split": [2, 3]}}),
        json!({"stroke": {"name": [2, "Beau", "everywhere"]}}),
        json!({"check": [0, true]}),
    ] {
        desk.does(&command);
        states.push(desk.edits());
    }
    desk.start_again();
    assert_eq!(desk.edits(), states[4], "nothing is lost");
    assert!(desk.text().join("\n").contains("Beau: "));
    for state in [3, 2, 1, 0] {
        let change = desk.does(&json!("undo"));
        assert_eq!(desk.edits(), states[state]);
        if state == 2 {
            assert!(change["what"].as_str().unwrap().starts_with("taken back: the name Beau"));
            desk.start_again();
        }
    }
    assert!(desk.refuses(&json!("undo")).contains("nothing to take back"));
    desk.start_again();
    for state in &states[1..] {
        desk.does(&json!("redo"));
        assert_eq!(desk.edits(), *state);
    }
    let hand = format!("{}# by hand\n", desk.edits().unwrap());
    fs::write(desk.path(), &hand).unwrap();
    // the page hears of it first
    assert_eq!(desk.post(&json!("undo"), desk.revision).status, 409);
    desk.revision += 1;
    assert!(desk.refuses(&json!("undo")).contains("changed elsewhere"));
    assert_eq!(desk.edits().unwrap(), hand);
    desk.does(&json!({"check": [2, true]}));
    desk.does(&json!("undo"));
    assert_eq!(desk.edits().unwrap(), hand);
}

#[test]
fn what_is_done_and_done_otherwise_leaves_no_heap() {
    let mut desk = Desk::open();
    let before = desk.text();
    desk.does(&json!({"stroke": {"split": [1, 3]}}));
    let split = desk.edits().unwrap();
    desk.does(&json!({"stroke": {"join": 2}}));
    assert_eq!(desk.text(), before);
    let joined = desk.edits().unwrap();
    assert!(!joined.contains("\n[[paragraph]]") && !joined.contains("\n[[join]]"), "{joined}");
    desk.does(&json!({"stroke": {"split": [1, 3]}}));
    assert_eq!(desk.edits().unwrap(), split);
    desk.does(&json!({"stroke": {"join": 1}}));
    desk.does(&json!({"stroke": {"split": [0, 14]}}));
    assert_eq!(desk.text().len(), before.len() + 1, "a joined paragraph is parted again");
    // a name that is given twice is given once
    desk.does(&json!({"stroke": {"name": [3, "Beau", "everywhere"]}}));
    desk.does(&json!({"stroke": {"name": [3, "Bob", "everywhere"]}}));
    assert_eq!(desk.edits().unwrap().matches("\n[[voice]]").count(), 1);
    // who was checked and then corrected is not checked any more, and may be again
    desk.does(&json!({"check": [3, true]}));
    let change = desk.does(&json!({"stroke": {"retype": [3, "No, nobody did. It was hot, too."]}}));
    assert_eq!(change["state"]["warnings"], json!([]), "{change}");
    assert!(!desk.edits().unwrap().contains("\n[[checked]]"));
    desk.does(&json!({"check": [3, true]}));
    assert!(desk.page().contains("class=\"st st-checked\""));
    desk.does(&json!({"check": [3, false]}));
    assert!(!desk.page().contains("class=\"st st-checked\""));
}

#[test]
fn what_cannot_be_done_is_told_and_changes_nothing() {
    let mut desk = Desk::open();
    for (command, why) in [
        (json!({"stroke": {"retype": [0, "  "]}}), "to leave it out, cut it"),
        (json!({"stroke": {"join": 2}}), "somebody else speaks before"),
        (json!({"stroke": {"join": 0}}), "the text is another one now"),
        (json!({"stroke": {"split": [99, 1]}}), "the text is another one now"),
        (json!({"stroke": {"split": [0, 0]}}), "changes nothing"),
        (json!({"stroke": {"edge": [2, 99]}}), "no word would be left"),
        (json!({"stroke": {"cut": [[2, 3], [1, 0]]}}), "the text is another one now"),
        (json!({"stroke": {"give": [[0, 5], [0, 1], "Cy"]}}), "the text is another one now"),
        (json!({"check": [99, true]}), "the text is another one now"),
        (json!({"check": [0, false]}), "take it out there"),
        (json!({"soundbite": [[0, 0], [0, 1], "x"]}), "15 to 120 seconds"),
        (json!("redo"), "nothing to do again"),
    ] {
        let said = desk.refuses(&command);
        assert!(said.contains(why), "{command}: {said}");
    }
    assert_eq!(desk.edits(), None);
    assert_eq!(desk.post(&json!({"no": "such"}), 0).status, 400);
    // a file that cannot be read is not written over
    fs::write(desk.path(), "[[cut]]\nfrom = \"00:01\"\n").unwrap();
    let said = desk.refuses(&json!({"check": [0, true]}));
    assert!(said.contains("the stretch has no end"), "{said}");
    assert_eq!(desk.edits().unwrap(), "[[cut]]\nfrom = \"00:01\"\n");
    fs::remove_file(desk.path()).unwrap();
    desk.does(&json!({"check": [0, true]}));
    // chapters are taken over, and taken over again
    desk.does(&json!({"chapters": [[0, "The boat"], [30_000, "The night"]]}));
    desk.does(&json!({"chapters": [[0, "The boat"], [41_000, "The bed"]]}));
    let edits = desk.edits().unwrap();
    assert_eq!(edits.matches("\n[[chapter]]").count(), 2, "{edits}");
    assert!(desk.page().contains("The bed") && !desk.page().contains("The night"));
}

#[test]
fn a_second_page_sees_the_first_ones_edits_or_is_told() {
    let mut desk = Desk::open();
    let path = "/.desk/news?since=0";
    let mut second = desk.served().listen_as(path, &[("Cookie", &desk.cookie)]);
    let first =
        desk.does(&json!({"stroke": {"retype": [2, "No, nobody did. It was so cold, too."]}}));
    let heard: Value = serde_json::from_str(&second.next()).unwrap();
    assert_eq!(heard, first);
    // the second page has not seen it when it asks
    let reply = desk.post(&json!({"stroke": {"join": 1}}), 0);
    assert_eq!(reply.status, 409);
    assert!(reply.text().contains("changed meanwhile"), "{}", reply.text());
    desk.does(&json!({"stroke": {"join": 1}}));
    assert_eq!(serde_json::from_str::<Value>(&second.next()).unwrap()["revision"], 2);
    // a page that comes back late is told to begin anew
    let mut third = desk.served().listen_as(path, &[("Cookie", &desk.cookie)]);
    assert_eq!(third.next(), "{\"reload\":true}");
    // and both hear of what is written by hand, and of what is wrong with it
    let by_hand = |text: &str| {
        fs::write(desk.folder.path().join("new"), text).unwrap();
        fs::rename(desk.folder.path().join("new"), desk.path()).unwrap();
    };
    by_hand("[[cut]]\nat = \"00:01:10\"\n");
    assert_eq!(serde_json::from_str::<Value>(&second.next()).unwrap()["revision"], 3);
    by_hand("[[cut]]\n");
    assert!(second.next().contains("it names no stretch"));
    assert!(!desk.text().join("\n").contains("went home"), "the last that could be read is shown");
}

#[test]
fn nobody_without_the_key_reads_or_changes_anything() {
    let desk = Desk::open();
    let (served, port) = (desk.served(), desk.served().port);
    let own = format!("http://127.0.0.1:{port}");
    let command = json!({"revision": 0, "command": {"check": [0, true]}}).to_string();
    let host = ("Host", &own["http://".len()..]);
    let json_kind = ("Content-Type", "application/json");
    let cookie = ("Cookie", desk.cookie.as_str());
    for path in [
        "/",
        "/index.html",
        "/?key=",
        "/?key=00000000000000000000000000000000",
        "/.desk/news?since=0",
        "/transcript.vtt",
    ] {
        let reply = served.get(path);
        assert_eq!(reply.status, 403, "{path}");
        assert!(!reply.text().contains("Skerrow"));
    }
    for headers in [
        &[host, ("Origin", own.as_str()), json_kind][..],
        &[host, cookie, json_kind],
        &[host, cookie, json_kind, ("Origin", "http://evil.example")],
        &[host, cookie, json_kind, ("Origin", "null")],
        &[host, cookie, json_kind, ("Origin", &own), ("Sec-Fetch-Site", "cross-site")],
        &[("Host", "evil.example"), cookie, json_kind, ("Origin", "http://evil.example")],
    ] {
        let reply = served.send("POST", "/.desk/do", headers, &command);
        assert_eq!(reply.status, 403, "{headers:?}: {}", reply.text());
    }
    let form = [host, cookie, ("Origin", own.as_str()), ("Content-Type", "text/plain")];
    assert_eq!(served.send("POST", "/.desk/do", &form, &command).status, 415);
    assert_eq!(desk.edits(), None);
    // with it, what is published beside the page is there, and nothing else
    assert!(desk.get("/transcript.vtt").text().starts_with("WEBVTT"));
    for path in
        ["/../episode.toml", "/..%2fepisode.toml", "/.linernotes", "/edits.toml", "/desk.jsonl"]
    {
        assert!([400, 404].contains(&desk.get(path).status), "{path}");
    }
    assert_eq!(desk.get("/.desk/do").status, 405);
}

#[test]
fn the_published_page_has_nothing_of_the_desk_and_is_published_from_it() {
    let mut desk = Desk::open();
    desk.does(&json!({"stroke": {"retype": [2, "No, nobody did. It was so cold, too."]}}));
    let published = || fs::read_to_string(desk.folder.path().join("e/out/index.html")).unwrap();
    assert!(!published().contains("so cold"));
    let own = format!("http://127.0.0.1:{}", desk.served().port);
    let headers = [
        ("Host", &own["http://".len()..]),
        ("Origin", own.as_str()),
        ("Cookie", desk.cookie.as_str()),
        ("Content-Type", "application/json"),
    ];
    let reply = desk.served().send("POST", "/.desk/publish", &headers, "{}");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(published().contains("so</span> <span>cold"), "{}", published());
    assert!(!published().contains("desk"));
}

#[test]
fn what_keeps_a_desk_from_opening_is_told() {
    let desk = Desk::open();
    let folder: &Path = desk.folder.path();
    let told = |args: &[&str]| {
        let output = linernotes(folder, args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let said = told(&["review", "e", "--port", "0"]);
    assert!(said.contains("another desk has `e`") && said.contains("\nhint: "), "{said}");
    let port = desk.served().port.to_string();
    let said = told(&["serve", "--edit", "e", "--port", &port]);
    assert!(said.contains(&format!("port {port} is in use")), "{said}");
    let said = told(&["review", "none"]);
    assert!(said.contains("none") && said.contains("\nhint: "), "{said}");
    fs::create_dir(folder.join("new")).unwrap();
    fs::write(folder.join("new/episode.toml"), "transcript = \"t.txt\"\n").unwrap();
    fs::write(folder.join("new/t.txt"), TALK).unwrap();
    let said = told(&["review", "new", "--port", "0"]);
    assert!(said.contains("linernotes run"), "{said}");
    fs::write(folder.join("new/edits.toml"), "version = 9\n").unwrap();
    let said = told(&["review", "new", "--port", "0"]);
    assert!(said.contains("version 9"), "{said}");
}
