//! Where arrays come from: a path, or standard input.

use crate::output::escaped;
use npio::flatfile::npy::ReadOptions;
use npio::flatfile::raw::{self, FIRST_BYTES, RowBlocks, check_first_bytes};
use npio::flatfile::{Array, Error, Slice};
use npio::header::Version;
use npio::{Layout, RawFormat, layout_in_name};
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
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
        let named = || layout_in_name(input.name.path()).map(RawFormat::from);
        match (source, &input.raw) {
            (source, Some(format)) => {
                let file = source.into_file()?;
                check_first_bytes(&first_bytes(&file)?)?;
                Ok(Source::Raw(file, format.clone()))
            }
            (Source::File(file), None) => {
                let is_known = check_first_bytes(&first_bytes(&file)?).is_err();
                Ok(match named().filter(|_| !is_known) {
                    Some(format) => Source::Raw(file, format),
                    None => Source::File(file),
                })
            }
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
    fn load(mut self, slice: Option<&Slice>) -> Result<Array, Error> {
        if let Source::Stream(stream) = &mut self {
            let array = ReadOptions::new().read(stream)?;
            return match slice {
                Some(slice) => {
                    let part = array.strided().slice(slice)?;
                    part.to_array(array.layout().order())
                }
                None => Ok(array),
            };
        }
        let Found { begin, layout, .. } = self.find()?;
        let file = self.into_file()?;
        match slice {
            Some(slice) => raw::ReadOptions::new().read_slice_at(&file, begin, &layout, slice),
            None => raw::ReadOptions::new().read_at(&file, begin, &layout),
        }
    }

    /// The rows of the array, some at a time.
    fn row_blocks(self) -> Result<RowBlocks<File>, Error> {
        let mut source = match self {
            Source::Stream(_) => Source::File(self.into_file()?),
            source => source,
        };
        let Found { begin, layout, .. } = source.find()?;
        let file = source.into_file()?;
        let blocks = raw::ReadOptions::new().row_blocks_at(file, begin, &layout, 1)?;
        Ok(blocks.max_bytes(BLOCK))
    }
}

/// What a file begins with.
fn first_bytes(file: &File) -> io::Result<Vec<u8>> {
    let (mut file, mut first) = (file, Vec::new());
    file.take(FIRST_BYTES).read_to_end(&mut first)?;
    file.rewind()?;
    Ok(first)
}

/// What `slice` takes of the array in the input of this name.
pub(crate) fn load(input: &Input, slice: Option<&Slice>) -> anyhow::Result<Array> {
    let array = Source::open(input).and_then(|source| source.load(slice));
    array.map_err(|error| input.complaint(error))
}

/// How many bytes are read at a time, where not everything is needed at once.
const BLOCK: usize = 8 << 20;

/// Calls `each` with the rows of the array in the input, some at a time; with what `slice` takes of
/// them all at once.
pub(crate) fn each_block(
    input: &Input,
    slice: Option<&Slice>,
    mut each: impl FnMut(&Array) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if slice.is_some() {
        return each(&load(input, slice)?);
    }
    let blocks = Source::open(input).and_then(Source::row_blocks);
    let mut blocks = blocks.map_err(|error| input.complaint(error))?;
    blocks.try_for_each(|block| each(&block.map_err(|error| input.complaint(error))?))
}
