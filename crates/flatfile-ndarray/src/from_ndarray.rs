//! ndarray's arrays as flatfile's: [`strided`], [`cow_strided`], [`into_array`].

use flatfile::bytemuck::{NoUninit, cast_slice};
use flatfile::dtype::{Element, Layout, Order};
use flatfile::{Array, CowStrided, Error, ErrorKind, Strided};
use ndarray::{ArrayRef, Axis, Dimension};

/// The items in place, with their strides: axes in any order, reversed and broadcast ones.
///
/// ```
/// use flatfile_ndarray::{ndarray::array, strided};
///
/// let x = array![[1u8, 2, 3], [4, 5, 6]];
/// assert_eq!(strided(&x.t())?.strides(), [1, 3]);
///
/// let error = strided(&x.column(1)).unwrap_err().to_string();
/// assert_eq!(error, "no view without a copy: there are gaps between the items of the ndarray view");
/// # Ok::<(), flatfile_ndarray::flatfile::Error>(())
/// ```
///
/// # Errors
/// `NotInPlace` if there are gaps between the items ([`cow_strided`] copies these); `Layout` if there are more than 64
/// axes; `ElementSize`.
pub fn strided<T: Element + NoUninit, D: Dimension>(
    array: &ArrayRef<T, D>,
) -> Result<Strided<'_>, Error> {
    let size = size_of::<T>();
    if T::dtype().itemsize() != size {
        let dtype = T::dtype();
        return Err(ErrorKind::ElementSize { size, dtype }.into());
    }
    if array.is_empty() {
        let strides = vec![0; array.ndim()];
        return Strided::new(T::dtype(), array.shape(), strides, &[], 0);
    }
    // All items along a broadcast axis are the first one.
    let mut once = array.view();
    let mut first = 0;
    for (axis, (length, stride)) in array.shape().iter().zip(array.strides()).enumerate() {
        if *stride == 0 && *length > 1 {
            once.collapse_axis(Axis(axis), 0);
        }
        if *stride < 0 {
            first += (length - 1) * stride.unsigned_abs() * size;
        }
    }
    let items = once.to_slice_memory_order();
    let items = items.ok_or(ErrorKind::NotInPlace(GAPS))?;
    let steps = array.strides().iter().zip(array.shape());
    let steps = steps.map(|(stride, length)| match length {
        1 => 0,
        _ => *stride * size.cast_signed(),
    });
    let steps = steps.collect::<Vec<isize>>();
    Strided::new(T::dtype(), array.shape(), steps, cast_slice(items), first)
}

/// An ndarray array for every writer: the items in place, or a copy if there are gaps between them.
///
/// ```
/// use flatfile_ndarray::{flatfile::npy, ndarray::array, cow_strided};
///
/// let x = array![[1u8, 2, 3], [4, 5, 6]];
/// assert!(cow_strided(&x.t())?.is_borrowed());
/// assert!(!cow_strided(&x.column(1))?.is_borrowed());
/// let (saved, _) = npy::parse(&npy::to_bytes(&cow_strided(&x.column(1))?)?).map(|(x, at)| (x.to_string(), at))?;
/// assert_eq!(saved, "[2 5]");
/// # Ok::<(), flatfile_ndarray::flatfile::Error>(())
/// ```
///
/// # Errors
/// `Layout` if there are more than 64 axes; `ElementSize`.
pub fn cow_strided<T: Element + NoUninit, D: Dimension>(
    array: &ArrayRef<T, D>,
) -> Result<CowStrided<'_>, Error> {
    match strided(array) {
        Ok(strided) => Ok(strided.into()),
        Err(error) if matches!(error.kind(), ErrorKind::NotInPlace(_)) => {
            let copy = Array::from_vec(array.iter().copied().collect(), array.shape())?;
            Ok(copy.into())
        }
        Err(error) => Err(error),
    }
}

/// The array with its memory, in C or in Fortran order; a copy in C order if the items are in neither, or if a part
/// of the memory was sliced away.
///
/// ```
/// use flatfile_ndarray::{into_array, ndarray::array};
///
/// let x = array![[1.0, 2.0], [3.0, 4.0]];
/// let at = x.as_ptr();
/// let array = into_array(x)?;
/// assert_eq!(array.as_slice::<f64>()?.as_ptr(), at);
/// # Ok::<(), flatfile_ndarray::flatfile::Error>(())
/// ```
///
/// # Errors
/// `Layout` if there are more than 64 axes; `ElementSize`.
pub fn into_array<T: Element + NoUninit, D: Dimension>(
    array: ndarray::Array<T, D>,
) -> Result<Array, Error> {
    let shape = array.shape().to_vec();
    let is_c = array.is_standard_layout();
    // The axes of an item that is itself an array come last, which is possible only in C order.
    let is_plain = Layout::new(T::dtype(), [], Order::C)?.ndim() == 0;
    let is_fortran = is_plain && array.t().is_standard_layout();
    let count = array.len();
    if !is_c && !is_fortran {
        return Array::from_vec(array.iter().copied().collect(), shape);
    }
    let (mut items, offset) = array.into_raw_vec_and_offset();
    // The items that were sliced away at the ends may still be there.
    let offset = offset.unwrap_or(0);
    items.truncate(offset + count);
    items.drain(..offset);
    if is_c {
        return Array::from_vec(items, shape);
    }
    let turned: Vec<usize> = shape.iter().rev().copied().collect();
    let (layout, bytes) = Array::from_vec(items, turned)?.into_parts();
    let layout = Layout::new(layout.dtype().clone(), shape, Order::Fortran)?;
    Array::new(layout, bytes)
}

const GAPS: &str = "there are gaps between the items of the ndarray view";
