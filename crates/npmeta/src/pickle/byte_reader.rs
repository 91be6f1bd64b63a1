//! The bytes of a pickle, read in order.

use crate::{Error, ErrorKind};

/// The bytes that have not been read yet.
pub(super) struct ByteReader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> ByteReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> ByteReader<'a> {
        ByteReader { bytes, offset: 0 }
    }

    /// The number of bytes read.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// The next `count` bytes, which must exist.
    pub(super) fn take(&mut self, count: u64) -> Result<&'a [u8], Error> {
        let rest = self.rest();
        let taken = usize::try_from(count)
            .ok()
            .and_then(|count| rest.get(..count));
        let taken = taken.ok_or_else(|| {
            let (expected, found) = (count, rest.len() as u64);
            Error::from(ErrorKind::Truncated { expected, found })
        })?;
        self.offset += taken.len();
        Ok(taken)
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.number(1)? as u8)
    }

    /// The next bytes as a number, least significant first; at most eight.
    pub(super) fn number(&mut self, count: u64) -> Result<u64, Error> {
        let bytes = self.take(count)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// Bytes whose length precedes them, as a number of `count` bytes.
    pub(super) fn length_prefixed(&mut self, count: u64) -> Result<&'a [u8], Error> {
        let length = self.number(count)?;
        self.take(length)
    }

    /// The next bytes up to a newline, which is also taken.
    pub(super) fn line(&mut self) -> Result<&'a [u8], Error> {
        let rest = self.rest();
        let end = rest.iter().position(|byte| *byte == b'\n');
        let end = end.ok_or(ErrorKind::Syntax {
            expected: "a line with an end",
        })?;
        self.offset += end + 1;
        Ok(rest.get(..end).unwrap_or_default())
    }

    /// As [`line`](Input::line), a text.
    pub(super) fn text(&mut self) -> Result<&'a str, Error> {
        let expected = "a line of UTF-8";
        std::str::from_utf8(self.line()?).map_err(|_| ErrorKind::Syntax { expected }.into())
    }

    /// As [`text`](Self::text), the name of a module or of something in it.
    pub(super) fn name(&mut self) -> Result<&'a str, Error> {
        match self.text()? {
            "" => Err(ErrorKind::Syntax { expected: "a name" }.into()),
            name => Ok(name),
        }
    }

    /// Checks that this many bytes are left, and takes none.
    pub(super) fn check_available(&self, count: u64) -> Result<(), Error> {
        match self.rest().len() as u64 {
            found if found < count => Err(ErrorKind::Truncated {
                expected: count,
                found,
            }
            .into()),
            _ => Ok(()),
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.offset..).unwrap_or_default()
    }
}
