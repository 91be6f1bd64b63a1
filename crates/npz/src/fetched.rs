//! Parsing without I/O: [`Parse`] from [`Fetched`] bytes.

use crate::error::Error;
use flatfile::{ReadAt, read_exact_at};
use std::io;
use std::ops::Range;

/// The result of parsing: the value, or the bytes that are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parse<T> {
    /// The parsed value.
    Done(T),
    /// These bytes of the archive are also needed. They are within its length.
    Need(Range<u64>),
}

/// The bytes of an archive that have been fetched so far: pieces at any position.
///
/// A parser that needs more bytes returns [`Parse::Need`], and is called again once they are [added](Fetched::add).
/// Since a request is only answered from a single piece, pieces should be large.
#[derive(Clone, Debug)]
pub struct Fetched {
    size: u64,
    pieces: Vec<(u64, Vec<u8>)>,
}

/// The reasons why nothing could be parsed.
pub(crate) enum ParseStop {
    Need(Range<u64>),
    Error(Error),
}

impl From<Error> for ParseStop {
    fn from(error: Error) -> ParseStop {
        ParseStop::Error(error)
    }
}

/// The parser's result as seen by the caller.
pub(crate) fn into_parse<T>(result: Result<T, ParseStop>) -> Result<Parse<T>, Error> {
    match result {
        Ok(done) => Ok(Parse::Done(done)),
        Err(ParseStop::Need(range)) => Ok(Parse::Need(range)),
        Err(ParseStop::Error(error)) => Err(error),
    }
}

impl Fetched {
    /// An archive of this many bytes, of which nothing has been fetched.
    pub fn new(size: u64) -> Fetched {
        let pieces = Vec::new();
        Fetched { size, pieces }
    }

    /// The length of the archive in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds bytes of the archive, starting at byte `offset`.
    pub fn add(&mut self, offset: u64, bytes: Vec<u8>) {
        self.pieces.push((offset, bytes));
    }

    /// These bytes, if one of the pieces has them.
    pub(crate) fn get(&self, range: &Range<u64>) -> Option<&[u8]> {
        self.pieces.iter().rev().find_map(|(offset, bytes)| {
            let begin = usize::try_from(range.start.checked_sub(*offset)?).ok()?;
            let end = usize::try_from(range.end.checked_sub(*offset)?).ok()?;
            bytes.get(begin..end)
        })
    }

    /// These bytes, which are required.
    pub(crate) fn bytes(&self, range: Range<u64>) -> Result<&[u8], ParseStop> {
        self.get(&range).ok_or(ParseStop::Need(range))
    }

    /// The last piece that begins at `offset`.
    pub(crate) fn into_piece(self, offset: u64) -> Vec<u8> {
        let mut pieces = self.pieces.into_iter().rev();
        let found = pieces.find(|(begin, _)| *begin == offset);
        found.map_or_else(Vec::new, |(_, bytes)| bytes)
    }

    /// Parses from a source, and reads the bytes that the parser asks for.
    pub(crate) fn parse_from<S: ReadAt, T>(
        &mut self,
        source: &S,
        parse: impl Fn(&Fetched) -> Result<Parse<T>, Error>,
    ) -> Result<T, Error> {
        loop {
            match parse(self)? {
                Parse::Done(done) => return Ok(done),
                Parse::Need(range) => {
                    let length = usize::try_from(range.end - range.start)
                        .map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
                    let mut bytes = vec![0; length];
                    read_exact_at(source, &mut bytes, range.start)?;
                    self.add(range.start, bytes);
                }
            }
        }
    }
}
