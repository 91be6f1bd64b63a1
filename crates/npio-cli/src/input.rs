//! Where arrays come from: a path, or standard input.

use crate::output::escaped;
use crate::text;
use npio::flatfile::npy::ReadOptions;
use npio::flatfile::raw::{self, RowBlocks, check_file};
use npio::flatfile::{Array, Error, Slice};
use npio::header::Version;
use npio::{Layout, Order, RawFormat, layout_in_name};
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::iter;
use std::path::Path;

/// How a user names a file: a path, of any bytes that the system allows, or `-`.
#[derive(Clone, Debug)]
pub(crate) struct Name(OsString);

impl Name {
    /// Whether it is standard input or output.
    pub(crate) fn is_stdio(&self) -> bool {
        self.0 == "-"
    }

    pub(crate) fn path(&self) -> &Path {
        Path::new(&self.0)
    }

    /// What is wrong with it, on one line.
    pub(crate) fn complaint(&self, error: impl fmt::Display) -> anyhow::Error {
        anyhow::anyhow!("{self}: {error}")
    }
}

impl From<OsString> for Name {
    fn from(name: OsString) -> Name {
        Name(name)
    }
}

/// As it may reach a terminal.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escaped(&self.0.to_string_lossy()))
    }
}

/// What a user says of an input: its name, and what it holds if it is raw.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) name: Name,
    pub(crate) raw: Option<RawFormat>,
    pub(crate) text: text::Input,
}

impl Input {
    /// What is wrong with it, on one line.
    pub(crate) fn complaint(&self, error: impl fmt::Display) -> anyhow::Error {
        self.name.complaint(error)
    }
}

/// An opened input. Regular files are read where one wants, the rest as it comes.
pub(crate) enum Source {
    File(File),
    Stream(Box<dyn Read>),
    Raw(File, RawFormat),
}

/// What an input holds.
pub(crate) struct Found {
    /// The version of a `.npy`; raw items have none.
    pub(crate) version: Option<Version>,
    /// Where the items begin.
    pub(crate) begin: u64,
    pub(crate) layout: Layout,
}

impl Source {
    pub(crate) fn open(input: &Input) -> Result<Source, Error> {
        let source = match input.name.is_stdio() {
            true => Source::Stream(Box::new(io::stdin())),
            false => {
                let file = File::open(input.name.path())?;
                match file.metadata()?.is_file() {
                    true => Source::File(file),
                    false => Source::Stream(Box::new(file)),
                }
            }
        };
        match (source, &input.raw) {
            (source, Some(format)) => {
                let file = source.into_file()?;
                check_file(&file)?;
                Ok(Source::Raw(file, format.clone()))
            }
            (Source::File(file), None) => match layout_in_name(input.name.path()) {
                // A known format is what it is, whatever its name.
                Some(layout) if check_file(&file).is_ok() => Ok(Source::Raw(file, layout.into())),
                _ => Ok(Source::File(file)),
            },
            (source, None) => Ok(source),
        }
    }

    /// What it holds, as its header says or the user.
    pub(crate) fn find(&mut self) -> Result<Found, Error> {
        let options = ReadOptions::new();
        let (header, begin) = match self {
            Source::File(file) => options.read_header_at(file, 0)?,
            Source::Stream(stream) => options.read_header(stream)?,
            Source::Raw(file, format) => {
                return Ok(Found {
                    version: None,
                    begin: format.begin(),
                    layout: format.layout(file.metadata()?.len())?,
                });
            }
        };
        Ok(Found {
            version: Some(header.version()),
            begin,
            layout: header.into_layout(),
        })
    }

    /// How long the whole input is, of which a stream has given so many bytes already.
    pub(crate) fn length(&mut self, given: u64) -> Result<u64, Error> {
        match self {
            Source::File(file) | Source::Raw(file, _) => Ok(file.metadata()?.len()),
            Source::Stream(stream) => Ok(given + io::copy(stream, &mut io::sink())?),
        }
    }

