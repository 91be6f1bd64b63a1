//! An archive that comes through a pipe: [`Stream`].

use crate::directory::{self, Entry};
use crate::member::Storage;
use crate::name::key;
use crate::record::{self, Common, Fields, Record, ZIP64, flag, length, signature};
use crate::source::Source;
use crate::{Error, ErrorKind};
use crc32fast::Hasher;
use flate2::bufread::DeflateDecoder;
use flatfile::Array;
use flatfile::npy::ReadOptions;
use std::io::{self, BufRead, BufReader, Read};

/// How many bytes are read at a time.
const BLOCK: usize = 256 << 10;

/// Reads an archive from its beginning to its end, each member as it comes. What only the directory can tell is
/// checked at the end, by [`finish`](Stream::finish).
///
/// ```
/// # use flatfile::Array;
/// # let mut writer = npz::WriteOptions::new().stream(Vec::new());
/// # writer.array("x", &Array::from_slice(&[1u8, 2], [2]).unwrap())?;
/// # let pipe = std::io::Cursor::new(writer.finish()?);
/// let mut stream = npz::Stream::new(pipe);
/// while let Some(member) = stream.next_member()? {
///     let name = member.name().to_owned();
///     let array = member.read()?;
///     assert_eq!((name.as_str(), array.to_string().as_str()), ("x", "[1 2]"));
/// }
/// stream.finish()?;
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug)]
pub struct Stream<R> {
    source: Counted<R>,
    /// The members that came.
    seen: Vec<Entry>,
    /// Whether the last one was not read to its end.
    is_inside: bool,
    /// What begins the record behind the members.
    rest: Vec<u8>,
}

/// The member of a [`Stream`] that comes next.
#[derive(Debug)]
pub struct StreamMember<'a, R> {
    stream: &'a mut Stream<R>,
    entry: Entry,
    /// Whether its header has room for 64 bits, and so has what stands behind it.
    is_wide: bool,
}

impl<R: Read> Stream<R> {
    /// The archive that `source` begins with, which is read in large blocks.
    pub fn new(source: R) -> Stream<R> {
        Stream {
            source: Counted {
                inner: BufReader::with_capacity(BLOCK, source),
                at: 0,
            },
            seen: Vec::new(),
            is_inside: false,
            rest: Vec::new(),
        }
    }

