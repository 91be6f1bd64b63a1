//! A text in pieces, as many at a time as there are threads: [`Rounds`].

use super::piece::{Parsed, Piece};
use super::problem::{Place, Problem};
use super::separator::Cut;
use crate::positioned::fill_from;
use crate::threads::share;
use crate::{Error, ErrorKind};
use std::io::Read;
use std::thread;

/// Bytes of a piece unless others are asked for, but of one that cannot be cut.
pub(super) const PIECE: usize = 1 << 20;

/// Bytes that are read first: most texts are no longer.
const FIRST: usize = 32 << 10;

/// UTF-8's byte order mark, which some programs put before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What parses pieces.
pub(super) trait Parser: Sync {
    /// Where the text may be cut.
    fn cut(&self) -> Option<Cut>;

    /// Appends the items of a piece to `out`, at most so many.
    fn parse(&self, piece: &Piece<'_>, most: usize, out: &mut Vec<u8>) -> Parsed;
}

/// A text that is read once, from its beginning to its end.
#[derive(Debug)]
pub(super) struct Rounds<R> {
    source: R,
    /// Bytes of a piece, but of one that cannot be cut.
    piece: usize,
    slots: Vec<Slot>,
    /// What was read behind the last piece.
    tail: Vec<u8>,
    /// Where the next piece begins.
    place: Place,
    /// How many items are still wanted.
    left: u64,
    is_first: bool,
    is_done: bool,
}

#[derive(Debug, Default)]
struct Slot {
    /// Room for a piece, of which so many bytes are one.
    text: Vec<u8>,
    length: usize,
    is_last: bool,
    lines: Lines,
    items: Vec<u8>,
    parsed: Parsed,
}

impl<R: Read> Rounds<R> {
    /// At most so many items of a text, in pieces of so many bytes.
    pub(super) fn new(source: R, most: u64, piece: usize) -> Rounds<R> {
        let threads = thread::available_parallelism().map_or(1, |n| n.get().min(16));
        let mut slots = Vec::new();
        slots.resize_with(threads, Slot::default);
        Rounds {
            source,
            piece: piece.max(1),
            slots,
            tail: Vec::new(),
            place: Place {
                line: 1,
                column: 1,
                ..Place::default()
            },
            left: most,
            is_first: true,
            is_done: most == 0,
        }
    }

    /// Where the next piece begins.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Parses the next pieces, and gives their items to `take` in order. The answer is whether more may
    /// follow; an error leaves nothing to follow.
    pub(super) fn next(
        &mut self,
        parser: &impl Parser,
        mut take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<bool, Error> {
        if self.is_done {
            return Ok(false);
        }
        let filled = self.fill(parser.cut());
        // Whatever goes wrong ends the text.
        let is_last = std::mem::replace(&mut self.is_done, true);
        let (filled, is_first) = (filled?, std::mem::take(&mut self.is_first));
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let slots = self.slots.get_mut(..filled).unwrap_or_default();
        share(slots.iter_mut().enumerate(), filled, |(i, slot)| {
            let piece = Piece {
                text: slot.text.get(..slot.length).unwrap_or_default(),
                is_first: is_first && i == 0,
                is_last: slot.is_last,
            };
            slot.items.clear();
            slot.lines = Lines::of(piece.text);
            slot.parsed = parser.parse(&piece, most, &mut slot.items);
            Ok(())
        })?;
        for slot in slots {
            let parsed = std::mem::take(&mut slot.parsed);
            let left = usize::try_from(self.left).unwrap_or(usize::MAX);
            let wanted = parsed.count.min(left);
            let size = slot.items.len().checked_div(parsed.count).unwrap_or(0);
            take(slot.items.get(..wanted * size).unwrap_or_default())?;
            self.left -= wanted as u64;
            let text = slot.text.get(..slot.length).unwrap_or_default();
            if self.left == 0 {
                self.place.item += wanted as u64;
                self.place
                    .pass(text.get(..parsed.length).unwrap_or_default());
                return Ok(false);
            }
            self.place.item += parsed.count as u64;
            if let Some((at, problem)) = parsed.problem {
                self.place.pass(text.get(..at).unwrap_or_default());
                self.place.field = parsed.field;
                return Err(self.place.error(problem));
            }
            self.place.pass_lines(slot.length, slot.lines);
        }
        self.is_done = is_last;
        Ok(!is_last)
    }

    /// Reads the next pieces, and says how many they are.
    fn fill(&mut self, cut: Option<Cut>) -> Result<usize, Error> {
        let mut filled = 0;
        for slot in &mut self.slots {
            slot.read(&mut self.source, &mut self.tail, cut, self.piece)?;
            if filled == 0 && self.place.byte == 0 && self.is_first {
                self.place.byte += slot.skip_mark();
            }
            filled += 1;
            if slot.is_last {
                self.is_done = true;
                break;
            }
        }
        Ok(filled)
    }

    /// Takes the next line, its end included, away from the text before it is parsed; nothing at the end.
    pub(super) fn line(&mut self) -> Result<Vec<u8>, Error> {
        let tail = &mut self.tail;
        let mut looked = 0;
        let end = loop {
            let rest = tail.get(looked..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                break looked + end + 1;
            }
            looked = tail.len();
            more(&mut self.source, tail)?;
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
        self.tail.splice(..0, line.iter().copied());
    }

    /// Says that a line was dealt with.
    pub(super) fn pass(&mut self, line: &[u8]) {
        self.place.pass(line);
    }
}

/// Appends what a source has to give next.
fn more(mut source: impl Read, text: &mut Vec<u8>) -> Result<(), Error> {
    let mut block = vec![0; FIRST];
    let n = fill_from(&mut block, |rest, _| source.read(rest))?;
    text.extend_from_slice(block.get(..n).unwrap_or_default());
    Ok(())
}

impl Slot {
    /// Reads the next piece, which begins with `tail`; what stands behind it goes there.
    fn read(
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

    /// Takes a byte order mark away, and says how many bytes it has.
    fn skip_mark(&mut self) -> u64 {
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
    /// How many end in it.
    count: u64,
    /// Bytes behind the end of the last of these.
    last: u64,
}

impl Lines {
    fn of(text: &[u8]) -> Lines {
        // So few that their number is a byte, which many are added up of at a time.
        let ends = |part: &[u8]| part.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
        let count = text.chunks(192).map(|part| u64::from(ends(part))).sum();
        let last = match count {
            0 => 0,
            _ => text.iter().rev().take_while(|byte| **byte != b'\n').count(),
        };
        Lines {
            count,
            last: last as u64,
        }
    }
}

impl Place {
    /// Goes on behind a text.
    fn pass(&mut self, text: &[u8]) {
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

    /// This is wrong here.
    pub(super) fn error(self, problem: Problem) -> Error {
        ErrorKind::Text {
            place: self,
            problem,
        }
        .into()
    }
}
