//! A text in pieces, one for each thread at a time: [`Rounds`].

use super::piece::Parser;
use super::separator::Cut;
use super::slot::{FIRST, MARK, Slot};
use crate::blocks::BLOCK;
use crate::buffer::Buffer;
use crate::error::{Error, Position};
use crate::pipeline;
use crate::read_at::fill_from;
use memchr::memchr;
use std::io::Read;

/// The default size of a piece in bytes, unless it cannot be cut.
pub(super) const PIECE: usize = BLOCK;

/// The number of pieces in a block of items, if they are not wanted all together.
const ROUND: usize = 16;

/// A text that is read once, from its beginning to its end.
#[derive(Debug)]
pub(super) struct Rounds<R> {
    input: Input<R>,
    slots: Vec<Slot>,
    /// The position at which the next piece begins.
    place: Position,
    /// The number of items still wanted.
    left: u64,
    is_done: bool,
}

/// The source of pieces.
#[derive(Debug)]
struct Input<R> {
    source: R,
    /// The size of a piece in bytes, unless it cannot be cut.
    piece: usize,
    /// Text that was read after the last piece.
    tail: Vec<u8>,
    /// Whether the next piece is the first.
    is_first: bool,
    is_done: bool,
}

impl<R: Read> Rounds<R> {
    /// At most `most` items of a text, in pieces of this many bytes.
    pub(super) fn new(source: R, most: u64, piece: usize) -> Rounds<R> {
        Rounds {
            input: Input {
                source,
                piece: piece.max(1),
                tail: Vec::new(),
                is_first: true,
                is_done: false,
            },
            slots: Vec::new(),
            place: Position {
                line: 1,
                column: 1,
                ..Position::default()
            },
            left: most,
            is_done: most == 0,
        }
    }

    /// The position at which the next piece begins.
    pub(super) fn place(&self) -> Position {
        self.place
    }

    /// All items of a text of this length in bytes, if known.
    pub(super) fn items(
        &mut self,
        parser: &impl Parser,
        alignment: usize,
        length: Option<u64>,
    ) -> Result<Buffer, Error> {
        let mut items = Buffer::zeroed(0, alignment)?;
        self.run(parser, usize::MAX, |done, block| {
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

    /// Passes the items of the next pieces to `take` in order. Returns whether more may follow; after an error
    /// nothing follows.
    pub(super) fn next(
        &mut self,
        parser: &impl Parser,
        mut take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        self.run(parser, ROUND, |_, block| take(block))?;
        Ok(!self.is_done)
    }

    /// Parses at most this many pieces, and passes the items of each to `take`, with the bytes of the text before.
    fn run(
        &mut self,
        parser: &impl Parser,
        pieces: usize,
        mut take: impl FnMut(u64, &[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Rounds {
            input,
            slots,
            place,
            left,
            is_done,
        } = self;
        if *is_done {
            return Ok(());
        }
        // Any error ends the text.
        *is_done = true;
        let (cut, mut pieces) = (parser.cut(), 0..pieces);
        let most = usize::try_from(*left).unwrap_or(usize::MAX);
        let (is_begin, mut is_over) = (place.byte == 0, false);
        pipeline::run(
            slots,
            |slot| Ok(pieces.next().is_some() && input.next(slot, cut, is_begin)?),
            |slot| slot.parse(parser, most),
            |slot| {
                place.byte += slot.mark;
                take(place.byte, slot.wanted(*left))?;
                is_over = !slot.pass(place, left)?;
                Ok(!is_over)
            },
        )?;
        *is_done = is_over || input.is_done;
        Ok(())
    }

    /// Removes the next line, including its end, from the text before it is parsed; empty at the end of the text.
    pub(super) fn line(&mut self) -> Result<Vec<u8>, Error> {
        let Input { source, tail, .. } = &mut self.input;
        let mut looked = 0;
        let end = loop {
            let rest = tail.get(looked..).unwrap_or_default();
            if let Some(end) = memchr(b'\n', rest) {
                break looked + end + 1;
            }
            looked = tail.len();
            more(&mut *source, tail)?;
            if tail.len() == looked {
                break looked;
            }
        };
        let mut line: Vec<u8> = tail.drain(..end).collect();
        if self.place.byte == 0 && line.starts_with(MARK) {
            line.drain(..MARK.len());
            self.place.byte += MARK.len() as u64;
        }
        Ok(line)
    }

    /// Puts a line back.
    pub(super) fn unread(&mut self, line: &[u8]) {
        self.input.tail.splice(..0, line.iter().copied());
    }

    /// Advances the position past a line.
    pub(super) fn pass(&mut self, line: &[u8]) {
        self.place.pass(line);
    }
}

impl<R: Read> Input<R> {
    /// Reads the next piece, if there is one.
    fn next(&mut self, slot: &mut Slot, cut: Option<Cut>, is_begin: bool) -> Result<bool, Error> {
        if self.is_done {
            return Ok(false);
        }
        slot.read(&mut self.source, &mut self.tail, cut, self.piece)?;
        slot.is_first = std::mem::take(&mut self.is_first);
        slot.mark = if slot.is_first && is_begin {
            slot.skip_mark()
        } else {
            0
        };
        self.is_done = slot.is_last;
        Ok(true)
    }
}

/// Appends the next bytes that a source returns.
fn more(mut source: impl Read, text: &mut Vec<u8>) -> Result<(), Error> {
    let mut block = vec![0; FIRST];
    let n = fill_from(&mut block, |rest, _| source.read(rest))?;
    text.extend_from_slice(block.get(..n).unwrap_or_default());
    Ok(())
}
