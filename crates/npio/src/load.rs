//! `np.load` of a `.npy`, or of a raw file whose name gives its layout.

use crate::error::Error;
use flatfile::bytemuck::Pod;
use flatfile::dtype::{ByteOrder, Casting, DType, Element, Order};
use flatfile::npy::ReadOptions;
use flatfile::npy_header::Header;
use flatfile::{AnySource, Array, CancelToken, FieldIndex, LongDouble, RandomAccessFile};
use flatfile::{Reader, RowBlocks, Slice};
use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

/// An open array that is not yet read: in a file, in a member of an archive, or from a stream. Its errors name the
/// path.
pub type OpenArray<'a> = Reader<AnySource<'a>>;

/// Loads the array in a `.npy`, as NumPy's `load` does: items and memory order are those of the file. A
/// file that is not a `.npy` is read as raw items if its name gives their layout: see
/// [`layout_in_name`](crate::layout_in_name). A [`compressed`](crate::compressed) file is decompressed.
///
/// # Errors
/// A file that does not exist, cannot be read, or is not a `.npy`.
pub fn load(path: impl AsRef<Path>) -> Result<Array, Error> {
    LoadOptions::new().load(path)
}

/// Loads the array in a `.npy` as Rust values in C order, and its shape; other byte orders are converted,
/// other dtypes are an error. Structs that derive [`Element`] are records, whose fields are found by name.
///
/// The items are copied once, into the memory of the vector that is returned; those of a Fortran-order file
/// are transposed during the copy.
///
/// # Errors
/// As [`load`]; another dtype.
pub fn load_vec<T: Element>(path: impl AsRef<Path>) -> Result<(Vec<T>, Vec<usize>), Error> {
    LoadOptions::new().load_vec(path)
}

/// Loads the array in a `.npy` into `items`, in C order and native byte order, and returns its shape.
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

/// Loads a slice of the array in a file, `x[slice]`, and reads little else.
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
/// As [`load`]; a slice that does not fit this array.
pub fn load_slice(path: impl AsRef<Path>, slice: &Slice) -> Result<Array, Error> {
    LoadOptions::new().load_slice(path, slice)
}

/// Reads only the header of a `.npy`; the data may be of any length. If the file's name gives the layout of raw items,
/// this is the header that a `.npy` of them would have.
///
/// # Errors
/// As [`load`].
pub fn load_header(path: impl AsRef<Path>) -> Result<Header, Error> {
    let open = LoadOptions::new().open_array(path)?;
    let raw = || Header::new(open.layout().clone());
    Ok(open.header().cloned().unwrap_or_else(raw))
}

type OpenFile = dyn Fn(&Path) -> io::Result<RandomAccessFile> + Send + Sync;

/// A function that opens files.
#[derive(Clone)]
struct Opener(Arc<OpenFile>);

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener")
    }
}

/// Options for loading; [`load`] and [`load_vec`] use the defaults.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    pub(crate) read: ReadOptions,
    #[cfg(feature = "text")]
    pub(crate) text: flatfile::text::ReadOptions,
    #[cfg(feature = "text")]
    pub(crate) table: flatfile::text::table::ReadOptions,
    #[cfg(feature = "encoding")]
    pub(crate) encoding: Option<crate::encoding::Encoding>,
    /// How pickles are read, if they are.
    #[cfg(feature = "meta")]
    pub(crate) pickles: Option<npmeta::pickle::Options>,
    pub(crate) cancel: Option<CancelToken>,
    opener: Option<Opener>,
    /// Whether only the last of several members with the same name counts.
    pub(crate) last_of_duplicates: bool,
}

impl LoadOptions {
    /// The defaults.
    pub fn new() -> LoadOptions {
        LoadOptions::default()
    }

    /// The longest header to parse, in bytes; 256 KiB by default (NumPy: 10,000).
    #[must_use]
    pub fn max_header_size(mut self, bytes: usize) -> LoadOptions {
        self.read = self.read.max_header_size(bytes);
        self
    }

