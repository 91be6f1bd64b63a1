//! Deflating on all cores: one stream of blocks that were compressed beside one another.

use flate2::{Compress, Compression, FlushCompress, Status};
use flatfile::threads::parallel_map;
use std::io;

/// How much is compressed by itself: each block knows the bytes before it, and little is lost.
pub(crate) const BLOCK: usize = 1 << 20;

/// How many blocks are waited for before they are compressed.
const BLOCKS: usize = 8;

/// How far back a block refers to the bytes before it.
const WINDOW: usize = 32 << 10;

/// Bytes that are to be deflated.
#[derive(Debug)]
pub(crate) struct Deflate {
    level: u8,
    /// The last bytes that were compressed, and then those that are to be.
    bytes: Vec<u8>,
    /// How many of them were.
    before: usize,
}

impl Deflate {
    pub(crate) fn new(level: u8) -> Deflate {
        Deflate {
            level,
            bytes: Vec::new(),
            before: 0,
        }
    }

    /// Takes the next bytes, and gives `put` what became of some.
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        put: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = self.before + BLOCKS * BLOCK - self.bytes.len();
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.make_room(now.len());
            self.bytes.extend_from_slice(now);
            bytes = later;
            // The last ones are kept for the end, which has to know that it is.
            if now.len() == room && !bytes.is_empty() {
                self.compress(FlushCompress::Sync, put)?;
            }
        }
        Ok(())
    }

    /// Has room for more bytes, and never for more than there will be at a time.
    fn make_room(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let twice = (2 * self.bytes.capacity()).min(BLOCKS * BLOCK + WINDOW);
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

    /// Compresses all that is there; the last block ends with this flush, the others so that the next can
    /// follow.
    fn compress(
        &mut self,
        last: FlushCompress,
        put: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let (bytes, level) = (self.bytes.as_slice(), self.level);
        let starts: Vec<usize> = (self.before..bytes.len().max(self.before + 1))
            .step_by(BLOCK)
            .collect();
        let deflated = |start: usize| {
            let end = bytes.len().min(start + BLOCK);
            let block = bytes.get(start..end).unwrap_or_default();
            let window = bytes.get(start.saturating_sub(WINDOW)..start);
            let flush = match end == bytes.len() {
                true => last,
                false => FlushCompress::Sync,
            };
            deflated(block, window.unwrap_or_default(), level, flush)
        };
        let threads = starts.len();
        for block in parallel_map(starts, threads, deflated)? {
            put(&block)?;
        }
        let kept = self.bytes.len().saturating_sub(WINDOW);
        self.bytes.drain(..kept);
        self.before = self.bytes.len();
        Ok(())
    }
}

/// A block behind `window`, compressed.
fn deflated(block: &[u8], window: &[u8], level: u8, flush: FlushCompress) -> io::Result<Vec<u8>> {
    let mut deflate = Compress::new(Compression::new(level.clamp(1, 9).into()), false);
    if !window.is_empty() {
        deflate.set_dictionary(window)?;
    }
    // As a rule this is more than enough.
    let mut out = Vec::with_capacity(block.len() / 2 + 1024);
    loop {
        let taken = deflate.total_in() as usize;
        let rest = block.get(taken..).unwrap_or_default();
        let status = deflate.compress_vec(rest, &mut out, flush)?;
        let is_done = match flush {
            FlushCompress::Finish => status == Status::StreamEnd,
            // There is more to come as long as it fills all room.
            _ => deflate.total_in() as usize == block.len() && out.len() < out.capacity(),
        };
        if is_done {
            return Ok(out);
        }
        out.reserve(out.capacity().max(1024));
    }
}
