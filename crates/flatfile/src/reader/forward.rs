//! Arrays that are read from a stream: [`Forward`].

use super::request::Request;
use super::source::Source;
use super::turned::turn_stream;
use crate::array::Array;
use crate::buffer::Buffer;
use crate::conversion::Converter;
use crate::error::{Error, ErrorKind};
use crate::read_at::fill_from;
use crate::strided::Strided;
use crate::strided_layout::{StridedLayout, split_range};
use dtype::{Layout, Order};
use std::fmt;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

/// The number of bytes that are kept at a time, from which items are picked.
const STAGE: usize = 1 << 20;

/// The most that is allocated for a stream of unknown length before it has sent anything.
const UNSEEN: usize = 64 << 10;

/// A stream that an array is read from: a pipe, a socket, a decoder.
///
/// It goes forward only, so each item is read once, and reading items that were passed is an error. If the number
/// of bytes is not known, memory grows with the bytes that arrive.
///
/// ```
/// use flatfile::{Array, Forward, npy};
/// let file = npy::to_bytes(&Array::from_slice(&[1u8, 2, 3, 4], [4])?)?;
/// let reader = npy::open_stream(&file[..])?;
/// assert_eq!(reader.slice(&":2".parse()?)?.as_bytes(), [1, 2]);
/// assert_eq!(reader.slice(&"3".parse()?)?.as_bytes(), [4]);
/// let error = reader.read().unwrap_err();
/// assert_eq!(error.to_string(), "the stream is past byte 0 of the items: it goes forward only");
/// # Ok::<(), flatfile::Error>(())
/// ```
pub struct Forward<R> {
    stream: Mutex<Stream<R>>,
    /// The number of bytes that are sure to come, if that is known.
    available: Option<u64>,
}

/// A stream, and how many bytes of the items were read from it.
struct Stream<R> {
    source: R,
    at: u64,
    /// Whether the requested bytes are sure to come, so that the source may be asked for all of them at once.
    is_sure: bool,
}

impl<R> Forward<R> {
    /// A stream of unknown length.
    pub fn new(source: R) -> Forward<R> {
        Forward {
            stream: Mutex::new(Stream {
                source,
                at: 0,
                is_sure: false,
            }),
            available: None,
        }
    }

    /// A stream from which this many bytes are sure to come, for which memory may be allocated at once: the bytes
    /// that a decoder can make of the bytes that it has, not the length that a header declares.
    pub fn with_length(source: R, bytes: u64) -> Forward<R> {
        Forward {
            stream: Mutex::new(Stream {
                source,
                at: 0,
                is_sure: true,
            }),
            available: Some(bytes),
        }
    }

    /// The stream, which is right after the bytes that were read.
    pub fn into_inner(self) -> R {
        let stream = self.stream.into_inner();
        stream.unwrap_or_else(PoisonError::into_inner).source
    }
}

impl<R> fmt::Debug for Forward<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Forward");
        shown
            .field("available", &self.available)
            .finish_non_exhaustive()
    }
}

impl<R: Read> Source for Forward<R> {
    fn load(&self, request: &Request<'_>) -> Result<Array, Error> {
        self.check(request)?;
        let layout = request.plan.layout(&request.places.shape)?;
        if self.available.is_none() && layout.nbytes() > UNSEEN {
            return self.grow(request);
        }
        let mut buffer = Buffer::zeroed(layout.nbytes(), request.plan.alignment())?;
        self.fill(request, buffer.as_mut())?;
        Array::new(layout, buffer)
    }

    fn fill(&self, request: &Request<'_>, out: &mut [u8]) -> Result<(), Error> {
        self.check(request)?;
        let places = request.ordered_places();
        let evidence = request.plan.evidence_in_sequence();
        let converter = request.plan.converter(&evidence);
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        if places.is_stored_in_c_order() {
            return stream.read(request, &converter, &places, out);
        }
        let dtype = request.plan.dtype();
        let axes = places.axes_by_stride();
        let in_stream = places.permuted(&axes);
        if let Some(start) = in_stream.contiguous_start(request.dtype.itemsize()) {
            stream.skip_to(request, start as u64)?;
            return turn_stream(&places, dtype, out, |part| {
                stream.next(request, &converter, part)
            });
        }
        let layout = Layout::new(dtype.clone(), in_stream.shape.clone(), Order::C)?;
        let mut picked = Buffer::zeroed(layout.nbytes(), 1)?;
        stream.read(request, &converter, &in_stream, picked.as_mut())?;
        let mut back = axes.clone();
        for (i, axis) in axes.iter().enumerate() {
            if let Some(place) = back.get_mut(*axis) {
                *place = i;
            }
        }
        let picked = Strided::dense(&layout, picked.as_ref());
        picked.permuted(&back).copy_to(Order::C, out)
    }

    fn stored(&self, request: &Request<'_>, at: u64, out: &mut [u8]) -> Result<(), Error> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.skip_to(request, at)?;
        stream.fill(request, out)
    }

    fn check(&self, request: &Request<'_>) -> Result<(), Error> {
        request.check_rows()?;
        // If nothing is known of the length, it is treated as unlimited.
        request.check_length(self.available.unwrap_or(u64::MAX))
    }

