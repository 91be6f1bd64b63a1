//! One error for everything that has a path.

use crate::compressed;
#[cfg(feature = "encoding")]
use crate::encoding;
#[cfg(feature = "safetensors")]
use crate::safetensors;
use flatfile::ErrorKind;
use flatfile::dtype::{ErrorClass, Layout};
#[cfg(feature = "meta")]
use npmeta::ErrorKind as MetaKind;
use npmeta::name;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// An error, and the file in which it occurred.
pub struct Error {
    path: Option<PathBuf>,
    cause: Cause,
}

/// The same text as `Display`, so that `fn main() -> Result<(), npio::Error>` prints a readable message.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The error of the layer that knows what went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// An error of an array.
    Array(flatfile::Error),
    /// An error of an archive, or of an array in it.
    Archive(npz::Error),
    /// An error in a file name that states a layout.
    Name(name::Error),
    /// An error of an archive whose update in place was interrupted, or is under way.
    Interrupted(npz::Error),
    /// A file of raw items, whose name gives this layout, where only a `.npy` will do.
    RawItems(Layout),
    /// An error of compressed data.
    Compressed(compressed::Error),
    /// An error in the encoding of a text.
    #[cfg(feature = "encoding")]
    Encoding(encoding::Error),
    /// An error of a file of safetensors.
    #[cfg(feature = "safetensors")]
    SafeTensors(safetensors::Error),
    /// An error of metadata, or of a value.
    #[cfg(feature = "meta")]
    Meta(npmeta::Error),
}

impl Error {
    pub(crate) fn new(path: &Path, cause: impl Into<Cause>) -> Error {
        let path = Some(path.to_owned());
        let cause = cause.into();
        Error { path, cause }
    }

    /// What the caller can do about it.
    pub fn class(&self) -> ErrorClass {
        match &self.cause {
            Cause::Array(error) => error.class(),
            Cause::Archive(error) | Cause::Interrupted(error) => error.class(),
            Cause::Name(_) | Cause::RawItems(_) => ErrorClass::Mismatch,
            Cause::Compressed(error) => error.class(),
            #[cfg(feature = "encoding")]
            Cause::Encoding(error) => error.class(),
            #[cfg(feature = "safetensors")]
            Cause::SafeTensors(error) => error.class(),
            #[cfg(feature = "meta")]
            Cause::Meta(error) => error.class(),
        }
    }

    /// The cause, as the error of the layer that found it.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The I/O error, if the cause is one.
    pub fn io_error(&self) -> Option<&io::Error> {
        let (archive, _) = self.below();
        if let Some(npz::ErrorKind::Io(error)) = archive.map(npz::Error::kind) {
            return Some(error);
        }
        match self.array_kind()? {
            ErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }

    /// The file, if one is involved.
    pub fn path(&self) -> Option<&Path> {
        if let Cause::Array(error) = &self.cause
            && let ErrorKind::File { path, .. } = error.kind()
        {
            return Some(path);
        }
        self.path.as_deref()
    }

    /// The same error in this file, unless it already has one.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<PathBuf>) -> Error {
        if self.path().is_none() {
            self.path = Some(path.into());
        }
        self
    }

    /// The member of an archive, if one is involved: its name without `.npy`.
    pub fn member(&self) -> Option<&str> {
        #[cfg(feature = "meta")]
        if let Cause::Meta(error) = &self.cause
            && let Some(key) = error.key()
        {
            return Some(key);
        }
        let (archive, _) = self.below();
        archive?.member()
    }

    /// The archive's error and the array's, if the cause is one of them that a layer above passes on.
    fn below(&self) -> (Option<&npz::Error>, Option<&ErrorKind>) {
        let of_archive = |error| {
            let array = match npz::Error::kind(error) {
                npz::ErrorKind::Array(error) => Some(error.kind()),
                _ => None,
            };
            (Some(error), array)
        };
        match &self.cause {
            Cause::Array(error) => (None, Some(error.kind())),
            Cause::Archive(error) | Cause::Interrupted(error) => of_archive(error),
            Cause::Name(_) | Cause::RawItems(_) | Cause::Compressed(_) => (None, None),
            #[cfg(feature = "encoding")]
            Cause::Encoding(_) => (None, None),
            #[cfg(feature = "safetensors")]
            Cause::SafeTensors(_) => (None, None),
            #[cfg(feature = "meta")]
            Cause::Meta(error) => match error.kind() {
                MetaKind::Array(error) => (None, Some(error.kind())),
                MetaKind::Archive(error) => of_archive(error),
                _ => (None, None),
            },
        }
    }

    /// What is wrong with an array, whether it is in a file, in an archive or in memory.
    pub fn array_kind(&self) -> Option<&ErrorKind> {
        match self.below().1? {
            ErrorKind::File { source, .. } => Some(source.kind()),
            kind => Some(kind),
        }
    }

    /// Whether the data is a pickle, and was not read for that reason: an array was requested, which is not made of
    /// objects, or pickles are not allowed ([`LoadOptions::allow_pickle`](crate::LoadOptions::allow_pickle)).
    #[cfg(feature = "meta")]
    pub fn is_pickle(&self) -> bool {
        let is_refused = matches!(&self.cause, Cause::Meta(error) if matches!(error.kind(), MetaKind::NotAllowed));
        is_refused || matches!(self.array_kind(), Some(ErrorKind::Object))
    }
}

impl Error {
    /// Whether several members of an archive have the name that was asked for:
    /// [`LoadOptions::last_of_duplicates`](crate::LoadOptions::last_of_duplicates) takes the last.
    pub fn is_duplicate(&self) -> bool {
        let (archive, _) = self.below();
        archive.is_some_and(|error| matches!(error.kind(), npz::ErrorKind::Duplicate { .. }))
    }
}

