//! The texts of the errors.

use super::{Error, ErrorKind};
use crate::scalar::{LongDoubleProblem, python_float};
use dtype::python::excerpt;
use dtype::{ByteOrder, DType, did_you_mean, shape_tuple};
use std::fmt;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            ErrorKind::Io(error) => error.fmt(f),
            ErrorKind::Header(error) => error.fmt(f),
            ErrorKind::Layout(error) => error.fmt(f),
            ErrorKind::Short { expected, found } => {
                write!(
                    f,
                    "the data is too short: expected {expected} bytes, found {found}"
                )
            }
            ErrorKind::TooLong { expected, found } => write!(
                f,
                "the data is too long: expected {expected} bytes, found {found}"
            ),
            ErrorKind::TruncatedItem { found, unit, rows } => {
                let (what, left) = (if *rows { "rows" } else { "items" }, found % *unit as u64);
                write!(
                    f,
                    "{found} bytes are not a whole number of {what} of {unit} bytes: {left} are left over"
                )
            }
            ErrorKind::OtherFormat(name) => {
                write!(
                    f,
                    "the file is {name}, as its first bytes say: expected raw items or text"
                )
            }
            ErrorKind::Shape(what) => write!(f, "invalid shape: {what}"),
            ErrorKind::Trailing { bytes } => write!(
                f,
                "{bytes} bytes follow the array: what an interrupted append left, or another array"
            ),
            ErrorKind::NotRowMajor(layout) if layout.ndim() == 0 => {
                f.write_str("the array has no axis, so no rows")
            }
            ErrorKind::NotRowMajor(_) => f.write_str(
                "the array is in Fortran order, so its rows are not contiguous: expected C order",
            ),
            ErrorKind::RowShape { row, found } => {
                let axes: String = row.iter().map(|length| format!(", {length}")).collect();
                let axes = if axes.is_empty() { "," } else { &axes };
                let found = shape_tuple(found);
                write!(
                    f,
                    "rows of another shape: expected (n{axes}), found {found}"
                )
            }
            ErrorKind::HeaderFull => {
                f.write_str("the new number of rows does not fit into the header")
            }
            ErrorKind::RowCount { expected, found } => {
                write!(
                    f,
                    "another number of rows: expected {expected}, found {found}"
                )
            }
            ErrorKind::Mismatch { expected, found } => {
                let (one, other) = (expected.descr(), found.descr());
                write!(
                    f,
                    "the items are of another type: expected {one}, found {other}"
                )?;
                if is_padded_otherwise(expected, found) {
                    f.write_str(
                        " (their padding differs: a struct without padding is repr(C, packed))",
                    )?;
                }
                Ok(())
            }
            ErrorKind::MissingField { field, found } => {
                let names = found.iter().map(|name| excerpt(name).to_string());
                let names: Vec<String> = names.collect();
                let shown = excerpt(field);
                if found.is_empty() {
                    return write!(f, "field {shown}: the items are not records");
                }
                write!(
                    f,
                    "field {shown}: no such field among [{}]{}",
                    names.join(", "),
                    did_you_mean(field, found.iter().map(String::as_str))
                )
            }
            ErrorKind::FieldMismatch {
                field,
                expected,
                found,
            } => write!(
                f,
                "field {}: file has {}, struct wants {}",
                excerpt(field),
                found.descr(),
                expected.descr()
            ),
            ErrorKind::Count { expected, found } => write!(
                f,
                "the array has another number of items: expected {expected}, found {found}"
            ),
            ErrorKind::ElementSize { size, dtype } => write!(
                f,
                "the Rust type takes {size} bytes, but its dtype {} takes {}",
                dtype.descr(),
                dtype.itemsize()
            ),
            ErrorKind::Axes { expected, found } => write!(
                f,
                "the array has another number of axes: expected {expected}, found {found}"
            ),
            ErrorKind::Forward { at } => write!(
                f,
                "the stream is past byte {at} of the items: it goes forward only"
            ),
            ErrorKind::NotInPlace(why) => write!(f, "no view without a copy: {why}"),
            ErrorKind::Unaligned { alignment } => {
                write!(
                    f,
                    "the data is not aligned to {alignment} bytes: copy it instead"
                )
            }
            ErrorKind::InvalidValue { item, dtype } => {
                write!(
                    f,
                    "item {item} of this array of {} holds no such value",
                    dtype.descr()
                )
            }
            ErrorKind::Cast { from, to, casting } => write!(
                f,
                "cannot cast {} to {} by the rule '{casting}'",
                from.descr(),
                to.descr()
            ),
            ErrorKind::NoField { name, record } => {
                write!(f, "no field {} to cast in {record}", excerpt(name))
            }
            ErrorKind::InvalidItem {
                item,
                field,
                text,
                expected,
                dtype,
            } => {
                write!(f, "item {item}")?;
                if let Some(field) = field {
                    write!(f, ", field {},", excerpt(field))?;
                }
                let (dtype, text) = (dtype.descr(), excerpt(text));
                write!(
                    f,
                    " cannot be cast to {dtype}: expected {expected}, found {text}"
                )
            }
            ErrorKind::LongDouble {
                item,
                field,
                problem,
            } => long_double(*item, field.as_deref(), *problem, f),
            #[cfg(feature = "text")]
            ErrorKind::Text { place, problem } => write!(f, "{place}: {problem}"),
            ErrorKind::TextType(dtype) => {
                write!(f, "no text says items of type {}", dtype.descr())
            }
            ErrorKind::NoStats(dtype) => {
                write!(f, "no statistics of items of {}", dtype.descr())
            }
            ErrorKind::NoAxis { axis, found: 0 } => {
                write!(f, "no axis {axis}: the array is 0-d, it has no axes")
            }
            ErrorKind::NoAxis { axis, found } => write!(
                f,
                "no axis {axis}: expected -{found} to {}, the array has {found} axes",
                found.saturating_sub(1)
            ),
            ErrorKind::TableType(dtype) => write!(
                f,
                "items of type {} have no text in .csv and .tsv: use .json",
                dtype.descr()
            ),
            #[cfg(feature = "text")]
            ErrorKind::TableField {
                row,
                field,
                name,
                problem,
            } => {
                match row {
                    Some(row) => write!(f, "row {row}, field {field}")?,
                    None => write!(f, "the header, field {field}")?,
                }
                if let Some(name) = name {
                    write!(f, " ({})", excerpt(name))?;
                }
                write!(f, ": {problem}")
            }
            ErrorKind::TableOptions(what) => f.write_str(what),
            ErrorKind::Separator => {
                f.write_str("the separator is empty: items without one are raw, not text")
            }
            ErrorKind::Format { format, at, why } => write!(
                f,
                "invalid format {}, at character {at}: {why}",
                excerpt(format)
            ),
            ErrorKind::Unformattable { conversion, dtype } => {
                write!(
                    f,
                    "%{conversion} is not for items of type {}",
                    dtype.descr()
                )
            }
            ErrorKind::UnformattableItem {
                item,
                conversion,
                text,
            } => write!(
                f,
                "item {item} cannot be written with %{conversion}: {}",
                excerpt(text)
            ),
            ErrorKind::Object => f.write_str(
                "the data is a pickle of Python objects, not items: it cannot be read as an array",
            ),
            ErrorKind::FortranOrder(shape) => write!(
                f,
                "the array of shape {} is in Fortran order: to_vec and to_order(Order::C) give its items in C order, \
                 as_slice_memory_order as they are in memory",
                shape_tuple(shape)
            ),
            ErrorKind::Strides => f.write_str("the strides lead outside of the data"),
            ErrorKind::Slice(what) | ErrorKind::Fields(what) => f.write_str(what),
            ErrorKind::File { path, source } => write!(f, "{}: {source}", path.display()),
            ErrorKind::Memory { bytes } => write!(f, "{bytes} bytes cannot be allocated"),
        }
    }
}

