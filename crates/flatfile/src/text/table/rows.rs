//! Lines of text as rows: [`Rows`].

use super::super::piece::{Parsed, Parser, Piece};

use super::super::separator::Cut;
use super::super::separator::beginning;
use super::columns::Columns;
use super::field::Field;
use crate::error::TextError;
use memchr::memchr;

/// How a line is divided into fields.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// The delimiter between fields; white space if there is none.
    pub(super) delimiter: Option<Vec<u8>>,
    /// The texts that begin a comment.
    pub(super) comments: Vec<Vec<u8>>,
    pub(super) quote: Option<u8>,
}

/// The parser of a table's lines.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) lines: Lines,
    pub(super) columns: Columns,
}

/// The text after a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behind {
    /// Another field, at this distance in bytes.
    Field(usize),
    /// The end of the line.
    End,
    Other,
}

/// A field that is not parsed in place.
struct Raw<'a> {
    /// Its text, if it has no quotes.
    text: &'a [u8],
    /// Its text without the quotes, if it has some.
    unquoted: Option<Vec<u8>>,
    /// Its length in bytes.
    length: usize,
}

impl Lines {
    /// White space without a meaning: not a line end, and not a delimiter.
    fn is_space(&self, byte: u8) -> bool {
        let is_delimiter = || match self.delimiter.as_deref() {
            Some([delimiter]) => *delimiter == byte,
            _ => false,
        };
        matches!(byte, b' ' | b'\t' | 0x0b | 0x0c) && !is_delimiter()
    }

    fn spaces(&self, text: &[u8]) -> usize {
        text.iter().take_while(|byte| self.is_space(**byte)).count()
    }

    fn is_end(&self, text: &[u8]) -> bool {
        match text {
            [] | [b'\n', ..] | [b'\r'] | [b'\r', b'\n', ..] => true,
            [first, ..] => {
                let begins =
                    |comment: &Vec<u8>| comment.first() == Some(first) && text.starts_with(comment);
                self.comments.iter().any(begins)
            }
        }
    }

    /// Whether a line has no fields.
    pub(super) fn is_empty(&self, line: &[u8]) -> bool {
        let spaces = match (&self.delimiter, line) {
            // A field of only white space is a field.
            (Some(_), [b' ' | b'\t', ..]) => {
                let text = line.get(self.spaces(line)..).unwrap_or_default();
                let comment = self.is_end(text) && !matches!(text, [] | [b'\n' | b'\r', ..]);
                return comment;
            }
            (Some(_), _) => 0,
            (None, _) => self.spaces(line),
        };
        self.is_end(line.get(spaces..).unwrap_or_default())
    }

    /// The kind of text after a field, skipping white space.
    #[inline]
    fn behind(&self, text: &[u8]) -> (usize, Behind) {
        let spaces = self.spaces(text);
        let rest = text.get(spaces..).unwrap_or_default();
        if let Some(delimiter) = &self.delimiter {
            if rest.starts_with(delimiter) {
                return (spaces, Behind::Field(delimiter.len()));
            }
        } else if spaces > 0 && !self.is_end(rest) {
            return (spaces, Behind::Field(0));
        }
        if self.is_end(rest) {
            (spaces, Behind::End)
        } else {
            (spaces, Behind::Other)
        }
    }

    /// The field at the beginning of a text.
    fn raw<'a>(&self, text: &'a [u8]) -> Result<Raw<'a>, TextError> {
        if self.quote.is_some_and(|quote| text.first() == Some(&quote)) {
            return self.quoted(text);
        }
        let length = self.plain(text);
        Ok(Raw {
            text: text.get(..length).unwrap_or_default(),
            unquoted: None,
            length,
        })
    }

    /// The number of bytes before the next delimiter or end.
    fn plain(&self, text: &[u8]) -> usize {
        let is_over = |at: &usize| {
            let rest = text.get(*at..).unwrap_or_default();
            let is_between = match &self.delimiter {
                Some(delimiter) => rest.starts_with(delimiter),
                None => rest.first().is_some_and(|byte| self.is_space(*byte)),
            };
            is_between || self.is_end(rest)
        };
        (0..text.len()).find(is_over).unwrap_or(text.len())
    }

    /// A field that begins with a quote; two quotes inside it are one.
    fn quoted<'a>(&self, text: &'a [u8]) -> Result<Raw<'a>, TextError> {
        let mut unquoted = Vec::new();
        let mut at = 1;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            match rest {
                [] | [b'\n', ..] | [b'\r', b'\n', ..] => return Err(TextError::OpenQuote),
                [first, second, ..] if Some(*first) == self.quote && first == second => {
                    unquoted.push(*first);
                    at += 2;
                }
                [first, ..] if Some(*first) == self.quote => break,
                [first, ..] => {
                    unquoted.push(*first);
                    at += 1;
                }
            }
        }
        let behind = text.get(at + 1..).unwrap_or_default();
        let more = self.plain(behind);
        unquoted.extend_from_slice(behind.get(..more).unwrap_or_default());
        Ok(Raw {
            text: &[],
            unquoted: Some(unquoted),
            length: at + 1 + more,
        })
    }

    /// Passes the text of each of a line's fields to `take`, and returns their number.
    pub(super) fn fields(
        &self,
        line: &[u8],
        mut take: impl FnMut(&[u8]),
    ) -> Result<usize, TextError> {
        let mut count = 0;
        let mut at = if self.delimiter.is_none() {
            self.spaces(line)
        } else {
            0
        };
        loop {
            let raw = self.raw(line.get(at..).unwrap_or_default())?;
            at += raw.length;
            count += 1;
            take(raw.unquoted.as_deref().unwrap_or(raw.text));
            match self.behind(line.get(at..).unwrap_or_default()) {
                (spaces, Behind::Field(length)) => at += spaces + length,
                _ => return Ok(count),
            }
        }
    }
}

