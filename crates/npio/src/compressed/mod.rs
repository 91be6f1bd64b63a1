//! Files compressed with gzip, bzip2, xz or Zstandard: [`Decoder`] and [`Encoder`].
//!
//! Everything that `npio` loads by path is decompressed if its first bytes are those of one of these [`Format`]s, and
//! what it saves is compressed if the file's name ends in `.gz`, `.bz2`, `.xz` or `.zst`. Other sources and targets are
//! wrapped in the types here:
//!
//! ```
//! use npio::compressed::{Decoder, Encoder, Format};
//! use npio::flatfile::npy;
//! use std::io::Write;
//! let mut encoder = Encoder::new(Vec::new(), Format::Gzip)?;
//! npy::write(&mut encoder, &npio::Array::from_slice(&[1u8, 2, 3], [3])?)?;
//! let bytes = encoder.finish()?;
//!
//! // The source may also be plain: the first bytes decide.
//! let reader = npio::open_stream(Decoder::new(&bytes[..])?)?;
//! assert_eq!(reader.read()?.as_bytes(), [1, 2, 3]);
//! # Ok::<(), npio::Error>(())
//! ```
//!
//! gzip is always there, bzip2 and xz need the feature `methods`, and Zstandard the feature `zstd`.

mod decode;
#[cfg(feature = "methods")]
mod decode_xz;
mod encode;
mod input;

pub use decode::Decoder;
pub use encode::Encoder;

use flatfile::dtype::ErrorClass;
use std::borrow::Cow;
use std::path::Path;
use std::{fmt, io};

/// A format of compressed files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// gzip, `.gz`.
    Gzip,
    /// bzip2, `.bz2`.
    Bzip2,
    /// xz, `.xz`.
    Xz,
    /// Zstandard, `.zst`.
    Zstd,
}

/// What is known of a format.
struct Facts {
    format: Format,
    name: &'static str,
    suffix: &'static str,
    /// The first bytes of every file.
    magic: &'static [u8],
    /// The feature that has to be enabled, if it is not.
    missing_feature: Option<&'static str>,
}

const FORMATS: [Facts; 4] = [
    Facts {
        format: Format::Gzip,
        name: "gzip",
        suffix: "gz",
        // The third byte is the method, and deflate is the only one.
        magic: b"\x1f\x8b\x08",
        missing_feature: None,
    },
    Facts {
        format: Format::Bzip2,
        name: "bzip2",
        suffix: "bz2",
        magic: b"BZh",
        missing_feature: if cfg!(feature = "methods") {
            None
        } else {
            Some("methods")
        },
    },
    Facts {
        format: Format::Xz,
        name: "xz",
        suffix: "xz",
        magic: b"\xfd7zXZ\0",
        missing_feature: if cfg!(feature = "methods") {
            None
        } else {
            Some("methods")
        },
    },
    Facts {
        format: Format::Zstd,
        name: "zstd",
        suffix: "zst",
        magic: b"\x28\xb5\x2f\xfd",
        missing_feature: if cfg!(feature = "zstd") {
            None
        } else {
            Some("zstd")
        },
    },
];

/// The most bytes of one row of a compressed table, unless [`max_row_bytes`] allows more: a file of a few bytes could ask for
/// memory for a row of any length.
///
/// [`max_row_bytes`]: flatfile::text::table::ReadOptions::max_row_bytes
#[cfg(feature = "text")]
pub const MAX_ROW_BYTES: usize = 16 << 20;

/// The number of bytes that decide.
pub(crate) const FIRST_BYTES: usize = 10;

/// What follows `BZh` and the level: the first block, or the end of a file of nothing.
const BZIP2_BLOCKS: [&[u8]; 2] = [b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"];

impl Format {
    /// The format of a file that begins with these bytes: the first ten, or all. Fewer are less sure, since a text may
    /// begin with `BZh9`, too.
    ///
    /// ```
    /// use npio::compressed::Format;
    /// assert_eq!(Format::of(b"\x1f\x8b\x08\0\0\0\0\0"), Some(Format::Gzip));
    /// assert_eq!(Format::of(b"BZh91AY&SY"), Some(Format::Bzip2));
    /// assert_eq!(Format::of(b"BZh9 is text"), None);
    /// ```
    pub fn of(first: &[u8]) -> Option<Format> {
        let found = FORMATS
            .iter()
            .find(|facts| first.starts_with(facts.magic))?;
        match (found.format, first) {
            (Format::Bzip2, [_, _, _, b'1'..=b'9', rest @ ..]) => {
                let begins = |block: &&[u8]| rest.iter().zip(block.iter()).all(|(a, b)| a == b);
                BZIP2_BLOCKS.iter().any(begins).then_some(Format::Bzip2)
            }
            (Format::Bzip2, _) => None,
            (format, _) => Some(format),
        }
    }

    /// The format that a file's name gives by its suffix.
    ///
    /// ```
    /// use npio::compressed::Format;
    /// assert_eq!(Format::in_name("x.csv.gz"), Some(Format::Gzip));
    /// assert_eq!(Format::in_name("x.csv"), None);
    /// ```
    pub fn in_name(path: impl AsRef<Path>) -> Option<Format> {
        let suffix = path.as_ref().extension()?;
        let found = FORMATS.iter().find(|facts| suffix == facts.suffix)?;
        Some(found.format)
    }

    /// The suffix of files in this format, without a dot.
    pub fn suffix(self) -> &'static str {
        self.facts().map_or("", |facts| facts.suffix)
    }

    /// That this build reads and writes the format.
    ///
    /// # Errors
    /// A format that needs a feature of this crate which is not enabled: the error names it.
    pub fn check(self) -> Result<(), Error> {
        match self.facts().and_then(|facts| facts.missing_feature) {
            Some(feature) => Err(Error::new(self, 0, Problem::NotBuilt { feature })),
            None => Ok(()),
        }
    }

    fn facts(self) -> Option<&'static Facts> {
        FORMATS.iter().find(|facts| facts.format == self)
    }

    /// Whether this is all of a file that has lost everything but some of the bytes that are the same in every file.
    fn is_cut_off(self, first: &[u8]) -> bool {
        let magic = self.facts().map_or(&[][..], |facts| facts.magic);
        magic.starts_with(first)
    }
}

