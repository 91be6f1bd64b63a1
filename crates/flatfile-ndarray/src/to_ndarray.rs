//! flatfile's arrays as ndarray's: [`view`], [`view_mut`], [`into_ndarray`], [`to_ndarray`].

use flatfile::bytemuck::NoUninit;
use flatfile::dtype::{Element, Layout, Order};
use flatfile::{Array, Error, ErrorKind, Strided, StridedSlice};
use ndarray::{ArrayView, ArrayViewMut, Axis, Dimension, IxDyn, ShapeBuilder, ShapeError};

/// The items in place, with their strides: C order, Fortran order, slices, reversed axes.
///
/// ```
/// use flatfile_ndarray::{flatfile::Array, ndarray::ArrayView2, view};
///
/// let array = Array::from_slice(&[1, 2, 3, 4, 5, 6], [2, 3])?;
/// let x: ArrayView2<i32> = view(&array)?;
/// assert_eq!(x.as_ptr(), array.as_slice()?.as_ptr());
///
/// let reversed = array.strided().slice(&":, ::-1".parse()?)?;
/// let y: ArrayView2<i32> = view(reversed)?;
/// assert_eq!((y[[0, 0]], y.strides()), (3, &[3, -1][..]));
/// # Ok::<(), flatfile_ndarray::flatfile::Error>(())
/// ```
///
/// # Errors
/// `Axes` if `D` has another number of axes; those of [`Strided::in_place`]: `Mismatch`, `Unaligned`, `NotInPlace`,
/// `InvalidValue`, `ElementSize`. [`to_ndarray`] copies if items cannot be viewed.
pub fn view<'a, T: Element, D: Dimension>(
    array: impl Into<Strided<'a>>,
) -> Result<ArrayView<'a, T, D>, Error> {
    let array = array.into();
    let shape = dimension::<D>(array.shape())?;
    let StridedSlice { items, strides, .. } = array.in_place::<T>()?;
    if items.is_empty() {
        return ArrayView::from_shape(shape, items).map_err(refused);
    }
    // ndarray takes no negative strides from a slice. Whatever their signs, the lowest item is the first of
    // `items`. So all axes go up from there, and then those that go down are reversed.
    let up: Vec<usize> = strides.iter().map(|stride| stride.unsigned_abs()).collect();
    let mut view =
        ArrayView::from_shape(shape.strides(dimension::<D>(&up)?), items).map_err(refused)?;
    for (axis, stride) in strides.iter().enumerate() {
        if *stride < 0 {
            view.invert_axis(Axis(axis));
        }
    }
    Ok(view)
}

/// The items of an owned or a mapped array in place, to change.
///
/// ```
/// use flatfile_ndarray::{flatfile::Array, ndarray::{Ix2, s}, view_mut};
///
/// let mut array = Array::from_slice(&[1, 2, 3, 4, 5, 6], [2, 3])?;
/// view_mut::<i32, Ix2>(&mut array)?.slice_mut(s![.., 1]).fill(0);
/// assert_eq!(array.as_slice::<i32>()?, [1, 0, 3, 4, 0, 6]);
/// # Ok::<(), flatfile_ndarray::flatfile::Error>(())
/// ```
///
/// # Errors
/// `Axes` if `D` has another number of axes; those of [`Array::as_mut_slice`].
pub fn view_mut<'a, T: Element + NoUninit, D: Dimension>(
    array: &'a mut Array<impl AsRef<[u8]> + AsMut<[u8]>>,
) -> Result<ArrayViewMut<'a, T, D>, Error> {
    let layout = array.layout();
    check_item::<T>(layout)?;
    let shape = dimension::<D>(layout.shape())?.set_f(is_fortran(layout));
    ArrayViewMut::from_shape(shape, array.as_mut_slice_memory_order()?).map_err(refused)
}

/// The array with its memory and its memory order; another byte order is converted in place.
///
/// ```
/// use flatfile_ndarray::{flatfile::Array, into_ndarray, ndarray::ArrayD};
///
/// let x: ArrayD<f64> = into_ndarray(Array::from_slice(&[1.0, 2.0], [2, 1])?)?;
/// assert_eq!(x.shape(), [2, 1]);
/// # Ok::<(), flatfile_ndarray::flatfile::Error>(())
/// ```
///
/// The memory is copied if it is not aligned for `T`, such as that of a record that was loaded without naming `T`.
///
/// # Errors
/// `Axes` if `D` has another number of axes; `Mismatch`, `InvalidValue`, `ElementSize`.
pub fn into_ndarray<T: Element, D: Dimension>(array: Array) -> Result<ndarray::Array<T, D>, Error> {
    check_item::<T>(array.layout())?;
    let (layout, bytes) = array.into_parts();
    let shape = dimension::<D>(layout.shape())?.set_f(is_fortran(&layout));
    // In memory order the items are one row, whatever the order, so it becomes a vector without reordering.
    let row = Layout::new(layout.dtype().clone(), [layout.count()], Order::C)?;
    let items = Array::new(row, bytes)?.into_vec::<T>()?;
    ndarray::Array::from_shape_vec(shape, items).map_err(refused)
}

/// A copy of the items, of whatever byte order, alignment and strides: in Fortran order if they are contiguous in
/// it, else in C order.
///
/// ```
/// use flatfile_ndarray::{flatfile::Array, ndarray::Array1, to_ndarray};
///
/// let mut array = Array::from_slice(&[1u16, 2, 3], [3])?;
/// array.set_byte_order(flatfile_ndarray::flatfile::dtype::ByteOrder::Big);
/// let x: Array1<u16> = to_ndarray(&array)?;
/// assert_eq!(x.to_vec(), [1, 2, 3]);
/// # Ok::<(), flatfile_ndarray::flatfile::Error>(())
/// ```
///
/// # Errors
/// `Axes` if `D` has another number of axes; `Mismatch`, `InvalidValue`, `ElementSize`, `Memory`.
pub fn to_ndarray<'a, T: Element, D: Dimension>(
    array: impl Into<Strided<'a>>,
) -> Result<ndarray::Array<T, D>, Error> {
    let array = array.into();
    let in_order = |order| array.as_contiguous(order).is_some();
    let order = if in_order(Order::Fortran) && !in_order(Order::C) {
        Order::Fortran
    } else {
        Order::C
    };
    // Before memory is allocated.
    check_item::<T>(&array.layout(order)?)?;
    dimension::<D>(array.shape())?;
    into_ndarray(array.to_array(order)?)
}

/// The axes of an item that is itself an array are in the array's shape, whereas ndarray has them in the item.
fn check_item<T: Element>(layout: &Layout) -> Result<(), Error> {
    match Layout::new(T::dtype(), [], Order::C)?.ndim() {
        0 => Ok(()),
        _ => {
            let (expected, found) = (T::dtype(), layout.dtype().clone());
            Err(ErrorKind::Mismatch { expected, found }.into())
        }
    }
}

/// The lengths, or any other list with one value for each axis.
fn dimension<D: Dimension>(axes: &[usize]) -> Result<D, Error> {
    let (expected, found) = (D::NDIM.unwrap_or(axes.len()), axes.len());
    let dimension = D::from_dimension(&IxDyn(axes));
    dimension.ok_or_else(|| ErrorKind::Axes { expected, found }.into())
}

fn is_fortran(layout: &Layout) -> bool {
    layout.order() == Order::Fortran
}

fn refused(error: ShapeError) -> Error {
    ErrorKind::Shape(error.to_string()).into()
}
