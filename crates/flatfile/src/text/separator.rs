//! What stands between two items: [`Separator`].

use crate::error::{Error, ErrorKind};
use memchr::memrchr;

/// Text between items, matched as NumPy does: a run of white space in it stands for any white space, even
/// none, and so does the place before it; one of nothing but white space for at least one.
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

/// What stands behind an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// The separator: so many bytes.
    Separator(usize),
    /// The end of the text, behind nothing but white space, or within the separator.
    End { is_cut: bool },
    /// Something else, so many bytes further.
    Other(usize),
}

impl Separator {
    /// The separator of this text.
    ///
    /// # Errors
    /// `Separator` if it is empty, which NumPy takes for raw items.
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

    /// Whether it is white space alone.
    pub(super) fn is_space(&self) -> bool {
        self.parts == [Part::Space]
    }

    /// The one byte that it is, but for white space before it.
    pub(super) fn as_byte(&self) -> Option<u8> {
        match self.parts.as_slice() {
            [Part::Space, Part::Byte(byte)] => Some(*byte),
            _ => None,
        }
    }

    /// What `text`, behind an item, begins with.
    pub(super) fn behind(&self, text: &[u8]) -> Behind {
        let (mut at, mut has_begun) = (0, false);
        for part in &self.parts {
            let rest = text.get(at..).unwrap_or_default();
            match part {
                Part::Space => at += spaces(rest),
                Part::Byte(byte) => match rest.first() {
                    Some(first) if first == byte => {
                        at += 1;
                        has_begun = true;
                    }
                    Some(_) => return Behind::Other(at),
                    None => return Behind::End { is_cut: has_begun },
                },
            }
        }
        match at {
            0 if text.is_empty() => Behind::End { is_cut: false },
            0 => Behind::Other(0),
            // White space alone may be what the text ends with.
            _ if !has_begun && at == text.len() => Behind::End { is_cut: false },
            _ => Behind::Separator(at),
        }
    }

    /// A byte before which a text may be cut: it begins a separator, and is part of nothing else.
    pub(super) fn cut(&self) -> Option<Cut> {
        let byte = |part: &Part| match part {
            Part::Byte(byte) => Some(*byte),
            Part::Space => None,
        };
        let mut bytes = self.parts.iter().filter_map(byte);
        let Some(first) = bytes.next() else {
            return Some(Cut::Space);
        };
        let is_unique = !bytes.any(|byte| byte == first);
        (is_unique && !in_words(first)).then_some(Cut::Before(first))
    }
}

/// Where a text may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Before this byte.
    Before(u8),
    /// Before white space.
    Space,
    /// Behind the end of a line.
    Line,
}

impl Cut {
    /// The last place of `text` that is one, but its beginning.
    pub(super) fn last(self, text: &[u8]) -> Option<usize> {
        let at = match self {
            Cut::Before(byte) => memrchr(byte, text)?,
            Cut::Space => text.iter().rposition(|byte| is_space(*byte))?,
            Cut::Line => memrchr(b'\n', text)? + 1,
        };
        Some(at).filter(|at| *at > 0)
    }
}

/// What C's `isspace` says.
#[inline]
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | 9..=13)
}

/// How much white space a text begins with.
#[inline]
pub(super) fn spaces(text: &[u8]) -> usize {
    text.iter().take_while(|byte| is_space(**byte)).count()
}

/// What an error says of a text that may be long: its first character, and what may be the rest of a
/// number or a word.
pub(super) fn beginning(text: &[u8]) -> String {
    const LONGEST: usize = 30;
    let word = text.iter().skip(1).take_while(|byte| in_words(**byte));
    let length = text.len().min(1 + word.count());
    let shown = text.get(..length.min(LONGEST)).unwrap_or_default();
    let mut shown = String::from_utf8_lossy(shown).into_owned();
    if length > LONGEST {
        shown.push('…');
    }
    shown
}

/// Whether a byte may be part of a number or a word.
pub(super) fn in_words(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"+-.()_".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_an_item() {
        use Behind::{End, Other, Separator as Found};
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
            let found = Separator::new(separator).unwrap().behind(text.as_bytes());
            assert_eq!(found, expected, "{separator:?} {text:?}");
        }
    }

    #[test]
    fn where_texts_are_cut() {
        for (separator, expected) in [
            (",", Some(Cut::Before(b','))),
            (" ; ", Some(Cut::Before(b';'))),
            (",x", Some(Cut::Before(b','))),
            ("\n", Some(Cut::Space)),
            (",,", None),
            ("-", None),
            ("a", None),
        ] {
            assert_eq!(
                Separator::new(separator).unwrap().cut(),
                expected,
                "{separator}"
            );
        }
    }
}
