//! One error for everything that has a path.

use flatfile::ErrorKind;
use flatfile::dtype::ErrorKind as DTypeKind;
use flatfile::npy_header::ErrorKind as HeaderKind;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// What a caller can do about an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// There is no such file.
    NotFound,
    /// The system failed: no permission, no space, a broken disk.
    Io,
    /// The file is not what it should be: broken, cut off, or of another format.
    Format,
    /// The file is fine, but says something that npio does not do.
    Unsupported,
    /// The file is fine, but not what was asked for: another dtype, another number of items.
    Mismatch,
    /// A limit was met, of memory or of the options.
    Limit,
}

/// What went wrong, in which file.
#[derive(Debug)]
pub struct Error {
    path: Option<PathBuf>,
    source: flatfile::Error,
}

impl Error {
    pub(crate) fn new(path: &Path, source: impl Into<flatfile::Error>) -> Error {
        let path = Some(path.to_owned());
        let source = source.into();
        Error { path, source }
    }

    /// What the caller can do about it.
    pub fn class(&self) -> Class {
        class(self.kind())
    }

    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        match self.source.kind() {
            ErrorKind::File { source, .. } => source.kind(),
            kind => kind,
        }
    }

    /// The file, where one is concerned.
    pub fn path(&self) -> Option<&Path> {
        match self.source.kind() {
            ErrorKind::File { path, .. } => Some(path),
            _ => self.path.as_deref(),
        }
    }
}

fn class(kind: &ErrorKind) -> Class {
    match kind {
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::NotFound => Class::NotFound,
        ErrorKind::Io(_) => Class::Io,
        ErrorKind::Object => Class::Unsupported,
        ErrorKind::Memory { .. } | ErrorKind::NoRoom => Class::Limit,
        ErrorKind::Header(error) => match error.kind() {
            HeaderKind::TooLong { .. } => Class::Limit,
            HeaderKind::Version(..) | HeaderKind::VersionTooOld(_) => Class::Unsupported,
            HeaderKind::Value { source, .. } | HeaderKind::Layout(source)
                if matches!(source.kind(), DTypeKind::Unsupported(_)) =>
            {
                Class::Unsupported
            }
            _ => Class::Format,
        },
        ErrorKind::File { source, .. } => class(source.kind()),
        ErrorKind::Mismatch { .. }
        | ErrorKind::Count { .. }
        | ErrorKind::ElementSize { .. }
        | ErrorKind::Unaligned { .. }
        | ErrorKind::BadValue { .. }
        | ErrorKind::Strides
        | ErrorKind::NotRows(_)
        | ErrorKind::Shape(_)
        | ErrorKind::RowShape { .. }
        | ErrorKind::RowCount { .. }
        | ErrorKind::Slice(_)
        | ErrorKind::TextType(_)
        | ErrorKind::Separator
        | ErrorKind::Format { .. }
        | ErrorKind::Unformattable { .. }
        | ErrorKind::BadText { .. } => Class::Mismatch,
        _ => Class::Format,
    }
}

/// An error where no file is concerned, of an array in memory.
impl From<flatfile::Error> for Error {
    fn from(source: flatfile::Error) -> Error {
        let path = None;
        Error { path, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        self.source.fmt(f)
    }
}

/// The text says all that the layers below know; what is behind that is the source.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.source()
    }
}
