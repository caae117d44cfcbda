//! Whole addresses that a link may lead to.

use crate::characters::acts;

/// The schemes that a link may have.
pub(crate) const LINK_SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// The address, if a link may lead there: `http`, `https`, `mailto` or `tel`, in full. It holds
/// nothing that could end it where it stands between `<>` or `""`.
pub fn link(address: &str) -> Option<&str> {
    let address = address.trim();
    let (scheme, rest) = address.split_once(':')?;
    let known = LINK_SCHEMES.iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed));
    let ends =
        |c: char| c.is_control() || c.is_whitespace() || acts(c) || matches!(c, '<' | '>' | '"');
    let has_host = !is_web(address) || rest.starts_with("//") && !rest.starts_with("///");
    let clean = !address.contains(ends);
    (known && clean && has_host && !rest.trim_matches('/').is_empty()).then_some(address)
}

/// Whether an address is one of the web.
pub(crate) fn is_web(address: &str) -> bool {
    let scheme = address.trim().split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}
