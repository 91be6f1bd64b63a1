//! Reading items into the other memory order: in panels that fit the cache, each read in the file's order and then
//! copied to the items' final positions.

use super::positions::Positions;
use crate::blocks::BLOCK;
use crate::error::Error;
use crate::gather::{MIN_PARALLEL_BYTES, gather};
use crate::read_at::ReadAt;
use crate::strided::Strided;
use crate::strided_layout::{StridedLayout, split_range};
use crate::threads::parallel_for_each;
use dtype::{DType, Layout, Order};
use std::ops::Range;

/// Approximately how much is read before it is copied; at most twice as much.
const STAGE: usize = BLOCK;

/// Approximately how much is read at a time.
const RUN: usize = 8 << 10;

/// Addresses this far apart map to the same place in the cache.
const PAGE: usize = 4096;

/// Approximately how much of a stream is read before it is copied; its runs have the length that they have.
const STREAM_STAGE: usize = 2 << 20;

/// Each has its stage, and one to pick items from: no more than 8 MiB in total.
const MOST_THREADS: usize = 4;

impl<S: ReadAt + ?Sized> Positions<'_, S> {
    /// Reads the items at `places`, which are stored in another order of axes, into `out` in C order; several threads
    /// each take a part of the output.
    pub(super) fn read_turned(&self, places: &StridedLayout, out: &mut [u8]) -> Result<(), Error> {
        let dtype = self.dtype();
        let whole = Panel::whole(places, dtype)?;
        let Some((outermost, rows)) = whole.outermost() else {
            return self.read_in_order(places, out);
        };
        let step = match out.len() > MIN_PARALLEL_BYTES {
            // If runs are short, two threads each read all of the file, and copy half of it.
            true => {
                let step = parts(rows, rows * dtype.itemsize(), RUN).min(rows.div_ceil(2));
                oddly(step, dtype.itemsize())
            }
            false => rows.max(1),
        };
        let threads = MOST_THREADS.min(rows.div_ceil(step));
        let row = out.len().checked_div(rows).unwrap_or(0).max(1);
        let chunks = split_range(rows, step).zip(out.chunks_mut(row * step));
        parallel_for_each(chunks, threads, |(range, out)| {
            let (mut panel, mut stage) = (whole.clone(), Vec::new());
            panel.narrow(outermost, range);
            panel.to.first = 0;
            panel.in_parts(&|part| part.cut(dtype), &mut |part| {
                part.put(dtype, &mut stage, out, |items| {
                    self.read_in_order(&part.from, items)
                })
            })
        })
    }
}

