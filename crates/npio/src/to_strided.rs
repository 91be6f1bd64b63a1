//! What can be saved: [`ToStrided`].

use flatfile::bytemuck::NoUninit;
use flatfile::dtype::Element;
use flatfile::{Array, ArrayView, CowStrided, Error, Strided};

/// An array that can be saved: one of this library, or the items of a slice, a vector or a Rust array.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// npio::save(&path, [1.5, 2.5])?;
/// npio::save(&path, &vec![[1, 2, 3], [4, 5, 6]])?;
/// let x = npio::load(&path)?;
/// assert_eq!(x.shape(), [2, 3]);
/// npio::save(&path, &x)?;
/// npio::save(&path, x.strided().slice(&"::-1".parse()?)?)?;
/// assert_eq!(npio::load(&path)?.to_string(), "[[4 5 6]\n [1 2 3]]");
/// # Ok::<(), npio::Error>(())
/// ```
///
/// With the features `ndarray` and `nalgebra` the arrays and matrices of these crates can be saved in the same way,
/// and views of them:
///
#[cfg_attr(
    feature = "ndarray",
    doc = r#"```
use npio::ndarray::ndarray::{Array2, array};

# let folder = tempfile::tempdir().unwrap();
# let path = folder.path().join("x.npy");
let x: Array2<f64> = array![[1.0, 2.0], [3.0, 4.0]];
npio::save(&path, &x)?;
npio::save(&path, x.t())?;
assert_eq!(npio::load_vec(&path)?, (vec![1.0, 3.0, 2.0, 4.0], vec![2, 2]));
# Ok::<(), npio::Error>(())
```"#
)]
///
/// Structs that derive [`Element`](crate::Element) can be saved if they have no padding;
/// [`Array::from_records`] copies others.
///
/// Another type can implement this trait if it can lend its items, or copy them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be saved as an array",
    label = "not an array of npio, nor a slice, vector or array of elements",
    note = "elements are numbers, `bool`, npio's times and strings, and structs that derive `npio::Element` and `bytemuck::NoUninit` (or `Pod`)",
    note = "arrays of the crates ndarray and nalgebra can be saved if npio's feature of that name is on",
    note = "strings, maps and nested values are saved by `npio::save_value`"
)]
pub trait ToStrided {
    /// The items in place, or a copy of them if they cannot be lent.
    ///
    /// # Errors
    /// Items that no array can have.
    fn to_strided(&self) -> Result<CowStrided<'_>, Error>;
}

impl<A: ToStrided + ?Sized> ToStrided for &A {
    fn to_strided(&self) -> Result<CowStrided<'_>, Error> {
        (**self).to_strided()
    }
}

impl<B: AsRef<[u8]>> ToStrided for Array<B> {
    fn to_strided(&self) -> Result<CowStrided<'_>, Error> {
        Ok(self.strided().into())
    }
}

impl ToStrided for Strided<'_> {
    fn to_strided(&self) -> Result<CowStrided<'_>, Error> {
        Ok(self.clone().into())
    }
}

impl ToStrided for CowStrided<'_> {
    fn to_strided(&self) -> Result<CowStrided<'_>, Error> {
        Ok(self.strided().into())
    }
}

/// One axis. (Items that are Rust arrays add theirs.)
impl<T: Element + NoUninit> ToStrided for [T] {
    fn to_strided(&self) -> Result<CowStrided<'_>, Error> {
        let view = ArrayView::over(self, [self.len()])?;
        Ok(Strided::from(view).into())
    }
}

/// As a slice.
impl<T: Element + NoUninit> ToStrided for Vec<T> {
    fn to_strided(&self) -> Result<CowStrided<'_>, Error> {
        self.as_slice().to_strided()
    }
}

/// As a slice.
impl<T: Element + NoUninit, const N: usize> ToStrided for [T; N] {
    fn to_strided(&self) -> Result<CowStrided<'_>, Error> {
        self.as_slice().to_strided()
    }
}

/// The items in place, or a copy if there are gaps between them.
#[cfg(feature = "ndarray")]
impl<T, S, D> ToStrided for flatfile_ndarray::ndarray::ArrayBase<S, D>
where
    T: Element + NoUninit,
    S: flatfile_ndarray::ndarray::Data<Elem = T>,
    D: flatfile_ndarray::ndarray::Dimension,
{
    fn to_strided(&self) -> Result<CowStrided<'_>, Error> {
        flatfile_ndarray::cow_strided(self)
    }
}

/// The items in place: a matrix, a vector, or a view of whole columns. (`flatfile_nalgebra::to_array` copies others.)
#[cfg(feature = "nalgebra")]
impl<T, R, C, S> ToStrided for flatfile_nalgebra::nalgebra::Matrix<T, R, C, S>
where
    T: Element + NoUninit + flatfile_nalgebra::nalgebra::Scalar,
    R: flatfile_nalgebra::nalgebra::Dim,
    C: flatfile_nalgebra::nalgebra::Dim,
    S: flatfile_nalgebra::nalgebra::RawStorage<T, R, C> + flatfile_nalgebra::nalgebra::IsContiguous,
{
    fn to_strided(&self) -> Result<CowStrided<'_>, Error> {
        Ok(flatfile_nalgebra::strided(self)?.into())
    }
}
