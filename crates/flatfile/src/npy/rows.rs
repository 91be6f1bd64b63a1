//! Writing an array row by row.

use crate::error::{Error, ErrorKind, refuse_objects};
use crate::raw;
use crate::strided::Strided;
use dtype::{ByteOrder, DType, Layout, Order};
use npy_header::Header;
use std::io::{self, Write};

/// Writes an array row by row, to any `Write`: as many rows as the header declares.
///
/// If the number of rows is known only at the end, see [`Appender`](super::Appender).
///
/// ```
/// use flatfile::{ArrayView, npy, npy_header::Header, dtype::{DType, Layout, Order}};
///
/// let layout = Layout::new(DType::F64, [3, 2], Order::C)?;
/// let mut rows = npy::RowWriter::new(Vec::new(), &Header::new(layout))?;
/// rows.push(&ArrayView::over(&[1.0, 2.0], [1, 2])?)?;
/// rows.push(&ArrayView::over(&[3.0, 4.0, 5.0, 6.0], [2, 2])?)?;
/// let bytes = rows.finish()?;
/// assert_eq!(npy::parse(&bytes)?.0.shape(), [3, 2]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Debug)]
pub struct RowWriter<W> {
    target: W,
    rows: RowLayout,
    /// The declared number of rows.
    expected: usize,
    has_failed: bool,
}

impl<W: Write> RowWriter<W> {
    /// Writes the header; the rows of its layout must follow.
    ///
    /// # Errors
    /// `NotRowMajor` if the layout is 0-d or in Fortran order, `Object`, `Header`, `Io`.
    pub fn new(mut target: W, header: &Header) -> Result<RowWriter<W>, Error> {
        let rows = RowLayout::of(header.layout())?;
        target.write_all(&header.encode()?)?;
        Ok(RowWriter {
            target,
            expected: rows.count,
            rows: rows.empty(),
            has_failed: false,
        })
    }

    /// Writes the next rows: an array of the same dtype, except for byte order, and with the same axes after the
    /// first.
    ///
    /// # Errors
    /// Before anything is written: `Mismatch` or `RowShape` if the rows are different, `RowCount` if they are too
    /// many. `Io`, after which nothing more is written.
    pub fn push<'a>(&mut self, rows: impl Into<Strided<'a>>) -> Result<(), Error> {
        let view = rows.into();
        let rows = self.rows.followed_by(&view)?;
        if rows.count > self.expected {
            return Err(row_count(self.expected, rows.count));
        }
        if std::mem::replace(&mut self.has_failed, true) {
            return Err(failed_before());
        }
        self.rows.write(&mut self.target, &view)?;
        self.has_failed = false;
        self.rows = rows;
        Ok(())
    }

    /// Ends the array, and returns the target.
    ///
    /// # Errors
    /// `RowCount` if rows are missing, `Io`.
    pub fn finish(mut self) -> Result<W, Error> {
        if self.has_failed {
            return Err(failed_before());
        }
        if self.rows.count != self.expected {
            return Err(row_count(self.expected, self.rows.count));
        }
        self.target.flush()?;
        Ok(self.target)
    }
}

/// After a failure it is unknown how much was written.
pub(super) fn failed_before() -> Error {
    io::Error::other("an earlier write to this file failed").into()
}

fn row_count(expected: usize, found: usize) -> Error {
    ErrorKind::RowCount { expected, found }.into()
}

/// The layout of an array as a number of contiguous parts: rows, or in Fortran order the parts along the last axis.
#[derive(Clone, Debug)]
pub(crate) struct RowLayout {
    dtype: DType,
    /// The axes of one row.
    shape: Vec<usize>,
    count: usize,
    order: Order,
}

impl RowLayout {
    /// The rows of an array whose rows are contiguous.
    pub(super) fn of(layout: &Layout) -> Result<RowLayout, Error> {
        if layout.is_c_contiguous() {
            RowLayout::of_any_order(layout)
        } else {
            Err(ErrorKind::NotRowMajor(layout.clone()).into())
        }
    }

    /// The parts of any array that has an axis.
    pub(crate) fn of_any_order(layout: &Layout) -> Result<RowLayout, Error> {
        refuse_objects(layout.dtype())?;
        let (order, parts) = if layout.is_c_contiguous() {
            (Order::C, layout.shape().split_first())
        } else {
            (Order::Fortran, layout.shape().split_last())
        };
        let Some((count, shape)) = parts else {
            return Err(ErrorKind::NotRowMajor(layout.clone()).into());
        };
        Ok(RowLayout {
            dtype: layout.dtype().clone(),
            shape: shape.to_vec(),
            count: *count,
            order,
        })
    }

    /// The same with no rows.
    pub(super) fn empty(self) -> RowLayout {
        self.with_count(0)
    }

    /// The same with this many rows.
    pub(super) fn with_count(self, count: usize) -> RowLayout {
        RowLayout { count, ..self }
    }

    /// The size of one row in bytes.
    pub(super) fn row_nbytes(&self) -> Result<usize, Error> {
        Ok(self.clone().with_count(1).layout()?.nbytes())
    }

    /// The same with as many rows as fit in this many bytes.
    pub(crate) fn fitting(self, bytes: u64) -> Result<RowLayout, Error> {
        let one = self.clone().with_count(1).layout()?.nbytes();
        Ok(
            match usize::try_from(bytes)
                .unwrap_or(usize::MAX)
                .checked_div(one)
            {
                Some(count) => self.with_count(count),
                // If rows have no bytes, only the header states their number.
                None => self,
            },
        )
    }

    /// The layout of the array.
    pub(crate) fn layout(&self) -> Result<Layout, Error> {
        let mut shape = self.shape.clone();
        let axis = match self.order {
            Order::C => 0,
            Order::Fortran => shape.len(),
        };
        shape.insert(axis, self.count);
        Ok(Layout::new(self.dtype.clone(), shape, self.order)?)
    }

    /// The same with the rows of `view` after these; they must have the same dtype and shape.
    pub(super) fn followed_by(&self, view: &Strided<'_>) -> Result<RowLayout, Error> {
        if self.order == Order::Fortran {
            return Err(ErrorKind::NotRowMajor(self.layout()?).into());
        }
        if view.dtype() != &self.dtype && self.byte_order(view).is_none() {
            let (expected, found) = (self.dtype.clone(), view.dtype().clone());
            return Err(ErrorKind::Mismatch { expected, found }.into());
        }
        match view.shape().split_first() {
            Some((more, shape)) if shape == self.shape => {
                let rows = self.clone().with_count(self.count.saturating_add(*more));
                // This also checks that there are not too many.
                rows.layout().map(|_| rows)
            }
            _ => {
                let (row, found) = (self.shape.clone(), view.shape().to_vec());
                Err(ErrorKind::RowShape { row, found }.into())
            }
        }
    }

    /// Writes the items of `view`, which has such rows.
    pub(super) fn write(&self, target: &mut impl Write, view: &Strided<'_>) -> Result<(), Error> {
        let options = raw::WriteOptions::new();
        let options = self
            .byte_order(view)
            .into_iter()
            .fold(options, raw::WriteOptions::byte_order);
        options.items(view, Order::C)?.write(target)
    }

    /// The byte order that rows of `view` must be converted to, if it differs.
    fn byte_order(&self, view: &Strided<'_>) -> Option<ByteOrder> {
        let orders = [ByteOrder::Little, ByteOrder::Big].into_iter();
        let mut orders = orders.filter(|_| view.dtype() != &self.dtype);
        orders.find(|order| view.dtype().with_byte_order(*order) == self.dtype)
    }
}
