//! Bytes with their layout: [`Array`].

use crate::buffer::Buffer;
use crate::element::{Fit, check_element, mismatch};
use crate::error::{Error, ErrorKind};
use crate::shape::resolved;
use crate::strided::Strided;
use bytemuck::{NoUninit, checked};
use dtype::{ByteOrder, DType, Element, Layout, Order, set_byte_order};
use std::borrow::Cow;
use std::fmt;

/// A contiguous array: a [`Layout`], and the bytes that it describes.
///
/// The bytes are owned ([`Buffer`], the default), borrowed ([`ArrayView`]) or mapped
/// ([`Mmap`](crate::map::Mmap), [`MmapMut`](crate::map::MmapMut)). Items are viewed in place as Rust values
/// where type, byte order and alignment agree, and copied else:
///
/// ```
/// use flatfile::{Array, dtype::{ByteOrder, DType, Order}};
///
/// let mut array = Array::from_slice(&[1i32, 2, 3, 4, 5, 6], [2, 3])?;
/// assert_eq!(array.as_slice::<i32>()?, [1, 2, 3, 4, 5, 6]);
/// assert_eq!(array.to_string(), "[[1 2 3]\n [4 5 6]]");
/// array.set_byte_order(ByteOrder::Big);
/// assert_eq!(array.dtype().to_string(), ">i4");
/// assert_eq!(array.to_vec::<i32>()?, [1, 2, 3, 4, 5, 6]);
/// assert_eq!(array.as_slice::<u8>().unwrap_err().to_string(),
///     "the items are of another type: expected '|u1', found '>i4'");
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone)]
pub struct Array<B = Buffer> {
    layout: Layout,
    bytes: B,
}

/// What it is; its values are what `Display` prints.
impl<B> fmt::Debug for Array<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Array")
            .field("dtype", &format_args!("{}", self.layout.dtype()))
            .field("shape", &format_args!("{}", self.layout.shape_tuple()))
            .field("order", &self.layout.order())
            .finish_non_exhaustive()
    }
}

/// An array over borrowed bytes.
pub type ArrayView<'a> = Array<&'a [u8]>;

impl<B: AsRef<[u8]>> Array<B> {
    /// The array of this layout over these bytes.
    ///
    /// # Errors
    /// `Short` where the bytes are not exactly as many as the layout says, `Object` where items are
    /// Python objects.
    pub fn new(layout: Layout, bytes: B) -> Result<Array<B>, Error> {
        if layout.dtype().has_object() {
            return Err(ErrorKind::Object.into());
        }
        match bytes.as_ref().len() {
            len if len == layout.nbytes() => Ok(Array { layout, bytes }),
            len => Err(Error::short(layout.nbytes(), len)),
        }
    }

    /// Dtype, shape and memory order.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What one item is.
    pub fn dtype(&self) -> &DType {
        self.layout.dtype()
    }

    /// The length along each axis.
    pub fn shape(&self) -> &[usize] {
        self.layout.shape()
    }

