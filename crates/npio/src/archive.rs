//! `np.load` of a `.npz`, `np.savez` and `np.savez_compressed`.

use crate::atomic::{Replace, Replacement};
use crate::error::{Cause, Error};
use crate::load::{LoadOptions, OpenArray};
use crate::to_strided::ToStrided;
use crate::update::{ArchiveFile, Destination, is_interrupted};
use flatfile::dtype::{ByteOrder, Casting, DType, Element, Order};
use flatfile::npy_header::Header;
use flatfile::{AnySource, Array, CancelToken, CowStrided, RandomAccessFile};
use flatfile::{RowBlocks, Slice, Strided, npy, raw};
use npz::{Compression, Update};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// zlib's default level, and so that of NumPy's `savez_compressed`.
const LEVEL: u8 = 6;

/// Opens a `.npz`, as NumPy's `load` does: its directory is read now, and each array when it is requested.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npz");
/// use npio::Array;
/// let x = Array::from_slice(&[1.0, 2.0], [2])?;
/// npio::savez(&path, [("x", &x), ("y", &x)])?;
/// let archive = npio::load_npz(&path)?;
/// assert_eq!(archive.names().collect::<Vec<_>>(), ["x", "y"]);
/// assert_eq!(archive.load("x")?.to_string(), "[1. 2.]");
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that is not there or cannot be read; one that is not a zip archive; a broken archive, or an
/// ambiguous one, which two readers could read differently.
pub fn load_npz(path: impl AsRef<Path>) -> Result<Archive, Error> {
    LoadOptions::new().load_npz(path)
}

/// Saves arrays as a `.npz`, stored, as NumPy's `savez` does. Their data begins at multiples of 64, so that
/// it can be mapped. The file is replaced atomically, as by [`save`](crate::save).
///
/// For arrays without names, [`arr_names`](npz::arr_names) makes those that NumPy gives them: `arr_0`, `arr_1`, and so
/// on. Arrays of several types go into one call as `&dyn ToStrided`:
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npz");
/// use npio::{Array, ToStrided};
/// let (id, x) = (vec![1u32, 2], Array::from_slice(&[0.5, 1.5, 2.5, 3.5], [2, 2])?);
/// npio::savez(&path, [("id", &id as &dyn ToStrided), ("x", &x)])?;
/// assert_eq!(npio::load_npz(&path)?.load_vec::<u32>("id")?.0, id);
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// Names that could not be read back, and objects, before the file is touched; I/O errors, after which the
/// old file is still there.
pub fn savez<N: AsRef<str>, A: ToStrided>(
    path: impl AsRef<Path>,
    arrays: impl IntoIterator<Item = (N, A)>,
) -> Result<(), Error> {
    SavezOptions::new().savez(path, arrays)
}

/// As [`savez`], compressed on all cores.
///
/// # Errors
/// As [`savez`].
pub fn savez_compressed<N: AsRef<str>, A: ToStrided>(
    path: impl AsRef<Path>,
    arrays: impl IntoIterator<Item = (N, A)>,
) -> Result<(), Error> {
    SavezOptions::new().deflate(LEVEL).savez(path, arrays)
}

/// Replaces, adds, renames or removes members of a `.npz`; the others are copied as they are. The file is
/// replaced atomically, as by [`save`](crate::save). Meanwhile other processes may read it, but not update it.
///
/// The members before the first change are copied at once, or not at all if the file system can share them (Btrfs, XFS).
/// [`SavezOptions::in_place`] adds members without a copy.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npz");
/// use npio::Array;
/// let (one, two) = (Array::from_slice(&[1u8], [1])?, Array::from_slice(&[2u8], [1])?);
/// npio::savez(&path, [("a", &one), ("b", &one)])?;
/// npio::update_npz(&path, &npio::npz::Update::new().set("b", &two).rename("a", "c"))?;
/// let archive = npio::load_npz(&path)?;
/// assert_eq!(archive.names().collect::<Vec<_>>(), ["c", "b"]);
/// assert_eq!(archive.load_vec::<u8>("b")?.0, [2]);
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// As [`load_npz`] and [`savez`]; a member that does not exist; another process that is updating the archive
/// (`ResourceBusy`). After each of them the old file is still there.
pub fn update_npz(path: impl AsRef<Path>, update: &Update<'_>) -> Result<(), Error> {
    SavezOptions::new().update_npz(path, update)
}

