//! Whose requests are answered: those of a person at this machine and of our own pages.
//!
//! Any page that a browser has open can send requests to the loopback address, and one can give its own
//! name the loopback address while it is open. The first kind says its origin, the second has its name
//! as the host.

use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::serve::answer::refused;

/// What every answer says to the browser: nobody may frame it, guess its kind or load it elsewhere.
const ALWAYS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// Answers a request, or refuses it.
pub(super) async fn guarded(port: u16, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut response = match fault(&parts, port) {
        Some(said) => refused(StatusCode::FORBIDDEN, &said),
        None => next.run(Request::from_parts(parts, body)).await,
    };
    for (name, value) in ALWAYS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Why a request is not answered.
fn fault(parts: &Parts, port: u16) -> Option<String> {
    let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let is_ours = |host: &str| ours.iter().any(|own| own.eq_ignore_ascii_case(host));
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let (host, more) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next());
    let Some(host) = host.filter(|host| more.is_none() && is_ours(host)) else {
        return Some(format!("this server is for this machine only, at http://{}/", ours[0]));
    };
    if parts.uri.authority().is_some_and(|authority| !authority.as_str().eq_ignore_ascii_case(host))
    {
        return Some("the address and the host are not the same".to_owned());
    }
    let elsewhere = "only this server's own pages are answered".to_owned();
    let own = format!("http://{host}");
    let mut origins = parts.headers.get_all(header::ORIGIN).iter();
    if !origins.all(|origin| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes())) {
        return Some(elsewhere);
    }
    let is_safe = parts.method == Method::GET || parts.method == Method::HEAD;
    if !is_safe && !parts.headers.contains_key(header::ORIGIN) {
        return Some(elsewhere);
    }
    (!is_from_here(&parts.headers, is_safe)).then_some(elsewhere)
}

/// Whether the browser says that a page of ours asks, or the person who followed a link or typed the
/// address. What says nothing of it is no browser.
fn is_from_here(headers: &HeaderMap, is_safe: bool) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match said("sec-fetch-site") {
        None | Some("same-origin" | "none") => true,
        Some(_) => {
            let is_visit = said("sec-fetch-mode") == Some("navigate")
                && said("sec-fetch-dest") == Some("document");
            is_safe && is_visit
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = axum::http::Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        fault(&request.body(()).unwrap().into_parts().0, 8017).is_some()
    }

    #[test]
    fn only_this_machine_and_our_own_pages_are_answered() {
        let (host, own) = (("host", "127.0.0.1:8017"), ("origin", "http://127.0.0.1:8017"));
        let site = |said| ("sec-fetch-site", said);
        for answered in [
            &[host][..],
            &[("host", "localhost:8017")],
            &[host, own],
            &[host, site("none")],
            &[
                host,
                site("cross-site"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ],
        ] {
            assert!(!told("GET", answered), "{answered:?}");
        }
        for refused in [
            &[][..],
            &[("host", "evil.example:8017")],
            &[("host", "127.0.0.1")],
            &[("host", "127.0.0.1:8018")],
            &[("host", "127.0.0.1:8017.evil.example")],
            &[host, ("host", "evil.example")],
            &[host, ("origin", "http://evil.example")],
            &[host, ("origin", "null")],
            &[host, ("origin", "http://127.0.0.1:8018")],
            &[host, ("origin", "https://127.0.0.1:8017")],
            &[host, own, ("origin", "http://evil.example")],
            &[host, site("cross-site"), ("sec-fetch-mode", "no-cors")],
            &[host, site("same-site"), ("sec-fetch-mode", "cors")],
            &[
                host,
                site("cross-site"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "iframe"),
            ],
        ] {
            assert!(told("GET", refused), "{refused:?}");
        }
        assert!(told("POST", &[host]), "what changes something says its origin");
        assert!(!told("POST", &[host, own, site("same-origin")]));
        assert!(told("POST", &[host, own, site("cross-site"), ("sec-fetch-mode", "navigate")]));
    }
}
