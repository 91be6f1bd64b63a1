//! Bytes as text in base64: RFC 4648, section 4.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, PAD};

/// Bits after the last byte may be set, as Python's `b64decode` and others allow; padding is required.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, PAD.with_decode_allow_trailing_bits(true));

/// Appends the text of these bytes.
pub(super) fn encode_base64(bytes: &[u8], out: &mut String) {
    BASE64.encode_string(bytes, out);
}

/// The bytes of a text with padding.
pub(super) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let all: Vec<u8> = (0..=255).collect();
        for bytes in [&all[..], &all[..255], &all[..254], &all[250..], b""] {
            let mut text = String::new();
            encode_base64(bytes, &mut text);
            assert_eq!(decode_base64(&text).unwrap(), bytes, "{text}");
        }
        for text in ["A", "AA", "AAA", "A===", "====", "AA==AAAA", "AA=A", "A AA"] {
            assert_eq!(decode_base64(text), None, "{text}");
        }
        assert_eq!(decode_base64("/x==").unwrap(), [0xff]);
    }
}