/// An open `.npz`: an [`npz::Archive`] over a file, whose errors name the path.
#[derive(Debug)]
pub struct Archive {
    pub(crate) path: PathBuf,
    archive: npz::Archive<RandomAccessFile>,
    pub(crate) read: npy::ReadOptions,
    #[cfg(feature = "meta")]
    pub(crate) pickles: Option<npmeta::pickle::Options>,
}

impl LoadOptions {
    /// See [`load_npz`]; its arrays are read with these options.
    ///
    /// # Errors
    /// As [`load_npz`].
    pub fn load_npz(&self, path: impl AsRef<Path>) -> Result<Archive, Error> {
        let path = path.as_ref();
        let file = self.open_file(path);
        self.archive(path, file.map_err(|error| Error::new(path, error))?)
    }

    /// The archive in an open file.
    pub(crate) fn archive(&self, path: &Path, file: RandomAccessFile) -> Result<Archive, Error> {
        let archive = npz::Archive::new(file).map_err(|error| {
            let is_io = matches!(error.kind(), npz::ErrorKind::Io(_));
            let cause = if !is_io && is_interrupted(path) {
                Cause::Interrupted(error)
            } else {
                Cause::Archive(error)
            };
            Error::new(path, cause)
        })?;
        let archive = if self.last_of_duplicates {
            archive.last_of_duplicates()
        } else {
            archive
        };
        Ok(Archive {
            path: path.to_owned(),
            archive,
            read: self.read.clone(),
            #[cfg(feature = "meta")]
            pickles: self.pickles.clone(),
        })
    }
}

impl Archive {
    /// The names of all members, as NumPy's `files` lists them: without `.npy`.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.archive.names()
    }

    /// Opens the array of this name; only its header is read.
    ///
    /// # Errors
    /// As [`load`](Archive::load).
    pub fn open(&self, name: &str) -> Result<OpenArray<'_>, Error> {
        let open = self.with(|archive| archive.get(name)?.open_with(&self.read))?;
        Ok(open.in_file(&self.path))
    }

    /// Loads the array of this name.
    ///
    /// # Errors
    /// No such member, or several; one that is not a `.npy`, or is broken.
    pub fn load(&self, name: &str) -> Result<Array, Error> {
        Ok(self.open(name)?.read()?)
    }

    /// Loads the array of this name as Rust values in C order, and its shape.
    ///
    /// # Errors
    /// As [`load`](Archive::load); another dtype.
    pub fn load_vec<T: Element>(&self, name: &str) -> Result<(Vec<T>, Vec<usize>), Error> {
        let array = self.open(name)?;
        Ok((array.read_vec()?, array.layout().shape().to_vec()))
    }

    /// Loads a slice of the array of this name; if the member is stored, little else is read.
    ///
    /// # Errors
    /// As [`load`](Archive::load); a slice that does not fit this array.
    pub fn load_slice(&self, name: &str, slice: &Slice) -> Result<Array, Error> {
        Ok(self.open(name)?.slice(slice)?)
    }

    /// The array of this name in blocks of at most `rows` rows, for one that is larger than memory.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npz");
    /// # npio::savez_compressed(&path, [("x", &npio::Array::from_slice(&[0.5, 1.5, 2.5], [3])?)])?;
    /// let archive = npio::load_npz(&path)?;
    /// let mut sum = 0.0;
    /// for block in archive.row_blocks("x", 1000)? {
    ///     sum += block?.as_slice::<f64>()?.iter().sum::<f64>();
    /// }
    /// assert_eq!(sum, 4.5);
    /// # Ok::<(), npio::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`load`](Archive::load); an array without axes or in Fortran order; blocks of no rows.
    pub fn row_blocks(&self, name: &str, rows: usize) -> Result<RowBlocks<AnySource<'_>>, Error> {
        Ok(self.open(name)?.row_blocks(rows)?)
    }

    /// Loads all arrays, several at once. Members that are not `.npy` are left out.
    ///
    /// # Errors
    /// As [`load`](Archive::load).
    pub fn load_all(&self) -> Result<Vec<(&str, Array)>, Error> {
        self.with(|archive| archive.read_all(&self.read))
    }

    /// The header of the array of this name, without its data.
    ///
    /// # Errors
    /// As [`load`](Archive::load).
    pub fn load_header(&self, name: &str) -> Result<Header, Error> {
        let header = |header: &Header| header.clone();
        let open = self.with(|archive| archive.get(name)?.open())?;
        Ok(open
            .header()
            .map_or_else(|| Header::new(open.layout().clone()), header))
    }

    /// The bytes of a member of any kind.
    ///
    /// # Errors
    /// As [`load`](Archive::load).
    pub fn load_bytes(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.with(|archive| archive.get(name)?.bytes())
    }

    /// The faults of the members; each member is read to its end.
    pub fn verify(&self) -> Vec<npz::Issue> {
        self.archive.verify()
    }

    /// The archive of the layer below, which does the same and more, but does not know the path.
    pub fn as_npz(&self) -> &npz::Archive<RandomAccessFile> {
        &self.archive
    }

    pub(crate) fn with<'a, T>(
        &'a self,
        read: impl FnOnce(&'a npz::Archive<RandomAccessFile>) -> Result<T, npz::Error>,
    ) -> Result<T, Error> {
        read(&self.archive).map_err(|error| Error::new(&self.path, error))
    }
}

