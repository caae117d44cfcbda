//! What is published stays as it was published: each file that is missing or damaged is made again.

use std::fs;
use std::path::Path;

use linernotes::stage::Stage;

use crate::crash::{contents, run, small_show};
use crate::site::large_show;

/// What can befall a file; `None` where it leaves the file as it was, or gone.
type Damage = fn(&[u8]) -> Option<Vec<u8>>;

const DAMAGES: [Damage; 4] = [
    |_| Some(Vec::new()),
    |bytes| Some(bytes[..bytes.len() / 2].to_vec()),
    |bytes| {
        let mut zeros = bytes.to_vec();
        zeros[bytes.len() / 2..].fill(0);
        Some(zeros)
    },
    |_| None,
];

/// Damages a file that is another's too, and no other; its time stays. Whether it changed.
fn damage(path: &Path, damage: Damage) -> bool {
    let (bytes, data) = (fs::read(path).unwrap(), fs::metadata(path).unwrap());
    let left = damage(&bytes);
    fs::remove_file(path).unwrap();
    if let Some(left) = &left {
        fs::write(path, left).unwrap();
        let file = fs::File::options().append(true).open(path).unwrap();
        file.set_modified(data.modified().unwrap()).unwrap();
    }
    left.as_ref() != Some(&bytes)
}

#[test]
fn each_file_of_out_that_is_missing_cut_or_damaged_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path()).unwrap();
    let out = folder.path().join("episode/out");
    fs::write(out.join("mine.txt"), "mine").unwrap();
    let whole = contents(&out);
    assert!(whole.len() > 10);
    for (index, name) in whole.keys().filter(|name| *name != "mine.txt").enumerate() {
        for befalls in [DAMAGES[index % 4], DAMAGES[(index + 1) % 4]] {
            if !damage(&out.join(name), befalls) {
                continue;
            }
            let ran: Vec<Stage> =
                run(folder.path()).unwrap().ran.into_iter().map(|(stage, _)| stage).collect();
            assert_eq!(ran, [Stage::Publish], "{name}");
            assert!(contents(&out) == whole, "{name}");
        }
    }
    assert_eq!(run(folder.path()).unwrap().ran, []);
}

#[test]
fn each_file_of_a_site_that_is_missing_cut_or_damaged_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let (show, site) = (folder.path().join("show"), folder.path().join("site"));
    small_show(&show);
    let build = || linernotes::site::build(&show, &site, None).unwrap();
    build();
    let whole = contents(&site);
    for name in whole.keys() {
        for befalls in DAMAGES {
            // a folder without a listing may be anybody's
            let refused = name == ".linernotes" && befalls(b"").is_none();
            if !refused && damage(&site.join(name), befalls) {
                build();
                assert!(contents(&site) == whole, "{name}");
            }
        }
    }
}

#[test]
fn a_lost_listing_does_not_stop_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path()).unwrap();
    let episode = folder.path().join("episode");
    fs::remove_file(episode.join("out/.linernotes")).unwrap();
    let edits = "[[replace]]\nfind = \"base camp\"\nwith = \"Basecamp\"\n";
    fs::write(episode.join("edits.toml"), edits).unwrap();
    run(folder.path()).unwrap();
    let read = || fs::read_to_string(episode.join("out/transcript.txt")).unwrap();
    assert!(read().contains("Basecamp"));
    fs::remove_file(episode.join("out/.linernotes")).unwrap();
    fs::write(episode.join("out/transcript.txt"), "by hand").unwrap();
    let refused = run(folder.path()).unwrap_err();
    assert!(refused.contains("transcript.txt") && refused.contains("did not make it"), "{refused}");
    assert_eq!(read(), "by hand");
}

#[cfg(unix)]
#[test]
fn a_link_as_the_place_stays_one() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let (show, www) = (folder.path().join("show"), folder.path().join("elsewhere/www"));
    large_show::write(&show, 1);
    fs::create_dir_all(&www).unwrap();
    fs::write(www.join(".htaccess"), "theirs").unwrap();
    let site = folder.path().join("site");
    symlink("elsewhere/www", &site).unwrap();
    for _ in 0..2 {
        linernotes::site::build(&show, &site, None).unwrap();
        assert_eq!(fs::read_link(&site).unwrap(), Path::new("elsewhere/www"));
        assert!(www.join("people/index.html").is_file() && www.join(".htaccess").is_file());
        assert_eq!(fs::read_dir(www.parent().unwrap()).unwrap().count(), 1, "no leftovers");
    }
    fs::remove_dir_all(&www).unwrap();
    let refused = linernotes::site::build(&show, &site, None).unwrap_err();
    let told = format!("{:?} {}", refused, refused.hint().unwrap());
    assert!(
        told.contains("elsewhere/www` is not there") && told.contains("delete the link"),
        "{told}"
    );
}

#[test]
fn a_run_that_was_killed_between_two_renames_does_not_cost_an_episode_on_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let (show, site) = (folder.path().join("show"), folder.path().join("site"));
    large_show::write(&show, 2);
    let episode = linernotes::library::folder::episodes_of(&show).unwrap().remove(0);
    let under_way = episode.root().join(".linernotes-next-out");
    let publish = || {
        let page = fs::read(episode.out().join("index.html")).unwrap();
        let page = linernotes::render::Artifact { relative_path: "index.html".into(), bytes: page };
        linernotes::publish::publish(&[page], &[], &episode.out(), None, || {
            Ok::<_, linernotes::publish::PublishError>(())
        })
    };
    publish().unwrap();
    let killed_at = (0..10_000).find(|dies_at| {
        let plan = linernotes::disk::rehearsal::Plan {
            dies_at: Some(*dies_at),
            no_exchange: true,
            ..Default::default()
        };
        let done = linernotes::disk::rehearsal::rehearse(plan, publish).0;
        assert!(done.is_err(), "it was never without a place");
        !episode.out().exists()
    });
    assert!(killed_at.is_some() && under_way.is_dir());
    let built = linernotes::site::build(&show, &site, None).unwrap();
    assert_eq!(built.episodes, 2);
    assert!(episode.out().join("index.html").is_file() && !under_way.exists());
}
