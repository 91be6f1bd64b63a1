//! Reading a member from its beginning to its end: [`Reader`].

use crate::BLOCK;
use crate::codec::{Decoder, End, GOES_ON, decoder_error};
use crate::directory::Entry;
use crate::error::{Error, ErrorKind};
use crate::window::Window;
use crc32fast::Hasher;
use flatfile::threads::{available, parallel_map};
use flatfile::{ReadAt, read_exact_at};
use std::io::{self, Read};

/// The least that each thread reads of a stored member; for less, several threads are not worth starting.
const SHARE: usize = 16 << 20;

/// A reader of a member's decompressed bytes.
///
/// The read that reaches the end checks the CRC-32 and both lengths: data that was read to the end without
/// an error is what was written. Faults are reported as an `io::Error` whose inner error is an [`Error`].
pub struct Reader<'a, S> {
    data: Decoder<Window<'a, S>>,
    entry: &'a Entry,
    crc: Hasher,
    /// The number of bytes left.
    left: u64,
    is_checked: bool,
}

impl<'a, S: ReadAt> Reader<'a, S> {
    pub(crate) fn open(source: &'a S, entry: &'a Entry) -> Result<Reader<'a, S>, Error> {
        let window = Window::open(source, entry)?;
        let (size, compressed) = (entry.common.size, entry.common.compressed);
        entry.compression_method().check_sizes(size, compressed)?;
        let data = Decoder::new(&entry.common, window, true)?;
        Ok(Reader {
            data,
            entry,
            crc: Hasher::new(),
            left: size,
            is_checked: false,
        })
    }

    /// The number of bytes left.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Whether [`left`](Reader::left) can be trusted, so that memory may be allocated for all of it: the bytes are in
    /// the archive, or its compressed data can become that many. Otherwise memory should grow with the bytes that
    /// arrive.
    pub fn is_sure(&self) -> bool {
        self.entry.compression_method().bounds_size()
    }

    /// The position of the next byte in the archive, if the member is stored.
    pub fn offset(&self) -> Option<u64> {
        match &self.data {
            Decoder::Stored(window) => Some(window.offset()),
            _ => None,
        }
    }

    /// Fills `bytes` by several threads, if the member is stored and large enough; otherwise `None`.
    fn fill_in_parallel(&mut self, bytes: &mut [u8]) -> Option<io::Result<()>> {
        let Decoder::Stored(window) = &mut self.data else {
            return None;
        };
        if bytes.len() <= SHARE || bytes.len() as u64 > self.left {
            return None;
        }
        let (source, begin) = (window.source(), window.offset());
        let read = |(i, part): (usize, &mut [u8])| {
            let at = begin + (i * SHARE) as u64;
            read_hashed(source, part, at)
        };
        let parts = bytes.chunks_mut(SHARE).enumerate();
        let hashed: Vec<Hasher> = match parallel_map(parts, available(), read) {
            Ok(hashed) => hashed,
            Err(error) => return Some(Err(error)),
        };
        hashed.iter().for_each(|part| self.crc.combine(part));
        window.skip(bytes.len() as u64);
        self.left -= bytes.len() as u64;
        Some(self.check_if_done())
    }

    /// Converts an error `after` this many bytes to one that names the cause and the member.
    fn located(&self, error: io::Error, after: u64) -> io::Error {
        if error.kind() == io::ErrorKind::Interrupted {
            return error;
        }
        let error = decoder_error(error, self.data.get_ref().has_failed(), after);
        error.with_member(self.entry.name()).into()
    }

    /// Reads the rest, so that everything is checked.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        if self.left == 0 {
            // Copying would first clear a buffer, which takes longer than reading a small member.
            let _ = self.read(&mut [])?;
        } else {
            io::copy(&mut self, &mut io::sink())?;
        }
        Ok(())
    }

    fn check_if_done(&mut self) -> io::Result<()> {
        if self.left > 0 || self.is_checked {
            return Ok(());
        }
        self.is_checked = true;
        let at = self.entry.offset;
        let end = self.data.end()?;
        let (expected, found) = (self.entry.common.crc, self.crc.clone().finalize());
        let size = self.entry.common.size;
        let error = match end {
            End::Right if found == expected => return Ok(()),
            End::Right => ErrorKind::Checksum { expected, found }.into(),
            End::MoreInput => Error::ambiguous(at, GOES_ON),
            End::MoreData => {
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
            let count = self.data.read(bytes)?;
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
        let read = self.read_some(bytes);
        read.map_err(|error| self.located(error, after))
    }

    /// Large stored members are read by several threads.
    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        if let Some(filled) = self.fill_in_parallel(bytes) {
            // An error here is never the decoder's.
            return filled
                .map_err(|error| Error::from(error).with_member(self.entry.name()).into());
        }
        // The trait's default implementation, for readers that do not read everything at once.
        self.take(bytes.len() as u64).read_exact(bytes)
    }
}

/// Fills `bytes` starting at byte `at`, and takes their CRC.
fn read_hashed<S: ReadAt>(source: &S, bytes: &mut [u8], mut at: u64) -> io::Result<Hasher> {
    let mut crc = Hasher::new();
    for block in bytes.chunks_mut(BLOCK) {
        read_exact_at(source, block, at)?;
        crc.update(block);
        at += block.len() as u64;
    }
    Ok(crc)
}
