//! Rows of text as rows of items: [`RowParser`].

use super::super::item_parser::{Chunk, ChunkParser, ParsedChunk};
use super::column_parser::ColumnParser;
use super::columns::{Columns, Target, Targets};
use super::dialect::{AfterField, rest_of_line_len};
use super::fields::Fields;
use super::widths::Widths;
use crate::error::TextError;
use dtype::{ByteOrder, set_byte_order};

/// A parser of a table's rows.
#[derive(Clone, Debug)]
pub(super) struct RowParser {
    fields: Fields,
    pub(super) columns: Columns,
    /// The number of rows at the end that are not read.
    footer: usize,
}

impl ChunkParser for RowParser {
    fn chunk_len(&self, text: &[u8], is_last: bool) -> Option<usize> {
        self.fields.dialect.rows_len(text, is_last, self.footer)
    }

    fn parse(&self, chunk: &Chunk<'_>, max_items: usize, out: &mut Vec<u8>) -> ParsedChunk {
        let begin = out.len();
        let parsed = self.parse_rows(chunk.text, max_items, out);
        out.truncate(begin + parsed.count * self.columns.size);
        let dtype = &self.columns.dtype;
        if !dtype.is_native() {
            // The items are native, and what is swapped from one order to the other is swapped back in the same way.
            let items = out.get_mut(begin..).unwrap_or_default();
            set_byte_order(dtype, ByteOrder::NATIVE, items);
        }
        parsed
    }
}

/// The error in a row.
struct RowError {
    /// The byte offset in the row.
    at: usize,
    field: usize,
    problem: Box<TextError>,
}

impl RowParser {
    pub(super) fn new(fields: Fields, columns: Columns, footer: usize) -> RowParser {
        RowParser {
            fields,
            columns,
            footer,
        }
    }

    /// Appends the items of rows in native byte order, and then bytes that are no items.
    fn parse_rows(&self, text: &[u8], max_items: usize, out: &mut Vec<u8>) -> ParsedChunk {
        /// Room for items is made for many rows at once, in bytes.
        const ROOM: usize = 4 << 10;
        let size = self.columns.size;
        let mut parsed = ParsedChunk::default();
        let mut begin = out.len();
        let mut begins = Vec::new();
        let mut at = 0;
        while at < text.len() && parsed.count < max_items {
            let row = text.get(at..).unwrap_or_default();
            if self.fields.is_field(row) || !self.fields.dialect.is_empty(row) {
                if out.len() - begin < size {
                    out.resize(begin + size.max(ROOM), 0);
                }
                let items = out.get_mut(begin..begin + size).unwrap_or_default();
                match self.parse_row(row, items, &mut begins) {
                    Ok(length) => at += length,
                    Err(_) if self.is_skipped(row) => {
                        items.fill(0);
                        at += self.fields.dialect.row_len(row, true).unwrap_or(row.len());
                        parsed.length = at;
                        continue;
                    }
                    Err(error) => {
                        parsed.problem = Some((at + error.at, *error.problem));
                        parsed.field = Some(error.field);
                        return parsed;
                    }
                }
                parsed.count += 1;
                begin += size;
            }
            at += rest_of_line_len(text.get(at..).unwrap_or_default());
            parsed.length = at;
        }
        parsed
    }

    /// Parses the fields of a row, and returns where they end. `begins` is memory for the offsets of the fields.
    fn parse_row(
        &self,
        row: &[u8],
        items: &mut [u8],
        begins: &mut Vec<usize>,
    ) -> Result<usize, RowError> {
        match &self.columns.targets {
            Targets::Each { size } => {
                let parser = self.columns.parsers.first();
                // A type without a size has no parser.
                let mut items = items.chunks_exact_mut((*size).max(1));
                self.parse_fields(row, |_, text| match (parser, items.next()) {
                    (Some(parser), Some(item)) => self.parse_field(parser, text, item),
                    _ => self.fields.skip(text),
                })
            }
            Targets::Listed(targets) => {
                let mut targets = targets.as_slice();
                self.parse_fields(row, |field, text| {
                    let mut parsed = None;
                    while let Some((target, rest)) = targets.split_first()
                        && target.field == field
                    {
                        targets = rest;
                        if let Some((parser, item)) = self.columns.item(target, items) {
                            parsed = Some(self.parse_field(parser, text, item)?);
                        }
                    }
                    parsed.map_or_else(|| self.fields.skip(text), Ok)
                })
            }
            Targets::FromEnd(targets) => self.parse_from_end(targets, row, items, begins),
        }
    }

