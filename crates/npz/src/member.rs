//! One member of an archive: [`Member`].

use crate::directory::Entry;
use crate::name::{SUFFIX, key};
use crate::window::Window;
use crate::{Archive, Error, ErrorKind, MemberItems, Reader};
use flatfile::npy::ReadOptions;
use flatfile::npy_header::ErrorKind as HeaderKind;
use flatfile::{Array, ArrayView, ReadAt};
use std::fmt;
use std::io::{self, Read};

/// How the bytes of a member lie in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Storage {
    /// As they are.
    Stored,
    /// By zlib's algorithm, as `savez_compressed` does.
    Deflated,
    /// By Zstandard.
    Zstd,
    /// In another way, of this number.
    Other(u16),
}

impl Storage {
    pub(crate) fn of(method: u16) -> Storage {
        match method {
            0 => Storage::Stored,
            8 => Storage::Deflated,
            93 => Storage::Zstd,
            other => Storage::Other(other),
        }
    }
}

/// As Python's zipfile calls them.
impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Storage::Stored => f.write_str("stored"),
            Storage::Deflated => f.write_str("deflated"),
            Storage::Zstd => f.write_str("zstd"),
            Storage::Other(12) => f.write_str("bzip2"),
            Storage::Other(14) => f.write_str("lzma"),
            Storage::Other(method) => write!(f, "method {method}"),
        }
    }
}

/// One member of an archive.
#[derive(Debug)]
pub struct Member<'a, S> {
    archive: &'a Archive<S>,
    entry: &'a Entry,
    index: usize,
}

impl<S> Clone for Member<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Member<'_, S> {}

impl<'a, S> Member<'a, S> {
    pub(crate) fn new(archive: &'a Archive<S>, entry: &'a Entry, index: usize) -> Member<'a, S> {
        Member {
            archive,
            entry,
            index,
        }
    }

    /// Its name as NumPy lists it: without `.npy`.
    pub fn name(&self) -> &'a str {
        key(&self.entry.name)
    }

    /// Its name in the zip archive.
    pub fn file_name(&self) -> &'a str {
        &self.entry.name
    }

    /// Whether its name is that of an array. (NumPy looks at the first bytes, as [`peek`](Member::peek)
    /// does.)
    pub fn is_npy(&self) -> bool {
        self.entry.name.ends_with(SUFFIX)
    }

    /// Its place in the directory, from 0 on.
    pub fn index(&self) -> usize {
        self.index
    }

    /// How its bytes lie in the archive.
    pub fn storage(&self) -> Storage {
        Storage::of(self.entry.common.method)
    }

    /// How many bytes it has, the header of a `.npy` included.
    pub fn size(&self) -> u64 {
        self.entry.common.size
    }

    /// How many bytes these take in the archive.
    pub fn compressed_size(&self) -> u64 {
        self.entry.common.compressed
    }

    /// The CRC-32 that the archive says.
    pub fn crc32(&self) -> u32 {
        self.entry.common.crc
    }

    /// Whether another member has exactly its name in the archive, too.
    pub(crate) fn is_duplicate(&self) -> bool {
        self.archive.count(self.file_name()) > 1
    }

    pub(crate) fn entry(&self) -> &'a Entry {
        self.entry
    }

    fn located<T>(&self, result: Result<T, impl Into<Error>>) -> Result<T, Error> {
        result.map_err(|error| error.into().of(self.name()))
    }
}

