//! Reading a member from its beginning to its end: [`Reader`].

use crate::IO_BLOCK;
use crate::codec::{Decoder, StreamEnd, TRAILING_INPUT, decoder_error};
use crate::directory::Entry;
use crate::error::{Error, ErrorKind};
use crate::member_bytes::MemberBytes;
use crc32fast::Hasher;
use flatfile::threads::{available, parallel_map};
use flatfile::{ReadAt, read_exact_at};
use std::io::{self, Read};

/// The least that each thread reads of a stored member; for less, several threads are not worth starting.
const PART_SIZE: usize = 16 << 20;

/// A reader of a member's decompressed bytes.
///
/// The read that reaches the end checks the CRC-32 and both lengths: data that was read to the end without
/// an error is what was written. Faults are reported as an `io::Error` whose inner error is an [`Error`].
///
/// A source may answer `WouldBlock` for bytes that have not arrived yet. The read that needs them fails with that kind,
/// and can be repeated if the member is stored or deflated; [`left`](Reader::left) tells how many bytes it returned
/// before.
pub struct Reader<'a, S> {
    decoder: Decoder<MemberBytes<'a, S>>,
    entry: &'a Entry,
    crc: Hasher,
    /// The number of bytes left.
    left: u64,
    is_checked: bool,
}

impl<'a, S: ReadAt> Reader<'a, S> {
    pub(crate) fn open(source: &'a S, entry: &'a Entry) -> Result<Reader<'a, S>, Error> {
        let stored = MemberBytes::open(source, entry)?;
        let (size, compressed) = (entry.info.size, entry.info.compressed_size);
        entry.compression_method().check_sizes(size, compressed)?;
        let decoder = Decoder::new(&entry.info, stored, true)?;
        Ok(Reader {
            decoder,
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
        match &self.decoder {
            Decoder::Stored(stored) => Some(stored.offset()),
            _ => None,
        }
    }

    /// Fills `bytes` by several threads, if the member is stored and large enough; otherwise `None`.
    fn fill_in_parallel(&mut self, bytes: &mut [u8]) -> Option<io::Result<()>> {
        let Decoder::Stored(stored) = &mut self.decoder else {
            return None;
        };
        if bytes.len() <= PART_SIZE || bytes.len() as u64 > self.left {
            return None;
        }
        let (source, begin) = (stored.source(), stored.offset());
        let read = |(i, part): (usize, &mut [u8])| {
            let at = begin + (i * PART_SIZE) as u64;
            read_with_crc(source, part, at)
        };
        let parts = bytes.chunks_mut(PART_SIZE).enumerate();
        let crcs: Vec<Hasher> = match parallel_map(parts, available(), read) {
            Ok(crcs) => crcs,
            Err(error) => return Some(Err(error)),
        };
        crcs.iter().for_each(|part| self.crc.combine(part));
        stored.skip(bytes.len() as u64);
        self.left -= bytes.len() as u64;
        Some(self.check_if_done())
    }

    /// Converts an error `after` this many bytes to one that names the cause and the member.
    fn located(&self, error: io::Error, after: u64) -> io::Error {
        let kind = error.kind();
        if kind == io::ErrorKind::Interrupted || kind == io::ErrorKind::WouldBlock {
            return error;
        }
        let error = decoder_error(error, self.decoder.get_ref().has_failed(), after);
        error.with_member(self.entry.name()).into()
    }

    /// Announces to the source that the member will be read to its end.
    pub(crate) fn announce(&self) {
        self.decoder.get_ref().announce();
    }

    /// Reads the rest, so that everything is checked.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        if self.left == 0 {
            // Copying would first clear a buffer, which takes longer than reading a small member.
            let _ = self.read(&mut [])?;
        } else {
            self.announce();
            io::copy(&mut self, &mut io::sink())?;
        }
        Ok(())
    }

    fn check_if_done(&mut self) -> io::Result<()> {
        if self.left > 0 || self.is_checked {
            return Ok(());
        }
        let at = self.entry.offset;
        let end = self.decoder.end()?;
        self.is_checked = true;
        let (expected, found) = (self.entry.info.crc, self.crc.clone().finalize());
        let size = self.entry.info.size;
        let error = match end {
            StreamEnd::Exact if found == expected => return Ok(()),
            StreamEnd::Exact => ErrorKind::Checksum { expected, found }.into(),
            StreamEnd::ExtraInput => Error::ambiguous(at, TRAILING_INPUT),
            StreamEnd::ExtraOutput => {
                let (expected, found) = (size, size.saturating_add(1));
                ErrorKind::Size { expected, found }.into()
            }
        };
        Err(error.into())
    }

    fn read_some(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let max_count = self.left.min(bytes.len().min(IO_BLOCK) as u64) as usize;
        let bytes = bytes.get_mut(..max_count).unwrap_or_default();
        if !bytes.is_empty() {
            let count = self.decoder.read(bytes)?;
            if count == 0 {
                let expected = self.entry.info.size;
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
        let after = self.entry.info.size - self.left;
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
fn read_with_crc<S: ReadAt>(source: &S, bytes: &mut [u8], mut at: u64) -> io::Result<Hasher> {
    let mut crc = Hasher::new();
    for block in bytes.chunks_mut(IO_BLOCK) {
        read_exact_at(source, block, at)?;
        crc.update(block);
        at += block.len() as u64;
    }
    Ok(crc)
}
