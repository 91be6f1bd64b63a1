//! Reading items with a separator between them: NumPy's `fromfile` and `fromstring` with `sep`.

use super::chunk_reader::{CHUNK_BYTES, ChunkReader};
use super::item_parser::{Chunk, ChunkParser, ItemParser, ParsedChunk};
use super::separator::Separator;
use crate::array::Array;
use crate::buffer::Buffer;
use crate::error::{Error, Position, TextError};
use dtype::{DType, Layout, Order};
use std::io::Read;

/// How to read items with a separator between them.
///
/// The default is strict: values that do not fit their type, missing items, and anything that is neither an item
/// nor a separator are errors that include the position. Python's own `True`, `False` and `(1+2j)` are read.
///
/// ```
/// use flatfile::{dtype::DType, text::{ReadOptions, Separator}};
/// let comma = Separator::new(",")?;
/// let array = ReadOptions::new().read(&b"1, 2,\n3\n"[..], DType::I32, &comma)?;
/// assert_eq!(array.to_vec::<i32>()?, [1, 2, 3]);
///
/// let error = ReadOptions::new().read(&b"1,2\n300,4"[..], DType::U8, &comma).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "line 2, column 1 (byte 4), item 2: expected the separator ',', found '300'"
/// );
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReadOptions {
    count: Option<u64>,
    is_compatible: bool,
    block_bytes: usize,
    text_bytes: Option<u64>,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions::new()
    }
}

impl ReadOptions {
    /// The defaults: all items, strictly.
    pub fn new() -> ReadOptions {
        ReadOptions {
            count: None,
            is_compatible: false,
            block_bytes: CHUNK_BYTES,
            text_bytes: None,
        }
    }

    /// Reads this many items; text after them is not checked, but the source may be read further.
    #[must_use]
    pub fn count(mut self, items: u64) -> ReadOptions {
        self.count = Some(items);
        self
    }

    /// Gives NumPy's answers where it is lenient: integers that do not fit wrap around, floats that do not fit are
    /// infinite, fewer items than requested are a shorter array, and the last separator may be cut.
    ///
    /// For cases in which NumPy's `fromfile` and `fromstring` disagree, `docs/compatibility.md` describes the
    /// result.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::{ReadOptions, Separator}};
    /// let comma = Separator::new(",")?;
    /// let array = ReadOptions::new().numpy_compatible().read(&b"300,-1"[..], DType::U8, &comma)?;
    /// assert_eq!(array.to_vec::<u8>()?, [44, 255]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn numpy_compatible(mut self) -> ReadOptions {
        self.is_compatible = true;
        self
    }

    /// The number of bytes of a text that one thread parses at a time, 256 KiB by default; a long item, or a long
    /// text between two items, may increase it.
    #[must_use]
    pub fn block_bytes(mut self, bytes: usize) -> ReadOptions {
        self.block_bytes = bytes;
        self
    }

    /// The length of the text in bytes, if known: memory for all items is requested early, which is faster. A text
    /// of another length is read as well.
    #[must_use]
    pub fn text_bytes(mut self, bytes: u64) -> ReadOptions {
        self.text_bytes = Some(bytes);
        self
    }

    /// Reads a text to its end: an array with one axis. Bools, numbers and (as counts) times can be read.
    ///
    /// The text is read in blocks, and large texts are parsed by several threads. That takes some MiB in addition
    /// to the array, unless the separator has letters, digits, signs, points, brackets or a repeated character:
    /// then a text is read as a whole.
    ///
    /// # Errors
    /// `Text`, `TextType`, `Memory`, `Io`.
    pub fn read(
        &self,
        source: impl Read,
        dtype: DType,
        separator: &Separator,
    ) -> Result<Array, Error> {
        self.blocks(source, dtype, separator)?.read()
    }

    /// Reads a text block by block, for texts that are larger than memory: consecutive arrays with one axis. An
    /// error is the last element.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::{ReadOptions, Separator}};
    /// let blocks = ReadOptions::new().blocks(&b"1 2 3"[..], DType::F64, &Separator::new(" ")?)?;
    /// let mut sum = 0.0;
    /// for block in blocks {
    ///     sum += block?.as_slice::<f64>()?.iter().sum::<f64>();
    /// }
    /// assert_eq!(sum, 6.0);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `TextType`.
    pub fn blocks<R: Read>(
        &self,
        source: R,
        dtype: DType,
        separator: &Separator,
    ) -> Result<Blocks<R>, Error> {
        Ok(Blocks {
            parser: ItemParser::new(&dtype, separator.clone(), self.is_compatible)?,
            chunks: ChunkReader::new(source, self.count.unwrap_or(u64::MAX), self.block_bytes),
            count: self.count.filter(|_| !self.is_compatible),
            text_bytes: self.text_bytes,
        })
    }
}

