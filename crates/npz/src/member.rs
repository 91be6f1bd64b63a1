//! One member of an archive: [`Member`].

use crate::codec::CompressionMethod;
use crate::directory::{Directory, Entry};
use crate::error::{Error, ErrorKind};
use crate::name::SUFFIX;
use crate::reader::Reader;
use crate::threads::threads_for;
use crate::window::Window;
use flatfile::dtype::Layout;
use flatfile::npy::{ReadOptions, RowBlocks};
use flatfile::npy_header::{ErrorKind as HeaderKind, Header};
use flatfile::{Array, ArrayView, ReadAt, Slice};
use std::io::{self, Read};

/// What a member's own header says.
#[derive(Clone, Debug)]
pub struct Peek {
    /// Dtype, shape and order.
    pub header: Header,
    /// The items' first byte in the archive, where they lie there as they are.
    pub data_offset: Option<u64>,
    /// How many bytes the member has behind its header.
    pub data_size: u64,
}

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

    /// Whether its name is that of an array. (NumPy looks at the first bytes, as [`peek`](Member::peek)
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
        result.map_err(|error| error.into().of(self.name()))
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

    /// Reads the header of the `.npy` that it is, and no data.
    ///
    /// # Errors
    /// `NotArray`; as [`reader`](Member::reader).
    pub fn peek(&self) -> Result<Peek, Error> {
        let mut reader = self.reader()?;
        let header = self.header(&mut reader, &ReadOptions::new())?;
        Ok(Peek {
            header,
            data_offset: reader.offset(),
            data_size: reader.left(),
        })
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
        self.read_with(&ReadOptions::new())
    }

    /// Reads the array that it is, in this way.
    ///
    /// Into another memory order or dtype this takes the memory of both.
    ///
    /// # Errors
    /// As [`read`](Member::read).
    pub fn read_with(&self, options: &ReadOptions) -> Result<Array, Error> {
        let mut reader = self.reader()?;
        let header = self.header(&mut reader, options)?;
        let (items, layout, left) = (options.items(), header.layout(), reader.left());
        let array = match reader.is_sure() {
            true => items.read_with(layout, left, |bytes| {
                reader.read_exact(bytes).map_err(Error::from)
            }),
            false => items.read(&mut reader, layout).map_err(Error::from),
        };
        let array = self.located(array)?;
        // What is behind the array is checked with it.
        self.located(reader.finish())?;
        Ok(array)
    }

    /// Reads what `slice` takes of the array. Of a stored member in a file or in memory little else is
    /// read, of others what lies before it is read and let go. The CRC is not checked.
    ///
    /// # Errors
    /// As [`read`](Member::read); a slice that is none of this array.
    pub fn read_slice(&self, slice: &Slice, options: &ReadOptions) -> Result<Array, Error> {
        let source = self.source;
        let mut reader = self.reader()?;
        let header = self.header(&mut reader, options)?;
        let (items, layout, left) = (options.items(), header.layout(), reader.left());
        if left < layout.nbytes() as u64 {
            return self.located(Err(short(layout, left)));
        }
        let array = match reader.offset() {
            Some(begin) => items.read_slice_at(source, begin, layout, slice),
            None => items.read_slice(&mut reader, left, layout, slice),
        };
        self.located(array)
    }

    /// Reads the array in blocks of at most `rows` rows. The CRC is checked with the last byte, which is that of
    /// the last block unless something stands behind the array.
    ///
    /// # Errors
    /// As [`read`](Member::read); an array without axes or in Fortran order; blocks of no rows.
    pub fn row_blocks(
        &self,
        rows: usize,
        options: &ReadOptions,
    ) -> Result<RowBlocks<Reader<'a, S>>, Error> {
        let mut reader = self.reader()?;
        let header = self.header(&mut reader, options)?;
        let (layout, left) = (header.layout(), reader.left());
        if left < layout.nbytes() as u64 {
            return self.located(Err(short(layout, left)));
        }
        self.located(options.items().row_blocks(reader, layout, rows))
    }

    /// Reads it from its beginning to its end, and keeps nothing: is all as it was written?
    ///
    /// # Errors
    /// As [`bytes`](Member::bytes).
    pub fn verify(&self) -> Result<(), Error> {
        let reader = self.reader()?;
        self.located(reader.finish())
    }

    /// Reads the header of the `.npy` that it is. The items come next.
    fn header(&self, reader: &mut Reader<'a, S>, options: &ReadOptions) -> Result<Header, Error> {
        match options.read_header(reader) {
            Ok((header, _)) => Ok(header),
            Err(error) => Err(not_array(error).of(self.name())),
        }
    }

    /// Where its bytes lie.
    pub(crate) fn window(&self) -> Result<Window<'a, S>, Error> {
        self.located(Window::open(self.source, self.entry))
    }

    /// The array that it is, over the bytes of an archive that is in memory or mapped, without a copy. The CRC is
    /// not checked: [`verify`](Member::verify) does that.
    ///
    /// Its items can be had in place where they are at an address that is right for them, as they are in
    /// archives that [`Writer`](crate::Writer) made; NumPy's own are anywhere.
    /// [`Array::to_cow`] gives the one or a copy, and says which.
    ///
    /// # Errors
    /// `NotInMemory`, `NotStored`; as [`peek`](Member::peek).
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

fn short(layout: &Layout, found: u64) -> flatfile::Error {
    let expected = layout.nbytes() as u64;
    flatfile::ErrorKind::Short { expected, found }.into()
}

/// How many threads are worth their start, where these members are read whole.
pub(crate) fn threads_for_all<S>(members: &[Member<'_, S>]) -> usize {
    let sizes = members.iter().map(Member::size);
    threads_for(members.len(), sizes.fold(0, u64::saturating_add))
}