impl<'a, S: ReadAt> Member<'a, S> {
    /// Its bytes one after another, decompressed; the CRC is checked at the end.
    ///
    /// # Errors
    /// `Ambiguous` where its header says something else than the directory, `Unsupported`, `Ratio`, `Io`.
    pub fn reader(&self) -> Result<Reader<'a, S>, Error> {
        self.located(Reader::open(&self.archive.source, self.entry))
    }

    /// All of its bytes, decompressed and checked.
    ///
    /// # Errors
    /// As [`reader`](Member::reader); `Checksum`, `Compressed`, `Size`.
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        let mut reader = self.reader()?;
        let mut bytes = Vec::new();
        if reader.is_sure() {
            let size = usize::try_from(self.size()).unwrap_or(usize::MAX);
            let reserved = bytes.try_reserve_exact(size);
            self.located(reserved.map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory)))?;
            // What is said of compressed data may be a lie: then most of the memory is never touched.
            if self.storage() == Storage::Stored {
                bytes.resize(size, 0);
                self.located(reader.fill(&mut bytes))?;
            }
        }
        self.located(reader.read_to_end(&mut bytes))?;
        Ok(bytes)
    }

    /// Opens the array that it is: its header is read, and its items when they are asked for.
    ///
    /// ```
    /// # let mut bytes = std::io::Cursor::new(Vec::new());
    /// # let mut writer = npz::Writer::new(&mut bytes);
    /// # writer.array("x", &flatfile::Array::from_slice(&[1u8, 2, 3, 4], [2, 2]).unwrap())?;
    /// # writer.finish()?;
    /// # let bytes = bytes.into_inner();
    /// let archive = npz::Archive::new(bytes)?;
    /// let x = archive.get("x")?.open()?;
    /// assert_eq!((x.layout().shape(), x.data_offset()), (&[2, 2][..], Some(192)));
    /// assert_eq!(x.slice(&"1".parse()?)?.as_bytes(), [3, 4]);
    /// assert_eq!(x.read_vec::<u8>()?, [1, 2, 3, 4]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    ///
    /// # Errors
    /// `NotArray`; as [`reader`](Member::reader).
    pub fn open(&self) -> Result<flatfile::Reader<MemberItems<'a, S>>, Error> {
        self.open_with(&ReadOptions::new())
    }

    /// Opens the array that it is, in this way.
    ///
    /// # Errors
    /// As [`open`](Member::open).
    pub fn open_with(
        &self,
        options: &ReadOptions,
    ) -> Result<flatfile::Reader<MemberItems<'a, S>>, Error> {
        let mut reader = self.reader()?;
        let begin = reader.data_offset();
        let header = options.read_header(&mut reader);
        let (header, length) = header.map_err(|error| not_array(error).of(self.name()))?;
        let begin = Some(begin + length).filter(|_| self.storage() == Storage::Stored);
        let items = MemberItems::new(*self, reader);
        let reader = flatfile::Reader::with_header(items, header, begin);
        Ok(reader.conversion(options.as_conversion().clone()))
    }

    /// The array that it is, over the bytes of an archive that is in memory or mapped, without a copy. The CRC is not
    /// checked: [`verify`](Member::verify) does that.
    ///
    /// Its items can be had in place where they are at an address that is right for them, as they are in archives that
    /// [`Writer`](crate::Writer) made; NumPy's own are anywhere. [`Array::to_cow`] gives the one or a copy, and says which.
    ///
    /// # Errors
    /// `NotInMemory`, `NotStored`; as [`open`](Member::open).
    pub fn view(&self) -> Result<ArrayView<'a>, Error> {
        let open = self.open()?;
        let Some(begin) = open.data_offset() else {
            return self.located(Err(ErrorKind::NotStored));
        };
        let Some(bytes) = self.archive.source.as_bytes() else {
            return self.located(Err(ErrorKind::NotInMemory));
        };
        let begin = usize::try_from(begin).unwrap_or(usize::MAX);
        let items = bytes.get(begin..).unwrap_or_default();
        // What follows the member is no part of it.
        let most = usize::try_from(open.source().data_size()).unwrap_or(usize::MAX);
        let items = items.get(..most).unwrap_or(items);
        let layout = open.layout().clone();
        match items.get(..layout.nbytes()) {
            Some(items) => self.located(Array::new(layout, items)),
            None => {
                let (expected, found) = (layout.nbytes() as u64, items.len() as u64);
                let short = flatfile::ErrorKind::Short { expected, found };
                self.located(Err(flatfile::Error::from(short)))
            }
        }
    }

    /// Its bytes from this one on.
    pub(crate) fn reader_at(&self, begin: u64) -> Result<Reader<'a, S>, Error> {
        let mut reader = self.reader()?;
        let skipped = io::copy(&mut reader.by_ref().take(begin), &mut io::sink());
        self.located(skipped)?;
        Ok(reader)
    }

    /// Reads the array that it is.
    ///
    /// ```
    /// # let mut bytes = std::io::Cursor::new(Vec::new());
    /// # let mut writer = npz::Writer::new(&mut bytes);
    /// # writer.array("x", &flatfile::Array::from_slice(&[1u8, 2], [2]).unwrap())?;
    /// # writer.finish()?;
    /// # let bytes = bytes.into_inner();
    /// let archive = npz::Archive::new(bytes)?;
    /// assert_eq!(archive.get("x")?.read()?.to_string(), "[1 2]");
    /// # Ok::<(), npz::Error>(())
    /// ```
    ///
    /// # Errors
    /// `NotArray`, `Array`; as [`bytes`](Member::bytes).
    pub fn read(&self) -> Result<Array, Error> {
        Ok(self.open()?.read()?)
    }

    /// Reads it from its beginning to its end, and keeps nothing: is all as it was written?
    ///
    /// # Errors
    /// As [`bytes`](Member::bytes).
    pub fn verify(&self) -> Result<(), Error> {
        let reader = self.reader()?;
        self.located(reader.finish())
    }

    /// Where its bytes lie.
    pub(crate) fn window(&self) -> Result<Window<'a, S>, Error> {
        self.located(Window::open(&self.archive.source, self.entry))
    }

    /// What the archive is read from.
    pub(crate) fn source(&self) -> &'a S {
        &self.archive.source
    }
}

/// Why no header could be read, which is another thing where the bytes are not those of a `.npy` at all.
pub(crate) fn not_array(error: flatfile::Error) -> Error {
    let is_other = matches!(error.kind(), flatfile::ErrorKind::Header(error) if matches!(
        error.kind(),
        HeaderKind::Magic(_) | HeaderKind::Truncated { found: 0..8, .. }
    ));
    match is_other {
        true => ErrorKind::NotArray.into(),
        false => Error::from(error),
    }
}
