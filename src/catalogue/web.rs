//! Asking servers: one address after the other, each checked before it is asked.

use std::io::Read;
use std::time::Duration;

use ureq::http::{HeaderMap, HeaderName, Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body};

use super::CatalogueError;
use super::address::{Address, is_public};
use crate::models::is_distrust;

/// To find the host and to connect to it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Without a single byte.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);
/// How often an address may lead to another; what counts listeners takes four or five.
const MOST_REDIRECTS: usize = 12;

/// Who is asked, and how far it is trusted.
#[derive(Debug)]
pub struct Web {
    /// The machine that the person named: it may be one of their own network.
    trusted: Option<Address>,
    is_offline: bool,
}

/// An answer.
#[derive(Debug)]
pub struct Heard {
    /// Where it came from in the end.
    pub address: Address,
    pub(super) response: Response<Body>,
}

impl Web {
    /// Asks anybody public; and the machine of the address that a person typed, wherever it is.
    pub fn new(typed: Option<Address>, is_offline: bool) -> Web {
        Web { trusted: typed, is_offline }
    }

    /// What an address leads to, with more headers for the server.
    pub(super) fn ask(
        &self,
        address: &Address,
        headers: &[(HeaderName, String)],
    ) -> Result<Heard, CatalogueError> {
        if self.is_offline {
            return Err(CatalogueError::Offline { address: address.shown() });
        }
        let mut at = address.clone();
        for _ in 0..=MOST_REDIRECTS {
            at = self.checked(&at)?;
            let response = self.ask_one(&at, headers)?;
            if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED
            {
                return answered(at, response);
            }
            let Some(to) = text_of(response.headers(), &header::LOCATION) else {
                return answered(at, response);
            };
            at = at.join(to)?;
        }
        Err(CatalogueError::Redirects { address: address.shown(), most: MOST_REDIRECTS })
    }

    /// Asks, to see what is there.
    pub fn look(&self, address: &Address) -> Result<Heard, CatalogueError> {
        self.ask(address, &[])
    }

    /// The whole of a small file, and what the server calls its kind.
    pub fn read(&self, address: &Address, most: u64) -> Result<(Vec<u8>, String), CatalogueError> {
        let heard = self.ask(address, &[])?;
        let kind = heard.kind();
        let mut bytes = Vec::new();
        let body = heard.response.into_body().into_reader();
        body.take(most + 1).read_to_end(&mut bytes).map_err(|cause| network(address, &cause))?;
        if bytes.len() as u64 > most {
            return Err(CatalogueError::TooLarge {
                address: address.shown(),
                most_mib: most >> 20,
            });
        }
        Ok((bytes, kind))
    }

    fn trusts(&self, address: &Address) -> bool {
        self.trusted.as_ref().is_some_and(|trusted| trusted.host() == address.host())
    }

    /// The address as it may be asked: over https, unless the person typed otherwise for that machine.
    fn checked(&self, address: &Address) -> Result<Address, CatalogueError> {
        if self.trusts(address) {
            let typed_plain = self.trusted.as_ref().is_some_and(|trusted| !trusted.is_encrypted());
            return Ok(if typed_plain { address.clone() } else { address.encrypted() });
        }
        if address.number().is_some_and(|number| !is_public(number)) {
            return Err(CatalogueError::Private { address: address.shown() });
        }
        Ok(address.encrypted())
    }

    /// Asks with the system's certificates; where they do not know the server, as on a system that has
    /// none, with those that are built in.
    fn ask_one(
        &self,
        address: &Address,
        headers: &[(HeaderName, String)],
    ) -> Result<Response<Body>, CatalogueError> {
        let ask = |roots| {
            let mut request = self.agent(address, roots).get(address.whole());
            for (name, value) in headers {
                request = request.header(name, value);
            }
            request.header(header::ACCEPT_ENCODING, "identity").call()
        };
        let answer = match ask(RootCerts::PlatformVerifier) {
            Err(error) if is_distrust(&error) => ask(RootCerts::WebPki).map_err(|_| error),
            other => other,
        };
        answer.map_err(|error| match error {
            ureq::Error::Other(cause) if cause.is::<IsPrivate>() => {
                CatalogueError::Private { address: address.shown() }
            }
            other => network(address, &other),
        })
    }

    fn agent(&self, address: &Address, roots: RootCerts) -> Agent {
        let trusts = self.trusts(address);
        let mut config = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .timeout_resolve(Some(CONNECT_TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(STALL_TIMEOUT))
            .timeout_per_read(Some(STALL_TIMEOUT))
            .user_agent(concat!("linernotes/", env!("CARGO_PKG_VERSION")));
        if address.number().is_some_and(|number| number.is_loopback()) {
            config = config.proxy(None);
        }
        let names = Names { trusts, inner: DefaultResolver::default() };
        Agent::with_parts(config.build(), DefaultConnector::default(), names)
    }
}

fn answered(address: Address, response: Response<Body>) -> Result<Heard, CatalogueError> {
    let status = response.status();
    if status.is_success() {
        return Ok(Heard { address, response });
    }
    Err(CatalogueError::Status { address: address.shown(), status: status.as_u16() })
}

impl Heard {
    /// What the server calls the kind of file, as `audio/mpeg`.
    pub fn kind(&self) -> String {
        let stated = text_of(self.response.headers(), &header::CONTENT_TYPE).unwrap_or_default();
        stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The first bytes of it.
    pub fn beginning(self, most: u64) -> Result<Vec<u8>, CatalogueError> {
        let mut bytes = Vec::new();
        let body = self.response.into_body().into_reader();
        body.take(most).read_to_end(&mut bytes).map_err(|cause| network(&self.address, &cause))?;
        Ok(bytes)
    }
}

pub(super) fn text_of<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

pub(super) fn network(address: &Address, cause: &dyn std::fmt::Display) -> CatalogueError {
    CatalogueError::Network { address: address.shown(), cause: cause.to_string() }
}

/// Finds machines by their names, and those of private networks only where they are trusted.
#[derive(Debug)]
struct Names {
    trusts: bool,
    inner: DefaultResolver,
}

#[derive(Debug, thiserror::Error)]
#[error("the name is that of a machine in a private network")]
struct IsPrivate;

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &ureq::http::Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        if self.trusts || found.iter().all(|socket| is_public(socket.ip())) {
            return Ok(found);
        }
        Err(ureq::Error::Other(Box::new(IsPrivate)))
    }
}
