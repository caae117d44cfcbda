//! Several runs at once: each does its own work whole, or says that another one is at it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use linernotes::disk::rehearsal::{Plan, rehearse};
use linernotes::library::folder::episodes_of;
use linernotes::publish::{PublishError, publish};
use linernotes::render::Artifact;
use linernotes::site::{self, SiteError};

use crate::crash::contents;
use crate::site::large_show;

const FILES: usize = 20;

fn publish_version(out: &Path, version: &str) -> Result<String, PublishError> {
    let file = |number: usize| Artifact {
        relative_path: format!("{}/{number}.html", number % 3),
        bytes: version.into(),
    };
    let mut files: Vec<Artifact> = (0..FILES).map(file).collect();
    files.push(Artifact { relative_path: "index.html".into(), bytes: version.into() });
    publish(&files, &[], out, None, || Ok(()))
}

/// The version that is in place, which is whole.
fn version_in(out: &Path) -> String {
    let mut files = contents(out);
    files.remove(".linernotes").unwrap();
    files.remove("CNAME");
    assert_eq!(files.len(), FILES + 1);
    let version = files["index.html"].clone();
    assert!(files.values().all(|text| *text == version));
    String::from_utf8(version).unwrap()
}

#[test]
#[expect(clippy::print_stdout, reason = "the count is for whoever runs it with --nocapture")]
fn two_publishes_into_one_folder_do_not_disturb_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let together = Barrier::new(2);
    let publish_often = |name: &str| {
        for version in 0..60 {
            together.wait();
            publish_version(&folder.path().join(name), &version.to_string()).unwrap();
            assert_eq!(version_in(&folder.path().join(name)), version.to_string());
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| publish_often("a"));
        scope.spawn(|| publish_often("b"));
    });
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no leftovers");
    println!("reliability: rounds.two_publishes_side_by_side = 60");
}

#[test]
#[expect(clippy::print_stdout, reason = "the count is for whoever runs it with --nocapture")]
fn two_publishes_into_the_same_place_are_whole_or_refused() {
    for no_exchange in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        publish_version(&out, "0").unwrap();
        fs::write(out.join("CNAME"), "theirs").unwrap();
        let together = Barrier::new(2);
        let publish_often = |who: &str| {
            for version in 0..60 {
                together.wait();
                let plan = Plan { no_exchange, ..Plan::default() };
                let work = || publish_version(&out, &format!("{who}{version}"));
                done_or_refused(rehearse(plan, work).0);
                together.wait();
                version_in(&out);
                assert_eq!(fs::read_to_string(out.join("CNAME")).unwrap(), "theirs");
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| publish_often("a"));
            scope.spawn(|| publish_often("b"));
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no leftovers");
        println!("reliability: rounds.two_publishes_into_one_place = 60");
    }
}

/// If it was not done, another run was at work, and the error says what to do.
fn done_or_refused(done: Result<String, PublishError>) {
    let Err(fault) = done else { return };
    assert_eq!(fault.cause.kind(), ErrorKind::WouldBlock, "{fault}");
    assert!(fault.to_string().contains("another run is at work"), "{fault}");
    assert!(fault.hint().contains("wait"), "{}", fault.hint());
}

#[test]
#[expect(clippy::print_stdout, reason = "the count is for whoever runs it with --nocapture")]
fn a_site_has_one_version_of_an_episode_while_others_are_published() {
    for no_exchange in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (show, site) = (folder.path().join("show"), folder.path().join("site"));
        large_show::write(&show, 1);
        let episode = episodes_of(&show).unwrap().remove(0);
        fs::remove_dir_all(episode.out()).unwrap();
        publish_version(&episode.out(), "0").unwrap();
        let through = AtomicBool::new(false);
        // the more often a site cannot be made, the less often the episode is published
        let pause_ms = AtomicU64::new(1);
        let publish_often = || {
            for version in 1.. {
                publish_version(&episode.out(), &version.to_string()).unwrap();
                if through.load(Ordering::SeqCst) {
                    break;
                }
                thread::sleep(Duration::from_millis(pause_ms.load(Ordering::SeqCst)));
            }
        };
        thread::scope(|scope| {
            let plan = Plan { no_exchange, ..Plan::default() };
            scope.spawn(|| rehearse(plan, publish_often));
            let mut built = 0;
            while built < 3 {
                match site::build(&show, &site, None) {
                    Ok(done) => {
                        built += 1;
                        assert_eq!(done.episodes, 1);
                        is_one_version(&site.join(episode.name()));
                    }
                    Err(SiteError::Changing { .. }) => {
                        pause_ms.fetch_add(pause_ms.load(Ordering::SeqCst), Ordering::SeqCst);
                    }
                    Err(fault) => panic!("{fault:?}"),
                }
            }
            through.store(true, Ordering::SeqCst);
            println!("reliability: rounds.a_site_and_its_episode = {built}");
        });
    }
}

fn is_page(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "html")
}

fn is_one_version(episode: &Path) {
    let files = contents(episode);
    let pages: Vec<_> = files.iter().filter(|(name, _)| is_page(name)).collect();
    assert_eq!(pages.len(), FILES + 1);
    assert!(pages.iter().all(|(_, text)| *text == pages[0].1));
}