    /// Passes the text from each field on to `parse`, which returns the text after the field, and returns where the fields
    /// end.
    #[inline(always)]
    fn parse_fields<'a>(
        &self,
        row: &'a [u8],
        mut parse: impl FnMut(usize, &'a [u8]) -> Result<&'a [u8], Box<TextError>>,
    ) -> Result<usize, RowError> {
        if let Some(widths) = &self.fields.dialect.widths {
            return self.parse_fixed_fields(widths, row, parse);
        }
        let mut text = row
            .get(self.fields.dialect.first_field(row)..)
            .unwrap_or_default();
        let mut field = 0;
        let at = loop {
            let rest = match parse(field, text) {
                Ok(rest) => rest,
                Err(problem) => {
                    let at = row.len() - text.len();
                    return Err(RowError { at, field, problem });
                }
            };
            field += 1;
            match self.fields.after_field(rest) {
                AfterField::Field(distance) => text = rest.get(distance..).unwrap_or_default(),
                // A field ends where something follows.
                AfterField::End | AfterField::Other => break row.len() - rest.len(),
            }
        };
        self.check_count(field)?;
        Ok(at)
    }

    /// The same for fields of fixed widths.
    #[inline(never)]
    fn parse_fixed_fields<'a>(
        &self,
        widths: &Widths,
        row: &'a [u8],
        mut parse: impl FnMut(usize, &'a [u8]) -> Result<&'a [u8], Box<TextError>>,
    ) -> Result<usize, RowError> {
        let (mut field, mut error) = (0, None);
        widths.for_each(row, &self.fields.dialect, |at, raw| {
            let text = row.get(at..at + raw.length).unwrap_or_default();
            if error.is_none()
                && let Err(problem) = parse(field, text)
            {
                error = Some(RowError { at, field, problem });
            }
            field += 1;
        });
        if let Some(error) = error {
            return Err(error);
        }
        self.check_count(field)?;
        Ok(self.fields.dialect.without_end(row).len())
    }

    /// Whether a row is left out, which could not be parsed.
    #[inline(never)]
    fn is_skipped(&self, row: &[u8]) -> bool {
        self.fields.dialect.skips_ragged_rows
            && (self.fields.for_each(row, |_| {}))
                .is_ok_and(|(found, _)| self.columns.is_ragged(found))
    }

    /// Checks the number of fields of a row.
    #[inline(always)]
    fn check_count(&self, found: usize) -> Result<(), RowError> {
        let needed = match &self.columns.targets {
            Targets::Listed(_) => self.columns.needed(),
            Targets::Each { .. } | Targets::FromEnd(_) => 0,
        };
        let problem = match self.columns.count {
            Some(expected) if expected != found => TextError::Fields { expected, found },
            None if found < needed => {
                let index = needed as isize - 1;
                TextError::NoField { index, found }
            }
            _ => return Ok(()),
        };
        let last = self.columns.count.unwrap_or(needed);
        let field = found.min(last).saturating_sub(1);
        Err(RowError {
            at: 0,
            field,
            problem: Box::new(problem),
        })
    }

    /// Parses fields of which some are counted from the end of the row.
    fn parse_from_end(
        &self,
        targets: &[Target<isize>],
        row: &[u8],
        items: &mut [u8],
        begins: &mut Vec<usize>,
    ) -> Result<usize, RowError> {
        begins.clear();
        let widths = self.fields.dialect.widths.as_ref();
        let is_fixed = widths.is_some();
        let end = if let Some(widths) = widths {
            // A short row has fewer fields.
            widths.for_each(row, &self.fields.dialect, |at, _| begins.push(at));
            self.fields.dialect.without_end(row).len()
        } else {
            self.parse_fields(row, |_, text| {
                begins.push(row.len() - text.len());
                self.fields.skip(text)
            })?
        };
        let found = begins.len();
        for target in targets {
            let index = target.field;
            let field = match usize::try_from(index) {
                Ok(field) => Some(field),
                Err(_) => found.checked_sub(index.unsigned_abs()),
            };
            let Some((field, at)) = field.and_then(|field| Some((field, *begins.get(field)?)))
            else {
                let problem = TextError::NoField { index, found }.into();
                let (at, field) = (0, found - 1);
                return Err(RowError { at, field, problem });
            };
            let next = begins.get(field + 1).copied().unwrap_or(end);
            let text = if is_fixed {
                row.get(at..next)
            } else {
                row.get(at..)
            };
            let text = text.unwrap_or_default();
            if let Some((parser, item)) = self.columns.item(target, items) {
                self.parse_field(parser, text, item)
                    .map_err(|problem| RowError { at, field, problem })?;
            }
        }
        Ok(end)
    }

