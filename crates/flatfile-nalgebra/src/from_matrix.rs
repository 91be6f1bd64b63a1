//! nalgebra's matrices as flatfile's arrays: [`strided`], [`to_array`], [`into_array`].

use flatfile::bytemuck::{NoUninit, cast_slice};
use flatfile::dtype::{Element, Layout, Order};
use flatfile::{Array, Error, ErrorKind, Strided};
use nalgebra::{DMatrix, Dim, IsContiguous, Matrix, RawStorage, Scalar};

/// The items in place, in Fortran order.
///
/// ```
/// use flatfile_nalgebra::{nalgebra::Matrix2, strided};
///
/// let x = Matrix2::new(1, 2, 3, 4);
/// assert_eq!(strided(&x)?.strides(), [4, 8]);
/// # Ok::<(), flatfile_nalgebra::flatfile::Error>(())
/// ```
///
/// # Errors
/// `ElementSize`.
pub fn strided<T, R, C, S>(matrix: &Matrix<T, R, C, S>) -> Result<Strided<'_>, Error>
where
    T: Element + NoUninit + Scalar,
    R: Dim,
    C: Dim,
    S: RawStorage<T, R, C> + IsContiguous,
{
    let (size, dtype) = (size_of::<T>(), T::dtype());
    if dtype.itemsize() != size {
        return Err(ErrorKind::ElementSize { size, dtype }.into());
    }
    let steps = [size, size * matrix.nrows()].map(usize::cast_signed);
    let bytes = cast_slice(matrix.as_slice());
    Strided::new(dtype, [matrix.nrows(), matrix.ncols()], steps, bytes, 0)
}

/// A copy of the items of any matrix or view, in Fortran order.
///
/// ```
/// use flatfile_nalgebra::{nalgebra::DMatrix, to_array};
///
/// let x = DMatrix::from_row_slice(2, 3, &[1, 2, 3, 4, 5, 6]);
/// assert_eq!(to_array(&x.view((0, 1), (2, 2)))?.to_string(), "[[2 3]\n [5 6]]");
/// # Ok::<(), flatfile_nalgebra::flatfile::Error>(())
/// ```
///
/// # Errors
/// `ElementSize` if an item is an array itself, or its size is not its dtype's.
pub fn to_array<T, R, C, S>(matrix: &Matrix<T, R, C, S>) -> Result<Array, Error>
where
    T: Element + NoUninit + Scalar,
    R: Dim,
    C: Dim,
    S: RawStorage<T, R, C>,
{
    columns(matrix.iter().copied().collect(), matrix.shape())
}

/// The matrix with its memory, as an array in Fortran order.
///
/// ```
/// use flatfile_nalgebra::{into_array, nalgebra::DMatrix};
///
/// let x = DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 3.0, 4.0]);
/// let at = x.as_ptr();
/// assert_eq!(into_array(x)?.as_slice_memory_order::<f64>()?.as_ptr(), at);
/// # Ok::<(), flatfile_nalgebra::flatfile::Error>(())
/// ```
///
/// # Errors
/// `ElementSize` if an item is an array itself, or its size is not its dtype's.
pub fn into_array<T: Element + NoUninit + Scalar>(matrix: DMatrix<T>) -> Result<Array, Error> {
    let shape = matrix.shape();
    columns(matrix.data.into(), shape)
}

/// The array that has these items as columns.
fn columns<T: Element + NoUninit>(
    items: Vec<T>,
    (rows, columns): (usize, usize),
) -> Result<Array, Error> {
    let (size, dtype) = (size_of::<T>(), T::dtype());
    // The axes of an item that is itself an array come last, which is possible only in C order.
    let layout = Layout::new(dtype.clone(), [rows, columns], Order::Fortran)?;
    if layout.ndim() != 2 {
        return Err(ErrorKind::ElementSize { size, dtype }.into());
    }
    let (_, bytes) = Array::from_vec(items, [columns, rows])?.into_parts();
    Array::new(layout, bytes)
}