/// An error of an array in a file, which already has its path, or in memory.
impl From<flatfile::Error> for Error {
    fn from(error: flatfile::Error) -> Error {
        match error.into_kind() {
            ErrorKind::File { path, source } => Error {
                path: Some(path),
                cause: source.into(),
            },
            kind => Error {
                path: None,
                cause: flatfile::Error::from(kind).into(),
            },
        }
    }
}

/// An error of the program's own work with files, so that a function that returns this error can use `?` on it.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        let (path, cause) = (None, Cause::from(error));
        Error { path, cause }
    }
}

/// An error of an archive in memory: no file is involved.
impl From<npz::Error> for Error {
    fn from(error: npz::Error) -> Error {
        let (path, cause) = (None, error.into());
        Error { path, cause }
    }
}

/// An I/O error may have another one in it: a source or target of another layer failed.
impl From<flatfile::Error> for Cause {
    fn from(error: flatfile::Error) -> Cause {
        let inner = match error.kind() {
            ErrorKind::Io(error) => error.get_ref(),
            _ => None,
        };
        let Some(inner) = inner else {
            return Cause::Array(error);
        };
        if let Some(inner) = inner.downcast_ref::<compressed::Error>() {
            return Cause::Compressed(inner.clone());
        }
        #[cfg(feature = "encoding")]
        if let Some(inner) = inner.downcast_ref::<encoding::Error>() {
            return Cause::Encoding(inner.clone());
        }
        if inner.is::<npz::Error>() {
            return Cause::Archive(error.into());
        }
        Cause::Array(error)
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Cause {
        flatfile::Error::from(error).into()
    }
}

impl From<compressed::Error> for Cause {
    fn from(error: compressed::Error) -> Cause {
        Cause::Compressed(error)
    }
}

impl From<name::Error> for Cause {
    fn from(error: name::Error) -> Cause {
        Cause::Name(error)
    }
}

impl From<npz::Error> for Cause {
    fn from(error: npz::Error) -> Cause {
        Cause::Archive(error)
    }
}

/// An error of a source in memory: no file is involved.
#[cfg(feature = "safetensors")]
impl From<safetensors::Error> for Error {
    fn from(error: safetensors::Error) -> Error {
        let (path, cause) = (None, Cause::SafeTensors(error));
        Error { path, cause }
    }
}

/// An error of a value in memory: no file is involved.
#[cfg(feature = "meta")]
impl From<npmeta::Error> for Error {
    fn from(error: npmeta::Error) -> Error {
        let (path, cause) = (None, error.into());
        Error { path, cause }
    }
}

#[cfg(feature = "meta")]
impl From<npmeta::Error> for Cause {
    fn from(error: npmeta::Error) -> Cause {
        Cause::Meta(error)
    }
}

/// The kind is that of the I/O error that is the cause, or else the one nearest to the [`class`](Error::class) (a missing
/// member is `NotFound`, too); this error is inside. So functions that return `io::Result` can use `?`.
///
/// ```
/// fn read(path: &str) -> std::io::Result<npio::Array> {
///     Ok(npio::load(path)?)
/// }
/// let error = read("no such file.npy").unwrap_err();
/// assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
/// assert!(error.to_string().starts_with("no such file.npy: "));
/// ```
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error.io_error() {
            Some(error) => error.kind(),
            None => match error.class() {
                ErrorClass::NotFound | ErrorClass::NoMember => io::ErrorKind::NotFound,
                ErrorClass::Empty => io::ErrorKind::UnexpectedEof,
                ErrorClass::Busy => io::ErrorKind::ResourceBusy,
                ErrorClass::Format => io::ErrorKind::InvalidData,
                ErrorClass::Unsupported => io::ErrorKind::Unsupported,
                ErrorClass::Mismatch => io::ErrorKind::InvalidInput,
                _ => io::ErrorKind::Other,
            },
        };
        io::Error::new(kind, error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        match &self.cause {
            Cause::Array(error) => error.fmt(f),
            Cause::Archive(error) => error.fmt(f),
            Cause::Interrupted(error) => write!(
                f,
                "an update in place was interrupted, or is under way: repair_npz (npio verify --repair) restores the \
                 archive as it was before ({error})"
            ),
            Cause::Name(error) => error.fmt(f),
            Cause::Compressed(error) => error.fmt(f),
            #[cfg(feature = "encoding")]
            Cause::Encoding(error) => error.fmt(f),
            #[cfg(feature = "safetensors")]
            Cause::SafeTensors(error) => error.fmt(f),
            Cause::RawItems(layout) => write!(
                f,
                "expected a .npy, found raw items, by the file's name {} of shape {}: load them, and save all with \
                 save_raw",
                layout.dtype(),
                layout.shape_tuple()
            ),
            #[cfg(feature = "meta")]
            Cause::Meta(error) => error.fmt(f),
        }
    }
}

/// `Display` already includes the text of the layers below, so `source` skips them.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Array(error) => error.source(),
            Cause::Archive(error) | Cause::Interrupted(error) => error.source(),
            Cause::Name(error) => error.source(),
            Cause::RawItems(_) | Cause::Compressed(_) => None,
            #[cfg(feature = "encoding")]
            Cause::Encoding(_) => None,
            #[cfg(feature = "safetensors")]
            Cause::SafeTensors(_) => None,
            #[cfg(feature = "meta")]
            Cause::Meta(error) => error.source(),
        }
    }
}
