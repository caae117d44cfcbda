//! The token texts of a Whisper model, from `vocabulary.json` (a list) or `vocabulary.txt` (a line
//! each), as the bytes that they stand for.
//!
//! Byte-pair vocabularies write bytes as printable characters; a byte that prints stands for itself
//! and the others were moved up by 256 in order.

use std::fs;
use std::path::Path;

use super::ConvertError;

/// Ordinary tokens in each Whisper vocabulary; the special ones follow and have no bytes.
pub(super) const TEXT_TOKENS: usize = 50_257;
/// The files are about 1 MB.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// The bytes of the first [`TEXT_TOKENS`] tokens.
pub(super) fn read(path: &Path) -> Result<Vec<Vec<u8>>, ConvertError> {
    let length = fs::metadata(path).map_err(|cause| ConvertError::read(path, cause))?.len();
    if length > MAX_FILE_BYTES {
        return Err(ConvertError::malformed(path, format!("{length} bytes of vocabulary")));
    }
    let bytes = fs::read(path).map_err(|cause| ConvertError::read(path, cause))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| ConvertError::malformed(path, "the vocabulary is not UTF-8"))?;
    let tokens: Vec<String> = if path.extension().is_some_and(|extension| extension == "json") {
        serde_json::from_str(&text)
            .map_err(|error| ConvertError::malformed(path, format!("no list of tokens: {error}")))?
    } else {
        text.lines().map(str::to_owned).collect()
    };
    if tokens.len() < TEXT_TOKENS {
        return Err(ConvertError::malformed(
            path,
            format!("{} tokens, and Whisper has {TEXT_TOKENS} or more", tokens.len()),
        ));
    }
    Ok(tokens.iter().take(TEXT_TOKENS).map(|token| token_bytes(token)).collect())
}

/// The bytes that a token stands for; a token with a character of no byte stands for itself.
fn token_bytes(token: &str) -> Vec<u8> {
    token
        .chars()
        .map(character_byte)
        .collect::<Option<Vec<u8>>>()
        .unwrap_or_else(|| token.as_bytes().to_vec())
}

fn character_byte(character: char) -> Option<u8> {
    let code = u32::from(character);
    let byte = u8::try_from(code).ok();
    if let Some(byte) = byte {
        return prints(byte).then_some(byte);
    }
    let wanted = usize::try_from(code.checked_sub(256)?).ok()?;
    (0..=u8::MAX).filter(|byte| !prints(*byte)).nth(wanted)
}

fn prints(byte: u8) -> bool {
    matches!(byte, 33..=126 | 161..=172 | 174..=255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moved_characters_go_back_to_their_bytes() {
        for (token, bytes) in [
            ("a", &b"a"[..]),
            ("Ġthe", b" the"),
            ("Ċ", b"\n"),
            ("č", b"\r"),
            ("é", b"\xe9"),
            ("Ã©", "é".as_bytes()),
            ("<|字|>", "<|字|>".as_bytes()),
            ("", b""),
        ] {
            assert_eq!(token_bytes(token), bytes, "{token}");
        }
    }

    #[test]
    fn all_bytes_have_one_character_each() {
        let mut bytes: Vec<u8> = ('\u{0}'..'\u{200}').filter_map(character_byte).collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=u8::MAX).collect::<Vec<_>>());
    }

    #[test]
    fn short_vocabulary_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vocabulary.json");
        fs::write(&path, r#"["a", "b"]"#).unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("2 tokens, and Whisper has 50257 or more"), "{message}");
    }
}
