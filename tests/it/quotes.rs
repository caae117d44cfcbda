//! Quotations in posts, judged by the program as an editor runs it, on the sample episode's script and
//! on a second episode made here.

mod lookup;
mod posts;
mod properties;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

const SCRIPT: &str = include_str!("../../episodes/0001-the-bucket-and-the-book/script.txt");
const SHOW: &str = include_str!("../../episodes/show.toml");

/// A second episode, with fillers, a word in between, and something said by two people.
const SECOND: &str = "Mirren: [00:00:01] Welcome back. Today we are in a bell tower, and it is cold.\n\n\
    Odo: [00:00:07] I, um, I wind the clock every Friday, you know, and I have never been late. \
    My grandfather used to say that a clock is a promise that somebody has to keep.\n\n\
    Caspar: [00:00:20] Right.\n\n\
    Odo: [00:00:21] And the rope costs 23 percent more than it did. We don't want a motor up here.\n\n\
    Mirren: [00:00:31] That is the whole of the trick.\n\n\
    Odo: [00:00:34] That is the whole of the trick. You listen for the second bell and then you let go of the handle.\n\n\
    Odo: [00:00:45] The tower is older than the town and nobody has measured how much it leans.\n\n\
    Caspar: [00:00:52] We are back next month with a ferry.\n";

/// A show of two episodes in a folder of its own.
pub(crate) struct Show {
    folder: tempfile::TempDir,
}

