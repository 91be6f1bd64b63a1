//! Writing compressed data: [`Encoder`].

use super::Format;
use flate2::write::GzEncoder;
use std::fmt;
use std::io::{self, Write};

/// Compresses what is written to it, at the default level of the program of the format's name.
///
/// The data is complete only after [`finish`](Encoder::finish), and [`flush`](Write::flush) does nothing. An encoder
/// that is dropped before that writes no end, so that nobody takes the data for all of it.
///
/// The same items become the same bytes: gzip's header has no time in it.
pub struct Encoder<W: Write> {
    /// `None` once it is finished.
    stream: Option<Stream<Gate<W>>>,
    format: Format,
}

enum Stream<W: Write> {
    Gzip(GzEncoder<W>),
    #[cfg(feature = "methods")]
    Bzip2(bzip2::write::BzEncoder<W>),
    #[cfg(feature = "methods")]
    Xz(Box<lzma_rust2::XzWriter<W>>),
    #[cfg(feature = "zstd")]
    Zstd(zstd::Encoder<'static, W>),
}

/// The level of `xz` and of Python's lzma.
#[cfg(feature = "methods")]
const XZ_LEVEL: u32 = 6;

impl<W: Write> Encoder<W> {
    /// Compresses to `target` in this format.
    ///
    /// # Errors
    /// A format that this build does not have.
    pub fn new(target: W, format: Format) -> io::Result<Encoder<W>> {
        format.check()?;
        let gate = Gate {
            target,
            is_closed: false,
        };
        let stream = match format {
            #[cfg(feature = "methods")]
            Format::Bzip2 => Stream::Bzip2(bzip2::write::BzEncoder::new(
                gate,
                bzip2::Compression::best(),
            )),
            #[cfg(feature = "methods")]
            Format::Xz => {
                let options = lzma_rust2::XzOptions::with_preset(XZ_LEVEL);
                Stream::Xz(Box::new(lzma_rust2::XzWriter::new(gate, options)?))
            }
            #[cfg(feature = "zstd")]
            Format::Zstd => {
                let mut encoder = zstd::Encoder::new(gate, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                encoder.include_checksum(true)?;
                Stream::Zstd(encoder)
            }
            // Every other format was refused.
            _ => Stream::Gzip(GzEncoder::new(gate, flate2::Compression::default())),
        };
        let stream = Some(stream);
        Ok(Encoder { stream, format })
    }

    /// Writes the rest, and returns the target.
    ///
    /// # Errors
    /// The target's own errors.
    pub fn finish(mut self) -> io::Result<W> {
        let gate = match self.stream.take() {
            Some(Stream::Gzip(encoder)) => encoder.finish()?,
            #[cfg(feature = "methods")]
            Some(Stream::Bzip2(encoder)) => encoder.finish()?,
            #[cfg(feature = "methods")]
            Some(Stream::Xz(encoder)) => encoder.finish()?,
            #[cfg(feature = "zstd")]
            Some(Stream::Zstd(encoder)) => encoder.finish()?,
            None => return Err(io::Error::other("the compressed data is finished")),
        };
        Ok(gate.target)
    }

    /// The target.
    pub fn get_ref(&self) -> Option<&W> {
        let gate = match self.stream.as_ref()? {
            Stream::Gzip(encoder) => encoder.get_ref(),
            #[cfg(feature = "methods")]
            Stream::Bzip2(encoder) => encoder.get_ref(),
            #[cfg(feature = "methods")]
            Stream::Xz(encoder) => encoder.inner(),
            #[cfg(feature = "zstd")]
            Stream::Zstd(encoder) => encoder.get_ref(),
        };
        Some(&gate.target)
    }
}

impl<W: Write> Write for Encoder<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stream {
            Some(Stream::Gzip(encoder)) => encoder.write(bytes),
            #[cfg(feature = "methods")]
            Some(Stream::Bzip2(encoder)) => encoder.write(bytes),
            #[cfg(feature = "methods")]
            Some(Stream::Xz(encoder)) => encoder.write(bytes),
            #[cfg(feature = "zstd")]
            Some(Stream::Zstd(encoder)) => encoder.write(bytes),
            None => Err(io::Error::other("the compressed data is finished")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The encoders of some formats write an end when they are dropped.
impl<W: Write> Drop for Encoder<W> {
    fn drop(&mut self) {
        let gate = match &mut self.stream {
            Some(Stream::Gzip(encoder)) => encoder.get_mut(),
            #[cfg(feature = "methods")]
            Some(Stream::Bzip2(encoder)) => encoder.get_mut(),
            #[cfg(feature = "methods")]
            Some(Stream::Xz(encoder)) => encoder.inner_mut(),
            #[cfg(feature = "zstd")]
            Some(Stream::Zstd(encoder)) => encoder.get_mut(),
            None => return,
        };
        gate.is_closed = true;
    }
}

impl<W: Write> fmt::Debug for Encoder<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Encoder");
        shown.field("format", &self.format).finish_non_exhaustive()
    }
}

/// The target, until it is closed; what is written after that is lost.
struct Gate<W> {
    target: W,
    is_closed: bool,
}

impl<W: Write> Write for Gate<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        self.target.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        self.target.flush()
    }
}
