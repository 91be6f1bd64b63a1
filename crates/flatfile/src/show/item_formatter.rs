//! The formatters of an array's items, all with the same width: NumPy's `_get_format_function`.

use super::float::{ComplexFormatter, FloatFormatter};
use super::object_text::ItemText;
use super::printed_items::{PrintedAxis, PrintedItems};
use super::time::TimeFormatter;
use crate::scalar::{FloatItem, Int, bits, push_bytes, push_quoted, push_scalar_float, push_void};
use dtype::{ByteOrder, DType, Number, NumberClass, Record};
use std::fmt;

/// The most empty lists, and items without bytes, that are printed of one record. They take no bytes of a file, so that
/// there may be any number of them, and NumPy would never end.
const MAX_EMPTY_PARTS: usize = 1 << 16;

/// How items are formatted, apart from what their dtype and their values determine.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormatOptions {
    /// The number of items of a subarray above which only those at its ends are shown.
    pub(super) threshold: usize,
    /// Whether floats are written in full precision, as in a record that is a scalar.
    pub(super) scalar: bool,
    /// The maximum number of digits after the point.
    pub(super) precision: usize,
    /// Whether small numbers do not cause exponents.
    pub(super) suppress: bool,
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
            ItemFormatter::Complex(ComplexFormatter::of(items, item, options))
        } else if options.scalar {
            ItemFormatter::ScalarFloat(item)
        } else {
            ItemFormatter::Float(FloatFormatter::of(items, item, options, false))
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
        let has_too_many = empty_parts_of_fields(record) > MAX_EMPTY_PARTS;
        let fields = record.fields().iter().map(|field| {
            let items = items.field(field);
            FieldFormatter {
                formatter: ItemFormatter::of(&items, options),
                offset: field.offset,
                size: items.dtype().itemsize(),
                axes: axes(&field.dtype, options, has_too_many),
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

/// The axes of a field; long ones are summarized if the whole is larger than a summary's threshold. If it takes no bytes, and
/// its parts are too many, the axes before an empty one are one that is summarized.
fn axes(dtype: &DType, options: FormatOptions, has_too_many: bool) -> Vec<PrintedAxis> {
    let (shape, base) = axes_and_base(dtype);
    if has_too_many && dtype.itemsize() == 0 && !shape.is_empty() {
        let outer = outer_axes(&shape);
        let empty = shape.get(outer.len()).copied();
        let shape: Vec<usize> = [product(outer)].into_iter().chain(empty).collect();
        return PrintedAxis::contiguous(&shape, base.itemsize(), true);
    }
    let is_long = product(&shape) > options.threshold;
    PrintedAxis::contiguous(&shape, base.itemsize(), is_long)
}

/// The number of empty lists, and of items without bytes, that NumPy prints for an item.
fn empty_parts(dtype: &DType) -> usize {
    let (shape, base) = axes_and_base(dtype);
    let in_base = base.as_record().map_or(0, empty_parts_of_fields);
    if dtype.itemsize() == 0 && !shape.is_empty() {
        return product(outer_axes(&shape)).saturating_mul(in_base.max(1));
    }
    product(&shape).saturating_mul(in_base)
}

fn empty_parts_of_fields(record: &Record) -> usize {
    let fields = record.fields().iter();
    let parts = fields.map(|field| empty_parts(&field.dtype));
    parts.fold(0, usize::saturating_add)
}

/// The axes before the first that is empty.
fn outer_axes(shape: &[usize]) -> &[usize] {
    shape
        .split(|length| *length == 0)
        .next()
        .unwrap_or_default()
}

/// The axes of a subarray, of nested ones all of them, and the dtype of its items.
fn axes_and_base(dtype: &DType) -> (Vec<usize>, &DType) {
    let (mut shape, mut base) = (Vec::new(), dtype);
    while let DType::Subarray(sub) = base {
        shape.extend_from_slice(sub.shape());
        base = sub.base();
    }
    (shape, base)
}

fn product(lengths: &[usize]) -> usize {
    let lengths = lengths.iter();
    lengths.fold(1, |product, length| product.saturating_mul(*length))
}
