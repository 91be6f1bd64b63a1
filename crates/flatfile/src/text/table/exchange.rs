//! The rows of a table as programs exchange them, after RFC 4180: [`ExchangeFormatter`].

use super::super::format::{ConversionSpec, ConversionType, format_error, parse_format};
use super::super::format_item::push_short;
use super::super::value::TextStyle;
use super::super::write::SpecFormatter;
use super::super::write_blocks::Granularity;
use super::column_items::{MAX_COLUMNS, MAX_NAME_BYTES, TooMany, column_items};
use super::row_formatter::{Formats, RowFormatter, RowStyle, check_width};
use crate::error::{Error, ErrorKind, FieldError, refuse_objects};
use crate::scalar::{code_points, push_datetime, read_f64, time_count};
use crate::strided::Strided;
use dtype::{ByteOrder, DType, Number, NumberClass, TimeStep, TimeUnit, trim_nuls};
use std::collections::HashSet;

/// The formatter of the rows of a table for exchange.
#[derive(Debug)]
pub(super) struct ExchangeFormatter {
    columns: Vec<Column>,
    /// How often the columns occur in a row: once, or once for each of its items, which are all alike.
    repeats: usize,
    /// The distance between repeated columns in bytes.
    itemsize: usize,
    granularity: Granularity,
    quoting: Quoting,
    delimiter: Vec<u8>,
    newline: Vec<u8>,
}

/// One field of each row.
#[derive(Debug)]
struct Column {
    /// The name, in records.
    name: Option<String>,
    /// The offset of the item in the row's bytes.
    offset: usize,
    size: usize,
    value: Value,
    /// What the texts may contain.
    content: Content,
}

/// How items become text.
#[derive(Debug)]
enum Value {
    /// As `str` prints them.
    Number(SpecFormatter),
    /// The same, except for the one that does not read back.
    Single(SingleFormatter),
    /// The same without the brackets, which few programs read as part of a number.
    Complex(Box<Value>),
    Formatted(RowFormatter),
    Bytes,
    Str(ByteOrder),
    /// ISO 8601.
    Date(TimeStep, ByteOrder),
    /// The count.
    Duration(ByteOrder),
}

/// What the text of a field may contain, and so when it is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// Nothing that needs a quote.
    Plain,
    /// A number, which has no white space of its own.
    Number,
    Text,
}

/// Which texts are quoted, and how.
#[derive(Debug)]
struct Quoting {
    quote: Option<u8>,
    /// The bytes that need a quote.
    is_special: Box<[bool; 256]>,
}

impl ExchangeFormatter {
    /// The formatter for the rows of an array with at most two axes: a record is one row, whatever the axes.
    pub(super) fn new(
        view: &Strided<'_>,
        style: &RowStyle,
        quote: Option<u8>,
    ) -> Result<ExchangeFormatter, Error> {
        let dtype = view.dtype();
        refuse_objects(dtype)?;
        let is_record = matches!(dtype, DType::Record(_));
        let (granularity, width) = match view.shape() {
            [] | [_] => (Granularity::Item, 1),
            [_, _] if is_record => (Granularity::Item, 1),
            [_, width] => (Granularity::Row, *width),
            shape => {
                let why = format!(
                    "a table has two axes at most, the array {}: use .json, or --sep for a flat sequence",
                    shape.len()
                );
                return Err(ErrorKind::Shape(why).into());
            }
        };
        check_width(dtype, width)?;
        let items = column_items(dtype).map_err(|too_many| {
            ErrorKind::TableOptions(match too_many {
                TooMany::Columns => {
                    format!("the records have more than {MAX_COLUMNS} fields: use .json")
                }
                TooMany::NameBytes => format!(
                    "the names of the columns take more than {MAX_NAME_BYTES} bytes: use .json"
                ),
            })
        })?;
        let count = items.len();
        if let Formats::Columns(formats) = &style.formats
            && formats.len() != count.saturating_mul(width)
        {
            let why = format!(
                "{} formats for {} columns",
                formats.len(),
                count.saturating_mul(width)
            );
            return Err(format_error(&formats.join(&style.delimiter), 0, &why));
        }
        let quoting = Quoting::new(quote, style)?;
        // With a format for each they differ, otherwise they are all alike.
        let (distinct, repeats) = match style.formats {
            Formats::Columns(_) => (width, 1),
            _ => (1, width),
        };
        let mut columns = Vec::new();
        for index in 0..distinct {
            for item in &items {
                let format = match &style.formats {
                    Formats::Str => None,
                    Formats::One(format) => Some(format),
                    Formats::Columns(formats) => formats.get(columns.len()),
                };
                columns.push(Column::new(
                    &item.dtype,
                    index * dtype.itemsize() + item.offset,
                    is_record.then(|| item.name.clone()),
                    format.map(String::as_str),
                    &quoting,
                    style,
                )?);
            }
        }
        Ok(ExchangeFormatter {
            columns,
            repeats,
            itemsize: dtype.itemsize(),
            granularity,
            quoting,
            delimiter: style.delimiter.clone().into_bytes(),
            newline: style.newline.clone().into_bytes(),
        })
    }

