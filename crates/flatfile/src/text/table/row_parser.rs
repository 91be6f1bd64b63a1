//! Lines of text as rows: [`RowParser`].

use super::super::item_parser::{Chunk, ChunkParser, ParsedChunk};
use super::super::separator::SplitPoint;
use super::super::separator::excerpt;
use super::column_parser::ColumnParser;
use super::columns::Columns;
use crate::error::TextError;
use memchr::memchr;

/// How a line is divided into fields.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    /// The delimiter between fields; white space if there is none.
    pub(super) delimiter: Option<Vec<u8>>,
    /// The texts that begin a comment.
    pub(super) comments: Vec<Vec<u8>>,
    pub(super) quote: Option<u8>,
}

/// A parser of a table's lines.
#[derive(Clone, Debug)]
pub(super) struct RowParser {
    pub(super) dialect: Dialect,
    pub(super) columns: Columns,
}

/// The text after a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AfterField {
    /// Another field, at this distance in bytes.
    Field(usize),
    /// The end of the line.
    End,
    Other,
}

/// A field that is not parsed in place.
struct RawField<'a> {
    /// Its text, if it has no quotes.
    text: &'a [u8],
    /// Its text without the quotes, if it has some.
    unquoted: Option<Vec<u8>>,
    /// Its length in bytes.
    length: usize,
}

impl Dialect {
    /// Whether a byte is white space that is neither a line end nor a delimiter.
    fn is_space(&self, byte: u8) -> bool {
        let is_delimiter = || match self.delimiter.as_deref() {
            Some([delimiter]) => *delimiter == byte,
            _ => false,
        };
        matches!(byte, b' ' | b'\t' | 0x0b | 0x0c) && !is_delimiter()
    }

    fn space_len(&self, text: &[u8]) -> usize {
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
        let space_len = match (&self.delimiter, line) {
            // A field of only white space is a field.
            (Some(_), [b' ' | b'\t', ..]) => {
                let text = line.get(self.space_len(line)..).unwrap_or_default();
                let comment = self.is_end(text) && !matches!(text, [] | [b'\n' | b'\r', ..]);
                return comment;
            }
            (Some(_), _) => 0,
            (None, _) => self.space_len(line),
        };
        self.is_end(line.get(space_len..).unwrap_or_default())
    }

    /// The kind of text after a field, skipping white space.
    #[inline]
    fn after_field(&self, text: &[u8]) -> (usize, AfterField) {
        let space_len = self.space_len(text);
        let rest = text.get(space_len..).unwrap_or_default();
        if let Some(delimiter) = &self.delimiter {
            if rest.starts_with(delimiter) {
                return (space_len, AfterField::Field(delimiter.len()));
            }
        } else if space_len > 0 && !self.is_end(rest) {
            return (space_len, AfterField::Field(0));
        }
        if self.is_end(rest) {
            (space_len, AfterField::End)
        } else {
            (space_len, AfterField::Other)
        }
    }

    /// The field at the beginning of a text.
    fn raw_field<'a>(&self, text: &'a [u8]) -> Result<RawField<'a>, TextError> {
        if self.quote.is_some_and(|quote| text.first() == Some(&quote)) {
            return self.quoted_field(text);
        }
        let length = self.unquoted_len(text);
        Ok(RawField {
            text: text.get(..length).unwrap_or_default(),
            unquoted: None,
            length,
        })
    }

    /// The number of bytes before the next delimiter or end.
    fn unquoted_len(&self, text: &[u8]) -> usize {
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
    fn quoted_field<'a>(&self, text: &'a [u8]) -> Result<RawField<'a>, TextError> {
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
        let rest = text.get(at + 1..).unwrap_or_default();
        let more = self.unquoted_len(rest);
        unquoted.extend_from_slice(rest.get(..more).unwrap_or_default());
        Ok(RawField {
            text: &[],
            unquoted: Some(unquoted),
            length: at + 1 + more,
        })
    }

    /// Passes the text of each of a line's fields to `visit`, and returns their number.
    pub(super) fn for_each_field(
        &self,
        line: &[u8],
        mut visit: impl FnMut(&[u8]),
    ) -> Result<usize, TextError> {
        let mut count = 0;
        let mut at = if self.delimiter.is_none() {
            self.space_len(line)
        } else {
            0
        };
        loop {
            let raw = self.raw_field(line.get(at..).unwrap_or_default())?;
            at += raw.length;
            count += 1;
            visit(raw.unquoted.as_deref().unwrap_or(raw.text));
            match self.after_field(line.get(at..).unwrap_or_default()) {
                (space_len, AfterField::Field(length)) => at += space_len + length,
                _ => return Ok(count),
            }
        }
    }
}

