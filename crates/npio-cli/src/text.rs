//! Text as input and as output: flat sequences with a separator, and tables.

use crate::args::{TableArgs, TextArgs};
use crate::array_blocks::BLOCK_SIZE;
use crate::source::TextStream;
use npio::DType;
use npio::compressed::MAX_ROW_BYTES;
use npio::flatfile::text::table::has_open_length;
use npio::flatfile::text::{self, Format, Separator, table};
use npio::flatfile::{Array, Error, FieldIndex, Reader};
use npio::meta::json;
use std::io::{Read, Write};

/// Text that is still to be parsed.
type TextSource<'s> = &'s mut (dyn Read + Send);

/// The suffixes of text files, and the delimiters of their fields.
const DELIMITERS: [(&str, Option<char>); 3] =
    [("txt", None), ("csv", Some(',')), ("tsv", Some('\t'))];

/// The delimiter of tables in files with this suffix, if it is one of text.
pub(crate) fn delimiter(suffix: &str) -> Option<Option<char>> {
    let suffix = suffix.trim_start_matches('.');
    let found = DELIMITERS.iter().find(|(name, _)| *name == suffix);
    found.map(|(_, delimiter)| *delimiter)
}

/// How text is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextInput {
    /// The dtype; f8 by default.
    pub(crate) dtype: Option<DType>,
    /// The shape of the result.
    pub(crate) shape: Option<Vec<isize>>,
    /// An option that only raw items have, if it is given.
    pub(crate) option_of_raw: Option<&'static str>,
    /// The separator between items, unless it is a table.
    pub(crate) separator: Option<Separator>,
    /// Whether the fields of a table decide its dtype.
    pub(crate) is_inferred: bool,
    /// The rest of what the user says.
    pub(crate) args: TextArgs,
}

impl TextInput {
    /// The array in a text: a sequence, or a table. It is read as a whole only if all of it
    /// decides the dtype or the shape.
    pub(crate) fn open<'s>(&self, text: &'s mut TextStream) -> Result<OpenText<'s>, Error> {
        let source: TextSource<'s> = &mut *text.stream;
        let dtype = self.dtype.clone().unwrap_or(DType::F64);
        let mut table = self
            .args
            .table(text.delimiter)
            .block_bytes(chunk_bytes(&dtype));
        if text.is_compressed {
            table = table.max_row_bytes(MAX_ROW_BYTES);
        }
        let blocks = match &self.separator {
            Some(separator) => {
                let options = text::ReadOptions::new().block_bytes(chunk_bytes(&dtype));
                ParsedBlocks::Flat(options.blocks(source, dtype, separator)?)
            }
            None if self.is_inferred => {
                let array = table.read_inferred(source)?;
                return Ok(OpenText::Array(self.shaped(array)?));
            }
            None if has_open_length(&dtype) => {
                let array = table.read(source, dtype)?;
                return Ok(OpenText::Array(self.shaped(array)?));
            }
            None => ParsedBlocks::Table(table.blocks(source, dtype)?),
        };
        let blocks = TextBlocks::new(blocks);
        Ok(match self.shape {
            Some(_) => OpenText::Array(self.shaped(blocks.read()?)?),
            None => OpenText::Blocks(Box::new(blocks)),
        })
    }

    /// The array in a JSON text.
    pub(crate) fn read_json(&self, source: impl Read) -> Result<Array, npio::Error> {
        let array = json::read_array(source, self.dtype.clone())?;
        Ok(self.shaped(array)?)
    }

    fn shaped(&self, array: Array) -> Result<Array, Error> {
        match &self.shape {
            Some(shape) => array.reshape(shape.clone()),
            None => Ok(array),
        }
    }
}

/// The number of bytes of text that a thread parses at a time, of which a block has 16, so that its items take 8 MiB at
/// most: a field and what follows it take two bytes or more.
fn chunk_bytes(dtype: &DType) -> usize {
    let columns = dtype.as_record().map_or(1, |record| record.fields().len());
    let item_size = (dtype.itemsize() / columns.max(1)).max(1);
    (2 * BLOCK_SIZE / 16 / item_size).clamp(4 << 10, 256 << 10)
}

/// The array in a text.
pub(crate) enum OpenText<'s> {
    /// It had to be read as a whole.
    Array(Array),
    /// It can be read block by block.
    Blocks(Box<TextBlocks<'s>>),
}

/// The array in a text, block by block along its first axis, whose length is known only at the end.
pub(crate) struct TextBlocks<'s> {
    blocks: ParsedBlocks<'s>,
    /// The fields that are wanted of its records.
    fields: Option<FieldIndex>,
    dtype: DType,
}

