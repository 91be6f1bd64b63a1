//! What each byte of a field means, if the field is spelled as most are: [`PlainBytes`].

use super::dialect::{AfterField, Dialect, space_char_len};

/// What a byte in a field without quotes means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ByteKind {
    /// It belongs to the field, and is ASCII.
    Content,
    /// It is the delimiter.
    Delimiter,
    /// It is white space that separates fields.
    Space,
    /// The line ends.
    LineEnd,
    /// Only the [`Dialect`] knows.
    Other,
}

/// A [`Dialect`] as a table of bytes. It knows the fields that most tables have, and leaves all others to the dialect.
#[derive(Clone, Debug)]
pub(super) struct PlainBytes {
    kinds: Box<[ByteKind; 256]>,
    quote: Option<u8>,
}

impl PlainBytes {
    pub(super) fn new(dialect: &Dialect) -> PlainBytes {
        let kind = |byte: u8| match &dialect.delimiter {
            Some(delimiter) if delimiter.as_slice() == [byte] => ByteKind::Delimiter,
            Some(delimiter) if delimiter.first() == Some(&byte) => ByteKind::Other,
            None if space_char_len(&[byte]) > 0 => ByteKind::Space,
            _ if matches!(byte, b'\n' | b'\r') => ByteKind::LineEnd,
            _ if dialect
                .comments
                .iter()
                .any(|comment| comment.first() == Some(&byte)) =>
            {
                ByteKind::Other
            }
            _ if byte.is_ascii() => ByteKind::Content,
            _ => ByteKind::Other,
        };
        let mut kinds = Box::new([ByteKind::Other; 256]);
        for (byte, slot) in (0..=u8::MAX).zip(kinds.iter_mut()) {
            *slot = kind(byte);
        }
        PlainBytes {
            kinds,
            quote: dialect.quote,
        }
    }

    #[inline(always)]
    fn kind(&self, byte: u8) -> ByteKind {
        let kind = self.kinds.get(usize::from(byte));
        kind.copied().unwrap_or(ByteKind::Other)
    }

    /// Whether a row begins with a field.
    #[inline]
    pub(super) fn is_field(&self, row: &[u8]) -> bool {
        let first = row.first();
        first.is_some_and(|first| self.kind(*first) == ByteKind::Content)
    }

    /// Whether a field ends before this text.
    #[inline]
    pub(super) fn is_end(&self, text: &[u8]) -> bool {
        let first = text.first();
        first.is_some_and(|first| !matches!(self.kind(*first), ByteKind::Content | ByteKind::Other))
    }

    /// A field without the spaces at its beginning.
    #[inline(always)]
    pub(super) fn trim_start<'a>(&self, mut text: &'a [u8]) -> &'a [u8] {
        while let [b' ', rest @ ..] = text
            && self.kind(b' ') == ByteKind::Content
        {
            text = rest;
        }
        text
    }

    /// The text after a field; `None` if only the dialect knows.
    #[inline(always)]
    pub(super) fn after_field(&self, text: &[u8]) -> Option<AfterField> {
        match self.kind(*text.first()?) {
            ByteKind::Delimiter => Some(AfterField::Field(1)),
            ByteKind::LineEnd => Some(AfterField::End),
            ByteKind::Space if self.is_field(text.get(1..)?) => Some(AfterField::Field(1)),
            _ => None,
        }
    }

    /// Passes the bytes of the field at the beginning of a text to `push`, without quotes, and returns the text after it;
    /// `None` if it is not as simple as most are, not ASCII, or `push` returns that.
    #[inline(always)]
    pub(super) fn for_each_byte<'a>(
        &self,
        text: &'a [u8],
        mut push: impl FnMut(u8) -> Option<()>,
    ) -> Option<&'a [u8]> {
        let mut bytes = text.iter();
        if self.quote.is_none() || self.quote != text.first().copied() {
            loop {
                let rest = bytes.as_slice();
                let byte = *bytes.next()?;
                if self.kind(byte) != ByteKind::Content {
                    return self.is_end(rest).then_some(rest);
                }
                push(byte)?;
            }
        }
        bytes.next();
        loop {
            let byte = *bytes.next()?;
            if Some(byte) == self.quote {
                let rest = bytes.as_slice();
                if self.is_end(rest) {
                    return Some(rest);
                }
                // Two quotes are one.
                if bytes.next().copied() != self.quote {
                    return None;
                }
            } else if !byte.is_ascii() {
                return None;
            }
            push(byte)?;
        }
    }
}
