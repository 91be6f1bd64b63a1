//! Statistics along one axis: [`AxisStats`].

use super::{Kind, Parts, Stats, native};
use crate::array::Array;
use crate::conversion::Conversion;
use crate::error::{Error, ErrorKind};
use crate::stats::check_dtype;
use crate::strided::Strided;
use dtype::{ByteOrder, DType, Layout, Order};
use std::iter;

/// The statistics of an array along one axis, as `x.mean(axis=N)` has them: one of each for every index of the others.
///
/// Memory grows with the number of these indices, a few hundred bytes each, and not with the length of the axis.
///
/// ```
/// use flatfile::{Array, stats::AxisStats};
/// let array = Array::from_slice(&[1.0, 2.0, 3.0, 5.0, 7.0, 9.0], [2, 3])?;
/// let mut stats = AxisStats::new(array.layout(), -1)?;
/// stats.add_rows(&array.strided())?;
/// assert_eq!(stats.shape(), [2]);
/// let means: Vec<_> = stats.into_stats().map(|stats| stats.mean().unwrap().to_string()).collect();
/// assert_eq!(means, ["2.0", "7.0"]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AxisStats {
    dtype: DType,
    kind: Kind,
    /// The other axes.
    shape: Vec<usize>,
    /// The length of the axis.
    length: usize,
    /// The number of items between two neighbours along the axis.
    inner: usize,
    /// Items that were added.
    added: usize,
    parts: Vec<Parts>,
}

impl AxisStats {
    /// The statistics of an array of this layout along an axis; negative ones count from the last.
    ///
    /// # Errors
    /// `NoAxis` if there is no such axis; `NoStats` for items that are not truth values, numbers or times.
    pub fn new(layout: &Layout, axis: isize) -> Result<AxisStats, Error> {
        let (mut shape, found) = (layout.shape().to_vec(), layout.ndim());
        let index = if axis < 0 {
            axis.checked_add_unsigned(found)
        } else {
            Some(axis)
        };
        let index = index.and_then(|index| usize::try_from(index).ok());
        let Some(index) = index.filter(|index| *index < found) else {
            return Err(ErrorKind::NoAxis { axis, found }.into());
        };
        let length = shape.remove(index);
        let inner = shape.iter().skip(index).product();
        Ok(AxisStats {
            dtype: native(layout.dtype()),
            kind: Kind::of(layout.dtype())?,
            shape,
            length,
            inner,
            added: 0,
            parts: Vec::new(),
        })
    }

    /// The shape of the results: that of the array, without the axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Adds the next items of the array in C order: all of it, or some of its rows.
    ///
    /// # Errors
    /// `Mismatch` for items of another dtype; `LongDouble`.
    pub fn add_rows(&mut self, items: &Strided<'_>) -> Result<(), Error> {
        let conversion = Conversion::new().byte_order(ByteOrder::NATIVE);
        let conversion = conversion.order(Order::C).checked(items.dtype());
        let items = conversion.apply(items)?;
        check_dtype(&self.dtype, items.dtype())?;
        self.add_native(items.as_bytes())
    }

    /// Adds the next items.
    fn add_native(&mut self, mut items: &[u8]) -> Result<(), Error> {
        let size = self.dtype.itemsize();
        while !items.is_empty() {
            // All that follow for the same index before the axis.
            let period = self.length.saturating_mul(self.inner).max(1);
            let (outer, at) = (self.added / period, self.added % period);
            let count = (items.len() / size.max(1)).min(period - at).max(1);
            let (these, rest) = items.split_at((count * size).min(items.len()));
            items = rest;
            let first = outer * self.inner;
            // A layout may promise more than there will ever be.
            let seen = first + self.inner.min(at + count);
            if self.parts.len() < seen {
                self.parts.resize_with(seen, Parts::default);
            }
            let end = self.parts.len().min(first + self.inner);
            let parts = self.parts.get_mut(first..end).unwrap_or_default();
            add_columns(
                self.kind,
                size,
                self.inner,
                at % self.inner.max(1),
                these,
                parts,
            )?;
            self.added += count;
        }
        Ok(())
    }

    /// The results, in C order: as many as the [`shape`](AxisStats::shape) says, which may be any number if the axis has no
    /// items.
    pub fn into_stats(self) -> impl Iterator<Item = Stats> {
        let count = self.shape.iter().product();
        let (dtype, kind) = (self.dtype, self.kind);
        let parts = self.parts.into_iter();
        let parts = parts.chain(iter::repeat_with(Parts::default)).take(count);
        parts.map(move |parts| Stats {
            dtype: dtype.clone(),
            kind,
            parts,
        })
    }
}

/// Adds items to one of `columns` after the other, from `start` on, again and again. `parts` are those of the columns,
/// as far as there are items of them.
fn add_columns(
    kind: Kind,
    size: usize,
    columns: usize,
    start: usize,
    items: &[u8],
    parts: &mut [Parts],
) -> Result<(), Error> {
    if let [part] = parts
        && columns == 1
    {
        part.add(kind, items);
        return Ok(());
    }
    // The rest of a row, whole rows, and the beginning of another.
    let head = ((columns - start) % columns * size).min(items.len());
    let (head, items) = items.split_at(head);
    add_each(kind, size, head, parts.get_mut(start..).unwrap_or_default());
    let rows = items.len() / (columns * size);
    let (whole, tail) = items.split_at(rows * columns * size);
    if rows > 1 {
        let layout = Layout::new(DType::Void(size as u32), [rows, columns], Order::C)?;
        let by_column = Array::new(layout, whole)?.to_order(Order::Fortran)?;
        for (column, part) in by_column
            .as_bytes()
            .chunks_exact(rows * size)
            .zip(&mut *parts)
        {
            part.add(kind, column);
        }
    } else {
        add_each(kind, size, whole, parts);
    }
    add_each(kind, size, tail, parts);
    Ok(())
}

fn add_each(kind: Kind, size: usize, items: &[u8], parts: &mut [Parts]) {
    for (item, part) in items.chunks_exact(size).zip(parts) {
        part.add(kind, item);
    }
}
