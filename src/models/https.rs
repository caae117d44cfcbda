//! Downloads a file from an address, going on where an earlier attempt stopped.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use ureq::http::{Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::digest::{self, CopyError, Hasher};
use super::error::SourceError;
use super::progress::{FetchEvent, FetchProgress};
use super::register::{HttpsSource, is_loopback};

/// To find the host and to connect to it; the next source is tried after that.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Without a single byte.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Downloads to `part`, which an earlier attempt may have begun, and gives its bytes and sha256.
/// What is there after a broken line stays for the next attempt.
pub(super) fn fetch_file(
    source: &HttpsSource,
    part: &Path,
    progress: &dyn FetchProgress,
) -> Result<(u64, String), SourceError> {
    progress.event(FetchEvent::Step { label: "downloading", total: source.size });
    let mut file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(part)
        .map_err(|cause| SourceError::io(part, cause))?;
    let (mut have, mut hasher) = hash_begun(&mut file, part, source.size, progress)?;
    if have < source.size {
        let response = request(&source.url, have).inspect_err(|error| {
            if matches!(error, SourceError::Status(416)) {
                let _ = fs::remove_file(part);
            }
        })?;
        if !continues(&response, have) {
            restart(&mut file).map_err(|cause| SourceError::io(part, cause))?;
            (have, hasher) = (0, Hasher::default());
        }
        check_length(&response, source, have)?;
        let mut body = response.into_body().into_reader();
        let room = source.size - have + 1;
        have += digest::copy(&mut body, &mut file, room, &mut hasher, progress, have).map_err(
            |error| match error {
                CopyError::Interrupted => SourceError::Interrupted,
                CopyError::Write(cause) => SourceError::io(part, cause),
                CopyError::Read(cause) => SourceError::Network(cause.to_string()),
            },
        )?;
        if have < source.size {
            return Err(SourceError::Network(format!(
                "the line broke after {have} of {} bytes; the next attempt goes on from there",
                source.size
            )));
        }
    }
    Ok((have, hasher.finish()))
}

/// Hashes what an earlier attempt left; more than the whole is thrown away.
fn hash_begun(
    file: &mut File,
    part: &Path,
    size: u64,
    progress: &dyn FetchProgress,
) -> Result<(u64, Hasher), SourceError> {
    let io_error = |cause| SourceError::io(part, cause);
    let mut hasher = Hasher::default();
    let begun = file.metadata().map_err(io_error)?.len();
    if begun > size {
        restart(file).map_err(io_error)?;
        return Ok((0, hasher));
    }
    let have =
        digest::copy(file, &mut io::sink(), begun, &mut hasher, progress, 0).map_err(|error| {
            match error {
                CopyError::Interrupted => SourceError::Interrupted,
                CopyError::Read(cause) | CopyError::Write(cause) => SourceError::io(part, cause),
            }
        })?;
    Ok((have, hasher))
}

fn restart(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(())
}

/// Asks with the system's certificates, which may hold those of a company's proxy; where they do not
/// know the server, as on a system that has none, with those that are built in.
fn request(url: &str, have: u64) -> Result<Response<Body>, SourceError> {
    let first = request_trusting(RootCerts::PlatformVerifier, url, have);
    let answer = match first {
        Err(error) if is_distrust(&error) => {
            request_trusting(RootCerts::WebPki, url, have).map_err(|_| error)
        }
        other => other,
    };
    answer.map_err(|error| match error {
        ureq::Error::StatusCode(status) => SourceError::Status(status),
        other => SourceError::Network(other.to_string()),
    })
}

/// Whether an error may be one of certificates. Those come as I/O errors with another error inside,
/// which the system's own I/O errors have not.
pub(crate) fn is_distrust(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => true,
        ureq::Error::Io(cause) => cause.get_ref().is_some(),
        _ => false,
    }
}

fn request_trusting(roots: RootCerts, url: &str, have: u64) -> Result<Response<Body>, ureq::Error> {
    let local = is_loopback(url);
    let mut config = Agent::config_builder()
        .https_only(!local)
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .timeout_resolve(Some(CONNECT_TIMEOUT))
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_per_read(Some(STALL_TIMEOUT))
        .user_agent(concat!("linernotes/", env!("CARGO_PKG_VERSION")));
    if local {
        config = config.proxy(None);
    }
    let agent: Agent = config.build().into();
    let mut request = agent.get(url).header(header::ACCEPT_ENCODING, "identity");
    if have > 0 {
        request = request.header(header::RANGE, format!("bytes={have}-"));
    }
    request.call()
}

/// Whether the server goes on at the byte that was asked for.
fn continues(response: &Response<Body>, have: u64) -> bool {
    let begins = format!("bytes {have}-");
    let range = response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
    response.status() == StatusCode::PARTIAL_CONTENT
        && range.is_some_and(|range| range.starts_with(&begins))
}

/// A server that announces another length has another file, or a page that says so.
fn check_length(
    response: &Response<Body>,
    source: &HttpsSource,
    have: u64,
) -> Result<(), SourceError> {
    let length = response.headers().get(header::CONTENT_LENGTH);
    let announced: Option<u64> =
        length.and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    match announced {
        Some(rest) if rest + have != source.size => Err(SourceError::Size {
            file: source.url.clone(),
            expected: source.size,
            found: rest + have,
        }),
        _ => Ok(()),
    }
}
