//! Strided items as values of a Rust type, in place: [`StridedSlice`].

use crate::element::mismatch;
use crate::error::{Error, ErrorKind};
use crate::strided::Strided;
use bytemuck::checked::{self, CheckedCastError};
use dtype::Element;

/// Items with the steps between them, from which the views of other crates are made.
#[derive(Clone, Debug)]
pub struct StridedSlice<'a, T> {
    /// All items in memory from the lowest to the highest, including those between them.
    pub items: &'a [T],
    /// The position in `items` of the item at index `[0, …]`.
    pub first: usize,
    /// The step to the next item along each axis, in `items`; 0 along an axis of at most one item.
    pub strides: Vec<isize>,
}

impl<'a> Strided<'a> {
    /// The items in place, with their strides.
    ///
    /// ```
    /// use flatfile::Array;
    /// let array = Array::from_slice(&[1i16, 2, 3, 4, 5], [5])?;
    /// let view = array.strided().slice(&"4:0:-2".parse()?)?;
    /// let part = view.in_place::<i16>()?;
    /// assert_eq!((part.items, part.first, part.strides), (&[3, 4, 5][..], 2, vec![-2]));
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Mismatch` if the items are not of `T`'s dtype, byte order included; `Unaligned` if they are at an address
    /// that is not aligned for `T`; `NotInPlace` if a step is not a whole number of items, as in a packed record,
    /// or bytes between the items are not a valid `T`; `InvalidValue` if an item is not, with its index in C order;
    /// `ElementSize` if items have no bytes.
    pub fn in_place<T: Element>(&self) -> Result<StridedSlice<'a, T>, Error> {
        let (size, dtype) = (size_of::<T>(), T::dtype());
        if *self.dtype() != dtype {
            return Err(mismatch::<T>(self.dtype()));
        }
        if dtype.itemsize() != size || size == 0 {
            return Err(ErrorKind::ElementSize { size, dtype }.into());
        }
        if self.count() == 0 {
            let strides = vec![0; self.ndim()];
            return Ok(StridedSlice {
                items: &[],
                first: 0,
                strides,
            });
        }
        let mut strides = Vec::with_capacity(self.ndim());
        for (length, stride) in self.shape().iter().zip(self.strides()) {
            match (length, isize::try_from(size)) {
                (1, _) => strides.push(0),
                (_, Ok(size)) if stride % size == 0 => strides.push(stride / size),
                _ => return Err(ErrorKind::NotInPlace(STEPS).into()),
            }
        }
        let (bytes, first) = self.span();
        let items = checked::try_cast_slice(bytes).map_err(|error| self.refused::<T>(error))?;
        let first = first / size;
        Ok(StridedSlice {
            items,
            first,
            strides,
        })
    }

    /// The reason why these bytes are not values of `T`.
    fn refused<T: Element>(&self, error: CheckedCastError) -> Error {
        let alignment = align_of::<T>();
        let CheckedCastError::InvalidBitPattern = error else {
            return ErrorKind::Unaligned { alignment }.into();
        };
        let is_bad = |item| checked::try_pod_read_unaligned::<T>(item).is_err();
        let dtype = self.dtype().clone();
        match self.items().position(is_bad) {
            Some(item) => ErrorKind::InvalidValue { item, dtype }.into(),
            None => ErrorKind::NotInPlace(BETWEEN).into(),
        }
    }
}

const STEPS: &str = "the step from item to item is not a whole number of items";
const BETWEEN: &str = "the bytes between the items are not valid values";
