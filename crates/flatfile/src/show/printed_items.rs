//! The items of an array, or of one field of it, that are printed: [`PrintedItems`].

use crate::strided::Strided;
use dtype::{DType, Field};

/// Number of items at each end of an axis that a summary shows.
pub(super) const EDGE_ITEMS: usize = 3;

/// One axis of the printed items.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrintedAxis {
    length: usize,
    stride: isize,
    /// Whether the middle is left out, if the axis is long enough to have one.
    is_summarized: bool,
}

impl PrintedAxis {
    /// The axes of a subarray whose items have this size in bytes.
    pub(super) fn contiguous(
        shape: &[usize],
        itemsize: usize,
        is_summarized: bool,
    ) -> Vec<PrintedAxis> {
        let mut stride = itemsize as isize;
        let mut axes: Vec<PrintedAxis> = shape
            .iter()
            .rev()
            .map(|length| {
                let axis = PrintedAxis {
                    length: *length,
                    stride,
                    is_summarized,
                };
                stride = stride.wrapping_mul(*length as isize);
                axis
            })
            .collect();
        axes.reverse();
        axes
    }

    /// The distance of each item from the first one in bytes; `None` once for those that are left out.
    pub(super) fn offsets(self) -> impl Iterator<Item = Option<isize>> {
        let is_summarized = self.is_summarized && self.length > 2 * EDGE_ITEMS;
        let head = if is_summarized {
            EDGE_ITEMS
        } else {
            self.length
        };
        let tail = if is_summarized {
            self.length - EDGE_ITEMS
        } else {
            self.length
        };
        // Strides of an array without items are not checked, so they may be anything.
        let offset = move |i: usize| Some(self.stride.wrapping_mul(i as isize));
        let middle = is_summarized.then_some(None);
        (0..head)
            .map(offset)
            .chain(middle)
            .chain((tail..self.length).map(offset))
    }
}

/// All items of a view, or those at its corners, where NumPy's `_leading_trailing` finds them.
#[derive(Clone, Debug)]
pub(super) struct PrintedItems<'a> {
    dtype: DType,
    axes: Vec<PrintedAxis>,
    bytes: &'a [u8],
    first: usize,
}

impl<'a> PrintedItems<'a> {
    /// All items, or those at the corners if there are more than `threshold`.
    pub(super) fn new(view: &Strided<'a>, threshold: usize) -> PrintedItems<'a> {
        let (bytes, first) = view.source();
        let is_summarized = view.count() > threshold;
        let axes = view.shape().iter().zip(view.strides());
        PrintedItems {
            dtype: view.dtype().clone(),
            axes: axes
                .map(|(&length, &stride)| PrintedAxis {
                    length,
                    stride,
                    is_summarized,
                })
                .collect(),
            bytes,
            first,
        }
    }

    /// The same with the whole first axis, if this is set.
    pub(super) fn with_all_rows(mut self, all_rows: bool) -> PrintedItems<'a> {
        if let Some(rows) = self.axes.first_mut().filter(|_| all_rows) {
            rows.is_summarized = false;
        }
        self
    }

    /// The values of one field; a subarray's axes come after the others, and are never summarized.
    pub(super) fn field(&self, field: &Field) -> PrintedItems<'a> {
        let mut items = self.clone();
        items.first = items.first.wrapping_add(field.offset);
        items.dtype = field.dtype.clone();
        while let DType::Subarray(sub) = &items.dtype {
            let axes = PrintedAxis::contiguous(sub.shape(), sub.base().itemsize(), false);
            items.axes.extend(axes);
            items.dtype = sub.base().clone();
        }
        items
    }

    pub(super) fn dtype(&self) -> &DType {
        &self.dtype
    }

    pub(super) fn axes(&self) -> &[PrintedAxis] {
        &self.axes
    }

    /// The item at this distance in bytes from the first one.
    pub(super) fn item_at(&self, offset: isize) -> &'a [u8] {
        let start = self.first.wrapping_add_signed(offset);
        let end = start.wrapping_add(self.dtype.itemsize());
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Calls `visit` with every item.
    pub(super) fn for_each(&self, mut visit: impl FnMut(&'a [u8])) {
        if self.axes.iter().all(|axis| axis.length > 0) {
            visit_offsets(&self.axes, 0, &mut |offset| visit(self.item_at(offset)));
        }
    }
}

fn visit_offsets(axes: &[PrintedAxis], at: isize, visit: &mut impl FnMut(isize)) {
    match axes.split_first() {
        None => visit(at),
        Some((axis, inner)) => {
            for offset in axis.offsets().flatten() {
                visit_offsets(inner, at.wrapping_add(offset), visit);
            }
        }
    }
}
