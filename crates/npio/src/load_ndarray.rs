//! Loading into arrays of the ndarray crate.

use crate::archive::Archive;
use crate::error::Error;
use crate::load::LoadOptions;
use flatfile::dtype::Element;
use flatfile_ndarray::into_ndarray;
use flatfile_ndarray::ndarray::{Array, Dimension};
use std::path::Path;

/// Loads the array in a `.npy` as an array of the ndarray crate, in the memory order of the file; other
/// byte orders are converted, other dtypes are an error. The items are copied once, into the array that is
/// returned.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// use npio::ndarray::ndarray::{Array2, ArrayD, array};
///
/// let x: Array2<f64> = array![[1.0, 2.0], [3.0, 4.0]];
/// npio::save(&path, x.t())?;
/// let y: ArrayD<f64> = npio::load_ndarray(&path)?;
/// assert_eq!(y, x.t().into_dyn());
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// As [`load`](crate::load()); another dtype, or another number of axes than `D` has.
pub fn load_ndarray<T: Element, D: Dimension>(
    path: impl AsRef<Path>,
) -> Result<Array<T, D>, Error> {
    LoadOptions::new().load_ndarray(path)
}

impl LoadOptions {
    /// See [`load_ndarray`].
    ///
    /// # Errors
    /// As [`load_ndarray`].
    pub fn load_ndarray<T: Element, D: Dimension>(
        &self,
        path: impl AsRef<Path>,
    ) -> Result<Array<T, D>, Error> {
        let path = path.as_ref();
        let array = self.open_array(path)?.read_as::<T>()?;
        into_ndarray(array).map_err(|error| Error::new(path, error))
    }
}

impl Archive {
    /// Loads the array of this name as an array of the ndarray crate; see [`load_ndarray`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npz");
    /// use npio::ndarray::ndarray::{Array1, array};
    ///
    /// npio::savez(&path, [("x", array![1, 2, 3])])?;
    /// let x: Array1<i32> = npio::load_npz(&path)?.load_ndarray("x")?;
    /// assert_eq!(x.sum(), 6);
    /// # Ok::<(), npio::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`load`](Archive::load); another dtype, or another number of axes than `D` has.
    pub fn load_ndarray<T: Element, D: Dimension>(&self, name: &str) -> Result<Array<T, D>, Error> {
        self.with(|archive| {
            let array = archive.get(name)?.open_with(&self.read)?;
            Ok(into_ndarray(array.read_as::<T>()?)?)
        })
    }
}
