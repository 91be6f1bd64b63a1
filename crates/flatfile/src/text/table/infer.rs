//! The types of columns, found out from their fields: [`ColumnScan`].

use super::column_items::{ColumnItem, column_count};
use super::column_parser::ColumnParser;
use super::columns::{ColumnRequest, needed, text_items};
use super::dialect::{Dialect, rest_of_line_len, trim};
use super::field_rules::FieldRules;
use super::fields::Fields;
use super::name_validator::NameValidator;
use crate::error::{Error, TextError};
use crate::scalar::parse_time;
use crate::threads::{available, parallel_map};
use dtype::{ByteOrder, DType, Number, Record, Subarray, TimeStep, TimeUnit};

/// One long text makes all others of its column as long. An array of more than this many times the bytes of its text, and
/// this many more, is an error.
const MAX_RATIO: u128 = 64;
const MIN_LIMIT: u128 = 1 << 20;

/// The least text in bytes for which another thread is worth its start.
const MIN_PART: usize = 1 << 20;

/// The kind of a column's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Class {
    /// There is no value yet.
    #[default]
    Nothing,
    Bool,
    /// From 0 to `i64::MAX`.
    Natural,
    /// From 0 to `u64::MAX`, and some are too large for `i64`.
    Unsigned,
    /// `i64`, and some are negative.
    Signed,
    Float,
    Complex,
    Date(TimeUnit),
    Text,
}

impl Class {
    /// The kind of both.
    fn merge(self, other: Class) -> Class {
        use Class::{Complex, Date, Float, Natural, Nothing, Signed, Text, Unsigned};
        let is_number = |class| matches!(class, Natural | Unsigned | Signed | Float | Complex);
        match (self, other) {
            (one, other) if one == other => one,
            (Nothing, one) | (one, Nothing) => one,
            (Natural, one @ (Unsigned | Signed)) | (one @ (Unsigned | Signed), Natural) => one,
            (Date(one), Date(other)) => Date(one.max(other)),
            (Complex, one) | (one, Complex) if is_number(one) => Complex,
            (one, other) if is_number(one) && is_number(other) => Float,
            _ => Text,
        }
    }
}

/// What the fields of a column have in common.
#[derive(Clone, Copy, Debug, Default)]
struct ColumnScan {
    class: Class,
    has_missing: bool,
    /// The most characters of a field.
    chars: usize,
    /// The most bytes of a field in UTF-8.
    bytes: usize,
}

impl ColumnScan {
    fn merge(self, other: ColumnScan) -> ColumnScan {
        ColumnScan {
            class: self.class.merge(other.class),
            has_missing: self.has_missing || other.has_missing,
            chars: self.chars.max(other.chars),
            bytes: self.bytes.max(other.bytes),
        }
    }
}

/// What finds out the kind of a column's fields.
#[derive(Debug)]
struct FieldScanner {
    rules: FieldRules,
    float: ColumnParser,
    complex: ColumnParser,
    is_typed: bool,
}

impl FieldScanner {
    /// If `is_typed`, only lengths are of interest.
    fn new(rules: FieldRules, is_typed: bool) -> Result<FieldScanner, Error> {
        let parser = |number| {
            let number = DType::Number(number, ByteOrder::NATIVE);
            let rules = FieldRules {
                notation: rules.notation,
                // A number is one even if the type cannot hold it.
                is_lenient: true,
                ..FieldRules::default()
            };
            ColumnParser::new(&number, &rules)
        };
        Ok(FieldScanner {
            float: parser(Number::F64)?,
            complex: parser(Number::C128)?,
            rules,
            is_typed,
        })
    }

    fn scan(&self, text: &[u8], column: &mut ColumnScan) {
        let text = self.rules.converted(text);
        if column.class != Class::Text && !self.is_typed {
            let is_missing = self.rules.is_missing(&text) || trim(&text).is_empty();
            column.has_missing |= is_missing;
            if !is_missing {
                column.class = column.class.merge(self.class(&text));
            }
        }
        if text.len() > column.chars {
            // A byte that continues a character counts for nothing.
            let chars = text.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
            column.chars = column.chars.max(chars);
            column.bytes = column.bytes.max(text.len());
        }
    }

