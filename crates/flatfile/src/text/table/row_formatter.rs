//! The rows of a table as text: [`RowFormatter`].

use super::super::format::{ConversionSpec, ConversionType, format_error, parse_format};
use super::super::format_item::{has_no_text, push_short};
use super::super::value::TextStyle;
use super::super::write::SpecFormatter;
use super::column_items::MAX_COLUMNS;
use crate::error::{Error, ErrorKind, refuse_objects};
use crate::strided::Strided;
use dtype::{DType, NumberClass};

/// The formats of a table.
#[derive(Clone, Debug)]
pub(super) enum Formats {
    /// Each item as Python's `str` prints NumPy's scalars.
    Str,
    /// One for every column, or for the row if it has as many conversions as there are columns.
    One(String),
    /// One for each column.
    Columns(Vec<String>),
}

/// What the rows of both dialects have in common.
#[derive(Clone, Debug)]
pub(super) struct RowStyle {
    pub(super) formats: Formats,
    /// The text between columns.
    pub(super) delimiter: String,
    /// The text after a row.
    pub(super) newline: String,
    /// The point of floats.
    pub(super) decimal: char,
}

/// The formatters of a row's items, and the text between them.
#[derive(Debug)]
pub(super) struct RowFormatter {
    cells: Vec<CellFormatter>,
    /// The text after the last item.
    after: Vec<u8>,
    decimal: u8,
}

#[derive(Debug)]
struct CellFormatter {
    before: Vec<u8>,
    formatter: SpecFormatter,
    /// The offset of the item in the row's bytes.
    offset: usize,
    /// For an imaginary part, which must have a sign: the number of bytes of `before` that follow the sign.
    bytes_after_sign: Option<usize>,
}

/// A column: the type of its items, and their offset.
type Column = (DType, usize);

/// How the two conversions of a complex number are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ComplexForm {
    /// In brackets after a space, both parts with all flags, as NumPy does.
    NumPy,
    /// Without brackets, and with nothing between the parts but a sign.
    Bare,
}

impl RowStyle {
    /// The point of floats, which must not be mistaken for another part of a number or a row.
    pub(super) fn decimal(&self) -> Result<u8, Error> {
        let invalid = |why| {
            let what = format!("the decimal point {:?} {why}", self.decimal);
            Err(ErrorKind::TableOptions(what).into())
        };
        match u8::try_from(self.decimal) {
            Ok(b'+' | b'-') => invalid("is a sign"),
            Ok(decimal) if decimal.is_ascii_punctuation() => Ok(decimal),
            _ => invalid("is not ASCII punctuation"),
        }
    }
}

impl RowFormatter {
    /// The formatter of the rows of an array with one axis or two.
    pub(super) fn new(view: &Strided<'_>, style: &RowStyle) -> Result<RowFormatter, Error> {
        let delimiter = style.delimiter.as_str();
        refuse_objects(view.dtype())?;
        if style.decimal != '.' && delimiter.contains(style.decimal) {
            let what = format!(
                "{:?} is both the decimal point and the delimiter",
                style.decimal
            );
            return Err(ErrorKind::TableOptions(what).into());
        }
        let columns = row_columns(view)?;
        if let Some((dtype, _)) = columns.iter().find(|(dtype, _)| has_no_text(dtype)) {
            return Err(ErrorKind::TextType(dtype.clone()).into());
        }
        let mut row = RowFormatter {
            cells: Vec::new(),
            after: Vec::new(),
            decimal: style.decimal()?,
        };
        match &style.formats {
            Formats::Str => {
                let spec = ConversionSpec::of(ConversionType::Str, None);
                let plain = (vec![(String::new(), spec)], String::new());
                for column in columns {
                    row.add_items(vec![column], &plain, delimiter);
                }
            }
            Formats::One(format) => {
                let parsed = parse_format(format)?;
                let count = parsed.0.len();
                let parts = split_complex(&columns);
                match count {
                    1 => columns.iter().for_each(|column| {
                        row.add_column(column, &parsed, delimiter, ComplexForm::NumPy)
                    }),
                    _ if count == columns.len() => row.add_items(columns, &parsed, ""),
                    _ if count == parts.len() => row.add_items(parts, &parsed, ""),
                    _ => {
                        let why = format!("{count} conversions for {} columns", columns.len());
                        return Err(format_error(format, format.chars().count(), &why));
                    }
                }
            }
            Formats::Columns(formats) => {
                if formats.len() != columns.len() {
                    let why = format!("{} formats for {} columns", formats.len(), columns.len());
                    return Err(format_error(&formats.join(delimiter), 0, &why));
                }
                for (column, format) in columns.iter().zip(formats) {
                    let parsed = parse_format(format)?;
                    let parts = split_complex(std::slice::from_ref(column));
                    match parsed.0.len() {
                        1 => row.add_column(column, &parsed, delimiter, ComplexForm::NumPy),
                        2 if parts.len() == 2 => row.add_items(parts, &parsed, delimiter),
                        count => {
                            let why = format!("{count} conversions for a column");
                            return Err(format_error(format, format.chars().count(), &why));
                        }
                    }
                }
            }
        }
        row.after.extend_from_slice(style.newline.as_bytes());
        row.check()?;
        Ok(row)
    }

