//! A member of a stream: [`StreamMember`].

use super::source::Counted;
use super::{BLOCK, Stream};
use crate::agree::{Said, agree};
use crate::codec::{CompressionMethod, Decoder, GOES_ON, decoder_error};
use crate::directory::Entry;
use crate::error::{Error, ErrorKind};
use crate::member::not_array;
use crate::name::{SUFFIX, key};
use crate::record::{Common, Fields, flag, signature};
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
    pub(super) is_wide: bool,
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
        self.consume(|data| {
            let array = options.open_stream(&mut *data).map_err(not_array)?.read()?;
            data.is_array_over = true;
            Ok(array)
        })
    }

    /// All of its bytes.
    ///
    /// # Errors
    /// As [`Member::bytes`](crate::Member::bytes); `Unsupported` if it does not declare its length and is
    /// not compressed.
    pub fn bytes(self) -> Result<Vec<u8>, Error> {
        if self.is_endless() {
            return Err(endless().with_member(self.name()));
        }
        self.consume(|data| {
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
        let is_array = self.is_endless() && self.entry.name.ends_with(SUFFIX);
        match is_array {
            // Only the array's own length is known.
            true => self.consume(|data| {
                let header = ReadOptions::new().read_header(&mut *data);
                let (header, _) = header.map_err(not_array)?;
                let nbytes = header.layout().nbytes() as u64;
                let skipped = io::copy(&mut data.take(nbytes), &mut io::sink())?;
                data.is_array_over = skipped == nbytes;
                Ok(())
            }),
            false if self.is_endless() => Err(endless().with_member(self.name())),
            false => self.consume(|data| {
                io::copy(data, &mut io::sink())?;
                Ok(())
            }),
        }
    }

    /// Whether nothing tells where its bytes end.
    fn is_endless(&self) -> bool {
        let common = self.entry.common;
        common.flags & flag::DESCRIPTOR != 0 && common.compressed == 0 && common.method == 0
    }

    /// Calls `read` to read the bytes, then reads the rest, and checks everything.
    fn consume<T>(
        self,
        read: impl FnOnce(&mut Data<'_, R>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let name = key(&self.entry.name).to_owned();
        self.checked(read).map_err(|error| error.with_member(&name))
    }

    fn checked<T>(
        self,
        read: impl FnOnce(&mut Data<'_, R>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let is_endless = self.is_endless();
        let StreamMember {
            stream,
            mut entry,
            is_wide,
        } = self;
        stream.unread = None;
        stream.is_broken = true;
        let said = entry.common;
        let is_behind = said.flags & flag::DESCRIPTOR != 0;
        let begin = stream.source.at;
        // If its end is known, nothing after it is taken for a part of it.
        let is_bounded = !is_behind || said.compressed > 0;
        let most = if is_bounded {
            said.compressed
        } else {
            u64::MAX
        };
        let input = (&mut stream.source).take(most);
        let mut data = Data {
            bytes: Decoder::new(&said, input, is_bounded)?,
            crc: Hasher::new(),
            size: 0,
            most: (!is_behind || said.size > 0).then_some(said.size),
            is_array_over: false,
        };
        let result = read(&mut data)?;
        if is_endless && !data.is_array_over {
            return Err(endless());
        }
        if !is_endless {
            io::copy(&mut data, &mut io::sink())?;
        }
        let unused = data.bytes.unused().to_vec();
        let (crc, size) = (data.crc.finalize(), data.size);
        stream.source.put_back(&unused);
        let compressed = stream.source.at - begin;
        let found = Common {
            crc,
            size,
            compressed,
            ..said
        };
        if size < said.size || (!is_behind && compressed < said.compressed && said.method == 0) {
            let (expected, found) = (said.size, size);
            return Err(ErrorKind::Size { expected, found }.into());
        }
        if compressed < said.compressed {
            return Err(Error::ambiguous(entry.offset, GOES_ON));
        }
        let here = Said {
            who: "what came has",
            name: "",
            common: found,
        };
        if is_behind {
            let at = stream.source.at;
            let there = Said {
                who: "what follows it",
                common: stream.descriptor(said, is_wide)?,
                ..here
            };
            agree(at, here, there)?;
            let there = Said {
                who: "its header",
                common: said.completed(found),
                ..here
            };
            agree(entry.offset, here, there)?;
        } else if said.crc != crc {
            let (expected, found) = (said.crc, crc);
            return Err(ErrorKind::Checksum { expected, found }.into());
        }
        entry.common = found;
        stream.seen.push(entry);
        stream.is_broken = false;
        Ok(result)
    }
}

fn endless() -> Error {
    let what = "a stored member that does not say its length, from a stream";
    ErrorKind::Unsupported(what.to_owned()).into()
}

impl<R: Read> Stream<R> {
    /// The data descriptor after a member's bytes: CRC and sizes, with or without a signature.
    fn descriptor(&mut self, said: Common, is_wide: bool) -> Result<Common, Error> {
        let (sizes, at) = (if is_wide { 16 } else { 8 }, self.source.at);
        let mut bytes = self.take(4)?;
        if bytes == signature::DESCRIPTOR.to_le_bytes() {
            bytes = self.take(4)?;
        }
        bytes.extend(self.take(sizes)?);
        let mut fields = Fields(&bytes);
        let mut parse = || {
            let crc = fields.u32()?;
            let mut size = || {
                if is_wide {
                    fields.u64()
                } else {
                    fields.u32().map(u64::from)
                }
            };
            Some((crc, size()?, size()?))
        };
        let parsed = parse();
        let (crc, compressed, size) =
            parsed.ok_or_else(|| Error::broken(at, "no sizes behind a member"))?;
        Ok(Common {
            crc,
            compressed,
            size,
            ..said
        })
    }
}

/// The decompressed bytes of a member, which are counted and their CRC taken.
struct Data<'a, R> {
    bytes: Decoder<io::Take<&'a mut Counted<R>>>,
    crc: Hasher,
    size: u64,
    /// The expected number, if it is known.
    most: Option<u64>,
    /// Whether all of an array was read, if only the array tells its length.
    is_array_over: bool,
}

impl<R: Read> Read for Data<'_, R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = bytes.len().min(BLOCK);
        let bytes = bytes.get_mut(..most).unwrap_or_default();
        let after = self.size;
        let count = match self.bytes.read(bytes) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                let has_failed = self.bytes.get_ref().get_ref().has_failed;
                return Err(decoder_error(error, has_failed, after).into());
            }
            result => result?,
        };
        self.size += count as u64;
        if let Some(expected) = self.most.filter(|most| self.size > *most) {
            let found = self.size;
            return Err(Error::from(ErrorKind::Size { expected, found }).into());
        }
        self.crc.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }
}