    /// The kind of a value.
    fn class(&self, text: &[u8]) -> Class {
        let trimmed = trim(text);
        if let Some(class) = integer_class(trimmed) {
            return class;
        }
        if self.float.is_plain_number(trimmed, &mut [0; 8]) {
            return Class::Float;
        }
        let reads = |parser: &ColumnParser| parser.parse_field(trimmed, &mut [0; 16]).is_ok();
        let is_word = |word: &str| trimmed.eq_ignore_ascii_case(word.as_bytes());
        if is_word("true") || is_word("false") {
            Class::Bool
        } else if let Some(unit) = date_unit(text) {
            // No date is a number, in whichever notation.
            Class::Date(unit)
        } else if reads(&self.float) {
            Class::Float
        } else if reads(&self.complex) {
            Class::Complex
        } else {
            Class::Text
        }
    }

    /// The type of a column.
    fn dtype(&self, column: ColumnScan) -> DType {
        let mut class = column.class;
        if column.has_missing && self.rules.may_be_missing {
            let filling = match &self.rules.filling_value {
                Some(filling) => self.class(filling.as_bytes()),
                // Those that have no value for what is missing.
                None if self.rules.is_loose && class != Class::Nothing => class,
                None if class == Class::Bool => Class::Text,
                None if matches!(class, Class::Date(_) | Class::Complex) => class,
                None => Class::Float,
            };
            class = class.merge(filling);
        }
        let number = |number| DType::Number(number, ByteOrder::NATIVE);
        match class {
            Class::Bool => DType::Bool,
            Class::Natural | Class::Signed => number(Number::I64),
            Class::Unsigned => number(Number::U64),
            Class::Float => number(Number::F64),
            Class::Complex => number(Number::C128),
            Class::Date(unit) => DType::Datetime(TimeStep::of(unit), ByteOrder::NATIVE),
            Class::Nothing | Class::Text => DType::Str(to_length(column.chars), ByteOrder::NATIVE),
        }
    }
}

/// The length of a text's type: at least 1, and no more than a type can have.
fn to_length(length: usize) -> u32 {
    u32::try_from(length.max(1)).unwrap_or(u32::MAX)
}

/// The kind of an integer of at most 64 bits.
fn integer_class(text: &[u8]) -> Option<Class> {
    /// This many digits always fit.
    const SAFE_DIGITS: usize = 18;
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if digits.len() <= SAFE_DIGITS {
        let class = if is_negative {
            Class::Signed
        } else {
            Class::Natural
        };
        return Some(class);
    }
    let text = str::from_utf8(text).ok()?;
    match text.parse::<i64>() {
        Ok(0..) => Some(Class::Natural),
        Ok(_) => Some(Class::Signed),
        Err(_) => text.parse::<u64>().ok().map(|_| Class::Unsigned),
    }
}

/// Whether a text is another one, in which `0` means any digit.
fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    let is_like = |(byte, like): (&u8, &u8)| match like {
        b'0' => byte.is_ascii_digit(),
        like => byte == like,
    };
    text.len() == shape.len() && text.iter().zip(shape).all(is_like)
}

