//! What can go wrong with an archive.

use crate::name::key;
use flatfile::dtype::python::excerpt;
use flatfile::dtype::{ErrorClass, did_you_mean, similar};
use flatfile::io_error_class;
use flatfile::npy_header::ErrorKind as HeaderKind;
use std::{fmt, io};

/// The number of names that an error lists.
const MAX_LISTED: usize = 8;

/// The most names that are compared with one that is not there, since it may be one of many.
const MAX_COMPARED: usize = 1000;

/// Why an archive or a member could not be read or written.
pub struct Error(Box<Inner>);

/// The same text as `Display`, so that `fn main() -> Result<(), npz::Error>` prints a readable message.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

struct Inner {
    member: Option<String>,
    kind: ErrorKind,
}

/// The kinds of [`Error`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The source or the target failed.
    Io(io::Error),
    /// Not a zip archive: no end-of-central-directory record. The likely format is given if it is known.
    NotZip(Option<&'static str>),
    /// A part of the archive is invalid.
    Broken {
        /// The position in bytes from the beginning of the archive.
        at: u64,
        /// The fault.
        what: String,
    },
    /// Two readers could read the archive differently.
    Ambiguous {
        /// The position in bytes from the beginning of the archive.
        at: u64,
        /// The contradiction.
        what: String,
    },
    /// The archive uses an unsupported feature: encryption, a rare compression method.
    Unsupported(String),
    /// The bytes are not those that were written.
    Checksum {
        /// The CRC-32 that the archive declares.
        expected: u32,
        /// The CRC-32 of the bytes.
        found: u32,
    },
    /// The compressed data is broken.
    Compressed {
        /// The number of bytes that were decompressed before.
        after: u64,
    },
    /// The member is longer or shorter than declared.
    Size {
        /// The number of bytes that the archive declares.
        expected: u64,
        /// The actual number of bytes, or one more than expected if there are more.
        found: u64,
    },
    /// The declared size of the member is larger than its compressed data can become.
    Ratio {
        /// The number of bytes that the archive declares.
        size: u64,
        /// The number of bytes of compressed data.
        compressed: u64,
    },
    /// There is no member of this name.
    NotFound {
        /// Some of the existing names.
        names: Vec<String>,
        /// The number of existing names.
        count: usize,
    },
    /// Several members have this name.
    Duplicate {
        /// The number of members with this name.
        count: usize,
    },
    /// A name that could not be read back.
    Name(String),
    /// The member is not a `.npy`.
    NotArray,
    /// The member is compressed, so its items cannot be used in place.
    NotStored,
    /// A view of a member was requested, but the archive is not in memory.
    NotInMemory,
    /// An error of the array in the member.
    Array(flatfile::Error),
}

impl Error {
    /// The fault.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What a caller can do about it.
    pub fn class(&self) -> ErrorClass {
        match self.kind() {
            ErrorKind::Io(error) => io_error_class(error),
            ErrorKind::Array(error) => error.class(),
            ErrorKind::Unsupported(_) => ErrorClass::Unsupported,
            ErrorKind::NotFound { .. } => ErrorClass::NoMember,
            ErrorKind::Duplicate { .. }
            | ErrorKind::Name(_)
            | ErrorKind::NotStored
            | ErrorKind::NotInMemory
            | ErrorKind::NotArray => ErrorClass::Mismatch,
            ErrorKind::NotZip(_)
            | ErrorKind::Broken { .. }
            | ErrorKind::Ambiguous { .. }
            | ErrorKind::Checksum { .. }
            | ErrorKind::Compressed { .. }
            | ErrorKind::Size { .. }
            | ErrorKind::Ratio { .. } => ErrorClass::Format,
        }
    }

    /// The member that the error is about, if any: its name without `.npy`.
    pub fn member(&self) -> Option<&str> {
        self.0.member.as_deref()
    }

    /// The same error about this member, unless it already names one.
    #[must_use]
    pub fn with_member(mut self, member: &str) -> Error {
        self.0.member.get_or_insert_with(|| member.to_owned());
        self
    }

    /// The error if the header of the `.npy` in a member could not be read: `NotArray` if the bytes are not a `.npy` at all.
    pub fn of_header(error: flatfile::Error) -> Error {
        let is_other = matches!(error.kind(), flatfile::ErrorKind::Header(error) if matches!(
            error.kind(),
            HeaderKind::Magic(_) | HeaderKind::Truncated { found: 0..8, .. }
        ));
        if is_other {
            ErrorKind::NotArray.into()
        } else {
            Error::from(error)
        }
    }

