//! The desk in a browser: its page, its sound, commands in and news out.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State as Extracted};
use axum::http::{Method, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::desk::command::Command;
use crate::desk::key::Key;
use crate::desk::{Change, Desk, Refusal};
use crate::serve::{Folder, allowing, before_end, file, refused, text};

const STYLE: &str = include_str!("../../templates/assets/desk.css");
const SCRIPT: &str = include_str!("../../templates/assets/desk.js");

/// The largest command, in bytes: a paragraph of hours.
const MOST: usize = 4 << 20;
/// How often it is looked whether others changed the corrections.
const LOOK: Duration = Duration::from_millis(400);
/// How much news may wait for a page that is slow; one that misses some loads itself again.
const WAITING: usize = 64;

const NO_KEY: &str = "this desk is open to whoever has its whole address: open the one that linernotes \
                      printed when it started, with the key at its end";

/// Leads on to the desk. A page does, and not a redirect: behind one the cookie would not be sent where a page
/// of others led here, as a terminal in the browser is one.
const GO_ON: &str = "<!doctype html><meta http-equiv=\"refresh\" content=\"0;url=/\">\
                     <title>The desk</title><a href=\"/\">The desk</a>";

/// Publishes the episode as it is corrected now; says where the page is, or why not.
pub type Published = Box<dyn Fn() -> Result<PathBuf, String> + Send + Sync>;

struct Room {
    desk: Mutex<Desk>,
    key: Key,
    port: u16,
    publish: Published,
    news: broadcast::Sender<Arc<str>>,
}

impl Room {
    /// What went wrong at an earlier command left the desk as it was: it is whole between two.
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets every page know of a change.
    fn tell(&self, change: &Change) -> String {
        let said = serde_json::to_string(change).unwrap_or_default();
        // nobody may be listening
        let _ = self.news.send(said.as_str().into());
        said
    }
}

type Shared = Arc<Room>;

/// What the desk answers.
pub fn routes(desk: Desk, key: Key, port: u16, publish: Published) -> Router {
    let (news, _) = broadcast::channel(WAITING);
    let room: Shared = Arc::new(Room { desk: Mutex::new(desk), key, port, publish, news });
    let keyed = axum::middleware::from_fn_with_state(Arc::clone(&room), keyed);
    Router::new()
        .route("/.desk/do", post(carry_out))
        .route("/.desk/publish", post(published))
        .route("/.desk/news", get(listen))
        .fallback(shown)
        .layer(keyed)
        .with_state(room)
}

/// Lets in who has the key.
async fn keyed(
    Extracted(room): Extracted<Shared>,
    request: Request,
    next: axum::middleware::Next,
) -> Response {
    let is_page = request.uri().path() == "/" && request.method() == Method::GET;
    if is_page && room.key.is_in(request.uri().query()) {
        // the key does not stay in the address, where it would be copied along
        let mut response = text(StatusCode::OK, "text/html; charset=utf-8", GO_ON);
        response
            .headers_mut()
            .extend(room.key.cookie(room.port).map(|cookie| (header::SET_COOKIE, cookie)));
        return response;
    }
    if room.key.is_shown(request.headers(), room.port) {
        return next.run(request).await;
    }
    refused(StatusCode::FORBIDDEN, NO_KEY)
}

/// The page, and what stands beside it.
async fn shown(Extracted(room): Extracted<Shared>, request: Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "this is only to be read");
    }
    let answered = tokio::task::spawn_blocking(move || answer(&room, &request)).await;
    answered.unwrap_or_else(|fault| broken(&fault.to_string()))
}

fn answer(room: &Room, request: &Request) -> Response {
    let address = request.uri().path();
    let mut desk = room.desk();
    if address == "/" || address == "/index.html" {
        // what others changed is on the page, and what cannot be read is told there
        if let Ok(Some(change)) = desk.look() {
            room.tell(&change);
        }
        return page(&desk).unwrap_or_else(|said| broken(&said));
    }
    let named = address.strip_prefix('/').and_then(|name| desk.workpiece().named(name));
    if let Some(named) = named {
        return file(named, request.headers());
    }
    let out = desk.workpiece().folder().out();
    drop(desk);
    match Folder::open(&out).ok().and_then(|out| out.file(address)) {
        Some(path) => file(&path, request.headers()),
        None => refused(StatusCode::NOT_FOUND, "there is nothing here"),
    }
}

