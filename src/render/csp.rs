//! The page's content security policy: its own style and script by their hashes, nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The policy for a page with exactly this style and script inlined.
///
/// Pictures and sound may come from the page's own folder, from where the show publishes them, and
/// from disk while the page is read there. `media` and `picture` are the addresses as they stand in
/// the page.
pub(crate) fn policy(style: &str, script: &str, media: &str, picture: &str) -> String {
    format!(
        "default-src 'none'; style-src {}; script-src {}; media-src {}; img-src {}; \
         base-uri 'none'; form-action 'none'",
        hash_source(style),
        hash_source(script),
        origins(media),
        origins(picture),
    )
}

/// The policy for a page of a show's site, which may also send a form and read files beside it.
pub(crate) fn site_policy(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src 'self' https: http: file:; \
         connect-src 'self'; base-uri 'none'; form-action 'self' file:",
        hash_source(style),
        hash_source(script),
    )
}

fn hash_source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// Podcast hosts redirect through other hosts, so a remote address allows its scheme as a whole.
fn origins(href: &str) -> &'static str {
    if href.is_empty() {
        "'none'"
    } else if href.starts_with("http:") {
        "http: https:"
    } else if href.starts_with("https:") {
        "https:"
    } else {
        "'self' file:"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_what_is_inlined_and_no_more() {
        let policy = policy("", "x", "audio.mp3", "");
        // The sha256 of nothing, as every implementation gives it.
        assert!(policy.contains(
            "style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; script-src 'sha256-"
        ));
        assert!(policy.contains("media-src 'self' file:; img-src 'none';"));
        assert!(policy.starts_with("default-src 'none';"));
    }
}