    /// There is no member `name`; `names` are those in the archive.
    pub(crate) fn not_found<'a>(
        name: &str,
        file_names: impl ExactSizeIterator<Item = &'a str>,
    ) -> Error {
        let count = file_names.len();
        let limit = if count > MAX_COMPARED {
            MAX_LISTED
        } else {
            count
        };
        let compared: Vec<&str> = file_names.take(limit).map(key).collect();
        let mut listed: Vec<&str> = compared.iter().copied().take(MAX_LISTED).collect();
        // The one that may have been meant is among those listed.
        if let Some(meant) = similar(name, compared)
            && !listed.contains(&meant)
            && let Some(last) = listed.last_mut()
        {
            *last = meant;
        }
        let names = listed.into_iter().map(str::to_owned).collect();
        Error::from(ErrorKind::NotFound { names, count }).with_member(name)
    }

    pub(crate) fn broken(at: u64, what: impl Into<String>) -> Error {
        let what = what.into();
        ErrorKind::Broken { at, what }.into()
    }

    pub(crate) fn ambiguous(at: u64, what: impl Into<String>) -> Error {
        let what = what.into();
        ErrorKind::Ambiguous { at, what }.into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        let member = None;
        Error(Box::new(Inner { member, kind }))
    }
}

/// An error that a [`Reader`](crate::Reader) wrapped in an `io::Error` is unwrapped again.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        match error.downcast::<Error>() {
            Ok(error) => error,
            Err(error) => ErrorKind::Io(error).into(),
        }
    }
}

impl From<flatfile::Error> for Error {
    fn from(error: flatfile::Error) -> Error {
        match error.into_kind() {
            flatfile::ErrorKind::Io(error) => error.into(),
            kind => ErrorKind::Array(kind.into()).into(),
        }
    }
}

/// For readers, which can only return an `io::Error`.
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        match *error.0 {
            Inner {
                kind: ErrorKind::Io(error),
                member: None,
            } => error,
            inner => {
                let kind = match &inner.kind {
                    ErrorKind::Io(error) => error.kind(),
                    _ => io::ErrorKind::InvalidData,
                };
                io::Error::new(kind, Error(Box::new(inner)))
            }
        }
    }
}

/// For readers of arrays: wrapped in an `io::Error`, from which it is unwrapped again.
impl From<Error> for flatfile::Error {
    fn from(error: Error) -> flatfile::Error {
        io::Error::from(error).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(member) = &self.0.member {
            write!(f, "member {}: ", excerpt(member))?;
        }
        match &self.0.kind {
            ErrorKind::Io(error) => error.fmt(f),
            ErrorKind::NotZip(format) => {
                f.write_str("not a zip archive: no end-of-central-directory record")?;
                format.map_or(Ok(()), |format| write!(f, " (it begins like {format})"))
            }
            ErrorKind::Broken { at, what } => write!(f, "broken zip archive, at byte {at}: {what}"),
            ErrorKind::Ambiguous { at, what } => {
                write!(f, "ambiguous zip archive, at byte {at}: {what}")
            }
            ErrorKind::Unsupported(what) => write!(f, "not supported: {what}"),
            ErrorKind::Checksum { expected, found } => write!(
                f,
                "the data is broken: expected the CRC-32 {expected:08x}, found {found:08x}"
            ),
            ErrorKind::Compressed { after } => {
                write!(
                    f,
                    "the compressed data is broken, {after} bytes into the member"
                )
            }
            ErrorKind::Size { expected, found } if found > expected => write!(
                f,
                "the data is longer than declared: expected {expected} bytes, found more"
            ),
            ErrorKind::Size { expected, found } => write!(
                f,
                "the data is shorter than declared: expected {expected} bytes, found {found}"
            ),
            ErrorKind::Ratio { size, compressed } => write!(
                f,
                "{compressed} bytes of compressed data cannot expand to the declared {size} bytes"
            ),
            ErrorKind::NotFound { count: 0, .. } => {
                f.write_str("no such member: the archive is empty")
            }
            ErrorKind::NotFound { names, count } => {
                let shown: Vec<_> = names.iter().map(|name| excerpt(name).to_string()).collect();
                write!(f, "no such member: the archive has {}", shown.join(", "))?;
                match count - names.len() {
                    0 => {}
                    more => write!(f, " and {more} more")?,
                }
                let member = self.member().unwrap_or_default();
                f.write_str(&did_you_mean(member, names.iter().map(String::as_str)))
            }
            ErrorKind::Duplicate { count } => write!(
                f,
                "{count} members have this name: read one by its index, or ask for the last"
            ),
            ErrorKind::Name(what) => write!(f, "the name could not be read back: {what}"),
            ErrorKind::NotArray => f.write_str("not a .npy file"),
            ErrorKind::NotInMemory => {
                f.write_str("the archive is not in memory: map it, or read the member")
            }
            ErrorKind::NotStored => {
                f.write_str("the member is compressed: it can be read, but not viewed in place")
            }
            ErrorKind::Array(error) => error.fmt(f),
        }
    }
}

/// `Display` already includes the text of the layers below, so `source` skips them.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Io(error) => error.source(),
            ErrorKind::Array(error) => error.source(),
            _ => None,
        }
    }
}
