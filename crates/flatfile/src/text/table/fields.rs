//! Where the fields of a row are: [`Fields`].

use super::dialect::{AfterField, Dialect, RawField, space_char_len};
use crate::error::TextError;
use std::borrow::Cow;

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

/// The fields of rows in a [`Dialect`]. A table of bytes finds those that are spelled as most are, and the dialect all
/// others.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) dialect: Dialect,
    kinds: Box<[ByteKind; 256]>,
}

impl Fields {
    pub(super) fn new(dialect: Dialect) -> Fields {
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
        Fields { dialect, kinds }
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

    /// The text after a field.
    #[inline(always)]
    pub(super) fn after_field(&self, text: &[u8]) -> AfterField {
        let kind = text.first().map(|first| self.kind(*first));
        match kind {
            Some(ByteKind::Delimiter) => AfterField::Field(1),
            Some(ByteKind::LineEnd) => AfterField::End,
            Some(ByteKind::Space) if text.get(1..).is_some_and(|text| self.is_field(text)) => {
                AfterField::Field(1)
            }
            _ => self.dialect.after_field(text),
        }
    }

    /// The field at the beginning of a text.
    pub(super) fn field<'a>(&self, text: &'a [u8]) -> Result<RawField<'a>, TextError> {
        if !self.dialect.is_quoted(text) {
            let mut bytes = text.iter();
            let length = bytes.position(|byte| self.kind(*byte) != ByteKind::Content);
            let field = length.and_then(|length| text.split_at_checked(length));
            if let Some((content, rest)) = field
                && self.is_end(rest)
            {
                return Ok(RawField {
                    content: Cow::Borrowed(content),
                    is_quoted: false,
                    length: content.len(),
                });
            }
        }
        self.dialect.raw_field(text)
    }

    /// Passes each of a row's fields to `visit` with its offset, and returns their number.
    pub(super) fn for_each<'a>(
        &self,
        row: &'a [u8],
        mut visit: impl FnMut(usize, RawField<'a>),
    ) -> Result<usize, TextError> {
        if let Some(widths) = &self.dialect.widths {
            return Ok(widths.for_each(row, &self.dialect, visit));
        }
        let mut count = 0;
        let mut at = self.dialect.first_field(row);
        loop {
            let field = self.field(row.get(at..).unwrap_or_default())?;
            let begin = at;
            at += field.length;
            count += 1;
            visit(begin, field);
            match self.after_field(row.get(at..).unwrap_or_default()) {
                AfterField::Field(distance) => at += distance,
                _ => return Ok(count),
            }
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
        if !self.dialect.is_quoted(text) {
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
            if Some(byte) == self.dialect.quote {
                let rest = bytes.as_slice();
                if self.is_end(rest) {
                    return Some(rest);
                }
                // Two quotes are one.
                if bytes.next().copied() != self.dialect.quote {
                    return None;
                }
            } else if !byte.is_ascii() {
                return None;
            }
            push(byte)?;
        }
    }
}
