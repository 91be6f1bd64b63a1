//! One member of an archive: [`Member`].

use crate::codec::CompressionMethod;
use crate::directory::{Directory, Entry};
use crate::error::{Error, ErrorKind};
use crate::name::SUFFIX;
use crate::reader::Reader;
use crate::threads::threads_for;
use crate::window::Window;
use flatfile::npy::ReadOptions;
use flatfile::npy_header::ErrorKind as HeaderKind;
use flatfile::{ArrayView, ReadAt};
use std::io::{self, Read};

/// One member of an archive.
#[derive(Debug)]
pub struct Member<'a, S> {
    source: &'a S,
    directory: &'a Directory,
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
    /// The member at this place of the directory, which has to have it.
    #[expect(
        clippy::indexing_slicing,
        reason = "callers have the index from the directory"
    )]
    pub(crate) fn new(source: &'a S, directory: &'a Directory, index: usize) -> Member<'a, S> {
        let entry = &directory.entries()[index];
        Member {
            source,
            directory,
            entry,
            index,
        }
    }

    /// Its name as NumPy lists it: without `.npy`.
    pub fn name(&self) -> &'a str {
        self.entry.name()
    }

    /// Its name in the zip archive.
    pub fn file_name(&self) -> &'a str {
        &self.entry.name
    }

    /// Whether its name is that of an array. (NumPy looks at the first bytes, as [`open`](Member::open)
    /// does.)
    pub fn is_npy(&self) -> bool {
        self.entry.name.ends_with(SUFFIX)
    }

    /// Its place in the directory, from 0 on.
    pub fn index(&self) -> usize {
        self.index
    }

    /// How its bytes are compressed.
    pub fn compression_method(&self) -> CompressionMethod {
        self.entry.compression_method()
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
        self.directory.count(self.file_name()) > 1
    }

    pub(crate) fn entry(&self) -> &'a Entry {
        self.entry
    }

    fn located<T>(&self, result: Result<T, impl Into<Error>>) -> Result<T, Error> {
        result.map_err(|error| error.into().with_member(self.name()))
    }
}

impl<'a, S: ReadAt> Member<'a, S> {
    /// Its bytes one after another, decompressed; the CRC is checked at the end.
    ///
    /// # Errors
    /// `Ambiguous` where its header says something else than the directory, `Unsupported`, `Ratio`, `Io`.
    pub fn reader(&self) -> Result<Reader<'a, S>, Error> {
        self.located(Reader::open(self.source, self.entry))
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
            if self.compression_method() == CompressionMethod::Stored {
                bytes.resize(size, 0);
                self.located(reader.read_exact(&mut bytes))?;
            }
        }
        self.located(reader.read_to_end(&mut bytes))?;
        Ok(bytes)
    }

    /// The array that it is, over the bytes of an archive that is in memory or mapped, without a copy. The CRC is not
    /// checked: [`verify`](Member::verify) does that.
    ///
    /// Its items can be had in place where they are at an address that is right for them, as they are in archives that
    /// [`Writer`](crate::Writer) made; NumPy's own are anywhere. [`Array::to_cow`](flatfile::Array::to_cow) gives the one or a copy, and says which.
    ///
    /// # Errors
    /// `NotInMemory`, `NotStored`; as [`open`](Member::open).
    pub fn view(&self) -> Result<ArrayView<'a>, Error> {
        let window = self.window()?;
        if self.compression_method() != CompressionMethod::Stored {
            return self.located(Err(ErrorKind::NotStored));
        }
        let Some(bytes) = self.source.as_bytes() else {
            return self.located(Err(ErrorKind::NotInMemory));
        };
        let begin = usize::try_from(window.offset()).unwrap_or(usize::MAX);
        let length = usize::try_from(self.size()).unwrap_or(usize::MAX);
        let bytes = bytes.get(begin..).and_then(|bytes| bytes.get(..length));
        let parsed = ReadOptions::new().parse(bytes.unwrap_or_default());
        self.located(parsed.map(|(array, _)| array))
    }

    /// Its bytes from this one on.
    pub(crate) fn reader_at(&self, begin: u64) -> Result<Reader<'a, S>, Error> {
        let mut reader = self.reader()?;
        let skipped = io::copy(&mut reader.by_ref().take(begin), &mut io::sink());
        self.located(skipped)?;
        Ok(reader)
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
        self.located(Window::open(self.source, self.entry))
    }

    /// What the archive is read from.
    pub(crate) fn source(&self) -> &'a S {
        self.source
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

/// How many threads are worth their start, where these members are read whole.
pub(crate) fn threads_for_all<S>(members: &[Member<'_, S>]) -> usize {
    let sizes = members.iter().map(Member::size);
    threads_for(members.len(), sizes.fold(0, u64::saturating_add))
}