/// The error in an item that is a long double.
fn long_double(
    item: usize,
    field: Option<&str>,
    problem: LongDoubleProblem,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let item = match field {
        Some(field) => format!("item {item}, field {},", excerpt(field)),
        None => format!("item {item}"),
    };
    match problem {
        LongDoubleProblem::IntegerBit { exponent } => {
            let bit = u8::from(exponent == 0);
            write!(
                f,
                "{item} is not an x87 long double: its exponent is {exponent:#06x}, but its integer bit is {bit}; \
                 for IEEE quads, state --longdouble quad (LongDouble::Quad)"
            )
        }
        LongDoubleProblem::LikeQuads { quad } => write!(
            f,
            "the long doubles look like IEEE quads: as x87 numbers all items are 0, but {item} is the quad {}; \
             state --longdouble quad or --longdouble x87 (LongDouble::Quad, LongDouble::X87)",
            python_float(quad)
        ),
    }
}

/// Whether two records have the same fields at other offsets.
fn is_padded_otherwise(one: &DType, other: &DType) -> bool {
    let fields = |dtype: &DType| -> Option<Vec<(String, DType)>> {
        let fields = dtype.as_record()?.fields().iter();
        Some(
            fields
                .map(|field| {
                    (
                        field.name.clone(),
                        field.dtype.with_byte_order(ByteOrder::NATIVE),
                    )
                })
                .collect(),
        )
    };
    one != other && fields(one).is_some_and(|fields_of_one| Some(fields_of_one) == fields(other))
}