/// Options for saving archives; [`savez`] uses the defaults.
#[derive(Clone, Debug, Default)]
pub struct SavezOptions {
    write: npz::WriteOptions,
    npy: npy::WriteOptions,
    compression: Option<Compression>,
    pub(crate) replace: Replace,
    pub(crate) wait: Duration,
}

impl SavezOptions {
    /// The defaults: the file is replaced atomically, and arrays are stored as they are.
    pub fn new() -> SavezOptions {
        SavezOptions::default()
    }

    /// Compresses arrays at this level: 1 is the fastest, 6 NumPy's, 9 the smallest.
    #[must_use]
    pub fn deflate(self, level: u8) -> SavezOptions {
        self.compression(Compression::deflated(level))
    }

    /// How arrays are compressed.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> SavezOptions {
        self.write = self.write.compression(compression);
        self.compression = Some(compression);
        self
    }

    /// The alignment of the data of stored members in the file; 64 by default.
    #[must_use]
    pub fn align(mut self, bytes: u16) -> SavezOptions {
        self.write = self.write.align(bytes);
        self
    }

    /// The memory order of the items in the file.
    #[must_use]
    pub fn order(mut self, order: Order) -> SavezOptions {
        self.npy = self.npy.order(order);
        self
    }

    /// The byte order of the items in the file.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> SavezOptions {
        self.npy = self.npy.byte_order(order);
        self
    }

    /// Casts the items to this dtype while they are written.
    #[must_use]
    pub fn astype(mut self, dtype: DType, casting: Casting) -> SavezOptions {
        self.npy = self.npy.astype(dtype, casting);
        self
    }

    /// Overwrites the bytes of the file; see [`SaveOptions::in_place`](crate::SaveOptions::in_place).
    ///
    /// An update that only adds members writes them over the archive's directory, and a new directory after them: no more
    /// than what is new. What is overwritten is first saved in a file `NAME.npio-undo`. After a failure it is written back;
    /// a program that is killed leaves a file that no reader takes for an archive, until the next update, or
    /// [`repair_npz`](crate::repair_npz), restores the old one. That holds after a power cut, too. Any other update
    /// replaces the file.
    #[must_use]
    pub fn in_place(mut self) -> SavezOptions {
        self.replace.in_place = true;
        self
    }

    /// Never replaces a file; see [`SaveOptions::create_new`](crate::SaveOptions::create_new).
    #[must_use]
    pub fn create_new(mut self) -> SavezOptions {
        self.replace.create_new = true;
        self
    }

    /// Waits until the file is on disk; see [`SaveOptions::durable`](crate::SaveOptions::durable).
    #[must_use]
    pub fn durable(mut self) -> SavezOptions {
        self.replace.durable = true;
        self
    }

    /// Stops when this token is cancelled; see [`SaveOptions::cancel`](crate::SaveOptions::cancel).
    #[must_use]
    pub fn cancel(mut self, token: CancelToken) -> SavezOptions {
        self.replace.cancel = Some(token);
        self
    }

    /// Waits up to this long for another process that is updating the archive, instead of returning an error of the class
    /// [`Busy`](crate::ErrorClass::Busy) at once.
    #[must_use]
    pub fn wait(mut self, timeout: Duration) -> SavezOptions {
        self.wait = timeout;
        self
    }

    /// See [`savez`].
    ///
    /// # Errors
    /// As [`savez`].
    pub fn savez<N: AsRef<str>, A: ToStrided>(
        &self,
        path: impl AsRef<Path>,
        arrays: impl IntoIterator<Item = (N, A)>,
    ) -> Result<(), Error> {
        let arrays: Vec<(N, A)> = arrays.into_iter().collect();
        let path = path.as_ref();
        let save = || {
            let items = arrays.iter().map(|(_, array)| array.to_strided());
            let items: Vec<_> = items.collect::<Result<_, _>>()?;
            let names = arrays.iter().map(|(name, _)| name.as_ref());
            let views = items.iter().map(CowStrided::strided);
            let arrays: Vec<(&str, Strided<'_>)> = names.zip(views).collect();
            // Names and arrays that cannot be written are an error before anything is touched.
            let options = self.write_options();
            options.check(&arrays)?;
            let replacement = Replacement::begin(path, &self.replace)?;
            let file = replacement.file();
            if file.metadata()?.is_file() {
                raw::reserve(file, options.min_size(&arrays)?)?;
                let mut writer = options.create(replacement.writer())?;
                writer.arrays(arrays)?;
                writer.finish()?;
            } else {
                let mut writer = options.stream(replacement.writer());
                writer.arrays(arrays)?;
                writer.finish()?;
            }
            Ok(replacement.commit(())?)
        };
        save().map_err(|error: npz::Error| Error::new(path, error))
    }

    /// See [`update_npz`]. New members are compressed as set here, or else like the members they replace.
    ///
    /// # Errors
    /// As [`update_npz`].
    pub fn update_npz(&self, path: impl AsRef<Path>, update: &Update<'_>) -> Result<(), Error> {
        let update = match self.compression {
            Some(compression) => update.clone().compression(compression),
            None => update.clone(),
        };
        self.updater(path)?.update(&update)
    }

    /// Creates an archive whose members are written one at a time, each of any length.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npz");
    /// use std::io::Write;
    /// let mut archive = npio::SavezOptions::new().deflate(6).create(&path)?;
    /// archive.array("x", &npio::Array::from_slice(&[1.0, 2.0], [2])?)?;
    /// archive.member("notes.txt", |notes| Ok(notes.write_all(b"of any length")?))?;
    /// archive.finish()?;
    /// assert_eq!(npio::load_npz(&path)?.load_bytes("notes.txt")?, b"of any length");
    /// # Ok::<(), npio::Error>(())
    /// ```
    ///
    /// # Errors
    /// I/O errors.
    pub fn create(&self, path: impl AsRef<Path>) -> Result<ArchiveWriter, Error> {
        let path = path.as_ref();
        let begin = || {
            let replacement = Replacement::begin(path, &self.replace)?;
            let file = replacement.owned_writer()?;
            let is_file = file.get_ref().metadata()?.is_file();
            let target = ArchiveFile::new(file);
            let writer = if is_file {
                self.write_options().create(target)?
            } else {
                self.write_options().stream(target)
            };
            Ok(ArchiveWriter {
                writer,
                old: None,
                destination: Destination::New(replacement),
                path: path.to_owned(),
            })
        };
        begin().map_err(|error: npz::Error| Error::new(path, error))
    }

    pub(crate) fn write_options(&self) -> npz::WriteOptions {
        self.write.clone().npy(self.npy.clone())
    }
}

