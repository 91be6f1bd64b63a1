//! One piece of a text, from its bytes to its items: [`Slot`].

use super::piece::{Parsed, Parser, Piece};
use super::separator::Cut;
use crate::error::{Error, ErrorKind, Position, TextError};
use crate::read_at::fill_from;
use memchr::{memchr_iter, memrchr};
use std::io::Read;

/// The number of bytes that are read first: most texts are not longer.
pub(super) const FIRST: usize = 32 << 10;

/// UTF-8's byte order mark, which some programs put before a text.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// Buffers for a piece, and for its items.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// The text, of which the first `length` bytes are the piece.
    text: Vec<u8>,
    length: usize,
    /// The length in bytes of a mark before it.
    pub(super) mark: u64,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    lines: Lines,
    items: Vec<u8>,
    parsed: Parsed,
}

impl Slot {
    pub(super) fn parse(&mut self, parser: &impl Parser, most: usize) {
        let piece = Piece {
            text: self.text.get(..self.length).unwrap_or_default(),
            is_first: self.is_first,
            is_last: self.is_last,
        };
        self.items.clear();
        self.lines = Lines::of(piece.text);
        self.parsed = parser.parse(&piece, most, &mut self.items);
    }

    /// The bytes of at most this many items.
    pub(super) fn wanted(&self, most: u64) -> &[u8] {
        let Parsed { count, .. } = self.parsed;
        let size = self.items.len().checked_div(count).unwrap_or(0);
        let wanted = count.min(usize::try_from(most).unwrap_or(usize::MAX));
        self.items.get(..wanted * size).unwrap_or_default()
    }

    /// Continues after the piece; an error in it is returned. Returns whether more items are wanted.
    pub(super) fn pass(&mut self, place: &mut Position, left: &mut u64) -> Result<bool, Error> {
        let parsed = std::mem::take(&mut self.parsed);
        let text = self.text.get(..self.length).unwrap_or_default();
        let wanted = (*left).min(parsed.count as u64);
        *left -= wanted;
        place.item += wanted;
        if *left == 0 {
            place.pass(text.get(..parsed.length).unwrap_or_default());
            return Ok(false);
        }
        if let Some((at, problem)) = parsed.problem {
            place.pass(text.get(..at).unwrap_or_default());
            place.field = parsed.field;
            return Err(place.error(problem));
        }
        place.pass_lines(self.length, self.lines);
        Ok(true)
    }

    /// Reads the next piece, which begins with `tail`; the text after it is moved there.
    pub(super) fn read(
        &mut self,
        mut source: impl Read,
        tail: &mut Vec<u8>,
        cut: Option<Cut>,
        piece: usize,
    ) -> Result<(), Error> {
        let mut filled = tail.len();
        let mut room = FIRST.min(piece).max(2 * filled);
        loop {
            self.reserve(room)?;
            let begin = self.text.get_mut(..tail.len()).unwrap_or_default();
            if filled == tail.len() {
                begin.copy_from_slice(tail);
            }
            let space = self.text.get_mut(filled..room).unwrap_or_default();
            filled += fill_from(space, |rest, _| source.read(rest))?;
            self.is_last = filled < room;
            if !self.is_last && room < piece {
                room = piece;
                continue;
            }
            let text = self.text.get(..filled).unwrap_or_default();
            self.length = match cut.and_then(|cut| cut.last(text)) {
                _ if self.is_last => filled,
                Some(length) => length,
                None => {
                    room = room.saturating_mul(2);
                    continue;
                }
            };
            tail.clear();
            tail.extend_from_slice(text.get(self.length..).unwrap_or_default());
            return Ok(());
        }
    }

    fn reserve(&mut self, room: usize) -> Result<(), Error> {
        let missing = room.saturating_sub(self.text.len());
        let reserved = self.text.try_reserve_exact(missing);
        reserved.map_err(|_| ErrorKind::Memory { bytes: room })?;
        self.text.resize(room.max(self.text.len()), 0);
        Ok(())
    }

    /// Removes a byte order mark, and returns its length in bytes.
    pub(super) fn skip_mark(&mut self) -> u64 {
        let text = self.text.get(..self.length).unwrap_or_default();
        if !text.starts_with(MARK) {
            return 0;
        }
        self.text.drain(..MARK.len());
        self.length -= MARK.len();
        MARK.len() as u64
    }
}

/// The lines of a text.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    /// The number of lines that end in it.
    count: u64,
    /// Bytes after the end of the last of these.
    last: u64,
}

impl Lines {
    fn of(text: &[u8]) -> Lines {
        let count = memchr_iter(b'\n', text).count() as u64;
        let last = match count {
            0 => 0,
            _ => memrchr(b'\n', text).map_or(0, |end| text.len() - end - 1),
        };
        Lines {
            count,
            last: last as u64,
        }
    }
}

impl Position {
    /// Continues after a text.
    pub(super) fn pass(&mut self, text: &[u8]) {
        self.pass_lines(text.len(), Lines::of(text));
    }

    fn pass_lines(&mut self, length: usize, lines: Lines) {
        self.byte += length as u64;
        self.line += lines.count;
        self.column = match lines.count {
            0 => self.column + length as u64,
            _ => lines.last + 1,
        };
    }

    /// The error at this position.
    pub(super) fn error(self, problem: TextError) -> Error {
        ErrorKind::Text {
            place: self,
            problem,
        }
        .into()
    }
}
