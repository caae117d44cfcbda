//! What is published, shown as it is, with one thing added on the way out: a page loads itself again when
//! a file of the folder changes. Nothing of that is on disk.

use std::collections::hash_map::DefaultHasher;
use std::convert::Infallible;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use sha2::{Digest as _, Sha256};

use crate::serve::answer::{file, refused, text};
use crate::serve::folder::{Folder, Place};

/// Where a page waits for news. No file is served under a name with a dot before it.
const NEWS: &str = "/.linernotes/changes";

/// How often the folder is looked at while a page waits.
const LOOK: Duration = Duration::from_millis(400);

/// What a page does on news; after the server was away, too, as it may have been started again.
const SCRIPT: &str = "(()=>{const news=new EventSource('/.linernotes/changes');let known;\
    news.onmessage=event=>{if(known!==undefined&&known!==event.data)location.reload();known=event.data;};})();";

/// The folder as it would be on a web host, whose pages load themselves again when a file changes.
pub fn preview(folder: Folder) -> Router {
    let watched = folder.clone();
    Router::new()
        .route(NEWS, get(move || std::future::ready(news(watched.clone()))))
        .fallback(move |request: Request| std::future::ready(shown(&folder, &request)))
}

fn shown(folder: &Folder, request: &Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "this is only to be read");
    }
    let address = request.uri().path();
    match folder.place(address) {
        Place::Nothing => refused(StatusCode::NOT_FOUND, "there is nothing here"),
        Place::Folder => {
            let mut response = refused(StatusCode::PERMANENT_REDIRECT, "this is a folder");
            if let Ok(place) = HeaderValue::from_str(&format!("{address}/")) {
                response.headers_mut().insert(header::LOCATION, place);
            }
            response
        }
        Place::File(path) => page(&path).unwrap_or_else(|| file(&path, request.headers())),
    }
}

/// A page with the script in it; none where the file is no page.
fn page(path: &Path) -> Option<Response> {
    let is_page = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("html"));
    let html = is_page.then(|| fs::read_to_string(path).ok())??;
    let html = before_end(&allowing(&html, &[SCRIPT], &[]), &format!("<script>{SCRIPT}</script>"));
    Some(text(StatusCode::OK, "text/html; charset=utf-8", html))
}

/// A page with something before the end of its body.
pub(crate) fn before_end(html: &str, more: &str) -> String {
    let at = html.rfind("</body>").unwrap_or(html.len());
    format!("{}{more}{}", &html[..at], &html[at..])
}

/// A page whose policy allows these scripts and styles, too, and to ask this server. One that states no
/// policy allows them already.
pub(crate) fn allowing(html: &str, scripts: &[&str], styles: &[&str]) -> String {
    const STATED: &str = "http-equiv=\"Content-Security-Policy\" content=\"";
    let Some(start) = html.find(STATED).map(|at| at + STATED.len()) else { return html.to_owned() };
    let Some(length) = html[start..].find('"') else { return html.to_owned() };
    let mut policy = html[start..start + length].to_owned();
    for (directive, texts) in [("script-src", scripts), ("style-src", styles)] {
        let hash = |text: &&str| {
            format!("&#39;sha256-{}&#39;", STANDARD.encode(Sha256::digest(text.as_bytes())))
        };
        let hashes: Vec<String> = texts.iter().map(hash).collect();
        if !hashes.is_empty() {
            policy = with_source(&policy, directive, &hashes.join(" "));
        }
    }
    policy = with_source(&policy, "connect-src", "&#39;self&#39;");
    format!("{}{policy}{}", &html[..start], &html[start + length..])
}

/// A policy with one more source for a directive.
fn with_source(policy: &str, directive: &str, source: &str) -> String {
    let stated = format!("{directive} ");
    match policy.find(&stated) {
        // what a page of ours asks for lies on its own host
        Some(_) if directive == "connect-src" => policy.to_owned(),
        Some(at) => {
            let at = at + stated.len();
            format!("{}{source} {}", &policy[..at], &policy[at..])
        }
        None => format!("{policy}; {directive} {source}"),
    }
}

/// Says how the folder is now, and again whenever it has changed and come to rest.
fn news(folder: Folder) -> Response {
    let states = stream::unfold((folder, None, None), |(folder, mut last, mut told)| async move {
        loop {
            let looked = folder.clone();
            let now = tokio::task::spawn_blocking(move || state(looked.root())).await.ok();
            // while it is being published a folder is there in parts, or not at all
            if now.is_some() && now == last && told != now {
                told = now;
                let event = Event::default().data(format!("{:016x}", now.unwrap_or_default()));
                return Some((Ok::<_, Infallible>(event), (folder, last, told)));
            }
            last = now;
            tokio::time::sleep(LOOK).await;
        }
    });
    Sse::new(states).keep_alive(KeepAlive::default()).into_response()
}

/// How the files of a folder are: their names, sizes and times.
fn state(root: &Path) -> u64 {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(data) if data.is_dir() => folders.push(entry.path()),
                Ok(data) => files.push((entry.path(), data.len(), data.modified().ok())),
                Err(_) => {}
            }
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_kept_and_allows_one_script_more() {
        let html = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; \
                    script-src &#39;sha256-x&#39;; img-src &#39;self&#39;\"><body>a</body>";
        let allowed = allowing(html, &["y"], &[]);
        assert!(allowed.contains("script-src &#39;sha256-"), "{allowed}");
        assert!(allowed.contains("&#39; &#39;sha256-x&#39;; img-src &#39;self&#39;; connect-src"));
        assert_eq!(before_end("<body>a</body>", "b"), "<body>ab</body>");
        assert_eq!(before_end("a", "b"), "ab");
        assert_eq!(allowing("<body>", &["y"], &[]), "<body>");
        let site = with_source("connect-src &#39;self&#39;", "connect-src", "&#39;self&#39;");
        assert_eq!(site, "connect-src &#39;self&#39;");
    }
}