    /// The formatter of one column of numbers, without a delimiter or a line end. Complex numbers have no brackets.
    pub(super) fn of_column(
        dtype: &DType,
        format: &str,
        decimal: u8,
    ) -> Result<RowFormatter, Error> {
        let parsed = parse_format(format)?;
        let count = parsed.0.len();
        if count != 1 {
            let why = format!("{count} conversions for a column");
            return Err(format_error(format, format.chars().count(), &why));
        }
        let mut row = RowFormatter {
            cells: Vec::new(),
            after: Vec::new(),
            decimal,
        };
        row.add_column(&(dtype.clone(), 0), &parsed, "", ComplexForm::Bare);
        row.check()?;
        Ok(row)
    }

    fn check(&self) -> Result<(), Error> {
        let mut formatters = self.cells.iter().map(|cell| &cell.formatter);
        match formatters.find(|formatter| !formatter.spec.supports(&formatter.dtype)) {
            Some(formatter) => Err(ErrorKind::Unformattable {
                conversion: formatter.spec.letter(),
                dtype: formatter.dtype.clone(),
            }
            .into()),
            None => Ok(()),
        }
    }

    /// Adds a separate column, with a delimiter before it if others precede.
    fn add_column(
        &mut self,
        column: &Column,
        format: &(Vec<(String, ConversionSpec)>, String),
        delimiter: &str,
        form: ComplexForm,
    ) {
        let parts = split_complex(std::slice::from_ref(column));
        let Some((before, spec)) = format.0.first() else {
            return;
        };
        // A complex number is two conversions.
        if parts.len() == 2 {
            let (open, close, imaginary) = match form {
                ComplexForm::NumPy => (" (", ")", *spec),
                ComplexForm::Bare => ("", "", spec.without_padding()),
            };
            let specs = vec![
                (format!("{open}{before}"), *spec),
                (format!("{}{before}", format.1), imaginary),
            ];
            self.add_items(parts, &(specs, format!("{}j{close}", format.1)), delimiter);
            if let Some(imaginary) = self.cells.last_mut() {
                imaginary.bytes_after_sign = Some(before.len());
            }
            return;
        }
        self.add_items(vec![column.clone()], format, delimiter);
    }

    /// Adds the items of one column.
    fn add_items(
        &mut self,
        items: Vec<Column>,
        format: &(Vec<(String, ConversionSpec)>, String),
        delimiter: &str,
    ) {
        let mut before = std::mem::take(&mut self.after);
        if !self.cells.is_empty() {
            before.extend_from_slice(delimiter.as_bytes());
        }
        for ((dtype, offset), (text, spec)) in items.into_iter().zip(&format.0) {
            before.extend_from_slice(text.as_bytes());
            self.cells.push(CellFormatter {
                before: std::mem::take(&mut before),
                formatter: SpecFormatter::new(*spec, dtype, TextStyle::Scalar)
                    .decimal(self.decimal),
                offset,
                bytes_after_sign: None,
            });
        }
        self.after = format.1.clone().into_bytes();
    }

    /// Appends the text of a row.
    pub(super) fn push_row(
        &self,
        row: &[u8],
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        for cell in &self.cells {
            push_short(&cell.before, out);
            let item = row.get(cell.offset..).unwrap_or_default();
            let item = item
                .get(..cell.formatter.dtype.itemsize())
                .unwrap_or_default();
            let sign = cell.bytes_after_sign.map(|bytes| out.len() - bytes);
            cell.formatter.push_item(item, index, out)?;
            if let Some(sign) = sign
                && out.get(sign) != Some(&b'-')
            {
                out.insert(sign, b'+');
            }
        }
        push_short(&self.after, out);
        Ok(())
    }
}

/// Checks that a row may have this many columns: items without bytes could be any number of them.
pub(super) fn check_width(dtype: &DType, width: usize) -> Result<(), Error> {
    if dtype.itemsize() == 0 && width > MAX_COLUMNS {
        let why = format!("{width} columns without bytes: expected at most {MAX_COLUMNS}");
        return Err(ErrorKind::Shape(why).into());
    }
    Ok(())
}

/// The columns of an array's rows.
fn row_columns(view: &Strided<'_>) -> Result<Vec<Column>, Error> {
    let dtype = view.dtype();
    match (view.shape(), dtype) {
        ([_], DType::Record(record)) => {
            let fields = record.fields().iter();
            Ok(fields
                .map(|field| (field.dtype.clone(), field.offset))
                .collect())
        }
        ([_], dtype) => Ok(vec![(dtype.clone(), 0)]),
        ([_, width], dtype) => {
            check_width(dtype, *width)?;
            let size = dtype.itemsize();
            Ok((0..*width)
                .map(|column| (dtype.clone(), column * size))
                .collect())
        }
        (shape, _) => {
            let why = format!("a table has one axis or two, the array {}", shape.len());
            Err(ErrorKind::Shape(why).into())
        }
    }
}

/// The same with complex numbers as two columns.
fn split_complex(columns: &[Column]) -> Vec<Column> {
    let part = |(dtype, offset): &Column| {
        let half = match dtype {
            DType::Number(number, order) if number.class() == NumberClass::Complex => {
                Some(DType::Number(number.info().part, *order))
            }
            _ => None,
        };
        match half {
            Some(half) => {
                let second = offset + half.itemsize();
                vec![(half.clone(), *offset), (half, second)]
            }
            None => vec![(dtype.clone(), *offset)],
        }
    };
    columns.iter().flat_map(part).collect()
}