    /// Parses the field at the beginning of a text.
    #[inline(always)]
    fn parse_field<'a>(
        &self,
        parser: &ColumnParser,
        text: &'a [u8],
        item: &mut [u8],
    ) -> Result<&'a [u8], Box<TextError>> {
        if let Some(rest) = parser.parse_plain(text, &self.fields, item)
            && self.fields.after_field(rest) != AfterField::Other
        {
            return Ok(rest);
        }
        self.parse_any_field(parser, text, item)
    }

    /// The same for a field of any kind.
    #[inline(never)]
    fn parse_any_field<'a>(
        &self,
        parser: &ColumnParser,
        text: &'a [u8],
        item: &mut [u8],
    ) -> Result<&'a [u8], Box<TextError>> {
        let field = self.fields.dialect.raw_field(text)?;
        parser.parse_field(&field.content, item)?;
        Ok(text.get(field.length..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::dialect::Dialect;
    use super::super::field_rules::FieldRules;
    use super::*;
    use proptest::prelude::*;

    fn dialects() -> impl Strategy<Value = Dialect> {
        let delimiter = prop_oneof![
            Just(None),
            Just(Some(",")),
            Just(Some("\t")),
            Just(Some(" ")),
            Just(Some("\u{2192}")),
        ];
        let comments = prop_oneof![
            Just(vec![]),
            Just(vec![b"#".to_vec()]),
            Just(vec![b"//".to_vec(), b"1".to_vec()]),
        ];
        let quote = prop_oneof![Just(None), Just(Some(b'"'))];
        (delimiter, comments, quote).prop_map(|(delimiter, comments, quote)| Dialect {
            delimiter: delimiter.map(|delimiter: &str| delimiter.as_bytes().to_vec()),
            comments,
            quote,
            end_closes_quote: false,
            widths: None,
            skips_ragged_rows: false,
        })
    }

    const TEXT: &str =
        "([,\t \"#/\r\n12.e+-]|\"\"|nan|NA|j|\u{2192}|\u{a0}|a|tRue|,\"|\",|12345678|0\\.5){0,12}";

    proptest! {
        #[test]
        fn what_is_plain_is_as_what_is_not(dialect in dialects(), text in TEXT, missing: bool, number: bool) {
            let fields = Fields::new(dialect);
            let rules = FieldRules {
                may_be_missing: missing,
                missing_values: vec![if number { b"12".to_vec() } else { b"NA".to_vec() }],
                ..FieldRules::default()
            };
            for dtype in ["?", "i1", "u1", "i8", "f4", "f8", "c16", "S4", "U4"] {
                let parser = ColumnParser::new(&dtype.parse().unwrap(), &rules).unwrap();
                let (mut item, mut expected) = (vec![1; parser.size], vec![2; parser.size]);
                item.fill(0);
                let text = text.as_bytes();
                let Some(rest) = parser.parse_plain(text, &fields, &mut item) else {
                    continue;
                };
                if fields.after_field(rest) == AfterField::Other {
                    continue;
                }
                let field = fields.dialect.raw_field(text).unwrap();
                let found = parser.parse_field(&field.content, &mut expected);
                prop_assert!(found.is_ok(), "{dtype}");
                prop_assert_eq!(&item, &expected, "{}", dtype);
                let length = text.len() - rest.len();
                // White space after a number is no part of it.
                let space = text.get(length..field.length).unwrap();
                prop_assert_eq!(fields.dialect.space_len(space), space.len());
            }
        }

        #[test]
        fn fields_are_those_of_the_dialect(dialect in dialects(), row in TEXT) {
            let fields = Fields::new(dialect);
            let (row, mut at) = (row.as_bytes(), 0);
            let mut found = Vec::new();
            let Ok((count, end)) = fields.for_each(row, |field| found.push(field)) else {
                return Ok(());
            };
            prop_assert_eq!(count, found.len());
            at += fields.dialect.first_field(row);
            for (i, found) in found.into_iter().enumerate() {
                let field = fields.dialect.raw_field(&row[at..]).unwrap();
                prop_assert_eq!(&field.content, &found.content);
                prop_assert_eq!(field.is_quoted, found.is_quoted);
                at += field.length;
                match fields.dialect.after_field(&row[at..]) {
                    AfterField::Field(distance) if i + 1 < count => at += distance,
                    after => prop_assert!(i + 1 == count && !matches!(after, AfterField::Field(_))),
                }
            }
            prop_assert_eq!(at, end);
        }

        #[test]
        fn chunks_end_where_rows_do(dialect in dialects(), row in TEXT, count in 1usize..2000) {
            let text = row.repeat(count) + "\n1,\"";
            let text = text.as_bytes();
            let mut ends = vec![];
            let mut at = 0;
            while let Some(length) = dialect.row_len(&text[at..], false).filter(|length| *length > 0) {
                at += length;
                ends.push(at);
            }
            match dialect.rows_len(text, false, 0) {
                Some(end) => prop_assert!(ends.contains(&end), "{end}, not in {ends:?}"),
                None => prop_assert!(at < 8 << 10, "{at}"),
            }
        }
    }
}
