//! How a table's text is divided into rows and fields: [`Dialect`].

use super::widths::Widths;
use crate::error::TextError;
use memchr::{memchr, memchr2, memchr3, memmem, memrchr};
use std::borrow::Cow;

/// How a table's text is divided into rows and fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Dialect {
    /// The delimiter between fields; white space if there is none.
    pub(super) delimiter: Option<Vec<u8>>,
    /// The texts that begin a comment.
    pub(super) comments: Vec<Vec<u8>>,
    pub(super) quote: Option<u8>,
    /// Whether the end of the text closes a quoted field.
    pub(super) end_closes_quote: bool,
    /// The lengths of the fields, if they have fixed ones; then nothing is a delimiter.
    pub(super) widths: Option<Widths>,
    /// Whether rows with another number of fields are left out.
    pub(super) skips_ragged_rows: bool,
}

/// The text after a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterField {
    /// Another field, at this distance in bytes from the end of the one before.
    Field(usize),
    /// The end of the row, or a comment.
    End,
    Other,
}

/// A field's text.
pub(super) struct RawField<'a> {
    /// Its text, without quotes.
    pub(super) content: Cow<'a, [u8]>,
    pub(super) is_quoted: bool,
    /// Its length in the table in bytes.
    pub(super) length: usize,
}

impl Dialect {
    /// Whether a field begins with a quote.
    #[inline]
    pub(super) fn is_quoted(&self, text: &[u8]) -> bool {
        self.quote.is_some() && self.quote == text.first().copied()
    }

    /// The length of the white space at the beginning of a text. Neither line ends nor delimiters belong to it.
    #[inline]
    pub(super) fn space_len(&self, text: &[u8]) -> usize {
        match text.first() {
            Some(b'!'..=b'~' | b'\n' | b'\r') | None => 0,
            Some(_) => self.any_space_len(text),
        }
    }

    fn any_space_len(&self, text: &[u8]) -> usize {
        let mut length = 0;
        loop {
            let rest = text.get(length..).unwrap_or_default();
            match self.space_char_len(rest) {
                0 => return length,
                more => length += more,
            }
        }
    }

    fn space_char_len(&self, text: &[u8]) -> usize {
        let length = space_char_len(text);
        if length > 0 && self.delimiter_len(text) > 0 {
            0
        } else {
            length
        }
    }

    /// The length of the delimiter at the beginning of a text, if it is there and not white space.
    #[inline]
    fn delimiter_len(&self, text: &[u8]) -> usize {
        match self.delimiter.as_deref() {
            // Nearly all tables have one of one byte.
            Some([delimiter]) => usize::from(text.first() == Some(delimiter)),
            Some(delimiter) if text.starts_with(delimiter) => delimiter.len(),
            _ => 0,
        }
    }

    fn is_comment(&self, text: &[u8]) -> bool {
        let first = text.first();
        let begins = |comment: &Vec<u8>| comment.first() == first && text.starts_with(comment);
        self.comments.iter().any(begins)
    }

    /// Whether a row's fields end here.
    fn is_end(&self, text: &[u8]) -> bool {
        matches!(text, [] | [b'\n' | b'\r', ..]) || self.is_comment(text)
    }

    /// Whether a line has no fields.
    pub(super) fn is_empty(&self, line: &[u8]) -> bool {
        let space_len = self.space_len(line);
        let rest = line.get(space_len..).unwrap_or_default();
        if self.delimiter.is_none() || space_len == 0 {
            return self.is_end(rest);
        }
        // A field of only white space is a field.
        self.is_comment(rest)
    }

    /// The text after a field.
    pub(super) fn after_field(&self, text: &[u8]) -> AfterField {
        let space_len = self.space_len(text);
        let rest = text.get(space_len..).unwrap_or_default();
        match self.delimiter_len(rest) {
            0 => {}
            length => return AfterField::Field(space_len + length),
        }
        if space_len > 0 && self.delimiter.is_none() && !self.is_end(rest) {
            return AfterField::Field(space_len);
        }
        match rest.first() {
            None | Some(b'\n' | b'\r') => AfterField::End,
            _ if !self.is_comment(rest) => AfterField::Other,
            _ if space_len == 0 && special_len(rest) > 0 => AfterField::Other,
            _ => AfterField::End,
        }
    }

