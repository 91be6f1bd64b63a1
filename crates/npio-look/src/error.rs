//! What goes wrong: [`Error`].

use npio::flatfile;
use std::{fmt, io};

/// An array that cannot be read, or that is not what a picture is made of.
#[derive(Debug)]
pub enum Error {
    /// The array cannot be read.
    Read(Box<npio::Error>),
    /// It can be read, but not drawn like this; the text says what to do.
    Unsuitable(String),
    /// The picture cannot be written.
    Write(io::Error),
}

impl Error {
    pub(crate) fn unsuitable(why: impl Into<String>) -> Error {
        Error::Unsuitable(why.into())
    }
}

impl From<flatfile::Error> for Error {
    fn from(error: flatfile::Error) -> Error {
        npio::Error::from(error).into()
    }
}

impl From<npio::Error> for Error {
    fn from(error: npio::Error) -> Error {
        Error::Read(Box::new(error))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::Write(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Read(error) => error.fmt(f),
            Error::Unsuitable(why) => f.write_str(why),
            Error::Write(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Read(error) => error.source(),
            Error::Unsuitable(_) => None,
            Error::Write(error) => Some(error),
        }
    }
}
