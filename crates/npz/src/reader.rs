//! Reading a member from its beginning to its end: [`Reader`].

use crate::directory::Entry;
use crate::member::Storage;
use crate::name::key;
use crate::window::Window;
use crate::{Error, ErrorKind};
use crc32fast::Hasher;
use flate2::bufread::DeflateDecoder;
use flatfile::threads::{available, parallel_map};
use flatfile::{ReadAt, read_exact_at};
use std::io::{self, BufRead, BufReader, Read};

/// How many bytes are read, and their CRC taken, while they are in the cache.
const BLOCK: usize = 256 << 10;

/// What a thread reads of a stored member; for less than that it is not worth to have several.
const SHARE: usize = 16 << 20;

/// How many compressed bytes are read at a time.
const INPUT: usize = 64 << 10;

/// Bytes that belong to nothing.
pub(crate) const GOES_ON: &str = "the compressed data goes on behind its end";

/// No deflated data becomes more than so many times its length.
const MAX_RATIO: u64 = 1032;

/// The bytes of a member, as they were before it was compressed.
///
/// The read that reaches the end checks the CRC-32 and both lengths: whoever has read all, has read what
/// was written. What is wrong is an `io::Error` whose inner error is an [`Error`].
pub struct Reader<'a, S> {
    data: Data<'a, S>,
    entry: &'a Entry,
    crc: Hasher,
    /// Bytes that are to come.
    left: u64,
    is_checked: bool,
}

/// Where the bytes come from.
enum Data<'a, S> {
    Stored(Window<'a, S>),
    Deflated(Box<DeflateDecoder<BufReader<Window<'a, S>>>>),
    #[cfg(feature = "zstd")]
    Zstd(Box<zstd::Decoder<'static, BufReader<Window<'a, S>>>>),
}

impl<'a, S: ReadAt> Data<'a, S> {
    fn window(&self) -> &Window<'a, S> {
        match self {
            Data::Stored(window) => window,
            Data::Deflated(inflate) => inflate.get_ref().get_ref(),
            #[cfg(feature = "zstd")]
            Data::Zstd(decoder) => decoder.get_ref().get_ref(),
        }
    }
}