/// The published page with the desk on top of it.
fn page(desk: &Desk) -> Result<Response, String> {
    let html = desk.page().map_err(|fault| fault.to_string())?;
    let html = allowing(&html, &[SCRIPT], &[STYLE]);
    let state = serde_json::to_string(&desk.state()).map_err(|fault| fault.to_string())?;
    // nothing in it can end the element or open a comment
    let state = state.replace('<', "\\u003c");
    let html = before_end(
        &html,
        &format!(
            "<style>{STYLE}</style><script type=\"application/json\" id=\"desk\">{state}</script>\
             <script>{SCRIPT}</script>"
        ),
    );
    Ok(text(StatusCode::OK, "text/html; charset=utf-8", html))
}

/// A command, and the change of the text that it was made on.
#[derive(Deserialize)]
struct Asked {
    revision: u64,
    command: Command,
}

async fn carry_out(Extracted(room): Extracted<Shared>, request: Request) -> Response {
    let is_json =
        request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !is_json {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a command is `application/json`");
    }
    let Ok(bytes) = to_bytes(request.into_body(), MOST).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "that is larger than any command");
    };
    let asked: Asked = match serde_json::from_slice(&bytes) {
        Ok(asked) => asked,
        Err(fault) => {
            return refused(StatusCode::BAD_REQUEST, &format!("that is no command: {fault}"));
        }
    };
    let done = tokio::task::spawn_blocking(move || {
        let mut desk = room.desk();
        match desk.carry_out(&asked.command, asked.revision) {
            Ok(change) => Ok(room.tell(&change)),
            Err(refusal) => Err((refusal, desk.revision)),
        }
    });
    let (status, said) = match done.await {
        Ok(Ok(change)) => return text(StatusCode::OK, "application/json", change),
        Ok(Err((Refusal::Late, revision))) => (
            StatusCode::CONFLICT,
            json!({"revision": revision, "said": "the text was changed meanwhile: look, and do it again"}),
        ),
        Ok(Err((Refusal::Said(said), revision))) => {
            (StatusCode::UNPROCESSABLE_ENTITY, json!({"revision": revision, "said": said}))
        }
        Err(fault) => (StatusCode::INTERNAL_SERVER_ERROR, json!({"said": fault.to_string()})),
    };
    text(status, "application/json", said.to_string())
}

async fn published(Extracted(room): Extracted<Shared>) -> Response {
    let done = tokio::task::spawn_blocking(move || (room.publish)()).await;
    let (status, said) = match done {
        Ok(Ok(page)) => (StatusCode::OK, json!({"page": page.display().to_string()})),
        Ok(Err(said)) => (StatusCode::UNPROCESSABLE_ENTITY, json!({"said": said})),
        Err(fault) => (StatusCode::INTERNAL_SERVER_ERROR, json!({"said": fault.to_string()})),
    };
    text(status, "application/json", said.to_string())
}

/// What a page that listens has heard.
struct Listening {
    room: Shared,
    news: broadcast::Receiver<Arc<str>>,
    /// What is to be said first.
    first: Option<String>,
    /// The fault of the file that was told last.
    fault: Option<String>,
}

/// Tells a page of every change, whoever makes it.
fn listen(Extracted(room): Extracted<Shared>, request: Request) -> Ready<Response> {
    let (asked, _) = request.into_parts();
    let news = room.news.subscribe();
    let since = asked.uri.query().and_then(|query| query.strip_prefix("since="));
    let knows = since.and_then(|since| since.parse::<u64>().ok());
    let is_old = knows != Some(room.desk().revision);
    let first = is_old.then(|| json!({"reload": true}).to_string());
    let listening = Listening { room, news, first, fault: None };
    let events = stream::unfold(listening, |mut listening| async move {
        let said = listening.next().await?;
        Some((Ok::<_, Infallible>(Event::default().data(said)), listening))
    });
    ready(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

impl Listening {
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            match tokio::time::timeout(LOOK, self.news.recv()).await {
                Ok(Ok(said)) => return Some(said.to_string()),
                Ok(Err(RecvError::Lagged(_))) => return Some(json!({"reload": true}).to_string()),
                Ok(Err(RecvError::Closed)) => return None,
                Err(_) => {
                    if let Some(fault) = self.look().await {
                        return Some(fault);
                    }
                }
            }
        }
    }

    /// Looks whether others changed the corrections, and lets every page know; what is wrong with the file
    /// is told once.
    async fn look(&mut self) -> Option<String> {
        let room = Arc::clone(&self.room);
        let looked = tokio::task::spawn_blocking(move || {
            let change = room.desk().look();
            change.map(|change| change.map(|change| room.tell(&change)))
        });
        let fault = match looked.await {
            Ok(Err(Refusal::Said(said))) => Some(said),
            _ => None,
        };
        let is_news = fault != self.fault;
        self.fault = fault;
        is_news.then(|| json!({"fault": self.fault}).to_string())
    }
}

fn broken(said: &str) -> Response {
    refused(StatusCode::INTERNAL_SERVER_ERROR, said)
}
