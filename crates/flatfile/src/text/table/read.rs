//! Reading tables: NumPy's `loadtxt`, and `genfromtxt` with names.

use super::super::chunk_reader::{CHUNK_BYTES, ChunkReader};
use super::columns::{ColumnRequest, Columns};
use super::preamble::Preamble;
use super::row_parser::{Dialect, RowParser};
use crate::array::Array;
use crate::buffer::Buffer;
use crate::error::Error;
use dtype::DType;
use std::io::Read;

/// How to read a table.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    dialect: Dialect,
    skiprows: u64,
    max_rows: u64,
    usecols: Option<Vec<isize>>,
    has_names: bool,
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
    /// The defaults: white space between fields, and comments from `#` on.
    pub fn new() -> ReadOptions {
        ReadOptions {
            dialect: Dialect {
                delimiter: None,
                comments: vec![b"#".to_vec()],
                quote: None,
            },
            skiprows: 0,
            max_rows: u64::MAX,
            usecols: None,
            has_names: false,
            is_compatible: false,
            block_bytes: CHUNK_BYTES,
            text_bytes: None,
        }
    }

    /// The delimiter between fields; by default, any white space.
    #[must_use]
    pub fn delimiter(mut self, delimiter: char) -> ReadOptions {
        self.dialect.delimiter = Some(delimiter.to_string().into_bytes());
        self
    }

    /// The texts that begin a comment; if there are none, there are no comments.
    #[must_use]
    pub fn comments<T: Into<String>>(
        mut self,
        comments: impl IntoIterator<Item = T>,
    ) -> ReadOptions {
        let comments = comments
            .into_iter()
            .map(|comment| comment.into().into_bytes());
        self.dialect.comments = comments.filter(|comment| !comment.is_empty()).collect();
        self
    }

    /// Skips this many lines at the beginning, including comments and empty lines.
    #[must_use]
    pub fn skiprows(mut self, lines: u64) -> ReadOptions {
        self.skiprows = lines;
        self
    }

    /// Reads at most this many rows.
    #[must_use]
    pub fn max_rows(mut self, rows: u64) -> ReadOptions {
        self.max_rows = rows;
        self
    }

    /// Reads only these fields of each line, in this order; -1 is the last one of the first line.
    #[must_use]
    pub fn usecols(mut self, columns: impl Into<Vec<isize>>) -> ReadOptions {
        self.usecols = Some(columns.into());
        self
    }

    /// The quote around a field that contains delimiters or comments; two quotes in it are one. A field ends on its
    /// line.
    #[must_use]
    pub fn quote(mut self, quote: u8) -> ReadOptions {
        self.dialect.quote = Some(quote);
        self
    }

    /// Takes the fields' names from the first line that is not empty, which may be a comment: a record dtype gets
    /// the fields with its names, another dtype becomes a record of all fields.
    #[must_use]
    pub fn names(mut self) -> ReadOptions {
        self.has_names = true;
        self
    }

    /// Gives NumPy's answers where it is lenient: floats that do not fit are infinite, texts that do not fit are
    /// truncated.
    #[must_use]
    pub fn numpy_compatible(mut self) -> ReadOptions {
        self.is_compatible = true;
        self
    }

    /// The number of bytes of a text that one thread parses at a time, 256 KiB by default; a long line may increase
    /// it.
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

    /// Reads a table to its end: one axis for the rows, and one for the fields if there are several; a record has
    /// all the fields of its row.
    ///
    /// The text is read in blocks, and large texts are parsed by several threads.
    ///
    /// # Errors
    /// `Text`, `TextType`, `Memory`, `Io`.
    pub fn read(&self, source: impl Read, dtype: DType) -> Result<Array, Error> {
        let mut blocks = self.blocks(source, dtype)?;
        let alignment = blocks.parser.columns.dtype.alignment();
        let items = blocks
            .chunks
            .read_all(&blocks.parser, alignment, self.text_bytes)?;
        blocks.array(items)
    }

    /// Reads a table block by block, for tables that are larger than memory: consecutive arrays as from
    /// [`read`](ReadOptions::read). An error is the last element.
    ///
    /// # Errors
    /// Errors in the lines above the first row.
    pub fn blocks<R: Read>(&self, source: R, dtype: DType) -> Result<Blocks<R>, Error> {
        let mut chunks = ChunkReader::new(source, self.max_rows, self.block_bytes);
        let preamble = Preamble::read(&mut chunks, &self.dialect, self.skiprows, self.has_names)?;
        let request = ColumnRequest {
            dtype: &dtype,
            columns: self.usecols.as_deref(),
            names: preamble.names.as_deref(),
            is_lenient: self.is_compatible,
        };
        let columns = match preamble.field_count {
            Some(count) => Columns::new(request, count)?,
            None => Columns::of_empty_table(request)?,
        };
        let columns = columns.map_err(|problem| {
            let mut position = chunks.position();
            position.field = Some(0);
            position.error(problem)
        })?;
        let dialect = self.dialect.clone();
        Ok(Blocks {
            parser: RowParser { dialect, columns },
            chunks,
        })
    }
}

/// The blocks of [`ReadOptions::blocks`].
#[derive(Debug)]
pub struct Blocks<R> {
    parser: RowParser,
    chunks: ChunkReader<R>,
}

impl<R: Read> Blocks<R> {
    /// The dtype of the items: a record if the table has names.
    pub fn dtype(&self) -> &DType {
        &self.parser.columns.dtype
    }

    fn array(&self, items: Buffer) -> Result<Array, Error> {
        let columns = &self.parser.columns;
        let rows = items.as_ref().len().checked_div(columns.size).unwrap_or(0);
        Array::new(columns.layout(rows)?, items)
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = Result<Array, Error>;

    fn next(&mut self) -> Option<Result<Array, Error>> {
        loop {
            let alignment = self.parser.columns.dtype.alignment();
            let mut items = match Buffer::zeroed(0, alignment) {
                Ok(items) => items,
                Err(error) => return Some(Err(error)),
            };
            match self
                .chunks
                .read_block(&self.parser, |block| items.extend(block, None))
            {
                Ok(more) if more && items.as_ref().is_empty() => {}
                Ok(_) if items.as_ref().is_empty() => return None,
                Ok(_) => return Some(self.array(items)),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
