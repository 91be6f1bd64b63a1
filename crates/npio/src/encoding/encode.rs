//! Writing text in other encodings: [`Encoder`].

use super::{Encoding, Error, Kind};
use encoding_rs::EncoderResult;
use std::fmt;
use std::io::{self, Write};

/// The byte order mark.
const MARK: char = '\u{feff}';

/// The room for one more character, or for the end of the text.
const ROOM: usize = 64;

/// Encodes the UTF-8 that is written to it. A character that the encoding does not have is an [`Error`] inside of the
/// [`io::Error`], which names it.
///
/// ```
/// use npio::encoding::{Encoder, Encoding};
/// use std::io::Write;
/// let mut encoder = Encoder::new(Vec::new(), Encoding::LATIN_1);
/// encoder.write_all("café".as_bytes())?;
/// assert_eq!(encoder.finish()?, b"caf\xe9");
///
/// let mut encoder = Encoder::new(Vec::new(), Encoding::LATIN_1);
/// let error = encoder.write_all("1\n2 €".as_bytes()).unwrap_err();
/// assert_eq!(error.to_string(), "line 2: the encoding latin-1 has no character '€' (U+20AC)");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Encoder<W> {
    target: W,
    encoding: Encoding,
    /// `None` for the encodings that need none.
    encoder: Option<encoding_rs::Encoder>,
    /// The beginning of a character whose end is yet to come.
    partial: Vec<u8>,
    encoded: Vec<u8>,
    /// The line that is being written, from 1 on.
    line: u64,
    has_begun: bool,
}

impl<W: Write> Encoder<W> {
    /// Encodes to `target`.
    pub fn new(target: W, encoding: Encoding) -> Encoder<W> {
        let encoder = match encoding.0 {
            Kind::Standard(standard) => Some(standard.new_encoder()),
            _ => None,
        };
        Encoder {
            target,
            encoding,
            encoder,
            partial: Vec::new(),
            encoded: Vec::new(),
            line: 1,
            has_begun: false,
        }
    }

    /// Writes the end, which some encodings have, and returns the target.
    ///
    /// # Errors
    /// A character that was cut off; the target's own errors.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.partial.is_empty() {
            return Err(Error::NotText { line: self.line }.into());
        }
        self.encode("", true)?;
        Ok(self.target)
    }

    /// Writes these characters.
    fn encode(&mut self, text: &str, is_last: bool) -> io::Result<()> {
        self.encoded.clear();
        if !self.has_begun && !text.is_empty() {
            self.has_begun = true;
            match self.encoding.0 {
                Kind::Utf16 => push_utf16(&mut self.encoded, [MARK], u16::to_le_bytes),
                Kind::Utf8 { has_mark: true } => {
                    let mut mark = [0; 4];
                    let mark = MARK.encode_utf8(&mut mark).as_bytes();
                    self.encoded.extend_from_slice(mark);
                }
                _ => {}
            }
        }
        let unmappable = match self.encoding.0 {
            Kind::Utf8 { .. } => {
                self.encoded.extend_from_slice(text.as_bytes());
                None
            }
            Kind::Utf16 | Kind::Utf16Le => {
                push_utf16(&mut self.encoded, text.chars(), u16::to_le_bytes);
                None
            }
            Kind::Utf16Be => {
                push_utf16(&mut self.encoded, text.chars(), u16::to_be_bytes);
                None
            }
            Kind::Ascii => push_bytes(&mut self.encoded, text, 0x7f),
            Kind::Latin1 => push_bytes(&mut self.encoded, text, 0xff),
            Kind::Standard(_) => match &mut self.encoder {
                Some(encoder) => push_encoded(encoder, &mut self.encoded, text, is_last),
                None => None,
            },
        };
        if let Some((at, character)) = unmappable {
            let (line, encoding) = (self.line + lines(text.get(..at)), self.encoding);
            return Err(Error::Unmappable {
                encoding,
                character,
                line,
            }
            .into());
        }
        self.line += lines(Some(text));
        self.target.write_all(&self.encoded)
    }
}

/// The number of line ends.
fn lines(text: Option<&str>) -> u64 {
    let bytes = text.unwrap_or_default().bytes();
    bytes.filter(|byte| *byte == b'\n').count() as u64
}

fn push_utf16(
    out: &mut Vec<u8>,
    text: impl IntoIterator<Item = char>,
    to_bytes: fn(u16) -> [u8; 2],
) {
    for character in text {
        for unit in character.encode_utf16(&mut [0; 2]) {
            out.extend_from_slice(&to_bytes(*unit));
        }
    }
}

/// Appends characters that are bytes up to `last`, or returns the first that is not, and its position.
fn push_bytes(out: &mut Vec<u8>, text: &str, last: u8) -> Option<(usize, char)> {
    for (at, character) in text.char_indices() {
        match u8::try_from(character).ok().filter(|byte| *byte <= last) {
            Some(byte) => out.push(byte),
            None => return Some((at, character)),
        }
    }
    None
}

/// Appends characters, or returns the first that the encoding does not have, and its position.
fn push_encoded(
    encoder: &mut encoding_rs::Encoder,
    out: &mut Vec<u8>,
    text: &str,
    is_last: bool,
) -> Option<(usize, char)> {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        out.reserve(rest.len() + ROOM);
        let (result, read) =
            encoder.encode_from_utf8_to_vec_without_replacement(rest, out, is_last);
        at += read;
        match result {
            EncoderResult::InputEmpty => return None,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(character) => {
                return Some((at.saturating_sub(character.len_utf8()), character));
            }
        }
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let joined;
        let all = if self.partial.is_empty() {
            bytes
        } else {
            joined = [&self.partial, bytes].concat();
            &joined
        };
        let (text, rest) = match str::from_utf8(all) {
            Ok(text) => (text, &[][..]),
            Err(error) => {
                let (text, rest) = all.split_at(error.valid_up_to());
                let text = str::from_utf8(text).unwrap_or_default();
                if error.error_len().is_some() {
                    let line = self.line + lines(Some(text));
                    return Err(Error::NotText { line }.into());
                }
                (text, rest)
            }
        };
        self.encode(text, false)?;
        self.partial = rest.to_vec();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

impl<W> fmt::Debug for Encoder<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Encoder");
        shown
            .field("encoding", &self.encoding)
            .finish_non_exhaustive()
    }
}