    /// The bytes of all items, in memory order.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    pub(crate) fn storage(&self) -> &B {
        &self.bytes
    }

    /// The layout and what holds the bytes.
    pub fn into_parts(self) -> (Layout, B) {
        (self.layout, self.bytes)
    }

    /// The same array, borrowed.
    pub fn view(&self) -> ArrayView<'_> {
        Array {
            layout: self.layout.clone(),
            bytes: self.as_bytes(),
        }
    }

    /// The items with their strides, ready to be sliced, transposed or written.
    pub fn strided(&self) -> Strided<'_> {
        Strided::dense(&self.layout, self.as_bytes())
    }

    /// The items in place, in C order.
    ///
    /// ```
    /// use flatfile::{Array, dtype::Order};
    /// let array = Array::from_slice(&[1, 2, 3, 4], [2, 2])?;
    /// assert_eq!(array.as_slice::<i32>()?, [1, 2, 3, 4]);
    /// let fortran = array.to_order(Order::Fortran)?;
    /// assert!(fortran.as_slice::<i32>().is_err());
    /// assert_eq!(fortran.to_vec::<i32>()?, [1, 2, 3, 4]);
    /// assert_eq!(fortran.as_slice_memory_order::<i32>()?, [1, 3, 2, 4]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `FortranOrder` where the items lie in another order than C's; as
    /// [`as_slice_memory_order`](Array::as_slice_memory_order).
    pub fn as_slice<T: Element>(&self) -> Result<&[T], Error> {
        self.check_c_order()?;
        self.as_slice_memory_order()
    }

    /// The items in place, as they lie in memory: [`Layout::order`] says in which order that is.
    ///
    /// # Errors
    /// `Mismatch` where the items are not of `T`'s dtype in native byte order; `Unaligned` where they
    /// lie at an address that `T` cannot have; `InvalidValue` where one is no `T`; `ElementSize` where items
    /// have no bytes, of which a copy can be had.
    pub fn as_slice_memory_order<T: Element>(&self) -> Result<&[T], Error> {
        if check_element::<T>(&self.layout)? != Fit::Same {
            return Err(mismatch::<T>(self.dtype()));
        }
        match self.as_bytes() {
            [] => no_items(self.layout.count()),
            bytes => checked::try_cast_slice(bytes).map_err(|error| cast_error::<T>(error, self)),
        }
    }

    fn check_c_order(&self) -> Result<(), Error> {
        if !self.layout.is_c_contiguous() {
            return Err(ErrorKind::FortranOrder(self.shape().to_vec()).into());
        }
        Ok(())
    }

    /// The items in C order and native byte order: in place where they lie so and where `T` may, which
    /// `Cow::Borrowed` says, else a copy.
    ///
    /// ```
    /// use flatfile::{Array, npy};
    /// use std::borrow::Cow;
    /// let bytes = npy::to_bytes(&Array::from_slice(&[1u16, 2], [2])?)?;
    /// let (view, _) = npy::parse(&bytes)?;
    /// match view.to_cow::<u16>()? {
    ///     Cow::Borrowed(items) => assert_eq!(items, [1, 2]),
    ///     Cow::Owned(items) => assert_eq!(items, [1, 2]),
    /// }
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Mismatch`, `InvalidValue`.
    pub fn to_cow<T: Element>(&self) -> Result<Cow<'_, [T]>, Error> {
        let fit = check_element::<T>(&self.layout)?;
        if fit == Fit::Same && self.layout.is_c_contiguous() {
            match self.as_slice() {
                Ok(items) => return Ok(Cow::Borrowed(items)),
                Err(error) if matches!(error.kind(), ErrorKind::InvalidValue { .. }) => {
                    return Err(error);
                }
                Err(_) => {}
            }
        }
        self.to_vec().map(Cow::Owned)
    }

    /// A copy of the items in C order, in native byte order. Where `T` is a record, its fields are found by
    /// name, wherever they lie in the array's and in whatever byte order; others are left out.
    ///
    /// # Errors
    /// `Mismatch`, `MissingField`, `FieldMismatch`, `InvalidValue`.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>, Error> {
        check_element::<T>(&self.layout)?;
        self.strided().to_vec()
    }

    /// A copy in this memory order.
    ///
    /// # Errors
    /// `Memory`.
    pub fn to_order(&self, order: Order) -> Result<Array, Error> {
        self.strided().to_array(order)
    }

    /// The same bytes read as items of another type of the same size, as NumPy's `view` does.
    ///
    /// # Errors
    /// `Mismatch` where the sizes differ.
    pub fn with_dtype(self, dtype: DType) -> Result<Array<B>, Error> {
        if dtype.itemsize() != self.dtype().itemsize() {
            let found = self.dtype().clone();
            return Err(ErrorKind::Mismatch {
                expected: dtype,
                found,
            }
            .into());
        }
        let layout = self.layout.with_dtype(dtype)?;
        Array::new(layout, self.bytes)
    }

    /// The same bytes in another shape, as NumPy's `reshape` in C order. One length may be -1: it is what
    /// is left.
    ///
    /// ```
    /// use flatfile::Array;
    /// let array = Array::from_slice(&[1, 2, 3, 4, 5, 6], [6])?.reshape([-1, 3])?;
    /// assert_eq!(array.to_string(), "[[1 2 3]\n [4 5 6]]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Shape` where the number of items is another, or the items are in Fortran order
    /// ([`to_order`](Array::to_order) brings them into C order).
    pub fn reshape(self, shape: impl Into<Vec<isize>>) -> Result<Array<B>, Error> {
        let shape = resolved(shape.into(), self.layout.count())?;
        self.check_c_order()?;
        let layout = Layout::new(self.dtype().clone(), shape, Order::C)?;
        Array::new(layout, self.bytes)
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Array<B> {
    /// The bytes of all items, to change.
    pub fn as_mut_bytes(&mut self) -> &mut [u8] {
        self.bytes.as_mut()
    }

    /// The items in place, to change, in C order.
    ///
    /// # Errors
    /// As [`as_slice`](Array::as_slice).
    pub fn as_mut_slice<T: Element + NoUninit>(&mut self) -> Result<&mut [T], Error> {
        self.check_c_order()?;
        self.as_mut_slice_memory_order()
    }

    /// The items in place, to change, as they lie in memory.
    ///
    /// # Errors
    /// As [`as_slice_memory_order`](Array::as_slice_memory_order).
    pub fn as_mut_slice_memory_order<T: Element + NoUninit>(&mut self) -> Result<&mut [T], Error> {
        // All is checked here, with errors that say which item is wrong.
        if self.as_slice_memory_order::<T>()?.is_empty() {
            return Ok(&mut []);
        }
        let alignment = align_of::<T>();
        let items = checked::try_cast_slice_mut(self.bytes.as_mut());
        items.map_err(|_| ErrorKind::Unaligned { alignment }.into())
    }
}

impl Array {
    /// Turns the items into this byte order, in place.
    pub fn set_byte_order(&mut self, order: ByteOrder) {
        set_byte_order(self.layout.dtype(), order, self.bytes.as_mut());
        self.layout = self.layout.with_byte_order(order);
    }

    /// `items` as an array of this shape in C order, in the memory that they have.
    ///
    /// # Errors
    /// `Short` where `items` are not as many as the shape says; `ElementSize`.
    pub fn from_vec<T: Element + NoUninit>(
        items: Vec<T>,
        shape: impl Into<Vec<usize>>,
    ) -> Result<Array, Error> {
        let layout = ArrayView::over(&items, shape)?.layout;
        Array::new(layout, Buffer::from_vec(items))
    }

    /// A copy of `items` as an array of this shape in C order.
    ///
    /// # Errors
    /// `Short` where `items` are not as many as the shape says.
    pub fn from_slice<T: Element + NoUninit>(
        items: &[T],
        shape: impl Into<Vec<usize>>,
    ) -> Result<Array, Error> {
        let view = ArrayView::over(items, shape)?;
        view.to_order(Order::C)
    }

    /// The items in C order and native byte order: the array's own memory where it lies so already,
    /// a copy else.
    ///
    /// # Errors
    /// `Mismatch`, `InvalidValue`.
    pub fn into_vec<T: Element>(mut self) -> Result<Vec<T>, Error> {
        match check_element::<T>(&self.layout)? {
            fit if fit == Fit::Cast || !self.layout.is_c_contiguous() => return self.to_vec(),
            Fit::Swap => self.set_byte_order(ByteOrder::NATIVE),
            _ => {}
        }
        let count = self.layout.count();
        if size_of::<T>() == 0 {
            let item = checked::try_pod_read_unaligned::<T>(&[]);
            return Ok(item.map_or(Vec::new(), |item| vec![item; count]));
        }
        let dtype = self.layout.dtype().clone();
        let bad_value = |item| ErrorKind::InvalidValue { item, dtype }.into();
        self.bytes.into_vec().map_err(bad_value)
    }

    /// A copy of `view` in this order, at an address that is a multiple of `alignment`.
    pub(crate) fn aligned(
        view: &Strided<'_>,
        order: Order,
        alignment: usize,
    ) -> Result<Array, Error> {
        let layout = view.layout(order)?;
        let mut bytes = Buffer::zeroed(layout.nbytes(), alignment)?;
        view.copy_to(order, bytes.as_mut())?;
        Ok(Array { layout, bytes })
    }
}

impl<'a> ArrayView<'a> {
    /// An array of this shape in C order over `items`, which stay where they are.
    ///
    /// # Errors
    /// `Short` where `items` are not as many as the shape says; `ElementSize`.
    pub fn over<T: Element + NoUninit>(
        items: &'a [T],
        shape: impl Into<Vec<usize>>,
    ) -> Result<ArrayView<'a>, Error> {
        let layout = Layout::new(T::dtype(), shape, Order::C)?;
        check_element::<T>(&layout)?;
        Array::new(layout, bytemuck::cast_slice(items))
    }
}

