//! Names of members.

/// The suffix that NumPy adds to the name of an array.
pub(crate) const SUFFIX: &str = ".npy";

/// The name under which NumPy lists a member.
pub(crate) fn key(file_name: &str) -> &str {
    file_name.strip_suffix(SUFFIX).unwrap_or(file_name)
}

/// The archive's name for an array of this name.
pub(crate) fn file_name(name: &str) -> String {
    format!("{name}{SUFFIX}")
}

/// The upper half of IBM's code page 437, the encoding of names that are not flagged as UTF-8.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Decodes these bytes as code page 437.
pub(crate) fn from_cp437(bytes: &[u8]) -> Box<str> {
    let upper: Vec<char> = CP437.chars().collect();
    let decoded = |byte: &u8| match byte.checked_sub(128) {
        Some(i) => upper.get(usize::from(i)).copied().unwrap_or_default(),
        None => char::from(*byte),
    };
    bytes.iter().map(decoded).collect::<String>().into()
}

/// What a name in UTF-8 is read as if the archive does not declare it to be that, unless it is the same.
pub(crate) fn undeclared(name: &str) -> Option<Box<str>> {
    (!name.is_ascii()).then(|| from_cp437(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_another_character() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = from_cp437(&bytes);
        let chars: std::collections::BTreeSet<char> = text.chars().collect();
        assert_eq!((text.chars().count(), chars.len()), (256, 256));
        assert_eq!(&*from_cp437(b"caf\x82"), "café");
    }
}
