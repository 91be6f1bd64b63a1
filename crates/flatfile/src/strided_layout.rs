//! The shape and strides of items, independent of what holds them: [`StridedLayout`].

use dtype::{Layout, Order};
use std::cmp::Reverse;
use std::ops::Range;

/// The range of bytes that an array with this shape and these steps between its items covers, from the lowest
/// item's first byte to the end of the highest one, relative to the item at index `[0, …]`: it has to be checked
/// before foreign memory is viewed. `None` if `isize` cannot count them, or shape and strides differ in length.
///
/// ```
/// assert_eq!(flatfile::extent(&[2, 3], &[-24, 8], 8), Some(-24..24));
/// assert_eq!(flatfile::extent(&[0, 3], &[24, 8], 8), Some(0..0));
/// ```
pub fn extent(shape: &[usize], strides: &[isize], itemsize: usize) -> Option<Range<isize>> {
    if shape.len() != strides.len() {
        return None;
    }
    if shape.contains(&0) {
        return Some(0..0);
    }
    let (low, high) = span(shape, strides)?;
    let end = high.checked_add(itemsize as i128)?;
    Some(isize::try_from(low).ok()?..isize::try_from(end).ok()?)
}

/// The distances of the lowest and the highest item from the one at index `[0, …]`.
fn span(shape: &[usize], strides: &[isize]) -> Option<(i128, i128)> {
    let (mut low, mut high) = (0i128, 0i128);
    for (length, stride) in shape.iter().zip(strides) {
        let span = (*length as i128 - 1) * *stride as i128;
        low = low.checked_add(span.min(0))?;
        high = high.checked_add(span.max(0))?;
    }
    Some((low, high))
}

/// Where items are: the offset of the first one, and the stride from one to the next along each axis, in bytes.
#[derive(Clone, Debug)]
pub(crate) struct StridedLayout {
    pub(crate) shape: Vec<usize>,
    pub(crate) strides: Vec<isize>,
    pub(crate) first: usize,
}

impl StridedLayout {
    /// The items of a contiguous array.
    pub(crate) fn of(layout: &Layout) -> StridedLayout {
        StridedLayout {
            shape: layout.shape().to_vec(),
            strides: layout.strides(),
            first: 0,
        }
    }

    /// The number of items.
    pub(crate) fn count(&self) -> usize {
        if self.shape.contains(&0) {
            0
        } else {
            self.shape.iter().product()
        }
    }

    /// The offsets of the lowest and the highest item; `None` if outside the address space.
    pub(crate) fn offset_bounds(&self) -> Option<Range<usize>> {
        let (low, high) = span(&self.shape, &self.strides)?;
        let offset = |step: i128| usize::try_from(step.checked_add(self.first as i128)?).ok();
        Some(offset(low)?..offset(high)?)
    }

    /// The offset of the first item, if items of this size are contiguous in C order.
    pub(crate) fn contiguous_start(&self, itemsize: usize) -> Option<usize> {
        let bounds = self.offset_bounds().filter(|_| self.count() > 0)?;
        let is_dense = bounds.end - bounds.start + itemsize == self.count() * itemsize;
        let is_ascending = self.strides.iter().all(|stride| *stride >= 0);
        (is_dense && is_ascending).then_some(bounds.start)
    }

    /// The offset of the item at this index; `None` if out of bounds.
    pub(crate) fn offset_at(&self, index: &[usize]) -> Option<usize> {
        if index.len() != self.shape.len() || index.iter().zip(&self.shape).any(|(i, n)| i >= n) {
            return None;
        }
        let steps = index.iter().zip(&self.strides);
        let offset = steps.fold(self.first as isize, |at, (i, stride)| {
            at + *i as isize * stride
        });
        usize::try_from(offset).ok()
    }

    /// The offset of the item with this number in C order.
    pub(crate) fn nth_offset(&self, number: usize) -> usize {
        let (mut left, mut at) = (number, self.first as isize);
        for (length, stride) in self.shape.iter().zip(&self.strides).rev() {
            at += (left % length.max(&1)) as isize * stride;
            left /= length.max(&1);
        }
        at.unsigned_abs()
    }

    /// The items whose index on `axis` is `i`, without that axis; `None` if out of bounds.
    pub(crate) fn index_axis(&self, axis: usize, i: usize) -> Option<StridedLayout> {
        let mut part = self.narrow(axis, i..i.checked_add(1)?)?;
        part.shape.remove(axis);
        part.strides.remove(axis);
        Some(part)
    }

    /// The items whose index on `axis` is in `range`; `None` if out of bounds.
    pub(crate) fn narrow(&self, axis: usize, range: Range<usize>) -> Option<StridedLayout> {
        let (length, stride) = (*self.shape.get(axis)?, *self.strides.get(axis)?);
        let count = range.end.checked_sub(range.start)?;
        if range.end > length {
            return None;
        }
        let mut part = self.clone();
        *part.shape.get_mut(axis)? = count;
        if part.count() > 0 {
            let step = stride * range.start as isize;
            part.first = self.first.checked_add_signed(step)?;
        }
        Some(part)
    }

