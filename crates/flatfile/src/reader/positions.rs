//! Reading some of a source's items: only the blocks that hold them.

use super::request::Request;
use crate::conversion::Converter;
use crate::error::Error;
use crate::longdouble::Evidence;
use crate::read_at::{ReadAt, read_exact_at};
use crate::strided_layout::{StridedLayout, split_range};
use crate::threads::parallel_for_each;
use dtype::DType;

/// Gaps between two items up to this size, less than a disk block, are read with them, so no block is read that
/// holds no item.
const GAP: usize = 4095;

/// The number of bytes read at a time before the items are picked from them.
const STAGE: usize = 1 << 20;

/// The number of bytes that a thread reads at a time; for less, starting one costs more than it gains.
const SHARE: usize = 16 << 20;

/// The items of a source that is read at positions.
pub(super) struct Positions<'a, S: ?Sized> {
    source: &'a S,
    request: &'a Request<'a>,
    /// The evidence about their long doubles, if they are converted.
    evidence: Evidence,
}

impl<'a, S: ReadAt + ?Sized> Positions<'a, S> {
    pub(super) fn new(source: &'a S, request: &'a Request<'a>) -> Positions<'a, S> {
        Positions {
            source,
            request,
            evidence: request.plan.evidence(),
        }
    }

    /// The dtype of the converted items, except for byte order.
    pub(super) fn dtype(&self) -> &DType {
        self.request.plan.dtype()
    }

    fn converter(&self) -> Converter<'_> {
        self.request.plan.converter(&self.evidence)
    }

    /// Reads the requested items into `out`, in the requested memory order.
    pub(super) fn read(&self, out: &mut [u8]) -> Result<(), Error> {
        self.read_once(out)?;
        if !self.evidence.is_undecided() {
            return Ok(());
        }
        // Which item looks like a quad is determined only on the way to the error.
        self.evidence.be_strict();
        self.read_once(out)
    }

    fn read_once(&self, out: &mut [u8]) -> Result<(), Error> {
        let places = self.request.ordered_places();
        if places.is_stored_in_c_order() {
            self.read_in_order(&places, out)
        } else {
            self.read_turned(&places, out)
        }
    }

    /// Reads the items at `places`, whose outermost axis has the largest steps, into `out` in C order.
    pub(super) fn read_in_order(
        &self,
        places: &StridedLayout,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let Some(bounds) = places.offset_bounds().filter(|_| !out.is_empty()) else {
            return Ok(());
        };
        let itemsize = self.request.dtype.itemsize();
        if let Some(start) = places.contiguous_start(itemsize) {
            let filled = self.fill(start, out);
            return filled.map_err(|error| error.items_later(self.request.before(start)));
        }
        let extent = bounds.end - bounds.start + itemsize;
        let is_close = widest_gap(places, itemsize) <= GAP;
        if extent <= STAGE && is_close {
            return self.read_staged(places, bounds.start, extent, out);
        }
        let rows = places.shape.first().copied().unwrap_or(1);
        let step = if is_close {
            (STAGE / extent.div_ceil(rows)).clamp(1, rows)
        } else {
            1
        };
        for (range, out) in split_range(rows, step).zip(out.chunks_mut(out.len() / rows * step)) {
            if let Some(part) = places.rows(range) {
                self.read_in_order(&part, out)?;
            }
        }
        Ok(())
    }

    /// Fills `out` with the contiguous items from byte `start` on; several threads read large ones.
    fn fill(&self, start: usize, out: &mut [u8]) -> Result<(), Error> {
        let converter = self.converter();
        let (from, to) = converter.sizes();
        let items = (SHARE / from.max(to)).max(1);
        let threads = out.len().div_ceil(items * to);
        let parts = out.chunks_mut(items * to).enumerate();
        parallel_for_each(parts, threads, |(i, part)| {
            let before = i * items;
            let mut at = self.request.begin + (start + before * from) as u64;
            let filled = converter.fill(part, |items| {
                read_exact_at(self.source, items, at)?;
                at += items.len() as u64;
                Ok(())
            });
            filled.map_err(|error| error.items_later(before))
        })
    }

    /// This many bytes, if they are in memory.
    fn in_memory(&self, begin: u64, length: usize) -> Option<&[u8]> {
        let begin = usize::try_from(begin).ok()?;
        self.source.as_bytes()?.get(begin..)?.get(..length)
    }

    /// Picks the items from all bytes between the first of them and the last.
    fn read_staged(
        &self,
        places: &StridedLayout,
        start: usize,
        extent: usize,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let mut stage;
        let begin = self.request.begin + start as u64;
        let bytes = match self.in_memory(begin, extent) {
            Some(bytes) => bytes,
            None => {
                stage = vec![0; extent];
                read_exact_at(self.source, &mut stage, begin)?;
                &stage
            }
        };
        let converter = self.converter();
        self.request.pick(&converter, places, (start, bytes), out)
    }
}

/// The largest number of bytes between two neighbours along any axis.
fn widest_gap(places: &StridedLayout, itemsize: usize) -> usize {
    let (mut widest, mut extent) = (0, itemsize);
    for (length, stride) in places.shape.iter().zip(&places.strides).rev() {
        if *length > 1 {
            widest = widest.max(stride.unsigned_abs().saturating_sub(extent));
            extent += stride.unsigned_abs() * (length - 1);
        }
    }
    widest
}
