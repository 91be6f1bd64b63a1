//! Text as input and as output: flat sequences with a separator, and tables.

use crate::args::{TableArgs, TextArgs};
use npio::DType;
use npio::flatfile::text::{self, Format, Separator, table};
use npio::flatfile::{Array, Error};
use npio::meta::json;
use std::io::{Read, Write};

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
    /// The separator between items, unless it is a table.
    pub(crate) separator: Option<Separator>,
    /// Whether the fields of a table decide its dtype.
    pub(crate) is_inferred: bool,
    /// The rest of what the user says.
    pub(crate) args: TextArgs,
}

impl TextInput {
    /// All of a text: a sequence, or a table in the format with this delimiter.
    pub(crate) fn read(&self, source: impl Read, delimiter: Option<char>) -> Result<Array, Error> {
        let dtype = self.dtype.clone().unwrap_or(DType::F64);
        let table = self.args.table(delimiter);
        let array = match &self.separator {
            Some(separator) => text::ReadOptions::new().read(source, dtype, separator)?,
            None if self.is_inferred => table.read_inferred(source)?,
            None => table.read(source, dtype)?,
        };
        self.shaped(array)
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
