//! The text below an episode on other sites, and its chapters for other programs, by the command line.

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("linernotes").unwrap();
    command.current_dir(folder).env("LINERNOTES_OFFLINE", "true").args(args).output().unwrap()
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// An imported episode `e` whose `episode.toml` ends with `more`.
fn episode(folder: &Path, first: &str, more: &str) {
    let script = include_str!("../../episodes/0001-the-bucket-and-the-book/script.txt");
    fs::write(folder.join("t.txt"), script).unwrap();
    assert!(run(folder, &["import", "t.txt", "-o", "e"]).status.success());
    let text = format!("{first}\ntranscript = \"transcript.txt\"\n{more}");
    let there = fs::read_to_string(folder.join("e/episode.toml")).unwrap();
    let transcript = there.lines().find(|line| line.starts_with("transcript")).unwrap();
    fs::write(
        folder.join("e/episode.toml"),
        text.replace("transcript = \"transcript.txt\"", transcript),
    )
    .unwrap();
    assert!(run(folder, &["run", "e"]).status.success());
}

const CHAPTERS: &str = "\n[[chapters]]\nstart = \"00:00:00\"\ntitle = \"Cold open\"\n\
                        [[chapters]]\nstart = \"00:00:30\"\ntitle = \"The bucket, \\\"found\\\"\"\n\
                        [[chapters]]\nstart = \"00:01:00\"\ntitle = \"The book\"\n";

#[test]
fn a_description_has_what_a_person_wrote_and_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    episode(folder.path(), "title = \"The bucket\"", "");
    let bare = run(folder.path(), &["export", "description", "e"]);
    let (text, told) = said(&bare);
    assert!(bare.status.success() && text.trim().lines().count() < 5, "{text}");
    assert!(told.contains("has no summary") && told.contains("nobody has written chapters"));

    let folder = tempfile::tempdir().unwrap();
    episode(folder.path(), "title = \"The bucket\"\nsummary = \"A *talk*.\"", CHAPTERS);
    let (text, told) = said(&run(folder.path(), &["export", "description", "e"]));
    let wanted = "A talk.\n\n0:00 Cold open\n0:30 The bucket, \"found\"\n1:00 The book\n";
    assert!(text.starts_with(wanted) && !told.contains("chapter"), "{text}{told}");
    let (text, _) = said(&run(folder.path(), &["export", "description", "e", "--for", "spotify"]));
    assert!(text.contains("\n(00:30) The bucket"), "{text}");
}

#[test]
fn chapters_are_given_to_other_programs_in_their_forms() {
    let folder = tempfile::tempdir().unwrap();
    episode(folder.path(), "", CHAPTERS);
    let given = |name| said(&run(folder.path(), &["export", name, "e"])).0;
    assert!(given("mp4chaps").starts_with("00:00:00.000 Cold open\n00:00:30.000 The bucket"));
    assert!(given("audacity-labels").contains("30.000000\t30.000000\tThe bucket, \"found\"\n"));
    assert!(given("chapters-csv").contains("00:00:30.000,\"The bucket, \"\"found\"\"\",\r\n"));
}

#[test]
fn a_place_goes_with_a_description_alone() {
    let folder = tempfile::tempdir().unwrap();
    episode(folder.path(), "", "");
    let refused = run(folder.path(), &["export", "vtt", "e", "--for", "spotify"]);
    let (_, told) = said(&refused);
    assert!(refused.status.code() == Some(1) && told.contains("hint: leave it out"), "{told}");
}
