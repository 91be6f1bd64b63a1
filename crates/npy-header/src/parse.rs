//! From bytes to a [`Header`].

use crate::{Error, ErrorKind, Header, MAGIC, Version, dict};
use dtype::python::Syntax;
use std::borrow::Cow;

/// The longest text that is parsed by default: 256 KiB.
///
/// NumPy stops at 10,000 characters, because the Python parser that it uses is not safe on long input; real files
/// (CryoSPARC's, with many fields) are longer. This parser takes linear time.
pub const DEFAULT_MAX_HEADER_SIZE: usize = 256 * 1024;

/// NumPy's own limit.
pub const NUMPY_MAX_HEADER_SIZE: usize = 10_000;

/// The result of parsing the bytes so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parse {
    /// The header is complete.
    Done {
        /// The parsed header.
        header: Header,
        /// Where the data begins, in bytes from the beginning.
        data_offset: usize,
    },
    /// Pass at least this many bytes, counted from the beginning.
    Need(usize),
}

/// How to parse; [`Header::parse`] is the same with all defaults.
#[derive(Clone, Debug)]
pub struct ParseOptions {
    max_header_size: usize,
}

impl Default for ParseOptions {
    fn default() -> ParseOptions {
        ParseOptions {
            max_header_size: DEFAULT_MAX_HEADER_SIZE,
        }
    }
}

impl ParseOptions {
    /// The defaults.
    pub fn new() -> ParseOptions {
        ParseOptions::default()
    }

    /// The longest text to parse, in bytes.
    #[must_use]
    pub fn max_header_size(mut self, bytes: usize) -> ParseOptions {
        self.max_header_size = bytes;
        self
    }

    /// Parses the header at the beginning of `bytes`; the bytes after it may or may not be included.
    ///
    /// # Errors
    /// Anything that makes this an invalid header, as early as the bytes show it.
    pub fn parse(&self, bytes: &[u8]) -> Result<Parse, Error> {
        if !bytes.iter().zip(MAGIC).all(|(byte, magic)| byte == magic) {
            let found = bytes.iter().take(MAGIC.len()).copied().collect();
            return Err(Error::at(0, ErrorKind::Magic(found)));
        }
        let Some(&[major, minor]) = bytes.get(MAGIC.len()..MAGIC.len() + 2) else {
            return Ok(Parse::Need(Version::V1.text_offset()));
        };
        let version = Version::from_bytes(major, minor)
            .ok_or(Error::at(MAGIC.len(), ErrorKind::Version(major, minor)))?;
        let begin = version.text_offset();
        let Some(length) = bytes.get(MAGIC.len() + 2..begin) else {
            return Ok(Parse::Need(begin));
        };
        let length = length
            .iter()
            .rev()
            .fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        if length > self.max_header_size as u64 {
            let limit = self.max_header_size;
            return Err(Error::at(
                MAGIC.len() + 2,
                ErrorKind::TooLong { length, limit },
            ));
        }
        let data_offset = begin.saturating_add(length as usize);
        let Some(text) = bytes.get(begin..data_offset) else {
            return Ok(Parse::Need(data_offset));
        };
        let layout = HeaderText::new(text, version, begin)?.layout()?;
        let header = Header { layout, version };
        Ok(Parse::Done {
            header,
            data_offset,
        })
    }
}

impl Header {
    /// Parses the header at the beginning of `bytes`, with the default [`ParseOptions`].
    ///
    /// # Errors
    /// As [`ParseOptions::parse`].
    pub fn parse(bytes: &[u8]) -> Result<Parse, Error> {
        ParseOptions::new().parse(bytes)
    }
}

/// The decoded text, and the data needed to map its offsets to the file.
struct HeaderText<'a> {
    text: Cow<'a, str>,
    version: Version,
    begin: usize,
}

impl<'a> HeaderText<'a> {
    fn new(bytes: &'a [u8], version: Version, begin: usize) -> Result<HeaderText<'a>, Error> {
        let text = match (std::str::from_utf8(bytes), version) {
            (Ok(text), Version::V3) => Cow::Borrowed(text),
            (Ok(text), _) if bytes.is_ascii() => Cow::Borrowed(text),
            (Err(error), Version::V3) => {
                return Err(Error::at(begin + error.valid_up_to(), ErrorKind::Utf8));
            }
            // Latin-1 is the first 256 characters of Unicode.
            _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
        };
        Ok(HeaderText {
            text,
            version,
            begin,
        })
    }

    fn layout(&self) -> Result<dtype::Layout, Error> {
        let syntax = match self.version {
            Version::V1 | Version::V2 => Syntax::Python2,
            Version::V3 => Syntax::Python3,
        };
        dict::layout(&self.text, syntax)
            .map_err(|(offset, kind)| Error::at(self.file_offset(offset), kind))
    }

    /// The offset in the file of the byte at `offset` of the decoded text.
    fn file_offset(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        self.begin
            + match self.version {
                Version::V1 | Version::V2 => before.chars().count(),
                Version::V3 => before.len(),
            }
    }
}