    fn in_memory(&self) -> Option<&[u8]> {
        None
    }
}

impl<R: Read> Forward<R> {
    /// Reads items that may not all come, in memory that grows with them.
    fn grow(&self, request: &Request<'_>) -> Result<Array, Error> {
        let (stored, places) = (request.stored, &request.places);
        let order = places.stored_order();
        let itemsize = request.dtype.itemsize();
        let is_run = places.in_order(order).contiguous_start(itemsize);
        // Items that are not contiguous are kept with what is between them, and then picked from.
        let bounds = places.offset_bounds().unwrap_or(0..0);
        let (start, nbytes) = match is_run {
            Some(start) => (start, places.count() * itemsize),
            None => (bounds.start, bounds.end - bounds.start + itemsize),
        };
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.skip_to(request, start as u64)?;
        let bytes = Buffer::read(&mut *stream, nbytes, request.plan.alignment());
        let found = stream.at;
        let bytes = bytes.map_err(|error| error.of_whole(stored.nbytes(), found as usize))?;
        if is_run.is_some() {
            let layout = Layout::new(request.dtype.clone(), places.shape.as_slice(), order)?;
            let converted = request.plan.convert(Array::new(layout, bytes)?);
            return converted.map_err(|error| error.items_later(request.before(start)));
        }
        request.pick_all((start, bytes.as_ref()))
    }
}

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(bytes)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

impl<R: Read> Stream<R> {
    /// Reads the items at `places`, whose outermost axis has the largest steps, into `out` in C order.
    fn read(
        &mut self,
        request: &Request<'_>,
        converter: &Converter<'_>,
        places: &StridedLayout,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let itemsize = request.dtype.itemsize();
        let Some(bounds) = places.offset_bounds().filter(|_| !out.is_empty()) else {
            return Ok(());
        };
        if let Some(start) = places.contiguous_start(itemsize) {
            self.skip_to(request, start as u64)?;
            return self.next(request, converter, out);
        }
        let extent = bounds.end - bounds.start + itemsize;
        let rows = places.shape.first().copied().unwrap_or(1);
        if extent <= STAGE || places.shape.is_empty() {
            return self.read_staged(request, converter, places, (bounds.start, extent), out);
        }
        let step = (STAGE / extent.div_ceil(rows)).clamp(1, rows);
        let nbytes = out.len() / rows;
        let mut parts: Vec<_> = split_range(rows, step)
            .zip(out.chunks_mut(nbytes * step))
            .collect();
        if places.strides.first().is_some_and(|stride| *stride < 0) {
            parts.reverse();
        }
        for (range, out) in parts {
            if let Some(part) = places.rows(range) {
                self.read(request, converter, &part, out)?;
            }
        }
        Ok(())
    }

    /// Reads all bytes from the first item to the last, and picks the items from them.
    fn read_staged(
        &mut self,
        request: &Request<'_>,
        converter: &Converter<'_>,
        places: &StridedLayout,
        (start, extent): (usize, usize),
        out: &mut [u8],
    ) -> Result<(), Error> {
        self.skip_to(request, start as u64)?;
        let mut stage = vec![0; extent];
        self.fill(request, &mut stage)?;
        request.pick(converter, places, (start, &stage), out)
    }

    /// Fills `out` with the next items.
    fn next(
        &mut self,
        request: &Request<'_>,
        converter: &Converter<'_>,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let before = request.before(usize::try_from(self.at).unwrap_or(usize::MAX));
        let filled = converter.fill(out, |part| self.fill(request, part));
        filled.map_err(|error| error.items_later(before))
    }

    /// Fills `bytes` with the next ones; an error includes how many bytes of the items there are.
    fn fill(&mut self, request: &Request<'_>, bytes: &mut [u8]) -> Result<(), Error> {
        let whole = request.stored.nbytes();
        if self.is_sure {
            // A source may have a faster way to read many bytes at once.
            return match self.source.read_exact(bytes) {
                Ok(()) => {
                    self.at += bytes.len() as u64;
                    Ok(())
                }
                Err(error)
                    if error.kind() == io::ErrorKind::UnexpectedEof
                        && error.get_ref().is_none() =>
                {
                    Err(Error::short(whole, self.at as usize))
                }
                Err(error) => Err(error.into()),
            };
        }
        let filled = fill_from(bytes, |rest, _| self.source.read(rest))?;
        self.at = self.at.saturating_add(filled as u64);
        if filled < bytes.len() {
            return Err(Error::short(whole, self.at as usize));
        }
        Ok(())
    }

    /// Reads on to byte `at` of the items, and drops the bytes before it.
    fn skip_to(&mut self, request: &Request<'_>, at: u64) -> Result<(), Error> {
        let Some(between) = at.checked_sub(self.at) else {
            return Err(ErrorKind::Forward { at }.into());
        };
        let skipped = io::copy(&mut self.source.by_ref().take(between), &mut io::sink())?;
        self.at += skipped;
        if skipped < between {
            return Err(Error::short(request.stored.nbytes(), self.at as usize));
        }
        Ok(())
    }
}
