//! Text in other encodings than UTF-8: [`Encoding`], [`Decoder`] and [`Encoder`].
//!
//! [`LoadOptions::encoding`](crate::LoadOptions::encoding) and [`SaveOptions::encoding`](crate::SaveOptions::encoding)
//! apply to text that is loaded and saved by path. Other sources and targets are wrapped in the types here.

mod decode;
mod encode;

pub use decode::Decoder;
pub use encode::Encoder;

use flatfile::dtype::ErrorClass;
use flatfile::dtype::python::excerpt;
use std::str::FromStr;
use std::{fmt, io};

/// How text is encoded, parsed from a label.
///
/// A label is Python's or that of the [Encoding Standard](https://encoding.spec.whatwg.org/#names-and-labels); spaces
/// around it and the case do not matter. Where the two differ, these mean what Python means, and NumPy with it:
///
/// | label | |
/// |---|---|
/// | `latin-1`, `iso-8859-1` | the first 256 characters; in the standard it is `windows-1252` |
/// | `ascii` | the first 128 characters, and nothing else; in the standard it is `windows-1252` |
/// | `utf-16` | with a byte order mark, which is written; without it, little-endian |
/// | `utf-16-le`, `utf-16-be` | without a mark |
/// | `utf-8-sig` | UTF-8 with a mark, which is written; a text without it is read as well |
///
/// All others are the standard's: `windows-1252`, `cp1252`, `shift_jis`, `gbk`, `koi8-r`, ….
///
/// ```
/// use npio::encoding::Encoding;
/// let encoding: Encoding = "Latin_1".parse()?;
/// assert_eq!(encoding, Encoding::LATIN_1);
/// assert!("utf-7".parse::<Encoding>().is_err());
/// # Ok::<(), npio::encoding::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ascii,
    Latin1,
    /// Whether a byte order mark is written.
    Utf8 {
        has_mark: bool,
    },
    /// In the order of the byte order mark.
    Utf16,
    Utf16Le,
    Utf16Be,
    Standard(&'static encoding_rs::Encoding),
}

/// Python's names that the standard does not have or gives to another encoding, without `-`, `_` and spaces.
const PYTHON: [(&[&str], Encoding); 7] = [
    (&["ascii", "usascii", "646"], Encoding(Kind::Ascii)),
    (
        &[
            "latin", "latin1", "l1", "iso88591", "8859", "cp819", "ibm819",
        ],
        Encoding::LATIN_1,
    ),
    (&["utf8", "u8", "utf", "cp65001"], Encoding::UTF_8),
    (&["utf8sig"], Encoding(Kind::Utf8 { has_mark: true })),
    (&["utf16", "u16"], Encoding::UTF_16),
    (&["utf16le"], Encoding(Kind::Utf16Le)),
    (&["utf16be"], Encoding(Kind::Utf16Be)),
];

/// Python's names of encodings that the standard calls otherwise.
const ALIASES: [(&str, &str); 5] = [
    ("cp932", "shift_jis"),
    ("cp949", "euc-kr"),
    ("cp936", "gbk"),
    ("cp950", "big5"),
    ("macroman", "macintosh"),
];

impl Encoding {
    /// UTF-8. Text that is not UTF-8 is an error.
    pub const UTF_8: Encoding = Encoding(Kind::Utf8 { has_mark: false });

    /// ISO 8859-1: each byte is the character of that number.
    pub const LATIN_1: Encoding = Encoding(Kind::Latin1);

    /// UTF-16, in the order that a byte order mark gives; written little-endian, after a mark.
    pub const UTF_16: Encoding = Encoding(Kind::Utf16);
}

impl FromStr for Encoding {
    type Err = Error;

    fn from_str(label: &str) -> Result<Encoding, Error> {
        let plain: String = label
            .chars()
            .filter(|c| !matches!(c, '-' | '_' | ' '))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if let Some((_, encoding)) = PYTHON.iter().find(|(names, _)| names.contains(&&*plain)) {
            return Ok(*encoding);
        }
        let alias = ALIASES.iter().find(|(python, _)| *python == plain);
        let dashed = label.replace('_', "-");
        let standard = [alias.map_or(label, |(_, standard)| standard), &dashed]
            .into_iter()
            .find_map(|label| encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()));
        match standard {
            Some(standard) => Ok(Encoding(Kind::Standard(standard))),
            None => Err(Error::Label(label.to_owned())),
        }
    }
}

/// Its name: Python's, or the standard's.
impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Ascii => "ascii",
            Kind::Latin1 => "latin-1",
            Kind::Utf8 { has_mark: false } => "utf-8",
            Kind::Utf8 { has_mark: true } => "utf-8-sig",
            Kind::Utf16 => "utf-16",
            Kind::Utf16Le => "utf-16-le",
            Kind::Utf16Be => "utf-16-be",
            Kind::Standard(standard) => {
                return f.write_str(&standard.name().to_ascii_lowercase());
            }
        })
    }
}

/// Why text could not be decoded or encoded; as the inner error of an [`io::Error`], and the
/// [`Cause`](crate::Cause) of an [`npio::Error`](crate::Error).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No encoding has this label.
    Label(String),
    /// The bytes are not text in this encoding.
    Malformed {
        /// The encoding.
        encoding: Encoding,
        /// The position of the first byte that is not.
        at: u64,
    },
    /// The encoding does not have this character.
    Unmappable {
        /// The encoding.
        encoding: Encoding,
        /// The character.
        character: char,
        /// The line, from 1 on.
        line: u64,
    },
    /// What is to be encoded is not text: the bytes of an item.
    NotText {
        /// The line, from 1 on.
        line: u64,
    },
}

impl Error {
    /// What the caller can do about it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::Malformed { .. } => ErrorClass::Format,
            Error::Label(_) | Error::Unmappable { .. } | Error::NotText { .. } => {
                ErrorClass::Mismatch
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Label(label) => write!(
                f,
                "unknown encoding {}: expected a label such as utf-8, utf-16, latin-1, windows-1252, shift_jis",
                excerpt(label)
            ),
            Error::Malformed { encoding, at } => write!(
                f,
                "byte {at}: expected text in the encoding {encoding}, found something else"
            ),
            Error::Unmappable {
                encoding,
                character,
                line,
            } => {
                let (shown, number) = (
                    excerpt(character.encode_utf8(&mut [0; 4])).to_string(),
                    u32::from(*character),
                );
                write!(
                    f,
                    "line {line}: the encoding {encoding} has no character {shown} (U+{number:04X})"
                )
            }
            Error::NotText { line } => write!(
                f,
                "line {line}: expected UTF-8 to be encoded, found other bytes"
            ),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        let kind = match error {
            Error::Label(_) => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}