impl Show {
    pub(crate) fn new() -> Show {
        let show = Show { folder: tempfile::tempdir().unwrap() };
        show.write("show.toml", &SHOW.replace("image = \"cover.jpg\"\n", ""));
        show.write("bucket.txt", SCRIPT);
        show.write("tower.txt", SECOND);
        for (name, file, facts) in [
            (
                "0001-bucket",
                "bucket.txt",
                "title = \"The Bucket and the Book\"\ndate = \"2026-11-02\"\n\n[[people]]\nname = \"Sunniva Threlkeld\"\nrole = \"guest\"\ntitle = \"sailmaker\"\n",
            ),
            (
                "0002-tower",
                "tower.txt",
                "title = \"The Clock That Nobody Hears\"\ndate = \"2026-12-07\"\n\n[[people]]\nname = \"Odo Ferris\"\nrole = \"guest\"\n",
            ),
        ] {
            show.succeeds(&["import", file, "-o", name]);
            let own = fs::read_to_string(show.path(name).join("episode.toml")).unwrap();
            let transcript = own.lines().find(|line| line.starts_with("transcript")).unwrap();
            show.write(&format!("{name}/episode.toml"), &format!("{transcript}\n{facts}"));
            if name == "0001-bucket" {
                let read = "[[quotation]]\nfrom = \"00:02:07\"\nto = \"00:02:29\"\nauthor = \"Enid Prowse\"\n";
                show.write("0001-bucket/edits.toml", read);
            }
            show.succeeds(&["run", name]);
        }
        show
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn run(&self, args: &[&str]) -> std::process::Output {
        self.given(args, "")
    }

    pub(crate) fn given(&self, args: &[&str], input: &str) -> std::process::Output {
        self.command(args).write_stdin(input).output().unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin("linernotes").unwrap();
        let models: &Path = &self.path("no-models");
        command.current_dir(self.folder.path()).env("LINERNOTES_MODELS", models);
        command.env("LINERNOTES_OFFLINE", "true").args(args);
        command
    }

    pub(crate) fn succeeds(&self, args: &[&str]) -> (String, String) {
        let output = self.run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {said}");
        (String::from_utf8(output.stdout).unwrap(), said)
    }

    /// What `check-quotes --json` says of a post, and its exit code.
    pub(crate) fn judge(&self, name: &str, post: &str) -> (Vec<Value>, i32) {
        self.write(name, post);
        let output = self.run(&["check-quotes", name, "--json"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let text = String::from_utf8(output.stdout).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{name}: {said}"));
        assert_eq!(value["schema"], 1);
        (value["quotes"].as_array().unwrap().clone(), output.status.code().unwrap())
    }
}

/// The quotations as `verdict: text`.
pub(crate) fn lines(quotes: &[Value]) -> Vec<String> {
    let line = |quote: &Value| {
        format!("{}: {}", quote["verdict"].as_str().unwrap(), quote["text"].as_str().unwrap())
    };
    quotes.iter().map(line).collect()
}

#[test]
fn what_is_told_of_a_quotation_is_where_it_was_said() {
    let show = Show::new();
    let post = "One.\n\nSo “four. Two for my daughter, one for a storm,” she said.\n";
    let (quotes, code) = show.judge("post.md", post);
    assert_eq!(code, 0);
    let quote = &quotes[0];
    assert_eq!((quote["line"].as_u64(), quote["column"].as_u64()), (Some(3), Some(4)));
    assert_eq!(quote["episode"], "0001-bucket");
    assert_eq!(quote["speaker"], "Sunniva Threlkeld");
    assert_eq!(quote["said"], "Four. Two for my daughter, one for a storm,");
    let start = quote["start"].as_f64().unwrap();
    assert!((163.0..165.0).contains(&start) && quote["end"].as_f64().unwrap() > start, "{quote}");
    let url = quote["url"].as_str().unwrap();
    assert!(url.starts_with("https://slowinstruments.example/0001-bucket/#t=00:02:4"), "{url}");
}

#[test]
fn the_words_that_were_said_are_put_back_on_request_and_markup_stays() {
    let show = Show::new();
    let post = "She *says* “The gulls *love* me. I am the one who always brings anything to eat.” End.\n\
        \nSo “we do want a motor up here” is wrong, and “The gulls know me” is right.\n";
    show.write("post.md", post);
    let plain = show.run(&["check-quotes", "post.md"]);
    assert_eq!(plain.status.code(), Some(3));
    assert_eq!(fs::read_to_string(show.path("post.md")).unwrap(), post);
    let fixed = show.run(&["check-quotes", "post.md", "--fix"]);
    let said = String::from_utf8_lossy(&fixed.stderr).into_owned();
    let text = fs::read_to_string(show.path("post.md")).unwrap();
    assert_eq!(
        text,
        "She *says* “The gulls *know* me. I am the one who never brings anything to eat.” End.\n\
        \nSo “we don't want a motor up here” is wrong, and “The gulls know me” is right.\n",
        "{said}"
    );
    let (_, code) = show.judge("again.md", &text);
    assert_eq!(code, 0);
    let output = show.given(&["check-quotes", "-", "--fix"], post);
    assert_eq!(String::from_utf8_lossy(&output.stdout), text);
}

#[test]
fn the_index_follows_the_episodes_and_may_be_damaged_or_deleted() {
    let show = Show::new();
    let post = "“The gulls know me and mine well,” she says.";
    assert_eq!(show.judge("p.md", post).0[0]["verdict"], "not-found");
    let index = show.path("work/spoken.sqlite");
    assert!(index.is_file());
    show.write(
        "0001-bucket/edits.toml",
        "[[replace]]\nfind = \"The gulls know me.\"\nwith = \"The gulls know me and mine well.\"\n",
    );
    show.succeeds(&["run", "0001-bucket"]);
    assert_eq!(show.judge("p.md", post).0[0]["verdict"], "exact");
    for damage in [
        "",
        "SQLite format 3\0 and then nothing",
        "no database at all, but long enough to look like one",
    ] {
        fs::write(&index, damage).unwrap();
        assert_eq!(show.judge("p.md", post).0[0]["verdict"], "exact", "{damage}");
    }
    fs::remove_file(&index).unwrap();
    assert_eq!(show.judge("p.md", post).0[0]["verdict"], "exact");
    fs::remove_dir_all(show.path("0001-bucket")).unwrap();
    assert_eq!(show.judge("p.md", post).0[0]["verdict"], "not-found");
}

#[test]
fn what_cannot_be_checked_is_refused_with_a_next_step() {
    let show = Show::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let elsewhere = elsewhere.path().to_str().unwrap();
    show.write("post.md", "“The gulls know me.”");
    show.write("picture.png", "\u{89}PNG\r\n\u{1a}\n");
    fs::write(show.path("picture.png"), b"\x89PNG\r\n\x1a\n0000").unwrap();
    for args in [
        &["check-quotes", "missing.md"][..],
        &["check-quotes", "picture.png"],
        &["check-quotes", "."],
        &["check-quotes", "post.md", "--show", elsewhere],
    ] {
        let output = show.run(args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("error: ") && said.contains("\nhint: "), "{args:?}: {said}");
    }
    // a show of none has nothing to find
    fs::create_dir(show.path("none")).unwrap();
    show.write("none/show.toml", "name = \"None\"\n");
    let output = show.run(&["check-quotes", "post.md", "--show", "none"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no episode has a transcript yet"));
}
