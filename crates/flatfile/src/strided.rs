//! Items that need not lie one after another: [`Strided`].

use crate::element::missing_field;
use crate::error::{Error, ErrorKind};
use crate::places::Places;
use crate::slice::Slice;
use dtype::{DType, Layout, Order, shape_tuple};
use std::fmt;
use std::ops::Range;

/// Borrowed items with a byte step along each axis: the view that every writer accepts.
///
/// Steps may be negative (a reversed axis) or 0 (a broadcast one). Every byte that can be reached
/// lies in the slice; the constructor sees to it.
#[derive(Clone)]
pub struct Strided<'a> {
    dtype: DType,
    places: Places,
    bytes: &'a [u8],
}

impl fmt::Debug for Strided<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Strided")
            .field("dtype", &format_args!("{}", self.dtype()))
            .field("shape", &format_args!("{}", shape_tuple(self.shape())))
            .field("strides", &self.strides())
            .finish_non_exhaustive()
    }
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
        let (shape, strides) = (shape.into(), strides.into());
        if strides.len() != shape.len() {
            return Err(ErrorKind::Strides.into());
        }
        let places = Places {
            shape,
            strides,
            first,
        };
        let mut view = Strided {
            dtype,
            places,
            bytes,
        };
        view.unfold()?;
        let reach = view.places.reach();
        let end = reach.and_then(|reach| reach.end.checked_add(view.dtype.itemsize()));
        match end {
            _ if view.layout(Order::C)?.count() == 0 => {
                view.places.first = 0;
                Ok(view)
            }
            Some(end) if end <= bytes.len() => Ok(view),
            _ => Err(ErrorKind::Strides.into()),
        }
    }

    /// The contiguous items of `layout`.
    ///
    /// # Errors
    /// `Short` where `bytes` are fewer than the layout's.
    pub fn contiguous(layout: &Layout, bytes: &'a [u8]) -> Result<Strided<'a>, Error> {
        match bytes.get(..layout.nbytes()) {
            Some(bytes) => Ok(Strided::dense(layout, bytes)),
            None => Err(Error::short(layout.nbytes(), bytes.len())),
        }
    }

    /// The contiguous items of `layout`, which are all of `bytes`.
    pub(crate) fn dense(layout: &Layout, bytes: &'a [u8]) -> Strided<'a> {
        Strided {
            dtype: layout.dtype().clone(),
            places: Places::of(layout),
            bytes,
        }
    }

    /// The items at these places, every one of which is in `bytes`.
    pub(crate) fn at(dtype: &DType, places: Places, bytes: &'a [u8]) -> Strided<'a> {
        let dtype = dtype.clone();
        Strided {
            dtype,
            places,
            bytes,
        }
    }

    /// Gives the axes of a subarray dtype to the view, as NumPy does.
    fn unfold(&mut self) -> Result<(), Error> {
        let item = Layout::new(self.dtype.clone(), [], Order::C)?;
        self.dtype = item.dtype().clone();
        self.places.shape.extend_from_slice(item.shape());
        self.places.strides.extend(item.strides());
        Ok(())
    }

    /// The same bytes with other places.
    fn with(&self, places: Places) -> Strided<'a> {
        Strided::at(&self.dtype, places, self.bytes)
    }

    /// Those of the items that are at these places.
    pub(crate) fn at_places(&self, places: &Places) -> Strided<'a> {
        let mut places = places.clone();
        places.first += self.places.first;
        self.with(places)
    }

    /// What one item is.
    pub fn dtype(&self) -> &DType {
        &self.dtype
    }

    /// The length along each axis.
    pub fn shape(&self) -> &[usize] {
        &self.places.shape
    }

    /// Bytes from one item to the next along each axis.
    pub fn strides(&self) -> &[isize] {
        &self.places.strides
    }

    /// How many axes there are.
    pub fn ndim(&self) -> usize {
        self.places.shape.len()
    }

    /// How many items there are.
    pub fn count(&self) -> usize {
        self.places.count()
    }

    /// The layout that a copy in this memory order has.
    ///
    /// # Errors
    /// As [`Layout::new`].
    pub fn layout(&self, order: Order) -> Result<Layout, Error> {
        let shape = self.places.shape.clone();
        Ok(Layout::new(self.dtype.clone(), shape, order)?)
    }

    /// The bytes of one item; `None` where the index is out of bounds.
    pub fn item(&self, index: &[usize]) -> Option<&'a [u8]> {
        let start = self.places.place(index)?;
        self.bytes.get(start..start + self.dtype.itemsize())
    }

    /// The items whose index on `axis` is `i`, with that axis gone; `None` out of bounds.
    #[must_use]
    pub fn index_axis(&self, axis: usize, i: usize) -> Option<Strided<'a>> {
        Some(self.with(self.places.index_axis(axis, i)?))
    }

    /// The items whose index on `axis` is in `range`; `None` out of bounds.
    #[must_use]
    pub fn narrow(&self, axis: usize, range: Range<usize>) -> Option<Strided<'a>> {
        Some(self.with(self.places.narrow(axis, range)?))
    }

    /// The items that a slice takes, where they are.
    ///
    /// # Errors
    /// `Slice`: more indices than axes, or an index out of bounds.
    pub fn slice(&self, slice: &Slice) -> Result<Strided<'a>, Error> {
        Ok(self.with(slice.of(&self.places)?))
    }

    /// The column of a record array, a subarray's axes behind the array's own.
    ///
    /// # Errors
    /// `MissingField`, whose text says which there are; `Layout` where there are too many axes with the
    /// field's own.
    pub fn field(&self, name: &str) -> Result<Strided<'a>, Error> {
        let record = self.dtype.as_record();
        let Some(field) = record.and_then(|record| record.field(name)) else {
            return Err(missing_field(record, name.to_owned()));
        };
        let mut column = self.clone();
        column.dtype = field.dtype.clone();
        column.places.first += field.offset;
        column.unfold()?;
        // Of a field without bytes there may be too many items, too.
        column.layout(Order::C)?;
        Ok(column)
    }

    /// The same items with the axes in reverse order.
    #[must_use]
    pub fn transposed(&self) -> Strided<'a> {
        self.with(self.places.transposed())
    }

    /// The same items with their axes such that C order is this memory order.
    pub(crate) fn in_order(&self, order: Order) -> Strided<'a> {
        self.with(self.places.in_order(order))
    }

    /// Every item in C order: the last index runs fastest.
    pub fn items(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let view = self.clone();
        let mut index = vec![0; view.ndim()];
        let mut left = view.count();
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let item = view.item(&index);
            for (i, length) in index.iter_mut().zip(view.shape()).rev() {
                *i += 1;
                if *i < *length {
                    break;
                }
                *i = 0;
            }
            item
        })
    }

    /// How many items precede the one of this number in C order in the bytes.
    pub(crate) fn before(&self, number: usize) -> usize {
        let place = self.places.nth(number);
        place.checked_div(self.dtype.itemsize()).unwrap_or(number)
    }

    /// The bytes themselves where they already lie in this order without gaps.
    pub fn as_contiguous(&self, order: Order) -> Option<&'a [u8]> {
        let layout = self.layout(order).ok()?;
        if layout.count() == 0 {
            return Some(&[]);
        }
        let dense = layout.strides();
        let mut axes = self.shape().iter().zip(self.strides().iter().zip(&dense));
        let same = axes.all(|(length, (stride, dense))| *length == 1 || stride == dense);
        let first = self.places.first;
        self.bytes
            .get(first..first + layout.nbytes())
            .filter(|_| same)
    }

    /// The bytes from the lowest item's first to the highest one's last, and where in them the item of
    /// index `[0, …]` begins. There is an item.
    pub(crate) fn span(&self) -> (&'a [u8], usize) {
        let first = self.places.first;
        let reach = self.places.reach().unwrap_or(first..first);
        let bytes = self
            .bytes
            .get(reach.start..reach.end + self.dtype.itemsize());
        (bytes.unwrap_or_default(), first - reach.start)
    }

    /// The bytes, and where in them the first item begins.
    pub(crate) fn source(&self) -> (&'a [u8], usize) {
        (self.bytes, self.places.first)
    }
}
