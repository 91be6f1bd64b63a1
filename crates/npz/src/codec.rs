//! How members are compressed. This is the only module that knows the methods.

use crate::deflate::Deflate;
use crate::error::{Error, ErrorKind};
#[cfg(feature = "methods")]
use crate::lzma::Lzma;
use crate::record::EntryInfo;
#[cfg(feature = "methods")]
use bzip2::bufread::BzDecoder;
use flate2::bufread::DeflateDecoder;
use std::fmt;
use std::io::{self, BufRead, Read};

/// Inflating never yields more than this many times the compressed length.
const MAX_RATIO: u64 = 1032;

/// The message if bytes remain that no decoder uses.
pub(crate) const TRAILING_INPUT: &str = "more data follows the end of the compressed data";

/// A compression method of the zip format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CompressionMethod {
    /// Not compressed, as NumPy's `savez` writes.
    #[default]
    Stored,
    /// Deflate, as NumPy's `savez_compressed` writes.
    Deflated,
    /// Zstandard, which is read with the feature `zstd`.
    Zstd,
    /// bzip2, which is read with the feature `methods`.
    Bzip2,
    /// LZMA, which is read with the feature `methods`.
    Lzma,
    /// Another one, by its number.
    Other(u16),
}

/// Each method's number in an archive, and its name in Python's zipfile.
const METHODS: [(u16, CompressionMethod, &str); 5] = [
    (0, CompressionMethod::Stored, "stored"),
    (8, CompressionMethod::Deflated, "deflated"),
    (12, CompressionMethod::Bzip2, "bzip2"),
    (14, CompressionMethod::Lzma, "lzma"),
    (93, CompressionMethod::Zstd, "zstd"),
];

impl CompressionMethod {
    pub(crate) fn from_number(number: u16) -> CompressionMethod {
        let found = METHODS.iter().find(|(known, ..)| *known == number);
        found.map_or(CompressionMethod::Other(number), |(_, method, _)| *method)
    }

    pub(crate) fn number(self) -> u16 {
        let found = METHODS.iter().find(|(_, known, _)| *known == self);
        match (self, found) {
            (CompressionMethod::Other(number), _) => number,
            (_, Some((number, ..))) => *number,
            // Every other method is in the table, which a test checks.
            (_, None) => 0,
        }
    }

    /// Whether a member of `size` bytes can have `compressed` bytes in the archive. Most methods allow any
    /// ratio.
    pub(crate) fn check_sizes(self, size: u64, compressed: u64) -> Result<(), Error> {
        match self {
            CompressionMethod::Stored if size != compressed => {
                let (expected, found) = (size, compressed);
                Err(ErrorKind::Size { expected, found }.into())
            }
            CompressionMethod::Deflated if size / MAX_RATIO > compressed => {
                Err(ErrorKind::Ratio { size, compressed }.into())
            }
            _ => Ok(()),
        }
    }

    /// Whether sizes that passed [`check_sizes`](Self::check_sizes) can be trusted before the bytes are read: with
    /// the other methods a few compressed bytes can become, or claim to become, gigabytes.
    pub(crate) fn bounds_size(self) -> bool {
        matches!(
            self,
            CompressionMethod::Stored | CompressionMethod::Deflated
        )
    }
}

/// The names that Python's zipfile uses.
impl fmt::Display for CompressionMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match METHODS.iter().find(|(_, known, _)| known == self) {
            Some((.., name)) => f.write_str(name),
            None => write!(f, "method {}", self.number()),
        }
    }
}

/// How new members are compressed: a method and a level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compression {
    method: CompressionMethod,
    level: u8,
}

impl Compression {
    /// Not at all, as NumPy's `savez` does.
    pub const STORED: Compression = Compression {
        method: CompressionMethod::Stored,
        level: 0,
    };

    /// zlib's default level, which NumPy's `savez_compressed` uses.
    const DEFAULT_LEVEL: u8 = 6;

    /// Deflated, as NumPy's `savez_compressed` does with level 6: from 1, the fastest, to 9, the smallest.
    pub const fn deflated(level: u8) -> Compression {
        Compression {
            method: CompressionMethod::Deflated,
            level,
        }
    }

    /// For a member that replaces one with this method: stored if that was stored, else deflated, which
    /// every reader supports.
    pub fn like(method: CompressionMethod) -> Compression {
        if method == CompressionMethod::Stored {
            return Compression::STORED;
        }
        Compression::deflated(Compression::DEFAULT_LEVEL)
    }

    /// The method.
    pub fn method(self) -> CompressionMethod {
        self.method
    }
}

/// The bytes of a member, decompressed. The caller checks their number and their CRC.
pub(crate) enum Decoder<R> {
    Stored(R),
    Deflated(Box<DeflateDecoder<R>>),
    #[cfg(feature = "zstd")]
    Zstd(Box<zstd::Decoder<'static, R>>),
    #[cfg(feature = "methods")]
    Bzip2(Box<BzDecoder<R>>),
    #[cfg(feature = "methods")]
    Lzma(Box<Lzma<R>>),
}

impl<R: BufRead> Decoder<R> {
    /// Decompresses `input`, the data of a member with these declared fields. With `is_bounded` the input ends with
    /// the member; else the compressed data has to mark its own end, and nothing after it is read.
    pub(crate) fn new(info: &EntryInfo, input: R, is_bounded: bool) -> Result<Decoder<R>, Error> {
        #[cfg(not(feature = "zstd"))]
        let _ = is_bounded;
        match CompressionMethod::from_number(info.method) {
            CompressionMethod::Stored => Ok(Decoder::Stored(input)),
            CompressionMethod::Deflated => {
                Ok(Decoder::Deflated(Box::new(DeflateDecoder::new(input))))
            }
            #[cfg(feature = "zstd")]
            CompressionMethod::Zstd => {
                let decoder = zstd::Decoder::with_buffer(input)?;
                // Several consecutive frames are one member.
                Ok(Decoder::Zstd(Box::new(if is_bounded {
                    decoder
                } else {
                    decoder.single_frame()
                })))
            }
            #[cfg(feature = "methods")]
            CompressionMethod::Bzip2 => Ok(Decoder::Bzip2(Box::new(BzDecoder::new(input)))),
            #[cfg(feature = "methods")]
            CompressionMethod::Lzma => {
                Ok(Decoder::Lzma(Box::new(Lzma::new(info, input, is_bounded)?)))
            }
            other => {
                let what = format!("members compressed by {other}");
                Err(ErrorKind::Unsupported(what).into())
            }
        }
    }