    /// Converts the items to this byte order while they are read.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> LoadOptions {
        self.read = self.read.byte_order(order);
        self
    }

    /// Converts the items to this memory order while they are read.
    #[must_use]
    pub fn order(mut self, order: Order) -> LoadOptions {
        self.read = self.read.order(order);
        self
    }

    /// Casts the items to this dtype while they are read, as NumPy's `astype` does, without a second array.
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

    /// Loads only these fields of records, as NumPy's `x['a']` or `x[['a', 'b']]`; little else is read: see
    /// [`Reader::fields`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// use npio::{Array, FieldIndex, LoadOptions};
    /// let (id, x) = (Array::from_slice(&[1u8, 2], [2])?, Array::from_slice(&[0.5, 1.5], [2])?);
    /// npio::save(&path, &Array::from_columns([("id", &id), ("x", &x)])?)?;
    /// let x = LoadOptions::new().fields(FieldIndex::one("x")).load(&path)?;
    /// assert_eq!(x.as_slice::<f64>()?, [0.5, 1.5]);
    /// # Ok::<(), npio::Error>(())
    /// ```
    #[must_use]
    pub fn fields(mut self, fields: FieldIndex) -> LoadOptions {
        self.read = self.read.fields(fields);
        self
    }

    /// States what long doubles (`<f16`, `<c32`) in the file are: NumPy spells those of x86-64 and the IEEE quads of
    /// aarch64 alike. The items are then loaded as x87 numbers with zeroed padding. Without this option they are
    /// loaded as they are, and an item that is not an x87 number is an error when it is printed, cast or written as
    /// text.
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
    /// // Another thread can do this while the file is read.
    /// token.cancel();
    /// assert_eq!(load.load(&path).unwrap_err().class(), ErrorClass::Cancelled);
    /// # Ok::<(), npio::Error>(())
    /// ```
    #[must_use]
    pub fn cancel(mut self, token: CancelToken) -> LoadOptions {
        self.cancel = Some(token);
        self
    }

    /// Opens files by this function: for names that are not paths, such as addresses of objects in a store.
    ///
    /// ```
    /// use npio::{Array, LoadOptions, RandomAccessFile, flatfile::npy};
    /// let object = npy::to_bytes(&Array::from_slice(&[1u8, 2], [2])?)?;
    /// let load = LoadOptions::new().opener(move |name| {
    ///     assert_eq!(name.to_str(), Some("s3://bucket/x.npy"));
    ///     Ok(RandomAccessFile::from_source(object.clone()))
    /// });
    /// assert_eq!(load.load("s3://bucket/x.npy")?.as_bytes(), [1, 2]);
    /// # Ok::<(), npio::Error>(())
    /// ```
    #[must_use]
    pub fn opener(
        mut self,
        open: impl Fn(&Path) -> io::Result<RandomAccessFile> + Send + Sync + 'static,
    ) -> LoadOptions {
        self.opener = Some(Opener(Arc::new(open)));
        self
    }

    /// How arrays are read: the header's limit, and conversions, as the methods above set them one by one.
    ///
    /// ```
    /// use npio::{LoadOptions, Order, flatfile::npy};
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// # npio::save(&path, &npio::ArrayView::over(&[1u8, 2, 3, 4], [2, 2])?)?;
    /// let fortran = npy::ReadOptions::new().order(Order::Fortran);
    /// assert_eq!(LoadOptions::new().npy(fortran).load(&path)?.as_bytes(), [1, 3, 2, 4]);
    /// # Ok::<(), npio::Error>(())
    /// ```
    #[must_use]
    pub fn npy(mut self, options: ReadOptions) -> LoadOptions {
        self.read = options;
        self
    }

    /// Takes the last of several members of an archive that have the same name, as NumPy does. Without this option none
    /// of them is found by its name.
    #[must_use]
    pub fn last_of_duplicates(mut self) -> LoadOptions {
        self.last_of_duplicates = true;
        self
    }

    /// Opens a file whose reads fail once the token is cancelled.
    pub(crate) fn open_file(&self, path: &Path) -> io::Result<RandomAccessFile> {
        let file = match &self.opener {
            Some(Opener(open)) => open(path)?,
            None => RandomAccessFile::open(path)?,
        };
        Ok(file.cancelled_by(self.cancel.clone()))
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
    /// As [`load`], also if the file is too short; an array without axes; one in Fortran order if the path
    /// is not a regular file but a stream.
    pub fn row_blocks(
        &self,
        path: impl AsRef<Path>,
        rows: usize,
    ) -> Result<RowBlocks<AnySource<'static>>, Error> {
        Ok(self.open_array(path)?.row_blocks(rows)?)
    }
}
