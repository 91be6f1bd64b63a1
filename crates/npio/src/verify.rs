//! Checks a file for faults.

use crate::error::Error;
use flatfile::RandomAccessFile;
use flatfile::npy::{self, Issue};
use std::path::Path;

/// Checks the headers and lengths of the arrays in a `.npy`; no data is read.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// npio::save(&path, &npio::Array::from_slice(&[1.0, 2.0], [2])?)?;
/// assert!(npio::verify(&path)?.is_empty());
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that does not exist or cannot be read. A fault in it is not an error, but an [`Issue`].
pub fn verify(path: impl AsRef<Path>) -> Result<Vec<Issue>, Error> {
    let path = path.as_ref();
    let verify = || npy::verify(&RandomAccessFile::open(path)?);
    verify().map_err(|error: flatfile::Error| Error::new(path, error))
}
