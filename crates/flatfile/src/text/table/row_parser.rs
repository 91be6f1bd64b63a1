//! Rows of text as rows of items: [`RowParser`].

use super::super::item_parser::{Chunk, ChunkParser, ParsedChunk};
use super::column_parser::ColumnParser;
use super::columns::{Columns, Target, Targets};
use super::dialect::{AfterField, Dialect};
use crate::error::TextError;
use memchr::memchr2;

/// A parser of a table's rows.
#[derive(Clone, Debug)]
pub(super) struct RowParser {
    pub(super) dialect: Dialect,
    pub(super) columns: Columns,
    /// The number of rows at the end that are not read.
    pub(super) footer: usize,
}

impl ChunkParser for RowParser {
    fn chunk_len(&self, text: &[u8], is_last: bool) -> Option<usize> {
        self.dialect.rows_len(text, is_last, self.footer)
    }

    fn parse(&self, chunk: &Chunk<'_>, max_items: usize, out: &mut Vec<u8>) -> ParsedChunk {
        let text = chunk.text;
        let mut parsed = ParsedChunk::default();
        let mut scratch = Scratch::default();
        let mut at = 0;
        while at < text.len() && parsed.count < max_items {
            let row = text.get(at..).unwrap_or_default();
            let begin = out.len();
            if !self.dialect.is_empty(row) {
                out.resize(begin + self.columns.size, 0);
                let items = out.get_mut(begin..).unwrap_or_default();
                match self.parse_row(row, items, &mut scratch) {
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
            // The rest of the line is white space or a comment.
            let rest = text.get(at..).unwrap_or_default();
            at += match memchr2(b'\n', b'\r', rest) {
                Some(end) if rest.get(end..end + 2) == Some(b"\r\n") => end + 2,
                Some(end) => end + 1,
                None => rest.len(),
            };
            parsed.length = at;
        }
        parsed
    }
}

/// Buffers for one row.
#[derive(Debug, Default)]
struct Scratch {
    /// The bytes of an item.
    item: Vec<u8>,
    /// Where the fields begin.
    fields: Vec<usize>,
}

/// A field that was parsed.
#[derive(Clone, Copy)]
struct ParsedField {
    /// Its length in bytes.
    length: usize,
    /// The distance in bytes to what follows it, and what that is.
    after: (usize, AfterField),
}

/// The error in a row.
struct RowError {
    /// The byte offset in the row.
    at: usize,
    field: usize,
    problem: TextError,
}

impl RowParser {
    /// Parses the fields of a row, and returns where they end.
    fn parse_row(
        &self,
        row: &[u8],
        items: &mut [u8],
        scratch: &mut Scratch,
    ) -> Result<usize, RowError> {
        match &self.columns.targets {
            Targets::Each { size } => {
                let parser = self.columns.parsers.first();
                let item = &mut scratch.item;
                self.parse_fields(row, |field, text| {
                    let (Some(parser), Some(bytes)) = (parser, items.get_mut(field * size..))
                    else {
                        return self.skip_field(text);
                    };
                    self.parse_field(parser, text, bytes, item)
                })
            }
            Targets::Listed(targets) => {
                let mut targets = targets.as_slice();
                let item = &mut scratch.item;
                self.parse_fields(row, |field, text| {
                    let mut parsed = None;
                    while let Some((target, rest)) = targets.split_first()
                        && target.field == field
                    {
                        targets = rest;
                        let parser = self.columns.parsers.get(target.parser);
                        if let (Some(parser), Some(bytes)) =
                            (parser, items.get_mut(target.offset..))
                        {
                            parsed = Some(self.parse_field(parser, text, bytes, item)?);
                        }
                    }
                    parsed.map_or_else(|| self.skip_field(text), Ok)
                })
            }
            Targets::FromEnd(targets) => self.parse_from_end(targets, row, items, scratch),
        }
    }

    /// Passes the text from each field on to `parse`, which returns the field's length in bytes, and returns where the
    /// fields end.
    #[inline]
    fn parse_fields<'a>(
        &self,
        row: &'a [u8],
        mut parse: impl FnMut(usize, &'a [u8]) -> Result<ParsedField, TextError>,
    ) -> Result<usize, RowError> {
        let mut at = self.dialect.first_field(row);
        let mut field = 0;
        loop {
            let parsed = parse(field, row.get(at..).unwrap_or_default());
            let parsed = parsed.map_err(|problem| RowError { at, field, problem })?;
            at += parsed.length;
            field += 1;
            match parsed.after {
                (space_len, AfterField::Field(length)) => at += space_len + length,
                // A field ends where something follows.
                (_, AfterField::End | AfterField::Other) => break,
            }
        }
        let found = field;
        let needed = match &self.columns.targets {
            Targets::Listed(targets) => targets.last().map_or(0, |target| target.field + 1),
            Targets::Each { .. } | Targets::FromEnd(_) => 0,
        };
        let problem = match self.columns.count {
            Some(expected) if expected != found => TextError::Fields { expected, found },
            None if found < needed => {
                let index = needed as isize - 1;
                TextError::NoField { index, found }
            }
            _ => return Ok(at),
        };
        let last = self.columns.count.unwrap_or(needed);
        let field = found.min(last).saturating_sub(1);
        Err(RowError {
            at: 0,
            field,
            problem,
        })
    }

    /// Parses fields of which some are counted from the end of the row.
    fn parse_from_end(
        &self,
        targets: &[Target<isize>],
        row: &[u8],
        items: &mut [u8],
        scratch: &mut Scratch,
    ) -> Result<usize, RowError> {
        let begins = &mut scratch.fields;
        begins.clear();
        let end = self.parse_fields(row, |_, text| {
            begins.push(row.len() - text.len());
            self.skip_field(text)
        })?;
        let found = begins.len();
        for target in targets {
            let index = target.field;
            let field = match usize::try_from(index) {
                Ok(field) => Some(field),
                Err(_) => found.checked_sub(index.unsigned_abs()),
            };
            let Some((field, at)) = field.and_then(|field| Some((field, *begins.get(field)?)))
            else {
                let problem = TextError::NoField { index, found };
                let (at, field) = (0, found - 1);
                return Err(RowError { at, field, problem });
            };
            let text = row.get(at..).unwrap_or_default();
            let parser = self.columns.parsers.get(target.parser);
            if let (Some(parser), Some(bytes)) = (parser, items.get_mut(target.offset..)) {
                self.parse_field(parser, text, bytes, &mut scratch.item)
                    .map_err(|problem| RowError { at, field, problem })?;
            }
        }
        Ok(end)
    }

    fn skip_field(&self, text: &[u8]) -> Result<ParsedField, TextError> {
        Ok(self.parsed(text, self.dialect.raw_field(text)?.length))
    }

    /// A field of this length at the beginning of a text.
    fn parsed(&self, text: &[u8], length: usize) -> ParsedField {
        let rest = text.get(length..).unwrap_or_default();
        let after = self.dialect.after_field(rest);
        ParsedField { length, after }
    }

    /// Parses the field at the beginning of a text.
    #[inline]
    fn parse_field(
        &self,
        parser: &ColumnParser,
        text: &[u8],
        item: &mut [u8],
        scratch: &mut Vec<u8>,
    ) -> Result<ParsedField, TextError> {
        // Most fields are numbers whose end is found by parsing them.
        if parser.is_plain_number() {
            let space_len = self.dialect.space_len(text);
            let number = text.get(space_len..).unwrap_or_default();
            if let Some(length) = parser.parse_plain_number(number, item, scratch) {
                let parsed = self.parsed(text, space_len + length);
                if !matches!(parsed.after, (_, AfterField::Other)) {
                    return Ok(parsed);
                }
            }
        }
        let field = self.dialect.raw_field(text)?;
        parser.parse_field(field.content(), item, scratch)?;
        Ok(self.parsed(text, field.length))
    }
}
