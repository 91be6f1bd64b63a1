//! Opening files before their data is read: [`open`].

use crate::archive::Archive;
use crate::compressed::{self, Decoder, Problem};
use crate::error::Error;
use crate::load::{LoadOptions, OpenArray};
use crate::raw::layout_in_name;
use flatfile::dtype::Layout;
use flatfile::npy_header::{ErrorKind as HeaderKind, MAGIC, known_format};
use flatfile::raw::RawLayout;
use flatfile::read_exact_at;
use flatfile::{Error as FlatError, ErrorKind, Forward, RandomAccessFile, ReadAt, Reader};
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

/// The first bytes of a zip archive, and of an empty one.
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// The number of bytes that determine it.
const KIND_BYTES: u64 = 8;

/// The kind of a file, found from its first bytes or, for raw items, from its name.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FileKind {
    /// A `.npy`.
    Npy,
    /// A zip archive.
    Npz,
    /// Raw items whose layout is in the file name.
    Raw(Layout),
    /// Another format, or an unknown one.
    Unknown,
}

impl FileKind {
    /// The kind of a file with this name that begins with these bytes: the first eight, or all.
    ///
    /// ```
    /// use npio::FileKind;
    /// assert_eq!(FileKind::of(b"\x93NUMPY\x01\x00", "x.dat"), FileKind::Npy);
    /// assert!(matches!(FileKind::of(b"abcdefgh", "x_uint8_2_4.dat"), FileKind::Raw(_)));
    /// assert_eq!(FileKind::of(b"abcdefgh", "x.dat"), FileKind::Unknown);
    /// ```
    pub fn of(first: &[u8], path: impl AsRef<Path>) -> FileKind {
        if ZIP.iter().any(|zip| first.starts_with(zip)) {
            return FileKind::Npz;
        }
        if first.starts_with(MAGIC) || (MAGIC.starts_with(first) && !first.is_empty()) {
            return FileKind::Npy;
        }
        match layout_in_name(path).filter(|_| known_format(first).is_none()) {
            Some(layout) => FileKind::Raw(layout),
            None => FileKind::Unknown,
        }
    }
}

/// The contents of an open file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Opened {
    /// One array: a `.npy`, or raw items whose layout is in the file name.
    Array(OpenArray<'static>),
    /// An archive of arrays.
    Archive(Archive),
}

/// Opens a file of any kind: its first bytes decide which, or for raw items its name (see
/// [`layout_in_name`](crate::layout_in_name)). Only a header or a directory is read. A
/// [`compressed`](crate::compressed) array is a stream, which goes forward only.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// npio::save(&path, &npio::ArrayView::over(&[1u8, 2, 3, 4, 5, 6], [3, 2])?)?;
/// let npio::Opened::Array(x) = npio::open(&path)? else { panic!("an archive") };
/// assert_eq!((x.layout().shape(), x.data_offset()), (&[3, 2][..], Some(128)));
/// assert_eq!(x.slice(&"1:".parse()?)?.as_bytes(), [3, 4, 5, 6]);
/// for block in x.row_blocks(2)? {
///     println!("{}", block?);
/// }
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that does not exist or cannot be read; one of another format; a broken header or directory; a compressed
/// archive.
pub fn open(path: impl AsRef<Path>) -> Result<Opened, Error> {
    LoadOptions::new().open(path)
}

/// Opens the next `.npy` in a stream, which can only be read forward: see [`Forward`].
///
/// # Errors
/// Data that is not a `.npy`; the stream's own errors.
pub fn open_stream<R: Read>(source: R) -> Result<Reader<Forward<R>>, Error> {
    LoadOptions::new().open_stream(source)
}