    /// What is a row.
    pub(super) fn granularity(&self) -> Granularity {
        self.granularity
    }

    /// The line with the names of the columns; nothing if they have none.
    ///
    /// # Errors
    /// `TableOptions` if two columns have the same name, `TableField` if a name needs a quote and there is none.
    pub(super) fn header(&self) -> Result<Vec<u8>, Error> {
        let mut header = Vec::new();
        let mut found = HashSet::new();
        if self.columns.is_empty() {
            return Ok(header);
        }
        for (field, column) in self.columns.iter().enumerate() {
            let Some(name) = &column.name else {
                return Ok(Vec::new());
            };
            if !found.insert(name) {
                let what = format!(
                    "two columns would have the name {name:?}: write the table without names"
                );
                return Err(ErrorKind::TableOptions(what).into());
            }
            if field > 0 {
                header.extend_from_slice(&self.delimiter);
            }
            let begin = header.len();
            header.extend_from_slice(name.as_bytes());
            let quoted = self.quoting.quote(Content::Text, begin, &mut header);
            quoted.map_err(|problem| column.error(None, field, problem))?;
        }
        header.extend_from_slice(&self.newline);
        Ok(header)
    }

    /// Appends the text of a row.
    pub(super) fn push_row(
        &self,
        row: &[u8],
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let mut field = 0;
        for repeat in 0..self.repeats {
            for column in &self.columns {
                if field > 0 {
                    push_short(&self.delimiter, out);
                }
                let offset = column.offset + repeat * self.itemsize;
                let item = row.get(offset..offset + column.size).unwrap_or_default();
                let begin = out.len();
                column.push_item(item, index, field, out)?;
                if column.content != Content::Plain {
                    let quoted = self.quoting.quote(column.content, begin, out);
                    quoted.map_err(|problem| column.error(Some(index), field, problem))?;
                }
                field += 1;
            }
        }
        push_short(&self.newline, out);
        Ok(())
    }
}

impl Column {
    fn new(
        dtype: &DType,
        offset: usize,
        name: Option<String>,
        format: Option<&str>,
        quoting: &Quoting,
        style: &RowStyle,
    ) -> Result<Column, Error> {
        let decimal = style.decimal()?;
        // An invalid format is an error for texts, too, which do not need it.
        format.map(parse_format).transpose()?;
        let number = |dtype: DType| {
            let spec = ConversionSpec::of(ConversionType::Str, None);
            SpecFormatter::new(spec, dtype, TextStyle::Scalar).decimal(decimal)
        };
        let single = |order: &ByteOrder, wide: DType| {
            Value::Single(SingleFormatter {
                short: number(dtype.clone()),
                wide: number(wide),
                order: *order,
            })
        };
        let value = match (dtype, format) {
            (DType::Bool | DType::Number(..), Some(format)) => {
                Value::Formatted(RowFormatter::of_column(dtype, format, decimal)?)
            }
            (DType::Number(Number::F32, order), None) => single(order, DType::F64),
            (DType::Number(Number::C64, order), None) => {
                Value::Complex(single(order, DType::C128).into())
            }
            (DType::Number(kind, _), None) if kind.class() == NumberClass::Complex => {
                Value::Complex(Value::Number(number(dtype.clone())).into())
            }
            (DType::Bool | DType::Number(..), None) => Value::Number(number(dtype.clone())),
            (DType::Bytes(_), _) => Value::Bytes,
            (DType::Str(_, order), _) => Value::Str(*order),
            (DType::Datetime(step, order), _) => Value::Date(*step, *order),
            (DType::Timedelta(_, order), _) => Value::Duration(*order),
            _ => return Err(ErrorKind::TableType(dtype.clone()).into()),
        };
        let content = match value {
            Value::Bytes | Value::Str(_) => Content::Text,
            Value::Formatted(_) => Content::Number,
            _ if quoting.may_be_in_number(decimal) => Content::Number,
            _ => Content::Plain,
        };
        Ok(Column {
            name,
            offset,
            size: dtype.itemsize(),
            value,
            content,
        })
    }

