//! Whether a pickle is whole, found without building anything: [`check`].

use super::Options;
use crate::{Error, ErrorKind};
use std::io::{self, BufRead, BufReader, Read};

/// Reads a pickle from its beginning to its end and builds nothing: every opcode must be one, none may be cut off, each
/// frame must end where it says, and there must be an end. Returns its length. No more is in memory than a few
/// kilobytes.
///
/// ```
/// use npmeta::{Value, pickle};
/// let bytes = pickle::to_bytes(&Value::from("Emma"))?;
/// assert_eq!(pickle::check(&bytes[..])?, bytes.len() as u64);
/// assert!(pickle::check(&bytes[..bytes.len() - 1]).is_err());
/// # Ok::<(), npmeta::Error>(())
/// ```
///
/// # Errors
/// `Truncated`, `Opcode`, `Syntax`, with the position in the pickle; `Array` with an I/O error of the input.
pub fn check(input: impl Read) -> Result<u64, Error> {
    let mut input = Skipper {
        input: BufReader::new(input),
        offset: 0,
    };
    let mut frames = Frames::default();
    loop {
        let at = input.offset;
        let code = input
            .opcode(&mut frames)
            .map_err(|error| error.with_offset(at))?;
        if code == STOP {
            return Ok(input.offset);
        }
    }
}

/// Checks that there is a whole pickle, and, with options, that it has a value.
///
/// # Errors
/// As [`check`], or as [`Options::parse`]; `Array` with an I/O error of the input.
pub fn verify(mut input: impl Read, options: Option<&Options>) -> Result<(), Error> {
    let Some(options) = options else {
        return check(input).map(drop);
    };
    let mut bytes = Vec::new();
    input
        .read_to_end(&mut bytes)
        .map_err(flatfile::Error::from)?;
    options.parse(&bytes).map(drop)
}

const STOP: u8 = b'.';
const FRAME: u8 = 0x95;

/// The frames of a pickle, each of which consists of whole opcodes.
#[derive(Default)]
pub(super) struct Frames {
    /// The end of the last one.
    end: u64,
}

impl Frames {
    /// Begins a frame of this length; its opcode is from `start` to `end`.
    pub(super) fn begin(&mut self, start: u64, end: u64, length: u64) -> Result<(), Error> {
        if start < self.end {
            return Err(syntax("no frame in a frame"));
        }
        self.end = end.saturating_add(length);
        Ok(())
    }

    /// Checks an opcode from `start` to `end`.
    pub(super) fn check(&self, code: u8, start: u64, end: u64) -> Result<(), Error> {
        if code != FRAME && start < self.end && end > self.end {
            return Err(syntax("the end of the frame between two opcodes"));
        }
        if code == STOP && end < self.end {
            return Err(syntax("the end of the pickle at the end of its frame"));
        }
        Ok(())
    }
}

/// What follows an opcode.
enum Argument {
    /// This many bytes.
    Bytes(u64),
    /// A number of this many bytes, and that many bytes.
    Counted(u64),
    /// This many lines.
    Lines(usize),
}

/// The argument of an opcode of protocols 0 to 5.
///
/// Source: `Lib/pickletools.py` of CPython.
fn argument(code: u8) -> Option<Argument> {
    Some(match code {
        b'.' | b'(' | b'0' | b'1' | b'2' | b'N' | b'R' | b'Q' | b'a' | b'b' | b'd' | b'}'
        | b'e' | b'l' | b']' | b'o' | b's' | b't' | b')' | b'u' => Argument::Bytes(0),
        0x81 | 0x85..=0x89 | 0x8f..=0x94 | 0x97 | 0x98 => Argument::Bytes(0),
        b'K' | b'h' | b'q' | 0x80 | 0x82 => Argument::Bytes(1),
        b'M' | 0x83 => Argument::Bytes(2),
        b'J' | b'j' | b'r' | 0x84 => Argument::Bytes(4),
        b'G' | FRAME => Argument::Bytes(8),
        b'U' | b'C' | 0x8a | 0x8c => Argument::Counted(1),
        b'T' | b'X' | b'B' | 0x8b => Argument::Counted(4),
        0x8d | 0x8e | 0x96 => Argument::Counted(8),
        b'F' | b'I' | b'L' | b'P' | b'S' | b'V' | b'g' | b'p' => Argument::Lines(1),
        b'c' | b'i' => Argument::Lines(2),
        _ => return None,
    })
}

