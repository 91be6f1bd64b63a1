//! `np.save`.

use crate::atomic::{Replace, Replacement};
use crate::compressed::{Encoder, Format};
use crate::error::Error;
use crate::to_strided::ToStrided;
use flatfile::dtype::{ByteOrder, Casting, DType, Layout, Order};
use flatfile::npy::{Appender, WriteOptions};
use flatfile::npy_header::Version;
use flatfile::{CancelToken, Cancellable, Error as FlatError, ErrorKind};
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Saves an array as `.npy`, with the same bytes that NumPy's `save` writes.
///
/// The file is replaced atomically: whatever happens, the path holds the old bytes or the new ones. (On Linux the new
/// file has no name before it is complete, if the file system has such files. Elsewhere a program that is killed meanwhile
/// leaves a file `.npio-….tmp` beside it; [`remove_unfinished`](crate::remove_unfinished) is for handlers of signals.) On
/// Windows a file that another program holds open, or that is mapped, often cannot be
/// replaced: that is retried for a second, and is then an error. The name is taken as it is; NumPy would add a
/// missing `.npy`. Whatever the name, a `.npy` is written: raw items are written by [`tofile`](crate::tofile) and
/// [`save_raw`](crate::save_raw). [`ToStrided`] lists what can be saved; structs with padding are saved through
/// [`Array::from_records`](crate::Array::from_records).
///
/// A file whose name ends in `.gz`, `.bz2`, `.xz` or `.zst` is [`compressed`](crate::compressed); NumPy would write the
/// uncompressed `x.npy.gz.npy`.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// let items = [1u8, 2, 3];
/// npio::save(&path, &items)?;
/// assert_eq!(npio::load(&path)?.shape(), [3]);
/// // In another shape, without a copy.
/// npio::save(&path, npio::ArrayView::over(&items, [3, 1])?)?;
/// assert_eq!(npio::load(&path)?.shape(), [3, 1]);
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// Object arrays, before the file is touched; I/O errors, after which the old file is still there.
pub fn save(path: impl AsRef<Path>, array: impl ToStrided) -> Result<(), Error> {
    SaveOptions::new().save(path, array)
}

/// Options for saving; [`save`] uses the defaults.
#[derive(Clone, Debug, Default)]
pub struct SaveOptions {
    pub(crate) write: WriteOptions,
    replace: Replace,
    #[cfg(feature = "text")]
    pub(crate) text: flatfile::text::WriteOptions,
    #[cfg(feature = "text")]
    pub(crate) table: flatfile::text::table::WriteOptions,
    #[cfg(feature = "encoding")]
    pub(crate) encoding: Option<crate::encoding::Encoding>,
}

impl SaveOptions {
    /// The defaults: the file is replaced atomically; items and memory order are unchanged.
    pub fn new() -> SaveOptions {
        SaveOptions::default()
    }

    /// The version of the format; by default the oldest that can express the layout.
    #[must_use]
    pub fn version(mut self, version: Version) -> SaveOptions {
        self.write = self.write.version(version);
        self
    }

    /// The memory order of the items in the file.
    #[must_use]
    pub fn order(mut self, order: Order) -> SaveOptions {
        self.write = self.write.order(order);
        self
    }

