//! Records and subarrays: NumPy's `StructuredVoidFormat` and `SubArrayFormat`.

use super::column::{Axis, Column};
use super::words::{Style, Words};
use dtype::{DType, Record};

/// Records: every field is a column of its own.
#[derive(Clone, Debug)]
pub(super) struct Fields(Vec<FieldWords>);

#[derive(Clone, Debug)]
struct FieldWords {
    words: Words,
    offset: usize,
    /// Bytes of one value, which are many in a subarray.
    size: usize,
    /// The subarray's axes; none for a plain field.
    axes: Vec<Axis>,
}

impl Fields {
    /// Looks at the fields of the items of `column`.
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

/// The axes of a field; long ones are cut where the whole is larger than a summary's threshold.
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
