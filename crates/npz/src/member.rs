//! One member of an archive: [`Member`].

use crate::codec::CompressionMethod;
use crate::directory::{Directory, Entry};
use crate::error::{Error, ErrorKind};
use crate::member_bytes::MemberBytes;
use crate::name::SUFFIX;
use crate::reader::Reader;
use crate::threads::threads_for;
use flatfile::npy::ReadOptions;
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
    /// The member at this index of the directory, which must exist.
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

    /// Its index in the directory, starting at 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// How its bytes are compressed.
    pub fn compression_method(&self) -> CompressionMethod {
        self.entry.compression_method()
    }

    /// Its size in bytes, including the header of a `.npy`.
    pub fn size(&self) -> u64 {
        self.entry.info.size
    }

    /// The size of its data in the archive, in bytes.
    pub fn compressed_size(&self) -> u64 {
        self.entry.info.compressed_size
    }

    /// The CRC-32 that the archive declares.
    pub fn crc32(&self) -> u32 {
        self.entry.info.crc
    }

    /// Whether the directory marks it as a symbolic link of Unix; its bytes are the path that the link leads to. A
    /// program that unpacks archives should not write it.
    pub fn is_symlink(&self) -> bool {
        self.entry.is_symlink
    }

    /// Whether another member has exactly the same name in the archive.
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
    /// A reader of its decompressed bytes; the CRC is checked at the end.
    ///
    /// # Errors
    /// `Ambiguous` if its header disagrees with the directory, `Unsupported`, `Ratio`, `Io`.
    pub fn reader(&self) -> Result<Reader<'a, S>, Error> {
        self.located(Reader::open(self.source, self.entry))
    }

    /// All of its bytes, decompressed and checked.
    ///
    /// # Errors
    /// As [`reader`](Member::reader); `Checksum`, `Compressed`, `Size`.
    pub fn bytes(&self) -> Result<Vec<u8>, Error> {
        let mut reader = self.reader()?;
        reader.announce();
        let mut bytes = Vec::new();
        if reader.is_sure() {
            let size = usize::try_from(self.size()).unwrap_or(usize::MAX);
            let reserved = bytes.try_reserve_exact(size);
            self.located(reserved.map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory)))?;
            // The declared size of compressed data may be false: then most of the memory is never touched.
            if self.compression_method() == CompressionMethod::Stored {
                bytes.resize(size, 0);
                self.located(reader.read_exact(&mut bytes))?;
            }
        }
        self.located(reader.read_to_end(&mut bytes))?;
        Ok(bytes)
    }

    /// A view of the member's array, without a copy, if the archive is in memory or mapped. The CRC is not checked:
    /// [`verify`](Member::verify) does that.
    ///
    /// The items can be used in place if their address is suitably aligned, as it is in archives that
    /// [`Writer`](crate::Writer) made; NumPy does not align them. [`Array::to_cow`](flatfile::Array::to_cow) returns
    /// the items in place if it can, or else a copy.
    ///
    /// # Errors
    /// `NotInMemory`, `NotStored`; as [`open`](Member::open).
    pub fn view(&self) -> Result<ArrayView<'a>, Error> {
        let stored = self.stored_bytes()?;
        if self.compression_method() != CompressionMethod::Stored {
            return self.located(Err(ErrorKind::NotStored));
        }
        let Some(bytes) = self.source.as_bytes() else {
            return self.located(Err(ErrorKind::NotInMemory));
        };
        let begin = usize::try_from(stored.offset()).unwrap_or(usize::MAX);
        let length = usize::try_from(self.size()).unwrap_or(usize::MAX);
        let bytes = bytes.get(begin..).and_then(|bytes| bytes.get(..length));
        let parsed = ReadOptions::new().parse(bytes.unwrap_or_default());
        self.located(parsed.map(|(array, _)| array))
    }

    /// Its bytes starting at this one.
    pub(crate) fn reader_at(&self, begin: u64) -> Result<Reader<'a, S>, Error> {
        let mut reader = self.reader()?;
        let skipped = io::copy(&mut reader.by_ref().take(begin), &mut io::sink());
        self.located(skipped)?;
        Ok(reader)
    }

    /// Reads it to its end and keeps nothing, to check that everything is as it was written.
    ///
    /// # Errors
    /// As [`bytes`](Member::bytes).
    pub fn verify(&self) -> Result<(), Error> {
        let reader = self.reader()?;
        self.located(reader.finish())
    }

    /// The position of its bytes.
    pub(crate) fn stored_bytes(&self) -> Result<MemberBytes<'a, S>, Error> {
        self.located(MemberBytes::open(self.source, self.entry))
    }

    /// The source of the archive.
    pub(crate) fn source(&self) -> &'a S {
        self.source
    }
}

/// The number of threads worth starting to read these members whole.
pub(crate) fn threads_for_all<S>(members: &[Member<'_, S>]) -> usize {
    let sizes = members.iter().map(Member::size);
    threads_for(members.len(), sizes.fold(0, u64::saturating_add))
}