    /// The rows in `range`, a single one without the axis, so that it may be contiguous; `None` if out of bounds.
    pub(crate) fn rows(&self, range: Range<usize>) -> Option<StridedLayout> {
        if range.len() == 1 {
            self.index_axis(0, range.start)
        } else {
            self.narrow(0, range)
        }
    }

    /// The items that a selection along each axis has: the first index, the number of indices (`None` if the axis is
    /// removed), and the step; all in bounds.
    pub(crate) fn select(
        &self,
        selections: impl Iterator<Item = (usize, Option<usize>, isize)>,
    ) -> StridedLayout {
        let mut part = StridedLayout {
            shape: Vec::new(),
            strides: Vec::new(),
            first: 0,
        };
        let mut first = self.first as isize;
        for ((start, count, step), stride) in selections.zip(&self.strides) {
            first = first.wrapping_add(stride.wrapping_mul(start as isize));
            part.shape.extend(count);
            // With at most one item the step is never used, and may be of any size.
            part.strides.extend(count.map(|n| match n {
                0 | 1 => 0,
                _ => stride.wrapping_mul(step),
            }));
        }
        if part.count() > 0 {
            part.first = first.unsigned_abs();
        }
        part
    }

    /// The same without the axes of length 1.
    pub(crate) fn squeezed(&self) -> StridedLayout {
        let axes = self.shape.iter().zip(&self.strides);
        let (shape, strides) = axes.filter(|(length, _)| **length != 1).unzip();
        let first = self.first;
        StridedLayout {
            shape,
            strides,
            first,
        }
    }

    /// The same with these axes, in this order: each of them once.
    pub(crate) fn permuted(&self, axes: &[usize]) -> StridedLayout {
        let pick = |axis: &usize| Some((*self.shape.get(*axis)?, *self.strides.get(*axis)?));
        let (shape, strides) = axes.iter().filter_map(pick).unzip();
        let first = self.first;
        StridedLayout {
            shape,
            strides,
            first,
        }
    }

    /// The axes in the order in which the items are stored: those with the largest steps first.
    pub(crate) fn axes_by_stride(&self) -> Vec<usize> {
        let mut axes: Vec<usize> = (0..self.shape.len()).collect();
        let step = |axis: &usize| self.strides.get(*axis).map(|stride| stride.unsigned_abs());
        axes.sort_by_key(|axis| Reverse(step(axis)));
        axes
    }

    /// Whether C order is the order in which the items are stored, whatever is between them.
    pub(crate) fn is_stored_in_c_order(&self) -> bool {
        let axes = self.shape.iter().zip(&self.strides);
        let axes = axes.filter(|(length, _)| **length != 1);
        axes.is_sorted_by_key(|(_, stride)| Reverse(stride.unsigned_abs()))
    }

    /// The memory order in which the items are stored; C if in none.
    pub(crate) fn stored_order(&self) -> Order {
        if !self.is_stored_in_c_order() && self.transposed().is_stored_in_c_order() {
            Order::Fortran
        } else {
            Order::C
        }
    }

    /// The same items with as few axes as possible, at least one, in the order in which they are stored.
    pub(crate) fn flattened(&self) -> StridedLayout {
        let stored = self.permuted(&self.axes_by_stride()).squeezed();
        let mut flat = StridedLayout {
            shape: Vec::new(),
            strides: Vec::new(),
            first: self.first,
        };
        // Where there are no items, what the lengths and strides of other axes would be does not matter, or fit.
        if stored.shape.contains(&0) {
            flat.shape.push(0);
            flat.strides.push(0);
            return flat;
        }
        for (length, stride) in stored.shape.into_iter().zip(stored.strides) {
            match flat.shape.last_mut().zip(flat.strides.last_mut()) {
                Some((outer, step)) if *step == stride * length as isize => {
                    *outer *= length;
                    *step = stride;
                }
                _ => {
                    flat.shape.push(length);
                    flat.strides.push(stride);
                }
            }
        }
        if flat.shape.is_empty() {
            flat.shape.push(1);
            flat.strides.push(0);
        }
        flat
    }

    /// The same with the axes in such an order that C order is this memory order.
    pub(crate) fn in_order(&self, order: Order) -> StridedLayout {
        match order {
            Order::C => self.clone(),
            Order::Fortran => self.transposed(),
        }
    }

    /// The same with the axes in reverse order.
    pub(crate) fn transposed(&self) -> StridedLayout {
        let mut reversed = self.clone();
        reversed.shape.reverse();
        reversed.strides.reverse();
        reversed
    }
}

/// `0..length` in ranges of `step`; the last one may be shorter.
pub(crate) fn split_range(
    length: usize,
    step: usize,
) -> impl Iterator<Item = Range<usize>> + Clone {
    (0..length)
        .step_by(step)
        .map(move |start| start..length.min(start + step))
}
