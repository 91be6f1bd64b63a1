//! What is looked at of an array: a slice of it, and parts of that slice.

use npio::flatfile::{AxisSlice, Error};
use npio::{Index, Slice};
use std::ops::Range;

/// What is taken of an axis that a [`Selection`] keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    At(usize),
    Range(Range<usize>),
}

/// A slice of an array. Its axes are those that the slice keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    /// One for each axis of the array.
    axes: Vec<AxisSlice>,
    /// The lengths of these axes.
    stored: Vec<usize>,
}

impl Selection {
    pub(crate) fn new(slice: &Slice, shape: &[usize]) -> Result<Selection, Error> {
        Ok(Selection {
            axes: slice.axes(shape)?,
            stored: shape.to_vec(),
        })
    }

    /// The lengths of the axes that are kept.
    pub(crate) fn shape(&self) -> Vec<usize> {
        self.axes.iter().filter_map(|axis| axis.count).collect()
    }

    /// The shape of the array.
    pub(crate) fn stored_shape(&self) -> &[usize] {
        &self.stored
    }

    fn kept(&self) -> impl Iterator<Item = (usize, &AxisSlice)> {
        let axes = self.axes.iter().enumerate();
        axes.filter(|(_, axis)| axis.count.is_some())
    }

    /// The index in the array of this index on an axis that is kept.
    pub(crate) fn index(&self, axis: usize, i: usize) -> usize {
        let axis = self.kept().nth(axis);
        axis.map_or(i, |(_, axis)| index_of(axis, i))
    }

    /// The indices in the array of an item.
    pub(crate) fn indices(&self, item: &[usize]) -> Vec<usize> {
        let mut item = item.iter();
        let index = |axis: &AxisSlice| match axis.count {
            Some(_) => index_of(axis, item.next().copied().unwrap_or(0)),
            None => axis.first,
        };
        self.axes.iter().map(index).collect()
    }

    /// The item at these indices of the array, if it is selected.
    pub(crate) fn find(&self, indices: &[usize]) -> Option<Vec<usize>> {
        let mut item = Vec::new();
        for (axis, index) in self.axes.iter().zip(indices) {
            let distance = *index as i128 - axis.first as i128;
            let Some(count) = axis.count else {
                if distance != 0 {
                    return None;
                }
                continue;
            };
            let step = axis.step as i128;
            if distance % step != 0 {
                return None;
            }
            let i = usize::try_from(distance / step).ok()?;
            if i >= count {
                return None;
            }
            item.push(i);
        }
        Some(item)
    }

    /// The slice of the array that takes these parts of the axes that are kept.
    pub(crate) fn slice(&self, parts: &[Part]) -> Slice {
        Slice::new(self.map_parts(parts, |axis, part| match part {
            None => Index::from(axis.first),
            Some(Part::At(i)) => Index::from(index_of(axis, *i)),
            Some(Part::Range(range)) => range_of(axis, range),
        }))
    }

    /// The same slice, as people write it: whole axes are `:`.
    pub(crate) fn short_slice(&self, parts: &[Part]) -> Slice {
        Slice::new(self.short_parts(parts))
    }

    /// The parts of that slice, one for each axis of the array.
    pub(crate) fn short_parts(&self, parts: &[Part]) -> Vec<Index> {
        let mut lengths = self.stored.iter();
        self.map_parts(parts, |axis, part| {
            let length = lengths.next().copied().unwrap_or(0);
            match part {
                None => Index::from(axis.first),
                Some(Part::At(i)) => Index::from(index_of(axis, *i)),
                Some(Part::Range(range)) if axis.step == 1 && range.len() == length => {
                    Index::from(..)
                }
                Some(Part::Range(range)) => range_of(axis, range),
            }
        })
    }

    fn map_parts<T>(
        &self,
        parts: &[Part],
        mut map: impl FnMut(&AxisSlice, Option<&Part>) -> T,
    ) -> Vec<T> {
        let mut parts = parts.iter();
        let mapped = self.axes.iter().map(|axis| match axis.count {
            Some(_) => map(axis, parts.next()),
            None => map(axis, None),
        });
        mapped.collect()
    }

    /// For the bar: what stands for each axis of the array, which is the number of an axis that is kept, or an index.
    pub(crate) fn axes(&self) -> Vec<Result<usize, usize>> {
        let mut kept = 0..;
        let axes = self.axes.iter().map(|axis| match axis.count {
            Some(_) => Ok(kept.next().unwrap_or_default()),
            None => Err(axis.first),
        });
        axes.collect()
    }
}

fn index_of(axis: &AxisSlice, i: usize) -> usize {
    // Every index that is selected is one of the array.
    let index = axis.first as i128 + i as i128 * axis.step as i128;
    usize::try_from(index).unwrap_or_default()
}

fn range_of(axis: &AxisSlice, range: &Range<usize>) -> Index {
    if range.is_empty() {
        return Index::from(0..0);
    }
    let first = index_of(axis, range.start);
    let last = index_of(axis, range.end - 1);
    if axis.step > 0 {
        return Index::from(first..last + 1).step(axis.step);
    }
    match last.checked_sub(1) {
        Some(before) => Index::Range {
            start: isize::try_from(first).ok(),
            stop: isize::try_from(before).ok(),
            step: axis.step,
        },
        None => Index::from(first..).step(axis.step),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(slice: &str, shape: &[usize]) -> Selection {
        Selection::new(&slice.parse().unwrap(), shape).unwrap()
    }

    #[test]
    fn parts_become_slices_of_the_array() {
        let whole = selection("", &[4, 5]);
        let parts = [Part::At(1), Part::Range(0..5)];
        assert_eq!(whole.slice(&parts).to_string(), "1, 0:5");
        assert_eq!(whole.short_slice(&parts).to_string(), "1, :");

        let turned = selection("::-1, 2, 1::2", &[4, 5, 6]);
        assert_eq!(turned.shape(), [4, 3]);
        let parts = [Part::Range(1..4), Part::Range(1..2)];
        assert_eq!(turned.slice(&parts).to_string(), "2::-1, 2, 3:4:2");
        assert_eq!(turned.indices(&[0, 2]), [3, 2, 5]);
        assert_eq!(turned.find(&[3, 2, 5]), Some(vec![0, 2]));
        assert_eq!(turned.find(&[3, 2, 4]), None);
        assert_eq!(turned.find(&[3, 1, 5]), None);
        let part = [Part::Range(0..2), Part::At(0)];
        assert_eq!(turned.slice(&part).to_string(), "3:1:-1, 2, 1");
    }

    #[test]
    fn empty_axes_have_empty_ranges() {
        let empty = selection("", &[0, 3]);
        let parts = [Part::Range(0..0), Part::Range(0..3)];
        assert_eq!(empty.slice(&parts).to_string(), "0:0, 0:3");
        assert_eq!(empty.short_slice(&parts).to_string(), ":, :");
    }
}
