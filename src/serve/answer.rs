//! A file as an answer: its kind, its size, and the part that is wanted of it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::stream;

use crate::serve::kinds::media_type;
use crate::serve::ranges::{Wanted, wanted};

/// How much of a file is read at once, in bytes.
const PIECE: u64 = 64 << 10;

/// A text as an answer.
pub(crate) fn text(
    status: StatusCode,
    media_type: &'static str,
    text: impl Into<Body>,
) -> Response {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A refusal in a sentence.
pub(crate) fn refused(status: StatusCode, said: &str) -> Response {
    text(status, "text/plain; charset=utf-8", format!("{said}\n"))
}

/// A file, or the part of it that the request wants.
pub(crate) fn file(path: &Path, headers: &HeaderMap) -> Response {
    match sent(path, headers) {
        Ok(response) => response,
        Err(fault) => {
            tracing::info!("cannot serve `{}`: {fault}", path.display());
            refused(StatusCode::NOT_FOUND, "there is nothing here")
        }
    }
}

fn sent(path: &Path, headers: &HeaderMap) -> io::Result<Response> {
    let mut file = File::open(path)?;
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let size = data.len();
    let written = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let tag = format!("\"{size:x}-{:x}\"", written.unwrap_or_default().as_nanos());
    let said = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is_known = |tags: &str| tags.split(',').any(|known| known.trim() == tag);
    if said(header::IF_NONE_MATCH).is_some_and(is_known) {
        return Ok(answer(StatusCode::NOT_MODIFIED, &[(header::ETAG, tag)], Body::empty()));
    }
    // a part of what the file was is no part of what it is
    let is_same = said(header::IF_RANGE).is_none_or(|known| known.trim() == tag);
    let range = said(header::RANGE).filter(|_| is_same);
    let (status, from, to) = match range.map_or(Wanted::Whole, |range| wanted(range, size)) {
        Wanted::Whole => (StatusCode::OK, 0, size),
        Wanted::Part(from, to) => (StatusCode::PARTIAL_CONTENT, from, to),
        Wanted::Nothing => {
            let known = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok(answer(StatusCode::RANGE_NOT_SATISFIABLE, &known, Body::empty()));
        }
    };
    file.seek(SeekFrom::Start(from))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut known = vec![
        (header::CONTENT_TYPE, media_type(&name).to_owned()),
        (header::CONTENT_LENGTH, (to - from).to_string()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::ETAG, tag),
    ];
    if status == StatusCode::PARTIAL_CONTENT {
        known.push((header::CONTENT_RANGE, format!("bytes {from}-{}/{size}", to - 1)));
    }
    Ok(answer(status, &known, pieces(file, to - from)))
}

/// The next bytes of a file, piece by piece. They are read where they are sent: the file lies on this
/// machine, and the one person who asks waits for it anyway.
fn pieces(file: File, left: u64) -> Body {
    Body::from_stream(stream::unfold((file, left), |(mut file, left)| async move {
        if left == 0 {
            return None;
        }
        let mut piece = Vec::new();
        let read = (&mut file).take(left.min(PIECE)).read_to_end(&mut piece);
        let count = piece.len() as u64;
        let piece = match read {
            Ok(0) => Err(io::Error::other("the file has become shorter")),
            Ok(_) => Ok(Bytes::from(piece)),
            Err(fault) => Err(fault),
        };
        let left = if piece.is_ok() { left - count } else { 0 };
        Some((piece, (file, left)))
    }))
}

fn answer(status: StatusCode, known: &[(header::HeaderName, String)], body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in known {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