    /// Whether nothing is left: no further output, and no unused input. To be called when everything has been read.
    pub(crate) fn end(&mut self) -> io::Result<StreamEnd> {
        if matches!(self, Decoder::Stored(_)) {
            return Ok(StreamEnd::Exact);
        }
        if self.read(&mut [0])? > 0 {
            return Ok(StreamEnd::ExtraOutput);
        }
        let is_over = self.unused().is_empty() && self.get_mut().fill_buf()?.is_empty();
        Ok(if is_over {
            StreamEnd::Exact
        } else {
            StreamEnd::ExtraInput
        })
    }

    /// The bytes of the input that were taken after the end of the compressed data.
    pub(crate) fn unused(&self) -> &[u8] {
        match self {
            #[cfg(feature = "methods")]
            Decoder::Lzma(decoder) => decoder.unused(),
            _ => &[],
        }
    }

    /// The source of the compressed bytes.
    pub(crate) fn get_ref(&self) -> &R {
        match self {
            Decoder::Stored(input) => input,
            Decoder::Deflated(decoder) => decoder.get_ref(),
            #[cfg(feature = "zstd")]
            Decoder::Zstd(decoder) => decoder.get_ref(),
            #[cfg(feature = "methods")]
            Decoder::Bzip2(decoder) => decoder.get_ref(),
            #[cfg(feature = "methods")]
            Decoder::Lzma(decoder) => decoder.get_ref(),
        }
    }

    fn get_mut(&mut self) -> &mut R {
        match self {
            Decoder::Stored(input) => input,
            Decoder::Deflated(decoder) => decoder.get_mut(),
            #[cfg(feature = "zstd")]
            Decoder::Zstd(decoder) => decoder.get_mut(),
            #[cfg(feature = "methods")]
            Decoder::Bzip2(decoder) => decoder.get_mut(),
            #[cfg(feature = "methods")]
            Decoder::Lzma(decoder) => decoder.get_mut(),
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Decoder::Stored(input) => input.read(bytes),
            Decoder::Deflated(decoder) => decoder.read(bytes),
            #[cfg(feature = "zstd")]
            Decoder::Zstd(decoder) => decoder.read(bytes),
            #[cfg(feature = "methods")]
            Decoder::Bzip2(decoder) => decoder.read(bytes),
            #[cfg(feature = "methods")]
            Decoder::Lzma(decoder) => decoder.read(bytes),
        }
    }
}

/// Whatever follows the expected end of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamEnd {
    Exact,
    ExtraOutput,
    ExtraInput,
}

/// The meaning of a decoder's error, `after` this many bytes: the data is broken, unless the error is npz's own, or
/// the `input` failed.
pub(crate) fn decoder_error(error: io::Error, has_input_failed: bool, after: u64) -> Error {
    let is_ours = error.get_ref().is_some_and(|inner| inner.is::<Error>());
    if is_ours || has_input_failed {
        return Error::from(error);
    }
    ErrorKind::Compressed { after }.into()
}

/// Compresses the bytes of a member.
#[derive(Debug)]
pub(crate) enum Encoder {
    Stored,
    Deflated(Deflate),
}

impl Encoder {
    pub(crate) fn new(compression: Compression) -> Encoder {
        match compression.method {
            CompressionMethod::Deflated => Encoder::Deflated(Deflate::new(compression.level)),
            // `Compression` cannot hold another method.
            _ => Encoder::Stored,
        }
    }

    pub(crate) fn method(&self) -> CompressionMethod {
        match self {
            Encoder::Stored => CompressionMethod::Stored,
            Encoder::Deflated(_) => CompressionMethod::Deflated,
        }
    }

    /// Takes the next bytes, and passes to `put` those that are ready to be written.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        put: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Encoder::Stored => put(bytes),
            Encoder::Deflated(deflate) => deflate.push(bytes, put),
        }
    }

    /// Passes the rest to `put`.
    pub(crate) fn finish(
        &mut self,
        put: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Encoder::Stored => Ok(()),
            Encoder::Deflated(deflate) => deflate.finish(put),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_its_number() {
        for number in 0..200 {
            assert_eq!(CompressionMethod::from_number(number).number(), number);
        }
        let named = [CompressionMethod::Stored, CompressionMethod::Deflated];
        let rare = [
            CompressionMethod::Bzip2,
            CompressionMethod::Lzma,
            CompressionMethod::Zstd,
        ];
        let numbers = named.into_iter().chain(rare).map(CompressionMethod::number);
        assert_eq!(numbers.collect::<Vec<_>>(), [0, 8, 12, 14, 93]);
        assert_eq!(CompressionMethod::Other(1).to_string(), "method 1");
        assert_eq!(CompressionMethod::Lzma.to_string(), "lzma");
    }
}