    /// Appends the text of an item without quotes; the indices of the row and the field are only for errors.
    #[inline]
    fn push_item(
        &self,
        item: &[u8],
        row: usize,
        field: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if let Value::Number(formatter) = &self.value {
            return formatter.push_item(item, row, out);
        }
        let pushed = self.value.push_item(item, row, out)?;
        pushed.map_err(|problem| self.error(Some(row), field, problem))
    }

    #[cold]
    fn error(&self, row: Option<usize>, field: usize, problem: FieldError) -> Error {
        let name = self.name.clone();
        ErrorKind::TableField {
            row,
            field,
            name,
            problem,
        }
        .into()
    }
}

impl Value {
    /// Appends the text of an item without quotes; the index of the row is only for errors.
    fn push_item(
        &self,
        item: &[u8],
        row: usize,
        out: &mut Vec<u8>,
    ) -> Result<Result<(), FieldError>, Error> {
        match self {
            Value::Number(formatter) => formatter.push_item(item, row, out)?,
            Value::Single(formatter) => formatter.push_item(item, row, out)?,
            Value::Complex(value) => {
                let begin = out.len();
                let pushed = value.push_item(item, row, out)?;
                if out.get(begin) == Some(&b'(') {
                    out.remove(begin);
                    out.pop();
                }
                return Ok(pushed);
            }
            Value::Formatted(formatter) => formatter.push_row(item, row, out)?,
            Value::Bytes => return Ok(push_utf8(trim_nuls(item), out)),
            Value::Str(order) => return Ok(push_characters(item, *order, out)),
            Value::Date(step, order) => return Ok(push_date(item, *step, *order, out)),
            Value::Duration(order) => match time_count(item, *order) {
                Some(count) => {
                    let mut buffer = itoa::Buffer::new();
                    out.extend_from_slice(buffer.format(count).as_bytes());
                }
                None => out.extend_from_slice(b"NaT"),
            },
        }
        Ok(Ok(()))
    }
}

/// How `float32`, and complex numbers of two, become text.
///
/// The shortest text of a number reads back also if it is parsed as `float64` first, as NumPy and pandas do, although
/// it is rounded twice; but not that of `ROUNDED_TWICE`, of all `float32` the only one.
#[derive(Debug)]
struct SingleFormatter {
    short: SpecFormatter,
    wide: SpecFormatter,
    order: ByteOrder,
}

impl SingleFormatter {
    const ROUNDED_TWICE: f64 = f32::from_bits(0x15ae_43fd) as f64;

    fn push_item(&self, item: &[u8], row: usize, out: &mut Vec<u8>) -> Result<(), Error> {
        let parts = item.chunks_exact(size_of::<f32>());
        let parts = parts.map(|part| read_f64(Number::F32, self.order, part));
        if !parts.clone().any(|part| part.abs() == Self::ROUNDED_TWICE) {
            return self.short.push_item(item, row, out);
        }
        let wide: Vec<u8> = parts.flat_map(f64::to_ne_bytes).collect();
        self.wide.push_item(&wide, row, out)
    }
}

