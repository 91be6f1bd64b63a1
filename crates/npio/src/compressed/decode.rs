//! Reading compressed data: [`Decoder`].

use super::input::Input;
use super::{Error, FIRST_BYTES, Format, Problem};
use flate2::bufread::GzDecoder;
use std::io::{self, Read};
use std::path::Path;
use std::{fmt, mem};

/// Decompresses a source, which is recognized by its first bytes; any other source is passed on as it is.
///
/// Consecutive gzip members, bzip2 and xz streams, and zstd frames are one text, as for the programs of these names.
/// Data that is cut off, invalid, or has another checksum is an [`Error`] inside of the [`io::Error`], and so is
/// anything else that follows it, except for zeros after gzip and xz data, which tapes add.
///
/// The last byte is passed on only once the end of the compressed data has been checked. So whoever reads as many bytes
/// as are expected, and no more, gets an error as well if a checksum differs.
pub struct Decoder<R> {
    stream: Stream<R>,
    format: Option<Format>,
    /// The last byte so far.
    held: Option<u8>,
    /// The error that ended the data.
    failed: Option<Error>,
}

/// The source, and the state of its decoder.
enum Stream<R> {
    Plain(Input<R>),
    Gzip(Box<GzDecoder<Input<R>>>),
    #[cfg(feature = "methods")]
    Bzip2(Box<bzip2::bufread::BzDecoder<Input<R>>>),
    #[cfg(feature = "methods")]
    Xz(Box<super::decode_xz::Xz<Input<R>>>),
    #[cfg(feature = "zstd")]
    Zstd(Box<zstd::Decoder<'static, Input<R>>>),
    Over,
}

impl<R: Read> Decoder<R> {
    /// Reads the first bytes of a source.
    ///
    /// # Errors
    /// A format that this build does not have; the source's own errors.
    pub fn new(source: R) -> io::Result<Decoder<R>> {
        Decoder::expecting(source, None)
    }

    /// As [`new`](Decoder::new), for the file at `path`: if its name says that it is compressed, and nothing is left but
    /// some of the bytes that would show it, then that is an error, too.
    ///
    /// # Errors
    /// As [`new`](Decoder::new); a file that is cut off there.
    pub fn in_file(source: R, path: impl AsRef<Path>) -> io::Result<Decoder<R>> {
        Decoder::expecting(source, Format::in_name(path))
    }

    fn expecting(source: R, expected: Option<Format>) -> io::Result<Decoder<R>> {
        let mut input = Input::new(source);
        let first = input.peek(FIRST_BYTES)?;
        let format = Format::of(first);
        if let Some(expected) = expected.filter(|expected| expected.is_cut_off(first)) {
            return Err(Error::new(expected, first.len() as u64, Problem::Truncated).into());
        }
        let stream = match format {
            Some(format) => {
                format.check()?;
                Stream::begin(format, input)?
            }
            None => Stream::Plain(input),
        };
        Ok(Decoder {
            stream,
            format,
            held: None,
            failed: None,
        })
    }

    /// The format of the source, if it is compressed.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Reads some bytes; none at the end, which is then checked.
    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.stream.read(out);
            match (read, self.format) {
                (Ok(0), Some(format)) => {
                    match mem::replace(&mut self.stream, Stream::Over).next() {
                        Ok(None) => return Ok(0),
                        Ok(Some(stream)) => self.stream = stream,
                        Err(NextError::Source(error)) => return Err(error),
                        Err(NextError::At(at, problem)) => {
                            return Err(self.fail(Error::new(format, at, problem)));
                        }
                    }
                }
                (Err(error), Some(format)) => {
                    let Some(input) = self.stream.input().filter(|input| !input.has_failed())
                    else {
                        return Err(error);
                    };
                    let problem = match error.kind() {
                        io::ErrorKind::UnexpectedEof => Problem::Truncated,
                        _ => Problem::Invalid(error.to_string()),
                    };
                    let error = Error::new(format, input.position(), problem);
                    return Err(self.fail(error));
                }
                (read, _) => return read,
            }
        }
    }

    /// Keeps the error, which is also the answer to whoever reads on.
    fn fail(&mut self, error: Error) -> io::Error {
        self.failed = Some(error.clone());
        error.into()
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Stream::Plain(input) = &mut self.stream {
            return input.read(out);
        }
        if let Some(error) = &self.failed {
            return Err(error.clone().into());
        }
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let read = self.decode(out)?;
            let Some(last) = read.checked_sub(1) else {
                let rest = self.held.take();
                return rest.as_slice().read(out);
            };
            let newest = out.get(last).copied();
            match mem::replace(&mut self.held, newest) {
                Some(oldest) => {
                    out.copy_within(..last, 1);
                    if let Some(first) = out.first_mut() {
                        *first = oldest;
                    }
                    return Ok(read);
                }
                None if last > 0 => return Ok(last),
                // It is the only byte so far.
                None => {}
            }
        }
    }
}

