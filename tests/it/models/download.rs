//! Downloads: broken, resumed, wrong, forbidden, two at once.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use linernotes::models::{
    FetchEvent, FetchOptions, FetchProgress, ModelError, SilentFetch, SourceError, Store,
};

use super::server::{Answer, Server};
use super::store::{address, files, register, sha256};

/// Enough for several buffers.
fn file() -> Vec<u8> {
    (0..3_000_000_u32).flat_map(|n| n.to_le_bytes().into_iter().take(1)).collect()
}

fn options() -> FetchOptions {
    FetchOptions::default()
}

#[test]
fn model_is_downloaded_once() {
    let file = file();
    let server = Server::start(vec![Answer::File(file.clone())]);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path().join("new/models"), register(&address(&server.url(), &file)));
    for _ in 0..2 {
        let located = store.fetch("small", &options(), &SilentFetch).unwrap();
        assert_eq!(fs::read(located.path).unwrap(), file);
        assert_eq!(located.id.sha256, sha256(&file));
    }
    assert_eq!(server.ranges(), [""]);
    assert_eq!(files(&store), ["ggml-small.bin", "small.ok"]);
}

#[test]
fn broken_download_goes_on_where_it_stopped() {
    let file = file();
    let server = Server::start(vec![
        Answer::Broken(file.clone(), 1_000_000),
        Answer::Broken(file.clone(), 500_000),
        Answer::File(file.clone()),
    ]);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(&server.url(), &file)));
    let error = store.fetch("small", &options(), &SilentFetch).unwrap_err();
    assert!(error.to_string().contains("no connection"), "{error}");
    assert!(!dir.path().join("ggml-small.bin").exists());

    // This server does not know ranges, so the second attempt begins anew, and breaks as well.
    store.fetch("small", &options(), &SilentFetch).unwrap_err();
    let located = store.fetch("small", &options(), &SilentFetch).unwrap();
    assert_eq!(fs::read(located.path).unwrap(), file);
    assert_eq!(server.ranges(), ["", "bytes=1000000-", "bytes=500000-"]);
    assert_eq!(files(&store), ["ggml-small.bin", "small.ok"]);
}

#[test]
fn server_without_ranges_is_asked_for_the_whole() {
    let file = file();
    let server =
        Server::start(vec![Answer::Broken(file.clone(), 1_000), Answer::WholeFile(file.clone())]);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(&server.url(), &file)));
    store.fetch("small", &options(), &SilentFetch).unwrap_err();
    let located = store.fetch("small", &options(), &SilentFetch).unwrap();
    assert_eq!(fs::read(located.path).unwrap(), file);
}

#[test]
fn part_that_does_not_fit_is_thrown_away() {
    let file = file();
    let mut other = file.clone();
    other[10] ^= 1;
    let server = Server::start(vec![Answer::Broken(other, 1_000_000), Answer::File(file.clone())]);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(&server.url(), &file)));
    store.fetch("small", &options(), &SilentFetch).unwrap_err();
    let error = store.fetch("small", &options(), &SilentFetch).unwrap_err();
    assert!(error.to_string().contains("where the register says"), "{error}");
    let located = store.fetch("small", &options(), &SilentFetch).unwrap();
    assert_eq!(fs::read(located.path).unwrap(), file);
    assert_eq!(server.ranges(), ["", "bytes=1000000-", ""]);
}

#[test]
fn way_to_the_file_is_followed() {
    let file = file();
    let server = Server::start(vec![Answer::Redirect("/elsewhere"), Answer::File(file.clone())]);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(&server.url(), &file)));
    store.fetch("small", &options(), &SilentFetch).unwrap();
    assert_eq!(server.ranges().len(), 2);
}