    /// The next member; `None` behind the last one. A member that was not read is skipped, which one that
    /// does not say its length, and is neither compressed nor an array, cannot be.
    ///
    /// # Errors
    /// `Broken`, `Ambiguous`, `Unsupported`, `Io`; where a member before was not read to its end.
    pub fn next_member(&mut self) -> Result<Option<StreamMember<'_, R>>, Error> {
        if self.is_inside {
            let error = io::Error::other("an earlier member was not read to its end");
            return Err(error.into());
        }
        if !self.rest.is_empty() {
            return Ok(None);
        }
        let offset = self.source.at;
        let mut fixed = self.take(4)?;
        let is_first = offset == 0;
        match fixed.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)) {
            Some(signature::LOCAL) => {}
            Some(signature::CENTRAL | signature::END | signature::END64) => {
                self.rest = fixed;
                return Ok(None);
            }
            _ if is_first => return Err(ErrorKind::NotZip.into()),
            _ => return Err(Error::broken(offset, "neither a member nor the directory")),
        }
        fixed.extend(self.take(length::LOCAL - 4)?);
        let header = record::local_header(&fixed);
        let (common, name, extra) =
            header.ok_or_else(|| Error::broken(offset, "no member's header"))?;
        let variable = self.take(name + extra)?;
        let mut fields = Fields(&variable);
        let mut header = Record {
            common,
            name: fields.take(name).unwrap_or_default(),
            extra: fields.take(extra).unwrap_or_default(),
            offset: 0,
        };
        let is_wide = record::ExtraFields(header.extra).any(|(id, _)| id == ZIP64);
        let name = record::name(header.name, common.flags)
            .map_err(|what| Error::ambiguous(offset, what))?;
        header
            .widen()
            .map_err(|what| Error::ambiguous(offset, what).of(key(&name)))?;
        let entry = Entry {
            name,
            common: header.common,
            offset,
            limit: 0,
        };
        if entry.common.flags & (flag::ENCRYPTED | flag::MASKED) != 0 {
            let error = Error::from(ErrorKind::Unsupported("an encrypted member".into()));
            return Err(error.of(key(&entry.name)));
        }
        self.is_inside = true;
        Ok(Some(StreamMember {
            stream: self,
            entry,
            is_wide,
        }))
    }

    /// Skips the members that are left, reads the directory, and checks that it says what came.
    ///
    /// # Errors
    /// As [`next_member`](Stream::next_member) and [`Archive::open`](crate::Archive::open).
    pub fn finish(mut self) -> Result<(), Error> {
        while let Some(member) = self.next_member()? {
            member.skip()?;
        }
        let begin = self.source.at - self.rest.len() as u64;
        let mut bytes = self.rest;
        self.source.read_to_end(&mut bytes)?;
        let mut entries = directory::read(&Tail { begin, bytes })?;
        entries.sort_by_key(|entry| entry.offset);
        if entries.len() != self.seen.len() {
            let (came, said) = (self.seen.len(), entries.len());
            let what = format!("{came} members came, and the directory has {said}");
            return Err(Error::ambiguous(begin, what));
        }
        for (said, came) in entries.iter().zip(&self.seen) {
            let same = |entry: &Entry| {
                let Common {
                    method,
                    crc,
                    compressed,
                    size,
                    ..
                } = entry.common;
                (entry.offset, method, crc, compressed, size)
            };
            if said.name != came.name || same(said) != same(came) {
                let what = "the directory says something else than came";
                return Err(Error::ambiguous(came.offset, what).of(key(&came.name)));
            }
        }
        Ok(())
    }

    /// So many bytes, which are no more than a header can have.
    fn take(&mut self, count: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; count];
        let at = self.source.at;
        match self.source.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(Error::broken(at, "the archive ends within a header"))
            }
            result => Ok(result.map(|()| bytes)?),
        }
    }
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

    /// How its bytes lie in the archive.
    pub fn storage(&self) -> Storage {
        Storage::of(self.entry.common.method)
    }

    /// Reads the array that it is.
    ///
    /// # Errors
    /// As [`Member::read`](crate::Member::read).
    pub fn read(self) -> Result<Array, Error> {
        self.read_with(&ReadOptions::new())
    }

    /// Reads the array that it is, in this way. Memory grows with what arrives.
    ///
    /// # Errors
    /// As [`read`](StreamMember::read).
    pub fn read_with(self, options: &ReadOptions) -> Result<Array, Error> {
        self.consume(|data| {
            let (header, _) = options.read_header(&mut *data)?;
            let array = options.items().read(&mut *data, header.layout())?;
            data.is_array_over = true;
            Ok(array)
        })
    }

    /// All of its bytes.
    ///
    /// # Errors
    /// As [`Member::bytes`](crate::Member::bytes); `Unsupported` where it does not say its length, and is
    /// not compressed.
    pub fn bytes(self) -> Result<Vec<u8>, Error> {
        self.consume(|data| {
            let mut bytes = Vec::new();
            data.read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    /// Reads it and lets it go.
    ///
    /// # Errors
    /// As [`read`](StreamMember::read).
    pub fn skip(self) -> Result<(), Error> {
        let is_array = self.is_endless() && self.entry.name.ends_with(crate::name::SUFFIX);
        match is_array {
            // The array's own length is all there is to go by.
            true => self.consume(|data| {
                let (header, _) = ReadOptions::new().read_header(&mut *data)?;
                let nbytes = header.layout().nbytes() as u64;
                let skipped = io::copy(&mut data.take(nbytes), &mut io::sink())?;
                data.is_array_over = skipped == nbytes;
                Ok(())
            }),
            false => self.consume(|data| {
                io::copy(data, &mut io::sink())?;
                Ok(())
            }),
        }
    }

    /// Whether nothing says where its bytes end.
    fn is_endless(&self) -> bool {
        let common = self.entry.common;
        common.flags & flag::DESCRIPTOR != 0 && common.compressed == 0 && common.method == 0
    }

    /// Has `read` read the bytes, then reads what is left of them, and checks all.
    fn consume<T>(
        self,
        read: impl FnOnce(&mut Data<'_, R>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let name = key(&self.entry.name).to_owned();
        self.checked(read).map_err(|error| error.of(&name))
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
        let said = entry.common;
        let is_behind = said.flags & flag::DESCRIPTOR != 0;
        let begin = stream.source.at;
        let source = &mut stream.source;
        let mut data = Data {
            bytes: match Storage::of(said.method) {
                Storage::Stored if is_endless => Decoder::Endless(source),
                Storage::Stored => Decoder::Stored(source.take(said.compressed)),
                Storage::Deflated => Decoder::Deflated(Box::new(DeflateDecoder::new(source))),
                other => {
                    let what = format!("members compressed by {other}, from a stream");
                    return Err(ErrorKind::Unsupported(what).into());
                }
            },
            crc: Hasher::new(),
            size: 0,
            is_array_over: false,
        };
        let result = read(&mut data)?;
        if matches!(data.bytes, Decoder::Endless(_)) && !data.is_array_over {
            let what = "a stored member that does not say its length, from a stream".to_owned();
            return Err(ErrorKind::Unsupported(what).into());
        }
        if !is_endless {
            io::copy(&mut data, &mut io::sink())?;
        }
        let (crc, size) = (data.crc.finalize(), data.size);
        let compressed = stream.source.at - begin;
        let found = Common {
            crc,
            size,
            compressed,
            ..said
        };
        let expected = match is_behind {
            true => stream.descriptor(said, is_wide)?,
            false => said,
        };
        if expected.size != size || expected.compressed != compressed {
            let (expected, found) = (expected.size, size);
            return Err(ErrorKind::Size { expected, found }.into());
        }
        if expected.crc != crc {
            let (expected, found) = (expected.crc, crc);
            return Err(ErrorKind::Checksum { expected, found }.into());
        }
        entry.common = found;
        stream.seen.push(entry);
        stream.is_inside = false;
        Ok(result)
    }
}

impl<R: Read> Stream<R> {
    /// What stands behind a member's bytes: CRC and sizes, with or without a signature.
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
            let mut size = || match is_wide {
                true => fields.u64(),
                false => fields.u32().map(u64::from),
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

/// The bytes of a member, decompressed, of which CRC and length are taken.
struct Data<'a, R> {
    bytes: Decoder<'a, R>,
    crc: Hasher,
    size: u64,
    /// Whether all of an array was read whose length nothing else says.
    is_array_over: bool,
}

enum Decoder<'a, R> {
    Stored(io::Take<&'a mut Counted<R>>),
    /// Stored, and it does not say how long.
    Endless(&'a mut Counted<R>),
    Deflated(Box<DeflateDecoder<&'a mut Counted<R>>>),
}

impl<R: Read> Read for Data<'_, R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = bytes.len().min(BLOCK);
        let bytes = bytes.get_mut(..most).unwrap_or_default();
        let after = self.size;
        let count = match &mut self.bytes {
            Decoder::Stored(source) => source.read(bytes)?,
            Decoder::Endless(source) => source.read(bytes)?,
            Decoder::Deflated(inflate) => {
                inflate.read(bytes).map_err(|error| match error.kind() {
                    io::ErrorKind::InvalidInput => {
                        Error::from(ErrorKind::Compressed { after }).into()
                    }
                    _ => error,
                })?
            }
        };
        self.crc.update(bytes.get(..count).unwrap_or_default());
        self.size += count as u64;
        Ok(count)
    }
}

/// A source that says how many bytes were taken of it.
#[derive(Debug)]
struct Counted<R> {
    inner: BufReader<R>,
    at: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(bytes)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.at += count as u64;
        self.inner.consume(count);
    }
}

/// The end of an archive, from byte `begin` on.
struct Tail {
    begin: u64,
    bytes: Vec<u8>,
}

impl crate::source::Sealed for Tail {}

impl Source for Tail {
    fn length(&self) -> io::Result<u64> {
        Ok(self.begin + self.bytes.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        // What came before is gone, and held no end of a directory that is one.
        if let Some(gone) = self.begin.checked_sub(offset).filter(|gone| *gone > 0) {
            let count = bytes.len().min(usize::try_from(gone).unwrap_or(usize::MAX));
            bytes.iter_mut().take(count).for_each(|byte| *byte = 0);
            return Ok(count);
        }
        let start = usize::try_from(offset - self.begin).unwrap_or(usize::MAX);
        let mut rest = self.bytes.get(start..).unwrap_or_default();
        rest.read(bytes)
    }
}
