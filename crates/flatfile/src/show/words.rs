//! The texts of an array's items, all with the same width: NumPy's `_get_format_function`.

use super::column::{Axis, Column};
use super::float::{Complexes, Floats};
use super::time::Times;
use crate::scalar::{FloatItem, Int, push_bytes, push_quoted, push_scalar_float, push_void};
use dtype::{ByteOrder, DType, Number, NumberClass, Record};
use std::fmt::Write;

/// The variations between calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// The number of items of a subarray above which only those at its ends are shown.
    pub(super) threshold: usize,
    /// Whether floats are spelled in full precision, as in a record that is a scalar.
    pub(super) scalar: bool,
}

/// The formatter for the items of one column.
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
    /// Scans the items of `column` to find a width for all of them.
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
            // No column has a subarray's type; objects are refused; unknown types are bytes.
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

    /// Appends the text of one item.
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
            Words::Str(order) => push_quoted(item, *order, out),
            Words::Void => push_void(item, out),
            Words::Times(times) => times.push(item, out),
            Words::Fields(fields) => fields.push(item, out),
        }
    }
}

/// Records, in which every field is a separate column: NumPy's `StructuredVoidFormat` and `SubArrayFormat`.
#[derive(Clone, Debug)]
pub(super) struct Fields(Vec<FieldWords>);

#[derive(Clone, Debug)]
struct FieldWords {
    words: Words,
    offset: usize,
    /// Bytes of one value; a subarray has several.
    size: usize,
    /// The subarray's axes; empty for a plain field.
    axes: Vec<Axis>,
}

impl Fields {
    /// Scans the fields of the items of `column`.
    pub(super) fn of(column: &Column<'_>, record: &Record, style: Style) -> Fields {
        let fields = record.fields().iter().map(|field| {
            let column = column.field(field);
            FieldWords {
                words: Words::of(&column, style),
                offset: field.offset,
                size: column.dtype().itemsize(),
                axes: axes(&field.dtype, style),
            }
        });
        Fields(fields.collect())
    }

    /// Appends `(1, 2.)`.
    pub(super) fn push(&self, item: &[u8], out: &mut String) {
        out.push('(');
        for (i, field) in self.0.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            let value = item.get(field.offset..).unwrap_or_default();
            field.push(value, 0, &field.axes, out);
        }
        out.push_str(if self.0.len() == 1 { ",)" } else { ")" });
    }
}

impl FieldWords {
    fn push(&self, value: &[u8], at: usize, axes: &[Axis], out: &mut String) {
        let Some((axis, inner)) = axes.split_first() else {
            let end = at.saturating_add(self.size);
            return self.words.push(value.get(at..end).unwrap_or_default(), out);
        };
        out.push('[');
        for (i, step) in axis.steps().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            match step {
                Some(step) => self.push(value, at.saturating_add_signed(step), inner, out),
                None => out.push_str("..."),
            }
        }
        out.push(']');
    }
}

/// The axes of a field; long ones are cut if the whole is larger than a summary's threshold.
fn axes(dtype: &DType, style: Style) -> Vec<Axis> {
    let mut shape = Vec::new();
    let mut base = dtype;
    while let DType::Subarray(sub) = base {
        shape.extend_from_slice(sub.shape());
        base = sub.base();
    }
    let count = shape
        .iter()
        .fold(1usize, |count, length| count.saturating_mul(*length));
    Axis::dense(&shape, base.itemsize(), count > style.threshold)
}