impl<'a, S: ReadAt> Reader<'a, S> {
    pub(crate) fn open(source: &'a S, entry: &'a Entry) -> Result<Reader<'a, S>, Error> {
        let window = Window::open(source, entry)?;
        let (size, compressed) = (entry.common.size, entry.common.compressed);
        let buffered = |window| {
            let capacity = compressed.clamp(1, INPUT as u64);
            BufReader::with_capacity(capacity as usize, window)
        };
        let data = match Storage::of(entry.common.method) {
            Storage::Stored if size == compressed => Data::Stored(window),
            Storage::Stored => {
                let (expected, found) = (size, compressed);
                return Err(ErrorKind::Size { expected, found }.into());
            }
            Storage::Deflated if size / MAX_RATIO > compressed => {
                return Err(ErrorKind::Ratio { size, compressed }.into());
            }
            Storage::Deflated => Data::Deflated(Box::new(DeflateDecoder::new(buffered(window)))),
            #[cfg(feature = "zstd")]
            Storage::Zstd => Data::Zstd(Box::new(zstd::Decoder::with_buffer(buffered(window))?)),
            #[cfg_attr(not(feature = "zstd"), allow(unreachable_patterns))]
            other => {
                let what = format!("members compressed by {other}");
                return Err(ErrorKind::Unsupported(what).into());
            }
        };
        Ok(Reader {
            data,
            entry,
            crc: Hasher::new(),
            left: size,
            is_checked: false,
        })
    }

    /// Where its next byte as it lies is in the archive.
    pub(crate) fn data_offset(&self) -> u64 {
        self.data.window().offset()
    }

    /// How many bytes are to come.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// How many bytes are sure to come, so that memory may be had for them: as many as the archive has,
    /// or its compressed data may become.
    pub(crate) fn is_sure(&self) -> bool {
        matches!(self.data, Data::Stored(_) | Data::Deflated(_))
    }

    /// Fills `bytes` with the next ones; large stored members by several threads.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        match &mut self.data {
            Data::Stored(window) if bytes.len() > SHARE && bytes.len() as u64 <= self.left => {
                let (source, begin) = (window.source(), window.offset());
                let read = |(i, part): (usize, &mut [u8])| {
                    let at = begin + (i * SHARE) as u64;
                    read_hashed(source, part, at)
                };
                let parts = bytes.chunks_mut(SHARE).enumerate();
                let hashed: Vec<Hasher> = parallel_map(parts, available(), read)?;
                hashed.iter().for_each(|part| self.crc.combine(part));
                window.skip(bytes.len() as u64);
                self.left -= bytes.len() as u64;
                self.check_if_done().map_err(Error::from)
            }
            _ => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    match self.read(rest) {
                        Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                        Ok(count) => rest = rest.get_mut(count..).unwrap_or_default(),
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Ok(())
            }
        }
    }

    /// Reads what is left, so that all is checked.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(())
    }

    fn check_if_done(&mut self) -> io::Result<()> {
        if self.left > 0 || self.is_checked {
            return Ok(());
        }
        self.is_checked = true;
        let at = self.entry.offset;
        let (more, is_over) = match &mut self.data {
            Data::Stored(_) => (0, true),
            Data::Deflated(inflate) => (
                inflate.read(&mut [0])?,
                inflate.get_mut().fill_buf()?.is_empty(),
            ),
            #[cfg(feature = "zstd")]
            Data::Zstd(decoder) => (
                decoder.read(&mut [0])?,
                decoder.get_mut().fill_buf()?.is_empty(),
            ),
        };
        let (expected, found) = (self.entry.common.crc, self.crc.clone().finalize());
        let size = self.entry.common.size;
        let error = match (more, is_over) {
            (0, true) if found == expected => return Ok(()),
            (0, true) => ErrorKind::Checksum { expected, found }.into(),
            (0, false) => Error::ambiguous(at, GOES_ON),
            _ => {
                let (expected, found) = (size, size.saturating_add(1));
                ErrorKind::Size { expected, found }.into()
            }
        };
        Err(error.into())
    }

    fn read_some(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = self.left.min(bytes.len().min(BLOCK) as u64) as usize;
        let bytes = bytes.get_mut(..most).unwrap_or_default();
        if !bytes.is_empty() {
            let count = match &mut self.data {
                Data::Stored(window) => window.read(bytes)?,
                Data::Deflated(inflate) => inflate.read(bytes)?,
                #[cfg(feature = "zstd")]
                Data::Zstd(decoder) => decoder.read(bytes)?,
            };
            if count == 0 {
                let expected = self.entry.common.size;
                let found = expected - self.left;
                return Err(Error::from(ErrorKind::Size { expected, found }).into());
            }
            self.crc.update(bytes.get(..count).unwrap_or_default());
            self.left -= count as u64;
            self.check_if_done()?;
            return Ok(count);
        }
        self.check_if_done()?;
        Ok(0)
    }
}

impl<S: ReadAt> Read for Reader<'_, S> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let after = self.entry.common.size - self.left;
        self.read_some(bytes).map_err(|error| {
            let is_told = error.get_ref().is_some_and(|inner| inner.is::<Error>());
            let error = match error.kind() {
                io::ErrorKind::Interrupted => return error,
                // Else it is the decoder that cannot go on.
                _ if is_told || self.data.window().has_failed() => Error::from(error),
                _ => ErrorKind::Compressed { after }.into(),
            };
            error.of(key(&self.entry.name)).into()
        })
    }

    /// Of a large stored member by several threads.
    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        Ok(self.fill(bytes)?)
    }
}

/// Fills `bytes` from byte `at` on, and takes their CRC.
fn read_hashed<S: ReadAt>(source: &S, bytes: &mut [u8], mut at: u64) -> io::Result<Hasher> {
    let mut crc = Hasher::new();
    for block in bytes.chunks_mut(BLOCK) {
        read_exact_at(source, block, at)?;
        crc.update(block);
        at += block.len() as u64;
    }
    Ok(crc)
}