    /// The field at the beginning of a text.
    pub(super) fn raw_field<'a>(&self, text: &'a [u8]) -> Result<RawField<'a>, TextError> {
        if self.is_quoted(text) {
            return self.quoted_field(text);
        }
        let length = self.unquoted_len(text);
        Ok(RawField {
            content: Cow::Borrowed(text.get(..length).unwrap_or_default()),
            is_quoted: false,
            length,
        })
    }

    /// The number of bytes before the next delimiter, or the end of the row.
    fn unquoted_len(&self, text: &[u8]) -> usize {
        if let (Some([delimiter]), []) = (self.delimiter.as_deref(), self.comments.as_slice()) {
            return memchr3(*delimiter, b'\n', b'\r', text).unwrap_or(text.len());
        }
        let mut at = 0;
        while at < text.len() {
            let rest = text.get(at..).unwrap_or_default();
            let is_after = match &self.delimiter {
                Some(_) => self.delimiter_len(rest) > 0,
                None => space_char_len(rest) > 0,
            };
            if is_after {
                break;
            }
            if self.is_end(rest) {
                let before = at.checked_sub(1).and_then(|at| text.get(at));
                let is_number = before.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
                match special_len(rest) {
                    1.. if is_number => {}
                    _ => break,
                }
            }
            at += 1;
        }
        at
    }

    /// A field that begins with a quote; two quotes inside it are one.
    fn quoted_field<'a>(&self, text: &'a [u8]) -> Result<RawField<'a>, TextError> {
        let quote = self.quote.unwrap_or_default();
        let mut content = Cow::Borrowed(&[][..]);
        let mut at = 1;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let end = match memchr(quote, rest) {
                None if self.end_closes_quote => {
                    push(&mut content, rest);
                    at = text.len();
                    break;
                }
                end => end.ok_or(TextError::OpenQuote)?,
            };
            push(&mut content, rest.get(..end).unwrap_or_default());
            at += end + 1;
            if text.get(at) != Some(&quote) {
                break;
            }
            push(&mut content, text.get(at..=at).unwrap_or_default());
            at += 1;
        }
        let rest = text.get(at..).unwrap_or_default();
        let more = self.unquoted_len(rest);
        push(&mut content, rest.get(..more).unwrap_or_default());
        Ok(RawField {
            content,
            is_quoted: true,
            length: at + more,
        })
    }

    /// The offset of a row's first field.
    pub(super) fn first_field(&self, row: &[u8]) -> usize {
        if self.delimiter.is_none() {
            self.space_len(row)
        } else {
            0
        }
    }

    /// The length of the first row of a text, with its line end; `None` if the text may end within it.
    pub(super) fn row_len(&self, text: &[u8], is_last: bool) -> Option<usize> {
        let whole = || is_last.then_some(text.len());
        let mut at = 0;
        // The text from here to `at` is outside of quotes.
        let mut outside = 0;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let next = match self.quote {
                Some(quote) => memchr3(b'\n', b'\r', quote, rest),
                None => memchr2(b'\n', b'\r', rest),
            };
            let Some(next) = next.map(|next| at + next) else {
                return whole();
            };
            let before = text.get(outside..next).unwrap_or_default();
            match text.get(next) {
                Some(b'\n') => return Some(next + 1),
                Some(b'\r') => {
                    return match text.get(next + 1) {
                        Some(b'\n') => Some(next + 2),
                        Some(_) => Some(next + 1),
                        None => whole(),
                    };
                }
                _ if self.has_comment(before) => {
                    // Quotes in a comment mean nothing.
                    let rest = text.get(next..).unwrap_or_default();
                    let Some(end) = memchr2(b'\n', b'\r', rest) else {
                        return whole();
                    };
                    outside = next + end;
                    at = outside;
                }
                Some(quote) if next == 0 || self.ends_with_delimiter(before) => {
                    let rest = text.get(next + 1..).unwrap_or_default();
                    let Some(end) = quoted_len(rest, *quote) else {
                        return whole();
                    };
                    at = next + 1 + end;
                    outside = at;
                }
                _ => at = next + 1,
            }
        }
    }

    /// An end of one of the last rows of a text, or 0 if none has ended; there are no comments.
    fn last_row_end(&self, text: &[u8]) -> usize {
        /// The ends of rows are not searched more often than after this many bytes.
        const STEP: usize = 4 << 10;
        let Some(quote) = self.quote else {
            return lines_len(text, true);
        };
        let mut end = 0;
        // The text from `outside` to `at` is outside of quotes.
        let (mut outside, mut at) = (0, 0);
        loop {
            let next = text.get(at..).and_then(|rest| memchr(quote, rest));
            at = next.map_or(text.len(), |next| at + next);
            let (before, quoted) = text.split_at(at);
            if next.is_some() && !self.is_field_begin(before) {
                at += 1;
                continue;
            }
            let inside = quoted.get(1..);
            let length = inside.and_then(|inside| quoted_len(inside, quote));
            if length.is_none() || at - end >= STEP {
                let lines = before.get(outside..).unwrap_or_default();
                match lines_len(lines, next.is_none()) {
                    0 => {}
                    length => end = outside + length,
                }
            }
            let Some(length) = length else {
                return end;
            };
            at += 1 + length;
            outside = at;
        }
    }

    /// Whether a field begins after this text.
    fn is_field_begin(&self, text: &[u8]) -> bool {
        matches!(text.last(), None | Some(b'\n' | b'\r')) || self.ends_with_delimiter(text)
    }

    /// Whether a field begins after this text, which is not empty.
    fn ends_with_delimiter(&self, text: &[u8]) -> bool {
        match self.delimiter.as_deref() {
            Some([delimiter]) => text.last() == Some(delimiter),
            Some(delimiter) => text.ends_with(delimiter),
            None => {
                let begin = text.len().saturating_sub(3);
                (begin..text.len()).any(|at| {
                    let last = text.get(at..).unwrap_or_default();
                    space_char_len(last) == last.len()
                })
            }
        }
    }

    fn has_comment(&self, text: &[u8]) -> bool {
        let mut comments = self.comments.iter();
        comments.any(|comment| memmem::find(text, comment).is_some())
    }

    /// The length of the complete rows of a text except the last `footer` ones that are not empty; `None` if there is
    /// no such row. If the text is the last, what is left over is a row, too.
    pub(super) fn rows_len(&self, text: &[u8], is_last: bool, footer: usize) -> Option<usize> {
        if footer == 0 && is_last {
            return Some(text.len());
        }
        if footer == 0 && (self.quote.is_none() || self.comments.is_empty()) {
            return Some(self.last_row_end(text)).filter(|end| *end > 0);
        }
        // Where the last rows begin, and at last where the rows end.
        let mut ends = std::collections::VecDeque::new();
        let mut at = 0;
        while at < text.len() {
            let rest = text.get(at..).unwrap_or_default();
            let Some(length) = self.row_len(rest, is_last) else {
                break;
            };
            if footer > 0 && !self.is_empty(rest) {
                ends.push_back(at);
                if ends.len() > footer {
                    ends.pop_front();
                }
            }
            at += length;
        }
        let length = match ends.front() {
            Some(first) if ends.len() == footer => *first,
            Some(_) => 0,
            None if footer > 0 && !is_last => 0,
            None => at,
        };
        (is_last || length > 0).then_some(length)
    }
}