struct Skipper<R> {
    input: BufReader<R>,
    /// The number of bytes read.
    offset: u64,
}

impl<R: Read> Skipper<R> {
    /// Reads an opcode and what belongs to it.
    fn opcode(&mut self, frames: &mut Frames) -> Result<u8, Error> {
        let at = self.offset;
        let code = self.number(1)? as u8;
        let argument = argument(code).ok_or(ErrorKind::Opcode(code))?;
        match argument {
            Argument::Bytes(count) if code == FRAME => {
                let length = self.number(count)?;
                frames.begin(at, self.offset, length)?;
            }
            Argument::Bytes(count) => self.skip(count)?,
            Argument::Counted(count) => {
                let length = self.number(count)?;
                self.skip(length)?;
            }
            Argument::Lines(count) => (0..count).try_for_each(|_| self.skip_line())?,
        }
        frames.check(code, at, self.offset)?;
        Ok(code)
    }

    /// The next bytes as a number, least significant first; at most eight.
    fn number(&mut self, count: u64) -> Result<u64, Error> {
        let mut bytes = [0; 8];
        let mut filled = 0;
        while let Some(rest) = bytes
            .get_mut(filled..count as usize)
            .filter(|rest| !rest.is_empty())
        {
            match self.input.read(rest) {
                Ok(0) => return Err(truncated(count, filled as u64)),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(flatfile::Error::from(error).into()),
            }
        }
        self.offset += count;
        Ok(u64::from_le_bytes(bytes))
    }

    fn skip(&mut self, count: u64) -> Result<(), Error> {
        let skipped = io::copy(&mut (&mut self.input).take(count), &mut io::sink());
        let skipped = skipped.map_err(flatfile::Error::from)?;
        self.offset += skipped;
        if skipped < count {
            return Err(truncated(count, skipped));
        }
        Ok(())
    }

    fn skip_line(&mut self) -> Result<(), Error> {
        let skipped = self
            .input
            .skip_until(b'\n')
            .map_err(flatfile::Error::from)?;
        self.offset += skipped as u64;
        // The line may have been the last, without an end.
        match skipped {
            0 => Err(truncated(1, 0)),
            _ => Ok(()),
        }
    }
}

fn truncated(expected: u64, found: u64) -> Error {
    ErrorKind::Truncated { expected, found }.into()
}

fn syntax(expected: &'static str) -> Error {
    ErrorKind::Syntax { expected }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dict, Value, pickle};

    #[test]
    fn every_prefix_is_cut_off() {
        let dict: Dict = [("a", Value::from(vec![7u8; 300])), ("b", Value::from(1.5))]
            .into_iter()
            .collect();
        let framed = pickle::to_bytes(&Value::from(dict)).unwrap();
        let lines = b"(lp0\nI1\naS'x'\nacos\nsystem\n.".to_vec();
        for bytes in [framed, lines] {
            assert_eq!(check(&bytes[..]).unwrap(), bytes.len() as u64);
            for end in 0..bytes.len() {
                assert!(check(&bytes[..end]).is_err(), "{end} of {bytes:?}");
            }
            let longer = [&bytes[..], b"more"].concat();
            assert_eq!(check(&longer[..]).unwrap(), bytes.len() as u64);
        }
    }

    #[test]
    fn frames_add_up() {
        let frame = |length: u8, body: &[u8]| {
            [&[0x80, 4, 0x95, length, 0, 0, 0, 0, 0, 0, 0], body].concat()
        };
        assert_eq!(check(&frame(2, b"N.")[..]).unwrap(), 13);
        for (wrong, message) in [
            (
                frame(3, b"N..."),
                "expected the end of the pickle at the end of its frame, at byte 12",
            ),
            (frame(2, b"K\x01."), ""),
            (
                frame(1, b"K\x01."),
                "expected the end of the frame between two opcodes, at byte 11",
            ),
            (
                frame(9, &frame(2, b"N.")[2..]),
                "expected no frame in a frame, at byte 11",
            ),
            (
                b"\xff".to_vec(),
                "the pickle has the opcode 0xff, which builds no plain value, at byte 0",
            ),
        ] {
            match check(&wrong[..]) {
                Ok(_) => assert_eq!(message, ""),
                Err(error) => assert_eq!(error.to_string(), message),
            }
        }
    }
}