impl LoadOptions {
    /// See [`open`]; the items are converted with these options.
    ///
    /// # Errors
    /// As [`open`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Opened, Error> {
        let path = path.as_ref();
        match self.find(path).map_err(|error| Error::new(path, error))? {
            Found::Array(array) => Ok(Opened::Array(array)),
            Found::Zip(file, _) => self.archive(path, file).map(Opened::Archive),
        }
    }

    /// As [`open`](LoadOptions::open), for a file that has to be an array.
    ///
    /// # Errors
    /// As [`open`]; an archive.
    pub fn open_array(&self, path: impl AsRef<Path>) -> Result<OpenArray<'static>, Error> {
        let path = path.as_ref();
        let found = self.find(path).and_then(|found| match found {
            Found::Array(array) => Ok(array),
            Found::Zip(_, error) => Err(error),
        });
        found.map_err(|error| Error::new(path, error))
    }

    /// See [`open_stream`].
    ///
    /// # Errors
    /// As [`open_stream`].
    pub fn open_stream<R: Read>(&self, source: R) -> Result<Reader<Forward<R>>, Error> {
        Ok(self.read.open_stream(source)?)
    }

    /// Opens the `.npy` that begins at this byte of an open file, or of any other [`ReadAt`];
    /// [`Reader::end`] is its end.
    ///
    /// ```
    /// use npio::{Array, LoadOptions};
    /// let mut bytes = npio::flatfile::npy::to_bytes(&Array::from_slice(&[1u8], [1])?)?;
    /// bytes.extend(npio::flatfile::npy::to_bytes(&Array::from_slice(&[2u8], [1])?)?);
    /// let first = LoadOptions::new().open_at(&bytes, 0)?;
    /// let second = LoadOptions::new().open_at(&bytes, first.end())?;
    /// assert_eq!((first.read()?.as_bytes(), second.read()?.as_bytes()), (&[1][..], &[2][..]));
    /// # Ok::<(), npio::Error>(())
    /// ```
    ///
    /// # Errors
    /// Data that is not a `.npy`; the source's own errors.
    pub fn open_at<S: ReadAt>(&self, source: S, offset: u64) -> Result<Reader<S>, Error> {
        Ok(self.read.open_at(source, offset)?)
    }

    /// Finds the kind of a file. Regular files are read at positions, pipes and devices sequentially.
    fn find(&self, path: &Path) -> Result<Found, FlatError> {
        // Shared with the reader that is tried first, until that is known to be the right one.
        let file = Arc::new(self.open_file(path)?);
        let is_regular = || file.is_regular();
        // On Unix a failed read at a position consumes nothing, and asking for a small file's type takes as long as
        // reading it.
        let tried = if cfg!(unix) || is_regular()? {
            match self.read.open(Arc::clone(&file)) {
                Ok(reader) => return Ok(Found::Array(reader.in_file(path))),
                Err(error) => Some(error),
            }
        } else {
            None
        };
        let error = match tried {
            Some(error) if is_regular()? => error,
            _ => return self.find_in_stream(into_file(file)?, path),
        };
        // The bytes in the error are nearly always enough to tell that a file is not compressed.
        let may_be_compressed =
            |first: &[u8]| first.is_empty() || compressed::is_compressed(first, path);
        if first_bytes(&error).is_some_and(may_be_compressed)
            && compressed::is_compressed(&read_first_bytes(&file)?, path)
        {
            return self.find_in_stream(into_file(file)?, path);
        }
        match first_bytes(&error).map(|first| FileKind::of(first, path)) {
            Some(FileKind::Npz) => Ok(Found::Zip(into_file(file)?, error)),
            Some(FileKind::Raw(layout)) => {
                let layout = RawLayout::from(layout).layout(file.len()?)?;
                let reader = Reader::raw(file, layout, 0);
                Ok(Found::Array(self.read.apply(reader)?.in_file(path)))
            }
            _ => Err(error),
        }
    }

    /// The array in a stream, or in a compressed file.
    fn find_in_stream(&self, file: RandomAccessFile, path: &Path) -> Result<Found, FlatError> {
        let mut stream = Decoder::in_file(file.into_stream(), path)?;
        let Some(format) = stream.format() else {
            let reader = self.read.open_stream(stream)?;
            return Ok(Found::Array(reader.in_file(path)));
        };
        let mut first = Vec::new();
        stream.by_ref().take(KIND_BYTES).read_to_end(&mut first)?;
        let kind = FileKind::of(&first, path);
        let stream = Cursor::new(first).chain(stream);
        let reader = match kind {
            FileKind::Npz => {
                let error = compressed::Error::new(format, 0, Problem::Archive);
                return Err(io::Error::from(error).into());
            }
            FileKind::Raw(layout) => {
                let items = Forward::new(Exactly::new(stream, layout.nbytes(), format));
                let reader = Reader::raw(items, layout, 0);
                self.read.apply(reader)?.in_file(path)
            }
            _ => self.read.open_stream(stream)?.in_file(path),
        };
        Ok(Found::Array(reader.in_compressed_file()))
    }
}

/// The first bytes of a regular file, which tell whether it is compressed, or of another format.
pub(crate) fn read_first_bytes(file: &RandomAccessFile) -> io::Result<Vec<u8>> {
    let length = usize::try_from(file.len()?).unwrap_or(usize::MAX);
    let mut first = vec![0; length.min(compressed::FIRST_BYTES)];
    read_exact_at(file, &mut first, 0)?;
    Ok(first)
}

/// Exactly these bytes of a stream: if more follow the last one, that is an error in its place.
struct Exactly<R> {
    stream: R,
    expected: u64,
    left: u64,
    format: compressed::Format,
}

impl<R> Exactly<R> {
    fn new(stream: R, bytes: usize, format: compressed::Format) -> Exactly<R> {
        Exactly {
            stream,
            expected: bytes as u64,
            left: bytes as u64,
            format,
        }
    }
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = bytes.len().min(most);
        let read = self.stream.read(bytes.split_at_mut(most).0)?;
        self.left -= read as u64;
        if read > 0 && self.left == 0 && self.stream.read(&mut [0])? > 0 {
            let expected = self.expected;
            let problem = Problem::TooLong { expected };
            return Err(compressed::Error::new(self.format, 0, problem).into());
        }
        Ok(read)
    }
}

/// The kind that a file was found to be.
enum Found {
    Array(OpenArray<'static>),
    /// An archive, and the error if an array was requested.
    Zip(RandomAccessFile, FlatError),
}

/// The file, which is no longer shared.
fn into_file(file: Arc<RandomAccessFile>) -> Result<RandomAccessFile, FlatError> {
    let file = Arc::into_inner(file);
    file.ok_or_else(|| io::Error::other("the file is in use").into())
}

/// The first bytes of a file that is not a `.npy`, from the error; none if it is empty or too short for a magic
/// string.
pub(crate) fn first_bytes(error: &FlatError) -> Option<&[u8]> {
    let ErrorKind::Header(error) = error.kind() else {
        return None;
    };
    match error.kind() {
        HeaderKind::Magic(first) => Some(first),
        HeaderKind::Truncated { found, .. } if *found < MAGIC.len() => Some(&[]),
        _ => None,
    }
}
