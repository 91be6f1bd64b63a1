//! Reading items into the other memory order: in panels that fit the cache, each read in the file's
//! order and then copied to where its items belong.

use super::partial::Data;
use crate::gather::gather;
use crate::places::Places;
use crate::threads::share;
use crate::{Error, Strided};
use dtype::{Layout, Order};
use std::ops::Range;

/// About how much is read before it is copied, at most twice as much.
const STAGE: usize = 256 << 10;

/// How much is read at a time. The odd cache line keeps neighbours in the stage from competing for
/// the same place in the cache.
const RUN: usize = (8 << 10) + 64;

/// For less than that, starting a thread costs more than it gains.
const SHARE: usize = 4 << 20;

/// Each has its stage, and one to pick items out of: no more than 8 MiB in all.
const MOST_THREADS: usize = 4;

impl Data<'_> {
    /// Reads the items at `from`, whose outermost axis has the largest steps, into `out` in the reverse
    /// order of axes; several threads take a part of the innermost axis each.
    pub(super) fn read_turned(&self, from: &Places, out: &mut [u8]) -> Result<(), Error> {
        let Some(&rows) = from.shape.last().filter(|_| !out.is_empty()) else {
            return Ok(());
        };
        let dtype = self.layout.dtype();
        let last = from.shape.len() - 1;
        let turned = Layout::new(dtype.clone(), from.shape.clone(), Order::Fortran)?;
        let to = Places::of(&turned);
        let step = match out.len() > SHARE {
            // Where runs are short, both threads read all of the file, and copy half of it.
            true => parts(rows, rows * dtype.itemsize(), RUN).min(rows.div_ceil(2)),
            false => rows,
        };
        let threads = MOST_THREADS.min(rows.div_ceil(step));
        let row = out.len() / rows;
        let chunks = ranges(rows, step).zip(out.chunks_mut(row * step));
        share(chunks, threads, |(range, out)| {
            let to = to.narrow(last, 0..range.len());
            match (from.narrow(last, range), to) {
                (Some(from), Some(to)) => self.read_panels(&from, &to, &mut Vec::new(), out),
                _ => Ok(()),
            }
        })
    }

    /// Reads the items at `from` to the places `to` in `out`.
    fn read_panels(
        &self,
        from: &Places,
        to: &Places,
        stage: &mut Vec<u8>,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let dtype = self.layout.dtype();
        let count = from.count();
        let nbytes = count * dtype.itemsize();
        let out_from = out.get_mut(to.first..).unwrap_or_default();
        if count == 1 {
            let item = out_from.get_mut(..nbytes).unwrap_or_default();
            return self.read(from, item);
        }
        if nbytes <= 2 * STAGE {
            stage.resize(nbytes, 0);
            self.read(from, stage)?;
            let staged = Layout::new(dtype.clone(), from.shape.clone(), Order::C)?;
            gather(&Strided::dense(&staged, stage), &to.strides, out_from);
            return Ok(());
        }
        let (axis, length, step) = cut(&from.shape, nbytes);
        for range in ranges(length, step) {
            let part = (from.narrow(axis, range.clone()), to.narrow(axis, range));
            if let (Some(from), Some(to)) = part {
                self.read_panels(&from, &to, stage, out)?;
            }
        }
        Ok(())
    }
}

/// Along which axis to cut so large a panel, the length of that, and the length of the parts.
///
/// What lies behind the outermost axis is cut to runs that are worth reading. Then as many of them
/// as the stage holds make long runs of the output.
fn cut(shape: &[usize], nbytes: usize) -> (usize, usize, usize) {
    let outermost = shape.first().copied().unwrap_or(1);
    let run = RUN.max(STAGE / outermost);
    let mut inner = shape.iter().copied().enumerate().skip(1);
    match inner.find(|(_, length)| *length > 1) {
        Some((axis, length)) if nbytes / outermost > 2 * run => {
            (axis, length, parts(length, nbytes / outermost, run))
        }
        _ => (0, outermost, parts(outermost, nbytes, STAGE)),
    }
}

/// The length of equal parts of about `wanted` bytes, where `length` has `nbytes`. A part's neighbours are so
/// large that nothing reads over them to get at the next one of its kind.
fn parts(length: usize, nbytes: usize, wanted: usize) -> usize {
    match nbytes > 2 * wanted {
        true => length.div_ceil(nbytes.div_ceil(wanted)),
        false => length,
    }
}

fn ranges(length: usize, step: usize) -> impl Iterator<Item = Range<usize>> + Send {
    (0..length)
        .step_by(step)
        .map(move |start| start..length.min(start + step))
}