    /// The byte order of the items in the file.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> SaveOptions {
        self.write = self.write.byte_order(order);
        self
    }

    /// Casts the items to this dtype while they are written, as NumPy's `astype` does, without a second
    /// array. (Text takes a second array. [`rows`](SaveOptions::rows) has its own dtype: another one here is an error.)
    #[must_use]
    pub fn astype(mut self, dtype: DType, casting: Casting) -> SaveOptions {
        self.write = self.write.astype(dtype, casting);
        self
    }

    /// Overwrites the bytes of the file, as NumPy does: faster for many small files, but a
    /// failure half-way leaves neither the old bytes nor the new ones.
    #[must_use]
    pub fn in_place(mut self) -> SaveOptions {
        self.replace.in_place = true;
        self
    }

    /// Never replaces a file: an existing one is an error, even if it appears meanwhile.
    #[must_use]
    pub fn create_new(mut self) -> SaveOptions {
        self.replace.create_new = true;
        self
    }

    /// Waits until the file and its name are on disk, so that the guarantee also holds after a power cut.
    /// This takes many times as long as the writing.
    #[must_use]
    pub fn durable(mut self) -> SaveOptions {
        self.replace.durable = true;
        self
    }

    /// Stops when this token is cancelled, with an error of the class [`Cancelled`](crate::ErrorClass::Cancelled):
    /// the old file is still there, unless it was written in place.
    #[must_use]
    pub fn cancel(mut self, token: CancelToken) -> SaveOptions {
        self.replace.cancel = Some(token);
        self
    }

    /// See [`save`].
    ///
    /// # Errors
    /// As [`save`].
    pub fn save(&self, path: impl AsRef<Path>, array: impl ToStrided) -> Result<(), Error> {
        let path = path.as_ref();
        let save = || {
            let array = array.to_strided()?;
            if Format::in_name(path).is_some() {
                return self.replace_compressed(path, |target| self.write.write(target, &array));
            }
            self.replace(path, |file| self.write.write_file(file, &array))
        };
        save().map_err(|error: FlatError| Error::new(path, error))
    }

    /// Writes the array as a `.npy` into an open file, from its position on, and returns the position of its end:
    /// consecutive arrays are read by [`LoadOptions::open_at`](crate::LoadOptions::open_at). The open file itself is
    /// written; nothing is replaced.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// use npio::{Array, LoadOptions, RandomAccessFile, SaveOptions};
    /// let file = std::fs::File::create(&path)?;
    /// let end = SaveOptions::new().save_to(&file, &Array::from_slice(&[1u8], [1])?)?;
    /// SaveOptions::new().save_to(&file, &Array::from_slice(&[2u8], [1])?)?;
    /// let second = LoadOptions::new().open_at(RandomAccessFile::open(&path)?, end)?;
    /// assert_eq!(second.read()?.as_bytes(), [2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Object arrays; I/O errors.
    pub fn save_to(&self, mut file: &File, array: impl ToStrided) -> Result<u64, Error> {
        let writer = Cancellable::new(file, self.replace.cancel.clone());
        self.write.write_file(writer, &array.to_strided()?)?;
        Ok(file.stream_position().map_err(FlatError::from)?)
    }

    /// Calls `write` to write the new contents of the file, of any format (a text that is written block by
    /// block, for example), and then replaces the file atomically. After an error the old file is still
    /// there. The bytes are written as they are, whatever the name of the file.
    ///
    /// On Windows a file that is open, or mapped, often cannot be replaced. So if `write` reads the old
    /// file, let the closure own its reader (`move |file| …`): the reader is closed before the file is
    /// replaced.
    ///
    /// # Errors
    /// The error of `write`; I/O errors.
    pub fn replace<E: From<io::Error>>(
        &self,
        path: impl AsRef<Path>,
        write: impl FnOnce(Cancellable<&File>) -> Result<(), E>,
    ) -> Result<(), E> {
        let replacement = Replacement::begin(path.as_ref(), &self.replace)?;
        // Everything that `write` owns is dropped here.
        write(replacement.writer())?;
        Ok(replacement.commit(())?)
    }

    /// As [`replace`](SaveOptions::replace), compressed if the file's name says so.
    pub(crate) fn replace_compressed<E: From<io::Error>>(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(format) = Format::in_name(path) else {
            return self.replace(path, |mut file| write(&mut file));
        };
        // Before a file that is written in place is touched.
        format.check().map_err(io::Error::from)?;
        self.replace(path, |file| {
            let mut encoder = Encoder::new(file, format)?;
            write(&mut encoder)?;
            encoder.finish()?;
            Ok(())
        })
    }

    /// Creates a file of any contents, which replaces the existing one when it is finished.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.txt");
    /// use std::io::Write;
    /// let mut file = npio::SaveOptions::new().create(&path)?;
    /// file.write_all(b"half of it, ")?;
    /// assert!(!path.exists());
    /// file.write_all(b"all of it")?;
    /// file.finish()?;
    /// assert_eq!(std::fs::read(&path)?, b"half of it, all of it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// I/O errors.
    pub fn create(&self, path: impl AsRef<Path>) -> Result<NewFile, Error> {
        let path = path.as_ref();
        let begun = Replacement::begin(path, &self.replace);
        let replacement = begun.map_err(|error| Error::new(path, error))?;
        let path = path.to_owned();
        Ok(NewFile { replacement, path })
    }

    /// Creates an array of `dtype` whose rows, each of shape `row`, are written one at a time; their number
    /// is known only at the end.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npy");
    /// use npio::{Array, DType, SaveOptions};
    /// let mut rows = SaveOptions::new().rows(&path, DType::F64, [2])?;
    /// for i in 0..1000 {
    ///     let i = f64::from(i);
    ///     rows.push(&Array::from_slice(&[i, i * i], [1, 2])?)?;
    /// }
    /// rows.finish()?;
    /// assert_eq!(npio::load(&path)?.shape(), [1000, 2]);
    /// # Ok::<(), npio::Error>(())
    /// ```
    ///
    /// # Errors
    /// Object arrays, Fortran order; I/O errors. Pipes cannot be written this way: see
    /// [`flatfile::npy::RowWriter`] for them.
    pub fn rows(
        &self,
        path: impl AsRef<Path>,
        dtype: DType,
        row: impl Into<Vec<usize>>,
    ) -> Result<RowWriter, Error> {
        let path = path.as_ref();
        let begin = || {
            let mut shape = row.into();
            shape.insert(0, 0);
            let layout = Layout::new(dtype, shape, Order::C)?;
            if let Some(found) = self.write.as_conversion().requested_dtype()
                && found != layout.dtype()
            {
                let (expected, found) = (layout.dtype().clone(), found.clone());
                return Err(ErrorKind::Mismatch { expected, found }.into());
            }
            let header = self.write.header(&layout)?;
            let replacement = Replacement::begin(path, &self.replace)?;
            let rows = Appender::create(replacement.owned_writer()?, &header)?;
            Ok((rows, replacement))
        };
        let (rows, replacement) = begin().map_err(|error: FlatError| Error::new(path, error))?;
        let path = path.to_owned();
        Ok(RowWriter {
            rows,
            replacement,
            path,
        })
    }
}

