//! Items that need not lie one after another: [`Strided`].

use crate::{Error, ErrorKind, gather};
use dtype::{DType, Layout, Order};
use std::ops::Range;

/// Borrowed items with a byte step along each axis: the view that every writer accepts.
///
/// Steps may be negative (a reversed axis) or 0 (a broadcast one). Every byte that can be reached
/// lies in the slice; the constructor sees to it.
#[derive(Clone, Debug)]
pub struct Strided<'a> {
    dtype: DType,
    shape: Vec<usize>,
    strides: Vec<isize>,
    bytes: &'a [u8],
    first: usize,
}

impl<'a> Strided<'a> {
    /// A view of `bytes` whose item of index `[0, …]` begins at byte `first`.
    ///
    /// # Errors
    /// `Strides` where some index leads outside of `bytes`, or shape and strides differ in length.
    pub fn new(
        dtype: DType,
        shape: impl Into<Vec<usize>>,
        strides: impl Into<Vec<isize>>,
        bytes: &'a [u8],
        first: usize,
    ) -> Result<Strided<'a>, Error> {
        let mut view = Strided {
            dtype,
            shape: shape.into(),
            strides: strides.into(),
            bytes,
            first,
        };
        if view.strides.len() != view.shape.len() {
            return Err(ErrorKind::Strides.into());
        }
        view.unfold()?;
        let reach = view.reach();
        let end = reach.and_then(|reach| reach.end.checked_add(view.dtype.itemsize()));
        match end {
            _ if view.layout(Order::C)?.count() == 0 => Ok(view),
            Some(end) if end <= bytes.len() => Ok(view),
            _ => Err(ErrorKind::Strides.into()),
        }
    }

    /// The contiguous items of `layout`.
    ///
    /// # Errors
    /// `Short` where `bytes` are fewer than the layout's.
    pub fn contiguous(layout: &Layout, bytes: &'a [u8]) -> Result<Strided<'a>, Error> {
        let Some(bytes) = bytes.get(..layout.nbytes()) else {
            return Err(Error::short(layout.nbytes(), bytes.len()));
        };
        Ok(Strided::dense(layout, bytes))
    }

    /// The contiguous items of `layout`, which are all of `bytes`.
    pub(crate) fn dense(layout: &Layout, bytes: &'a [u8]) -> Strided<'a> {
        Strided {
            dtype: layout.dtype().clone(),
            shape: layout.shape().to_vec(),
            strides: layout.strides(),
            bytes,
            first: 0,
        }
    }

    /// Gives the axes of a subarray dtype to the view, as NumPy does.
    fn unfold(&mut self) -> Result<(), Error> {
        let item = Layout::new(self.dtype.clone(), [], Order::C)?;
        self.dtype = item.dtype().clone();
        self.shape.extend_from_slice(item.shape());
        self.strides.extend(item.strides());
        Ok(())
    }

    /// Where the lowest and the highest item begin; `None` outside of the address space.
    fn reach(&self) -> Option<Range<usize>> {
        let (mut low, mut high) = (self.first as i128, self.first as i128);
        for (length, stride) in self.shape.iter().zip(&self.strides) {
            let span = (*length as i128 - 1) * *stride as i128;
            low += span.min(0);
            high += span.max(0);
        }
        Some(usize::try_from(low).ok()?..usize::try_from(high).ok()?)
    }

    /// What one item is.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The length along each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Bytes from one item to the next along each axis.
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// How many axes there are.
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// How many items there are.
    pub fn count(&self) -> usize {
        match self.shape.contains(&0) {
            true => 0,
            false => self.shape.iter().product(),
        }
    }

    /// The layout that a copy in this memory order has.
    ///
    /// # Errors
    /// As [`Layout::new`].
    pub fn layout(&self, order: Order) -> Result<Layout, Error> {
        Ok(Layout::new(self.dtype.clone(), self.shape.clone(), order)?)
    }

    /// The bytes of one item; `None` where the index is out of bounds.
    pub fn item(&self, index: &[usize]) -> Option<&'a [u8]> {
        if index.len() != self.ndim() || index.iter().zip(&self.shape).any(|(i, n)| i >= n) {
            return None;
        }
        let steps = index.iter().zip(&self.strides);
        let start = steps.fold(self.first as isize, |at, (i, stride)| {
            at + *i as isize * stride
        });
        let start = usize::try_from(start).ok()?;
        self.bytes.get(start..start + self.dtype.itemsize())
    }

    /// The items whose index on `axis` is `i`, with that axis gone; `None` out of bounds.
    #[must_use]
    pub fn index_axis(&self, axis: usize, i: usize) -> Option<Strided<'a>> {
        let mut part = self.narrow(axis, i..i.checked_add(1)?)?;
        part.shape.remove(axis);
        part.strides.remove(axis);
        Some(part)
    }

    /// The items whose index on `axis` is in `range`; `None` out of bounds.
    #[must_use]
    pub fn narrow(&self, axis: usize, range: Range<usize>) -> Option<Strided<'a>> {
        let (length, stride) = (*self.shape.get(axis)?, *self.strides.get(axis)?);
        let count = range.end.checked_sub(range.start)?;
        if range.end > length {
            return None;
        }
        let mut part = self.clone();
        *part.shape.get_mut(axis)? = count;
        if part.count() > 0 {
            part.first = self
                .first
                .checked_add_signed(stride * range.start as isize)?;
        }
        Some(part)
    }

    /// The column of a record array, a subarray's axes behind the array's own; `None` without such a
    /// field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Strided<'a>> {
        let field = self.dtype.as_record()?.field(name)?;
        let mut column = self.clone();
        column.dtype = field.dtype.clone();
        column.first += field.offset;
        column.unfold().ok()?;
        Some(column)
    }

    /// The same items with the axes in reverse order.
    #[must_use]
    pub fn transposed(&self) -> Strided<'a> {
        let mut view = self.clone();
        view.shape.reverse();
        view.strides.reverse();
        view
    }

    /// Every item in C order: the last index runs fastest.
    pub fn items(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let view = self.clone();
        let mut index = vec![0; view.ndim()];
        let mut left = view.count();
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let item = view.item(&index);
            for (i, length) in index.iter_mut().zip(&view.shape).rev() {
                *i += 1;
                if *i < *length {
                    break;
                }
                *i = 0;
            }
            item
        })
    }

    /// The bytes themselves where they already lie in this order without gaps.
    pub fn as_contiguous(&self, order: Order) -> Option<&'a [u8]> {
        let layout = self.layout(order).ok()?;
        if layout.count() == 0 {
            return Some(&[]);
        }
        let strides = layout.strides();
        let mut axes = self.shape.iter().zip(self.strides.iter().zip(&strides));
        let same = axes.all(|(length, (stride, dense))| *length == 1 || stride == dense);
        let end = self.first + layout.nbytes();
        self.bytes.get(self.first..end).filter(|_| same)
    }

    /// Copies the items into `out` in this memory order.
    ///
    /// # Errors
    /// `Short` where `out` has not exactly [`Layout::nbytes`] bytes.
    pub fn copy_to(&self, order: Order, out: &mut [u8]) -> Result<(), Error> {
        let nbytes = self.layout(order)?.nbytes();
        if out.len() != nbytes {
            return Err(Error::short(nbytes, out.len()));
        }
        match (self.as_contiguous(order), order) {
            (Some(bytes), _) => out.copy_from_slice(bytes),
            (None, Order::C) => gather::gather(self, out),
            (None, Order::Fortran) => gather::gather(&self.transposed(), out),
        }
        Ok(())
    }

    pub(crate) fn source(&self) -> (&'a [u8], usize) {
        (self.bytes, self.first)
    }
}
