//! Python's strings: [`Text`].

use flatfile::show::python_str;
use std::fmt;
use std::sync::Arc;

/// A Python `str`: code points, including lone surrogates.
///
/// ```
/// use npmeta::Text;
/// assert_eq!(Text::from("né").as_str(), Some("né"));
/// let lone = Text::from_points([0x61, 0xd800]);
/// assert_eq!((lone.as_str(), lone.to_string_lossy().as_str()), (None, "a\u{fffd}"));
/// assert_eq!(format!("{lone:?}"), r"'a\ud800'");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(TextRepr);

/// A text without surrogates is always `Plain`, so that equal texts are equal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum TextRepr {
    Plain(Arc<str>),
    /// UTF-8, except that surrogates are encoded like other characters: Python's `surrogatepass`.
    Surrogates(Arc<[u8]>),
}

impl Text {
    /// The text, if it has no surrogates.
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            TextRepr::Plain(text) => Some(text),
            TextRepr::Surrogates(_) => None,
        }
    }

    /// The text, with U+FFFD in place of each surrogate.
    pub fn to_string_lossy(&self) -> String {
        let or_replaced = |point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.points().map(or_replaced).collect()
    }

    /// The text of these code points; those beyond Unicode become U+FFFD.
    pub fn from_points(points: impl IntoIterator<Item = u32>) -> Text {
        let mut bytes = Vec::new();
        for point in points {
            Text::push_point(point, &mut bytes);
        }
        Text::from_valid(&bytes)
    }

    /// Appends the bytes that encode this code point; for one beyond Unicode those of U+FFFD.
    pub(crate) fn push_point(point: u32, bytes: &mut Vec<u8>) {
        match char::from_u32(point) {
            Some(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None if point < 0x10000 => {
                let [high, low] = [point >> 6 & 0x3f, point & 0x3f].map(|bits| 0x80 | bits as u8);
                bytes.extend([0xe0 | (point >> 12) as u8, high, low]);
            }
            None => bytes.extend_from_slice("\u{fffd}".as_bytes()),
        }
    }

    /// The text that these bytes encode as UTF-8, including surrogates; the error is the position of an
    /// invalid byte.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Text, usize> {
        let mut rest = bytes;
        loop {
            let Err(error) = std::str::from_utf8(rest) else {
                return Ok(Text::from_valid(bytes));
            };
            let wrong = rest.get(error.valid_up_to()..).unwrap_or_default();
            match wrong {
                [0xed, 0xa0..=0xbf, 0x80..=0xbf, after @ ..] => rest = after,
                _ => return Err(bytes.len() - wrong.len()),
            }
        }
    }

    /// The text that these bytes are known to encode.
    pub(crate) fn from_valid(bytes: &[u8]) -> Text {
        match std::str::from_utf8(bytes) {
            Ok(text) => Text(TextRepr::Plain(text.into())),
            Err(_) => Text(TextRepr::Surrogates(bytes.into())),
        }
    }

    /// The bytes that encode it: UTF-8 if it has no surrogates.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            TextRepr::Plain(text) => text.as_bytes(),
            TextRepr::Surrogates(bytes) => bytes,
        }
    }

    /// Its code points.
    pub fn points(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        Text::points_of(self.as_bytes())
    }

    /// The code points that these bytes encode.
    pub(crate) fn points_of(bytes: &[u8]) -> impl Iterator<Item = u32> + Clone + '_ {
        // The first byte gives the number of those that follow, each with six bits.
        let mut rest = bytes;
        std::iter::from_fn(move || {
            let (first, after) = rest.split_first()?;
            let (more, bits) = match first {
                0..0x80 => (0, *first),
                ..0xe0 => (1, first & 0x1f),
                ..0xf0 => (2, first & 0x0f),
                _ => (3, first & 0x07),
            };
            let (tail, after) = after.split_at_checked(more)?;
            rest = after;
            let fold = |point, byte: &u8| point << 6 | u32::from(byte & 0x3f);
            Some(tail.iter().fold(bits.into(), fold))
        })
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(TextRepr::Plain(text.into()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(TextRepr::Plain(text.into()))
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

/// As Python's `repr`.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", python_str(self.points()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates() {
        for points in [
            vec![],
            vec![0x61, 0xe9, 0x20ac, 0x1f600],
            vec![0xd800, 0xdc00, 0x7ff],
        ] {
            let text = Text::from_points(points.clone());
            assert_eq!(text.points().collect::<Vec<_>>(), points);
            assert_eq!(Text::from_bytes(text.as_bytes()), Ok(text));
        }
        for (wrong, at) in [
            (&b"a\xff"[..], 1),
            (b"\xed\xa0\x80\xed\xa0", 3),
            (b"\xc0\x80", 0),
        ] {
            assert_eq!(Text::from_bytes(wrong), Err(at), "{wrong:?}");
        }
    }
}
