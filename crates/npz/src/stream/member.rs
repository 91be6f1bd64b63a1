//! A member of a stream: [`StreamMember`].

use super::source::CountingReader;
use super::{IO_BLOCK, Stream};
use crate::claim::{Claim, check_agreement};
use crate::codec::{CompressionMethod, Decoder, TRAILING_INPUT, decoder_error};
use crate::directory::Entry;
use crate::error::{Error, ErrorKind};
use crate::name::{SUFFIX, key};
use crate::record::{EntryInfo, FieldReader, flag, parse_descriptor, signature};
use crc32fast::Hasher;
use flatfile::Array;
use flatfile::npy::ReadOptions;
use std::io::{self, Read};

/// The next member of a [`Stream`].
#[derive(Debug)]
pub struct StreamMember<'a, R> {
    pub(super) stream: &'a mut Stream<R>,
    pub(super) entry: Entry,
    /// Whether its header has room for 64-bit sizes, and so the record after the data has, too.
    pub(super) has_zip64: bool,
}

impl<R: Read> StreamMember<'_, R> {
    /// Its name as NumPy lists it: without `.npy`.
    pub fn name(&self) -> &str {
        key(&self.entry.name)
    }

    /// Its name in the zip archive.
    pub fn file_name(&self) -> &str {
        &self.entry.name
    }

    /// How its bytes are compressed.
    pub fn compression_method(&self) -> CompressionMethod {
        self.entry.compression_method()
    }

    /// Reads the member as an array.
    ///
    /// # Errors
    /// As [`Member::read`](crate::Member::read).
    pub fn read(self) -> Result<Array, Error> {
        self.read_with(&ReadOptions::new())
    }

    /// As [`read`](StreamMember::read), with these options. Memory grows with the bytes that arrive.
    ///
    /// # Errors
    /// As [`read`](StreamMember::read).
    pub fn read_with(self, options: &ReadOptions) -> Result<Array, Error> {
        self.read_with_name(|data| {
            let array = options
                .open_stream(&mut *data)
                .map_err(Error::of_header)?
                .read()?;
            data.is_array_read = true;
            Ok(array)
        })
    }

    /// All of its bytes.
    ///
    /// # Errors
    /// As [`Member::bytes`](crate::Member::bytes); `Unsupported` if it does not declare its length and is
    /// not compressed.
    pub fn bytes(self) -> Result<Vec<u8>, Error> {
        if self.has_unknown_length() {
            return Err(unknown_length().with_member(self.name()));
        }
        self.read_with_name(|data| {
            let mut bytes = Vec::new();
            data.read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    /// Reads it and discards the bytes.
    ///
    /// # Errors
    /// As [`read`](StreamMember::read).
    pub fn skip(self) -> Result<(), Error> {
        let is_array = self.has_unknown_length() && self.entry.name.ends_with(SUFFIX);
        match is_array {
            // Only the array's own length is known.
            true => self.read_with_name(|data| {
                let header = ReadOptions::new().read_header(&mut *data);
                let (header, _) = header.map_err(Error::of_header)?;
                let nbytes = header.layout().nbytes() as u64;
                let skipped = io::copy(&mut data.take(nbytes), &mut io::sink())?;
                data.is_array_read = skipped == nbytes;
                Ok(())
            }),
            false if self.has_unknown_length() => Err(unknown_length().with_member(self.name())),
            false => self.read_with_name(|data| {
                io::copy(data, &mut io::sink())?;
                Ok(())
            }),
        }
    }

    /// Whether nothing tells where its bytes end.
    fn has_unknown_length(&self) -> bool {
        let info = self.entry.info;
        info.flags & flag::DESCRIPTOR != 0 && info.compressed_size == 0 && info.method == 0
    }

    /// Calls `read` to read the bytes, then reads the rest, and checks everything.
    fn read_with_name<T>(
        self,
        read: impl FnOnce(&mut MemberReader<'_, R>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let name = key(&self.entry.name).to_owned();
        self.read_checked(read)
            .map_err(|error| error.with_member(&name))
    }

    fn read_checked<T>(
        self,
        read: impl FnOnce(&mut MemberReader<'_, R>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let has_unknown_length = self.has_unknown_length();
        let StreamMember {
            stream,
            mut entry,
            has_zip64,
        } = self;
        stream.current = None;
        stream.is_broken = true;
        let declared = entry.info;
        let has_descriptor = declared.flags & flag::DESCRIPTOR != 0;
        let begin = stream.source.offset;
        // If its end is known, nothing after it is taken for a part of it.
        let is_bounded = !has_descriptor || declared.compressed_size > 0;
        let limit = if is_bounded {
            declared.compressed_size
        } else {
            u64::MAX
        };
        let input = (&mut stream.source).take(limit);
        let mut data = MemberReader {
            decoder: Decoder::new(&declared, input, is_bounded)?,
            crc: Hasher::new(),
            size: 0,
            expected_size: (!has_descriptor || declared.size > 0).then_some(declared.size),
            is_array_read: false,
        };
        let result = read(&mut data)?;
        if has_unknown_length && !data.is_array_read {
            return Err(unknown_length());
        }
        if !has_unknown_length {
            io::copy(&mut data, &mut io::sink())?;
        }
        let unused = data.decoder.unused().to_vec();
        let (crc, size) = (data.crc.finalize(), data.size);
        stream.source.put_back(&unused);
        let compressed_size = stream.source.offset - begin;
        let found = EntryInfo {
            crc,
            size,
            compressed_size,
            ..declared
        };
        if size < declared.size
            || (!has_descriptor
                && compressed_size < declared.compressed_size
                && declared.method == 0)
        {
            let (expected, found) = (declared.size, size);
            return Err(ErrorKind::Size { expected, found }.into());
        }
        if compressed_size < declared.compressed_size {
            return Err(Error::ambiguous(entry.offset, TRAILING_INPUT));
        }
        let here = Claim {
            subject: "the member has",
            name: "",
            info: found,
        };
        if has_descriptor {
            let at = stream.source.offset;
            let there = Claim {
                subject: "its data descriptor",
                info: stream.descriptor(declared, has_zip64)?,
                ..here
            };
            check_agreement(at, here, there)?;
            let there = Claim {
                subject: "its header",
                info: declared.completed(found),
                ..here
            };
            check_agreement(entry.offset, here, there)?;
        } else if declared.crc != crc {
            let (expected, found) = (declared.crc, crc);
            return Err(ErrorKind::Checksum { expected, found }.into());
        }
        entry.info = found;
        stream.read_members.push(entry);
        stream.is_broken = false;
        Ok(result)
    }
}

fn unknown_length() -> Error {
    let what = "a stored member without a declared length, in a stream";
    ErrorKind::Unsupported(what.to_owned()).into()
}

impl<R: Read> Stream<R> {
    /// The data descriptor after a member's bytes: CRC and sizes, with or without a signature.
    fn descriptor(&mut self, declared: EntryInfo, has_zip64: bool) -> Result<EntryInfo, Error> {
        let (sizes, at) = (if has_zip64 { 16 } else { 8 }, self.source.offset);
        let mut bytes = self.take(4)?;
        if bytes == signature::DESCRIPTOR.to_le_bytes() {
            bytes = self.take(4)?;
        }
        bytes.extend(self.take(sizes)?);
        let parsed = parse_descriptor(&mut FieldReader(&bytes), has_zip64, declared);
        parsed.ok_or_else(|| Error::broken(at, "no data descriptor after a member"))
    }
}

/// The decompressed bytes of a member, which are counted and their CRC taken.
struct MemberReader<'a, R> {
    decoder: Decoder<io::Take<&'a mut CountingReader<R>>>,
    crc: Hasher,
    size: u64,
    /// The expected number, if it is known.
    expected_size: Option<u64>,
    /// Whether all of an array was read, if only the array tells its length.
    is_array_read: bool,
}

impl<R: Read> Read for MemberReader<'_, R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let limit = bytes.len().min(IO_BLOCK);
        let bytes = bytes.get_mut(..limit).unwrap_or_default();
        let after = self.size;
        let count = match self.decoder.read(bytes) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                let has_failed = self.decoder.get_ref().get_ref().has_failed;
                return Err(decoder_error(error, has_failed, after).into());
            }
            result => result?,
        };
        self.size += count as u64;
        if let Some(expected) = self.expected_size.filter(|limit| self.size > *limit) {
            let found = self.size;
            return Err(Error::from(ErrorKind::Size { expected, found }).into());
        }
        self.crc.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }
}