#[test]
fn next_source_is_tried_and_each_failure_named() {
    let file = file();
    let mut wrong = file.clone();
    wrong[0] ^= 1;
    let not_there = Server::start(vec![Answer::Status(404)]);
    let other_length = Server::start(vec![Answer::File(b"<html>please log in</html>".to_vec())]);
    let other_bytes = Server::start(vec![Answer::File(wrong)]);
    let sources: String = [&not_there, &other_length, &other_bytes]
        .into_iter()
        .map(|server| address(&server.url(), &file))
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&sources));
    let error = store.fetch("small", &options(), &SilentFetch).unwrap_err();
    let ModelError::Sources { failures, .. } = &error else { panic!("{error}") };
    assert!(matches!(failures[0].error, SourceError::Status(404)), "{error}");
    assert!(
        matches!(failures[1].error, SourceError::Size { expected: 3_000_000, found: 26, .. }),
        "{error}"
    );
    assert!(matches!(failures[2].error, SourceError::Hash { .. }), "{error}");
    let text = error.to_string();
    for server in [&not_there, &other_length, &other_bytes] {
        assert!(text.contains(&server.url()), "{text}");
    }
    assert!(error.hint().unwrap().contains("update linernotes"));
    assert!(!dir.path().join("ggml-small.bin").exists());

    let good = Server::start(vec![Answer::File(file.clone())]);
    let store = Store::at(dir.path(), register(&(sources + &address(&good.url(), &file))));
    store.fetch("small", &options(), &SilentFetch).unwrap();
    assert_eq!(files(&store), ["ggml-small.bin", "small.ok"]);
}

#[test]
fn unreachable_server_is_a_matter_of_the_connection() {
    let dir = tempfile::tempdir().unwrap();
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = format!("http://127.0.0.1:{port}/model");
    let store = Store::at(dir.path(), register(&address(&url, b"x")));
    let error = store.fetch("small", &options(), &SilentFetch).unwrap_err();
    assert!(error.to_string().contains("no connection"), "{error}");
    assert!(error.hint().unwrap().contains("HTTPS_PROXY"));
}

#[test]
fn damaged_file_is_replaced() {
    let file = file();
    let server = Server::start(vec![Answer::File(file.clone())]);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(&server.url(), &file)));
    fs::write(dir.path().join("ggml-small.bin"), vec![0; file.len()]).unwrap();
    let located = store.fetch("small", &options(), &SilentFetch).unwrap();
    assert_eq!(fs::read(located.path).unwrap(), file);
}

#[test]
fn two_at_once_download_once() {
    let file = file();
    let server = Server::start(vec![Answer::File(file.clone())]);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(&server.url(), &file)));
    thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| store.fetch("small", &options(), &SilentFetch).unwrap()))
            .collect();
        for run in runs {
            assert_eq!(run.join().unwrap().id.sha256, sha256(&file));
        }
    });
    assert_eq!(server.ranges(), [""]);
}

/// Asks to stop after so many bytes, and notes the steps.
struct StopsAfter {
    bytes: u64,
    done: AtomicU64,
    steps: Mutex<Vec<String>>,
}

impl FetchProgress for StopsAfter {
    fn event(&self, event: FetchEvent<'_>) {
        match event {
            FetchEvent::Advance { done } => self.done.store(done, Ordering::Relaxed),
            FetchEvent::Step { label, total } => {
                self.steps.lock().unwrap().push(format!("{label} {total}"));
            }
            _ => {}
        }
    }

    fn cancelled(&self) -> bool {
        self.done.load(Ordering::Relaxed) >= self.bytes
    }
}

#[test]
fn stopped_download_is_kept_for_the_next_run() {
    let file = file();
    let server = Server::start(vec![Answer::File(file.clone())]);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), register(&address(&server.url(), &file)));
    let progress =
        StopsAfter { bytes: 1_000_000, done: AtomicU64::new(0), steps: Mutex::default() };
    let error = store.fetch("small", &options(), &progress).unwrap_err();
    assert!(matches!(error, ModelError::Interrupted), "{error}");
    assert!(!dir.path().join("ggml-small.bin").exists());
    assert_eq!(*progress.steps.lock().unwrap(), ["downloading 3000000"]);

    store.fetch("small", &options(), &SilentFetch).unwrap();
    let ranges = server.ranges();
    assert!(ranges[1].starts_with("bytes=1"), "{ranges:?}");
}
