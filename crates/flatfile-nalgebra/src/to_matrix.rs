//! flatfile's arrays as nalgebra's matrices: [`view`], [`view_mut`], [`into_matrix`], [`to_matrix`].

use flatfile::bytemuck::NoUninit;
use flatfile::dtype::{Element, Layout, Order};
use flatfile::{Array, Error, ErrorKind, Strided};
use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut, Dyn, Scalar, VecStorage};

/// The items in place, with their strides: C order, Fortran order, slices.
///
/// ```
/// use flatfile_nalgebra::{flatfile::Array, view};
///
/// let array = Array::from_slice(&[1, 2, 3, 4, 5, 6], [2, 3])?;
/// let x = view::<i32>(&array)?;
/// assert_eq!((x[(1, 0)], x.strides()), (4, (3, 1)));
/// # Ok::<(), flatfile_nalgebra::flatfile::Error>(())
/// ```
///
/// # Errors
/// `Axes` if there are not two; `NotInPlace` also if an axis goes backwards or is a broadcast one; the others of
/// [`Strided::in_place`]. [`to_matrix`] copies if items cannot be viewed.
pub fn view<'a, T: Element + Scalar>(
    array: impl Into<Strided<'a>>,
) -> Result<DMatrixView<'a, T, Dyn, Dyn>, Error> {
    let array = array.into();
    let (rows, columns) = two(array.shape())?;
    let part = array.in_place::<T>()?;
    let (down, across) = two(&part.strides)?;
    let goes_up = |length: usize, step: isize| length == 1 || step > 0;
    let (down, across) = match part.items {
        [] => dense(array.shape(), Order::Fortran)?,
        _ if !goes_up(rows, down) || !goes_up(columns, across) => {
            return Err(ErrorKind::NotInPlace(STEPS).into());
        }
        // If there is nowhere to step to, the step must still not be 0: nalgebra's iterators rely on it.
        _ => (down.max(1).cast_unsigned(), across.max(1).cast_unsigned()),
    };
    Ok(DMatrixView::from_slice_with_strides(
        part.items, rows, columns, down, across,
    ))
}

/// The items of an owned or a mapped array in place, to change.
///
/// ```
/// use flatfile_nalgebra::{flatfile::Array, view_mut};
///
/// let mut array = Array::from_slice(&[1, 2, 3, 4, 5, 6], [2, 3])?;
/// view_mut::<i32>(&mut array)?.row_mut(1).fill(0);
/// assert_eq!(array.as_slice::<i32>()?, [1, 2, 3, 0, 0, 0]);
/// # Ok::<(), flatfile_nalgebra::flatfile::Error>(())
/// ```
///
/// # Errors
/// `Axes` if there are not two; those of [`Array::as_mut_slice`].
pub fn view_mut<'a, T: Element + NoUninit + Scalar>(
    array: &'a mut Array<impl AsRef<[u8]> + AsMut<[u8]>>,
) -> Result<DMatrixViewMut<'a, T, Dyn, Dyn>, Error> {
    check_item::<T>(array.layout())?;
    let (rows, columns) = two(array.shape())?;
    let (down, across) = dense(array.shape(), array.layout().order())?;
    let items = array.as_mut_slice_memory_order::<T>()?;
    Ok(DMatrixViewMut::from_slice_with_strides_mut(
        items, rows, columns, down, across,
    ))
}

/// The array as a matrix, with its memory if it is in Fortran order (another byte order is converted in place);
/// else a copy.
///
/// ```
/// use flatfile_nalgebra::{flatfile::{Array, dtype::Order}, into_matrix, nalgebra::DMatrix};
///
/// let array = Array::from_slice(&[1.0, 2.0, 3.0, 4.0], [2, 2])?.to_order(Order::Fortran)?;
/// let at = array.as_bytes().as_ptr();
/// let x: DMatrix<f64> = into_matrix(array)?;
/// assert_eq!(x.as_ptr().cast(), at);
/// # Ok::<(), flatfile_nalgebra::flatfile::Error>(())
/// ```
///
/// # Errors
/// `Axes` if there are not two; `Mismatch`, `InvalidValue`, `ElementSize`, `Memory`.
pub fn into_matrix<T: Element + Scalar>(array: Array) -> Result<DMatrix<T>, Error> {
    check_item::<T>(array.layout())?;
    let (rows, columns) = two(array.shape())?;
    let is_turned = array.strided().as_contiguous(Order::Fortran).is_none();
    let array = if is_turned {
        array.to_order(Order::Fortran)?
    } else {
        array
    };
    let (layout, bytes) = array.into_parts();
    // In memory order the items are one row, whatever the order, so it becomes a vector without reordering.
    let row = Layout::new(layout.dtype().clone(), [layout.count()], Order::C)?;
    let items = Array::new(row, bytes)?.into_vec::<T>()?;
    let storage = VecStorage::new(Dyn(rows), Dyn(columns), items);
    Ok(DMatrix::from_vec_storage(storage))
}

/// A copy of the items, of whatever byte order, alignment and strides.
///
/// ```
/// use flatfile_nalgebra::{flatfile::Array, to_matrix};
///
/// let array = Array::from_slice(&[1, 2, 3, 4], [2, 2])?;
/// let reversed = array.strided().slice(&"::-1".parse()?)?;
/// assert_eq!(to_matrix::<i32>(reversed)?.as_slice(), [3, 1, 4, 2]);
/// # Ok::<(), flatfile_nalgebra::flatfile::Error>(())
/// ```
///
/// # Errors
/// `Axes` if there are not two; `Mismatch`, `InvalidValue`, `ElementSize`, `Memory`.
pub fn to_matrix<'a, T: Element + Scalar>(
    array: impl Into<Strided<'a>>,
) -> Result<DMatrix<T>, Error> {
    let array = array.into();
    // Before memory is allocated.
    check_item::<T>(&array.layout(Order::Fortran)?)?;
    two(array.shape())?;
    into_matrix(array.to_array(Order::Fortran)?)
}

/// The axes of an item that is itself an array are in the array's shape, whereas nalgebra has them in the item.
fn check_item<T: Element>(layout: &Layout) -> Result<(), Error> {
    match Layout::new(T::dtype(), [], Order::C)?.ndim() {
        0 => Ok(()),
        _ => {
            let (expected, found) = (T::dtype(), layout.dtype().clone());
            Err(ErrorKind::Mismatch { expected, found }.into())
        }
    }
}

/// The steps down and across in this order; for an empty matrix, those for which nalgebra needs no items.
fn dense(shape: &[usize], order: Order) -> Result<(usize, usize), Error> {
    let (rows, columns) = two(shape)?;
    Ok(match order {
        _ if columns == 0 => (1, rows.max(1)),
        _ if rows == 0 => (columns, 1),
        Order::C => (columns, 1),
        Order::Fortran => (1, rows),
    })
}

/// The values for the two axes.
fn two<A: Copy>(axes: &[A]) -> Result<(A, A), Error> {
    let (expected, found) = (2, axes.len());
    match axes {
        [rows, columns] => Ok((*rows, *columns)),
        _ => Err(ErrorKind::Axes { expected, found }.into()),
    }
}

const STEPS: &str = "nalgebra has neither negative strides nor strides of 0";