/// The unit of a date with year, month and day, and perhaps a time.
fn date_unit(text: &[u8]) -> Option<TimeUnit> {
    if text.eq_ignore_ascii_case(b"nat") {
        return Some(TimeUnit::Day);
    }
    let (date, time) = text.split_at_checked(10)?;
    if !has_shape(date, b"0000-00-00") {
        return None;
    }
    let text = str::from_utf8(text).ok()?;
    let unit = match time {
        [] => TimeUnit::Day,
        [b'T' | b' ', time @ ..] if time.len() <= 18 => {
            let point = time.iter().position(|byte| *byte == b'.');
            let (clock, fraction) = time.split_at_checked(point.unwrap_or(time.len()))?;
            match (point, fraction.len()) {
                (None, _) if has_shape(clock, b"00:00") => TimeUnit::Minute,
                _ if !has_shape(clock, b"00:00:00") => return None,
                (None, _) => TimeUnit::Second,
                (Some(_), 2..=4) => TimeUnit::Millisecond,
                (Some(_), 5..=7) => TimeUnit::Microsecond,
                (Some(_), 8..=10) => TimeUnit::Nanosecond,
                _ => return None,
            }
        }
        _ => return None,
    };
    let dtype = DType::Datetime(TimeStep::of(unit), ByteOrder::NATIVE);
    parse_time(text, &dtype).ok().map(|_| unit)
}

/// The type of a table: a requested one, with lengths for its texts that have none, or one that is inferred.
///
/// `rows` is the text of its rows, `found` the number of fields in the first.
pub(super) fn infer(
    fields: &Fields,
    rows: &[u8],
    max_rows: u64,
    request: ColumnRequest<'_>,
    dtype: Option<&DType>,
    found: usize,
) -> Result<Result<DType, TextError>, Error> {
    let selected = match request.selected(found) {
        Ok(selected) => selected.unwrap_or_else(|| (0..found as isize).collect()),
        Err(problem) => return Ok(Err(problem)),
    };
    // Usually there are none, however many columns there are.
    let mut scanners = Vec::new();
    let has_own = !request.rules.are_common();
    for column in selected.iter().filter(|_| has_own) {
        let index = request.position(*column, found).unwrap_or(0);
        let own = request
            .rules
            .of_column(index, found, request.name(*column, found));
        let own = own.map(|rules| FieldScanner::new(rules, dtype.is_some()));
        scanners.push(own.transpose()?);
    }
    let common = FieldScanner::new(request.rules.common.clone(), dtype.is_some())?;
    let scanner = |i: usize| scanners.get(i).and_then(Option::as_ref).unwrap_or(&common);
    let needed = selected.iter().map(|index| needed(*index)).max();
    let is_ragged = |count: usize| match request.usecols {
        Some(_) => count < needed.unwrap_or(0),
        None => count != found,
    };
    let scan = |text: &[u8]| scan(fields, text, max_rows, &selected, scanner, is_ragged);
    let parts = if max_rows < u64::MAX {
        vec![rows]
    } else {
        split(
            &fields.dialect,
            rows,
            available().min(rows.len() / MIN_PART).max(1),
        )
    };
    let threads = parts.len();
    let scans = parallel_map(parts, threads, |part| Ok::<_, Error>(scan(part)))?;
    let mut columns = vec![ColumnScan::default(); selected.len()];
    let mut count = 0;
    for (rows, scan) in scans {
        count += rows;
        for (column, other) in columns.iter_mut().zip(scan) {
            *column = column.merge(other);
        }
    }
    let inferred = complete(&columns, &selected, request, dtype, found, scanner)?;
    Ok(inferred.and_then(|dtype| {
        let width = match dtype {
            DType::Record(_) => 1,
            _ => selected.len(),
        };
        let bytes = u128::from(count) * width as u128 * dtype.itemsize() as u128;
        if bytes > MIN_LIMIT + MAX_RATIO * rows.len() as u128 {
            return Err(TextError::UnevenTexts { bytes });
        }
        Ok(dtype)
    }))
}

