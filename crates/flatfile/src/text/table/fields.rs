//! Where the fields of a row are: [`Fields`].

use super::dialect::{AfterField, Dialect, RawField, space_char_len};
use crate::error::TextError;
use memchr::memchr;
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
    /// The first byte between most fields.
    pub(super) separator: u8,
    /// Whether numbers end before delimiters and comments: no number has their first bytes in it.
    pub(super) are_outside_numbers: bool,
}

impl Fields {
    pub(super) fn new(dialect: Dialect) -> Fields {
        let begins_comment = |byte: u8| {
            let mut comments = dialect.comments.iter();
            comments.any(|comment| comment.first() == Some(&byte))
        };
        let kind = |byte: u8| match &dialect.delimiter {
            Some(delimiter) if delimiter.as_slice() == [byte] => ByteKind::Delimiter,
            Some(delimiter) if delimiter.first() == Some(&byte) => ByteKind::Other,
            None if space_char_len(&[byte]) > 0 => ByteKind::Space,
            _ if matches!(byte, b'\n' | b'\r') => ByteKind::LineEnd,
            _ if byte.is_ascii() && !begins_comment(byte) => ByteKind::Content,
            _ => ByteKind::Other,
        };
        let mut kinds = Box::new([ByteKind::Other; 256]);
        for (byte, slot) in (0..=u8::MAX).zip(kinds.iter_mut()) {
            *slot = kind(byte);
        }
        let delimiter = dialect.delimiter.as_deref().unwrap_or(b" ");
        let may_be_in_number = |text: &[u8]| {
            let first = text.first();
            first.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.()_".contains(byte))
        };
        let mut comments = dialect.comments.iter();
        Fields {
            separator: delimiter.first().copied().unwrap_or(b' '),
            are_outside_numbers: !may_be_in_number(delimiter)
                && !comments.any(|comment| may_be_in_number(comment)),
            dialect,
            kinds,
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

    /// The content of the field at the beginning of a text, and the text after it; `None` if it is not as simple as most
    /// are.
    #[inline(always)]
    fn plain_field<'a>(&self, text: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let (content, rest) = match (self.dialect.quote, text.split_first()?) {
            (Some(quote), (first, inside)) if *first == quote => {
                let (content, rest) = inside.split_at_checked(memchr(quote, inside)?)?;
                (content, rest.get(1..)?)
            }
            _ => {
                let mut bytes = text.iter();
                let length = bytes.position(|byte| self.kind(*byte) != ByteKind::Content)?;
                text.split_at_checked(length)?
            }
        };
        self.is_end(rest).then_some((content, rest))
    }

    /// The text after the field at the beginning of a text.
    #[inline(always)]
    pub(super) fn skip<'a>(&self, text: &'a [u8]) -> Result<&'a [u8], Box<TextError>> {
        match self.for_each_byte(text, |_| Some(())) {
            Some(rest) => Ok(rest),
            None => {
                let length = self.dialect.raw_field(text)?.length;
                Ok(text.get(length..).unwrap_or_default())
            }
        }
    }

    /// Passes each of a row's fields to `visit`, and returns their number and where they end.
    #[inline(always)]
    pub(super) fn for_each<'a>(
        &self,
        row: &'a [u8],
        mut visit: impl FnMut(RawField<'a>),
    ) -> Result<(usize, usize), Box<TextError>> {
        if let Some(widths) = &self.dialect.widths {
            let count = widths.for_each(row, &self.dialect, |_, field| visit(field));
            return Ok((count, self.dialect.without_end(row).len()));
        }
        let mut count = 0;
        let mut at = self.dialect.first_field(row);
        loop {
            let text = row.get(at..).unwrap_or_default();
            let rest = match self.plain_field(text) {
                Some((content, rest)) => {
                    visit(RawField {
                        content: Cow::Borrowed(content),
                        is_quoted: self.dialect.is_quoted(text),
                        length: text.len() - rest.len(),
                    });
                    rest
                }
                None => {
                    let field = self.dialect.raw_field(text)?;
                    let rest = text.get(field.length..).unwrap_or_default();
                    visit(field);
                    rest
                }
            };
            count += 1;
            at = row.len() - rest.len();
            match self.after_field(rest) {
                AfterField::Field(distance) => at += distance,
                _ => return Ok((count, at)),
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
