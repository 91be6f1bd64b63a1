//! A JSON text in blocks: [`BlockReader`].

use super::run::Run;
use crate::Error;
use flatfile::ErrorKind;
use std::io::{self, Read};

/// The number of bytes that are read first: most texts are short metadata.
const FIRST_READ: usize = 4 << 10;

/// The size of a block in bytes.
pub(super) const BLOCK_BYTES: usize = 256 << 10;

/// A part of a text, whatever is in it.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) text: Vec<u8>,
    /// The numbers that the text begins with, if it was parsed.
    pub(super) run: Run,
}

/// A function that replaces a block by the next one. It returns false at the end of the text.
pub(super) type NextBlock<'s> = dyn FnMut(&mut Block) -> Result<bool, Error> + 's;

/// A text that is read once, from its beginning to its end.
pub(super) struct BlockReader<R> {
    source: R,
    block_bytes: usize,
    /// The number of bytes to read next.
    read_bytes: usize,
    /// Text that was read after the last block.
    tail: Vec<u8>,
    /// How the text ends, once that is known.
    end: Option<Result<(), Error>>,
}

impl<R: Read> BlockReader<R> {
    /// The text in blocks of at most this many bytes.
    pub(super) fn new(source: R, block_bytes: usize) -> BlockReader<R> {
        BlockReader {
            source,
            block_bytes,
            read_bytes: FIRST_READ.min(block_bytes),
            tail: Vec::new(),
            end: None,
        }
    }

    /// Replaces a block by the next one. It ends after a comma if it has one, so that the next one is likely to begin
    /// with a value. Returns false at the end of the text.
    pub(super) fn next(&mut self, block: &mut Block) -> Result<bool, Error> {
        let text = &mut block.text;
        let mut filled = self.tail.len();
        enlarge(text, filled)?;
        text.splice(..filled, self.tail.drain(..));
        while self.end.is_none() && filled < self.block_bytes {
            enlarge(text, self.read_bytes)?;
            let space = text.get_mut(filled..self.read_bytes);
            filled += self.read(space.unwrap_or_default());
            self.read_bytes = self.block_bytes.min(8 * self.read_bytes);
        }
        text.truncate(filled);
        if text.is_empty() {
            // An error counts after the text before it.
            return match self.end.replace(Ok(())) {
                Some(Err(error)) => Err(error),
                _ => Ok(false),
            };
        }
        if self.end.is_none()
            && let Some(comma) = text.iter().rposition(|byte| *byte == b',')
        {
            self.tail
                .extend_from_slice(text.get(comma + 1..).unwrap_or_default());
            text.truncate(comma + 1);
        }
        Ok(true)
    }

    /// Fills `space`, or as much of it as there is, and returns how many bytes that is.
    fn read(&mut self, space: &mut [u8]) -> usize {
        let mut filled = 0;
        while let Some(rest) = space.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.source.read(rest) {
                Ok(0) => {
                    self.end = Some(Ok(()));
                    break;
                }
                Ok(count) => filled += count.min(rest.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.end = Some(Err(flatfile::Error::from(error).into()));
                    break;
                }
            }
        }
        filled
    }
}

/// Makes a text at least this long; what is in it will be overwritten.
fn enlarge(text: &mut Vec<u8>, bytes: usize) -> Result<(), Error> {
    if let Some(more) = bytes.checked_sub(text.len()) {
        let no_memory = |_| flatfile::Error::from(ErrorKind::Memory { bytes });
        text.try_reserve_exact(more).map_err(no_memory)?;
        text.resize(bytes, 0);
    }
    Ok(())
}
