//! `np.load` of a `.npy`, or of a raw file whose name says its layout.

use crate::error::Error;
use flatfile::bytemuck::Pod;
use flatfile::dtype::{ByteOrder, Casting, DType, Element, Order};
use flatfile::npy::ReadOptions;
use flatfile::npy_header::Header;
use flatfile::{AnySource, Array, CancelToken, Error as FlatError, LongDouble, RandomAccessFile};
use flatfile::{RowBlocks, Slice};
use std::fs::File;
use std::io;
use std::path::Path;

/// Loads the array in a `.npy`, as NumPy's `load` does: items and memory order as they are in the file.
/// What is no `.npy` is read as raw items where its name says their layout: see
/// [`layout_in_name`](crate::layout_in_name).
///
/// # Errors
/// A file that is not there, cannot be read, or is no `.npy`.
pub fn load(path: impl AsRef<Path>) -> Result<Array, Error> {
    LoadOptions::new().load(path)
}

/// Loads the array in a `.npy` as Rust values in C order, and its shape; other byte orders are
/// converted, other types are an error.
///
/// The items are copied once, into the memory of the vector that is returned; those of a Fortran-order
/// file are transposed on the way.
///
/// # Errors
/// As [`load`]; another dtype.
pub fn load_vec<T: Element>(path: impl AsRef<Path>) -> Result<(Vec<T>, Vec<usize>), Error> {
    LoadOptions::new().load_vec(path)
}

/// Loads the array in a `.npy` into `items`, which take all of it in C order and native byte order;
/// the answer is its shape.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// npio::save(&path, &npio::ArrayView::over(&[1u8, 2, 3, 4], [2, 2])?)?;
/// let mut items = [0u8; 4];
/// assert_eq!(npio::load_into(&path, &mut items)?, [2, 2]);
/// assert_eq!(items, [1, 2, 3, 4]);
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// As [`load`]; another dtype, or another number of items, before `items` are touched.
pub fn load_into<T: Element + Pod>(
    path: impl AsRef<Path>,
    items: &mut [T],
) -> Result<Vec<usize>, Error> {
    LoadOptions::new().load_into(path, items)
}

/// Loads what `slice` takes of the array in a file, and reads little else of it: `x[slice]`.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// npio::save(&path, &npio::ArrayView::over(&[1u8, 2, 3, 4, 5, 6], [3, 2])?)?;
/// assert_eq!(npio::load_slice(&path, &"::2, 1".parse()?)?.as_bytes(), [2, 6]);
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// As [`load`]; a slice that is not one of this array.
pub fn load_slice(path: impl AsRef<Path>, slice: &Slice) -> Result<Array, Error> {
    LoadOptions::new().load_slice(path, slice)
}

/// Reads only the header of a `.npy`; the data may be of any length.
///
/// # Errors
/// As [`load`].
pub fn load_header(path: impl AsRef<Path>) -> Result<Header, Error> {
    let path = path.as_ref();
    let header = || {
        let file = File::open(path)?;
        ReadOptions::new()
            .read_header(file)
            .map(|(header, _)| header)
    };
    header().map_err(|error: FlatError| Error::new(path, error))
}

/// How to load; [`load`] and [`load_vec`] are the same with all defaults.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    pub(crate) read: ReadOptions,
    #[cfg(feature = "text")]
    pub(crate) text: flatfile::text::ReadOptions,
    #[cfg(feature = "text")]
    pub(crate) table: flatfile::text::table::ReadOptions,
    #[cfg(feature = "meta")]
    pub(crate) allow_pickle: bool,
    cancel: Option<CancelToken>,
}

impl LoadOptions {
    /// The defaults.
    pub fn new() -> LoadOptions {
        LoadOptions::default()
    }

    /// The longest header to parse, in bytes; 256 KiB unless said otherwise (NumPy: 10,000).
    #[must_use]
    pub fn max_header_size(mut self, bytes: usize) -> LoadOptions {
        self.read = self.read.max_header_size(bytes);
        self
    }