impl ChunkParser for RowParser {
    fn split_point(&self) -> Option<SplitPoint> {
        Some(SplitPoint::Line)
    }

    fn parse(&self, chunk: &Chunk<'_>, max_items: usize, out: &mut Vec<u8>) -> ParsedChunk {
        let text = chunk.text;
        let mut parsed = ParsedChunk::default();
        let mut scratch = Vec::new();
        let mut at = 0;
        while at < text.len() && parsed.count < max_items {
            let line = text.get(at..).unwrap_or_default();
            let begin = out.len();
            if !self.dialect.is_empty(line) {
                out.resize(begin + self.columns.size, 0);
                let row = out.get_mut(begin..).unwrap_or_default();
                match self.parse_row(line, row, &mut scratch) {
                    Ok(length) => at += length,
                    Err(error) => {
                        out.truncate(begin);
                        parsed.problem = Some((at + error.at, error.problem));
                        parsed.field = Some(error.field);
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
struct RowError {
    /// The byte offset in its line.
    at: usize,
    field: usize,
    problem: TextError,
}

impl RowParser {
    /// Parses the fields of a line, and returns where they end.
    fn parse_row(
        &self,
        line: &[u8],
        row: &mut [u8],
        scratch: &mut Vec<u8>,
    ) -> Result<usize, RowError> {
        let is_spaced = self.dialect.delimiter.is_none();
        let (mut at, mut field) = (0, 0);
        if is_spaced {
            at = self.dialect.space_len(line);
        }
        loop {
            let parsers = self.columns.fields.get(field).map(Vec::as_slice);
            let parsers = parsers.unwrap_or_default();
            let read = self.parse_field(parsers, line, at, row, scratch);
            at = read.map_err(|(at, problem)| RowError { at, field, problem })?;
            let rest = line.get(at..).unwrap_or_default();
            let (space_len, after_field) = self.dialect.after_field(rest);
            field += 1;
            match after_field {
                AfterField::Field(length) => at += space_len + length,
                AfterField::End => break,
                AfterField::Other => {
                    let at = at + space_len;
                    let found = excerpt(line.get(at..).unwrap_or_default());
                    let expected = match &self.dialect.delimiter {
                        Some(delimiter) => String::from_utf8_lossy(delimiter).into_owned(),
                        None => " ".to_owned(),
                    };
                    let problem = TextError::Separator { expected, found };
                    let field = field - 1;
                    return Err(RowError { at, field, problem });
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
        Err(RowError {
            at: 0,
            field,
            problem,
        })
    }

    /// Reads one field, and returns where it ends.
    #[inline]
    fn parse_field(
        &self,
        parsers: &[ColumnParser],
        line: &[u8],
        at: usize,
        row: &mut [u8],
        scratch: &mut Vec<u8>,
    ) -> Result<usize, (usize, TextError)> {
        let text = line.get(at..).unwrap_or_default();
        let is_quoted = self
            .dialect
            .quote
            .is_some_and(|quote| text.first() == Some(&quote));
        if let ([parser], false) = (parsers, is_quoted)
            && parser.is_number()
        {
            let space_len = self.dialect.space_len(text);
            let number = text.get(space_len..).unwrap_or_default();
            return match parser.parse_number(number, row, scratch) {
                Ok(length) => Ok(at + space_len + length),
                Err(problem) => Err((at + space_len, self.or_empty(number, problem))),
            };
        }
        let raw = self
            .dialect
            .raw_field(text)
            .map_err(|problem| (at, problem))?;
        let content = raw.unquoted.as_deref().unwrap_or(raw.text);
        for parser in parsers {
            let read = parser.parse_field(content, row, scratch);
            read.map_err(|problem| (at, problem))?;
        }
        Ok(at + raw.length)
    }

    /// The error for an empty field, if the field is empty; else `problem`.
    fn or_empty(&self, text: &[u8], problem: TextError) -> TextError {
        let is_over = matches!(
            self.dialect.after_field(text),
            (_, AfterField::End | AfterField::Field(1..))
        );
        match problem {
            TextError::Item { expected, .. } if is_over => TextError::Empty { expected },
            problem => problem,
        }
    }
}