/// An archive that is written member by member: see [`SavezOptions::create`] and [`SavezOptions::updater`].
///
/// Dropped before [`finish`](ArchiveWriter::finish), it leaves the old file as it was.
#[derive(Debug)]
pub struct ArchiveWriter {
    pub(crate) writer: npz::Writer<ArchiveFile>,
    /// The archive that is updated.
    pub(crate) old: Option<npz::Archive<RandomAccessFile>>,
    pub(crate) destination: Destination,
    pub(crate) path: PathBuf,
}

impl ArchiveWriter {
    /// How the members that follow are compressed.
    pub fn set_compression(&mut self, compression: Compression) {
        self.writer.set_compression(compression);
    }

    /// Writes an array.
    ///
    /// # Errors
    /// As [`savez`].
    pub fn array(&mut self, name: &str, array: impl ToStrided) -> Result<(), Error> {
        let items = array.to_strided().map_err(npz::Error::from);
        let written = items.and_then(|items| self.writer.array(name, &items));
        written.map_err(|error| Error::new(&self.path, error))
    }

    /// Calls `write` to write a member of exactly this name; its error is npz's, into which an `io::Error` is made by `?`.
    ///
    /// # Errors
    /// As [`savez`]; the errors of `write`.
    pub fn member(
        &mut self,
        file_name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), npz::Error>,
    ) -> Result<(), Error> {
        let written = self.writer.member(file_name).and_then(|mut member| {
            write(&mut member)?;
            member.finish()
        });
        written.map_err(|error| Error::new(&self.path, error))
    }

    /// Writes metadata in this format; returns a warning for each value that will not read back unchanged.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.npz");
    /// use npio::{Dict, MetadataFormat, SavezOptions, Value};
    /// let mut archive = SavezOptions::new().deflate(6).create(&path)?;
    /// archive.array("x", [1.0, 2.0])?;
    /// let mdata = Value::from(Dict::from_iter([("author", "Emma")]));
    /// archive.metadata(&mdata, MetadataFormat::Json)?;
    /// archive.finish()?;
    /// assert_eq!(npio::load_npz(&path)?.metadata()?.unwrap().value, mdata);
    /// # Ok::<(), npio::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`savez`]; a value that the format cannot hold.
    #[cfg(feature = "meta")]
    pub fn metadata(
        &mut self,
        value: &npmeta::Value,
        format: npmeta::archive::MetadataFormat,
    ) -> Result<Vec<npmeta::archive::Warning>, Error> {
        let members = npmeta::archive::Options::new().members(value, format);
        let written = members.and_then(|members| {
            members.write(&mut self.writer)?;
            Ok(members.warnings().to_vec())
        });
        written.map_err(|error| Error::new(&self.path, error))
    }

    /// Copies the member at this index of the archive that is [updated](SavezOptions::updater), as it is.
    ///
    /// # Errors
    /// As [`savez`]; `NotFound` if there is no such member.
    pub fn copy(&mut self, index: usize) -> Result<(), Error> {
        let missing = || npz::Error::from(io::Error::from(io::ErrorKind::NotFound));
        let member = self.old.as_ref().and_then(|old| old.member(index));
        let copied = member
            .ok_or_else(missing)
            .and_then(|member| self.writer.copy(&member));
        copied.map_err(|error| Error::new(&self.path, error))
    }

    /// The writer of the layer below, which can also copy members of any archive, but does not know the path.
    pub fn as_npz(&mut self) -> &mut npz::Writer<ArchiveFile> {
        &mut self.writer
    }

    /// Writes the directory, and gives the file its name.
    ///
    /// # Errors
    /// I/O errors, after which the old file is still there.
    pub fn finish(self) -> Result<(), Error> {
        let ArchiveWriter {
            writer,
            old,
            destination,
            path,
        } = self;
        let finish = || Ok(destination.commit(writer.finish()?, old)?);
        finish().map_err(|error: npz::Error| Error::new(&path, error))
    }
}
