//! Where arrays come from: a path, or standard input.

use crate::output::escaped;
use npio::flatfile::npy::ReadOptions;
use npio::flatfile::{Array, Error, Slice};
use npio::header::Header;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
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

/// An opened input. Regular files are read where one wants, the rest as it comes.
pub(crate) enum Source {
    File(File),
    Stream(Box<dyn Read>),
}

impl Source {
    pub(crate) fn open(name: &Name) -> Result<Source, Error> {
        if name.is_stdio() {
            return Ok(Source::Stream(Box::new(io::stdin())));
        }
        let file = File::open(name.path())?;
        Ok(match file.metadata()?.is_file() {
            true => Source::File(file),
            false => Source::Stream(Box::new(file)),
        })
    }

    /// The header at the beginning, and where the data begins.
    pub(crate) fn header(&mut self) -> Result<(Header, u64), Error> {
        let options = ReadOptions::new();
        match self {
            Source::File(file) => options.read_header_at(file, 0),
            Source::Stream(stream) => options.read_header(stream),
        }
    }

    /// How long the whole input is, of which a stream has given so many bytes already.
    pub(crate) fn length(&mut self, given: u64) -> Result<u64, Error> {
        match self {
            Source::File(file) => Ok(file.metadata()?.len()),
            Source::Stream(stream) => Ok(given + io::copy(stream, &mut io::sink())?),
        }
    }

    /// A regular file with all of the input.
    pub(crate) fn into_file(self) -> Result<File, Error> {
        match self {
            Source::File(file) => Ok(file),
            Source::Stream(mut stream) => {
                let mut file = tempfile::tempfile()?;
                io::copy(&mut stream, &mut file)?;
                Ok(file)
            }
        }
    }

    /// What `slice` takes of the array; of a file, little else is read.
    fn load(self, slice: Option<&Slice>) -> Result<Array, Error> {
        let options = ReadOptions::new();
        match (self, slice) {
            (Source::File(file), None) => options.read_at(&file, 0).map(|(array, _)| array),
            (Source::File(file), Some(slice)) => options.read_slice_at(&file, 0, slice),
            (Source::Stream(stream), None) => options.read(stream),
            (Source::Stream(stream), Some(slice)) => {
                let array = options.read(stream)?;
                let part = array.strided().slice(slice)?;
                part.to_array(array.layout().order())
            }
        }
    }
}

/// What `slice` takes of the array in the input of this name.
pub(crate) fn load(name: &Name, slice: Option<&Slice>) -> anyhow::Result<Array> {
    let array = Source::open(name).and_then(|source| source.load(slice));
    array.map_err(|error| name.complaint(error))
}

/// How many bytes are read at a time, where not everything is needed at once.
const BLOCK: usize = 8 << 20;

/// Calls `push` with the rows of the array in the input of this name, some at a time; with what `slice`
/// takes of them all at once.
pub(crate) fn each_block(
    name: &Name,
    slice: Option<&Slice>,
    mut push: impl FnMut(&Array) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let source = Source::open(name).map_err(|error| name.complaint(error))?;
    if slice.is_some() {
        let array = source.load(slice);
        return push(&array.map_err(|error| name.complaint(error))?);
    }
    let blocks = source
        .into_file()
        .and_then(|file| ReadOptions::new().row_blocks_at(file, 0, 1));
    let mut blocks = blocks
        .map_err(|error| name.complaint(error))?
        .max_bytes(BLOCK);
    blocks.try_for_each(|block| push(&block.map_err(|error| name.complaint(error))?))
}
