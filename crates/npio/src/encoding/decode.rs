//! Reading text in other encodings: [`Decoder`].

use super::{Encoding, Error, Kind};
use encoding_rs::DecoderResult;
use std::fmt;
use std::io::{self, Read};

/// The number of bytes that are decoded at a time.
const PIECE: usize = 32 << 10;

/// The marks of UTF-16.
const LITTLE_MARK: [u8; 2] = [0xff, 0xfe];
const BIG_MARK: [u8; 2] = [0xfe, 0xff];

/// Makes UTF-8 of a source in another encoding. Anything that is not text in it is an [`Error`] inside of the
/// [`io::Error`], with the position of the byte in the source.
///
/// ```
/// use npio::encoding::{Decoder, Encoding};
/// use std::io::Read;
/// let mut text = String::new();
/// Decoder::new(&b"caf\xe9"[..], Encoding::LATIN_1)?.read_to_string(&mut text)?;
/// assert_eq!(text, "café");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Decoder<R> {
    source: R,
    /// `None`: the bytes are passed on as they are.
    state: Option<State>,
    /// Bytes that were read, from `start` on.
    input: Vec<u8>,
    start: usize,
    /// The number of bytes before `input`.
    before: u64,
    is_source_over: bool,
    /// Whether all of it was decoded.
    is_finished: bool,
    /// Text that was decoded, from `given` on.
    text: Vec<u8>,
    given: usize,
    failed: Option<Error>,
}

struct State {
    encoding: Encoding,
    /// `None` for the encodings that need none.
    decoder: Option<encoding_rs::Decoder>,
}

impl State {
    fn new(encoding: Encoding, decoder: &'static encoding_rs::Encoding) -> State {
        State {
            encoding,
            decoder: Some(decoder.new_decoder_without_bom_handling()),
        }
    }
}

impl<R: Read> Decoder<R> {
    /// Decodes a source in this encoding.
    ///
    /// # Errors
    /// The source's own errors.
    pub fn new(source: R, encoding: Encoding) -> io::Result<Decoder<R>> {
        Decoder::begin(source, Some(encoding))
    }

    /// Decodes a source of UTF-16 if it begins with a byte order mark of that, with which no UTF-8 begins; any other
    /// source is passed on as it is.
    ///
    /// # Errors
    /// The source's own errors.
    pub fn detect(source: R) -> io::Result<Decoder<R>> {
        Decoder::begin(source, None)
    }

    fn begin(source: R, encoding: Option<Encoding>) -> io::Result<Decoder<R>> {
        let mut decoder = Decoder {
            source,
            state: None,
            input: Vec::new(),
            start: 0,
            before: 0,
            is_source_over: false,
            is_finished: false,
            text: Vec::new(),
            given: 0,
            failed: None,
        };
        while decoder.input.len() < LITTLE_MARK.len() && !decoder.is_source_over {
            decoder.read_piece()?;
        }
        let is_little = decoder.input.starts_with(&LITTLE_MARK);
        let has_mark = is_little || decoder.input.starts_with(&BIG_MARK);
        let encoding = match encoding {
            None if has_mark => Encoding::UTF_16,
            None => return Ok(decoder),
            Some(encoding) => encoding,
        };
        decoder.state = Some(match encoding.0 {
            Kind::Ascii | Kind::Latin1 => State {
                encoding,
                decoder: None,
            },
            // Who reads the text skips the mark.
            Kind::Utf8 { .. } => State::new(encoding, encoding_rs::UTF_8),
            Kind::Utf16 => {
                if has_mark {
                    decoder.start = LITTLE_MARK.len();
                }
                if has_mark && !is_little {
                    State::new(encoding, encoding_rs::UTF_16BE)
                } else {
                    State::new(encoding, encoding_rs::UTF_16LE)
                }
            }
            Kind::Utf16Le => State::new(encoding, encoding_rs::UTF_16LE),
            Kind::Utf16Be => State::new(encoding, encoding_rs::UTF_16BE),
            Kind::Standard(standard) => State::new(encoding, standard),
        });
        Ok(decoder)
    }

    /// Whether the source is passed on as it is.
    pub fn is_plain(&self) -> bool {
        self.state.is_none()
    }

    /// Appends the next bytes of the source.
    fn read_piece(&mut self) -> io::Result<()> {
        let end = self.input.len();
        self.input.resize(end + PIECE, 0);
        let space = self.input.get_mut(end..).unwrap_or_default();
        let read = loop {
            match self.source.read(space) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let count = read.as_ref().map_or(0, |read| *read);
        self.input.truncate(end + count);
        self.is_source_over = read? == 0;
        Ok(())
    }

    /// Makes more text; none at the end.
    fn decode(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        while self.text.is_empty() && !self.is_finished {
            if self.start == self.input.len() && !self.is_source_over {
                self.before += self.input.len() as u64;
                self.input.clear();
                self.start = 0;
                self.read_piece()?;
            }
            self.is_finished = self.is_source_over;
            let Some(state) = &mut self.state else {
                return Ok(());
            };
            let bytes = self.input.get(self.start..).unwrap_or_default();
            let decoded = state.decode(bytes, self.is_source_over, &mut self.text);
            match decoded {
                Ok(read) => self.start += read,
                Err(valid) => {
                    let encoding = state.encoding;
                    // Of a malformed character that began in the piece before, some bytes are there.
                    let at = (self.before + self.start as u64).saturating_add_signed(valid);
                    let error = Error::Malformed { encoding, at };
                    self.failed = Some(error.clone());
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }
}

impl State {
    /// Appends the text of all of these bytes, and returns how many were used; or else the position of the first byte
    /// that is not text, relative to them.
    fn decode(&mut self, bytes: &[u8], is_last: bool, text: &mut Vec<u8>) -> Result<usize, i64> {
        let Some(decoder) = &mut self.decoder else {
            if self.encoding.0 == Kind::Ascii
                && let Some(at) = bytes.iter().position(|byte| !byte.is_ascii())
            {
                return Err(at as i64);
            }
            text.extend_from_slice(encoding_rs::mem::decode_latin1(bytes).as_bytes());
            return Ok(bytes.len());
        };
        // Never less than it needs, so that it uses all of the bytes.
        let most = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
        text.resize(most.unwrap_or_default(), 0);
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(bytes, text, is_last);
        text.truncate(written);
        match result {
            DecoderResult::Malformed(length, after) => {
                Err(read as i64 - i64::from(length) - i64::from(after))
            }
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(read),
        }
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = &self.failed {
            return Err(error.clone().into());
        }
        if self.state.is_none() {
            let first = self.input.get(self.start..).unwrap_or_default();
            if first.is_empty() {
                return self.source.read(out);
            }
            let read = { first }.read(out)?;
            self.start += read;
            return Ok(read);
        }
        if self.given == self.text.len() {
            self.decode()?;
        }
        let mut rest = self.text.get(self.given..).unwrap_or_default();
        let read = rest.read(out)?;
        self.given += read;
        Ok(read)
    }
}

impl<R> fmt::Debug for Decoder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoding = self.state.as_ref().map(|state| state.encoding);
        let mut shown = f.debug_struct("Decoder");
        shown.field("encoding", &encoding).finish_non_exhaustive()
    }
}
