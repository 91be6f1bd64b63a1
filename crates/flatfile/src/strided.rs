//! Items that need not be contiguous: [`Strided`].

use crate::element::missing_field;
use crate::error::{Error, ErrorKind};
use crate::slice::Slice;
use crate::strided_layout::StridedLayout;
use dtype::{DType, Layout, Order, shape_tuple};
use std::fmt;
use std::ops::Range;

/// Borrowed items with a byte step along each axis: the view that every writer accepts.
///
/// Steps may be negative (a reversed axis) or 0 (a broadcast one). The constructor ensures that every byte that can
/// be reached is in the slice.
#[derive(Clone)]
pub struct Strided<'a> {
    dtype: DType,
    places: StridedLayout,
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
    /// A view of `bytes` whose item at index `[0, …]` begins at byte `first`.
    ///
    /// # Errors
    /// `Strides` if some index leads outside `bytes`, or shape and strides differ in length.
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
        let places = StridedLayout {
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
        let reach = view.places.offset_bounds();
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
    /// `Short` if `bytes` are fewer than the layout needs.
    pub fn contiguous(layout: &Layout, bytes: &'a [u8]) -> Result<Strided<'a>, Error> {
        match bytes.get(..layout.nbytes()) {
            Some(bytes) => Ok(Strided::dense(layout, bytes)),
            None => Err(Error::short(layout.nbytes(), bytes.len())),
        }
    }

    /// The contiguous items of `layout`, which take up all of `bytes`.
    pub(crate) fn dense(layout: &Layout, bytes: &'a [u8]) -> Strided<'a> {
        Strided {
            dtype: layout.dtype().clone(),
            places: StridedLayout::of(layout),
            bytes,
        }
    }

    /// The items at these places, all of which are in `bytes`.
    pub(crate) fn at(dtype: &DType, places: StridedLayout, bytes: &'a [u8]) -> Strided<'a> {
        let dtype = dtype.clone();
        Strided {
            dtype,
            places,
            bytes,
        }
    }

    /// Adds the axes of a subarray dtype to the view, as NumPy does.
    fn unfold(&mut self) -> Result<(), Error> {
        let item = Layout::new(self.dtype.clone(), [], Order::C)?;
        self.dtype = item.dtype().clone();
        self.places.shape.extend_from_slice(item.shape());
        self.places.strides.extend(item.strides());
        Ok(())
    }

    /// The same bytes with other places.
    fn with(&self, places: StridedLayout) -> Strided<'a> {
        Strided::at(&self.dtype, places, self.bytes)
    }

    /// The type of one item.
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

    /// The number of axes.
    pub fn ndim(&self) -> usize {
        self.places.shape.len()
    }

    /// The number of items.
    pub fn count(&self) -> usize {
        self.places.count()
    }

    /// The layout of a copy in this memory order.
    ///
    /// # Errors
    /// As [`Layout::new`].
    pub fn layout(&self, order: Order) -> Result<Layout, Error> {
        let shape = self.places.shape.clone();
        Ok(Layout::new(self.dtype.clone(), shape, order)?)
    }

    /// The bytes of one item; `None` if the index is out of bounds.
    pub fn item(&self, index: &[usize]) -> Option<&'a [u8]> {
        let start = self.places.offset_at(index)?;
        self.bytes.get(start..start + self.dtype.itemsize())
    }

    /// The items whose index on `axis` is `i`, without that axis; `None` if out of bounds.
    #[must_use]
    pub fn index_axis(&self, axis: usize, i: usize) -> Option<Strided<'a>> {
        Some(self.with(self.places.index_axis(axis, i)?))
    }

    /// The items whose index on `axis` is in `range`; `None` if out of bounds.
    #[must_use]
    pub fn narrow(&self, axis: usize, range: Range<usize>) -> Option<Strided<'a>> {
        Some(self.with(self.places.narrow(axis, range)?))
    }

    /// The items that a slice selects, in place.
    ///
    /// # Errors
    /// `Slice`: more indices than axes, or an index out of bounds.
    pub fn slice(&self, slice: &Slice) -> Result<Strided<'a>, Error> {
        Ok(self.with(slice.of(&self.places)?))
    }

    /// The column of a record array; a subarray's axes come after the array's own.
    ///
    /// # Errors
    /// `MissingField`, whose text names the fields that exist; `Layout` if the field's own axes make too many.
    pub fn field(&self, name: &str) -> Result<Strided<'a>, Error> {
        let record = self.dtype.as_record();
        let Some(field) = record.and_then(|record| record.field(name)) else {
            return Err(missing_field(record, name.to_owned()));
        };
        let mut column = self.clone();
        column.dtype = field.dtype.clone();
        column.places.first += field.offset;
        column.unfold()?;
        // Items of a field without bytes may also be too many.
        column.layout(Order::C)?;
        Ok(column)
    }

    /// The same items with the axes in reverse order.
    #[must_use]
    pub fn transposed(&self) -> Strided<'a> {
        self.with(self.places.transposed())
    }

    /// The same items with these axes, in this order.
    pub(crate) fn permuted(&self, axes: &[usize]) -> Strided<'a> {
        self.with(self.places.permuted(axes))
    }

    /// The same items with their axes in such an order that C order is this memory order.
    pub(crate) fn in_order(&self, order: Order) -> Strided<'a> {
        self.with(self.places.in_order(order))
    }

    /// Every item in C order: the last index varies fastest.
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

    /// The number of items that precede, in the bytes, the item with this number in C order.
    pub(crate) fn before(&self, number: usize) -> usize {
        let place = self.places.nth_offset(number);
        place.checked_div(self.dtype.itemsize()).unwrap_or(number)
    }

    /// The bytes themselves, if they are already in this order without gaps.
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

    /// The bytes from the lowest item's first to the highest one's last, and the position in them at which the item
    /// at index `[0, …]` begins. There must be an item.
    pub(crate) fn span(&self) -> (&'a [u8], usize) {
        let first = self.places.first;
        let reach = self.places.offset_bounds().unwrap_or(first..first);
        let bytes = self
            .bytes
            .get(reach.start..reach.end + self.dtype.itemsize());
        (bytes.unwrap_or_default(), first - reach.start)
    }

    /// The bytes, and the position in them at which the first item begins.
    pub(crate) fn source(&self) -> (&'a [u8], usize) {
        (self.bytes, self.places.first)
    }
}
