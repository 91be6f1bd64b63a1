//! A member opened as an array: [`MemberItems`], which a [`flatfile::Reader`] reads.

use crate::codec::CompressionMethod;
use crate::error::Error;
use crate::member::Member;
use crate::reader::Reader;
use flatfile::npy::ReadOptions;
use flatfile::{Array, ErrorKind, Forward, ReadAt, Request, Source};
use std::fmt;
use std::sync::{Mutex, PoisonError};

impl<'a, S: ReadAt> Member<'a, S> {
    /// Opens the member as an array: its header is read now, and its items on request.
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

    /// As [`open`](Member::open), with these options.
    ///
    /// # Errors
    /// As [`open`](Member::open).
    pub fn open_with(
        &self,
        options: &ReadOptions,
    ) -> Result<flatfile::Reader<MemberItems<'a, S>>, Error> {
        let mut reader = self.reader()?;
        let header = options.read_header(&mut reader);
        let (header, _) =
            header.map_err(|error| Error::of_header(error).with_member(self.name()))?;
        let begin = reader.offset();
        let items = MemberItems::new(*self, reader);
        let reader = flatfile::Reader::with_header(items, header, begin);
        options
            .apply(reader)
            .map_err(|error| Error::from(error).with_member(self.name()))
    }

    /// Reads the member as an array.
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
}

/// The items of a member, which [`Member::open`] opens.
///
/// A member that is read to its end is checked by its CRC-32. For slices, summaries and views of stored members
/// little else than their items is read, and nothing is checked. Compressed members are inflated as far as needed,
/// and again from the beginning if an earlier position is needed.
pub struct MemberItems<'a, S> {
    member: Member<'a, S>,
    /// The number of bytes after the header.
    data_size: u64,
    state: Mutex<ReadState<'a, S>>,
}

/// How far the member has been read.
enum ReadState<'a, S> {
    /// Up to the items.
    Header(Reader<'a, S>),
    /// Some of the items, sequentially.
    Items(Forward<Reader<'a, S>>),
    /// All of them.
    Finished,
}

impl<'a, S> MemberItems<'a, S> {
    /// The member itself.
    pub fn member(&self) -> &Member<'a, S> {
        &self.member
    }

    /// The number of bytes after its header.
    pub fn data_size(&self) -> u64 {
        self.data_size
    }

    pub(crate) fn new(member: Member<'a, S>, reader: Reader<'a, S>) -> MemberItems<'a, S>
    where
        S: ReadAt,
    {
        MemberItems {
            member,
            data_size: reader.left(),
            state: Mutex::new(ReadState::Header(reader)),
        }
    }
}

impl<S> fmt::Debug for MemberItems<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("MemberItems");
        shown
            .field("name", &self.member.name())
            .finish_non_exhaustive()
    }
}

impl<'a, S: ReadAt> MemberItems<'a, S> {
    /// The bytes that have not been read yet: after the header, all of the member's data.
    ///
    /// # Errors
    /// As [`Member::reader`].
    pub(crate) fn into_reader(self) -> Result<Reader<'a, S>, Error> {
        let state = self.state.into_inner();
        match state.unwrap_or_else(PoisonError::into_inner) {
            ReadState::Header(reader) => Ok(reader),
            ReadState::Items(items) => Ok(items.into_inner()),
            ReadState::Finished => self.member.reader_at(self.member.size()),
        }
    }

    /// Whether items can be read in place.
    fn is_stored(&self) -> bool {
        self.member.compression_method() == CompressionMethod::Stored
    }

    /// Whether the requested items are read in place, which leaves the CRC unchecked.
    fn is_read_in_place(&self, request: &Request<'_>) -> bool {
        let is_sequential = request.is_whole() || request.is_by_rows();
        self.is_stored() && (request.is_partial() || !is_sequential)
    }

    /// Calls `read` to read the items sequentially, again from the beginning if the request is for an earlier
    /// position. Once all items have been read, the rest of the member is read, too, so that the CRC is checked.
    fn read_sequentially<T>(
        &self,
        request: &Request<'_>,
        mut read: impl FnMut(&Forward<Reader<'a, S>>) -> Result<T, flatfile::Error>,
    ) -> Result<T, flatfile::Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut items = match std::mem::replace(&mut *state, ReadState::Finished) {
            ReadState::Header(reader) => {
                if request.is_whole() {
                    reader.announce();
                }
                forward(reader)
            }
            ReadState::Items(items) if !request.is_whole() => items,
            ReadState::Items(_) | ReadState::Finished => self.reopened()?,
        };
        let mut result = read(&items);
        if matches!(&result, Err(error) if matches!(error.kind(), ErrorKind::Forward { .. })) {
            items = self.reopened()?;
            result = read(&items);
        }
        let result = result?;
        if request.is_whole() || request.is_by_rows() && request.is_last() {
            items.into_inner().finish()?;
        } else {
            *state = ReadState::Items(items);
        }
        Ok(result)
    }

    fn reopened(&self) -> Result<Forward<Reader<'a, S>>, Error> {
        let reader = self.member.reader_at(self.member.size() - self.data_size)?;
        Ok(forward(reader))
    }
}

fn forward<'a, S: ReadAt>(reader: Reader<'a, S>) -> Forward<Reader<'a, S>> {
    if reader.is_sure() {
        let left = reader.left();
        Forward::with_length(reader, left)
    } else {
        Forward::new(reader)
    }
}

impl<'a, S: ReadAt> Source for MemberItems<'a, S> {
    fn load(&self, request: &Request<'_>) -> Result<Array, flatfile::Error> {
        self.check(request)?;
        if self.is_read_in_place(request) {
            return self.member.source().load(request);
        }
        self.read_sequentially(request, |items| items.load(request))
    }

    fn fill(&self, request: &Request<'_>, out: &mut [u8]) -> Result<(), flatfile::Error> {
        self.check(request)?;
        if self.is_read_in_place(request) {
            return self.member.source().fill(request, out);
        }
        self.read_sequentially(request, |items| items.fill(request, out))
    }

    fn stored(
        &self,
        request: &Request<'_>,
        at: u64,
        out: &mut [u8],
    ) -> Result<(), flatfile::Error> {
        if self.is_stored() {
            return self.member.source().stored(request, at, out);
        }
        self.read_sequentially(request, |items| items.stored(request, at, out))
    }

    fn check(&self, request: &Request<'_>) -> Result<(), flatfile::Error> {
        if !self.is_read_in_place(request) {
            request.check_rows()?;
        }
        // If nothing limits the size of the decompressed data, reading it shows which length is wrong.
        if self.member.compression_method().bounds_size() {
            request.check_length(self.data_size)?;
        }
        Ok(())
    }

    fn has_random_access(&self) -> bool {
        self.is_stored()
    }

    fn in_memory(&self) -> Option<&[u8]> {
        self.member.source().as_bytes().filter(|_| self.is_stored())
    }

    fn locate(&self, error: flatfile::Error) -> flatfile::Error {
        Error::from(error).with_member(self.member.name()).into()
    }
}
