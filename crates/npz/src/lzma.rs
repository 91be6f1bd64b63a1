//! LZMA as in zip archives: a version, the length of the properties, the properties, and then the raw data.

use crate::error::{Error, ErrorKind};
use crate::record::{EntryInfo, flag};
use lzma_rust2::{Action, LzmaStream, Status};
use std::io::{self, BufRead, Read};

/// The length of the properties: a byte of three numbers, and the size of the dictionary.
const PROPERTIES: u16 = 5;

/// The decoder's largest dictionary.
const MAX_DICTIONARY: u32 = 0xffff_fff0;

/// The largest sum of two of these numbers, in bits: more would take memory, and no encoder uses it.
const MAX_LITERAL_BITS: u8 = 4;

/// The bytes of a member that was compressed with LZMA. The dictionary grows with the output.
pub(crate) struct Lzma<R> {
    input: R,
    /// The number of decompressed bytes; `None` if a marker ends the data.
    size: Option<u64>,
    /// The largest useful dictionary.
    max_dictionary: u32,
    /// The decoder, once the properties are known.
    stream: Option<LzmaStream>,
    is_over: bool,
}

impl<R: BufRead> Lzma<R> {
    pub(crate) fn new(info: &EntryInfo, input: R, is_bounded: bool) -> Result<Lzma<R>, Error> {
        let has_end_mark = info.flags & flag::END_MARK != 0;
        if !has_end_mark && !is_bounded && info.size == 0 {
            let what = "an LZMA member without a length and without an end marker";
            return Err(ErrorKind::Unsupported(what.to_owned()).into());
        }
        Ok(Lzma {
            input,
            size: (!has_end_mark).then_some(info.size),
            max_dictionary: match u32::try_from(info.size) {
                Ok(size) if is_bounded => size,
                _ => MAX_DICTIONARY,
            },
            stream: None,
            is_over: false,
        })
    }

    pub(crate) fn get_ref(&self) -> &R {
        &self.input
    }

    pub(crate) fn get_mut(&mut self) -> &mut R {
        &mut self.input
    }

    /// The last bytes taken from the input, if the data ended before them.
    pub(crate) fn unused(&self) -> &[u8] {
        let stream = self.stream.as_ref();
        stream.map_or(&[], LzmaStream::unused_input)
    }

    /// Reads the header before the data.
    fn start_stream(&mut self) -> io::Result<LzmaStream> {
        let mut header = [0; 9];
        self.input.read_exact(&mut header)?;
        let [_, _, a, b, numbers, dictionary @ ..] = header;
        let literal_bits = numbers % 9 + numbers / 9 % 5;
        if u16::from_le_bytes([a, b]) != PROPERTIES || literal_bits > MAX_LITERAL_BITS {
            return Err(broken("the LZMA properties are invalid"));
        }
        let size = self.size.unwrap_or(u64::MAX);
        let dictionary = u32::from_le_bytes(dictionary).min(self.max_dictionary);
        LzmaStream::new_with_props(size, numbers, dictionary, None)
    }
}

impl<R: BufRead> Read for Lzma<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.is_over || bytes.is_empty() {
            return Ok(0);
        }
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.start_stream()?,
        };
        let read = self.decode(&mut stream, bytes);
        self.stream = Some(stream);
        read
    }
}

impl<R: BufRead> Lzma<R> {
    fn decode(&mut self, stream: &mut LzmaStream, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            let input = self.input.fill_buf()?;
            let is_last = input.is_empty();
            let action = if is_last { Action::Finish } else { Action::Run };
            let result = stream.process(input, bytes, action)?;
            self.input.consume(result.bytes_consumed);
            self.is_over = result.status == Status::StreamEnd;
            if self.is_over || result.bytes_produced > 0 {
                return Ok(result.bytes_produced);
            }
            if is_last {
                return Err(broken("the LZMA data is truncated"));
            }
        }
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
