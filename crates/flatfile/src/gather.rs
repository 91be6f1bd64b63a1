//! Copying strided items to contiguous ones, or to others with steps.
//!
//! The two inner loops run over a tile: the axis that is innermost in the output, and the axis along which the
//! source's items are closest. So neither side misses the cache on every item.

use crate::error::Error;
use crate::strided::Strided;
use crate::strided_layout::split_range;
use crate::threads::parallel_for_each;
use dtype::{Layout, Order};
use std::cmp::Reverse;

/// The number of bytes from which on several threads copy; for fewer, starting them costs more than it gains.
pub(crate) const MIN_PARALLEL_BYTES: usize = 4 << 20;

/// The number of parts that the threads share, so that all end at about the same time.
const PARALLEL_PARTS: usize = 16;

/// Items on a side of a tile.
const TILE: usize = 32;

/// One axis of the copy: its length, and both sides' steps in bytes.
#[derive(Clone, Copy)]
struct CopyAxis {
    length: usize,
    from: isize,
    to: usize,
}

impl CopyAxis {
    /// Whether this axis continues the inner one on both sides, so that the two are one run.
    fn continues(&self, inner: &CopyAxis) -> bool {
        self.from == inner.from * inner.length as isize && self.to == inner.to * inner.length
    }
}

impl Strided<'_> {
    /// Copies the items into `out` in this memory order.
    ///
    /// # Errors
    /// `Short` if `out` does not have exactly [`Layout::nbytes`] bytes.
    pub fn copy_to(&self, order: Order, out: &mut [u8]) -> Result<(), Error> {
        let layout = self.layout(order)?;
        if out.len() != layout.nbytes() {
            return Err(Error::short(layout.nbytes(), out.len()));
        }
        match self.as_contiguous(order) {
            Some(bytes) => out.copy_from_slice(bytes),
            None => gather_in_parallel(self, &layout, out)?,
        }
        Ok(())
    }
}

/// Copies the items of `view` to `out`, which they fill in this layout.
fn gather_in_parallel(view: &Strided<'_>, layout: &Layout, out: &mut [u8]) -> Result<(), Error> {
    let steps = layout.strides();
    let outermost = match layout.order() {
        Order::C => 0,
        Order::Fortran => layout.ndim().saturating_sub(1),
    };
    let Some(&rows) = layout
        .shape()
        .get(outermost)
        .filter(|_| out.len() > MIN_PARALLEL_BYTES)
    else {
        gather(view, &steps, out);
        return Ok(());
    };
    let step = rows.div_ceil(PARALLEL_PARTS);
    let parts = split_range(rows, step).zip(out.chunks_mut(out.len() / rows * step));
    parallel_for_each(parts, PARALLEL_PARTS, |(range, out)| {
        if let Some(part) = view.narrow(outermost, range) {
            gather(&part, &steps, out);
        }
        Ok(())
    })
}

/// Copies the items of `view` to `out`, where neighbours along its axes begin this many bytes apart, at least 0.
/// Items outside `out` are left out.
pub(crate) fn gather(view: &Strided<'_>, steps: &[isize], out: &mut [u8]) {
    if view.count() == 0 || out.is_empty() {
        return;
    }
    let (axes, run) = copy_axes(view, steps);
    match run {
        1 => copy_items::<1>(view, &axes, out),
        2 => copy_items::<2>(view, &axes, out),
        4 => copy_items::<4>(view, &axes, out),
        8 => copy_items::<8>(view, &axes, out),
        16 => copy_items::<16>(view, &axes, out),
        run => for_each_item(
            view,
            &axes,
            |from, to| {
                if let (Some(from), Some(to)) = (from.get(..run), to.get_mut(..run)) {
                    to.copy_from_slice(from);
                }
            },
            out,
        ),
    }
}

/// The axes that a copy has to walk, the output's outermost first, and how many bytes are contiguous on both sides.
///
/// Axes of length 1 are removed; axes that form one run on both sides are merged; dense innermost axes are part of
/// the run.
fn copy_axes(view: &Strided<'_>, steps: &[isize]) -> (Vec<CopyAxis>, usize) {
    let sides = view.strides().iter().zip(steps);
    let mut all: Vec<CopyAxis> = view
        .shape()
        .iter()
        .zip(sides)
        .filter(|(length, _)| **length != 1)
        .map(|(&length, (&from, &to))| CopyAxis {
            length,
            from,
            to: to.unsigned_abs(),
        })
        .collect();
    all.sort_by_key(|axis| Reverse(axis.to));
    let mut run = view.dtype().itemsize();
    let mut axes: Vec<CopyAxis> = Vec::new();
    for axis in all.into_iter().rev() {
        match axes.last_mut() {
            None if axis.from == run as isize && axis.to == run => run *= axis.length,
            Some(inner) if axis.continues(inner) => inner.length *= axis.length,
            _ => axes.push(axis),
        }
    }
    axes.reverse();
    (axes, run)
}

fn copy_items<const N: usize>(view: &Strided<'_>, axes: &[CopyAxis], out: &mut [u8]) {
    for_each_item(
        view,
        axes,
        |from, to| {
            if let (Some(from), Some(to)) = (from.first_chunk::<N>(), to.first_chunk_mut::<N>()) {
                *to = *from;
            }
        },
        out,
    );
}

/// Calls `item` with the source from each item on, and the output from its position on.
fn for_each_item(
    view: &Strided<'_>,
    axes: &[CopyAxis],
    item: impl Fn(&[u8], &mut [u8]),
    out: &mut [u8],
) {
    let (bytes, first) = view.source();
    let one = CopyAxis {
        length: 1,
        from: 0,
        to: 0,
    };
    let (outer, inner) = match axes.split_last() {
        Some((inner, outer)) => (outer, *inner),
        None => (axes, one),
    };
    let closest =
        (0..outer.len()).min_by_key(|i| outer.get(*i).map(|axis| axis.from.unsigned_abs()));
    let cross = closest.and_then(|i| outer.get(i).copied()).unwrap_or(one);
    let mut others = outer.to_vec();
    if let Some(i) = closest {
        others.remove(i);
    }
    let tile = |from: isize, to: usize, out: &mut [u8]| {
        for rows in split_range(cross.length, TILE) {
            for columns in split_range(inner.length, TILE) {
                for i in rows.clone() {
                    for j in columns.clone() {
                        let from = from + i as isize * cross.from + j as isize * inner.from;
                        let to = to + i * cross.to + j * inner.to;
                        if let (Some(from), Some(to)) =
                            (bytes.get(from as usize..), out.get_mut(to..))
                        {
                            item(from, to);
                        }
                    }
                }
            }
        }
    };
    let mut index = vec![0usize; others.len()];
    loop {
        let steps = index.iter().zip(&others);
        let (from, to) = steps.fold((first as isize, 0), |(from, to), (i, axis)| {
            (from + *i as isize * axis.from, to + i * axis.to)
        });
        tile(from, to, out);
        let carry = index.iter_mut().zip(&others).rev().all(|(i, axis)| {
            *i = (*i + 1) % axis.length;
            *i == 0
        });
        if carry {
            return;
        }
    }
}