/// A file that is being written: see [`SaveOptions::create`].
///
/// Dropped before [`finish`](NewFile::finish), it leaves the old file as it was.
#[derive(Debug)]
pub struct NewFile {
    replacement: Replacement,
    path: PathBuf,
}

impl NewFile {
    /// Whether it can only be written sequentially, as a pipe, and not at any position.
    ///
    /// # Errors
    /// I/O errors.
    pub fn is_stream(&self) -> Result<bool, Error> {
        let metadata = self.replacement.file().metadata();
        let metadata = metadata.map_err(|error| Error::new(&self.path, error))?;
        Ok(!metadata.is_file())
    }

    /// Gives the file its name.
    ///
    /// Close any reader of the old file first: on Windows a file that is open, or mapped, often cannot be
    /// replaced.
    ///
    /// # Errors
    /// I/O errors, after which the old file is still there.
    pub fn finish(self) -> Result<(), Error> {
        let finished = self.replacement.commit(());
        finished.map_err(|error| Error::new(&self.path, error))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.replacement.writer().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.replacement.writer().flush()
    }
}

impl Seek for NewFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.replacement.file().seek(to)
    }
}

/// A file that is written row by row: see [`SaveOptions::rows`].
///
/// Dropped before [`finish`](RowWriter::finish), it leaves the old file as it was.
#[derive(Debug)]
pub struct RowWriter {
    rows: Appender<Cancellable<File>>,
    replacement: Replacement,
    path: PathBuf,
}

impl RowWriter {
    /// Writes the next rows: an array of the same dtype, byte order aside, with the axes of a row after its
    /// first axis.
    ///
    /// # Errors
    /// Rows that do not fit, before anything is written; I/O errors, after which nothing more is written.
    pub fn push(&mut self, rows: impl ToStrided) -> Result<(), Error> {
        let pushed = rows.to_strided().and_then(|rows| self.rows.push(&rows));
        pushed.map_err(|error| Error::new(&self.path, error))
    }

    /// Completes the file, and gives it its name.
    ///
    /// # Errors
    /// I/O errors, after which the old file is still there.
    pub fn finish(mut self) -> Result<(), Error> {
        let finish = || {
            self.rows.commit()?;
            Ok(self.replacement.commit(self.rows)?)
        };
        finish().map_err(|error: FlatError| Error::new(&self.path, error))
    }
}