    /// Turns the items into this byte order while they are read.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> LoadOptions {
        self.read = self.read.byte_order(order);
        self
    }

    /// Turns the items into this memory order while they are read.
    #[must_use]
    pub fn order(mut self, order: Order) -> LoadOptions {
        self.read = self.read.order(order);
        self
    }

    /// Makes items of this dtype of them while they are read, as NumPy's `astype` does, without a second
    /// array.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// use npio::{Array, Casting, DType, LoadOptions};
    /// npio::save(&path, &Array::from_slice(&[0.5f64, 1.5], [2])?)?;
    /// let small = LoadOptions::new().astype(DType::F32, Casting::SameKind).load(&path)?;
    /// assert_eq!(small.as_slice::<f32>()?, [0.5, 1.5]);
    /// # Ok::<(), npio::Error>(())
    /// ```
    #[must_use]
    pub fn astype(mut self, dtype: DType, casting: Casting) -> LoadOptions {
        self.read = self.read.astype(dtype, casting);
        self
    }

    /// States what long doubles (`<f16`, `<c32`) in the file are: NumPy spells those of x86-64 and the IEEE quads of
    /// aarch64 alike. They come as numbers of the x87 without padding. Without it they come as they are, and what is no
    /// number of the x87 is an error where it is printed, cast or written as text.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// use npio::{Casting, DType, LoadOptions, LongDouble};
    /// // 1.5 on a machine whose long doubles are IEEE quads.
    /// let quad = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f];
    /// # let layout = npio::Layout::new("<f16".parse()?, [1], npio::Order::C)?;
    /// # npio::save(&path, npio::ArrayView::new(layout, &quad[..])?)?;
    /// assert!(LoadOptions::new().astype(DType::F64, Casting::SameKind).load(&path).is_err());
    /// let load = LoadOptions::new().longdouble(LongDouble::Quad).astype(DType::F64, Casting::SameKind);
    /// assert_eq!(load.load(&path)?.as_slice::<f64>()?, [1.5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn longdouble(mut self, longdouble: LongDouble) -> LoadOptions {
        self.read = self.read.longdouble(longdouble);
        self
    }

    /// Stops reading when this token is cancelled, with an error of the class
    /// [`Cancelled`](crate::ErrorClass::Cancelled).
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// use npio::{CancelToken, ErrorClass, LoadOptions};
    /// npio::save(&path, &npio::Array::from_slice(&[1.0, 2.0], [2])?)?;
    /// let token = CancelToken::new();
    /// let load = LoadOptions::new().cancel(token.clone());
    /// assert_eq!(load.load(&path)?.shape(), [2]);
    /// // Another thread may do this meanwhile.
    /// token.cancel();
    /// assert_eq!(load.load(&path).unwrap_err().class(), ErrorClass::Cancelled);
    /// # Ok::<(), npio::Error>(())
    /// ```
    #[must_use]
    pub fn cancel(mut self, token: CancelToken) -> LoadOptions {
        self.cancel = Some(token);
        self
    }

    /// Opens a file that is read until that is cancelled.
    pub(crate) fn open_file(&self, path: &Path) -> io::Result<RandomAccessFile> {
        Ok(RandomAccessFile::open(path)?.cancelled_by(self.cancel.clone()))
    }

    /// See [`load`].
    ///
    /// # Errors
    /// As [`load`].
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Array, Error> {
        Ok(self.open_array(path)?.read()?)
    }

    /// See [`load_vec`].
    ///
    /// # Errors
    /// As [`load_vec`].
    pub fn load_vec<T: Element>(
        &self,
        path: impl AsRef<Path>,
    ) -> Result<(Vec<T>, Vec<usize>), Error> {
        let array = self.open_array(path)?;
        Ok((array.read_vec()?, array.layout().shape().to_vec()))
    }

    /// See [`load_into`].
    ///
    /// # Errors
    /// As [`load_into`].
    pub fn load_into<T: Element + Pod>(
        &self,
        path: impl AsRef<Path>,
        items: &mut [T],
    ) -> Result<Vec<usize>, Error> {
        let layout = self.open_array(path)?.read_into(items)?;
        Ok(layout.shape().to_vec())
    }

    /// See [`load_slice`].
    ///
    /// # Errors
    /// As [`load_slice`].
    pub fn load_slice(&self, path: impl AsRef<Path>, slice: &Slice) -> Result<Array, Error> {
        Ok(self.open_array(path)?.slice(slice)?)
    }

    /// The array in a `.npy` in blocks of at most `rows` rows, for one that is larger than memory.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// # npio::save(&path, &npio::ArrayView::over(&[0.5, 1.5, 2.5], [3])?)?;
    /// let mut sum = 0.0;
    /// for block in npio::LoadOptions::new().row_blocks(&path, 1000)? {
    ///     sum += block?.as_slice::<f64>()?.iter().sum::<f64>();
    /// }
    /// assert_eq!(sum, 4.5);
    /// # Ok::<(), npio::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`load`], also where the file is too short; an array without axes; one in Fortran order where
    /// the path is no regular file but a stream.
    pub fn row_blocks(
        &self,
        path: impl AsRef<Path>,
        rows: usize,
    ) -> Result<RowBlocks<AnySource<'static>>, Error> {
        Ok(self.open_array(path)?.row_blocks(rows)?)
    }
}
