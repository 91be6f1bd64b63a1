//! NumPy's `fromfile` and `tofile` without `sep`, and layouts in file names.

use crate::error::Error;
use crate::load::LoadOptions;
use crate::save::SaveOptions;
use flatfile::dtype::Layout;
use flatfile::raw::Format;
use flatfile::{Array, Error as FlatError, Reader, Strided, raw};
use npmeta::name::{self, FileName};
use std::io::Read;
use std::path::Path;

/// Loads items that nothing describes but `format`, as NumPy's `fromfile` does: a dtype is as many
/// items as there are, a [`Format`] says more.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.dat");
/// use npio::{Array, DType, RawFormat};
/// npio::tofile(&path, &Array::from_slice(&[1i32, 2, 3, 4, 5, 6], [2, 3])?)?;
/// assert_eq!(npio::fromfile(&path, DType::I32)?.shape(), [6]);
/// let x = npio::fromfile(&path, RawFormat::new(DType::I32).shape([-1, 3]))?;
/// assert_eq!(x.to_string(), "[[1 2 3]\n [4 5 6]]");
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that is not there or cannot be read; one whose length does not fit; one that is of another
/// format, as its first bytes say, unless the items begin behind them.
pub fn fromfile(path: impl AsRef<Path>, format: impl Into<Format>) -> Result<Array, Error> {
    LoadOptions::new().fromfile(path, format)
}

/// Saves the items of an array and nothing else, in C order, as NumPy's `tofile` does. The file is
/// replaced at once, as by [`save`](crate::save).
///
/// # Errors
/// As [`save`](crate::save).
pub fn tofile<'a>(path: impl AsRef<Path>, array: impl Into<Strided<'a>>) -> Result<(), Error> {
    SaveOptions::new().tofile(path, array)
}

impl LoadOptions {
    /// See [`fromfile`].
    ///
    /// # Errors
    /// As [`fromfile`].
    pub fn fromfile(
        &self,
        path: impl AsRef<Path>,
        format: impl Into<Format>,
    ) -> Result<Array, Error> {
        let (path, format) = (path.as_ref(), format.into());
        let load = || {
            let file = self.open_file(path)?;
            let conversion = self.read.as_conversion().clone();
            if !file.metadata()?.is_file() {
                // How long a stream is, is known at its end.
                let mut bytes = Vec::new();
                file.into_stream().read_to_end(&mut bytes)?;
                if format.begin() == 0 {
                    raw::check_first_bytes(&bytes)?;
                }
                let layout = format.layout(bytes.len() as u64)?;
                let reader = Reader::raw(bytes, layout, format.begin());
                return reader.conversion(conversion).read();
            }
            let layout = format.in_source(&file)?;
            let reader = Reader::raw(file, layout, format.begin());
            reader.conversion(conversion).read()
        };
        load().map_err(|error: FlatError| Error::new(path, error))
    }
}

impl SaveOptions {
    /// See [`tofile`]; in Fortran order where that is asked for.
    ///
    /// # Errors
    /// As [`tofile`].
    pub fn tofile<'a>(
        &self,
        path: impl AsRef<Path>,
        array: impl Into<Strided<'a>>,
    ) -> Result<(), Error> {
        let path = path.as_ref();
        let save = || self.replace(path, |file| self.write.items().write_file(file, array));
        save().map_err(|error| Error::new(path, error))
    }
}

/// The layout that a path's file name says, where it is no `.npy` or `.npz`: `fish_int32_4_5.dat`.
///
/// ```
/// let layout = npio::layout_in_name("data/fish_int32_4_5.dat").unwrap();
/// assert_eq!((layout.shape(), layout.dtype()), (&[4, 5][..], &npio::DType::I32));
/// assert!(npio::layout_in_name("data/fish_int32_4_5.npy").is_none());
/// ```
pub fn layout_in_name(path: impl AsRef<Path>) -> Option<Layout> {
    let path = path.as_ref();
    let suffix = path.extension().unwrap_or_default();
    if suffix == "npy" || suffix == "npz" {
        return None;
    }
    let named = FileName::parse(path.file_name()?.to_str()?).ok()?;
    Some(named.layout)
}

/// The layout that a path's file name says, as a format of which the file has to be: what
/// [`memmap`](crate::memmap) and its siblings take.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x_int32_2_2.dat");
/// npio::save(&path, &npio::Array::from_slice(&[1i32, 2, 3, 4], [2, 2])?)?;
/// // SAFETY: nobody changes this file meanwhile.
/// let x = unsafe { npio::memmap(&path, npio::format_in_name(&path)?) }?;
/// assert_eq!(x.as_slice::<i32>()?, [1, 2, 3, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A name that says no layout.
pub fn format_in_name(path: impl AsRef<Path>) -> Result<Format, name::Error> {
    let name = path.as_ref().file_name().unwrap_or_default();
    let named = FileName::parse(&name.to_string_lossy())?;
    Ok(named.layout.into())
}