/// The type of a table whose columns have been scanned.
fn complete<'a>(
    columns: &[ColumnScan],
    selected: &[isize],
    request: ColumnRequest<'_>,
    dtype: Option<&DType>,
    found: usize,
    scanner: impl Fn(usize) -> &'a FieldScanner,
) -> Result<Result<DType, TextError>, Error> {
    let Some(dtype) = dtype else {
        let types = columns.iter().enumerate();
        let types: Vec<DType> = types.map(|(i, column)| scanner(i).dtype(*column)).collect();
        let names = selected.iter().map(|index| {
            let name = request.name(*index, found);
            name.map(str::to_owned)
        });
        return record_of(types, names.collect(), request.validator);
    };
    let is_utf8 = request.rules.common.is_utf8;
    let length = |column: &ColumnScan, dtype: &DType| match dtype {
        DType::Bytes(_) if is_utf8 => column.bytes,
        _ => column.chars,
    };
    let items = text_items(dtype)?;
    let is_record = matches!(dtype, DType::Record(_));
    let column_of = |i: usize, item: &ColumnItem| match request.names {
        Some(_) => {
            let is = |index: &isize| request.name(*index, found) == Some(&item.name);
            selected.iter().position(is)
        }
        None => Some(i),
    };
    let mut lengths = items.iter().enumerate().map(|(i, item)| {
        if is_record {
            let column = column_of(i, item).and_then(|i| columns.get(i));
            column.map_or(1, |column| length(column, &item.dtype))
        } else {
            let lengths = columns.iter().map(|column| length(column, &item.dtype));
            lengths.max().unwrap_or(1)
        }
    });
    Ok(with_lengths(dtype, &mut lengths))
}

/// The type with texts of the least length where they have none.
///
/// # Errors
/// `TextType` if it has more columns than any table.
pub(super) fn with_least_lengths(dtype: &DType) -> Result<Result<DType, TextError>, Error> {
    let items = text_items(dtype)?;
    Ok(with_lengths(dtype, &mut items.iter().map(|_| 1)))
}

/// One type if all columns have it and there are no names; otherwise a record.
fn record_of(
    types: Vec<DType>,
    names: Vec<Option<String>>,
    validator: Option<&NameValidator>,
) -> Result<Result<DType, TextError>, Error> {
    let is_text = |dtype: &DType| matches!(dtype, DType::Str(..));
    let longest = types.iter().map(|dtype| dtype.itemsize()).max();
    let longest = types.iter().find(|dtype| Some(dtype.itemsize()) == longest);
    let is_one = types.windows(2).all(|pair| match pair {
        [one, other] => one == other || is_text(one) && is_text(other),
        _ => true,
    });
    if let Some(dtype) = longest
        && is_one
        && names.iter().all(Option::is_none)
    {
        return Ok(Ok(dtype.clone()));
    }
    let names = names.into_iter().enumerate();
    let default_name = |i| match validator {
        Some(validator) => validator.default_name(i),
        None => format!("f{i}"),
    };
    let names = names.map(|(i, name)| name.unwrap_or_else(|| default_name(i)));
    let record = Record::packed(names.zip(types));
    Ok(match record {
        Ok(record) => Ok(DType::Record(record.into())),
        Err(error) => Err(TextError::Names {
            why: error.to_string(),
        }),
    })
}

/// Whether a dtype has texts without a length (`S`, `U`): the longest field of their column decides, so that a table has
/// to be [read](super::ReadOptions::read) as a whole, and not in [`blocks`](super::ReadOptions::blocks).
///
/// ```
/// use flatfile::text::table::has_open_length;
/// assert!(has_open_length(&"[('x', 'f8'), ('name', 'U')]".parse()?));
/// assert!(!has_open_length(&"[('x', 'f8'), ('name', 'U5')]".parse()?));
/// # Ok::<(), flatfile::dtype::Error>(())
/// ```
pub fn has_open_length(dtype: &DType) -> bool {
    match dtype {
        DType::Bytes(0) | DType::Str(0, _) => true,
        DType::Record(record) => {
            let mut fields = record.fields().iter();
            fields.any(|field| has_open_length(&field.dtype))
        }
        DType::Subarray(sub) => has_open_length(sub.base()),
        _ => false,
    }
}

