//! A text in chunks, one for each thread at a time: [`ChunkReader`].

use super::chunk_state::{BYTE_ORDER_MARK, ChunkState, FIRST_READ};
use super::item_parser::ChunkParser;
use crate::blocks::BLOCK;
use crate::buffer::Buffer;
use crate::error::{Error, Position, TextError};
use crate::pipeline;
use crate::read_at::fill_from;
use std::io::Read;

/// The default size of a chunk in bytes, unless the text cannot be split there.
pub(super) const CHUNK_BYTES: usize = BLOCK;

/// The number of chunks in a block of items, if the items are not read all together.
const CHUNKS_PER_BLOCK: usize = 16;

/// A text that is read once, from its beginning to its end.
#[derive(Debug)]
pub(super) struct ChunkReader<R> {
    source: ChunkSource<R>,
    states: Vec<ChunkState>,
    /// The position at which the next chunk begins.
    position: Position,
    /// The number of items that are still to be read.
    items_left: u64,
    is_done: bool,
}

/// The source of chunks.
#[derive(Debug)]
struct ChunkSource<R> {
    source: R,
    /// The size of a chunk in bytes, unless the text cannot be split there.
    chunk_bytes: usize,
    /// The most bytes of a row.
    max_row: usize,
    /// Whether the next row is longer.
    is_row_too_long: bool,
    /// Text that was read after the last chunk.
    tail: Vec<u8>,
    /// Whether the next chunk is the first.
    is_first: bool,
    is_done: bool,
}

impl<R: Read> ChunkReader<R> {
    /// At most `max_items` items of a text, in chunks of this many bytes.
    pub(super) fn new(source: R, max_items: u64, chunk_bytes: usize) -> ChunkReader<R> {
        ChunkReader {
            source: ChunkSource {
                source,
                chunk_bytes: chunk_bytes.max(1),
                max_row: usize::MAX,
                is_row_too_long: false,
                tail: Vec::new(),
                is_first: true,
                is_done: false,
            },
            states: Vec::new(),
            position: Position {
                line: 1,
                column: 1,
                ..Position::default()
            },
            items_left: max_items,
            is_done: max_items == 0,
        }
    }

    /// The same with an error for a row of more than this many bytes.
    pub(super) fn max_row(mut self, bytes: usize) -> ChunkReader<R> {
        self.source.max_row = bytes;
        self
    }

    /// The position at which the next chunk begins.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// All items of a text of this length in bytes, if known.
    pub(super) fn read_all(
        &mut self,
        parser: &impl ChunkParser,
        alignment: usize,
        length: Option<u64>,
    ) -> Result<Buffer, Error> {
        let mut items = Buffer::zeroed(0, alignment)?;
        self.parse_chunks(parser, usize::MAX, |done, block| {
            // As many bytes of items as there were for each byte of the text so far, and some more.
            let left = length.map(|length| length.saturating_sub(done));
            let more = left.map(|left| {
                let more =
                    u128::from(left) * items.as_ref().len() as u128 / u128::from(done.max(1));
                usize::try_from(more + more / 64).unwrap_or(usize::MAX)
            });
            items.extend(block, more)
        })?;
        items.shrink_to_fit();
        Ok(items)
    }

    /// Passes the items of the next chunks to `consume` in order. Returns whether more may follow; after an error
    /// nothing follows.
    pub(super) fn read_block(
        &mut self,
        parser: &impl ChunkParser,
        mut consume: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        self.parse_chunks(parser, CHUNKS_PER_BLOCK, |_, block| consume(block))?;
        Ok(!self.is_done)
    }

    /// Parses at most this many chunks, and passes the items of each to `consume`, with the length of the text before
    /// it in bytes.
    fn parse_chunks(
        &mut self,
        parser: &impl ChunkParser,
        chunks: usize,
        mut consume: impl FnMut(u64, &[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let ChunkReader {
            source,
            states,
            position,
            items_left,
            is_done,
        } = self;
        if *is_done {
            return Ok(());
        }
        // Any error ends the text.
        *is_done = true;
        let mut chunks = 0..chunks;
        let max_items = usize::try_from(*items_left).unwrap_or(usize::MAX);
        let (is_text_start, mut is_over) = (position.byte == 0, false);
        pipeline::run(
            states,
            |state| Ok(chunks.next().is_some() && source.read_chunk(state, parser, is_text_start)?),
            |state| state.parse(parser, max_items),
            |state| {
                position.byte += state.mark_bytes;
                consume(position.byte, state.items_up_to(*items_left))?;
                is_over = !state.advance(position, items_left)?;
                Ok(!is_over)
            },
        )?;
        if source.is_row_too_long && !is_over {
            return Err(long_row(*position, source.max_row));
        }
        *is_done = is_over || source.is_done;
        Ok(())
    }

    /// Removes the beginning of the text before it is parsed, whose length `len` finds, given the text so far and whether
    /// it is all; empty at the end of the text.
    pub(super) fn take(
        &mut self,
        len: impl Fn(&[u8], bool) -> Option<usize>,
    ) -> Result<Vec<u8>, Error> {
        let ChunkSource {
            source,
            tail,
            max_row,
            ..
        } = &mut self.source;
        let mut is_last = false;
        // Each attempt has twice as much text, so that a long line is not searched too often.
        let mut wanted = FIRST_READ;
        let end = loop {
            if let Some(end) = len(tail, is_last) {
                break end;
            }
            if is_last {
                break tail.len();
            }
            if tail.len() > *max_row {
                return Err(long_row(self.position, *max_row));
            }
            while tail.len() < wanted && !is_last {
                let before = tail.len();
                read_more(&mut *source, tail)?;
                is_last = tail.len() == before;
            }
            wanted = wanted.max(tail.len()).saturating_mul(2);
        };
        let mut line: Vec<u8> = tail.drain(..end).collect();
        if self.position.byte == 0 && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
            self.position.byte += BYTE_ORDER_MARK.len() as u64;
        }
        Ok(line)
    }

    /// Puts back what was taken.
    pub(super) fn put_back(&mut self, text: &[u8]) {
        self.source.tail.splice(..0, text.iter().copied());
    }

    /// Advances the position past a line.
    pub(super) fn advance(&mut self, line: &[u8]) {
        self.position.advance(line);
    }
}

impl<R: Read> ChunkSource<R> {
    /// Reads the next chunk, if there is one.
    fn read_chunk(
        &mut self,
        state: &mut ChunkState,
        parser: &impl ChunkParser,
        is_text_start: bool,
    ) -> Result<bool, Error> {
        if self.is_done {
            return Ok(false);
        }
        let sizes = (self.chunk_bytes, self.max_row);
        if !state.fill(&mut self.source, &mut self.tail, parser, sizes)? {
            self.is_row_too_long = true;
            self.is_done = true;
            return Ok(false);
        }
        state.is_first = std::mem::take(&mut self.is_first);
        state.mark_bytes = if state.is_first && is_text_start {
            state.remove_mark()
        } else {
            0
        };
        self.is_done = state.is_last;
        Ok(true)
    }
}

/// The error that the row at this position is too long.
fn long_row(mut position: Position, limit: usize) -> Error {
    position.field = Some(0);
    position.error(TextError::LongRow { limit })
}

/// Appends the next bytes that a source returns.
fn read_more(mut source: impl Read, text: &mut Vec<u8>) -> Result<(), Error> {
    let mut block = vec![0; FIRST_READ];
    let n = fill_from(&mut block, |rest, _| source.read(rest))?;
    text.extend_from_slice(block.get(..n).unwrap_or_default());
    Ok(())
}