    /// A regular file with all of the input.
    pub(crate) fn into_file(self) -> Result<File, Error> {
        match self {
            Source::File(file) | Source::Raw(file, _) => Ok(file),
            Source::Stream(mut stream) => {
                let mut file = tempfile::tempfile()?;
                io::copy(&mut stream, &mut file)?;
                Ok(file)
            }
        }
    }

    /// What `slice` takes of the array; of a file, little else is read.
    fn load(mut self, slice: Option<&Slice>, options: &raw::ReadOptions) -> Result<Array, Error> {
        let Found { begin, layout, .. } = self.find()?;
        match (self, slice) {
            (Source::File(file) | Source::Raw(file, _), Some(slice)) => {
                options.read_slice_at(&file, begin, &layout, slice)
            }
            (Source::File(file) | Source::Raw(file, _), None) => {
                options.read_at(&file, begin, &layout)
            }
            (Source::Stream(stream), None) => options.read(stream, &layout),
            (Source::Stream(stream), Some(slice)) => {
                let array = options.read(stream, &layout)?;
                let part = array.strided().slice(slice)?;
                part.to_array(array.layout().order())
            }
        }
    }

    /// What the array is, and its rows, some at a time.
    fn rows(self, options: &raw::ReadOptions) -> Result<(Layout, RowBlocks<File>), Error> {
        let mut source = match self {
            Source::Stream(_) => Source::File(self.into_file()?),
            source => source,
        };
        let Found { begin, layout, .. } = source.find()?;
        let rows = match layout.ndim() {
            // One item is one row, where it is read and not written behind others.
            0 => Layout::new(layout.dtype().clone(), [1], Order::C)?,
            _ => layout.clone(),
        };
        let blocks = options.row_blocks_at(source.into_file()?, begin, &rows, 1)?;
        Ok((layout, blocks.max_bytes(BLOCK)))
    }
}

/// What `slice` takes of the array in the input, as the options make it.
pub(crate) fn load(
    input: &Input,
    slice: Option<&Slice>,
    options: &raw::ReadOptions,
) -> anyhow::Result<Array> {
    let array = match input.text.is_text(&input.name) {
        true => load_text(input, slice, options),
        false => Source::open(input).and_then(|source| source.load(slice, options)),
    };
    array.map_err(|error| input.complaint(error))
}

/// What `slice` takes of a text.
fn load_text(
    input: &Input,
    slice: Option<&Slice>,
    options: &raw::ReadOptions,
) -> Result<Array, Error> {
    let whole = input.text.load(&input.name)?;
    let array = match slice {
        Some(slice) => whole.strided().slice(slice)?.to_array(Order::C)?,
        None => whole,
    };
    options.read(array.as_bytes(), array.layout())
}

/// How many bytes are read at a time, where not everything is needed at once.
const BLOCK: usize = 8 << 20;

/// Arrays that come one after another, or what went wrong.
pub(crate) type Blocks = Box<dyn Iterator<Item = anyhow::Result<Array>>>;

/// What `slice` takes of the array in the input, as the options make it: the layout, and then some rows
/// at a time. What is sliced comes at once.
pub(crate) fn blocks(
    input: &Input,
    slice: Option<&Slice>,
    options: &raw::ReadOptions,
) -> anyhow::Result<(Layout, Blocks)> {
    if slice.is_some() || input.text.is_text(&input.name) {
        let array = load(input, slice, options)?;
        return Ok((array.layout().clone(), Box::new(iter::once(Ok(array)))));
    }
    let rows = Source::open(input).and_then(|source| source.rows(options));
    let (layout, blocks) = rows.map_err(|error| input.complaint(error))?;
    let input = input.clone();
    let blocks = blocks.map(move |block| block.map_err(|error| input.complaint(error)));
    Ok((layout, Box::new(blocks)))
}