/// A type whose texts have lengths: for each item that is a column, the next of `lengths`.
fn with_lengths(
    dtype: &DType,
    lengths: &mut dyn Iterator<Item = usize>,
) -> Result<DType, TextError> {
    let invalid = |error: dtype::Error| TextError::Names {
        why: error.to_string(),
    };
    match dtype {
        DType::Record(record) => {
            let mut fields = Vec::with_capacity(record.fields().len());
            for field in record.fields() {
                fields.push((field.name.clone(), with_lengths(&field.dtype, lengths)?));
            }
            if has_open_length(dtype) {
                let record = Record::packed(fields).map_err(invalid)?;
                Ok(DType::Record(record.into()))
            } else {
                Ok(dtype.clone())
            }
        }
        DType::Subarray(sub) => {
            let count = column_count(sub.base());
            let mut longest = vec![1; count];
            for _ in 0..column_count(dtype).checked_div(count).unwrap_or(0) {
                for (longest, length) in longest.iter_mut().zip(&mut *lengths) {
                    *longest = length.max(*longest);
                }
            }
            let base = with_lengths(sub.base(), &mut longest.into_iter())?;
            Subarray::dtype(base, sub.shape().to_vec()).map_err(invalid)
        }
        dtype => {
            let length = to_length(lengths.next().unwrap_or(1));
            Ok(match dtype {
                DType::Bytes(0) => DType::Bytes(length),
                DType::Str(0, order) => DType::Str(length, *order),
                dtype => dtype.clone(),
            })
        }
    }
}

/// Scans the selected fields of rows, and counts the rows.
fn scan<'a>(
    fields: &Fields,
    text: &[u8],
    max_rows: u64,
    selected: &[isize],
    scanner: impl Fn(usize) -> &'a FieldScanner,
    is_ragged: impl Fn(usize) -> bool,
) -> (u64, Vec<ColumnScan>) {
    let mut columns = vec![ColumnScan::default(); selected.len()];
    let is_each = selected
        .iter()
        .enumerate()
        .all(|(i, index)| *index == i as isize);
    let (mut at, mut rows) = (0, 0);
    while at < text.len() && rows < max_rows {
        let row = text.get(at..).unwrap_or_default();
        let is_skipped = || {
            fields.dialect.skips_ragged_rows
                && fields
                    .for_each(row, |_| {})
                    .is_ok_and(|(count, _)| is_ragged(count))
        };
        if (fields.is_field(row) || !fields.dialect.is_empty(row)) && !is_skipped() {
            rows += 1;
            let mut raw_fields = Vec::new();
            let mut field = 0;
            let count = fields.for_each(row, |raw| {
                if is_each {
                    if let Some(column) = columns.get_mut(field) {
                        scanner(field).scan(&raw.content, column);
                    }
                } else {
                    raw_fields.push(raw);
                }
                field += 1;
            });
            // The error is found again when the rows are parsed.
            let Ok((count, length)) = count else {
                break;
            };
            at += length;
            for (i, (index, column)) in selected.iter().zip(&mut columns).enumerate() {
                let position = match usize::try_from(*index) {
                    Ok(position) => Some(position),
                    Err(_) => count.checked_sub(index.unsigned_abs()),
                };
                if let Some(raw) = position.and_then(|position| raw_fields.get(position)) {
                    scanner(i).scan(&raw.content, column);
                }
            }
        }
        at += rest_of_line_len(text.get(at..).unwrap_or_default());
    }
    (rows, columns)
}

/// Splits rows into about as many parts.
fn split<'a>(dialect: &Dialect, rows: &'a [u8], parts: usize) -> Vec<&'a [u8]> {
    let mut split = Vec::with_capacity(parts);
    let mut begin = 0;
    for part in 1..parts {
        let text = rows.get(begin..rows.len() / parts * part);
        let length = text.and_then(|text| dialect.rows_len(text, false, 0));
        let end = begin + length.unwrap_or(0);
        split.push(rows.get(begin..end).unwrap_or_default());
        begin = end;
    }
    split.push(rows.get(begin..).unwrap_or_default());
    split
}