fn push_utf8(text: &[u8], out: &mut Vec<u8>) -> Result<(), FieldError> {
    let text = str::from_utf8(text).map_err(|error| FieldError::NotUtf8 {
        at: error.valid_up_to(),
    })?;
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn push_characters(item: &[u8], order: ByteOrder, out: &mut Vec<u8>) -> Result<(), FieldError> {
    for (at, point) in code_points(item, order).enumerate() {
        match char::from_u32(point) {
            Some(c) if c.is_ascii() => out.push(c as u8),
            Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => return Err(FieldError::NotCharacter { at, point }),
        }
    }
    Ok(())
}

fn push_date(
    item: &[u8],
    step: TimeStep,
    order: ByteOrder,
    out: &mut Vec<u8>,
) -> Result<(), FieldError> {
    // NumPy, too, has no text for it, and would read the count as a year.
    if step.unit == TimeUnit::Generic
        && let Some(count) = time_count(item, order)
    {
        return Err(FieldError::NoUnit { count });
    }
    let mut text = String::new();
    push_datetime(item, step, order, &mut text);
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

impl Quoting {
    /// # Errors
    /// `TableOptions` if a row could be divided in more than one way.
    fn new(quote: Option<u8>, style: &RowStyle) -> Result<Quoting, Error> {
        let invalid = |what: String| Err(ErrorKind::TableOptions(what).into());
        let Some(first) = style.delimiter.bytes().next() else {
            return invalid("the delimiter is empty".to_owned());
        };
        if style.delimiter.contains(['\r', '\n']) {
            return invalid(format!(
                "the delimiter {:?} contains a line end",
                style.delimiter
            ));
        }
        let mut is_special = Box::new([false; 256]);
        for (index, is_special) in is_special.iter_mut().enumerate() {
            let byte = index as u8;
            // Many readers take # for the beginning of a comment, but not inside quotes.
            *is_special = byte == first || Some(byte) == quote || b"\r\n#".contains(&byte);
        }
        if let Some(quote) = quote {
            let shown = char::from(quote);
            if !quote.is_ascii_punctuation() {
                return invalid(format!("the quote {shown:?} is not ASCII punctuation"));
            }
            if style.delimiter.contains(shown) {
                return invalid(format!("{shown:?} is both the quote and the delimiter"));
            }
            if style.decimal == shown {
                return invalid(format!("{shown:?} is both the quote and the decimal point"));
            }
        }
        Ok(Quoting { quote, is_special })
    }

    /// Whether numbers and times may contain bytes that need a quote.
    fn may_be_in_number(&self, decimal: u8) -> bool {
        let is_in_number =
            |byte: u8| byte.is_ascii_alphanumeric() || b"+-.:".contains(&byte) || byte == decimal;
        (0..=u8::MAX)
            .zip(*self.is_special)
            .any(|(byte, is_special)| is_special && is_in_number(byte))
    }

    /// Quotes the field at the end of `out`, which begins at this byte, if it needs a quote.
    #[inline]
    fn quote(&self, content: Content, begin: usize, out: &mut Vec<u8>) -> Result<(), FieldError> {
        let text = out.get(begin..).unwrap_or_default();
        if !self.needs_quote(content, text) {
            return Ok(());
        }
        let quote = self.quote.ok_or(FieldError::NoQuote)?;
        let text = out.split_off(begin);
        out.push(quote);
        for byte in text {
            if byte == quote {
                out.push(quote);
            }
            out.push(byte);
        }
        out.push(quote);
        Ok(())
    }

    fn needs_quote(&self, content: Content, text: &[u8]) -> bool {
        let is_special = |byte: &u8| self.is_special.get(usize::from(*byte)) == Some(&true);
        text.is_empty()
            || text.iter().any(is_special)
            || content == Content::Text && has_outer_space(text)
    }
}

/// Whether a text begins or ends with white space or a control character, which readers remove from fields; or begins
/// with a byte order mark, which they remove from files.
fn has_outer_space(text: &[u8]) -> bool {
    let is_outer = |byte: Option<&u8>| byte.is_some_and(|byte| *byte <= b' ' || !byte.is_ascii());
    if !is_outer(text.first()) && !is_outer(text.last()) {
        return false;
    }
    let is_space = |c: char| c <= ' ' || c == '\u{feff}' || c.is_whitespace();
    str::from_utf8(text).is_ok_and(|text| text.starts_with(is_space) || text.ends_with(is_space))
}
