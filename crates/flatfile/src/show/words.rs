//! How the items of an array are spelled, all in the same width: NumPy's `_get_format_function`.

use super::column::Column;
use super::float::{Complexes, Floats};
use super::record::Fields;
use super::time::Times;
use crate::scalar::{FloatItem, Int, push_bytes, push_scalar_float, push_str, push_void};
use dtype::{ByteOrder, DType, Number, NumberClass};
use std::fmt::Write;

/// How words differ from one call to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Items of a subarray, above which only those at its ends are shown.
    pub(super) threshold: usize,
    /// Whether floats are spelled in full precision, as in a record that is a scalar.
    pub(super) scalar: bool,
}

/// What spells the items of one column.
#[derive(Clone, Debug)]
pub(super) enum Words {
    Bool {
        width: usize,
    },
    Int {
        number: Number,
        order: ByteOrder,
        width: usize,
    },
    Floats(Floats),
    Complexes(Complexes),
    /// Floats in full precision.
    Scalars(FloatItem),
    Bytes,
    Str(ByteOrder),
    Void,
    Times(Times),
    Fields(Fields),
}

impl Words {
    /// Looks at the items of `column` to find a width for all of them.
    pub(super) fn of(column: &Column<'_>, style: Style) -> Words {
        match column.dtype() {
            DType::Bool => Words::Bool {
                width: if column.axes().is_empty() { 0 } else { 5 },
            },
            DType::Number(number, order) => Words::of_number(column, *number, *order, style),
            DType::Bytes(_) => Words::Bytes,
            DType::Str(_, order) => Words::Str(*order),
            DType::Datetime(step, order) => Words::Times(Times::of(column, Some(*step), *order)),
            DType::Timedelta(_, order) => Words::Times(Times::of(column, None, *order)),
            DType::Record(record) => Words::Fields(Fields::of(column, record, style)),
            // No column has a subarray's type; objects are refused; what is unknown is bytes.
            _ => Words::Void,
        }
    }

    fn of_number(column: &Column<'_>, number: Number, order: ByteOrder, style: Style) -> Words {
        let Some(item) = FloatItem::first(number, order) else {
            let mut width = 0;
            column.each(|item| width = width.max(Int::read(item, number, order).width()));
            return Words::Int {
                number,
                order,
                width,
            };
        };
        if number.class() == NumberClass::Complex {
            Words::Complexes(Complexes::of(column, item))
        } else if style.scalar {
            Words::Scalars(item)
        } else {
            Words::Floats(Floats::of(column, item, false))
        }
    }

    /// Appends the word for one item.
    pub(super) fn push(&self, item: &[u8], out: &mut String) {
        match self {
            Words::Bool { width } => {
                let word = if item.iter().any(|byte| *byte != 0) {
                    "True"
                } else {
                    "False"
                };
                // Writing to a string cannot fail.
                let _ = write!(out, "{word:>width$}");
            }
            Words::Int {
                number,
                order,
                width,
            } => {
                let int = Int::read(item, *number, *order);
                // Writing to a string cannot fail.
                let _ = write!(out, "{int:>width$}");
            }
            Words::Floats(floats) => floats.push(item, out),
            Words::Complexes(complexes) => complexes.push(item, out),
            Words::Scalars(float) => push_scalar_float(float.read(item), out),
            Words::Bytes => push_bytes(item, out),
            Words::Str(order) => push_str(item, *order, out),
            Words::Void => push_void(item, out),
            Words::Times(times) => times.push(item, out),
            Words::Fields(fields) => fields.push(item, out),
        }
    }
}
