//! Deflating on all cores: one stream of blocks that were compressed in parallel.

use flate2::{Compress, Compression, FlushCompress, Status};
use flatfile::threads::parallel_map;
use std::io;

/// The size of a block that is compressed by itself: with the bytes before it as dictionary, little is
/// lost.
pub(crate) const DEFLATE_BLOCK: usize = 1 << 20;

/// The number of blocks that are collected before they are compressed.
const BATCH_BLOCKS: usize = 8;

/// The size of the window: how far back a block can refer.
const WINDOW_SIZE: usize = 32 << 10;

/// The state of deflating.
#[derive(Debug)]
pub(crate) struct Deflate {
    level: u8,
    /// The last bytes that were compressed, followed by those that are not yet.
    bytes: Vec<u8>,
    /// The number of those that were compressed.
    dictionary_size: usize,
}

impl Deflate {
    pub(crate) fn new(level: u8) -> Deflate {
        Deflate {
            level,
            bytes: Vec::new(),
            dictionary_size: 0,
        }
    }

    /// Takes the next bytes, and passes compressed ones to `put`.
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        put: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = self.dictionary_size + BATCH_BLOCKS * DEFLATE_BLOCK - self.bytes.len();
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.make_room(now.len());
            self.bytes.extend_from_slice(now);
            bytes = later;
            // The last block is kept back, because it has to be marked as the last.
            if now.len() == room && !bytes.is_empty() {
                self.compress(FlushCompress::Sync, put)?;
            }
        }
        Ok(())
    }

    /// Reserves room for more bytes, but never for more than will be held at a time.
    fn make_room(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let twice = (2 * self.bytes.capacity()).min(BATCH_BLOCKS * DEFLATE_BLOCK + WINDOW_SIZE);
            self.bytes
                .reserve_exact(needed.max(twice) - self.bytes.len());
        }
    }

    /// Compresses what is left, and ends the stream.
    pub(crate) fn finish(
        &mut self,
        put: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.compress(FlushCompress::Finish, put)
    }

    /// Compresses everything collected; the last block ends with this flush, the others with one after
    /// which the next can follow.
    fn compress(
        &mut self,
        last: FlushCompress,
        put: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let (bytes, level) = (self.bytes.as_slice(), self.level);
        let starts: Vec<usize> = (self.dictionary_size..bytes.len().max(self.dictionary_size + 1))
            .step_by(DEFLATE_BLOCK)
            .collect();
        let deflated = |start: usize| {
            let end = bytes.len().min(start + DEFLATE_BLOCK);
            let block = bytes.get(start..end).unwrap_or_default();
            let dictionary = bytes.get(start.saturating_sub(WINDOW_SIZE)..start);
            let flush = if end == bytes.len() {
                last
            } else {
                FlushCompress::Sync
            };
            deflated(block, dictionary.unwrap_or_default(), level, flush)
        };
        let threads = starts.len();
        for block in parallel_map(starts, threads, deflated)? {
            put(&block)?;
        }
        let kept = self.bytes.len().saturating_sub(WINDOW_SIZE);
        self.bytes.drain(..kept);
        self.dictionary_size = self.bytes.len();
        Ok(())
    }
}

/// Compresses the block after `dictionary`.
fn deflated(
    block: &[u8],
    dictionary: &[u8],
    level: u8,
    flush: FlushCompress,
) -> io::Result<Vec<u8>> {
    let mut deflate = Compress::new(Compression::new(level.clamp(1, 9).into()), false);
    if !dictionary.is_empty() {
        deflate.set_dictionary(dictionary)?;
    }
    // Usually this is more than enough.
    let mut out = Vec::with_capacity(block.len() / 2 + 1024);
    loop {
        let taken = deflate.total_in() as usize;
        let rest = block.get(taken..).unwrap_or_default();
        let status = deflate.compress_vec(rest, &mut out, flush)?;
        let is_done = match flush {
            FlushCompress::Finish => status == Status::StreamEnd,
            // As long as the output fills all the room, there is more.
            _ => deflate.total_in() as usize == block.len() && out.len() < out.capacity(),
        };
        if is_done {
            return Ok(out);
        }
        out.reserve(out.capacity().max(1024));
    }
}
