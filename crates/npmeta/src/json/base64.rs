//! Bytes as text in base64.

/// The bytes that a text with padding says.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (groups, rest) = text.as_bytes().as_chunks::<4>();
    for (i, group) in groups.iter().enumerate() {
        let padding = group
            .iter()
            .rev()
            .take_while(|letter| **letter == b'=')
            .count();
        let mut bits = 0u32;
        for letter in group.iter().take(4 - padding) {
            let digit = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(digit);
        }
        if padding > 2 || padding > 0 && i + 1 < groups.len() {
            return None;
        }
        bits <<= 6 * padding;
        bytes.extend(bits.to_be_bytes().into_iter().skip(1).take(3 - padding));
    }
    rest.is_empty().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let all: Vec<u8> = (0..=255).collect();
        for bytes in [&all[..], &all[..255], &all[..254], &all[250..], b""] {
            let mut text = String::new();
            flatfile::show::push_base64(bytes, &mut text);
            assert_eq!(base64(&text).unwrap(), bytes, "{text}");
        }
        for text in ["A", "AA", "AAA", "A===", "====", "AA==AAAA", "AA=A", "A AA"] {
            assert_eq!(base64(text), None, "{text}");
        }
    }
}
