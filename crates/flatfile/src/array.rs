//! Bytes and their layout: [`Array`].

use crate::buffer::Buffer;
use crate::element::{Compatibility, check_element, mismatch};
use crate::error::{Error, ErrorKind};
use crate::shape::resolved;
use crate::strided::Strided;
use bytemuck::{NoUninit, checked};
use dtype::{ByteOrder, DType, Element, Layout, Order, set_byte_order};
use std::borrow::Cow;
use std::fmt;

/// A contiguous array: a [`Layout`], and the bytes that it describes.
///
/// The bytes are owned ([`Buffer`], the default), borrowed ([`ArrayView`]) or mapped ([`Mmap`](crate::map::Mmap),
/// [`MmapMut`](crate::map::MmapMut)). Items are viewed in place as Rust values if type, byte order and alignment
/// agree, and copied otherwise:
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

/// The layout and the kind of storage; the values are printed by `Display`.
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
    /// The array with this layout over these bytes.
    ///
    /// # Errors
    /// `Short` if the number of bytes is not exactly that of the layout, `Object` if items are Python objects.
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

    /// The type of one item.
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

    /// The layout and the storage of the bytes.
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
    /// `FortranOrder` if the items are not in C order; as [`as_slice_memory_order`](Array::as_slice_memory_order).
    pub fn as_slice<T: Element>(&self) -> Result<&[T], Error> {
        self.check_c_order()?;
        self.as_slice_memory_order()
    }

    /// The items in place, in memory order, which is [`Layout::order`].
    ///
    /// # Errors
    /// `Mismatch` if the items are not of `T`'s dtype in native byte order; `Unaligned` if they are at an address
    /// that is not aligned for `T`; `InvalidValue` if one is not a valid `T`; `ElementSize` if items have no bytes
    /// (they can still be copied).
    pub fn as_slice_memory_order<T: Element>(&self) -> Result<&[T], Error> {
        if check_element::<T>(&self.layout)? != Compatibility::Same {
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

    /// The items in C order and native byte order: in place (`Cow::Borrowed`) if they are stored that way and
    /// aligned for `T`, else a copy.
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
        if fit == Compatibility::Same && self.layout.is_c_contiguous() {
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

    /// A copy of the items in C order, in native byte order. If `T` is a record, its fields are found by name, at
    /// any offset of the array's record and in any byte order; other fields are left out.
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
    /// `Mismatch` if the sizes differ.
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

    /// The same bytes in another shape, as NumPy's `reshape` in C order. One length may be -1: it is inferred from
    /// the others.
    ///
    /// ```
    /// use flatfile::Array;
    /// let array = Array::from_slice(&[1, 2, 3, 4, 5, 6], [6])?.reshape([-1, 3])?;
    /// assert_eq!(array.to_string(), "[[1 2 3]\n [4 5 6]]");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Shape` if the number of items differs, or the items are in Fortran order ([`to_order`](Array::to_order)
    /// brings them into C order).
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

    /// The items in place, to change, in memory order.
    ///
    /// # Errors
    /// As [`as_slice_memory_order`](Array::as_slice_memory_order).
    pub fn as_mut_slice_memory_order<T: Element + NoUninit>(&mut self) -> Result<&mut [T], Error> {
        // Everything is checked here, with errors that name the wrong item.
        if self.as_slice_memory_order::<T>()?.is_empty() {
            return Ok(&mut []);
        }
        let alignment = align_of::<T>();
        let items = checked::try_cast_slice_mut(self.bytes.as_mut());
        items.map_err(|_| ErrorKind::Unaligned { alignment }.into())
    }
}

impl Array {
    /// Converts the items to this byte order, in place.
    pub fn set_byte_order(&mut self, order: ByteOrder) {
        set_byte_order(self.layout.dtype(), order, self.bytes.as_mut());
        self.layout = self.layout.with_byte_order(order);
    }

    /// `items` as an array of this shape in C order, without a copy.
    ///
    /// # Errors
    /// `Short` if the number of `items` does not fit the shape; `ElementSize`.
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
    /// `Short` if the number of `items` does not fit the shape.
    pub fn from_slice<T: Element + NoUninit>(
        items: &[T],
        shape: impl Into<Vec<usize>>,
    ) -> Result<Array, Error> {
        let view = ArrayView::over(items, shape)?;
        view.to_order(Order::C)
    }

    /// The items in C order and native byte order: the array's own memory if they are already stored that way, else
    /// a copy.
    ///
    /// # Errors
    /// `Mismatch`, `InvalidValue`.
    pub fn into_vec<T: Element>(mut self) -> Result<Vec<T>, Error> {
        match check_element::<T>(&self.layout)? {
            fit if fit == Compatibility::Cast || !self.layout.is_c_contiguous() => {
                return self.to_vec();
            }
            Compatibility::Swap => self.set_byte_order(ByteOrder::NATIVE),
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
    /// An array of this shape in C order that borrows `items`.
    ///
    /// # Errors
    /// `Short` if the number of `items` does not fit the shape; `ElementSize`.
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

/// The slice of no items. Items without bytes cannot be viewed, because they have no address.
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
