//! Where arrays come from: a path, or standard input.

use npio::flatfile::npy::ReadOptions;
use npio::flatfile::{Array, Error, Slice};
use npio::header::Header;
use std::fs::File;
use std::io::{self, Read};

/// The name of standard input and output.
pub(crate) const STDIO: &str = "-";

/// An opened input. Regular files are read where one wants, the rest as it comes.
pub(crate) enum Source {
    File(File),
    Stream(Box<dyn Read>),
}

impl Source {
    pub(crate) fn open(name: &str) -> Result<Source, Error> {
        if name == STDIO {
            return Ok(Source::Stream(Box::new(io::stdin())));
        }
        let file = File::open(name)?;
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

    fn array(self) -> Result<Array, Error> {
        let options = ReadOptions::new();
        match self {
            Source::File(file) => options.read_at(&file, 0).map(|(array, _)| array),
            Source::Stream(stream) => options.read(stream),
        }
    }
}

/// The array in the input of this name.
fn load(name: &str) -> anyhow::Result<Array> {
    let array = Source::open(name).and_then(Source::array);
    array.map_err(|error| named(name, &error))
}

/// What `slice` takes of the array in the input of this name; of a file, little else is read.
pub(crate) fn load_slice(name: &str, slice: Option<&Slice>) -> anyhow::Result<Array> {
    let Some(slice) = slice else {
        return load(name);
    };
    let read = || match Source::open(name)? {
        Source::File(file) => ReadOptions::new().read_slice_at(&file, 0, slice),
        stream => {
            let array = stream.array()?;
            array
                .strided()
                .slice(slice)?
                .to_array(array.layout().order())
        }
    };
    read().map_err(|error| named(name, &error))
}

/// The array of this name; of a file, its first rows are enough.
pub(crate) fn load_rows(name: &str, rows: usize) -> anyhow::Result<Array> {
    let read = || match Source::open(name)? {
        Source::File(file) => {
            let options = ReadOptions::new();
            let (header, _) = options.read_header_at(&file, 0)?;
            let first = match header.layout().ndim() {
                0 => Slice::default(),
                _ => Slice::rows(rows),
            };
            options.read_slice_at(&file, 0, &first)
        }
        stream => stream.array(),
    };
    read().map_err(|error| named(name, &error))
}

/// What is wrong with the input of this name, on one line.
pub(crate) fn named(name: &str, error: &Error) -> anyhow::Error {
    anyhow::anyhow!("{}: {error}", crate::output::escaped(name))
}
