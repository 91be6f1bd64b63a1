//! Slices of what can only be read forward, without keeping the rest.

use super::ReadOptions;
use super::turn::Turn;
use crate::places::{Places, ranges};
use crate::{Array, Buffer, Error, Slice, Strided};
use dtype::{DType, Layout};
use std::io::{self, Read};

/// How many bytes are kept at a time, of which items are picked.
const STAGE: usize = 1 << 20;

impl ReadOptions {
    /// Reads the items that `slice` takes of an array of this layout from a stream; the others are read
    /// and let go, and what lies behind the last one taken is not read. They come in the stream's memory
    /// order. Nothing is allocated where fewer bytes than the whole array takes are `available`.
    ///
    /// ```
    /// use flatfile::{raw, dtype::{DType, Layout, Order}};
    /// let layout = Layout::new(DType::U8, [3, 2], Order::C)?;
    /// let taken = raw::ReadOptions::new().read_slice(&b"abcdef"[..], 6, &layout, &"::-2, 1".parse()?)?;
    /// assert_eq!(taken.as_bytes(), b"fb");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Slice`, and as [`read`](ReadOptions::read).
    pub fn read_slice(
        &self,
        source: impl Read,
        available: u64,
        layout: &Layout,
        slice: &Slice,
    ) -> Result<Array, Error> {
        self.check(layout)?;
        if available < layout.nbytes() as u64 {
            return Err(Error::short(layout.nbytes(), available as usize));
        }
        let taken = slice.of(&Places::of(layout))?;
        // The outermost axis of the stream comes first.
        let in_stream = taken.in_order(layout.order());
        let dtype = layout.dtype();
        let stored = Layout::new(dtype.clone(), taken.shape, layout.order())?;
        let mut buffer = Buffer::zeroed(stored.nbytes(), self.alignment(dtype))?;
        let mut stream = Forward {
            source,
            dtype,
            at: 0,
        };
        stream.read(&in_stream, buffer.as_mut())?;
        self.turned(Array::new(stored, buffer)?)
    }
}

/// A stream of items, and how far it was read.
struct Forward<'a, R> {
    source: R,
    dtype: &'a DType,
    at: u64,
}

impl<R: Read> Forward<'_, R> {
    /// Reads the items at `places`, whose outermost axis has the largest steps, into `out` in C order.
    fn read(&mut self, places: &Places, out: &mut [u8]) -> Result<(), Error> {
        let Some(reach) = places.reach().filter(|_| !out.is_empty()) else {
            return Ok(());
        };
        let extent = reach.end - reach.start + self.dtype.itemsize();
        let rows = places.shape.first().copied().unwrap_or(1);
        if extent <= STAGE || places.shape.is_empty() {
            return self.read_staged(places, reach.start, extent, out);
        }
        let step = (STAGE / extent.div_ceil(rows)).clamp(1, rows);
        let nbytes = out.len() / rows;
        let mut parts: Vec<_> = ranges(rows, step)
            .zip(out.chunks_mut(nbytes * step))
            .collect();
        if places.strides.first().is_some_and(|stride| *stride < 0) {
            parts.reverse();
        }
        for (range, out) in parts {
            let part = match range.len() {
                1 => places.index_axis(0, range.start),
                _ => places.narrow(0, range),
            };
            if let Some(part) = part {
                self.read(&part, out)?;
            }
        }
        Ok(())
    }

    /// Reads all bytes from the first item to the last, and picks the items out of them.
    fn read_staged(
        &mut self,
        places: &Places,
        start: usize,
        extent: usize,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let between = (start as u64).saturating_sub(self.at);
        let skipped = io::copy(&mut self.source.by_ref().take(between), &mut io::sink())?;
        let mut stage = vec![0; extent];
        match self.source.read_exact(&mut stage) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(Error::short(start + extent, (self.at + skipped) as usize));
            }
            result => result?,
        }
        self.at = (start + extent) as u64;
        let mut places = places.clone();
        places.first -= start;
        let items = Strided::at(self.dtype, places, &stage);
        Turn::Keep.put(&items, out)
    }
}