impl<R> fmt::Debug for Decoder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Decoder");
        shown.field("format", &self.format).finish_non_exhaustive()
    }
}

/// Why no further stream begins.
enum NextError {
    /// The source failed.
    Source(io::Error),
    /// At this position of the compressed data.
    At(u64, Problem),
}

impl From<io::Error> for NextError {
    fn from(error: io::Error) -> NextError {
        NextError::Source(error)
    }
}

impl<R: Read> Stream<R> {
    /// The decoder of one member, stream or frame of a format that this build has.
    fn begin(format: Format, input: Input<R>) -> io::Result<Stream<R>> {
        Ok(match format {
            Format::Gzip => Stream::Gzip(Box::new(GzDecoder::new(input))),
            #[cfg(feature = "methods")]
            Format::Bzip2 => Stream::Bzip2(Box::new(bzip2::bufread::BzDecoder::new(input))),
            #[cfg(feature = "methods")]
            Format::Xz => Stream::Xz(Box::new(super::decode_xz::Xz::new(input))),
            #[cfg(feature = "zstd")]
            Format::Zstd => {
                Stream::Zstd(Box::new(zstd::Decoder::with_buffer(input)?.single_frame()))
            }
            #[cfg(not(all(feature = "methods", feature = "zstd")))]
            _ => Stream::Plain(input),
        })
    }

    /// What follows the end of a member, stream or frame: another one, or nothing.
    fn next(self) -> Result<Option<Stream<R>>, NextError> {
        let (format, mut input): (_, Input<R>) = match self {
            Stream::Gzip(decoder) => (Format::Gzip, decoder.into_inner()),
            #[cfg(feature = "methods")]
            Stream::Bzip2(decoder) => (Format::Bzip2, decoder.into_inner()),
            #[cfg(feature = "zstd")]
            Stream::Zstd(decoder) => (Format::Zstd, decoder.finish()),
            // The xz decoder itself reads to the end of the source.
            _ => return Ok(None),
        };
        if format == Format::Gzip {
            input.skip_zeros()?;
        }
        let first = input.peek(FIRST_BYTES)?;
        if first.is_empty() {
            return Ok(None);
        }
        let is_skippable = matches!(first, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
        if Format::of(first) == Some(format) || (format == Format::Zstd && is_skippable) {
            return Ok(Some(Stream::begin(format, input)?));
        }
        let problem = if format.is_cut_off(first) {
            Problem::Truncated
        } else {
            Problem::Trailing
        };
        let end = input.position();
        Err(NextError::At(end, problem))
    }

    /// The compressed bytes that are left.
    fn input(&self) -> Option<&Input<R>> {
        match self {
            Stream::Plain(input) => Some(input),
            Stream::Gzip(decoder) => Some(decoder.get_ref()),
            #[cfg(feature = "methods")]
            Stream::Bzip2(decoder) => Some(decoder.get_ref()),
            #[cfg(feature = "methods")]
            Stream::Xz(decoder) => Some(decoder.get_ref()),
            #[cfg(feature = "zstd")]
            Stream::Zstd(decoder) => Some(decoder.get_ref()),
            Stream::Over => None,
        }
    }
}

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(input) => input.read(out),
            Stream::Gzip(decoder) => decoder.read(out),
            #[cfg(feature = "methods")]
            Stream::Bzip2(decoder) => decoder.read(out),
            #[cfg(feature = "methods")]
            Stream::Xz(decoder) => decoder.read(out),
            #[cfg(feature = "zstd")]
            Stream::Zstd(decoder) => decoder.read(out),
            Stream::Over => Ok(0),
        }
    }
}