/// `gzip`, `bzip2`, `xz` or `zstd`.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.facts().map_or("", |facts| facts.name))
    }
}

/// Whether a file that begins with these bytes, the first ten or all, has to be read through a [`Decoder`]: because of
/// them, or because its name says so, and they are all that is left of it.
///
/// ```
/// use npio::compressed::is_compressed;
/// assert!(is_compressed(b"\x1f\x8b\x08\0\0\0\0\0\x02\x03", "x.npy"));
/// assert!(!is_compressed(b"1 2\n3 4\n", "x.txt.gz"));
/// assert!(is_compressed(b"", "x.txt.gz"));
/// ```
pub fn is_compressed(first: &[u8], path: impl AsRef<Path>) -> bool {
    Format::of(first).is_some()
        || Format::in_name(path).is_some_and(|format| format.is_cut_off(first))
}

/// The path of what is in a compressed file, by its name: without the suffix of a [`Format`].
///
/// ```
/// use npio::compressed::inner_name;
/// use std::path::Path;
/// assert_eq!(inner_name(Path::new("a/x.csv.gz")), Path::new("a/x.csv"));
/// assert_eq!(inner_name(Path::new("a/x.csv")), Path::new("a/x.csv"));
/// ```
pub fn inner_name(path: &Path) -> Cow<'_, Path> {
    match Format::in_name(path) {
        Some(_) => path.with_extension("").into(),
        None => path.into(),
    }
}

/// Why compressed data could not be read or written; as the inner error of an [`io::Error`], and the
/// [`Cause`](crate::Cause) of an [`npio::Error`](crate::Error).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    format: Format,
    at: u64,
    problem: Problem,
}

/// The kinds of [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The data ends too early.
    Truncated,
    /// The data is not in the format, or a checksum differs, for this reason.
    Invalid(String),
    /// Something else follows the compressed data.
    Trailing,
    /// More data than the layout in the file's name has.
    TooLong {
        /// Bytes that the layout needs.
        expected: u64,
    },
    /// A `.npz`, which cannot be read forward.
    Archive,
    /// This build does not have the format: it needs a feature.
    NotBuilt {
        /// The feature of this crate.
        feature: &'static str,
    },
}

impl Error {
    pub(crate) fn new(format: Format, at: u64, problem: Problem) -> Error {
        Error {
            format,
            at,
            problem,
        }
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How many bytes of the compressed data were taken before the error was found.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// The kind of error.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// What the caller can do about it.
    pub fn class(&self) -> ErrorClass {
        match self.problem {
            Problem::Truncated
            | Problem::Invalid(_)
            | Problem::Trailing
            | Problem::TooLong { .. } => ErrorClass::Format,
            Problem::Archive | Problem::NotBuilt { .. } => ErrorClass::Unsupported,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Error {
            format,
            at,
            problem,
        } = self;
        match problem {
            Problem::Truncated => write!(f, "the {format} data is cut off after {at} bytes"),
            Problem::Invalid(why) => {
                write!(
                    f,
                    "the {format} data is invalid before its byte {at}: {why}"
                )
            }
            Problem::Trailing => write!(
                f,
                "expected the end of the {format} data at byte {at}, found something else after it"
            ),
            Problem::TooLong { expected } => write!(
                f,
                "the data is too long: expected {expected} bytes, as the file's name says, found more after decompressing \
                 the {format} data"
            ),
            Problem::Archive => write!(
                f,
                "a .npz compressed with {format}, which cannot be read forward: decompress it first"
            ),
            Problem::NotBuilt { feature } => write!(
                f,
                "{format} is not supported by this build: it needs the feature {feature}"
            ),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error.problem {
            Problem::Truncated => io::ErrorKind::UnexpectedEof,
            Problem::Invalid(_) | Problem::Trailing | Problem::TooLong { .. } => {
                io::ErrorKind::InvalidData
            }
            Problem::Archive | Problem::NotBuilt { .. } => io::ErrorKind::Unsupported,
        };
        io::Error::new(kind, error)
    }
}
