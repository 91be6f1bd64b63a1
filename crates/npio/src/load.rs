//! `np.load` of a `.npy`, or of a raw file whose name says its layout.

use crate::Error;
use crate::raw::layout_in_name;
use flatfile::bytemuck::Pod;
use flatfile::dtype::{ByteOrder, Casting, DType, Element, Layout, Order};
use flatfile::npy::{self, ReadOptions};
use flatfile::npy_header::{ErrorKind as HeaderKind, Header, MAGIC, known_format};
use flatfile::raw::Format;
use flatfile::{Array, Error as FlatError, ErrorKind, LongDouble, RandomAccessFile, ReadAt};
use std::fs::File;
use std::iter::FusedIterator;
use std::path::{Path, PathBuf};

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

    /// See [`load`].
    ///
    /// # Errors
    /// As [`load`].
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Array, Error> {
        let path = path.as_ref();
        read(&self.read, path).map_err(|error| Error::new(path, error))
    }

    /// See [`load_vec`].
    ///
    /// # Errors
    /// As [`load_vec`].
    pub fn load_vec<T: Element>(
        &self,
        path: impl AsRef<Path>,
    ) -> Result<(Vec<T>, Vec<usize>), Error> {
        let path = path.as_ref();
        let load = || {
            let options = self.read.clone().element::<T>().order(Order::C);
            let array = read(&options, path)?;
            let shape = array.shape().to_vec();
            Ok((array.into_vec()?, shape))
        };
        load().map_err(|error: FlatError| Error::new(path, error))
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
        let path = path.as_ref();
        let mut load = || {
            let file = RandomAccessFile::open(path)?;
            let layout = match self.locate(&file, path)? {
                Some((begin, layout)) => {
                    let read = self.read.items();
                    read.read_into_at(&file, begin, &layout, items)?
                }
                None => self.read.read_into(file.into_stream(), items)?,
            };
            Ok(layout.shape().to_vec())
        };
        load().map_err(|error: FlatError| Error::new(path, error))
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
    pub fn row_blocks(&self, path: impl AsRef<Path>, rows: usize) -> Result<RowBlocks, Error> {
        let path = path.as_ref();
        let blocks = || {
            let file = RandomAccessFile::open(path)?;
            Ok(match self.locate(&file, path)? {
                Some((begin, layout)) => {
                    let read = self.read.items();
                    Blocks::File(read.row_blocks_at(file, begin, &layout, rows)?)
                }
                None => Blocks::Stream(self.read.row_blocks(file.into_stream(), rows)?),
            })
        };
        let blocks = blocks().map_err(|error: FlatError| Error::new(path, error))?;
        let path = path.to_owned();
        Ok(RowBlocks { path, blocks })
    }

    /// Where in a regular file the array begins, and what it is. Pipes and devices are read as they come.
    fn locate(
        &self,
        file: &RandomAccessFile,
        path: &Path,
    ) -> Result<Option<(u64, Layout)>, FlatError> {
        if !file.metadata()?.is_file() {
            return Ok(None);
        }
        match self.read.read_header_at(file, 0) {
            Ok((header, begin)) => Ok(Some((begin, header.into_layout()))),
            Err(error) => named(file, path, error).map(|layout| Some((0, layout))),
        }
    }
}

/// The blocks of [`LoadOptions::row_blocks`]; see [`flatfile::npy::RowBlocks`].
#[derive(Debug)]
pub struct RowBlocks {
    path: PathBuf,
    blocks: Blocks,
}

/// Blocks of a regular file, or of what can only be read forward.
#[derive(Debug)]
enum Blocks {
    File(npy::RowBlocks<RandomAccessFile>),
    Stream(npy::RowBlocks<File>),
}

impl RowBlocks {
    /// The same in blocks of at most so many bytes, but of one row at least.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> RowBlocks {
        self.blocks = match self.blocks {
            Blocks::File(blocks) => Blocks::File(blocks.max_bytes(bytes)),
            Blocks::Stream(blocks) => Blocks::Stream(blocks.max_bytes(bytes)),
        };
        self
    }

    /// The layout that the whole array would have.
    pub fn layout(&self) -> &Layout {
        match &self.blocks {
            Blocks::File(blocks) => blocks.layout(),
            Blocks::Stream(blocks) => blocks.layout(),
        }
    }

    /// How many rows were not read yet.
    pub fn rows_left(&self) -> usize {
        match &self.blocks {
            Blocks::File(blocks) => blocks.rows_left(),
            Blocks::Stream(blocks) => blocks.rows_left(),
        }
    }
}

impl Iterator for RowBlocks {
    type Item = Result<Array, Error>;

    fn next(&mut self) -> Option<Result<Array, Error>> {
        let block = match &mut self.blocks {
            Blocks::File(blocks) => blocks.next(),
            Blocks::Stream(blocks) => blocks.next(),
        }?;
        Some(block.map_err(|error| Error::new(&self.path, error)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.blocks {
            Blocks::File(blocks) => blocks.size_hint(),
            Blocks::Stream(blocks) => blocks.size_hint(),
        }
    }
}

impl FusedIterator for RowBlocks {}

/// Regular files are read at their places by several threads, pipes and devices as they come.
pub(crate) fn read(options: &ReadOptions, path: &Path) -> Result<Array, FlatError> {
    let file = RandomAccessFile::open(path)?;
    let is_regular = || file.metadata().map(|metadata| metadata.is_file());
    // On Unix trying takes nothing away where there are no places, and to ask what a small file is takes
    // as long as to read it.
    if cfg!(unix) || is_regular()? {
        match options.read_at(&file, 0) {
            Ok((array, _)) => return Ok(array),
            Err(error) if is_regular()? => {
                let layout = named(&file, path, error)?;
                return options.items().read_at(&file, 0, &layout);
            }
            Err(_) => {}
        }
    }
    options.read(file.into_stream())
}

/// The layout that the name of a file says that is of no known format, as the error knows; else that
/// error.
fn named(file: &RandomAccessFile, path: &Path, error: FlatError) -> Result<Layout, FlatError> {
    let is_unknown = match error.kind() {
        ErrorKind::Header(error) => match error.kind() {
            HeaderKind::Magic(first) => known_format(first).is_none(),
            // Nothing, or too little for a magic string.
            HeaderKind::Truncated { found, .. } => *found < MAGIC.len(),
            _ => false,
        },
        _ => false,
    };
    match layout_in_name(path).filter(|_| is_unknown) {
        Some(layout) => Format::from(layout).layout(file.len()?),
        None => Err(error),
    }
}