impl Parser for Rows {
    fn cut(&self) -> Option<Cut> {
        Some(Cut::Line)
    }

    fn parse(&self, piece: &Piece<'_>, most: usize, out: &mut Vec<u8>) -> Parsed {
        let text = piece.text;
        let mut parsed = Parsed::default();
        let mut scratch = Vec::new();
        let mut at = 0;
        while at < text.len() && parsed.count < most {
            let line = text.get(at..).unwrap_or_default();
            let begin = out.len();
            if !self.lines.is_empty(line) {
                out.resize(begin + self.columns.size, 0);
                let row = out.get_mut(begin..).unwrap_or_default();
                match self.row(line, row, &mut scratch) {
                    Ok(length) => at += length,
                    Err(wrong) => {
                        out.truncate(begin);
                        parsed.problem = Some((at + wrong.at, wrong.problem));
                        parsed.field = Some(wrong.field);
                        return parsed;
                    }
                }
                parsed.count += 1;
            }
            // The rest of the line is a comment.
            let rest = text.get(at..).unwrap_or_default();
            let end = memchr(b'\n', rest);
            at += end.map_or(rest.len(), |end| end + 1);
            parsed.length = at;
        }
        parsed
    }
}

/// The error in a row.
struct Wrong {
    /// The byte offset in its line.
    at: usize,
    field: usize,
    problem: TextError,
}

impl Rows {
    /// Parses the fields of a line, and returns where they end.
    fn row(&self, line: &[u8], row: &mut [u8], scratch: &mut Vec<u8>) -> Result<usize, Wrong> {
        let is_spaced = self.lines.delimiter.is_none();
        let (mut at, mut field) = (0, 0);
        if is_spaced {
            at = self.lines.spaces(line);
        }
        loop {
            let wanted = self.columns.fields.get(field).map(Vec::as_slice);
            let wanted = wanted.unwrap_or_default();
            let read = self.field(wanted, line, at, row, scratch);
            at = read.map_err(|(at, problem)| Wrong { at, field, problem })?;
            let rest = line.get(at..).unwrap_or_default();
            let (spaces, behind) = self.lines.behind(rest);
            field += 1;
            match behind {
                Behind::Field(length) => at += spaces + length,
                Behind::End => break,
                Behind::Other => {
                    let at = at + spaces;
                    let found = beginning(line.get(at..).unwrap_or_default());
                    let expected = match &self.lines.delimiter {
                        Some(delimiter) => String::from_utf8_lossy(delimiter).into_owned(),
                        None => " ".to_owned(),
                    };
                    let problem = TextError::Separator { expected, found };
                    let field = field - 1;
                    return Err(Wrong { at, field, problem });
                }
            }
        }
        let found = field;
        let problem = match self.columns.count {
            Some(expected) if expected != found => TextError::Fields { expected, found },
            None if found < self.columns.fields.len() => {
                let index = self.columns.fields.len() as isize - 1;
                TextError::NoField { index, found }
            }
            _ => return Ok(at),
        };
        let field = found.min(self.columns.fields.len()).saturating_sub(1);
        Err(Wrong {
            at: 0,
            field,
            problem,
        })
    }

    /// Reads one field, and returns where it ends.
    #[inline]
    fn field(
        &self,
        wanted: &[Field],
        line: &[u8],
        at: usize,
        row: &mut [u8],
        scratch: &mut Vec<u8>,
    ) -> Result<usize, (usize, TextError)> {
        let text = line.get(at..).unwrap_or_default();
        let is_quoted = self
            .lines
            .quote
            .is_some_and(|quote| text.first() == Some(&quote));
        if let ([field], false) = (wanted, is_quoted)
            && field.is_number()
        {
            let spaces = self.lines.spaces(text);
            let number = text.get(spaces..).unwrap_or_default();
            return match field.number(number, row, scratch) {
                Ok(length) => Ok(at + spaces + length),
                Err(problem) => Err((at + spaces, self.empty(number, problem))),
            };
        }
        let raw = self.lines.raw(text).map_err(|problem| (at, problem))?;
        let content = raw.unquoted.as_deref().unwrap_or(raw.text);
        for field in wanted {
            let read = field.text(content, row, scratch);
            read.map_err(|problem| (at, problem))?;
        }
        Ok(at + raw.length)
    }

    /// The error for an empty field.
    fn empty(&self, text: &[u8], problem: TextError) -> TextError {
        let is_over = matches!(
            self.lines.behind(text),
            (_, Behind::End | Behind::Field(1..))
        );
        match problem {
            TextError::Item { expected, .. } if is_over => TextError::Empty { expected },
            problem => problem,
        }
    }
}