impl Strided<'_> {
    /// A copy in this memory order.
    ///
    /// # Errors
    /// `Memory`, `Object`.
    pub fn to_array(&self, order: Order) -> Result<Array, Error> {
        Array::aligned(self, order, self.dtype().alignment())
    }
}

/// The slice of no items at all. Items without bytes cannot be viewed, for lack of an address.
fn no_items<'a, T: Element>(count: usize) -> Result<&'a [T], Error> {
    let (size, dtype) = (size_of::<T>(), T::dtype());
    match count {
        0 => Ok(&[]),
        _ => Err(ErrorKind::ElementSize { size, dtype }.into()),
    }
}

fn cast_error<T: Element>(
    error: checked::CheckedCastError,
    array: &Array<impl AsRef<[u8]>>,
) -> Error {
    let alignment = align_of::<T>();
    let checked::CheckedCastError::InvalidBitPattern = error else {
        return ErrorKind::Unaligned { alignment }.into();
    };
    let mut items = array.as_bytes().chunks_exact(size_of::<T>().max(1));
    let item = items.position(|item| checked::try_pod_read_unaligned::<T>(item).is_err());
    let dtype = array.dtype().clone();
    let item = item.unwrap_or(0);
    ErrorKind::InvalidValue { item, dtype }.into()
}

impl<'a> From<ArrayView<'a>> for Strided<'a> {
    fn from(array: ArrayView<'a>) -> Strided<'a> {
        Strided::dense(&array.layout, array.bytes)
    }
}

impl<'a, B: AsRef<[u8]>> From<&'a Array<B>> for Strided<'a> {
    fn from(array: &'a Array<B>) -> Strided<'a> {
        array.strided()
    }
}