/// Fills `out` with items of this type in the C order of `places`; `read` returns the next ones, in the order in which
/// they are stored.
pub(super) fn turn_stream(
    places: &StridedLayout,
    dtype: &DType,
    out: &mut [u8],
    mut read: impl FnMut(&mut [u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut stage = Vec::new();
    Panel::whole(places, dtype)?.in_parts(&|part| part.cut_outermost(dtype), &mut |part| {
        part.put(dtype, &mut stage, out, &mut read)
    })
}

/// Some items in the order in which they are read, and their positions in the output.
#[derive(Clone)]
struct Panel {
    from: StridedLayout,
    to: StridedLayout,
}

impl Panel {
    /// All items of an output that has them in the C order of `places`, by their order in the file.
    fn whole(places: &StridedLayout, dtype: &DType) -> Result<Panel, Error> {
        let places = places.squeezed();
        let layout = Layout::new(dtype.clone(), places.shape.clone(), Order::C)?;
        let axes = places.axes_by_stride();
        Ok(Panel {
            from: places.permuted(&axes),
            to: StridedLayout::of(&layout).permuted(&axes),
        })
    }

    /// The axis that is the outermost one of the output, and its length.
    fn outermost(&self) -> Option<(usize, usize)> {
        let axes = self.to.strides.iter().enumerate();
        let (axis, _) = axes.max_by_key(|(_, stride)| **stride)?;
        Some((axis, *self.to.shape.get(axis)?))
    }

    fn narrow(&mut self, axis: usize, range: Range<usize>) -> Option<()> {
        self.from = self.from.narrow(axis, range.clone())?;
        self.to = self.to.narrow(axis, range)?;
        Some(())
    }

    fn nbytes(&self, dtype: &DType) -> usize {
        self.from.count() * dtype.itemsize()
    }

    /// Calls `piece` with each part, cut to the size that `cut` wants: it returns the axis along which a part is
    /// cut, and the length.
    fn in_parts(
        &self,
        cut: &impl Fn(&Panel) -> Option<(usize, usize)>,
        piece: &mut impl FnMut(&Panel) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some((axis, step)) = cut(self) else {
            return piece(self);
        };
        let length = self.from.shape.get(axis).copied().unwrap_or(0);
        for range in split_range(length, step) {
            let mut part = self.clone();
            if part.narrow(axis, range).is_some() {
                part.in_parts(cut, piece)?;
            }
        }
        Ok(())
    }

    /// Copies the items that `read` returns to their positions in `out`, through the stage.
    fn put(
        &self,
        dtype: &DType,
        stage: &mut Vec<u8>,
        out: &mut [u8],
        read: impl FnOnce(&mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let nbytes = self.nbytes(dtype);
        let out = out.get_mut(self.to.first..).unwrap_or_default();
        if self.from.count() == 1 {
            return read(out.get_mut(..nbytes).unwrap_or_default());
        }
        stage.resize(nbytes, 0);
        read(stage)?;
        let staged = Layout::new(dtype.clone(), self.from.shape.clone(), Order::C)?;
        gather(&Strided::dense(&staged, stage), &self.to.strides, out);
        Ok(())
    }

    /// How to cut panels that are larger than the stage.
    ///
    /// The axes after the outermost one are cut to runs that are worth reading. Then as many of these as fit in the
    /// stage form long runs of the output.
    fn cut(&self, dtype: &DType) -> Option<(usize, usize)> {
        let nbytes = self.nbytes(dtype);
        if nbytes <= 2 * STAGE {
            return None;
        }
        let outermost = *self.from.shape.first()?;
        let inside = nbytes / outermost;
        let run = RUN.max(STAGE / outermost);
        let mut inner = self.from.shape.iter().copied().enumerate().skip(1);
        match inner.find(|(_, length)| *length > 1) {
            Some((axis, length)) if inside > 2 * run => {
                Some((axis, oddly(parts(length, inside, run), inside / length)))
            }
            _ => (outermost > 1).then(|| (0, parts(outermost, nbytes, STAGE))),
        }
    }

    /// How to cut panels that are larger than the stage for a stream, such that the parts are consecutive.
    fn cut_outermost(&self, dtype: &DType) -> Option<(usize, usize)> {
        let nbytes = self.nbytes(dtype);
        let mut axes = self.from.shape.iter().copied().enumerate();
        let (axis, length) = axes.find(|(_, length)| *length > 1)?;
        (nbytes > 2 * STREAM_STAGE).then(|| (axis, parts(length, nbytes, STREAM_STAGE)))
    }
}

/// A step of this many items of this size, plus a cache line if it would be whole pages: neighbours in the stage
/// would then compete for the same place in the cache.
fn oddly(step: usize, size: usize) -> usize {
    if size < PAGE && (step * size).is_multiple_of(PAGE) {
        step + 64usize.div_ceil(size)
    } else {
        step
    }
}

/// The length of equal parts of about `wanted` bytes, if `length` has `nbytes`. The distance between two parts of
/// the same kind is so large that no read spans the gap from one to the next.
fn parts(length: usize, nbytes: usize, wanted: usize) -> usize {
    if nbytes > 2 * wanted {
        length.div_ceil(nbytes.div_ceil(wanted))
    } else {
        length
    }
}