/// The length of the lines of a text that have ended; an unknown text may follow.
fn lines_len(text: &[u8], may_go_on: bool) -> usize {
    let newline = memrchr(b'\n', text).map_or(0, |at| at + 1);
    // A line feed may follow a carriage return that is the last byte.
    let known = text.len().saturating_sub(usize::from(may_go_on));
    let rest = text.get(newline..known).unwrap_or_default();
    newline + memrchr(b'\r', rest).map_or(0, |at| at + 1)
}

/// Appends a part of a field, which is copied only if there are others.
fn push<'a>(content: &mut Cow<'a, [u8]>, part: &'a [u8]) {
    if content.is_empty() {
        *content = Cow::Borrowed(part);
    } else if !part.is_empty() {
        content.to_mut().extend_from_slice(part);
    }
}

/// The length of what follows a row's fields, white space or a comment, with the line's end.
#[inline]
pub(super) fn rest_of_line_len(rest: &[u8]) -> usize {
    if rest.first() == Some(&b'\n') {
        return 1;
    }
    match memchr2(b'\n', b'\r', rest) {
        Some(end) if rest.get(end..end + 2) == Some(b"\r\n") => end + 2,
        Some(end) => end + 1,
        None => rest.len(),
    }
}

/// The number of bytes up to the end of a quoted field, with the closing quote.
fn quoted_len(text: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr(quote, text.get(at..)?)? + 1;
        match text.get(at) {
            Some(next) if *next == quote => at += 1,
            Some(_) => return Some(at),
            // Another quote may follow.
            None => return None,
        }
    }
}

/// The length in bytes of the white space character at the beginning of a text, by Python's `str.isspace`; 0 if there is
/// none, or a line end.
#[inline]
pub(super) fn space_char_len(text: &[u8]) -> usize {
    match text {
        [b' ' | b'\t' | 0x0b | 0x0c | 0x1c..=0x1f, ..] => 1,
        [0xc2, 0x85 | 0xa0, ..] => 2,
        [0xe1, 0x9a, 0x80, ..] | [0xe2, 0x81, 0x9f, ..] | [0xe3, 0x80, 0x80, ..] => 3,
        [0xe2, 0x80, 0x80..=0x8a | 0xa8 | 0xa9 | 0xaf, ..] => 3,
        _ => 0,
    }
}

/// A field without the white space around it, line ends included.
#[inline]
pub(super) fn trim(text: &[u8]) -> &[u8] {
    match text {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => trim_space(text),
    }
}

fn trim_space(mut text: &[u8]) -> &[u8] {
    loop {
        let length = match text {
            [b'\n' | b'\r', ..] => 1,
            text => space_char_len(text),
        };
        match text.get(length..) {
            Some(rest) if length > 0 => text = rest,
            _ => break,
        }
    }
    'end: loop {
        for length in 1..=3 {
            let Some((rest, last)) = text.len().checked_sub(length).map(|at| text.split_at(at))
            else {
                break;
            };
            if matches!(last, [b'\n' | b'\r']) || space_char_len(last) == length {
                text = rest;
                continue 'end;
            }
        }
        return text;
    }
}

/// The length of the text that Microsoft's old C libraries wrote after `1.` for what is not finite: `#INF`, `#IND`,
/// `#QNAN`, `#SNAN`, and digits; 0 if it is something else.
pub(super) fn special_len(text: &[u8]) -> usize {
    let words: [&[u8]; 4] = [b"#INF", b"#IND", b"#QNAN", b"#SNAN"];
    let Some(word) = words.iter().find(|word| text.starts_with(word)) else {
        return 0;
    };
    let rest = text.get(word.len()..).unwrap_or_default();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match rest.get(digits) {
        Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => 0,
        _ => word.len() + digits,
    }
}
