//! The formatters of an array's items, all with the same width: NumPy's `_get_format_function`.

use super::float::{ComplexFormatter, FloatFormatter};
use super::object_text::ItemText;
use super::printed_items::{PrintedAxis, PrintedItems};
use super::time::TimeFormatter;
use crate::scalar::{FloatItem, Int, bits, push_bytes, push_quoted, push_scalar_float, push_void};
use dtype::{ByteOrder, DType, Number, NumberClass, Record};
use std::fmt;

/// How items are formatted, apart from what their dtype and their values determine.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormatOptions {
    /// The number of items of a subarray above which only those at its ends are shown.
    pub(super) threshold: usize,
    /// Whether floats are written in full precision, as in a record that is a scalar.
    pub(super) scalar: bool,
}

/// The formatter of the items of an array, or of one field of it.
#[derive(Clone, Debug)]
pub(super) enum ItemFormatter {
    Bool {
        width: usize,
    },
    Int {
        number: Number,
        order: ByteOrder,
        width: usize,
    },
    Float(FloatFormatter),
    Complex(ComplexFormatter),
    /// Floats in full precision.
    ScalarFloat(FloatItem),
    Bytes,
    Str(ByteOrder),
    Void,
    Time(TimeFormatter),
    Object,
    Record(RecordFormatter),
}

impl ItemFormatter {
    /// Scans the items to find a width for all of them.
    pub(super) fn of(items: &PrintedItems<'_>, options: FormatOptions) -> ItemFormatter {
        match items.dtype() {
            DType::Bool => ItemFormatter::Bool {
                width: if items.axes().is_empty() { 0 } else { 5 },
            },
            DType::Number(number, order) => {
                ItemFormatter::of_number(items, *number, *order, options)
            }
            DType::Bytes(_) => ItemFormatter::Bytes,
            DType::Str(_, order) => ItemFormatter::Str(*order),
            DType::Datetime(step, order) => {
                ItemFormatter::Time(TimeFormatter::of(items, Some(*step), *order))
            }
            DType::Timedelta(_, order) => {
                ItemFormatter::Time(TimeFormatter::of(items, None, *order))
            }
            DType::Record(record) => {
                ItemFormatter::Record(RecordFormatter::of(items, record, options))
            }
            DType::Object => ItemFormatter::Object,
            // Printed items are never subarrays; unknown types are bytes.
            _ => ItemFormatter::Void,
        }
    }

    fn of_number(
        items: &PrintedItems<'_>,
        number: Number,
        order: ByteOrder,
        options: FormatOptions,
    ) -> ItemFormatter {
        let Some(item) = FloatItem::first(number, order) else {
            let mut width = 0;
            items.for_each(|item| width = width.max(Int::read(item, number, order).width()));
            return ItemFormatter::Int {
                number,
                order,
                width,
            };
        };
        if number.class() == NumberClass::Complex {
            ItemFormatter::Complex(ComplexFormatter::of(items, item))
        } else if options.scalar {
            ItemFormatter::ScalarFloat(item)
        } else {
            ItemFormatter::Float(FloatFormatter::of(items, item, false))
        }
    }

    /// Adds the text of one item.
    pub(super) fn write(&self, item: &[u8], out: &mut impl ItemText) -> fmt::Result {
        match self {
            ItemFormatter::Bool { width } => {
                let text = if item.iter().any(|byte| *byte != 0) {
                    "True"
                } else {
                    "False"
                };
                write!(out, "{text:>width$}")
            }
            ItemFormatter::Int {
                number,
                order,
                width,
            } => {
                let int = Int::read(item, *number, *order);
                write!(out, "{int:>width$}")
            }
            ItemFormatter::Float(formatter) => out.append(|out| formatter.push(item, out)),
            ItemFormatter::Complex(formatter) => out.append(|out| formatter.push(item, out)),
            ItemFormatter::ScalarFloat(float) => {
                out.append(|out| push_scalar_float(float.read(item), out))
            }
            ItemFormatter::Bytes => out.append(|out| push_bytes(item, out)),
            ItemFormatter::Str(order) => out.append(|out| push_quoted(item, *order, out)),
            ItemFormatter::Void => out.append(|out| push_void(item, out)),
            ItemFormatter::Time(formatter) => out.append(|out| formatter.push(item, out)),
            ItemFormatter::Object => out.append_object(bits(item, ByteOrder::NATIVE) as u64),
            ItemFormatter::Record(formatter) => formatter.write(item, out),
        }
    }
}

/// The formatter of records, each of whose fields has its own: NumPy's `StructuredVoidFormat` and `SubArrayFormat`.
#[derive(Clone, Debug)]
pub(super) struct RecordFormatter(Vec<FieldFormatter>);

#[derive(Clone, Debug)]
struct FieldFormatter {
    formatter: ItemFormatter,
    offset: usize,
    /// Bytes of one value; a subarray has several.
    size: usize,
    /// The subarray's axes; empty for a plain field.
    axes: Vec<PrintedAxis>,
}

impl RecordFormatter {
    /// Scans the fields of the items.
    pub(super) fn of(
        items: &PrintedItems<'_>,
        record: &Record,
        options: FormatOptions,
    ) -> RecordFormatter {
        let fields = record.fields().iter().map(|field| {
            let items = items.field(field);
            FieldFormatter {
                formatter: ItemFormatter::of(&items, options),
                offset: field.offset,
                size: items.dtype().itemsize(),
                axes: axes(&field.dtype, options),
            }
        });
        RecordFormatter(fields.collect())
    }

    /// Adds `(1, 2.)`.
    pub(super) fn write(&self, item: &[u8], out: &mut impl ItemText) -> fmt::Result {
        out.write_char('(')?;
        for (i, field) in self.0.iter().enumerate() {
            if i > 0 {
                out.write_str(", ")?;
            }
            let value = item.get(field.offset..).unwrap_or_default();
            field.write(value, 0, &field.axes, out)?;
        }
        out.write_str(if self.0.len() == 1 { ",)" } else { ")" })
    }
}

impl FieldFormatter {
    fn write(
        &self,
        value: &[u8],
        at: usize,
        axes: &[PrintedAxis],
        out: &mut impl ItemText,
    ) -> fmt::Result {
        let Some((axis, inner)) = axes.split_first() else {
            let end = at.saturating_add(self.size);
            return self
                .formatter
                .write(value.get(at..end).unwrap_or_default(), out);
        };
        out.write_char('[')?;
        for (i, offset) in axis.offsets().enumerate() {
            if i > 0 {
                out.write_str(", ")?;
            }
            match offset {
                Some(offset) => self.write(value, at.saturating_add_signed(offset), inner, out)?,
                None => out.write_str("...")?,
            }
        }
        out.write_char(']')
    }
}

/// The axes of a field; long ones are summarized if the whole is larger than a summary's threshold.
fn axes(dtype: &DType, options: FormatOptions) -> Vec<PrintedAxis> {
    let mut shape = Vec::new();
    let mut base = dtype;
    while let DType::Subarray(sub) = base {
        shape.extend_from_slice(sub.shape());
        base = sub.base();
    }
    let count = shape
        .iter()
        .fold(1usize, |count, length| count.saturating_mul(*length));
    PrintedAxis::contiguous(&shape, base.itemsize(), count > options.threshold)
}
