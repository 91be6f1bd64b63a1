//! The printed items of an array, or of one field of it.

use crate::strided::Strided;
use dtype::{DType, Field};

/// Number of items at each end of an axis that a summary shows.
pub(super) const EDGE: usize = 3;

/// One axis of a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    length: usize,
    stride: isize,
    /// Whether the middle is left out, if the axis is long enough to have one.
    cut: bool,
}

impl Axis {
    /// The axes of a subarray whose items have this size in bytes.
    pub(super) fn dense(shape: &[usize], itemsize: usize, cut: bool) -> Vec<Axis> {
        let mut stride = itemsize as isize;
        let mut axes: Vec<Axis> = shape
            .iter()
            .rev()
            .map(|length| {
                let axis = Axis {
                    length: *length,
                    stride,
                    cut,
                };
                stride = stride.wrapping_mul(*length as isize);
                axis
            })
            .collect();
        axes.reverse();
        axes
    }

    /// The distance of each item from the first one in bytes; `None` once for those that are left out.
    pub(super) fn steps(self) -> impl Iterator<Item = Option<isize>> {
        let is_cut = self.cut && self.length > 2 * EDGE;
        let head = if is_cut { EDGE } else { self.length };
        let tail = if is_cut {
            self.length - EDGE
        } else {
            self.length
        };
        // Strides of an array without items are not checked, so they may be anything.
        let step = move |i: usize| Some(self.stride.wrapping_mul(i as isize));
        let middle = is_cut.then_some(None);
        (0..head)
            .map(step)
            .chain(middle)
            .chain((tail..self.length).map(step))
    }
}

/// All items of a view, or those at its corners, where NumPy's `_leading_trailing` finds them.
#[derive(Clone, Debug)]
pub(super) struct Column<'a> {
    dtype: DType,
    axes: Vec<Axis>,
    bytes: &'a [u8],
    first: usize,
}

impl<'a> Column<'a> {
    /// All items, or those at the corners if there are more than `threshold`.
    pub(super) fn new(view: &Strided<'a>, threshold: usize) -> Column<'a> {
        let (bytes, first) = view.source();
        let cut = view.count() > threshold;
        let axes = view.shape().iter().zip(view.strides());
        Column {
            dtype: view.dtype().clone(),
            axes: axes
                .map(|(&length, &stride)| Axis {
                    length,
                    stride,
                    cut,
                })
                .collect(),
            bytes,
            first,
        }
    }

    /// The values of one field; a subarray's axes come after the others, and are never cut.
    pub(super) fn field(&self, field: &Field) -> Column<'a> {
        let mut column = self.clone();
        column.first = column.first.wrapping_add(field.offset);
        column.dtype = field.dtype.clone();
        while let DType::Subarray(sub) = &column.dtype {
            let axes = Axis::dense(sub.shape(), sub.base().itemsize(), false);
            column.axes.extend(axes);
            column.dtype = sub.base().clone();
        }
        column
    }

    pub(super) fn dtype(&self) -> &DType {
        &self.dtype
    }

    pub(super) fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The item at this distance in bytes from the first one.
    pub(super) fn at(&self, step: isize) -> &'a [u8] {
        let start = self.first.wrapping_add_signed(step);
        let end = start.wrapping_add(self.dtype.itemsize());
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Calls `look` with every item.
    pub(super) fn each(&self, mut look: impl FnMut(&'a [u8])) {
        if self.axes.iter().all(|axis| axis.length > 0) {
            walk(&self.axes, 0, &mut |step| look(self.at(step)));
        }
    }
}

fn walk(axes: &[Axis], at: isize, look: &mut impl FnMut(isize)) {
    match axes.split_first() {
        None => look(at),
        Some((axis, inner)) => {
            for step in axis.steps().flatten() {
                walk(inner, at.wrapping_add(step), look);
            }
        }
    }
}
