//! The text between two items: [`Separator`].

use crate::error::{Error, ErrorKind};
use memchr::memrchr;

/// Text between items, matched as NumPy does: a run of white space in it, and the position before it, match any
/// white space, even none. A separator of only white space matches at least one character.
///
/// | separator | between items |
/// |---|---|
/// | `,` | `1,2`, `1 , 2` |
/// | `, ` | the same |
/// | a space | `1 2`, `1 \n 2` |
/// | `a b` | `1ab2`, `1 a b 2` |
///
/// ```
/// use flatfile::text::Separator;
/// assert!(Separator::new(", ").is_ok());
/// assert!(Separator::new("").is_err());
/// ```
///
/// Source: `numpy/_core/src/multiarray/ctors.c`, `swab_separator` and `fromstr_skip_separator`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Separator {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Space,
    Byte(u8),
}

/// The text after an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterItem {
    /// The separator, of this many bytes.
    Separator(usize),
    /// The end of the text, after only white space, or within the separator.
    End { is_cut: bool },
    /// Something else, at this distance in bytes.
    Other(usize),
}

impl Separator {
    /// The separator of this text.
    ///
    /// # Errors
    /// `Separator` if it is empty, which NumPy treats as raw items.
    pub fn new(text: &str) -> Result<Separator, Error> {
        if text.is_empty() {
            return Err(ErrorKind::Separator.into());
        }
        let mut parts = vec![Part::Space];
        for byte in text.bytes() {
            match is_space(byte) {
                true if parts.last() == Some(&Part::Space) => {}
                true => parts.push(Part::Space),
                false => parts.push(Part::Byte(byte)),
            }
        }
        let text = text.to_owned();
        Ok(Separator { text, parts })
    }

    /// The text, as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is only white space.
    pub(super) fn is_space(&self) -> bool {
        self.parts == [Part::Space]
    }

    /// The single byte that it consists of, apart from white space before it.
    pub(super) fn as_byte(&self) -> Option<u8> {
        match self.parts.as_slice() {
            [Part::Space, Part::Byte(byte)] => Some(*byte),
            _ => None,
        }
    }

    /// The kind of text at the beginning of `text`, which follows an item.
    pub(super) fn after_item(&self, text: &[u8]) -> AfterItem {
        let (mut at, mut has_begun) = (0, false);
        for part in &self.parts {
            let rest = text.get(at..).unwrap_or_default();
            match part {
                Part::Space => at += space_len(rest),
                Part::Byte(byte) => match rest.first() {
                    Some(first) if first == byte => {
                        at += 1;
                        has_begun = true;
                    }
                    Some(_) => return AfterItem::Other(at),
                    None => return AfterItem::End { is_cut: has_begun },
                },
            }
        }
        match at {
            0 if text.is_empty() => AfterItem::End { is_cut: false },
            0 => AfterItem::Other(0),
            // The text may end with a separator of only white space.
            _ if !has_begun && at == text.len() => AfterItem::End { is_cut: false },
            _ => AfterItem::Separator(at),
        }
    }

    /// Where a text may be split: before a byte that begins a separator, and is not part of anything else.
    pub(super) fn split_point(&self) -> Option<SplitPoint> {
        let byte = |part: &Part| match part {
            Part::Byte(byte) => Some(*byte),
            Part::Space => None,
        };
        let mut bytes = self.parts.iter().filter_map(byte);
        let Some(first) = bytes.next() else {
            return Some(SplitPoint::Space);
        };
        let is_unique = !bytes.any(|byte| byte == first);
        (is_unique && !is_word_byte(first)).then_some(SplitPoint::Before(first))
    }
}

/// Where a text may be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SplitPoint {
    /// Before this byte.
    Before(u8),
    /// Before white space.
    Space,
}

impl SplitPoint {
    /// The last such position in `text`, except its beginning.
    pub(super) fn last_in(self, text: &[u8]) -> Option<usize> {
        let at = match self {
            SplitPoint::Before(byte) => memrchr(byte, text)?,
            SplitPoint::Space => {
                let at = text.iter().rposition(|byte| is_space(*byte))?;
                // A carriage return and a line feed are one line end.
                let is_pair = text.get(at.wrapping_sub(1)..=at) == Some(b"\r\n");
                if is_pair { at - 1 } else { at }
            }
        };
        Some(at).filter(|at| *at > 0)
    }
}

/// The same as C's `isspace`.
#[inline]
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 9..=13)
}

/// The length of the white space at the beginning of a text.
#[inline]
pub(super) fn space_len(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_space(**byte)).count()
}

/// The beginning of a text that may be long, for an error: its first character, and the following ones that may be
/// the rest of a number or a word.
pub(super) fn excerpt(text: &[u8]) -> String {
    const MAX_BYTES: usize = 30;
    let word = text.iter().skip(1).take_while(|byte| is_word_byte(**byte));
    let length = text.len().min(1 + word.count());
    let shown = text.get(..length.min(MAX_BYTES)).unwrap_or_default();
    let mut shown = String::from_utf8_lossy(shown).into_owned();
    if length > MAX_BYTES {
        shown.push('…');
    }
    shown
}

/// Whether a byte may be part of a number or a word.
pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"+-.()_".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_an_item() {
        use AfterItem::{End, Other, Separator as Found};
        let (end, cut) = (End { is_cut: false }, End { is_cut: true });
        for (separator, text, expected) in [
            (",", ",2", Found(1)),
            (",", " \n,2", Found(3)),
            (",", ",", Found(1)),
            (",", " ", end),
            (",", "", end),
            (",", " x", Other(1)),
            (", ", ", \t2", Found(3)),
            (" ", " 2", Found(1)),
            (" ", "\n", end),
            (" ", "2", Other(0)),
            ("a b", "ab2", Found(2)),
            ("a b", " a  b2", Found(5)),
            ("ab", "a b2", Other(1)),
            (";;", ";", cut),
            (";;", ";x", Other(1)),
        ] {
            let found = Separator::new(separator)
                .unwrap()
                .after_item(text.as_bytes());
            assert_eq!(found, expected, "{separator:?} {text:?}");
        }
    }

    #[test]
    fn where_texts_are_split() {
        for (separator, expected) in [
            (",", Some(SplitPoint::Before(b','))),
            (" ; ", Some(SplitPoint::Before(b';'))),
            (",x", Some(SplitPoint::Before(b','))),
            ("\n", Some(SplitPoint::Space)),
            (",,", None),
            ("-", None),
            ("a", None),
        ] {
            assert_eq!(
                Separator::new(separator).unwrap().split_point(),
                expected,
                "{separator}"
            );
        }
    }
}