/// The blocks with all fields.
enum ParsedBlocks<'s> {
    Flat(text::Blocks<TextSource<'s>>),
    Table(table::Blocks<TextSource<'s>>),
}

impl<'s> TextBlocks<'s> {
    fn new(blocks: ParsedBlocks<'s>) -> TextBlocks<'s> {
        let dtype = match &blocks {
            ParsedBlocks::Flat(blocks) => blocks.dtype().clone(),
            ParsedBlocks::Table(blocks) => blocks.dtype().clone(),
        };
        TextBlocks {
            blocks,
            fields: None,
            dtype,
        }
    }

    /// The same with only these fields of its records.
    pub(crate) fn fields(mut self, fields: &FieldIndex) -> Result<TextBlocks<'s>, Error> {
        self.fields = Some(fields.clone());
        self.dtype = self.empty()?.dtype().clone();
        Ok(self)
    }

    pub(crate) fn dtype(&self) -> &DType {
        &self.dtype
    }

    fn selected(&self, array: Array) -> Result<Array, Error> {
        match &self.fields {
            Some(fields) => select_fields(array, fields),
            None => Ok(array),
        }
    }

    /// A block without rows.
    pub(crate) fn empty(&self) -> Result<Array, Error> {
        let empty = match &self.blocks {
            ParsedBlocks::Flat(blocks) => blocks.empty(),
            ParsedBlocks::Table(blocks) => blocks.empty(),
        };
        self.selected(empty?)
    }

    /// All of it at once.
    pub(crate) fn read(self) -> Result<Array, Error> {
        let fields = self.fields;
        let array = match self.blocks {
            ParsedBlocks::Flat(blocks) => blocks.read(),
            ParsedBlocks::Table(blocks) => blocks.read(),
        };
        match fields {
            Some(fields) => select_fields(array?, &fields),
            None => array,
        }
    }
}

/// The fields of an array in memory.
fn select_fields(array: Array, fields: &FieldIndex) -> Result<Array, Error> {
    let (layout, bytes) = array.into_parts();
    Reader::raw(bytes, layout, 0).fields(fields)?.read()
}

impl Iterator for TextBlocks<'_> {
    type Item = Result<Array, Error>;

    fn next(&mut self) -> Option<Result<Array, Error>> {
        let block = match &mut self.blocks {
            ParsedBlocks::Flat(blocks) => blocks.next(),
            ParsedBlocks::Table(blocks) => blocks.next(),
        };
        Some(block?.and_then(|block| self.selected(block)))
    }
}

/// How text is written.
#[derive(Clone, Debug)]
pub(crate) enum TextOutput {
    Flat(text::WriteOptions, String),
    Table(table::WriteOptions),
}

impl TextOutput {
    /// Items with a separator between them.
    pub(crate) fn flat(separator: &str, format: Option<&str>) -> anyhow::Result<TextOutput> {
        let options = text::WriteOptions::new();
        let options = match format {
            Some(format) => options.format(format.parse::<Format>()?),
            None => options,
        };
        Ok(TextOutput::Flat(options, separator.to_owned()))
    }

    /// A table: NumPy's, or with a delimiter of the format one for exchange.
    pub(crate) fn table(
        delimiter: Option<char>,
        format: Option<&str>,
        args: &TableArgs,
    ) -> TextOutput {
        let options = match delimiter {
            Some(delimiter) => table::WriteOptions::csv().delimiter(delimiter),
            None => table::WriteOptions::new(),
        };
        let options = match format {
            Some(format) => options.format(format),
            None => options.shortest(),
        };
        TextOutput::Table(args.apply(options, delimiter))
    }

    /// Writes consecutive arrays.
    pub(crate) fn write(
        &self,
        target: impl Write,
        arrays: impl Iterator<Item = anyhow::Result<Array>>,
        write_error: impl Fn(Error) -> anyhow::Error,
    ) -> anyhow::Result<()> {
        match self {
            TextOutput::Flat(options, separator) => {
                let mut writer = options.writer(target, separator);
                for array in arrays {
                    writer.push(&array?).map_err(&write_error)?;
                }
                writer.finish().map_err(write_error)?;
            }
            TextOutput::Table(options) => {
                let mut writer = options.writer(target);
                for array in arrays {
                    writer.push(&array?).map_err(&write_error)?;
                }
                writer.finish().map_err(write_error)?;
            }
        }
        Ok(())
    }
}
