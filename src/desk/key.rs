//! The key of a desk: whoever has the address that was printed has it, and nobody else. Later requests show
//! it in a cookie, which is sent by this desk's own pages alone.

use axum::http::{HeaderMap, HeaderValue, header};

/// A key that nobody can guess.
#[derive(Debug, Clone)]
pub struct Key(String);

impl Key {
    /// A new one.
    ///
    /// # Errors
    /// If the system gives nothing that nobody can guess.
    pub fn new() -> std::io::Result<Key> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        Ok(Key(format!("{:032x}", u128::from_be_bytes(bytes))))
    }

    /// What stands behind the address.
    pub fn query(&self) -> String {
        format!("?key={}", self.0)
    }

    /// Whether an address has it.
    pub(super) fn is_in(&self, query: Option<&str>) -> bool {
        let said = query.and_then(|query| query.strip_prefix("key="));
        said.is_some_and(|said| self.is(said))
    }

    /// Whether a request shows it.
    pub(super) fn is_shown(&self, headers: &HeaderMap, port: u16) -> bool {
        let own = name(port);
        let cookies =
            headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut all = cookies.flat_map(|cookies| cookies.split(';'));
        all.any(|cookie| {
            let (name, value) = cookie.trim().split_once('=').unwrap_or_default();
            name == own && self.is(value)
        })
    }

    /// The cookie in which it is shown from then on. Cookies are shared by all ports of a machine, so its
    /// name has the port.
    pub(super) fn cookie(&self, port: u16) -> Option<HeaderValue> {
        let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", name(port), self.0);
        HeaderValue::from_str(&cookie).ok()
    }

    /// Compares without telling by the time it takes how much is right.
    fn is(&self, said: &str) -> bool {
        let (own, said) = (self.0.as_bytes(), said.as_bytes());
        own.len() == said.len()
            && own.iter().zip(said).fold(0, |other, (a, b)| other | (a ^ b)) == 0
    }
}

fn name(port: u16) -> String {
    format!("linernotes-{port}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_and_another_is_none() {
        let (key, other) = (Key::new().unwrap(), Key::new().unwrap());
        assert_ne!(key.0, other.0);
        assert_eq!(key.0.len(), 32);
        let query = key.query();
        assert!(key.is_in(query.strip_prefix('?')) && !other.is_in(query.strip_prefix('?')));
        assert!(!key.is_in(None) && !key.is_in(Some("key=")));
        let shown = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(text).unwrap());
            key.is_shown(&headers, 8017)
        };
        assert!(shown(&format!("a=b; linernotes-8017={}", key.0)));
        assert!(!shown(&format!("linernotes-8018={}", key.0)));
        assert!(!shown("linernotes-8017=") && !shown("linernotes-8017"));
        assert!(!key.is_shown(&HeaderMap::new(), 8017));
    }
}
