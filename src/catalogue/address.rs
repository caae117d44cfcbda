//! Web addresses that a person typed or a feed names: what of them is followed, and how they are told.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::CatalogueError;

/// Names that programs of listeners have for a feed's address.
const FEED_SCHEMES: [&str; 5] = ["feed", "pcast", "itpc", "podcast", "rss"];

/// A web address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Whether a person means an address rather than a file.
    pub fn is_meant(text: &str) -> bool {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        scheme.is_some_and(|scheme| {
            scheme == "http" || scheme == "https" || FEED_SCHEMES.contains(&scheme.as_str())
        })
    }

    /// The address in a text; of a feed's own schemes, the one of the web.
    pub fn parse(text: &str) -> Result<Address, CatalogueError> {
        let text = text.trim();
        let fault = |reason: &str| CatalogueError::Address {
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        let as_web = match text.split_once("://") {
            Some((scheme, rest))
                if FEED_SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) =>
            {
                format!("https://{rest}")
            }
            _ => text.to_owned(),
        };
        let url = Url::parse(&as_web).map_err(|cause| fault(&cause.to_string()))?;
        Address::of(url).ok_or_else(|| fault("it is neither of http nor of https"))
    }

    fn of(url: Url) -> Option<Address> {
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(Address(url))
    }

    /// Where a link in what was fetched from here leads.
    pub fn join(&self, link: &str) -> Result<Address, CatalogueError> {
        let fault = |reason: String| CatalogueError::Address { text: link.to_owned(), reason };
        let url = self.0.join(link.trim()).map_err(|cause| fault(cause.to_string()))?;
        Address::of(url).ok_or_else(|| fault("it is neither of http nor of https".to_owned()))
    }

    /// The same over https, by which nobody on the way reads or changes it.
    pub(super) fn encrypted(&self) -> Address {
        let mut url = self.0.clone();
        if url.scheme() == "http" && url.set_scheme("https").is_err() {
            tracing::debug!("an address of http has no form with https");
        }
        Address(url)
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The machine's name.
    pub(super) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Its number, where it stands there as one.
    pub(super) fn number(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Ipv4(number) => Some(number.into()),
            Host::Ipv6(number) => Some(number.into()),
            Host::Domain(_) => None,
        }
    }

    /// The whole, as a server is asked for it; it may hold a listener's own key.
    pub fn whole(&self) -> &str {
        self.0.as_str()
    }

    /// How it is told: without a password, and without what may be a listener's own key.
    pub fn shown(&self) -> String {
        let mut url = self.0.clone();
        // neither can fail for an address with a host
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_fragment(None);
        let has_query = url.query().is_some();
        url.set_query(None);
        format!("{url}{}", if has_query { "?…" } else { "" })
    }

    /// The address where it can be published: where it holds nothing that may be a listener's own.
    pub(super) fn public(&self) -> Option<String> {
        let is_plain =
            self.0.username().is_empty() && self.0.password().is_none() && self.0.query().is_none();
        is_plain.then(|| self.0.to_string())
    }

    /// The file's name without its ending, as people read it.
    pub fn name(&self) -> String {
        let last =
            self.0.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
        let name = percent_encoding::percent_decode_str(last).decode_utf8_lossy().into_owned();
        name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned())
    }

    /// What identifies the file: its address, where nothing in it may be a listener's own, else a
    /// number made of it.
    pub fn identity(&self) -> String {
        let number =
            || uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, self.whole().as_bytes()).to_string();
        self.public().unwrap_or_else(number)
    }

    /// The ending of the file's name, in lower case, where it has one that is short and plain.
    pub(super) fn ending(&self) -> Option<String> {
        let name = self.0.path_segments()?.next_back()?;
        let (_, ending) = name.rsplit_once('.')?;
        let is_plain =
            (2..=4).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
        is_plain.then(|| ending.to_ascii_lowercase())
    }
}

/// Whether the number is that of a machine that everybody may ask.
pub(super) fn is_public(number: IpAddr) -> bool {
    match number {
        IpAddr::V4(number) => is_public_4(number),
        IpAddr::V6(number) => match number.to_ipv4_mapped() {
            Some(number) => is_public_4(number),
            None => is_public_6(number),
        },
    }
}

fn is_public_4(number: Ipv4Addr) -> bool {
    let [a, b, c, _] = number.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_of_protocols = (a, b, c) == (192, 0, 0);
    let is_of_tests = a == 198 && (18..20).contains(&b);
    !(a == 0
        || a >= 224
        || is_shared
        || is_of_protocols
        || is_of_tests
        || number.is_private()
        || number.is_loopback()
        || number.is_link_local()
        || number.is_documentation())
}

fn is_public_6(number: Ipv6Addr) -> bool {
    let [first, second, ..] = number.segments();
    let is_unique_local = first & 0xfe00 == 0xfc00;
    let is_link_local = first & 0xffc0 == 0xfe80;
    let is_documentation = (first, second) == (0x2001, 0xdb8);
    // carries one of the older numbers, which may be a private one
    let is_translated = (first, second) == (0x64, 0xff9b) || first == 0x2002;
    !(number.is_loopback()
        || number.is_unspecified()
        || number.is_multicast()
        || is_unique_local
        || is_link_local
        || is_documentation
        || is_translated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_feeds_are_those_of_the_web_and_no_others_are_taken() {
        let parsed = |text: &str| Address::parse(text).map(|address| address.whole().to_owned());
        assert_eq!(parsed(" feed://a.example/f ").unwrap(), "https://a.example/f");
        assert_eq!(parsed("https://ü.example/ä b").unwrap(), "https://xn--tda.example/%C3%A4%20b");
        for text in ["file:///etc/passwd", "ftp://a.example/", "a.mp3", "", "https://", "data:,x"] {
            assert!(parsed(text).is_err(), "{text}");
        }
        assert!(Address::is_meant("HTTPS://a.example") && !Address::is_meant("a/b.xml"));
    }

    #[test]
    fn what_may_be_a_secret_is_neither_told_nor_published() {
        let address = Address::parse("https://me:secret@a.example/f.mp3?key=secret#x").unwrap();
        assert_eq!(address.shown(), "https://a.example/f.mp3?…");
        assert_eq!(address.public(), None);
        assert!(!address.identity().contains("secret"));
        assert_eq!(address.ending().as_deref(), Some("mp3"));
        let plain = Address::parse("http://a.example:80/one.M4A").unwrap();
        assert_eq!(plain.public().unwrap(), "http://a.example/one.M4A");
        assert_eq!(plain.identity(), "http://a.example/one.M4A");
        assert_eq!(
            Address::parse("https://a.example/x/My%20Talk%C3%A9.v2.mp3").unwrap().name(),
            "My Talké.v2"
        );
        assert_eq!(plain.encrypted().whole(), "https://a.example/one.M4A");
        assert_eq!(plain.join("../b").unwrap().whole(), "http://a.example/b");
        assert!(plain.join("file:///etc/passwd").is_err());
    }

    #[test]
    fn private_numbers_are_known_however_they_are_written() {
        for number in [
            "10.0.0.1",
            "127.0.0.1",
            "127.1.2.3",
            "169.254.169.254",
            "192.168.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
        ] {
            assert!(!is_public(number.parse().unwrap()), "{number}");
        }
        for number in ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "100.128.0.1"] {
            assert!(is_public(number.parse().unwrap()), "{number}");
        }
        // a number in another form is still one
        assert_eq!(
            Address::parse("http://0x7f.1/").unwrap().number(),
            Some(IpAddr::V4(Ipv4Addr::LOCALHOST))
        );
    }
}