/// The blocks of [`ReadOptions::blocks`].
#[derive(Debug)]
pub struct Blocks<R> {
    parser: ItemParser,
    chunks: ChunkReader<R>,
    /// The required number of items.
    count: Option<u64>,
    text_bytes: Option<u64>,
}

impl<R: Read> Blocks<R> {
    /// The dtype of the items.
    pub fn dtype(&self) -> &DType {
        &self.parser.dtype
    }

    /// The position after the items so far: with [`count`](ReadOptions::count), where the text after them begins.
    ///
    /// ```
    /// use flatfile::{dtype::DType, text::{ReadOptions, Separator}};
    /// let two = ReadOptions::new().count(2);
    /// let mut blocks = two.blocks(&b"1 2 3"[..], DType::U8, &Separator::new(" ")?)?;
    /// assert_eq!(blocks.by_ref().map(|block| block.map(|block| block.shape()[0])).sum::<Result<usize, _>>()?, 2);
    /// assert_eq!(blocks.position().byte, 3);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    pub fn position(&self) -> Position {
        self.chunks.position()
    }

    /// A block without items, as an empty text is read.
    ///
    /// # Errors
    /// `Memory`.
    pub fn empty(&self) -> Result<Array, Error> {
        self.array(Buffer::zeroed(0, self.dtype().alignment())?)
    }

    /// Reads all items that are left as one block.
    ///
    /// # Errors
    /// As [`ReadOptions::read`].
    pub fn read(mut self) -> Result<Array, Error> {
        self.read_rest()
    }

    /// As [`read`](Blocks::read), and [`position`](Blocks::position) can be asked for afterwards.
    ///
    /// # Errors
    /// As [`ReadOptions::read`].
    pub fn read_rest(&mut self) -> Result<Array, Error> {
        let alignment = self.dtype().alignment();
        let items = self
            .chunks
            .read_all(&self.parser, alignment, self.text_bytes)?;
        self.check_count()?;
        self.array(items)
    }

    fn array(&self, items: Buffer) -> Result<Array, Error> {
        let size = self.dtype().itemsize();
        let count = items.as_ref().len().checked_div(size).unwrap_or(0);
        let layout = Layout::new(self.dtype().clone(), [count], Order::C)?;
        Array::new(layout, items)
    }

    /// Checks that there are as many items as required.
    fn check_count(&self) -> Result<(), Error> {
        let found = self.chunks.position().item;
        match self.count {
            Some(expected) if found < expected => Err(self
                .chunks
                .position()
                .error(TextError::Count { expected, found })),
            _ => Ok(()),
        }
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = Result<Array, Error>;

    fn next(&mut self) -> Option<Result<Array, Error>> {
        loop {
            let mut items = match Buffer::zeroed(0, self.dtype().alignment()) {
                Ok(items) => items,
                Err(error) => return Some(Err(error)),
            };
            let more = self
                .chunks
                .read_block(&self.parser, |block| items.extend(block, None));
            let more = match more {
                Ok(more) => more,
                Err(error) => return Some(Err(error)),
            };
            match items.as_ref() {
                [] if more => {}
                [] => {
                    let is_short = self.check_count().err();
                    self.count = None;
                    return is_short.map(Err);
                }
                _ => return Some(self.array(items)),
            }
        }
    }
}

impl ChunkParser for ItemParser {
    fn chunk_len(&self, text: &[u8], is_last: bool) -> Option<usize> {
        if is_last {
            return Some(text.len());
        }
        self.separator.split_point()?.last_in(text)
    }

    fn parse(&self, chunk: &Chunk<'_>, max_items: usize, out: &mut Vec<u8>) -> ParsedChunk {
        self.parse_chunk(chunk, max_items, out)
    }
}
