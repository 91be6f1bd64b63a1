//! Writing an array row by row.

use super::refuse_objects;
use super::write::write_items;
use crate::{Error, ErrorKind, Strided};
use dtype::{ByteOrder, DType, Layout, Order};
use npy_header::Header;
use std::io::{self, Write};

/// Writes an array row by row, to anything that takes bytes: so many rows as the header said.
///
/// Where the number of rows is known only at the end, see [`Appender`](super::Appender).
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
    rows: Rows,
    /// How many rows there are to be.
    expected: usize,
    has_failed: bool,
}

impl<W: Write> RowWriter<W> {
    /// Writes the header; the rows of its layout are to follow.
    ///
    /// # Errors
    /// `NotRows` where the layout is 0-d or in Fortran order, `Object`, `Header`, `Io`.
    pub fn new(mut target: W, header: &Header) -> Result<RowWriter<W>, Error> {
        let rows = Rows::of(header.layout())?;
        target.write_all(&header.encode()?)?;
        Ok(RowWriter {
            target,
            expected: rows.count,
            rows: rows.none(),
            has_failed: false,
        })
    }

    /// Writes the next rows: an array of the same dtype, byte order aside, and the same axes behind the
    /// first.
    ///
    /// # Errors
    /// Before anything is written: `Mismatch` or `RowShape` where they are others, `RowCount` where they
    /// are too many. `Io`, after which nothing more is written.
    pub fn push<'a>(&mut self, rows: impl Into<Strided<'a>>) -> Result<(), Error> {
        let view = rows.into();
        let rows = self.rows.and(&view)?;
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

    /// Ends the array, and returns what it was written to.
    ///
    /// # Errors
    /// `RowCount` where rows are missing, `Io`.
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

/// After a failure nobody knows how much was written.
pub(super) fn failed_before() -> Error {
    io::Error::other("an earlier write to this file failed").into()
}

fn row_count(expected: usize, found: usize) -> Error {
    ErrorKind::RowCount { expected, found }.into()
}

/// An array as rows in C order, however many there are.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    dtype: DType,
    /// The axes of one row.
    shape: Vec<usize>,
    count: usize,
}

impl Rows {
    /// The rows of an array whose items lie in C order.
    pub(super) fn of(layout: &Layout) -> Result<Rows, Error> {
        refuse_objects(layout.dtype())?;
        match layout.shape().split_first() {
            Some((count, shape)) if layout.is_c_contiguous() => Ok(Rows {
                dtype: layout.dtype().clone(),
                shape: shape.to_vec(),
                count: *count,
            }),
            _ => Err(ErrorKind::NotRows(layout.clone()).into()),
        }
    }

    /// No rows, but like these.
    pub(super) fn none(self) -> Rows {
        Rows { count: 0, ..self }
    }

    /// What they are together.
    pub(super) fn layout(&self) -> Result<Layout, Error> {
        let axes = std::iter::once(&self.count).chain(&self.shape);
        let shape: Vec<usize> = axes.copied().collect();
        Ok(Layout::new(self.dtype.clone(), shape, Order::C)?)
    }

    /// These and those of `view`, which must be like them.
    pub(super) fn and(&self, view: &Strided<'_>) -> Result<Rows, Error> {
        if view.dtype() != &self.dtype && self.byte_order(view).is_none() {
            let (expected, found) = (self.dtype.clone(), view.dtype().clone());
            return Err(ErrorKind::Mismatch { expected, found }.into());
        }
        match view.shape().split_first() {
            Some((more, shape)) if shape == self.shape => {
                let count = self.count.saturating_add(*more);
                let rows = Rows {
                    count,
                    ..self.clone()
                };
                // That there are not too many, either.
                rows.layout().map(|_| rows)
            }
            _ => {
                let (row, found) = (self.shape.clone(), view.shape().to_vec());
                Err(ErrorKind::RowShape { row, found }.into())
            }
        }
    }

    /// Writes the items of `view`, which are like these rows.
    pub(super) fn write(&self, target: &mut impl Write, view: &Strided<'_>) -> Result<(), Error> {
        write_items(target, view, Order::C, self.byte_order(view))
    }

    /// The byte order that makes rows of another one like these.
    fn byte_order(&self, view: &Strided<'_>) -> Option<ByteOrder> {
        let orders = [ByteOrder::Little, ByteOrder::Big].into_iter();
        let mut orders = orders.filter(|_| view.dtype() != &self.dtype);
        orders.find(|order| view.dtype().with_byte_order(*order) == self.dtype)
    }
}
