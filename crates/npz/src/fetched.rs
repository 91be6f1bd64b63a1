//! What is parsed without reading anything: [`Parse`], from what was [`Fetched`].

use crate::error::Error;
use flatfile::{ReadAt, read_exact_at};
use std::io;
use std::ops::Range;

/// What became of bytes: what they are, or which ones are missing to say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parse<T> {
    /// All was there.
    Done(T),
    /// These bytes of the archive are needed, too. They lie in it.
    Need(Range<u64>),
}

/// The bytes of an archive that are there already: pieces of it, from anywhere.
///
/// What needs more says so ([`Parse::Need`]), and is asked again when they have been [added](Fetched::add). As it may
/// be asked for what lies in one of the pieces only, these had better be large.
#[derive(Clone, Debug)]
pub struct Fetched {
    size: u64,
    pieces: Vec<(u64, Vec<u8>)>,
}

/// Why nothing could be parsed.
pub(crate) enum Stop {
    Need(Range<u64>),
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Error(error)
    }
}

/// The parser's result as the caller sees it.
pub(crate) fn parsed<T>(result: Result<T, Stop>) -> Result<Parse<T>, Error> {
    match result {
        Ok(done) => Ok(Parse::Done(done)),
        Err(Stop::Need(range)) => Ok(Parse::Need(range)),
        Err(Stop::Error(error)) => Err(error),
    }
}

impl Fetched {
    /// Nothing yet of an archive of this many bytes.
    pub fn new(size: u64) -> Fetched {
        let pieces = Vec::new();
        Fetched { size, pieces }
    }

    /// How many bytes the archive has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of the archive, from byte `offset` on.
    pub fn add(&mut self, offset: u64, bytes: Vec<u8>) {
        self.pieces.push((offset, bytes));
    }

    /// These bytes, where one of the pieces has them.
    pub(crate) fn get(&self, range: &Range<u64>) -> Option<&[u8]> {
        self.pieces.iter().rev().find_map(|(offset, bytes)| {
            let begin = usize::try_from(range.start.checked_sub(*offset)?).ok()?;
            let end = usize::try_from(range.end.checked_sub(*offset)?).ok()?;
            bytes.get(begin..end)
        })
    }

    /// These bytes, without which it does not go on.
    pub(crate) fn bytes(&self, range: Range<u64>) -> Result<&[u8], Stop> {
        self.get(&range).ok_or(Stop::Need(range))
    }

    /// The last piece that begins at `offset`.
    pub(crate) fn into_piece(self, offset: u64) -> Vec<u8> {
        let mut pieces = self.pieces.into_iter().rev();
        let found = pieces.find(|(begin, _)| *begin == offset);
        found.map_or_else(Vec::new, |(_, bytes)| bytes)
    }

    /// Parses what is in a source, of which is read what is asked for.
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
