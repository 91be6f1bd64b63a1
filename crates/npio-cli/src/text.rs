//! Text as input and as output: flat sequences with a separator, and tables.

use crate::input::Name;
use npio::DType;
use npio::flatfile::text::{self, Format, Separator, table};
use npio::flatfile::{Array, Error, raw};
use std::fs::File;
use std::io::{self, BufRead, Read, Write};

/// What files are called that are text, and what stands between their fields.
const SUFFIXES: [(&str, Option<char>); 3] =
    [("txt", None), ("csv", Some(',')), ("tsv", Some('\t'))];

/// The delimiter of tables in files of this suffix, where it is one of text.
pub(crate) fn delimiter(suffix: &str) -> Option<Option<char>> {
    let suffix = suffix.trim_start_matches('.');
    let found = SUFFIXES.iter().find(|(name, _)| *name == suffix);
    found.map(|(_, delimiter)| *delimiter)
}

/// The delimiter of tables in this file, where its name says that it is text.
fn delimiter_of(name: &Name) -> Option<Option<char>> {
    delimiter(name.path().extension()?.to_str()?)
}

/// How text is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Input {
    pub(crate) dtype: Option<DType>,
    /// What it is to be reshaped to.
    pub(crate) shape: Option<Vec<isize>>,
    /// What stands between items, where it is no table.
    pub(crate) separator: Option<Separator>,
    /// Whether the first line has names.
    pub(crate) has_names: bool,
}

/// Blocks of a text.
type Blocks = Box<dyn Iterator<Item = Result<Array, Error>>>;

impl Input {
    /// Whether an input is text: its name says so, or a separator where there is no name, and its first
    /// bytes say nothing else.
    pub(crate) fn is_text(&self, name: &Name) -> bool {
        if name.is_stdio() {
            let mut stdin = io::stdin().lock();
            let is_other = |first: &[u8]| raw::check_first_bytes(first).is_err();
            return self.separator.is_some() && !stdin.fill_buf().is_ok_and(is_other);
        }
        let is_other = || {
            let file = File::open(name.path());
            file.is_ok_and(|file| is_regular(&file) && raw::check_file(&file).is_err())
        };
        delimiter_of(name).is_some() && !is_other()
    }

    /// All of a text.
    pub(crate) fn load(&self, name: &Name) -> Result<Array, Error> {
        let dtype = self.dtype.clone().unwrap_or(DType::F64);
        let source = source(name)?;
        let array = match &self.separator {
            Some(separator) => text::ReadOptions::new().read(source, &dtype, separator)?,
            None => self.table(name).read(source, &dtype)?,
        };
        match &self.shape {
            Some(shape) => array.reshape(shape.clone()),
            None => Ok(array),
        }
    }

    /// A text that is larger than memory.
    pub(crate) fn blocks(&self, name: &Name) -> Result<Blocks, Error> {
        let dtype = self.dtype.clone().unwrap_or(DType::F64);
        let source = source(name)?;
        Ok(match &self.separator {
            Some(separator) => {
                Box::new(text::ReadOptions::new().blocks(source, &dtype, separator)?)
            }
            None => Box::new(self.table(name).blocks(source, &dtype)?),
        })
    }

    fn table(&self, name: &Name) -> table::ReadOptions {
        let options = table::ReadOptions::new();
        let options = match delimiter_of(name).flatten() {
            Some(delimiter) => options.delimiter(delimiter).quote(b'"'),
            None => options,
        };
        match self.has_names {
            true => options.names(),
            false => options,
        }
    }
}

fn source(name: &Name) -> Result<Box<dyn Read>, Error> {
    Ok(match name.is_stdio() {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(name.path())?),
    })
}

fn is_regular(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file())
}

/// How text is written.
#[derive(Clone, Debug)]
pub(crate) enum Output {
    Flat(text::WriteOptions, String),
    Table(table::WriteOptions),
}

impl Output {
    /// Items with a separator between them.
    pub(crate) fn flat(separator: &str, format: Option<&str>) -> anyhow::Result<Output> {
        let options = text::WriteOptions::new();
        let options = match format {
            Some(format) => options.format(format.parse::<Format>()?),
            None => options,
        };
        Ok(Output::Flat(options, separator.to_owned()))
    }

    /// A table of this delimiter, or else white space.
    pub(crate) fn table(delimiter: Option<char>, format: Option<&str>, has_names: bool) -> Output {
        let options = table::WriteOptions::new().delimiter(delimiter.unwrap_or(' '));
        let options = match format {
            Some(format) => options.format(format),
            None => options.shortest(),
        };
        Output::Table(if has_names { options.names() } else { options })
    }

    /// Writes arrays one behind the other.
    pub(crate) fn write(
        &self,
        target: impl Write,
        arrays: impl Iterator<Item = anyhow::Result<Array>>,
        failed: impl Fn(Error) -> anyhow::Error,
    ) -> anyhow::Result<()> {
        match self {
            Output::Flat(options, separator) => {
                let mut writer = options.writer(target, separator);
                for array in arrays {
                    writer.push(&array?).map_err(&failed)?;
                }
                writer.finish().map_err(failed)?;
            }
            Output::Table(options) => {
                let mut writer = options.writer(target);
                for array in arrays {
                    writer.push(&array?).map_err(&failed)?;
                }
                writer.finish().map_err(failed)?;
            }
        }
        Ok(())
    }
}
